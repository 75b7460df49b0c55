//! A need that grows while it is answered, and the next episode: neither waits for the half hour of a suggestion.

use headroom_core::at_max::Topic;
use headroom_core::entry::Status;
use headroom_core::fleet::Mode;
use headroom_core::notice::Kind;
use headroom_pipeline::person::{Applied, apply};

use super::play::{CALM, Play, SURGE, Setting, fleet, with_database};

/// It asks for nine tasks, and a quarter of an hour later for sixteen: more than the ceiling.
const GROWS: &[(&str, &str)] = &[("00:00", CALM), ("01:00", SURGE), ("01:15", "15500/min 60ms"), ("02:00", CALM)];

#[test]
fn in_mode_act_max_follows_a_need_that_grows_to_the_ceiling_and_goes_back_at_once() {
    let play = Play::new(&Setting { load: GROWS, mode: Mode::Act, ..Setting::default() }, |_| {}).minutes(35 + 60);
    assert_eq!(play.max(), 15, "{}", play.transcript());
    let raised = play.entries().into_iter().filter(|entry| entry.status == Status::Acted && entry.episode.is_none());
    let targets: Vec<u32> = raised.filter_map(|entry| entry.judgement?.decision.grant()?.lease.raise).collect();
    assert_eq!(targets, [9, 13, 15], "four at once, as often as the remedy rests: {}", play.transcript());
    let play = play.minutes(180);
    assert_eq!(play.max(), 6, "one lease, given back: {}", play.transcript());
    assert_eq!((play.told(Kind::Closed), play.episodes(Topic::AtMax).len()), (1, 1), "{}", play.transcript());
}

#[test]
fn a_notice_never_calls_done_what_is_not_asked_for_any_more() {
    let play = Play::new(&Setting { load: GROWS, mode: Mode::Act, ..Setting::default() }, |_| {}).minutes(95);
    for line in play.transcript().lines().filter(|line| line.contains("of 16 that are asked for")) {
        assert!(!line.contains("max 6 ->"), "the raise of before: {line}");
    }
    let mut proposal = None;
    for line in play.transcript().lines().map(str::trim) {
        if let Some(text) = line.strip_prefix("Proposal: max ") {
            proposal = text.split_whitespace().nth(2).and_then(|to| to.parse::<u32>().ok());
        }
        let Some(by) = line.strip_prefix("Done: by ") else { continue };
        let entry = play.entries().into_iter().find(|e| by.starts_with(e.decision.0.as_str())).unwrap();
        let raise = entry.judgement.and_then(|j| j.decision.grant()?.lease.raise);
        assert_eq!(raise, proposal, "{}", play.transcript());
    }
}

#[tokio::test]
async fn another_need_is_suggested_anew_and_the_older_suggestion_is_superseded() {
    let play = Play::new(&Setting { load: GROWS, ..Setting::default() }, |_| {}).minutes(85);
    let open: Vec<_> = play.entries().into_iter().filter(|entry| entry.status == Status::Suggested).collect();
    let [old, new] = &open[..] else { panic!("{open:#?}") };
    let yes = |key| apply(play.world(), Box::leak(Box::new(fleet(Mode::Suggest))), key, "ana", "cli");
    let told = yes(&old.key).await.unwrap().unwrap_err().to_string();
    assert!(told.starts_with("superseded"), "{told}");
    let done = yes(&new.key).await.unwrap();
    assert!(matches!(done, Ok(Applied::Now(_))), "{done:?}");
    assert_eq!(play.max(), 10, "of sixteen, four at once");
    // The notice names the one that a yes would carry out.
    assert!(play.transcript().contains(&format!("headroom apply {}", new.decision.0)), "{}", play.transcript());
}

#[test]
fn a_need_that_swings_is_suggested_as_often_as_the_remedy_rests_and_no_oftener() {
    let mut load = vec![("00:00", CALM), ("01:00", SURGE)];
    let minutes: Vec<String> = (10..40).map(|minute| format!("01:{minute}")).collect();
    let swings = ["9600/min 60ms", SURGE];
    load.extend(minutes.iter().zip(swings.iter().cycle()).map(|(at, demand)| (at.as_str(), *demand)));
    let play = Play::new(&Setting { load: &load, ..Setting::default() }, |_| {}).minutes(100);
    let mut times: Vec<i64> = Vec::new();
    for entry in play.entries().into_iter().filter(|entry| entry.episode.is_none() && entry.remedy == "at-max") {
        assert!(matches!(entry.status, Status::Suggested | Status::Expired), "{entry:#?}");
        times.push(entry.at.as_second());
    }
    times.sort_unstable();
    assert!(times.len() > 2 && times.windows(2).all(|pair| pair[1] - pair[0] >= 300), "{times:?}");
}

#[test]
fn what_was_met_for_hours_is_decided_as_soon_as_it_is_not() {
    // At max and content for two hours, then more is asked for: the event of then is no older than its look.
    let load = [("00:00", "6000/min 60ms"), ("02:00", SURGE)];
    let setting = Setting { tasks: 6, load: &load, mode: Mode::Act, ..Setting::default() };
    let play = Play::new(&setting, |_| {}).minutes(130);
    assert_eq!(play.max(), 9, "{}", play.transcript());
    assert!(play.entries().iter().all(|entry| entry.status != Status::Deferred), "{}", play.transcript());
}

#[test]
fn the_next_surge_is_an_episode_of_its_own() {
    let load = [("00:00", CALM), ("01:00", SURGE), ("02:00", CALM), ("04:00", SURGE), ("05:00", CALM)];
    let play = Play::new(&Setting { load: &load, ..Setting::default() }, |_| {}).minutes(7 * 60);
    assert_eq!(play.episodes(Topic::AtMax).len(), 2, "{}", play.transcript());
    let told = |kind| (play.told(kind), play.incidents(kind));
    for kind in [Kind::AtMax, Kind::AtMaxPaged, Kind::EpisodeOver] {
        assert_eq!(told(kind), (2, 2), "{}: {}", kind.name(), play.transcript());
    }
}

#[test]
fn in_mode_act_nothing_is_raised_where_the_quota_or_a_database_is_spent() {
    for (quota, connections) in [(12, 10_000), (1_000, 150)] {
        let account = format!("quota {quota} vcpu\n");
        let setting = Setting { account: &account, mode: Mode::Act, ..Setting::default() };
        let play = Play::new(&setting, |fleet| with_database(fleet, connections, &["web"])).minutes(110);
        assert_eq!((play.max(), play.told(Kind::AtMaxBlocked)), (6, 1), "{}", play.transcript());
        assert!(play.entries().iter().all(|entry| entry.changes.is_empty()), "{}", play.transcript());
    }
    // Room for two more: those are granted, and the rest is not promised.
    let setting = Setting { account: "quota 16 vcpu\n", mode: Mode::Act, ..Setting::default() };
    let play = Play::new(&setting, |_| {}).minutes(110);
    assert_eq!(play.max(), 8, "{}", play.transcript());
}
