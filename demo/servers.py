"""The two local servers: started on free loopback ports, awaited, and ended by process id."""

import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from tools import Failed, VENV

# MiniStack is up in 1 s on an idle machine; a busy one gets this.
READY_WITHIN_S = 60
# After that a server is killed; both end within a second when nothing hangs.
END_WITHIN_S = 5


def free_port(preferred):
    """`preferred` if nobody listens there, else one that the system gives; with HEADROOM_ANY_PORT that at once: of two that
    begin in the same second, both would find the same one free."""
    for port in (0,) if os.environ.get("HEADROOM_ANY_PORT") else (preferred, 0):
        with socket.socket() as probe:
            # As the servers themselves do: a port that waits out its last connections is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return probe.getsockname()[1]
    raise Failed("no free port on 127.0.0.1")


class Server:
    """One child process with its log; `stop` leaves nothing of it or of its children."""

    def __init__(self, name, command, environment, port, ready_path, folder):
        self.name = name
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"{name.replace(' ', '-')}.log"
        self._ready_path = ready_path
        with self.log.open("wb") as log:
            # Its own process group: a Ctrl-C reaches the demo alone, which then ends things in order.
            self.process = subprocess.Popen(
                command,
                env=environment,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def wait_ready(self):
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise Failed(f"{self.name} ended at once, exit {self.process.returncode}:\n{self.tail()}")
            try:
                urllib.request.urlopen(self.url + self._ready_path, timeout=2).close()
                return
            except urllib.error.HTTPError:
                return
            except OSError:
                time.sleep(0.1)
        raise Failed(f"{self.name} was not ready within {READY_WITHIN_S} s:\n{self.tail()}")

    def tail(self, lines=15):
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                pass
        try:
            # The group outlives its leader as long as a function of MiniStack's runs in it.
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()


def clean_environment(folder):
    """Our environment without anything of AWS, Python or proxies, and with every temporary file inside `folder`.

    MiniStack hands its own environment to the functions and lets its own AWS_ENDPOINT_URL win over theirs.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("AWS_", "MOTO_", "MINISTACK_", "LAMBDA_", "LOCALSTACK", "HEADROOM_", "PYTHON"))
        and not name.lower().endswith("_proxy")
    }
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    return {**kept, "TMPDIR": str(temporary), "NO_PROXY": "*", "HOME": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def start_ministack(folder, account):
    port = free_port(4599)
    environment = {
        **clean_environment(folder),
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        # Its MQTT listener would open port 8883 on every interface.
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_ACCOUNT_ID": account,
        "STATE_DIR": str(folder / "tmp" / "state"),
        "S3_DATA_DIR": str(folder / "tmp" / "s3"),
        # It removes containers it takes for its own at start and end; nobody else's Docker is touched.
        "DOCKER_HOST": f"unix://{folder}/no-docker",
    }
    return Server("ministack", [str(VENV / "bin" / "ministack")], environment, port, "/_ministack/health", folder)


def start_world(folder, binary, scenario, speed, deliver_url):
    """`headroom local`: ECS, Application Auto Scaling, CloudWatch, load balancing, in a world that moves."""
    port = free_port(4600)
    path = folder / "world.txt"
    path.write_text(scenario)
    command = [str(binary), "local", str(path), "--port", str(port), "--speed", str(speed), "--deliver", deliver_url]
    return Server("headroom local", command, clean_environment(folder), port, "/_headroom/health", folder)


def remove_folder(folder):
    """The run's files, and the folder above when it was the last run in it."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        folder.parent.rmdir()
    except OSError:
        pass
