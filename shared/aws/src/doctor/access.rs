//! How the calls went, by IAM action.

use std::collections::BTreeMap;

use headroom_core::doctor::Access;
use headroom_core::seen::Reading;

use crate::person::Failure;

/// Each action that was used, with the worst that came of it.
#[derive(Debug, Default)]
pub(super) struct Calls(BTreeMap<&'static str, Access>);

impl Calls {
    /// Notes how a call went, and gives its value or why there is none.
    pub(super) fn noted<T>(&mut self, action: &'static str, result: Result<T, Failure>) -> Reading<T> {
        match result {
            Ok(value) => {
                self.0.entry(action).or_insert(Access::Allowed);
                Reading::Known(value)
            }
            Err(failure) => {
                let why = failure.to_string();
                let access = if let Failure::Denied { cause, .. } = failure {
                    Access::Denied(cause)
                } else {
                    Access::Failed(why.clone())
                };
                self.0.insert(action, access);
                Reading::Unreadable(why)
            }
        }
    }

    pub(super) fn into_list(self) -> Vec<(String, Access)> {
        self.0.into_iter().map(|(action, access)| (action.to_owned(), access)).collect()
    }
}

/// The same reason for another reading.
pub(super) fn of<T, U>(reading: &Reading<T>, pick: impl FnOnce(&T) -> Reading<U>) -> Reading<U> {
    match reading {
        Reading::Known(value) => pick(value),
        Reading::Absent => Reading::Absent,
        Reading::Unreadable(why) => Reading::Unreadable(why.clone()),
        Reading::Stale { at } => Reading::Stale { at: *at },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_denial_is_kept_though_another_call_of_the_action_went_well() {
        let mut calls = Calls::default();
        let denied = || Failure::Denied { action: "ecs:X", cause: "no".to_owned() };
        assert!(matches!(calls.noted::<()>("ecs:X", Err(denied())), Reading::Unreadable(_)));
        assert_eq!(calls.noted("ecs:X", Ok(1)), Reading::Known(1));
        let _known = calls.noted("ecs:Y", Ok(1));
        let list = calls.into_list();
        assert_eq!(list[0], ("ecs:X".to_owned(), Access::Denied("no".to_owned())));
        assert_eq!(list[1].1, Access::Allowed);
    }
}
