"""In a pause a written out training takes batches one by one, and tells what each made of a weight."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from tests.worker.catalog_runs import BATCH
from tests.worker.conftest import Then, Train, Training
from tests.worker.test_resume import epoch_metrics
from tests.worker.test_written_step import spec_of
from tuinn.runs.commands import AnyCommand, Pause, Resume, StepBatch, Stop
from tuinn.runs.events import BatchEnded, BatchStepped, EpochEnded, Event, Noted, Paused, Resumed
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import Task
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec, stack
from tuinn.view.run_view import Phase, RunView

pytestmark = pytest.mark.tf

STEPS = -(-41 // BATCH)
"""Batches of an epoch: 4 of the 45 samples are kept to validate on."""


def after_a_pause(*commands: AnyCommand, at: int = 2) -> Then:
    """Pause in the first epoch, then give the commands, one once the one before is answered."""
    left = list(commands)

    def then(event: Event, folder: RunFolder) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (1, at) and left == list(commands):
            folder.ask(Pause())
        elif isinstance(event, Paused | BatchStepped) and left:
            folder.ask(left.pop(0))

    return then


@pytest.fixture(autouse=True)
def reports_of_every_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinn.worker.training.reporter.REPORT_SECONDS", 0.0)


def stepped(training: Training) -> Sequence[BatchStepped]:
    return training.events_of(BatchStepped)


def test_each_step_is_one_update_of_a_weight_by_rate_times_gradient(train: Train, tmp_path: Path) -> None:
    spec = spec_of(tmp_path, optimizer="sgd", learning_rate=0.1, train_step="written_out")
    training = train(spec, then=after_a_pause(StepBatch(), StepBatch(), StepBatch(), Resume()))
    told = stepped(training)
    assert [(event.epoch, event.step, event.updates) for event in told] == [(1, 3, 3), (1, 4, 4), (1, 5, 5)]
    for event in told:
        assert event.gradient
        assert event.before is not None
        assert event.after == pytest.approx(event.before - 0.1 * event.gradient, rel=1e-6, abs=1e-8)
        assert event.learning_rate == 0.1
        assert (event.samples, len(event.labels)) == (BATCH, 8)
        assert set(event.labels) <= {"0", "1", "2"}
    assert len(training.events_of(Paused)) == len(training.events_of(Resumed)) == 1


def test_stepping_changes_nothing_of_the_training(train: Train, tmp_path: Path) -> None:
    spec = spec_of(tmp_path, train_step="written_out")
    straight = train(spec)
    steps = [StepBatch()] * (STEPS + 2)  # past the end of the first epoch
    training = train(spec, then=after_a_pause(*steps, StepBatch(batches=3), Resume()))
    assert epoch_metrics(training) == epoch_metrics(straight)
    told = stepped(training)
    assert [event.updates for event in told] == [*range(3, STEPS + 5), STEPS + 7]
    (short,) = (event for event in told if event.step == STEPS)
    assert short.samples == len(short.labels) == 41 % BATCH
    first = next(event for event in training.events if isinstance(event, EpochEnded))
    at = training.events.index(first)
    assert any(isinstance(event, BatchStepped) for event in training.events[at:])


def test_the_loss_and_the_gradient_are_those_of_its_batch(train: Train, tmp_path: Path) -> None:
    """Worked out in numpy: a single Dense with softmax."""
    dense = stack(LayerSpec.of("Dense", units=3, activation="softmax", use_bias=False))
    spec = spec_of(tmp_path, optimizer="sgd", shuffle=False, train_step="written_out").with_model(dense)
    ask = StepBatch(weight="no such", index=(1, 2))
    same = StepBatch(batches=0, weight="no such", index=(1, 2))
    training = train(spec, then=after_a_pause(ask, same, Stop()))
    event, again = stepped(training)
    arrays, pipeline = training.evaluator.arrays, training.evaluator.pipeline
    rows = pipeline.training.numpy()[2 * BATCH : 3 * BATCH]
    x, y = arrays.x_train[rows], arrays.y_train[rows].astype(int)
    names = training.evaluator.info.facts.classes
    assert event.labels == tuple(names[label] for label in y)
    (path,) = event.weights
    assert event.weights[path] == (12, 3)
    assert (again.weight, again.index) == (event.weight, event.index) == (path, (1, 2))
    kernel = np.array(training.evaluator.model.trainable_variables[0])
    assert kernel[event.index] == pytest.approx(event.after, rel=1e-6)
    before = kernel.astype(np.float64)
    for _ in range(20):  # the weights from which a step leads to these
        shares = np.exp(x @ before)
        shares /= shares.sum(axis=1, keepdims=True)
        gradient = x.T @ (shares - np.eye(3)[y]) / len(y)
        before = kernel + 0.01 * gradient
    assert event.gradient == pytest.approx(gradient[1, 2], abs=1e-6)
    assert event.before == pytest.approx(before[1, 2], abs=1e-6)
    assert event.loss == pytest.approx(-np.log(shares[range(len(y)), y]).mean(), abs=1e-6)


def test_another_weight_is_told_of_without_another_update(train: Train, tmp_path: Path) -> None:
    spec = spec_of(tmp_path, optimizer="adam", train_step="written_out")
    probe = train(spec, then=after_a_pause(StepBatch(), Stop()))
    names = list(stepped(probe)[0].weights)
    ask = [StepBatch(batches=0, weight=name) for name in names]
    chosen = StepBatch(batches=0, weight=names[0], index=(3, 1))
    training = train(spec, then=after_a_pause(StepBatch(), *ask, chosen, Stop()))
    first, *others, last = stepped(training)
    assert [event.weight for event in others] == names
    assert {event.updates for event in (first, *others, last)} == {3}
    assert (last.weight, last.index) == (names[0], (3, 1))
    values = dict(zip(names, training.evaluator.model.trainable_variables, strict=True))
    for event in others:
        assert event.after == pytest.approx(float(np.asarray(values[event.weight])[event.index]), rel=1e-6)
        assert set(event.kept) == {"mean", "square"}
        size = np.sqrt(1 - 0.999**3) / (1 - 0.9**3)
        assert event.before is not None
        mean, square = event.kept["mean"] or 0.0, event.kept["square"] or 0.0
        step = 0.01 * size * mean / (np.sqrt(square) + 1e-7)
        assert event.after == pytest.approx(event.before - step, rel=1e-5, abs=1e-7)


def test_more_batches_than_are_left_stop_at_the_last_one(train: Train, tmp_path: Path) -> None:
    spec = spec_of(tmp_path, epochs=1, train_step="written_out")
    training = train(spec, then=after_a_pause(StepBatch(batches=99), Resume()))
    assert [(event.epoch, event.step) for event in stepped(training)] == [(1, STEPS)]
    assert len(training.events_of(Resumed)) == 1
    assert training.ending.outcome == "finished"


@pytest.mark.parametrize("task", [Task.REGRESSION, Task.LABELS, Task.BINARY])
def test_the_targets_are_told_in_words_of_the_data(task: Task, train: Train, tmp_path: Path) -> None:
    spec = spec_of(tmp_path, task, train_step="written_out", metrics=[])
    (event,) = stepped(train(spec, then=after_a_pause(StepBatch(), Stop())))
    assert len(event.labels) == 8
    if task is Task.REGRESSION:
        assert all(np.isfinite(float(label)) for label in event.labels)


def test_a_run_with_the_step_of_keras_says_that_it_has_no_single_batches(
    train: Train, tmp_path: Path
) -> None:
    def then(event: Event, folder: RunFolder) -> None:
        if isinstance(event, BatchEnded) and event.epoch == 1:
            folder.ask(StepBatch())

    training = train(spec_of(tmp_path), then=then)
    assert stepped(training) == []
    assert "train_step is written_out" in training.events_of(Noted)[0].message


def test_a_step_asked_of_a_run_that_trains_pauses_it(train: Train, tmp_path: Path) -> None:
    def then(event: Event, folder: RunFolder) -> None:
        if isinstance(event, BatchEnded) and (event.epoch, event.step) == (1, 2):
            folder.ask(StepBatch())
        if isinstance(event, Paused):
            folder.ask(Stop())

    training = train(spec_of(tmp_path, train_step="written_out"), then=then)
    assert stepped(training) == []
    assert training.ending.outcome == "stopped"


def test_the_view_stays_paused_from_batch_to_batch(train: Train, tmp_path: Path) -> None:
    spec: RunSpec = spec_of(tmp_path, train_step="written_out")
    training = train(spec, then=after_a_pause(*[StepBatch()] * (STEPS + 1), Resume()))
    view, seen = RunView(), []
    for event in training.events:
        view.apply(event)  # type: ignore[arg-type]  # every kind of event
        if view.paused:
            seen.append(view.phase)
    assert set(seen) == {Phase.PAUSED}
    assert view.stepped is stepped(training)[-1]
    assert not view.paused
