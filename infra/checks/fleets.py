"""The compiled fleets beside the modules are what the compiler makes today of their fleet files."""

import os
import subprocess
from pathlib import Path

import place

# Fleet file, environment or none, compiled fleet; all below the root.
TERRAFORM = "infra/terraform"
FLEETS = [
    *(
        (f"{TERRAFORM}/tests/fleets/{name}.yaml", None, f"{TERRAFORM}/tests/fleets/{name}.json")
        for name in ("observe", "act", "two", "elsewhere", "openwan")
    ),
    (f"{TERRAFORM}/examples/minimal/headroom.yaml", None, f"{TERRAFORM}/examples/minimal/fleet.json"),
    *(
        ("examples/langfuse/headroom.yaml", name, f"{TERRAFORM}/examples/langfuse/fleets/{name}.json")
        for name in ("staging", "prod-eu", "prod-us", "prod-hipaa")
    ),
]


def compiler(root):
    """The command line as cargo built it; None before it was built."""
    target = Path(os.environ.get("CARGO_TARGET_DIR", Path(root) / "target")).resolve()
    binary = target / "debug" / "headroom"
    return binary if binary.exists() else None


def compiled(root, source, environment):
    command = [str(compiler(root)), "compile", source, *(["--environment", environment] if environment else [])]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise place.Problem(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


def check(root):
    for source, environment, made in FLEETS:
        path = Path(root) / made
        if not path.exists() or path.read_text() != compiled(root, source, environment):
            raise place.Problem(f"{made} is not what {source} compiles to: make infra-docs")
    return f"{len(FLEETS)} compiled fleets"


def write(root):
    for source, environment, made in FLEETS:
        path = Path(root) / made
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(compiled(root, source, environment))
