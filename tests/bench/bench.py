"""`make bench`: alarm-handler beside a bare Lambda runtime and a Python peer that makes the same AWS calls.

    bench.py                        the table (--json for machines)
    bench.py --check baseline.json  exact figures only, for CI: exit 1 when one became worse
    bench.py --check baseline.json --update

Needs boto3 and cryptography (the demo's venv has both), valgrind for instruction counts, and the release builds.
Nothing leaves the machine: the Runtime API and AWS are emulated on loopback.
"""

import argparse
import json
import platform
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = "cargo build --release -p alarm-handler --bins --examples"
PEER_PACKAGES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3")

try:
    import botocore
    import cryptography  # noqa: F401  (used by the stub's process; better missed here than there)
except ImportError as missing:
    sys.exit(f"bench: {missing}. Use the demo's virtual environment: .venv/bin/python {sys.argv[0]}")

import baseline
import callgrind
import measure
import report
import scenario
from runtime_api import FunctionFailed
from stub_client import StubClient

FLEET_SERVICES = 12
FLEET_SERVICES_MANY = 10_000
STORM_ALARMS = 1_000


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--handler", type=Path, default=ROOT / "target/release/alarm-handler")
    parser.add_argument("--floor", type=Path, default=ROOT / "target/release/examples/floor")
    parser.add_argument("--rounds", type=int, default=7, help="interleaved rounds, of which medians are taken")
    parser.add_argument("--events", type=int, default=50, help="warm events per round")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--markdown", action="store_true", help="print the table as docs/performance.md has it")
    parser.add_argument("--check", type=Path, metavar="BASELINE", help="compare exact figures with this file")
    parser.add_argument("--update", action="store_true", help="with --check: rewrite the file")
    given = parser.parse_args()
    if given.update and not given.check:
        parser.error("--update needs --check BASELINE")
    if given.rounds < 1 or given.events < 1:
        parser.error("--rounds and --events are at least 1")
    wanted = [given.handler] if given.check else [given.handler, given.floor]
    if absent := [str(path) for path in wanted if not path.is_file()]:
        parser.error(f"{', '.join(absent)} not found; build with\n  {BUILD}")
    if given.check and not callgrind.available():
        parser.error("--check needs valgrind")
    return given


def progress(text):
    print(text, file=sys.stderr, flush=True)


def write_fleet(directory, services):
    path = Path(directory) / f"fleet-{services}.json"
    path.write_text(json.dumps(scenario.fleet(services)))
    return path


def handler_subject(path, stub, fleet_path):
    return measure.Subject(report.HANDLER, [str(path)], scenario.environment(stub.settings, fleet_path))


def peer_subject(stub, fleet_path, directory):
    """The peer trusts what boto3 trusts by default, and the stub: a bundle of one would be a gift to it."""
    bundle = Path(directory) / "peer-ca.pem"
    usual = Path(botocore.__file__).with_name("cacert.pem").read_text()
    bundle.write_text(usual + Path(stub.settings["ca_file"]).read_text())
    environment = {**scenario.environment(stub.settings, fleet_path), "AWS_CA_BUNDLE": str(bundle)}
    return measure.Subject(report.PEER, [sys.executable, str(HERE / "peer/bootstrap.py")], environment)


