# The alarms that remedies need. None has an action: EventBridge hears every alarm.

locals {
  # Namespace, name and statistic as the functions read them; error_rate is made of two.
  metrics = {
    cpu                 = { namespace = "AWS/ECS", name = "CPUUtilization", statistic = "Average", percentile = null }
    memory              = { namespace = "AWS/ECS", name = "MemoryUtilization", statistic = "Average", percentile = null }
    requests_per_target = { namespace = "AWS/ApplicationELB", name = "RequestCountPerTarget", statistic = "Sum", percentile = null }
    response_time_avg   = { namespace = "AWS/ApplicationELB", name = "TargetResponseTime", statistic = "Average", percentile = null }
    response_time_p95   = { namespace = "AWS/ApplicationELB", name = "TargetResponseTime", statistic = null, percentile = "p95" }
  }

  dimensions = {
    for label, service in local.services : label => {
      service = { ClusterName = service.cluster, ServiceName = service.service }
      group = service.target_group == null ? null : {
        TargetGroup  = local.group[service.target_group].target_group
        LoadBalancer = local.group[service.target_group].load_balancer
      }
    }
  }

  watched = merge([
    for label, service in local.services : {
      for remedy in service.remedies : "${label}/${remedy.name}" => {
        label   = label
        service = service
        remedy  = remedy.name
        metric  = remedy.when.metric.metric
        above   = remedy.when.metric.above
        lasting = remedy.when.metric.lasting
      } if remedy.when.metric != null
    }
  ]...)
  remedy_alarms = var.manage_alarms ? local.watched : {}
}

resource "aws_cloudwatch_metric_alarm" "remedy" {
  for_each = local.remedy_alarms

  alarm_name          = "${each.value.service.service}-${each.value.remedy}"
  alarm_description   = "Wakes Headroom's remedy ${each.value.remedy} of ${each.value.label}."
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  evaluation_periods  = max(1, floor(each.value.lasting / 60))
  # Silence is neither health nor a breach: the alarm keeps its state.
  treat_missing_data = "missing"
  tags               = merge(var.tags, { "headroom:service" = each.value.label })

  namespace          = each.value.metric == "error_rate" ? null : local.metrics[each.value.metric].namespace
  metric_name        = each.value.metric == "error_rate" ? null : local.metrics[each.value.metric].name
  statistic          = each.value.metric == "error_rate" ? null : local.metrics[each.value.metric].statistic
  extended_statistic = each.value.metric == "error_rate" ? null : local.metrics[each.value.metric].percentile
  period             = each.value.metric == "error_rate" ? null : 60
  dimensions = each.value.metric == "error_rate" ? null : (
    contains(local.balancer_metrics, each.value.metric) ? local.dimensions[each.value.label].group : local.dimensions[each.value.label].service
  )

  # Server errors of the targets, in percent of what they were asked; no requests, no rate.
  dynamic "metric_query" {
    for_each = each.value.metric != "error_rate" ? {} : {
      rate     = { expression = "100 * FILL(errors, 0) / requests", metric = null }
      errors   = { expression = null, metric = "HTTPCode_Target_5XX_Count" }
      requests = { expression = null, metric = "RequestCount" }
    }

    content {
      id          = metric_query.key
      expression  = metric_query.value.expression
      label       = metric_query.value.expression == null ? null : "server errors in percent"
      return_data = metric_query.value.expression == null ? null : true

      dynamic "metric" {
        for_each = metric_query.value.metric == null ? [] : [metric_query.value.metric]

        content {
          namespace   = "AWS/ApplicationELB"
          metric_name = metric.value
          stat        = "Sum"
          period      = 60
          dimensions  = local.dimensions[each.value.label].group
        }
      }
    }
  }

  lifecycle {
    precondition {
      condition     = !contains(local.balancer_metrics, each.value.metric) || each.value.service.target_group != null
      error_message = "Remedy ${each.value.remedy} of ${each.value.label} watches ${each.value.metric}, but the fleet file names no target_group for it."
    }
  }

  depends_on = [terraform_data.fleet_is_of_this_place]
}

resource "aws_cloudwatch_metric_alarm" "step" {
  for_each = local.steps

  alarm_name          = "${local.scaled[each.value.label].service}-${each.value.name}"
  alarm_description   = "Drives the step scaling policy ${each.value.name} of ${each.value.label}."
  comparison_operator = each.value.above != null ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = coalesce(each.value.above, each.value.below)
  evaluation_periods  = each.value.minutes
  period              = 60
  namespace           = local.metrics[each.value.metric].namespace
  metric_name         = local.metrics[each.value.metric].name
  statistic           = local.metrics[each.value.metric].statistic
  extended_statistic  = local.metrics[each.value.metric].percentile
  dimensions          = contains(local.balancer_metrics, each.value.metric) ? local.dimensions[each.value.label].group : local.dimensions[each.value.label].service
  alarm_actions       = [aws_appautoscaling_policy.step[each.key].arn]
  tags                = var.tags
}
