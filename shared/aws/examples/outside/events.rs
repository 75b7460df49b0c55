//! The file to which the world appends its events, one a line.

use std::io::ErrorKind;

use serde_json::Value as Json;

use crate::control::Failed;

/// How far it was read.
pub(crate) struct Events {
    path: String,
    read: usize,
}

impl Events {
    /// A file that need not be there yet.
    pub(crate) fn of(path: &str) -> Self {
        Self { path: path.to_owned(), read: 0 }
    }

    /// What was appended since; a line without its end is left for the next time.
    pub(crate) fn new_ones(&mut self) -> Result<Vec<Json>, Failed> {
        let text = match std::fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let fresh = text.get(self.read..).ok_or("the file of events was cut off")?;
        let whole = fresh.rfind('\n').map_or("", |end| &fresh[..=end]);
        self.read += whole.len();
        whole.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}
