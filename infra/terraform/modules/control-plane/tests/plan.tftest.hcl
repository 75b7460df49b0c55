# Offline: the provider is mocked, its schema is real.

mock_provider "aws" {
  source = "../../tests/mocks"
}

variables {
  fleet_file = "../../tests/fleets/observe.json"
  code       = { s3_bucket = "artifacts", s3_prefix = "headroom/0.1.0/" }
}

run "in_observe_no_role_may_change_the_fleet" {
  command = apply

  assert {
    condition     = length(aws_iam_role_policy.act) == 0
    error_message = "observe attaches a mutating policy"
  }

  assert {
    condition = alltrue([
      for policy in values(aws_iam_role_policy.always) : alltrue([
        for statement in jsondecode(policy.policy).Statement : alltrue([
          for action in statement.Action : can(regex("^(ecs|ecr|application-autoscaling|cloudwatch|elasticloadbalancing):(Describe|Get|List)|^(dynamodb|logs|sns|sqs|lambda|secretsmanager):|^events:PutEvents$", action))
        ])
      ])
    ])
    error_message = "observe holds an action that is neither a read nor Headroom's own"
  }

  assert {
    condition     = aws_dynamodb_table.journal.billing_mode == "PAY_PER_REQUEST" && aws_dynamodb_table.journal.point_in_time_recovery[0].enabled && aws_dynamodb_table.journal.ttl[0].enabled && aws_dynamodb_table.journal.server_side_encryption[0].enabled
    error_message = "the journal lost its billing mode, recovery, time to live or encryption"
  }

  assert {
    condition     = aws_dynamodb_table.journal.deletion_protection_enabled == false
    error_message = "in observe the table can be deleted again"
  }

  assert {
    condition     = toset([for index in aws_dynamodb_table.journal.global_secondary_index : index.name]) == toset([for index in local.manifest.table.indexes : index.name])
    error_message = "the table does not have the manifest's indexes"
  }

  assert {
    condition     = keys(aws_lambda_function.this) == keys(local.functions) && keys(aws_cloudwatch_log_group.function) == keys(local.functions)
    error_message = "a function of the manifest is missing, or has no log group"
  }

  assert {
    condition     = alltrue([for target in values(aws_cloudwatch_event_target.this) : length(target.dead_letter_config) == 1 && target.retry_policy[0].maximum_event_age_in_seconds <= 3600])
    error_message = "a rule's target has no dead letters, or delivers yesterday's event"
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.own) == length(local.manifest.alarms) && contains(keys(aws_cloudwatch_metric_alarm.own), "headroom-scheduled-prewarm-heartbeat")
    error_message = "an alarm on Headroom itself is missing"
  }

  assert {
    condition     = strcontains(output.next_steps, "--alarm-name prod-eu-web-cpu-high --state-value ALARM") && strcontains(output.next_steps, "headroom journal --since 1h")
    error_message = "next_steps does not say how to fire one alarm and read the journal"
  }
}

run "in_act_the_policy_is_attached_for_the_clusters_of_the_fleet_file" {
  command = apply

  variables {
    fleet_file = "../../tests/fleets/act.json"
    mode       = "act"
  }

  assert {
    condition     = keys(aws_iam_role_policy.act) == [for name, function in local.functions : name if length(function.iam.act) > 0]
    error_message = "act does not attach the mutating policy to the functions that have one"
  }

  assert {
    condition = alltrue(flatten([
      for policy in values(aws_iam_role_policy.act) : [
        for statement in jsondecode(policy.policy).Statement : [
          for resource in statement.Resource : !can(regex(":(service|task|service-deployment|service-revision)/\\*/", resource))
        ] if statement.Effect == "Allow"
      ]
    ]))
    error_message = "act reaches past the clusters of the fleet file"
  }

  assert {
    condition = alltrue(flatten([
      for policy in values(aws_iam_role_policy.act) : [
        for statement in jsondecode(policy.policy).Statement : can(statement.Condition.Null["aws:ResourceTag/headroom"])
        # Service deployments have no tags; the assertion above holds them to the clusters.
        if statement.Effect == "Allow" && !alltrue([for resource in statement.Resource : strcontains(resource, ":service-deployment/")])
      ]
    ]))
    error_message = "act reaches resources without the tag headroom"
  }

  assert {
    condition     = aws_dynamodb_table.journal.deletion_protection_enabled
    error_message = "in act the journal is not protected"
  }
}

