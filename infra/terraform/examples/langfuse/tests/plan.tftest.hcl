mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  code_bucket = "artifacts"
  release     = "0.1.0"
}

run "an_environment_in_act_is_headrooms_to_hold" {
  command = apply

  variables {
    environment = "prod-eu"
  }

  assert {
    condition     = keys(module.fleet.scalable_targets) == ["prod-eu/web", "prod-eu/web-ingestion", "prod-eu/web-iso"]
    error_message = "the three services of the environment are not there"
  }

  assert {
    condition     = length(module.fleet.policy_arns) == 6 && length(module.fleet.alarm_names) == 9 && length(module.fleet.dashboard_names) == 4
    error_message = "each service has two tracking policies, an alarm for each of three remedies, and a page beside the fleet's"
  }
}

run "an_environment_that_suggests_needs_no_act" {
  command = plan

  # The other region of the fleet.
  override_data {
    target = module.headroom.data.aws_region.current
    values = { id = "us-west-2", name = "us-west-2", region = "us-west-2" }
  }
  override_data {
    target = module.fleet.data.aws_region.current
    values = { id = "us-west-2", name = "us-west-2", region = "us-west-2" }
  }
  override_data {
    target = module.headroom.data.aws_caller_identity.current
    values = { account_id = "444444444444" }
  }
  override_data {
    target = module.fleet.data.aws_caller_identity.current
    values = { account_id = "444444444444" }
  }

  variables {
    environment = "prod-hipaa"
    mode        = "suggest"
  }

  assert {
    condition     = strcontains(output.next_steps, "it changes nothing")
    error_message = "suggest is told as if it could act"
  }
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "prod-eu-2"
  }

  expect_failures = [var.environment]
}
