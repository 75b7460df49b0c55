"""What is deployed, read from each service's own API and not from Terraform's state."""

import io
import json
import zipfile
from pathlib import Path

import deploy
import statements

ROOT = Path(__file__).resolve().parent.parent.parent
MANIFEST = json.loads((ROOT / "infra" / "generated" / "functions.json").read_text())


def control(here, name):
    """Names of the control plane, as the demo's stack wants them; `name` is the topic's."""
    kinds = [("AWS::Lambda::Function", f["FunctionName"]) for f in here("lambda").list_functions()["Functions"]]
    kinds.append(("AWS::SQS::Queue", here("sqs").get_queue_url(QueueName="headroom-dead-letters")["QueueUrl"]))
    kinds.append(("AWS::DynamoDB::Table", "headroom"))
    kinds += [("AWS::SNS::Topic", t["TopicArn"]) for t in here("sns").list_topics()["Topics"] if name in t["TopicArn"]]
    return deploy.Control([("", kind, identity) for kind, identity in kinds])


def role_policies(here, region):
    """Every inline policy of every role, as a plan of Terraform names it."""
    iam, found = here("iam"), []
    for role in (role["RoleName"] for role in iam.list_roles()["Roles"]):
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]
            name = role.removesuffix(f"-{region}")
            wakes = policy == "wake"
            found.append(
                {
                    "type": "aws_iam_role_policy",
                    "name": "schedule" if wakes else policy,
                    "index": name if wakes else name.removeprefix("headroom-"),
                    "values": {"policy": json.dumps(document)},
                }
            )
    return found


def statements_held(here, region, mode):
    """How many statements the roles hold; one that is not the manifest's, or a missing one, is a problem."""
    return statements.planned(ROOT, mode, role_policies(here, region))


def layer_content(here, bucket):
    """The fleet file in the zip that the layer was made from."""
    (stored,) = here("s3").list_objects_v2(Bucket=bucket)["Contents"]
    body = here("s3").get_object(Bucket=bucket, Key=stored["Key"])["Body"].read()
    return zipfile.ZipFile(io.BytesIO(body)).read(MANIFEST["fleet_layer"]["file"])


def rule_ages(here):
    """Rule to the oldest event in seconds that its target still gets."""
    events = here("events")
    return {
        rule["Name"]: target["RetryPolicy"]["MaximumEventAgeInSeconds"]
        for rule in events.list_rules()["Rules"]
        for target in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
    }


def policies(fleet, service):
    """Names of the scaling policies that a service has."""
    api = fleet.clients(service)("application-autoscaling")
    resource = f"service/{service['cluster']}/{service['service']}"
    found = api.describe_scaling_policies(ServiceNamespace="ecs", ResourceId=resource)["ScalingPolicies"]
    return {policy["PolicyName"] for policy in found}


def left(here, fleet):
    """What is there after everything was removed, by kind; kinds without anything are left out."""
    api = here("scheduler")
    found = {
        "functions": here("lambda").list_functions()["Functions"],
        "sources of events": here("lambda").list_event_source_mappings()["EventSourceMappings"],
        "layers": here("lambda").list_layers()["Layers"],
        "rules": here("events").list_rules()["Rules"],
        "schedules": api.list_schedules()["Schedules"],
        "groups": [g for g in api.list_schedule_groups()["ScheduleGroups"] if g["Name"] != "default"],
        "tables": here("dynamodb").list_tables()["TableNames"],
        "topics": here("sns").list_topics()["Topics"],
        "queues": here("sqs").list_queues().get("QueueUrls", []),
        "roles": here("iam").list_roles()["Roles"],
        "buckets": here("s3").list_buckets()["Buckets"],
        "logs": here("logs").describe_log_groups()["logGroups"],
        "pages": here("cloudwatch").list_dashboards().get("DashboardEntries", []),
    }
    clients = fleet.clients(fleet.services[0])
    found["targets"] = clients("application-autoscaling").describe_scalable_targets(ServiceNamespace="ecs")[
        "ScalableTargets"
    ]
    found["alarms"] = clients("cloudwatch").describe_alarms()["MetricAlarms"]
    return {kind: things for kind, things in found.items() if things}
