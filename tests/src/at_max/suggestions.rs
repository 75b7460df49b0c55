//! What the notice says is what the plan does, and a yes to it is read and decided again.

use headroom_core::decide::{Decision, Plan};
use headroom_core::entry::{Entry, Status};
use headroom_core::fleet::{Fleet, Mode};
use headroom_core::notice::Kind;
use headroom_core::person::NotApplied;
use headroom_pipeline::person::{Applied, apply, offer};

use super::play::{CALM, Play, SURGE, Setting, fleet, with_database};

/// Two minutes after max was reached, with nine tasks proposed, the load becomes another; within five it is not proposed
/// anew.
fn after(load: &str) -> [(&'static str, &str); 3] {
    [("00:00", CALM), ("01:00", SURGE), ("01:07", load)]
}

/// Another service, of two tasks, that uses the same database.
const INGESTION: &str = "service web-ingestion\n  ecs 222222222222 eu-west-1 prod-eu-cluster/prod-eu-web-ingestion\n  task 2 vcpu 4 GiB\n  \
                      tasks 2\n  bounds 2..10\n  load table\n    00:00 60/min 60ms\n";

fn suggested(play: &Play) -> Entry {
    let found = play.entries().into_iter().find(|entry| entry.status == Status::Suggested);
    found.unwrap_or_else(|| panic!("nothing waits:\n{}", play.transcript()))
}

/// The max that a plan raises to.
fn raise(entry: &Entry) -> Option<u32> {
    match entry.judgement.as_ref().map(|judgement| &judgement.decision) {
        Some(Decision::Act(Plan::Lease(grant))) => grant.lease.raise,
        _ => None,
    }
}

/// Says yes by this fleet file: it is refused with what differs, offered or done, and nothing is changed.
async fn differs(play: &Play, fleet: &Fleet) -> String {
    let suggestion = suggested(play);
    assert_eq!(raise(&suggestion), Some(9), "{}", play.transcript());
    let offered = offer(play.world(), fleet, &suggestion.key, "ana").await.unwrap();
    let done = apply(play.world(), fleet, &suggestion.key, "ana", "cli").await.unwrap();
    let (Err(NotApplied::Differs(offered)), Err(NotApplied::Differs(done))) = (&offered, &done) else {
        panic!("{offered:?} {done:?}")
    };
    assert_eq!(offered, done, "the question before the yes says the same");
    assert_eq!((play.max(), suggested(play).status), (6, Status::Suggested), "nothing is done, and it stays open");
    done.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[tokio::test]
async fn a_yes_is_refused_with_a_diff_when_the_need_is_gone() {
    let load = after("5400/min 60ms");
    let play = Play::new(&Setting { load: &load, ..Setting::default() }, |_| {}).minutes(70);
    let told = differs(&play, &fleet(Mode::Suggest)).await;
    assert_eq!(
        told,
        "what is done: proposed raise-max to 9, now nothing, already-coming: already coming: 6 needed, desired is 6"
    );
}

#[tokio::test]
async fn a_yes_is_refused_with_a_diff_when_more_is_asked_for() {
    let load = after("15000/min 60ms");
    let play = Play::new(&Setting { load: &load, ..Setting::default() }, |_| {}).minutes(70);
    let key = suggested(&play).key;
    let told = differs(&play, &fleet(Mode::Suggest)).await;
    assert_eq!(told, "lease: proposed max 9, now max 10", "sixteen, four at once");
    // What was proposed is carried out once it is again what is needed.
    play.world().change(0, |service, _, _| service.target.policies.tracking[0].target = 1_700.0);
    let yes = apply(play.world(), &fleet(Mode::Suggest), &key, "ana", "cli").await.unwrap();
    assert!(matches!(yes, Ok(Applied::Now(_))), "{yes:?}");
    assert_eq!(play.max(), 9);
}

#[tokio::test]
async fn a_yes_is_refused_with_a_diff_when_the_quota_is_spent_or_carries_less() {
    for (quota, told) in [
        (
            12.0,
            "what is done: proposed raise-max to 9, now nothing, vcpu-quota: vCPU quota: 12 of 12 in use, a task needs 2",
        ),
        (16.0, "lease: proposed max 9, now max 8"),
    ] {
        let play = Play::new(&Setting { account: "quota 100 vcpu\n", ..Setting::default() }, |_| {}).minutes(70);
        play.world().change(0, |_, account, _| account.vcpu_quota = Some(quota));
        assert_eq!(differs(&play, &fleet(Mode::Suggest)).await, told);
    }
}

#[tokio::test]
async fn a_yes_is_refused_with_a_diff_when_others_took_the_connections() {
    for (tasks, told) in [
        (4, "lease: proposed max 9, now max 8"),
        (
            6,
            "what is done: proposed raise-max to 9, now nothing, no-room: no room: 9 needed, at most 6 allowed by database \
             takes 300 connections, 25 a task: room up to 6, desired is 6",
        ),
    ] {
        let change = |fleet: &mut Fleet| with_database(fleet, 300, &["web", "web-ingestion"]);
        let play = Play::new(&Setting { others: INGESTION, ..Setting::default() }, change).minutes(70);
        play.world().change(1, |service, account, now| service.want(tasks, now, account));
        let mut fleet = fleet(Mode::Suggest);
        change(&mut fleet);
        assert_eq!(differs(&play, &fleet).await, told);
    }
}

#[tokio::test]
async fn the_same_free_connections_are_granted_to_one_of_two_services() {
    let change = |fleet: &mut Fleet| {
        with_database(fleet, 375, &["web", "web-ingestion"]);
        fleet.services.iter_mut().for_each(|service| service.capacity.ceiling = 15);
    };
    let other = INGESTION.replace("2..10", "2..6").replace("60/min", "8400/min").replace("tasks 2", "tasks 6");
    let other = other.replace("  load", "  track requests 1000 out 60s in 300s\n  load");
    let play = Play::new(&Setting { others: &other, ..Setting::default() }, change).minutes(70);
    let mut fleet = fleet(Mode::Suggest);
    change(&mut fleet);
    let open: Vec<Entry> = play.entries().into_iter().filter(|entry| entry.status == Status::Suggested).collect();
    let of = |label: &str| open.iter().rfind(|entry| entry.label == label).unwrap_or_else(|| panic!("{label}"));
    let (web, ingestion) = (of("prod-eu/web"), of("prod-eu/web-ingestion"));
    assert_eq!((raise(web), raise(ingestion)), (Some(9), Some(9)), "fifteen in all, and six of each run");
    let first = apply(play.world(), &fleet, &web.key, "ana", "cli").await.unwrap();
    assert!(matches!(first, Ok(Applied::Now(_))), "{first:?}");
    // Its three tasks are not there yet.
    let second = apply(play.world(), &fleet, &ingestion.key, "ben", "cli").await.unwrap();
    assert!(matches!(&second, Err(NotApplied::Differs(_))), "{second:?}");
}

#[tokio::test]
async fn a_yes_is_refused_with_a_diff_when_the_ceiling_is_another() {
    for (ceiling, told) in [
        (8, "lease: proposed max 9, now max 8"),
        (
            6,
            "what is done: proposed raise-max to 9, now nothing, no-room: no room: 9 needed, at most 6 allowed by ceiling 6, \
             desired is 6",
        ),
    ] {
        let play = Play::new(&Setting::default(), |_| {}).minutes(70);
        let mut fleet = fleet(Mode::Suggest);
        fleet.services.iter_mut().for_each(|service| service.capacity.ceiling = ceiling);
        assert_eq!(differs(&play, &fleet).await, told);
    }
}

#[tokio::test]
async fn a_yes_is_refused_with_a_diff_when_the_days_money_is_spent() {
    let play = Play::new(&Setting::default(), |_| {}).minutes(70);
    let mut fleet = fleet(Mode::Suggest);
    fleet.limits.added_cost_per_day_usd = Some(0.01);
    let told = differs(&play, &fleet).await;
    assert!(told.starts_with("what is done: proposed raise-max to 9, now nothing, cost-limit: "), "{told}");
}

#[tokio::test]
async fn a_yes_is_refused_with_a_diff_when_nobody_can_read_how_much_is_asked_for() {
    let play = Play::new(&Setting::default(), |_| {}).minutes(70);
    play.world().change(0, |service, _, _| service.target.policies.tracking.clear());
    // Auto Scaling's own word still says that one more is asked for; the plan was for three.
    assert_eq!(differs(&play, &fleet(Mode::Suggest)).await, "lease: proposed max 9, now max 7");
}

/// The notice of a play, and the max that its plan raises to.
fn proposal(change: impl Fn(&mut Fleet)) -> (String, String, Option<u32>) {
    let play = Play::new(&Setting::default(), change).minutes(70);
    let notice = play.newest(Kind::AtMax);
    let line = |label: &str| {
        let found = notice.lines.iter().find(|(of, _)| *of == label);
        found.map_or_else(|| panic!("no {label}:\n{}", play.transcript()), |(_, line)| line.clone())
    };
    (line("Proposal"), line("Cost"), raise(&suggested(&play)))
}

#[test]
fn the_proposal_is_what_the_plan_does_whatever_bounds_it() {
    let add_max = |tasks: u32| {
        move |fleet: &mut Fleet| {
            for service in &mut fleet.services {
                let raised = service.remedies.iter().cloned();
                service.remedies = raised.map(|r| headroom_core::fleet::Remedy { add_max: tasks, ..r }).collect();
            }
        }
    };
    let (text, cost, plan) = proposal(add_max(2));
    assert_eq!(plan, Some(8));
    assert!(text.starts_with("max 6 -> 8 for 2 h") && text.contains("of 9 that are asked for"), "{text}");
    assert!(text.contains("add_max 2: up to 8 at once"), "{text}");
    assert!(cost.starts_with("0.20 USD/h if all 2 run"), "{cost}");

    // An hour of a task is 0.10 USD, and the lease is of two hours: one task more fits into 0.30 USD.
    let (text, cost, plan) = proposal(|fleet| fleet.limits.added_cost_per_day_usd = Some(0.30));
    assert_eq!(plan, Some(7));
    assert!(text.starts_with("max 6 -> 7 for 2 h") && text.contains("of 0.30 USD: room up to 7"), "{text}");
    assert!(cost.starts_with("0.10 USD/h if all 1 run"), "{cost}");

    let (text, _, plan) = proposal(add_max(40));
    assert_eq!(plan, Some(9));
    assert!(text.starts_with("max 6 -> 9") && !text.contains("add_max"), "what holds nothing back is not told: {text}");
}
