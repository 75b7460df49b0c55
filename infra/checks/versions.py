"""versions.tf of each module: Terraform's floor, and the aws provider and no other."""

import re

import place


def check(root):
    for module in place.modules(root):
        text = (module / "versions.tf").read_text()
        sources = re.findall(r'source\s*=\s*"([^"]+)"', text)
        if sources != ["hashicorp/aws"]:
            raise place.Problem(f"{place.name_of(root, module)} asks for {sources}, not for hashicorp/aws alone")
        for what in ("required_version", "version"):
            if not re.search(rf'\b{what}\s*=\s*">= ', text):
                raise place.Problem(f"{place.name_of(root, module)} has no floor in {what}")
        used = {
            kind
            for path in module.glob("*.tf")
            for kind in re.findall(r'^(?:resource|data) "([a-z0-9]+)_', path.read_text(), re.M)
        }
        if not used <= {"aws", "terraform"}:
            raise place.Problem(f"{place.name_of(root, module)} uses another provider: {sorted(used)}")
