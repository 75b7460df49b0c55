variable "fleet" {
  description = "The compiled fleet: `jsondecode(file(\"fleet.json\"))`, made by `headroom compile headroom.yaml -o fleet.json`."
  nullable    = false
  type = object({
    version = number
    fleet   = string
    environments = list(object({
      name    = string
      account = string
      region  = string
    }))
    services = object({
      profiles = list(object({
        mode     = string
        capacity = object({ min = number, max = number, ceiling = number })
        scaling = object({
          cpu                 = optional(number)
          memory              = optional(number)
          requests_per_target = optional(number)
          cooldown_scale_out  = number
          cooldown_scale_in   = number
          predictive          = optional(object({ metric = string, target = number, mode = string, ahead = number }))
        })
        depends_on = optional(list(string), [])
        remedies = list(object({
          name = string
          when = object({
            metric = optional(object({ metric = string, above = number, lasting = number }))
          })
        }))
      }))
      list = list(object({
        environment  = string
        name         = string
        cluster      = string
        service      = string
        target_group = optional(string)
        profile      = number
      }))
    })
    dependencies = optional(list(object({
      environment = string
      name        = string
      watch = object({
        metric = optional(object({
          namespace  = string
          metric     = string
          dimensions = map(string)
          above      = object({ value = number, unit = string })
        }))
        alarm = optional(object({ alarm = string }))
      })
    })), [])
  })

  validation {
    condition     = var.fleet.version == 2
    error_message = "fleet must be a compiled fleet of version 2: headroom compile headroom.yaml -o fleet.json."
  }
}

variable "environment" {
  description = "Only the services of this environment of the fleet file; null takes all of them."
  type        = string
  default     = null
}

variable "bounds_owner" {
  description = "Who sets min and max of the scalable targets after they were made. `terraform`: each apply writes the fleet file's bounds, also over a lease. `headroom`: Terraform makes the target once and ignores its bounds from then on. Changing it needs `terraform state mv` first, see the output `bounds_owner_moves`."
  type        = string
  default     = "terraform"
  nullable    = false

  validation {
    condition     = contains(["terraform", "headroom"], var.bounds_owner)
    error_message = "bounds_owner is terraform or headroom."
  }
}

variable "manage_target" {
  description = "Whether the scalable targets are made here; false leaves yours alone."
  type        = bool
  default     = true
  nullable    = false
}

variable "manage_policies" {
  description = "Whether the target-tracking and predictive policies of the fleet file's `scaling` are made here; false leaves yours alone."
  type        = bool
  default     = true
  nullable    = false
}

variable "manage_alarms" {
  description = "Whether the alarms that remedies need are made here, named `<ECS service>-<remedy>`."
  type        = bool
  default     = true
  nullable    = false
}

variable "dashboards" {
  description = "`fleet`: one page for each hundred services; `services`: also one for each service (each costs what CloudWatch asks for a dashboard); `none`."
  type        = string
  default     = "fleet"
  nullable    = false

  validation {
    condition     = contains(["fleet", "services", "none"], var.dashboards)
    error_message = "dashboards is one of fleet, services, none."
  }
}

variable "target_groups" {
  description = "What CloudWatch calls a target group and its load balancer, by the target group's name in the fleet file: their `arn_suffix`. One that is missing here is looked up in AWS, and must exist then."
  type = map(object({
    target_group  = string
    load_balancer = string
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for group in values(var.target_groups) : startswith(group.target_group, "targetgroup/") && startswith(group.load_balancer, "app/")])
    error_message = "target_groups holds arn_suffix values: { target_group = \"targetgroup/NAME/ID\", load_balancer = \"app/NAME/ID\" }."
  }
}

