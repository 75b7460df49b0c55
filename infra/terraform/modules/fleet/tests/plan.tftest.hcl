# Offline: the provider is mocked, its schema is real.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  environment = "prod-eu"
}

run "the_fleet_file_becomes_targets_policies_alarms_and_a_page" {
  command = apply

  variables {
    fleet = jsondecode(file("../../tests/fleets/observe.json"))
  }

  assert {
    condition     = keys(aws_appautoscaling_target.terraform) == ["prod-eu/web", "prod-eu/web-iso"] && length(aws_appautoscaling_target.headroom) == 0
    error_message = "each service that scales has one target, and a fixed one has none"
  }

  assert {
    condition     = aws_appautoscaling_target.terraform["prod-eu/web"].min_capacity == 2 && aws_appautoscaling_target.terraform["prod-eu/web"].max_capacity == 10 && aws_appautoscaling_target.terraform["prod-eu/web"].resource_id == "service/prod-eu-cluster/prod-eu-web"
    error_message = "bounds or name of a target are not the fleet file's"
  }

  assert {
    condition     = alltrue([for target in values(aws_appautoscaling_target.terraform) : target.tags["headroom"] == "prod-eu"])
    error_message = "a target lacks the tag without which act could not change it"
  }

  assert {
    condition     = keys(aws_appautoscaling_policy.tracking) == ["prod-eu/web-iso/cpu", "prod-eu/web/cpu", "prod-eu/web/requests"]
    error_message = "there is not exactly one policy for each scaling target of the fleet file"
  }

  assert {
    condition     = aws_appautoscaling_policy.tracking["prod-eu/web/cpu"].name == "prod-eu-web-cpu-tracking-policy" && aws_appautoscaling_policy.tracking["prod-eu/web/cpu"].target_tracking_scaling_policy_configuration[0].target_value == 70
    error_message = "name or target of the CPU policy are wrong"
  }

  assert {
    condition     = length(aws_cloudformation_stack.predictive) == 0
    error_message = "a fleet file without scaling.predictive makes a forecast"
  }

  assert {
    condition     = aws_appautoscaling_policy.tracking["prod-eu/web/requests"].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].resource_label == "app/found/50dc6c495c0c9188/targetgroup/found/73e2d6bc24d8a067"
    error_message = "the label of a load balancer's metric is app/NAME/ID/targetgroup/NAME/ID"
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.remedy) == ["prod-eu/web-iso/cpu-high", "prod-eu/web-iso/errors", "prod-eu/web-iso/slow", "prod-eu/web/cpu-high", "prod-eu/web/errors", "prod-eu/web/slow"]
    error_message = "there is not one alarm for each remedy that needs one"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.remedy["prod-eu/web/cpu-high"].alarm_name == "prod-eu-web-cpu-high" && aws_cloudwatch_metric_alarm.remedy["prod-eu/web/cpu-high"].threshold == 85 && aws_cloudwatch_metric_alarm.remedy["prod-eu/web/cpu-high"].evaluation_periods == 2 && aws_cloudwatch_metric_alarm.remedy["prod-eu/web/cpu-high"].treat_missing_data == "missing"
    error_message = "name, threshold, length or treatment of missing data of an alarm are not the fleet file's"
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.remedy["prod-eu/web/slow"].extended_statistic == "p95" && aws_cloudwatch_metric_alarm.remedy["prod-eu/web/slow"].threshold == 2 && aws_cloudwatch_metric_alarm.remedy["prod-eu/web/slow"].dimensions["TargetGroup"] == "targetgroup/found/73e2d6bc24d8a067"
    error_message = "the response time's alarm is not the 95th percentile of the target group"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.remedy["prod-eu/web/errors"].metric_query) == 3
    error_message = "the error rate is not made of errors and requests"
  }

  assert {
    condition     = keys(aws_cloudwatch_dashboard.this) == ["headroom-langfuse"]
    error_message = "by default there is one page for the fleet"
  }
}

