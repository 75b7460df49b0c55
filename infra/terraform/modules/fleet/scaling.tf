# What Application Auto Scaling does alone.

locals {
  managed = var.manage_target ? local.scaled : {}

  # Policies go through the target they belong to, whoever owns its bounds: made after it, removed before it.
  targets     = merge(aws_appautoscaling_target.terraform, aws_appautoscaling_target.headroom)
  resource_id = { for label, service in local.scaled : label => "service/${service.cluster}/${service.service}" }
  target_of   = { for label, id in local.resource_id : label => var.manage_target ? local.targets[label].resource_id : id }

  # Compiled name of the target, predefined metric, the policy's name.
  tracked_metrics = {
    cpu                 = { type = "ECSServiceAverageCPUUtilization", policy = "cpu" }
    memory              = { type = "ECSServiceAverageMemoryUtilization", policy = "memory" }
    requests_per_target = { type = "ALBRequestCountPerTarget", policy = "requests" }
  }
  tracking = var.manage_policies ? merge([
    for label, service in local.scaled : {
      for metric, known in local.tracked_metrics : "${label}/${known.policy}" => {
        label   = label
        service = service
        metric  = metric
        type    = known.type
        policy  = known.policy
        target  = service.scaling[metric]
      } if service.scaling[metric] != null
    }
  ]...) : {}

  steps = merge([
    for label, policies in var.step_scaling : {
      for policy in policies : "${label}/${policy.name}" => merge(policy, { label = label })
      if contains(keys(local.scaled), label)
    }
  ]...)
  scheduled = merge([
    for label, actions in var.scheduled_actions : {
      for action in actions : "${label}/${action.name}" => merge(action, { label = label })
      if contains(keys(local.scaled), label)
    }
  ]...)
}

resource "aws_appautoscaling_target" "terraform" {
  for_each = var.bounds_owner == "terraform" ? local.managed : {}

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = local.resource_id[each.key]
  min_capacity       = each.value.capacity.min
  max_capacity       = each.value.capacity.max
  tags               = merge(var.tags, { headroom = each.value.environment })

  depends_on = [terraform_data.fleet_is_of_this_place]
}

# The same, but min, max and the suspended state are Headroom's: a lease may hold them while this is applied.
resource "aws_appautoscaling_target" "headroom" {
  for_each = var.bounds_owner == "headroom" ? local.managed : {}

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = local.resource_id[each.key]
  min_capacity       = each.value.capacity.min
  max_capacity       = each.value.capacity.max
  tags               = merge(var.tags, { headroom = each.value.environment })

  depends_on = [terraform_data.fleet_is_of_this_place]

  lifecycle {
    ignore_changes = [min_capacity, max_capacity, suspended_state]
  }
}

resource "aws_appautoscaling_policy" "tracking" {
  for_each = local.tracking

  name               = "${each.value.service.service}-${each.value.policy}-tracking-policy"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = local.target_of[each.value.label]

  target_tracking_scaling_policy_configuration {
    target_value       = each.value.target
    scale_out_cooldown = each.value.service.scaling.cooldown_scale_out
    scale_in_cooldown  = each.value.service.scaling.cooldown_scale_in

    predefined_metric_specification {
      predefined_metric_type = each.value.type
      resource_label = each.value.metric != "requests_per_target" ? null : try(
        "${local.group[each.value.service.target_group].load_balancer}/${local.group[each.value.service.target_group].target_group}",
        null
      )
    }
  }

  lifecycle {
    precondition {
      condition     = each.value.metric != "requests_per_target" || each.value.service.target_group != null
      error_message = "${each.value.label} tracks requests per target, but the fleet file names no target_group for it."
    }
  }

  # Said here too, for services whose target is somebody else's.
  depends_on = [terraform_data.fleet_is_of_this_place]
}

resource "aws_appautoscaling_policy" "step" {
  for_each = local.steps

  name               = "${local.scaled[each.value.label].service}-${each.value.name}"
  policy_type        = "StepScaling"
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = local.target_of[each.value.label]

  step_scaling_policy_configuration {
    adjustment_type          = each.value.adjustment_type
    min_adjustment_magnitude = each.value.min_adjustment_magnitude
    cooldown                 = each.value.cooldown
    metric_aggregation_type  = "Average"

    dynamic "step_adjustment" {
      for_each = each.value.steps

      content {
        metric_interval_lower_bound = step_adjustment.value.from
        metric_interval_upper_bound = step_adjustment.value.to
        scaling_adjustment          = step_adjustment.value.change
      }
    }
  }
}

resource "aws_appautoscaling_scheduled_action" "this" {
  for_each = local.scheduled

  name               = "${local.scaled[each.value.label].service}-${each.value.name}"
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = local.target_of[each.value.label]
  schedule           = each.value.schedule
  timezone           = each.value.timezone

  scalable_target_action {
    min_capacity = each.value.min
    max_capacity = each.value.max
  }
}
