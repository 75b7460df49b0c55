//! `floor` of a schedule: a number of tasks, or the usual load with a fixed floor to fall back to.

use serde_json::{Value as Json, json};

use crate::time::Seconds;

use super::count;
use super::node::{At, Fields, Value, Want};
use super::opens::Opens;
use super::pattern;
use super::problem::Findings;
use super::schema;

const EXAMPLE: &str = "floor: forecast, fallback: 4";
const WANT: Want<'_> = Want {
    expected: "a number of tasks from 1 to 5000, `forecast`, or `50% of usual` to `300% of usual`",
    example: EXAMPLE,
};
const FORECAST: &str = "forecast";
const OF_USUAL: &str = "% of usual";
/// Less than half of the usual load warms nothing; more than three times is another load, of which last month says nothing.
const PERCENT: (u32, u32) = (50, 300);
/// All of the usual load.
const ALL: u32 = 100;
/// Each window has a forecast of its own, so that none is older than a day.
const WINDOW_MAX: Seconds = Seconds(24 * 60 * 60);

/// What `floor` and `fallback` say together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Floor {
    /// Tasks; with `usual`, those for when the usual load is not known.
    pub(crate) tasks: u32,
    /// How much of the usual load is asked for, in percent; `None`: the tasks are fixed.
    pub(crate) usual: Option<u32>,
}

impl Floor {
    /// Reads both keys of a schedule, of which `whole` is an example; the place is that of the number.
    pub(crate) fn read_of(
        fields: &Fields<'_>,
        opens: Option<&Opens>,
        whole: &str,
        f: &mut Findings,
    ) -> Option<At<Self>> {
        let fallback = fields.read_at(f, "fallback", count::tasks_some);
        let node = fields.get("floor");
        let Some(Value::Text(_)) = node.map(|node| &node.value) else {
            if let Some(entry) = fields.entry("fallback") {
                f.problem(
                    &entry.at,
                    "`fallback` beside a fixed floor",
                    "`floor: forecast` beside it, or neither",
                    EXAMPLE,
                );
            }
            return fields.require(f, "floor", whole, |node, f| {
                if !matches!(node.value, Value::Integer(_)) {
                    node.refuse(f, WANT);
                    return None;
                }
                let tasks = count::tasks_some(node, f)?;
                Some(At { value: Self { tasks, usual: None }, place: node.place.clone() })
            });
        };
        let usual = node.and_then(|node| node.text(f, WANT, percent))?;
        if let (Some(Opens::Cron { lasting, .. }), Some(entry)) = (opens, fields.entry("for"))
            && *lasting > WINDOW_MAX
        {
            let expected = "at most 24h with a forecast: it is made once, when the window is asked for";
            f.problem(&entry.node.place, format!("{lasting}"), expected, "for: 10h");
        }
        if fields.get("fallback").is_none() {
            let found = "no `fallback` beside `floor: forecast`";
            f.problem(fields.place, found, "tasks for when the usual load is not known", EXAMPLE);
        }
        let fallback = fallback?;
        Some(At { value: Self { tasks: fallback.value, usual: Some(usual) }, place: fallback.place })
    }

    /// What stands under `floor`.
    pub(crate) fn schema() -> Json {
        let (least, most) = PERCENT;
        let percent = format!("(?:{}){OF_USUAL}", pattern::whole(least.into(), most.into()));
        let usual = schema::text(WANT, &pattern::full(&[FORECAST.to_owned(), percent]));
        json!({ "anyOf": [count::tasks_some_schema(), usual] })
    }

    /// Rules between the keys.
    pub(crate) fn rules() -> Vec<Json> {
        let text = json!({ "properties": { "floor": { "type": "string" } }, "required": ["floor"] });
        vec![json!({ "if": text, "then": schema::all_of(&["fallback"]), "else": schema::without(&["fallback"]) })]
    }
}

/// Reads `forecast` or `150% of usual`.
fn percent(text: &str) -> Option<u32> {
    if text == FORECAST {
        return Some(ALL);
    }
    let digits = text.strip_suffix(OF_USUAL)?;
    let plain = !digits.starts_with('0') && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|percent| plain && (PERCENT.0..=PERCENT.1).contains(percent))
}

/// As `headroom check` prints it.
#[must_use]
pub fn floor_words(tasks: u32, usual: Option<u32>) -> String {
    match usual {
        None => tasks.to_string(),
        Some(ALL) => format!("forecast (fallback {tasks})"),
        Some(percent) => format!("{percent}{OF_USUAL} (fallback {tasks})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_load_is_named_or_a_part_of_it() {
        for (text, found) in [
            ("forecast", Some(100)),
            ("50% of usual", Some(50)),
            ("150% of usual", Some(150)),
            ("300% of usual", Some(300)),
            ("49% of usual", None),
            ("301% of usual", None),
            ("0150% of usual", None),
            ("+150% of usual", None),
            ("150%", None),
            ("usual", None),
            ("Forecast", None),
        ] {
            assert_eq!(percent(text), found, "{text}");
        }
    }

    #[test]
    fn it_prints_as_people_write_it() {
        let words = [floor_words(4, None), floor_words(4, Some(100)), floor_words(4, Some(150))];
        assert_eq!(words, ["4", "forecast (fallback 4)", "150% of usual (fallback 4)"]);
    }
}
