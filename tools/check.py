"""Everything that must hold, in one command: `python -m tools.check [--fast] [pytest's words]`.

Format, lint, types, import fences, tests; each runs even where one before it failed. `--fast` leaves TensorFlow out.
"""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
"""Where this interpreter's own tools are, whatever PATH says."""


def steps(fast: bool, words: list[str]) -> dict[str, list[str]]:
    """Name → command. The tests come last, so that their summary ends the output."""
    python = [sys.executable, "-m"]
    found = {
        "format": [*python, "ruff", "format", "--check", "--quiet", "."],
        "lint": [*python, "ruff", "check", "--quiet", "."],
        "types": [*python, "mypy", "--no-error-summary"],
        "fences": [str(BIN / "lint-imports")],
        "tests with TensorFlow": [*python, "pytest", "-q", "-m", "tf", *words],
        # Mostly waiting for screens and processes: four at a time keep two cores busy.
        "tests": [*python, "pytest", "-q", "-n", "4", "-m", "not tf", *words],
    }
    return {
        name: command for name, command in found.items() if not (fast and name == "tests with TensorFlow")
    }


def main() -> int:
    """Run every step. Returns 0 when all hold, else 1, with the names of those that don't on stderr."""
    words = sys.argv[1:]
    fast = "--fast" in words
    failed = []
    for name, command in steps(fast, [word for word in words if word != "--fast"]).items():
        if not holds(name, command):
            failed.append(name)
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return bool(failed)


def holds(name: str, command: list[str]) -> bool:
    """Run one step. Only the tests speak while they run; the others, where they fail, afterwards."""
    began = time.monotonic()
    if name.startswith("tests"):
        say(f"{name} …")
        return subprocess.run(command, cwd=ROOT, check=False).returncode == 0
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
