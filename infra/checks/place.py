"""Where things are, and how Terraform is run on a copy, so that nothing is left in the sources."""

import json
import os
import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
MODULES = "infra/terraform/modules"
EXAMPLES = "infra/terraform/examples"
# A module's tests take a minute and a half alone, and four times that on a machine that is busy; what takes longer hangs.
TERRAFORM_WITHIN_S = 600


class Problem(Exception):
    """Something that a check found: where, which check, what."""


def modules(root):
    """Every folder with a versions.tf: modules first, then examples."""
    folders = [Path(root) / MODULES, Path(root) / EXAMPLES]
    return [path.parent for folder in folders for path in sorted(folder.glob("*/versions.tf"))]


def name_of(root, module):
    return str(Path(module).relative_to(Path(root) / "infra" / "terraform"))


def terraform():
    """The program: what TERRAFORM names, else terraform, else OpenTofu; None when there is none."""
    named = os.environ.get("TERRAFORM")
    return named or next((found for name in ("terraform", "tofu") if (found := shutil.which(name))), None)


def copy(root, to):
    """What the modules and their tests read, without what Terraform left there; with a placeholder for each zip."""
    ignore = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "terraform.tfstate*", "__pycache__")
    shutil.copytree(Path(root) / "infra", Path(to) / "infra", ignore=ignore)
    manifest = json.loads((Path(to) / "infra" / "generated" / "functions.json").read_text())
    code = Path(to) / "infra" / "terraform" / "tests" / "code"
    code.mkdir()
    for name in manifest["functions"]:
        (code / f"{name}.zip").write_text("A placeholder: a plan reads its hash, and nobody runs it.\n")
    return Path(to)


def run(module, *arguments):
    """Runs Terraform in a folder; exit code and output."""
    command = [terraform(), *arguments]
    environment = {**os.environ, "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "TF_INPUT": "0"}
    done = subprocess.run(
        command, cwd=module, env=environment, capture_output=True, text=True, timeout=TERRAFORM_WITHIN_S
    )
    return done.returncode, done.stdout, done.stderr
