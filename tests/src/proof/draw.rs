//! Stories at random, by a seed.

use headroom_core::fleet::Mode;
use headroom_simulator::delivery::Chances;
use headroom_simulator::random::Random;

use super::story::{Act, Build, Cure, DAY, Fault, Happens, Kind, Plan, Port, Story};

/// Bursts a day of the first service: each fires an alarm and lets it go quiet again, so that a day has its
/// events (`property::EVENTS_MIN`) whatever else happens in it.
const BURSTS_MIN: i64 = 14;
/// Faults a day that wait for any call; the reconciler makes one each minute, so each of them happens.
const FAULTS_MIN: i64 = 12;

/// Draws by a seed.
pub(crate) struct Dice(Random);

impl Dice {
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Self(Random::new(seed, stream))
    }

    /// `least` to `most`, both included.
    pub(crate) fn between(&mut self, least: i64, most: i64) -> i64 {
        let span = u64::try_from(most - least + 1).unwrap_or(1).max(1);
        least + i64::try_from(self.0.next() % span).unwrap_or(0)
    }

    pub(crate) fn count(&mut self, least: u32, most: u32) -> u32 {
        u32::try_from(self.between(i64::from(least), i64::from(most))).unwrap_or(least)
    }

    pub(crate) fn percent(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }

    pub(crate) fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.between(0, from.len() as i64 - 1)).unwrap_or(0)]
    }
}

/// Draws a story of so many days with at most so many services.
pub(crate) fn story(seed: u64, days: i64) -> Story {
    let mut dice = Dice::new(seed, 1);
    let services: Vec<Plan> = (0..dice.count(1, 6)).map(|number| plan(&mut dice, number, days)).collect();
    let mut story = Story {
        seed,
        minutes: days * DAY / 60,
        limits: dice.pick(&[(6, 20), (2, 5), (1, 3), (12, 40)]),
        modes: [
            dice.pick(&[Mode::Act, Mode::Act, Mode::Act, Mode::Observe]),
            dice.pick(&[Mode::Act, Mode::Act, Mode::Suggest]),
        ],
        services,
        acts: Vec::new(),
        faults: Vec::new(),
        chances: Chances {
            twice_percent: dice.pick(&[0, 20, 50]),
            copies: dice.count(2, 6),
            late_percent: dice.pick(&[0, 10, 40]),
            late_max: dice.pick(&[10, 120, 900]),
            never_percent: 0,
        },
        freeze: None,
        cost: dice.pick(&[None, None, Some("0.02"), Some("0.2"), Some("2")]),
        quota: dice.pick(&[None, None, None, Some(12), Some(30)]),
    };
    if dice.percent(30) {
        let from = dice.between(0, story.minutes - 300);
        story.freeze = Some((from, from + dice.between(20, 240)));
    }
    for day in 0..days {
        for plan in story.services.clone() {
            acts(&mut dice, &plan, day * DAY, &mut story.acts);
        }
        faults(&mut dice, day * DAY, &mut story.faults);
    }
    story.acts.sort_by_key(|h| (h.at, h.service));
    story.faults.sort_by_key(|f| f.from);
    story
}

fn plan(dice: &mut Dice, number: u32, days: i64) -> Plan {
    let min = dice.pick(&[0, 1, 1, 2, 2, 3, 5]);
    let max = min + dice.count(1, 10);
    let ceiling = max + dice.pick(&[0, 0, 2, 5]);
    let tasks = dice.count(min, max.min(min + 3)).max(1);
    let lines = lines(dice, number, (min, max, tasks), days);
    let remedies = remedies(dice, number, lines.iter().any(|l| scales_in(l)));
    let depends = dice.percent(20);
    Plan { number, environment: usize::from(dice.percent(35)), min, max, ceiling, tasks, lines, remedies, depends }
}