def peer_files():
    """What the peer's zip holds when boto3 is bundled, as AWS advises for a pinned version."""
    packages = Path(botocore.__file__).parents[1]
    files = {path.name: path for path in (HERE / "peer").glob("*.py")}
    for package in PEER_PACKAGES:
        for path in (packages / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                files[str(path.relative_to(packages))] = path
    files["six.py"] = packages / "six.py"
    return files


def flat(figures, size, instructions, calls):
    """One subject's results as {figure: number}; what was not measured is absent."""
    exact = {f"instructions.{name}": count for name, count in (instructions or {}).items()}
    if calls:
        for story, found in calls.items():
            exact |= {f"{figure}.{story}": found[figure] for figure in ("calls", "round_trips")}
        if instructions:
            exact["instructions.warm_call"] = instructions["warm_event"] / calls["acting"]["calls"]
    return {**figures, "zip_bytes": size, **exact}


def check(given, bench, stub, directory):
    """The guarded figures of alarm-handler alone, compared with the baseline or written to it."""
    handler = handler_subject(given.handler, stub, write_fleet(directory, FLEET_SERVICES))
    progress("calls and round trips")
    calls = bench.calls(handler)
    counts = callgrind.instructions(bench, handler, progress)
    progress(f"callgrind: {FLEET_SERVICES_MANY:,} services")
    counts["large_fleet"] = large_fleet_instructions(large_pair(given, stub, directory), bench)
    measured = baseline.figures(counts, calls, measure.zip_bytes({"bootstrap": given.handler}))
    if given.update:
        tools = {name: first_line([name, "--version"]) for name in ("valgrind", "rustc")}
        baseline.write(given.check, measured, {**tools, "machine": platform.machine()})
        print(f"wrote {given.check}")
        return 0
    if not given.check.is_file():
        print(f"bench: {given.check} does not exist; write it with --update", file=sys.stderr)
        return 2
    lines, good = baseline.compare(measured, baseline.read(given.check))
    print("\n".join(lines))
    return 0 if good else 1


def first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def compare_all(given, bench, stub, directory):
    """Every figure of every subject, and the cold start with a large fleet."""
    fleet_path = write_fleet(directory, FLEET_SERVICES)
    handler = handler_subject(given.handler, stub, fleet_path)
    floor = measure.Subject(report.FLOOR, [str(given.floor)], calls_aws=False)
    peer = peer_subject(stub, fleet_path, directory)
    figures = measure.rounds(bench, [floor, handler, peer], given.rounds, given.events, progress)
    progress("calls and round trips")
    calls = {subject.name: bench.calls(subject) for subject in (handler, peer)}
    counts = {}
    if callgrind.available():
        counts = {subject.name: callgrind.instructions(bench, subject, progress) for subject in (floor, handler)}
    sizes = {
        report.FLOOR: measure.zip_bytes({"bootstrap": given.floor}),
        report.HANDLER: measure.zip_bytes({"bootstrap": given.handler}),
        report.PEER: measure.zip_bytes(peer_files()),
    }
    return {
        "figures": {
            name: flat(figures[name], sizes[name], counts.get(name), calls.get(name)) for name in figures
        },
        "operations": {name: {story: f["operations"] for story, f in found.items()} for name, found in calls.items()},
        "storm": storm(given, bench, stub, directory),
        "large_fleet": large_fleet(given, bench, stub, directory),
    }


def large_fleet(given, bench, stub, directory):
    """What a large fleet file adds to a cold start: CPU milliseconds, and instructions where valgrind is there."""
    progress(f"cold start with {FLEET_SERVICES_MANY:,} services")
    pair = large_pair(given, stub, directory)
    one, many = measure.least_cold_start_cpu_ms(bench, pair, 2 * given.rounds)
    added = {"services": FLEET_SERVICES_MANY, "cpu_ms_of_one": one, "cpu_ms_more": many - one}
    if callgrind.available():
        added["instructions_more"] = large_fleet_instructions(pair, bench)
    return added


def large_pair(given, stub, directory):
    return [handler_subject(given.handler, stub, write_fleet(directory, n)) for n in (1, FLEET_SERVICES_MANY)]


def large_fleet_instructions(pair, bench):
    one, many = (callgrind.cold_start(bench, subject) for subject in pair)
    return many - one


def storm(given, bench, stub, directory):
    progress(f"storm of {STORM_ALARMS:,} alarms")
    return bench.storm(handler_subject(given.handler, stub, write_fleet(directory, STORM_ALARMS)), STORM_ALARMS)


def show(results, as_markdown):
    form = report.markdown if as_markdown else report.table
    print("\n".join(form(results["figures"])))
    large = results["large_fleet"]
    print(
        f"\ncold start with {large['services']:,} services instead of one: "
        f"{large['cpu_ms_more']:+.1f} ms CPU (one: {large['cpu_ms_of_one']:.1f} ms), "
        f"{large.get('instructions_more', 'no count of')} instructions more"
    )
    rush = results["storm"]
    print(
        f"storm of {rush['alarms']:,} alarms, each changing its own service once: "
        f"{rush['events_per_second']:,.0f} events/s with this stub, "
        f"{rush['events_per_cpu_second']:,.0f} per second of the handler's own CPU"
    )
    for line in report.calls(results["operations"]):
        print(line)


def main():
    # Ending by signal must end the processes under test too, which the context managers do.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    given = arguments()
    with tempfile.TemporaryDirectory(prefix="headroom-bench-") as directory, StubClient(directory) as stub:
        bench = measure.Bench(stub, directory)
        try:
            if given.check:
                return check(given, bench, stub, directory)
            results = compare_all(given, bench, stub, directory)
        except (FunctionFailed, measure.WrongStory, RuntimeError) as failed:
            print(f"bench: {failed}", file=sys.stderr)
            return 1
    if given.json:
        print(json.dumps(results, indent=2))
    else:
        show(results, given.markdown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
