"""The Langfuse fleet as the local AWS holds it: services and scalable targets in moto, alarms and metrics in MiniStack.

Every service lives in the account and region of its environment. moto knows accounts by access keys that it has
issued; the recorder in front of it passes on the twelve-digit key of the caller as the account instead.
"""

import datetime

NAMESPACE = "ecs"
DIMENSION = "ecs:service:DesiredCount"


class Fleet:
    """The services of a compiled fleet, and the ways to see and to change their world."""

    def __init__(self, compiled, clients):
        self.services = compiled["services"]
        self._clients = clients
        self._minutes_put = {}

    def find(self, label):
        environment, name = label.split("/")
        return next(s for s in self.services if (s["environment"], s["name"]) == (environment, name))

    def clients(self, service):
        return lambda api: self._clients(api, service["account"], service["region"])

    def create(self):
        """Each service at its baseline: desired = running = min, requests per target tracked, no policy on CPU."""
        for service in self.services:
            clients, capacity = self.clients(service), service["capacity"]
            ecs, scaling = clients("ecs"), clients("application-autoscaling")
            if not ecs.describe_clusters(clusters=[service["cluster"]])["clusters"]:
                ecs.create_cluster(clusterName=service["cluster"])
            ecs.register_task_definition(
                family=service["service"],
                containerDefinitions=[{"name": "app", "image": "langfuse:3", "memory": 512}],
            )
            ecs.create_service(
                cluster=service["cluster"],
                serviceName=service["service"],
                taskDefinition=service["service"],
                desiredCount=0,
            )
            # moto starts no task on CreateService; an update sets running to desired at once.
            self.set_running(service, capacity["min"])
            target = {"ServiceNamespace": NAMESPACE, "ScalableDimension": DIMENSION, "ResourceId": resource_id(service)}
            scaling.register_scalable_target(**target, MinCapacity=capacity["min"], MaxCapacity=capacity["max"])
            scaling.put_scaling_policy(
                **target,
                PolicyName=f"{service['service']}-requests-tracking-policy",
                PolicyType="TargetTrackingScaling",
                TargetTrackingScalingPolicyConfiguration={
                    "TargetValue": service["scaling"]["requests_per_target"],
                    "PredefinedMetricSpecification": {
                        "PredefinedMetricType": "ALBRequestCountPerTarget",
                        "ResourceLabel": f"app/{service['cluster']}/0123/targetgroup/{service['service']}/4567",
                    },
                    "ScaleOutCooldown": service["scaling"]["cooldown_scale_out"],
                    "ScaleInCooldown": service["scaling"]["cooldown_scale_in"],
                },
            )
            self.create_alarms(service)

    def create_alarms(self, service):
        """The alarm of each remedy that watches CPU, made from `when` as the fleet module will; in state OK."""
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
                self.set_alarm(service, remedy["name"], "OK", "set at its baseline by the demo")

    def set_running(self, service, tasks):
        self.clients(service)("ecs").update_service(
            cluster=service["cluster"], service=service["service"], desiredCount=tasks
        )

    def running(self, service):
        """Desired and running, as DescribeServices says."""
        ecs = self.clients(service)("ecs")
        (seen,) = ecs.describe_services(cluster=service["cluster"], services=[service["service"]])["services"]
        return seen["desiredCount"], seen["runningCount"]

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

    def put_cpu(self, service, percent, tasks, ages):
        """A datapoint for each minute that began `ages` minutes ago (0 is the running one), as ECS publishes them:

        a statistic set with one sample for each task, so that the number and the count belong to the same minute.
        A minute that has its datapoint is left alone: CloudWatch would add the samples up and show twice the tasks.
        """
        now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
        put = self._minutes_put.setdefault(label(service), set())
        minutes = [now - datetime.timedelta(minutes=age) for age in ages]
        minutes = [minute for minute in minutes if minute not in put]
        if not minutes:
            return
        put.update(minutes)
        self.clients(service)("cloudwatch").put_metric_data(
            Namespace="AWS/ECS",
            MetricData=[
                {
                    "MetricName": "CPUUtilization",
                    "Dimensions": dimensions(service),
                    "Timestamp": minute,
                    "Unit": "Percent",
                    "StatisticValues": {
                        "SampleCount": tasks, "Sum": percent * tasks, "Minimum": percent, "Maximum": percent
                    },
                }
                for minute in minutes
            ],
        )

    def set_alarm(self, service, remedy, state, reason, reason_data=None):
        extra = {"StateReasonData": reason_data} if reason_data else {}
        self.clients(service)("cloudwatch").set_alarm_state(
            AlarmName=alarm_name(service, remedy), StateValue=state, StateReason=reason, **extra
        )

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
