"""`make demo`: one alarm, end to end, on a local AWS; no account, no Docker.

Run it with any Python 3: it makes its virtual environment, builds, and goes on inside it.
Ends by itself and leaves nothing behind but `.venv` and `target`; KEEP=1 leaves the stack up until Ctrl-C.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import tools

# Steps 1 and 2 are done and said before the program starts anew in the virtual environment.
BEGAN = "HEADROOM_DEMO_BEGAN"


def arguments():
    parser = argparse.ArgumentParser(prog="demo", description="Headroom's story on a local AWS.")
    parser.add_argument(
        "--without",
        choices=("rule", "permission", "table"),
        help="take this away after the deployment; the demo must then fail",
    )
    return parser.parse_args()


def prepare():
    """Tools and build, then this program again with the virtual environment's Python."""
    began = time.time()
    tools.check_prerequisites()
    tools.ensure_venv(tools.Progress(1, "tools"))
    tools.build(tools.Progress(2, "build"))
    environment = {**os.environ, BEGAN: str(began), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUNBUFFERED": "1"}
    python = str(tools.VENV_PYTHON)
    os.execve(python, [python, str(Path(__file__).resolve()), *sys.argv[1:]], environment)


def play(without):
    import stack
    import story

    stack.exit_on_sigterm()
    with stack.Stack() as local:
        stack.raise_stack(local, tools.Progress)
        if without:
            local.take_away(without)
            print(f"\n Taken away after the deployment: the {without}. The story must fail.")
        story.Story(local).tell(float(os.environ[BEGAN]))
        if stack.keep_wanted():
            stack.hold(local)


def main():
    options = arguments()
    try:
        if BEGAN not in os.environ:
            prepare()
        play(options.without)
    except tools.Failed as failed:
        print(f"\nfailed: {failed}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
