"""`headroom journal`, `explain ID` and `journal export` against MiniStack's DynamoDB, and against refusals of AWS.

    python3 tests/e2e/test_journal.py

The table is made from the CloudFormation template; the entries are those of the Langfuse night, as the flow wrote
them in tests/src/night.rs, on the day of this run. What is printed must be the golden transcripts of that night. That
the functions write what the commands find is part of the story (demo/story.py), which test_local_stack.py runs.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / "demo"), str(Path(__file__).resolve().parent)]
sys.dont_write_bytecode = True

import tools

WITHIN_S = 60
ACCOUNT, REGION = "222222222222", "eu-west-1"
NIGHT = "2026-11-23"
TEMPLATE = ROOT / "infra" / "cloudformation" / "headroom.template.json"
ENTRIES = ROOT / "tests" / "fixtures" / "journal" / "night.json"
SCRIPTS = ROOT / "tests" / "scripts"
# As the functions name the table by default, so that no option is needed.
TABLE = "headroom"


class Console:
    """The command with credentials of one account, in a folder of its own."""

    def __init__(self, test):
        import servers

        self.folder = Path(tempfile.mkdtemp(prefix="headroom-journal-"))
        test.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = {
            **servers.clean_environment(self.folder),
            "AWS_ACCESS_KEY_ID": ACCOUNT,
            "AWS_SECRET_ACCESS_KEY": "none",
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.binary = str(tools.target_dir() / "headroom")

    def run(self, *arguments, **environment):
        """Runs the command; a variable that is None is not set."""
        return subprocess.run(
            [self.binary, *map(str, arguments)],
            env={name: value for name, value in {**self.environment, **environment}.items() if value is not None},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
        )


def table_properties(indexes=("due", "entries")):
    """The table of the template, with only these of its indexes."""
    properties = json.loads(TEMPLATE.read_text())["Resources"]["Table"]["Properties"]
    kept = [index for index in properties["GlobalSecondaryIndexes"] if index["IndexName"] in indexes]
    schemas = [properties["KeySchema"], *(index["KeySchema"] for index in kept)]
    keys = {key["AttributeName"] for schema in schemas for key in schema}
    return {
        "BillingMode": properties["BillingMode"],
        "KeySchema": properties["KeySchema"],
        "AttributeDefinitions": [a for a in properties["AttributeDefinitions"] if a["AttributeName"] in keys],
        "GlobalSecondaryIndexes": kept,
    }


def a_table(test, folder, account, region):
    """MiniStack until the test ends, with Headroom's table in it."""
    import boto3
    import servers

    ministack = servers.start_ministack(folder, account)
    test.addCleanup(ministack.stop)
    ministack.wait_ready()
    keys = {"region_name": region, "aws_access_key_id": account, "aws_secret_access_key": "none"}
    boto3.client("dynamodb", endpoint_url=ministack.url, **keys).create_table(TableName=TABLE, **table_properties())
    return ministack


def item(entry):
    """An entry as shared/aws writes it."""
    at = datetime.fromisoformat(entry["at"].replace("Z", "+00:00"))
    return {
        "pk": {"S": f"C#{entry['key']}"},
        "sk": {"S": "CASE"},
        "doc": {"S": json.dumps(entry)},
        "rev": {"N": "2"},
        "status": {"S": entry["status"]},
        "entry_shard": {"S": entry["decision"][2]},
        "entry_at": {"N": str(int(at.timestamp() * 1000))},
        "decision": {"S": entry["decision"]},
        "label": {"S": entry["label"]},
    }


