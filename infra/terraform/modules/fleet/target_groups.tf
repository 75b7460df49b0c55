# Metrics of a load balancer are found by the names that CloudWatch has for target group and load balancer.

locals {
  balancer_metrics = ["requests_per_target", "response_time_avg", "response_time_p95", "error_rate"]

  group_names = toset([for service in values(local.services) : service.target_group if service.target_group != null])
  looked_up   = setsubtract(local.group_names, keys(var.target_groups))

  group = {
    for name in local.group_names : name => (
      contains(keys(var.target_groups), name) ? var.target_groups[name] : {
        target_group = data.aws_lb_target_group.this[name].arn_suffix
        load_balancer = try(
          regex("loadbalancer/(app/.+)$", one(data.aws_lb_target_group.this[name].load_balancer_arns))[0], null
        )
      }
    )
  }
}

data "aws_lb_target_group" "this" {
  for_each = local.looked_up

  name = each.value

  lifecycle {
    postcondition {
      condition     = length(self.load_balancer_arns) == 1
      error_message = "Target group ${each.value} must be attached to exactly one Application Load Balancer; it is attached to ${length(self.load_balancer_arns)}."
    }
  }
}
