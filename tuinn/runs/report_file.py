"""What was found out about a network, as a file of `reports/` in the run folder."""

from pathlib import Path
from typing import Self

import msgspec

from tuinn.atomic_io import write_whole
from tuinn.runs.journal import read_struct


class ReportFile(msgspec.Struct, frozen=True):
    """Writes and reads itself as JSON."""

    def write(self, file: Path) -> None:
        """Raises OSError."""
        file.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(file, msgspec.json.encode(self))

    @classmethod
    def read(cls, file: Path) -> Self:
        """Raises OSError, and ValueError where the file is damaged."""
        return read_struct(file, cls)
