//! Amazon resource names, as far as decoders need their parts.

/// The longest name that is read; AWS's own limit for most resources.
const CHARS_MAX: usize = 2_048;

/// `arn:partition:service:region:account:resource`, borrowed from the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arn<'a> {
    /// For example `ecs`.
    pub service: &'a str,
    /// For example `eu-west-1`.
    pub region: &'a str,
    /// Twelve digits.
    pub account: &'a str,
    /// The rest; it may hold colons.
    pub resource: &'a str,
}

impl<'a> Arn<'a> {
    /// Reads a name of a regional resource: account and region must be there.
    #[must_use]
    pub fn read(text: &'a str) -> Option<Self> {
        if text.len() > CHARS_MAX || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            // Alarm names may hold spaces; no other part may.
            let (head, _) = text.split_once(":alarm:")?;
            if text.len() > CHARS_MAX || head.contains(|c: char| c.is_whitespace() || c.is_control()) {
                return None;
            }
        }
        let mut parts = text.splitn(6, ':');
        let (arn, partition) = (parts.next()?, parts.next()?);
        let (service, region, account) = (parts.next()?, parts.next()?, parts.next()?);
        let resource = parts.next()?;
        let whole = arn == "arn"
            && partition.starts_with("aws")
            && !service.is_empty()
            && is_region(region)
            && is_account(account)
            && !resource.is_empty();
        whole.then_some(Self { service, region, account, resource })
    }
}

/// Twelve digits.
#[must_use]
pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

/// Small letters, digits and dashes, as in `us-gov-west-1`; not checked against a list, which would be old one day.
#[must_use]
pub fn is_region(text: &str) -> bool {
    (5..=32).contains(&text.len())
        && text.contains('-')
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_into_its_parts() {
        let arn = Arn::read("arn:aws-us-gov:ecs:us-gov-west-1:111122223333:service/c/s").unwrap();
        assert_eq!((arn.service, arn.region, arn.account), ("ecs", "us-gov-west-1", "111122223333"));
        assert_eq!(arn.resource, "service/c/s");
        let alarm = Arn::read("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:CPU: too high").unwrap();
        assert_eq!(alarm.resource, "alarm:CPU: too high");
    }

    #[test]
    fn what_is_no_whole_name_of_a_regional_resource_is_none() {
        for text in [
            "",
            "auto-scaling-group-arn",
            "arn:aws:ecs:eu-west-1:111122223333",
            "arn:aws:ecs:eu-west-1:111122223333:",
            "arn:aws:ecs::111122223333:service/c/s",
            "arn:aws:ecs:eu-west-1:<account-id>:service/c/s",
            "arn:aws:ecs:eu-west-1:1111222233334:service/c/s",
            "arn:aws:ecs:EU-WEST-1:111122223333:service/c/s",
            "arn:aws:cloudwatch:us-east-1: 444455556666:alarm:spaced",
            "arn:aws:ecs:eu-west-1:111122223333:service/c/s s",
            "arn:gcp:ecs:eu-west-1:111122223333:service/c/s",
            "ARN:aws:ecs:eu-west-1:111122223333:service/c/s",
        ] {
            assert_eq!(Arn::read(text), None, "{text}");
        }
        assert_eq!(Arn::read(&format!("arn:aws:ecs:eu-west-1:111122223333:{}", "x".repeat(2_048))), None);
    }
}
