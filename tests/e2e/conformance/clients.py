"""Three clients that run the script. Each answers a list of outcomes: `ok` or the error's code."""

import json
import os
import subprocess
import sys
from pathlib import Path

import boto3
import botocore.config
import botocore.exceptions
from botocore import xform_name

from conformance import script

REGION = "eu-west-1"
ACCOUNT = "123456789012"
# A first link of a debug binary's pages from disk can take seconds; a run takes about one.
RUN_WITHIN_S = 60


def environment():
    """Ours without anything of AWS, and with credentials that are none."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **kept,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        # No file of the user's decides anything.
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "NO_PROXY": "*",
    }


class Boto3:
    """boto3, with one attempt a call."""

    def __init__(self, url):
        self.url = url
        self.session = boto3.session.Session(ACCOUNT, "none", region_name=REGION)
        self.clients = {}

    def client(self, service):
        if service not in self.clients:
            config = botocore.config.Config(
                retries={"total_max_attempts": 1}, proxies={}, read_timeout=30, connect_timeout=5
            )
            self.clients[service] = self.session.client(service, endpoint_url=self.url, config=config)
        return self.clients[service]

    def call(self, service, operation, parameters):
        """What became of a call, and its answer."""
        try:
            answer = getattr(self.client(service), xform_name(operation))(**parameters)
        except botocore.exceptions.ClientError as error:
            return error.response["Error"]["Code"], {}
        answer.pop("ResponseMetadata")
        return script.OK, answer

    def run(self, calls):
        """Outcomes and answers of the script."""
        outcomes, answers = [], {}
        for call in calls:
            script.advance(self.url, call)
            parameters = script.resolved(call["parameters"], answers)
            outcome, answers[call["name"]] = self.call(call["service"], call["operation"], parameters)
            outcomes.append({"operation": call["operation"], "outcome": outcome})
        return outcomes, answers


def run_awscli(url, calls):
    """One process for all calls: each start of `aws` would cost half a second."""
    folder = Path(__file__).resolve().parent.parent
    environment_with_path = {**environment(), "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "conformance.awscli_process", url]
    return lines_of(command, environment_with_path, json.dumps(calls))


def run_rust(url, example):
    """The typed calls of shared/aws/examples/forty_calls."""
    return lines_of([str(example), url], environment(), "")


def lines_of(command, environment_of_it, written):
    done = subprocess.run(
        command, input=written, env=environment_of_it, capture_output=True, text=True, timeout=RUN_WITHIN_S
    )
    if done.returncode != 0:
        said = f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        raise AssertionError(f"{command[:3]} ended with {done.returncode}:\n{said}")
    return [json.loads(line) for line in done.stdout.splitlines()]
