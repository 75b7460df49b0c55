# One page for each hundred services, and on demand one for each service; the widgets are the same.

locals {
  # CloudWatch takes 500 metrics in a widget; a page of response times has three for each service.
  page_services_max = 100
  # CloudWatch refuses an alarm widget with none, and one with more.
  widget_alarms_max = 100

  fleet_pages = {
    for index, labels in chunklist(keys(local.services), local.page_services_max) :
    (index == 0 ? "headroom-${var.fleet.fleet}" : "headroom-${var.fleet.fleet}-${index + 1}") => labels
  }
  service_pages = var.dashboards != "services" ? {} : {
    # Names may hold hyphens: prod/eu-web is not prod-eu/web.
    for label in keys(local.services) : "headroom-${var.fleet.fleet}-${replace(label, "/", "--")}" => label...
  }
  pages = var.dashboards == "none" ? {} : merge(local.fleet_pages, local.service_pages)

  # How CloudWatch writes dimensions in a widget: name, value, name, value.
  of_service = {
    for label, service in local.services : label => ["ClusterName", service.cluster, "ServiceName", service.service]
  }
  of_group = {
    for label, service in local.services : label => service.target_group == null ? [] : [
      "TargetGroup", local.group[service.target_group].target_group,
      "LoadBalancer", local.group[service.target_group].load_balancer,
    ]
  }
  hours_id = { for index, label in keys(local.services) : label => "h${index}" }

  lines = {
    for label, service in local.services : label => {
      cpu    = [concat(["AWS/ECS", "CPUUtilization"], local.of_service[label], [{ label = label }])]
      memory = [concat(["AWS/ECS", "MemoryUtilization"], local.of_service[label], [{ label = label }])]
      # Each running task of a service puts one CPU sample a minute.
      tasks = [concat(["AWS/ECS", "CPUUtilization"], local.of_service[label], [{ label = label, stat = "SampleCount" }])]
      hours = [
        [{ expression = "${local.hours_id[label]} / 60", label = label, period = 3600 }],
        concat(
          ["AWS/ECS", "CPUUtilization"], local.of_service[label],
          [{ id = local.hours_id[label], stat = "SampleCount", period = 3600, visible = false }]
        ),
      ]
      requests = service.target_group == null ? [] : [
        concat(["AWS/ApplicationELB", "RequestCountPerTarget"], slice(local.of_group[label], 0, 2), [{ label = label, stat = "Sum" }])
      ]
      response = service.target_group == null ? [] : [
        for percentile in ["p50", "p95", "p99"] : concat(
          ["AWS/ApplicationELB", "TargetResponseTime"], local.of_group[label],
          [{ label = "${label} ${percentile}", stat = percentile }]
        )
      ]
      errors = service.target_group == null ? [] : [
        concat(["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count"], local.of_group[label], [{ label = label, stat = "Sum" }])
      ]
    }
  }

  # On the page of one service, what the fleet file says about it.
  marks = {
    for label, service in local.services : label => {
      cpu = concat(
        service.scaling.cpu == null ? [] : [{ label = "scaling target", value = service.scaling.cpu }],
        [for remedy in service.remedies : { label = remedy.name, value = remedy.when.metric.above } if try(remedy.when.metric.metric == "cpu", false)],
      )
      memory = concat(
        service.scaling.memory == null ? [] : [{ label = "scaling target", value = service.scaling.memory }],
        [for remedy in service.remedies : { label = remedy.name, value = remedy.when.metric.above } if try(remedy.when.metric.metric == "memory", false)],
      )
      tasks = [
        { label = "min", value = service.capacity.min },
        { label = "max", value = service.capacity.max },
        { label = "ceiling", value = service.capacity.ceiling },
      ]
      requests = service.scaling.requests_per_target == null ? [] : [{ label = "scaling target", value = service.scaling.requests_per_target }]
      hours    = []
      response = []
      errors   = []
    }
  }

  # Title, the metrics by label, the default statistic, seconds of a point; in the order of the page.
  panels = [
    { key = "cpu", title = "CPU, percent", stat = "Average", period = 60, stacked = false },
    { key = "memory", title = "Memory, percent", stat = "Average", period = 60, stacked = false },
    { key = "tasks", title = "Running tasks", stat = "SampleCount", period = 60, stacked = false },
    { key = "requests", title = "Requests per target and minute", stat = "Sum", period = 60, stacked = false },
    { key = "response", title = "Response time, seconds", stat = "p95", period = 60, stacked = false },
    { key = "errors", title = "Server errors (5xx) of the targets", stat = "Sum", period = 60, stacked = false },
    { key = "hours", title = "Task-hours in each hour", stat = "SampleCount", period = 3600, stacked = true },
  ]

  dependency_lines = {
    for page, labels in local.pages : page => [
      for dependency in var.fleet.dependencies : dependency
      if dependency.watch.metric != null && anytrue([
        for label in labels : local.services[label].environment == dependency.environment && contains(local.services[label].depends_on, dependency.name)
      ])
    ]
  }

  graphs = {
    for page, labels in local.pages : page => concat(
      [
        for panel in local.panels : {
          title   = panel.title
          view    = "timeSeries"
          stacked = panel.stacked
          region  = local.region
          period  = panel.period
          stat    = panel.stat
          metrics = concat([for label in labels : local.lines[label][panel.key]]...)
          annotations = {
            horizontal = length(labels) == 1 ? local.marks[labels[0]][panel.key] : []
          }
        } if length(concat([for label in labels : local.lines[label][panel.key]]...)) > 0
      ],
      [
        for dependency in local.dependency_lines[page] : {
          title   = "Dependency ${dependency.name}: ${dependency.watch.metric.metric}"
          view    = "timeSeries"
          stacked = false
          region  = local.region
          period  = 60
          stat    = "Average"
          metrics = [concat(
            [dependency.watch.metric.namespace, dependency.watch.metric.metric],
            flatten([for name, value in dependency.watch.metric.dimensions : [name, value]]),
          )]
          annotations = { horizontal = [{ label = "high", value = dependency.watch.metric.above.value }] }
        }
      ],
      [
        {
          title       = "Headroom: what came of events"
          view        = "timeSeries"
          stacked     = true
          region      = local.region
          period      = 300
          stat        = "Sum"
          metrics     = [[{ expression = "SEARCH('{Headroom,Outcome,Remedy} MetricName=\"Decisions\"', 'Sum', 300)", label = "" }]]
          annotations = { horizontal = [] }
        },
        {
          title       = "Headroom: why it did not act"
          view        = "timeSeries"
          stacked     = true
          region      = local.region
          period      = 300
          stat        = "Sum"
          metrics     = [[{ expression = "SEARCH('{Headroom,Reason} MetricName=\"Reasons\"', 'Sum', 300)", label = "" }]]
          annotations = { horizontal = [] }
        },
      ],
    )
  }

  # What scales these services and what wakes Headroom, as alarms: their changes are the scaling events.
  page_alarms = {
    for page, labels in local.pages : page => concat(
      flatten([
        for key, policy in aws_appautoscaling_policy.tracking : policy.alarm_arns
        if contains(labels, local.tracking[key].label)
      ]),
      [
        for key, alarm in aws_cloudwatch_metric_alarm.step : alarm.arn
        if contains(labels, local.steps[key].label)
      ],
      [
        for key, alarm in aws_cloudwatch_metric_alarm.remedy : alarm.arn
        if contains(labels, local.remedy_alarms[key].label)
      ],
    )
  }

  # Dependencies that an alarm of the team watches.
  dependency_alarms = {
    for page, labels in local.pages : page => distinct([
      for dependency in var.fleet.dependencies :
      "arn:${data.aws_partition.current.partition}:cloudwatch:${local.region}:${local.account}:alarm:${dependency.watch.alarm.alarm}"
      if dependency.watch.alarm != null && anytrue([
        for label in labels : local.services[label].environment == dependency.environment && contains(local.services[label].depends_on, dependency.name)
      ])
    ])
  }

  alarm_widgets = {
    for page in keys(local.pages) : page => flatten([
      for title, alarms in {
        "Scaling events: alarms of scaling policies and of remedies" = local.page_alarms[page]
        "Alarms of dependencies"                                     = local.dependency_alarms[page]
        } : [
        for index, part in chunklist(alarms, local.widget_alarms_max) : {
          title  = length(alarms) <= local.widget_alarms_max ? title : "${title} (${index + 1} of ${ceil(length(alarms) / local.widget_alarms_max)})"
          alarms = part
        }
      ]
    ])
  }
}

resource "aws_cloudwatch_dashboard" "this" {
  for_each = local.pages

  dashboard_name = each.key
  dashboard_body = jsonencode({
    widgets = concat(
      [
        for index, graph in local.graphs[each.key] : {
          type       = "metric"
          x          = index % 2 * 12
          y          = floor(index / 2) * 6
          width      = 12
          height     = 6
          properties = graph
        }
      ],
      [
        for index, properties in local.alarm_widgets[each.key] : {
          type       = "alarm"
          x          = 0
          y          = ceil(length(local.graphs[each.key]) / 2) * 6 + index * 4
          width      = 24
          height     = 4
          properties = properties
        }
      ],
    )
  })
}
