//! What a person who reads the journal needs; no function has these for it.

/// IAM actions: `Query` on the table's index `entries`, `BatchGetItem` on the table.
pub const ACTIONS: [&str; 2] = ["dynamodb:Query", "dynamodb:BatchGetItem"];
