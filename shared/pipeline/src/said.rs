//! One log line for each outcome, with the names that people search for; never a word of the event or of a notice.

use headroom_core::telemetry::{Decided, News, Outcome};

use crate::alarm::Handled;
use crate::at_max::Polled;
use crate::records::{Answered, Failed};
use crate::rollback::Passed;

/// A case came to an outcome, or its effect was judged. It names its own case: the span may be another one's.
pub(crate) fn of_case(decided: &Decided) {
    let Decided { of, action, news, reason, applied_after_ms } = decided;
    let decision = of.as_ref().map(|of| of.decision.0.as_str());
    let case = of.as_ref().map(|of| of.case.0.as_str());
    let service = of.as_ref().map(|of| of.service.as_str());
    let remedy = of.as_ref().map(|of| of.remedy.as_str());
    match news {
        News::Outcome(outcome) => {
            let outcome = outcome.name();
            tracing::info!(decision, case, service, remedy, action, outcome, reason, applied_after_ms, "decided");
        }
        News::Effect(helped) => {
            tracing::info!(decision, case, service, remedy, action, helped = helped.name(), "judged");
        }
    }
}

/// A record that the journal says nothing new of; inside its span.
pub(crate) fn of_record(outcome: &Result<Answered, Failed>) {
    match outcome {
        Ok(Answered::Alarm(Handled::Recorded(..))) => {}
        Ok(Answered::Watched(decision)) => tracing::info!(decision = decision.0, "watched"),
        Ok(Answered::Passed(Passed { watches, left, failed })) => {
            tracing::info!(watches, left, failed, "looked");
        }
        Ok(Answered::Looked) => tracing::info!("looked"),
        Ok(Answered::Polled(Polled { screened, calls, looked, left, failed })) => {
            tracing::info!(screened, calls, looked, left, failed, "polled");
        }
        Ok(Answered::Alarm(Handled::Duplicate(_, status))) => {
            tracing::info!(outcome = Outcome::Duplicate.name(), status = status.name(), "duplicate");
        }
        Ok(Answered::Alarm(Handled::Unmatched(why))) => {
            tracing::info!(outcome = Outcome::Unmatched.name(), reason = why.name(), "unmatched");
        }
        Ok(Answered::Ignored { signal, reason, .. }) => {
            tracing::info!(outcome = Outcome::Ignored.name(), reason, signal, "ignored");
        }
        Err(Failed { kind, why }) => {
            tracing::error!(outcome = Outcome::Failed.name(), reason = kind, why, "failed");
        }
    }
}
