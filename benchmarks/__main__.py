"""Everything that has a goal against plain Keras and PyTorch, in one go: a table with the goal beside what was measured.

    python -m benchmarks [--rounds 7] [--only NAME ...] [--torch PYTHON]

The script is `model.fit(x, y)` in a process of its own, with what TensorFlow sets by itself; tuinn trains as a run does, in the
environment of a worker. All processes stay alive, and each has an epoch in turn; ratios are taken within a round, and what is printed
are medians, with the smallest and the largest. Whole processes and tiny data take half as many rounds. The machine should do nothing
else. A goal that is missed exits with 1.
"""

import argparse
import importlib.util
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.rows import ROWS, Line, Machine
from tuinn.errors import TuinnError

INSTALL = "python -m venv /tmp/torch && /tmp/torch/bin/pip install torch numpy"
HEAD = ("work", "against", "goal", "measured", "", "tuinn's and the other's")


def main(words: Sequence[str]) -> int:
    """Measure and print. Returns the exit code."""
    told = arguments().parse_args(words)
    torch = told.torch or (sys.executable if importlib.util.find_spec("torch") else "")
    if not torch and (not told.only or "lab" in told.only):
        say(
            f"PyTorch isn't here. To compare with it: {INSTALL}, then python -m benchmarks --torch /tmp/torch/bin/python"
        )
    found: list[Line] = []
    load = os.getloadavg()[0]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        os.environ["TUINN_HOME"] = str(folder / "home")
        machine = Machine(stack, folder, told.rounds, torch, say)
        for name in told.only or ROWS:
            found += lines_of(name, machine)
    print(f"rounds: {told.rounds}; load {load:.1f} before, {os.getloadavg()[0]:.1f} after")
    for line in table(found):
        print(line)
    return int(any(line.holds is False for line in found))


def lines_of(name: str, machine: Machine) -> list[Line]:
    """Of one row. What can't be measured is a line, too, and the others go on."""
    machine.row = name
    try:
        return list(ROWS[name](machine))
    except (TuinnError, OSError, subprocess.CalledProcessError) as problem:
        say(f"{name}: {problem}")
        return [Line(name, "", "", "could not be measured", None)]


def table(found: Sequence[Line]) -> Iterator[str]:
    """Columns two spaces apart."""
    words = {True: "", False: "missed", None: "–"}
    rows = [
        HEAD,
        *(
            (line.work, line.against, line.goal, line.measured, words[line.holds], line.figures)
            for line in found
        ),
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def say(words: str) -> None:
    """On stderr, so that stdout has the table alone."""
    print(words, file=sys.stderr, flush=True)


def arguments() -> argparse.ArgumentParser:
    """The parser of the command line."""
    parser = argparse.ArgumentParser("python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7, help="an odd number: 7")
    parser.add_argument("--only", nargs="+", choices=ROWS, metavar="NAME", help=", ".join(ROWS))
    parser.add_argument(
        "--torch", default="", metavar="PYTHON", help="a Python that has torch and numpy, and needs no tuinn"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