class Recorded(unittest.TestCase):
    """The night in MiniStack's table."""

    maxDiff = None

    @classmethod
    def addCleanup(cls, *arguments, **options):
        cls.addClassCleanup(*arguments, **options)

    @classmethod
    def setUpClass(cls):
        import boto3
        import servers

        cls.console = Console(cls)
        cls.server = servers.start_ministack(cls.console.folder, ACCOUNT)
        cls.addClassCleanup(cls.server.stop)
        cls.server.wait_ready()
        cls.console.environment["AWS_ENDPOINT_URL_DYNAMODB"] = cls.server.url
        cls.dynamodb = boto3.client(
            "dynamodb",
            endpoint_url=cls.server.url,
            region_name=REGION,
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="none",
        )
        cls.dynamodb.create_table(TableName=TABLE, **table_properties())
        # The night is told on the day before this run: the journal is asked for its last days, and not for what comes.
        cls.day = (datetime.now(timezone.utc) - timedelta(days=1)).strftime("%Y-%m-%d")
        cls.entries = json.loads(ENTRIES.read_text().replace(NIGHT, cls.day))
        for entry in cls.entries:
            cls.dynamodb.put_item(TableName=TABLE, Item=item(entry))

    def golden(self, name):
        return (SCRIPTS / name).read_text().replace(NIGHT, self.day)

    def assert_printed(self, ended, text):
        self.assertEqual((ended.returncode, ended.stderr), (0, ""), ended.stderr)
        self.assertEqual(ended.stdout, text)

    def test_the_list_is_the_golden_one(self):
        self.assert_printed(self.console.run("journal", "--since", "2d"), self.golden("journal_night.txt"))

    def test_the_list_as_json_has_an_object_per_line(self):
        ended = self.console.run("journal", "--since", "2d", "--json")
        lines = [json.loads(line) for line in ended.stdout.splitlines()]
        self.assertEqual([line["decision"] for line in lines], [entry["decision"] for entry in self.entries])
        self.assertEqual([line["outcome"] for line in lines], ["act", "note", "release"])

    def test_a_service_and_a_limit_choose(self):
        ended = self.console.run("journal", "--since", "2d", "--service", "prod-eu/worker")
        self.assert_printed(ended, "0 entries\n")
        ended = self.console.run("journal", "--since", "2d", "--service", "prod-eu/web", "--limit", "1")
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertIn(self.entries[-1]["decision"], ended.stdout)
        self.assertIn("1 entry: 1 RELEASE; there are older ones (--limit)\n", ended.stdout)

    def test_a_decision_is_explained_with_what_happened_after(self):
        first = self.entries[0]["decision"]
        for command in (("explain", first), ("why", first.lower())):
            self.assert_printed(self.console.run(*command), self.golden("journal_night_explained.txt"))
        ended = self.console.run("explain", first, "--json")
        found = json.loads(ended.stdout)
        self.assertEqual(found["entry"], self.entries[0])
        self.assertEqual(found["after"], self.entries[1:])

    def test_the_export_is_the_golden_one_from_any_entry(self):
        for entry in self.entries:
            ended = self.console.run("journal", "export", "--markdown", entry["decision"])
            self.assert_printed(ended, self.golden("journal_night_markdown.txt"))

    def test_the_report_counts_what_the_journal_holds(self):
        report = json.loads(self.console.run("report", "--since", "2d", "--json").stdout)
        [line] = report["lines"]
        of = {name: line[name] for name in ("service", "remedy", "mode", "acted", "would_act", "helped", "pages")}
        of_night = {"service": "prod-eu/web", "remedy": "cpu-high", "mode": "act"}
        self.assertEqual(of, {**of_night, "acted": 1, "would_act": 0, "helped": 1, "pages": 0})
        raised, _, back = (datetime.fromisoformat(entry["at"]) for entry in self.entries)
        self.assertAlmostEqual(report["total"]["task_hours"], (back - raised).total_seconds() / 3600)
        fleet = ROOT / "examples" / "langfuse" / "headroom.yaml"
        text = self.console.run("report", "--since", "2d", "--fleet", fleet)
        self.assertEqual((text.returncode, text.stderr), (0, ""))
        self.assertIn("\nnot woken  at-max: ", text.stdout)
        markdown = self.console.run("report", "--markdown", "--service", "prod-eu/worker")
        self.assertIn("0 journal entries.", markdown.stdout)

    def test_an_id_that_is_not_there_names_those_that_are_near(self):
        first = self.entries[0]["decision"]
        mistyped = first[:-1] + ("0" if first[-1] != "0" else "1")
        for command in (["explain", mistyped], ["journal", "export", "--markdown", mistyped]):
            ended = self.console.run(*command)
            self.assertEqual((ended.returncode, ended.stdout), (1, ""), ended.stderr)
            self.assertRegex(ended.stderr, f"^no decision {mistyped} in the last 90 days of table {TABLE} in http://")
            self.assertRegex(ended.stderr, rf"Near: {first} \({self.day}T\S+ prod-eu/web\)")
            self.assertIn("`headroom journal` lists what is there", ended.stderr)

    def test_a_table_that_is_not_there(self):
        ended = self.console.run("journal", "--table", "other")
        self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended.stderr)
        self.assertIn(f"no table other in {self.server.url}. `--table NAME` names another", ended.stderr)

    def test_a_table_of_an_earlier_version_says_to_update_the_stack(self):
        self.dynamodb.create_table(TableName="earlier", **table_properties(indexes=["due"]))
        for command in (["journal"], ["why", "D-5H2WC"]):
            ended = self.console.run(*command, "--table", "earlier")
            self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended.stderr)
            self.assertIn(f"table earlier in {self.server.url} has no index entries", ended.stderr)
            self.assertIn("Update the stack", ended.stderr)

    def test_more_entries_than_a_page_come_each_once(self):
        self.dynamodb.create_table(TableName="many", **table_properties())
        wanted = []
        for number in range(260):
            stamp = f"{self.day}T{number // 60:02}:{number % 60:02}:00Z"
            decision = f"D-{'0123456789ABCDEFGHJKMNPQRSTVWXYZ'[number % 32]}{number:04}"
            entry = {**self.entries[2], "key": f"k{number}", "decision": decision, "at": stamp}
            wanted.append(decision)
            self.dynamodb.put_item(TableName="many", Item=item(entry))
        ended = self.console.run("journal", "--table", "many", "--since", "2d", "--limit", "250", "--json")
        found = [json.loads(line)["decision"] for line in ended.stdout.splitlines()]
        self.assertEqual(found, wanted[-250:], ended.stderr)


