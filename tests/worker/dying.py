"""A worker that kills itself with SIGKILL at a chosen moment: `python -m tests.worker.dying MOMENT run FOLDER ...`."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from tuinn.runs.events import EpochEnded
from tuinn.runs.journal import JournalWriter


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def in_a_line() -> None:
    """Half of the second EpochEnded stands in the journal."""
    append = JournalWriter.append
    told: list[EpochEnded] = []

    def half(self: JournalWriter, struct: msgspec.Struct) -> None:
        told.extend([struct] if isinstance(struct, EpochEnded) else [])
        if len(told) == 2:
            data = self.encoder.encode(struct)
            os.write(self.file.fd, data[: len(data) // 2])
            die()
        append(self, struct)

    JournalWriter.append = half  # type: ignore[method-assign]


def before_rename(start: str) -> None:
    """A file is whole, and not yet under its name."""
    replace = Path.replace

    def never(self: Path, target: Any) -> Any:
        return die() if self.name.startswith(start) else replace(self, target)

    Path.replace = never  # type: ignore[method-assign]


def in_validation() -> None:
    """In the third epoch's."""
    from tuinn.worker.training.reporter import Reporter

    seen: set[int] = set()

    def look(self: Reporter, batch: int, logs: Any = None) -> None:
        seen.add(self.progress.epoch)
        if len(seen) == 3:
            die()

    Reporter.on_test_batch_end = look  # type: ignore[method-assign]


MOMENTS: dict[str, Callable[[], None]] = {
    "in a line": in_a_line,
    "in a checkpoint": lambda: before_rename(".last"),
    "in validation": in_validation,
    "in the saved network": lambda: before_rename(".model"),
}

if __name__ == "__main__":
    MOMENTS[sys.argv.pop(1)]()
    from tuinn.worker.__main__ import main

    sys.exit(main())
