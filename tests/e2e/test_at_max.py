"""Services at their max over HTTP: Headroom inside of `headroom local`, and outside of it with DynamoDB's table.

    python3 tests/e2e/test_at_max.py

Inside, each way to come to a max is played through the control API, and what people hear is read from the page. What
each notice says is golden in tests/at_max, played by the same engine. Outside, a person says yes to the proposal.
"""

import json
import os
import sys
import unittest
from datetime import datetime, timedelta, timezone
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(Path(__file__).resolve().parent)]
sys.dont_write_bytecode = True

import tools
from test_journal import Console, a_table
from test_outside import ACCOUNT, REGION, World, a_folder

FLEET = """\
version: 1
fleet: at-max
environments: [{ name: prod, account: "222222222222", region: eu-west-1, mode: suggest }]
defaults: { cluster: "{environment}-cluster", service: "{environment}-{name}" }
services:
  web:
    capacity: { min: 2, max: 6, ceiling: CEILING }
    scaling: { requests_per_target: 1000, cooldown: { scale_out: 60s, scale_in: 300s } }
    task: { vcpu: 2, memory_gib: 4, architecture: x86_64 }
    depends_on: [database]
dependencies:
  database:
    alarm: database-cpu
    while_high: [no-scale-out]
    severity: warn
    connections: { per_task: 25, max: CONNECTIONS }
remedies:
  at-max: { when: { event: at-max }, do: raise-max, lease: 2h }
"""
# Two policies that undo each other, for forty minutes.
SWINGS = """\
scenario swings
start 2026-11-22T00:00:00Z
service prod/web
  ecs 222222222222 eu-west-1 prod-cluster/prod-web
  task 2 vcpu 4 GiB
  tasks 3
  starts 30s
  healthy 10s
  drain 20s
  bounds 2..10
  step out requests > 1000 1 of 1 change 0..:+2 cooldown 60s
  step in requests < 900 1 of 1 change ..0:-2 cooldown 60s
  load table
    00:00 3400/min 60ms
    00:40 1000/min 60ms
"""
# Load that two tasks carry, that asks for three, and for nine.
CALM, MORE, SURGE = 1600, 2300, 8400
# A quarter of an hour in which the poll looks at each service once, and the delay of a minute's metrics.
A_ROUND = 17


class Inside(unittest.TestCase):
    """`headroom local --headroom`, driven through its control API."""

    def world(self, ceiling=15, connections=1000, faults="", scenario=None):
        folder = a_folder(self)
        fleet = folder / "headroom.yaml"
        fleet.write_text(FLEET.replace("CEILING", str(ceiling)).replace("CONNECTIONS", str(connections)))
        source = ["--fleet", fleet]
        if scenario:
            path = folder / "scenario.txt"
            path.write_text(scenario)
            source.insert(0, path)
        self.local = World(self, folder, *source, faults=faults, more=["--headroom"])

    def load(self, requests):
        self.local.post("load", {"service": "prod/web", "requests": requests, "work_ms": 60})

    def minutes(self, minutes):
        self.local.post("advance", {"seconds": minutes * 60})

    def told(self):
        """Kinds of the newest notices, oldest first, without those that only go on."""
        kinds = [notice["kind"] for notice in reversed(self.local.get("view")["notices"])]
        return [kind for kind in kinds if kind != "at-max-goes-on"]

    def said(self, kind):
        """The lines of the newest notice of a kind."""
        notice = next(notice for notice in self.local.get("view")["notices"] if notice["kind"] == kind)
        return {line[0]: line[1] for line in notice["lines"]}

    def surge(self):
        self.load(CALM)
        self.minutes(20)
        self.load(SURGE)
        self.minutes(12)

    def test_max_is_reached_and_left(self):
        self.world()
        self.surge()
        self.assertEqual(self.told(), ["at-max"])
        self.assertIn("max 6 -> 9", self.said("at-max")["Proposal"])
        self.minutes(32)
        self.assertEqual(self.told(), ["at-max", "at-max-paged"])
        self.load(CALM)
        self.minutes(30)
        self.assertEqual(self.told(), ["at-max", "at-max-paged", "episode-over"])
        self.assertEqual(self.local.get("truth")["services"][0]["bounds"]["max"], 6, "only proposed")

    def test_an_event_that_is_lost_costs_a_round_of_the_poll_at_most(self):
        self.world(faults="event lose 100%\n")
        self.surge()
        self.minutes(A_ROUND)
        self.assertEqual(self.told()[0], "at-max")

    def test_a_service_that_sits_at_max_is_found_without_an_event(self):
        self.world(faults="event lose 100%\n")
        self.load(SURGE)
        self.minutes(A_ROUND + 10)
        self.assertEqual(self.told()[0], "at-max")

    def test_a_quota_that_is_too_small_pages_at_once(self):
        self.world()
        self.local.post("break", {"service": "prod/web", "quota_vcpu": 12})
        self.surge()
        self.assertEqual(self.told(), ["at-max-blocked"])
        self.assertIn("vCPU quota 12 of 12 used", self.said("at-max-blocked")["No proposal"])

    def test_the_ceiling_pages_at_once(self):
        self.world(ceiling=6)
        self.surge()
        self.assertEqual(self.told(), ["at-max-blocked"])

    def test_what_a_database_takes_bounds_the_proposal(self):
        self.world(connections=175)
        self.surge()
        self.assertIn("max 6 -> 7", self.said("at-max")["Proposal"])

    def test_scaling_that_fails_is_told_once_and_closed_with_the_next_success(self):
        self.world()
        self.load(CALM)
        self.minutes(20)
        self.local.post("break", {"service": "prod/web", "scaling_fails": True})
        self.load(MORE)
        self.minutes(30)
        self.assertEqual(self.told(), ["scaling-failed"])
        self.local.post("break", {"service": "prod/web", "scaling_fails": False})
        self.minutes(30)
        self.assertEqual(self.told(), ["scaling-failed", "episode-over"])

    def test_tasks_that_come_and_go_in_turn_are_told_once(self):
        self.world(scenario=SWINGS)
        self.minutes(60)
        self.assertEqual(self.told(), ["flapping"])
        self.minutes(120)
        self.assertEqual(self.told(), ["flapping", "episode-over"])


