"""Jobs for a process that opens one saved network, does one thing and ends: what it is asked, and what it answers.

The job is one JSON object on its stdin, each answer a line on its stdout; the last one is a result, or JobFailed.
"""

import importlib.util
import subprocess
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import IO

import msgspec

from tuinn.errors import FolderError, SpecError
from tuinn.programs import own_program
from tuinn.runs.folder import DataInfo, RunFolder
from tuinn.runs.report import Report
from tuinn.spec.dataset import DataFacts
from tuinn.spec.keras_export.formats import FileFormat, Format
from tuinn.spec.saved_network.files import check_harmless, kind_of
from tuinn.spec.saved_network.keras_file import read_data_note
from tuinn.text import printable, shorten

PROGRAM = own_program("tuinn.worker", "job")

LEAVING_SECONDS = 10.0
"""That a process gets to remove what it has not written whole, once nobody waits for it."""


class SavedNetwork(msgspec.Struct, frozen=True):
    """Where a network is, and what is known of the data that it takes."""

    file: str
    """Absolute path of a `.keras` file."""
    run: str = ""
    """The folder of the run whose network it is; empty for a file from elsewhere."""
    info: DataInfo | None = None
    """Of the data; None where the run folder has it, or nobody knows."""
    pixels: tuple[float, float] | None = None
    """What black and white are to a network from elsewhere; None: it is guessed."""


class Job(msgspec.Struct, frozen=True, kw_only=True, tag_field="job"):
    """What is to be done."""

    network: SavedNetwork


class Export(Job, frozen=True, tag=True):
    """Write the network in a format, open it with the format's own runtime, and compare."""

    to: Format
    out: str
    """Absolute path of the new file or folder."""


Row = dict[str, str]


class PredictFiles(Job, frozen=True, tag=True):
    """Predict what is in files and folders, one after the other, and samples that are given here."""

    sources: tuple[str, ...] = ()
    """Absolute paths of pictures, CSVs of rows or texts, texts, or folders of them."""
    samples: tuple[Row | str, ...] = ()
    out: str = ""
    """Absolute path of a new CSV; empty: each sample is an answer."""


class EvaluateOn(Job, frozen=True, tag=True):
    """Judge the network on other data than its own: on their test part, or on all where they have none."""

    dataset: dict[str, object]
    """As `DatasetSpec.of` takes it."""


class RunCode(msgspec.Struct, frozen=True, kw_only=True, tag_field="job", tag=True):
    """Run a file of Python, call one of its functions, and describe the network that comes back."""

    file: str
    """Absolute path."""
    function: str
    """It is called without arguments."""


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """One line of what it says."""


class JobNote(Answer, frozen=True, tag=True):
    """Something that one should know."""

    message: str


class JobProgress(Answer, frozen=True, tag=True):
    """How far it is."""

    what: str
    """What it does now, in a few words."""
    done: int = 0
    total: int = 0
    """0: nobody knows."""


class JobFailed(Answer, frozen=True, tag=True):
    """It can't be done: one sentence that says why, and what to do."""

    message: str


class BatchCheck(msgspec.Struct, frozen=True):
    """The exported network beside the one in Keras, over the same samples in batches of one size."""

    batch: int
    difference: float | None
    """The largest between two outputs; None: not finite."""
    milliseconds: float
    """Per sample: the median over the batches."""
    keras_milliseconds: float
    """The same for Keras."""


class Exported(Answer, frozen=True, tag=True):
    """The file is written."""

    to: Format
    out: str
    bytes: int
    beside: str = ""
    """A file with the words, where the network takes their numbers."""
    inputs: tuple[str, ...] = ()
    """What it takes, a few words for each input."""
    outputs: tuple[str, ...] = ()
    runtime: str = ""
    """With which it was opened, and its version."""
    samples: int = 0
    """That were compared."""
    checks: tuple[BatchCheck, ...] = ()
    tolerance: float | None = None
    """The largest difference that counts as equal; None for a format that rounds."""
    score: str = ""
    """The name of what is measured before and after rounding, such as `accuracy`; empty where nothing is."""
    before: float | None = None
    after: float | None = None
    scored: int = 0
    """Test samples of that."""

    @property
    def agrees(self) -> bool:
        """Whether it gives what Keras gives, as far as its format allows."""
        return self.tolerance is None or all(
            check.difference is not None and check.difference <= self.tolerance for check in self.checks
        )


class NetworkOpened(Answer, frozen=True, tag=True):
    """What the network takes and says."""

    facts: DataFacts
    is_guess: bool = False
    """Nothing tells what it was trained on: the facts are taken from its first and last layer."""


