"""`headroom init` against `headroom local`: the file it writes reads, observes, and says what the world has.

    python3 tests/e2e/test_init.py

What the world has is asked for by boto3, in calls of this test's own.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(Path(__file__).resolve().parent)]
sys.dont_write_bytecode = True

import tools

WITHIN_S = 120
# More than one page of every list, and more than one batch of every description.
MANY = 120
TRACKED = {
    "ECSServiceAverageCPUUtilization": "cpu",
    "ECSServiceAverageMemoryUtilization": "memory",
    "ALBRequestCountPerTarget": "requests_per_target",
}


class World:
    """A standing world of `headroom local`, and the command run against it."""

    def __init__(self, test, *arguments, account, region):
        import servers

        self.account, self.region = account, region
        self.folder = Path(tempfile.mkdtemp(prefix="headroom-init-"))
        test.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = {
            **servers.clean_environment(self.folder),
            # Twelve digits are the account id to `headroom local`.
            "AWS_ACCESS_KEY_ID": account,
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.binary = str(tools.target_dir() / "headroom")
        port = servers.free_port(0)
        command = [self.binary, "local", *map(str, arguments), "--port", str(port), "--speed", "0"]
        environment = servers.clean_environment(self.folder)
        self.server = servers.Server("headroom local", command, environment, port, "/_headroom/health", self.folder)
        test.addCleanup(self.server.stop)
        self.server.wait_ready()

    def headroom(self, *arguments, **environment):
        """Runs the command; a variable that is None is not set."""
        return subprocess.run(
            [self.binary, *map(str, arguments)],
            env={name: value for name, value in {**self.environment, **environment}.items() if value is not None},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
        )

    def init(self, cluster, *arguments, **environment):
        options = ["--cluster", cluster, "--endpoint-url", self.server.url, *arguments]
        return self.headroom("init", *options, **environment)

    def client(self, service):
        import boto3

        return boto3.client(
            service,
            endpoint_url=self.server.url,
            region_name=self.region,
            aws_access_key_id=self.account,
            aws_secret_access_key="none",
        )

    def of_cluster(self, cluster):
        """Bounds and tracked targets of each service of a cluster."""
        ecs, scaling = self.client("ecs"), self.client("application-autoscaling")
        pages = ecs.get_paginator("list_services").paginate(cluster=cluster)
        arns = [arn for page in pages for arn in page["serviceArns"]]
        services = {arn.rsplit("/", 1)[1]: {"targets": {}} for arn in arns}
        prefix = f"service/{cluster}/"
        for page in scaling.get_paginator("describe_scalable_targets").paginate(ServiceNamespace="ecs"):
            for target in page["ScalableTargets"]:
                if target["ResourceId"].startswith(prefix):
                    name = target["ResourceId"].removeprefix(prefix)
                    services[name]["bounds"] = (target["MinCapacity"], target["MaxCapacity"])
        for page in scaling.get_paginator("describe_scaling_policies").paginate(ServiceNamespace="ecs"):
            for policy in page["ScalingPolicies"]:
                tracking = policy.get("TargetTrackingScalingPolicyConfiguration")
                if tracking and policy["ResourceId"].startswith(prefix):
                    metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
                    name = policy["ResourceId"].removeprefix(prefix)
                    services[name]["targets"][TRACKED[metric]] = tracking["TargetValue"]
        return services


class RoundTrip(unittest.TestCase):
    maxDiff = None

    def assert_round_trip(self, world, cluster, *options):
        """What `init` writes comes to what the world has; gives the fleet."""
        file = world.folder / "headroom.yaml"
        written = world.init(cluster, "-o", file, *options)
        self.assertEqual((written.returncode, written.stdout), (0, ""), written.stderr)
        checked = world.headroom("check", file, "--json")
        self.assertEqual(checked.returncode, 0, checked.stdout + checked.stderr)
        fleet = json.loads(checked.stdout)["fleet"]
        compiled = world.headroom("compile", file)
        self.assertEqual(compiled.returncode, 0, compiled.stderr)
        self.assertEqual(json.loads(compiled.stdout)["environments"], fleet["environments"])
        (environment,) = fleet["environments"]
        self.assertEqual((environment["account"], environment["region"]), (world.account, world.region))
        found = {
            service["service"]: {
                "bounds": (service["capacity"]["min"], service["capacity"]["max"]),
                "targets": {name: service["scaling"][name] for name in TRACKED.values() if service["scaling"][name]},
            }
            for service in fleet["services"]
        }
        self.assertEqual(found, world.of_cluster(cluster))
        self.assertEqual({service["cluster"] for service in fleet["services"]}, {cluster})
        modes = [environment["mode"]] + [service["mode"] for service in fleet["services"]]
        modes += [remedy["mode"] for service in fleet["services"] for remedy in service["remedies"]]
        self.assertEqual(set(modes), {"observe"})
        text = file.read_text()
        self.assertLessEqual(max(len(line) for line in text.splitlines()), 120, text)
        self.assertEqual(world.init(cluster, *options).stdout, text, "the same world gives the same bytes")
        return fleet

    def test_an_environment_of_langfuse_comes_back_with_its_names(self):
        fleet_file = ROOT / "examples" / "langfuse" / "headroom.yaml"
        world = World(self, "--fleet", fleet_file, account="222222222222", region="eu-west-1")
        fleet = self.assert_round_trip(world, "prod-eu-cluster")
        self.assertEqual([e["name"] for e in fleet["environments"]], ["prod-eu"])
        self.assertEqual([s["name"] for s in fleet["services"]], ["web", "web-ingestion", "web-iso"])
        self.assertEqual([s["target_group"] for s in fleet["services"]], [s["service"] for s in fleet["services"]])
        remedies = {remedy["name"]: remedy["action"] for remedy in fleet["services"][0]["remedies"]}
        self.assertEqual(remedies, {"cpu-high": "scale-out", "slow": "notify-only", "bad-deployment": "notify-only"})
        text = (world.folder / "headroom.yaml").read_text()
        for template in ('cluster: "{environment}-cluster"', 'service: "{environment}-{name}"', '"{service}-cpu-high"'):
            self.assertIn(template, text)
        self.assertNotIn("TargetTracking", text)

    def test_openwebui_comes_back_and_its_redis_alarm_is_nobodys_remedy(self):
        scenario = ROOT / "tests" / "scenarios" / "openwebui.txt"
        world = World(self, scenario, account="123456789012", region="us-east-1")
        fleet = self.assert_round_trip(world, "webUIcluster2", "--environment", "prod", "--fleet", "openwebui")
        self.assertEqual((fleet["fleet"], fleet["environments"][0]["name"]), ("openwebui", "prod"))
        (service,) = fleet["services"]
        alarms = [remedy["name"] for remedy in service["remedies"]]
        self.assertEqual(alarms, ["webui3-cpu", "webui3-memory", "webui3-slow"])

    def test_openwans_step_policies_are_told_and_their_alarms_left_to_them(self):
        scenario = ROOT / "tests" / "scenarios" / "openwan.txt"
        world = World(self, scenario, account="555555555555", region="eu-west-1")
        fleet = self.assert_round_trip(world, "openwan")
        text = (world.folder / "headroom.yaml").read_text()
        self.assertIn("step queue-in queue-out", text)
        own = {remedy["name"] for service in fleet["services"] for remedy in service["remedies"]}
        self.assertNotIn("cpu-out", own)

    def test_pages_and_batches_lose_no_service_also_while_calls_are_throttled(self):
        services = "".join(f"  s{n:03}: {{ capacity: {{ max: {10 + n % 5} }} }}\n" for n in range(MANY))
        folder = Path(tempfile.mkdtemp(prefix="headroom-init-many-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        (folder / "many.yaml").write_text(
            "version: 1\nfleet: many\n"
            'environments: [{ name: live, account: "022222222222", region: eu-west-1 }]\n'
            'defaults: { cluster: "{environment}", service: "{environment}-{name}", target_group: "{service}",\n'
            "  capacity: { min: 2, max: 10 }, scaling: { cpu: 70%, requests_per_target: 900 } }\n"
            f"services:\n{services}"
            "remedies:\n  busy: { when: { metric: cpu, above: 85%, for: 2m }, do: scale-out, add: 1 }\n"
        )
        (folder / "faults.txt").write_text("* throttle 10%\n")
        arguments = ("--fleet", folder / "many.yaml", "--faults", folder / "faults.txt", "--seed", "7")
        world = World(self, *arguments, account="022222222222", region="eu-west-1")
        fleet = self.assert_round_trip(world, "live")
        self.assertEqual([s["name"] for s in fleet["services"]], [f"s{n:03}" for n in range(MANY)])
        self.assertEqual({len(s["remedies"]) for s in fleet["services"]}, {1})


class Refused(unittest.TestCase):
    """Each way of failing ends with 2, says one sentence, and writes nothing."""

    @classmethod
    def setUpClass(cls):
        world = ROOT / "tests" / "scenarios" / "openwebui.txt"
        cls.world = World(cls, world, account="123456789012", region="us-east-1")

    @classmethod
    def addCleanup(cls, *arguments, **options):
        cls.addClassCleanup(*arguments, **options)

    def assert_refused(self, ended, *words):
        self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended.stderr)
        self.assertNotIn("panicked", ended.stderr)
        for text in words:
            self.assertIn(text, ended.stderr)

    def test_a_cluster_that_is_not_there(self):
        file = self.world.folder / "none.yaml"
        self.assert_refused(self.world.init("webUIcluster9", "-o", file), "no ECS cluster webUIcluster9 in us-east-1")
        self.assertFalse(file.exists())

    def test_an_endpoint_that_does_not_answer(self):
        ended = self.world.headroom("init", "--cluster", "c", "--endpoint-url", "http://127.0.0.1:1")
        self.assert_refused(ended, "cannot reach http://127.0.0.1:1 for ecs:ListServices")

    def test_no_credentials_and_no_region(self):
        ended = self.world.init("webUIcluster2", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
        self.assert_refused(ended, "no credentials", "--profile")
        for region in (None, ""):
            self.assert_refused(self.world.init("webUIcluster2", AWS_REGION=region), "no region: give --region")
        self.assert_refused(self.world.init("webUIcluster2", "--region", "a b"), '"a b" is no region')

    def test_profiles(self):
        config = self.world.folder / "config"
        config.write_text(
            "[profile keys]\nregion = us-east-1\naws_access_key_id = 123456789012\naws_secret_access_key = none\n"
            "[profile sso]\nregion = us-east-1\nsso_start_url = https://example.awsapps.com/start\n"
            "sso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = reader\n"
            "[profile process]\nregion = us-east-1\ncredential_process = /bin/false\n"
        )
        files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_REGION": None}
        for profile in ("sso", "process"):
            ended = self.world.init("webUIcluster2", "--profile", profile, **files)
            self.assert_refused(ended, f'eval "$(aws configure export-credentials --profile {profile} --format env)"')
        self.assert_refused(self.world.init("webUIcluster2", "--profile", "typo", **files), "`typo` was not defined")
        # The profile wins over credentials in the environment, which are of another account here.
        ended = self.world.init("webUIcluster2", "--profile", "keys", AWS_ACCESS_KEY_ID="999999999999", **files)
        self.assertEqual(ended.returncode, 0, ended.stderr)

    def test_a_file_that_is_there(self):
        file = self.world.folder / "mine.yaml"
        file.write_text("mine")
        self.assert_refused(self.world.init("webUIcluster2", "-o", file), "is there already; --force replaces it")
        self.assertEqual(file.read_text(), "mine")
        self.assertEqual(self.world.init("webUIcluster2", "-o", file, "--force").returncode, 0)
        self.assertIn("mode: observe", file.read_text())


def main():
    # Started with any Python: the packages are in the virtual environment only.
    if Path(sys.prefix).resolve() != tools.VENV.resolve():
        tools.check_prerequisites()
        tools.ensure_venv(tools.Progress(1, "tools"))
        os.execv(str(tools.VENV_PYTHON), [str(tools.VENV_PYTHON), *sys.argv])
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
