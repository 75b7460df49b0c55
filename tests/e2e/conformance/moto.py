"""The same requests to moto, and where its answers differ from those of `headroom local`."""

import json
import re
from datetime import datetime

from conformance import script

LIST = script.FOLDER / "moto.json"
# Ids and digests: each server draws its own.
DRAWN = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{16,}|(?<=ecs-svc/)\d+")
# The services of the scenario: tasks, MinCapacity, MaxCapacity.
SERVICES = {"web": (2, 2, 6), "api": (1, 1, 4), "worker": (1, 1, 2)}


def furnish(boto3):
    """Gives moto what the scenario's world begins with, as far as moto can be told."""
    there = make(boto3, "ec2", "DescribeSubnets")["Subnets"]
    vpc, subnets = there[0]["VpcId"], [subnet["SubnetId"] for subnet in there]
    groups = [group["GroupId"] for group in make(boto3, "ec2", "DescribeSecurityGroups")["SecurityGroups"]][:1]
    make(boto3, "ecs", "CreateCluster", clusterName="shop")
    make(boto3, "elbv2", "CreateLoadBalancer", Name="shop", Subnets=subnets[:2])
    for name, (tasks, least, most) in SERVICES.items():
        group = make(
            boto3, "elbv2", "CreateTargetGroup", Name=name, Protocol="HTTP", Port=80, TargetType="ip",
            VpcId=vpc,
        )
        container = {"name": name, "image": f"shop/{name}:1", "essential": True}
        make(
            boto3, "ecs", "RegisterTaskDefinition", family=name, cpu="1024", memory="2048", networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"], containerDefinitions=[container],
        )
        arn = group["TargetGroups"][0]["TargetGroupArn"]
        balancer = {"targetGroupArn": arn, "containerName": name, "containerPort": 80}
        # Without security groups moto answers 500.
        network = {"awsvpcConfiguration": {"subnets": subnets[:1], "securityGroups": groups}}
        make(
            boto3, "ecs", "CreateService", cluster="shop", serviceName=name, taskDefinition=name, desiredCount=tasks,
            launchType="FARGATE", networkConfiguration=network, loadBalancers=[balancer],
        )
        target = {"ServiceNamespace": "ecs", "ResourceId": f"service/shop/{name}"}
        target["ScalableDimension"] = "ecs:service:DesiredCount"
        make(boto3, "application-autoscaling", "RegisterScalableTarget", **target, MinCapacity=least, MaxCapacity=most)
    tracking = {
        "TargetValue": 70.0, "ScaleOutCooldown": 60, "ScaleInCooldown": 300,
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    make(
        boto3, "application-autoscaling", "PutScalingPolicy", **{**target, "ResourceId": "service/shop/web"},
        PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration=tracking,
    )
    make(
        boto3, "cloudwatch", "PutMetricAlarm",
        AlarmName="web-cpu-high", Namespace="AWS/ECS", MetricName="CPUUtilization",
        Dimensions=[{"Name": "ClusterName", "Value": "shop"}, {"Name": "ServiceName", "Value": "web"}],
        Statistic="Average", Period=60, EvaluationPeriods=2, DatapointsToAlarm=2, Threshold=85.0,
        ComparisonOperator="GreaterThanThreshold", TreatMissingData="missing",
    )


def make(boto3, service, operation, **parameters):
    """A call that moto must not refuse."""
    outcome, answer = boto3.call(service, operation, parameters)
    if outcome != script.OK:
        raise AssertionError(f"moto refused {operation} {parameters}: {outcome}")
    return answer


def differences(boto3, calls, outcomes, answers):
    """What moto answers otherwise than `headroom local` did: one text for each way, however often it happens."""
    found, its = {}, {}
    for call, here in zip(calls, outcomes):
        operation = f"{call['service']} {call['operation']}"
        try:
            parameters = script.resolved(call["parameters"], its)
        except script.Unanswered as missing:
            found[f"{operation} ({call['name']}): cannot be asked, moto gave no {missing}"] = None
            continue
        there, its[call["name"]] = boto3.call(call["service"], call["operation"], parameters)
        if there != here["outcome"]:
            found[f"{operation} ({call['name']}): {here['outcome']} here, {named(there)} by moto"] = None
        elif there == script.OK:
            found.update(dict.fromkeys(of_values(operation, answers[call["name"]], its[call["name"]])))
    return list(found)


def named(outcome):
    """An operation that moto has none for is an HTML page with a 500, a 404 or a 501."""
    return f"HTTP {outcome}" if outcome.isdigit() else outcome


def of_values(path, here, there):
    """Differences of two parsed answers; times and drawn ids only have to be there."""
    if isinstance(here, dict) and isinstance(there, dict):
        for name in sorted({*here, *there}):
            if name not in there:
                yield f"{path}.{name}: not by moto"
            elif name not in here:
                yield f"{path}.{name}: only by moto"
            else:
                yield from of_values(f"{path}.{name}", here[name], there[name])
    elif isinstance(here, list) and isinstance(there, list):
        if len(here) != len(there):
            # Which of them belong together is not known.
            yield f"{path}[]: other number of members"
            return
        for ours, its in zip(here, there):
            yield from of_values(f"{path}[]", ours, its)
    elif isinstance(here, datetime) and isinstance(there, datetime):
        return
    elif isinstance(here, str) and isinstance(there, str):
        if DRAWN.sub("#", here) != DRAWN.sub("#", there):
            yield f"{path}: other text"
    elif here != there or type(here) is not type(there):
        yield f"{path}: other value"


def explained():
    """The committed list: every difference with its reason."""
    groups = json.loads(LIST.read_text())
    return {difference: group["reason"] for group in groups for difference in group["differences"]}
