"""Everything in the catalogue: a run that is killed in the middle of an epoch and resumed ends in the very numbers of one straight through."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tests.worker.catalog_runs import (
    BATCH,
    SHAPES,
    every_fit,
    networks,
    samples_of,
    side_by_side,
    small_network,
    text_layers,
    texts_in,
)
from tests.worker.conftest import Train, Training
from tuinn.runs.events import BatchEnded, EpochEnded, Evaluated, Event, Metrics
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import CATALOG, LayerSpec
from tuinn.spec.layers.layer_type import Shape
from tuinn.spec.run import RunSpec, stack
from tuinn.worker.checkpoints.checkpoint import Checkpoint
from tuinn.worker.keras_types import Array

pytestmark = pytest.mark.tf

FIT = FitSpec(epochs=2, batch_size=BATCH, early_stopping_patience=2, device="cpu")


class Killed(BaseException):
    """Leaves a training where SIGKILL would: nothing in it catches this."""


@dataclass
class Numbers:
    """All that a training leaves behind."""

    history: dict[int, Metrics]
    tested: Metrics
    weights: dict[str, Array]
    predictions: Array


def numbers_of(*trainings: Training) -> Numbers:
    last = trainings[-1]
    history = {
        event.epoch: event.metrics for training in trainings for event in training.events_of(EpochEnded)
    }
    (tested,) = last.events_of(Evaluated)
    weights = {
        f"{at} {variable.path}": np.asarray(variable)
        for at, variable in enumerate(last.evaluator.model.variables)
    }
    return Numbers(history, tested.metrics, weights, np.load(last.folder.predictions_file))


THREADS = 1e-8
"""Threads sum the gradient of a convolution's bias in no fixed order: two runs straight through differ by as much."""


def equal(one: Array, other: Array, is_bias: bool) -> bool:
    return bool(
        np.array_equal(one, other)
        or (is_bias and np.allclose(one.astype(np.float64), other.astype(np.float64), rtol=0, atol=THREADS))
    )


def assert_equal(one: Numbers, other: Numbers) -> None:
    """To the last bit, but for the biases."""
    assert one.history == other.history
    assert one.tested == other.tested
    assert one.weights.keys() == other.weights.keys()
    differ = [
        name
        for name, value in one.weights.items()
        if not equal(value, other.weights[name], name.endswith("bias"))
    ]
    assert differ == []
    assert np.array_equal(one.predictions, other.predictions)


@pytest.fixture(autouse=True)
def reports_of_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    from tuinn.worker.data import batches

    monkeypatch.setattr(batches, "MOST_STEPS", 1)
    monkeypatch.setattr("tuinn.worker.training.reporter.REPORT_SECONDS", 0.0)
    monkeypatch.setenv("TUINN_CHECKPOINT_SECONDS", "0")


def check(train: Train, spec: RunSpec) -> None:
    """The run straight through, and the one that is killed in its second epoch and resumed."""
    import keras

    def die(event: Event, _folder: RunFolder) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (2, 4):
            raise Killed

    keras.utils.clear_session()
    straight = train(spec)
    keras.utils.clear_session()
    first = Training(RunFolder.create(spec))
    with pytest.raises(Killed):
        train(spec, then=die, into=first)
    position = Checkpoint.read(first.folder.last_checkpoint).position
    assert (position.epoch, position.step) == (2, 3)
    keras.utils.clear_session()
    second = train(spec, resume=first.folder)
    assert second.ending == straight.ending
    assert_equal(numbers_of(first, second), numbers_of(straight))


@pytest.mark.parametrize(
    ("shape", "layers"),
    [pytest.param(*case, id=f"{len(case[0])}-{case[1][0].type_name}") for case in networks()],
)
def test_every_layer_type_goes_on_exactly(
    shape: Shape, layers: list[LayerSpec], train: Train, tmp_path: Path
) -> None:
    check(train, RunSpec(samples_of(tmp_path, shape), stack(*side_by_side(layers)), FIT))


@pytest.mark.parametrize("layer", text_layers(), ids=lambda layer: layer.type_name)
def test_every_layer_type_that_reads_texts_goes_on_exactly(
    layer: LayerSpec, train: Train, tmp_path: Path
) -> None:
    head = (
        LayerSpec.of("Embedding", input_dim=50, output_dim=3),
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dropout", rate=0.2),
        LayerSpec.of("Dense", units=2, activation="softmax"),
    )
    check(train, RunSpec(texts_in(tmp_path), stack(layer, *head), FIT))


def test_no_layer_type_is_left_out() -> None:
    tried = {layer.type_name for _, layers in networks() for layer in layers}
    assert tried | {layer.type_name for layer in text_layers()} == {kind.name for kind in CATALOG}


@pytest.mark.parametrize(
    ("task", "fit"), [pytest.param(*case, id=case[1].optimizer) for case in every_fit(with_losses=False)]
)
def test_every_optimizer_schedule_and_callback_goes_on_exactly(
    task: Task, fit: FitSpec, train: Train, tmp_path: Path
) -> None:
    check(train, RunSpec(samples_of(tmp_path, SHAPES[0], task), stack(*small_network(task)), fit))
