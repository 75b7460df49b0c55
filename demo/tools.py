"""What the demo needs on this machine, the virtual environment, the build and the zips.

Standard library only: this file runs before the virtual environment exists.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
REQUIREMENTS = Path(__file__).resolve().parent / "requirements.txt"
FUNCTIONS = ("alarm-handler", "notifier", "scheduled-prewarm", "error-rate-rollback", "max-capacity-notifier")

# ministack asks for 3.10; older interpreters fail late and obscurely inside pip.
PYTHON_MIN = (3, 10)
# A line without a terminal: often enough to show life, seldom enough for a CI log.
PROGRESS_EVERY_S = 15
# A file name fixed in time makes the zip depend on the binary alone (1980 is the format's origin).
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)


class Failed(Exception):
    """Something the reader must know or do; printed without a traceback."""


class Progress:
    """One step of five: rewritten in place on a terminal, a line now and then elsewhere."""

    def __init__(self, number, name):
        self.head = f" {number}/5 {name:<10} "
        self.began = time.monotonic()
        self.last = self.began
        self.live = sys.stdout.isatty()

    def say(self, text):
        """Shows a state that will be replaced."""
        if self.live:
            print(f"\r\x1b[K{self.head}{text}  {self.seconds():.0f} s", end="", flush=True)
        elif time.monotonic() - self.last >= PROGRESS_EVERY_S:
            self.last = time.monotonic()
            print(f"{self.head}{text}  {self.seconds():.0f} s ...", flush=True)

    def done(self, text):
        """Writes the step's line for good."""
        lead = "\r\x1b[K" if self.live else ""
        print(f"{lead}{self.head}{text:<76} {duration(self.seconds()):>10}", flush=True)

    def seconds(self):
        return time.monotonic() - self.began


def duration(seconds):
    """`51 s`, `6 min 40 s`."""
    whole = int(round(seconds))
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02} s"


def check_prerequisites():
    """Names everything that is missing at once, before anything is touched."""
    missing = []
    if sys.version_info < PYTHON_MIN:
        missing.append(f"Python {'.'.join(map(str, PYTHON_MIN))} or newer (this is {sys.version.split()[0]})")
    for module in ("venv", "ensurepip"):
        try:
            __import__(module)
        except ImportError:
            missing.append(f"Python's {module} module (Debian and Ubuntu: apt install python3-venv)")
    if not shutil.which("cargo"):
        missing.append("cargo (Rust: https://rustup.rs)")
    if not any(shutil.which(name) for name in ("cc", "gcc", "clang")):
        missing.append("a C compiler named cc (Debian and Ubuntu: apt install gcc)")
    if missing:
        raise Failed("missing on this machine, nothing was changed:\n  - " + "\n  - ".join(missing))


def pins():
    """The pinned packages: name -> version."""
    lines = (line.split("#")[0].strip() for line in REQUIREMENTS.read_text().splitlines())
    return dict(re.sub(r"\[.*?\]", "", line).split("==") for line in lines if line)


def ensure_venv(progress):
    """Makes `.venv` with the pinned packages; does nothing when they are the ones already there."""
    # The interpreter belongs to the key: another Python finds none of the packages.
    key = f"{sys.version_info[:2]} {hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()}"
    stamp = VENV / "headroom-requirements"
    if not (VENV_PYTHON.exists() and stamp.exists() and stamp.read_text() == key):
        progress.say("making .venv")
        run_quietly([sys.executable, "-m", "venv", "--clear", str(VENV)], progress, "making .venv")
        options = ["--disable-pip-version-check", "--no-input", "--progress-bar=off", "-r", str(REQUIREMENTS)]
        run_quietly([str(VENV_PYTHON), "-m", "pip", "install", *options], progress, "installing into .venv")
        stamp.write_text(key)
    wanted = pins()
    progress.done(f".venv: ministack {wanted['ministack']}, moto {wanted['moto']}")


def run_quietly(command, progress, what):
    """Runs a command whose output matters only when it fails."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        tail = []
        try:
            for line in process.stdout:
                tail = [*tail[-29:], line.rstrip()]
                progress.say(f"{what}: {line.strip()[:60]}")
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise Failed(f"{what} failed, exit {process.returncode}:\n" + "\n".join(tail))


def build(progress):
    """`cargo build --workspace` in the dev profile, with cargo's own count as progress."""
    # Cargo counts only on a terminal unless told otherwise; the width is then ours to give.
    environment = {**os.environ, "CARGO_TERM_PROGRESS_WHEN": "always", "CARGO_TERM_PROGRESS_WIDTH": "100"}
    command = ["cargo", "build", "--workspace", "--locked", "--color", "never"]
    counts, kept = "", []
    streams = {"stderr": subprocess.PIPE, "stdout": subprocess.DEVNULL}
    with subprocess.Popen(command, cwd=ROOT, env=environment, **streams) as process:
        try:
            for piece in pieces(process.stderr):
                found = re.search(r"Building \[.*?\] (\d+/\d+)", piece)
                if found:
                    counts = found.group(1)
                    progress.say(f"{counts} crates")
                elif piece.strip():
                    kept = [*kept[-59:], piece.rstrip()]
        except BaseException:
            process.terminate()
            raise
    if process.returncode != 0:
        raise Failed("cargo build --workspace failed:\n" + "\n".join(kept))
    built = ", ".join((*FUNCTIONS, "headroom"))
    progress.done(f"{built}   " + (f"{counts.split('/')[1]} crates" if counts else "nothing to do"))


def pieces(stream):
    """Cargo's output cut at line ends and at the carriage returns of its progress bar."""
    pending = b""
    while chunk := stream.read1(4096):
        *whole, pending = re.split(rb"[\r\n]", pending + chunk)
        yield from (piece.decode(errors="replace") for piece in whole)
    yield pending.decode(errors="replace")


def target_dir():
    """Where cargo put the binaries."""
    return Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve() / "debug"


def zip_function(name, folder):
    """The function's zip: one executable, `bootstrap`. Stripped, as the release profile does, to keep it small."""
    binary = folder / f"{name}-bootstrap"
    shutil.copyfile(target_dir() / name, binary)
    if shutil.which("strip"):
        subprocess.run(["strip", str(binary)], check=True)
    path = folder / f"{name}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        entry = zipfile.ZipInfo("bootstrap", ZIP_EPOCH)
        entry.external_attr = 0o755 << 16
        entry.compress_type = zipfile.ZIP_DEFLATED
        archive.writestr(entry, binary.read_bytes())
    binary.unlink()
    return path


def zip_layer(fleet, folder):
    """The layer with the compiled fleet, at the path that the functions read by default."""
    path = folder / "fleet-layer.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(zipfile.ZipInfo("headroom/fleet.json", ZIP_EPOCH), fleet.read_bytes())
    return path
