"""Checks infra/: `make infra`. Standard library only.

    python3 infra/checks/check.py [--write]

Terraform takes hashicorp/aws from wherever it finds it; a command that brings a filesystem mirror or a schema-only
provider goes before this one. `--write` writes the READMEs' tables and the compiled fleets.
Without Terraform the rest is checked and what was skipped is said; with CI set that is a failure.
"""

import argparse
import base64
import hashlib
import io
import json
import os
import sys
import tempfile
import time
import zipfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import fleets
import patterns
import place
import readme
import statements
import versions


def files(root):
    """What needs no Terraform: name and check."""
    return [
        ("readme", lambda: readme.check(root)),
        ("versions", lambda: versions.check(root)),
        ("patterns", lambda: patterns.check(root)),
        ("statements", lambda: statements.check(root)),
    ]


def formatted(copy):
    code, out, err = place.run(copy / "infra" / "terraform", "fmt", "-check", "-recursive", "-diff")
    if code != 0:
        raise place.Problem(f"not formatted (terraform fmt -recursive):\n{out}{err}")


def valid(module):
    code, out, err = place.run(module, "init", "-backend=false", "-no-color")
    if code != 0:
        raise place.Problem(f"init failed; does Terraform find hashicorp/aws \n{out}{err}")
    code, out, err = place.run(module, "validate", "-no-color")
    if code != 0:
        raise place.Problem(f"not valid:\n{out}{err}")


def tested(root, module):
    """The module's own tests, and what they planned, read again by another program."""
    # States are long; only this module's are read.
    verbose = ["-verbose"] if module.name == "control-plane" else []
    code, out, err = place.run(module, "test", "-json", *verbose)
    lines = [json.loads(line) for line in out.splitlines() if line.startswith("{")]
    runs = [
        line["test_run"] for line in lines if line["type"] == "test_run" and line["test_run"]["progress"] == "complete"
    ]
    if code != 0 or not runs or any(run["status"] != "pass" for run in runs):
        said = [describe(line) for line in lines if line["type"] == "diagnostic" and line["@level"] == "error"]
        failed = [run["run"] for run in runs if run["status"] != "pass"]
        raise place.Problem(f"tests failed: {', '.join(failed) or 'none ran'}\n" + "\n".join(said) + err)
    states = {line["@testrun"]: resources(line["test_state"]) for line in lines if line["type"] == "test_state"}
    if module.name == "control-plane":
        return f"{len(runs)} tests; " + control_plane(root, module, states)
    return f"{len(runs)} tests"


def describe(line):
    found = line["diagnostic"]
    at = found.get("range") or {}
    return (
        f"{at.get('filename', '')}:{at.get('start', {}).get('line', '')} {found['summary']}: {found.get('detail', '')}"
    )


def resources(state):
    return state.get("values", state).get("root_module", {}).get("resources", [])


def control_plane(root, module, states):
    """The statements of both modes against the manifest, and the layer's zip opened."""
    count = {}
    for mode, run in (("observe", OBSERVE), ("act", ACT)):
        if not states.get(run):
            raise place.Problem(f"no state of the test {run}: nothing to read statements from")
        count[mode] = statements.planned(root, mode, states[run])
        count["beside"] = statements.beside(states[run])
    layer(module / ".." / ".." / "tests" / "fleets" / "observe.json", states[OBSERVE])
    return (
        f"{count['observe']} statements in observe, {count['act']} in act, {count['beside']} of trust, topics, queues "
        "and the bucket; the layer opens"
    )


OBSERVE = "in_observe_no_role_may_change_the_fleet"
ACT = "in_act_the_policy_is_attached_for_the_clusters_of_the_fleet_file"


def layer(fleet_file, made):
    """The zip that layer.tf composes holds the fleet file, byte for byte."""
    (uploaded,) = [resource["values"] for resource in made if resource["type"] == "aws_s3_object"]
    try:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(uploaded["content_base64"], validate=True))) as archive:
            (entry,) = archive.infolist()
            content = archive.read(entry)
    except (ValueError, zipfile.BadZipFile) as problem:
        raise place.Problem(f"the layer is no zip: {problem}") from problem
    if entry.filename != "headroom/fleet.json" or entry.external_attr >> 16 != 0o100644:
        raise place.Problem(f"the layer holds {entry.filename} with mode {entry.external_attr >> 16:o}")
    if content != fleet_file.read_bytes() or hashlib.sha256(content).hexdigest()[:16] not in uploaded["key"]:
        raise place.Problem("the layer does not hold the fleet file")


def one(name, check):
    """Runs one check; answers what it found, None when all is well."""
    began = time.monotonic()
    try:
        said = check()
    except place.Problem as problem:
        print(f"FAILED  {name}: {problem}", flush=True)
        return f"{name}: {problem}"
    took = f"{time.monotonic() - began:.1f} s" if time.monotonic() - began > 0.1 else ""
    print(f"ok      {name:<34} {said or '':<60} {took}".rstrip(), flush=True)
    return None


# Names of what could not be done, for the last line.
SKIPPED = []


def skip(name, what):
    """What cannot be done here: said, and with CI set a failure."""
    if os.environ.get("CI"):
        print(f"FAILED  {name}: not done, and CI may skip nothing: {what}", flush=True)
        return f"{name}: {what}"
    print(f"SKIPPED {name}: {what}", flush=True)
    SKIPPED.append(name)
    return None


def everything(root):
    """All checks that can be made here; the problems."""
    found = [one(name, check) for name, check in files(root)]
    if fleets.compiler(root):
        found.append(one("fleets", lambda: fleets.check(root)))
    else:
        found.append(skip("fleets", "the compiled fleets: target/debug/headroom is not built"))
    if place.terraform() is None:
        found.append(skip("terraform", "fmt, validate, test: there is no terraform and no tofu on PATH"))
        return [problem for problem in found if problem]
    with tempfile.TemporaryDirectory(prefix="headroom-infra-") as folder:
        copy = place.copy(root, folder)
        found.append(one("fmt", lambda: formatted(copy)))
        for module in place.modules(copy):
            name = place.name_of(copy, module)
            problem = one(f"{name}: validate", lambda module=module: valid(module))
            found.append(problem)
            if not problem and (module / "tests").is_dir():
                found.append(one(f"{name}: test", lambda module=module: tested(root, module)))
    return [problem for problem in found if problem]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.write:
        readme.write(place.ROOT)
        if fleets.compiler(place.ROOT):
            fleets.write(place.ROOT)
        return 0
    problems = everything(place.ROOT)
    skipped = f", not done: {', '.join(SKIPPED)}" if SKIPPED else ""
    print(f"\ninfra: {'passed' if not problems else f'{len(problems)} FAILED'}{skipped}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
