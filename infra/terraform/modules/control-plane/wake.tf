# What wakes the functions: rules, services that people point at them, schedules, queues.

locals {
  rules = merge([
    for function, spec in local.functions : { for rule in spec.rules : rule.name => merge(rule, { function = function }) }
  ]...)
  invokers = merge([
    for function, spec in local.functions : {
      for invoker in spec.invokers : "${function}-${invoker.name}" => merge(invoker, { function = function })
    }
  ]...)
  # A function may have no queue: the manifest then has no such member.
  queues = {
    for function, spec in local.functions : spec.queue.name => merge(spec.queue, { function = function })
    if try(spec.queue.name, null) != null
  }
  schedules = merge([
    for function, spec in local.functions : {
      for schedule in spec.schedules : schedule.name => merge(schedule, { function = function })
    }
  ]...)
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name          = each.key
  description   = each.value.description
  event_pattern = jsonencode(each.value.pattern)
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "this" {
  for_each = local.rules

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "function"
  arn       = aws_lambda_function.this[each.value.function].arn

  retry_policy {
    maximum_event_age_in_seconds = each.value.max_event_age_seconds.value
    maximum_retry_attempts       = each.value.retries.value
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_lambda_permission" "rule" {
  for_each = local.rules

  statement_id  = each.key
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.value.function].function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.this[each.key].arn
}

resource "aws_lambda_permission" "invoker" {
  for_each = local.invokers

  statement_id  = each.value.name
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this[each.value.function].function_name
  principal     = each.value.principal
  source_arn    = each.value.source_arn
}

resource "aws_scheduler_schedule_group" "this" {
  for_each = toset([for schedule in local.schedules : schedule.group])

  name = each.value
  tags = var.tags
}

resource "aws_scheduler_schedule" "this" {
  for_each = local.schedules

  name                = each.key
  group_name          = aws_scheduler_schedule_group.this[each.value.group].name
  description         = each.value.description
  schedule_expression = each.value.rate

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_lambda_function.this[each.value.function].arn
    role_arn = aws_iam_role.schedule[each.key].arn
    input    = jsonencode(each.value.payload)

    retry_policy {
      maximum_event_age_in_seconds = each.value.max_event_age_seconds.value
      maximum_retry_attempts       = each.value.retries.value
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }
  }

  depends_on = [aws_iam_role_policy.schedule]
}

# Between the notices topic and the function that tells people: what a channel refuses for an hour is tried again.
resource "aws_sqs_queue" "this" {
  for_each = local.queues

  name                       = each.key
  visibility_timeout_seconds = each.value.visibility_seconds.value
  message_retention_seconds  = each.value.retention_seconds.value
  sqs_managed_sse_enabled    = true
  tags                       = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = each.value.receives_max.value
  })
}

resource "aws_sqs_queue_policy" "this" {
  for_each = local.queues

  queue_url = aws_sqs_queue.this[each.key].url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "Notices"
        Effect    = "Allow"
        Principal = { Service = "sns.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.this[each.key].arn
        Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.notices.arn } }
      },
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.this[each.key].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "queue" {
  for_each = local.queues

  topic_arn = aws_sns_topic.notices.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.this[each.key].arn
  # The function reads the notice itself, and no envelope around it.
  raw_message_delivery = true

  depends_on = [aws_sqs_queue_policy.this]
}

resource "aws_lambda_event_source_mapping" "queue" {
  for_each = local.queues

  event_source_arn                   = aws_sqs_queue.this[each.key].arn
  function_name                      = aws_lambda_function.this[each.value.function].arn
  batch_size                         = each.value.batch_size.value
  maximum_batching_window_in_seconds = try(each.value.batching_seconds.value, 0)
  # Without it one refused message would bring back all that were delivered beside it.
  function_response_types = ["ReportBatchItemFailures"]

  dynamic "scaling_config" {
    for_each = try([each.value.concurrency_max.value], [])

    content {
      maximum_concurrency = scaling_config.value
    }
  }
}
