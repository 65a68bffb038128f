"""The reporter by itself: Keras hooks in, events out, with a clock that stands still unless set. No process, no training."""

import csv
import math
from types import SimpleNamespace
from typing import TypeVar

import pytest

from tests.conftest import Write
from tests.worker.conftest import journal_of
from tuinn.errors import WorkerError
from tuinn.runs.commands import BackToBest, Evaluate, Pause, Predict, Question, Resume
from tuinn.runs.events import (
    BatchEnded,
    EpochEnded,
    EpochStarted,
    Evaluated,
    Event,
    LoadMeasured,
    Noted,
    Paused,
    PictureAnswered,
    Predicted,
    RunEnded,
    RunStarted,
    WentBack,
)
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalWriter
from tuinn.runs.summary import RunSummary
from tuinn.worker.commands import CommandQueue
from tuinn.worker.event_log import EventLog
from tuinn.worker.heartbeat import Heartbeat
from tuinn.worker.monitoring.csv_log import CsvLog

pytestmark = pytest.mark.tf

E = TypeVar("E", bound=Event)


class CountedQueue(CommandQueue):
    """Counts how often somebody looks for commands."""

    polls = 0

    def poll(self) -> None:
        self.polls += 1
        super().poll()


class NoCheckpoints:
    """The state of no network is copied."""

    callbacks = ()

    def take(self, best: bool = False, score: float | None = None) -> None:
        return

    def take_if_due(self) -> None:
        return

    def report_written(self) -> None:
        return


class Bench:
    """A reporter for epochs of 1000 samples in batches of 16, with everything it touches at hand."""

    def __init__(self, folder: RunFolder) -> None:
        from tuinn.worker.training.control import TrainingControl
        from tuinn.worker.training.progress import TrainingProgress
        from tuinn.worker.training.reporter import Reporter

        self.now = 0.0
        self.folder = folder
        self.events: list[Event] = []
        self.commands = CountedQueue(folder)
        self.progress = TrainingProgress(1000, 16, epochs=1_000_000, clock=lambda: self.now)
        self.log = EventLog(self.events.append, clock=lambda: self.now)
        optimizer = SimpleNamespace(learning_rate=0.1)
        model = SimpleNamespace(stop_training=False, optimizer=optimizer)
        control = TrainingControl(
            model,
            self.commands,
            self.progress,
            NoCheckpoints(),  # type: ignore[arg-type]  # the class itself imports Keras
            self.log,
            Heartbeat(folder.heartbeat_file),
            self.answer,
            measure_load=lambda: LoadMeasured(cpu=0.5, own=0.5, cores=2, memory=1, ram=0.1),
        )
        self.reporter = Reporter(
            self.progress,
            self.log,
            control,
            predict=lambda epoch: Predicted(epoch=epoch, count=10, mistakes=1),
        )
        self.reporter.set_model(model)

    def answer(self, question: Question) -> PictureAnswered | Evaluated:
        if isinstance(question, Predict):
            return PictureAnswered(request=question.request, file=question.file)
        return Evaluated(request=question.request, metrics={}, samples=10)

    def epoch(self, number: int, seconds_per_batch: float, loss: float = 1.0) -> None:
        self.reporter.on_epoch_begin(number)
        for batch in range(63):
            self.now += seconds_per_batch
            self.reporter.on_train_batch_end(batch, {"loss": loss})
        self.reporter.on_epoch_end(number, {"loss": loss, "val_loss": loss})

    def events_of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def bench(write_run: Write) -> Bench:
    return Bench(write_run())


@pytest.mark.parametrize("seconds_per_batch", [0.0, 0.001, 0.01, 0.05, 0.3])
def test_batches_are_reported_at_most_ten_times_a_second_and_the_last_of_an_epoch_always(
    bench: "Bench", seconds_per_batch: float
) -> None:
    bench.epoch(0, seconds_per_batch)
    told = bench.events_of(BatchEnded)
    assert len(told) <= 63 * seconds_per_batch * 10 + 2
    assert (told[-1].step, told[-1].samples) == (63, 1000)
    assert [event.step for event in told] == sorted({event.step for event in told})


