"""What the functions' roles permit, against the calls that arrived at the far side: both directions."""

import json
from pathlib import Path

MANIFEST = Path(__file__).resolve().parent.parent.parent / "infra" / "generated" / "functions.json"
# As the recorder names a service, by its protocol, and as IAM does.
PREFIX = {
    "AmazonEC2ContainerServiceV20141113": "ecs",
    "AmazonSQS": "sqs",
    "AnyScaleFrontendService": "application-autoscaling",
    "DynamoDB_20120810": "dynamodb",
    "GraniteServiceVersion20100801": "cloudwatch",
    "monitoring": "cloudwatch",
    "sns": "sns",
}
# The parts of a transaction are permitted one by one; the transaction itself has no permission.
PARTS = {"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
# Permitted, and not called by our code in these runs.
NOT_CALLED = {
    "logs:CreateLogStream": "Lambda itself writes the logs, with the function's role",
    "logs:PutLogEvents": "likewise",
    "sqs:ReceiveMessage": "Lambda itself reads the notifier's queue, with the function's role",
    "sqs:DeleteMessage": "likewise",
    "sqs:GetQueueAttributes": "likewise",
    "sqs:SendMessage": "Lambda itself sends dead letters, and none may be left here",
    "ecs:ListTasks": "only stop-task and the page of a short window ask which tasks are sick; this run has neither",
    "ecs:DescribeTasks": "likewise",
    "ecs:GetTaskProtection": "likewise",
}
# Only a deployment that is looked at, or taken back, leads to these; tests/e2e/test_outside.py sees each of them called.
OF_A_ROLLBACK = {
    "ecs:ListServiceDeployments", "ecs:DescribeServiceDeployments", "ecs:DescribeServiceRevisions",
    "ecs:DescribeTaskDefinition", "ecr:DescribeImages", "cloudwatch:ListMetrics", "events:PutEvents",
}
AND_IN_ACT = {"ecs:UpdateService", "ecs:StopServiceDeployment", "ecs:ContinueServiceDeployment"}
# Only a notice leads to these; tests/e2e/test_local_stack.py sees each of them called.
OF_A_NOTICE = {
    "dynamodb:GetItem", "secretsmanager:GetSecretValue", "sqs:GetQueueUrl", "sqs:ChangeMessageVisibility",
}
# Permitted in every mode, and not called where every environment only observes.
NOT_IN_OBSERVE = {
    "dynamodb:ConditionCheckItem": "a plan checks the stop switch, and observe plans nothing",
    "application-autoscaling:DescribeScheduledActions": "asked where somebody else's bound is found beside a lease, and observe grants none",
}
# Permitted in act, and not called where an alarm leads to a lease and nothing else.
NOT_FOR_A_LEASE = {
    "ecs:StopTask": "only the remedy stop-task stops one; the fleet of this run has none",
    "application-autoscaling:DescribeScheduledActions": "asked where somebody else's bound is found; nobody sets one here",
}


def called(recorders):
    """IAM actions of all recorded calls; an unknown service stays as it is, and so is permitted by nothing."""
    actions = set()
    for call in (call for recorder in recorders for call in list(recorder.calls)):
        prefix = PREFIX.get(call.service, call.service)
        if call.operation == "TransactWriteItems":
            actions |= {f"{prefix}:{PARTS[part]}" for item in json.loads(call.body)["TransactItems"] for part in item}
        else:
            actions.add(f"{prefix}:{call.operation}")
    return actions


def permitted(mode):
    """Actions that the functions' roles allow in a mode, as the manifest says."""
    lists = ("always", "act") if mode == "act" else ("always",)
    functions = json.loads(MANIFEST.read_text())["functions"].values()
    statements = [
        s for function in functions for name in lists for s in function["iam"][name] if s["effect"] == "Allow"
    ]
    return {action for statement in statements for action in statement["actions"]}


def not_permitted(actions, mode="act"):
    """Those of the actions that no function's role allows."""
    return sorted(set(actions) - permitted(mode))


def compare(mode, recorders):
    """What is wrong, in sentences, and how many actions were called."""
    made, allowed = called(recorders), permitted(mode)
    excepted = NOT_CALLED.keys() | (NOT_IN_OBSERVE if mode == "observe" else NOT_FOR_A_LEASE).keys()
    elsewhere = OF_A_ROLLBACK | OF_A_NOTICE | (AND_IN_ACT if mode == "act" else set())
    never = allowed - made - excepted - elsewhere
    wrong = [f"{action} was called and is not permitted in {mode}" for action in sorted(made - allowed)]
    wrong += [f"{action} is permitted in {mode} and was never called" for action in sorted(never)]
    wrong += [f"{action} is listed as never called and was called" for action in sorted(made & excepted)]
    wrong += [f"{action} is listed and not even permitted" for action in sorted((excepted | elsewhere) - allowed)]
    return wrong, len(made)
