"""Predict files and folders without end: a batch at a time is read, prepared and predicted, and its answers are written."""

import csv
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np

from tuinn.atomic_io import replacing
from tuinn.data.arrays.preprocess import OwnArray, array_files
from tuinn.data.images.folder_scan import SUFFIXES
from tuinn.data.images.preprocess import PreparedImage, preprocess_image
from tuinn.data.tables.csv_dialect import all_rows, detect_dialect
from tuinn.data.tables.preprocess import columns_of, columns_without_target, preprocess_rows
from tuinn.data.tables.series_file import windows_in_file
from tuinn.data.tables.table_file import unpacked
from tuinn.data.text.source import choose_text_column, first_cells, is_text_table, read_text
from tuinn.errors import SpecError, WorkerError
from tuinn.runs.decision import Decision, read_decision
from tuinn.runs.folder import RunFolder
from tuinn.runs.jobs import (
    FilesPredicted,
    JobNote,
    JobProgress,
    NetworkOpened,
    PredictFiles,
    Row,
    SamplePredicted,
    Say,
)
from tuinn.spec.dataset import ARRAY_FILES, DataFacts, DatasetSpec, Task
from tuinn.spec.training.outputs import class_probabilities, none_if_not_finite, predicted_classes
from tuinn.text import join_names
from tuinn.worker.jobs.predictor import Predictor, open_predictor
from tuinn.worker.keras_types import Array

BATCH = 64
"""Pictures, rows or texts that are in memory at once."""

DECODERS = 4
"""Threads that read pictures: libjpeg and Pillow work side by side."""

PROGRESS_SECONDS = 0.25

TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")


@dataclass(frozen=True)
class Sample:
    """One to be predicted, or why it can't be."""

    file: str
    row: int = 0
    content: Row | str = ""
    """A row of a table, or a text; nothing for a picture, which is its file."""
    array: Array | None = None
    """Of an array, (*shape)."""
    problem: str = ""
    """Why such an array can't be predicted."""


def predict_files(job: PredictFiles, say: Say) -> FilesPredicted:
    """Do it. Raises SpecError, WorkerError or OSError where nothing can be predicted at all."""
    say(JobProgress(what="loading the network"))
    predictor = open_predictor(job.network)
    facts = predictor.info.facts
    say(NetworkOpened(facts=facts, is_guess=predictor.is_guess))
    files = FileList(job.sources, _endings(facts), not facts.is_text)
    total = files.count() + len(job.samples)
    if not total:
        raise SpecError(f"There is nothing to predict there: no {_noun(facts)}.")
    decision = read_decision(RunFolder(Path(job.network.run))) if job.network.run else Decision()
    counter, given = Counter(total, say), (Sample("", at, one) for at, one in enumerate(job.samples, start=1))
    with _writer(job.out, facts, decision, say) as write:
        for batch in _batches(given, BATCH):
            counter.add(write, predict_batch(predictor, batch), len(batch))
        for batch in _batches(_samples(files, facts, counter, say), BATCH):
            counter.add(write, predict_batch(predictor, batch), 1 if facts.is_image else 0)
    return FilesPredicted(
        samples=counter.predicted, problems=counter.problems, first_problem=counter.first_problem, out=job.out
    )


# -------------------------------------------------------------------------------------------------- what there is


@dataclass(frozen=True)
class FileList:
    """Files as they are named, and those of these endings in folders and in folders in them, by name."""

    sources: Sequence[str]
    endings: tuple[str, ...]
    with_arrays: bool = False
    """Arrays in folders, too."""

    def __iter__(self) -> Iterator[Path]:
        for source in map(Path, self.sources):
            if source.is_dir():
                yield from self._inside(source)
            else:
                yield source

    def count(self) -> int:
        """Files, by their names alone."""
        return sum(1 for _ in self)

    def _inside(self, folder: Path) -> Iterator[Path]:
        for place, folders, names in os.walk(folder):
            folders.sort()
            if self.with_arrays:
                yield from array_files(Path(place))
            for name in sorted(names):
                if name.lower().endswith(self.endings) and not name.startswith("."):
                    yield Path(place, name)


def _endings(facts: DataFacts) -> tuple[str, ...]:
    if facts.is_image:
        return tuple(SUFFIXES)
    if not (facts.is_text or facts.is_table or facts.window):
        return ()
    return (*TABLES, ".txt") if facts.is_text else TABLES


def is_array_file(file: Path) -> bool:
    return file.suffix.lower() in ARRAY_FILES


