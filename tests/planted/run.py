#!/usr/bin/env python3
"""Plants known bugs, one at a time, and sees whether the proof finds each: the proof of the proof.

Each `NN-name.patch` breaks one rule of Headroom; its first lines say the harm and the rule. The proof has to find it,
or, where a line `# Test: NAME` stands beside them, that test of shared/core: decoders stand outside of the worlds. The
sources are copied to target/planted, so nothing of the working tree is touched. A patch that no longer applies fails
the run, and so does the copy without a bug, when the proof or one of the tests does not hold in it.

    python3 tests/planted/run.py            all of them
    python3 tests/planted/run.py 03 07      the copy without a bug, and these two
"""

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "target" / "planted"
TREE = WORK / "tree"
# What the proof is built from; the other members of the workspace are not copied.
MEMBERS = ["shared/core", "shared/pipeline", "shared/simulator", "shared/local", "tests"]
# Only what the proof stands on is compiled of the test crate: the other suites would find some bugs too.
LIB = "#[cfg(test)]\nmod golden;\n#[cfg(test)]\nmod proof;\n"
# Less optimisation is compiled sooner, and a bug is found within seconds.
OPT_LEVEL = 1
# A bug that takes more than this is too well hidden for a test of every change.
SERVICE_DAYS = 400
SECONDS = 180
# What holds in the copy without a bug; `make test` asks for a thousand.
SERVICE_DAYS_SOUND = 100
TEST = re.compile(r"^# Test: (\S+)$", re.M)
FOUND = re.compile(r"proof found (.+) after (\d+) service-days, (\d+) s, seed (\d+)")


def copy_tree():
    """Copies the sources; what has not changed keeps its time, so that cargo builds only what has."""
    wanted = set()
    # Tests of the core compute what the examples say.
    for member in [*MEMBERS, "examples"]:
        for source in sorted((ROOT / member).rglob("*")):
            if source.is_file() and "__pycache__" not in source.parts:
                wanted.add(source.relative_to(ROOT))
    for name in [Path("Cargo.lock"), Path("rust-toolchain.toml")]:
        wanted.add(name)
    for name in wanted:
        put(name, (ROOT / name).read_bytes())
    for old in sorted(TREE.rglob("*")):
        if old.is_file() and old.relative_to(TREE) not in wanted | {Path("Cargo.toml")}:
            old.unlink()
    put(Path("Cargo.toml"), workspace().encode())
    put(Path("tests/src/lib.rs"), LIB.encode())


def put(name, data):
    target = TREE / name
    if target.is_file() and target.read_bytes() == data:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def workspace():
    """The workspace's manifest with the copied members only."""
    text = (ROOT / "Cargo.toml").read_text()
    members = "members = [\n" + "".join(f'    "{member}",\n' for member in MEMBERS) + "]"
    text = re.sub(r"members = \[.*?\]", members, text, count=1, flags=re.S)
    return re.sub(r"opt-level = [123]", f"opt-level = {OPT_LEVEL}", text)


def environment(**more):
    # Incremental state makes each of the builds after the first short.
    return dict(os.environ, CARGO_TARGET_DIR=str(WORK / "build"), CARGO_INCREMENTAL="1", **more)


def build(package="headroom-tests"):
    """Builds the tests of a package, by default the proof; the path of the binary."""
    command = ["cargo", "test", "--offline", "--no-run", "--message-format=short", "-p", package, "--lib"]
    done = subprocess.run(command, cwd=TREE, env=environment(), capture_output=True, text=True, check=False)
    binary = re.search(r"Executable .*\((.+)\)", done.stderr)
    if done.returncode != 0 or binary is None:
        errors = [line for line in done.stderr.splitlines() if "error" in line]
        raise SystemExit("does not build:\n" + "\n".join(errors[:20] or done.stderr.splitlines()[-20:]))
    return TREE / binary.group(1)


