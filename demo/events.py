"""An alarm's event, taken to the function the way EventBridge would take it.

MiniStack changes an alarm's state but sends no event, and its PutEvents refuses `aws.*` sources, as AWS does.
So EventBridge's three steps are made one by one, each from what is deployed and nothing from what we know:
the rule's own pattern decides (DescribeRule, TestEventPattern), its own targets are used (ListTargetsByRule),
and each function's own policy must let EventBridge in (GetPolicy). Whichever is taken away, no event arrives.
"""

import concurrent.futures
import datetime
import fnmatch
import json
import uuid


def alarm_event(alarm, service, previous, datapoints):
    """The event of the alarm's present state, in the shape of AWS's published example."""
    metric_dimensions = {d["Name"]: d["Value"] for d in alarm["Dimensions"]}
    changed = alarm["StateUpdatedTimestamp"]
    now = datetime.datetime.now(datetime.timezone.utc)
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": service["account"],
        "time": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": service["region"],
        "resources": [alarm["AlarmArn"]],
        "detail": {
            "alarmName": alarm["AlarmName"],
            "configuration": {
                "metrics": [
                    {
                        "id": "m1",
                        "metricStat": {
                            "metric": {
                                "namespace": alarm["Namespace"],
                                "name": alarm["MetricName"],
                                "dimensions": metric_dimensions,
                            },
                            "period": alarm["Period"],
                            "stat": alarm["Statistic"],
                        },
                        "returnData": True,
                    }
                ]
            },
            "previousState": {"value": previous, "timestamp": stamp(changed - datetime.timedelta(minutes=10))},
            "state": {
                "value": alarm["StateValue"],
                "reason": alarm["StateReason"],
                "reasonData": json.dumps(
                    {
                        "version": "1.0",
                        "queryDate": stamp(changed),
                        "statistic": alarm["Statistic"],
                        "period": alarm["Period"],
                        "recentDatapoints": datapoints,
                        "threshold": alarm["Threshold"],
                    }
                ),
                "timestamp": stamp(changed),
            },
        },
    }


def stamp(moment):
    """CloudWatch's way to write a time: `2026-06-03T15:46:15.662+0000`."""
    utc = moment.astimezone(datetime.timezone.utc)
    return utc.strftime("%Y-%m-%dT%H:%M:%S.") + f"{utc.microsecond // 1000:03}+0000"


def route(clients, event):
    """The functions that the deployed rules would send `event` to, and why not, where they would not."""
    functions, refused = [], []
    text = json.dumps(event)
    for rule in clients("events").list_rules()["Rules"]:
        deployed = clients("events").describe_rule(Name=rule["Name"])
        pattern = deployed.get("EventPattern")
        if not pattern or deployed["State"] != "ENABLED":
            continue
        if not clients("events").test_event_pattern(EventPattern=pattern, Event=text)["Result"]:
            refused.append(f"the pattern of rule {rule['Name']} does not match")
            continue
        for target in clients("events").list_targets_by_rule(Rule=rule["Name"])["Targets"]:
            function = target["Arn"].split(":function:")[-1]
            if permitted(clients, function, deployed["Arn"]):
                functions.append(function)
            else:
                refused.append(f"the policy of {function} does not let rule {rule['Name']} invoke it")
    return functions, refused or ["no rule has an event pattern"]


def permitted(clients, function, rule_arn):
    """Whether the function's policy allows EventBridge to invoke it for this rule."""
    api = clients("lambda")
    try:
        statements = json.loads(api.get_policy(FunctionName=function)["Policy"])["Statement"]
    except api.exceptions.ResourceNotFoundException:
        return False
    return any(_allows(statement, rule_arn) for statement in statements)


def _allows(statement, rule_arn):
    conditions = statement.get("Condition", {})
    sources = [v for operator in conditions.values() for k, v in operator.items() if k.lower() == "aws:sourcearn"]
    return (
        statement["Effect"] == "Allow"
        and statement["Principal"].get("Service") == "events.amazonaws.com"
        and statement["Action"] == "lambda:InvokeFunction"
        and all(fnmatch.fnmatchcase(rule_arn, source) for source in sources)
    )


def deliver(clients, functions, event, times=1, at_once=False):
    """Sends the event asynchronously, as EventBridge does; separate connections when they go at once."""
    payload = json.dumps(event).encode()

    def send(function):
        answer = clients("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=payload)
        return answer["ResponseMetadata"]["RequestId"]

    jobs = [function for _ in range(times) for function in functions]
    if not at_once:
        return [send(function) for function in jobs]
    with concurrent.futures.ThreadPoolExecutor(len(jobs) or 1) as pool:
        return list(pool.map(send, jobs))
