"""The two encodings that AWS uses beside JSON: CBOR (CloudWatch, Smithy RPC v2) and query/XML (SNS).

Only what the stub's answers and the functions' requests need: no indefinite-length output, no bignums.
"""

import struct
from xml.sax.saxutils import escape


class Epoch(float):
    """Seconds since 1970; JSON writes a number, CBOR writes tag 1, which Smithy requires for timestamps."""


def _head(major, value):
    for code, size, limit in ((24, "B", 1 << 8), (25, ">H", 1 << 16), (26, ">I", 1 << 32), (27, ">Q", 1 << 64)):
        if value < 24:
            return bytes([major << 5 | value])
        if value < limit:
            return bytes([major << 5 | code]) + struct.pack(size, value)
    raise ValueError(f"{value} does not fit a CBOR head")


def cbor_encode(value):
    """Encodes dict, list, str, bytes, bool, None, int, float and Epoch."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, Epoch):
        return b"\xc1" + b"\xfb" + struct.pack(">d", value)
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, str):
        raw = value.encode()
        return _head(3, len(raw)) + raw
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, (list, tuple)):
        return _head(4, len(value)) + b"".join(cbor_encode(item) for item in value)
    if isinstance(value, dict):
        return _head(5, len(value)) + b"".join(cbor_encode(k) + cbor_encode(v) for k, v in value.items())
    raise TypeError(f"no CBOR form for {type(value).__name__}")


_FLOATS = {25: (">e", 2), 26: (">f", 4), 27: (">d", 8)}
_SIMPLE = {20: False, 21: True, 22: None, 23: None}


class _Decoder:
    """Reads one CBOR value; indefinite lengths are accepted because the Rust SDK writes them."""

    BREAK = object()

    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, count):
        piece = self.data[self.at : self.at + count]
        if len(piece) != count:
            raise ValueError("CBOR ends too early")
        self.at += count
        return piece

    def argument(self, info):
        if info < 24:
            return info
        if info == 31:
            return None
        return int.from_bytes(self.take(1 << (info - 24)), "big")

    def items(self, count):
        while count is None or count > 0:
            value = self.value()
            if value is self.BREAK:
                return
            yield value
            count = None if count is None else count - 1

    def text(self, count):
        return self.take(count) if count is not None else b"".join(self.items(None))

    def value(self):
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == 7:
            if info in _FLOATS:
                form, size = _FLOATS[info]
                return struct.unpack(form, self.take(size))[0]
            return self.BREAK if info == 31 else _SIMPLE[info]
        count = self.argument(info)
        if major == 0:
            return count
        if major == 1:
            return -1 - count
        if major == 2:
            return self.text(count)
        if major == 3:
            if count is None:
                return "".join(self.items(None))
            return self.take(count).decode()
        if major == 4:
            return list(self.items(count))
        if major == 5:
            flat = self.items(count)
            return {key: next(flat) for key in flat} if count is None else self.pairs(count)
        inner = self.value()
        return Epoch(inner) if count == 1 else inner

    def pairs(self, count):
        return {self.value(): self.value() for _ in range(count)}


def cbor_decode(data):
    """Decodes one CBOR value; an empty body is an empty structure."""
    return _Decoder(data).value() if data else {}


def _xml(value):
    if isinstance(value, dict):
        return "".join(f"<{name}>{_xml(inner)}</{name}>" for name, inner in value.items())
    if isinstance(value, (list, tuple)):
        return "".join(f"<member>{_xml(item)}</member>" for item in value)
    return escape(str(value))


def xml_answer(namespace, operation, result):
    """The body of a successful answer in the AWS query protocol."""
    return (
        f'<{operation}Response xmlns="{namespace}"><{operation}Result>{_xml(result)}</{operation}Result>'
        f"<ResponseMetadata><RequestId>00000000-0000-4000-8000-000000000001</RequestId></ResponseMetadata>"
        f"</{operation}Response>"
    ).encode()