def test_an_epoch_counts_from_one_and_reports_its_seconds_and_its_rate(bench: "Bench") -> None:
    bench.epoch(0, 0.1)
    (started,), (ended,) = bench.events_of(EpochStarted), bench.events_of(EpochEnded)
    assert (started.epoch, started.steps) == (1, 63)
    assert ended.seconds == pytest.approx(6.3)
    assert ended.learning_rate == 0.1
    assert ended.metrics == {"loss": 1.0, "val_loss": 1.0}
    bench.progress.epochs = 1
    assert bench.progress.finished
    bench.progress.epochs = 2
    assert not bench.progress.finished


def test_steps_past_the_end_of_a_short_last_execution_are_not_counted(bench: "Bench") -> None:
    bench.reporter.on_epoch_begin(0)
    bench.reporter.on_train_batch_end(99, {"loss": 1.0})
    assert (bench.events_of(BatchEnded)[0].step, bench.events_of(BatchEnded)[0].samples) == (63, 1000)


def test_stop_is_passed_on_and_never_taken_back(bench: "Bench") -> None:
    bench.reporter.on_epoch_begin(0)
    bench.reporter.model.stop_training = True
    bench.reporter.on_train_batch_end(0, {"loss": 1.0})
    assert bench.reporter.model.stop_training
    bench.reporter.model.stop_training = False
    bench.reporter.on_train_batch_end(62, {"loss": 1.0})
    bench.commands.stop = True
    bench.reporter.on_epoch_end(0, {"loss": 1.0})
    assert bench.reporter.model.stop_training


def test_an_epoch_stopped_on_its_way_did_not_end_but_its_predictions_are_reported(bench: "Bench") -> None:
    bench.reporter.on_epoch_begin(0)
    bench.reporter.on_train_batch_end(5, {"loss": 1.0})
    bench.reporter.on_epoch_end(0, {"loss": 1.0})
    assert not bench.events_of(EpochEnded)
    assert bench.events_of(Predicted)
    bench.progress.epochs = 1
    assert not bench.progress.finished


def test_values_that_are_not_finite_travel_as_null_and_are_noted_once(bench: "Bench") -> None:
    bench.epoch(0, 0.1)
    bench.epoch(1, 0.1, loss=math.nan)
    bench.epoch(2, 0.1, loss=math.inf)
    (noted,) = bench.events_of(Noted)
    assert "since epoch 2" in noted.message
    assert bench.events_of(EpochEnded)[-1].metrics == {"loss": None, "val_loss": None}


def test_a_picture_is_answered_in_mid_epoch_and_a_measurement_waits_for_its_end(bench: "Bench") -> None:
    bench.reporter.on_epoch_begin(0)
    bench.commands.questions.extend([Evaluate(request="e"), Predict(request="p", file="/x.png")])
    bench.reporter.on_train_batch_end(0, {"loss": 1.0})
    assert [event.request for event in bench.events_of(PictureAnswered)] == ["p"]
    assert not bench.events_of(Evaluated)
    bench.reporter.on_train_batch_end(62, {"loss": 1.0})
    bench.reporter.on_epoch_end(0, {"loss": 1.0})
    assert [event.request for event in bench.events_of(Evaluated)] == ["e"]
    assert not bench.commands.questions


def test_commands_are_looked_for_at_most_ten_times_a_second(bench: "Bench") -> None:
    bench.epoch(0, 0.001)
    assert bench.commands.polls <= 5


def test_the_machine_s_load_is_measured_at_most_once_a_second_and_reported_while_the_journal_has_room(
    bench: "Bench",
) -> None:
    bench.epoch(0, 0.1)
    told = len(bench.events_of(LoadMeasured))
    assert 5 <= told <= 7
    bench.log.bytes_left = -1000.0
    bench.epoch(1, 0.1)
    assert len(bench.events_of(LoadMeasured)) == told


