"""Export a network: write it beside its place, open it with the format's own runtime, compare, and put it there."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tuinn.atomic_io import temporary_folder
from tuinn.data.predictions import errors_of, wrong_predictions
from tuinn.errors import WorkerError
from tuinn.runs.jobs import BatchCheck, Export, Exported, JobProgress, Say
from tuinn.spec.dataset import Task
from tuinn.spec.keras_export.formats import FileFormat, file_format, takes_one_at_a_time
from tuinn.worker import devices
from tuinn.worker.errors import fills_disk, first_line
from tuinn.worker.jobs import convert
from tuinn.worker.jobs.network_file import (
    Inputs,
    NumbersOnly,
    OpenNetwork,
    numbers_only,
    open_run,
    some_samples,
)
from tuinn.worker.jobs.runtimes import Run, Runtime, in_keras, open_exported
from tuinn.worker.keras_types import Array

COMPARED = 64
"""Samples that both networks are given."""

BATCHES = (1, 7)

MOST_SCORED = 1_000
"""Test samples over which a rounded network is measured."""

TOLERANCE, HALF_TOLERANCE = 1e-5, 2e-2
"""Of the largest output, or of 1: up to this two networks in float32, and in float16, are the same."""

SCORING_BATCH = 64


def export(job: Export, say: Say) -> Exported:
    """Do it. The file appears whole or not at all. Raises WorkerError, OSError, or what the converters raise."""
    row, out = file_format(job.to), Path(job.out)
    _require_free(out)
    devices.choose("cpu")
    say(JobProgress(what="loading the network"))
    network = open_run(job.network)
    part = numbers_only(network) if row.takes_numbers_only else None
    with temporary_folder(out.parent, ".tuinn-export-") as place:
        made = place / out.name
        say(JobProgress(what=f"writing {row.title}"))
        write(row, network, part, Path(job.network.file), made, place)
        say(JobProgress(what="comparing it with Keras"))
        beside = write_words(network, place / f"{out.name}.words.json") if part is not None else None
        runtime = open_exported(row, made, part.model if part else network.full)
        found = compare(row, network, part, runtime)
        size = _size(made)
        if beside is not None:
            _require_free(out.with_name(beside.name))  # before anything is at its place
        _move(made, out)
        if beside is not None:
            _move(beside, out.with_name(beside.name))
    return Exported(
        to=job.to,
        out=str(out),
        bytes=size,
        beside=str(out.with_name(beside.name)) if beside is not None else "",
        inputs=runtime.inputs,
        outputs=runtime.outputs,
        runtime=runtime.name,
        samples=found.samples,
        checks=found.checks,
        tolerance=found.tolerance,
        score=found.score,
        before=found.before,
        after=found.after,
        scored=found.scored,
    )


def write(
    row: FileFormat, network: OpenNetwork, part: NumbersOnly | None, source: Path, made: Path, place: Path
) -> None:
    """Into a new file or folder. Raises WorkerError where the format's converter refuses the network."""
    if part is None:
        convert.write_whole_network(row, network, source, made)
        return
    training: Array = np.empty(0, np.float32)
    if row.name == "litert-full-int8":
        if not len(network.data.training):
            raise WorkerError(
                "Full int8 is scaled by training samples, and the data of this run are gone. Put them back, or "
                "export litert-int8."
            )
        chosen = network.data.training[: convert.REPRESENTATIVE]
        training = part.inputs(network.data.arrays.x_train[np.sort(chosen)])
    try:
        if row.is_litert:
            alone = takes_one_at_a_time(row, network.spec.model)
            convert.write_litert(row, part, training, alone, made, place)
        else:
            convert.write_onnx(part, made)
    except (OSError, MemoryError):
        raise
    except Exception as error:  # each converter has names of its own for what it can't
        if fills_disk(error):
            raise
        raise WorkerError(
            f"{row.title} can't hold this network ({first_line(error)}). Export it as saved-model or keras."
        ) from error


@dataclass
class Comparison:
    """How equal an exported network is to the one in Keras: the fields of Exported."""

    samples: int = 0
    checks: tuple[BatchCheck, ...] = ()
    tolerance: float | None = None
    score: str = ""
    before: float | None = None
    after: float | None = None
    scored: int = 0


