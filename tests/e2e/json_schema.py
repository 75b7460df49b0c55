"""JSON Schema, as far as the documents in docs/ use it: enough to judge an event without a package.

A keyword that is not known here is an error, so that a schema never asks for more than is looked at.
"""

from datetime import datetime

TYPES = {"object": dict, "string": str}
WORDS = {"$schema", "title", "description"}


def problems(schema, value, where="$"):
    """What is wrong with a value, each with its place."""
    found = []
    for keyword, wanted in schema.items():
        if keyword in WORDS:
            continue
        if keyword == "type":
            if not isinstance(value, TYPES[wanted]):
                found.append(f"{where}: {value!r} is no {wanted}")
        elif keyword == "const":
            if value != wanted:
                found.append(f"{where}: {value!r} is not {wanted!r}")
        elif keyword == "enum":
            if value not in wanted:
                found.append(f"{where}: {value!r} is none of {wanted}")
        elif keyword == "required":
            found += [f"{where}.{name}: missing" for name in wanted if name not in value]
        elif keyword == "properties":
            for name, of in wanted.items():
                if name in value:
                    found += problems(of, value[name], f"{where}.{name}")
        elif keyword == "format" and wanted == "date-time":
            try:
                datetime.fromisoformat(value.replace("Z", "+00:00"))
            except ValueError:
                found.append(f"{where}: {value!r} is no date-time")
        else:
            raise NotImplementedError(f"{where}: {keyword} {wanted}")
    return found