def _noun(facts: DataFacts) -> str:
    if facts.is_text:
        return "text or CSV of texts"
    is_csv = facts.is_table or facts.window
    return "picture or array" if facts.is_image else "CSV or array" if is_csv else "array"


def _samples(files: FileList, facts: DataFacts, counter: "Counter", say: Say) -> Iterator[Sample]:
    """Of all files, one after the other. A file that can't be read is a problem of its own."""
    for file in files:
        if facts.is_image and not is_array_file(file):
            yield Sample(str(file))
            continue
        counter.done += 1
        try:
            yield from _in_file(file, facts, say)
        except UnicodeDecodeError as error:
            counter.refuse(file, f"it is not all text in {error.encoding}, so the rest of it is left out.")
        except (SpecError, OSError) as error:
            counter.refuse(file, str(error.message if isinstance(error, SpecError) else error))


def _in_file(file: Path, facts: DataFacts, say: Say) -> Iterator[Sample]:
    """Raises SpecError or OSError."""
    if is_array_file(file):
        yield from _in_array(file, facts, say)
        return
    if facts.window:
        for number, window, problem in windows_in_file(file, facts):
            yield Sample(str(file), number, array=window, problem=problem)
        return
    if not (facts.is_text or facts.is_table):
        shape = " × ".join(map(str, facts.shape))
        raise SpecError(f"This network takes arrays of {shape}. Give an .npy or .npz file with samples.")
    if facts.is_text and not is_text_table(file):
        yield Sample(str(file), 0, read_text(file))
        return
    table = unpacked(file)
    dialect = detect_dialect(DatasetSpec.at(str(table)), table)
    at, in_file = -1, tuple(dialect.names)
    if facts.is_text:
        cells = dict(zip(dialect.names, first_cells(table, dialect), strict=True))
        at = dialect.names.index(choose_text_column(cells))
    else:
        names = [column.name for column in columns_of(facts)]
        in_file = columns_without_target(in_file, facts)
        if not set(names) & set(in_file):
            raise SpecError(f"has no column that this network knows, such as {names[0]}.")
        if missing := [name for name in names if name not in in_file]:
            if not facts.columns:
                raise SpecError(f"lacks the column {join_names(missing)}.")
            say(
                JobNote(
                    message=f"{file.name} has no {join_names(missing)}: a number counts as its mean, a word as any other."
                )
            )
    with dialect.text(table) as opened:
        rows = (row for row in all_rows(opened, dialect.separator) if any(cell.strip() for cell in row))
        for number, row in enumerate(islice(rows, int(dialect.header), None), start=1):
            if facts.is_text:
                yield Sample(str(file), number, row[at] if at < len(row) else "")
            else:
                known = {name: cell for name, cell in zip(in_file, row, strict=False) if name in names}
                yield Sample(str(file), number, known)


def _in_array(file: Path, facts: DataFacts, say: Say) -> Iterator[Sample]:
    """Raises SpecError or OSError."""
    found, number = OwnArray.open(file, facts), 0
    for rows in found.batches(BATCH):
        if not number and (note := found.range_note(rows)):
            say(JobNote(message=note))
        for row in rows:
            number += 1
            yield Sample(str(file), number, array=row, problem=found.problem(row))


# ------------------------------------------------------------------------------------------------ predicting them


def predict_batch(predictor: Predictor, batch: Sequence[Sample]) -> list[SamplePredicted]:
    """The answers, in the same order; one that can't be predicted doesn't keep the others from it."""
    prepared = _prepared(batch, predictor)
    good = [one for one in prepared if not isinstance(one, str)]
    outputs = iter(predictor.outputs(np.concatenate([pixels for pixels, _ in good]))) if good else iter(())
    answers = []
    for sample, one in zip(batch, prepared, strict=True):
        if isinstance(one, str):
            answers.append(SamplePredicted(file=sample.file, row=sample.row, problem=one))
        else:
            values = none_if_not_finite(next(outputs))
            answers.append(SamplePredicted(file=sample.file, row=sample.row, outputs=values, steps=one[1]))
    return answers


Prepared = tuple[np.ndarray, tuple[str, ...]] | str
"""One sample, (1, *shape), and how it was prepared; or the problem with it."""


