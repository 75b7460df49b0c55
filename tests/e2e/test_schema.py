"""The JSON Schema of the fleet file, as editors use it, against `headroom check`.

    python3 tests/e2e/test_schema.py

makes the virtual environment, builds the command line, and runs every test.
"""

import copy
import json
import os
import re
import subprocess
import sys
import tempfile
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
        "forecast_of_a_week",
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
        "two_rollbacks",
        "two_services_one_name",
    },
    "a schema sees a text, not whether it stands in quotes": {
        "holiday_unquoted",
        "time_unquoted",
        "time_unquoted_morning",
    },
}

# What people write in a wrong place: other types, other units, one beside each bound.
OTHER_TYPES = [None, True, 3, 1.5, "", "x", [], {}, ["x"], [3], ["x", "x"], [{}], {"x": 1}, {"x": {}}]
WRONG = (
    OTHER_TYPES
    + [" ", "on", "No", "a b", "-x", "x" * 65, "ö", "{environment}"]
    + [-1, 0, 1, 2, 60, 61, 199, 200, 201, 599, 600, 5_000, 5_001, 10_000, 10_001, 1_000_000, 1_000_001, 0.24, 16.5]
    + ["0s", "4s", "5s", "9s", "10s", "59s", "60s", "119s", "120s", "3600s", "3601s", "007s", "86400s", "86401s"]
    + ["0m", "1m", "2m", "60m", "61m", "1440m", "1441m", "1h", "24h", "25h", "1d", "2d", "30d", "31d"]
    + ["1.5h", "5min", "-1m"]
    + ["49.9%", "50%", "070%", "90.0%", "90.1%", "0%", "00.00%", "0.1%", "100%", "100.1%", "1e1%", "70", ".5%", "5.%"]
    + ["0ms", "500ms", "3600.0s", "3600.1s", "3600000ms", "3600001ms", "2 s", "50 USD", "0.5 USD", "50USD", "50 EUR"]
    + ["daily", "mon-fri", "mon-mon", "sun", ["mon", "mon"], ["mon"], "24:00", "8:00", "23:59", "learned"]
    + ["a.ics", "../a.ics"]
    + [["2026-12-25"], ["2026-13-01"], "12345678901", "123456789012", "eu-west-1", "eu-west", "CET", "Europe/Berlin"]
    + ["#ops", "#Ops", "ops", "C0123ABCD", "ops@example.com", "ops@example", "secretsmanager:a"]
    + ["secretsmanager:", "ssm:a", "ssm:/a/b", "ssm:/a//b", "http://a.b"]
    + ["http://a:0", "http://a:65536", "ftp://a", "http://u:p@a"]
    + ["/a b", "/a", "a..b"]
    + ["AWS/RDS:Reads", "AWS/RDS", "page", "warn", "info", "act", "cpu", "at-max", "cache.t3.micro", "arm64", "ratio"]
)
# What the reader compares with something else in the file; nothing else may pass the schema.
COMPARED = (
    re.compile(r"^unknown (environment|service|remedy|dependency or service|channel) `"),
    re.compile(r"^(min|ceiling|start|floor|hard_end) .* (over|outside|under|before) "),
)
# Services and environments stand as keys here: what the file calls them, a schema does not know.
KEYED_BY_NAME = re.compile(r"^(services\.[\w-]+\.in|costs\.[\w-]+|switches\.[\w-]+\.after_watch)\.")
# What a pattern does not say: a remainder, and the length of a name once its placeholders are filled.
REMAINS = ("whole minutes", "a name of at most")


# What the sample's schedule names, and what is told of another name.
HOLIDAYS = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261226\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
NO_FILE = "No such file or directory"


def check(fleet):
    """The problems that the reader finds in a file."""
    with tempfile.TemporaryDirectory() as folder:
        # JSON is YAML; in many lines, as the reader takes no line of a whole file.
        file = Path(folder, "headroom.yaml")
        file.write_text(json.dumps(fleet, separators=(",\n", ": ")))
        calendars = Path(folder, "calendars")
        calendars.mkdir()
        (calendars / "holidays.ics").write_text(HOLIDAYS)
        run = subprocess.run([HEADROOM, "check", "--json", file], capture_output=True, text=True, check=False)
    if NO_FILE in run.stderr:
        # The value has the form of a file's name; that there is no such file is no matter of form.
        return []
    if run.returncode == 2 or run.stderr:
        raise AssertionError(f"exit {run.returncode}: {run.stderr}")
    return json.loads(run.stdout).get("problems", [])


