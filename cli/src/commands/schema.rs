//! `headroom schema`: what editors need to check and complete a fleet file.

use std::path::PathBuf;

use clap::Args;
use headroom_core::fleet;

use super::Outcome;
use crate::files;

/// Print the JSON Schema of the fleet file, for editors.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  headroom schema -o headroom.schema.json    beside the fleet file
  headroom schema                            to standard output

Editors with the YAML language server read it when the fleet file begins with this line:
  # yaml-language-server: $schema=./headroom.schema.json

The schema refuses nothing that `headroom check` accepts. It cannot see what compares two places of the file (a
name that nothing has, min over max) nor quotes: before a file is used, `headroom check` decides.

Exit codes: 0 printed, 2 the file cannot be written.")]
pub(crate) struct Schema {
    /// Write to this file instead of standard output
    #[arg(short, value_name = "OUT")]
    out: Option<PathBuf>,
}

impl Schema {
    /// Prints it.
    pub(crate) fn run(&self) -> Outcome {
        let text = match serde_json::to_string_pretty(&fleet::json_schema()) {
            Ok(json) => format!("{json}\n"),
            Err(error) => return Outcome::failed(format!("cannot write JSON: {error}\n")),
        };
        match &self.out {
            Some(path) => files::write(path, &text).map_or_else(|outcome| outcome, |()| Outcome::done(String::new())),
            None => Outcome::done(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_schema_beside_the_examples_is_this_one_and_o_writes_the_same() {
        let printed = Schema { out: None }.run();
        let committed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/headroom.schema.json");
        let committed = std::fs::read_to_string(committed).expect("the committed schema");
        assert!(printed.out == committed, "`target/debug/xtask generate` writes examples/headroom.schema.json anew");
        let file = std::env::temp_dir().join(format!("headroom-schema-{}.json", std::process::id()));
        let outcome = Schema { out: Some(file.clone()) }.run();
        assert_eq!(outcome, Outcome::done(String::new()));
        let written = std::fs::read_to_string(&file).expect("written");
        std::fs::remove_file(&file).expect("removed");
        assert_eq!(written, printed.out);
        assert_eq!(Schema { out: Some("/no/such/folder/s.json".into()) }.run().code, 2);
    }
}
