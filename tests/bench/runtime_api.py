"""The Lambda Runtime API on loopback, driving one `bootstrap` process and measuring it.

Init is the time from exec to the first `next`. An event runs from the moment its `next` is answered to the
moment its response has been read. Warm CPU is read from the process's own CPU clock, in nanoseconds.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import time

FUNCTION_ARN = "arn:aws:lambda:eu-west-1:222222222222:function:headroom-alarm-handler"
_PREFIX = "/2018-06-01/runtime/"
_LAMBDA_TIMEOUT_SECONDS = 30


class FunctionFailed(Exception):
    """The process ended, reported an error, or did not answer in time."""


class RuntimeApi:
    """One process under test and the Runtime API that it talks to."""

    def __init__(self, command, environment, log_path, timeout=_LAMBDA_TIMEOUT_SECONDS, memory_mb=256):
        self.timeout = timeout
        self.log_path = log_path
        self.server = socket.create_server(("127.0.0.1", 0))
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.server, selectors.EVENT_READ)
        self.buffers = {}
        self.waiting = None  # the socket on which a `next` waits for its event
        self.sent = 0
        port = self.server.getsockname()[1]
        full = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
            "AWS_LAMBDA_FUNCTION_NAME": FUNCTION_ARN.rsplit(":", 1)[-1],
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/bench",
            "AWS_LAMBDA_LOG_STREAM_NAME": "bench",
            "_HANDLER": "bootstrap",
            **environment,
        }
        self.log = open(log_path, "wb")
        started = time.perf_counter_ns()
        self.process = subprocess.Popen(
            command, env=full, stdin=subprocess.DEVNULL, stdout=self.log, stderr=subprocess.STDOUT
        )
        self._until_next()
        self.init_ms = (time.perf_counter_ns() - started) / 1e6

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # measurements

    def cpu_us(self):
        """CPU that the process has used, all threads, in microseconds."""
        clock_of_process = (~self.process.pid << 3) | 2  # CLOCK_PROCESS_CPUTIME_ID of another process
        return time.clock_gettime_ns(clock_of_process) / 1e3

    def rss_peak_kb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1])
        return 0

    def invoke(self, event):
        """Hands over one event; gives the response and the milliseconds until it had been read."""
        self.sent += 1
        body = json.dumps(event).encode()
        deadline_ms = int((time.time() + self.timeout) * 1000)
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            f"Lambda-Runtime-Aws-Request-Id: 00000000-0000-4000-8000-{self.sent:012d}\r\n"
            f"Lambda-Runtime-Deadline-Ms: {deadline_ms}\r\n"
            f"Lambda-Runtime-Invoked-Function-Arn: {FUNCTION_ARN}\r\n"
            "Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0\r\n\r\n"
        )
        sock, self.waiting = self.waiting, None
        started = time.perf_counter_ns()
        sock.sendall(head.encode() + body)
        path, response = self._until(lambda path: path.endswith(("/response", "/error")))
        elapsed = (time.perf_counter_ns() - started) / 1e6
        if path.endswith("/error"):
            raise FunctionFailed(f"the function reported an error: {response.decode(errors='replace')[:2000]}")
        self._until_next()
        return json.loads(response) if response else None, elapsed

    def close(self):
        """Ends the process with SIGTERM (callgrind then writes its totals), and with SIGKILL if it does not obey."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for sock in list(self.buffers):
            self._forget(sock)
        self.selector.close()
        self.server.close()
        self.log.close()

    # the server

    def _until_next(self):
        if self.waiting is None:
            self._until(lambda path: path.endswith("invocation/next"))

    def _until(self, wanted):
        """Serves requests until one whose path is wanted; gives its path and body."""
        end = time.monotonic() + self.timeout
        while True:
            ready = self.selector.select(0.2)
            for key, _ in ready:
                if key.fileobj is self.server:
                    self._accept()
                    continue
                for path, body in self._read(key.fileobj):
                    if wanted(path):
                        return path, body
                    if path.endswith("init/error"):
                        raise self._failed(f"init failed: {body.decode(errors='replace')[:2000]}")
            if not ready and self.process.poll() is not None:
                raise self._failed(f"the process ended with status {self.process.returncode}")
            if time.monotonic() > end:
                raise self._failed(f"no answer within {self.timeout} s")

    def _failed(self, why):
        self.close()
        with open(self.log_path, "rb") as log:
            tail = log.read()[-2000:].decode(errors="replace")
        return FunctionFailed(f"{why}; its last log lines:\n{tail}")

    def _accept(self):
        sock, _ = self.server.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffers[sock] = b""
        self.selector.register(sock, selectors.EVENT_READ)

    def _forget(self, sock):
        del self.buffers[sock]
        self.selector.unregister(sock)
        sock.close()

    def _read(self, sock):
        """Reads what has arrived; gives the complete requests, each answered unless it is a `next`."""
        piece = sock.recv(1 << 16)
        if not piece:
            self._forget(sock)
            return []
        self.buffers[sock] += piece
        complete = []
        while (request := self._cut(sock)) is not None:
            path, body = request
            if path.endswith("invocation/next"):
                self.waiting = sock
            else:
                sock.sendall(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
            complete.append((path.removeprefix(_PREFIX), body))
        return complete

    def _cut(self, sock):
        """Takes one complete request off the connection's buffer."""
        head, found, rest = self.buffers[sock].partition(b"\r\n\r\n")
        if not found:
            return None
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        if headers.get("transfer-encoding", "").lower() == "chunked":
            body, rest = _dechunk(rest)
        else:
            size = int(headers.get("content-length", 0))
            body, rest = (rest[:size], rest[size:]) if len(rest) >= size else (None, rest)
        if body is None:
            return None
        self.buffers[sock] = rest
        return lines[0].split()[1], body


def _dechunk(data):
    """Body and rest of a chunked message; None while it is incomplete."""
    body, rest = b"", data
    while True:
        size, found, after = rest.partition(b"\r\n")
        if not found:
            return None, data
        length = int(size.split(b";")[0], 16)
        if len(after) < length + 2:
            return None, data
        if length == 0:
            return body, after[2:]
        body, rest = body + after[:length], after[length + 2 :]
