"""The modules applied for real: Terraform with the real provider, on the local AWS of the demo.

    python3 tests/infra/test_applied.py

MiniStack has the control plane, `headroom local` the twelve services of the Langfuse fleet; its four environments are
put into one account and region here, so that the twelve lines make all of them. Terraform takes hashicorp/aws from
wherever it finds it; a command that brings a filesystem mirror goes before this one. Without Terraform this is skipped,
and with CI set a failure. Nothing here talks to AWS.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "infra" / "checks"), str(Path(__file__).resolve().parent)]
sys.dont_write_bytecode = True

import deployed
import permissions
import place
import tools

MODULES = ROOT / "infra" / "terraform" / "modules"
WITHIN_S = 60
SCHEDULED_WITHIN_S = 120
# Two passes of the reconciler, each up to 75 s away, and what the load takes to go.
RETURNED_WITHIN_S = 360
# The load that fires cpu-high makes the service slow, too: this lease, as well, shall not wait out its release delay.
SLOW_AS_WELL = "  slow: { lease: 30s, release_delay: 0s, cooldown: 10s }\n"
APPLY_WITHIN_S = 600
# Terraform gives a provider of half a gigabyte a minute to start, which a busy machine may not manage; nothing was done.
NOT_STARTED = "timeout while waiting for plugin to start"
TRIES = 3
TERRAFORM_SETTINGS = {"CHECKPOINT_DISABLE": "1", "TF_INPUT": "0", "AWS_EC2_METADATA_DISABLED": "true"}
ENVIRONMENTS = ("staging", "prod-eu", "prod-us", "prod-hipaa")
LABELS = {f"{environment}/{name}" for environment in ENVIRONMENTS for name in ("web", "web-ingestion", "web-iso")}
ACCOUNT, REGION = "222222222222", "eu-west-1"

# What a team writes in an empty folder; only the sources are of this machine.
TWELVE_LINES = """\
module "headroom" {{
  source     = "{modules}/control-plane"
  fleet_file = "fleet.json"
  code       = {{ directory = "lambda" }}
}}
module "fleet" {{
  source          = "{modules}/fleet"
  fleet           = jsondecode(file("fleet.json"))
  manage_target   = false
  manage_policies = false
}}
output "next_steps" {{ value = module.headroom.next_steps }}
"""
# The two lines that go when Terraform shall make targets and policies, too.
LEFT_ALONE = "  manage_target   = false\n  manage_policies = false\n"
# Headroom may act in one environment. In act the table would refuse to be removed at the end.
CODE = '  code       = { directory = "lambda" }\n'
ACTS = '  mode       = "act"\n  act_environments = ["prod-hipaa"]\n  protect_table    = false\n'
# What a team made with plain Terraform before Headroom came.
OWN = """\
resource "aws_sns_topic" "own" { name = "team-alarms" }
resource "aws_cloudwatch_metric_alarm" "own" {
  alarm_name          = "team-web-memory"
  namespace           = "AWS/ECS"
  metric_name         = "MemoryUtilization"
  statistic           = "Average"
  period              = 60
  evaluation_periods  = 5
  threshold           = 90
  comparison_operator = "GreaterThanThreshold"
  dimensions          = { ClusterName = "prod-eu-cluster", ServiceName = "prod-eu-web" }
}
"""


def provider(local):
    """The provider, pointed at the local servers."""
    ministack = ("dynamodb", "events", "iam", "lambda", "logs", "s3", "scheduler", "sns", "sqs", "sts")
    world = ("applicationautoscaling", "cloudwatch", "elbv2")
    endpoints = [f'    {name} = "{local.ministack.url}"' for name in ministack]
    endpoints += [f'    {name} = "{local.front.url}"' for name in world]
    return "\n".join(
        [
            'provider "aws" {',
            f'  region = "{REGION}"',
            f'  access_key = "{ACCOUNT}"',
            '  secret_key = "local"',
            "  skip_credentials_validation = true",
            "  skip_metadata_api_check = true",
            "  skip_region_validation = true",
            "  s3_use_path_style = true",
            "  endpoints {",
            *endpoints,
            "  }",
            "}",
            "",
        ]
    )


class Applied(unittest.TestCase):
    """One story, told in order: each step stands on the one before."""

    def setUp(self):
        import front
        import stack
        from fleet import Fleet

        stack.exit_on_sigterm()
        local = stack.Stack().__enter__()
        self.addCleanup(local.__exit__, None, None, None)
        self.local = local
        self.fleet_file = local.folder / "headroom.yaml"
        text = re.sub(r"mode: (act|suggest)", "mode: observe", stack.FLEET_FILE.read_text())
        text = re.sub(r'account: "[0-9]+", *region: [a-z0-9-]+', f'account: "{ACCOUNT}", region: {REGION}', text)
        self.fleet_file.write_text(text)
        self.overrides = local.folder / "overrides.yaml"
        self.overrides.write_text((ROOT / "demo" / "overrides.yaml").read_text() + SLOW_AS_WELL)
        # The calendar that the fleet file names lies beside it.
        shutil.copy(stack.FLEET_FILE.parent / "holidays.ics", local.folder)
        local.compile_fleet(fleet_file=self.fleet_file)
        local.start()
        local.create_secrets()
        local.front = front.Front(local.world.port, local.ministack.port)
        self.addCleanup(local.front.close)
        local.fleet = Fleet(local.compiled, local.world_client, local.world.url)
        self.folder = local.folder / "terraform"
        self.write_root()

    def write_root(self):
        """The twelve lines; beside them where the local servers are."""
        local = self.local
        (self.folder / "lambda").mkdir(parents=True)
        for name in tools.FUNCTIONS:
            shutil.move(tools.zip_function(name, local.folder), self.folder / "lambda" / f"{name}.zip")
        # Relative: an absolute source would be copied without the manifest that it reads.
        self.modules = os.path.relpath(MODULES, self.folder)
        (self.folder / "main.tf").write_text(TWELVE_LINES.format(modules=self.modules))
        self.compile()
        local_values = json.dumps(local.variables())
        (self.folder / "main_override.tf").write_text(
            f'module "headroom" {{\n  environment_variables = jsondecode({json.dumps(local_values)})\n}}\n'
        )
        (self.folder / "place.tf").write_text(provider(local))

    def compile(self):
        """The fleet file as it is now."""
        binary = str(tools.target_dir() / "headroom")
        command = [
            binary,
            "compile",
            str(self.fleet_file),
            "--overrides",
            str(self.overrides),
            "-o",
            str(self.folder / "fleet.json"),
        ]
        subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
        # MiniStack does not mount layers for native runtimes: the functions read this copy.
        shutil.copyfile(self.folder / "fleet.json", self.local.slice)

    def terraform(self, *arguments, expect=(0,)):
        return self.typed_here([place.terraform(), *arguments], expect)

    def shell(self, lines):
        """Lines as a person types them, the first that fails ends them."""
        return self.typed_here(["sh", "-ec", lines], (0,))

    def typed_here(self, command, expect):
        import servers

        environment = {**servers.clean_environment(self.local.folder), **TERRAFORM_SETTINGS}
        began = time.monotonic()
        for _ in range(TRIES):
            done = subprocess.run(
                command,
                cwd=self.folder,
                env=environment,
                capture_output=True,
                text=True,
                timeout=APPLY_WITHIN_S,
            )
            if NOT_STARTED not in " ".join(done.stderr.split()):
                break
            print(f"  {' '.join(command[1:3])[:40]}: the provider did not start in time, once more", flush=True)
        self.assertIn(done.returncode, expect, f"{command}\n{done.stderr[-6000:] or done.stdout[-3000:]}")
        print(f"  {' '.join(command[1:3])[:40]}: {time.monotonic() - began:.0f} s", flush=True)
        return done.stdout

    def assert_plan_is_empty(self):
        self.terraform("plan", "-detailed-exitcode", "-no-color", expect=(0,))

    def planned(self):
        """Address to actions, of what a plan would change."""
        self.terraform("plan", "-out=changes", "-no-color")
        plan = json.loads(self.terraform("show", "-json", "changes"))
        changes = {c["address"]: c["change"]["actions"] for c in plan["resource_changes"]}
        return {address: actions for address, actions in changes.items() if actions not in (["no-op"], ["read"])}

    def wait_for(self, true, what, within=WITHIN_S):
        deadline = time.monotonic() + within
        while not (found := true()):
            self.assertLess(time.monotonic(), deadline, f"{what} did not come\n{self.local.last_words()}")
            time.sleep(0.3)
        return found

    def test_the_first_hour_a_changed_fleet_a_move_and_leaving_again(self):
        self.terraform("init", "-no-color")
        self.what_a_team_has_stays_as_it_is()
        self.everything_is_there()
        self.one_alarm_is_observed()
        self.calls_and_permissions_agree()
        self.one_environment_acts_and_observes_again()
        self.terraform_takes_the_scaling_over()
        self.a_changed_fleet_is_applied_in_place()
        self.the_bounds_move_to_another_owner()
        self.nothing_is_left()

    def what_a_team_has_stays_as_it_is(self):
        """The first plan creates and changes nothing that was there; after it is applied a second one is empty."""
        (self.folder / "own.tf").write_text(OWN)
        own = ("-target=aws_sns_topic.own", "-target=aws_cloudwatch_metric_alarm.own")
        self.terraform("apply", "-auto-approve", "-no-color", *own)
        changes = self.planned()
        self.assertFalse(
            [address for address in changes if address.endswith(".own")], "what a team has would be changed"
        )
        self.assertEqual({tuple(actions) for actions in changes.values()}, {("create",)})
        self.terraform("apply", "-no-color", "changes")
        self.assert_plan_is_empty()

    def everything_is_there(self):
        local, here = self.local, self.local.here
        local.control = deployed.control(here, "headroom-notices")
        functions = {function["name"] for function in deployed.MANIFEST["functions"].values()}
        self.assertEqual(set(local.control.ids("AWS::Lambda::Function")), functions)
        count = deployed.statements_held(here, REGION, "observe")
        print(f"  {count} statements deployed, each the manifest's; none may change the fleet")
        self.the_layer_holds_the_fleet()
        rules = {rule["name"]: 3600 for f in deployed.MANIFEST["functions"].values() for rule in f["rules"]}
        self.assertEqual(deployed.rule_ages(here), rules)
        table = here("dynamodb").describe_table(TableName="headroom")["Table"]
        self.assertEqual({index["IndexName"] for index in table["GlobalSecondaryIndexes"]}, {"due", "entries"})
        expiry = here("dynamodb").describe_time_to_live(TableName="headroom")["TimeToLiveDescription"]
        self.assertEqual(expiry["TimeToLiveStatus"], "ENABLED")
        self.assertEqual(set(local.fleet.at_baseline()), LABELS)
        for service in local.fleet.services:
            self.assertEqual(local.fleet.alarm(service, "cpu-high")["Threshold"], 85.0)

    def the_layer_holds_the_fleet(self):
        content = deployed.layer_content(self.local.here, f"headroom-{ACCOUNT}-{REGION}")
        self.assertEqual(content, (self.folder / "fleet.json").read_bytes())

    def one_alarm_is_observed(self):
        """The line that next_steps prints, typed as it is, and its entry; then an alarm that the load itself fires."""
        local = self.local
        lines = json.loads(self.terraform("output", "-json", "next_steps")).splitlines()
        fire = next(line for line in lines if line.startswith("aws "))
        self.assertIn("set-alarm-state --region eu-west-1 --alarm-name staging-web-cpu-high", fire)
        local.relay.open(local.here)
        calls = local.scaling.mark()
        self.typed(fire)
        entry = self.wait_for(lambda: self.entries("staging/web"), "an entry")[0]
        print(f"  typed: {json.dumps(entry)[:240]}")
        service = local.fleet.find("prod-eu/web")
        local.fleet.load(service, 850, 95.0, service["capacity"]["min"])
        self.wait_for(lambda: local.relay.alarms("prod-eu-web-cpu-high", "ALARM"), "the alarm")
        entry = self.wait_for(lambda: self.entries("prod-eu/web"), "an entry")[0]
        print(f"  load: {json.dumps(entry)[:240]}")
        self.assertEqual((entry["outcome"], entry["remedy"]), ("would-act", "cpu-high"), entry)
        self.wait_for(lambda: "cpu-high would act" in local.people()["people"], "the first notice of the day")
        writes = ("RegisterScalableTarget", "UpdateService", "StopTask")
        self.assertEqual([local.scaling.count(name, calls) for name in writes], [0, 0, 0])
        self.assertEqual(local.fleet.bounds(service), (2, 10))
        self.assertEqual(local.dead_letters(), 0)

    def calls_and_permissions_agree(self):
        """What the functions called is permitted, and what is permitted was called."""
        # The reconciler is woken 60 to 70 s after its schedule was made.
        self.wait_for(lambda: self.local.aws.count("Query"), "the reconciler", SCHEDULED_WITHIN_S)
        # The function that watches capacity has a minute of its own.
        activities = lambda: self.local.scaling.count("DescribeScalingActivities")
        self.wait_for(activities, "a look at scaling activities", SCHEDULED_WITHIN_S)
        wrong, count = permissions.compare("observe", (self.local.aws, self.local.scaling))
        self.assertEqual(wrong, [])
        print(f"  {count} actions called, each permitted; each permission called, or listed with its reason")

    def one_environment_acts_and_observes_again(self):
        """A word of the fleet file, and the module lets it: the write statements are attached for that environment, an
        alarm of it ends in a lease, one of another environment is still only recorded; with the word gone they are gone."""
        local = self.local
        text = self.fleet_file.read_text()
        (line,) = [line for line in text.splitlines() if "name: prod-hipaa" in line]
        acting = line.replace("mode: observe", "mode: act") if "mode:" in line else line.replace(" }", ", mode: act }")
        self.assertNotEqual(acting, line)
        self.fleet_file.write_text(text.replace(line, acting))
        main = self.folder / "main.tf"
        observing = main.read_text()
        main.write_text(observing.replace(CODE, CODE + ACTS))
        self.compile()
        changes = self.planned()
        attached = [address for address, actions in changes.items() if ".act[" in address and actions == ["create"]]
        self.assertTrue(attached, changes)
        self.terraform("apply", "-no-color", "changes")
        self.assert_plan_is_empty()
        self.only_this_environment_may_be_changed("prod-hipaa")
        service, other = local.fleet.find("prod-hipaa/web"), local.fleet.find("prod-us/web-iso")
        base, others = local.fleet.bounds(service), local.fleet.bounds(other)
        calls = local.scaling.mark()
        for found in (service, other):
            local.fleet.load(found, 850, 95.0, found["capacity"]["min"])
        entry = self.wait_for(lambda: self.entries("prod-hipaa/web"), "an entry")[0]
        self.wait_for(lambda: local.fleet.bounds(service)[0] > base[0], "the lease")
        print(f"  act: {json.dumps(entry)[:200]}")
        entry = self.wait_for(lambda: self.entries("prod-us/web-iso"), "an entry")[0]
        self.assertEqual((entry["outcome"], local.fleet.bounds(other)), ("would-act", others), entry)
        self.assertEqual(local.scaling.count("RegisterScalableTarget", calls), 1)
        for found in (service, other):
            local.fleet.load(found, 100, 5.0, found["capacity"]["min"])
        self.wait_for(lambda: local.fleet.bounds(service) == base, "the bounds of before", RETURNED_WITHIN_S)
        # What was called, since the beginning, is what act permits.
        wrong, count = permissions.compare("act", (local.aws, local.scaling))
        self.assertEqual(wrong, [])
        print(f"  {count} actions called with act, each permitted; each permission called, or listed with its reason")
        # The lease has ended: now both words may go at once.
        self.fleet_file.write_text(text)
        main.write_text(observing)
        self.compile()
        changes = self.planned()
        self.assertEqual({address for address, actions in changes.items() if actions == ["delete"]} & set(attached), set(attached))
        self.terraform("apply", "-no-color", "changes")
        deployed.statements_held(local.here, REGION, "observe")

    def only_this_environment_may_be_changed(self, environment):
        """What lets the functions change something names its tag, or its cluster, and no other."""
        held = [role for role in deployed.role_policies(self.local.here, REGION) if role["name"] == "act"]
        held = [statement for role in held for statement in json.loads(role["values"]["policy"])["Statement"]]
        allowed = [statement for statement in held if statement["Effect"] == "Allow"]
        tagged = [statement["Condition"]["StringEquals"] for statement in allowed if "Condition" in statement]
        self.assertTrue(tagged, held)
        for tags in tagged:
            self.assertEqual(tags["aws:ResourceTag/headroom"], [environment])
        clusters = {found for s in allowed for found in re.findall(r"[a-z-]+-cluster", json.dumps(s["Resource"]))}
        self.assertEqual(clusters, {f"{environment}-cluster"})
        print(f"  {len(held)} statements deployed in act, for {environment} alone")

    def typed(self, line):
        """A line for the AWS CLI, with where CloudWatch is added to its environment."""
        import servers

        environment = {
            **servers.clean_environment(self.local.folder),
            "PATH": f"{tools.VENV / 'bin'}:{os.environ['PATH']}",
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_ENDPOINT_URL_CLOUDWATCH": self.local.world.url,
        }
        done = subprocess.run(shlex.split(line), env=environment, capture_output=True, text=True, timeout=WITHIN_S)
        self.assertEqual(done.returncode, 0, done.stderr)

    def entries(self, service):
        lines = self.local.headroom("journal", "--json", "--since", "1h", "--service", service).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def terraform_takes_the_scaling_over(self):
        """Targets and policies of the fleet file, over those that the world began with; nothing is removed."""
        main = self.folder / "main.tf"
        main.write_text(main.read_text().replace(LEFT_ALONE, ""))
        (self.folder / "moves.tf").write_text('output "moves" { value = module.fleet.bounds_owner_moves }\n')
        changes = self.planned()
        # The fleet's page shows the alarms of its policies.
        page = changes.pop('module.fleet.aws_cloudwatch_dashboard.this["headroom-langfuse"]')
        self.assertEqual((page, {tuple(actions) for actions in changes.values()}), (["update"], {("create",)}))
        self.assertEqual(len(changes), 12 + 24)
        self.terraform("apply", "-no-color", "changes")
        self.assert_plan_is_empty()
        for service in self.local.fleet.services:
            wanted = {f"{service['service']}-{policy}-tracking-policy" for policy in ("cpu", "requests")}
            self.assertLessEqual(wanted, deployed.policies(self.local.fleet, service))

    def a_changed_fleet_is_applied_in_place(self):
        """Another CPU target and another max: nothing of the services is removed, the functions get the new layer."""
        text = self.fleet_file.read_text()
        changed = text.replace("cpu: 70% ", "cpu: 65% ").replace("max: 10, ceiling: 15", "max: 12, ceiling: 15")
        self.assertEqual(text.count("cpu: 70% ") + text.count("max: 10, ceiling: 15"), 2)
        self.fleet_file.write_text(changed)
        self.compile()
        changes = self.planned()
        removed = {address for address, actions in changes.items() if "delete" in actions}
        layer = {"module.headroom.aws_s3_object.fleet", "module.headroom.aws_lambda_layer_version.fleet"}
        self.assertEqual(removed, layer)
        for updated in (
            'module.headroom.aws_lambda_function.this["alarm-handler"]',
            'module.fleet.aws_appautoscaling_target.terraform["prod-eu/web"]',
            'module.fleet.aws_appautoscaling_policy.tracking["prod-eu/web/cpu"]',
        ):
            self.assertEqual(changes[updated], ["update"])
        self.terraform("apply", "-no-color", "changes")
        self.assert_plan_is_empty()
        self.the_layer_holds_the_fleet()
        self.assertEqual(self.local.fleet.bounds(self.local.fleet.find("prod-us/web")), (2, 12))

    def the_bounds_move_to_another_owner(self):
        """`terraform state mv` as the output prints it, then the other owner: an empty plan, with every policy there,
        and it stays empty while bounds are held above the fleet file's."""
        fleet = self.local.fleet
        before = {service["service"]: deployed.policies(fleet, service) for service in fleet.services}
        moves = json.loads(self.terraform("output", "-json", "moves"))
        self.assertEqual(len(moves), len(LABELS))
        self.shell("\n".join(moves))
        main = self.folder / "main.tf"
        call = 'jsondecode(file("fleet.json"))\n'
        main.write_text(main.read_text().replace(call, f'{call}  bounds_owner = "headroom"\n'))
        web = fleet.find("prod-eu/web")
        fleet.clients(web)("application-autoscaling").register_scalable_target(
            ServiceNamespace="ecs",
            ResourceId="service/prod-eu-cluster/prod-eu-web",
            ScalableDimension="ecs:service:DesiredCount",
            MinCapacity=4,
        )
        self.assertEqual(self.planned(), {})
        self.assertEqual(fleet.bounds(web), (4, 12))
        self.assertEqual({service["service"]: deployed.policies(fleet, service) for service in fleet.services}, before)

    def nothing_is_left(self):
        self.terraform("destroy", "-auto-approve", "-no-color")
        self.assertEqual(deployed.left(self.local.here, self.local.fleet), {})


def main():
    import check

    unbuilt = [name for name in ("headroom", *tools.FUNCTIONS) if not (tools.target_dir() / name).exists()]
    missing = [] if place.terraform() else ["there is no terraform and no tofu on PATH"]
    missing += [f"not built (cargo build --workspace): {', '.join(unbuilt)}"] if unbuilt else []
    if missing:
        sys.exit(1 if check.skip("applied", "; ".join(missing)) else 0)
    if Path(sys.prefix).resolve() != tools.VENV.resolve():
        tools.check_prerequisites()
        tools.ensure_venv(tools.Progress(1, "tools"))
        os.execv(str(tools.VENV_PYTHON), [str(tools.VENV_PYTHON), *sys.argv])
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
