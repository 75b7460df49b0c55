"""Runs the script through awscli's own driver: the calls on standard input, a line of JSON for each on standard output.

What the driver is given is what `aws` is given on a command line.
"""

import contextlib
import io
import json
import re
import sys

import awscli.clidriver
from botocore import xform_name

from conformance import script


def main(url):
    calls, answers = json.load(sys.stdin), {}
    driver = awscli.clidriver.create_clidriver()
    for call in calls:
        script.advance(url, call)
        parameters = script.resolved(call["parameters"], answers)
        command = ["--endpoint-url", url, "--output", "json", "--no-paginate", call["service"]]
        command += [xform_name(call["operation"], "-"), "--cli-input-json", json.dumps(parameters)]
        outcome, answers[call["name"]] = run(driver, command)
        print(json.dumps({"operation": call["operation"], "outcome": outcome}), flush=True)


def run(driver, command):
    """Outcome and answer of one command."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = driver.main(command)
    if code == 0:
        return script.OK, json.loads(out.getvalue() or "{}")
    named = re.search(r"An error occurred \((\w+)\) when calling", err.getvalue())
    if not named:
        sys.exit(f"aws {' '.join(command)}\nended with {code}: {err.getvalue()}")
    return named.group(1), {}


if __name__ == "__main__":
    main(sys.argv[1])
