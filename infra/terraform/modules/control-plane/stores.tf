# Version 6.47 of the provider says that `hash_key` of an index is deprecated; what comes after it, 5.100 does not know.
resource "aws_dynamodb_table" "journal" {
  name                        = local.manifest.table.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = local.manifest.table.hash
  range_key                   = local.manifest.table.range
  deletion_protection_enabled = coalesce(var.protect_table, local.acts)
  tags                        = var.tags

  dynamic "attribute" {
    for_each = local.manifest.table.attributes

    content {
      name = attribute.key
      type = attribute.value
    }
  }

  dynamic "global_secondary_index" {
    for_each = { for index in local.manifest.table.indexes : index.name => index }

    content {
      name               = global_secondary_index.key
      hash_key           = global_secondary_index.value.hash
      range_key          = global_secondary_index.value.range
      projection_type    = length(global_secondary_index.value.holds) == 0 ? "KEYS_ONLY" : "INCLUDE"
      non_key_attributes = length(global_secondary_index.value.holds) == 0 ? null : global_secondary_index.value.holds
    }
  }

  ttl {
    attribute_name = local.manifest.table.time_to_live
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled = true
  }
}

resource "aws_sns_topic" "notices" {
  name         = local.manifest.topic.name
  display_name = local.manifest.topic.display_name
  tags         = var.tags
}

resource "aws_sns_topic_policy" "notices" {
  arn = aws_sns_topic.notices.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OwnAlarms"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.notices.arn
        Condition = {
          ArnLike      = { "aws:SourceArn" = "arn:${local.partition}:cloudwatch:${local.region}:${local.account}:alarm:headroom-*" }
          StringEquals = { "aws:SourceAccount" = local.account }
        }
      },
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.notices.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

# Mail tells what opens and what closes; alarms on Headroom itself, which have no attribute, come too.
resource "aws_sns_topic_subscription" "email" {
  for_each = var.notice_emails

  topic_arn     = aws_sns_topic.notices.arn
  protocol      = "email"
  endpoint      = each.value
  filter_policy = jsonencode({ phase = ["opened", "closed", { exists = false }] })
}

# Mail as the notifier writes it, by the fleet file's routes.
resource "aws_sns_topic" "mail" {
  count = try(local.manifest.mail_topic.name, null) == null ? 0 : 1

  name         = local.manifest.mail_topic.name
  display_name = local.manifest.mail_topic.display_name
  tags         = var.tags
}

resource "aws_sns_topic_policy" "mail" {
  count = length(aws_sns_topic.mail)

  arn = aws_sns_topic.mail[0].arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.mail[0].arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = local.manifest.dead_letters.name
  message_retention_seconds = local.manifest.dead_letters.retention_seconds.value
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

resource "aws_sqs_queue_policy" "dead_letters" {
  queue_url = aws_sqs_queue.dead_letters.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "UndeliveredEvents"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.dead_letters.arn
        Condition = {
          ArnEquals = {
            "aws:SourceArn" = [
              for name in keys(local.rules) : "arn:${local.partition}:events:${local.region}:${local.account}:rule/${name}"
            ]
          }
        }
      },
      {
        Sid       = "OnlyTls"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.dead_letters.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
