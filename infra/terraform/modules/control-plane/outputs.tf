locals {
  # An alarm that a person can fire in the first hour: of the first service whose remedy has one of its own.
  first_alarms = flatten([
    for service in local.services : [
      for remedy in service.remedies : "${service.service}-${remedy.name}" if can(remedy.when.metric)
    ]
  ])
  first_alarm = length(local.first_alarms) == 0 ? "ALARM-NAME" : local.first_alarms[0]
}

output "next_steps" {
  description = "What to type after the first apply: fire one alarm, read what was decided."
  value       = <<-EOT
    # Fire one alarm. Headroom decides within seconds, and in mode ${var.mode} ${local.acts ? "it may act" : "it changes nothing"}:
    aws cloudwatch set-alarm-state --region ${local.region} --alarm-name ${local.first_alarm} --state-value ALARM --state-reason "first hour"
    # Read what it decided, and why:
    headroom journal --since 1h --region ${local.region} --table ${local.manifest.table.name}
  EOT
}

output "function_names" {
  description = "Names of the functions, by the name of their binary."
  value       = { for name, function in aws_lambda_function.this : name => function.function_name }
}

output "function_arns" {
  description = "ARNs of the functions, by the name of their binary: for an alarm that names one as its action."
  value       = { for name, function in aws_lambda_function.this : name => function.arn }
}

output "role_names" {
  description = "Names of the functions' roles, by the name of their binary."
  value       = { for name, role in aws_iam_role.function : name => role.name }
}

output "table_name" {
  description = "The journal's table."
  value       = aws_dynamodb_table.journal.name
}

output "topic_arn" {
  description = "Where notices go: subscribe what should read them."
  value       = aws_sns_topic.notices.arn
}

output "mail_topic_arn" {
  description = "Where mail by the fleet file's routes goes: subscribe each address with the filter policy `{\"channel\": [\"<its channel>\"]}`. null when the manifest has no such topic."
  value       = try(aws_sns_topic.mail[0].arn, null)
}

output "dead_letters_url" {
  description = "The queue of what could not be handled."
  value       = aws_sqs_queue.dead_letters.url
}

output "fleet_sha256" {
  description = "SHA-256 of the fleet file that is deployed."
  value       = sha256(file(var.fleet_file))
}
