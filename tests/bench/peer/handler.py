"""What alarm-handler would be in Python: the same AWS calls in the same order, with boto3.

A yardstick for the bench and nothing else: it takes the plain path through the decision, and no other.
Clients are made when the module is loaded, which is what boto3's own documentation advises.
"""

import hashlib
import json
import math
import os
from datetime import datetime, timedelta, timezone

import boto3

TABLE = os.environ["HEADROOM_TABLE"]
TOPIC_ARN = os.environ["HEADROOM_TOPIC_ARN"]
LOCK_SECONDS = 60
METRIC_MINUTES = 10
BUDGET_KEPT_SECONDS = 2 * 86_400

with open(os.environ["HEADROOM_FLEET"], encoding="utf-8") as _file:
    FLEET = json.load(_file)
_PLACES = {e["name"]: {"account": e["account"], "region": e["region"]} for e in FLEET["environments"]}
SERVICES = [
    {**FLEET["services"]["profiles"][row["profile"]], **_PLACES[row["environment"]], **row}
    for row in FLEET["services"]["list"]
]

dynamodb = boto3.client("dynamodb")
ecs = boto3.client("ecs")
autoscaling = boto3.client("application-autoscaling")
cloudwatch = boto3.client("cloudwatch")
sns = boto3.client("sns")


def handle(event):
    """Answers one alarm; gives what was decided."""
    detail = event["detail"]
    watched = detail["configuration"]["metrics"][0]["metricStat"]["metric"]
    service = find_service(watched["dimensions"])
    remedy = service["remedies"][0]
    alarm_arn, fired_at = event["resources"][0], detail["state"]["timestamp"]
    case_key = hashlib.sha256(f"{alarm_arn}|{fired_at}|{remedy['name']}".encode()).hexdigest()[:26]
    now = datetime.now(timezone.utc)

    known = read_table(service, case_key, remedy, now)
    if ("C#" + case_key, "CASE") in known:
        return {"outcome": "duplicate", "case": case_key}

    seen = observe(service, detail["alarmName"], watched, now)
    need = math.ceil(min(seen["running"], seen["desired"]) * seen["metric"] / remedy["sizing"]["ratio"]["target"])
    if seen["alarm"] != "ALARM" or need <= seen["desired"]:
        refuse(case_key, seen)
        return {"outcome": "refused", "case": case_key}

    floor = min(need, seen["desired"] + remedy["add_max"], service["capacity"]["ceiling"], seen["max"])
    generation = int(known.get((state_key(service), "STATE"), {}).get("gen", {"N": "0"})["N"])
    plan(service, remedy, case_key, generation, floor, seen, now)
    autoscaling.register_scalable_target(
        **scalable_target(service), MinCapacity=floor, SuspendedState=seen["suspended"]
    )
    notify(service, case_key, floor, seen)
    close(service, case_key, generation + 1, floor, now)
    return {"outcome": "acted", "case": case_key, "min": floor}


def find_service(dimensions):
    for service in SERVICES:
        if service["cluster"] == dimensions["ClusterName"] and service["service"] == dimensions["ServiceName"]:
            return service
    raise LookupError(f"no service of the fleet has the dimensions {dimensions}")


def state_key(service):
    return f"S#{service['account']}#{service['region']}#{service['cluster']}#{service['service']}"