class SamplePredicted(Answer, frozen=True, tag=True):
    """One sample."""

    file: str = ""
    row: int = 0
    """Of a file with rows, or of the samples that were given, from 1; 0: the file is the sample."""
    outputs: tuple[float | None, ...] = ()
    steps: tuple[str, ...] = ()
    """How a picture was prepared."""
    problem: str = ""
    """Why there is no prediction, in one sentence."""


class FilesPredicted(Answer, frozen=True, tag=True):
    """All samples are done."""

    samples: int
    """With a prediction."""
    problems: int = 0
    first_problem: str = ""
    out: str = ""


class DataJudged(Answer, frozen=True, tag=True):
    """How good the network is on other data."""

    report: Report


class CodeRun(Answer, frozen=True, tag=True):
    """The network that the code made."""

    config: str
    """As JSON, the way Keras describes it in a `.keras` file."""


AnyJob = Export | PredictFiles | EvaluateOn | RunCode
Ending = JobFailed | Exported | FilesPredicted | DataJudged | CodeRun
AnyAnswer = JobNote | JobProgress | NetworkOpened | SamplePredicted | Ending

Say = Callable[[AnyAnswer], None]
"""Writes an answer."""

ENDINGS = (JobFailed, Exported, FilesPredicted, DataJudged, CodeRun)
"""What a job ends with."""


def run_job(job: AnyJob) -> Generator[AnyAnswer, None, None]:
    """Start the process and yield its answers as they come, the last one an ending. Left early, it is told to end.

    Raises FolderError where the process ends without an ending: it was killed, or crashed.
    """
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(PROGRAM, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log)
        ended = False
        try:
            for answer in _answers(process, job, log):
                ended = isinstance(answer, ENDINGS)
                yield answer
        finally:
            _leave(process, ended)


def _answers(process: "subprocess.Popen[bytes]", job: AnyJob, log: IO[bytes]) -> Iterator[AnyAnswer]:
    assert process.stdin is not None
    assert process.stdout is not None
    decoder = msgspec.json.Decoder(AnyAnswer)
    try:
        with process.stdin:
            process.stdin.write(msgspec.json.encode(job))
    except BrokenPipeError:
        pass  # it died at once, which is said below
    for line in process.stdout:
        if not line.endswith(b"\n"):
            break  # it died while it wrote this
        answer = decoder.decode(line)
        yield answer
        if isinstance(answer, ENDINGS):
            return
    code = process.wait()
    raise FolderError(f"{_ending(code)}{_last_words(log) if code >= 0 else ''}")


def _ending(code: int) -> str:
    """How the process ended."""
    if code == -9:
        return "The process that works with the network was killed: perhaps the memory was not enough. Nothing was written."
    if code < 0:
        return f"The process that works with the network crashed, or was ended (signal {-code}). Nothing was written."
    return f"The process that works with the network ended without an answer (exit code {code})."


def _last_words(log: IO[bytes]) -> str:
    log.seek(0)
    lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]
    return f" Its last words: {shorten(printable(lines[-1]), 200)}" if lines else ""


def _leave(process: "subprocess.Popen[bytes]", ended: bool) -> None:
    if process.poll() is None:
        if not ended:
            process.terminate()
        try:
            process.wait(LEAVING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


def check_target(row: FileFormat, target: Path) -> None:
    """Raises SpecError where the format's programs are missing, or there is no room for the target's name."""
    if any(importlib.util.find_spec(module) is None for module in row.modules):
        raise SpecError(f"{row.title} needs programs that are not here: pip install 'tuinn[{row.extra}]'")
    if target.exists():
        raise SpecError("is there already. Give another name, or remove it.", str(target))
    if row.name != "saved-model" and not target.name.endswith(suffix := f".{row.ending.partition('.')[2]}"):
        raise SpecError(f"must end with {suffix}, as {row.title} asks for.", str(target))
    if not target.parent.is_dir():
        raise SpecError("is no folder. Make it first.", str(target.parent))


def network_in_file(file: Path) -> SavedNetwork:
    """The network in a `.keras` or an HDF5 file, with what the file itself or a run folder around it says of its data.

    Raises SpecError for a file that is no whole saved network, or whose loading would run something of it.
    """
    check_harmless(file)
    kind = kind_of(file)
    if kind not in ("keras", "hdf5"):
        where = "as .h5" if kind == "keras-2" else "as .keras or .h5"
        raise SpecError(
            f"can be opened as a stack of layers, and its weights can't be loaded. Where it was made, save it {where}.",
            str(file),
        )
    note = read_data_note(file) if kind == "keras" else None
    try:
        info = msgspec.json.decode(note, type=DataInfo) if note else RunFolder(file.parent).data_info()
    except ValueError:
        info = None
    return SavedNetwork(str(file.absolute()), "", info)


def network_of(path: Path) -> SavedNetwork:
    """The network of a run, by its folder."""
    return SavedNetwork(str(path / "model.keras"), str(path))