run "a_page_shows_what_a_person_on_call_asks_for" {
  command = apply

  variables {
    fleet      = jsondecode(file("../../tests/fleets/observe.json"))
    dashboards = "services"
  }

  assert {
    condition = [for widget in jsondecode(aws_cloudwatch_dashboard.this["headroom-langfuse-prod-eu--web"].dashboard_body).widgets : widget.properties.title] == [
      "CPU, percent",
      "Memory, percent",
      "Running tasks",
      "Requests per target and minute",
      "Response time, seconds",
      "Server errors (5xx) of the targets",
      "Task-hours in each hour",
      "Dependency redis: CPUUtilization",
      "Headroom: what came of events",
      "Headroom: why it did not act",
      "Alarms of dependencies",
      "Scaling events: alarms of scaling policies and of remedies",
    ]
    error_message = "a widget is missing: ${jsonencode([for widget in jsondecode(aws_cloudwatch_dashboard.this["headroom-langfuse-prod-eu--web"].dashboard_body).widgets : widget.properties.title])}"
  }

  assert {
    condition = {
      for widget in jsondecode(aws_cloudwatch_dashboard.this["headroom-langfuse-prod-eu--web"].dashboard_body).widgets :
      widget.properties.title => [for line in widget.properties.annotations.horizontal : "${line.label} ${line.value}"]
      if try(length(widget.properties.annotations.horizontal), 0) > 0
      } == {
      "CPU, percent"                     = ["scaling target 70", "cpu-high 85"]
      "Running tasks"                    = ["min 2", "max 10", "ceiling 15"]
      "Requests per target and minute"   = ["scaling target 1000"]
      "Dependency redis: CPUUtilization" = ["high 75"]
    }
    error_message = "a page lost what the fleet file says about its service: targets, min, max, ceiling"
  }

  assert {
    condition = flatten([
      for widget in jsondecode(aws_cloudwatch_dashboard.this["headroom-langfuse-prod-eu--web"].dashboard_body).widgets : [
        for metric in widget.properties.metrics : metric[length(metric) - 1].stat
      ] if widget.properties.title == "Response time, seconds"
    ]) == ["p50", "p95", "p99"]
    error_message = "the response time is not shown by p50, p95 and p99"
  }

  assert {
    condition = [
      for widget in jsondecode(aws_cloudwatch_dashboard.this["headroom-langfuse-prod-eu--web"].dashboard_body).widgets :
      length(widget.properties.alarms) if widget.type == "alarm"
    ] == [1, 2 * 2 + 3]
    error_message = "a page does not show the alarms of its dependencies, both policies' and three remedies'"
  }

  assert {
    condition     = strcontains(aws_cloudwatch_dashboard.this["headroom-langfuse"].dashboard_body, "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:prod-eu-postgres-connections")
    error_message = "the fleet's page does not show the alarm that watches a dependency"
  }
}

run "more_alarms_than_a_widget_takes_are_on_several" {
  command = apply

  variables {
    manage_target   = false
    manage_policies = false
    fleet = merge(jsondecode(file("../../tests/fleets/act.json")), {
      services = {
        profiles = jsondecode(file("../../tests/fleets/act.json")).services.profiles
        list = [
          for index in range(60) :
          { environment = "prod-eu", name = "web${index}", cluster = "prod", service = "prod-web${index}", profile = 0, target_group = "web" }
        ]
      }
    })
  }

  assert {
    condition = [
      for widget in jsondecode(aws_cloudwatch_dashboard.this["headroom-langfuse"].dashboard_body).widgets :
      "${widget.properties.title}: ${length(widget.properties.alarms)}" if widget.type == "alarm"
      ] == [
      "Scaling events: alarms of scaling policies and of remedies (1 of 2): 100",
      "Scaling events: alarms of scaling policies and of remedies (2 of 2): 20",
    ]
    error_message = "alarms beyond the hundred that a widget takes are not shown"
  }
}

