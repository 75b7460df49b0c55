resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${each.value.name}"
  retention_in_days = coalesce(var.log_retention_days, local.manifest.log_retention_days.value)
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  for_each = local.functions

  function_name = each.value.name
  description   = each.value.description
  role          = aws_iam_role.function[each.key].arn
  runtime       = each.value.runtime
  handler       = each.value.handler
  architectures = [var.architecture]
  memory_size   = each.value.memory_mb.value
  timeout       = each.value.timeout_seconds.value
  layers        = [aws_lambda_layer_version.fleet.arn]
  tags          = var.tags

  filename         = var.code.directory == null ? null : "${var.code.directory}/${each.key}.zip"
  source_code_hash = var.code.directory == null ? null : filebase64sha256("${var.code.directory}/${each.key}.zip")
  s3_bucket        = var.code.s3_bucket
  s3_key           = var.code.s3_bucket == null ? null : "${var.code.s3_prefix}${each.key}.zip"

  environment {
    variables = merge(each.value.environment, var.environment_variables)
  }

  # A function that runs before it may log or write its journal would only make dead letters.
  depends_on = [
    aws_cloudwatch_log_group.function,
    aws_iam_role_policy.always,
    aws_iam_role_policy.act,
    aws_iam_role_policy.secrets,
    aws_dynamodb_table.journal,
    terraform_data.fleet_is_of_this_place,
  ]
}

resource "aws_lambda_function_event_invoke_config" "this" {
  for_each = { for name, function in local.functions : name => function if try(function.asynchronous, null) != null }

  function_name                = aws_lambda_function.this[each.key].function_name
  qualifier                    = "$LATEST"
  maximum_event_age_in_seconds = each.value.asynchronous.max_event_age_seconds.value
  maximum_retry_attempts       = each.value.asynchronous.retries.value

  destination_config {
    on_failure {
      destination = aws_sqs_queue.dead_letters.arn
    }
  }
}
