//! Severities and routes: the table of UX, what the file changes, and which channels follow.

use std::fmt::Write;

use headroom_core::channel::{alert_of, loudness, ways};
use headroom_core::fleet::{Fleet, parse};
use headroom_core::notice::{Kind, Notice, Severity};

use super::notices::Story;
use crate::golden::compare;

fn fleet(alerts: &str) -> Fleet {
    let text = format!(
        "version: 1\nfleet: shop\nenvironments:\n  - {{ name: staging, account: \"111111111111\", region: eu-west-1 }}\n  \
         - {{ name: prod-eu, account: \"222222222222\", region: eu-west-1 }}\n\
         defaults: {{ cluster: \"{{environment}}\", capacity: {{ min: 1, max: 2 }} }}\n\
         services: {{ web: {{}}, worker: {{}} }}\nalerts: {alerts}\n\
         channels:\n  ops: {{ kind: slack, channel: \"#ops\", token: \"secretsmanager:headroom/slack\" }}\n  \
         oncall: {{ kind: pagerduty, routing_key: \"secretsmanager:headroom/pagerduty\" }}\n\
         routes:\n  - {{ environment: staging, to: [ops], severity_max: warn }}\n  - {{ severity: page, to: [oncall, ops] }}\n  \
         - {{ service: worker, to: [oncall] }}\n  - {{ to: [ops] }}\n"
    );
    parse(&text, "f").expect("a fleet")
}

fn of(notice: &Notice, label: &str) -> Notice {
    Notice { service: label.to_owned(), ..notice.clone() }
}

fn to(fleet: &Fleet, notice: &Notice) -> Vec<(String, Severity)> {
    ways(fleet, notice).into_iter().map(|way| (way.channel.name.clone(), way.severity)).collect()
}

#[tokio::test]
async fn the_table_of_severities_is_the_one_that_people_were_promised() {
    let (story, fleet) = (Story::of_the_night().await, fleet("{}"));
    let mut table = String::new();
    for kind in Kind::ALL {
        let card = story.card(kind);
        let severity = story.notice(kind).map_or(card.severity, |notice| loudness(&fleet, "prod-eu", &notice));
        let alert = alert_of(kind, severity).map_or("-", |alert| alert.name());
        writeln!(table, "{:<14} {:<8} {:<5} {alert}", kind.name(), kind.phase().name(), severity.name()).unwrap();
    }
    compare("channels/severities.txt", &table);
}

#[tokio::test]
async fn the_file_overrides_a_severity_and_leaves_the_others() {
    let story = Story::of_the_night().await;
    let fleet = fleet("{ did-not-help: { severity: warn }, scale-out: { severity: warn }, drift: { severity: info } }");
    let loud = |kind| loudness(&fleet, "prod-eu", &story.notice(kind).expect("a notice"));
    assert_eq!(loud(Kind::DidNotHelp), Severity::Warn);
    assert_eq!(loud(Kind::Opened), Severity::Warn);
    assert_eq!(loud(Kind::Drift), Severity::Info, "built as a page, the second in a row; the file's word holds");
    assert_eq!(loud(Kind::Denied), Severity::Page);
}

#[tokio::test]
async fn notices_go_by_environment_service_and_severity() {
    let (story, fleet) = (Story::of_the_night().await, fleet("{}"));
    let (page, info) = (story.notice(Kind::DidNotHelp).unwrap(), story.notice(Kind::Opened).unwrap());
    let ops = |severity| ("ops".to_owned(), severity);
    let oncall = |severity| ("oncall".to_owned(), severity);
    assert_eq!(to(&fleet, &of(&page, "staging/web")), [ops(Severity::Warn)], "capped");
    assert_eq!(to(&fleet, &of(&page, "prod-eu/web")), [oncall(Severity::Page), ops(Severity::Page)]);
    assert_eq!(to(&fleet, &of(&info, "prod-eu/worker")), [oncall(Severity::Info)]);
    assert_eq!(to(&fleet, &of(&info, "prod-eu/web")), [ops(Severity::Info)]);
    let closed = story.notice(Kind::Closed).unwrap();
    let closes = [ops(Severity::Info), oncall(Severity::Info)];
    assert_eq!(to(&fleet, &of(&closed, "prod-eu/web")), closes, "an alert that a page opened is closed");
    let follows: Vec<bool> = ways(&fleet, &of(&closed, "prod-eu/web")).iter().map(|way| way.follows).collect();
    assert_eq!(follows, [false, true]);
    let storm = story.notice(Kind::Storm).unwrap();
    assert_eq!(to(&fleet, &storm), [oncall(Severity::Page), ops(Severity::Page)], "of an environment as a whole");
    let itself = story.notice(Kind::Itself).unwrap();
    assert_eq!(to(&fleet, &itself), [oncall(Severity::Page), ops(Severity::Page)], "of no environment");
}
