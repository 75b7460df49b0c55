"""Headroom outside of `headroom local`: the flow over the SDK, with faults, counted at the far side.

    python3 tests/e2e/test_outside.py

shared/aws/examples/outside plays the functions; what became of it is read from the control API: how often ECS was
called, which deployments began, the bounds of each service, the notices.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "infra")]
sys.dont_write_bytecode = True

import permissions
import tools
from json_schema import problems

ACCOUNT, REGION = "222222222222", "eu-west-1"
# A Sunday: the fleet file has office hours on other days.
BEGIN = "2026-11-22T00:00:00Z"
# The day is 1,440 minutes with a handful of requests each.
WITHIN_S = 600
# A function's time-out in seconds, and one before an attempt of the SDK ends (5 s).
IN_TIME, CUT_SHORT = 30, 2

RESTARTS = """\
version: 1
fleet: restarts
mode: act
environments: [{ name: prod, account: "222222222222", region: eu-west-1 }]
defaults: { cluster: "{environment}-cluster", service: "{environment}-{name}" }
services:
  web: { capacity: { min: 2, max: 2 } }
remedies:
  hung: { when: { metric: cpu, above: 85%, for: 2m }, do: force-new-deployment, cooldown: 1d }
"""
ROLLBACKS = """\
version: 1
fleet: rollbacks
mode: act
environments: [{ name: prod, account: "222222222222", region: eu-west-1 }]
defaults: { cluster: "{environment}-cluster", service: "{environment}-{name}" }
services:
  web: { capacity: { min: 4, max: 10 } }
remedies:
  bad-deployment: { when: { metric: error_rate, above: 1%, for: 3m }, do: rollback }
"""
REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web"
UPDATE, STOP = "ecs.UpdateService", "ecs.StopServiceDeployment"
CONTINUE, PUT = "ecs.ContinueServiceDeployment", "events.PutEvents"
EVENT_SCHEMA = json.loads((ROOT / "docs" / "rollback-event.schema.json").read_text())
# What ROLLBACKS names, behind two target groups.
TWO_GROUPS = """\
scenario two target groups
start 2026-11-22T00:00:00Z
seed 7
service web
  ecs 222222222222 eu-west-1 prod-cluster/prod-web
  target_group prod-web or prod-web-b
  task 1 vcpu 2 GiB
  tasks 4
  bounds 4..10
  load table
    00:00 3000/min 10ms
"""
# A cache that fails right after a deployment, and the lines by which a fleet file knows of it.
WITH_A_CACHE = """\
scenario a cache that fails
start 2026-11-22T00:00:00Z
seed 7
service web
  ecs 222222222222 eu-west-1 prod-cluster/prod-web
  target_group prod-web
  task 2 vcpu 4 GiB
  tasks 4
  bounds 4..10
  dependency redis cpu 20%
  dependency redis from 01:32 until 02:30 errors 9% cpu 95%
  load table
    00:00 2000/min 10ms
"""
A_CACHE = """\
dependencies:
  redis:
    when: { metric: AWS/ElastiCache:CPUUtilization, above: 75%, for: 3m }
    dimensions: { CacheClusterId: redis }
    while_high: [no-rollback]
