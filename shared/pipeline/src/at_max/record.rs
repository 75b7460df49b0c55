//! One record of the function that watches capacity: what it names is looked at, whatever it says.

use headroom_core::decide::match_alarm;
use headroom_core::fleet::{Action, Fleet};
use headroom_core::id::ServiceId;
use headroom_core::signal::{Received, Signal, belongs};

use super::look::look_at;
use super::pass::capacity_pass;
use super::ports::CapacityPorts;
use crate::ports::PortError;
use crate::records::{Answered, Failed};

pub(crate) async fn on_capacity_record<P: CapacityPorts>(
    ports: &P,
    fleet: &Fleet,
    received: &Received,
    owner: &str,
) -> Result<Answered, Failed> {
    let signal = match &received.signal {
        Ok(signal) => signal,
        Err(why) => return Err(Failed { kind: "NotASignal", why: why.unquoted().to_string() }),
    };
    let ignored = |reason, why: &str| Ok(Answered::Ignored { signal: signal.name(), reason, why: why.to_owned() });
    if let Err(foreign) = belongs(signal, received.again.as_ref(), fleet) {
        return ignored(foreign.name(), &foreign.to_string());
    }
    let failed = |error: PortError| Failed { kind: "PortError", why: error.to_string() };
    let service = match signal {
        Signal::Scaling(scaling) => match (&scaling.service, scaling.scaled_to_max) {
            (Some(service), true) => service.clone(),
            (_, _) => return ignored("not-at-max", "the activity did not reach a service's max"),
        },
        Signal::Alarm(alarm) | Signal::Contributor(alarm) => match match_alarm(fleet, alarm) {
            // Its remedy is the alarm handler's; what people are told of a service at its max is this one's.
            Ok(matched) if alarm.firing() && matched.remedy.action == Action::RaiseMax => {
                ServiceId::of(matched.service)
            }
            Ok(_) | Err(_) => return ignored("not-about-max", "no alarm on a max, or one that is quiet"),
        },
        Signal::Minute => {
            let polled = capacity_pass(ports, fleet, owner).await.map_err(failed)?;
            // The rest was looked at; the failure shows in Lambda's errors, and so in the alarm on them.
            return match polled.failed {
                0 => Ok(Answered::Polled(polled)),
                n => Err(Failed { kind: "Failed", why: format!("{n} looks of this minute failed; see the log") }),
            };
        }
        Signal::Deployment(_)
        | Signal::Hook(_)
        | Signal::AlarmConfiguration(_)
        | Signal::Task(_)
        | Signal::HookCall(_)
        | Signal::ServiceAction(_)
        | Signal::Ec2(_)
        | Signal::Tick(_) => {
            let why = format!("not for the capacity notifier: {}", signal.name());
            return Err(Failed { kind: "NotForThis", why });
        }
    };
    look_at(ports, fleet, &service, owner, true).await.map_err(failed)?;
    Ok(Answered::Looked)
}
