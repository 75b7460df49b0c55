//! Foreign words: they mention nobody, are never longer than a service takes, and stay where `redact` says so.

use headroom_core::channel::pagerduty::{self, Event};
use headroom_core::channel::{Around, Card, amazon_q, email, mrkdwn, slack};
use headroom_core::entry::Entry;
use headroom_core::notice::{self, About, Kind, Notice, Severity};
use headroom_core::signal::AlarmState;
use headroom_core::signal::alarm::WatchedMetric;
use proptest::prelude::*;

use super::golden::{within_amazon_q, within_pagerduty, within_slack};
use super::notices::{Story, cpu};
use crate::fleets::{FIRES, at, cpu_alarm, langfuse_web};

const MENTIONS: &str =
    "<!channel> <!here|x> <@U012AB3CD> <#C01|ops> <!subteam^S1> @here @channel @everyone <https://x|y>";

/// Notices whose foreign words are these, and the entry behind them.
fn notices(words: &str) -> (Vec<Notice>, Entry) {
    let mut alarm = cpu_alarm(AlarmState::Alarm, at(FIRES), 95.0);
    alarm.name = words.to_owned();
    alarm.reason = Some(words.to_owned());
    alarm.metric = Some(WatchedMetric { name: words.to_owned(), ..cpu() });
    alarm.datapoints = vec![1.0, 2.0, 3.0];
    let decision = headroom_core::id::DecisionId("D-00000".to_owned());
    let incident = format!("prod-eu/web/cpu-high/{words}@1");
    let about = About { incident: &incident, label: "prod-eu/web", decision: &decision, now: at(FIRES) };
    let notices = vec![
        notice::told(&about, words, &alarm),
        notice::denied(&about, words),
        notice::failed(&about, words, words),
        notice::did_not_help(&about, words, words),
        notice::itself(&about, &alarm, true),
    ];
    let key = headroom_core::id::CaseKey("k".to_owned());
    let mode = headroom_core::fleet::Mode::Act;
    let web = crate::fleets::web();
    let mut entry = Entry::new(key, web, "prod-eu/web".to_owned(), words.to_owned(), mode, at(FIRES));
    entry.event = Some(alarm);
    (notices, entry)
}

fn cards(words: &str, redact: bool) -> Vec<Card> {
    let (notices, entry) = notices(words);
    let fleet = langfuse_web();
    let around = Around { service: Some(&fleet.services[0]), entry: Some(&entry), redact };
    notices.iter().map(|notice| Card::of(notice, notice.severity, around)).collect()
}

fn bodies(card: &Card) -> Vec<String> {
    let slack = [slack::post(card, "C1", false), slack::post(card, "C1", true), slack::webhook(card, false)];
    let q = amazon_q::body(card);
    slack.iter().map(slack_text).chain([format!("{}{}", q["content"]["title"], q["content"]["description"])]).collect()
}

/// What Slack reads markup in: everything but the metadata, which nobody is shown.
fn slack_text(body: &serde_json::Value) -> String {
    format!("{}{}", body["text"], body.get("attachments").cloned().unwrap_or_default())
}

#[test]
fn no_foreign_word_mentions_anybody() {
    for card in cards(MENTIONS, false) {
        for text in bodies(&card) {
            assert!(!mrkdwn::mentions(&text), "{text}");
            let foreign_link = text.contains("<https://x");
            assert!(!foreign_link, "{text}");
        }
    }
    assert!(mrkdwn::mentions(MENTIONS));
}

#[test]
fn an_environment_with_redact_sends_names_numbers_and_links_only() {
    const CANARY: &str = "canary-7f3a-the-words-of-a-log-line";
    let (notices, _) = notices(CANARY);
    for quoted in notices.iter().filter(|n| !n.quoted.is_empty()) {
        let quoting = Notice { title: "t".to_owned(), incident: "i".to_owned(), ..quoted.clone() };
        for (redact, told) in [(true, false), (false, true)] {
            let card = Card::of(&quoting, Severity::Page, Around { redact, ..Around::default() });
            let words = |body: String| body.contains(CANARY);
            let all = [
                email::text(&card),
                pagerduty::body(&card, Event::Trigger).to_string(),
                amazon_q::body(&card).to_string(),
            ];
            let said = bodies(&card).into_iter().chain(all).map(words).collect::<Vec<_>>();
            assert!(said.iter().all(|s| *s == told), "{:?} redact {redact}: {said:?}", quoted.kind);
        }
    }
    assert_eq!(notices.iter().filter(|n| !n.quoted.is_empty()).count(), 3);
}

#[tokio::test]
async fn redaction_takes_nothing_that_is_ours() {
    let story = Story::of_the_night().await;
    for kind in Kind::ALL {
        let Some(notice) = story.notice(kind) else { continue };
        let card = |redact| Card::of(&notice, notice.severity, Around { redact, ..Around::default() });
        let (open, redacted) = (card(false), card(true));
        let differ = open.lines.iter().zip(&redacted.lines).filter(|(a, b)| a != b).count();
        assert_eq!(differ, notice.quoted.len(), "{kind:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_the_words_each_service_takes_them(words in "(\\PC|[<>&@\\n]|<!here>|2026-11-23T02:30:32Z){0,60}", times in 1..200_usize) {
        for card in cards(&words.repeat(times), false) {
            within_slack(&slack::post(&card, "C1", false));
            within_slack(&slack::post(&card, "C1", true));
            within_pagerduty(&pagerduty::body(&card, Event::Trigger));
            within_amazon_q(&amazon_q::body(&card));
            prop_assert!(email::subject(&card.title).len() < 100);
            for text in bodies(&card) {
                prop_assert!(!mrkdwn::mentions(&text), "{}", text);
            }
        }
    }
}
