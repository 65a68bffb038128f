"""Judge a saved network on other data than those it was trained on."""

import numpy as np

from tuinn.data import loader
from tuinn.errors import WorkerError
from tuinn.runs.jobs import DataJudged, EvaluateOn, JobNote, JobProgress, Say
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.layers.layer_type import Shape, format_shape
from tuinn.text import join_names, plural
from tuinn.worker.inference.report import judge
from tuinn.worker.jobs.predictor import Predictor, open_predictor
from tuinn.worker.keras_types import Array

MOST = 100_000
"""Samples it is judged on, at most."""

PART = 1_000
"""Samples that are predicted at once."""


def evaluate_on(job: EvaluateOn, say: Say) -> DataJudged:
    """Do it. Raises SpecError or WorkerError where network and data don't go together."""
    say(JobProgress(what="loading the network"))
    predictor = open_predictor(job.network)
    dataset = DatasetSpec.of(job.dataset)
    arrays = loader.load(
        dataset, lambda done, total, what: say(JobProgress(what=what, done=done, total=total))
    )
    facts = loader.describe(dataset).facts
    of_network = predictor.info.facts
    order = class_order(of_network, facts, predictor)
    has_test = len(arrays.x_test) > 0
    x, y = (arrays.x_test, arrays.y_test) if has_test else (arrays.x_train, arrays.y_train)
    if not has_test:
        say(JobNote(message="These data have no test part, so the network is judged on all of them."))
    chosen = np.arange(len(x))
    if len(x) > MOST:
        chosen = np.sort(np.random.default_rng(0).permutation(len(x))[:MOST])
        say(JobNote(message=f"{MOST:,} of the {len(x):,} samples are judged, drawn at random."))
    count, parts = len(chosen), []
    for start in range(0, count, PART):
        rows = as_the_network_takes(x[chosen[start : start + PART]], facts, of_network)
        parts.append(predictor.outputs(rows))
        say(JobProgress(what="predicting", done=min(start + PART, count), total=count))
    outputs = np.concatenate(parts)
    if order is not None:
        outputs = outputs[:, order]
    report = judge(f"{predictor.name} on {dataset.label}", "test", outputs, np.asarray(y[chosen]), facts, {})
    return DataJudged(report=report)


def class_order(network: DataFacts, data: DataFacts, predictor: Predictor) -> list[int] | None:
    """Which output belongs to each class of the data; None: they stand in the same order.

    Raises WorkerError where they are others.
    """
    if (network.task is Task.REGRESSION) != (data.task is Task.REGRESSION):
        raise WorkerError(
            f"{predictor.name} is for {network.task.value}, and these data are for {data.task.value}."
        )
    if network.task is Task.REGRESSION and len(network.target_names) != len(data.target_names):
        raise WorkerError(
            f"{predictor.name} predicts {network.target or 'one number'}, and these data have "
            f"{data.target or 'one number'} to predict."
        )
    if network.task is Task.REGRESSION or predictor.is_guess or network.classes == data.classes:
        if len(network.classes) != len(data.classes):
            raise WorkerError(
                f"{predictor.name} knows {plural(len(network.classes), 'class', 'classes')}, and these data have "
                f"{len(data.classes)}."
            )
        return None
    if unknown := [name for name in data.classes if name not in network.classes]:
        raise WorkerError(f"{predictor.name} doesn't know {join_names(unknown)}, a class of these data.")
    if len(network.classes) == 2 or len(data.classes) != len(network.classes):
        raise WorkerError(
            f"{predictor.name} has its classes as {join_names(network.classes, 6)}, and these data as "
            f"{join_names(data.classes, 6)}."
        )
    return [network.classes.index(name) for name in data.classes]


def as_the_network_takes(samples: Array, data: DataFacts, network: DataFacts) -> Array:
    """Samples of the data, (n, *shape), in the form and range of those that the network was trained on.

    Raises WorkerError where they can't be brought to it.
    """
    if network.columns:
        return _codes(samples, data, network)
    if not (data.is_text or network.is_text) and _without_channel(data.shape) != _without_channel(
        network.shape
    ):
        raise WorkerError(
            f"These data have samples of {format_shape(data.shape)}, and the network takes {format_shape(network.shape)}."
        )
    if data.is_text or not data.is_image:
        if data.is_text != network.is_text or data.columns:
            raise WorkerError("These data are of another kind than those that the network takes.")
        return samples
    if (data.low, data.high) == (network.low, network.high):
        return samples
    share = (samples.astype(np.float32) - data.low) / ((data.high - data.low) or 1.0)
    return np.asarray(network.low + share * (network.high - network.low), np.float32)


def _without_channel(shape: Shape) -> Shape:
    """The same for grey pictures with an axis for their one channel and without."""
    return shape[:-1] if len(shape) > 1 and shape[-1] == 1 else tuple(shape)


def _codes(samples: Array, data: DataFacts, network: DataFacts) -> Array:
    """Rows of a table by the network's own columns and words. Raises WorkerError where a column is missing."""
    places = {column.name: at for at, column in enumerate(data.columns)}
    if missing := [column.name for column in network.columns if column.name not in places]:
        raise WorkerError(f"These data have no column {join_names(missing)}, which the network takes.")
    found = np.empty((len(samples), len(network.columns)), np.float32)
    for at, column in enumerate(network.columns):
        there = data.columns[places[column.name]]
        values = samples[:, places[column.name]]
        if column.kind != there.kind:
            raise WorkerError(
                f"The column {column.name} is a {there.kind} in these data, and a {column.kind} to the network."
            )
        if column.kind == "number":
            found[:, at] = values
        else:
            codes = {word: code for code, word in enumerate(column.vocabulary, 1)}
            found[:, at] = [codes.get(there.word(float(value)), 0) for value in values]
    return found