def prove(binary, service_days):
    """Runs the proof; whether it held, what it found, and its output."""
    command = [str(binary), "proof::property::random_worlds_hold_the_invariants", "--exact", "--nocapture"]
    budget = environment(PROOF_SERVICE_DAYS=str(service_days), PROOF_SHRINK="0", RUST_BACKTRACE="0")
    try:
        done = subprocess.run(command, cwd=TREE / "tests", env=budget, capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False, None, f"not done after {SECONDS} s"
    output = done.stdout + done.stderr
    return done.returncode == 0 and "1 passed" in output, FOUND.search(output), output


def run_test(binary, name):
    """Runs one test of shared/core; whether it passed, and its output."""
    command = [str(binary), name, "--exact"]
    try:
        done = subprocess.run(command, cwd=TREE / "shared/core", capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False, f"not done after {SECONDS} s"
    return done.returncode == 0 and "1 passed" in done.stdout, done.stdout + done.stderr


def test_of(patch):
    """The test that has to find a bug; None for the proof."""
    named = TEST.search(patch.read_text())
    return named.group(1) if named else None


def apply(patch, reverse=False):
    # The copy lies inside of a repository that it is no part of.
    outside = dict(os.environ, GIT_CEILING_DIRECTORIES=str(WORK))
    command = ["git", "apply", "--whitespace=nowarn", *(["--reverse"] if reverse else []), str(patch)]
    done = subprocess.run(command, cwd=TREE, env=outside, capture_output=True, text=True, check=False)
    return done.stderr.strip() if done.returncode != 0 else None


def plant(patch):
    """Plants one bug. Returns a line for people, and whether it was found."""
    problem = apply(patch)
    if problem:
        return f"does not apply any more: {problem}", False
    try:
        begun, test = time.monotonic(), test_of(patch)
        binary = build("headroom-core") if test else build()
        built = time.monotonic() - begun
        if test:
            _, output = run_test(binary, test)
            found = f"test {test} ... FAILED" in output
            return f"{'found' if found else 'NOT FOUND'} by {test} (build {built:.0f} s)", found
        held, found, output = prove(binary, SERVICE_DAYS)
        if found:
            rule, days, seconds, seed = found.groups()
            return f"found after {days} service-days, {seconds} s (build {built:.0f} s), seed {seed}: {rule}", True
        why = "NOT FOUND" if held else "failed without a finding: " + " | ".join(output.splitlines()[-5:])
        return f"{why} in {SERVICE_DAYS} service-days", False
    finally:
        problem = apply(patch, reverse=True)
        if problem:
            raise SystemExit(f"{patch.name} cannot be taken back: {problem}")


def main():
    begun = time.monotonic()
    copy_tree()
    patches = sorted(Path(__file__).parent.glob("*.patch"))
    chosen = [p for p in patches if not sys.argv[1:] or any(p.name.startswith(a) for a in sys.argv[1:])]
    if not chosen:
        raise SystemExit("no such patch")
    tests = sorted({test for test in map(test_of, chosen) if test})
    if len(tests) < len(chosen):
        held, _, output = prove(build(), SERVICE_DAYS_SOUND)
        print(f"{'no bug':32} {'holds' if held else 'DOES NOT HOLD'} in {SERVICE_DAYS_SOUND} service-days", flush=True)
        if not held:
            raise SystemExit(output[-4000:])
    binary = build("headroom-core") if tests else None
    for test in tests:
        held, output = run_test(binary, test)
        print(f"{'no bug':32} {'passes' if held else 'DOES NOT PASS'}: {test}", flush=True)
        if not held:
            raise SystemExit(output[-4000:])
    missed = []
    for patch in chosen:
        line, found = plant(patch)
        print(f"{patch.stem:32} {line}", flush=True)
        if not found:
            missed.append(patch.stem)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} planted bugs found, {time.monotonic() - begun:.0f} s")
    if missed:
        raise SystemExit("missed: " + ", ".join(missed))


if __name__ == "__main__":
    main()
