"""Instruction counts, which do not depend on how busy the machine is.

The same story is run with no event, with one, and with one and some more; the differences are the first event and
a warm one. SIGTERM ends the idle process, and callgrind then writes its totals.
"""

import shutil
from dataclasses import replace

import scenario

WARM_EVENTS = 5
# Callgrind runs a function about 50 times slower.
TIMEOUT_SECONDS = 300


def available():
    return shutil.which("valgrind") is not None


def _total(bench, subject, events):
    out = bench.directory / f"callgrind.{events}"
    wrapper = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}"]
    with bench.start(subject, wrapper, TIMEOUT_SECONDS) as function:
        for _ in range(events):
            function.invoke(bench.fresh(scenario.ACTING))
    for line in out.read_text().splitlines():
        if line.startswith("totals:"):
            return int(line.split()[1])
    raise RuntimeError(f"callgrind wrote no totals for {subject.name}")


def cold_start(bench, subject):
    """Instructions from exec to the end of the first event."""
    return _total(bench, subject, 1)


def instructions(bench, subject, progress):
    """Instructions of init, of the first event, and of a warm event (mean)."""
    progress(f"callgrind: {subject.name}")
    init, first, warm = (_total(bench, subject, events) for events in (0, 1, 1 + WARM_EVENTS))
    counts = {"init": init, "first_event": first - init, "warm_event": (warm - first) // WARM_EVENTS}
    if subject.calls_aws:
        counts["init_embedded_roots"] = _total(bench, _trusting_amazon(subject), 0)
    return counts


def _trusting_amazon(subject):
    """As in production: no bundle, so that the embedded roots are read. It cannot reach the stub, only start."""
    kept = {name: value for name, value in subject.environment.items() if name != "AWS_CA_BUNDLE"}
    return replace(subject, environment=kept)