def test_the_journal_of_nine_thousand_short_epochs_has_the_best_and_the_last_and_the_history_has_all(
    bench: "Bench",
) -> None:
    history = CsvLog(bench.folder)
    journal = JournalWriter(bench.folder.events_file)

    def keep(event: Event) -> None:
        bench.events.append(event)
        journal.append(event)

    bench.log.write = keep
    bench.log.add_listener(history)
    bench.log.emit(RunStarted(run="short", host="box", pid=1, tuinn="0.1.0", epochs=9000))
    for number in range(9000):
        ended = {"loss": 1.0, "val_loss": abs(number + 1 - 8765) + 1.0}
        bench.now += 0.004
        bench.reporter.on_epoch_begin(number)
        bench.progress.step = bench.progress.steps
        bench.reporter.on_epoch_end(number, ended)
    bench.log.emit(RunEnded(outcome="stopped"))

    written = bench.events_of(EpochEnded)
    assert len(written) < 8000, "the journal has no room for all of them"
    summary = RunSummary()
    for event in journal_of(bench.folder):
        summary.apply(event)
    assert summary.best is not None
    assert (summary.best.epoch, summary.done) == (8765, 9000)
    assert [event.epoch for event in written] == sorted({event.epoch for event in written})
    with bench.folder.history_file.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [int(row["epoch"]) for row in rows] == list(range(1, 9001))


def test_a_best_epoch_that_was_left_out_is_written_before_the_training_goes_back_to_it(
    bench: "Bench",
) -> None:
    bench.log.bytes_left = -1e9
    for number, loss in enumerate([0.5, 0.3, 0.4]):
        bench.epoch(number, 0.0, loss)
    assert bench.events_of(EpochEnded) == []
    bench.log.emit(WentBack(epoch=3))
    assert [event.epoch for event in bench.events_of(EpochEnded)] == [2, 3]
    assert isinstance(bench.events[-1], WentBack)


def test_a_best_checkpoint_that_is_damaged_is_said_and_the_training_goes_on(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_: NoCheckpoints) -> None:
        raise WorkerError("The checkpoint best.npz is damaged (cut short).")

    monkeypatch.setattr(NoCheckpoints, "best_checkpoint", damaged, raising=False)
    bench.folder.ask(BackToBest(factor=0.3))
    bench.epoch(0, 0.1)
    assert [event.message for event in bench.events_of(Noted)] == [
        "The checkpoint best.npz is damaged (cut short). The training goes on where it is."
    ]
    assert bench.events_of(EpochEnded)


def slow_predictions(bench: "Bench", seconds: float) -> None:
    def predict(epoch: int) -> Predicted:
        bench.now += seconds
        return Predicted(epoch=epoch, count=10, mistakes=1)

    bench.reporter.predict = predict


def test_the_first_epochs_and_the_last_are_followed_by_predictions_and_others_while_they_take_little_time(
    bench: "Bench",
) -> None:
    slow_predictions(bench, 0.49)
    bench.progress.epochs = 60
    for number in range(60):
        bench.epoch(number, 1 / 63)
    told = [event.epoch for event in bench.events_of(Predicted)]
    assert told[:10] == list(range(1, 11))
    assert told[10:-1] == [20, 30, 40, 50]
    assert told[-1] == 60
    assert not bench.reporter.predictions_behind


def test_epochs_that_take_long_are_all_followed_by_predictions(bench: "Bench") -> None:
    slow_predictions(bench, 0.5)
    for number in range(15):
        bench.epoch(number, 0.2)
    assert [event.epoch for event in bench.events_of(Predicted)] == list(range(1, 16))


def test_a_pause_brings_the_predictions_that_are_behind(
    bench: "Bench", monkeypatch: pytest.MonkeyPatch
) -> None:
    slow_predictions(bench, 0.5)
    for number in range(12):
        bench.epoch(number, 0.001)
    assert bench.reporter.predictions_behind
    monkeypatch.setattr("time.sleep", lambda seconds: bench.folder.ask(Resume()))
    bench.folder.ask(Pause())
    bench.reporter.on_epoch_begin(12)
    assert bench.events_of(Paused)
    assert bench.events_of(Predicted)[-1].epoch == 12
    assert not bench.reporter.predictions_behind
