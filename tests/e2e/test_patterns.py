"""Every pattern of ours, asked of EventBridge's own TestEventPattern as MiniStack has it: it matches the fixtures of
its source and none of the others. The same question that `tests/src/events/patterns.rs` asks our own matcher.

    python3 tests/e2e/test_patterns.py

Nothing here talks to AWS.
"""

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "demo"))
sys.dont_write_bytecode = True

import tools

FIXTURES = ROOT / "tests" / "fixtures" / "events"
MANIFEST = ROOT / "infra" / "generated" / "functions.json"
ACCOUNT = "222222222222"


def fixtures():
    """Events with an EventBridge envelope, by path below the folder; TestEventPattern takes no others."""
    events = {}
    for path in sorted(FIXTURES.rglob("*.json")):
        name = path.relative_to(FIXTURES)
        if path.parent != FIXTURES and "malformed" not in name.parts:
            event = json.loads(path.read_text())
            if isinstance(event, dict) and {"source", "detail-type"} <= event.keys():
                events[name] = event
    return events


class Patterns(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import boto3
        import servers

        folder = tempfile.TemporaryDirectory(prefix="headroom-patterns-")
        cls.addClassCleanup(folder.cleanup)
        server = servers.start_ministack(Path(folder.name), ACCOUNT)
        cls.addClassCleanup(server.stop)
        server.wait_ready()
        secrets = {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "local"}
        cls.events = boto3.client("events", "eu-west-1", endpoint_url=server.url, **secrets)
        cls.patterns = json.loads((FIXTURES / "patterns.json").read_text())

    def matches(self, pattern, event):
        answer = self.events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))
        return answer["Result"]

    def test_each_matches_the_fixtures_of_its_source_and_none_of_the_others(self):
        events, asked = fixtures(), 0
        for source, pattern in self.patterns.items():
            own = 0
            for name, event in events.items():
                expected = name.parts[0] == source and "not_selected" not in name.parts
                self.assertEqual(self.matches(pattern, event), expected, f"{name} and the pattern of {source}")
                own, asked = own + expected, asked + 1
            self.assertGreater(own, 0, source)
        print(f"{asked} questions about {len(self.patterns)} patterns and {len(events)} events")

    def test_a_rule_has_no_other_pattern(self):
        functions = json.loads(MANIFEST.read_text())["functions"].values()
        rules = [rule for function in functions for rule in function["rules"]]
        self.assertTrue(rules)
        for rule in rules:
            self.assertIn(rule["pattern"], self.patterns.values(), rule["name"])


def main():
    # Started with any Python: the packages are in the virtual environment only.
    if Path(sys.prefix).resolve() != tools.VENV.resolve():
        tools.check_prerequisites()
        tools.ensure_venv(tools.Progress(1, "tools"))
        command = [str(tools.VENV_PYTHON), str(Path(__file__).resolve()), *sys.argv[1:]]
        os.execv(command[0], command)
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
