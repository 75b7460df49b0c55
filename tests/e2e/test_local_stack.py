"""End to end on the local stack: the real zips, the deployed template, counts taken at the far side.

    python3 tests/e2e/test_local_stack.py

makes the virtual environment, builds, and runs every test. Nothing here talks to AWS.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import unittest
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(ROOT / "tests" / "infra")]
sys.dont_write_bytecode = True

import permissions
import tools

DEMO = ROOT / "demo" / "demo.py"
# What befalls the calls to Slack and PagerDuty; each kind twice.
MISCHIEF = ["too-many", "error", "taken-then-error", "slow", "malformed", "closes-midway"] * 2
# The longest story: two passes of the reconciler, each up to 75 s away, and the beats before.
STORY_WITHIN_S = 480


def demo(*options, python=str(tools.VENV_PYTHON), **environment):
    """Runs the demo to its end: exit code and everything it wrote."""
    env = {name: value for name, value in os.environ.items() if name not in ("KEEP", "HEADROOM_DEMO_BEGAN")}
    command = [python, str(DEMO), *options]
    env.update(environment)
    pipe = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env=env, **pipe) as process:
        try:
            output, _ = process.communicate(timeout=STORY_WITHIN_S)
        except subprocess.TimeoutExpired:
            # SIGTERM, not SIGKILL: it ends its servers.
            process.terminate()
            output, _ = process.communicate(timeout=30)
            raise AssertionError(f"no end within {STORY_WITHIN_S} s\n{output}") from None
    return process.returncode, output


def stack_secrets():
    """The values of the stack's secrets."""
    import stack

    return stack.SECRETS.values()


class Clean(unittest.TestCase):
    """A test that must leave the machine as it found it."""

    def setUp(self):
        self.before = set(_runs())

    def assert_nothing_left(self, output):
        self.assertEqual(set(_runs()), self.before, "files of the run were left")
        for port in _ports(output):
            with socket.socket() as probe:
                self.assertNotEqual(probe.connect_ex(("127.0.0.1", port)), 0, f"port {port} still answers\n{output}")


class TheStory(Clean):
    def test_ends_with_every_service_at_its_baseline_and_leaves_nothing_behind(self):
        code, output = demo()
        self.assertEqual(code, 0, output)
        print(output)
        self.assertIn("12 of 12 services at their baseline; 2 changes, 2 notices", output)
        self.assertIn("10 duplicates, 0 changes, 0 notices", output)
        self.assertIn("0 dead letters", output)
        self.assertRegex(output, r" journal  \d+ entries; D-\w{5} explained; its incident exported, \d+ lines of it")
        self.assert_nothing_left(output)

    def test_a_missing_prerequisite_is_named_before_anything_is_done(self):
        code, output = demo(PATH="/nowhere")
        self.assertEqual(code, 1, output)
        self.assertIn("cargo", output)
        self.assertIn("a C compiler", output)
        self.assertNotIn("1/5", output)

    def test_interrupted_it_leaves_no_process_port_or_file(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number.name):
                command = [str(tools.VENV_PYTHON), "-u", str(DEMO)]
                written = []
                with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
                    for line in process.stdout:
                        written.append(line)
                        if "4/5" in line:
                            process.send_signal(number)
                output = "".join(written)
                self.assertEqual(process.wait(), 128 + number, output)
                self.assertTrue(_ports(output), output)
                self.assert_nothing_left(output)


class TakenAway(Clean):
    def assert_story_fails(self, what, *expected):
        code, output = demo("--without", what)
        self.assertEqual(code, 1, output)
        for text in expected:
            self.assertIn(text, output)
        self.assertNotIn(" checked ", output)
        self.assert_nothing_left(output)

    def test_without_the_rule_no_event_arrives(self):
        self.assert_story_fails("rule", "EVENT reaches nobody")

    def test_without_the_lambda_permission_no_event_arrives(self):
        self.assert_story_fails("permission", "EVENT reaches nobody", "does not let rule")

    def test_without_the_table_nothing_is_decided(self):
        self.assert_story_fails("table", "DECIDED did not come within 30 s", "RequestId")