def compare(row: FileFormat, network: OpenNetwork, part: NumbersOnly | None, runtime: Runtime) -> Comparison:
    """Over test samples, or training samples where there are none; nothing is compared where the data are gone."""
    inputs_of: Callable[[Array], Inputs] = part.inputs if part is not None else network.raw
    arrays, found = network.data.arrays, Comparison()
    keras_run = in_keras(part.model if part is not None else network.full).run
    rows = arrays.x_test if len(arrays.x_test) else arrays.x_train
    if len(rows):
        inputs = inputs_of(some_samples(rows, COMPARED))
        found.samples = _count(inputs)
        found.checks = tuple(_check(runtime.run, keras_run, inputs, size) for size in BATCHES)
        if not row.is_quantized:
            half = network.spec.fit.precision != "float32"
            largest = float(np.nanmax(np.abs(keras_run(inputs)), initial=1.0))
            found.tolerance = (HALF_TOLERANCE if half else TOLERANCE) * largest
    if row.is_quantized and len(arrays.x_test):
        places = np.arange(min(len(arrays.x_test), MOST_SCORED))
        inputs, truth = inputs_of(arrays.x_test[places]), arrays.y_test[places]
        found.score = "mean absolute error" if network.facts.task is Task.REGRESSION else "accuracy"
        found.before, found.after = (
            score(network, np.concatenate([*_outputs(run, inputs, SCORING_BATCH)]), truth)
            for run in (keras_run, runtime.run)
        )
        found.scored = len(places)
    return found


def score(network: OpenNetwork, outputs: NDArray[np.float32], truth: Array) -> float:
    """The share that is right, or the mean absolute error of a regression."""
    task = network.facts.task
    if task is Task.REGRESSION:
        return float(np.abs(errors_of(outputs, truth)).mean())
    if network.data.loss.from_logits and network.data.loss.name == "binary_crossentropy":
        outputs = outputs + 0.5  # likelier than not is above 0
    wrong = wrong_predictions(outputs, truth, task)
    assert wrong is not None
    return 1 - float(wrong.mean())


def _check(run: Run, keras_run: Run, inputs: Inputs, size: int) -> BatchCheck:
    found, milliseconds = _timed(run, inputs, size)
    wanted, keras_milliseconds = _timed(keras_run, inputs, size)
    same = np.isfinite(found).all() and np.isfinite(wanted).all()
    difference = float(np.abs(found.astype(np.float64) - wanted).max()) if same else None
    return BatchCheck(size, difference, milliseconds, keras_milliseconds)


def _timed(run: Run, inputs: Inputs, size: int) -> tuple[NDArray[np.float32], float]:
    """All outputs, and milliseconds per sample: the median over the whole batches, the first of a size being warm-up."""
    next(_outputs(run, inputs, size))
    seconds, parts, begun = [], [], time.perf_counter()
    for part in _outputs(run, inputs, size):
        now = time.perf_counter()
        parts.append(part)
        if len(part) == size:
            seconds.append((now - begun) / size)
        begun = time.perf_counter()
    return np.concatenate(parts), 1000 * float(np.median(seconds)) if seconds else 0.0


def _outputs(run: Run, inputs: Inputs, size: int) -> Iterator[NDArray[np.float32]]:
    for start in range(0, _count(inputs), size):
        part = slice(start, start + size)
        if isinstance(inputs, Mapping):
            yield run({name: values[part] for name, values in inputs.items()})
        else:
            yield run(inputs[part])


def _count(inputs: Inputs) -> int:
    return len(next(iter(inputs.values()))) if isinstance(inputs, Mapping) else len(inputs)


def write_words(network: OpenNetwork, file: Path) -> Path | None:
    """What stands for which number, as JSON; None where the network looks up no words. Raises OSError."""
    facts = network.facts
    if facts.is_text:
        layers = [layer for layer in network.full.layers if hasattr(layer, "get_vocabulary")]
        found: dict[str, object] = {"words": layers[0].get_vocabulary()} if layers else {}
    elif any(column.kind == "category" for column in facts.columns):
        columns = [
            {"name": column.name, "kind": column.kind, "words": list(column.vocabulary)}
            for column in facts.columns
        ]
        found = {
            "columns": columns,
            "note": "One number per column, in this order. A word is its place among the words, from 1; any other is 0. A number that is missing is NaN.",
        }
    else:
        return None
    file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    return file


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _move(made: Path, out: Path) -> None:
    """To its place, where nothing may be yet. Raises WorkerError or OSError."""
    _require_free(out)
    made.rename(out)


def _require_free(out: Path) -> None:
    """Raises WorkerError where something is there."""
    if out.exists():
        raise WorkerError(f"{out} is there already. Give another name, or remove it.")
