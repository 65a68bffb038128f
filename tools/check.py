"""Everything that must hold, in one command: `python -m tools.check [--fast] [pytest's words]`.

Format, lint, types, import fences, tests; each runs even where one before it failed. `--fast` runs the unit tests only:
no app, no TensorFlow.
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
"""Where this interpreter's own tools are, whatever PATH says."""
SLOW = {"tests of the app", "tests with TensorFlow"}
NO_TEST = 5
"""How pytest exits where the words given leave none of a step's tests."""


def steps(fast: bool, words: list[str]) -> dict[str, list[str]]:
    """Name → command, the quickest answers first."""
    python = [sys.executable, "-m"]
    found = {
        "format": [*python, "ruff", "format", "--check", "--quiet", "."],
        "lint": [*python, "ruff", "check", "--quiet", "."],
        "types": [*python, "mypy", "--no-error-summary"],
        "fences": [str(BIN / "lint-imports")],
        # Mostly waiting for screens and processes: four at a time keep two cores busy.
        "unit tests": [*python, "pytest", "-q", "-n", "4", "-m", "not app and not tf", *words],
        "tests of the app": [*python, "pytest", "-q", "-n", "4", "-m", "app and not tf", *words],
        # Each file in one process: TensorFlow takes seconds to load, and keeps what it has built.
        "tests with TensorFlow": [
            *python,
            "pytest",
            "-q",
            "-n",
            "2",
            "--dist",
            "loadfile",
            "-m",
            "tf",
            *words,
        ],
    }
    return {name: command for name, command in found.items() if not (fast and name in SLOW)}


def main() -> int:
    """Run every step. Returns 0 when all hold, else 1, with the names of those that don't on stderr."""
    words = sys.argv[1:]
    fast = "--fast" in words
    failed = []
    for name, command in steps(fast, [word for word in words if word != "--fast"]).items():
        if not holds(name, command, or_no_test=bool(words)):
            failed.append(name)
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return bool(failed)


def holds(name: str, command: list[str], or_no_test: bool) -> bool:
    """Run one step. Only the tests speak while they run; the others, where they fail, afterwards."""
    began = time.monotonic()
    if "tests" in name:
        say(f"{name} …")
        code = subprocess.run(command, cwd=ROOT, check=False).returncode
        return code == 0 or (or_no_test and code == NO_TEST)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    say(f"{name} {'FAILED' if done.returncode else 'ok'}  {time.monotonic() - began:.1f} s")
    if done.returncode:
        say(done.stdout + done.stderr)
    return done.returncode == 0


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
