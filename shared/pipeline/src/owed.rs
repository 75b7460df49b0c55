//! What an invocation owes its sender.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::records::{Answer, Failed};

/// What an invocation owes its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owed {
    /// Nothing: every record has its answer.
    Nothing,
    /// A queue: the ids of the messages that must come again, perhaps none, and never all.
    Redelivery(Vec<String>),
    /// A failure of the whole invocation: SNS, EventBridge and CloudWatch deliver all of it again, a queue's messages
    /// all become visible again, and what was done is found again as a duplicate.
    Failure(Failed),
}

/// What the answers oblige to.
///
/// Nothing in a payload says whether the queue's mapping has `ReportBatchItemFailures`. Without it Lambda reads no
/// answer: an invocation that returns has its whole batch deleted. So a batch of which every record failed fails as a
/// whole, which brings all of it again under either mapping, and is counted in Lambda's `Errors`, which an answer that
/// names every record is not. A mapping without the setting is thus safe with a batch size of one. A batch that failed
/// in part names what failed: failing it as a whole would raise the receive count of what was done until it, too, lies
/// among the dead letters.
#[must_use]
pub fn owed(answers: &[Answer]) -> Owed {
    let failed: Vec<(&Answer, &Failed)> = answers.iter().filter_map(|a| Some((a, a.outcome.as_ref().err()?))).collect();
    // A record of a queue without an id cannot be asked for alone. One record may hold several events.
    let named: Option<BTreeSet<&str>> = failed.iter().map(|(answer, _)| answer.record.as_deref()).collect();
    let queued = answers.iter().any(|a| a.record.is_some());
    let part = |ids: &BTreeSet<&str>| answers.iter().any(|a| a.record.as_deref().is_none_or(|id| !ids.contains(id)));
    match (failed.first(), named.filter(|ids| queued && part(ids))) {
        (_, Some(ids)) => Owed::Redelivery(ids.into_iter().map(str::to_owned).collect()),
        (None, None) => Owed::Nothing,
        (Some((_, first)), None) if answers.len() == 1 => Owed::Failure((*first).clone()),
        (Some((_, first)), None) => {
            let why = format!("{} of {} records failed, the first: {}", failed.len(), answers.len(), first.why);
            Owed::Failure(Failed { kind: first.kind, why })
        }
    }
}

/// The answer where nothing is owed: the record's own, or one of each.
#[must_use]
pub fn said(answers: &[Answer]) -> Value {
    match answers {
        [only] => only.json(),
        several => json!({ "records": several.iter().map(Answer::json).collect::<Vec<_>>() }),
    }
}

/// The answer of a function to which no queue is wired: one that is must have a batch size of one.
///
/// # Errors
/// A record failed.
pub fn said_as_a_whole(answers: &[Answer]) -> Result<Value, Failed> {
    match owed(answers) {
        Owed::Nothing => Ok(said(answers)),
        Owed::Redelivery(ids) => {
            Err(Failed { kind: "Failed", why: format!("{} records of a queue failed", ids.len()) })
        }
        Owed::Failure(failed) => Err(failed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::records::Answered;

    fn answer(record: Option<&str>, outcome: Result<Answered, Failed>) -> Answer {
        Answer { record: record.map(str::to_owned), outcome }
    }

    #[test]
    fn without_a_queue_a_part_that_failed_fails_the_whole() {
        let failed = || Err(Failed { kind: "PortError", why: "w".to_owned() });
        assert_eq!(said_as_a_whole(&[]), Ok(json!({ "records": [] })));
        let part = [answer(Some("a"), failed()), answer(Some("b"), Ok(Answered::Looked))];
        assert_eq!(said_as_a_whole(&part).unwrap_err().why, "1 records of a queue failed");
        assert_eq!(said_as_a_whole(&[answer(None, failed())]).unwrap_err().kind, "PortError");
    }
}