/// A policy that takes tasks away once the load is gone: without one, what Application Auto Scaling adds under a raised
/// max stays, and the max above it with it (SEMANTICS 1).
fn scales_in(line: &str) -> bool {
    line.starts_with("step in") || (line.starts_with("track") && !line.ends_with("no-scale-in"))
}

fn lines(dice: &mut Dice, number: u32, (min, max, tasks): (u32, u32, u32), days: i64) -> Vec<String> {
    let mut lines = vec![
        format!("starts {}s..{}s", dice.between(20, 40), dice.between(41, 90)),
        format!("noise {}%", dice.pick(&[0, 2, 10])),
        format!(
            "alarm e0-s{number}-burning cpu > 80% 1 of 2 missing {}",
            dice.pick(&["breaching", "missing", "ignore"])
        ),
        format!("alarm e1-s{number}-burning cpu > 80% 1 of 2 missing {}", dice.pick(&["breaching", "notBreaching"])),
        format!("alarm e0-s{number}-hung cpu > 90% 1 of 1 missing missing"),
        format!("alarm e1-s{number}-hung cpu > 90% 1 of 1 missing missing"),
    ];
    for (short, cpu) in [("full", 85), ("flaps", 60), ("stuck", 95)] {
        for environment in 0..2 {
            lines.push(format!("alarm e{environment}-s{number}-{short} cpu > {cpu}% 1 of 1 missing missing"));
        }
    }
    // Some policy must be able to scale in, or every floor is refused (SEMANTICS 22); now and then none can.
    match dice.between(0, 9) {
        0 => lines.push("track cpu 70% no-scale-in".into()),
        1..=3 => lines.push("track cpu 70% out 60s in 300s".into()),
        4..=5 => lines.push("step in requests < 100 5 of 5 change ..0:-1 cooldown 300s".into()),
        6..=8 => lines.push("track requests 2000 out 60s in 120s".into()),
        _ => {}
    }
    if dice.percent(25) {
        let (low, high) = (min + dice.count(0, 2), min + dice.count(0, 4));
        for (hour, min) in [(8, high), (20, low)] {
            lines.push(format!("schedule cron(0 {hour} * * ? *) min {} max {max}", min.min(max)));
        }
    }
    // A task carries 1,000 requests a minute of 60 ms on its one vCPU.
    let at_rest = i64::from(tasks) * 1_000;
    let least = at_rest * dice.between(5, 40) / 100;
    let most = least + at_rest * dice.between(0, 60) / 100;
    lines.push(format!("load daily {least}/min..{most}/min peak {:02}:00 work 60ms", dice.between(0, 23)));
    if dice.percent(30) {
        let hour = dice.between(1, 20);
        lines.push(format!(
            "  ramp {hour:02}:00..{hour:02}:{:02} x{}",
            dice.between(5, 59),
            dice.pick(&["0.4", "1.8", "3"])
        ));
    }
    let bursts = if number == 0 { BURSTS_MIN + 2 } else { dice.between(0, 8) };
    for day in 0..days {
        for n in 0..bursts {
            // The first service's are so large that no number of its tasks carries them.
            let factor = if number == 0 { dice.between(40, 200) } else { dice.between(2, 30) };
            let from = n * 1_430 / bursts + dice.between(0, 30);
            let until = (from + dice.pick(&[3, 4, 5, 8, 25])).min(1_439);
            let at = |m: i64| format!("d{}/{:02}:{:02}", day + 1, m / 60, m % 60);
            if from < until {
                lines.push(format!("  burst {}..{} x{factor}", at(from), at(until)));
            }
        }
    }
    lines
}

