"""Each rule's pattern selects at least one event that AWS documents. The same question is asked of EventBridge's own
matcher, and of ours, by the end-to-end and the workspace's tests; this one needs nothing but the files."""

import json
from pathlib import Path

import place


def check(root):
    events = []
    for path in sorted((Path(root) / "tests" / "fixtures" / "events").rglob("*.json")):
        event = json.loads(path.read_text()) if "malformed" not in path.parts else None
        if isinstance(event, dict) and {"source", "detail-type"} <= event.keys():
            events.append(event)
    if not events:
        raise place.Problem("no event with an envelope in tests/fixtures/events")
    functions = json.loads((Path(root) / "infra" / "generated" / "functions.json").read_text())["functions"]
    for rule in (rule for function in functions.values() for rule in function["rules"]):
        found = sum(selects(rule["pattern"], event) for event in events)
        if found == 0:
            raise place.Problem(f"the pattern of rule {rule['name']} matches none of {len(events)} fixtures")


def selects(pattern, event):
    """Whether a pattern of the kinds that the manifest uses selects an event; another kind is a problem."""
    if isinstance(event, list):  # of objects: one of them has it all
        return any(selects(pattern, each) for each in event)
    return isinstance(event, dict) and all(
        any(selects(choice, event) for choice in wanted)
        if key == "$or"
        else selects(wanted, event.get(key, {}))
        if isinstance(wanted, dict)
        else fits(wanted, event.get(key))
        for key, wanted in pattern.items()
    )


def fits(wanted, value):
    values = value if isinstance(value, list) else [value]
    return any(one(choice, each) for choice in wanted for each in values)


def one(choice, value):
    if not isinstance(choice, dict):
        return choice == value
    ((kind, what),) = choice.items()
    if kind == "prefix":
        return isinstance(value, str) and value.startswith(what)
    if kind == "exists":
        return (value is not None) == what
    if kind == "anything-but":
        # A key that is not there has no value that could differ.
        return value is not None and not fits([what] if not isinstance(what, list) else what, value)
    raise place.Problem(f"a pattern uses {kind}, which infra/checks/patterns.py cannot judge: teach it")
