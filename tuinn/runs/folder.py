"""A run's folder: its file names, who made it, whether its worker lives."""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import msgspec

from tuinn import atomic_io
from tuinn.errors import FolderError, SpecError
from tuinn.runs import worker_record
from tuinn.runs.commands import AnyCommand, Part
from tuinn.runs.death import Death
from tuinn.runs.events import AnyEvent
from tuinn.runs.journal import JournalReader, read_struct
from tuinn.runs.machine import batch_job
from tuinn.runs.process_folder import ProcessFolder, make_folder
from tuinn.spec.dataset import DataFacts, LabelVerdict
from tuinn.spec.run import RunSpec

RESERVE = 64 * 1024
"""Bytes that are kept for the last events of a run on a full disk."""


def home() -> Path:
    """Where runs are kept: `TUINN_HOME`, or the platform's folder for a user's data."""
    if told := os.environ.get("TUINN_HOME"):
        return Path(told).expanduser()
    import platformdirs

    return Path(platformdirs.user_data_dir("tuinn", appauthor=False))


def runs_folder() -> Path:
    return home() / "runs"


class DataInfo(msgspec.Struct, frozen=True):
    """Beside the facts, what a picture from outside needs to be prepared as those of the data were."""

    facts: DataFacts
    title: str
    """Of the dataset, as people call it."""
    ground: Literal["dark", "any"] = "any"
    """As in `DatasetInfo.background`."""
    fitting: Literal["pad", "stretch"] = "pad"
    """As in `DatasetInfo.resize_mode`."""
    kept: str = ""
    """Of the user's own data: where in the cache the prepared samples lie; empty for a dataset with a name."""
    fingerprint: str = ""
    """Of the same: what changes whenever a sample does; empty in folders of a version that didn't keep it."""
    signature: str = ""
    """Of the same: what changes whenever a file does."""
    dark_corners: bool = False
    """As in `DatasetInfo.dark_corners`."""
    verdicts: tuple[LabelVerdict, ...] = ()
    """What had been decided about labels when the run began, where it uses that."""


class RemoteLine(msgspec.Struct, frozen=True):
    """Of a folder that is a copy of one on another machine."""

    host: str
    trouble: str = ""
    """Why nothing is heard of the other machine, in a sentence or two; empty while all is well."""
    sender: str = ""
    """By which the other machine knows which commands of this folder have arrived."""
    home: str = ""
    """Of a trial on a cluster: the word of the TUINN_HOME there; empty for a run that is followed over ssh."""


