"""The local AWS of `make demo` and of tests/e2e, from nothing to deployed and back to nothing.

Lambda, EventBridge, Scheduler, SNS, SQS, DynamoDB, S3, IAM and CloudFormation are MiniStack; ECS, Application Auto
Scaling, CloudWatch and load balancing are `headroom local`, in whose world tasks start, carry load and scale. The
functions are the real zips, run by MiniStack through a real Runtime API, and reach both through recorders
(recorder.py), so that every call is counted where it arrives.

What surprised us in MiniStack 1.5.33, and what the demo does about it:
- MiniStack listens on every interface, and on port 8883 for MQTT, unless told otherwise: BIND_HOST, IOT_MTLS_ENABLED.
- It hands its own environment to the functions, and its own AWS_ENDPOINT_URL would win over theirs: started clean.
- Functions get their account id as access key. That is how the accounts stay apart.
- It removes Docker containers that it takes for its own: DOCKER_HOST points nowhere.
- PutEvents refuses `aws.*`: see events.py.
- A schedule is looked at every 10 s and counts from its creation: rate(1 minute) fires 60 to 70 s later, then
  each minute.
- TimeToLiveSpecification of a template is not applied, layers are not mounted for native runtimes (HEADROOM_FLEET names
  the file instead), roles are not enforced.
"""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

import boto3
from botocore.config import Config

import deploy
import servers
import tools
from events import Relay
from fleet import Fleet, scenario
from recorder import Recorder

ENVIRONMENT = "prod-eu"
TEMPLATE = tools.ROOT / "infra" / "cloudformation" / "headroom.template.json"
FLEET_FILE = tools.ROOT / "examples" / "langfuse" / "headroom.yaml"
OVERRIDES = tools.ROOT / "demo" / "overrides.yaml"
# Tests that run side by side have one each.
RUNS = Path(os.environ.get("HEADROOM_RUNS") or tools.ROOT / "demo" / "run")
# The lines that Lambda puts around what a function writes.
LAMBDA_FRAME = ("START RequestId", "END RequestId", "REPORT RequestId")
COPY_QUEUE = "demo-copy-of-notices"
# What examples/langfuse/headroom.yaml refers to.
SECRETS = {"headroom/slack": "xoxb-of-the-demo", "headroom/pagerduty": "0123456789abcdef0123456789abcdef"}
# A minute of the world in a second. The functions have the real clock, so the fleet's times are short: overrides.yaml.
SPEED = 60


def without_schedules(compiled):
    """The functions tell the time by this machine's clock: in office hours they would add tasks to the story."""
    fleet = json.loads(compiled.read_text())
    compiled.write_text(json.dumps({**fleet, "schedules": []}))


