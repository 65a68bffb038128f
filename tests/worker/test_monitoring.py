"""Files that other programs read: history.csv, TensorBoard's event files, and the user's command at the end."""

import csv
import sys
from typing import Any

import pytest

from tests.conftest import Write
from tests.factories import SAMPLES, STEPS, ending, epoch, opening
from tests.worker.conftest import journal_of
from tests.worker.test_resume import digits
from tuinn.runs.commands import BackToBest, SetRate, Stop
from tuinn.runs.config import config_file
from tuinn.runs.events import (
    AnyEvent,
    BatchEnded,
    EpochEnded,
    Event,
    Noted,
    RunEnded,
    RunResumed,
    StopAsked,
    WentBack,
)
from tuinn.runs.folder import RunFolder
from tuinn.runs.journal import JournalWriter
from tuinn.worker.end_hook import EndHook, missing_program
from tuinn.worker.event_log import EventLog
from tuinn.worker.keras_types import Model
from tuinn.worker.monitoring.csv_log import CsvLog


def tell(folder: RunFolder, *events: AnyEvent) -> list[str]:
    """As a worker does: into the journal, then to the CSV log. Returns the warnings."""
    journal = JournalWriter(folder.events_file)
    log = EventLog(journal.append, [CsvLog(folder)])
    for event in events:
        log.emit(event)
    return [event.message for event in journal_of(folder) if isinstance(event, Noted)]


def rows(folder: RunFolder) -> list[dict[str, str]]:
    with folder.history_file.open(newline="") as file:
        return list(csv.DictReader(file))


def test_the_history_has_a_line_per_epoch_with_every_metric(write_run: Write) -> None:
    folder = write_run()
    tell(folder, *opening(), *epoch(1, 1.0), *epoch(2, None))
    first, second = rows(folder)
    assert list(first) == [
        "epoch",
        "seconds",
        "learning_rate",
        "loss",
        "accuracy",
        "val_loss",
        "val_accuracy",
    ]
    assert (first["epoch"], float(first["loss"]), float(first["seconds"])) == ("1", 1.0, 2.0)
    assert (second["loss"], second["accuracy"]) == ("nan", "0.5")


def test_a_run_without_an_epoch_has_no_history(write_run: Write) -> None:
    folder = write_run()
    tell(folder, *opening())
    assert not folder.history_file.exists()


@pytest.mark.parametrize(
    "back", [RunResumed(epoch=2, step=0, epochs=3), WentBack(epoch=2)], ids=lambda it: type(it).__name__
)
def test_the_history_is_one_line_through_a_step_back(write_run: Write, back: RunResumed | WentBack) -> None:
    folder = write_run()
    tell(folder, *opening(), *epoch(1, 1.0), *epoch(2, 0.7), *epoch(3, 0.6), back)
    assert [row["epoch"] for row in rows(folder)] == ["1"]
    tell(folder, *epoch(2, 0.5), *epoch(3, 0.4))
    assert [(row["epoch"], float(row["loss"])) for row in rows(folder)] == [
        ("1", 1.0),
        ("2", 0.5),
        ("3", 0.4),
    ]


def test_a_line_that_was_torn_by_a_kill_is_mended_from_the_journal(write_run: Write) -> None:
    folder = write_run()
    tell(folder, *opening(), *epoch(1, 1.0), *epoch(2, 0.7))
    folder.history_file.write_bytes(folder.history_file.read_bytes()[:-9])
    tell(folder, RunResumed(epoch=3, step=0, epochs=3))
    assert [float(row["val_loss"]) for row in rows(folder)] == pytest.approx([1.1, 0.77])


@pytest.mark.parametrize("bad", ["1," + "x" * 200_000, "9" * 5000 + ",1", "\x00\r2,3"])
def test_a_line_of_the_history_that_was_damaged_is_left_out(write_run: Write, bad: str) -> None:
    folder = write_run()
    tell(folder, *opening(), *epoch(1, 1.0), *epoch(2, 0.7))
    before = rows(folder)
    with folder.history_file.open("a") as file:
        file.write(f"{bad}{',1' * (len(before[0]) - 2)}\n")
    assert tell(folder, RunResumed(epoch=3, step=0, epochs=3)) == []
    assert rows(folder) == before


