"""Each command of a person ended with SIGKILL between its calls that change something, and run again.

    python3 tests/e2e/test_person_killed.py

A gate stands between the command and the far side, counts what changes something there, and holds one such call back:
not passed on yet, or passed on with its answer kept. Whoever waits for it is killed. World and table are put back as they
were before the next one. Nobody waits for a lock: the minute that it stands is taken off in the table.
"""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import unittest
import urllib.request
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import test_at_max
import test_outside
import test_person
from test_outside import World
from test_person import FLEET, WITHIN_S

import tools

# What changes something, at the table or in AWS.
CHANGING = {
    "BatchWriteItem",
    "ContinueServiceDeployment",
    "DeleteItem",
    "DeleteMessage",
    "Invoke",
    "PutItem",
    "RegisterScalableTarget",
    "SendMessage",
    "StopServiceDeployment",
    "StopTask",
    "TransactWriteItems",
    "UpdateItem",
    "UpdateService",
}
# A writer's lock, and a little.
LOCK_S = 62
TABLE = "headroom"


class Gate:
    """Passes every call on to the world, or to what stands beside it, and holds one of them back."""

    def __init__(self, beside, world):
        self.beside, self.world, self.receipts, self.invoked = beside, world, [], None
        self.disarm()
        handler = type("Handler", (Passing,), {"gate": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def stop(self):
        self.disarm()
        self.server.shutdown()
        self.server.server_close()

    def arm(self, at, passed_on):
        """Holds back the call of this number, before it is passed on or before its answer is."""
        self.at, self.passed_on, self.seen, self.calls = at, passed_on, 0, []
        self.reached, self.released = threading.Event(), threading.Event()
        self.lock = threading.Lock()

    def disarm(self):
        if hasattr(self, "released"):
            self.released.set()
        self.arm(0, False)

    def number(self, operation):
        """Which call that changes something it is; none, if it changes nothing."""
        if operation not in CHANGING:
            return None
        with self.lock:
            self.seen += 1
            self.calls.append(operation)
            return self.seen

    def holds(self, number, passed_on):
        """Waits for the end of whoever called, if it is this call's turn."""
        if number is None or (number, passed_on) != (self.at, self.passed_on):
            return False
        self.reached.set()
        self.released.wait(WITHIN_S)
        return True


class Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = self.headers.get("X-Amz-Target", "")
        invokes = self.path.endswith("/invocations")
        # A protocol without that header names the operation at the end of the path.
        operation = "Invoke" if invokes else target.rsplit(".", 1)[-1] or self.path.rsplit("/", 1)[-1]
        number = self.gate.number(operation)
        if invokes:
            self.gate.invoked = self.path, dict(self.headers.items()), body
        if self.gate.holds(number, False):
            self.close_connection = True
            return
        beside = invokes or target.startswith(("DynamoDB_", "AmazonSQS."))
        to = urlsplit(self.gate.beside if beside else self.gate.world)
        kept = {name: value for name, value in self.headers.items() if name.lower() not in ("connection", "content-length")}
        with contextlib.closing(http.client.HTTPConnection(to.hostname, to.port, timeout=WITHIN_S)) as connection:
            connection.request("POST", self.path, body, kept)
            answer = connection.getresponse()
            text = answer.read()
        if operation == "ReceiveMessage":
            self.gate.receipts += [message["ReceiptHandle"] for message in json.loads(text).get("Messages", [])]
        if self.gate.holds(number, True):
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("connection", "content-length", "transfer-encoding", "server", "date"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)


class Killable(test_person.Console):
    """A world and a table that can be put back, and a command that dies where it is told to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.gate = Gate(cls.ministack.url, cls.world.url)
        cls.addClassCleanup(cls.gate.stop)
        cls.gated = {name: cls.gate.url if name.startswith("AWS_ENDPOINT_URL") else value for name, value in cls.environment.items()}

    def items(self):
        return self.dynamodb.scan(TableName=TABLE)["Items"]

    def entries(self):
        return [json.loads(item["doc"]["S"]) for item in self.items() if item["sk"]["S"] == "CASE"]

    def saved(self):
        with urllib.request.urlopen(f"{self.world.url}/_headroom/state/save", timeout=WITHIN_S) as answer:
            return answer.read(), self.items()

    def put_back(self, saved):
        state, items = saved
        request = urllib.request.Request(f"{self.world.url}/_headroom/state/load", state)
        urllib.request.urlopen(request, timeout=WITHIN_S).close()
        for item in self.items():
            self.dynamodb.delete_item(TableName=TABLE, Key={key: item[key] for key in ("pk", "sk")})
        for item in items:
            self.dynamodb.put_item(TableName=TABLE, Item=item)

    def post(self, name, body):
        request = urllib.request.Request(f"{self.world.url}/_headroom/{name}", json.dumps(body).encode())
        urllib.request.urlopen(request, timeout=WITHIN_S).close()

    def a_minute_passes(self):
        """For whoever waits for the lock of a dead writer: it, and what is due after it, are that much older."""
        for item in self.items():
            doc = json.loads(item["doc"]["S"]) if "doc" in item else {}
            lock = doc.get("lock") if item["sk"]["S"] == "STATE" else None
            if lock:
                lock["until"] = older(lock["until"])
            elif item["sk"]["S"] == "CASE" and doc.get("due"):
                doc["due"] = older(doc["due"])
                item["due"] = {"N": str(int(item["due"]["N"]) - LOCK_S)}
            else:
                continue
            self.dynamodb.put_item(TableName=TABLE, Item={**item, "doc": {"S": json.dumps(doc)}})

    def run_until(self, command, at, passed_on):
        """Runs a command through the gate; whether it was killed in that call, or ended before."""
        self.gate.arm(at, passed_on)
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        process = subprocess.Popen(command, env=self.gated, **pipes)
        deadline = time.monotonic() + WITHIN_S
        while not self.gate.reached.is_set():
            if process.poll() is not None:
                return False
            self.assertLess(time.monotonic(), deadline, command)
            time.sleep(0.005)
        process.kill()
        self.assertEqual(process.wait(timeout=10), -signal.SIGKILL, command)
        self.gate.released.set()
        return True

    def killed_everywhere(self, words, check, calls, again=(0,), fleet=True):
        """Kills the command before its first call that changes something and after each, which is before the next, each time
        from the same beginning, and runs it again a minute later; `calls` are those that it makes when nobody kills it."""
        command = self.command(words) if fleet else [self.binary, *words.split()]
        run = self.headroom if fleet else self.plain
        begin = self.saved()
        self.assertFalse(self.run_until(command, 0, False))
        check(words)
        self.assertEqual(self.gate.calls, calls, words)
        for at, passed_on in [(1, False), *((at, True) for at in range(1, len(calls) + 1))]:
            what = f"{words}: killed {'after' if passed_on else 'before'} call {at}, {calls[at - 1]}"
            self.put_back(begin)
            self.assertTrue(self.run_until(command, at, passed_on), what)
            self.a_minute_passes()
            code, out, err = run(words)
            self.assertIn(code, again, f"{what}: {out}{err}")
            check(what)
        self.put_back(begin)


def older(time_of):
    """A time of the table, before the minute of a lock."""
    at = datetime.fromisoformat(time_of.replace("Z", "+00:00")) - timedelta(seconds=LOCK_S)
    return at.astimezone(timezone.utc).isoformat().replace("+00:00", "Z")


WRITE, REGISTER = "TransactWriteItems", "RegisterScalableTarget"
# As it is planned, carried out, and closed.
ONE_CHANGE = [WRITE, REGISTER, WRITE]


class Killed(Killable):
    """What a second run finds of a first, and what it makes of it: each is done once."""

    AT_REST = {"web": (2, 10), "api": (2, 10), "worker": (2, 10)}
    GRANT = "lease grant prod-eu web --floor 4 --for 2h --yes"

    def assert_bounds(self, what, **services):
        self.assertEqual(self.bounds(), {**self.AT_REST, **services}, what)

    def living(self):
        return [json.loads(line) for line in self.ok("lease list --json").splitlines()]

    def setUp(self):
        before = self.saved()
        self.addCleanup(self.put_back, before)

    def test_a_lease_is_granted_once(self):
        def check(what):
            self.assert_bounds(what, web=(4, 10))
            self.assertEqual(len(self.living()), 1, what)

        self.killed_everywhere(self.GRANT, check, ONE_CHANGE)

    def test_within_the_lock_of_who_died_it_is_planned_and_said_so(self):
        self.assertTrue(self.run_until(self.command(self.GRANT), 2, False))
        self.assertIn("planned", self.ok(self.GRANT))
        self.a_minute_passes()
        self.ok(self.GRANT)
        self.assert_bounds("after it", web=(4, 10))

    def test_a_lease_is_undone_and_released_once(self):
        decision = self.ok(self.GRANT).split()[0]
        (lease,) = self.living()

        def check(what):
            self.assert_bounds(what)
            self.assertEqual(self.living(), [], what)

        for words in (f"undo {decision} --yes", f"lease release prod-eu web {lease['id']} --yes"):
            # Once it is over the id of the lease is no living one.
            self.killed_everywhere(words, check, [WRITE, WRITE, REGISTER, WRITE, WRITE], again=(0, 1))

    def test_the_fleet_files_bounds_become_the_baseline_once(self):
        self.fleet.write_text(self.file.replace("worker: { capacity: { min: 2", "worker: { capacity: { min: 3"))
        self.addCleanup(self.fleet.write_text, self.file)

        def applied(what):
            self.assert_bounds(what, worker=(3, 10))
            self.assertNotIn("differs", self.ok("baseline show prod-eu worker"), what)
            adopted = [entry for entry in self.entries() if any("adopted" in json.dumps(r).lower() for r in entry["remarks"])]
            self.assertEqual(len(adopted), 1, what)

        def adopted(what):
            self.assert_bounds(what)
            self.assertRegex(self.ok("baseline show prod-eu worker"), r"worker +3\.\.10 +2\.\.10 +3\.\.10", what)

        self.killed_everywhere("baseline apply prod-eu worker --yes", applied, [WRITE, WRITE, REGISTER, WRITE, WRITE])
        self.killed_everywhere("baseline adopt prod-eu worker --yes", adopted, [WRITE])

    def test_everything_is_given_back_once(self):
        for words in (self.GRANT, "lease grant prod-eu api --max 14 --for 2h --yes"):
            self.ok(words)

        def check(what):
            self.assert_bounds(what)
            self.assertEqual(self.living(), [], what)
            self.assertIn("paused", self.headroom(self.GRANT)[2], what)

        one = [WRITE, WRITE, REGISTER, WRITE, WRITE]
        self.killed_everywhere("stand-down prod-eu --yes", check, ["UpdateItem", *one, *one])

    def test_a_switch_is_switched_once(self):
        for before, words in (("", "pause prod-eu web --for 2h"), ("", "stop prod-eu"), ("stop prod-eu --yes", "resume prod-eu")):
            if before:
                self.ok(before)

            def check(what):
                (switches,) = [item for item in self.items() if item["pk"]["S"] == "CTL"]
                self.assertEqual(switches["stop"]["BOOL"], words.startswith("stop"), what)
                self.assertEqual(len(json.loads(switches["pauses"]["S"])), int(words.startswith("pause")), what)
                self.assertEqual(json.loads(switches["switched"]["S"])[-1]["by"], "ana", what)

            self.killed_everywhere(f"{words} --yes", check, ["UpdateItem"])

    def test_a_notice_is_acknowledged_once(self):
        decision = self.ok("lease grant prod-eu web --hold --for 30m --yes").split()[0]

        def check(what):
            (acked,) = [item for item in self.items() if item["sk"]["S"] == "ACK"]
            self.assertEqual([ack["by"] for ack in json.loads(acked["doc"]["S"])], ["ana"], what)

        self.killed_everywhere(f"ack {decision} --yes", check, ["PutItem"], fleet=False)

    def test_a_deployment_is_taken_back_once(self):
        for image in ("good", "bad"):
            self.post("advance", {"seconds": 1800})
            self.post("deploy", {"service": "prod-eu/web", "image": f"{test_person.ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/web:{image}"})
        self.post("advance", {"seconds": 1800})
        deployments = lambda: next(s["deployments"] for s in self.truth()["services"] if s["name"] == "prod-eu/web")
        code, out, err = self.headroom("rollback prod-eu web")
        self.assertEqual((code, len(deployments())), (2, 3), out + err)
        self.assertIn("say --yes", err)
        # Who was killed after it is told that it is on its way, or done.
        check = lambda what: self.assertEqual(len(deployments()), 4, what)
        self.killed_everywhere("rollback prod-eu web --yes", check, ["UpdateService"], again=(0, 1))


class Flow(World):
    """The functions over a console's world."""

    def __init__(self, console):
        self.folder, self.events, self.environment, self.server = console.folder, console.events, console.environment, console.world


class Earlier(Killable):
    """A world that begins before now, and comes to it while the flow plays: the commands have a clock of their own."""

    @classmethod
    def options(cls):
        cls.events = cls.folder / "events.jsonl"
        return ["--begin", cls.begin.strftime("%Y-%m-%dT%H:%M:%SZ"), "--deliver-command", f"cat >> '{cls.events}'"]


class Accepted(Earlier):
    """A yes to a suggestion, which the flow made over the same table."""

    file = test_at_max.FLEET.replace("CEILING", "15").replace("CONNECTIONS", "1000")
    MINUTES, CALM_MINUTES = 14, 20
    begin = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(minutes=MINUTES + CALM_MINUTES)

    def test_it_is_carried_out_once(self):
        load = lambda requests: self.post("load", {"service": "prod/web", "requests": requests, "work_ms": 60})
        load(test_at_max.CALM)
        self.post("advance", {"seconds": self.CALM_MINUTES * 60})
        load(test_at_max.SURGE)
        Flow(self).play(self.fleet, self.MINUTES, table=self.ministack.url)
        (waiting,) = [entry for entry in self.entries() if entry["status"] == "suggested"]
        words = f"apply {waiting['decision']}"
        code, _, err = self.headroom(words)
        self.assertEqual((code, self.bounds()["web"]), (2, (2, 6)), err)
        self.assertIn("nothing was done: no terminal to ask; say --yes", err)

        def check(what):
            self.assertEqual(self.bounds()["web"], (2, 9), what)
            (entry,) = [entry for entry in self.entries() if entry["decision"] == waiting["decision"]]
            self.assertEqual((entry["status"], entry["accepted"]["by"]), ("acted", "ana"), what)

        self.killed_everywhere(f"{words} --yes", check, ONE_CHANGE)


class Quarantined(Earlier):
    """A revision that was rolled back by the flow over the same table, and let out by a person."""

    file = test_outside.ROLLBACKS
    begin = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(minutes=90)

    def test_it_is_let_out_once(self):
        deploy = lambda image, **more: self.post("deploy", {"service": "prod/web", "image": f"{test_outside.REPOSITORY}:{image}", **more})
        self.post("load", {"service": "prod/web", "requests": 2000, "work_ms": 10})
        deploy("good")
        self.post("advance", {"seconds": 45 * 60})
        deploy("bad", errors_percent=8)
        Flow(self).play(self.fleet, 35, table=self.ministack.url)
        words = "quarantine release prod web prod-web:3"
        self.assertIn("prod-web:3", self.ok("quarantine list prod web"))
        code, _, err = self.headroom(words)
        self.assertEqual(code, 2, err)
        self.assertIn("nothing was done: no terminal to ask; say --yes", err)
        self.assertIn("prod-web:3", self.ok("quarantine list prod web"))
        # Who was killed after it is told that it is out.
        check = lambda what: self.assertNotIn("prod-web:3", self.ok("quarantine list prod web --json"), what)
        self.killed_everywhere(f"{words} --yes", check, [WRITE], again=(0, 1))


class Redriven(Killable):
    """Dead letters over MiniStack's queues, and the function that missed them."""

    HANDLER = "headroom-alarm-handler"
    file = FLEET + "remedies:\n  cpu-high: { when: { metric: cpu, above: 85%, for: 2m }, do: scale-out, size: ratio, lease: 30m }\n"
    SHOWN = test_person.ROOT / "tests" / "person" / "redrive.txt"
    # Each is deleted once it is sent; the minute of a schedule is only deleted.
    CALLS = ["Invoke", "DeleteMessage"] * 2 + ["SendMessage", "DeleteMessage", "DeleteMessage"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        import boto3

        keys = {"aws_access_key_id": test_person.ACCOUNT, "aws_secret_access_key": "none", "region_name": test_person.REGION}
        here = lambda service: boto3.client(service, endpoint_url=cls.ministack.url, **keys)
        cls.sqs, cls.lambda_ = here("sqs"), here("lambda")
        for name in ("headroom-dead-letters", "headroom-notices"):
            cls.sqs.create_queue(QueueName=name)
        compiled = cls.folder / "fleet.json"
        subprocess.run([cls.binary, "compile", str(cls.fleet), "-o", str(compiled)], check=True)
        role = f"arn:aws:iam::{test_person.ACCOUNT}:role/none"
        variables = {
            "HEADROOM_FLEET": str(compiled),
            "HEADROOM_TABLE": TABLE,
            "HEADROOM_TOPIC_ARN": f"arn:aws:sns:{test_person.REGION}:{test_person.ACCOUNT}:none",
            "AWS_ENDPOINT_URL": cls.world.url,
            "AWS_ENDPOINT_URL_DYNAMODB": cls.ministack.url,
        }
        code = tools.zip_function("alarm-handler", cls.folder).read_bytes()
        cls.lambda_.create_function(
            FunctionName=cls.HANDLER, Runtime="provided.al2023", Handler="bootstrap", Role=role, Timeout=30,
            Code={"ZipFile": code}, Environment={"Variables": variables},
        )
        cls.arn = f"arn:aws:lambda:{test_person.REGION}:{test_person.ACCOUNT}:function:{cls.HANDLER}"

    def queue(self, name):
        return self.sqs.get_queue_url(QueueName=f"headroom-{name}")["QueueUrl"]

    def waiting(self, name):
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.sqs.get_queue_attributes(QueueUrl=self.queue(name), AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def dies(self, body, **attributes):
        values = {name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
        self.sqs.send_message(QueueUrl=self.queue("dead-letters"), MessageBody=json.dumps(body), MessageAttributes=values)
        # In milliseconds, and shown in their order.
        time.sleep(0.002)

    def setUp(self):
        """Two events that the function missed, a notice and a minute."""
        for name in ("dead-letters", "notices"):
            self.sqs.purge_queue(QueueUrl=self.queue(name))
        self.gate.receipts.clear()
        event = json.loads((test_person.ROOT / "tests" / "fixtures" / "alarms" / "cpu_high.json").read_text())
        context = {"functionArn": f"{self.arn}:$LATEST", "condition": "RetriesExhausted", "approximateInvokeCount": 3}
        self.dies({"requestContext": context, "requestPayload": event, "responsePayload": {"errorMessage": "throttled"}})
        later = json.loads(json.dumps(event).replace("02:00:31", "02:07:31").replace("02:00:32", "02:07:32"))
        self.assertNotEqual(later, event)
        rule = f"arn:aws:events:{test_person.REGION}:{test_person.ACCOUNT}:rule/headroom-alarm-state-change"
        self.dies(later, RULE_ARN=rule, TARGET_ARN=self.arn, ERROR_CODE="NO_PERMISSIONS", ERROR_MESSAGE="not authorized")
        self.notice = {
            "AlarmName": "headroom-alarm-handler-errors",
            "AlarmArn": f"arn:aws:cloudwatch:{test_person.REGION}:{test_person.ACCOUNT}:alarm:headroom-alarm-handler-errors",
            "AWSAccountId": test_person.ACCOUNT, "Region": "EU (Ireland)", "OldStateValue": "OK", "NewStateValue": "ALARM",
            "NewStateReason": "three errors", "StateChangeTime": "2026-11-23T02:00:31.000+0000",
        }
        self.dies(self.notice, reason="slack: no answer")
        minute = {"source": "headroom.schedule", "detail-type": "Headroom Minute", "detail": {}}
        schedule = f"arn:aws:scheduler:{test_person.REGION}:{test_person.ACCOUNT}:schedule/headroom/headroom-minute"
        self.dies(minute, SCHEDULE_ARN=schedule, TARGET_ARN=self.arn, ERROR_CODE="THROTTLING")

    def cases(self, count):
        """The entries of the events, once the function has journaled so many."""
        deadline = time.monotonic() + WITHIN_S
        while len(found := [entry for entry in self.entries() if entry["event"]]) < count:
            self.assertLess(time.monotonic(), deadline, found)
            time.sleep(0.1)
        return found

    def assert_sent(self, what):
        self.assertEqual(self.waiting("dead-letters"), 0, what)
        entries = self.cases(2)
        self.assertEqual(len(entries), 2, what)
        for entry in entries:
            self.assertIn("dead letter", json.dumps(entry["event"]["again"]), what)
        told = self.sqs.receive_message(QueueUrl=self.queue("notices"), MaxNumberOfMessages=10)["Messages"]
        self.assertEqual([json.loads(message["Body"]) for message in told], [self.notice] * len(told), what)
        return len(told)

    def assert_signed(self, path, headers, body):
        """The call that no SDK makes has the signature that botocore gives it."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        headers = {name.lower(): value for name, value in headers.items()}
        said = dict(re.findall(r"(Credential|SignedHeaders|Signature)=([^,\s]+)", headers["authorization"]))
        signed = {name: headers[name] for name in said["SignedHeaders"].split(";")}
        self.assertLessEqual({"host", "x-amz-date", "x-amz-invocation-type"}, set(signed))
        request = AWSRequest("POST", self.gate.url + path, data=body, headers=signed)
        request.context["timestamp"] = headers["x-amz-date"]
        auth = SigV4Auth(Credentials(test_person.ACCOUNT, "none"), "lambda", test_person.REGION)
        text = auth.string_to_sign(request, auth.canonical_request(request))
        self.assertEqual(said["Signature"], auth.signature(text, request))
        self.assertEqual(said["Credential"], auth.scope(request))

    def test_they_are_shown_refused_without_a_terminal_and_sent(self):
        begin = self.saved()
        self.addCleanup(self.put_back, begin)
        for words, expected in (("redrive prod-eu --dry-run", 0), ("redrive prod-eu", 2)):
            code, out, err = self.headroom(words)
            self.assertEqual((code, self.waiting("dead-letters"), self.waiting("notices")), (expected, 4, 0), out + err)
            shown = re.sub(r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "2026-11-23T03:00:00Z", out + err)
            if os.environ.get("UPDATE_GOLDEN") and expected == 0:
                self.SHOWN.write_text(shown)
            self.assertTrue(shown.startswith(self.SHOWN.read_text()), shown)
        self.assertIn("nothing was done: no terminal to ask; say --yes", err)
        self.dies({"requestContext": {"functionArn": self.arn.replace("headroom-alarm-handler", "payroll"), "condition": "x"}, "requestPayload": {}})
        code, out, err = self.headroom("redrive prod-eu --yes")
        self.assertEqual((code, self.waiting("dead-letters")), (1, 1), out + err)
        self.assertIn("is no function of Headroom's", err)
        self.sqs.purge_queue(QueueUrl=self.queue("dead-letters"))
        self.assertEqual(self.assert_sent("once"), 1)
        self.assertIn("no dead letter", self.ok("redrive prod-eu --yes"))
        # What was decided is told beside what comes again.
        self.setUp()
        self.assertIn("in the journal already: D-", self.ok("redrive prod-eu --dry-run"))

    def test_killed_between_its_calls_and_run_again_none_is_lost_and_none_decided_twice(self):
        begin = self.saved()
        self.addCleanup(self.put_back, begin)
        command = self.command("redrive prod-eu --yes")
        self.assertFalse(self.run_until(command, 0, False))
        self.assert_sent("nobody kills it")
        self.assertEqual(self.gate.calls, self.CALLS)
        self.assert_signed(*self.gate.invoked)
        for at, passed_on in [(1, False), *((at, True) for at in range(1, len(self.CALLS)))]:
            what = f"killed {'after' if passed_on else 'before'} call {at}, {self.CALLS[at - 1]}"
            self.put_back(begin)
            self.setUp()
            self.assertTrue(self.run_until(command, at, passed_on), what)
            code, _, err = self.headroom("redrive prod-eu --yes")
            self.assertEqual(code, 1, f"{what}: the letters are still the dead one's: {err}")
            self.assertIn("look again in a minute", err, what)
            for receipt in self.gate.receipts:
                with contextlib.suppress(self.sqs.exceptions.ClientError):
                    self.sqs.change_message_visibility(QueueUrl=self.queue("dead-letters"), ReceiptHandle=receipt, VisibilityTimeout=0)
            self.ok("redrive prod-eu --yes")
            # A notice that was sent twice is known by its key to whom it goes.
            self.assertEqual(self.assert_sent(what), 2 if (at, passed_on) == (5, True) else 1)


def main():
    tools.build(tools.Progress(1, "build"))
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
