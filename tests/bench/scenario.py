"""The story that every measured process is told: one CPU alarm on one service of a small fleet.

acting     CPU is at 95 % on two tasks, target 70 %: the floor goes to three
duplicate  the same event once more
refused    the same alarm while four tasks are already on their way: nothing to add
"""

import json
from datetime import datetime, timezone

from stub_answers import ACCOUNT, REGION, TOPIC_ARN

ENVIRONMENT = "prod-eu"
CLUSTER = "prod-eu-cluster"
TARGET_PERCENT = 70.0
# Far above what a bench does in an hour, so that a limit never turns an acting event into a refused one.
CHANGES_UNLIMITED = 1_000_000

ACTING = {}
REFUSED = {"desired": 4}


# Different services in a large fleet, apart from their names.
PROFILES = 50


def service_name(index):
    return f"{ENVIRONMENT}-web-{index:05d}"


def fleet(services):
    """A compiled fleet of that many services, each with one scale-out remedy."""
    return {
        "version": 2,
        "fleet": "bench",
        "source": "headroom.yaml",
        "environments": [
            {
                "name": ENVIRONMENT,
                "account": ACCOUNT,
                "region": REGION,
                "mode": "act",
                "timezone": "Europe/Berlin",
                "redact": False,
                "soak": 0,
            }
        ],
        "services": {
            "profiles": [_profile(index) for index in range(min(services, PROFILES))],
            "list": [_service(index) for index in range(services)],
        },
        "schedules": [],
        "dependencies": [],
        "channels": [],
        "routes": [],
        "switches": [],
        "costs": [],
        "limits": {
            "event_age_max": 900,
            "changes_per_hour_service": CHANGES_UNLIMITED,
            "changes_per_hour_environment": CHANGES_UNLIMITED,
            "rollbacks_per_day_service": 1,
            "rollbacks_per_day_environment": 2,
            "added_cost_per_day_usd": None,
        },
    }


def _service(index):
    return {
        "environment": ENVIRONMENT,
        "name": f"web-{index:05d}",
        "cluster": CLUSTER,
        "service": service_name(index),
        "target_group": service_name(index),
        "profile": index % PROFILES,
    }


def _profile(index):
    """What a service is apart from its names; the ceiling tells one from another."""
    return {
        "mode": "act",
        "task": {"vcpu": 2.0, "memory_gib": 4.0, "architecture": "x86_64"},
        "capacity": {"min": 2, "max": 10, "ceiling": 15 + index},
        "scaling": {
            "cpu": TARGET_PERCENT,
            "memory": None,
            "requests_per_target": 1000.0,
            "cooldown_scale_out": 60,
            "cooldown_scale_in": 300,
        },
        "remedies": [
            {
                "name": "cpu-high",
                "line": 33,
                "when": {"metric": {"metric": "cpu", "above": 85.0, "lasting": 120}},
                "action": "scale-out",
                "mode": "act",
                "sizing": {"ratio": {"target": TARGET_PERCENT}},
                "add_max": 4,
                "native_first": 300,
                "lease": 1800,
                "release_delay": 300,
                "cooldown": 300,
                "hard_end": 14400,
            }
        ],
    }


def event(serial, now, index=0):
    """An alarm that has just fired; `serial` makes it another event than the one before."""
    # The case key counts in milliseconds, so each serial is a transition of its own.
    at = now - 1 + serial % 900 / 1000
    name = f"{service_name(index)}-cpu-high"
    return {
        "version": "0",
        "id": f"c4c1c1c9-6542-e61b-6ef0-{serial:012d}",
        "detail-type": "CloudWatch Alarm State Change",
        "source": "aws.cloudwatch",
        "account": ACCOUNT,
        "time": _stamp(at)[:19] + "Z",
        "region": REGION,
        "resources": [f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"],
        "detail": {
            "alarmName": name,
            "configuration": {
                "description": "CPU is high",
                "metrics": [
                    {
                        "id": "30b6c6b2-a864-43a2-4877-c09a1afc3b87",
                        "metricStat": {
                            "metric": {
                                "dimensions": {"ClusterName": CLUSTER, "ServiceName": service_name(index)},
                                "name": "CPUUtilization",
                                "namespace": "AWS/ECS",
                            },
                            "period": 60,
                            "stat": "Average",
                        },
                        "returnData": True,
                    }
                ],
            },
            "previousState": _state("OK", "Threshold Crossed: 1 datapoint was not greater", at - 3600, [41.5]),
            "state": _state("ALARM", "Threshold Crossed: 2 datapoints were greater", at, [95.0, 94.0]),
        },
    }


def _state(value, reason, at, datapoints):
    data = {
        "version": "1.0",
        "queryDate": _stamp(at),
        "startDate": _stamp(at - 120),
        "statistic": "Average",
        "period": 60,
        "recentDatapoints": datapoints,
        "threshold": 85.0,
    }
    return {
        "reason": f"{reason} than the threshold (85.0).",
        "reasonData": json.dumps(data),
        "timestamp": _stamp(at),
        "value": value,
    }


def _stamp(at):
    """CloudWatch's form: an offset without a colon."""
    text = datetime.fromtimestamp(at, timezone.utc).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "+0000")


def environment(stub, fleet_path):
    """The variables that a function of Headroom gets from Lambda, with every endpoint on the stub."""
    endpoints = {
        f"AWS_ENDPOINT_URL_{service.upper()}": f"https://localhost:{port}" for service, port in stub["ports"].items()
    }
    return {
        **endpoints,
        "AWS_CA_BUNDLE": stub["ca_file"],
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "AKIDBENCHBENCHBENCH0",
        "AWS_SECRET_ACCESS_KEY": "bench-bench-bench-bench-bench-bench-benc",
        "AWS_SESSION_TOKEN": "bench" * 40,
        "HEADROOM_TABLE": "headroom",
        "HEADROOM_TOPIC_ARN": TOPIC_ARN,
        "HEADROOM_FLEET": str(fleet_path),
    }


def world(changes, now):
    """The stub's facts for an alarm that fired a second ago."""
    return {**changes, "alarm_since": int(now) - 1}
