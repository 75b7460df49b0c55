//! Text to located nodes: YAML 1.2 as `saphyr` reads it, with tabs, duplicate keys and tags refused.

use std::collections::BTreeMap;

use saphyr::{LoadableYamlNode, MarkedYaml, Marker, Scalar, YamlData};

use super::node::{Entry, Node, Place, Value, Want};
use super::problem::Findings;

/// A fleet of 10,000 services written out in full is about 2 MiB.
const FILE_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Longer lines are no fleet file; with them nesting, and so the stack of the reader, is bounded.
const LINE_CHARACTERS_MAX: usize = 2_000;
/// The deepest known key is at level 6; the rest is room for sections that are only kept.
const DEPTH_MAX: usize = 16;
/// The reader stops at each duplicate and is started again without it.
const DUPLICATES_MAX: usize = 20;

/// Reads one document. `None`: what is wrong is in the findings.
pub(crate) fn load(text: &str, f: &mut Findings) -> Option<Node> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut source = Source { chars: text.chars().collect(), masked: BTreeMap::new() };
    if !source.lines_are_readable(text, f) {
        return None;
    }
    for _ in 0..=DUPLICATES_MAX {
        match MarkedYaml::load_from_iter(source.chars.iter().copied()) {
            Ok(documents) => return source.document(&documents, f),
            Err(error) if error.info().starts_with("duplicated key") && source.mask(error.marker()) => {}
            Err(error) => {
                let want = Want { expected: "YAML", example: "services: { web: {} }" };
                f.problem(&place(error.marker(), ""), error.info(), want.expected, want.example);
                return None;
            }
        }
    }
    f.problem(&start(), "more duplicate keys than are worth listing", "each key once", "services: { web: {} }");
    None
}

/// The text of a file by character, as markers count.
struct Source {
    chars: Vec<char>,
    /// First character of each key that stands a second time in its mapping, by index. In `chars` a character
    /// that no other key begins with stands in its place, so that the reader gets past it.
    masked: BTreeMap<usize, char>,
}

impl Source {
    fn lines_are_readable(&self, text: &str, f: &mut Findings) -> bool {
        if text.len() > FILE_BYTES_MAX {
            f.problem(&start(), format!("{} bytes", text.len()), "a file of at most 8 MiB", "services: { web: {} }");
            return false;
        }
        let before = f.problems.len();
        for (number, line) in (1..).zip(text.lines()) {
            let at = |column| Place { line: number, column, path: String::new() };
            let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
            if let Some(tab) = line[..blank].find('\t').filter(|_| blank < line.trim_end().len()) {
                let column = u32::try_from(tab + 1).unwrap_or(u32::MAX);
                f.problem(&at(column), "a tab", "spaces before the first word of a line", "  web: {}");
            }
            if line.chars().count() > LINE_CHARACTERS_MAX {
                f.problem(&at(1), "a line of more than 2,000 characters", "shorter lines", "services: { web: {} }");
            }
        }
        f.problems.len() == before
    }

    /// Hides a duplicate key from the reader; false when it is not a plain or quoted word.
    fn mask(&mut self, at: &Marker) -> bool {
        let quote = self.chars.get(at.index()).is_some_and(|c| matches!(c, '"' | '\''));
        let index = at.index() + usize::from(quote);
        let stand_in = u32::try_from(self.masked.len()).ok().and_then(|n| char::from_u32(0xF_0000 + n));
        match (self.chars.get_mut(index), stand_in) {
            (Some(c), Some(stand_in)) if c.is_alphanumeric() => {
                self.masked.insert(index, std::mem::replace(c, stand_in));
                true
            }
            _ => false,
        }
    }

