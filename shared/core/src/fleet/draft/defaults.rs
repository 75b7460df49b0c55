//! What most services share stands once, in `defaults`; what differs stands at the service.

use std::collections::BTreeMap;

use super::quote;
use super::service::{Capacity, Listed};
use super::shape::Shape;

/// What one service needs of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Need {
    /// This value, as YAML.
    Is(String),
    /// No value: it must inherit none.
    None,
    /// Whatever it inherits does nothing to it.
    Any,
}

/// A setting that `defaults` and a service may both have, by its path.
type Setting = (&'static [&'static str], fn(&Listed<'_>) -> Need);

/// In the order in which they are written.
const SETTINGS: [Setting; 8] = [
    (&["target_group"], |s| needed(s.target_group.as_ref().map(|text| quote::scalar(text)))),
    (&["capacity", "min"], |s| bound(s, |min, _| min)),
    (&["capacity", "max"], |s| bound(s, |_, max| max)),
    (&["scaling", "cpu"], |s| tracked(s, &s.scaling.cpu)),
    (&["scaling", "memory"], |s| tracked(s, &s.scaling.memory)),
    (&["scaling", "requests_per_target"], |s| tracked(s, &s.scaling.requests_per_target)),
    (&["scaling", "cooldown", "scale_out"], |s| cooldown(s.scaling.scale_out)),
    (&["scaling", "cooldown", "scale_in"], |s| cooldown(s.scaling.scale_in)),
];

fn needed(value: Option<String>) -> Need {
    value.map_or(Need::None, Need::Is)
}

/// Without a scalable target nothing is tracked, whatever is inherited.
fn tracked(service: &Listed<'_>, target: &Option<String>) -> Need {
    match service.capacity {
        Capacity::Between(..) => needed(target.clone()),
        Capacity::Fixed(_) => Need::Any,
    }
}

fn bound(service: &Listed<'_>, of: fn(u32, u32) -> u32) -> Need {
    match service.capacity {
        Capacity::Between(min, max) => Need::Is(of(min, max).to_string()),
        Capacity::Fixed(_) => Need::Any,
    }
}

fn cooldown(seconds: Option<u32>) -> Need {
    seconds.map_or(Need::Any, |seconds| Need::Is(format!("{seconds}s")))
}

/// The shared values, and the remedies that most services have.
#[derive(Debug)]
pub(super) struct Defaults {
    values: [Option<String>; SETTINGS.len()],
    remedies: Option<Vec<String>>,
    all_remedies: Vec<String>,
}

impl Defaults {
    /// A value is shared when more than half of the services that need one need it, and nobody needs none: `defaults`
    /// cannot be taken back at a service.
    pub(super) fn of(services: &[Listed<'_>], all_remedies: Vec<String>) -> Self {
        let values = SETTINGS.map(|(_, need)| {
            let needs: Vec<Need> = services.iter().map(need).collect();
            let values = needs.iter().filter_map(|need| if let Need::Is(value) = need { Some(value) } else { None });
            if needs.contains(&Need::None) { None } else { most(values) }
        });
        let lists = services.iter().map(|s| &s.remedies);
        let everywhere = services.iter().all(|s| s.remedies == all_remedies);
        let remedies = if everywhere { None } else { most(lists) };
        Self { values, remedies, all_remedies }
    }

    /// The members of `defaults`.
    pub(super) fn shape(&self) -> Vec<(String, Shape)> {
        let mut members = Vec::new();
        for ((path, _), value) in SETTINGS.iter().zip(&self.values) {
            if let Some(value) = value {
                put(&mut members, path, value);
            }
        }
        members.extend(self.remedies.as_ref().map(|names| ("remedies".to_owned(), list(names))));
        members
    }

    /// The members of a service: what it does not share.
    pub(super) fn differing(&self, service: &Listed<'_>) -> Vec<(String, Shape)> {
        let mut members = Vec::new();
        if let Some(name) = &service.service {
            members.push(("service".to_owned(), Shape::Scalar(quote::scalar(name))));
        }
        for ((path, need), shared) in SETTINGS.iter().zip(&self.values) {
            if let Need::Is(value) = need(service)
                && shared.as_ref() != Some(&value)
            {
                put(&mut members, path, &value);
            }
        }
        if let Capacity::Fixed(n) = service.capacity {
            put(&mut members, &["capacity", "fixed"], &n.to_string());
        }
        // Without a list a service has every remedy of the file.
        let inherited = self.remedies.as_ref().unwrap_or(&self.all_remedies);
        if service.remedies != *inherited {
            members.push(("remedies".to_owned(), list(&service.remedies)));
        }
        members
    }
}

/// The value that more than half have, and more than one.
fn most<'v, T: Ord + Clone + 'v>(values: impl Iterator<Item = &'v T>) -> Option<T> {
    let mut counts: BTreeMap<&T, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let all: usize = counts.values().sum();
    counts.into_iter().find(|(_, n)| *n > 1 && *n * 2 > all).map(|(value, _)| value.clone())
}

/// Puts a value at a path, making mappings on the way.
fn put(members: &mut Vec<(String, Shape)>, path: &[&str], value: &str) {
    let Some((key, rest)) = path.split_first() else { return };
    if rest.is_empty() {
        members.push(((*key).to_owned(), Shape::Scalar(value.to_owned())));
        return;
    }
    if members.last().is_none_or(|(last, _)| last != key) {
        members.push(((*key).to_owned(), Shape::Map(Vec::new())));
    }
    if let Some((_, Shape::Map(inner))) = members.last_mut() {
        put(inner, rest, value);
    }
}

fn list(names: &[String]) -> Shape {
    Shape::List(names.iter().map(|name| quote::scalar(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::most;

    #[test]
    fn shared_is_what_more_than_half_have_and_more_than_one() {
        for (values, shared) in [
            (&[2, 2, 3][..], Some(2)),
            (&[2, 2, 3, 3], None),
            (&[2, 2, 3, 4], None),
            (&[2], None),
            (&[], None),
            (&[5, 5], Some(5)),
        ] {
            assert_eq!(most(values.iter()), shared, "{values:?}");
        }
    }
}
