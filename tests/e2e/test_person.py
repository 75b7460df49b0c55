"""What people do from the terminal, against `headroom local` and MiniStack's DynamoDB: done, refused. Killed and run again: test_person_killed.py.

    python3 tests/e2e/test_person.py

The commands are the real binary with a person's credentials. What became of it is read at the far side: the bounds of each
service from the control API of the world, leases and switches from the table through the commands themselves.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import unittest
import urllib.request
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "demo"))
sys.dont_write_bytecode = True

import tools

ACCOUNT, REGION = "222222222222", "eu-west-1"
ENVIRONMENT = "prod-eu"
WITHIN_S = 90
FLEET = """\
version: 1
fleet: shop
environments: [{ name: prod-eu, account: "222222222222", region: eu-west-1, mode: act }]
defaults: { cluster: "{environment}-cluster", service: "{environment}-{name}", scaling: { cpu: 70% } }
services:
  web: { capacity: { min: 2, max: 10, ceiling: 15 } }
  api: { capacity: { min: 2, max: 10, ceiling: 15 } }
  worker: { capacity: { min: 2, max: 10, ceiling: 15 } }
"""


class Console(unittest.TestCase):
    """A world that stands still, a table, and a person without a terminal."""

    file = FLEET

    @classmethod
    def options(cls):
        """More options of the world."""
        return []

    @classmethod
    def setUpClass(cls):
        import servers

        folder = tempfile.TemporaryDirectory(prefix="headroom-person-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.fleet = cls.folder / "headroom.yaml"
        cls.fleet.write_text(cls.file)
        cls.binary = str(tools.target_dir() / "headroom")
        port = servers.free_port(0)
        command = [cls.binary, "local", "--fleet", str(cls.fleet), "--speed", "0", "--port", str(port)]
        command += ["--seed", "7", *cls.options()]
        environment = servers.clean_environment(cls.folder)
        cls.world = servers.Server("local", command, environment, port, "/_headroom/health", cls.folder)
        cls.addClassCleanup(cls.world.stop)
        cls.ministack = servers.start_ministack(cls.folder, ACCOUNT)
        cls.addClassCleanup(cls.ministack.stop)
        cls.world.wait_ready()
        cls.ministack.wait_ready()
        cls.environment = {
            **environment,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": cls.world.url,
            "AWS_ENDPOINT_URL_DYNAMODB": cls.ministack.url,
            "AWS_ENDPOINT_URL_EVENTBRIDGE": cls.ministack.url,
            "AWS_ENDPOINT_URL_LAMBDA": cls.ministack.url,
            "AWS_ENDPOINT_URL_SQS": cls.ministack.url,
            "HEADROOM_USER": "ana",
        }
        cls.create_table()

    @classmethod
    def create_table(cls):
        cls.dynamodb = cls.table_in(REGION)

    @classmethod
    def table_in(cls, region):
        import boto3

        table = json.loads((ROOT / "infra" / "generated" / "functions.json").read_text())["table"]
        keys = lambda one: [{"AttributeName": one["hash"], "KeyType": "HASH"}, {"AttributeName": one["range"], "KeyType": "RANGE"}]
        credentials = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "none", "region_name": region}
        dynamodb = boto3.client("dynamodb", endpoint_url=cls.ministack.url, **credentials)
        dynamodb.create_table(
            TableName=table["name"],
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": n, "AttributeType": t} for n, t in table["attributes"].items()],
            KeySchema=keys(table),
            GlobalSecondaryIndexes=[
                {"IndexName": i["name"], "KeySchema": keys(i), "Projection": {"ProjectionType": "ALL"}}
                for i in table["indexes"]
            ],
        )
        return dynamodb

    def command(self, words, fleet=None):
        return [self.binary, *words.split(), "--fleet", str(fleet or self.fleet)]

    def headroom(self, words, fleet=None):
        """Runs a command without a terminal: exit code, standard output, standard error."""
        pipes = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": WITHIN_S}
        done = subprocess.run(self.command(words, fleet), env=self.environment, **pipes)
        return done.returncode, done.stdout, done.stderr

    def plain(self, words):
        """A command that takes no fleet file."""
        pipes = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, "timeout": WITHIN_S}
        done = subprocess.run([self.binary, *words.split()], env=self.environment, **pipes)
        return done.returncode, done.stdout, done.stderr

    def ok(self, words, fleet=None):
        code, out, err = self.headroom(words, fleet)
        self.assertEqual(code, 0, f"{words}: {out}{err}")
        return out

    def truth(self):
        with urllib.request.urlopen(f"{self.world.url}/_headroom/truth", timeout=WITHIN_S) as answer:
            return json.load(answer)

    def bounds(self):
        """Bounds of each service, and that nothing of it is suspended."""
        services = self.truth()["services"]
        for service in services:
            self.assertEqual(service["suspended"], {"in": False, "out": False, "scheduled": False}, service["name"])
        return {s["name"].split("/")[-1]: (s["bounds"]["min"], s["bounds"]["max"]) for s in services}


class EachCommand(Console):
    """Success, and refusal without a terminal and without --yes."""

    AT_REST = {"web": (2, 10), "api": (2, 10), "worker": (2, 10)}

    def refused(self, words):
        """Without a terminal and without --yes: a plan, exit code 2, and nothing changed."""
        before, leases = self.bounds(), self.ok("lease list")
        code, out, err = self.headroom(words)
        self.assertEqual(code, 2, f"{words}: {out}{err}")
        self.assertIn("nothing was done: no terminal to ask; say --yes", err, words)
        self.assertEqual((self.bounds(), self.ok("lease list")), (before, leases), words)

    def test_a_lease_is_granted_listed_told_and_undone(self):
        self.refused("lease grant prod-eu web --floor 4 --for 2h")
        granted = self.ok("lease grant prod-eu web --floor 4 --for 2h --yes")
        decision = granted.split()[0]
        self.assertRegex(decision, r"^D-\w{5}$")
        self.assertEqual(self.bounds(), {**self.AT_REST, "web": (4, 10)})
        self.assertIn("min 4", self.ok("lease list prod-eu web"))
        self.assertIn("ana until ", self.ok("status prod-eu web"))
        (line,) = self.ok("status prod-eu web --json").splitlines()
        self.assertEqual((json.loads(line)["min"], len(json.loads(line)["leases"])), (4, 1))
        for words in (f"undo {decision}",):
            self.refused(words)
        self.ok(f"undo {decision} --yes")
        self.assertEqual(self.bounds(), self.AT_REST)
        self.assertIn("ended already", self.ok(f"undo {decision} --yes"))

    def test_a_lease_is_released_by_its_id(self):
        self.ok("lease grant prod-eu api --max 14 --for 2h --yes")
        lease = self.ok("lease list prod-eu api").splitlines()[1].split()[0]
        self.refused(f"lease release prod-eu api {lease}")
        self.ok(f"lease release prod-eu api {lease} --yes")
        self.assertEqual(self.bounds(), self.AT_REST)
        code, _, err = self.headroom(f"lease release prod-eu api {lease} --yes")
        self.assertEqual(code, 1, err)

    def test_a_list_of_all_environments_reads_the_table_of_each_region(self):
        self.ok("lease grant prod-eu api --hold --for 1h --yes")
        self.table_in("eu-central-1")
        other = "{ name: staging, account: \"222222222222\", region: eu-central-1, mode: act }"
        both = self.folder / "both.yaml"
        both.write_text(FLEET.replace("environments: [", f"environments: [{other}, "))
        (line,) = self.ok("lease list --json", both).splitlines()
        lease = json.loads(line)
        self.assertEqual(lease["service"], "prod-eu/api")
        self.ok(f"lease release prod-eu api {lease['id']} --yes")

    def test_pause_resume_and_stop_hold_back_what_people_grant(self):
        for word in ("pause", "stop"):
            self.refused(f"{word} prod-eu")
            self.ok(f"{word} prod-eu --yes")
            code, _, err = self.headroom("lease grant prod-eu worker --floor 3 --for 1h --yes")
            self.assertEqual(code, 1, err)
            self.assertIn("so already", self.ok(f"{word} prod-eu --yes"))
            self.refused("resume prod-eu")
            self.ok("resume prod-eu --yes")
        self.assertEqual(self.bounds(), self.AT_REST)

    def test_the_fleet_files_bounds_become_the_baseline(self):
        changed = self.folder / "changed.yaml"
        changed.write_text(FLEET.replace("worker: { capacity: { min: 2, max: 10", "worker: { capacity: { min: 3, max: 12"))
        self.assertIn("differs", self.ok("baseline show prod-eu worker", changed))
        code, _, err = self.headroom("baseline apply prod-eu worker", changed)
        self.assertEqual((code, self.bounds()["worker"]), (2, (2, 10)), err)
        self.assertIn("bounds verified", self.ok("baseline apply prod-eu worker --yes", changed))
        self.assertEqual(self.bounds()["worker"], (3, 12))
        self.assertNotIn("differs", self.ok("baseline show prod-eu worker", changed))
        self.ok("baseline apply prod-eu worker --yes")
        self.assertEqual(self.bounds(), self.AT_REST)

    def test_the_fleet_files_bounds_are_adopted_and_verified_later(self):
        changed = self.folder / "adopted.yaml"
        changed.write_text(FLEET.replace("worker: { capacity: { min: 2, max: 10", "worker: { capacity: { min: 3, max: 12"))
        code, _, err = self.headroom("baseline adopt prod-eu worker", changed)
        self.assertEqual((code, self.bounds()["worker"]), (2, (2, 10)), err)
        self.assertIn("say --yes", err)
        self.assertIn("the reconciler brings the bounds there", self.ok("baseline adopt prod-eu worker --yes", changed))
        self.assertEqual(self.bounds()["worker"], (2, 10), "not by this command")
        self.assertIn("already", self.ok("baseline adopt prod-eu worker --yes", changed))
        self.assertIn("bounds verified", self.ok("baseline apply prod-eu worker --yes", changed))
        self.assertEqual(self.bounds()["worker"], (3, 12))
        self.ok("baseline apply prod-eu worker --yes")
        self.assertEqual(self.bounds(), self.AT_REST)

    def test_doctor_finds_the_account_and_what_is_not_installed(self):
        code, out, err = self.headroom("doctor prod-eu --json")
        self.assertEqual(code, 1, err)
        found = [json.loads(line) for line in out.splitlines()]
        of = lambda check: {f["verdict"] for f in found if f["check"] == check}
        for check in ("credentials", "clock", "table", "bounds", "targets"):
            self.assertEqual(of(check), {"good"}, (check, out))
        self.assertEqual((of("rules"), of("functions")), ({"bad"}, {"bad"}), "nothing of Headroom is deployed here")

    def test_what_was_done_is_journaled_and_explained(self):
        decision = self.ok("lease grant prod-eu web --hold --for 30m --yes").split()[0]
        code, out, err = self.plain("journal --since 1h")
        self.assertIn(decision, out, err)
        code, out, err = self.plain(f"explain {decision}")
        self.assertEqual(code, 0, err)
        self.assertIn("ana", out)
        code, _, err = self.plain(f"ack {decision}")
        self.assertEqual(code, 2, err)
        self.assertIn("say --yes", err)
        self.assertEqual(self.plain(f"ack {decision} --yes")[0], 0)
        self.assertRegex(self.ok("status prod-eu"), r"last 24 h: \d+ acted, 0 refused, 0 failed")
        code, _, err = self.headroom("apply D-22222 --yes")
        self.assertEqual(code, 1, err)
        self.ok(f"undo {decision} --yes")


class Transcript(Console):
    """What a person reads, in the order of a night: golden, with ids and times left out."""

    PAGE = ROOT / "tests" / "person" / "console.txt"
    COMMANDS = (
        "lease grant prod-eu web --floor 4 --for 2h --dry-run",
        "lease grant prod-eu web --floor 4 --for 2h",
        "lease grant prod-eu web --floor 4 --for 2h --yes",
        "lease grant prod-eu web --floor 99 --for 2h --yes",
        "lease grant prod-eu api --max 14 --for 2h --yes",
        "lease list",
        "baseline show prod-eu",
        "lease release prod-eu api LEASE --yes",
        "lease release prod-eu api LEASE --yes",
        "undo DECISION --dry-run",
        "undo DECISION --yes",
        "undo DECISION --yes",
        "ack DECISION --yes",
        "apply DECISION --yes",
        "pause prod-eu web --for 2h --dry-run",
        "pause prod-eu --yes",
        "lease grant prod-eu web --floor 4 --for 2h --yes",
        "stop prod-eu --yes",
        "resume prod-eu --yes",
        "lease grant prod-eu worker --hold --for 30m --yes",
        "stand-down prod-eu --dry-run",
        "stand-down prod-eu --yes",
        "lease list prod-eu --json",
        "rollback prod-eu web --dry-run",
    )

    def test_the_console_says_what_it_said(self):
        ids, page = {}, ""
        for words in self.COMMANDS:
            for name, known in ids.items():
                words = words.replace(name, known)
            code, out, err = self.plain(words) if words.startswith("ack") else self.headroom(words)
            page += f"$ headroom {words}\n{out}{err}exit {code}\n\n"
            granted = re.match(r"(D-\w{5}) prod-eu/web: ", out)
            if granted:
                ids.setdefault("DECISION", granted[1])
            leases = re.findall(r"(?m)^(L-\w{5})  prod-eu/api ", out)
            if leases:
                ids["LEASE"] = leases[0]
        for pattern, shown in ((r"\bD-\w{5}\b", "D-5H2WC"), (r"\bL-\w{5}\b", "L-8TM4R"), (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-11-23T02:00:00Z")):
            page = re.sub(pattern, shown, page)
        if os.environ.get("UPDATE_GOLDEN"):
            self.PAGE.parent.mkdir(exist_ok=True)
            self.PAGE.write_text(page)
        self.maxDiff = None
        self.assertEqual(page, self.PAGE.read_text())


class Balanced(Console):
    """Services behind load balancers, whose attributes a server of this test knows: neither world nor MiniStack has them."""

    file = FLEET.replace('service: "{environment}-{name}"', 'service: "{environment}-{name}", target_group: "{environment}-{name}"')

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.balancers = ThreadingHTTPServer(("127.0.0.1", 0), Balancers)
        threading.Thread(target=cls.balancers.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.balancers.server_close)
        cls.addClassCleanup(cls.balancers.shutdown)
        cls.environment["AWS_ENDPOINT_URL_ELASTIC_LOAD_BALANCING_V2"] = f"http://127.0.0.1:{cls.balancers.server_port}"

    def test_a_target_that_drains_longer_than_its_container_lives_is_found(self):
        _, out, err = self.headroom("doctor prod-eu --json")
        found = [json.loads(line) for line in out.splitlines()]
        of = lambda check: {f["text"].split(":")[0]: (f["verdict"], f["text"]) for f in found if f["check"] == check}
        draining = of("draining")
        self.assertEqual(set(draining), {"prod-eu/web", "prod-eu/api"}, "that of worker is short enough")
        self.assertEqual(draining["prod-eu/web"][0], "warning", out + err)
        self.assertIn("5 min is longer than stopTimeout 30 s", draining["prod-eu/web"][1])
        self.assertEqual(draining["prod-eu/api"][0], "unknown")
        self.assertIn("elasticloadbalancing:DescribeTargetGroupAttributes", draining["prod-eu/api"][1])
        denied = [f for f in found if f["check"] == "permissions" and "elasticloadbalancing" in f["text"]]
        self.assertEqual([f["verdict"] for f in denied], ["bad"])


class Balancers(BaseHTTPRequestHandler):
    """DescribeTargetGroupAttributes as the query protocol answers it."""

    def log_message(self, *_):
        pass

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        group = form["TargetGroupArn"][0].split("/")[1]
        delay = {"prod-eu-web": 300, "prod-eu-worker": 20}.get(group)
        text = "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>"
        if delay and form["Action"] == ["DescribeTargetGroupAttributes"]:
            pair = f"<Key>deregistration_delay.timeout_seconds</Key><Value>{delay}</Value>"
            text = f"<R><Attributes><member><Key>stickiness.enabled</Key><Value>false</Value></member><member>{pair}</member></Attributes></R>"
        self.send_response(200 if delay else 403)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())


class AHundredServices(Console):
    """What a look at a large environment costs."""

    SERVICES = 100

    @classmethod
    def setUpClass(cls):
        lines = "".join(f"  s{n}: {{ capacity: {{ min: 1, max: 2 }} }}\n" for n in range(cls.SERVICES))
        cls.file = FLEET[: FLEET.index("services:")] + "services:\n" + lines
        super().setUpClass()

    def test_status_makes_at_most_one_call_for_ten_services_and_page(self):
        before = self.truth()["operations"]
        page = self.ok("status prod-eu")
        self.assertEqual(sum(" s" in line and "1..2" in line for line in page.splitlines()), self.SERVICES, page)
        after = self.truth()["operations"]
        made = {name: one["calls"] - before.get(name, {"calls": 0})["calls"] for name, one in after.items()}
        made = {name: calls for name, calls in made.items() if calls}
        self.assertIn("ecs.DescribeServices", made)
        for name, calls in made.items():
            self.assertLessEqual(calls, self.SERVICES // 10, made)
        tasks = self.ok("status prod-eu s1 --tasks")
        self.assertRegex(tasks, r"(?m)^[0-9a-f]{32}  RUNNING ")


class Uninstalled(Console):
    """Standing down with three live leases, of a service and of an environment that left the fleet file, too."""

    def test_every_service_is_at_its_baseline_and_nothing_is_kept(self):
        self.fleet.write_text(FLEET)
        self.ok("resume prod-eu --yes")
        self.ok("lease grant prod-eu web --floor 4 --for 2h --yes")
        self.ok("lease grant prod-eu api --max 14 --for 2h --yes")
        self.ok("lease grant prod-eu worker --floor 3 --for 2h --yes")
        self.assertEqual(self.bounds(), {"web": (4, 10), "api": (2, 14), "worker": (3, 10)})
        self.fleet.write_text("".join(line for line in FLEET.splitlines(True) if "worker:" not in line))
        code, _, err = self.headroom("stand-down prod-eu")
        self.assertEqual(code, 2, err)
        self.assertEqual(len(self.bounds()), 3)
        out = self.ok("stand-down prod-eu --yes")
        self.assertIn("not in the fleet file", out)
        self.assertEqual(self.bounds(), {"web": (2, 10), "api": (2, 10), "worker": (2, 10)})
        states = self.dynamodb.scan(TableName="headroom")["Items"]
        docs = [json.loads(item["doc"]["S"]) for item in states if item["sk"]["S"] == "STATE"]
        self.assertEqual(len(docs), 3)
        for doc in docs:
            self.assertIsNone(doc["kept"], doc)
            self.assertTrue(all(lease["ended"] for lease in doc["leases"].values()), doc)
        code, _, err = self.headroom("lease grant prod-eu web --floor 4 --for 2h --yes")
        self.assertEqual(code, 1, "nothing new is granted after it")
        self.assertIn("paused", err)
        self.ok("stand-down prod-eu --yes")

    def test_an_environment_that_left_the_fleet_file_is_given_back_too(self):
        def left():
            self.fleet.write_text(FLEET)
            self.ok("resume prod-eu --yes")
            self.ok("lease grant prod-eu web --floor 4 --for 2h --yes")
            self.ok("lease grant prod-eu api --max 14 --for 2h --yes")
            self.fleet.write_text(FLEET.replace("prod-eu", "prod-new").replace("{environment}-", "new-"))

        left()
        for words in ("stand-down", "stand-down prod-eu"):
            code, _, err = self.headroom(f"{words}")
            self.assertEqual(code, 2, err)
            self.assertIn("prod-eu/prod-eu-web (not in the fleet file): 1 lease ends now", err)
        out = self.ok("stand-down prod-eu --yes")
        self.assertIn("prod-eu: every service is at its baseline", out)
        self.assertEqual(self.bounds(), {"web": (2, 10), "api": (2, 10), "worker": (2, 10)})
        left()
        code, out, err = self.headroom("stand-down --yes")
        self.assertEqual(self.bounds(), {"web": (2, 10), "api": (2, 10), "worker": (2, 10)}, out + err)
        # Of the environment that took its place nothing is there yet: that is no baseline that was verified.
        self.assertEqual(code, 1)
        self.assertIn("prod-new: none of its services is seen with these credentials; are they of account 222222222222?", err)
        self.fleet.write_text(FLEET)
        code, _, err = self.headroom("lease grant prod-eu web --floor 4 --for 2h --yes")
        self.assertEqual(code, 1, "nothing new is granted after it")
        self.assertIn("paused", err)
        self.assertEqual(self.headroom("stand-down prod-ue --yes")[0], 2, "an environment that nobody knows")


def names_of(answer, key):
    """What a list of AWS's names, whatever it calls the name."""
    return [next(str(value) for name, value in sorted(one.items()) if name.endswith(("Name", "Arn"))) if isinstance(one, dict) else one for one in answer.get(key, [])]


