"""Keep house: runs into the trash and out of it, checkpoints that nobody needs, and what each takes on the disk."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tuinn.errors import FolderError
from tuinn.runs.commands import Quit
from tuinn.runs.folder import RunFolder, all_runs, home, match_name, runs_folder
from tuinn.runs.summary import RunSummary

LEAVING_SECONDS = 5.0
"""How long a worker that only answers questions gets to leave."""


def trash_folder() -> Path:
    """Beside the runs, so that a run goes there by a rename."""
    return home() / "trash"


def move_to_trash(folder: RunFolder) -> RunFolder:
    """The run as it lies in the trash. Raises FolderError, while it trains above all."""
    with unattended(folder):
        moved = _move(folder, trash_folder())
    with suppress(OSError):
        os.utime(moved.path)
    return moved


def find_trashed(word: str) -> RunFolder:
    """A run in the trash by its name, or the start or end of it; the one that was last put there for "last".

    Raises FolderError.
    """
    there = all_runs(trash_folder())
    if word != "last":
        return match_name(there, word, "`tuinn runs --trash` lists what is in the trash.")
    if not there:
        raise FolderError("The trash is empty.")
    return max(there, key=_trashed_at)


def _trashed_at(folder: RunFolder) -> int:
    """When it was put into the trash, in nanoseconds; 0 where nobody knows."""
    try:
        return folder.path.stat().st_mtime_ns
    except OSError:
        return 0


def restore(folder: RunFolder) -> RunFolder:
    """Back out of the trash. Raises FolderError."""
    return _move(folder, runs_folder())


def empty_trash() -> int:
    """Remove what is in the trash for good; how many bytes that freed. Raises FolderError."""
    freed = 0
    for folder in all_runs(trash_folder()):
        freed += bytes_below(folder.path)
        try:
            shutil.rmtree(folder.path)
        except OSError as error:
            raise FolderError(f"{folder.path} cannot be removed ({error.strerror}).") from None
    return freed


def prunable(folder: RunFolder, keep_last: bool = True) -> list[Path]:
    """The checkpoints that can go. With the last one the run can still be resumed where it stands."""
    kept = {folder.last_checkpoint} if keep_last else set()
    try:
        return sorted(path for path in folder.checkpoints.iterdir() if path not in kept and path.is_file())
    except OSError:
        return []


def prune(folder: RunFolder, keep_last: bool = True) -> int:
    """Remove those; how many bytes that freed. Raises FolderError, while the run trains above all."""
    freed = 0
    with unattended(folder):
        for path in prunable(folder, keep_last):
            try:
                size = path.stat().st_size
                path.unlink()
            except OSError as error:
                raise FolderError(f"{path} cannot be removed ({error.strerror}).") from None
            freed += size
    return freed


def bytes_below(path: Path) -> int:
    """What the files below a folder hold, links not followed; what can't be read counts nothing."""
    total = 0
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    total += bytes_below(Path(entry.path))
                elif entry.is_file(follow_symlinks=False):
                    total += entry.stat(follow_symlinks=False).st_size
    except OSError:
        pass
    return total


@contextmanager
def unattended(folder: RunFolder) -> Iterator[None]:
    """Inside the block no worker has the run, and none can take it. One that only answers questions is asked to leave.

    Takes up to five seconds. Raises FolderError where the run trains.
    """
    if not folder.path.is_dir():
        raise FolderError(f"{folder.path} is gone.")
    if folder.is_alive():
        if folder.is_overdue():
            raise FolderError(f"{folder.name} is still in use. {folder.silence()}")
        if not _has_ended(folder):
            raise FolderError(f"{folder.name} is training. Stop it first: tuinn stop {folder.name}")
        folder.ask(Quit())
    try:
        with folder.hold_lock(LEAVING_SECONDS) as held:
            if not held:
                raise FolderError(f"{folder.name} is still in use by its worker. Try again in a moment.")
            yield
    except OSError as error:
        raise FolderError(f"{folder.path} cannot be changed ({error.strerror}).") from None


def _has_ended(folder: RunFolder) -> bool:
    summary, reader = RunSummary(), folder.events()
    try:
        while events := reader.read_without_reports():
            for event in events:
                summary.apply(event)
    except OSError as error:
        raise FolderError(f"{folder.events_file} cannot be read ({error.strerror}).") from None
    return summary.outcome != ""


def _move(folder: RunFolder, where: Path) -> RunFolder:
    target = where / folder.name
    if target.exists():
        raise FolderError(f"There is a {folder.name} in {where} already. Rename one of the two folders.")
    try:
        where.mkdir(parents=True, exist_ok=True)
        folder.path.rename(target)
    except OSError as error:
        raise FolderError(f"{folder.path} cannot be moved to {where} ({error.strerror}).") from None
    return RunFolder(target)