class Stack:
    """A context manager: what `start` and `deploy` make is gone after it, however it ends."""

    def __init__(self, template=TEMPLATE, delivers=True):
        self.template = template
        # Whether the world's events are passed on to the functions, or only recorded.
        self.delivers = delivers
        self.folder = None
        self.ministack = self.world = self.aws = self.scaling = self.relay = self.control = self.fleet = None
        self._clients = {}
        self._copies = []

    def __enter__(self):
        RUNS.mkdir(parents=True, exist_ok=True)
        self.folder = Path(tempfile.mkdtemp(prefix=time.strftime("%H%M%S-"), dir=RUNS))
        return self

    def __exit__(self, *_):
        # A second Ctrl-C while things end would leave half of them.
        signals = (signal.SIGINT, signal.SIGTERM)
        before = [signal.signal(s, signal.SIG_IGN) for s in signals] if _in_main_thread() else []
        try:
            # Whatever fails to end, the rest ends too; in reverse order of this list.
            with contextlib.ExitStack() as ends:
                ends.callback(servers.remove_folder, self.folder)
                for server in (self.ministack, self.world):
                    if server:
                        ends.callback(server.stop)
                for part in (self.aws, self.scaling, self.relay):
                    if part:
                        ends.callback(part.close)
        finally:
            for number, handler in zip(signals, before):
                signal.signal(number, handler)

    def start(self):
        """Both servers and a recorder in front of each."""
        self.relay = Relay(self.delivers)
        self.ministack = servers.start_ministack(self.folder, self.environment_of(ENVIRONMENT)["account"])
        binary = tools.target_dir() / "headroom"
        self.world = servers.start_world(self.folder, binary, scenario(self.compiled), SPEED, self.relay.url)
        self.ministack.wait_ready()
        self.world.wait_ready()
        self.aws = Recorder(self.ministack.port)
        self.scaling = Recorder(self.world.port)

    def compile_fleet(self, fleet_file=FLEET_FILE, overrides=OVERRIDES):
        """The fleet file through our own compiler: all of it for the world, one environment for the functions."""
        headroom = str(tools.target_dir() / "headroom")
        whole, self.slice = self.folder / "fleet.json", self.folder / f"{ENVIRONMENT}.json"
        for output, extra in ((whole, []), (self.slice, ["--environment", ENVIRONMENT])):
            command = [headroom, "compile", str(fleet_file), "--overrides", str(overrides), *extra, "-o", str(output)]
            done = subprocess.run(command, capture_output=True, text=True, cwd=tools.ROOT)
            if done.returncode != 0:
                raise tools.Failed(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
            without_schedules(output)
        self.compiled = json.loads(whole.read_text())

    def deploy(self):
        """The template with the real zips; answers how many resources were read back, each through its own API."""
        template = deploy.local_template(self.template.read_text(), self.variables())
        artifacts = {
            "AlarmHandlerKey": tools.zip_function("alarm-handler", self.folder),
            "NotifierKey": tools.zip_function("notifier", self.folder),
            "ScheduledPrewarmKey": tools.zip_function("scheduled-prewarm", self.folder),
            "ErrorRateRollbackKey": tools.zip_function("error-rate-rollback", self.folder),
            "MaxCapacityNotifierKey": tools.zip_function("max-capacity-notifier", self.folder),
            "FleetKey": tools.zip_layer(self.slice, self.folder),
        }
        self.create_secrets()
        self.control = deploy.create(self.here, template, artifacts)
        count = deploy.read_back(self.here, self.control, template)
        self._subscribe_copy()
        return count

    def variables(self):
        """What a function needs to find the local world instead of AWS; in a real account none of them is set."""
        return {
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_ENDPOINT_URL_ECS": self.scaling.url,
            "AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING": self.scaling.url,
            "AWS_ENDPOINT_URL_CLOUDWATCH": self.scaling.url,
            "AWS_ENDPOINT_URL_ECR": self.scaling.url,
            "HEADROOM_FLEET": str(self.slice),
            # Slack and PagerDuty, as far as the notifier can tell.
            "HEADROOM_SLACK_URL": f"{self.world.url}/receiver/slack",
            "HEADROOM_PAGERDUTY_URL": f"{self.world.url}/receiver/pagerduty",
        }

    def create_fleet(self):
        """The alarms that its remedies need; the services are there since the world began."""
        self.fleet = Fleet(self.compiled, self.world_client, self.world.url)
        self.fleet.create_alarms()
        self.relay.open(self.here)

    def environment_of(self, name):
        return next(e for e in self.compiled["environments"] if e["name"] == name)

    def client(self, api, account, region):
        """A client of one account and region, of MiniStack."""
        return self._client(api, account, region, self.ministack.url)

    def world_client(self, api, account, region):
        """The same, of the simulated world."""
        return self._client(api, account, region, self.world.url)

    def _client(self, api, account, region, url):
        # Both take a 12-digit access key as the account. The demo's own calls stay out of the record.
        key = (api, account, region, url)
        if key not in self._clients:
            self._clients[key] = boto3.session.Session().client(
                api, endpoint_url=url, region_name=region, aws_access_key_id=account, aws_secret_access_key="local",
                config=Config(retries={"max_attempts": 1}, max_pool_connections=60, user_agent_extra="headroom-demo"),
            )
        return self._clients[key]

    def here(self, api):
        """A client of the account and region that the control plane lives in."""
        environment = self.environment_of(ENVIRONMENT)
        return self.client(api, environment["account"], environment["region"])

    def create_secrets(self):
        """A token and a key of the shape that the receiver takes; they are good for nothing else."""
        for name, value in SECRETS.items():
            self.here("secretsmanager").create_secret(Name=name, SecretString=value)

    def people(self):
        """What people see in Slack and PagerDuty, and the counts behind it."""
        with urllib.request.urlopen(f"{self.world.url}/_headroom/receiver", timeout=10) as answer:
            return json.load(answer)

    def _subscribe_copy(self):
        """An SQS queue on the notices topic: a copy of each message, for counting at the far side."""
        sqs, sns = self.here("sqs"), self.here("sns")
        self._copy_url = sqs.create_queue(QueueName=COPY_QUEUE)["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=self._copy_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        sns.subscribe(TopicArn=self.control.topic, Protocol="sqs", Endpoint=arn)

    def headroom(self, *arguments):
        """The command line, reading the deployed table as a person would; what it prints."""
        environment = self.environment_of(ENVIRONMENT)
        settings = {
            **servers.clean_environment(self.folder),
            "AWS_ENDPOINT_URL_DYNAMODB": self.ministack.url,
            "AWS_ACCESS_KEY_ID": environment["account"],
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_REGION": environment["region"],
        }
        command = [str(tools.target_dir() / "headroom"), *arguments]
        done = subprocess.run(command, env=settings, capture_output=True, text=True, cwd=self.folder)
        if done.returncode != 0:
            raise tools.Failed(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def notices(self):
        """Every message that reached the queue since the deployment, in order, as SNS wrapped it."""
        sqs = self.here("sqs")
        while messages := sqs.receive_message(QueueUrl=self._copy_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                self._copies.append(json.loads(message["Body"]))
                # For the live page: without it the page would show what Headroom does, and not why.
                self.fleet.control("notices", self._copies[-1])
                sqs.delete_message(QueueUrl=self._copy_url, ReceiptHandle=message["ReceiptHandle"])
        return list(self._copies)

    def items(self, prefix, sk=None):
        """The table's items whose pk begins with `prefix`, as plain values."""
        pages = self.here("dynamodb").get_paginator("scan").paginate(TableName=self.control.table, ConsistentRead=True)
        rows = [{name: _plain(value) for name, value in item.items()} for page in pages for item in page["Items"]]
        found = [row for row in rows if row["pk"].startswith(prefix) and sk in (None, row["sk"])]
        return sorted(found, key=lambda row: (row["pk"], row["sk"]))

    def dead_letters(self):
        """Events that no invocation could handle."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.here("sqs").get_queue_attributes(QueueUrl=self.control.dead_letters, AttributeNames=names)
        return sum(int(answer["Attributes"][name]) for name in names)

    def log_lines(self, function):
        """What the function wrote, oldest first."""
        logs = self.here("logs")
        try:
            pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{function}")
            return [event["message"].rstrip() for page in pages for event in page["events"]]
        except logs.exceptions.ResourceNotFoundException:
            return []

    def schedule_expression(self):
        """When the reconciler is woken, as the deployed schedule says."""
        api = self.here("scheduler")
        name = self.control.one("AWS::Scheduler::Schedule", "headroom-minute").rsplit("/", 1)[-1]
        (found,) = [s for s in api.list_schedules()["Schedules"] if s["Name"] == name]
        return api.get_schedule(Name=name, GroupName=found["GroupName"])["ScheduleExpression"]

    def invocations(self, function):
        """How many invocations of the function have ended."""
        return sum(line.startswith("REPORT RequestId") for line in self.log_lines(function))

    def processes(self):
        """How many processes MiniStack has started for the alarm handler so far."""
        return self.ministack.log.read_text(errors="replace").count(f"environment spawned for {self.control.handler} ")

    def last_words(self, lines=15):
        """The last log lines of both functions; MiniStack's own too, which tells of a death at the start."""
        said = {f: self.log_lines(f)[-lines:] for f in self.control.ids("AWS::Lambda::Function")}
        words = [f"-- {function}\n" + "\n".join(written or ["(wrote nothing)"]) for function, written in said.items()]
        own = [line for written in said.values() for line in written if not line.startswith(LAMBDA_FRAME)]
        if not own:
            words.append(f"-- MiniStack\n{self.ministack.tail(8)}")
        return "\n".join(words)

    def take_away(self, what):
        """Removes one piece after the deployment: the story must then fail, and say why."""
        if what == "rule":
            events = self.here("events")
            for rule in events.list_rules()["Rules"]:
                targets = [t["Id"] for t in events.list_targets_by_rule(Rule=rule["Name"])["Targets"]]
                events.remove_targets(Rule=rule["Name"], Ids=targets)
                events.delete_rule(Name=rule["Name"])
        elif what == "permission":
            for function in self.control.ids("AWS::Lambda::Function"):
                self._remove_permissions(function)
        elif what == "table":
            # The template protects it from exactly this.
            self.here("dynamodb").update_table(TableName=self.control.table, DeletionProtectionEnabled=False)
            self.here("dynamodb").delete_table(TableName=self.control.table)
        else:
            raise tools.Failed(f"nothing named {what!r} to take away: rule, permission, table")

    def _remove_permissions(self, function):
        api = self.here("lambda")
        try:
            policy = json.loads(api.get_policy(FunctionName=function)["Policy"])
        except api.exceptions.ResourceNotFoundException:
            return
        for statement in policy["Statement"]:
            api.remove_permission(FunctionName=function, StatementId=statement["Sid"])


def _in_main_thread():
    return threading.current_thread() is threading.main_thread()


def _plain(value):
    ((kind, content),) = value.items()
    if kind == "N":
        return int(content) if content.lstrip("-").isdigit() else float(content)
    return content


def exit_on_sigterm():
    """SIGTERM becomes an ordinary end, so that the context managers run."""

    def end(*_):
        raise SystemExit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)


def raise_stack(local, progress):
    """Steps 3 to 5 of the demo, each with its line."""
    step = progress(3, "local AWS")
    local.compile_fleet()
    local.start()
    step.done(f"MiniStack 127.0.0.1:{local.ministack.port}, headroom local 127.0.0.1:{local.world.port}")
    step = progress(4, "deploy")
    step.say(local.template.name)
    count = local.deploy()
    step.done(f"{local.template.name}: {count} resources, each read back from its own API")
    step = progress(5, "fleet")
    local.create_fleet()
    services, at_baseline = len(local.fleet.services), len(local.fleet.at_baseline())
    if services != at_baseline:
        raise tools.Failed(f"{at_baseline} of {services} services at their baseline before anything began")
    environments = len(local.compiled["environments"])
    step.done(f"{local.compiled['fleet']}: {services} services, {environments} environments, all at their baseline")


def keep_wanted():
    return os.environ.get("KEEP", "") not in ("", "0")


def hold(local):
    """Leaves everything up until Ctrl-C, and says how to look at it."""
    environment = local.environment_of(ENVIRONMENT)
    print(f"\n kept     MiniStack {local.ministack.url}, files {local.folder}")
    print(f"          world    {local.world.url}   open it in a browser")
    print(f"          export AWS_ACCESS_KEY_ID={environment['account']} AWS_SECRET_ACCESS_KEY=local", end=" ")
    print(f"AWS_REGION={environment['region']}")
    print(f"          AWS_ENDPOINT_URL_DYNAMODB={local.ministack.url} {tools.target_dir() / 'headroom'} journal")
    print(f"          aws --endpoint-url {local.ministack.url} dynamodb scan --table-name {local.control.table}")
    print(f"          stop it with Ctrl-C here, or: kill {os.getpid()}", flush=True)
    while True:
        time.sleep(3600)