class OneStack(unittest.TestCase):
    """One event many times, for two services: in sequence, and at once; and notices to services that misbehave."""

    @classmethod
    def setUpClass(cls):
        import stack

        # The events are the world's own; how often they arrive is the tests' business.
        cls.local = stack.Stack(delivers=False).__enter__()
        cls.addClassCleanup(cls.local.__exit__, None, None, None)
        stack.raise_stack(cls.local, tools.Progress)

    def deliver_to(self, label, send):
        """Sends a fresh event of the service with `send`, waits for all of its invocations, and counts."""
        import events

        local, service = self.local, self.local.fleet.find(label)
        local.fleet.load(service, 850, 95.0, service["capacity"]["min"])
        alarm = f"{service['service']}-cpu-high"
        arrived = self.wait_for(lambda: local.relay.alarms(alarm, "ALARM"), "the alarm")
        event, functions, refused = arrived[0]
        # An alarm wakes three: the one whose remedy it is answers, and the others look for a deployment to blame and for
        # a max that it is about.
        others = ["headroom-error-rate-rollback", "headroom-max-capacity-notifier"]
        self.assertEqual(functions, [local.control.handler, *others], refused)
        functions = [local.control.handler]
        calls, notices, ended = local.scaling.mark(), len(local.notices()), self.ended()
        send(events, functions, event, ended)
        self.wait_for(lambda: self.ended() == ended + 5, "five invocations")
        self.wait_for(lambda: local.fleet.bounds(service) == (3, service["capacity"]["max"]), "min 3")
        self.wait_for(lambda: len(local.notices()) > notices, "the message")
        # A second message, if there were one, gets as long as a real one takes.
        time.sleep(1)
        self.assert_done_once(service, calls, notices)

    def assert_done_once(self, service, calls, notices):
        local = self.local
        (state,) = [i for i in local.items("S#", "STATE") if i["pk"].endswith("#" + service["service"])]
        leases = list(json.loads(state["doc"])["leases"].values())
        self.assertEqual([(lease["floor"], lease["ended"]) for lease in leases], [(3, None)], local.last_words())
        registered = [c.json() for c in local.scaling.select("RegisterScalableTarget", calls)]
        self.assertEqual(len(registered), 1, registered)
        self.assertEqual(registered[0]["ResourceId"], f"service/{service['cluster']}/{service['service']}")
        self.assertEqual(registered[0]["MinCapacity"], 3)
        messages = local.notices()[notices:]
        self.assertEqual(len(messages), 1, messages)
        cases = [json.loads(i["doc"]) for i in local.items("C#", "CASE")]
        alarm = (f"{service['service']}-cpu-high", "ALARM")
        events = [c["event"] or {} for c in cases]
        self.assertEqual(len([e for e in events if (e.get("name"), e.get("state")) == alarm]), 1)
        self.assertEqual(local.dead_letters(), 0)

    def ended(self):
        return self.local.invocations(self.local.control.handler)

    def wait_for(self, true, what, within=30):
        deadline = time.monotonic() + within
        while not (found := true()):
            self.assertLess(time.monotonic(), deadline, f"{what} did not come\n{self.local.last_words()}")
            time.sleep(0.2)
        return found

    def test_five_invocations_one_after_the_other_do_it_once(self):
        def one_by_one(events, functions, event, ended):
            for number in range(1, 6):
                events.deliver(self.local.here, functions, event)
                self.wait_for(lambda: self.ended() >= ended + number, f"invocation {number}")

        self.deliver_to("prod-eu/web", one_by_one)

    def test_services_that_misbehave_get_each_notice_once(self):
        local, began = self.local, self.local.people()
        for name in MISCHIEF:
            request = urllib.request.Request(f"{local.world.url}/_headroom/receiver", json.dumps({"mischief": name}).encode())
            urllib.request.urlopen(request, timeout=10).close()
        titles = [f"prod-eu/web: the notice number {number} of nine" for number in range(9)]
        for number, title in enumerate(titles):
            notice = {
                "incident": f"prod-eu/web/misbehaving/{number}", "kind": "told", "revision": int(time.time() * 1000),
                "severity": "page" if number < 3 else "warn", "service": "prod-eu/web", "decision": f"D-0000{number}",
                "title": title, "lines": [["Why", "a test"]],
            }
            local.here("sns").publish(TopicArn=local.control.topic, Message=json.dumps(notice))
        expected = {"threads": began["threads"] + 9, "alerts": began["alerts"] + 3, "mischief_left": 0}

        def told():
            seen = local.people()
            return {name: seen[name] for name in expected} == expected and seen

        # What was perhaps taken is looked for when its lock has ended, a minute later.
        seen = self.wait_for(told, "each notice", within=240)
        # Nothing is left that could say anything a second time.
        sqs = local.here("sqs")
        queue = sqs.get_queue_url(QueueName="headroom-notices")["QueueUrl"]
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]

        def left():
            return sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]

        self.wait_for(lambda: all(int(left()[name]) == 0 for name in names), "an empty queue", within=120)
        seen = local.people()
        for number, title in enumerate(titles):
            said = seen["people"].count(title)
            self.assertEqual(said, 2 if number < 3 else 1, f"{title}\n{seen['people']}")
        self.assertEqual((seen["threads"], seen["alerts"]), (expected["threads"], expected["alerts"]), seen["people"])
        self.assertEqual(local.dead_letters(), 0, local.last_words())
        lines = "\n".join(local.log_lines("headroom-notifier"))
        self.assertIn('"message":"told later"', lines, "the log that is searched for secrets is another one")
        for secret in stack_secrets():
            self.assertNotIn(secret, lines + seen["people"])
        made = permissions.called((local.aws, local.scaling))
        self.assertEqual(permissions.not_permitted(made), [])
        self.assertLessEqual(permissions.OF_A_NOTICE, made)

    def test_five_invocations_at_once_do_it_once(self):
        def at_once(events, functions, event, _ended):
            events.deliver(self.local.here, functions, event, 5, at_once=True)

        self.deliver_to("prod-eu/web-iso", at_once)


def _runs():
    import stack

    return [path.name for path in stack.RUNS.iterdir()] if stack.RUNS.exists() else []


def _ports(output):
    """Ports of both servers, from the demo's own line."""
    lines = [line for line in output.splitlines() if "3/5" in line]
    return [int(port) for line in lines for port in re.findall(r"127\.0\.0\.1:(\d+)", line)]


def main():
    # Started with any Python: the packages are in the virtual environment only.
    if Path(sys.prefix).resolve() != tools.VENV.resolve():
        tools.check_prerequisites()
        tools.ensure_venv(tools.Progress(1, "tools"))
        tools.build(tools.Progress(2, "build"))
        os.execv(str(tools.VENV_PYTHON), [str(tools.VENV_PYTHON), *sys.argv])
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
