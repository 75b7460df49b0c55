//! Amazon EC2 Auto Scaling, through EventBridge (Amazon EC2 Auto Scaling user guide, "Amazon EC2 Auto Scaling
//! event reference") and through SNS ("Amazon SNS notification options").
//!
//! Recorded and told, acted on by nothing: Headroom scales services. So a resource that is no ARN does not matter.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::decode::{By, Signal, Source};
use super::read::{Envelope, Reader};
use super::refused::NotASignal;

const SOURCE: &str = "aws.autoscaling";
const KIND: &str = "EC2 Auto Scaling";
const DETAIL_TYPES: &[&str] = &[
    "EC2 Instance Launch Successful",
    "EC2 Instance Launch Unsuccessful",
    "EC2 Instance Terminate Successful",
    "EC2 Instance Terminate Unsuccessful",
    "EC2 Instance-launch Lifecycle Action",
    "EC2 Instance-terminate Lifecycle Action",
];

/// Through EventBridge.
pub(super) const EC2: Source = Source {
    name: KIND,
    by: By::Envelope(SOURCE, DETAIL_TYPES),
    pattern: Some(pattern),
    decode: |event| bridged(event).map(|e| Signal::Ec2(Box::new(e))),
};

/// Through SNS, the message itself.
pub(super) const EC2_MESSAGE: Source = Source {
    name: "EC2 Auto Scaling notification",
    by: By::Keys(&["AutoScalingGroupName", "Event"]),
    pattern: None,
    decode: |event| notified(event).map(|e| Signal::Ec2(Box::new(e))),
};

fn pattern() -> Value {
    json!({ "source": [SOURCE], "detail-type": DETAIL_TYPES })
}

/// What a group did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ec2Change {
    /// An instance was launched.
    Launched,
    /// A launch failed.
    LaunchFailed,
    /// An instance was terminated.
    Terminated,
    /// A termination failed.
    TerminateFailed,
    /// A launch waits for a lifecycle hook.
    LaunchWaits,
    /// A termination waits for a lifecycle hook.
    TerminateWaits,
}

impl Ec2Change {
    /// What people read.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Launched => "launched",
            Self::LaunchFailed => "launch failed",
            Self::Terminated => "terminated",
            Self::TerminateFailed => "terminate failed",
            Self::LaunchWaits => "launch waits for a hook",
            Self::TerminateWaits => "terminate waits for a hook",
        }
    }
}

/// An Auto Scaling group changed its instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ec2Event {
    /// Account of the envelope or the notification.
    pub account: String,
    /// Region; a notification names it only in the group's ARN.
    pub region: Option<String>,
    /// Name of the group.
    pub group: String,
    /// What it did.
    pub change: Ec2Change,
    /// The instance.
    pub instance: Option<String>,
    /// Identity: id of the activity, or the token of a lifecycle action.
    pub activity: String,
    /// When it ended or was sent; unknown when unreadable.
    pub at: Option<Timestamp>,
}

fn bridged(event: &Value) -> Result<Ec2Event, NotASignal> {
    let envelope = Envelope::read(KIND, event)?;
    let read = envelope.read;
    let (change, activity) = match read.text("detail-type")? {
        "EC2 Instance Launch Successful" => (Ec2Change::Launched, "detail.ActivityId"),
        "EC2 Instance Launch Unsuccessful" => (Ec2Change::LaunchFailed, "detail.ActivityId"),
        "EC2 Instance Terminate Successful" => (Ec2Change::Terminated, "detail.ActivityId"),
        "EC2 Instance Terminate Unsuccessful" => (Ec2Change::TerminateFailed, "detail.ActivityId"),
        "EC2 Instance-launch Lifecycle Action" => (Ec2Change::LaunchWaits, "detail.LifecycleActionToken"),
        "EC2 Instance-terminate Lifecycle Action" => (Ec2Change::TerminateWaits, "detail.LifecycleActionToken"),
        _ => return Err(read.refuse("detail-type", "one of EC2 Auto Scaling's")),
    };
    Ok(Ec2Event {
        account: envelope.account.to_owned(),
        region: Some(envelope.region.to_owned()),
        group: read.text("detail.AutoScalingGroupName")?.to_owned(),
        change,
        instance: read.id("detail.EC2InstanceId"),
        activity: read.text(activity)?.to_owned(),
        at: read.maybe_time("detail.EndTime").or(read.maybe_time("time")),
    })
}

