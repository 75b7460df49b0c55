//! Each way to come to a max, and to leave it: one episode, one notice of each kind, with golden texts.

use headroom_core::at_max::{Stage, Topic};
use headroom_core::entry::Status;
use headroom_core::fleet::Mode;
use headroom_core::id::CaseKey;
use headroom_core::notice::{Kind, Notice};
use headroom_core::report::{markdown, report, text};
use headroom_pipeline::Clock as _;
use headroom_pipeline::person::{Applied, apply};
use jiff::SignedDuration;

use super::play::{CALM, Play, SURGE, Setting, fleet, with_database};
use crate::golden::compare;

fn golden(name: &str, play: &Play) {
    compare(&format!("at_max/{name}.txt"), &play.transcript());
}

/// One episode of the topic, and it is over.
fn one_that_ended(play: &Play, topic: Topic) {
    let stages: Vec<Stage> = play.episodes(topic).iter().map(|episode| episode.stage).collect();
    assert_eq!(stages, [Stage::Ended], "{}", play.transcript());
    assert_eq!(play.told(Kind::EpisodeOver), 1, "{}", play.transcript());
}

/// A surge of an hour that asks for nine tasks, where max is six.
fn reached() -> Play {
    Play::new(&Setting::default(), |_| {}).minutes(4 * 60)
}

fn reached_only() -> Play {
    Play::new(&Setting::default(), |_| {}).minutes(70)
}

fn blocked() -> Play {
    let play = Play::new(&Setting::default(), |fleet| {
        fleet.services.iter_mut().for_each(|service| service.capacity.ceiling = 6);
    });
    play.minutes(4 * 60)
}

fn failed() -> Play {
    let play =
        Play::new(&Setting { load: &[("00:00", CALM), ("02:00", "2300/min 60ms")], ..Setting::default() }, |_| {});
    // From a quarter past one until half past two ECS takes no desired count; at two one more is wanted.
    let play = play.minutes(75);
    play.world().change(0, |service, _, _| service.target.failing = true);
    let play = play.minutes(75);
    play.world().change(0, |service, _, _| service.target.failing = false);
    play.minutes(60)
}

fn flapping() -> Play {
    let policies = "  step out requests > 1000 1 of 1 change 0..:+2 cooldown 60s\n  \
                    step in requests < 900 1 of 1 change ..0:-2 cooldown 60s\n";
    let setting = Setting {
        tasks: 3,
        bounds: (2, 10),
        policies,
        load: &[("00:00", "3400/min 60ms"), ("00:40", "1000/min 60ms")],
        ..Setting::default()
    };
    Play::new(&setting, |_| {}).minutes(3 * 60)
}

fn still_high() -> Play {
    // Scale-out is suspended by somebody: the policy tracks, and nothing follows.
    let policies = "  track cpu 50% out 60s in 300s\n  suspend out\n";
    let setting = Setting {
        policies,
        load: &[("00:00", CALM), ("01:00", "3400/min 60ms"), ("02:00", CALM)],
        ..Setting::default()
    };
    Play::new(&setting, |_| {}).minutes(3 * 60)
}

/// It rises to nine of ten tasks, and goes again.
const NEARLY: &[(&str, &str)] =
    &[("00:00", "3000/min 60ms"), ("01:00", "3000/min 60ms"), ("02:15", "8800/min 60ms"), ("02:20", CALM)];

fn early() -> Play {
    let load = [("00:00", "3000/min 60ms"), ("01:00", "3000/min 60ms"), ("02:20", "9400/min 60ms"), ("02:30", CALM)];
    let setting =
        Setting { bounds: (2, 10), tasks: 3, shape: "table linear", load: &load, events: false, ..Setting::default() };
    Play::new(&setting, |_| {}).minutes(4 * 60)
}

/// One notice of every kind, for the channels. On a thread of its own: a play is deep where nothing is optimized, and so is
/// who asks for it.
pub(crate) fn one_of_each() -> Vec<Notice> {
    std::thread::spawn(play_each).join().expect("played")
}

fn play_each() -> Vec<Notice> {
    let told = |play: &Play, kinds: &[Kind]| kinds.iter().map(|kind| play.newest(*kind)).collect::<Vec<_>>();
    [
        told(&reached(), &[Kind::AtMax, Kind::AtMaxGoesOn, Kind::AtMaxPaged, Kind::EpisodeOver]),
        told(&blocked(), &[Kind::AtMaxBlocked]),
        told(&early(), &[Kind::NearMax]),
        told(&failed(), &[Kind::ScalingFailed]),
        told(&flapping(), &[Kind::Flapping]),
        told(&still_high(), &[Kind::StillHigh]),
    ]
    .concat()
}

