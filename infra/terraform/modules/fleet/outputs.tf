output "alarm_names" {
  description = "Alarms made for remedies, by `ENVIRONMENT/SERVICE/REMEDY`."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.remedy : key => alarm.alarm_name }
}

output "scalable_targets" {
  description = "Resource ids of the scalable targets made here, by `ENVIRONMENT/SERVICE`."
  value       = { for label, target in local.targets : label => target.resource_id }
}

output "policy_arns" {
  description = "ARNs of the scaling policies made here, by `ENVIRONMENT/SERVICE/POLICY`."
  value       = { for key, policy in merge(aws_appautoscaling_policy.tracking, aws_appautoscaling_policy.step) : key => policy.arn }
}

output "dashboard_names" {
  description = "Names of the dashboards."
  value       = [for dashboard in values(aws_cloudwatch_dashboard.this) : dashboard.dashboard_name]
}

output "bounds_owner_moves" {
  description = "What to type before bounds_owner is changed to its other value, for a module that is called `fleet`. Without it Terraform would remove each scalable target, and its policies with it, and make it anew."
  value = [
    for label in keys(local.managed) : format(
      "terraform state mv 'module.fleet.aws_appautoscaling_target.%s[\"%s\"]' 'module.fleet.aws_appautoscaling_target.%s[\"%s\"]'",
      var.bounds_owner, label, var.bounds_owner == "terraform" ? "headroom" : "terraform", label
    )
  ]
}
