//! What names have in common: the template that explains most of them.

use std::ops::Range;

/// Candidates come from this many names; the common part of a cluster's names is in nearly all of them.
const SAMPLES: usize = 50;

/// Where a word, or several, stand in a name with nothing but a delimiter around them.
pub(super) fn occurrences<'t>(text: &'t str, words: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    text.match_indices(words).map(|(at, found)| at..at + found.len()).filter(move |range| {
        !words.is_empty() && alone(text[..range.start].chars().next_back()) && alone(text[range.end..].chars().next())
    })
}

/// Puts a placeholder where the words stand first; `None` where they do not.
pub(super) fn replaced(text: &str, words: &str, placeholder: &str) -> Option<String> {
    let range = occurrences(text, words).next()?;
    Some(format!("{}{placeholder}{}", &text[..range.start], &text[range.end..]))
}

/// `a-b-c`: `a-b-c`, `a-b`, `a`.
pub(super) fn beginnings(text: &str) -> Vec<&str> {
    let ends = text.char_indices().filter(|(_, c)| delimits(*c)).map(|(i, _)| i).filter(|i| *i > 0);
    let mut all: Vec<&str> = ends.map(|i| &text[..i]).chain([text]).filter(|t| !t.is_empty()).collect();
    all.reverse();
    all
}

/// `a-b-c`: `a-b-c`, `b-c`, `c`.
pub(super) fn endings(text: &str) -> Vec<&str> {
    let starts = text.char_indices().filter(|(_, c)| delimits(*c)).map(|(i, _)| i + 1);
    [0].into_iter().chain(starts).map(|i| &text[i..]).filter(|t| !t.is_empty()).collect()
}

pub(super) fn delimits(c: char) -> bool {
    matches!(c, '-' | '_')
}

/// What stands before and after the name of a service in the fleet file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Affixes {
    before: String,
    after: String,
    /// The same with placeholders.
    pub(super) template: String,
}

impl Affixes {
    /// Services that are called as in the fleet file.
    pub(super) fn none() -> Self {
        Self { before: String::new(), after: String::new(), template: "{name}".to_owned() }
    }

    /// The name between them.
    pub(super) fn key<'n>(&self, name: &'n str) -> Option<&'n str> {
        name.strip_prefix(self.before.as_str())?.strip_suffix(self.after.as_str()).filter(|key| !key.is_empty())
    }

    /// Those that explain most of the names, and more than half; `cluster` tells what beside the environment is common.
    pub(super) fn of_most(names: &[&str], environment: &str, cluster: &str) -> Self {
        let mut candidates: Vec<Self> = Vec::new();
        for name in names.iter().take(SAMPLES) {
            for candidate in Self::around(name, environment) {
                if !candidates.contains(&candidate) {
                    candidates.push(candidate);
                }
            }
        }
        candidates.extend(beginnings(cluster).into_iter().flat_map(Self::beginning));
        let explained = |one: &Self| names.iter().filter(|name| one.key(name).is_some()).count();
        let mut best = (names.len() / 2, Self::none());
        for candidate in candidates {
            let n = explained(&candidate);
            if n > best.0 {
                best = (n, candidate);
            }
        }
        best.1
    }

    /// Where the environment stands at the beginning or the end of a name.
    fn around(name: &str, environment: &str) -> Vec<Self> {
        let mut all = Vec::new();
        for at in occurrences(name, environment) {
            let (left, right) = (&name[..at.start], &name[at.end..]);
            if let Some(d) = right.chars().next().filter(|c| delimits(*c)) {
                let before = format!("{left}{environment}{d}");
                all.push(Self { before, after: String::new(), template: format!("{left}{{environment}}{d}{{name}}") });
            }
            if let Some(d) = left.chars().next_back().filter(|c| delimits(*c)) {
                let after = format!("{d}{environment}{right}");
                all.push(Self { before: String::new(), after, template: format!("{{name}}{d}{{environment}}{right}") });
            }
        }
        all
    }

    /// A beginning that has nothing to do with the environment, such as the product's name.
    fn beginning(words: &str) -> Vec<Self> {
        let with = |d: char| Self {
            before: format!("{words}{d}"),
            after: String::new(),
            template: format!("{words}{d}{{name}}"),
        };
        vec![with('-'), with('_')]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_alone_between_delimiters() {
        let at = |text: &str, words: &str| occurrences(text, words).map(|r| r.start).collect::<Vec<_>>();
        assert_eq!(at("prod-eu-web", "prod-eu"), [0]);
        assert_eq!(at("web-prod-prod", "prod"), [4, 9]);
        assert_eq!(at("production-web", "prod"), [0_usize; 0]);
        assert_eq!(at("web", ""), [0_usize; 0]);
        assert_eq!(at("é-prod é", "prod"), [3]);
        assert_eq!(replaced("web-cpu-web", "web", "{service}").as_deref(), Some("{service}-cpu-web"));
    }

    #[test]
    fn beginnings_and_endings_are_whole_words() {
        assert_eq!(beginnings("a-b_c"), ["a-b_c", "a-b", "a"]);
        assert_eq!(endings("a-b_c"), ["a-b_c", "b_c", "c"]);
        assert_eq!(beginnings("-a-"), ["-a-", "-a"]);
        assert_eq!(endings("-a-"), ["-a-", "a-"]);
    }

    #[test]
    fn the_template_is_the_one_that_explains_most_names() {
        for (names, environment, cluster, template) in [
            (&["prod-eu-web", "prod-eu-web-iso"][..], "prod-eu", "prod-eu-cluster", "{environment}-{name}"),
            (&["web-prod", "api-prod", "stray"], "prod", "acme-prod", "{name}-{environment}"),
            (&["acme-prod-web", "acme-prod-api"], "prod", "acme-prod", "acme-{environment}-{name}"),
            (&["acme-web", "acme-api"], "prod", "acme-prod", "acme-{name}"),
            (&["a_prod_web", "a_prod_api"], "prod", "x", "a_{environment}_{name}"),
            (&["prod-web", "api", "worker"], "prod", "prod", "{name}"),
            (&["prod"], "prod", "prod", "{name}"),
        ] {
            assert_eq!(Affixes::of_most(names, environment, cluster).template, template, "{names:?}");
        }
    }

    #[test]
    fn the_key_is_what_stands_between() {
        let affixes = Affixes::of_most(&["web-prod", "api-prod"], "prod", "c");
        assert_eq!(affixes.key("web-prod"), Some("web"));
        assert_eq!(affixes.key("-prod"), None);
        assert_eq!(affixes.key("web-staging"), None);
        assert_eq!(Affixes::none().key("web"), Some("web"));
    }
}
