"""Trainings on two halves of the processor, which only a fresh process can divide: test_several_devices.py runs pytest on this file."""

from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.worker import test_exact_resume
from tests.worker.catalog_runs import (
    BATCH,
    SHAPES,
    every_fit,
    networks,
    samples_of,
    side_by_side,
    small_network,
)
from tests.worker.conftest import Train, Training, finite
from tests.worker.test_control import ask_at
from tests.worker.test_inspection import look
from tuinn.errors import WorkerError
from tuinn.runs.commands import BackToBest, Evaluate, Explain, Inspect, Pause, SetRate
from tuinn.runs.events import (
    BatchEnded,
    DevicesMeasured,
    EpochEnded,
    Evaluated,
    ModelBuilt,
    Paused,
    RateChanged,
    WentBack,
)
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.layer_type import Shape
from tuinn.spec.presets.catalog import digits_mlp
from tuinn.spec.run import RunSpec, stack
from tuinn.worker import devices
from tuinn.worker.distribution import Replicas

TWO, THREE, ONE = "cpu:0,1", "cpu:0,2,1", "cpu"

CLOSE = 1e-5
"""Of losses, which differ by the order in which float32 numbers are added."""

RANDOM = ("Dropout", "BatchNormalization")
"""Layers that differ by device: each draws masks, and takes the statistics of its own share."""

CHANCE = {"BatchNormalization", "RandomFlip"}
"""Layers that keep something between two batches, each in another network."""

devices.choose("cpu:0,2")  # three parts, of which two or three train
Replicas(("/cpu:0", "/cpu:1"))
# TensorFlow's own tests keep the sums of two strategies in one process apart like this.
tf.distribute.MirroredStrategy._collective_key_base = 100_000
Replicas(("/cpu:0", "/cpu:2", "/cpu:1"))


@pytest.fixture(autouse=True)
def fresh() -> None:
    keras.utils.clear_session()


def digits(**fit: object) -> RunSpec:
    return digits_mlp().with_fit(**{"epochs": 2, "batch_size": 100, **fit})


def losses(training: Training) -> Iterator[float]:
    told = [event.metrics for event in training.events_of(EpochEnded)]
    told += [event.metrics for event in training.events_of(Evaluated)]
    for metrics in told:
        yield from (finite(value) for name, value in sorted(metrics.items()) if name.endswith("loss"))


def assert_close(several: Training, one: Training) -> None:
    np.testing.assert_allclose(list(losses(several)), list(losses(one)), rtol=CLOSE, atol=CLOSE)


def weights(training: Training) -> list[object]:
    return [np.asarray(variable) for variable in training.evaluator.model.variables]


# ------------------------------------------------------------------------------------ losses of one device


@pytest.mark.parametrize(
    ("task", "fit"),
    [pytest.param(*case, id=f"{case[0].name}-{case[1].optimizer}") for case in [*every_fit()][::4]],
)
def test_losses_are_those_of_one_device(task: Task, fit: FitSpec, train: Train, tmp_path: Path) -> None:
    layers = [layer for layer in small_network(task) if layer.type_name not in RANDOM]
    spec = RunSpec(samples_of(tmp_path, SHAPES[0], task), stack(*layers), fit)
    several = train(spec.with_fit(device=TWO))
    keras.utils.clear_session()
    assert_close(several, train(spec.with_fit(device=ONE)))


@pytest.mark.parametrize("precision", ["mixed_float16"])
def test_losses_in_16_bits_are_those_of_one_device_as_far_as_these_go(precision: str, train: Train) -> None:
    several = train(digits(device=TWO, precision=precision))
    keras.utils.clear_session()
    one = train(digits(device=ONE, precision=precision))
    np.testing.assert_allclose(list(losses(several)), list(losses(one)), rtol=2e-2)


@pytest.mark.parametrize("fit", [{"clipnorm": 0.05, "class_weights": "balanced"}, {"clipvalue": 0.001}])
def test_losses_with_what_works_on_the_whole_gradient_are_those_of_one_device(
    fit: dict[str, object], train: Train
) -> None:
    several = train(digits(device=TWO, **fit))
    keras.utils.clear_session()
    assert_close(several, train(digits(device=ONE, **fit)))


