"""Every IAM statement that is generated, read: in the manifest, in the CloudFormation template, and in what Terraform
would make. No action with `*`; a resource with `*` only with its reason, and `*` alone only where AWS allows nothing
narrower; in observe nothing that changes the fleet; Terraform's statements are the manifest's, no more and no fewer.
Policies of topics, queues and the bucket, and who may take on a role, too: nobody but AWS's services, for a source."""

import json
import re
from pathlib import Path

import place

# Actions for which the Service Authorization Reference lists no resource type, or none that fits (ListTasks knows
# container instances only). DescribeAlarms takes ARNs of metric alarms, but a composite alarm's children need `*`.
ONLY_STAR = {
    "application-autoscaling:DescribeScalableTargets",
    "application-autoscaling:DescribeScalingActivities",
    "application-autoscaling:DescribeScalingPolicies",
    "application-autoscaling:DescribeScheduledActions",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListMetrics",
    "cloudwatch:GetMetricData",
    "cloudwatch:ListMetrics",
    "ecs:DescribeTaskDefinition",
    "ecs:ListTasks",
    "elasticloadbalancing:DescribeTargetGroups",
    "elasticloadbalancing:DescribeTargetHealth",
    "servicequotas:GetServiceQuota",
}
# Services whose state is the fleet: what is not a read of them may only stand in the list `act`.
FLEET = ("ecs", "application-autoscaling", "elasticloadbalancing", "cloudwatch", "autoscaling", "route53")
READS = re.compile(r"^[a-z0-9-]+:(Describe|Get|List|BatchGet)[A-Za-z]*$")
ACTION = re.compile(r"^[a-z0-9-]+:[A-Za-z0-9]+$")

# Statements of topics, queues and buckets that may hold `*`, and why.
WIDE_DENIALS = {"OnlyTls": "denies everybody each action that comes without TLS; a wide denial permits nothing"}
# What has a policy of its own, in Terraform's and in CloudFormation's spelling.
WITH_POLICY = {
    "aws_sns_topic_policy": "AWS::SNS::TopicPolicy",
    "aws_sqs_queue_policy": "AWS::SQS::QueuePolicy",
    "aws_s3_bucket_policy": "AWS::S3::BucketPolicy",
}


def check(root):
    manifest = json.loads((Path(root) / "infra" / "generated" / "functions.json").read_text())
    count = 0
    for name, function in manifest["functions"].items():
        schedules = [statement for schedule in function["schedules"] for statement in schedule["iam"]]
        for statement in function["iam"]["always"] + schedules:
            judge(f"{name}/{statement['sid']}", statement)
            in_observe(f"{name}/{statement['sid']}", statement)
            count += 1
        for statement in function["iam"]["act"]:
            judge(f"{name}/{statement['sid']}", statement)
            count += 1
    return f"{count} statements of the manifest, {template(root)} of the template"


def judge(where, statement):
    """One statement of the manifest."""
    if not statement.get("reason"):
        raise place.Problem(f"statement {where} has no reason")
    for action in statement["actions"]:
        if not ACTION.match(action):
            raise place.Problem(f"statement {where} has the action {action}: each is written out")
    wild = [resource for resource in statement["resources"] if "*" in resource]
    if wild and not statement.get("wildcard_reason"):
        raise place.Problem(f"statement {where} has the resource {wild[0]} and says no reason")
    if "*" in statement["resources"] and not set(statement["actions"]) <= ONLY_STAR:
        narrower = sorted(set(statement["actions"]) - ONLY_STAR)
        raise place.Problem(
            f"statement {where} has the resource * although AWS allows a narrower one for {narrower[0]}"
        )


def in_observe(where, statement):
    """What every mode holds must not change the fleet."""
    for action in statement["actions"]:
        if action.split(":")[0] in FLEET and not READS.match(action) and statement["effect"] == "Allow":
            raise place.Problem(f"statement {where} lets observe do {action}")


def template(root):
    """Statements of roles in the template: the same two rules, in CloudFormation's spelling."""
    made = json.loads((Path(root) / "infra" / "cloudformation" / "headroom.template.json").read_text())
    count = 0
    for name, resource in made["Resources"].items():
        if resource["Type"] in WITH_POLICY.values():
            count += granted(f"{name} of the template", resource["Properties"]["PolicyDocument"])
        if resource["Type"] != "AWS::IAM::Role":
            continue
        count += granted(f"{name} of the template", resource["Properties"]["AssumeRolePolicyDocument"])
        for policy in statements_of(resource["Properties"].get("Policies", [])):
            count += 1
            actions = policy["Action"] if isinstance(policy["Action"], list) else [policy["Action"]]
            for action in actions:
                if not ACTION.match(action):
                    raise place.Problem(f"statement {name}/{policy['Sid']} of the template has the action {action}")
            if "*" in policy["Resource"] and not set(actions) <= ONLY_STAR:
                raise place.Problem(f"statement {name}/{policy['Sid']} of the template has the resource *")
    return count