@dataclass(frozen=True)
class RunFolder(ProcessFolder[AnyCommand]):
    """One run on disk. Every path below is a name only; the file may not be there yet."""

    @property
    def spec_file(self) -> Path:
        return self.path / "spec.toml"

    @property
    def facts_file(self) -> Path:
        """What the worker found the data to be."""
        return self.path / "facts.json"

    def data_info(self) -> DataInfo | None:
        """The data that the run learned from, wherever those are now; None before they were read."""
        try:
            return read_struct(self.facts_file, DataInfo)
        except (OSError, ValueError):
            return None

    def facts(self) -> DataFacts | None:
        """The facts of those data."""
        data_info = self.data_info()
        return data_info.facts if data_info else None

    @property
    def adapted_file(self) -> Path:
        """What layers know beside weights that started from another network: words, and measured means."""
        return self.path / "adapted.json"

    @property
    def model_file(self) -> Path:
        return self.path / "model.keras"

    @property
    def predictions_file(self) -> Path:
        """float32, test samples × outputs: probabilities, or values of a regression."""
        return self.path / "predictions.npy"

    def report_file(self, part: Part) -> Path:
        """The last evaluation on this part of the data."""
        return self.path / "reports" / f"{part}.json"

    @property
    def calibration_file(self) -> Path:
        """How far its probabilities can be trusted, as it was measured last."""
        return self.path / "reports" / "calibration.json"

    @property
    def examination_file(self) -> Path:
        """What the last look at the network found."""
        return self.path / "reports" / "examination.json"

    @property
    def label_issues_file(self) -> Path:
        """Which labels of its training samples look wrong."""
        return self.path / "reports" / "labels.npz"

    @property
    def data_check_file(self) -> Path:
        """Test samples that do badly, and whether they differ from training samples."""
        return self.path / "reports" / "data.json"

    @property
    def learning_file(self) -> Path:
        """What the network said of the first test samples after each epoch."""
        return self.path / "learning.bin"

    @property
    def nearest_file(self) -> Path:
        """The training samples nearest to the test sample that was asked about last."""
        return self.path / "reports" / "nearest.npz"

    @property
    def pictures(self) -> Path:
        """The folder of pictures from outside, as the network saw them: one .npy file each."""
        return self.path / "pictures"

    @property
    def inspection(self) -> Path:
        """The folder of looks inside the network: arrays by name, one .npz file each."""
        return self.path / "inspection"

    @property
    def history_file(self) -> Path:
        """A line per epoch, for spreadsheets and scripts."""
        return self.path / "history.csv"

    @property
    def tensorboard(self) -> Path:
        """The folder of TensorBoard's event files."""
        return self.path / "tensorboard"

    @property
    def checkpoints(self) -> Path:
        """The folder of what a run can be resumed from."""
        return self.path / "checkpoints"

    @property
    def last_checkpoint(self) -> Path:
        return self.checkpoints / "last.npz"

    @property
    def best_checkpoint(self) -> Path:
        return self.checkpoints / "best.npz"

    @property
    def line_file(self) -> Path:
        """There where the run is on another machine, and this folder follows it."""
        return self.path / "line.json"

    def line(self) -> RemoteLine | None:
        """The line to that machine; None for a run of this one."""
        try:
            return read_struct(self.line_file, RemoteLine)
        except (OSError, ValueError):
            return None

    @property
    def heartbeat_file(self) -> Path:
        """Touched by the worker as it goes on; holds the seconds after which the next touch is overdue."""
        return self.path / "heartbeat"

    @property
    def reserve_file(self) -> Path:
        """Room that is kept for the last events on a full disk; there while a worker trains."""
        return self.path / ".reserve"

    def reserve_room(self) -> None:
        """Keep the room, where there is some."""
        try:
            with atomic_io.open_to_store(self.reserve_file) as file:
                file.write(bytes(RESERVE))
        except OSError:
            self.release_room()

    def release_room(self) -> None:
        """The events have ended."""
        with suppress(OSError):
            self.reserve_file.unlink(missing_ok=True)

    @classmethod
    def create(cls, spec: RunSpec, name: str = "") -> "RunFolder":
        """Make a run's folder with the spec in it; `name` as in `make_folder`. Raises FolderError."""
        return cls(make_folder(runs_folder(), spec.dataset.label, {"spec.toml": spec.toml()}, "run", name))

    def write_whole(self, file: Path, data: bytes) -> None:
        """The file appears under its name whole or not at all."""
        atomic_io.write_whole(file, data)

    def spec(self) -> RunSpec:
        """What the run was asked to do. Raises FolderError where it can't be read."""
        again = "Put a copy of it back, or train again: tuinn train SPEC.toml"
        try:
            text = atomic_io.read_stored(self.spec_file).decode()
            if not text.strip(" \n\0"):  # else it would be a spec of defaults alone
                raise FolderError(f"{self.spec_file} is damaged: it is empty. {again}")
            return RunSpec.from_toml(text)
        except FileNotFoundError:
            what = "is no run folder: it has no spec.toml" if self.path.is_dir() else "is gone"
            raise FolderError(f"{self.path} {what}. `tuinn runs` lists the runs.") from None
        except PermissionError:
            raise FolderError(
                f"{self.spec_file} may not be read. Allow it: chmod -R u+rwX '{self.path}'"
            ) from None
        except OSError as error:
            raise FolderError(f"{self.spec_file} cannot be read ({error.strerror}). {again}") from None
        except UnicodeDecodeError:
            raise FolderError(f"{self.spec_file} is damaged: it is not text. {again}") from None
        except SpecError as problem:
            raise FolderError(
                f"{self.spec_file} is damaged or from a newer tuinn: {problem} {again}"
            ) from None

    def events(self, offset: int = 0) -> JournalReader[AnyEvent]:
        return JournalReader(self.events_file, AnyEvent, offset)

    def commands(self, offset: int = 0) -> JournalReader[AnyCommand]:
        return JournalReader(self.commands_file, AnyCommand, offset)

    def remove_leftovers(self) -> None:
        """Remove what a worker that was killed had not written whole. For whoever holds the lock."""
        for pattern in (
            ".model.*",
            ".predictions.*",
            ".history.*",
            ".facts.*",
            ".provenance.*",
            "checkpoints/.*",
            "inspection/.*",
            "pictures/.*",
            "reports/.*",
        ):
            for left in self.path.glob(pattern):
                left.unlink(missing_ok=True)

    def examine_death(self, code: int | None = None) -> Death:
        """Why the worker died; for a run that is lost. `code`: its exit code, where its parent asks."""
        job = batch_job.read_job(self.path)
        if job is not None and job.is_over and worker_record.read_record(self.path) is None:
            return Death(
                "job", f"Its Slurm job {job.number} was cancelled, or ended, before the training began."
            )
        return worker_record.examine(self.path, self.log_file, code)

    def silence(self) -> str:
        """Why the worker of a run that is stalled gives no sign of life, and the command that ends that."""
        return worker_record.silence_of(self.path)

    def is_overdue(self) -> bool:
        """True when the worker is suspended, or has given no sign of life for longer than it announced."""
        if worker_record.is_suspended(self.path):
            return True
        try:
            silent = time.time() - self.heartbeat_file.stat().st_mtime
            return silent > float(atomic_io.read_stored(self.heartbeat_file))
        except (OSError, ValueError):
            return False

    def age(self) -> float:
        """Seconds since a worker was to begin: since the folder was made, or 0 as long as a batch job is still to begin.

        Infinity when the folder is gone.
        """
        try:
            age = time.time() - self.spec_file.stat().st_mtime
        except OSError:
            return float("inf")
        return 0.0 if age > 0 and batch_job.is_waiting(self.path) else age