"""
# Two tasks of 1 vCPU at 95 %.
BUSY = {"service": "prod/web", "requests": 1900, "work_ms": 60}
RESTART = "ecs.UpdateService"


def a_folder(test):
    folder = Path(tempfile.mkdtemp(prefix="headroom-outside-"))
    test.addCleanup(shutil.rmtree, folder, ignore_errors=True)
    return folder


def permitted(test, operations):
    """The actions of these calls, each of which a role of the functions allows in act."""
    made = {operation.replace(".", ":", 1) for operation in operations}
    test.assertEqual(permissions.not_permitted(made), [])
    return made


class World:
    """`headroom local` that stands still until it is moved, and the control API of it."""

    def __init__(self, test, folder, *source, faults="", begin=BEGIN, more=()):
        import servers

        self.folder = folder
        self.events = self.folder / "events.jsonl"
        plan = self.folder / "faults.txt"
        plan.write_text(faults)
        self.environment = servers.clean_environment(self.folder)
        port = servers.free_port(0)
        command = [str(tools.target_dir() / "headroom"), "local", *map(str, source), "--speed", "0", "--seed", "7"]
        command += ["--begin", begin, "--port", str(port), "--faults", str(plan), *more]
        command += ["--deliver-command", f"cat >> '{self.events}'"]
        self.server = servers.Server("local", command, self.environment, port, "/_headroom/health", self.folder)
        (test.addClassCleanup if isinstance(test, type) else test.addCleanup)(self.server.stop)
        self.server.wait_ready()

    def get(self, name):
        with urllib.request.urlopen(f"{self.server.url}/_headroom/{name}", timeout=60) as answer:
            return json.load(answer)

    def post(self, name, body):
        request = urllib.request.Request(f"{self.server.url}/_headroom/{name}", json.dumps(body).encode())
        urllib.request.urlopen(request, timeout=60).close()

    def ecs(self, operation, **members):
        """A call to ECS without an SDK."""
        scope = f"{ACCOUNT}/20261122/{REGION}/ecs/aws4_request"
        headers = {
            "X-Amz-Target": f"AmazonEC2ContainerServiceV20141113.{operation}",
            "Content-Type": "application/x-amz-json-1.1",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        }
        request = urllib.request.Request(f"{self.server.url}/", json.dumps(members).encode(), headers)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def announced(self, test):
        """The events of rollbacks on the bus, oldest first, each as its schema says."""
        events = self.get("truth")["bus"]
        for event in events:
            test.assertEqual(problems(EVENT_SCHEMA, event), [], event)
            test.assertEqual((event["account"], event["region"]), (ACCOUNT, REGION), event)
        return [event["detail"] for event in events]

    def play(self, fleet, minutes, invocation=IN_TIME, table=None):
        """Headroom for so many minutes of the world: its entries and what it remembers; in DynamoDB at a URL, if there is one."""
        compiled = self.folder / "fleet.json"
        binary = str(tools.target_dir() / "headroom")
        subprocess.run([binary, "compile", str(fleet), "-o", str(compiled)], check=True)
        environment = {
            **self.environment,
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.server.url,
            "HEADROOM_FLEET": str(compiled),
            "HEADROOM_TOPIC_ARN": f"arn:aws:sns:{REGION}:{ACCOUNT}:none",
            "NO_PROXY": "*",
            **({"AWS_ENDPOINT_URL_DYNAMODB": table} if table else {}),
        }
        outside = str(tools.target_dir() / "examples" / "outside")
        command = [outside, self.server.url, str(self.events), str(minutes), str(invocation), *(["table"] if table else [])]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=WITHIN_S)
        if ended.returncode:
            raise AssertionError(f"{' '.join(command)}: {ended.stderr}{self.server.tail()}")
        return json.loads(ended.stdout)

    def notices(self):
        """Every notice that came, oldest first."""
        return [notice["message"] for notice in self.get("state/save")["notices"]["newest"]]


def by_hand(world, *words, table=None):
    """`headroom rollback`, as a person at a terminal that cannot be asked."""
    command = [str(tools.target_dir() / "headroom"), "rollback", *words, "--fleet", str(world.folder / "headroom.yaml")]
    command += ["--region", REGION]
    environment = {
        **world.environment, "AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "none", "NO_PROXY": "*",
        "AWS_ENDPOINT_URL": world.server.url, **({"AWS_ENDPOINT_URL_DYNAMODB": table} if table else {}),
    }
    done = subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
    return done.returncode, done.stdout, done.stderr


class ARestartWhoseOutcomeNobodyKnows(unittest.TestCase):
    """SEMANTICS 17 with the SDK's own clients, their pools, time-outs and retries."""

    def play(self, faults, invocation=IN_TIME, minutes=10):
        folder = a_folder(self)
        fleet = folder / "headroom.yaml"
        fleet.write_text(RESTARTS)
        world = World(self, folder, "--fleet", fleet, faults=faults)
        world.post("load", BUSY)
        told = world.play(fleet, minutes, invocation)
        # An alarm that fires again while the remedy rests is refused, and sends nothing.
        (case,) = [entry for entry in told["entries"] if entry["attempts"]]
        truth = world.get("truth")
        (service,) = truth["services"]
        # The first deployment is the one with which the world began.
        restarts = len(service["deployments"]) - 1
        counted = truth["operations"].get(RESTART, {"calls": 0, "faults": {}})
        return case, counted, restarts, world.notices(), told

    def assert_went(self, played, status, sends, restarts, kind):
        case, counted, happened, notices, _ = played
        self.assertEqual((case["status"], case["attempts"]), (status, sends), case)
        self.assertEqual((counted["calls"], happened), (sends, restarts), (counted, case))
        self.assertEqual([notice["kind"] for notice in notices], [kind], notices)

    def test_without_a_fault_it_is_sent_once(self):
        played = self.play("")
        self.assert_went(played, "acted", 1, 1, "disrupted")

    def test_applied_with_its_answer_lost_it_is_not_sent_again(self):
        played = self.play(f"{RESTART} apply-then-time-out 100% at most 1")
        self.assertEqual(played[1]["faults"], {"apply-then-time-out": 1})
        self.assert_went(played, "acted", 1, 1, "disrupted")

    def test_applied_by_a_function_that_ended_before_the_answer_it_is_not_sent_again(self):
        played = self.play(f"{RESTART} apply-then-time-out 100% at most 1", CUT_SHORT)
        self.assertEqual(played[4]["dropped"], 1, "the invocation ended in the call")
        self.assert_went(played, "acted", 1, 1, "disrupted")

    def test_lost_before_it_was_applied_it_is_sent_a_second_time_and_done(self):
        for fault in ("reset", "error-500", "throttle"):
            with self.subTest(fault):
                played = self.play(f"{RESTART} {fault} 100% at most 1")
                self.assertEqual(played[1]["faults"], {fault: 1})
                self.assert_went(played, "acted", 2, 1, "disrupted")

    def test_lost_and_then_applied_without_an_answer_it_is_not_sent_a_third_time(self):
        played = self.play(f"{RESTART} reset 100% at most 1\n{RESTART} apply-then-time-out 100%")
        self.assertEqual(played[1]["faults"], {"reset": 1, "apply-then-time-out": 1})
        self.assert_went(played, "acted", 2, 1, "disrupted")

    def test_with_both_sends_lost_it_is_never_sent_a_third_time_and_a_person_is_told(self):
        for fault in ("reset", "error-500"):
            with self.subTest(fault):
                played = self.play(f"{RESTART} {fault} 100%", minutes=30)
                self.assert_went(played, "failed", 2, 0, "failed")
                self.assertIn("unknown outcome after 2 attempts", played[0]["failure"])


