"""`tuinn stop`, `pause`, `set` and `resume`: what is asked of whoever trains, and what is said where nobody does."""

import json
import os
from collections.abc import Iterator

import pytest

from tests.cli.conftest import Start, Tuinn
from tests.conftest import Write
from tests.factories import append, ending, epoch, opening, whole_run
from tuinn.runs.commands import (
    AddEpochs,
    AnyCommand,
    Pause,
    Resume,
    SetPatience,
    SetRate,
    Stop,
    StopAfterEpoch,
)
from tuinn.runs.events import Paused, Resumed
from tuinn.runs.folder import RunFolder


@pytest.fixture
def training(write_run: Write) -> Iterator[RunFolder]:
    """A run in its second epoch, whose worker lives."""
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        yield folder


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["stop", "last"], [Stop()]),
        (["stop", "last", "--best"], [Stop(best=True)]),
        (["stop", "last", "--after-epoch"], [StopAfterEpoch()]),
        (["pause", "last"], [Pause()]),
        (["set", "last", "learning_rate=3e-4"], [SetRate(learning_rate=3e-4)]),
        (["set", "last", "epochs=10", "learning_rate=1"], [AddEpochs(epochs=7), SetRate(learning_rate=1)]),
        (["set", "last", "patience=0"], [SetPatience(patience=0, setting="patience")]),
        (["set", "last", "early_stopping_patience=4"], [SetPatience(patience=4)]),
        (["set", "last", "epochs=2"], [AddEpochs(epochs=-1)]),
    ],
    ids=lambda words: " ".join(map(str, words)),
)
def test_a_training_is_told_what_to_do(
    tuinn: Tuinn, training: RunFolder, words: list[str], asked: list[AnyCommand]
) -> None:
    done = tuinn(*words)
    assert (done.code, done.err) == (0, "")
    assert training.name in done.out
    assert training.commands().read_all() == asked


@pytest.mark.parametrize(
    "setting",
    [
        "learning_rate=0",
        "learning_rate=nan",
        "epochs=0",
        "epochs=x",
        "patience=-1",
        "patience=2.5",
        "mood=1",
        "",
    ],
)
def test_a_setting_that_makes_no_sense_exits_2_and_asks_nothing(
    tuinn: Tuinn, training: RunFolder, setting: str
) -> None:
    done = tuinn("set", "last", setting)
    assert done.code == 2
    assert "learning_rate=NUMBER above 0, epochs=NUMBER" in done.err
    assert not training.commands_file.exists()


@pytest.mark.parametrize("words", [["stop"], ["pause"], ["set", "epochs=9"]], ids=str)
def test_a_run_that_nobody_trains_cannot_be_steered(
    tuinn: Tuinn, trained: RunFolder, words: list[str]
) -> None:
    verb, *more = words
    done = tuinn(verb, "last", *more)
    assert done.code == 1
    assert done.err == (
        f"tuinn: {trained.name} isn't training: it is finished. Resume it: tuinn resume {trained.name}\n"
    )


def test_a_paused_run_goes_on_and_is_followed_from_here(start: Start, training: RunFolder) -> None:
    append(training, Paused(epoch=2, step=0))
    process = start("resume", "last", "--plain", "--epochs", "2")
    reader = training.commands()
    asked: list[AnyCommand] = []
    while len(asked) < 2:
        asked += reader.read_new()
    append(training, Resumed(epoch=2, step=0, seconds=3), *epoch(2, 0.5), *ending())
    out, err = process.communicate()
    assert asked == [AddEpochs(epochs=-1), Resume()]
    assert out.splitlines()[:2] == [
        "resumed  after 3.0 s of pause",
        "epoch 2/3  loss 0.5000  accuracy 0.5000  val_loss 0.5500  val_accuracy 0.5000  2.0 s",
    ]
    assert (process.returncode, err) == (0, "")


def test_a_training_that_is_not_paused_is_left_alone(tuinn: Tuinn, training: RunFolder) -> None:
    done = tuinn("resume", "last")
    assert done.code == 1
    assert "is training already. Follow it: tuinn attach" in done.err


def test_a_lost_run_is_taken_up_and_only_what_is_new_is_told(tuinn: Tuinn, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0), *epoch(2, 0.7), *epoch(3, 0.9)[:3]])
    done = tuinn("resume", "last", "--plain")
    assert done.code == 0, done.err
    assert done.out.splitlines()[:2] == [
        "resumed  epoch 3/3",
        "epoch 3/3  loss 0.6000  accuracy 0.5000  val_loss 0.6600  val_accuracy 0.5000  2.0 s",
    ]
    told = tuinn("runs", "--json")
    assert json.loads(told.out)[0]["state"] == "finished"
    assert json.loads(told.out)[0]["epochs_done"] == 3
    assert not folder.is_alive()


def test_a_stopped_run_is_taken_up_as_json(tuinn: Tuinn, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0), *epoch(2, 0.7), *ending("stopped", "Stopped.")])
    done = tuinn("resume", folder.name, "--json")
    kinds = [json.loads(line)["kind"] for line in done.out.splitlines()]
    assert (done.code, kinds[0], kinds[-1]) == (0, "RunResumed", "RunEnded")


def test_a_finished_run_wants_more_epochs(tuinn: Tuinn, write_run: Write) -> None:
    folder = write_run(whole_run())
    done = tuinn("resume", "last")
    assert done.code == 1
    assert done.err.endswith(f"Ask for more: tuinn resume {folder.name} --epochs 6\n")
    done = tuinn("resume", "last", "--epochs", "5")
    assert done.code == 0, done.err
    assert "epoch 5/5" in done.out


def test_a_worker_that_is_about_to_begin_is_not_called_silent_for_the_one_before_it(
    tuinn: Tuinn, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0), *ending("stopped", "Stopped in epoch 2 of 3.")])
    folder.heartbeat_file.write_text("900")
    os.utime(folder.heartbeat_file, (0, 0))
    done = tuinn("resume", folder.name)
    assert (done.code, done.err) == (0, "")


def test_a_run_whose_worker_died_before_its_first_event_is_resumed_at_once(
    tuinn: Tuinn, write_run: Write
) -> None:
    folder = write_run()
    with folder.hold_lock():
        assert "is training already" in tuinn("resume", folder.name).err
    done = tuinn("resume", folder.name)
    assert (done.code, done.err) == (0, "")