def all_runs(where: Path | None = None) -> list[RunFolder]:
    """Every run folder, newest first, of `where`, by default of `runs_folder()`.

    Raises FolderError where the folder can't be read.
    """
    where = where or runs_folder()
    try:
        paths = sorted(where.iterdir(), key=_made, reverse=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise FolderError(f"{where} cannot be read ({error.strerror}).") from None
    folders = [RunFolder(path) for path in paths if not path.name.startswith(".")]
    return [folder for folder in folders if is_there(folder.spec_file)]


def count_runs(where: Path | None = None) -> int:
    """How many run folders there are; 0 where the folder can't be read."""
    try:
        return len(all_runs(where))
    except FolderError:
        return 0


def is_there(file: Path) -> bool:
    """Whether there is such a file; True, too, where its folder may not be entered: whoever reads it is told so."""
    try:
        return file.is_file()
    except OSError:
        return True


def _made(path: Path) -> tuple[str, int]:
    """When a run was made, for sorting: the second in its name, and within that by the clock of the disk."""
    try:
        return path.name[: len("20260101-000000")], (path / "spec.toml").stat().st_mtime_ns
    except OSError:
        return path.name, 0


def find_run(word: str | None) -> RunFolder:
    """A run by its name, the start or end of it, or its path; the newest for None and for "last".

    Raises FolderError.
    """
    if word and os.sep in word:
        folder = RunFolder(Path(word).expanduser().resolve())
        folder.spec()
        return folder
    runs = all_runs()
    if not runs:
        raise FolderError(f"There are no runs in {runs_folder()} yet. `tuinn train SPEC.toml` makes one.")
    if word is None or word == "last":
        return runs[0]
    return match_name(runs, word, "`tuinn runs` lists their names.")


class Named(Protocol):
    """Whatever lies in a folder and goes by its name."""

    @property
    def name(self) -> str: ...


NamedT = TypeVar("NamedT", bound=Named)


def match_name(folders: Sequence[NamedT], word: str, hint: str, noun: str = "run") -> NamedT:
    """Return the folder whose name is this word, or the only one whose name begins or ends with it.

    `hint`: a sentence that says where the names are. Raises FolderError where none or several match.
    """
    if not word.strip():
        raise FolderError(f"An empty name is no {noun}'s name. {hint}")
    exact = [folder for folder in folders if folder.name == word]
    near = exact or [
        folder for folder in folders if folder.name.startswith(word) or folder.name.endswith(word)
    ]
    if len(near) == 1:
        return near[0]
    what = f"{len(near)} {noun}s match" if near else f"No {noun} matches"
    raise FolderError(f"{what} '{word}'. {hint}")
