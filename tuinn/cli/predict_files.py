"""Predictions by a process of its own: for a network in a file, and for so many samples that they go into a CSV."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click
import msgspec

from tuinn.data import loader
from tuinn.data.catalog import catalog
from tuinn.errors import FolderError, SpecError
from tuinn.runs.folder import DataInfo
from tuinn.runs.jobs import (
    AnyJob,
    DataJudged,
    Ending,
    EvaluateOn,
    FilesPredicted,
    JobFailed,
    JobNote,
    JobProgress,
    NetworkOpened,
    PredictFiles,
    Row,
    SamplePredicted,
    SavedNetwork,
    network_in_file,
    run_job,
)
from tuinn.runs.report import Report
from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.spec.saved_network.files import is_network
from tuinn.text import plural, printable

GUESSED = (
    "The file doesn't say what its network was trained on: classes are numbered, and pictures are from {low:g} to {high:g}. "
    "--like DATASET and --pixels LOW,HIGH say otherwise."
)


def is_network_file(word: str) -> bool:
    """Whether a file is meant, not a run."""
    return is_network(Path(word).expanduser())


def network_from(word: str, like: str, pixels: str) -> SavedNetwork:
    """The network in this file, with what the user says of its data. Raises SpecError."""
    network = network_in_file(Path(word).expanduser())
    if like:
        network = msgspec.structs.replace(network, info=_info_of(dataset_at(like)))
    return msgspec.structs.replace(network, pixels=_range(pixels)) if pixels else network


def dataset_at(word: str) -> DatasetSpec:
    """A dataset by its name, or by a path. Raises SpecError."""
    if word in {info.name for info in catalog.all_datasets()}:
        return DatasetSpec(word)
    if not Path(word).expanduser().exists():
        raise SpecError("is neither a dataset nor a path. `tuinn datasets` lists the names.", word)
    return DatasetSpec.at(str(Path(word).expanduser().absolute()))


def _info_of(dataset: DatasetSpec) -> DataInfo:
    info = catalog.info_for(dataset) if dataset.name else loader.describe(dataset)
    return DataInfo(info.facts, info.title, info.background, info.resize_mode, dark_corners=info.dark_corners)


def _range(words: str) -> tuple[float, float]:
    try:
        low, high = (float(word) for word in words.split(","))
    except ValueError:
        raise SpecError("two numbers are expected, such as 0,1.", "--pixels") from None
    if not low < high:
        raise SpecError("the first number is black, the second white, and larger.", "--pixels")
    return low, high


def predict_all(
    network: SavedNetwork, files: tuple[Path, ...], samples: tuple[Row | str, ...], out: Path | None
) -> tuple[DataFacts, list[SamplePredicted], FilesPredicted]:
    """What the network takes, each sample's answer unless they go into a file, and the end of it. Raises TuinnError."""
    job = PredictFiles(
        network=network,
        sources=tuple(str(file.expanduser().absolute()) for file in files),
        samples=samples,
        out=str(out.absolute()) if out else "",
    )
    for file in job.sources:
        if not Path(file).exists():
            raise SpecError("is not there.", file)
    if out is not None and out.exists():
        raise SpecError("is there already. Give another name, or remove it.", str(out))
    answers: list[SamplePredicted] = []
    opened: list[NetworkOpened] = []

    def take(answer: object) -> None:
        if isinstance(answer, SamplePredicted):
            answers.append(answer)
        elif isinstance(answer, NetworkOpened):
            opened.append(answer)
            if answer.is_guess and answer.facts.is_image:
                click.echo(f"note: {GUESSED.format(low=answer.facts.low, high=answer.facts.high)}", err=True)

    ending = follow(job, take)
    assert isinstance(ending, FilesPredicted)
    return opened[0].facts, answers, ending


def told(ending: FilesPredicted) -> None:
    """Say how many went into the file, and what was wrong with the others."""
    click.echo(f"wrote  {printable(ending.out)}  {plural(ending.samples, 'prediction')}")
    if ending.problems:
        words = f"{plural(ending.problems, 'sample')} could not be predicted, the first: {printable(ending.first_problem)}"
        click.echo(f"tuinn: {words}", err=True)


def report_on(network: SavedNetwork, where: str) -> Report:
    """The network judged on a dataset, by its name or path. Raises TuinnError."""
    ending = follow(EvaluateOn(network=network, dataset=dataset_at(where).raw()), lambda answer: None)
    assert isinstance(ending, DataJudged)
    return ending.report


def follow(job: AnyJob, take: Callable[[object], None]) -> Ending:
    """Do the job, show how far it is, and return its ending. Raises FolderError where it can't be done."""
    with closing(run_job(job)) as answers, _progress_line() as show:
        for answer in answers:
            match answer:
                case JobFailed(message=message):
                    raise FolderError(message)
                case JobNote(message=message):
                    show("")
                    click.echo(f"note: {printable(message)}", err=True)
                case JobProgress(what=what, done=done, total=total):
                    show(f"{what} {done:,} of {total:,}" if total else f"{what} …")
                case NetworkOpened() | SamplePredicted():
                    take(answer)
                case _:
                    return answer
    raise FolderError("The process that works with the network ended without an answer.")


@contextmanager
def _progress_line() -> Iterator[Callable[[str], None]]:
    """A line on stderr that is written over, where a person reads it; else nothing."""
    is_seen = sys.stderr.isatty()

    def show(words: str) -> None:
        if is_seen:
            sys.stderr.write(f"\r\x1b[K{words}")
            sys.stderr.flush()

    try:
        yield show
    finally:
        show("")