class ABadDeployment(unittest.TestCase):
    """SEMANTICS 7, 10, 17 and 18 with the SDK's own clients: metrics, deployments, revisions and images over HTTP."""

    def play(self, faults="", before=45, moved=False, minutes=35):
        folder = a_folder(self)
        fleet = folder / "headroom.yaml"
        fleet.write_text(ROLLBACKS)
        world = self.world = World(self, folder, "--fleet", fleet, faults=faults)
        world.post("load", {"service": "prod/web", "requests": 2000, "work_ms": 10})
        world.post("deploy", {"service": "prod/web", "image": f"{REPOSITORY}:good"})
        world.post("advance", {"seconds": before * 60})
        world.post("deploy", {"service": "prod/web", "image": f"{REPOSITORY}:bad", "errors_percent": 8})
        if moved:
            world.post("deploy", {"service": "prod/web", "image": f"{REPOSITORY}:good", "errors_percent": 8, "push_only": True})
        told = world.play(fleet, minutes)
        watches = [entry for entry in told["entries"] if entry["watch"]]
        truth = world.get("truth")
        (service,) = truth["services"]
        return watches, service["deployments"], truth["operations"], world.notices()

    def assert_taken_back(self, played, sends):
        (watch,), deployments, operations, notices = played
        self.assertEqual((watch["status"], watch["attempts"]), ("acted", sends), watch)
        self.assertIn("recovered", watch["watch"]["end"], watch)
        # The world's first, the good one, the bad one, and ours.
        self.assertEqual(len(deployments), 4, deployments)
        self.assertEqual(operations[UPDATE]["calls"], sends, operations)
        self.assertNotIn(STOP, operations)
        self.assertEqual([notice["kind"] for notice in notices], ["rolling-back", "rolled-back"], notices)
        self.assertLessEqual(permissions.OF_A_ROLLBACK, permitted(self, operations))

    def test_it_is_taken_back_once_and_verified_and_not_once_more_by_hand(self):
        self.assert_taken_back(self.play(), 1)
        code, out, err = by_hand(self.world, "prod", "web", "--yes")
        self.assertEqual((code, len(self.world.get("truth")["services"][0]["deployments"])), (1, 4), out + err)
        self.assertIn("is taken back already", err)

    def test_a_pipeline_hears_of_it_once_as_it_begins_and_once_as_it_ends(self):
        (watch,), *_ = self.play()
        events = self.world.announced(self)
        self.assertEqual([event["state"] for event in events], ["begun", "verified"], events)
        for event in events:
            self.assertEqual(event["deployment"], watch["watch"]["deployment"])
            self.assertEqual((event["by"], event["service"]), ("headroom", "prod/web"))
        self.assertEqual(events[1]["outcome"], "recovered")

    def test_an_event_whose_answer_is_lost_is_put_again_with_the_same_id_and_stops_nothing(self):
        played = self.play(f"{PUT} apply-then-time-out 100% at most 1")
        self.assert_taken_back(played, 1)
        ids = [event["id"] for event in self.world.announced(self)]
        self.assertEqual((len(ids), len(set(ids))), (3, 2), ids)

    def test_a_bus_that_takes_nothing_stops_no_rollback(self):
        played = self.play(f"{PUT} error-500 100%")
        self.assert_taken_back(played, 1)
        self.assertEqual(self.world.announced(self), [])

    def test_applied_with_its_answer_lost_it_is_not_sent_again(self):
        played = self.play(f"{UPDATE} apply-then-time-out 100% at most 1")
        self.assertEqual(played[2][UPDATE]["faults"], {"apply-then-time-out": 1})
        self.assert_taken_back(played, 1)

    def test_lost_before_it_was_applied_it_is_sent_a_second_time(self):
        played = self.play(f"{UPDATE} reset 100% at most 1")
        self.assertEqual(played[2][UPDATE]["faults"], {"reset": 1})
        self.assert_taken_back(played, 2)

    def test_a_person_takes_it_back_with_one_command_and_a_pipeline_hears_of_it(self):
        folder = a_folder(self)
        fleet = folder / "headroom.yaml"
        fleet.write_text(ROLLBACKS)
        world = World(self, folder, "--fleet", fleet)

        headroom = lambda *words: by_hand(world, *words)
        for image in ("good", "bad"):
            world.post("deploy", {"service": "prod/web", "image": f"{REPOSITORY}:{image}"})
            world.post("advance", {"seconds": 1800})
        count = lambda: len(world.get("truth")["services"][0]["deployments"])
        self.assertEqual(headroom("status", "prod", "web")[0], 0)
        # There is no table here.
        code, _, err = headroom("prod", "web", "--yes")
        self.assertEqual((code, count()), (2, 3), err)
        self.assertIn("--ignore-quarantine goes back all the same", err)
        anyway = ("prod", "web", "--ignore-quarantine")
        code, out, err = headroom(*anyway, "--dry-run")
        self.assertEqual((code, count()), (0, 3), out + err)
        self.assertIn("UpdateService to prod-web:2", out)
        code, _, err = headroom(*anyway)
        self.assertEqual((code, count()), (2, 3), err)
        self.assertIn("say --yes", err)
        self.assertEqual(headroom(*anyway, "--yes")[0], 0)
        world.post("advance", {"seconds": 600})
        self.assertEqual(count(), 4)
        code, out, _ = headroom("status", "prod", "web", "--json")
        self.assertEqual((code, json.loads(out)["taken_back"]), (3, True), out)
        self.assertEqual(headroom("prod", "wbe")[0], 2)

    def test_a_tag_that_moved_is_not_deployed_and_people_are_told(self):
        (watch,), deployments, operations, notices = self.play(moved=True)
        self.assertIn("tag-moved", watch["watch"]["held"], watch)
        self.assertEqual(len(deployments), 3, deployments)
        self.assertNotIn(UPDATE, operations)
        self.assertEqual([notice["kind"] for notice in notices], ["not-rolled-back"], notices)