def beside(resources):
    """Policies of topics, queues and buckets, and who may take on the roles, as Terraform would make them."""
    kinds = {}
    for resource in resources:
        where = f"{resource['type']}.{resource['name']}"
        if resource["type"] in WITH_POLICY:
            made = granted(where, json.loads(resource["values"]["policy"]))
        elif resource["type"] == "aws_iam_role":
            made = granted(where, json.loads(resource["values"]["assume_role_policy"]))
        else:
            continue
        kinds[resource["type"]] = kinds.get(resource["type"], 0) + made
    unread = {*WITH_POLICY, "aws_iam_role"} - kinds.keys()
    if unread:
        raise place.Problem(f"no policy of {sorted(unread)[0]} was there to be read")
    return sum(kinds.values())


def granted(where, policy):
    """A policy of a resource or of a role's trust: its own resource, one of AWS's services, for a source; how many."""
    for statement in policy["Statement"]:
        at = f"statement {where}/{statement.get('Sid', 'trust')}"
        if statement.get("Sid") in WIDE_DENIALS and statement["Effect"] == "Deny":
            continue
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        for action in actions:
            if not ACTION.match(action):
                raise place.Problem(f"{at} has the action {action}: each is written out")
        if "*" in json.dumps(statement.get("Resource", [])):
            raise place.Problem(f"{at} has a resource with *: a policy of a resource names that one")
        principal = statement["Principal"]
        if not isinstance(principal, dict) or principal.keys() != {"Service"} or "*" in json.dumps(principal):
            raise place.Problem(f"{at} permits {json.dumps(principal)}: only AWS's services may, by name")
        # Lambda takes on the role of a function of this account only: its trust needs no source.
        by_lambda = principal["Service"] == "lambda.amazonaws.com" and actions == ["sts:AssumeRole"]
        if not by_lambda and "aws:SourceA" not in json.dumps(statement.get("Condition", {})):
            raise place.Problem(f"{at} permits {principal['Service']} without a source: anybody's could use it")
    return len(policy["Statement"])


def statements_of(policies):
    """Statements at any depth: a policy may stand in a Fn::If."""
    if isinstance(policies, dict):
        if "Action" in policies and "Resource" in policies:
            yield policies
        else:
            for value in policies.values():
                yield from statements_of(value)
    elif isinstance(policies, list):
        for value in policies:
            yield from statements_of(value)


def planned(root, mode, resources):
    """What Terraform would attach in a mode, against the manifest. `resources`: of a plan or a state, with values."""
    manifest = json.loads((Path(root) / "infra" / "generated" / "functions.json").read_text())
    expected = {}
    for name, function in manifest["functions"].items():
        expected[("always", name)] = function["iam"]["always"]
        if mode == "act" and function["iam"]["act"]:
            expected[("act", name)] = function["iam"]["act"]
        for schedule in function["schedules"]:
            expected[("schedule", schedule["name"])] = schedule["iam"]
    found = {
        (resource["name"], resource["index"]): json.loads(resource["values"]["policy"])["Statement"]
        for resource in resources
        if resource["type"] == "aws_iam_role_policy"
    }
    if found.keys() - expected.keys():
        raise place.Problem(
            f"mode {mode}: a policy that the manifest does not have: {sorted(found.keys() - expected.keys())[0]}"
        )
    if expected.keys() - found.keys():
        raise place.Problem(
            f"mode {mode}: a policy of the manifest is missing: {sorted(expected.keys() - found.keys())[0]}"
        )
    for key, statements in expected.items():
        compare(f"mode {mode}: {key[0]} of {key[1]}", statements, found[key])
    return sum(len(statements) for statements in found.values())


def compare(where, expected, found):
    by_sid = {statement["Sid"]: statement for statement in found}
    surplus = by_sid.keys() - {statement["sid"] for statement in expected}
    if surplus:
        raise place.Problem(f"{where} has a statement too many: {sorted(surplus)[0]}")
    for statement in expected:
        made = by_sid.get(statement["sid"])
        if made is None:
            raise place.Problem(f"{where} lacks the statement {statement['sid']}")
        same = (made["Effect"], made["Action"], made.get("Condition"))
        if same != (statement["effect"], statement["actions"], statement.get("condition")):
            raise place.Problem(f"{where}: {statement['sid']} is not the manifest's")
        for resource in made["Resource"]:
            if not any(covers(wide, resource) for wide in statement["resources"]):
                raise place.Problem(
                    f"{where}: {statement['sid']} reaches {resource}, which the manifest does not allow"
                )


def covers(wide, resource):
    """Whether the manifest's resource, with its variables and wildcards, includes a resource."""
    pattern = re.sub(r"\\\$\\\{(partition|region|account)\\\}", "[^:]*", re.escape(wide)).replace(r"\*", ".*")
    return re.fullmatch(pattern, resource) is not None
