//! The fleets whose notices are told.

use headroom_core::fleet::Fleet;

/// `ops` in Slack and `oncall` in PagerDuty: pages to both, the rest to `ops`; `more` is added to the channel `ops`.
///
/// # Panics
/// `more` is nothing that a channel has.
#[must_use]
pub fn fleet(more: &str) -> Fleet {
    read(&format!(
        "channels:\n  ops: {{ kind: slack, channel: \"#langfuse-ops\", token: \"secretsmanager:headroom/slack\"{more} }}\n  \
         oncall: {{ kind: pagerduty, routing_key: \"secretsmanager:headroom/pagerduty\" }}\n\
         routes:\n  - {{ severity: page, to: [oncall, ops] }}\n  - {{ to: [ops] }}\n"
    ))
}

/// All notices to one channel, `it`, which is `channel` in the fleet file.
///
/// # Panics
/// It is no channel.
#[must_use]
pub fn one_channel(channel: &str) -> Fleet {
    read(&format!("channels:\n  it: {channel}\nroutes:\n  - {{ to: [it] }}\n"))
}

#[expect(clippy::expect_used, reason = "the fleets of tests are written in the tests")]
fn read(channels: &str) -> Fleet {
    let text = format!(
        "version: 1\nfleet: langfuse\nenvironments:\n  \
         - {{ name: prod-eu, account: \"222222222222\", region: eu-west-1, timezone: Europe/Berlin }}\n\
         defaults: {{ cluster: \"{{environment}}-cluster\", capacity: {{ min: 2, max: 10 }} }}\nservices: {{ web: {{}} }}\n\
         {channels}"
    );
    headroom_core::fleet::parse(&text, "f").expect("a fleet")
}
