"""Plants errors in a copy, one at a time; each must be found, by the check that is there for it: `make infra-selftest`.

python3 infra/checks/selftest.py [NAME ...]
"""

import argparse
import contextlib
import io
import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import check
import place

CONTROL = "infra/terraform/modules/control-plane"
FLEET = "infra/terraform/modules/fleet"
MANIFEST = "infra/generated/functions.json"

# Name; file; what is replaced and by what; the check that must find it, and a word of what it says.
PLANTED = [
    (
        "misspelt attribute",
        f"{CONTROL}/functions.tf",
        "retention_in_days =",
        "retention_in_day =",
        "control-plane: validate",
        "retention_in_day",
    ),
    (
        "wrong enum",
        f"{FLEET}/alarms.tf",
        '"GreaterThanThreshold"\n  threshold           = each.value.above',
        '"AboveThreshold"\n  threshold           = each.value.above',
        "fleet: ",
        "AboveThreshold",
    ),
    (
        "misspelt reference",
        f"{CONTROL}/functions.tf",
        "aws_sqs_queue.dead_letters.arn",
        "aws_sqs_queue.dead_letters.arm",
        "control-plane: validate",
        "dead_letters.arm",
    ),
    (
        "pattern that selects nothing",
        MANIFEST,
        '"CloudWatch Alarm Contributor State Change"',
        '"CloudWatch Alarm Contributor Change"',
        "patterns",
        "headroom-alarm-contributor",
    ),
    (
        "statement too many",
        f"{CONTROL}/roles.tf",
        "[for statement in each.value.iam.always : merge(",
        "[for statement in concat(each.value.iam.always, "
        '[merge(each.value.iam.always[0], { sid = "Extra" })]) : merge(',
        "control-plane: test",
        "a statement too many: Extra",
    ),
    (
        "statement missing",
        f"{CONTROL}/roles.tf",
        "for statement in each.value.iam.always : merge(",
        "for statement in slice(each.value.iam.always, 1, length(each.value.iam.always)) : merge(",
        "control-plane: test",
        "lacks the statement ReadJournal",
    ),
    (
        "write permission in observe",
        f"{CONTROL}/roles.tf",
        "if local.acts && length(statements) > 0",
        "if length(statements) > 0",
        "control-plane: test",
        "in_observe_no_role_may_change_the_fleet",
    ),
    (
        "write permission among the reads",
        MANIFEST,
        '"ecs:DescribeTasks"',
        '"ecs:StopTask"',
        "statements",
        "lets observe do ecs:StopTask",
    ),
    ("wildcard action", MANIFEST, '"dynamodb:BatchGetItem"', '"dynamodb:*"', "statements", "the action dynamodb:*"),
    (
        "wildcard resource",
        MANIFEST,
        '"arn:${partition}:sns:${region}:${account}:headroom-notices"\n            ]',
        '"*"\n            ]',
        "statements",
        "the resource *",
    ),
    (
        "wildcard action in a queue's policy",
        f"{CONTROL}/stores.tf",
        'Action    = "sqs:SendMessage"',
        'Action    = "sqs:*"',
        "control-plane: test",
        "aws_sqs_queue_policy.dead_letters/UndeliveredEvents has the action sqs:*",
    ),
    (
        "topic that everybody may publish to",
        f"{CONTROL}/stores.tf",
        'Principal = { Service = "cloudwatch.amazonaws.com" }',
        'Principal = "*"',
        "control-plane: test",
        "aws_sns_topic_policy.notices/OwnAlarms permits",
    ),
    (
        "alarm under another name",
        f"{FLEET}/alarms.tf",
        '"${each.value.service.service}-${each.value.remedy}"',
        '"${each.value.service.service}-${each.value.remedy}-alarm"',
        "fleet: test",
        "the_fleet_file_becomes",
    ),
    (
        "bounds that are written over a lease",
        f"{FLEET}/scaling.tf",
        'for_each = var.bounds_owner == "terraform" ? local.managed : {}',
        "for_each = local.managed",
        "fleet: test",
        "headroom_owns_the_bounds",
    ),
    (
        "forecast that raises max",
        f"{FLEET}/predictive.tf",
        'MaxCapacityBreachBehavior = "HonorMaxCapacity"',
        'MaxCapacityBreachBehavior = "IncreaseMaxCapacity"',
        "fleet: test",
        "the predictive policy is not what the fleet file says",
    ),
    (
        "widget that is missing",
        f"{FLEET}/dashboards.tf",
        'key = "errors", title = "Server errors (5xx) of the targets"',
        'key = "errors", title = "Errors"',
        "fleet: test",
        "a widget is missing",
    ),
    (
        "page that loses its alarms",
        f"{FLEET}/dashboards.tf",
        "chunklist(alarms, local.widget_alarms_max)",
        "slice(chunklist(alarms, local.widget_alarms_max), 0, min(1, length(alarms)))",
        "fleet: test",
        "beyond the hundred that a widget takes",
    ),
    (
        "layer that does not open",
        f"{CONTROL}/layer.tf",
        "[80, 75, 1, 2, 20, 3]",
        "[80, 75, 1, 3, 20, 3]",
        "control-plane: test",
        "zip",
    ),
    (
        "another provider",
        f"{FLEET}/versions.tf",
        'source = "hashicorp/aws"',
        'source = "hashicorp/awscc"',
        "versions",
        "not for hashicorp/aws alone",
    ),
    (
        "stale README",
        f"{FLEET}/variables.tf",
        "Only the services of this environment of the fleet file",
        "Only these services of the fleet file",
        "readme",
        "README.md of fleet",
    ),
    ("not formatted", f"{FLEET}/outputs.tf", "  description = ", "  description   = ", "fmt", "not formatted"),
]