class ScenesOfARollback(unittest.TestCase):
    """SEMANTICS 8, 9 and 10: deployments that nobody may blame, and those that others take back, over HTTP."""

    SLOW = {
        "maximumPercent": 125, "minimumHealthyPercent": 100,
        "alarms": {"alarmNames": ["nobody-fires-this"], "enable": True, "rollback": True},
    }

    def setUp(self):
        self.folder = a_folder(self)
        self.fleet = self.folder / "headroom.yaml"
        self.fleet.write_text(ROLLBACKS)

    def begin(self, *source, configuration=None):
        self.world = World(self, self.folder, *(source or ("--fleet", self.fleet)))
        if not source:
            self.world.post("load", {"service": "prod/web", "requests": 2000, "work_ms": 10})
        if configuration:
            self.world.ecs("UpdateService", cluster="prod-cluster", service="prod-web", deploymentConfiguration=configuration)
        self.world.post("advance", {"seconds": 45 * 60})

    def deploy(self, image, service="prod/web", **properties):
        self.world.post("deploy", {"service": service, "image": f"{REPOSITORY}:{image}", **properties})

    def play(self, minutes):
        """The newest watch, statuses of all deployments, calls of ECS by operation, kinds of notices."""
        told = self.world.play(self.fleet, minutes)
        watches = sorted((entry["watch"] for entry in told["entries"] if entry["watch"]), key=lambda watch: watch["created_at"])
        truth = self.world.get("truth")
        statuses = [deployment["status"] for deployment in truth["services"][0]["deployments"]]
        self.assertTrue(watches, told)
        return watches[-1], statuses, truth["operations"], [notice["kind"] for notice in self.world.notices()]

    def assert_held(self, played, why, kind):
        watch, statuses, operations, kinds = played
        self.assertIn(why, watch["held"], watch)
        self.assertEqual(kinds, [kind])
        for call in (UPDATE, STOP, CONTINUE):
            self.assertLessEqual(operations.get(call, {"calls": 0})["calls"], self.ours, operations)
        return statuses

    # Calls of the test itself.
    ours = 0

    def test_of_two_deployments_that_overlap_neither_is_blamed(self):
        self.ours = 1
        self.begin(configuration=self.SLOW)
        self.deploy("first", errors_percent=8)
        self.world.post("advance", {"seconds": 180})
        self.deploy("second", errors_percent=8)
        statuses = self.assert_held(self.play(40), "another deployment of this service", "inconclusive")
        self.assertEqual(statuses[-2:], ["STOPPED", "SUCCESSFUL"], statuses)

    def test_an_alarm_that_fired_before_the_deployment_does_not_blame_it(self):
        self.begin()
        self.deploy("bad", errors_percent=3)
        self.world.post("advance", {"seconds": 70 * 60})
        self.deploy("hotfix-that-is-none", errors_percent=9)
        self.assert_held(self.play(30), "before the deployment", "inconclusive")

    def test_a_circuit_breaker_that_is_first_is_only_followed(self):
        self.begin(configuration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}})
        self.deploy("exits", begins="exits", after=5)
        watch, statuses, operations, kinds = self.play(60)
        self.assertEqual((watch["back"]["by"], statuses[-1]), ("ecs", "ROLLBACK_SUCCESSFUL"), watch)
        self.assertIn("recovered", watch["end"], watch)
        self.assertEqual((operations[UPDATE]["calls"], STOP in operations, kinds), (1, False, ["rolling-back", "rolled-back"]))

    def test_total_failure_without_a_request_count_is_judged_by_the_balancers_own_errors(self):
        self.begin(configuration={"maximumPercent": 100, "minimumHealthyPercent": 0})
        self.deploy("crashes", begins="exits", after=4)
        watch, statuses, _, kinds = self.play(45)
        self.assertIn("recovered", watch["end"], (watch, statuses))
        self.assertEqual(kinds, ["rolling-back", "rolled-back"])

    def test_a_deployment_after_an_hour_without_one_5xx_data_point_passes(self):
        self.begin()
        self.deploy("good")
        watch, statuses, operations, kinds = self.play(70)
        self.assertEqual((watch["end"], kinds, UPDATE in operations), ("passed", [], False), watch)
        self.assertEqual(watch["judged"]["before"]["errors"], 0, watch)
        self.assertEqual(statuses[-1], "SUCCESSFUL", statuses)

    def test_a_quarantined_last_success_is_passed_over_where_ecs_would_return_to_it(self):
        """The newest SUCCESSFUL deployment is the one in quarantine, for our way back from it never ended."""
        from test_journal import a_table

        self.fleet.write_text(ROLLBACKS + "limits: { rollbacks_per_day: { service: 5, environment: 5 } }\n")
        scenario = self.folder / "world.txt"
        scenario.write_text(WITH_A_CACHE.replace("until 02:30", "until 01:47"))
        table = a_table(self, self.folder, ACCOUNT, REGION).url
        self.begin(scenario)
        statuses = lambda: [d["status"] for d in self.world.get("truth")["services"][0]["deployments"]]
        self.deploy("good", service="web")
        self.world.post("advance", {"seconds": 45 * 60})
        self.deploy("unlucky", service="web")
        self.world.play(self.fleet, 4, table=table)
        # No task more fits into the account: the way back waits.
        self.world.post("break", {"service": "web", "quota_vcpu": 8})
        self.world.play(self.fleet, 10, table=table)
        good = ["SUCCESSFUL", "SUCCESSFUL"]
        self.assertEqual(statuses(), [*good, "SUCCESSFUL", "IN_PROGRESS"], "the scene")
        # The errors end by themselves, and half an hour later somebody deploys over the way back.
        self.world.play(self.fleet, 37, table=table)
        names = {"cluster": "prod-cluster", "service": "prod-web"}
        self.world.ecs("UpdateService", **names, deploymentConfiguration=self.SLOW)
        self.world.post("break", {"service": "web", "quota_vcpu": None})
        self.deploy("worse", service="web", errors_percent=30)
        # A person's hand passes it over, too, unless they say otherwise.
        for words, to in (((), "-> prod-web:2"), (("--ignore-quarantine",), "-> prod-web:3")):
            code, out, err = by_hand(self.world, "prod", "web", "--dry-run", *words, table=table)
            self.assertEqual(code, 0, err)
            self.assertIn(to, out)
        self.world.play(self.fleet, 40, table=table)
        # It was on its way still: ECS's own hand would have restored the unlucky one.
        self.assertEqual(statuses(), [*good, "SUCCESSFUL", "STOPPED", "STOPPED", "SUCCESSFUL"])
        (service,) = self.world.ecs("DescribeServices", **{**names, "services": [names["service"]]})["services"]
        self.assertTrue(service["taskDefinition"].endswith("/prod-web:2"), "the good one")
        truth = self.world.get("truth")
        self.assertEqual((truth["operations"][UPDATE]["calls"], STOP in truth["operations"]), (3, False), "one is the test's")
        kinds = [notice["kind"] for notice in self.world.notices()]
        self.assertEqual((kinds.count("rolling-back"), kinds[-1]), (2, "rolled-back"), kinds)

    def test_a_dependency_at_fault_holds_the_rollback_of_an_innocent_deployment(self):
        scenario = self.folder / "world.txt"
        scenario.write_text(WITH_A_CACHE)
        for known in (False, True):
            with self.subTest(known=known):
                needs = ROLLBACKS.replace("web: {", "web: { depends_on: [redis],")
                self.fleet.write_text(needs + A_CACHE if known else ROLLBACKS)
                self.begin(scenario)
                self.deploy("good", service="web")
                self.world.post("advance", {"seconds": 45 * 60})
                self.deploy("innocent", service="web")
                watch, statuses, operations, kinds = self.play(30)
                if known:
                    self.assertIn("dependency-high", watch["held"], watch)
                    self.assertEqual((kinds, statuses[-1], UPDATE in operations), (["not-rolled-back"], "SUCCESSFUL", False))
                else:
                    self.assertIn("rolling-back", kinds, "the scene: its numbers condemn it")


    def test_a_service_that_it_needs_and_that_was_deployed_as_well_may_be_the_cause(self):
        for needs in (False, True):
            with self.subTest(needs=needs):
                both = "web: { depends_on: [api]," if needs else "web: {"
                beside = ROLLBACKS.replace("  web: {", f"  api: {{ capacity: {{ min: 4, max: 10 }} }}\n  {both}")
                self.fleet.write_text(beside)
                self.begin()
                self.world.post("load", {"service": "prod/api", "requests": 2000, "work_ms": 10})
                self.deploy("good")
                self.world.post("advance", {"seconds": 45 * 60})
                self.deploy("other", service="prod/api")
                self.world.post("advance", {"seconds": 30})
                self.deploy("bad", errors_percent=8)
                watch, _, operations, kinds = self.play(30)
                if needs:
                    self.assertIn("api, on which this service depends, was deployed", watch["held"], watch)
                    self.assertEqual((kinds, UPDATE in operations), (["inconclusive"], False))
                else:
                    self.assertIn("rolling-back", kinds, "the scene: its numbers condemn it")


    def test_errors_of_a_service_behind_another_balancer_at_the_same_time_are_a_shared_cause(self):
        for together in (False, True):
            with self.subTest(together=together):
                apart = "  api: { cluster: other-cluster, capacity: { min: 4, max: 10 } }\n  web: {"
                fleet = ROLLBACKS.replace("  web: {", apart)
                self.fleet.write_text(fleet.replace('"{environment}-{name}" }', '"{environment}-{name}", target_group: "{environment}-{name}" }'))
                self.begin()
                self.world.post("load", {"service": "prod/api", "requests": 2000, "work_ms": 10})
                for service in ("prod/web", "prod/api"):
                    self.deploy("good", service=service)
                self.world.post("advance", {"seconds": 45 * 60})
                self.deploy("innocent", errors_percent=8)
                if together:
                    self.deploy("innocent-too", service="prod/api", errors_percent=8)
                told = self.world.play(self.fleet, 30)
                kinds = {notice["kind"] for notice in self.world.notices()}
                self.assertEqual("rolling-back" in kinds, not together, told)


