# What the tests' mocked provider answers where others take it in: well-formed ARNs, as AWS gives them.

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_caller_identity" {
  defaults = { account_id = "222222222222" }
}

mock_data "aws_region" {
  defaults = { id = "eu-west-1", name = "eu-west-1", region = "eu-west-1" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::222222222222:role/mock" }
}

mock_resource "aws_lambda_function" {
  defaults = { arn = "arn:aws:lambda:eu-west-1:222222222222:function:mock" }
}

mock_resource "aws_lambda_layer_version" {
  defaults = { arn = "arn:aws:lambda:eu-west-1:222222222222:layer:headroom-fleet:1" }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = { arn = "arn:aws:events:eu-west-1:222222222222:rule/mock" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-west-1:222222222222:log-group:mock" }
}

mock_resource "aws_cloudwatch_metric_alarm" {
  defaults = { arn = "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:mock" }
}

mock_resource "aws_dynamodb_table" {
  defaults = { arn = "arn:aws:dynamodb:eu-west-1:222222222222:table/headroom" }
}

mock_resource "aws_s3_bucket" {
  defaults = { arn = "arn:aws:s3:::headroom-222222222222-eu-west-1" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-west-1:222222222222:headroom-notices" }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:eu-west-1:222222222222:headroom-dead-letters"
    url = "https://sqs.eu-west-1.amazonaws.com/222222222222/headroom-dead-letters"
  }
}

mock_resource "aws_sns_topic_subscription" {
  defaults = { arn = "arn:aws:sns:eu-west-1:222222222222:headroom-notices:00000000-0000-0000-0000-000000000000" }
}

mock_data "aws_lb_target_group" {
  defaults = {
    arn_suffix         = "targetgroup/found/73e2d6bc24d8a067"
    load_balancer_arns = ["arn:aws:elasticloadbalancing:eu-west-1:222222222222:loadbalancer/app/found/50dc6c495c0c9188"]
  }
}

mock_resource "aws_appautoscaling_policy" {
  defaults = {
    arn        = "arn:aws:autoscaling:eu-west-1:222222222222:scalingPolicy:00000000-0000-0000-0000-000000000000:resource/ecs/service/c/s:policyName/mock"
    alarm_arns = ["arn:aws:cloudwatch:eu-west-1:222222222222:alarm:TargetTracking-mock-AlarmHigh", "arn:aws:cloudwatch:eu-west-1:222222222222:alarm:TargetTracking-mock-AlarmLow"]
  }
}
