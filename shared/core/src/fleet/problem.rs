//! What is wrong in a file, where, and what would be right; and what is right but worth saying.

use std::fmt;

use serde::Serialize;

use super::node::Place;

/// One mistake in a fleet file or an overrides file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Name of the file, as the caller gave it.
    pub file: String,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// Path in the file, for example `services.web.capacity.min`; empty for the file as a whole.
    pub path: String,
    /// What stands there.
    pub found: String,
    /// What may stand there.
    pub expected: String,
    /// A valid example.
    pub example: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "the file" } else { &self.path };
        writeln!(f, "{}:{}:{}: {path}", self.file, self.line, self.column)?;
        writeln!(f, "  found     {}", self.found)?;
        writeln!(f, "  expected  {}", self.expected)?;
        write!(f, "  example   {}", self.example)
    }
}

/// Why a note is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NoteKind {
    /// Recognised and kept, not acted on by this release; the text says what does not happen.
    NotYet,
    /// Left out of the compiled fleet; the text says why.
    LeftOut,
    /// Right, and likely not what was meant.
    Warning,
}

/// Not a mistake, but what a reader of the file should know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Why it is there.
    pub kind: NoteKind,
    /// Line in the fleet file, 1-based.
    pub line: u32,
    /// Path in the file.
    pub path: String,
    /// One sentence.
    pub text: String,
    /// The services that it is about, as people call them; empty: the fleet.
    pub services: Vec<String>,
}

/// Collects everything that reading one file brings up, so that several mistakes are all reported.
#[derive(Debug)]
pub(crate) struct Findings {
    file: String,
    pub(crate) problems: Vec<Problem>,
    pub(crate) notes: Vec<Note>,
}

impl Findings {
    pub(crate) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), problems: Vec::new(), notes: Vec::new() }
    }

    /// Adds a problem; the same words at the same place count once, however many services inherit them.
    pub(crate) fn problem(&mut self, at: &Place, found: impl Into<String>, expected: &str, example: &str) {
        let known = self.problems.iter().any(|p| p.line == at.line && p.column == at.column && p.expected == expected);
        if !known {
            self.problems.push(Problem {
                file: self.file.clone(),
                line: at.line,
                column: at.column,
                path: at.path.clone(),
                found: found.into(),
                expected: expected.to_owned(),
                example: example.to_owned(),
            });
        }
    }

    /// Adds a note.
    pub(crate) fn note(&mut self, kind: NoteKind, at: &Place, text: impl Into<String>) {
        self.notes.push(Note { kind, line: at.line, path: at.path.clone(), text: text.into(), services: Vec::new() });
    }

    /// Warns about a service, or with an empty label about the fleet; services with the same words at the same
    /// place share a note.
    pub(crate) fn warn(&mut self, at: &Place, text: String, service: String) {
        let same = |n: &&mut Note| n.kind == NoteKind::Warning && n.line == at.line && n.text == text;
        let services = match self.notes.iter_mut().find(same) {
            Some(note) => &mut note.services,
            None => {
                self.note(NoteKind::Warning, at, text);
                match self.notes.last_mut() {
                    Some(note) => &mut note.services,
                    None => return,
                }
            }
        };
        services.extend(Some(service).filter(|s| !s.is_empty()));
    }

    /// Adds a note that several environments may give, once.
    pub(crate) fn note_once(&mut self, kind: NoteKind, at: &Place, text: String) {
        if !self.notes.iter().any(|n| n.line == at.line && n.text == text) {
            self.note(kind, at, text);
        }
    }
}