#[test]
fn max_is_reached_and_left_in_one_episode() {
    let play = reached();
    one_that_ended(&play, Topic::AtMax);
    assert_eq!((play.told(Kind::AtMax), play.told(Kind::AtMaxPaged), play.told(Kind::AtMaxBlocked)), (1, 1, 0));
    assert_eq!(play.max(), 6, "only suggested");
    golden("reached_and_left", &play);
}

#[test]
fn in_mode_act_max_is_raised_to_what_is_asked_for_and_goes_back() {
    let play = Play::new(&Setting { mode: Mode::Act, ..Setting::default() }, |_| {}).minutes(4 * 60);
    one_that_ended(&play, Topic::AtMax);
    assert_eq!((play.told(Kind::Opened), play.told(Kind::Closed), play.told(Kind::AtMaxPaged)), (1, 1, 0));
    assert_eq!(play.max(), 6, "given back");
    golden("raised", &play);
}

/// The suggestion that waits, and the fleet that it was made by.
fn waiting(play: &Play) -> CaseKey {
    let found = play.entries().into_iter().find(|entry| entry.status == Status::Suggested);
    found.unwrap_or_else(|| panic!("nothing waits:\n{}", play.transcript())).key
}

#[tokio::test]
async fn a_person_who_says_yes_raises_max_and_one_who_is_late_is_refused() {
    let play = reached_only();
    let key = waiting(&play);
    let yes = apply(play.world(), &fleet(Mode::Suggest), &key, "ana", "cli").await.unwrap();
    assert!(matches!(yes, Ok(Applied::Now(_))), "{yes:?}");
    assert_eq!(play.max(), 9);
    let again = apply(play.world(), &fleet(Mode::Suggest), &key, "ben", "cli").await.unwrap();
    assert!(matches!(again, Ok(Applied::Before(..))), "{again:?}");

    let play = reached_only();
    let key = waiting(&play);
    // The load has gone meanwhile: the plan would differ, so nothing is done.
    play.world().change(0, |service, account, now| service.want(3, now, account));
    let late = apply(play.world(), &fleet(Mode::Suggest), &key, "ana", "cli").await.unwrap();
    assert!(late.is_err(), "{late:?}");
    assert_eq!(play.max(), 6);
}

#[test]
fn in_mode_observe_nothing_is_proposed_and_people_are_told() {
    let play = Play::new(&Setting { mode: Mode::Observe, ..Setting::default() }, |_| {}).minutes(4 * 60);
    one_that_ended(&play, Topic::AtMax);
    assert!(play.entries().iter().all(|entry| entry.status != Status::Suggested && entry.status != Status::Acted));
    assert!(play.transcript().contains("raising max is `observe` here"), "{}", play.transcript());
}

#[test]
fn a_service_that_sits_at_max_from_the_start_is_found_without_an_event() {
    let load = [("00:00", SURGE), ("01:30", CALM)];
    let setting = Setting { tasks: 6, load: &load, events: false, ..Setting::default() };
    let play = Play::new(&setting, |_| {}).minutes(3 * 60);
    one_that_ended(&play, Topic::AtMax);
    assert!(play.first(Kind::AtMax).is_some_and(|minute| minute <= 16), "{}", play.transcript());
    golden("from_the_start", &play);
}

#[test]
fn an_event_that_is_lost_delays_the_notice_by_a_quarter_of_an_hour_at_most() {
    let heard = Play::new(&Setting::default(), |_| {}).minutes(4 * 60);
    let lost = Play::new(&Setting { events: false, ..Setting::default() }, |_| {}).minutes(4 * 60);
    one_that_ended(&lost, Topic::AtMax);
    let (heard, lost_at) = (heard.first(Kind::AtMax).unwrap(), lost.first(Kind::AtMax).unwrap());
    assert!((0..=15).contains(&(lost_at - heard)), "heard {heard}, lost {lost_at}");
    golden("event_lost", &lost);
}

#[test]
fn a_quota_that_is_spent_pages_at_once() {
    let setting = Setting { account: "quota 12 vcpu\n", ..Setting::default() };
    let play = Play::new(&setting, |_| {}).minutes(4 * 60);
    one_that_ended(&play, Topic::AtMax);
    assert_eq!((play.told(Kind::AtMaxBlocked), play.told(Kind::AtMaxPaged)), (1, 0), "{}", play.transcript());
    assert!(play.entries().iter().all(|entry| entry.status != Status::Suggested), "nothing is proposed");
    golden("quota_spent", &play);
}