run "act_for_one_of_two_environments_reaches_that_one_only" {
  command = apply

  variables {
    fleet_file       = "../../tests/fleets/two.json"
    mode             = "act"
    act_environments = ["prod"]
  }

  assert {
    condition = alltrue(flatten([
      for policy in values(aws_iam_role_policy.act) : [
        for statement in jsondecode(policy.policy).Statement : [
          for resource in statement.Resource : !strcontains(resource, "staging")
        ] if statement.Effect == "Allow"
      ]
    ]))
    error_message = "act reaches the cluster of an environment that only observes"
  }

  assert {
    condition = alltrue(flatten([
      for policy in values(aws_iam_role_policy.act) : [
        for statement in jsondecode(policy.policy).Statement : statement.Condition.StringEquals["aws:ResourceTag/headroom"] == ["prod"]
        if statement.Effect == "Allow" && !alltrue([for resource in statement.Resource : strcontains(resource, ":service-deployment/")])
      ]
    ]))
    error_message = "act reaches what is tagged for another environment"
  }
}

run "act_without_names_reaches_no_environment_that_observes" {
  command = plan

  variables {
    fleet_file = "../../tests/fleets/two.json"
    mode       = "act"
  }

  assert {
    condition = alltrue(flatten([
      for policy in values(aws_iam_role_policy.act) : [
        for statement in jsondecode(policy.policy).Statement : [
          for resource in statement.Resource : !strcontains(resource, "staging") && !can(regex(":(service|task|service-deployment|service-revision)/\\*/", resource))
        ] if statement.Effect == "Allow"
      ]
    ]))
    error_message = "act reaches the cluster of an environment in which nothing acts"
  }

  assert {
    condition = alltrue(flatten([
      for policy in values(aws_iam_role_policy.act) : [
        for statement in jsondecode(policy.policy).Statement : statement.Condition.StringNotEquals["aws:ResourceTag/headroom"] == ["staging"]
        if statement.Effect == "Allow" && !alltrue([for resource in statement.Resource : strcontains(resource, ":service-deployment/")])
      ]
    ]))
    error_message = "act reaches scalable targets of an environment in which nothing acts"
  }
}

run "the_permission_to_give_back_outlives_the_last_service_of_a_cluster" {
  command = plan

  variables {
    fleet_file    = "../../tests/fleets/act.json"
    mode          = "act"
    also_clusters = ["old-cluster"]
  }

  assert {
    condition = length(aws_iam_role_policy.act) > 0 && alltrue(flatten([
      for policy in values(aws_iam_role_policy.act) : [
        for statement in jsondecode(policy.policy).Statement : [
          for name in ["old-cluster", "prod-eu-cluster"] : anytrue([for resource in statement.Resource : strcontains(resource, ":service/${name}/")])
        ] if statement.Effect == "Allow" && contains(statement.Action, "ecs:UpdateService")
      ]
    ]))
    error_message = "a lease in a cluster that left the fleet file could not be given back"
  }
}

run "an_environment_that_left_the_file_is_named_while_its_clusters_are" {
  command = plan

  variables {
    fleet_file       = "../../tests/fleets/act.json"
    mode             = "act"
    act_environments = ["prod-eu", "prod-us"]
    also_clusters    = ["prod-us-cluster"]
  }

  assert {
    condition = alltrue(flatten([
      for policy in values(aws_iam_role_policy.act) : [
        for statement in jsondecode(policy.policy).Statement : statement.Condition.StringEquals["aws:ResourceTag/headroom"] == ["prod-eu", "prod-us"]
        if statement.Effect == "Allow" && !alltrue([for resource in statement.Resource : strcontains(resource, ":service-deployment/")])
      ]
    ]))
    error_message = "what is tagged for the environment that left could not be given back"
  }
}