class Stub(BaseHTTPRequestHandler):
    """DynamoDB as it refuses: its own words, which MiniStack never says."""

    answer = {}

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(self.answer).encode()
        self.send_response(400)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@contextlib.contextmanager
def refusing(kind, message):
    """A server that answers every call with this error; gives its URL."""
    handler = type("Refusing", (Stub,), {"answer": {"__type": kind, "message": message}})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    # The other questions that were under way are given up when the first is refused.
    server.handle_error = lambda *_: None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Refused(unittest.TestCase):
    """Each way of not reading ends with 2 and one sentence that says what to do."""

    @classmethod
    def addCleanup(cls, *arguments, **options):
        cls.addClassCleanup(*arguments, **options)

    @classmethod
    def setUpClass(cls):
        cls.console = Console(cls)

    def assert_refused(self, ended, *words):
        self.assertEqual((ended.returncode, ended.stdout), (2, ""), ended.stderr)
        self.assertNotIn("panicked", ended.stderr)
        self.assertEqual(len(ended.stderr.splitlines()), 1, ended.stderr)
        for text in words:
            self.assertIn(text, ended.stderr)

    def test_a_permission_that_is_missing_is_named(self):
        words = "User: arn:aws:iam::1:user/ana is not authorized to perform: dynamodb:Query on resource: x"
        with refusing("com.amazon.coral.service#AccessDeniedException", words) as url:
            for command in (["journal"], ["why", "D-5H2WC"], ["journal", "export", "--markdown", "D-5H2WC"]):
                self.assert_refused(self.console.run(*command, "--endpoint-url", url), "dynamodb:Query is not allowed")

    def test_a_missing_index_is_known_by_awss_own_words(self):
        words = "The table does not have the specified index: entries"
        with refusing("com.amazon.coral.validate#ValidationException", words) as url:
            ended = self.console.run("journal", "--endpoint-url", url)
            self.assert_refused(ended, f"table {TABLE} in {url} has no index entries", "Update the stack")

    def test_an_endpoint_that_does_not_answer(self):
        ended = self.console.run("journal", AWS_ENDPOINT_URL_DYNAMODB="http://127.0.0.1:1")
        self.assert_refused(ended, "cannot reach http://127.0.0.1:1 for dynamodb:Query")

    def test_no_credentials_and_no_region(self):
        ended = self.console.run("journal", AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
        self.assert_refused(ended, "no credentials", "--profile")
        self.assert_refused(self.console.run("journal", AWS_REGION=None), "no region: give --region")

    def test_what_is_no_id_and_what_is_no_length(self):
        self.assert_refused(self.console.run("journal", "export", "--markdown", "web"), "web is no decision id")
        ended = self.console.run("journal", "--since", "yesterday")
        self.assertEqual(ended.returncode, 2)
        self.assertIn("30m, 24h or 7d", ended.stderr)


class Live(unittest.TestCase):
    """`explain EVENT --live` against `headroom local`: the same question, answered by AWS's own protocols."""

    def test_an_event_is_judged_by_what_the_world_says_now(self):
        import servers

        console = Console(self)
        fleet = ROOT / "examples" / "langfuse" / "headroom.yaml"
        port = servers.free_port(0)
        command = [console.binary, "local", "--fleet", str(fleet), "--port", str(port), "--speed", "0"]
        environment = servers.clean_environment(console.folder)
        server = servers.Server("headroom local", command, environment, port, "/_headroom/health", console.folder)
        self.addCleanup(server.stop)
        server.wait_ready()
        event = json.loads((ROOT / "tests" / "fixtures" / "alarms" / "cpu_high.json").read_text())
        path = console.folder / "alarm.json"
        path.write_text(json.dumps(event))
        # Judged a second after the transition, so that it is fresh whatever the day of this run is.
        options = ["--fleet", fleet, "--live", "--endpoint-url", server.url, "--now", "2026-11-23T02:00:32Z"]
        ended = console.run("explain", path, *options)
        self.assertEqual(ended.returncode, 0, ended.stderr)
        self.assertRegex(ended.stdout, r"(?m)^seen +desired 2, running 2; min 2, max 10; ")
        self.assertRegex(ended.stdout, r"(?m)^decided +(ACT|WAIT|REFUSE)")
        ended = console.run("explain", path, *options, AWS_ACCESS_KEY_ID=None, AWS_SECRET_ACCESS_KEY=None)
        self.assertEqual(ended.returncode, 2, ended.stdout)
        self.assertIn("no credentials", ended.stderr)
        refused = console.run("explain", path, "--fleet", fleet, "--live", "--seen", "x")
        self.assertEqual(refused.returncode, 2)
        self.assertRegex(refused.stderr, r"'--live' cannot be used with '--seen|'--seen <SEEN>' cannot be used with '--live'")


def main():
    # Started with any Python: the packages are in the virtual environment only.
    if Path(sys.prefix).resolve() != tools.VENV.resolve():
        tools.check_prerequisites()
        tools.ensure_venv(tools.Progress(1, "tools"))
        os.execv(str(tools.VENV_PYTHON), [str(tools.VENV_PYTHON), *sys.argv])
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
