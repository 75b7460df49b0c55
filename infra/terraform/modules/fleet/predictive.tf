# What Application Auto Scaling forecasts, where the fleet file says `scaling.predictive`.
#
# A stack of CloudFormation holds the policy: aws_appautoscaling_policy of the oldest provider that this module takes knows
# nothing of predictive scaling.

locals {
  # Compiled name of the target, predefined pair of load and scaling metric, the policy's name.
  predicted_metrics = {
    cpu                 = { type = "ECSServiceCPUUtilization", policy = "cpu" }
    memory              = { type = "ECSServiceMemoryUtilization", policy = "memory" }
    requests_per_target = { type = "ALBRequestCount", policy = "requests" }
  }
  predictive = var.manage_policies ? {
    for label, service in local.scaled : label => {
      service = service
      metric  = service.scaling.predictive.metric
      target  = service.scaling.predictive.target
      mode    = { forecast-only = "ForecastOnly", forecast-and-scale = "ForecastAndScale" }[service.scaling.predictive.mode]
      ahead   = service.scaling.predictive.ahead
    } if service.scaling.predictive != null
  } : {}

  # A stack's name is of letters, digits and hyphens.
  predictive_stacks = {
    for label in keys(local.predictive) :
    label => "headroom-predictive-${replace(replace(label, "/", "--"), "/[^a-zA-Z0-9-]/", "-")}"
  }
}

resource "aws_cloudformation_stack" "predictive" {
  for_each = local.predictive

  name = local.predictive_stacks[each.key]
  tags = merge(var.tags, { "headroom:service" = each.key })

  template_body = jsonencode({
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "The predictive scaling policy of ${each.key}, by Headroom's fleet file."
    Resources = {
      Policy = {
        Type = "AWS::ApplicationAutoScaling::ScalingPolicy"
        Properties = {
          PolicyName        = "${each.value.service.service}-${local.predicted_metrics[each.value.metric].policy}-predictive-policy"
          PolicyType        = "PredictiveScaling"
          ServiceNamespace  = "ecs"
          ScalableDimension = "ecs:service:DesiredCount"
          ResourceId        = local.target_of[each.key]
          PredictiveScalingPolicyConfiguration = {
            Mode                 = each.value.mode
            SchedulingBufferTime = each.value.ahead
            # Max that a forecast raises would never come down again: raising it is Headroom's, by a lease.
            MaxCapacityBreachBehavior = "HonorMaxCapacity"
            MetricSpecifications = [{
              TargetValue = each.value.target
              PredefinedMetricPairSpecification = merge(
                { PredefinedMetricType = local.predicted_metrics[each.value.metric].type },
                each.value.metric != "requests_per_target" ? {} : {
                  ResourceLabel = try(
                    "${local.group[each.value.service.target_group].load_balancer}/${local.group[each.value.service.target_group].target_group}",
                    ""
                  )
                },
              )
            }]
          }
        }
      }
    }
  })

  lifecycle {
    precondition {
      condition     = each.value.metric != "requests_per_target" || each.value.service.target_group != null
      error_message = "${each.key} forecasts requests per target, but the fleet file names no target_group for it."
    }

    precondition {
      condition     = length(local.predictive_stacks[each.key]) <= 128
      error_message = "${each.key} is too long for the name of the stack that holds its predictive policy: CloudFormation takes 128 characters, and headroom-predictive- are twenty of them."
    }
  }

  # Said here too, for services whose target is somebody else's.
  depends_on = [terraform_data.fleet_is_of_this_place]
}