#[test]
fn a_quota_with_room_for_some_proposes_those() {
    let setting = Setting { account: "quota 16 vcpu\n", ..Setting::default() };
    let play = Play::new(&setting, |_| {}).minutes(90);
    assert!(play.transcript().contains("max 6 -> 8"), "{}", play.transcript());
}

#[test]
fn a_day_whose_cost_is_spent_pages_at_once() {
    let play = Play::new(&Setting::default(), |fleet| fleet.limits.added_cost_per_day_usd = Some(0.01));
    let play = play.minutes(70);
    assert_eq!((play.told(Kind::AtMaxBlocked), play.told(Kind::AtMax)), (1, 0), "{}", play.transcript());
    assert!(
        play.transcript().contains("nothing is left between max 6 and cost limit reached: 0.59 USD more"),
        "{}",
        play.transcript()
    );
}

#[test]
fn the_ceiling_pages_at_once() {
    let play = blocked();
    one_that_ended(&play, Topic::AtMax);
    assert_eq!(play.told(Kind::AtMaxBlocked), 1, "{}", play.transcript());
    golden("ceiling", &play);
}

#[test]
fn connections_of_a_database_bound_the_proposal() {
    let play = Play::new(&Setting::default(), |fleet| with_database(fleet, 175, &["web"]));
    let play = play.minutes(4 * 60);
    one_that_ended(&play, Topic::AtMax);
    assert!(play.transcript().contains("max 6 -> 7"), "{}", play.transcript());
    golden("downstream", &play);
}

#[test]
fn a_scaling_activity_that_fails_pages_once_and_closes_with_the_next_success() {
    let play = failed();
    one_that_ended(&play, Topic::ScalingFailed);
    assert_eq!(play.told(Kind::ScalingFailed), 1, "{}", play.transcript());
    golden("failed_activity", &play);
}

#[test]
fn scaling_that_is_tried_no_more_is_not_said_to_work_again() {
    let load = [("00:00", CALM), ("02:00", "2300/min 60ms"), ("02:20", CALM)];
    let play = Play::new(&Setting { load: &load, ..Setting::default() }, |_| {}).minutes(75);
    play.world().change(0, |service, _, _| service.target.failing = true);
    let play = play.minutes(300);
    one_that_ended(&play, Topic::ScalingFailed);
    let over = play.newest(Kind::EpisodeOver).title;
    assert!(over.contains("whether scaling works is unknown"), "{over}");
}

#[test]
fn a_warning_that_lasts_stays_a_warning() {
    let load = [("00:00", "3000/min 60ms"), ("01:00", "3000/min 60ms"), ("04:00", "9000/min 60ms"), ("04:01", CALM)];
    let setting =
        Setting { bounds: (2, 10), tasks: 3, shape: "table linear", load: &load, events: false, ..Setting::default() };
    let play = Play::new(&setting, |_| {}).minutes(4 * 60);
    assert_eq!((play.told(Kind::AtMax), play.told(Kind::AtMaxGoesOn)), (0, 0), "{}", play.transcript());
    assert!(play.told(Kind::NearMax) > 1 && play.incidents(Kind::NearMax) == 1, "{}", play.transcript());
}

#[test]
fn tasks_that_are_added_and_removed_in_turn_are_told_once() {
    let play = flapping();
    one_that_ended(&play, Topic::Flapping);
    assert_eq!(play.told(Kind::Flapping), 1, "{}", play.transcript());
    golden("flapping", &play);
}

#[test]
fn a_load_that_stays_high_below_max_in_spite_of_its_policy_pages() {
    let play = still_high();
    one_that_ended(&play, Topic::StillHigh);
    assert_eq!(play.told(Kind::StillHigh), 1, "{}", play.transcript());
    golden("still_high", &play);
}

#[test]
fn memory_and_requests_that_stay_high_are_found_by_the_alarms_of_their_policies() {
    for (policy, load) in [
        ("  memory 2000 MiB + 4 MiB/request\n  track memory 35%", "2400/min 60ms"),
        ("  track requests 1000", "2600/min 60ms"),
    ] {
        let policies = format!("{policy} out 60s in 300s\n  suspend out\n");
        let load = [("00:00", CALM), ("01:00", load)];
        let setting = Setting { policies: &policies, load: &load, events: false, ..Setting::default() };
        let play = Play::new(&setting, |_| {}).minutes(2 * 60);
        // Told again each hour while it lasts.
        assert_eq!(play.episodes(Topic::StillHigh).len(), 1, "{policy}: {}", play.transcript());
        assert!(play.told(Kind::StillHigh) >= 1, "{policy}: {}", play.transcript());
        // CPU is low all the time: a target, and a fifth, are far away.
        assert!(!play.transcript().contains("CPU"), "{}", play.transcript());
    }
}

