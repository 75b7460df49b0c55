mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  code_directory = "../../tests/code"
}

run "the_first_hour_makes_headroom_and_one_alarm_and_touches_no_service" {
  command = apply

  assert {
    condition     = values(module.fleet.alarm_names) == ["web-cpu-high"] && length(module.fleet.scalable_targets) == 0 && length(module.fleet.policy_arns) == 0
    error_message = "something of the services is made, or the alarm is not"
  }

  assert {
    condition     = strcontains(output.next_steps, "set-alarm-state --region eu-west-1 --alarm-name web-cpu-high") && strcontains(output.next_steps, "changes nothing")
    error_message = "next_steps does not fire the alarm that was made"
  }
}
