# Alarms on Headroom itself. They tell the notices topic, which does not depend on a function.

resource "aws_cloudwatch_metric_alarm" "own" {
  for_each = { for alarm in local.manifest.alarms : alarm.name => alarm }

  alarm_name          = each.key
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period_seconds
  evaluation_periods  = each.value.periods
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing_data
  alarm_actions       = concat([aws_sns_topic.notices.arn], tolist(var.alarm_actions))
  # What it opened is closed by the same way.
  ok_actions                = concat([aws_sns_topic.notices.arn], tolist(var.alarm_actions))
  insufficient_data_actions = [aws_sns_topic.notices.arn]
  tags                      = var.tags
}
