"""Where sweeps and the queue lie on disk: file names, who made them, whether their runner lives."""

import os
from dataclasses import dataclass
from pathlib import Path

from tuinn.atomic_io import read_stored
from tuinn.errors import FolderError, SpecError
from tuinn.runs.folder import home, is_there, match_name
from tuinn.runs.journal import JournalReader
from tuinn.runs.process_folder import Command, ProcessFolder, make_folder
from tuinn.spec.run import RunSpec
from tuinn.sweeps.commands import AnyQueueCommand, AnySweepCommand
from tuinn.sweeps.events import AnyQueueEvent, AnySweepEvent
from tuinn.sweeps.spec import SweepSpec


class RunnerFolder(ProcessFolder[Command]):
    """A folder that a runner works in."""

    PROCESS = "runner"
    LOG = "conductor.log"


@dataclass(frozen=True)
class SweepFolder(RunnerFolder[AnySweepCommand]):
    """One sweep on disk."""

    @property
    def sweep_file(self) -> Path:
        return self.path / "sweep.toml"

    @property
    def spec_file(self) -> Path:
        """The draft that is swept over."""
        return self.path / "spec.toml"

    @classmethod
    def create(cls, sweep: SweepSpec) -> "SweepFolder":
        """Make a sweep's folder with its draft and the sweep in it. Raises FolderError."""
        files = {"spec.toml": sweep.base.toml(), "sweep.toml": sweep.toml()}
        return cls(make_folder(sweeps_folder(), sweep.base.dataset.label, files, "sweep"))

    def sweep(self) -> SweepSpec:
        """What is to be tried. Raises FolderError where it can't be read."""
        try:
            base = RunSpec.from_toml(read_stored(self.spec_file).decode())
            return SweepSpec.from_toml(read_stored(self.sweep_file).decode(), base)
        except FileNotFoundError:
            raise FolderError(f"{self.path} is no sweep: it has no sweep.toml.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise FolderError(f"{self.sweep_file} cannot be read: {error}.") from None
        except SpecError as problem:
            raise FolderError(f"{self.path} is damaged or from a newer tuinn: {problem}") from None

    def events(self, offset: int = 0) -> JournalReader[AnySweepEvent]:
        return JournalReader(self.events_file, AnySweepEvent, offset)

    def commands(self, offset: int = 0) -> JournalReader[AnySweepCommand]:
        return JournalReader(self.commands_file, AnySweepCommand, offset)


@dataclass(frozen=True)
class QueueFolder(RunnerFolder[AnyQueueCommand]):
    """The queue: one for a home. Its commands say what waits in it, its journal what became of it."""

    @classmethod
    def here(cls) -> "QueueFolder":
        """The queue, its folder made where there is none. Raises FolderError."""
        folder = cls(home() / "queue")
        try:
            folder.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise FolderError(
                f"{folder.path} cannot be made ({error.strerror}). Set TUINN_HOME to a folder you may write to."
            ) from None
        return folder

    def events(self, offset: int = 0) -> JournalReader[AnyQueueEvent]:
        return JournalReader(self.events_file, AnyQueueEvent, offset)

    def commands(self, offset: int = 0) -> JournalReader[AnyQueueCommand]:
        return JournalReader(self.commands_file, AnyQueueCommand, offset)


def sweeps_folder() -> Path:
    return home() / "sweeps"


def all_sweeps() -> list[SweepFolder]:
    """Every sweep, newest first. Raises FolderError where the folder can't be read."""
    try:
        paths = sorted(
            sweeps_folder().iterdir(), key=lambda path: (path.name[:15], _made(path)), reverse=True
        )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise FolderError(f"{sweeps_folder()} cannot be read ({error.strerror}).") from None
    return [folder for path in paths if is_there((folder := SweepFolder(path)).sweep_file)]


def _made(path: Path) -> int:
    try:
        return (path / "sweep.toml").stat().st_mtime_ns
    except OSError:
        return 0


def find_sweep(word: str | None) -> SweepFolder:
    """A sweep by its name, the start or end of it, or its path; the newest for None and for "last".

    Raises FolderError.
    """
    if word and os.sep in word:
        folder = SweepFolder(Path(word).expanduser().resolve())
        folder.sweep()
        return folder
    sweeps = all_sweeps()
    if not sweeps:
        raise FolderError(
            f"There are no sweeps in {sweeps_folder()} yet. `tuinn sweep start SPEC.toml --over FIELD=RANGE` makes one."
        )
    if word is None or word == "last":
        return sweeps[0]
    return match_name(sweeps, word, "`tuinn sweep list` has their names.", "sweep")
