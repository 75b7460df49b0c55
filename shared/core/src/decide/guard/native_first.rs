//! A scaling policy that watches the same metric gets its turn (SEMANTICS B).

use crate::decide::{Look, Refusal, Verdict, Waiting, refuse, wait};
use crate::fleet::Metric;
use crate::remedy::load::metric_of;
use crate::seen::PolicySeen;
use crate::time::after;

pub(super) fn check(look: &Look<'_>) -> Verdict {
    let (context, seen) = (look.context, look.seen()?);
    let Some(policies) = seen.policies.known() else { return Ok(format!("policies {}", seen.policies.why())) };
    let target = look.target()?;
    if target.by_desired {
        return Ok("no scalable target, so no policy: the desired count itself is set and given back".to_owned());
    }
    if !context.remedy.gives_back_desired && !policies.iter().any(|p| p.scales_in) {
        return refuse(Refusal::NothingScalesIn);
    }
    let Some(policy) = policy_of(look) else { return Ok("no scaling policy watches this metric".to_owned()) };
    let (service, name) = (look.service()?, &policy.name);
    let turn = context.remedy.native_first;
    let turn_ends = after(context.event.at, turn);
    if target.suspended.scale_out {
        Ok(format!("{name}: scale-out is suspended"))
    } else if service.desired >= target.max {
        Ok(format!("{name}: at max {}", target.max))
    } else if context.now < turn_ends {
        wait(turn_ends, Waiting::NativeFirst { policy: name.clone() })
    } else {
        Ok(format!("{name} had {turn} and it was not enough"))
    }
}

/// The scaling policy that watches the remedy's own metric.
pub(crate) fn policy_of<'a>(look: &Look<'a>) -> Option<&'a PolicySeen> {
    let metric = metric_of(look.context.remedy)?;
    look.seen().ok()?.policies.known()?.iter().find(|policy| tracks(policy, metric))
}

fn tracks(policy: &PolicySeen, metric: Metric) -> bool {
    let predefined = match metric {
        Metric::Cpu => "ECSServiceAverageCPUUtilization",
        Metric::Memory => "ECSServiceAverageMemoryUtilization",
        Metric::RequestsPerTarget => "ALBRequestCountPerTarget",
        Metric::ResponseTimeAvg | Metric::ResponseTimeP95 | Metric::ErrorRate => return false,
    };
    policy.tracks.as_deref() == Some(predefined)
}
