"""Validates answers against botocore's service models: strictly, where botocore itself takes what it gets."""

import re
from datetime import datetime

from conformance.wire import error_message, error_name

# Times before are a number in another unit; times after are milliseconds.
SECONDS_MIN, SECONDS_MAX = 1_000_000_000, 10_000_000_000
ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z")
# What Python writes otherwise: a class, and a range of two surrogates each.
JAVA = {r"\p{Print}": r"[\x20-\x7e]", r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF"}
INTEGERS = {"integer": 2**31, "long": 2**63}


def problems(exchange):
    """Everything that the model does not allow in an answer."""
    if exchange.model is None:
        return []
    if not exchange.is_ok:
        return list(of_error(exchange))
    if exchange.model.output_shape is None:
        return [f"{exchange.name}: a body where the model has none"] if exchange.answered else []
    return list(of_tree(exchange.model.output_shape, exchange.answered, exchange.name, exchange.protocol))


def of_error(exchange):
    """An error must be one that the model has for the operation, with its status and only its members."""
    name, path = error_name(exchange.answered), f"{exchange.name} error"
    known = {code_of(shape, exchange.protocol): shape for shape in exchange.model.error_shapes}
    if name not in known:
        yield f"{path}: {name!r} is none of {sorted(known)}"
        return
    shape = known[name]
    status = shape.metadata.get("error", {}).get("httpStatusCode", 400)
    if exchange.status != status:
        yield f"{path}: {name} with status {exchange.status}, expected {status}"
    if not error_message(exchange.answered):
        yield f"{path}: {name} without a message"
    members = {member.lower() for member in shape.members} | {"message", "__type"}
    if exchange.protocol == "query":
        members.add("fault")
        if exchange.answered["fault"] != "Sender":
            yield f"{path}: Type {exchange.answered['fault']!r}, expected Sender"
    for member in exchange.answered:
        if member.lower() not in members:
            yield f"{path}: {name}.{member} is not in the model"


def code_of(shape, protocol):
    """Query has codes of its own; every other protocol has the shape's name."""
    return shape.metadata.get("error", {}).get("code", shape.name) if protocol == "query" else shape.name


def of_tree(shape, value, path, protocol):
    """Problems of a value and of what is in it."""
    if value is None:
        yield f"{path}: null"
        return
    kind = shape.type_name
    expected = {
        "structure": dict, "list": list, "map": dict, "string": str, "boolean": bool, "integer": int, "long": int,
        "double": (int, float), "float": (int, float), "timestamp": object,
    }[kind]
    if not isinstance(value, expected) or (kind in ("integer", "long", "double", "float") and isinstance(value, bool)):
        yield f"{path}: {value!r} where the model has a {kind}"
        return
    if kind == "structure":
        yield from of_structure(shape, value, path, protocol)
    elif kind == "list":
        yield from out_of_range(shape, len(value), f"{path}: members")
        for item in value:
            yield from of_tree(shape.member, item, f"{path}[]", protocol)
    elif kind == "map":
        for name, item in value.items():
            yield from of_tree(shape.key, name, f"{path} key", protocol)
            yield from of_tree(shape.value, item, f"{path}.{name}", protocol)
    elif kind == "string":
        yield from of_text(shape, value, path)
    elif kind == "timestamp":
        yield from of_time(value, path, protocol)
    elif kind in INTEGERS and not -INTEGERS[kind] <= value < INTEGERS[kind]:
        yield f"{path}: {value} is no {kind}"
    elif kind != "boolean":
        yield from out_of_range(shape, value, path)


def of_structure(shape, value, path, protocol):
    for name in shape.required_members:
        if name not in value:
            yield f"{path}.{name}: required and missing"
    for name, item in value.items():
        if name in shape.members:
            yield from of_tree(shape.members[name], item, f"{path}.{name}", protocol)
        else:
            yield f"{path}.{name}: not in the model"


def of_text(shape, value, path):
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"
    yield from out_of_range(shape, len(value), f"{path}: length of {value!r}")
    if (pattern := shape.metadata.get("pattern")) and not matches(pattern, value):
        yield f"{path}: {value!r} does not match {pattern}"


def matches(pattern, value):
    """Whether the whole text matches a pattern of the models, which are written for Java."""
    for java, python in JAVA.items():
        pattern = pattern.replace(java, python)
    return re.fullmatch(pattern, value) is not None


def of_time(value, path, protocol):
    if protocol == "cbor":
        right = isinstance(value, datetime)
    elif protocol == "json":
        right = isinstance(value, (int, float)) and not isinstance(value, bool)
        right = right and SECONDS_MIN < value < SECONDS_MAX and round(value, 3) == value
    else:
        right = isinstance(value, str) and ISO.fullmatch(value) is not None
    if not right:
        yield f"{path}: {value!r} is no time as {protocol} has it"


def out_of_range(shape, number, what):
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and number < float(least)) or (most is not None and number > float(most)):
        yield f"{what}: {number}, expected {least} to {most}"