# How each kind of resource of the template is listed: service, operation, the list in its answer.
LISTED = (
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("dynamodb", "list_tables", "TableNames"),
    ("events", "list_rules", "Rules"),
    ("iam", "list_roles", "Roles"),
    ("lambda", "list_functions", "Functions"),
    ("lambda", "list_layers", "Layers"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings"),
    ("logs", "describe_log_groups", "logGroups"),
    ("scheduler", "list_schedules", "Schedules"),
    ("scheduler", "list_schedule_groups", "ScheduleGroups"),
    ("sns", "list_topics", "Topics"),
    ("sns", "list_subscriptions", "Subscriptions"),
    ("sqs", "list_queues", "QueueUrls"),
)


class Deleted(Console):
    """The whole stack with three live leases: stood down, deleted, and gone."""

    @classmethod
    def create_table(cls):
        """The whole stack; its functions have code that nobody runs."""
        import boto3
        import deploy

        clients = {}
        keys = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "none", "region_name": REGION}
        cls.here = staticmethod(lambda api: clients.setdefault(api, boto3.client(api, endpoint_url=cls.ministack.url, **keys)))
        cls.dynamodb = cls.here("dynamodb")
        cls.before = cls.account()
        template = deploy.local_template((ROOT / "infra" / "cloudformation" / "headroom.template.json").read_text(), {})
        code = cls.folder / "code.zip"
        with zipfile.ZipFile(code, "w") as archive:
            archive.writestr("bootstrap", "#!/bin/sh\nexit 1\n")
        artifacts = {name: code for name, spec in template["Parameters"].items() if name.endswith("Key")}
        cls.control = deploy.create(cls.here, template, artifacts)
        deploy.read_back(cls.here, cls.control, template)

    @classmethod
    def account(cls):
        """Everything in it of the kinds that the template has."""
        return {(api, key): sorted(names_of(getattr(cls.here(api), call)(), key)) for api, call, key in LISTED}

    def test_with_the_stack_deleted_nothing_is_left_in_the_account(self):
        import deploy

        for claim in ("web --floor 4", "api --max 14", "worker --floor 3"):
            self.ok(f"lease grant prod-eu {claim} --for 2h --yes")
        installed = self.account()
        kinds = [kind for kind, names in installed.items() if names == self.before[kind]]
        self.assertEqual(kinds, [], "the stack has one of each kind, so that the comparison below can fail")
        self.ok("stand-down prod-eu --yes")
        formation = self.here("cloudformation")
        protected = lambda: self.dynamodb.describe_table(TableName="headroom")["Table"].get("DeletionProtectionEnabled", False)
        self.assertTrue(protected(), "while the functions may act")
        # As the README says: without the mode the table is not protected from deletion.
        kept = [{"ParameterKey": p["ParameterKey"], "UsePreviousValue": True} for p in formation.describe_stacks(StackName=deploy.STACK)["Stacks"][0]["Parameters"]]
        observe = [{"ParameterKey": "Mode", "ParameterValue": "observe"}, *(p for p in kept if p["ParameterKey"] != "Mode")]
        names = {"StackName": deploy.STACK, "Capabilities": ["CAPABILITY_NAMED_IAM"]}
        formation.update_stack(**names, UsePreviousTemplate=True, Parameters=observe)
        formation.get_waiter("stack_update_complete").wait(StackName=deploy.STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        self.assertFalse(protected())
        formation.delete_stack(StackName=deploy.STACK)
        formation.get_waiter("stack_delete_complete").wait(StackName=deploy.STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        self.assertEqual(self.account(), self.before)
        self.assertEqual(self.bounds(), {"web": (2, 10), "api": (2, 10), "worker": (2, 10)})


def main():
    tools.build(tools.Progress(1, "build"))
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