def test_a_journal_that_lost_its_end_never_makes_the_history_shorter(write_run: Write) -> None:
    folder = write_run()
    tell(folder, *opening(), *epoch(1, 1.0), *epoch(2, 0.7), *epoch(3, 0.6))
    lines = folder.events_file.read_bytes().splitlines(keepends=True)
    folder.events_file.write_bytes(b"".join(lines[: len(opening())]))
    tell(folder, RunResumed(epoch=4, step=0, epochs=4))
    assert [(row["epoch"], float(row["loss"])) for row in rows(folder)] == [
        ("1", 1.0),
        ("2", 0.7),
        ("3", 0.6),
    ]


def test_a_metric_that_joins_later_keeps_the_epochs_that_only_the_history_has(write_run: Write) -> None:
    folder = write_run()
    history = CsvLog(folder)
    log = EventLog(JournalWriter(folder.events_file).append, [history])
    for event in opening():
        log.emit(event)
    told: list[dict[str, float | None]] = [{"loss": 1.0}, {"loss": 0.5}, {"loss": 0.4, "top": 0.9}]
    for number, metrics in enumerate(told, start=1):
        log.omit(EpochEnded(epoch=number, metrics=metrics, seconds=1.0, learning_rate=0.1))
    assert [(row["epoch"], row["loss"], row["top"]) for row in rows(folder)] == [
        ("1", "1.0", ""),
        ("2", "0.5", ""),
        ("3", "0.4", "0.9"),
    ]


def test_a_history_that_cannot_be_written_is_noted_once_and_the_journal_goes_on(write_run: Write) -> None:
    folder = write_run()
    folder.history_file.mkdir()
    warnings = tell(folder, *opening(), *epoch(1, 1.0), *epoch(2, 0.7), *ending())
    assert len(warnings) == 1
    assert "CsvLog cannot be written any more" in warnings[0]
    assert isinstance(journal_of(folder)[-1], RunEnded)


def test_a_listener_that_breaks_is_left_out_and_the_others_go_on() -> None:
    class Broken:
        def on_event(self, event: Event) -> None:
            raise ZeroDivisionError("never mind")

        def on_model_built(self, model: Model) -> None:
            return

    class Whole:
        def __init__(self) -> None:
            self.heard: list[Event] = []

        def on_event(self, event: Event) -> None:
            self.heard.append(event)

        def on_model_built(self, model: Model) -> None:
            return

    said: list[Event] = []
    whole = Whole()
    log = EventLog(said.append, [Broken(), whole])
    for event in epoch(1, 1.0):
        log.emit(event)
    assert whole.heard == list(epoch(1, 1.0))
    assert [event.message for event in said if isinstance(event, Noted)] == [
        "Broken cannot be written any more (never mind). The training goes on."
    ]


# ------------------------------------------------------------------------------------------------- on_end

PRINT = "import os, sys; print(sys.argv[1:], os.environ['TUINN_OUTCOME'], os.environ['TUINN_FOLDER'])"


def end(write_run: Write, *command: str) -> list[str]:
    folder = write_run()
    said: list[Event] = []
    hook = EndHook(command, folder, said.append)
    hook.start(RunEnded(outcome="finished", message="all done"))
    hook.wait()
    notes = [event.message for event in said if isinstance(event, Noted)]
    assert len(notes) == len(said)
    return notes


def test_the_command_at_the_end_gets_the_outcome_of_the_run(
    write_run: Write, capfd: pytest.CaptureFixture[str]
) -> None:
    assert end(write_run, sys.executable, "-c", PRINT, "{run} {outcome}", "$HOME; {nothing}") == []
    out = capfd.readouterr().out
    assert "finished', '$HOME; {nothing}'] finished" in out
    assert "-fashion_mnist_mini-" in out


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("no-such-program",), "cannot be run (No such file or directory)"),
        ((sys.executable, "-c", "raise SystemExit(7)"), "ended with code 7"),
        (("/",), "cannot be run (Permission denied)"),
        (("a\0b",), "cannot be run (embedded null byte)"),
    ],
)
def test_a_command_that_fails_is_noted_and_nothing_more(
    write_run: Write, command: tuple[str, ...], why: str
) -> None:
    (message,) = end(write_run, *command)
    assert message.startswith("on_end, ")
    assert why in message


