"""Every example fleet, each of its environments, through both modules and their tests' provider: `make infra-full`.

    python3 infra/checks/full.py [--examples-only]

`make infra` plans the two Terraform examples; this plans what a team would write for each fleet in examples/.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import check
import fleets
import place

MAIN = """
module "headroom" {{
  source     = "../../modules/control-plane"
  fleet_file = "fleet.json"
  mode       = "{mode}"
  code       = {{ directory = "../../tests/code" }}
}}

module "fleet" {{
  source       = "../../modules/fleet"
  fleet        = jsondecode(file("fleet.json"))
  bounds_owner = "{owner}"
  dashboards   = "services"
}}
"""
TEST = """
mock_provider "aws" {
  source = "../../tests/mocks"
}

run "the_whole_fleet_is_made" {
  command = apply

  override_data {
    target = module.headroom.data.aws_region.current
    values = { id = "REGION", name = "REGION", region = "REGION" }
  }
  override_data {
    target = module.fleet.data.aws_region.current
    values = { id = "REGION", name = "REGION", region = "REGION" }
  }
  override_data {
    target = module.headroom.data.aws_caller_identity.current
    values = { account_id = "ACCOUNT" }
  }
  override_data {
    target = module.fleet.data.aws_caller_identity.current
    values = { account_id = "ACCOUNT" }
  }

  assert {
    condition     = length(module.fleet.alarm_names) > 0 && length(distinct(values(module.fleet.alarm_names))) == length(module.fleet.alarm_names)
    error_message = "no alarm, or two of one name: ${jsonencode(module.fleet.alarm_names)}"
  }

  assert {
    condition     = length(module.fleet.scalable_targets) > 0 && length(module.fleet.policy_arns) > 0 && length(module.fleet.dashboard_names) > 0
    error_message = "no scalable target, no policy or no dashboard"
  }

  assert {
    condition     = strcontains(module.headroom.next_steps, "set-alarm-state")
    error_message = "next_steps does not fire an alarm"
  }
}
"""


def examples(root):
    """Name of the example, environment as compiled, and the compiled slice, for each environment of each example."""
    for file in sorted((Path(root) / "examples").glob("*/headroom.yaml")):
        source = str(file.relative_to(root))
        for environment in json.loads(fleets.compiled(root, source, None))["environments"]:
            yield file.parent.name, environment, fleets.compiled(root, source, environment["name"])


def made(copy, name, environment, fleet):
    """The folder in which a team would type `terraform apply`."""
    folder = copy / place.EXAMPLES / f"full-{name}-{environment['name']}"
    (folder / "tests").mkdir(parents=True)
    shutil.copy(copy / place.EXAMPLES / "minimal" / "versions.tf", folder)
    (folder / "fleet.json").write_text(fleet)
    mode = environment["mode"]
    owner = "headroom" if mode == "act" else "terraform"
    (folder / "main.tf").write_text(MAIN.format(mode=mode, owner=owner))
    test = TEST.replace("REGION", environment["region"]).replace("ACCOUNT", environment["account"])
    (folder / "tests" / "plan.tftest.hcl").write_text(test)
    return folder


def planned(copy, name, environment, fleet):
    folder = made(copy, name, environment, fleet)
    check.valid(folder)
    return f"{environment['mode']}, {check.tested(copy, folder)}"


def main():
    if fleets.compiler(place.ROOT) is None:
        print("FAILED  target/debug/headroom is not built: make test, or cargo build --workspace")
        return 1
    if place.terraform() is None:
        print("FAILED  there is no terraform and no tofu on PATH")
        return 1
    problems = check.everything(place.ROOT) if "--examples-only" not in sys.argv else []
    with tempfile.TemporaryDirectory(prefix="headroom-infra-full-") as folder:
        copy = place.copy(place.ROOT, folder)
        for name, environment, fleet in examples(place.ROOT):
            arguments = (copy, name, environment, fleet)
            problem = check.one(f"full {name}/{environment['name']}", lambda arguments=arguments: planned(*arguments))
            problems += [problem] if problem else []
    print(f"\ninfra-full: {'passed' if not problems else f'{len(problems)} FAILED'}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
