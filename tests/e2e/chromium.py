"""Chromium without a screen, driven by its DevTools protocol over two pipes. Standard library only."""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

NAMES = ("chromium", "chromium-browser", "google-chrome")
# A shared machine that builds at the same time; nothing here takes a tenth of it alone.
PATIENCE_S = 60
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-default-apps --disable-extensions --mute-audio "
    "--hide-scrollbars --remote-debugging-pipe"
).split()
# Chromium reads commands from descriptor 3 and writes answers to 4. They are moved there in a process of its own,
# because in this one both may be in use.
LAUNCHER = """
import fcntl, os, sys
command, answer = (fcntl.fcntl(int(n), fcntl.F_DUPFD, 10) for n in sys.argv[1:3])
os.dup2(command, 3)
os.dup2(answer, 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""


def find():
    """Path of a Chromium, or None."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Failed(Exception):
    """The browser said no, or nothing."""


class Chromium:
    """One browser with one tab. Collects what the page asked for and what it complained about."""

    def __init__(self):
        self.profile = tempfile.mkdtemp(prefix="headroom-page-")
        self.number, self.answers, self.arrived = 0, {}, queue.Queue()
        self.urls, self.complaints, self.session = [], [], None
        commands, self.commands = os.pipe()
        self.told, answers = os.pipe()
        command = [find(), *FLAGS, f"--user-data-dir={self.profile}", "about:blank"]
        launcher = [sys.executable, "-c", LAUNCHER, str(commands), str(answers), *command]
        devnull = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(launcher, pass_fds=(commands, answers), start_new_session=True, **devnull)
        os.close(commands)
        os.close(answers)
        threading.Thread(target=self._read, daemon=True).start()
        try:
            target = self.call("Target.createTarget", url="about:blank")["targetId"]
            self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                self.call(f"{domain}.enable")
        except BaseException:
            self.close()
            raise

    def _read(self):
        pending = b""
        while chunk := os.read(self.told, 65536):
            *whole, pending = (pending + chunk).split(b"\0")
            for message in whole:
                self.arrived.put(json.loads(message))
        self.arrived.put(None)

    def call(self, method, **params):
        """One command and its answer."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE_S
        while self.number not in self.answers:
            self._take(deadline - time.monotonic(), method)
        answer = self.answers.pop(self.number)
        if "error" in answer:
            raise Failed(f"{method}: {answer['error']}")
        return answer["result"]

    def _take(self, seconds, what):
        try:
            message = self.arrived.get(timeout=max(seconds, 0))
        except queue.Empty:
            raise Failed(f"Chromium did not answer {what} within {PATIENCE_S} s") from None
        if message is None:
            raise Failed(f"Chromium ended during {what}, exit {self.process.wait()}")
        if "id" in message:
            self.answers[message["id"]] = message
            return
        method, params = message["method"], message["params"]
        if method == "Network.requestWillBeSent":
            self.urls.append(params["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(str(params["exceptionDetails"].get("exception") or params["exceptionDetails"]))
        elif method == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            self.complaints.append(str([arg.get("description", arg.get("value")) for arg in params["args"]]))
        elif method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")

    def run(self, expression):
        """Value of a JavaScript expression; a promise is awaited."""
        done = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in done:
            raise Failed(f"{expression[:200]}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def wait(self, expression, what):
        """Waits until an expression is true."""
        deadline = time.monotonic() + PATIENCE_S
        while not (value := self.run(expression)):
            if time.monotonic() > deadline:
                raise Failed(f"{what} did not come; the page says:\n{self.run('document.body.innerText')[:3000]}")
            time.sleep(0.05)
        return value

    def look(self, width, height=900, scheme="light", still=True):
        """Size of the window, colours, and whether things may move."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        motion = "reduce" if still else "no-preference"
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": motion},
        ]
        self.call("Emulation.setEmulatedMedia", features=features)

    def open(self, url):
        self.call("Page.navigate", url=url)

    def offline(self, yes):
        self.call("Network.emulateNetworkConditions", offline=yes, latency=0, downloadThroughput=-1, uploadThroughput=-1)

    def press(self, key):
        code, typed = KEYS[key]
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, text=typed)

    def close(self):
        """Ends what was started here, and nothing else."""
        for descriptor in (self.commands,):
            try:
                os.close(descriptor)
            except OSError:
                pass
        try:
            # It ends by itself when its pipe does.
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


# Virtual key code, and what it types: a button wants the character.
KEYS = {"Tab": (9, ""), "Enter": (13, "\r")}
