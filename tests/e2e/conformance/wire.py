"""Recorded calls as trees that can be compared, whatever protocol they were spoken in."""

import json
import re
import xml.etree.ElementTree as xml
from datetime import datetime, timezone
from urllib.parse import parse_qsl

import botocore.session
import cbor2

LOADER = botocore.session.get_session()
SERVICES = ("ecs", "application-autoscaling", "cloudwatch", "elbv2", "service-quotas")
MODELS = {name: LOADER.get_service_model(name) for name in SERVICES}
# What the recorder calls a service: its target prefix, or the name of the signature's scope.
NAMES = {
    **{model.metadata["targetPrefix"]: name for name, model in MODELS.items() if "targetPrefix" in model.metadata},
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
}
INTEGER = re.compile(r"-?\d+")
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


class Malformed(Exception):
    """A body that its protocol does not allow."""


class Exchange:
    """A recorded call: what was asked and answered, as the bodies have it."""

    def __init__(self, call):
        self.status = call.status
        self.operation = call.operation
        self.service = NAMES.get(call.service)
        if self.service is None:
            # The clock's: no call to AWS.
            self.asked = self.answered = json.loads(call.body)
            self.model = self.protocol = None
            return
        self.model = MODELS[self.service].operation_model(call.operation)
        self.protocol, self.asked = asked(call, self.model)
        self.answered = answered(call, self.protocol, self.model)

    @property
    def is_ok(self):
        return self.status == 200

    @property
    def name(self):
        return f"{self.service} {self.operation}" if self.service else self.operation

    def parameters(self):
        """What was asked, comparable across protocols."""
        if self.model is None or self.model.input_shape is None or self.protocol == "query":
            return self.asked
        return comparable(self.model.input_shape, self.asked)

    def answer(self):
        """What was answered, comparable across protocols."""
        if self.model is None:
            return self.answered
        if not self.is_ok:
            return {"error": error_name(self.answered), "message": error_message(self.answered), "status": self.status}
        if self.model.output_shape is None:
            return self.answered or {}
        return comparable(self.model.output_shape, self.answered)


def asked(call, model):
    """Protocol and parameters of a request."""
    content_type = call.headers.get("content-type", "")
    if "cbor" in content_type or call.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "cbor", cbor2.loads(call.body) if call.body else {}
    if "json" in content_type:
        return "json", json.loads(call.body)
    if "x-www-form-urlencoded" in content_type:
        fields = dict(parse_qsl(call.body.decode(), keep_blank_values=True, strict_parsing=True))
        return "query", {name: value for name, value in fields.items() if name not in ("Action", "Version")}
    raise Malformed(f"{model.name}: content type {content_type!r}")


def answered(call, protocol, model):
    """The answer of a request in the same protocol; any other one is an error."""
    content_type = call.answer_headers.get("content-type", "")
    if protocol == "cbor":
        if call.answer_headers.get("smithy-protocol") != "rpc-v2-cbor":
            raise Malformed(f"{model.name}: no smithy-protocol header")
        return cbor2.loads(call.answer) if call.answer else {}
    if protocol == "json":
        if "application/x-amz-json-1." not in content_type:
            raise Malformed(f"{model.name}: content type {content_type!r}")
        return json.loads(call.answer, parse_constant=not_json) if call.answer else {}
    if "xml" not in content_type:
        raise Malformed(f"{model.name}: content type {content_type!r}")
    return from_xml(model, call.answer, call.status == 200)


def not_json(name):
    raise Malformed(f"{name} is no JSON")


def from_xml(model, body, is_ok):
    """The tree of an answer in XML; every element must be where the model has it."""
    root = xml.fromstring(body)
    # ElementTree writes a namespace before each tag; one other than the service's is wrong.
    namespace = f"{{{model.service_model.metadata['xmlNamespace']}}}"
    for element in root.iter():
        if not element.tag.startswith(namespace):
            raise Malformed(f"{model.name}: {element.tag} is not of {namespace}")
        element.tag = element.tag.removeprefix(namespace)
    if not is_ok:
        error = root.find("Error")
        if root.tag != "ErrorResponse" or error is None or root.find("RequestId") is None:
            raise Malformed(f"{model.name}: no ErrorResponse with Error and RequestId")
        return {"__type": error.findtext("Code"), "message": error.findtext("Message"), "fault": error.findtext("Type")}
    if root.tag != f"{model.name}Response" or root.find("ResponseMetadata/RequestId") is None:
        raise Malformed(f"{model.name}: {root.tag} without ResponseMetadata/RequestId")
    result = root.find(model.output_shape.serialization["resultWrapper"]) if model.output_shape else None
    return {} if result is None else from_element(model.output_shape, result, model.name)


def from_element(shape, element, path):
    kind = shape.type_name
    if kind == "structure":
        names = {member.serialization.get("name", name): (name, member) for name, member in shape.members.items()}
        tree = {}
        for child in element:
            if child.tag not in names:
                raise Malformed(f"{path}: {child.tag} is not in the model")
            name, member = names[child.tag]
            if name in tree:
                raise Malformed(f"{path}: {child.tag} twice")
            tree[name] = from_element(member, child, f"{path}.{name}")
        return tree
    if kind == "list":
        item = shape.member.serialization.get("name", "member")
        wrong = [child.tag for child in element if child.tag != item]
        if wrong:
            raise Malformed(f"{path}: {wrong} in the place of {item}")
        return [from_element(shape.member, child, f"{path}[]") for child in element]
    text = element.text or ""
    if kind in ("integer", "long") and INTEGER.fullmatch(text):
        return int(text)
    if kind in ("double", "float") and NUMBER.fullmatch(text):
        return float(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    # Texts, times and whatever is wrong: the validator looks at it.
    return text


def comparable(shape, tree):
    """Numbers as floats and times as seconds, so that the same value is equal in JSON, CBOR and XML."""
    kind = shape.type_name
    if kind == "structure" and isinstance(tree, dict):
        known = {name: comparable(shape.members[name], value) for name, value in tree.items() if name in shape.members}
        return {**known, **{f"? {name}": value for name, value in tree.items() if name not in shape.members}}
    if kind == "list" and isinstance(tree, list):
        return [comparable(shape.member, value) for value in tree]
    if kind == "map" and isinstance(tree, dict):
        return {name: comparable(shape.value, value) for name, value in tree.items()}
    if kind == "timestamp":
        return seconds(tree)
    if isinstance(tree, (int, float)) and not isinstance(tree, bool):
        return float(tree)
    return tree


def seconds(at):
    """Seconds since the epoch of a time in any of its forms."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at.replace("Z", "+00:00"))
    if isinstance(at, datetime):
        return at.astimezone(timezone.utc).timestamp()
    return float(at)


def error_name(body):
    """The error's name without its namespace."""
    return str(body.get("__type", "")).rpartition("#")[2]


def error_message(body):
    return body.get("message", body.get("Message"))
