//! Fixtures of `tests/fixtures/events`, and a fleet in which each of them can be matched.

use std::path::Path;

use headroom_core::fleet::{self, Fleet};
use headroom_core::signal::{AlarmEvent, NotASignal, Received, Signal, receive};
use serde_json::Value;

/// Two services of one place; remedies for a metric, an expression, a composite alarm, a band, and contributors.
const FLEET: &str = r#"
version: 1
fleet: langfuse
mode: act
environments:
  - { name: prod-eu, account: "222222222222", region: eu-west-1 }
defaults:
  cluster: "{environment}-cluster"
  service: "{environment}-{name}"
  target_group: "{environment}-{name}"
  capacity: { min: 2, max: 10 }
  scaling: { cpu: 70% }
services:
  web: {}
  web-iso: {}
remedies:
  cpu-high: { when: { metric: cpu, above: 85%, for: 2m }, do: scale-out, size: ratio }
  slow: { when: { metric: response_time_p95, above: 2s, for: 5m }, do: scale-out, add: 1 }
  bad-deployment: { when: { metric: error_rate, above: 1%, for: 3m }, do: rollback }
  trouble: { when: { alarm: "{environment}-trouble" }, do: notify-only }
  unusual: { when: { alarm: "{service}-unusual" }, do: notify-only }
  checkout: { when: { alarm: "checkout is slow" }, do: notify-only }
  hot: { when: { contributor_of: fleet-cpu }, do: scale-out, add: 1 }
  fleet-hot: { when: { alarm: fleet-cpu }, do: notify-only }
"#;

pub(crate) fn fleet() -> Fleet {
    fleet::parse(FLEET, "headroom.yaml").unwrap_or_else(|problems| panic!("{problems:?}"))
}

/// The content of `tests/fixtures/events/<name>.json`.
pub(crate) fn event(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("fixtures/events/{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The only record of a payload.
pub(super) fn only(payload: &Value) -> Result<Signal, NotASignal> {
    let [Received { signal, .. }] = <[Received; 1]>::try_from(receive(payload)).expect("one record");
    signal
}

/// The alarm, or the contributor, of a fixture with one record.
pub(super) fn alarm(name: &str) -> AlarmEvent {
    match only(&event(name)) {
        Ok(Signal::Alarm(alarm) | Signal::Contributor(alarm)) => *alarm,
        other => panic!("{name}: {other:?}"),
    }
}
