//! The children of a composite alarm: which of them led here, and which its rule names.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::arn::AlarmArn;
use super::state::AlarmState;
use crate::signal::read::bounded;

/// CloudWatch allows a composite alarm a hundred children (AWS_FACTS 3.1).
const CHILDREN_MAX: usize = 100;
/// Words of a rule that are no names; a name that is one of them is quoted.
const WORDS: [&str; 9] = ["ALARM", "OK", "INSUFFICIENT_DATA", "AND", "OR", "NOT", "TRUE", "FALSE", "AT_LEAST"];

/// The children of a composite alarm, by name; all are of the alarm's own account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Composite {
    /// Children that led here: those in ALARM, else all that the event lists.
    pub triggering: Vec<String>,
    /// Children that the rule names, in its order.
    pub named: Vec<String>,
}

impl Composite {
    /// The children that the rule of a composite alarm with this ARN names; `None` when that is no alarm's ARN.
    pub(crate) fn of_rule(rule: &str, arn: &str) -> Option<Self> {
        AlarmArn::read(arn).map(|home| Self::read(rule, None, &home))
    }

    /// Reads a rule, and the list of `{arn, state}` behind a change. A child of another place is left out.
    pub(super) fn read(rule: &str, children: Option<&Value>, home: &AlarmArn<'_>) -> Self {
        let listed: Vec<(String, bool)> = children
            .and_then(Value::as_array)
            .map(|list| list.iter().take(CHILDREN_MAX).filter_map(|c| child(c, home)).collect())
            .unwrap_or_default();
        let firing = listed.iter().any(|(_, in_alarm)| *in_alarm);
        let triggering =
            listed.into_iter().filter(|(_, in_alarm)| *in_alarm || !firing).map(|(name, _)| name).collect();
        let mut named = Vec::new();
        for text in names(rule).into_iter().take(CHILDREN_MAX) {
            if let Some(name) = own_name(&text, home).filter(|name| !named.iter().any(|n| n == name)) {
                named.push(bounded(name));
            }
        }
        Self { triggering, named }
    }
}

/// Name of a triggering child, and whether it is in ALARM.
fn child(child: &Value, home: &AlarmArn<'_>) -> Option<(String, bool)> {
    let key = |value: &'_ Value, camel: &str, pascal: &str| value.get(camel).or_else(|| value.get(pascal)).cloned();
    let arn = key(child, "arn", "Arn")?;
    let name = bounded(own_name(arn.as_str()?, home)?);
    let state = key(child, "state", "State").and_then(|s| key(&s, "value", "Value"));
    Some((name, state.as_ref().and_then(Value::as_str) == Some(AlarmState::Alarm.name())))
}

/// The name in an ARN of the same account and region, or a bare name.
fn own_name<'t>(text: &'t str, home: &AlarmArn<'_>) -> Option<&'t str> {
    if !text.starts_with("arn:") {
        return Some(text);
    }
    AlarmArn::read(text).filter(|a| a.region == home.region && a.account == home.account).map(|a| a.name)
}

/// Names and ARNs in a rule such as `ALARM("a") AND NOT (OK(b) OR AT_LEAST(2, ALARM, (c, d)))`.
fn names(rule: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut chars = rule.chars().peekable();
    // The number, or percentage, after `AT_LEAST(` is no name.
    let mut counts = false;
    while let Some(c) = chars.next() {
        if c == '"' {
            let mut name = String::new();
            while let Some(c) = chars.next().filter(|c| *c != '"') {
                name.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
            }
            names.push(name);
        } else if !ends_a_word(c) {
            let mut word = String::from(c);
            while let Some(c) = chars.next_if(|c| !ends_a_word(*c)) {
                word.push(c);
            }
            let is_count = std::mem::replace(&mut counts, word == "AT_LEAST");
            if !is_count && !WORDS.contains(&word.as_str()) {
                names.push(word);
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

fn ends_a_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | ',' | '"')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const HOME: AlarmArn<'_> = AlarmArn { region: "eu-west-1", account: "222222222222", name: "trouble" };

    #[test]
    fn a_rule_gives_the_names_in_it() {
        for (rule, found) in [
            ("", vec![]),
            ("TRUE", vec![]),
            ("ALARM(web-cpu)", vec!["web-cpu"]),
            ("ALARM(\"web cpu\") OR ALARM(\"OK\")", vec!["web cpu", "OK"]),
            ("NOT (OK(a) AND INSUFFICIENT_DATA( b ))", vec!["a", "b"]),
            ("AT_LEAST(2, ALARM, (a, b, \"c d\"))", vec!["a", "b", "c d"]),
            ("AT_LEAST(50%,ALARM,(a,b))", vec!["a", "b"]),
            ("ALARM(TargetTracking-service/c/s-AlarmHigh-1)", vec!["TargetTracking-service/c/s-AlarmHigh-1"]),
            ("ALARM(\"a \\\"quoted\\\" name\")", vec!["a \"quoted\" name"]),
            ("ALARM(\"open", vec!["open"]),
        ] {
            assert_eq!(names(rule), found, "{rule}");
        }
    }

    #[test]
    fn children_of_another_place_are_left_out() {
        let rule = "ALARM(arn:aws:cloudwatch:eu-west-1:222222222222:alarm:a) OR ALARM(a) \
                    OR ALARM(arn:aws:cloudwatch:eu-west-1:333333333333:alarm:b)";
        let children = json!([
            { "arn": "arn:aws:cloudwatch:us-west-2:222222222222:alarm:b", "state": { "value": "ALARM" } },
            { "arn": "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:a", "state": { "value": "ALARM" } },
        ]);
        let read = Composite::read(rule, Some(&children), &HOME);
        assert_eq!(read, Composite { triggering: vec!["a".into()], named: vec!["a".into()] });
    }

    #[test]
    fn children_in_alarm_lead_and_without_any_all_do() {
        let child = |name: &str, state: &str| {
            json!({ "Arn": format!("arn:aws:cloudwatch:eu-west-1:222222222222:alarm:{name}"),
                    "State": { "Value": state, "Timestamp": "2026-11-23T02:00:31.118+0000" } })
        };
        let read = |list: Value| Composite::read("", Some(&list), &HOME).triggering;
        assert_eq!(read(json!([child("a", "OK"), child("b", "ALARM")])), ["b"]);
        assert_eq!(read(json!([child("a", "OK"), child("b", "OK")])), ["a", "b"]);
        assert_eq!(read(json!(["odd", {}, 7])), Vec::<String>::new());
    }
}
