"""Measures one process under test: times and CPU of a cold start and of warm events, and the calls that it makes."""

import io
import json
import time
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import scenario
from runtime_api import RuntimeApi
from stub_client import operations, round_trips

# Much longer than what a client takes between two calls, on a busy machine too, so that only dependence makes a chain.
LATENCY_MS = 100
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


class WrongStory(Exception):
    """The process did not do what the scenario says; its figures would mean nothing."""


@dataclass
class Subject:
    """A process to measure."""

    name: str
    command: list
    environment: dict = field(default_factory=dict)
    calls_aws: bool = True


class Bench:
    """What all measurements share: the stub, the run's directory, a counter that keeps events apart."""

    def __init__(self, stub, directory):
        self.stub, self.directory, self.serial = stub, Path(directory), 0

    def start(self, subject, wrapper=(), timeout=30):
        log = self.directory / f"{subject.name.replace(' ', '-')}.log"
        return RuntimeApi([*wrapper, *subject.command], subject.environment, log, timeout)

    def fresh(self, changes, latency_ms=0):
        """A new world and an alarm that nobody has seen."""
        now = time.time()
        self.stub.reset(scenario.world(changes, now), latency_ms)
        self.serial += 1
        return scenario.event(self.serial, now)

    def round(self, subject, events):
        """One process, one cold start, `events` warm events; gives its figures."""
        with self.start(subject) as function:
            _, first_ms = function.invoke(self.fresh(scenario.ACTING))
            cold_cpu_us = function.cpu_us()
            warm_ms, spent_us = [], 0.0
            for _ in range(events):
                event = self.fresh(scenario.ACTING)
                before = function.cpu_us()
                _, elapsed = function.invoke(event)
                spent_us += function.cpu_us() - before
                warm_ms.append(elapsed)
                if subject.calls_aws:
                    expect_mutations(subject, "acting", self.stub.calls(), 1)
            return {
                "init_ms": function.init_ms,
                "first_event_ms": first_ms,
                "cold_start_ms": function.init_ms + first_ms,
                "cold_start_cpu_ms": cold_cpu_us / 1000,
                "warm_event_ms": median(warm_ms),
                "warm_cpu_us": spent_us / events,
                "rss_peak_kb": function.rss_peak_kb(),
            }

    def cold_start_cpu_ms(self, subject):
        with self.start(subject) as function:
            function.invoke(self.fresh(scenario.ACTING))
            return function.cpu_us() / 1000

    def storm(self, subject, alarms):
        """So many alarms of as many services, one after the other, in one warm process and one world."""
        with self.start(subject) as function:
            function.invoke(self.fresh(scenario.ACTING))
            now = time.time()
            self.stub.reset(scenario.world(scenario.ACTING, now))
            before, started = function.cpu_us(), time.perf_counter()
            for index in range(alarms):
                function.invoke(scenario.event(index, now, index))
            seconds = time.perf_counter() - started
            cpu_seconds = (function.cpu_us() - before) / 1e6
        expect_mutations(subject, "storm's", self.stub.calls(), alarms)
        return {
            "alarms": alarms,
            "events_per_second": alarms / seconds,
            "events_per_cpu_second": alarms / cpu_seconds,
        }

    def calls(self, subject):
        """Calls and round trips of a warm acting, duplicate and refused event."""
        found = {}
        with self.start(subject) as function:
            function.invoke(self.fresh(scenario.ACTING))
            acting = self.fresh(scenario.ACTING, LATENCY_MS)
            steps = (("acting", acting), ("duplicate", acting), ("refused", None))
            for name, event in steps:
                function.invoke(event or self.fresh(scenario.REFUSED, LATENCY_MS))
                calls = self.stub.calls()
                expect_mutations(subject, name, calls, 1 if name == "acting" else 0)
                found[name] = {
                    "calls": len(calls),
                    "round_trips": round_trips(calls),
                    "operations": operations(calls),
                }
        return found


def expect_mutations(subject, story, calls, wanted):
    """An acting event changes the scalable target once; the others never do."""
    found = sum(call["operation"] == "RegisterScalableTarget" for call in calls)
    if found != wanted:
        raise WrongStory(
            f"{subject.name}: the {story} events made {found} RegisterScalableTarget calls, {wanted} expected; "
            f"its calls: {json.dumps(operations(calls))}"
        )


def rounds(bench, subjects, count, events, progress):
    """Medians over interleaved rounds: each round measures every subject once, so that drift hits all alike."""
    raw = {subject.name: [] for subject in subjects}
    for number in range(count):
        for subject in subjects:
            progress(f"round {number + 1} of {count}: {subject.name}")
            raw[subject.name].append(bench.round(subject, events))
    return {name: {figure: median(run[figure] for run in runs) for figure in runs[0]} for name, runs in raw.items()}


def least_cold_start_cpu_ms(bench, subjects, count):
    """The least CPU of a cold start of each subject, interleaved: what else the machine does only adds to it."""
    raw = [[bench.cold_start_cpu_ms(subject) for subject in subjects] for _ in range(count)]
    return [min(column) for column in zip(*raw)]


def zip_bytes(files):
    """Size of a Lambda zip of these {name in the zip: path}."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in sorted(files.items()):
            entry = zipfile.ZipInfo(name, ZIP_TIME)
            entry.external_attr = 0o755 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, Path(path).read_bytes(), compresslevel=9)
    return buffer.getbuffer().nbytes
