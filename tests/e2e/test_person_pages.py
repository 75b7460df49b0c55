"""docs/oncall.md and docs/runbook.md, executed: every command of their code blocks, in their order.

    python3 tests/e2e/test_person_pages.py
"""

import json
import re
import unittest
from pathlib import Path

import test_person
from test_person import FLEET, ROOT

import tools

DOCS = ROOT / "docs"
# Commands that take no fleet file.
WITHOUT_FLEET = ("explain", "journal", "ack")
# Commands that change something, and ask.
ASKING = ("apply", "ack", "undo", "pause", "resume", "stop", "stand-down", "rollback", "lease grant", "baseline adopt", "baseline apply", "redrive")
# Neither a suggestion nor a second deployment is in this world, and nothing of Headroom is deployed: the answer is no.
NO = ("apply", "rollback", "doctor")
REMEDY = "remedies:\n  slow: { when: { metric: cpu, above: 85%, for: 2m }, do: notify-only }\n"


def commands(page):
    """The commands of the code blocks and of the table of what one can do, each with its line."""
    found, fenced = [], False
    for number, line in enumerate(page.read_text().splitlines(), 1):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced and line.startswith("headroom "):
            found.append((number, line.split("#")[0].strip()))
        elif line.startswith("|"):
            # A command with all that it needs; `headroom stop` alone names it only.
            found += [(number, c) for c in re.findall(r"`(headroom [^`]+)`", line) if len(c.split()) > 2]
    return found


class Pages(test_person.Console):
    file = FLEET + REMEDY

    @classmethod
    def setUpClass(cls):
        import boto3

        super().setUpClass()
        keys = {"aws_access_key_id": test_person.ACCOUNT, "aws_secret_access_key": "none", "region_name": test_person.REGION}
        sqs = boto3.client("sqs", endpoint_url=cls.ministack.url, **keys)
        sqs.create_queue(QueueName="headroom-dead-letters")

    def execute(self, page):
        executed = []
        decision = self.ok("lease grant prod-eu api --floor 3 --for 1h --yes").split()[0]
        for number, command in commands(page):
            words = re.sub(r"D-\w{5}", decision, command).removeprefix("headroom ")
            if words.startswith("apply"):
                words = "apply D-22222"
            if words.startswith(ASKING):
                words += " --yes"
            code, out, err = self.plain(words) if words.startswith(WITHOUT_FLEET) else self.headroom(words)
            self.assertEqual(code, int(words.startswith(NO)), f"{page.name}:{number} {words}: {out}{err}")
            executed.append(words)
        return executed

    def test_every_command_of_the_page_for_whoever_was_paged_runs(self):
        executed = self.execute(DOCS / "oncall.md")
        for verb in ("status", "explain", "journal", "lease list", "lease grant", "undo", "ack", "pause", "resume", "doctor", "stand-down"):
            self.assertTrue(any(words.startswith(verb) for words in executed), (verb, executed))
        self.assertEqual(self.bounds(), {"web": (2, 10), "api": (2, 10), "worker": (2, 10)}, "it ends by standing down")
        self.ok("resume prod-eu --yes")

    def test_every_command_of_the_runbook_runs(self):
        executed = self.execute(DOCS / "runbook.md")
        self.assertGreaterEqual(len(executed), 5, executed)
        self.ok("resume prod-eu --yes")

    def test_the_runbook_names_every_alarm_of_headroom_itself(self):
        manifest = json.loads((ROOT / "infra" / "generated" / "functions.json").read_text())
        runbook = (DOCS / "runbook.md").read_text()
        for alarm in manifest["alarms"]:
            name = alarm["name"]
            # Those of a function are told together, by how they end.
            told = (f"`{name}`", f"`-{name.rsplit('-', 1)[1]}`")
            self.assertTrue(any(words in runbook for words in told), name)


def main():
    tools.build(tools.Progress(1, "build"))
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