def test_a_command_that_takes_too_long_is_ended(write_run: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinn.worker.end_hook.TIMEOUT", 0.05)
    (message,) = end(write_run, sys.executable, "-c", "input() if False else __import__('time').sleep(60)")
    assert "took longer than" in message


def test_a_program_that_is_not_there_is_reported_before_the_training() -> None:
    assert missing_program([]) == ""
    assert missing_program([sys.executable]) == ""
    assert "there is no program 'no-such-program'" in missing_program(["no-such-program"])


# --------------------------------------------------------------------------------------------- TensorBoard


def board(folder: RunFolder, part: str) -> Any:
    """What TensorBoard itself reads, all of it."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    found = EventAccumulator(str(folder.tensorboard / part), size_guidance={"scalars": 0, "histograms": 0})
    found.Reload()
    return found


def line(folder: RunFolder, part: str, tag: str) -> list[tuple[int, float]]:
    return [(one.step, one.value) for one in board(folder, part).Scalars(tag)]


@pytest.mark.tf
def test_tensorboard_reads_one_clean_line_of_a_run_that_went_back_was_stopped_and_resumed(
    write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuinn.worker import session

    monkeypatch.setenv("TUINN_IDLE", "0")
    monkeypatch.setattr("tuinn.worker.training.reporter.REPORT_SECONDS", 0.0)
    folder = write_run(spec=digits(epochs=5))
    config_file().write_text(
        f"on_end = [\"{sys.executable}\", \"-c\", \"open('{folder.path}/ended', 'a').write('{{outcome}} ')\"]\n"
        "[tensorboard]\nhistograms = true\ngraph = true\n"
    )
    say, asked = EventLog.emit, []

    def steer(self: EventLog, event: Event) -> None:
        say(self, event)
        if isinstance(event, EpochEnded) and event.epoch not in asked:
            asked.append(event.epoch)
            if event.epoch == 1:
                folder.ask(SetRate(learning_rate=50.0))
            if event.epoch == 3:
                folder.ask(BackToBest(factor=0.0001))
        if isinstance(event, BatchEnded) and event.epoch == 4 and 4 not in asked:
            asked.append(4)
            folder.ask(Stop())

    with monkeypatch.context() as first:
        first.setattr(EventLog, "emit", steer)
        assert session.run(folder.path) == session.DONE
    assert session.run(folder.path, session.Task(resume=True)) == session.DONE

    events = journal_of(folder)
    counted = {event.epoch: event for event in events if isinstance(event, EpochEnded)}
    assert sorted(counted) == [1, 2, 3, 4, 5]
    steps = max(event.step for event in events if isinstance(event, BatchEnded))
    for part, prefix in (("train", ""), ("validation", "val_")):
        told = line(folder, part, "epoch_loss")
        assert [step for step, _ in told] == [steps * number for number in sorted(counted)]
        assert [value for _, value in told] == pytest.approx(
            [counted[number].metrics[f"{prefix}loss"] for number in sorted(counted)]
        )
    batches = [step for step, _ in line(folder, "train", "batch_loss")]
    assert batches == sorted(set(batches))
    assert max(batches) == 5 * steps
    train = board(folder, "train")
    assert "epoch_learning_rate" in train.Tags()["scalars"]
    assert train.Tags()["graph"]
    weights = train.Histograms(train.Tags()["histograms"][0])
    assert [one.step for one in weights] == [steps * number for number in sorted(counted)]
    assert weights[0].histogram_value.num > 0
    assert [float(row["loss"]) for row in rows(folder)] == pytest.approx(
        [counted[number].metrics["loss"] for number in sorted(counted)]
    )
    assert (folder.path / "ended").read_text() == "stopped finished "
    assert not [event.message for event in events if isinstance(event, Noted)]


@pytest.mark.tf
@pytest.mark.parametrize(
    ("start", "events", "step"),
    [
        ((4, 0), [], 3 * STEPS),
        ((4, 7), [], 3 * STEPS + 7),
        ((4, 7), [StopAsked(epoch=4, step=9, after="batch")], 3 * STEPS + 9),
        ((1, 0), [*epoch(1, 1.0), WentBack(epoch=1)], 0),
    ],
    ids=["after its last epoch", "in an epoch", "stopped at once", "went back"],
)
def test_the_test_of_a_resumed_run_stands_at_its_last_step_in_tensorboard(
    write_run: Write, start: tuple[int, int], events: list[AnyEvent], step: int
) -> None:
    from tuinn.runs.config import TensorBoard
    from tuinn.worker.checkpoints.checkpoint import Position
    from tuinn.worker.monitoring.tensorboard import TensorBoardLog

    folder = write_run()
    log = TensorBoardLog(folder, -(-SAMPLES // STEPS), TensorBoard(), Position(*start))
    for event in [*opening(), *events, *ending()]:
        log.on_event(event)
    assert [at for at, _ in line(folder, "test", "epoch_loss")] == [step]
