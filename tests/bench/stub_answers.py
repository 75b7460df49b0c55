"""What the stub answers for each AWS call: one function per operation, over one small world.

The shapes are those of the AWS API models. To answer one more call, add a function to OPERATIONS.
"""

import time

from stub_table import Table
from wire import Epoch

ACCOUNT = "222222222222"
REGION = "eu-west-1"
TOPIC_ARN = f"arn:aws:sns:{REGION}:{ACCOUNT}:headroom-notices"
CREATED = Epoch(1_780_000_000)

# DescribeServices returns up to 100 service events, and a service that has lived for a month has them all.
SERVICE_EVENTS = 100

WORLD = {
    "desired": 2,
    "running": 2,
    "min": 2,
    "max": 10,
    "alarm": "ALARM",
    "alarm_since": 0.0,
    "metrics": {"CPUUtilization": 95.0, "MemoryUtilization": 40.0},
}


class World:
    """The state behind the answers: one table, one scalable target per resource, one service shape."""

    def __init__(self, changes=None):
        self.facts = {**WORLD, **(changes or {})}
        self.table = Table()
        self.targets = {}

    def answer(self, service, operation, request):
        """The result's members; an operation that nobody described raises KeyError."""
        if service == "dynamodb":
            return self.table.answer(operation, request)
        return OPERATIONS[operation](self, request)


def describe_services(world, request):
    cluster = request.get("cluster", "default").rsplit("/", 1)[-1]
    return {"services": [_service(world.facts, cluster, name) for name in request["services"]], "failures": []}


def _service(facts, cluster, name):
    name = name.rsplit("/", 1)[-1]
    arn = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
    counts = {"desiredCount": facts["desired"], "runningCount": facts["running"], "pendingCount": 0}
    task_definition = f"{arn}:task-definition/{name}:41"
    network = {
        "awsvpcConfiguration": {
            "subnets": ["subnet-0a1b2c3d4e5f60718", "subnet-0a1b2c3d4e5f60719"],
            "securityGroups": ["sg-0a1b2c3d4e5f60718"],
            "assignPublicIp": "DISABLED",
        }
    }
    group = f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:targetgroup/{name}/0123456789abcdef"
    steady = f"(service {name}) has reached a steady state."
    return {
        "serviceArn": f"{arn}:service/{cluster}/{name}",
        "serviceName": name,
        "clusterArn": f"{arn}:cluster/{cluster}",
        "status": "ACTIVE",
        **counts,
        "launchType": "FARGATE",
        "platformVersion": "LATEST",
        "platformFamily": "Linux",
        "taskDefinition": task_definition,
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": {"enable": True, "rollback": True},
            "maximumPercent": 200,
            "minimumHealthyPercent": 100,
            "strategy": "ROLLING",
        },
        "deploymentController": {"type": "ECS"},
        "deployments": [
            {
                "id": "ecs-svc/2757582648257641111",
                "status": "PRIMARY",
                "taskDefinition": task_definition,
                **counts,
                "failedTasks": 0,
                "createdAt": CREATED,
                "updatedAt": CREATED,
                "launchType": "FARGATE",
                "networkConfiguration": network,
                "rolloutState": "COMPLETED",
                "rolloutStateReason": "ECS deployment ecs-svc/2757582648257641111 completed.",
            }
        ],
        "loadBalancers": [{"targetGroupArn": group, "containerName": name, "containerPort": 3000}],
        "events": [
            {"id": f"00000000-0000-4000-8000-{at:012d}", "createdAt": Epoch(CREATED + 21_600 * at), "message": steady}
            for at in range(SERVICE_EVENTS)
        ],
        "networkConfiguration": network,
        "healthCheckGracePeriodSeconds": 60,
        "schedulingStrategy": "REPLICA",
        "createdAt": CREATED,
        "createdBy": f"arn:aws:iam::{ACCOUNT}:role/deployer",
        "enableECSManagedTags": True,
        "propagateTags": "SERVICE",
        "enableExecuteCommand": False,
    }


def _target(world, resource):
    everything_runs = {
        "DynamicScalingInSuspended": False,
        "DynamicScalingOutSuspended": False,
        "ScheduledScalingSuspended": False,
    }
    return world.targets.setdefault(
        resource,
        {
            "ServiceNamespace": "ecs",
            "ResourceId": resource,
            "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": world.facts["min"],
            "MaxCapacity": world.facts["max"],
            "RoleARN": f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/"
            "AWSServiceRoleForApplicationAutoScaling_ECSService",
            "CreationTime": CREATED,
            "SuspendedState": everything_runs,
            "ScalableTargetARN": f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/0ec5bench0000",
        },
    )


