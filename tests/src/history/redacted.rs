//! `redact: true`: what leaves the company holds names, numbers and times, and no words of AWS.

use headroom_core::decide::{Decision, Refusal};
use headroom_core::fleet::Action;
use headroom_core::history::{Incident, markdown};
use headroom_core::seen::Reading;

use crate::remedies::crew::{fires, with};

const WORDS: &str = "AccessDeniedException";

/// The export of the only decision.
fn exported(all: &[headroom_core::entry::Entry]) -> String {
    markdown(&Incident::of(&all[0], all))
}

#[tokio::test]
async fn an_export_shows_why_something_was_refused_unless_the_environment_is_redacted() {
    for redact in [false, true] {
        let (mut fleet, world) = with(Action::ForceNewDeployment);
        fleet.environments[0].redact = redact;
        fires(&fleet, &world, 0).await;
        let mut all = world.entries();
        let why = Refusal::Unseen { what: "the service".into(), why: format!("unreadable: {WORDS}: arn:aws:iam") };
        all[0].judgement.as_mut().unwrap().decision = Decision::Refuse(why);
        let text = exported(&all);
        assert_eq!(text.contains("not shown"), redact, "{text}");
        assert_eq!(text.contains(WORDS), !redact, "{text}");
        assert!(text.contains("prod-eu/web") && text.contains(&all[0].decision.0), "names stay: {text}");
    }
}

#[tokio::test]
async fn an_export_shows_what_could_not_be_read_and_the_guards_that_say_it_unless_redacted() {
    for redact in [false, true] {
        let (mut fleet, world) = with(Action::ForceNewDeployment);
        fleet.environments[0].redact = redact;
        fires(&fleet, &world, 0).await;
        let mut all = world.entries();
        let seen = all[0].seen.as_mut().unwrap();
        seen.load = Reading::Unreadable(WORDS.to_owned());
        let judgement = all[0].judgement.as_mut().unwrap();
        judgement.guards[0].saw = format!("by the event; unreadable: {WORDS}");
        let text = exported(&all);
        assert_eq!(text.contains(WORDS), !redact, "{text}");
    }
}
