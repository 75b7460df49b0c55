#!/usr/bin/env python3
"""Every end-to-end test, each class in a process of its own, as many at once as there are cores, at most three.

    python3 tests/e2e/run.py                 all of them
    python3 tests/e2e/run.py test_person     those whose name contains it

Most of a class is waiting for servers, so that two of them take hardly longer than one. Each process has free ports and
a folder for its runs; what a class printed is shown when it ends, with its seconds, and the slowest at the end.
"""

import concurrent.futures
import os
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.dont_write_bytecode = True
SHOWN = 8
# A class that takes longer hangs.
WITHIN_S = 1200
# The longest first, so that nothing long is left for the end; the others follow in the order of their files.
LONGEST = ("test_local_stack.TheStory", "test_local_stack.TakenAway", "test_local_stack.OneStack", "test_person.Killed")


def classes(suite):
    """`module.Class` of every test found, each once, in order; one that cannot be imported is an error."""
    found = {}
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            found |= classes(test)
        elif isinstance(test, unittest.loader._FailedTest):
            raise SystemExit(str(test._exception))
        else:
            found[f"{type(test).__module__}.{type(test).__name__}"] = None
    return found


def run(name):
    """One class: its name, exit code, output and seconds."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="headroom-e2e-") as runs:
        environment = {**os.environ, "HEADROOM_RUNS": runs, "HEADROOM_ANY_PORT": "1"}
        command = [sys.executable, "-m", "unittest", "--verbose", name]
        # Into a file: a server that outlives its test would keep a pipe open.
        with tempfile.TemporaryFile() as written:
            pipes = {"stdin": subprocess.DEVNULL, "stdout": written, "stderr": subprocess.STDOUT}
            with subprocess.Popen(command, cwd=HERE, env=environment, **pipes) as process:
                late = ended(process)
            written.seek(0)
            output = written.read().decode(errors="replace") + late
    return name, process.returncode, output, time.monotonic() - began


def ended(process):
    """Waits for its end, which it may need help with; a sentence then."""
    try:
        process.wait(WITHIN_S)
        return ""
    except subprocess.TimeoutExpired:
        # SIGTERM first: it ends its servers.
        process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
    return f"\nno end within {WITHIN_S} s\n"


def main():
    wanted = sys.argv[1:]
    names = list(classes(unittest.defaultTestLoader.discover(str(HERE), top_level_dir=str(HERE))))
    names = [name for name in names if not wanted or any(part in name for part in wanted)]
    if not names:
        raise SystemExit("no such test")
    names.sort(key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))
    failed, took, began = [], [], time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(min(3, os.cpu_count() or 1)) as pool:
        for done in concurrent.futures.as_completed([pool.submit(run, name) for name in names]):
            name, code, output, seconds = done.result()
            print(f"\n-- {name}: {'ok' if code == 0 else f'FAILED, exit {code}'}, {seconds:.0f} s\n{output}", flush=True)
            took.append((seconds, name))
            failed += [name] if code else []
    print("slowest: " + ", ".join(f"{name} {seconds:.0f} s" for seconds, name in sorted(took, reverse=True)[:SHOWN]))
    print(f"{len(names) - len(failed)} of {len(names)} classes ok, {time.monotonic() - began:.0f} s")
    raise SystemExit("FAILED: " + ", ".join(sorted(failed)) if failed else 0)


if __name__ == "__main__":
    main()
