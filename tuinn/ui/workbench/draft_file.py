"""The draft on disk, for a screen that ends without being asked: killed, hung up, or broken."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from tuinn.atomic_io import is_held, read_stored, try_lock, write_whole
from tuinn.errors import SpecError
from tuinn.runs.folder import home
from tuinn.spec.run import RunSpec

WRITE_SECONDS = 0.5
"""From an edit until it is on disk, with all edits that follow meanwhile."""


def drafts_folder() -> Path:
    """`$TUINN_HOME/drafts`: for each screen that has edited, NAME.toml, and NAME.lock, held as long as it lives."""
    return home() / "drafts"


@dataclass(frozen=True)
class LeftDraft:
    """The draft of a screen that is no more."""

    file: Path
    spec: RunSpec

    def remove(self) -> None:
        """Delete it."""
        for file in (self.file, self.file.with_suffix(".lock")):
            _unlink(file)


class DraftFile:
    """Keeps the draft of this screen. A folder that can't be written to is passed over: nothing but this help is lost."""

    def __init__(self, spec: RunSpec) -> None:
        self.elsewhere = spec
        """What needs no keeping: what a start opens anyway, or what the folder of a run has."""
        self.left: LeftDraft | None = None
        """What another screen left, until it is kept here or this one is left."""
        self._file: Path | None = None
        self._lock: int | None = None
        self._pending: RunSpec | None = None

    def find_left(self) -> LeftDraft | None:
        """Return the newest draft that a screen left which is no more, where it isn't what this one opened with."""
        for file in _newest_first(drafts_folder()):
            if is_held(file.with_suffix(".lock")):
                continue
            try:
                spec = RunSpec.from_toml(read_stored(file).decode())
            except (OSError, SpecError, UnicodeDecodeError):
                continue
            if spec != self.elsewhere:
                self.left = LeftDraft(file, spec)
                return self.left
        return None

    def note(self, spec: RunSpec) -> bool:
        """Take the draft of now. Return True where `write` is to be called after `WRITE_SECONDS`."""
        if spec == self.elsewhere and self._file is None:
            self._pending = None
            return False
        first, self._pending = self._pending is None, spec
        return first

    def write(self) -> None:
        """Bring the draft to the disk now."""
        spec, self._pending = self._pending, None
        if spec is None:
            return
        if spec == self.elsewhere:
            self._remove()
            return
        try:
            if self._file is None:
                self._file = self._claim()
            write_whole(self._file, spec.toml().encode(), durable=False)
        except OSError:
            return
        if self.left is not None and self.left.spec == spec:
            self.left.remove()
            self.left = None

    def close(self, ordinary: bool) -> bool:
        """Let go of the file; after an ordinary end nothing stays. Return whether a draft is on disk."""
        if ordinary:
            self._remove()
            if self.left is not None:
                self.left.remove()
        else:
            self.write()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
        return self._file is not None and self._file.is_file()

    def _claim(self) -> Path:
        """A name that no other screen has. Raises OSError."""
        drafts_folder().mkdir(parents=True, exist_ok=True, mode=0o700)
        file = drafts_folder() / f"{secrets.token_hex(4)}.toml"
        self._lock = try_lock(file.with_suffix(".lock"))
        return file

    def _remove(self) -> None:
        self._pending = None
        if self._file is not None:
            _unlink(self._file)
            _unlink(self._file.with_suffix(".lock"))
            if self._lock is not None:
                os.close(self._lock)
            self._file = self._lock = None


def _newest_first(folder: Path) -> list[Path]:
    found = []
    for file in folder.glob("[!.]*.toml"):
        try:
            found.append((file.stat().st_mtime, file))
        except OSError:
            continue
    return [file for _, file in sorted(found, reverse=True)]


def _unlink(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:
        return