run "a_page_without_alarms_has_no_widget_for_them" {
  command = plan

  variables {
    environment   = "prod"
    fleet         = jsondecode(file("../../tests/fleets/two.json"))
    bounds_owner  = "headroom"
    manage_alarms = false
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this["headroom-two"].dashboard_body).widgets) > 0 && !strcontains(aws_cloudwatch_dashboard.this["headroom-two"].dashboard_body, "\"alarm\"")
    error_message = "CloudWatch refuses an alarm widget without an alarm"
  }
}

run "two_services_of_one_page_name_are_refused" {
  command = plan

  variables {
    environment = null
    dashboards  = "services"
    fleet = merge(jsondecode(file("../../tests/fleets/two.json")), {
      environments = [for name in ["prod", "prod--eu"] : { name = name, account = "222222222222", region = "eu-west-1" }]
      services = {
        profiles = jsondecode(file("../../tests/fleets/two.json")).services.profiles
        list = [
          { environment = "prod", name = "eu--web", cluster = "c", service = "a", profile = 0 },
          { environment = "prod--eu", name = "web", cluster = "c", service = "b", profile = 0 },
        ]
      }
    })
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "headroom_owns_the_bounds_by_another_resource" {
  command = apply

  variables {
    fleet        = jsondecode(file("../../tests/fleets/act.json"))
    bounds_owner = "headroom"
  }

  assert {
    condition     = length(aws_appautoscaling_target.terraform) == 0 && keys(aws_appautoscaling_target.headroom) == ["prod-eu/web", "prod-eu/web-iso"]
    error_message = "the targets are not those whose bounds Terraform ignores"
  }

  assert {
    condition     = aws_appautoscaling_policy.tracking["prod-eu/web/cpu"].resource_id == "service/prod-eu-cluster/prod-eu-web"
    error_message = "a policy lost its target"
  }

  assert {
    condition     = output.bounds_owner_moves[0] == "terraform state mv 'module.fleet.aws_appautoscaling_target.headroom[\"prod-eu/web\"]' 'module.fleet.aws_appautoscaling_target.terraform[\"prod-eu/web\"]'"
    error_message = "the move back is not printed as it must be typed"
  }
}

run "terraform_that_owns_bounds_in_act_is_warned_of" {
  command = plan

  variables {
    fleet = jsondecode(file("../../tests/fleets/act.json"))
  }

  expect_failures = [check.terraform_does_not_fight_a_lease]
}

run "what_a_team_has_is_left_alone" {
  command = plan

  variables {
    fleet           = jsondecode(file("../../tests/fleets/observe.json"))
    manage_target   = false
    manage_policies = false
    dashboards      = "none"
  }

  assert {
    condition     = length(local.targets) + length(aws_appautoscaling_policy.tracking) + length(aws_cloudwatch_dashboard.this) == 0
    error_message = "a target, a policy or a page is made that nobody asked for"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.remedy) == 6
    error_message = "the alarms that remedies need are missing"
  }
}

run "policies_of_a_team_that_owns_the_target" {
  command = plan

  variables {
    fleet         = jsondecode(file("../../tests/fleets/observe.json"))
    manage_target = false
  }

  assert {
    condition     = length(local.targets) == 0 && aws_appautoscaling_policy.tracking["prod-eu/web/cpu"].resource_id == "service/prod-eu-cluster/prod-eu-web"
    error_message = "policies cannot be put on a target that somebody else made"
  }
}

run "step_scaling_and_schedules_of_openwan" {
  command = apply

  variables {
    environment = "prod"
    fleet       = jsondecode(file("../../tests/fleets/openwan.json"))
    dashboards  = "services"

    target_groups = {
      api    = { target_group = "targetgroup/api/1", load_balancer = "app/openwan/1" }
      worker = { target_group = "targetgroup/worker/1", load_balancer = "app/openwan/1" }
    }

    step_scaling = {
      "prod/api" = [{
        name   = "requests-step"
        metric = "requests_per_target"
        above  = 1000
        steps  = [{ from = 0, to = 100, change = 10 }, { from = 100, change = 30 }]
        }, {
        name            = "cpu-low"
        metric          = "cpu"
        below           = 20
        minutes         = 15
        adjustment_type = "ChangeInCapacity"
        steps           = [{ to = -10, change = -2 }, { from = -10, to = 0, change = -1 }]
      }]
    }

    scheduled_actions = {
      "prod/api" = [
        { name = "office", schedule = "cron(0 8 ? * MON-FRI *)", min = 3, max = 10 },
        { name = "night", schedule = "cron(0 22 ? * * *)", min = 2, max = 10 },
      ]
    }
  }

  assert {
    condition     = length(aws_appautoscaling_policy.step["prod/api/requests-step"].step_scaling_policy_configuration[0].step_adjustment) == 2 && contains(aws_cloudwatch_metric_alarm.step["prod/api/requests-step"].alarm_actions, aws_appautoscaling_policy.step["prod/api/requests-step"].arn)
    error_message = "a step policy is not driven by its alarm"
  }

  assert {
    condition = [
      for widget in jsondecode(aws_cloudwatch_dashboard.this["headroom-openwan-prod--api"].dashboard_body).widgets :
      length(widget.properties.alarms) if widget.type == "alarm"
    ] == [2 * 2 + 2 + 2]
    error_message = "a page does not show the alarms of two step policies beside two policies' and two remedies'"
  }

  assert {
    condition     = aws_appautoscaling_scheduled_action.this["prod/api/office"].scalable_target_action[0].min_capacity == "3"
    error_message = "a scheduled action lost its minimum"
  }

  assert {
    condition     = keys(aws_cloudwatch_dashboard.this) == ["headroom-openwan", "headroom-openwan-prod--api", "headroom-openwan-prod--worker"]
    error_message = "each service has a page when pages for services are asked for"
  }

  assert {
    condition     = keys(aws_cloudformation_stack.predictive) == ["prod/api"] && aws_cloudformation_stack.predictive["prod/api"].name == "headroom-predictive-prod--api"
    error_message = "there is not one stack for each predictive policy of the fleet file"
  }

  assert {
    condition = jsondecode(aws_cloudformation_stack.predictive["prod/api"].template_body).Resources.Policy.Properties == {
      PolicyName        = "api-requests-predictive-policy"
      PolicyType        = "PredictiveScaling"
      ServiceNamespace  = "ecs"
      ScalableDimension = "ecs:service:DesiredCount"
      ResourceId        = "service/openwan/api"
      PredictiveScalingPolicyConfiguration = {
        Mode                      = "ForecastOnly"
        SchedulingBufferTime      = 600
        MaxCapacityBreachBehavior = "HonorMaxCapacity"
        MetricSpecifications = [{
          TargetValue                       = 800
          PredefinedMetricPairSpecification = { PredefinedMetricType = "ALBRequestCount", ResourceLabel = "app/openwan/1/targetgroup/api/1" }
        }]
      }
    }
    error_message = "the predictive policy is not what the fleet file says"
  }
}

run "no_policy_is_made_where_policies_are_somebody_elses" {
  command = plan

  variables {
    environment     = "prod"
    fleet           = jsondecode(file("../../tests/fleets/openwan.json"))
    manage_policies = false

    target_groups = {
      api    = { target_group = "targetgroup/api/1", load_balancer = "app/openwan/1" }
      worker = { target_group = "targetgroup/worker/1", load_balancer = "app/openwan/1" }
    }
  }

  assert {
    condition     = length(aws_appautoscaling_policy.tracking) == 0 && length(aws_cloudformation_stack.predictive) == 0
    error_message = "a policy is made although manage_policies is false"
  }
}

run "a_service_that_does_not_exist_is_named" {
  command = plan

  variables {
    fleet             = jsondecode(file("../../tests/fleets/observe.json"))
    scheduled_actions = { "prod-eu/wbe" = [{ name = "office", schedule = "cron(0 8 ? * MON-FRI *)", min = 3 }] }
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "an_environment_that_does_not_exist_is_refused" {
  command = plan

  variables {
    fleet       = jsondecode(file("../../tests/fleets/observe.json"))
    environment = "prod-us"
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "a_fleet_of_another_account_is_refused" {
  command = plan

  variables {
    fleet = jsondecode(file("../../tests/fleets/elsewhere.json"))
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "an_unknown_owner_is_refused" {
  command = plan

  variables {
    fleet        = jsondecode(file("../../tests/fleets/observe.json"))
    bounds_owner = "both"
  }

  expect_failures = [var.bounds_owner]
}

run "a_step_policy_of_an_unknown_metric_is_refused" {
  command = plan

  variables {
    fleet        = jsondecode(file("../../tests/fleets/observe.json"))
    step_scaling = { "prod-eu/web" = [{ name = "x", metric = "queue", above = 5, steps = [{ from = 0, change = 1 }] }] }
  }

  expect_failures = [var.step_scaling]
}

run "a_plain_cron_line_is_no_schedule" {
  command = plan

  variables {
    fleet             = jsondecode(file("../../tests/fleets/observe.json"))
    scheduled_actions = { "prod-eu/web" = [{ name = "x", schedule = "0 8 * * MON-FRI", min = 3 }] }
  }

  expect_failures = [var.scheduled_actions]
}

run "an_unknown_adjustment_is_refused" {
  command = plan

  variables {
    fleet        = jsondecode(file("../../tests/fleets/observe.json"))
    step_scaling = { "prod-eu/web" = [{ name = "x", metric = "cpu", above = 70, adjustment_type = "Percent", steps = [{ from = 0, change = 1 }] }] }
  }

  expect_failures = [var.step_scaling]
}

run "minutes_that_are_none_are_refused" {
  command = plan

  variables {
    fleet        = jsondecode(file("../../tests/fleets/observe.json"))
    step_scaling = { "prod-eu/web" = [{ name = "x", metric = "cpu", above = 70, minutes = 0, steps = [{ from = 0, change = 1 }] }] }
  }

  expect_failures = [var.step_scaling]
}

run "a_step_policy_without_steps_is_refused" {
  command = plan

  variables {
    fleet        = jsondecode(file("../../tests/fleets/observe.json"))
    step_scaling = { "prod-eu/web" = [{ name = "x", metric = "cpu", above = 70, steps = [] }] }
  }

  expect_failures = [var.step_scaling]
}

run "steps_that_leave_a_gap_are_refused" {
  command = plan

  variables {
    fleet        = jsondecode(file("../../tests/fleets/observe.json"))
    step_scaling = { "prod-eu/web" = [{ name = "x", metric = "cpu", above = 70, steps = [{ from = 0, to = 10, change = 1 }, { from = 20, change = 2 }] }] }
  }

  expect_failures = [var.step_scaling]
}

run "steps_on_the_quiet_side_of_the_threshold_are_refused" {
  command = plan

  variables {
    fleet        = jsondecode(file("../../tests/fleets/observe.json"))
    step_scaling = { "prod-eu/web" = [{ name = "x", metric = "cpu", above = 70, steps = [{ to = -10, change = 1 }] }] }
  }

  expect_failures = [var.step_scaling]
}

run "two_step_policies_of_one_name_are_refused" {
  command = plan

  variables {
    fleet        = jsondecode(file("../../tests/fleets/observe.json"))
    step_scaling = { "prod-eu/web" = [for above in [70, 90] : { name = "x", metric = "cpu", above = above, steps = [{ from = 0, change = 1 }] }] }
  }

  expect_failures = [var.step_scaling]
}

run "a_step_policy_whose_alarm_is_a_remedys_is_refused" {
  command = plan

  variables {
    fleet        = jsondecode(file("../../tests/fleets/observe.json"))
    step_scaling = { "prod-eu/web" = [{ name = "cpu-high", metric = "cpu", above = 70, steps = [{ from = 0, change = 1 }] }] }
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "two_scheduled_actions_of_one_name_are_refused" {
  command = plan

  variables {
    fleet             = jsondecode(file("../../tests/fleets/observe.json"))
    scheduled_actions = { "prod-eu/web" = [for hour in [8, 9] : { name = "office", schedule = "cron(0 ${hour} ? * MON-FRI *)", min = 3 }] }
  }

  expect_failures = [var.scheduled_actions]
}
