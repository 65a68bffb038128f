"""The reporter by itself: hooks in, events out, with a clock that stands still unless told. No file, no process, no training."""

import math
from collections import deque
from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from tuinn.runs.commands import Evaluate, Predict
from tuinn.runs.events import (
    BatchEnded,
    EpochEnded,
    EpochStarted,
    Evaluated,
    LoadMeasured,
    Noted,
    PictureAnswered,
    Predicted,
)

pytestmark = pytest.mark.tf


@dataclass
class Wanted:
    """A helm whose wishes are set by hand."""

    stop: bool = False
    epochs: int = 1_000_000
    questions: deque = field(default_factory=deque)
    looks: int = 0
    done: list = field(default_factory=list)

    def heed(self, reporter) -> None:
        self.looks += 1
        reporter.model.stop_training |= self.stop

    def epoch_is_done(self, reporter, metrics) -> None:
        self.done.append(reporter.place().epoch)

    def is_last(self, epoch: int) -> bool:
        return epoch >= self.epochs

    def take(self, kind) -> list:
        found = [one for one in self.questions if isinstance(one, kind)]
        for one in found:
            self.questions.remove(one)
        return found


class Bench:
    """A reporter for epochs of 1000 samples in batches of 16, with everything it touches at hand."""

    def __init__(self) -> None:
        from tuinn.worker.training.reporter import Reporter

        self.now = 0.0
        self.events: list = []
        self.wanted = Wanted()
        self.reporter = Reporter(
            self.events.append,
            self.wanted,
            answer=self.answer,
            predict=lambda epoch: Predicted(epoch=epoch, count=10, mistakes=1),
            samples=1000,
            batch_size=16,
            clock=lambda: self.now,
            measure=lambda: LoadMeasured(cpu=0.5, own=0.5, cores=2, memory=1, ram=0.1),
        )
        optimizer = SimpleNamespace(learning_rate=0.1)
        self.reporter.set_model(SimpleNamespace(stop_training=False, optimizer=optimizer))

    def answer(self, question):
        if isinstance(question, Predict):
            return PictureAnswered(request=question.request, file=question.file)
        return Evaluated(request=question.request, metrics={}, samples=10)

    def epoch(self, number: int, seconds_per_batch: float, loss: float = 1.0) -> None:
        self.reporter.on_epoch_begin(number)
        for batch in range(63):
            self.now += seconds_per_batch
            self.reporter.on_train_batch_end(batch, {"loss": loss})
        self.reporter.on_epoch_end(number, {"loss": loss, "val_loss": loss})

    def said(self, kind) -> list:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.mark.parametrize("seconds_per_batch", [0.0, 0.001, 0.01, 0.05, 0.3])
def test_batches_are_told_at_most_ten_times_a_second_and_the_last_of_an_epoch_always(seconds_per_batch):
    bench = Bench()
    bench.epoch(0, seconds_per_batch)
    told = bench.said(BatchEnded)
    assert len(told) <= 63 * seconds_per_batch * 10 + 2
    assert (told[-1].step, told[-1].samples) == (63, 1000)
    assert [event.step for event in told] == sorted({event.step for event in told})


def test_an_epoch_counts_from_one_and_says_its_seconds_and_its_rate():
    bench = Bench()
    bench.epoch(0, 0.1)
    (started,), (ended,) = bench.said(EpochStarted), bench.said(EpochEnded)
    assert (started.epoch, started.steps) == (1, 63)
    assert ended.seconds == pytest.approx(6.3)
    assert ended.learning_rate == 0.1
    assert ended.metrics == {"loss": 1.0, "val_loss": 1.0}
    assert bench.reporter.finished(1)
    assert not bench.reporter.finished(2)


def test_steps_past_the_end_of_a_short_last_execution_are_not_counted():
    bench = Bench()
    bench.reporter.on_epoch_begin(0)
    bench.reporter.on_train_batch_end(99, {"loss": 1.0})
    assert (bench.said(BatchEnded)[0].step, bench.said(BatchEnded)[0].samples) == (63, 1000)


def test_stop_is_passed_on_and_never_taken_back():
    bench = Bench()
    bench.reporter.on_epoch_begin(0)
    bench.reporter.model.stop_training = True
    bench.reporter.on_train_batch_end(0, {"loss": 1.0})
    assert bench.reporter.model.stop_training
    other = Bench()
    other.wanted.stop = True
    other.reporter.on_epoch_begin(0)
    assert other.reporter.model.stop_training


def test_an_epoch_stopped_on_its_way_did_not_end_but_its_predictions_are_told():
    bench = Bench()
    bench.reporter.on_epoch_begin(0)
    bench.reporter.on_train_batch_end(5, {"loss": 1.0})
    bench.reporter.on_epoch_end(0, {"loss": 1.0})
    assert not bench.said(EpochEnded)
    assert bench.said(Predicted)
    assert not bench.reporter.finished(1)


def test_values_that_are_not_finite_travel_as_null_and_are_noted_once():
    bench = Bench()
    bench.epoch(0, 0.1)
    bench.epoch(1, 0.1, loss=math.nan)
    bench.epoch(2, 0.1, loss=math.inf)
    (noted,) = bench.said(Noted)
    assert "since epoch 2" in noted.message
    assert bench.said(EpochEnded)[-1].metrics == {"loss": None, "val_loss": None}


def test_a_picture_is_answered_in_mid_epoch_and_a_measurement_waits_for_its_end():
    bench = Bench()
    bench.reporter.on_epoch_begin(0)
    bench.wanted.questions.extend([Evaluate(request="e"), Predict(request="p", file="/x.png")])
    bench.reporter.on_train_batch_end(0, {"loss": 1.0})
    assert [event.request for event in bench.said(PictureAnswered)] == ["p"]
    assert not bench.said(Evaluated)
    bench.reporter.on_train_batch_end(62, {"loss": 1.0})
    bench.reporter.on_epoch_end(0, {"loss": 1.0})
    assert [event.request for event in bench.said(Evaluated)] == ["e"]
    assert not bench.wanted.questions


def test_wishes_are_looked_at_at_most_ten_times_a_second():
    bench = Bench()
    bench.epoch(0, 0.001)
    assert bench.wanted.looks <= 5


def test_the_machine_s_load_is_asked_for_at_most_once_a_second_and_told_while_the_journal_has_room():
    bench = Bench()
    bench.epoch(0, 0.1)
    told = len(bench.said(LoadMeasured))
    assert 5 <= told <= 7
    bench.reporter.ration.left = -1000.0
    bench.epoch(1, 0.1)
    assert len(bench.said(LoadMeasured)) == told
