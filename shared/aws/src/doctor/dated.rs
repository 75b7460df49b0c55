//! AWS's clock, by the `Date` of an answer that comes anyway.

use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use headroom_core::seen::Reading;
use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// Keeps the first `Date`, and what this machine's clock said when it came.
#[derive(Debug, Clone, Default)]
pub(super) struct Dated(Arc<OnceLock<(String, Timestamp)>>);

impl Intercept for Dated {
    fn name(&self) -> &'static str {
        "Dated"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(date) = context.response().headers().get("date") {
            // A later answer is not looked at.
            let _first = self.0.set((date.to_owned(), Timestamp::now()));
        }
        Ok(())
    }
}

impl Dated {
    /// AWS's clock, and this machine's.
    pub(super) fn read(&self) -> Reading<(Timestamp, Timestamp)> {
        let Some((date, here)) = self.0.get() else {
            return Reading::Unreadable("no answer came with a date".to_owned());
        };
        match rfc2822::parse(date) {
            Ok(aws) => Reading::Known((aws.timestamp(), *here)),
            Err(error) => Reading::Unreadable(format!("the date {date:?}: {error}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read_and_another_word_is_no_time() {
        let dated = |date: &str| {
            let dated = Dated::default();
            dated.0.set((date.to_owned(), Timestamp::UNIX_EPOCH)).unwrap();
            dated.read()
        };
        let at: Timestamp = "2026-11-23T02:00:31Z".parse().unwrap();
        assert_eq!(dated("Mon, 23 Nov 2026 02:00:31 GMT"), Reading::Known((at, Timestamp::UNIX_EPOCH)));
        assert!(matches!(dated("soon"), Reading::Unreadable(_)));
        assert!(matches!(Dated::default().read(), Reading::Unreadable(_)));
    }
}
