"""The CloudFormation template, deployed to MiniStack, and each resource read back through its own API."""

import json
import time

from tools import Failed

STACK = "headroom"
CREATE_WITHIN_S = 60
TEMPLATE_KEY = "headroom.template.json"
BUCKET = "headroom-artifacts"
# The condition of the one subscription that is there only with an address.
ONLY_WITH_MAIL = "HasEmail"


class Control:
    """What was deployed: names that the template chose, found by kind and not by guessing."""

    def __init__(self, resources):
        self.resources = resources

    def ids(self, kind):
        return [identity for _, found, identity in self.resources if found == kind]

    def one(self, kind, containing=""):
        found = [identity for identity in self.ids(kind) if containing in identity]
        if len(found) != 1:
            raise Failed(f"the stack should have one {kind} with {containing!r} in its name, it has {found}")
        return found[0]

    @property
    def table(self):
        return self.one("AWS::DynamoDB::Table")

    @property
    def topic(self):
        return self.one("AWS::SNS::Topic", "headroom-notices")

    @property
    def dead_letters(self):
        return self.one("AWS::SQS::Queue", "headroom-dead-letters")

    @property
    def handler(self):
        return self.one("AWS::Lambda::Function", "alarm-handler")

    @property
    def notifier(self):
        return self.one("AWS::Lambda::Function", "notifier")

    @property
    def notices_queue(self):
        return self.one("AWS::SQS::Queue", "headroom-notices")

    @property
    def prewarm(self):
        return self.one("AWS::Lambda::Function", "scheduled-prewarm")


def local_template(text, variables):
    """A copy of the template whose functions find the local endpoints; nothing else is changed."""
    template = json.loads(text)
    functions = [r for r in template["Resources"].values() if r["Type"] == "AWS::Lambda::Function"]
    for function in functions:
        function["Properties"].setdefault("Environment", {}).setdefault("Variables", {}).update(variables)
    return template


def create(clients, template, artifacts):
    """Uploads the artifacts, creates the stack and waits. `artifacts`: parameter name -> file."""
    s3, formation = clients("s3"), clients("cloudformation")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": s3.meta.region_name})
    # The story changes bounds, so the roles must be those of a fleet in mode act.
    values = {"CodeBucket": BUCKET, "FleetBucket": BUCKET, "Mode": "act"}
    for parameter, path in artifacts.items():
        s3.upload_file(str(path), BUCKET, path.name)
        values[parameter] = path.name
    # Larger than CloudFormation takes inline, as with `aws cloudformation deploy --s3-bucket`.
    s3.put_object(Bucket=BUCKET, Key=TEMPLATE_KEY, Body=json.dumps(template).encode())
    declared = template.get("Parameters", {})
    unknown = [name for name, spec in declared.items() if name not in values and "Default" not in spec]
    if unknown:
        raise Failed(f"the template has parameters that the demo has no value for: {', '.join(unknown)}")
    formation.create_stack(
        StackName=STACK,
        TemplateURL=f"{s3.meta.endpoint_url}/{BUCKET}/{TEMPLATE_KEY}",
        Capabilities=["CAPABILITY_NAMED_IAM"],
        Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in values.items() if k in declared],
    )
    wait_created(formation)
    pages = formation.get_paginator("list_stack_resources").paginate(StackName=STACK)
    rows = [row for page in pages for row in page["StackResourceSummaries"]]
    found = [(r["LogicalResourceId"], r["ResourceType"], r["PhysicalResourceId"]) for r in rows]
    if {name for name, _, _ in found} != wanted(template):
        raise Failed(f"the stack has {sorted(n for n, _, _ in found)}, the template {sorted(wanted(template))}")
    return Control(found)


def wanted(template):
    """Names of the resources that must exist. Nobody gets mail here; one behind another condition is refused."""
    conditions = {name: resource["Condition"] for name, resource in template["Resources"].items() if "Condition" in resource}
    unknown = sorted(set(conditions.values()) - {ONLY_WITH_MAIL})
    if unknown:
        raise Failed(f"resources with a condition cannot be counted, teach demo/deploy.py about them: {unknown}")
    return set(template["Resources"]) - set(conditions)


def wait_created(formation):
    deadline = time.monotonic() + CREATE_WITHIN_S
    while time.monotonic() < deadline:
        stack = formation.describe_stacks(StackName=STACK)["Stacks"][0]
        if stack["StackStatus"] == "CREATE_COMPLETE":
            return
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            break
        time.sleep(0.2)
    events = formation.describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events
        if "FAILED" in event["ResourceStatus"]
    ]
    raise Failed(f"the stack did not come up ({stack['StackStatus']}):\n" + "\n".join(failed))


def read_back(clients, control, template):
    """Asks each service for its resource; CloudFormation's word is not taken. Answers how many were read."""
    for name, kind, identity in control.resources:
        reader = READERS.get(kind)
        if reader is None:
            raise Failed(f"no read-back for {kind} ({name}): add a line to READERS in demo/deploy.py")
        try:
            seen = reader(clients, identity, template["Resources"][name]["Properties"], control)
        except Exception as error:
            raise Failed(f"{name} ({kind} {identity}) could not be read back: {error}") from error
        if not seen:
            raise Failed(f"{name} ({kind} {identity}) is in the stack but its own API does not show it")
    return len(control.resources)