def budget_keys(service, remedy, now):
    hour = str(int(now.timestamp()) // 3600 * 3600)
    scopes = (service["service"], service["environment"])
    return [{"pk": {"S": f"B#{scope}#{remedy['name']}"}, "sk": {"S": hour}} for scope in scopes]


def scalable_target(service):
    return {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{service['cluster']}/{service['service']}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }


def read_table(service, case_key, remedy, now):
    keys = [
        {"pk": {"S": "C#" + case_key}, "sk": {"S": "CASE"}},
        {"pk": {"S": state_key(service)}, "sk": {"S": "STATE"}},
        {"pk": {"S": "CTL"}, "sk": {"S": service["environment"]}},
        *budget_keys(service, remedy, now),
    ]
    answer = dynamodb.batch_get_item(RequestItems={TABLE: {"Keys": keys, "ConsistentRead": True}})
    return {(item["pk"]["S"], item["sk"]["S"]): item for item in answer["Responses"][TABLE]}


def observe(service, alarm_name, watched, now):
    found = ecs.describe_services(cluster=service["cluster"], services=[service["service"]])["services"][0]
    resource = scalable_target(service)
    target = autoscaling.describe_scalable_targets(
        ServiceNamespace="ecs", ResourceIds=[resource["ResourceId"]], ScalableDimension=resource["ScalableDimension"]
    )["ScalableTargets"][0]
    policies = autoscaling.describe_scaling_policies(**resource)["ScalingPolicies"]
    metric = read_metric(watched, now)
    alarms = cloudwatch.describe_alarms(AlarmNames=[alarm_name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    return {
        "desired": found["desiredCount"],
        "running": found["runningCount"],
        "min": target["MinCapacity"],
        "max": target["MaxCapacity"],
        "suspended": target["SuspendedState"],
        "policies": [policy["PolicyName"] for policy in policies],
        "metric": metric,
        "alarm": alarms["MetricAlarms"][0]["StateValue"],
    }


VCPU = {"Type": "Resource", "Resource": "vCPU", "Service": "Fargate", "Class": "Standard/OnDemand"}


def read_metric(watched, now):
    metric = {
        "Namespace": watched["namespace"],
        "MetricName": watched["name"],
        "Dimensions": [{"Name": name, "Value": value} for name, value in watched["dimensions"].items()],
    }
    queries = [
        {"Id": name, "MetricStat": {"Metric": metric, "Period": 60, "Stat": stat}}
        for name, stat in (("value", "Average"), ("tasks", "SampleCount"))
    ]
    usage = {
        "Namespace": "AWS/Usage",
        "MetricName": "ResourceCount",
        "Dimensions": [{"Name": name, "Value": value} for name, value in VCPU.items()],
    }
    queries.append({"Id": "vcpu", "MetricStat": {"Metric": usage, "Period": 300, "Stat": "Maximum"}})
    queries.append({"Id": "quota", "Expression": "SERVICE_QUOTA(vcpu)"})
    answer = cloudwatch.get_metric_data(
        MetricDataQueries=queries, StartTime=now - timedelta(minutes=METRIC_MINUTES), EndTime=now
    )
    return answer["MetricDataResults"][0]["Values"][0]


def refuse(case_key, seen):
    item = {
        "pk": {"S": "C#" + case_key},
        "sk": {"S": "CASE"},
        "status": {"S": "refused"},
        "doc": {"S": json.dumps(seen)},
    }
    dynamodb.transact_write_items(TransactItems=[put(item, "attribute_not_exists(pk)")])


def plan(service, remedy, case_key, generation, floor, seen, now):
    """The write-ahead transaction: case, state with its lease and lock, budgets, kill switch."""
    state = {"floor": floor, "base": {"min": seen["min"], "max": seen["max"]}, "lock": lock(case_key, now)}
    puts = [
        put(
            {
                "pk": {"S": "C#" + case_key},
                "sk": {"S": "CASE"},
                "status": {"S": "planned"},
                "doc": {"S": json.dumps(seen)},
            },
            "attribute_not_exists(pk)",
        ),
        put(
            {
                "pk": {"S": state_key(service)},
                "sk": {"S": "STATE"},
                "gen": {"N": str(generation + 1)},
                "doc": {"S": json.dumps(state)},
                "due_shard": {"S": "0"},
                "due": {"N": str(int(now.timestamp()) + remedy["cooldown"])},
            },
            "attribute_not_exists(pk) OR gen = :seen",
            {":seen": {"N": str(generation)}},
        ),
    ]
    budgets = [
        {
            "Update": {
                "TableName": TABLE,
                "Key": key,
                "UpdateExpression": "ADD used :one SET expires = :expires",
                "ConditionExpression": "attribute_not_exists(used) OR used < :limit",
                "ExpressionAttributeValues": {
                    ":one": {"N": "1"},
                    ":limit": {"N": "1000000"},
                    ":expires": {"N": str(int(key["sk"]["S"]) + BUDGET_KEPT_SECONDS)},
                },
            }
        }
        for key in budget_keys(service, remedy, now)
    ]
    switch = {
        "ConditionCheck": {
            "TableName": TABLE,
            "Key": {"pk": {"S": "CTL"}, "sk": {"S": service["environment"]}},
            "ConditionExpression": "attribute_not_exists(pk)",
        }
    }
    dynamodb.transact_write_items(TransactItems=[*puts, *budgets, switch])


def close(service, case_key, generation, floor, now):
    state = {"floor": floor, "verified": now.isoformat()}
    values = {":gen": {"N": str(generation)}, ":next": {"N": str(generation + 1)}, ":doc": {"S": json.dumps(state)}}
    dynamodb.transact_write_items(
        TransactItems=[
            {
                "Update": {
                    "TableName": TABLE,
                    "Key": {"pk": {"S": state_key(service)}, "sk": {"S": "STATE"}},
                    "UpdateExpression": "SET gen = :next, doc = :doc",
                    "ConditionExpression": "gen = :gen",
                    "ExpressionAttributeValues": values,
                }
            },
            {
                "Update": {
                    "TableName": TABLE,
                    "Key": {"pk": {"S": "C#" + case_key}, "sk": {"S": "CASE"}},
                    "UpdateExpression": "SET #s = :acted",
                    "ConditionExpression": "#s = :planned",
                    "ExpressionAttributeNames": {"#s": "status"},
                    "ExpressionAttributeValues": {":acted": {"S": "acted"}, ":planned": {"S": "planned"}},
                }
            },
        ]
    )


def put(item, condition, values=None):
    action = {"TableName": TABLE, "Item": item, "ConditionExpression": condition}
    return {"Put": {**action, "ExpressionAttributeValues": values} if values else action}


def lock(owner, now):
    return {"owner": owner, "until": (now + timedelta(seconds=LOCK_SECONDS)).isoformat()}


def notify(service, case_key, floor, seen):
    text = f"{service['environment']}/{service['name']}: min {seen['min']} to {floor}, CPU {seen['metric']} %"
    message = {
        "version": "1.0",
        "source": "custom",
        "content": {"textType": "client-markdown", "title": text, "description": json.dumps(seen)},
        "metadata": {"threadId": case_key, "summary": text},
    }
    sns.publish(TopicArn=TOPIC_ARN, Subject=text[:99], Message=json.dumps(message))