    fn document(&self, documents: &[MarkedYaml<'_>], f: &mut Findings) -> Option<Node> {
        let want = Want { expected: "one YAML document", example: "version: 1" };
        match documents {
            [one] => self.node(one, place(&one.span.start, ""), 0, f),
            [] => {
                f.problem(&start(), "nothing", want.expected, want.example);
                None
            }
            [_, second, ..] => {
                f.problem(&place(&second.span.start, ""), "a second document", want.expected, want.example);
                None
            }
        }
    }

    /// Converts a node; `None` when it is reported instead.
    fn node(&self, yaml: &MarkedYaml<'_>, place: Place, depth: usize, f: &mut Findings) -> Option<Node> {
        if depth > DEPTH_MAX {
            f.problem(&place, "one more level", "at most 16 levels", "services: { web: {} }");
            return None;
        }
        let value = match &yaml.data {
            YamlData::Value(Scalar::Null) => Value::Nothing,
            YamlData::Value(Scalar::Boolean(b)) => Value::Bool(*b),
            YamlData::Value(Scalar::Integer(n)) => Value::Integer(*n),
            YamlData::Value(Scalar::FloatingPoint(n)) => Value::Number(n.into_inner()),
            YamlData::Value(Scalar::String(t)) => Value::Text(t.to_string()),
            YamlData::Sequence(items) => {
                let list = items.iter().enumerate().filter_map(|(i, item)| {
                    let path = format!("{}[{i}]", place.path);
                    self.node(item, self::place(&item.span.start, &path), depth + 1, f)
                });
                Value::List(list.collect())
            }
            YamlData::Mapping(map) => {
                let mut entries: Vec<Entry> = Vec::with_capacity(map.len());
                for (key, item) in map {
                    if let Some(entry) = self.entry(key, item, &place.path, depth, &entries, f) {
                        entries.push(entry);
                    }
                }
                Value::Map(entries)
            }
            YamlData::Tagged(..) | YamlData::Representation(..) | YamlData::Alias(_) | YamlData::BadValue => {
                f.problem(&place, "a YAML tag or a value that does not fit it", "a value without a tag", "mode: act");
                return None;
            }
        };
        let quoted = self.chars.get(yaml.span.start.index()).is_some_and(|c| matches!(c, '"' | '\''));
        Some(Node { place, value, quoted })
    }

    fn entry(
        &self,
        key: &MarkedYaml<'_>,
        item: &MarkedYaml<'_>,
        path: &str,
        depth: usize,
        before: &[Entry],
        f: &mut Findings,
    ) -> Option<Entry> {
        let at = place(&key.span.start, path);
        let YamlData::Value(Scalar::String(text)) = &key.data else {
            f.problem(&at, "a key that is no text", "a name; quote it if it is a number or a boolean", "\"1\": {}");
            return None;
        };
        let (text, duplicate) = self.unmasked(text, key.span.start.index());
        let path = if path.is_empty() { text.clone() } else { format!("{path}.{text}") };
        let at = Place { path, ..at };
        if duplicate {
            let first = before.iter().find(|e| e.key == text).map_or(0, |e| e.at.line);
            let found = format!("the key `{text}` a second time, first in line {first}");
            f.problem(&at, found, "each key once in a mapping", "services: { web: {}, web-iso: {} }");
            return None;
        }
        // An empty value has no place of its own.
        let empty = matches!(item.data, YamlData::Value(Scalar::Null));
        let value_at = if empty { at.clone() } else { place(&item.span.start, &at.path) };
        let node = self.node(item, value_at, depth + 1, f)?;
        Some(Entry { key: text, at, node })
    }

    /// A key as it stands in the file, and whether it is a duplicate.
    fn unmasked(&self, key: &str, index: usize) -> (String, bool) {
        let first = self.masked.get(&index).or_else(|| {
            let quoted = self.chars.get(index).is_some_and(|c| matches!(c, '"' | '\''));
            if quoted { self.masked.get(&(index + 1)) } else { None }
        });
        match first {
            Some(first) => (std::iter::once(*first).chain(key.chars().skip(1)).collect(), true),
            None => (key.to_owned(), false),
        }
    }
}

fn start() -> Place {
    Place { line: 1, column: 1, path: String::new() }
}

/// A marker as people count: both from 1.
fn place(marker: &Marker, path: &str) -> Place {
    let line = u32::try_from(marker.line()).unwrap_or(u32::MAX);
    let column = u32::try_from(marker.col() + 1).unwrap_or(u32::MAX);
    Place { line, column, path: path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Path, line and column of everything wrong.
    fn wrong(text: &str) -> Vec<(String, u32, u32, String)> {
        let mut f = Findings::new("f.yaml");
        load(text, &mut f);
        f.problems.into_iter().map(|p| (p.path, p.line, p.column, p.found)).collect()
    }

    #[test]
    fn places_count_lines_and_columns_from_one() {
        let mut f = Findings::new("f.yaml");
        let root = load("a: 1\nb:\n  - { c: \"é\", d: x }\n", &mut f).expect("reads");
        let fields = root.fields(&mut f, &["a", "b"], "").expect("mapping");
        let list = fields.get("b").expect("b").items(&mut f, Want { expected: "", example: "" }).expect("list");
        let inner = list[0].fields(&mut f, &["c", "d"], "").expect("mapping");
        let d = inner.get("d").expect("d");
        assert_eq!((d.place.line, d.place.column, d.place.path.as_str()), (3, 18, "b[0].d"));
        assert!(inner.get("c").expect("c").quoted && !d.quoted);
    }

    #[test]
    fn every_duplicate_key_is_reported_with_its_path_and_the_first_line() {
        let text = "a: 1\nb: { c: 1, c: 2 }\na: 3\n\"b\": 4\na: 5\n";
        let found = |key: &str, line: u32| format!("the key `{key}` a second time, first in line {line}");
        let mut all = wrong(text);
        all.sort_by_key(|(_, line, ..)| *line);
        assert_eq!(
            all,
            [
                ("b.c".into(), 2, 12, found("c", 2)),
                ("a".into(), 3, 1, found("a", 1)),
                ("b".into(), 4, 1, found("b", 2)),
                ("a".into(), 5, 1, found("a", 1)),
            ]
        );
    }

    #[test]
    fn what_is_no_plain_document_is_refused() {
        for (text, line, column) in [
            ("", 1, 1),
            ("a:\n\tb: 1\n", 2, 1),
            ("a: [1\n", 2, 1),
            ("a: 1\n---\nb: 2\n", 3, 1),
            ("a: !secret x\n", 1, 4),
            ("1: x\n", 1, 1),
        ] {
            let all = wrong(text);
            assert_eq!(all.iter().map(|(_, l, c, _)| (*l, *c)).collect::<Vec<_>>(), [(line, column)], "{text:?}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = format!("a: {}{}", "[".repeat(100), "]".repeat(100));
        assert_eq!(wrong(&deep).len(), 1);
        let long = "- ".repeat(1_500);
        assert_eq!(wrong(&long).len(), 1);
    }
}
