"""The JSON Schema of the fleet file, as editors use it, against `headroom check`.

    python3 tests/e2e/test_schema.py

makes the virtual environment, builds the command line, and runs every test.
"""

import json
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(Path(__file__).resolve().parent)]
sys.dont_write_bytecode = True

import tools

SCHEMA = ROOT / "examples" / "headroom.schema.json"
FLEETS = ROOT / "tests" / "fixtures" / "fleets"
EXAMPLES = sorted((ROOT / "examples").glob("*/headroom.yaml"))
EVERY_KEY = FLEETS / "every_key.yaml"
HEADROOM = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "headroom"
LANGUAGE_SERVER = re.compile(r"^# yaml-language-server: \$schema=(\S+)$", re.MULTILINE)

# Planted mistakes that no YAML reader gets past, so that no schema is asked.
UNREADABLE = {"duplicate_key", "duplicate_service", "several_at_once", "syntax", "tab"}

# Planted mistakes that a schema cannot see, by the reason.
UNSEEN = {
    "a name is compared with names elsewhere in the file": {
        "duplicate_environment",
        "unknown_channel_in_route",
        "unknown_dependency",
        "unknown_environment_in_route",
        "unknown_environment_in_schedule",
        "unknown_environment_in_service",
        "unknown_remedy_in_service",
        "unknown_service_in_route",
        "unknown_service_in_schedule",
        "unknown_service_in_switch",
    },
    "two values are compared": {
        "hard_end_before_lease",
        "start_under_floor",
        "switch_stops_the_new_service",
        "switch_to_itself",
        "window_without_length",
    },
    "what a service comes to over four levels is compared, or lacking": {
        "ceiling_under_max",
        "cost_of_unknown_size",
        "floor_over_max",
        "min_over_max",
        "more_healthy_targets_than_max",
        "no_cluster",
        "ratio_without_target",
        "remedies_tie_by_alarm",
        "remedies_tie_by_event",
        "remedies_tie_by_metric",
        "start_outside_min_and_max",
        "two_services_one_name",
    },
    "a schema sees a text, not whether it stands in quotes": {
        "holiday_unquoted",
        "time_unquoted",
        "time_unquoted_morning",
    },
}


def path_of(steps):
    """A place as problems name it."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def values(node, steps=()):
    """Every place of a file but the whole."""
    if steps:
        yield steps
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in pairs:
        yield from values(value, (*steps, key))


def at(node, steps):
    for step in steps:
        node = node[step]
    return node


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        import jsonschema
        import yaml
        import yaml12

        cls.yaml12, cls.yaml_error = yaml12, yaml.YAMLError
        cls.schema = json.loads(SCHEMA.read_text())
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def read(self, path):
        return self.yaml12.load(path.read_text())

    def test_is_a_schema_of_its_draft_and_what_the_command_prints(self):
        self.validator.check_schema(self.schema)
        printed = subprocess.run([HEADROOM, "schema"], capture_output=True, text=True, check=True).stdout
        self.assertEqual(printed, SCHEMA.read_text(), "target/debug/xtask generate")

    def test_is_where_the_examples_say(self):
        self.assertGreaterEqual(len(EXAMPLES), 3)
        for example in EXAMPLES:
            named = LANGUAGE_SERVER.findall(example.read_text())
            self.assertEqual([(example.parent / name).resolve() for name in named], [SCHEMA], example)

    def test_right_files_are_right(self):
        for path in [*EXAMPLES, *FLEETS.glob("*.yaml"), *FLEETS.glob("warned/*.yaml")]:
            with self.subTest(path.name):
                self.assertEqual([error.message for error in self.validator.iter_errors(self.read(path))], [])

    def test_planted_mistakes_are_seen_but_for_those_with_a_reason(self):
        unreadable, unseen = set(), set()
        for path in sorted(FLEETS.glob("bad/*.yaml")):
            try:
                fleet = self.read(path)
            except self.yaml_error:
                unreadable.add(path.stem)
                continue
            if self.validator.is_valid(fleet):
                unseen.add(path.stem)
        self.assertEqual(unreadable, UNREADABLE)
        self.assertEqual(unseen, set.union(*UNSEEN.values()))

    def test_every_example_that_editors_show_is_valid(self):
        shown = 0
        for steps in values(self.schema):
            if steps[-1] != "examples":
                continue
            place = at(self.schema, steps[:-1])
            for example in place["examples"]:
                own = self.validator.evolve(schema={**place, "$defs": self.schema["$defs"]})
                self.assertEqual([error.message for error in own.iter_errors(example)], [], path_of(steps))
                shown += 1
        self.assertGreater(shown, 100)

    def test_a_default_is_valid_where_it_holds(self):
        held = 0
        for steps in values(self.schema):
            if steps[-1] == "default":
                place = at(self.schema, steps[:-1])
                own = self.validator.evolve(schema={**place, "$defs": self.schema["$defs"]})
                self.assertTrue(own.is_valid(place["default"]), path_of(steps))
                held += 1
        self.assertGreater(held, 15)

    def test_the_sample_has_every_key(self):
        sample = json.dumps(self.read(EVERY_KEY))
        keys = {key for steps in values(self.schema) if steps[-1] == "properties" for key in at(self.schema, steps)}
        self.assertGreater(len(keys), 100)
        self.assertEqual([key for key in sorted(keys) if f'"{key}":' not in sample], [])


if __name__ == "__main__":
    unittest.main()