fn notified(event: &Value) -> Result<Ec2Event, NotASignal> {
    let read = Reader { kind: KIND, event };
    let change = match read.text("Event")? {
        "autoscaling:EC2_INSTANCE_LAUNCH" => Ec2Change::Launched,
        "autoscaling:EC2_INSTANCE_LAUNCH_ERROR" => Ec2Change::LaunchFailed,
        "autoscaling:EC2_INSTANCE_TERMINATE" => Ec2Change::Terminated,
        "autoscaling:EC2_INSTANCE_TERMINATE_ERROR" => Ec2Change::TerminateFailed,
        // Sent once when the topic is chosen: nothing happened.
        _ => return Err(read.refuse("Event", "autoscaling:EC2_INSTANCE_LAUNCH or _TERMINATE, or _ERROR of one")),
    };
    let arn = read.id("AutoScalingGroupARN");
    Ok(Ec2Event {
        account: read.account("AccountId")?.to_owned(),
        region: arn.and_then(|arn| arn.split(':').nth(3).filter(|r| super::arn::is_region(r)).map(str::to_owned)),
        group: read.text("AutoScalingGroupName")?.to_owned(),
        change,
        instance: read.id("EC2InstanceId"),
        activity: read.text("ActivityId")?.to_owned(),
        at: read.maybe_time("EndTime").or(read.maybe_time("Time")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signal::decode as decode_any;

    fn decoded(event: &Value) -> Ec2Event {
        match decode_any(event) {
            Ok(Signal::Ec2(event)) => *event,
            other => panic!("{other:?}"),
        }
    }

    fn notification(event: &str) -> Value {
        json!({ "Event": event, "AutoScalingGroupName": "openwan-api", "AccountId": "444444444444",
            "AutoScalingGroupARN": "arn:aws:autoscaling:eu-central-1:444444444444:autoScalingGroup:8e2:autoScalingGroupName/openwan-api",
            "ActivityId": "7f3c", "EC2InstanceId": "i-0123456789abcdef0", "EndTime": "2026-11-23T02:10:00.604Z",
            "Time": "2026-11-23T02:10:00.604Z" })
    }

    #[test]
    fn every_detail_type_is_decoded_and_has_its_own_change() {
        let mut seen = Vec::new();
        for detail_type in DETAIL_TYPES {
            let event = json!({ "source": SOURCE, "detail-type": detail_type, "account": "444444444444",
                "region": "eu-central-1", "time": "2026-11-23T02:10:00Z", "resources": ["auto-scaling-group-arn"],
                "detail": { "AutoScalingGroupName": "openwan-api", "ActivityId": "7f3c",
                    "LifecycleActionToken": "8765", "EC2InstanceId": "i-0123456789abcdef0" } });
            let change = decoded(&event).change;
            assert!(!seen.contains(&change), "{detail_type}");
            seen.push(change);
        }
    }

    #[test]
    fn a_notification_is_decoded_and_a_test_of_the_topic_is_none() {
        let event = decoded(&notification("autoscaling:EC2_INSTANCE_TERMINATE"));
        assert_eq!((event.change, event.region.as_deref()), (Ec2Change::Terminated, Some("eu-central-1")));
        let test = decode_any(&notification("autoscaling:TEST_NOTIFICATION"));
        assert!(matches!(test, Err(NotASignal::Malformed { place: "Event", .. })));
    }

    #[test]
    fn a_time_that_cannot_be_read_is_unknown() {
        let mut odd = notification("autoscaling:EC2_INSTANCE_LAUNCH");
        odd["EndTime"] = json!("yyyy-mm-ddThh:mm:ssZ");
        odd["Time"] = json!(null);
        assert_eq!(decoded(&odd).at, None);
    }
}
