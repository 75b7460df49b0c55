//! Acts: this file and `disrupt.rs` are the only ones that change the fleet.

use aws_sdk_applicationautoscaling::types::{ScalableDimension, ServiceNamespace, SuspendedState};
use headroom_core::capacity::Change;
use headroom_core::id::ServiceId;
use headroom_core::remedy::Disrupts;
use headroom_pipeline::{Act, Disrupted, Permit, PortError};

use crate::aws::Aws;
use crate::disrupt;
use crate::error::{failed, unusable};
use crate::permission::{Permission, Resource};

/// What acting may call.
pub const PERMISSIONS: &[Permission] = &[
    Permission {
        sid: "ScaleServices",
        actions: &["application-autoscaling:RegisterScalableTarget"],
        on: Resource::ScalableTargets,
        mutates_fleet: true,
        reason: "one member of a scalable target is set: min, max, or the suspended state",
    },
    Permission {
        sid: "ScaleServicesCheckedByAws",
        actions: &["ecs:UpdateService"],
        on: Resource::EcsServices,
        mutates_fleet: true,
        reason: "a forced deployment; and Application Auto Scaling checks that the caller of RegisterScalableTarget holds it",
    },
];

const PLACE: &str = "application-autoscaling RegisterScalableTarget";
const DESIRED: &str = "ecs UpdateService";

impl Act for Aws {
    async fn apply(&self, _permit: &Permit, service: &ServiceId, change: &Change) -> Result<(), PortError> {
        self.within_reach(PLACE, service)?;
        if let Change::Desired { to, .. } = change {
            let call = self.ecs().update_service().cluster(&service.cluster).service(&service.service);
            let sent = call.desired_count(tasks(*to)?).send().await;
            return sent.map(|_updated| ()).map_err(|error| failed(DESIRED, &error));
        }
        let call = self
            .scaling()
            .register_scalable_target()
            .service_namespace(ServiceNamespace::Ecs)
            .scalable_dimension(ScalableDimension::EcsServiceDesiredCount)
            .resource_id(service.resource_id());
        let call = match change {
            Change::Desired { .. } => return Ok(()),
            Change::Min { to, .. } => call.min_capacity(tasks(*to)?),
            Change::Max { to, .. } => call.max_capacity(tasks(*to)?),
            Change::Suspend { to, .. } => call.suspended_state(
                SuspendedState::builder()
                    .dynamic_scaling_in_suspended(to.scale_in)
                    .dynamic_scaling_out_suspended(to.scale_out)
                    .scheduled_scaling_suspended(to.scheduled)
                    .build(),
            ),
        };
        call.send().await.map(|_registered| ()).map_err(|error| failed(PLACE, &error))
    }

    async fn disrupt(&self, _permit: &Permit, service: &ServiceId, what: &Disrupts) -> Result<Disrupted, PortError> {
        self.within_reach("ecs", service)?;
        disrupt::disrupt(self, service, what).await
    }
}

fn tasks(count: u32) -> Result<i32, PortError> {
    i32::try_from(count).map_err(|_| unusable(PLACE, format!("{count} tasks are more than AWS can count")))
}