class ADeploymentThatShiftsTraffic(unittest.TestCase):
    """Blue/green, linear and canary behind two target groups: revisions, weights and both groups' numbers over HTTP."""

    CANARY = {
        "strategy": "CANARY",
        "canaryConfiguration": {"canaryPercent": 10, "canaryBakeTimeInMinutes": 30},
        "bakeTimeInMinutes": 10,
    }
    LINEAR = {"strategy": "LINEAR", "linearConfiguration": {"stepPercent": 20, "stepBakeTimeInMinutes": 10}}
    BLUE_GREEN = {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 30}
    HOOK = {"targetType": "PAUSE", "lifecycleStages": ["POST_PRODUCTION_TRAFFIC_SHIFT"]}

    def play(self, configuration, faults=""):
        folder = a_folder(self)
        fleet, scenario = folder / "headroom.yaml", folder / "world.txt"
        fleet.write_text(ROLLBACKS)
        scenario.write_text(TWO_GROUPS)
        world = World(self, folder, scenario, faults=faults)
        names = {"cluster": "prod-cluster", "service": "prod-web"}
        world.ecs("UpdateService", **names, deploymentConfiguration=configuration)
        world.post("advance", {"seconds": 45 * 60})
        world.post("deploy", {"service": "web", "image": f"{REPOSITORY}:bad", "errors_percent": 30})
        told = world.play(fleet, 35)
        (watch,) = [entry["watch"] for entry in told["entries"] if entry["watch"]]
        truth = world.get("truth")
        statuses = [deployment["status"] for deployment in truth["services"][0]["deployments"]]
        self.assertEqual(statuses, ["SUCCESSFUL", "ROLLBACK_SUCCESSFUL"], watch)
        self.assertIn("recovered", watch["end"], watch)
        groups = watch["balancer"]["target_group"], watch["balancer"]["old_target_group"]
        self.assertEqual([group.split("/")[1] for group in groups], ["prod-web-b", "prod-web"])
        self.assertEqual([event["state"] for event in world.announced(self)], ["begun", "verified"])
        self.assertEqual([notice["kind"] for notice in world.notices()], ["rolling-back", "rolled-back"])
        permitted(self, truth["operations"])
        return watch, truth["operations"]

    def test_a_canary_or_a_linear_one_is_compared_with_the_other_group_and_stopped_once(self):
        for configuration in (self.CANARY, self.LINEAR):
            with self.subTest(configuration["strategy"]):
                watch, operations = self.play(configuration)
                self.assertEqual(watch["judged"]["comparison"], "side-by-side", watch)
                self.assertEqual((operations[STOP]["calls"], CONTINUE in operations), (1, False), operations)

    def test_blue_green_is_compared_with_the_half_hour_of_the_group_that_all_traffic_left(self):
        watch, operations = self.play(self.BLUE_GREEN)
        self.assertEqual(watch["judged"]["comparison"], "before-after", watch)
        self.assertEqual(operations[STOP]["calls"], 1, operations)

    def test_a_hook_that_waits_is_answered_with_rollback_once(self):
        watch, operations = self.play({**self.BLUE_GREEN, "lifecycleHooks": [self.HOOK]})
        self.assertIn("continue", watch["back"]["way"], watch)
        self.assertEqual((operations[CONTINUE]["calls"], STOP in operations), (1, False), operations)

    def test_stopped_with_the_answer_lost_it_is_not_stopped_again(self):
        _, operations = self.play(self.CANARY, f"{STOP} apply-then-time-out 100% at most 1")
        self.assertEqual(operations[STOP], {"calls": 1, "faults": {"apply-then-time-out": 1}})


