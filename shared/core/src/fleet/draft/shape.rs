//! YAML laid out for people: a mapping on one line while it fits, comments in a column beside.

/// Columns of a line.
pub(super) const WIDTH: usize = 120;
/// Entries longer than this do not push everybody's comment to the right.
const COMMENT_COLUMN_MAX: usize = 72;

/// A value. Scalars are YAML already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    Scalar(String),
    Map(Vec<(String, Shape)>),
    List(Vec<String>),
}

impl Shape {
    /// On one line.
    fn flow(&self) -> String {
        match self {
            Self::Scalar(text) => text.clone(),
            Self::List(items) => format!("[{}]", items.join(", ")),
            Self::Map(entries) if entries.is_empty() => "{}".to_owned(),
            Self::Map(entries) => {
                let entries: Vec<String> =
                    entries.iter().map(|(key, value)| format!("{key}: {}", value.flow())).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    /// `key: value` from a column on: one line if it fits, else one for each member. A name alone that is longer than a
    /// line stays whole: whoever looks for it must find it.
    fn lines(&self, key: &str, indent: usize) -> Vec<String> {
        let pad = " ".repeat(indent);
        let one = format!("{pad}{key}: {}", self.flow());
        if columns(&one) <= WIDTH {
            return vec![one];
        }
        let mut lines = vec![format!("{pad}{key}:")];
        match self {
            Self::Scalar(_) => return vec![one],
            Self::Map(entries) => lines.extend(entries.iter().flat_map(|(key, value)| value.lines(key, indent + 2))),
            Self::List(items) => lines.extend(items.iter().map(|item| format!("{pad}  - {item}"))),
        }
        lines
    }
}

/// An entry of a mapping, with what is said beside or above it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// A key, as YAML.
    pub(super) key: String,
    pub(super) value: Shape,
    /// Said beside it, or above where there is no room; the first that fits beside is taken.
    pub(super) beside: Vec<String>,
    /// Said above it, each on lines of its own.
    pub(super) above: Vec<String>,
}

impl Entry {
    pub(super) fn new(key: &str, value: Shape) -> Self {
        Self { key: key.to_owned(), value, beside: Vec::new(), above: Vec::new() }
    }

    pub(super) fn beside(mut self, comment: &str) -> Self {
        self.beside.push(comment.to_owned());
        self
    }
}

/// Entries under each other, their comments in one column.
pub(super) fn block(entries: &[Entry], indent: usize) -> String {
    let laid: Vec<(&Entry, Vec<String>)> = entries.iter().map(|e| (e, e.value.lines(&e.key, indent))).collect();
    let first = |lines: &[String]| lines.first().map_or(0, |line| columns(line));
    let short = laid.iter().filter(|(e, _)| !e.beside.is_empty()).map(|(_, lines)| first(lines));
    let column = short.filter(|n| *n <= COMMENT_COLUMN_MAX).max().unwrap_or(0) + 2;
    let mut out = String::new();
    for (entry, lines) in &laid {
        let end = first(lines) + 2;
        let fits = |at: usize, text: &String| at + "# ".len() + columns(text) <= WIDTH;
        let placed = entry.beside.iter().find_map(|text| {
            let at = [column.max(end), end].into_iter().find(|at| fits(*at, text))?;
            Some((text, at))
        });
        let (beside, at) = (placed.map(|(text, _)| text), placed.map_or(end, |(_, at)| at));
        let told = if beside.is_some() { None } else { entry.beside.first() };
        for text in entry.above.iter().chain(told) {
            out.push_str(&comment(text, indent));
        }
        for (n, line) in lines.iter().enumerate() {
            out.push_str(line);
            if let Some(text) = beside.filter(|_| n == 0) {
                out.push_str(&" ".repeat(at - first(lines)));
                out.push_str("# ");
                out.push_str(text.trim_end());
            }
            out.push('\n');
        }
    }
    out
}

/// An item of a list: one line if it fits, else one for each member.
pub(super) fn item(value: &Shape, indent: usize) -> String {
    let pad = " ".repeat(indent);
    let one = format!("{pad}- {}\n", value.flow());
    match value {
        Shape::Map(members) if columns(&one) > WIDTH + 1 => {
            let lines = members.iter().flat_map(|(key, value)| value.lines(key, indent + 2));
            let lines: String = lines.map(|line| line + "\n").collect();
            format!("{pad}- {}", lines.trim_start())
        }
        Shape::Map(_) | Shape::Scalar(_) | Shape::List(_) => one,
    }
}

/// A comment on lines of its own, broken between words.
pub(super) fn comment(text: &str, indent: usize) -> String {
    let pad = format!("{}# ", " ".repeat(indent));
    let mut out = String::new();
    let mut line = String::new();
    for word in text.split(' ').flat_map(|word| pieces(word, WIDTH - columns(&pad))) {
        if !line.is_empty() && columns(&pad) + columns(&line) + 1 + columns(&word) > WIDTH {
            out.push_str(&format!("{pad}{line}\n"));
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    out.push_str(format!("{pad}{line}").trim_end());
    out.push('\n');
    out
}

/// A word in pieces that each fit on a line.
fn pieces(word: &str, most: usize) -> Vec<String> {
    let chars: Vec<char> = word.chars().collect();
    if chars.is_empty() { Vec::new() } else { chars.chunks(most).map(|piece| piece.iter().collect()).collect() }
}

fn columns(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(entries: &[(&str, &str)]) -> Shape {
        Shape::Map(entries.iter().map(|(k, v)| ((*k).to_owned(), Shape::Scalar((*v).to_owned()))).collect())
    }

    #[test]
    fn comments_stand_in_one_column_beside_what_they_are_about() {
        let entries = [
            Entry::new("web", Shape::Map(Vec::new())).beside("found: 2"),
            Entry::new("worker", map(&[("max", "3")])).beside("found: 3"),
        ];
        assert_eq!(block(&entries, 2), "  web: {}             # found: 2\n  worker: { max: 3 }  # found: 3\n");
    }

    #[test]
    fn a_shorter_comment_is_taken_before_one_goes_above() {
        let long = "words ".repeat(30);
        let entry = Entry::new("web", Shape::Map(Vec::new())).beside(long.trim_end()).beside("short");
        assert_eq!(block(&[entry], 0), "web: {}  # short\n");
        let entry = Entry::new("web", Shape::Map(Vec::new())).beside(long.trim_end());
        let out = block(&[entry], 0);
        assert!(out.ends_with("\nweb: {}\n") && out.lines().count() == 3, "{out}");
    }

    #[test]
    fn what_does_not_fit_has_a_line_for_each_member() {
        let long = "x".repeat(70);
        let value = Shape::Map(vec![
            ("service".to_owned(), Shape::Scalar(long.clone())),
            ("remedies".to_owned(), Shape::List(vec![long.clone(), long.clone()])),
        ]);
        let expected = format!("web:\n  service: {long}\n  remedies:\n    - {long}\n    - {long}\n");
        assert_eq!(block(&[Entry::new("web", value)], 0), expected);
    }

    #[test]
    fn an_item_that_is_too_wide_has_its_members_under_each_other() {
        assert_eq!(item(&map(&[("name", "a"), ("region", "b")]), 2), "  - { name: a, region: b }\n");
        let long = "x".repeat(100);
        assert_eq!(item(&map(&[("name", &long), ("region", "b")]), 2), format!("  - name: {long}\n    region: b\n"));
    }

    #[test]
    fn no_comment_is_wider_than_a_line() {
        for text in
            ["a b c".repeat(60), "x".repeat(500), format!("{} {}", "y".repeat(118), "z".repeat(119)), String::new()]
        {
            let out = comment(&text, 2);
            assert!(out.lines().all(|line| line.chars().count() <= WIDTH && line.starts_with("  #")), "{out}");
            let words: String = out.lines().map(|line| line.trim_start_matches("  #").trim_start()).collect();
            assert_eq!(words.replace(' ', ""), text.replace(' ', ""));
        }
    }
}
