//! A watch in words, for lists and explanations.

use super::call::Call;
use super::counted::Counted;
use super::watch::{Back, By, Stage, Watch};

/// Its lines under their labels, in order.
#[must_use]
pub fn lines(watch: &Watch) -> Vec<(&'static str, Vec<String>)> {
    let mut blocks = vec![("watched", deployment(watch))];
    if let Some(judged) = &watch.judged {
        let side = |name: &str, c: &Counted| {
            format!(
                "{name:<7} {:.2} %, between {:.2} % and {:.2} %: {} of {} requests in {} minutes",
                c.rate * 100.0,
                c.lower * 100.0,
                c.upper * 100.0,
                c.errors,
                c.requests,
                c.minutes
            )
        };
        let rule = format!(
            "{} of the last 5 minutes over 1 %; one request in {:.1} counts, for errors come in bursts",
            judged.hot_minutes, judged.burstiness
        );
        blocks.push(("errors", vec![side("after", &judged.after), side("before", &judged.before), rule]));
    }
    blocks.push(("decided", vec![summary(watch)]));
    if let Some(back) = &watch.back {
        blocks.push(("plan", way(watch, back)));
    }
    blocks
}

/// What came of it, in a sentence.
#[must_use]
pub fn summary(watch: &Watch) -> String {
    match (&watch.end, watch.stage, &watch.held) {
        (Some(end), _, _) => format!("{}: {end}", end.name()),
        (None, Stage::Watching, Some(held)) => format!("not rolled back: {held}"),
        (None, Stage::Watching, None) => "watched: nothing speaks against it yet".to_owned(),
        (None, Stage::Proposed, _) => "proposed to people".to_owned(),
        (None, Stage::Sent, _) => "the way back was sent; looked for in a minute".to_owned(),
        (None, Stage::Following, _) => "going back".to_owned(),
        (None, Stage::Verifying { since }, _) => {
            format!("gone back at {} UTC; errors are counted", since.strftime("%H:%M:%S"))
        }
        (None, Stage::Ended, _) => "ended".to_owned(),
    }
}

fn deployment(watch: &Watch) -> Vec<String> {
    let name = |arn: &str| arn.rsplit('/').next().unwrap_or(arn).to_owned();
    let traffic = match watch.first_traffic {
        Some(at) => format!("first traffic seen at {} UTC", at.strftime("%H:%M:%S")),
        None => "no traffic seen yet".to_owned(),
    };
    vec![
        format!(
            "deployment {} of {}, created at {} UTC",
            name(&watch.deployment),
            name(&watch.task_definition),
            watch.created_at.strftime("%Y-%m-%d %H:%M:%S")
        ),
        format!("{traffic}; looks: {}", watch.looks),
    ]
}

fn way(watch: &Watch, back: &Back) -> Vec<String> {
    let to = if back.task_definition.is_empty() { &back.revision } else { &back.task_definition };
    let who = match back.by {
        By::Headroom => Call::of(watch, back).to_string(),
        By::Person => "a person took it back by hand; only followed".to_owned(),
        By::Ecs => "ECS goes back by itself; only followed".to_owned(),
    };
    let call = format!("{who}; target {}", to.rsplit('/').next().unwrap_or(to));
    let floor = watch.floor.map(|tasks| format!("a lease keeps min at {tasks}, the desired count before its errors"));
    std::iter::once(call).chain(floor).collect()
}