def describe_scalable_targets(world, request):
    return {"ScalableTargets": [_target(world, resource) for resource in request["ResourceIds"]]}


def register_scalable_target(world, request):
    target = _target(world, request["ResourceId"])
    for member in ("MinCapacity", "MaxCapacity", "SuspendedState"):
        if request.get(member) is not None:
            target[member] = request[member]
    return {"ScalableTargetARN": target["ScalableTargetARN"]}


def describe_scaling_policies(_world, request):
    """Target tracking on requests only: nothing native watches CPU, so a CPU alarm is Headroom's to answer."""
    resource = request.get("ResourceId", "")
    policy = f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:0:resource/ecs/{resource}:policyName/requests"
    alarms = [f"TargetTracking-{resource}-Alarm{side}-0000" for side in ("High", "Low")]
    return {
        "ScalingPolicies": [
            {
                "PolicyARN": policy,
                "PolicyName": "requests",
                "ServiceNamespace": "ecs",
                "ResourceId": resource,
                "ScalableDimension": "ecs:service:DesiredCount",
                "PolicyType": "TargetTrackingScaling",
                "TargetTrackingScalingPolicyConfiguration": {
                    "TargetValue": 1000.0,
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "ALBRequestCountPerTarget",
                        "ResourceLabel": "app/web/0123456789abcdef/targetgroup/web/0123456789abcdef",
                    },
                    "ScaleOutCooldown": 60,
                    "ScaleInCooldown": 300,
                    "DisableScaleIn": False,
                },
                "Alarms": [
                    {"AlarmName": name, "AlarmARN": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"}
                    for name in alarms
                ],
                "CreationTime": CREATED,
            }
        ]
    }


def describe_alarms(world, request):
    since = Epoch(world.facts["alarm_since"])
    alarms = [
        {
            "AlarmName": name,
            "AlarmArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}",
            "ActionsEnabled": True,
            "OKActions": [],
            "AlarmActions": [],
            "InsufficientDataActions": [],
            "StateValue": world.facts["alarm"],
            "StateReason": "Threshold Crossed: 2 datapoints were greater than the threshold (85.0).",
            "StateUpdatedTimestamp": since,
            "StateTransitionedTimestamp": since,
            "MetricName": "CPUUtilization",
            "Namespace": "AWS/ECS",
            "Statistic": "Average",
            "Dimensions": [],
            "Period": 60,
            "EvaluationPeriods": 2,
            "Threshold": 85.0,
            "ComparisonOperator": "GreaterThanThreshold",
        }
        for name in request.get("AlarmNames", [])
    ]
    return {"MetricAlarms": alarms, "CompositeAlarms": []}


def get_metric_data(world, request):
    end = min(float(request["EndTime"]), time.time())
    return {
        "MetricDataResults": [
            _series(world.facts, query, float(request["StartTime"]), end, request.get("ScanBy"))
            for query in request["MetricDataQueries"]
        ],
        "Messages": [],
    }


# vCPU of Fargate On-Demand, in use and allowed.
QUOTA = {"ResourceCount": 138.0, "SERVICE_QUOTA": 200.0}


def _series(facts, query, start, end, order):
    # The one expression that is asked for is a quota, of the usage metric beside it; both have a value a minute.
    stat = query.get("MetricStat", {"Metric": {"MetricName": "SERVICE_QUOTA"}, "Period": 60, "Stat": "Average"})
    name, period = stat["Metric"]["MetricName"], stat["Period"]
    # Each task reports once a minute, so the number of samples is the number of tasks.
    value = facts["running"] if stat["Stat"] == "SampleCount" else facts["metrics"].get(name, QUOTA.get(name))
    first = -(-start // period) * period
    times = [] if value is None else [Epoch(first + n * period) for n in range(int(max(0, end - first) // period))]
    if order != "TimestampAscending":
        times.reverse()
    return {
        "Id": query["Id"],
        "Label": query.get("Label", name),
        "Timestamps": times,
        "Values": [float(value) for _ in times],
        "StatusCode": "Complete",
    }


def publish(_world, _request):
    return {"MessageId": "00000000-0000-4000-8000-000000000002"}


OPERATIONS = {
    "DescribeServices": describe_services,
    "DescribeScalableTargets": describe_scalable_targets,
    "DescribeScalingPolicies": describe_scaling_policies,
    "RegisterScalableTarget": register_scalable_target,
    "DescribeAlarms": describe_alarms,
    "GetMetricData": get_metric_data,
    "Publish": publish,
}
