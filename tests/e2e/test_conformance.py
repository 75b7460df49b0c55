"""The same script of calls by boto3, awscli and the Rust SDK against `headroom local`, and by boto3 against moto.

    python3 tests/e2e/test_conformance.py

Calls and the world that they are made to: tests/conformance. What moto does otherwise, and why: moto.json there.
"""

import json
import os
import re
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(Path(__file__).resolve().parent)]
sys.dont_write_bytecode = True

import tools

CALLS_MIN = 40


class ThreeClients(unittest.TestCase):
    """Each client gets a fresh server of the same world: what they ask and what they are told must be equal."""

    @classmethod
    def setUpClass(cls):
        from conformance import clients, script

        cls.folder = Path(tempfile.mkdtemp(prefix="headroom-conformance-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.calls, cls.without_rust = script.load()
        every = cls.calls + cls.without_rust
        cls.outcomes, cls.exchanges = {}, {}
        with Served(cls, "boto3") as url:
            cls.outcomes["boto3"], cls.answers = clients.Boto3(url).run(every)
        with Served(cls, "awscli") as url:
            cls.outcomes["awscli"] = clients.run_awscli(url, every)
        with Served(cls, "rust") as url:
            cls.outcomes["rust"] = clients.run_rust(url, tools.target_dir() / "examples" / "forty_calls")

    def test_the_script_has_its_calls_and_each_ends_as_expected(self):
        self.assertGreaterEqual(len(self.calls), CALLS_MIN)
        expected = [(call["operation"], call["expected"]) for call in self.calls + self.without_rust]
        for client in ("boto3", "awscli"):
            with self.subTest(client=client):
                self.assertEqual(of(self.outcomes[client]), expected)
        self.assertEqual(of(self.outcomes["rust"]), expected[: len(self.calls)])

    def test_answers_hold_the_facts_and_typed_ones_hold_the_same(self):
        from conformance import script

        for call in self.calls + self.without_rust:
            for path, value in call.get("facts", {}).items():
                with self.subTest(call=call["name"], path=path):
                    self.assertEqual(script.at(self.answers[call["name"]], path), value)
        for call, told in zip(self.calls, self.outcomes["rust"]):
            with self.subTest(call=call["name"]):
                self.assertEqual(told["facts"], call.get("facts", {}))

    def test_every_answer_is_what_the_service_model_has(self):
        from conformance import shapes

        for client, exchanges in self.exchanges.items():
            found = [problem for exchange in exchanges for problem in shapes.problems(exchange)]
            self.assertEqual(sorted(set(found)), [], f"answers to {client}")

    def test_awscli_asks_the_same_and_is_told_the_same(self):
        self.assert_same("awscli", self.exchanges["boto3"])

    def test_the_rust_sdk_asks_the_same_and_is_told_the_same(self):
        moved = sum("advance" in call for call in self.calls)
        self.assert_same("rust", self.exchanges["boto3"][: len(self.calls) + moved])

    def assert_same(self, client, expected):
        found = self.exchanges[client]
        self.assertEqual([e.name for e in found], [e.name for e in expected])
        for ours, its in zip(expected, found):
            with self.subTest(call=ours.name, protocols=(ours.protocol, its.protocol)):
                self.assertEqual(its.parameters(), ours.parameters())
                self.assertEqual(its.answer(), ours.answer())

    def test_the_page_names_the_versions_and_protocols_that_are_checked(self):
        from importlib.metadata import version
        from conformance import moto

        page = " ".join((ROOT / "docs" / "simulator.md").read_text().split())
        lock = (ROOT / "Cargo.lock").read_text()
        locked = dict(re.findall(r'name = "([^"]+)"\nversion = "([^"]+)"', lock))
        spoken = {name: self.cloudwatch_of(name) for name in ("boto3", "awscli", "rust")}
        crates = [f"aws-sdk-{name}" for name in ("ecs", "applicationautoscaling", "cloudwatch")]
        versions = [f"{crate} {locked[crate]}" for crate in crates]
        groups = json.loads(moto.LIST.read_text())
        for text in (
            f"| boto3 | botocore {version('botocore')} | {spoken['boto3']} |",
            f"| awscli | {version('awscli')} | {spoken['awscli']} |",
            f"| Rust SDK | {', '.join(versions)} | {spoken['rust']} |",
            f"moto {version('moto')} gets the same requests",
            f"{len(moto.explained())} in {len(groups)} groups",
            f"a script of {len(self.calls)} calls",
            f"{len(self.without_rust)} more for load balancing",
        ):
            self.assertIn(text, page)

    def cloudwatch_of(self, client):
        """The protocol that a client speaks with CloudWatch."""
        (protocol,) = {e.protocol for e in self.exchanges[client] if e.service == "cloudwatch"}
        return {"cbor": "CBOR", "json": "JSON", "query": "Query"}[protocol]

    def test_moto_differs_where_the_list_says_so_and_nowhere_else(self):
        from conformance import clients, moto
        import servers

        port = servers.free_port(0)
        command = [str(tools.VENV / "bin" / "moto_server"), "-H", "127.0.0.1", "-p", str(port)]
        environment = servers.clean_environment(self.folder)
        server = servers.Server("moto", command, environment, port, "/moto-api/", self.folder)
        self.addCleanup(server.stop)
        server.wait_ready()
        boto3 = clients.Boto3(server.url)
        moto.furnish(boto3)
        found = moto.differences(boto3, self.calls + self.without_rust, self.outcomes["boto3"], self.answers)
        listed = moto.explained()
        fresh = [difference for difference in found if difference not in listed]
        gone = [difference for difference in listed if difference not in found]
        todo = (
            f"correct {moto.LIST.relative_to(ROOT)}: add what is new with its reason, after a look at which of the two "
            f"is right; delete what is gone\nnew: {json.dumps(fresh, indent=1)}\ngone: {json.dumps(gone, indent=1)}"
        )
        self.assertEqual((fresh, gone), ([], []), todo)


class TheValidator(unittest.TestCase):
    """It must find what it is there for."""

    def problems(self, service, operation, answered, protocol="json", status=200):
        from types import SimpleNamespace

        from conformance import shapes, wire

        model = wire.MODELS[service].operation_model(operation)
        exchange = SimpleNamespace(
            model=model, answered=answered, protocol=protocol, status=status, is_ok=status == 200, name=operation
        )
        return shapes.problems(exchange)

    def test_finds_what_a_model_does_not_allow(self):
        target = {
            "ServiceNamespace": "ecs", "ResourceId": "service/a/b", "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": 1, "MaxCapacity": 2, "RoleARN": "arn:aws:iam::123456789012:role/a",
            "CreationTime": 1795392000.0,
        }
        wrong = {
            "not in the model": {**target, "Mincapacity": 1},
            "required and missing": {name: value for name, value in target.items() if name != "MaxCapacity"},
            "where the model has a integer": {**target, "MinCapacity": 1.0},
            "is no integer": {**target, "MinCapacity": 2**31},
            "is none of": {**target, "ServiceNamespace": "ECS"},
            "null": {**target, "RoleARN": None},
            "does not match": {**target, "ResourceId": "a\u0001"},
            "length of": {**target, "RoleARN": ""},
            "is no time": {**target, "CreationTime": 1795392000000},
        }
        asked = ("application-autoscaling", "DescribeScalableTargets")
        self.assertEqual(self.problems(*asked, {"ScalableTargets": [target]}), [])
        for words, item in wrong.items():
            with self.subTest(words):
                (found,) = self.problems(*asked, {"ScalableTargets": [item]})
                self.assertIn(words, found)

    def test_finds_errors_that_an_operation_has_not_or_with_another_status(self):
        right = {"__type": "com.amazonaws.cloudwatch#ResourceNotFound", "message": "no"}
        self.assertEqual(self.problems("cloudwatch", "SetAlarmState", right, "cbor", 404), [])
        wrong = {
            "status 400": (right, 400),
            "is none of": ({**right, "__type": "NotFound"}, 404),
            "without a message": ({"__type": "ResourceNotFound"}, 404),
            "not in the model": ({**right, "alarm": "a"}, 404),
        }
        for words, (body, status) in wrong.items():
            with self.subTest(words):
                (found,) = self.problems("cloudwatch", "SetAlarmState", body, "cbor", status)
                self.assertIn(words, found)

    def test_finds_elements_of_xml_that_are_not_where_the_model_has_them(self):
        from conformance import wire

        model = wire.MODELS["elbv2"].operation_model("DescribeTargetGroups")
        namespace = model.service_model.metadata["xmlNamespace"]

        def read(inner):
            body = f"<DescribeTargetGroupsResponse xmlns='{namespace}'><DescribeTargetGroupsResult>{inner}"
            body += "</DescribeTargetGroupsResult><ResponseMetadata><RequestId>a</RequestId></ResponseMetadata>"
            return wire.from_xml(model, body + "</DescribeTargetGroupsResponse>", True)

        self.assertEqual(
            read("<TargetGroups><member><Port>80</Port></member></TargetGroups>"), {"TargetGroups": [{"Port": 80}]}
        )
        for inner in ("<Groups/>", "<TargetGroups><item/></TargetGroups>", "<NextMarker>a</NextMarker><NextMarker/>"):
            with self.subTest(inner), self.assertRaises(wire.Malformed):
                read(inner)
        no_port = read("<TargetGroups><member><Port>x</Port></member></TargetGroups>")
        (found,) = self.problems("elbv2", "DescribeTargetGroups", no_port, "query")
        self.assertIn("'x' where the model has a integer", found)


class Served:
    """A fresh server behind a recorder."""

    def __init__(self, test, client):
        self.test, self.client = test, client

    def __enter__(self):
        import recorder
        import servers
        from conformance import script

        port = servers.free_port(0)
        command = [str(tools.target_dir() / "headroom"), "local", str(script.WORLD), "--seed", "1", "--speed", "0"]
        command += ["--begin", script.START, "--port", str(port)]
        environment = servers.clean_environment(self.test.folder)
        name = f"local-{self.client}"
        self.server = servers.Server(name, command, environment, port, "/_headroom/health", self.test.folder)
        try:
            self.server.wait_ready()
            self.recorder = recorder.Recorder(port)
        except BaseException:
            self.server.stop()
            raise
        return self.recorder.url

    def __exit__(self, *_):
        from conformance import wire

        self.recorder.close()
        self.server.stop()
        self.test.exchanges[self.client] = [wire.Exchange(call) for call in self.recorder.calls]


def of(outcomes):
    return [(outcome["operation"], outcome["outcome"]) for outcome in outcomes]


def main():
    # Started with any Python: the packages are in the virtual environment only.
    if Path(sys.prefix).resolve() != tools.VENV.resolve():
        tools.check_prerequisites()
        tools.ensure_venv(tools.Progress(1, "tools"))
        os.execv(str(tools.VENV_PYTHON), [str(tools.VENV_PYTHON), *sys.argv])
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
