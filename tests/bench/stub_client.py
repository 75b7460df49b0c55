"""Starts the AWS stub as a process of its own and talks to its control port."""

import http.client
import json
import subprocess
import sys
from collections import Counter
from pathlib import Path


class StubClient:
    """The running stub: `settings` names its ports and its CA file."""

    def __init__(self, directory):
        program = Path(__file__).with_name("aws_stub.py")
        self.process = subprocess.Popen(
            [sys.executable, str(program), str(directory)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the AWS stub ended at its start with status {self.process.wait()}")
        self.settings = json.loads(line)
        self.control = http.client.HTTPConnection("127.0.0.1", self.settings["control"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.control.close()
        self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def reset(self, world, latency_ms=0):
        """An empty table, untouched targets, no calls seen."""
        self._ask("/reset", {"world": world, "latency_ms": latency_ms})

    def calls(self):
        """The calls since the last look."""
        calls = self._ask("/calls", {})
        unknown = sorted({call["operation"] for call in calls if call["status"] == 501})
        if unknown:
            raise RuntimeError(f"the AWS stub cannot answer {', '.join(unknown)}; see its lines above")
        return calls

    def _ask(self, path, body):
        self.control.request("POST", path, json.dumps(body))
        return json.loads(self.control.getresponse().read())


def round_trips(calls):
    """The longest chain of calls of which each began after the one before had been answered.

    Independent calls made at the same time count once. Meaningful only while the stub's latency is much longer
    than the time that a client takes between calls.
    """
    chain, last_end = 0, -1
    for call in sorted(calls, key=lambda call: call["end"]):
        if call["start"] >= last_end:
            chain, last_end = chain + 1, call["end"]
    return chain


def operations(calls):
    """How often each operation was called."""
    return dict(sorted(Counter(f"{call['service']}.{call['operation']}" for call in calls).items()))