def _prepared(batch: Sequence[Sample], predictor: Predictor) -> list[Prepared]:
    """Arrays are what the network takes already; the others are prepared together."""
    others = [sample for sample in batch if sample.array is None]
    facts = predictor.info.facts
    made = iter((_pictures(others, predictor) if facts.is_image else _rows(others, facts)) if others else ())
    return [
        next(made) if sample.array is None else sample.problem or (sample.array[None], ()) for sample in batch
    ]


def _pictures(batch: Sequence[Sample], predictor: Predictor) -> list[Prepared]:
    def prepare(sample: Sample) -> PreparedImage | str:
        try:
            return preprocess_image(sample.file, predictor.info)
        except SpecError as problem:
            return problem.message

    with ThreadPoolExecutor(DECODERS) as threads:
        found = list(threads.map(prepare, batch))
    return [one if isinstance(one, str) else (one.pixels[None], one.steps) for one in found]


def _rows(batch: Sequence[Sample], facts: DataFacts) -> list[Prepared]:
    try:
        together = preprocess_rows([sample.content for sample in batch], facts)[:]
        return [(together[at : at + 1], ()) for at in range(len(batch))]
    except SpecError:
        pass  # at least one of them can't be read: one by one
    found: list[Prepared] = []
    for sample in batch:
        try:
            found.append((preprocess_rows([sample.content], facts)[:], ()))
        except SpecError as problem:
            found.append(problem.message)
    return found


# --------------------------------------------------------------------------------------------------- writing it


Write = Callable[[SamplePredicted], None]


@contextmanager
def _writer(out: str, facts: DataFacts, decision: Decision, say: Say) -> Iterator[Write]:
    """Into a new CSV, whole or not at all; without one, each is an answer. Raises OSError or WorkerError."""
    if not out:
        yield say
        return
    target = Path(out)
    if target.exists():
        raise WorkerError(f"{target} is there already. Give another name, or remove it.")
    with replacing(target) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        yield _csv_writer(file, facts, decision)


def _csv_writer(file: TextIO, facts: DataFacts, decision: Decision) -> Write:
    """A line per sample: where it is, the prediction or one per target, how sure, a column per class, what was wrong."""
    writer = csv.writer(file)
    is_number, thresholds = facts.task is Task.REGRESSION, decision.of(facts)
    classes = [] if is_number else [f"p({name})" for name in facts.classes]
    said = list(facts.target_names) or ["prediction"]
    writer.writerow(["file", "row", *said, *(["probability"] if classes else []), *classes, "problem"])

    def write(one: SamplePredicted) -> None:
        where = [one.file, one.row or ""]
        if one.problem:
            writer.writerow([*where, *[""] * (len(said) + bool(classes) + len(classes)), one.problem])
            return
        if is_number:
            writer.writerow([*where, *map(_number, one.outputs[: len(said)]), ""])
            return
        shares = class_probabilities(one.outputs, facts)
        chosen = predicted_classes(one.outputs, facts, thresholds)
        label = "" if chosen is None else "; ".join(facts.classes[at] for at in chosen)
        sure = shares[chosen[0]] if chosen else None
        problem = "the network's outputs are not finite" if chosen is None else ""
        writer.writerow([*where, label, _number(sure), *map(_number, shares), problem])

    return write


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.6g}"


class Counter:
    """What was done, said now and then."""

    def __init__(self, total: int, say: Say) -> None:
        self.total, self.say = total, say
        self.done = self.predicted = self.problems = 0
        self.first_problem, self.due = "", 0.0

    def add(self, write: Write, answers: Iterable[SamplePredicted], each: int) -> None:
        """Write the answers; `each`: by how much one brings the whole forward."""
        for one in answers:
            write(one)
            self.predicted += not one.problem
            self.done += bool(each) and not (one.file and one.row)
            if one.problem:
                name = Path(one.file).name
                named = one.problem if name in one.problem else f"{one.file}: {one.problem}"
                self._count(f"{named} (row {one.row})" if one.row and one.file else named)
        if time.monotonic() >= self.due:
            self.due = time.monotonic() + PROGRESS_SECONDS
            self.say(JobProgress(what="predicting", done=self.done, total=self.total))

    def refuse(self, file: Path, problem: str) -> None:
        """A whole file can't be read."""
        self._count(problem if file.name in problem else f"{file}: {problem}")

    def _count(self, problem: str) -> None:
        self.problems += 1
        self.first_problem = self.first_problem or problem


def _batches(samples: Iterable[Sample], size: int) -> Iterator[list[Sample]]:
    walk = iter(samples)
    while batch := list(islice(walk, size)):
        yield batch
