"""The script: calls in order, what is expected of each, and how far the clock moves before it.

A text that begins with `$` is a value of an earlier answer: `$NAME.path.to.0.member`.
"""

import json
import urllib.request
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent.parent / "conformance"
CALLS = FOLDER / "calls.json"
WORLD = FOLDER / "world.txt"
# The scenario's `start`: the clock of each server begins with it, so that each gives the same times.
START = "2026-11-23T00:00:00Z"
OK = "ok"


class Unanswered(Exception):
    """A value of an answer that was not given."""


def load():
    """The calls that every client can make, and those that need a client that the Rust workspace has none for."""
    script = json.loads(CALLS.read_text())
    return script["calls"], script["without_rust"]


def advance(url, call):
    """Moves the clock as far as the call wants it moved."""
    if seconds := call.get("advance"):
        body = json.dumps({"seconds": seconds}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{url}/_headroom/advance", body, method="POST")).close()


def resolved(parameters, answers):
    """Parameters with values of earlier answers in the place of their names."""
    if isinstance(parameters, dict):
        return {name: resolved(value, answers) for name, value in parameters.items()}
    if isinstance(parameters, list):
        return [resolved(value, answers) for value in parameters]
    if isinstance(parameters, str) and parameters.startswith("$"):
        name, _, path = parameters[1:].partition(".")
        return at(answers.get(name), path)
    return parameters


def at(answer, path):
    """The value at `path` of an answer."""
    for step in path.split("."):
        try:
            answer = answer[int(step) if isinstance(answer, list) else step]
        except (IndexError, KeyError, TypeError, ValueError):
            raise Unanswered(path) from None
    return answer
