//! Why a transaction was cancelled, from DynamoDB's reasons in the order of its actions.

use headroom_pipeline::{Lost, PortError, Retry};

use super::transaction::PLACE;

const CONDITION: &str = "ConditionalCheckFailed";
const CONFLICT: &str = "TransactionConflict";
const NONE: &str = "None";
/// Codes with which DynamoDB asks to come back later.
const LATER: [&str; 2] = ["ThrottlingError", "ProvisionedThroughputExceeded"];

/// The first condition that failed, else a conflict, else the error that cancelled it.
pub(super) fn lost(actions: &[Lost], codes: &[&str]) -> Result<Lost, PortError> {
    if let Some((lost, _)) = actions.iter().zip(codes).find(|(_, code)| **code == CONDITION) {
        return Ok(*lost);
    }
    if codes.contains(&CONFLICT) {
        return Ok(Lost::Conflict);
    }
    let other: Vec<&str> = codes.iter().copied().filter(|code| *code != NONE).collect();
    let later = !other.is_empty() && other.iter().all(|code| LATER.contains(code));
    Err(PortError {
        place: PLACE.to_owned(),
        cause: format!(
            "cancelled: {}",
            if other.is_empty() { "without a reason".to_owned() } else { other.join(", ") }
        ),
        retry: if later { Retry::Later } else { Retry::Never },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACTIONS: [Lost; 5] = [Lost::Entry, Lost::State, Lost::Limit, Lost::Limit, Lost::Stopped];

    #[test]
    fn the_failed_condition_says_what_was_lost() {
        for (place, lost_by) in ACTIONS.into_iter().enumerate() {
            let mut codes = ["None"; 5];
            codes[place] = "ConditionalCheckFailed";
            assert_eq!(lost(&ACTIONS, &codes), Ok(lost_by));
        }
    }

    #[test]
    fn a_failed_condition_outranks_a_conflict() {
        let codes = ["None", "TransactionConflict", "ConditionalCheckFailed", "None", "None"];
        assert_eq!(lost(&ACTIONS, &codes), Ok(Lost::Limit));
        assert_eq!(lost(&ACTIONS, &["None", "TransactionConflict"]), Ok(Lost::Conflict));
    }

    #[test]
    fn anything_else_is_an_error_with_its_retry_class() {
        let retry = |codes: &[&str]| lost(&ACTIONS, codes).unwrap_err().retry;
        assert_eq!(retry(&["None", "ThrottlingError"]), Retry::Later);
        assert_eq!(retry(&["ValidationError", "ThrottlingError"]), Retry::Never);
        assert_eq!(retry(&[]), Retry::Never);
    }
}
