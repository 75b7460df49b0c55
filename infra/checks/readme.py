"""The tables of inputs and outputs in the modules' READMEs, made from their variables.tf and outputs.tf."""

import re
from pathlib import Path

import hcl
import place

BEGIN, END = "<!-- made by `make infra-docs`: begin -->", "<!-- end -->"


def tables(module):
    """Both tables; what has no description or no type is a problem."""
    module = Path(module)
    lines = ["## Inputs", "", "| name | type | default | meaning |", "|---|---|---|---|"]
    for name, content in hcl.blocks(read(module / "variables.tf"), "variable"):
        kind, description = hcl.attribute(content, "type"), hcl.attribute(content, "description")
        if kind is None or description is None:
            raise place.Problem(f"variable {name} of {module.name} has no {'type' if kind is None else 'description'}")
        default = hcl.attribute(content, "default")
        # What is an object is described, not spelt out: the file has it.
        shown = kind if "\n" not in kind else re.sub(r"\(.*", "", kind.replace("\n", " ")) + " of objects"
        shown = "object" if shown.startswith("object") else shown
        given = "required" if default is None else f"`{default}`"
        lines.append(f"| `{name}` | {cell(shown)} | {given} | {cell(hcl.text_of(description))} |")
    lines += ["", "## Outputs", "", "| name | meaning |", "|---|---|"]
    for name, content in hcl.blocks(read(module / "outputs.tf"), "output"):
        description = hcl.attribute(content, "description")
        if description is None:
            raise place.Problem(f"output {name} of {module.name} has no description")
        lines.append(f"| `{name}` | {cell(hcl.text_of(description))} |")
    return "\n".join(lines)


def read(path):
    return path.read_text() if path.exists() else ""


def cell(text):
    return text.replace("|", "\\|")


def wanted(module):
    """The README as it should be: its own words with the tables between the marks."""
    text = read(Path(module) / "README.md")
    if BEGIN not in text or END not in text:
        raise place.Problem(f"README.md of {Path(module).name} lacks the marks {BEGIN} and {END}")
    head, rest = text.split(BEGIN, 1)
    return head + BEGIN + "\n\n" + tables(module) + "\n\n" + END + rest.split(END, 1)[1]


def check(root):
    for module in sorted((Path(root) / place.MODULES).iterdir()):
        if read(module / "README.md") != wanted(module):
            raise place.Problem(
                f"README.md of {module.name} is not what its variables and outputs say: make infra-docs"
            )


def write(root):
    for module in sorted((Path(root) / place.MODULES).iterdir()):
        (module / "README.md").write_text(wanted(module))