#[test]
fn minutes_at_max_are_in_the_report_and_a_warning_is_none_of_them() {
    let from_the_start = |play: &Play| {
        let end = play.world().now();
        report(&play.entries(), false, end - SignedDuration::from_hours(4), end)
    };
    let over = from_the_start(&reached());
    let [of] = &over.at_max[..] else { panic!("{:?}", over.at_max) };
    // From shortly after one until shortly after two, when the load went.
    assert_eq!((of.service.as_str(), of.episodes), ("prod-eu/web", 1));
    assert!((55..=62).contains(&of.minutes), "{of:?}");
    assert!(text(&over).contains(&format!("at max     {0} minutes: prod-eu/web {0} in one episode", of.minutes)));
    assert!(markdown(&over).contains("## At max"), "{}", markdown(&over));
    assert!(over.lines.iter().all(|line| line.did.waiting == 0), "an episode is no case that waits: {:?}", over.lines);

    let goes_on = from_the_start(&reached_only());
    assert!((3..=8).contains(&goes_on.at_max[0].minutes), "{:?}", goes_on.at_max);
    let half = {
        let end = goes_on.until;
        report(&reached_only().entries(), false, end - SignedDuration::from_mins(2), end)
    };
    assert!(half.at_max.iter().all(|of| of.minutes <= 2), "{:?}", half.at_max);

    let warned = Play::new(
        &Setting {
            bounds: (2, 10),
            tasks: 3,
            shape: "table linear",
            load: NEARLY,
            events: false,
            ..Setting::default()
        },
        |_| {},
    );
    let warned = warned.minutes(3 * 60);
    assert_eq!((warned.told(Kind::NearMax), warned.told(Kind::AtMax)), (1, 0), "{}", warned.transcript());
    assert_eq!(from_the_start(&warned).at_max, []);
}

#[test]
fn the_cost_of_a_proposal_is_the_arithmetic_of_the_fleets_prices() {
    // x86 Fargate in us-east-1: 0.04048 USD for a vCPU and 0.004445 USD for a GB an hour; three tasks of 2 vCPU and 4 GiB.
    let an_hour = 3.0 * (2.0 * 0.04048 + 4.0 * 0.004445);
    let play = reached_only();
    let notice = play.newest(Kind::AtMax);
    let (_, cost) = notice.lines.iter().find(|(label, _)| *label == "Cost").unwrap();
    let expected = format!("{an_hour:.2} USD/h if all 3 run, {:.2} USD for 2 h", 2.0 * an_hour);
    assert!(cost.starts_with(&expected), "{cost}, expected {expected}");
    assert!(cost.contains("us-east-1 list prices") && cost.contains("none are known for eu-west-1"), "{cost}");
}

#[test]
fn a_rise_towards_max_is_warned_of_before_max_is_reached() {
    let play = early();
    assert_eq!(play.told(Kind::NearMax), 1, "{}", play.transcript());
    assert!(
        play.first(Kind::NearMax) < play.first(Kind::AtMax) || play.first(Kind::AtMax).is_none(),
        "{}",
        play.transcript()
    );
    golden("early_warning", &play);
}

#[test]
fn a_service_of_a_fixed_size_is_no_news_until_more_is_asked_for() {
    let setting = Setting { tasks: 3, bounds: (3, 3), load: &[("00:00", "2900/min 60ms")], ..Setting::default() };
    let play = Play::new(&setting, |_| {}).minutes(2 * 60);
    assert!(play.episodes(Topic::AtMax).is_empty(), "{}", play.transcript());
}

#[test]
fn a_metric_that_dies_at_max_ends_no_episode() {
    let play =
        Play::new(&Setting { load: &[("00:00", CALM), ("01:00", SURGE)], ..Setting::default() }, |_| {}).minutes(90);
    play.world().change(0, |service, _, _| service.metrics.silent = true);
    let play = play.minutes(60);
    assert_eq!(play.episodes(Topic::AtMax).len(), 1);
    assert_eq!(play.told(Kind::EpisodeOver), 0, "{}", play.transcript());
    assert_eq!(play.told(Kind::AtMaxPaged), 1, "{}", play.transcript());
}
