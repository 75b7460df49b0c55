//! What CI hears: one event on the default bus.

use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_smithy_types::DateTime;
use headroom_core::rollback::{EVENT_SOURCE, EVENT_TYPE, RollbackEvent};
use headroom_pipeline::{PortError, Retry};

use crate::aws::Aws;
use crate::error::{failed, unusable};

const PLACE: &str = "events PutEvents";

/// Puts one event. PutEvents answers 200 also when it refuses an entry.
pub(super) async fn announce(aws: &Aws, event: &RollbackEvent) -> Result<(), PortError> {
    let entry = entry(event).map_err(|error| unusable(PLACE, error.to_string()))?;
    let answer = aws.events().put_events().entries(entry).send().await.map_err(|error| failed(PLACE, &error))?;
    match answer.entries().iter().find_map(|entry| Some((entry.error_code()?, entry.error_message().unwrap_or("")))) {
        None if answer.failed_entry_count() == 0 => Ok(()),
        refused => {
            let (code, words) = refused.unwrap_or(("no error code", ""));
            Err(PortError { place: PLACE.to_owned(), cause: format!("{code}: {words}"), retry: Retry::Later })
        }
    }
}

fn entry(event: &RollbackEvent) -> Result<PutEventsRequestEntry, serde_json::Error> {
    Ok(PutEventsRequestEntry::builder()
        .source(EVENT_SOURCE)
        .detail_type(EVENT_TYPE)
        .detail(serde_json::to_string(event)?)
        .resources(&event.deployment)
        .time(DateTime::from_secs(event.at.as_second()))
        .build())
}
