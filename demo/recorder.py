"""A loopback proxy that writes down every AWS call before it passes it on.

It stands in front of a local service, so that a count is what reached the far side, not what the caller says it sent.
"""

import http.client
import json
import re
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

# Larger than the longest wait of a call (an SQS long poll is 20 s); a dead far side must not hold a thread for ever.
UPSTREAM_TIMEOUT_S = 40
# Hop-by-hop: each side of the proxy has its own.
NOT_PASSED_ON = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class Call:
    """One call as it arrived, and its answer as it was passed on."""

    def __init__(self, service, operation, body, status, headers=None, answer=b"", answer_headers=None):
        self.service = service
        self.operation = operation
        self.time = time.time()
        self.body = body
        self.status = status
        self.headers = headers or {}
        self.answer = answer
        self.answer_headers = answer_headers or {}

    def json(self):
        """The body of a JSON protocol; an empty one for others."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}


class Recorder:
    """Listens on a free loopback port and forwards to `port`."""

    def __init__(self, port):
        self.calls = []
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"recorder": self, "upstream": port})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def add(self, call):
        with self._lock:
            self.calls.append(call)

    def count(self, operation, since=0, matching=None):
        """How many calls of `operation` arrived after the first `since` recorded ones."""
        return len(self.select(operation, since, matching))

    def select(self, operation, since=0, matching=None):
        with self._lock:
            found = [call for call in self.calls[since:] if call.operation == operation]
        return [call for call in found if matching is None or matching(call)]

    def mark(self):
        """A point in the record, for `since`."""
        with self._lock:
            return len(self.calls)

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Two writes per answer and Nagle's wait would cost 40 ms each.
    disable_nagle_algorithm = True
    recorder = None
    upstream = 0

    def log_message(self, format, *args):
        """The record is the log."""

    def _pass_on(self):
        body = self._body()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in NOT_PASSED_ON}
        # A connection per call: a stale one would look like a lost reply.
        connection = http.client.HTTPConnection("127.0.0.1", self.upstream, timeout=UPSTREAM_TIMEOUT_S)
        try:
            connection.request(self.command, self.path, body=body, headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        except OSError as error:
            self.recorder.add(Call(*name_of(self.path, self.headers, body), body, 502))
            self.send_error(502, f"the far side did not answer: {error}")
            return
        finally:
            connection.close()
        answered = {name.lower(): value for name, value in answer.getheaders()}
        asked = {name.lower(): value for name, value in self.headers.items()}
        self.recorder.add(Call(*name_of(self.path, self.headers, body), body, answer.status, asked, content, answered))
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in NOT_PASSED_ON and name.lower() not in ("date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _pass_on


def name_of(path, headers, body):
    """Service and operation, by the protocol's own mark: X-Amz-Target, CBOR's path, or the query's Action."""
    target = headers.get("X-Amz-Target")
    if target:
        service, _, operation = target.rpartition(".")
        return service, operation
    cbor = re.match(r"/service/([^/]+)/operation/([^/?]+)", path)
    if cbor:
        return cbor.group(1), cbor.group(2)
    scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", headers.get("Authorization", ""))
    service = scope.group(1) if scope else "unknown"
    action = parse_qs(body.decode(errors="replace")).get("Action")
    return service, action[0] if action else path