@pytest.mark.parametrize("batch", [3, 7])
def test_a_last_batch_with_fewer_samples_than_devices_counts_for_no_more_than_it_has(
    batch: int, train: Train, tmp_path: Path
) -> None:
    """41 samples are trained on: batches of 3 leave two over, of 7 six."""
    layers = [layer for layer in small_network(Task.CLASSES) if layer.type_name not in RANDOM]
    fit = FitSpec(epochs=2, batch_size=batch, metrics=("accuracy", "precision"))
    spec = RunSpec(samples_of(tmp_path, SHAPES[0]), stack(*layers), fit)
    several = train(spec.with_fit(device=THREE))
    keras.utils.clear_session()
    one = train(spec.with_fit(device=ONE))
    assert_close(several, one)
    for ours, theirs in zip(several.events_of(EpochEnded), one.events_of(EpochEnded), strict=True):
        assert ours.metrics == pytest.approx(theirs.metrics, rel=1e-5)


def test_samples_that_are_read_from_the_disk_are_shared_like_any_others(
    train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinn.worker.data.streaming.memory_budget", lambda: 0)
    several = train(digits(device=TWO))
    assert type(several.evaluator.pipeline).__name__ == "StreamingPipeline"
    keras.utils.clear_session()
    assert_close(several, train(digits(device=ONE)))


# ------------------------------------------------------------------------------------------- exact resume


@pytest.fixture
def each_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinn.worker.data.batches.MOST_STEPS", 1)
    monkeypatch.setattr("tuinn.worker.training.reporter.REPORT_SECONDS", 0.0)
    monkeypatch.setenv("TUINN_CHECKPOINT_SECONDS", "0")


@pytest.mark.parametrize(
    ("shape", "layers"),
    [
        pytest.param(*case, id=case[1][0].type_name)
        for case in networks()
        if CHANCE & {one.type_name for one in case[1]}
    ],
)
def test_layers_with_states_go_on_exactly(
    shape: Shape, layers: list[LayerSpec], train: Train, tmp_path: Path, each_batch: None
) -> None:
    fit = FitSpec(epochs=2, batch_size=BATCH, early_stopping_patience=2, device=TWO)
    test_exact_resume.check(train, RunSpec(samples_of(tmp_path, shape), stack(*side_by_side(layers)), fit))


@pytest.mark.parametrize(
    ("task", "fit"),
    [pytest.param(*case, id=case[1].optimizer) for case in [*every_fit(with_losses=False)][::5]],
)
def test_optimizers_go_on_exactly(
    task: Task, fit: FitSpec, train: Train, tmp_path: Path, each_batch: None
) -> None:
    spec = RunSpec(samples_of(tmp_path, SHAPES[0], task), stack(*small_network(task)), fit)
    test_exact_resume.check(train, spec.with_fit(device=TWO))


@pytest.mark.parametrize("device", [ONE, THREE])
def test_a_run_goes_on_with_another_number_of_devices(device: str, train: Train, each_batch: None) -> None:
    straight = train(digits(device=ONE))
    keras.utils.clear_session()
    first = Training(RunFolder.create(digits(device=TWO)))

    def die(event: object, _folder: RunFolder) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (2, 4):
            raise test_exact_resume.Killed

    with pytest.raises(test_exact_resume.Killed):
        train(digits(device=TWO), then=die, into=first)
    keras.utils.clear_session()
    second = train(digits(device=device), resume=first.folder)
    (before, *_), (after, *_) = first.events_of(EpochEnded), second.events_of(EpochEnded)
    told = [finite(event.metrics["loss"]) for event in (before, after)]
    expected = [finite(event.metrics["loss"]) for event in straight.events_of(EpochEnded)]
    np.testing.assert_allclose(told, expected, rtol=CLOSE)


# ------------------------------------------------------------------------- steering, questions, predictions


def test_a_pause_changes_nothing_and_a_rate_is_set_on_each_device(train: Train) -> None:
    straight = train(digits(device=TWO, epochs=3))
    keras.utils.clear_session()
    paused = train(digits(device=TWO, epochs=3), then=ask_at(BatchEnded, 2, Pause()))
    assert len(paused.events_of(Paused)) == 1
    assert list(losses(paused)) == list(losses(straight))
    for fit in ({}, {"schedule": "cosine"}):
        keras.utils.clear_session()
        spec = digits(device=TWO, epochs=3, **fit)
        training = train(spec, then=ask_at(EpochEnded, 1, SetRate(learning_rate=0.0625)))
        assert [event.learning_rate for event in training.events_of(RateChanged)] == [0.0625]
        assert [event.learning_rate for event in training.events_of(EpochEnded)][1:] == [0.0625, 0.0625]


def test_it_goes_back_to_its_best_epoch(train: Train) -> None:
    then = ask_at(EpochEnded, 2, BackToBest(factor=0.5))
    training = train(digits(device=TWO, epochs=3), then=then)
    assert len(training.events_of(WentBack)) == 1
    assert training.ending.outcome == "finished"


def test_every_device_has_the_same_weights_and_statistics_when_it_is_over(
    train: Train, tmp_path: Path
) -> None:
    fit = FitSpec(epochs=2, batch_size=BATCH, device=THREE)
    spec = RunSpec(samples_of(tmp_path, SHAPES[0]), stack(*small_network(Task.CLASSES)), fit)
    training = train(spec)
    for variable in training.evaluator.model.variables:
        first, *others = (copy.numpy() for copy in variable.value.values)
        assert all(np.array_equal(first, other) for other in others)


def test_units_are_dropped_out_by_other_masks_on_each_device(train: Train, tmp_path: Path) -> None:
    """The same sample twice in a batch, one on each device: with the same mask both would give the same loss."""
    x = np.ones((2, 64), np.float32)
    np.savez(file := tmp_path / "same.npz", x_train=x, y_train=[0, 0], x_test=x, y_test=[0, 1])
    from tuinn.spec.dataset import DatasetSpec

    layers = (LayerSpec.of("Dropout", rate=0.5), LayerSpec.of("Dense", units=2, activation="softmax"))
    data = DatasetSpec.at(str(file)).with_value("validation", 0.0)
    spec = RunSpec(data, stack(*layers), FitSpec(epochs=1, batch_size=2, metrics=(), device=TWO))
    training = train(spec)
    shares = [copy.numpy() for copy in training.evaluator.model.metrics[0].variables[0].value.values]
    training.evaluator.evaluate()
    assert shares[0] != shares[1]


def test_the_network_is_looked_into_asked_and_saved_as_ever(train: Train) -> None:
    several = train(digits(device=TWO))
    evaluator, folder = several.evaluator, several.folder
    found = look(folder, evaluator.answer(Inspect(request="r", test=2)))
    outputs = evaluator.network.outputs(evaluator.arrays.x_test[2:3], 1)[0]
    last = found.values(len(found.steps) - 1)
    assert last is not None
    np.testing.assert_allclose(last, outputs, atol=1e-6)
    saved = keras.models.load_model(folder.model_file)
    np.testing.assert_allclose(np.asarray(saved(evaluator.arrays.x_test[2:3]))[0], outputs, atol=1e-6)
    assert evaluator.answer(Evaluate(request="t")).metrics == several.events_of(Evaluated)[0].metrics
    assert not evaluator.answer(Explain(request="e", test=2)).problem


# ----------------------------------------------------------------------------------------- what is told


def test_how_many_devices_train_is_told_and_how_fast_they_are_against_one(
    train: Train, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinn.worker.training.device_comparison.WORTH_SECONDS", 0.0)
    monkeypatch.setattr("tuinn.worker.training.device_comparison.MEASURED_SECONDS", 0.05)
    measured = train(digits(device=TWO, epochs=4))
    (built,) = measured.events_of(ModelBuilt)
    assert (built.devices, built.device[:7]) == (2, "CPU:0,1")
    (told,) = measured.events_of(DevicesMeasured)
    assert told.devices == 2
    assert told.alone > 100
    assert told.together > 100
    monkeypatch.setattr("tuinn.worker.training.device_comparison.WORTH_SECONDS", 1e9)
    keras.utils.clear_session()
    unmeasured = train(digits(device=TWO, epochs=4))
    assert not unmeasured.events_of(DevicesMeasured)
    assert list(losses(measured)) == list(losses(unmeasured))


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        ({"batch_size": 1}, "batch_size 1 has no sample for each of 2 devices. Set batch_size to 2 or more"),
        ({"train_step": "written_out"}, "Set train_step to keras, or device to cpu."),
    ],
)
def test_what_several_devices_cant_train_is_refused_before_the_start(
    fit: dict[str, object], words: str, train: Train
) -> None:
    with pytest.raises(WorkerError, match=words):
        train(digits(device=TWO, **fit))
