"""The little of HCL that is needed to read `variable` and `output` blocks: names, attributes as they are written."""

import re


def blocks(text, kind):
    """`kind "name" { ... }` at the top level: name and content, in the order of the file."""
    for found in re.finditer(rf'^{kind} "([^"]+)" {{$', text, re.M):
        end = re.compile(r"^}$", re.M).search(text, found.end())
        yield found.group(1), text[found.end() : end.start()]


def attribute(content, name):
    """The value as written, without its name; None when the block has none. `terraform fmt` fixes the indent."""
    found = re.search(rf"^  {name}\s*= (.*)$", content, re.M)
    if not found:
        return None
    value = found.group(1)
    if depth(value) == 0:
        return value
    lines = [value]
    for line in content[found.end() :].splitlines()[1:]:
        lines.append(line[2:])
        if depth("\n".join(lines)) == 0:
            break
    return "\n".join(lines)


def depth(text):
    """How many brackets are still open outside strings."""
    bare = re.sub(r'"(\\.|[^"\\])*"', "", text)
    return sum(bare.count(c) for c in "([{") - sum(bare.count(c) for c in ")]}")


def text_of(value):
    """A quoted string as people read it."""
    return value[1:-1].replace('\\"', '"').replace("\\\\", "\\") if value else ""