run "a_module_in_act_for_a_fleet_that_observes_is_refused" {
  command = plan

  variables {
    mode = "act"
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "a_fleet_that_left_act_keeps_the_permission_while_leases_are_left" {
  command = plan

  variables {
    mode          = "act"
    also_clusters = ["prod-eu-cluster"]
  }

  assert {
    condition     = length(aws_iam_role_policy.act) > 0 && strcontains(aws_iam_role_policy.act["scheduled-prewarm"].policy, ":service/prod-eu-cluster/") && !strcontains(aws_iam_role_policy.act["scheduled-prewarm"].policy, "StringNotEquals")
    error_message = "leases of a fleet that left act could not be given back"
  }
}

run "clusters_that_left_need_mode_act" {
  command = plan

  variables {
    also_clusters = ["old-cluster"]
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "a_wildcard_is_no_cluster" {
  command = plan

  variables {
    mode          = "act"
    fleet_file    = "../../tests/fleets/act.json"
    also_clusters = ["*"]
  }

  expect_failures = [var.also_clusters]
}

run "an_environment_that_acts_and_may_not_is_refused" {
  command = plan

  variables {
    fleet_file       = "../../tests/fleets/two.json"
    mode             = "act"
    act_environments = ["staging"]
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "an_environment_to_act_in_that_does_not_exist_is_refused" {
  command = plan

  variables {
    act_environments = ["prod-us"]
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "a_function_with_a_queue_gets_notices_through_it" {
  command = apply

  variables {
    manifest_file = "../../tests/manifests/queue.json"
    secret_arns   = ["arn:aws:secretsmanager:eu-west-1:222222222222:secret:headroom/slack-AbCdEf", "arn:aws:secretsmanager:eu-west-1:222222222222:secret:headroom/pagerduty-AbCdEf"]
  }

  assert {
    condition     = aws_sns_topic_subscription.queue["headroom-notifier"].protocol == "sqs" && aws_lambda_event_source_mapping.queue["headroom-notifier"].function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "the queue does not stand between the topic and the function, or loses what failed beside what succeeded"
  }

  assert {
    condition     = jsondecode(aws_sqs_queue.this["headroom-notifier"].redrive_policy).maxReceiveCount == 5 && aws_lambda_event_source_mapping.queue["headroom-notifier"].scaling_config[0].maximum_concurrency == 2
    error_message = "the queue's numbers are not the manifest's"
  }

  assert {
    condition     = [for statement in jsondecode(aws_iam_role_policy.secrets["notifier"].policy).Statement : [statement.Action, statement.Resource]] == [[["secretsmanager:GetSecretValue"], ["arn:aws:secretsmanager:eu-west-1:222222222222:secret:headroom/pagerduty-AbCdEf", "arn:aws:secretsmanager:eu-west-1:222222222222:secret:headroom/slack-AbCdEf"]]]
    error_message = "the function that tells people may not read exactly the given secrets"
  }
}

run "secrets_of_any_name_reach_the_function_that_tells_people_and_no_other" {
  command = plan

  variables {
    secret_arns = ["arn:aws:secretsmanager:eu-west-1:222222222222:secret:team/slack-AbCdEf"]
  }

  assert {
    condition     = keys(aws_iam_role_policy.secrets) == ["notifier"]
    error_message = "not exactly the function that tells people may read a secret: ${join(", ", keys(aws_iam_role_policy.secrets))}"
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.secrets["notifier"].policy).Statement[*].Resource == [["arn:aws:secretsmanager:eu-west-1:222222222222:secret:team/slack-AbCdEf"]]
    error_message = "the function that tells people may not read exactly the given secrets"
  }
}

run "a_fleet_that_acts_is_refused_in_observe" {
  command = plan

  variables {
    fleet_file = "../../tests/fleets/act.json"
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "a_fleet_of_another_account_is_refused" {
  command = plan

  variables {
    fleet_file = "../../tests/fleets/elsewhere.json"
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "a_source_of_code_is_needed_and_only_one" {
  command = plan

  variables {
    code = { directory = "lambda", s3_bucket = "artifacts" }
  }

  expect_failures = [var.code]
}

run "an_unknown_mode_is_refused" {
  command = plan

  variables {
    mode = "enforce"
  }

  expect_failures = [var.mode]
}

run "a_fleet_file_that_is_not_compiled_is_refused" {
  command = plan

  variables {
    fleet_file = "versions.tf"
  }

  expect_failures = [var.fleet_file]
}

run "a_wildcard_is_no_secret" {
  command = plan

  variables {
    secret_arns = ["arn:aws:secretsmanager:eu-west-1:222222222222:secret:*"]
  }

  expect_failures = [var.secret_arns]
}

run "the_tag_that_permits_changes_is_not_put_on_headroom_itself" {
  command = plan

  variables {
    tags = { headroom = "yes" }
  }

  expect_failures = [var.tags]
}

run "code_in_a_bucket_is_named_by_function" {
  command = plan

  assert {
    condition     = aws_lambda_function.this["alarm-handler"].s3_key == "headroom/0.1.0/alarm-handler.zip" && aws_lambda_function.this["alarm-handler"].filename == null
    error_message = "the zip in the bucket is not found by its function's name"
  }
}

run "variables_by_which_functions_find_what_is_theirs_are_not_overwritten" {
  command = plan

  variables {
    environment_variables = { HEADROOM_TABLE = "mine", HEADROOM_LOG = "debug" }
  }

  expect_failures = [terraform_data.fleet_is_of_this_place]
}

run "other_variables_reach_every_function" {
  command = plan

  variables {
    environment_variables = { HEADROOM_LOG = "debug" }
  }

  assert {
    condition     = alltrue([for function in values(aws_lambda_function.this) : function.environment[0].variables["HEADROOM_LOG"] == "debug" && function.environment[0].variables["HEADROOM_TABLE"] == "headroom"])
    error_message = "a function lost its own variables, or did not get the further one"
  }
}

run "an_arn_is_no_buckets_name" {
  command = plan

  variables {
    artifacts_bucket = "arn:aws:s3:::team-artifacts"
  }

  expect_failures = [var.artifacts_bucket]
}

run "an_own_bucket_makes_none" {
  command = plan

  variables {
    artifacts_bucket = "team-artifacts"
  }

  assert {
    condition     = length(aws_s3_bucket.artifacts) == 0 && aws_s3_object.fleet.bucket == "team-artifacts"
    error_message = "the layer is not in the given bucket"
  }
}
