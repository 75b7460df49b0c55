# Everything that is not said here is in the manifest, which is made from the functions' code: names, patterns,
# schedules, statements, memory, time-outs, the table's keys, the alarms.

data "aws_partition" "current" {}
data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  # Version 5 of the provider calls it `name`, version 6 `region`; each refuses or deprecates the other's word.
  here   = jsondecode(jsonencode(data.aws_region.current))
  region = try(local.here.region, local.here.name)

  manifest_file = var.manifest_file == null ? "${path.module}/../../../generated/functions.json" : var.manifest_file
  manifest = jsondecode(replace(replace(replace(
    file(local.manifest_file),
    "$${partition}", local.partition),
    "$${region}", local.region),
    "$${account}", local.account
  ))

  functions = local.manifest.functions
  # The fleet may be brought by another way than the layer: that path may be another one.
  overwritten = setintersection(
    setsubtract(keys(var.environment_variables), ["HEADROOM_FLEET"]),
    flatten([for function in values(local.functions) : keys(function.environment)])
  )
  acts = var.mode == "act"

  fleet = jsondecode(file(var.fleet_file))
  services = [
    for service in local.fleet.services.list : merge(local.fleet.services.profiles[service.profile], service)
  ]
  # A mode can be lowered by a remedy and raised by a service, so the services are asked, not the environments.
  acting = [for service in local.services : service if service.mode == "act"]
  # Where the functions may change something: without names, where a service acts, and nowhere else.
  act_names = var.act_environments == null ? distinct(local.acting[*].environment) : tolist(var.act_environments)
  denied    = [for service in local.acting : service if !local.acts || !contains(local.act_names, service.environment)]
}

# The functions read this fleet as this account in this region; another environment's slice would match nothing.
resource "terraform_data" "fleet_is_of_this_place" {
  lifecycle {
    precondition {
      condition = alltrue([
        for environment in local.fleet.environments :
        environment.account == local.account && environment.region == local.region
      ])
      error_message = format(
        "The fleet file has environments of other places (%s) than this provider's account %s and region %s. Compile one environment: headroom compile headroom.yaml --environment E -o fleet.json.",
        join(", ", [for e in local.fleet.environments : "${e.name} in ${e.account} ${e.region}"]),
        local.account, local.region
      )
    }

    # Functions that want to act and may not would fail, again and again, on the night they are needed.
    precondition {
      condition = length(local.denied) == 0
      error_message = format(
        "The fleet file has mode act for %s, but this module does not let Headroom act there (mode %s, environments %s). Write mode: observe in the fleet file and compile it again, or permit it here.",
        join(", ", distinct([for service in local.denied : "${service.environment}/${service.name}"])),
        var.mode, join(", ", local.act_names)
      )
    }

    # An environment that left the file may be named while its clusters are: its services still carry its name.
    precondition {
      condition = length(var.also_clusters) > 0 || length(setsubtract(local.act_names, local.fleet.environments[*].name)) == 0
      error_message = format(
        "act_environments names %s; the fleet file has %s.",
        join(", ", setsubtract(local.act_names, local.fleet.environments[*].name)), join(", ", local.fleet.environments[*].name)
      )
    }

    # The permission that gives capacity back would go without a word, while a lease may still hold it.
    precondition {
      condition     = !local.acts || length(local.acting_clusters) > 0
      error_message = "This module is in mode act, but no service of the fleet file is. While leases are left, name their clusters in also_clusters; once `headroom stand-down` finds none, write mode = \"observe\" here."
    }

    # Another table or topic than the role permits would fail at the first event.
    precondition {
      condition = length(local.overwritten) == 0
      error_message = format(
        "environment_variables overwrites %s, which the manifest sets: the functions would look for what is not theirs.",
        join(", ", local.overwritten)
      )
    }

    precondition {
      condition     = local.acts || length(var.also_clusters) == 0
      error_message = "also_clusters keeps permissions of mode act, and mode ${var.mode} has none: stay in act until every lease has ended, then remove also_clusters."
    }
  }
}
