//! The night of LFE-7918, minute by minute: only the requests policy exists, CPU is what hurts.

use std::fmt::Write;

use headroom_core::decide::Decision;
use headroom_core::entry::{Entry, Status};
use headroom_core::notice::sentence;
use headroom_core::signal::AlarmState;
use headroom_pipeline::{on_alarm, sweep};

use crate::fleets::{at, cpu_alarm, langfuse_web, web};
use crate::golden;
use crate::world::World;

/// 2026-11-23 01:55:00 UTC.
const START: i64 = 1_795_398_900;
const MINUTES: i64 = 155;

/// Tasks' worth of CPU, as FLEETS has it by the hour: 50 %, 95 %, 92 %, 45 % on two tasks.
fn demand(minute: i64) -> f64 {
    match minute {
        ..5 => 1.0,
        5..65 => 1.9,
        65..125 => 1.84,
        _ => 0.9,
    }
}

/// Requests per minute of the whole service: 850 per target on two.
const REQUESTS: f64 = 1_700.0;

struct Night {
    world: World,
    text: String,
    breaching: u32,
    low: u32,
    alarm: AlarmState,
    told: usize,
}

impl Night {
    fn line(&mut self, minute: i64, text: &str) {
        let clock = at(START + minute * 60).strftime("%H:%M").to_string();
        writeln!(self.text, "{clock}  {text}").unwrap();
    }

    /// What Application Auto Scaling does by the requests policy alone: in after 15 low minutes.
    fn scale_by_requests(&mut self) {
        let aws = self.world.aws(&web());
        let per_target = REQUESTS / f64::from(aws.running);
        self.low = if per_target < 900.0 { self.low + 1 } else { 0 };
        if self.low >= 15 {
            let need = headroom_core::remedy::ratio(aws.running, per_target, 1_000.0).tasks;
            let desired = need.clamp(aws.min, aws.max).min(aws.desired);
            self.world.service(&web(), |s| s.desired = desired);
        }
    }

    async fn minute(&mut self, minute: i64) {
        let fleet = langfuse_web();
        self.world.set_now(at(START + minute * 60 + 31));
        let before = self.world.aws(&web());
        // A task that was asked for in the last minute runs now.
        self.world.service(&web(), |s| s.running = s.desired);
        let running = self.world.aws(&web()).running;
        let cpu = demand(minute) / f64::from(running) * 100.0;
        self.world.metric(&web(), "CPUUtilization", cpu, Some(running));
        self.scale_by_requests();
        self.breaching = if cpu > 85.0 { self.breaching + 1 } else { 0 };
        let state = if self.breaching >= 2 { AlarmState::Alarm } else { AlarmState::Ok };
        if running != before.running || minute == 0 {
            self.line(minute, &format!("TASKS    {running} running   CPU {cpu:.0} %"));
        }
        let was = std::mem::replace(&mut self.alarm, state);
        self.world.alarm("prod-eu-web-cpu-high", state);
        if was != state {
            self.line(minute, &format!("EVENT    {} -> {}, CPU {cpu:.1} %", was.name(), state.name()));
            let event = cpu_alarm(state, self.world_now(), cpu);
            on_alarm(&self.world, &fleet, &event, &format!("event-{minute}")).await.unwrap();
        }
        sweep(&self.world, &fleet, &format!("sweep-{minute}")).await.unwrap();
        self.tell(minute);
    }

    fn world_now(&self) -> jiff::Timestamp {
        headroom_pipeline::Clock::now(&self.world)
    }

    fn tell(&mut self, minute: i64) {
        let mut entries: Vec<Entry> = self.world.entries();
        entries.sort_by_key(|e| (e.at, e.key.clone()));
        let news: Vec<String> = entries.iter().filter(|e| e.at == self.world_now()).map(described).collect();
        for line in news {
            self.line(minute, &line);
        }
        let messages = self.world.messages();
        for message in &messages[self.told..] {
            self.line(minute, &format!("NOTICE   {}", message.title));
        }
        self.told = messages.len();
    }
}

fn described(entry: &Entry) -> String {
    let need = entry.judgement.as_ref().and_then(|j| j.need).map(|n| format!(": {n}")).unwrap_or_default();
    match entry.judgement.as_ref().map(|j| &j.decision) {
        Some(Decision::Act(_)) => format!("DECIDED  {} -> {}{need}", entry.remedy, sentence(&entry.changes)),
        Some(other) => format!("DECIDED  {} -> {other:?}", entry.remedy),
        None if entry.status == Status::Noted => format!("NOTED    {}: the lease is looked at again", entry.remedy),
        None => format!("KEPT     {}", sentence(&entry.changes)),
    }
}

/// The whole night, and what there was to see of it.
pub(crate) async fn played() -> (World, String) {
    let world = World::new(at(START), None).with_service(&web(), 2, 10);
    let mut night = Night { world, text: String::new(), breaching: 0, low: 0, alarm: AlarmState::Ok, told: 0 };
    for minute in 0..MINUTES {
        night.minute(minute).await;
    }
    (night.world, night.text)
}

#[tokio::test]
async fn the_langfuse_night_has_exactly_one_raise_and_one_return() {
    let (world, text) = played().await;
    assert_eq!(sentence(&world.mutations()), "min 2 -> 3, min 3 -> 2", "one raise, one return");
    let aws = world.aws(&web());
    assert_eq!((aws.min, aws.max, aws.running), (2, 10, 2), "everything is back");
    assert!(world.state(&web()).service.kept.is_none(), "restored and verified");
    let incidents: std::collections::BTreeSet<_> = world.messages().into_iter().map(|m| m.incident).collect();
    assert_eq!(incidents.len(), 1, "one thread");
    let told = world.messages().first().map(headroom_core::notice::Notice::text).unwrap_or_default();
    let cure = "aws application-autoscaling put-scaling-policy --region eu-west-1 --service-namespace ecs";
    assert!(told.contains(cure) && told.contains("prod-eu-web-cpu-tracking-policy"), "{told}");
    golden::compare("scripts/langfuse_night.txt", &text);
}