class ADayWithThreeIncidents(unittest.TestCase):
    """The day of tests/scenarios/langfuse_three_incidents.txt, which is played in one process there."""

    SCENARIO = ROOT / "tests" / "scenarios" / "langfuse_three_incidents.txt"
    FLEET = ROOT / "examples" / "langfuse" / "headroom.yaml"
    MINUTES = 24 * 60
    # Name in the scenario, label in notices, bounds of the scenario.
    SERVICES = {
        "web": ("prod-eu/web", (2, 10)),
        "web-ingestion": ("prod-eu/web-ingestion", (2, 15)),
        "web-iso": ("prod-eu/web-iso", (2, 10)),
    }

    @classmethod
    def setUpClass(cls):
        folder = Path(tempfile.mkdtemp(prefix="headroom-outside-"))
        cls.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        world = World(cls, folder, cls.SCENARIO)
        cls.told = world.play(cls.FLEET, cls.MINUTES)
        cls.truth, cls.notices = world.get("truth"), world.notices()

    def test_every_service_is_at_its_base_at_the_end_and_no_lease_lives(self):
        bounds = {s["name"]: (s["bounds"]["min"], s["bounds"]["max"]) for s in self.truth["services"]}
        self.assertEqual(bounds, {name: base for name, (_, base) in self.SERVICES.items()})
        for service in self.truth["services"]:
            self.assertEqual(service["suspended"], {"in": False, "out": False, "scheduled": False}, service["name"])
        for state in self.told["states"]:
            self.assertEqual((state["live_leases"], state["bounds_kept"]), ([], False), state)
        self.assertEqual(len(self.told["states"]), len(self.SERVICES))
        self.assertEqual(self.told["dropped"], 0)

    def test_aws_was_changed_once_to_raise_and_once_to_return_in_each_incident(self):
        calls = self.truth["operations"]["application-autoscaling.RegisterScalableTarget"]
        self.assertEqual(calls, {"calls": 2 * len(self.SERVICES), "faults": {}})
        self.assertNotIn(RESTART, self.truth["operations"])

    def test_each_incident_is_one_message_that_is_edited_and_never_goes_back(self):
        self.assertEqual(self.truth["notices"], len(self.notices), "the newest are all of them")
        threads = {}
        for notice in self.notices:
            threads.setdefault(notice["incident"], []).append(notice)
        services = [thread[0]["service"] for thread in threads.values()]
        self.assertEqual(sorted(services), sorted(label for label, _ in self.SERVICES.values()))
        for incident, thread in threads.items():
            with self.subTest(incident):
                self.assertEqual({notice["service"] for notice in thread}, {thread[0]["service"]})
                self.assertEqual((thread[0]["kind"], thread[-1]["kind"]), ("opened", "closed"))
                # A channel that edits puts a newer revision over an older one: what stays is the end.
                revisions = [notice["revision"] for notice in thread]
                self.assertEqual(revisions, sorted(set(revisions)), "each newer than the one before")
                self.assertIn("back to min 2", thread[-1]["title"])


def main():
    tools.build(tools.Progress(1, "build"))
    # Started with any Python: the packages are in the virtual environment only.
    if Path(sys.prefix).resolve() != tools.VENV.resolve():
        tools.ensure_venv(tools.Progress(1, "tools"))
        os.execv(str(tools.VENV_PYTHON), [str(tools.VENV_PYTHON), *sys.argv])
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
