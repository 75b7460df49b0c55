//! A value of a YAML file with its place, and the walker that the elements read it with.

use super::problem::Findings;
use super::schema::{self, Key};
use super::words;

/// Where something stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// 1-based.
    pub(crate) line: u32,
    /// 1-based, in characters.
    pub(crate) column: u32,
    /// For example `services.web.capacity`.
    pub(crate) path: String,
}

/// A value that was read, with its place for what is found out later.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct At<T> {
    pub(crate) value: T,
    pub(crate) place: Place,
}

/// What may stand somewhere, in words, and a valid example.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Want<'w> {
    pub(crate) expected: &'w str,
    pub(crate) example: &'w str,
}

/// A YAML value.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Nothing,
    Bool(bool),
    Integer(i64),
    Number(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A YAML value with its place.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
    /// Written in quotes.
    pub(crate) quoted: bool,
}

/// One key of a mapping and its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    /// Place of the key.
    pub(crate) at: Place,
    pub(crate) node: Node,
}

impl Node {
    /// What stands here, as an error says it.
    pub(crate) fn describe(&self) -> String {
        match &self.value {
            Value::Nothing => "nothing".to_owned(),
            Value::Bool(b) => format!("the boolean `{b}`"),
            Value::Integer(n) => format!("the number `{n}`"),
            Value::Number(n) => format!("the number `{n}`"),
            Value::Text(t) => format!("`{t}`"),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a mapping".to_owned(),
        }
    }

    /// Says that something else is wanted here.
    pub(crate) fn refuse(&self, f: &mut Findings, want: Want<'_>) {
        f.problem(&self.place, self.describe(), want.expected, want.example);
    }

    /// Reads a text; what `read` does not take is refused, and so is everything that is no text.
    pub(crate) fn text<T>(&self, f: &mut Findings, want: Want<'_>, read: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = if let Value::Text(text) = &self.value { read(text) } else { None };
        if value.is_none() {
            self.refuse(f, want);
        }
        value
    }

    /// The entries of a mapping.
    pub(crate) fn entries(&self, f: &mut Findings, want: Want<'_>) -> Option<&[Entry]> {
        if let Value::Map(entries) = &self.value {
            return Some(entries);
        }
        self.refuse(f, want);
        None
    }

    /// The keys of a mapping; of anything else none.
    pub(crate) fn keys(&self) -> Vec<&str> {
        if let Value::Map(entries) = &self.value {
            entries.iter().map(|e| e.key.as_str()).collect()
        } else {
            Vec::new()
        }
    }

    /// The items of a list.
    pub(crate) fn items(&self, f: &mut Findings, want: Want<'_>) -> Option<&[Node]> {
        if let Value::List(items) = &self.value {
            return Some(items);
        }
        self.refuse(f, want);
        None
    }

    /// A mapping with these keys only.
    pub(crate) fn mapping(&self, f: &mut Findings, keys: &[Key], example: &str) -> Option<Fields<'_>> {
        self.fields(f, &schema::names(keys), example)
    }

    /// A mapping with known keys only; every other key is reported with the list of known ones.
    pub(crate) fn fields(&self, f: &mut Findings, known: &[&str], example: &str) -> Option<Fields<'_>> {
        let expected = format!("a mapping with {}", words::list(known));
        let entries = self.entries(f, Want { expected: &expected, example })?;
        for entry in entries.iter().filter(|e| !known.contains(&e.key.as_str())) {
            let hint = words::hint(&entry.key, known);
            f.problem(
                &entry.at,
                format!("unknown key `{}`{hint}", entry.key),
                &format!("one of {}", words::list(known)),
                example,
            );
        }
        Some(Fields { place: &self.place, entries })
    }
}

/// The keys of a mapping whose names were checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'n> {
    pub(crate) place: &'n Place,
    entries: &'n [Entry],
}

impl<'n> Fields<'n> {
    /// The entry of a key.
    pub(crate) fn entry(&self, key: &str) -> Option<&'n Entry> {
        self.entries.iter().find(|e| e.key == key)
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.entry(key).map(|e| &e.node)
    }

    /// Reads a key that may be absent.
    pub(crate) fn read<T>(
        &self,
        f: &mut Findings,
        key: &str,
        read: impl FnOnce(&Node, &mut Findings) -> Option<T>,
    ) -> Option<T> {
        read(self.get(key)?, f)
    }

    /// Reads a key that may be absent, and remembers its place.
    pub(crate) fn read_at<T>(
        &self,
        f: &mut Findings,
        key: &str,
        read: impl FnOnce(&Node, &mut Findings) -> Option<T>,
    ) -> Option<At<T>> {
        let node = self.get(key)?;
        Some(At { value: read(node, f)?, place: node.place.clone() })
    }

    /// Reads a key that must be there.
    pub(crate) fn require<T>(
        &self,
        f: &mut Findings,
        key: &str,
        example: &str,
        read: impl FnOnce(&Node, &mut Findings) -> Option<T>,
    ) -> Option<T> {
        if let Some(node) = self.get(key) {
            return read(node, f);
        }
        f.problem(self.place, format!("no `{key}`"), &format!("the key `{key}`"), example);
        None
    }
}
