"""What `headroom --help` costs: instructions counted by callgrind, and no code of an AWS client entered.

    python3 tests/e2e/test_person_help.py
"""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "demo"))
sys.dont_write_bytecode = True

import tools

# The debug build, the slower one, needs about 5 M.
INSTRUCTIONS_MAX = 15_000_000
# Symbols of the SDK, of its runtime and of TLS. That the command uses them at all is seen in `status`.
CLIENTS = ("aws_sdk_", "aws_config", "aws_smithy", "rustls", "tokio")
WITHIN_S = 120


@unittest.skipUnless(shutil.which("valgrind"), "valgrind is not installed")
class Help(unittest.TestCase):
    def counted(self, *words):
        folder = Path(tempfile.mkdtemp(prefix="headroom-help-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        out = folder / "callgrind"
        command = ["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}"]
        command += [str(tools.target_dir() / "headroom"), *words]
        # No home and no variables: whatever looks for credentials finds nothing, and cannot wait for anything.
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true"}
        ended = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, timeout=WITHIN_S)
        text = out.read_text()
        total = next(int(line.split()[1]) for line in text.splitlines() if line.startswith(("totals:", "summary:")))
        entered = {name for name in CLIENTS if any(name in line for line in text.splitlines() if line.startswith("fn="))}
        return ended, total, entered

    def test_help_is_cheap_and_builds_no_client(self):
        for words in (["--help"], ["lease", "--help"], []):
            with self.subTest(words):
                ended, total, entered = self.counted(*words)
                self.assertIn("headroom", ended.stdout + ended.stderr)
                self.assertEqual(entered, set(), words)
                self.assertLess(total, INSTRUCTIONS_MAX, words)

    def test_a_command_that_reads_aws_is_seen_to_enter_a_client(self):
        """That the test above can fail."""
        fleet = ROOT / "examples" / "langfuse" / "headroom.yaml"
        _, _, entered = self.counted("status", "--fleet", str(fleet), "--region", "eu-west-1")
        self.assertIn("aws_config", entered)


def main():
    tools.build(tools.Progress(1, "build"))
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
