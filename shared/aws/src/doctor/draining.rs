//! How long the balancer still sends a target its requests after it is deregistered.

use headroom_core::seen::Reading;
use headroom_core::time::Seconds;

use super::look::ATTRIBUTES;
use crate::inventory::Clients;
use crate::person::{Call, Failure};

/// Elastic Load Balancing API reference, version 2015-12-01, TargetGroupAttribute.
const DELAY: &str = "deregistration_delay.timeout_seconds";
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");

/// The delay of one target group.
pub(super) async fn delay(clients: &Clients, target_group: &str) -> Result<Seconds, Failure> {
    let encoded = target_group.replace(':', "%3A").replace('/', "%2F");
    let body = format!("Action=DescribeTargetGroupAttributes&Version=2015-12-01&TargetGroupArn={encoded}");
    let call = Call { action: ATTRIBUTES, path: "/", headers: &[FORM], body };
    let answer = clients.balancing.call(call).await?;
    delay_in(&answer).ok_or_else(|| Failure::unusable(ATTRIBUTES, "an answer without the deregistration delay"))
}

/// The longest of several; unknown while one of them is.
pub(super) fn longest(delays: Vec<Reading<Seconds>>) -> Reading<Seconds> {
    let unknown = delays.iter().find(|delay| delay.known().is_none()).cloned();
    unknown.unwrap_or_else(|| {
        delays.iter().filter_map(Reading::known).max().copied().map_or(Reading::Absent, Reading::Known)
    })
}

/// A member of the list is a key and a value, in either order.
fn delay_in(xml: &str) -> Option<Seconds> {
    let member = xml.split("<member>").find(|member| member.contains(&format!("<Key>{DELAY}</Key>")))?;
    member.split_once("<Value>")?.1.split_once("</Value>")?.0.trim().parse().ok().map(Seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_is_found_in_either_order() {
        let key = format!("<Key>{DELAY}</Key>");
        for member in [format!("{key}<Value>120</Value>"), format!("<Value>120</Value>\n{key}")] {
            let xml = format!(
                "<Attributes><member><Key>stickiness.enabled</Key><Value>7</Value></member><member>{member}</member></Attributes>"
            );
            assert_eq!(delay_in(&xml), Some(Seconds(120)));
        }
        assert_eq!(delay_in("<Attributes><member><Key>x</Key><Value>1</Value></member></Attributes>"), None);
    }

    #[test]
    fn one_that_is_not_known_leaves_the_longest_unknown() {
        let known = |s| Reading::Known(Seconds(s));
        let unknown = || Reading::Unreadable("denied".to_owned());
        assert_eq!(longest(vec![known(30), known(300)]), known(300));
        assert_eq!(longest(vec![known(300), unknown()]), unknown());
        assert_eq!(longest(Vec::new()), Reading::Absent);
    }
}