fn remedies(dice: &mut Dice, number: u32, scales_in: bool) -> Vec<Cure> {
    let mut cures = Vec::new();
    let mut add = |dice: &mut Dice, short: &str, when: &str, size: &str| {
        let hard_end = dice.pick(&[30, 60, 60, 120]);
        let lease = dice.pick(&[2, 10, 30]);
        let (delay, cooldown) = (dice.pick(&[0, 60, 300, 600]), dice.pick(&[30, 60, 300]));
        let mode = dice.pick(&["", "", "", "", "mode: observe, ", "mode: suggest, "]);
        let native = dice.pick(&[0, 60, 300]);
        cures.push(Cure {
            name: format!("s{number}-{short}"),
            yaml: format!(
                "{{ when: {when}, do: scale-out, {size}, {mode}lease: {lease}m, release_delay: {delay}s, \
                 cooldown: {cooldown}s, native_first: {native}s, hard_end: {hard_end}m }}"
            ),
            hard_end_minutes: hard_end,
        });
    };
    let lasting = dice.pick(&[1, 2]);
    let most = dice.count(2, 6);
    let size = dice.pick(&["size: ratio", "size: ratio", "add: 2"]);
    add(dice, "cpu", &format!("{{ metric: cpu, above: 85%, for: {lasting}m }}"), &format!("{size}, add_max: {most}"));
    if dice.percent(40) {
        add(dice, "slow", "{ metric: response_time_p95, above: 2s, for: 2m }", "add: 1");
    }
    if dice.percent(40) {
        add(dice, "busy", "{ metric: requests_per_target, above: 900, for: 1m }", "size: ratio");
    }
    if dice.percent(40) {
        add(dice, "burns", "{ alarm: \"{service}-burning\" }", "add: 1");
    }
    if dice.percent(50) {
        let (mode, cooldown) = (dice.pick(&["", "", "", "mode: observe, "]), dice.pick(&[30, 300, 1_800]));
        cures.push(Cure {
            name: format!("s{number}-hung"),
            yaml: format!(
                "{{ when: {{ alarm: \"{{service}}-hung\" }}, do: force-new-deployment, {mode}cooldown: {cooldown}s }}"
            ),
            hard_end_minutes: 0,
        });
    }
    let mut leasing = |dice: &mut Dice, short: &str, action: &str| {
        let (hard_end, lease) = (dice.pick(&[30, 60, 120]), dice.pick(&[2, 10, 30]));
        let (delay, cooldown) = (dice.pick(&[0, 60, 300]), dice.pick(&[30, 60, 300]));
        let mode = dice.pick(&["", "", "", "mode: observe, ", "mode: suggest, "]);
        cures.push(Cure {
            name: format!("s{number}-{short}"),
            yaml: format!(
                "{{ when: {{ alarm: \"{{service}}-{short}\" }}, do: {action}, {mode}lease: {lease}m, \
                 release_delay: {delay}s, cooldown: {cooldown}s, hard_end: {hard_end}m }}"
            ),
            hard_end_minutes: hard_end,
        });
    };
    if scales_in && dice.percent(50) {
        let most = dice.count(1, 4);
        leasing(dice, "full", &format!("raise-max, add_max: {most}"));
    }
    if dice.percent(40) {
        leasing(dice, "flaps", "suspend-scale-in");
    }
    if dice.percent(40) {
        let (mode, cooldown) = (dice.pick(&["", "", "", "mode: observe, "]), dice.pick(&[30, 300, 1_800]));
        cures.push(Cure {
            name: format!("s{number}-stuck"),
            yaml: format!("{{ when: {{ alarm: \"{{service}}-stuck\" }}, do: stop-task, {mode}cooldown: {cooldown}s }}"),
            hard_end_minutes: 0,
        });
    }
    cures
}

