"""The fleet in the simulated AWS: what it is made from, and the ways to see it and to load it.

Every service lives in the account and region of its environment; `headroom local` takes a twelve-digit access key as
the account, as MiniStack does. All that is read here is read through AWS's own operations.
"""

import datetime
import json
import urllib.request

NAMESPACE = "ecs"
DIMENSION = "ecs:service:DesiredCount"
# A quiet evening: 900 requests per target and minute at 50 % CPU on tasks of 2 vCPU (FLEETS' Langfuse day, 01:00).
QUIET = (900, 50.0)


def services_of(compiled):
    """The services of a compiled fleet, each with all that is said of it: its profile, account and region."""
    packed = compiled["services"]
    places = {e["name"]: {"account": e["account"], "region": e["region"]} for e in compiled["environments"]}
    return [{**packed["profiles"][row["profile"]], **places[row["environment"]], **row} for row in packed["list"]]


def scenario(compiled):
    """The world at its start: each service at its baseline, requests per target tracked, no policy on CPU."""
    lines = [f"scenario {compiled['fleet']} before its CPU policy", "start 2026-11-23T02:00:00Z", "seed 1"]
    for service in services_of(compiled):
        capacity, scaling, task = service["capacity"], service["scaling"], service["task"]
        requests, work = load_of(service, *QUIET, capacity["min"])
        lines += [
            f"service {label(service)}",
            f"  ecs {service['account']} {service['region']} {service['cluster']}/{service['service']}",
            f"  target_group {service['target_group']}",
            f"  task {task['vcpu']} vcpu {task['memory_gib']} GiB",
            f"  tasks {capacity['min']}",
            f"  bounds {capacity['min']}..{capacity['max']}",
            f"  track requests {scaling['requests_per_target']} "
            f"out {scaling['cooldown_scale_out']}s in {scaling['cooldown_scale_in']}s",
            "  load table",
            f"    00:00 {requests}/min {work}ms",
        ]
    return "\n".join(lines) + "\n"


def load_of(service, per_target, cpu, tasks):
    """Requests a minute, and the CPU work of each in milliseconds, that give this on so many tasks."""
    requests = per_target * tasks
    busy_ms = cpu / 100 * tasks * service["task"]["vcpu"] * 60_000
    return requests, round(busy_ms / requests, 3)


class Fleet:
    """The services of a compiled fleet, and the ways to see and to change their world."""

    def __init__(self, compiled, clients, world_url):
        self.services = services_of(compiled)
        self._clients = clients
        self._world_url = world_url

    def find(self, name):
        return next(s for s in self.services if label(s) == name)

    def clients(self, service):
        return lambda api: self._clients(api, service["account"], service["region"])

    def create_alarms(self):
        """The alarm of each remedy that watches CPU, made from `when` as the fleet module will."""
        for service in self.services:
            for remedy in service["remedies"]:
                when = remedy["when"].get("metric")
                if when and when["metric"] == "cpu":
                    self.clients(service)("cloudwatch").put_metric_alarm(
                        AlarmName=alarm_name(service, remedy["name"]),
                        Namespace="AWS/ECS",
                        MetricName="CPUUtilization",
                        Dimensions=dimensions(service),
                        Statistic="Average",
                        Period=60,
                        EvaluationPeriods=when["lasting"] // 60,
                        Threshold=when["above"],
                        ComparisonOperator="GreaterThanThreshold",
                        TreatMissingData="missing",
                    )

    def load(self, service, per_target, cpu, tasks):
        """Changes what arrives at a service: as much as gives this on so many tasks."""
        requests, work = load_of(service, per_target, cpu, tasks)
        self.control("load", {"service": label(service), "requests": requests, "work_ms": work})

    def control(self, what, body):
        """The simulator's own interface; nothing of AWS has one."""
        request = urllib.request.Request(f"{self._world_url}/_headroom/{what}", data=json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def running(self, service):
        """Desired and running, as DescribeServices says."""
        ecs = self.clients(service)("ecs")
        (seen,) = ecs.describe_services(cluster=service["cluster"], services=[service["service"]])["services"]
        return seen["desiredCount"], seen["runningCount"]

    def healthy(self, service):
        """Healthy targets, as DescribeTargetHealth says."""
        elb = self.clients(service)("elbv2")
        (group,) = elb.describe_target_groups(Names=[service["target_group"]])["TargetGroups"]
        health = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
        return sum(target["TargetHealth"]["State"] == "healthy" for target in health)

    def bounds(self, service):
        """Min and max, as DescribeScalableTargets says."""
        answer = self.clients(service)("application-autoscaling").describe_scalable_targets(
            ServiceNamespace=NAMESPACE, ResourceIds=[resource_id(service)], ScalableDimension=DIMENSION
        )
        (target,) = answer["ScalableTargets"]
        return target["MinCapacity"], target["MaxCapacity"]

    def at_baseline(self):
        """Labels of the services whose bounds are the fleet file's."""
        return [label(s) for s in self.services if self.bounds(s) == (s["capacity"]["min"], s["capacity"]["max"])]

    def metrics(self, service):
        """The newest CPU and requests per target, as GetMetricData says; None before there are any."""
        group = self._target_group(service)
        queries = [
            ("cpu", "AWS/ECS", "CPUUtilization", "Average", dimensions(service)),
            ("requests", "AWS/ApplicationELB", "RequestCountPerTarget", "Sum", group),
        ]
        now = datetime.datetime.now(datetime.timezone.utc)
        answer = self.clients(service)("cloudwatch").get_metric_data(
            MetricDataQueries=[
                {
                    "Id": name,
                    "MetricStat": {
                        "Metric": {"Namespace": namespace, "MetricName": metric, "Dimensions": dims},
                        "Period": 60,
                        "Stat": stat,
                    },
                }
                for name, namespace, metric, stat, dims in queries
            ],
            StartTime=now - datetime.timedelta(minutes=5),
            EndTime=now,
            ScanBy="TimestampDescending",
        )
        found = {result["Id"]: result["Values"] for result in answer["MetricDataResults"]}
        if not found.get("cpu") or not found.get("requests"):
            return None
        return found["cpu"][0], found["requests"][0]

    def _target_group(self, service):
        (group,) = self.clients(service)("elbv2").describe_target_groups(Names=[service["target_group"]])["TargetGroups"]
        return [{"Name": "TargetGroup", "Value": group["TargetGroupArn"].rsplit(":", 1)[-1]}]

    def alarm(self, service, remedy):
        answer = self.clients(service)("cloudwatch").describe_alarms(AlarmNames=[alarm_name(service, remedy)])
        return answer["MetricAlarms"][0]


def label(service):
    return f"{service['environment']}/{service['name']}"


def resource_id(service):
    return f"service/{service['cluster']}/{service['service']}"


def alarm_name(service, remedy):
    return f"{service['service']}-{remedy}"


def dimensions(service):
    return [{"Name": "ClusterName", "Value": service["cluster"]}, {"Name": "ServiceName", "Value": service["service"]}]
