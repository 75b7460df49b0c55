//! Names that refer to something else in the file: an environment, a service, a channel.

use serde_json::{Value as Json, json};

use super::node::{At, Fields, Node, Place, Value, Want};
use super::problem::Findings;
use super::{name, schema, words};

/// What names may refer to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'k> {
    /// What it is, for example `service`.
    pub(crate) what: &'static str,
    /// Every name that stands in the file, readable otherwise or not.
    pub(crate) known: &'k [&'k str],
}

impl Names<'_> {
    /// Refuses a name that was read elsewhere and that nothing in the file has.
    pub(crate) fn check(self, name: &At<String>, f: &mut Findings) {
        if !self.known.contains(&name.value.as_str()) {
            self.unknown(&name.value, &name.place, f);
        }
    }

    /// Reads a list of names; all there are where the key is left out.
    pub(crate) fn or_all(self, fields: &Fields<'_>, key: &str, f: &mut Findings) -> Vec<String> {
        match fields.get(key) {
            Some(node) => self.some(node, f).unwrap_or_default(),
            None => self.known.iter().map(|name| (*name).to_owned()).collect(),
        }
    }

    fn unknown(self, name: &str, at: &Place, f: &mut Findings) {
        let found = format!("unknown {} `{name}`{}", self.what, words::hint(name, self.known));
        f.problem(at, found, &format!("one of {}", words::list(self.known)), self.known.first().unwrap_or(&"[]"));
    }

    /// Reads one name.
    pub(crate) fn one(self, node: &Node, f: &mut Findings) -> Option<String> {
        let Value::Text(text) = &node.value else {
            let expected = format!("the name of {} of {}", article(self.what), words::list(self.known));
            node.refuse(f, Want { expected: &expected, example: self.example() });
            return None;
        };
        if self.known.contains(&text.as_str()) {
            return Some(text.clone());
        }
        self.unknown(text, &node.place, f);
        None
    }

    /// Reads a list with at least one name, each once.
    pub(crate) fn some(self, node: &Node, f: &mut Findings) -> Option<Vec<String>> {
        let example = format!("[{}]", self.example());
        let items = node.items(f, Want { expected: "a list of names", example: &example })?;
        if items.is_empty() {
            let expected = format!("at least one {} of {}", self.what, words::list(self.known));
            f.problem(&node.place, "an empty list", &expected, &example);
            return None;
        }
        let mut names: Vec<String> = Vec::new();
        for item in items {
            let Some(name) = self.one(item, f) else { continue };
            if names.contains(&name) {
                f.problem(&item.place, format!("`{name}` a second time"), "each name once", &example);
            } else {
                names.push(name);
            }
        }
        (names.len() == items.len()).then_some(names)
    }

    /// Reads one name without brackets, or a list.
    pub(crate) fn one_or_some(self, node: &Node, f: &mut Findings) -> Option<Vec<String>> {
        if matches!(node.value, Value::List(_)) { self.some(node, f) } else { self.one(node, f).map(|name| vec![name]) }
    }

    fn example(&self) -> &str {
        self.known.first().copied().unwrap_or("web")
    }
}

/// What [`Names::one`] takes; which names there are, only the file tells.
pub(crate) fn one_schema() -> Json {
    name::schema()
}

/// What [`Names::some`] takes.
pub(crate) fn some_schema() -> Json {
    schema::list(&name::schema(), 1)
}

/// What [`Names::one_or_some`] takes.
pub(crate) fn one_or_some_schema() -> Json {
    json!({ "anyOf": [one_schema(), some_schema()] })
}

fn article(what: &str) -> String {
    let vowel = what.starts_with(['a', 'e', 'i', 'o', 'u']);
    format!("{} {what}", if vowel { "an" } else { "a" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::yaml;

    const SERVICES: Names<'_> = Names { what: "service", known: &["web", "worker"] };

    fn read(text: &str) -> Result<Vec<String>, Vec<String>> {
        let mut f = Findings::new("f");
        let node = yaml::load(text, &mut f).expect("YAML");
        let names = SERVICES.one_or_some(&node, &mut f);
        names.filter(|_| f.problems.is_empty()).ok_or_else(|| f.problems.into_iter().map(|p| p.found).collect())
    }

    #[test]
    fn one_name_and_a_list_are_both_read() {
        assert_eq!(read("web"), Ok(vec!["web".to_owned()]));
        assert_eq!(read("[worker, web]"), Ok(vec!["worker".to_owned(), "web".to_owned()]));
    }

    #[test]
    fn every_name_that_nothing_has_is_reported_once() {
        for (text, found) in [
            ("wep", vec!["unknown service `wep`, did you mean `web`?"]),
            ("[database, web, cache]", vec!["unknown service `database`", "unknown service `cache`"]),
            ("[web, web]", vec!["`web` a second time"]),
            ("[]", vec!["an empty list"]),
            ("3", vec!["the number `3`"]),
            ("[3]", vec!["the number `3`"]),
        ] {
            assert_eq!(read(text).map_err(|all| all.join("; ")), Err(found.join("; ")), "{text}");
        }
    }
}