def _policies(clients, _identity, properties, control):
    iam = clients("iam")
    roles = control.ids("AWS::IAM::Role")
    return any(properties["PolicyName"] in iam.list_role_policies(RoleName=role)["PolicyNames"] for role in roles)


def _permission(clients, _identity, properties, control):
    statements = []
    for function in control.ids("AWS::Lambda::Function"):
        try:
            statements += json.loads(clients("lambda").get_policy(FunctionName=function)["Policy"])["Statement"]
        except clients("lambda").exceptions.ResourceNotFoundException:
            continue
    return any(s["Principal"].get("Service") == properties["Principal"] for s in statements)


def _invoke_config(clients, _identity, properties, control):
    configs = []
    for function in control.ids("AWS::Lambda::Function"):
        answer = clients("lambda").list_function_event_invoke_configs(FunctionName=function)
        configs += answer["FunctionEventInvokeConfigs"]
    return any(c["MaximumRetryAttempts"] == properties["MaximumRetryAttempts"] for c in configs)


def _rule(clients, identity, properties, _control):
    name = identity.rsplit("/", 1)[-1]
    targets = clients("events").list_targets_by_rule(Rule=name)["Targets"]
    return clients("events").describe_rule(Name=name)["EventPattern"] and len(targets) == len(properties["Targets"])


def _schedule(clients, identity, _properties, _control):
    name = identity.rsplit("/", 1)[-1]
    found = clients("scheduler").list_schedules()["Schedules"]
    return any(s["Name"] == name and s["State"] == "ENABLED" for s in found)


def _table(clients, identity, properties, _control):
    table = clients("dynamodb").describe_table(TableName=identity)["Table"]
    indexes = [{i["IndexName"] for i in of.get("GlobalSecondaryIndexes", [])} for of in (table, properties)]
    return table["TableStatus"] == "ACTIVE" and indexes[0] == indexes[1]


def _topic_policy(clients, _identity, _properties, control):
    sns, topics = clients("sns"), control.ids("AWS::SNS::Topic")
    return all("Policy" in sns.get_topic_attributes(TopicArn=topic)["Attributes"] for topic in topics)


def _queue_policy(clients, _identity, _properties, control):
    return any(_queue(clients, url, {}, control).get("Policy") for url in control.ids("AWS::SQS::Queue"))


def _queue(clients, identity, _properties, _control):
    return clients("sqs").get_queue_attributes(QueueUrl=identity, AttributeNames=["All"])["Attributes"]


def _event_source(clients, identity, properties, _control):
    source = clients("lambda").get_event_source_mapping(UUID=identity)
    return source["BatchSize"] == properties["BatchSize"]


def _layer(clients, identity, _properties, _control):
    return clients("lambda").get_layer_version_by_arn(Arn=identity)["Content"]["CodeSize"]


READERS = {
    "AWS::IAM::Role": lambda c, i, p, _: c("iam").get_role(RoleName=i)["Role"]["AssumeRolePolicyDocument"],
    "AWS::IAM::Policy": _policies,
    "AWS::IAM::ManagedPolicy": lambda c, i, p, _: c("iam").get_policy(PolicyArn=i)["Policy"],
    "AWS::SNS::Topic": lambda c, i, p, _: c("sns").get_topic_attributes(TopicArn=i)["Attributes"],
    "AWS::SNS::TopicPolicy": _topic_policy,
    "AWS::SNS::Subscription": lambda c, i, p, _: c("sns").get_subscription_attributes(SubscriptionArn=i)["Attributes"],
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::DynamoDB::Table": _table,
    "AWS::Lambda::Function": lambda c, i, p, _: c("lambda").get_function(FunctionName=i)["Configuration"]["CodeSize"],
    "AWS::Lambda::LayerVersion": _layer,
    "AWS::Lambda::EventSourceMapping": _event_source,
    "AWS::Lambda::Permission": _permission,
    "AWS::Lambda::EventInvokeConfig": _invoke_config,
    "AWS::Events::Rule": _rule,
    "AWS::Scheduler::Schedule": _schedule,
    "AWS::Scheduler::ScheduleGroup": lambda c, i, p, _: c("scheduler").get_schedule_group(Name=i)["State"] == "ACTIVE",
    "AWS::Logs::LogGroup": lambda c, i, p, _: c("logs").describe_log_groups(logGroupNamePrefix=i)["logGroups"],
    "AWS::CloudWatch::Alarm": lambda c, i, p, _: c("cloudwatch").describe_alarms(AlarmNames=[i])["MetricAlarms"],
    "AWS::CloudWatch::Dashboard": lambda c, i, p, _: c("cloudwatch").get_dashboard(DashboardName=i)["DashboardBody"],
    "AWS::SSM::Parameter": lambda c, i, p, _: c("ssm").get_parameter(Name=i)["Parameter"],
}
