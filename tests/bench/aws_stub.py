"""An HTTPS stand-in for AWS on loopback: one port per service, so that each costs its own handshake.

It keeps connections alive, answers after a settable latency, and records when each call arrived and when its
answer had been sent. Run by bench.py as its own process; `python aws_stub.py DIRECTORY` prints one line of JSON
(ports, CA file, control port) and serves until its standard input closes.
"""

import json
import socket
import ssl
import sys
import threading
import time
from http import HTTPStatus
from urllib.parse import parse_qs, urlsplit

from stub_answers import World
from stub_table import Refused
from stub_tls import server_context
from wire import cbor_decode, cbor_encode, xml_answer

SERVICES = ("dynamodb", "ecs", "application_auto_scaling", "cloudwatch", "sns")
_XML_NAMESPACE = {
    "sns": "http://sns.amazonaws.com/doc/2010-03-31/",
    "cloudwatch": "http://monitoring.amazonaws.com/doc/2010-08-01/",
}
_BODY_BYTES_MAX = 1 << 20


class Stub:
    """State shared by all ports: the world, the latency, the calls seen."""

    def __init__(self):
        self.lock = threading.Lock()
        self.reset({})

    def reset(self, settings):
        with self.lock:
            self.world = World(settings.get("world"))
            self.latency = settings.get("latency_ms", 0) / 1000
            self.calls = []

    def drain(self):
        """Calls since the last look, each {service, operation, start, end} in nanoseconds of the monotonic clock."""
        with self.lock:
            calls, self.calls = self.calls, []
        return calls

    def handle(self, service, headers, target, body):
        """Status, content type, body and the operation's name; 501 marks a call that the stub cannot answer."""
        operation, request, encode = decode(service, headers, target, body)
        try:
            with self.lock:
                result = self.world.answer(service, operation, request)
        except Refused as refused:
            return 400, "application/x-amz-json-1.0", refused.body, operation
        except (KeyError, ValueError) as error:
            print(f"stub: {service} {operation}: {error!r} in {request}", file=sys.stderr, flush=True)
            return 501, "application/x-amz-json-1.0", b'{"__type":"StubCannotAnswer"}', operation
        content_type, answer = encode(result)
        return 200, content_type, answer, operation


def decode(service, headers, target, body):
    """Operation, request and encoder of the answer, for the three protocols that the SDKs speak."""
    if headers.get("smithy-protocol") == "rpc-v2-cbor":
        operation = urlsplit(target).path.rsplit("/", 1)[-1]
        return operation, cbor_decode(body), lambda result: ("application/cbor", cbor_encode(result))
    if "x-amz-target" in headers:
        operation = headers["x-amz-target"].rsplit(".", 1)[-1]
        content_type = headers["content-type"]
        return operation, json.loads(body), lambda result: (content_type, json.dumps(result).encode())
    form = {name: values[0] for name, values in parse_qs(body.decode(), keep_blank_values=True).items()}
    operation = form["Action"]
    return operation, form, lambda result: ("text/xml", xml_answer(_XML_NAMESPACE[service], operation, result))


class Connection:
    """HTTP/1.1 requests of one kept-alive connection."""

    def __init__(self, sock):
        self.sock = sock
        self.file = sock.makefile("rb")

    def requests(self):
        """Yields (method, target, headers, body) until the peer closes."""
        while line := self.file.readline():
            method, target, _ = line.decode().split()
            headers = {}
            while (line := self.file.readline()) not in (b"\r\n", b""):
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            size = int(headers.get("content-length", 0))
            if size > _BODY_BYTES_MAX or "transfer-encoding" in headers:
                raise ValueError("a body that the stub does not read")
            yield method, target, headers, self.file.read(size)

    def answer(self, status, content_type, body):
        head = (
            f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(body)}\r\nx-amzn-RequestId: 00000000-0000-4000-8000-000000000003\r\n"
        )
        if content_type == "application/cbor":
            head += "smithy-protocol: rpc-v2-cbor\r\n"
        self.sock.sendall(head.encode() + b"\r\n" + body)


def _serve_aws(stub, service, sock, context):
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        with context.wrap_socket(sock, server_side=True) as secure:
            connection = Connection(secure)
            for _, target, headers, body in connection.requests():
                start = time.monotonic_ns()
                due = time.monotonic() + stub.latency
                status, content_type, answer, operation = stub.handle(service, headers, target, body)
                time.sleep(max(0.0, due - time.monotonic()))
                # Before the answer leaves: what the client does next can then never seem to overlap this call.
                end = time.monotonic_ns()
                call = {"service": service, "operation": operation, "status": status, "start": start, "end": end}
                with stub.lock:
                    stub.calls.append(call)
                connection.answer(status, content_type, answer)
    except (ssl.SSLError, ConnectionError):
        return  # the process under test was ended, or does not trust the certificate: it will say so itself


def _serve_control(stub, sock):
    with sock:
        connection = Connection(sock)
        for _, target, _, body in connection.requests():
            if target == "/reset":
                stub.reset(json.loads(body))
                connection.answer(200, "application/json", b"{}")
            else:
                connection.answer(200, "application/json", json.dumps(stub.drain()).encode())


def listen(serve):
    """Serves each connection in a thread of its own; gives the port."""
    server = socket.create_server(("127.0.0.1", 0), backlog=64)

    def accept():
        while True:
            sock, _ = server.accept()
            threading.Thread(target=serve, args=(sock,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return server.getsockname()[1]


def main():
    context, ca_file = server_context(sys.argv[1])
    stub = Stub()
    ports = {name: listen(lambda sock, name=name: _serve_aws(stub, name, sock, context)) for name in SERVICES}
    control = listen(lambda sock: _serve_control(stub, sock))
    print(json.dumps({"ports": ports, "control": control, "ca_file": str(ca_file)}), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
