//! The ARN of an alarm: the only place that says whose it is in every form.

use crate::signal::arn::Arn;

/// CloudWatch takes no longer names.
const NAME_CHARS_MAX: usize = 255;

/// `arn:<partition>:cloudwatch:<region>:<account>:alarm:<name>`, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AlarmArn<'a> {
    pub(super) region: &'a str,
    pub(super) account: &'a str,
    pub(super) name: &'a str,
}

impl<'a> AlarmArn<'a> {
    /// Reads an ARN; `None` for anything else, placeholders and stray spaces included. A name may hold colons.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let arn = Arn::read(text).filter(|arn| arn.service == "cloudwatch")?;
        let name = arn.resource.strip_prefix("alarm:")?;
        let named = !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX;
        named.then_some(Self { region: arn.region, account: arn.account, name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alarms_arn_is_taken_apart_and_nothing_else_is() {
        fn read(text: &str) -> Option<(&str, &str, &str)> {
            AlarmArn::read(text).map(|a| (a.region, a.account, a.name))
        }
        let eu = "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:";
        for name in ["web-cpu", "high cpu usage", "TargetTracking-service/c/s-AlarmHigh-1", "a:b:c"] {
            assert_eq!(read(&format!("{eu}{name}")), Some(("eu-west-1", "222222222222", name)));
        }
        let china = "arn:aws-cn:cloudwatch:cn-north-1:222222222222:alarm:a";
        assert_eq!(read(china), Some(("cn-north-1", "222222222222", "a")));
        for bad in [
            "",
            eu,
            "web-cpu",
            "arn:aws:cloudwatch:us-east-1: 444455556666:alarm:a",
            "arn:aws:cloudwatch:REGION:ACCOUNT_NUMBER:alarm:a",
            "arn:<partition>:cloudwatch:eu-west-1:222222222222:alarm:a",
            "arn:aws:cloudwatch:eu-west-1:22222:alarm:a",
            "arn:aws:cloudwatch:eu-west-1:222222222222:alarm-mute-rule:a",
            "arn:aws:sns:eu-west-1:222222222222:alarm:a",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(read(&format!("{eu}{}", "x".repeat(NAME_CHARS_MAX + 1))), None);
    }
}