variable "step_scaling" {
  description = "Step scaling policies by service (`ENVIRONMENT/NAME`), each with the alarm that drives it. `from` and `to` are distances from the threshold in the metric's unit; `change` is in percent of the tasks, or in tasks with `adjustment_type = \"ChangeInCapacity\"`."
  type = map(list(object({
    name                     = string
    metric                   = string
    above                    = optional(number)
    below                    = optional(number)
    minutes                  = optional(number, 1)
    adjustment_type          = optional(string, "PercentChangeInCapacity")
    min_adjustment_magnitude = optional(number)
    cooldown                 = optional(number, 60)
    steps = list(object({
      from   = optional(number)
      to     = optional(number)
      change = number
    }))
  })))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for policy in flatten(values(var.step_scaling)) : contains(["cpu", "memory", "requests_per_target", "response_time_avg", "response_time_p95"], policy.metric)])
    error_message = "step_scaling.metric is one of cpu, memory, requests_per_target, response_time_avg, response_time_p95."
  }

  validation {
    condition     = alltrue([for policy in flatten(values(var.step_scaling)) : (policy.above == null) != (policy.below == null)])
    error_message = "A step scaling policy has exactly one of above and below."
  }

  validation {
    condition     = alltrue([for policy in flatten(values(var.step_scaling)) : contains(["PercentChangeInCapacity", "ChangeInCapacity", "ExactCapacity"], policy.adjustment_type)])
    error_message = "step_scaling.adjustment_type is one of PercentChangeInCapacity, ChangeInCapacity, ExactCapacity."
  }

  validation {
    condition     = alltrue([for policy in flatten(values(var.step_scaling)) : policy.min_adjustment_magnitude == null || policy.adjustment_type == "PercentChangeInCapacity"])
    error_message = "step_scaling.min_adjustment_magnitude belongs to PercentChangeInCapacity."
  }

  validation {
    # CloudWatch looks back for a day at most.
    condition     = alltrue([for policy in flatten(values(var.step_scaling)) : policy.minutes >= 1 && policy.minutes <= 1440 && floor(policy.minutes) == policy.minutes])
    error_message = "step_scaling.minutes is a whole number from 1 to 1440: for so long the metric is past its threshold."
  }

  validation {
    # Application Auto Scaling takes 20.
    condition = alltrue([
      for policy in flatten(values(var.step_scaling)) : length(policy.steps) >= 1 && length(policy.steps) <= 20 && alltrue([
        for step in policy.steps : step.from == null ? step.to != null : (step.to == null ? true : step.from < step.to)
      ])
    ])
    error_message = "step_scaling.steps holds 1 to 20 steps, each with from, to or both, from below to."
  }

  validation {
    condition = alltrue([
      for policy in flatten(values(var.step_scaling)) : alltrue([
        for step in policy.steps : alltrue([
          for bound in [step.from, step.to] : bound == null ? true : (policy.above != null ? bound >= 0 : bound <= 0)
        ])
      ])
    ])
    error_message = "step_scaling.steps are distances from the threshold: not negative with above, not positive with below."
  }

  validation {
    # As sets: what a step ends with another begins with, except at both ends.
    condition = alltrue([
      for policy in flatten(values(var.step_scaling)) : alltrue([
        for ends in [
          [[for step in policy.steps : step.from if step.from != null], [for step in policy.steps : step.to if step.to != null]],
        ] : length(distinct(ends[0])) == length(ends[0]) && length(distinct(ends[1])) == length(ends[1]) && length(setsubtract(ends[0], ends[1])) <= length(ends[0]) - length(policy.steps) + 1 && length(setsubtract(ends[1], ends[0])) <= length(ends[1]) - length(policy.steps) + 1
      ])
    ])
    error_message = "step_scaling.steps meet without a gap and without overlap, and only the first has no from and only the last no to."
  }

  validation {
    condition     = alltrue([for policies in values(var.step_scaling) : length(distinct(policies[*].name)) == length(policies)])
    error_message = "step_scaling has two policies of one name for a service."
  }
}

variable "scheduled_actions" {
  description = "Scheduled actions of Application Auto Scaling by service (`ENVIRONMENT/NAME`); `schedule` is a `cron(...)`, `rate(...)` or `at(...)` expression. Headroom respects them."
  type = map(list(object({
    name     = string
    schedule = string
    timezone = optional(string, "UTC")
    min      = optional(number)
    max      = optional(number)
  })))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for action in flatten(values(var.scheduled_actions)) : can(regex("^(cron|rate|at)\\(.+\\)$", action.schedule)) && (action.min != null || action.max != null)])
    error_message = "A scheduled action has a cron(...), rate(...) or at(...) schedule and min, max or both."
  }

  validation {
    condition     = alltrue([for actions in values(var.scheduled_actions) : length(distinct(actions[*].name)) == length(actions)])
    error_message = "scheduled_actions has two actions of one name for a service."
  }
}

variable "tags" {
  description = "Tags of everything made here. The tag `headroom`, which lets Headroom change a scalable target in mode act, is set beside them."
  type        = map(string)
  default     = {}
  nullable    = false
}
