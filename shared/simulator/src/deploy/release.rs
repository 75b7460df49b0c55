//! What is inside an image: how its tasks behave, and which tag names it.

use std::collections::BTreeMap;

/// How the tasks of an image begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Begins {
    /// They run and turn healthy.
    #[default]
    Well,
    /// The image cannot be pulled: they never run.
    NotAtAll,
    /// Their essential container exits so many seconds after it runs.
    Exits(u32),
    /// They run and fail their health checks.
    Unhealthy,
}

/// How an image behaves under load.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// `sha256:...`
    pub digest: String,
    /// Requests that it answers with a 5xx, in percent.
    pub errors_percent: f64,
    /// CPU work of a request, as a multiple of what the load says.
    pub work_factor: f64,
    /// How its tasks begin.
    pub begins: Begins,
    /// Tasks that begin so, in percent; the others begin well.
    pub begins_percent: f64,
    /// Memory that a task gains each minute, in MiB.
    pub leak_mib_per_minute: f64,
}

impl Release {
    /// An image without a fault.
    #[must_use]
    pub fn sound(digest: &str) -> Self {
        Self {
            digest: digest.to_owned(),
            errors_percent: 0.0,
            work_factor: 1.0,
            begins: Begins::Well,
            begins_percent: 100.0,
            leak_mib_per_minute: 0.0,
        }
    }
}

/// Images by digest and the tags that name them now; a tag can be moved, which is how an old task definition gets
/// a new image (SEMANTICS 7).
#[derive(Debug, Clone, Default)]
pub struct Images {
    by_digest: BTreeMap<String, Release>,
    tags: BTreeMap<String, String>,
}

impl Images {
    /// Pushes an image, and moves a tag to it.
    pub fn push(&mut self, tag: &str, release: Release) {
        self.tags.insert(tag.to_owned(), release.digest.clone());
        self.by_digest.insert(release.digest.clone(), release);
    }

    /// What `repository:tag` or `repository@sha256:...` is now. An image that nobody pushed is sound, and its digest
    /// follows from its name.
    #[must_use]
    pub fn resolve(&self, image: &str) -> Release {
        let digest = match image.split_once('@') {
            Some((_, digest)) => Some(digest),
            None => self.tags.get(image).map(String::as_str),
        };
        let known = digest.and_then(|d| self.by_digest.get(d)).cloned();
        known.unwrap_or_else(|| digest.map_or_else(|| Release::sound(&digest_of(image)), Release::sound))
    }
}

/// A digest that only depends on a name: FNV-1a (Fowler, Noll, Vo), four times over. It is a name here, not a proof.
#[must_use]
pub fn digest_of(name: &str) -> String {
    let part = |salt: u64| {
        name.bytes().fold(0xcbf2_9ce4_8422_2325 ^ salt, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        })
    };
    format!("sha256:{:016x}{:016x}{:016x}{:016x}", part(1), part(2), part(3), part(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_tag_names_another_image_and_a_digest_always_the_same() {
        let mut images = Images::default();
        let (good, bad) = (digest_of("good"), digest_of("bad"));
        images.push("web:prod", Release::sound(&good));
        images.push("web:prod", Release { errors_percent: 4.0, ..Release::sound(&bad) });
        assert_eq!(images.resolve("web:prod").digest, bad);
        assert_eq!(images.resolve(&format!("web@{good}")), Release::sound(&good));
        assert_eq!(images.resolve("other:1"), images.resolve("other:1"));
        assert_ne!(images.resolve("other:1").digest, images.resolve("other:2").digest);
    }
}