def plant(folder, path, old, new):
    """Edits the copy; an edit that changes nothing is an error of this file."""
    file = Path(folder) / path
    text = file.read_text()
    if old not in text:
        raise SystemExit(f"selftest: {path} no longer holds {old!r}: renew this plant")
    file.write_text(text.replace(old, new, 1) if path != MANIFEST else text.replace(old, new))


def scope(folder, path):
    """Only the planted module is validated and tested; a plant in the manifest needs none."""
    for module in place.modules(folder):
        if not path.startswith(str(module.relative_to(folder))):
            # Its files stay for the checks of files; Terraform is not asked about it.
            (module / "versions.tf").rename(module / "versions.off")


def found(name, path, old, new, by, word):
    """Whether the plant was found by the right check; and all that was said."""
    with tempfile.TemporaryDirectory(prefix="headroom-selftest-") as folder:
        ignore = shutil.ignore_patterns(".terraform*", "__pycache__")
        shutil.copytree(place.ROOT / "infra", Path(folder) / "infra", ignore=ignore)
        shutil.copytree(place.ROOT / "tests" / "fixtures" / "events", Path(folder) / "tests" / "fixtures" / "events")
        plant(folder, path, old, new)
        scope(folder, path)
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            problems = check.everything(folder)
    return any(by in problem.split("\n")[0] and word in problem for problem in problems), said.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", nargs="*", help="only these plants")
    options = parser.parse_args()
    if place.terraform() is None:
        check.skip("selftest", "there is no terraform and no tofu on PATH")
        return 1 if os.environ.get("CI") else 0
    # The compiled fleets need the command line, which these plants do not touch.
    check.fleets.compiler = lambda root: None
    os.environ.pop("CI", None)
    missed = 0
    for name, *planted in PLANTED:
        if options.name and name not in options.name:
            continue
        ok, said = found(name, *planted)
        missed += not ok
        print(f"{'found ' if ok else 'MISSED'}  {name:<38} by {planted[3]}", flush=True)
        if not ok:
            print(said)
    print(f"\ninfra-selftest: {'every plant found' if not missed else f'{missed} MISSED'}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
