data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  account = data.aws_caller_identity.current.account_id
  # Version 5 of the provider calls it `name`, version 6 `region`; each refuses or deprecates the other's word.
  here   = jsondecode(jsonencode(data.aws_region.current))
  region = try(local.here.region, local.here.name)

  environments = {
    for environment in var.fleet.environments : environment.name => environment
    if var.environment == null || environment.name == var.environment
  }
  services = {
    for service in var.fleet.services.list :
    "${service.environment}/${service.name}" => merge(var.fleet.services.profiles[service.profile], service)
    if contains(keys(local.environments), service.environment)
  }

  # `capacity.fixed` of the fleet file: no scalable target, no policy.
  scaled = {
    for label, service in local.services : label => service
    if !(service.capacity.min == service.capacity.max && service.capacity.max == service.capacity.ceiling)
  }
}

locals {
  # CloudWatch would take the later of two alarms of one name for a change of the earlier.
  alarm_makers = merge(
    { for key, alarm in local.remedy_alarms : "remedy ${key}" => "${alarm.service.service}-${alarm.remedy}" },
    { for key, step in local.steps : "step policy ${key}" => "${local.scaled[step.label].service}-${step.name}" },
  )
  alarms_of_one_name = [
    for makers in values({ for maker, name in local.alarm_makers : name => maker... }) : join(" and ", makers) if length(makers) > 1
  ]

  # Services that would share a page or a stack.
  ambiguous = [
    for labels in concat(
      values(local.service_pages),
      values({ for label, name in local.predictive_stacks : name => label... }),
    ) : join(" and ", labels) if length(labels) > 1
  ]
}

# A name that matches nothing would make nothing, and nobody would notice.
resource "terraform_data" "fleet_is_of_this_place" {
  lifecycle {
    precondition {
      condition     = length(local.environments) > 0
      error_message = "The fleet file has no environment ${coalesce(var.environment, "at all")}; it has ${join(", ", var.fleet.environments[*].name)}."
    }

    precondition {
      condition = alltrue([
        for environment in values(local.environments) :
        environment.account == local.account && environment.region == local.region
      ])
      error_message = format(
        "These environments (%s) are not in this provider's account %s and region %s: set environment, or compile one environment.",
        join(", ", [for e in values(local.environments) : "${e.name} in ${e.account} ${e.region}"]), local.account, local.region
      )
    }

    precondition {
      condition     = length(setsubtract(concat(keys(var.step_scaling), keys(var.scheduled_actions)), keys(local.scaled))) == 0
      error_message = "step_scaling and scheduled_actions name services that are not here or do not scale: ${join(", ", setsubtract(concat(keys(var.step_scaling), keys(var.scheduled_actions)), keys(local.scaled)))}. There are: ${join(", ", keys(local.scaled))}."
    }

    precondition {
      condition     = length(local.alarms_of_one_name) == 0
      error_message = "The alarms of ${join("; of ", local.alarms_of_one_name)} would have the same name: <ECS service>-<remedy or policy>. Name one otherwise, or apply the clusters apart."
    }

    precondition {
      condition     = length(local.ambiguous) == 0
      error_message = "The dashboards or the stacks of predictive policies of ${join("; of ", distinct(local.ambiguous))} would have the same name: set environment, so that they are not made by one module, or name a service otherwise."
    }
  }
}

# In mode act an apply during a lease would put the bounds back while the load still needs them.
check "terraform_does_not_fight_a_lease" {
  assert {
    condition     = !(var.manage_target && var.bounds_owner == "terraform" && anytrue([for service in values(local.scaled) : service.mode == "act"]))
    error_message = "Services are in mode act and Terraform owns their bounds: an apply during a lease writes min and max back. Move them to bounds_owner = \"headroom\" (output bounds_owner_moves)."
  }
}