def path_of(steps):
    """A place as problems name it."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def within(path, place):
    return place in ("", path) or path.startswith((f"{place}.", f"{place}["))


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


class Wrong(unittest.TestCase):
    """Wrong values in every place of the sample: what the schema says of them, and what the reader."""

    @classmethod
    def setUpClass(cls):
        import jsonschema
        import yaml12

        cls.schema = json.loads(SCHEMA.read_text())
        cls.validator = jsonschema.Draft202012Validator(cls.schema)
        cls.sample = yaml12.load(EVERY_KEY.read_text())

    def follow(self, steps):
        """The schema of a place; and the length of the way to the entity around it that may stand several times."""
        node, entity = self.schema, None
        for number, step in enumerate(steps):
            while "$ref" in node:
                node = self.schema["$defs"][node["$ref"].rpartition("/")[2]]
            if isinstance(step, int):
                node = next(form["items"] for form in [node, *node.get("anyOf", [])] if "items" in form)
                # A list inside an entity is part of it.
                entity = entity or (number + 1 if number == 1 else None)
            elif step in node.get("properties", {}):
                node = node["properties"][step]
            else:
                node = node["additionalProperties"]
                entity = entity or number + 1
        return node, entity

    def places(self):
        """One place of the sample for each schema, whatever its sentence."""
        places = {}
        for steps in values(self.sample):
            schema, entity = self.follow(steps)
            told = {key: value for key, value in schema.items() if key != "description"}
            key = (json.dumps(told), steps[-1] if isinstance(steps[-1], str) and "allOf" not in told else "")
            if places.get(key, (None, None))[1] is None:
                places[key] = (steps, entity)
        return list(places.values())

    def wrong(self, steps):
        """To a mapping or a list one text is as wrong as another."""
        return OTHER_TYPES if self.follow(steps)[0].get("type") in ("object", "array") else WRONG

    def files(self, steps, entity):
        """The sample with every wrong value in a place: in as many files, or in copies of the entity around it."""
        if entity is None:
            for value in self.wrong(steps):
                fleet = copy.deepcopy(self.sample)
                at(fleet, steps[:-1])[steps[-1]] = value
                yield fleet, [((), steps, value)]
            return
        fleet, variants = copy.deepcopy(self.sample), []
        among = at(fleet, steps[: entity - 1])
        for number, value in enumerate(self.wrong(steps)):
            whole = {"here": copy.deepcopy(among[steps[entity - 1]])}
            inside = ("here", *steps[entity:])
            if isinstance(whole["here"], dict) and "name" in whole["here"]:
                whole["here"]["name"] = f"copy-{number}"
            at(whole, inside[:-1])[inside[-1]] = value
            if isinstance(among, list):
                among.append(whole["here"])
                name = len(among) - 1
            else:
                name = f"copy-{number}"
                among[name] = whole["here"]
            own = (*steps[: entity - 1], name)
            variants.append((own, (*own, *steps[entity:]), value))
        yield fleet, variants

    def refused(self, fleet, section):
        """Places in a section that the schema refuses; the rest of the file is right."""
        schema = {"properties": {section: self.schema["properties"][section]}, "$defs": self.schema["$defs"]}
        errors = self.validator.evolve(schema=schema).iter_errors({section: fleet[section]})
        return [path_of(error.absolute_path) for error in errors]

    def test_schema_and_reader_refuse_the_same_values(self):
        self.assertEqual(check(self.sample), [])
        tried, by_schema, by_reader = 0, 0, 0
        for steps, entity in self.places():
            for fleet, variants in self.files(steps, entity):
                refused, problems = self.refused(fleet, steps[0]), check(fleet)
                for own, place, value in variants:
                    seen = any(within(path, path_of(own)) for path in refused)
                    told = [p for p in problems if within(p["path"], path_of(own))]
                    said = f"{path_of(place)}: {value!r}: {told}"
                    self.assertTrue(told or not seen, f"the schema refuses what the reader takes: {said}")
                    alone = [p for p in told if within(p["path"], path_of(place)) and self.alone(p)]
                    self.assertTrue(seen or not alone, f"the schema takes what the reader refuses: {said}")
                    tried, by_schema, by_reader = tried + 1, by_schema + seen, by_reader + bool(told)
        print(f"{tried} values, {by_schema} refused by the schema, {by_reader} by the reader")
        self.assertGreater(by_schema, 5_000)
        self.assertGreater(tried - by_reader, 500)

    def alone(self, problem):
        """Whether a problem is one of the value alone."""
        named = problem["found"].startswith("unknown key") and KEYED_BY_NAME.match(problem["path"])
        compared = any(pattern.match(problem["found"]) for pattern in COMPARED)
        return not (named or compared or problem["expected"].startswith(REMAINS))


def main():
    # Started with any Python: the packages are in the virtual environment only.
    if Path(sys.prefix).resolve() != tools.VENV.resolve():
        tools.check_prerequisites()
        tools.ensure_venv(tools.Progress(1, "tools"))
        subprocess.run(["cargo", "build", "--locked", "-p", "headroom"], cwd=ROOT, check=True)
        os.execv(str(tools.VENV_PYTHON), [str(tools.VENV_PYTHON), *sys.argv])
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