class Outside(unittest.TestCase):
    """The flow over the SDK with a table in MiniStack, and `headroom apply` of what it proposes."""

    MINUTES = 14

    def test_a_person_says_yes_to_the_proposal_once(self):
        console = Console(self)
        ministack = a_table(self, console.folder, ACCOUNT, REGION)
        console.environment["AWS_ENDPOINT_URL_DYNAMODB"] = ministack.url
        fleet = console.folder / "headroom.yaml"
        fleet.write_text(FLEET.replace("CEILING", "15").replace("CONNECTIONS", "1000"))
        # The command has a clock of its own: the world's is there when it is run.
        begin = datetime.now(timezone.utc).replace(microsecond=0) - timedelta(minutes=self.MINUTES + 20)
        world = World(self, console.folder, "--fleet", fleet, begin=begin.strftime("%Y-%m-%dT%H:%M:%SZ"))
        world.post("load", {"service": "prod/web", "requests": CALM, "work_ms": 60})
        world.post("advance", {"seconds": 20 * 60})
        world.post("load", {"service": "prod/web", "requests": SURGE, "work_ms": 60})
        world.play(fleet, self.MINUTES, table=ministack.url)
        self.assertEqual([notice["kind"] for notice in world.notices()][:1], ["at-max"], world.notices())
        console.environment["AWS_ENDPOINT_URL"] = world.server.url
        listed = console.run("journal", "--since", "1h", "--json")
        entries = [json.loads(line) for line in listed.stdout.splitlines()]
        (waiting,) = [entry for entry in entries if entry["status"] == "suggested"]
        max_of = lambda: world.get("truth")["services"][0]["bounds"]["max"]
        dry = console.run("apply", waiting["decision"], "--dry-run", "--by", "ana", "--fleet", fleet)
        self.assertEqual((dry.returncode, max_of()), (0, 6), dry.stderr)
        yes = console.run("apply", waiting["decision"], "--yes", "--by", "ana", "--fleet", fleet)
        self.assertEqual((yes.returncode, max_of()), (0, 9), yes.stdout + yes.stderr)
        again = console.run("apply", waiting["decision"], "--yes", "--by", "ben", "--fleet", fleet)
        self.assertEqual((again.returncode, max_of()), (0, 9), again.stderr)
        self.assertIn("accepted by ana", again.stdout)


def main():
    # Started with any Python: the packages are in the virtual environment only.
    if Path(sys.prefix).resolve() != tools.VENV.resolve():
        tools.check_prerequisites()
        tools.ensure_venv(tools.Progress(1, "tools"))
        os.execv(str(tools.VENV_PYTHON), [str(tools.VENV_PYTHON), *sys.argv])
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