fn acts(dice: &mut Dice, plan: &Plan, day: i64, acts: &mut Vec<Happens>) {
    let Plan { number, min, max, .. } = *plan;
    let mut push = |at: i64, act| acts.push(Happens { at: day + at, service: number, act });
    for _ in 0..dice.between(0, 5) {
        let at = dice.between(600, DAY - 1_200);
        match dice.between(0, 9) {
            0..=2 => push(at, Act::Bounds { min: Some(dice.count(0, max)), max: None }),
            3 => push(at, Act::Bounds { min: None, max: Some(dice.count(min.max(1), max + 8)) }),
            4 => {
                let low = dice.count(0, max);
                push(at, Act::Bounds { min: Some(low), max: Some(low + dice.count(1, 10)) });
            }
            5..=6 => push(at, Act::PutBack),
            7 => {
                push(at, Act::Desired(0));
                push(at + dice.between(300, 7_200), Act::Unpark);
            }
            _ => {
                push(at, Act::Desired(dice.count(0, max + 6)));
                push(at + dice.between(60, 3_600), Act::Unpark);
            }
        }
    }
    for _ in 0..dice.between(0, 3) {
        let at = dice.between(0, DAY - 4_000);
        push(at, Act::Silence(true));
        push(at + dice.between(120, 3_900), Act::Silence(false));
    }
    for _ in 0..dice.between(0, 2) {
        let at = dice.between(0, DAY - 4_000);
        push(at, Act::Blind(true));
        push(at + dice.between(120, 3_900), Act::Blind(false));
    }
    if dice.percent(15) {
        let at = dice.between(0, DAY - 4_000);
        push(at, Act::Stop(true));
        push(at + dice.between(30, 3_600), Act::Stop(false));
    }
    if dice.percent(15) {
        let at = dice.between(0, DAY - 8_000);
        push(at, Act::Mode(dice.pick(&[Mode::Observe, Mode::Suggest])));
        push(at + dice.between(600, 7_200), Act::Mode(Mode::Act));
    }
    if dice.percent(25) {
        let at = dice.between(0, DAY - 8_000);
        push(at, Act::Pause(true));
        push(at + dice.between(60, 7_200), Act::Pause(false));
    }
    if number == 0 {
        for _ in 0..dice.between(0, 3) {
            push(dice.between(0, DAY - 60), Act::Ring);
        }
    }
    // The first service deploys each day.
    for _ in 0..dice.between(i64::from(number == 0), 3) {
        let builds =
            [Build::Sound, Build::Sound, Build::Errors, Build::Heavy, Build::Crashes, Build::Unhealthy, Build::NoImage];
        push(dice.between(0, DAY - 60), Act::Deploy(dice.pick(&builds)));
    }
    if dice.percent(20) {
        push(dice.between(0, DAY - 60), Act::Kill(dice.count(1, 5)));
    }
    for _ in 0..dice.between(2, 12) {
        push(dice.between(0, DAY - 60), Act::Sweep);
    }
}

fn faults(dice: &mut Dice, day: i64, faults: &mut Vec<Fault>) {
    for n in 0..FAULTS_MIN {
        let from = day + n * (DAY - 3_600) / FAULTS_MIN + dice.between(0, 3_600);
        faults.push(Fault { from, port: Port::Any, nth: dice.count(1, 8), kind: kind(dice) });
    }
    for _ in 0..dice.between(0, 30) {
        let port = dice.pick(&[
            Port::Ask,
            Port::Load,
            Port::Due,
            Port::Write,
            Port::Write,
            Port::Apply,
            Port::Apply,
            Port::Publish,
        ]);
        let from = day + dice.between(0, DAY - 1);
        faults.push(Fault { from, port, nth: dice.count(1, 3), kind: kind(dice) });
    }
}

fn kind(dice: &mut Dice) -> Kind {
    let seconds = u8::try_from(dice.between(1, 12)).unwrap_or(1);
    dice.pick(&[
        Kind::Throttled,
        Kind::Unavailable,
        Kind::Reset,
        Kind::Slow(seconds),
        Kind::Slow(seconds),
        Kind::TimedOut,
        Kind::TimedOut,
        Kind::Died,
        Kind::DiedAfter,
        Kind::DiedAfter,
        Kind::Lands(seconds),
    ])
}
