"""A training is steered by its command file: each command is carried out between two batches, and reported."""

import pytest

from tests.worker.conftest import Then, Train
from tests.worker.test_resume import digits, epoch_metrics
from tuinn.runs.commands import (
    AddEpochs,
    AnyCommand,
    BackToBest,
    Examine,
    Pause,
    Resume,
    SaveNow,
    SetPatience,
    SetRate,
    Stop,
    StopAfterEpoch,
)
from tuinn.runs.events import (
    BatchEnded,
    Checkpointed,
    EpochEnded,
    EpochsChanged,
    EpochStarted,
    Event,
    Noted,
    PatienceChanged,
    Paused,
    RateChanged,
    Reported,
    Resumed,
    StopAsked,
    WentBack,
)
from tuinn.runs.folder import RunFolder

pytestmark = pytest.mark.tf


def ask_at(
    kind: type[EpochStarted | BatchEnded | EpochEnded], epoch: int, *commands: AnyCommand, **by_event: object
) -> Then:
    """Ask this once, when such an event of that epoch is told."""
    done: list[Event] = []

    def then(event: Event, folder: RunFolder) -> None:
        if isinstance(event, kind) and event.epoch == epoch and not done:
            done.append(event)
            folder.ask(*commands)
        if isinstance(event, Paused):
            folder.ask(Resume())

    return then


def test_a_pause_changes_nothing_but_the_time(train: Train) -> None:
    straight = train(digits(epochs=3))
    paused = train(digits(epochs=3), then=ask_at(BatchEnded, 2, Pause()))
    assert len(paused.events_of(Paused)) == len(paused.events_of(Resumed)) == 1
    assert epoch_metrics(paused) == epoch_metrics(straight)
    assert all(event.seconds < 30 for event in paused.events_of(EpochEnded))


def test_the_rate_is_set_from_there_on_even_over_a_schedule(train: Train) -> None:
    for fit in ({}, {"schedule": "cosine"}):
        training = train(digits(epochs=3, **fit), then=ask_at(EpochEnded, 1, SetRate(learning_rate=0.0625)))
        (changed,) = training.events_of(RateChanged)
        assert changed.learning_rate == 0.0625
        assert [event.learning_rate for event in training.events_of(EpochEnded)][1:] == [0.0625, 0.0625]


def test_patience_is_set_while_it_trains_even_where_there_was_no_early_stopping(train: Train) -> None:
    # A rate that ruins what was learned: nothing gets better after the first epoch.
    then = ask_at(EpochEnded, 1, SetRate(learning_rate=50.0), SetPatience(patience=2))
    training = train(digits(epochs=9), then=then)
    (changed,) = training.events_of(PatienceChanged)
    assert (changed.setting, changed.patience) == ("early_stopping_patience", 2)
    assert training.ending.outcome == "finished"
    # It was switched on after the best epoch, whose weights are kept all the same.
    assert "did not improve for 2 epochs; the weights of epoch 1 are kept" in training.ending.message
    assert len(training.events_of(EpochEnded)) < 9


def test_early_stopping_that_was_switched_on_and_did_not_stop_the_run_changes_no_weights(
    train: Train,
) -> None:
    def stop(event: Event, folder: RunFolder) -> None:
        if isinstance(event, EpochEnded):
            folder.ask(SetPatience(patience=90) if event.epoch == 1 else Stop())

    training = train(digits(epochs=9), then=stop)
    (saved,) = (event for event in training.events_of(Checkpointed) if event.file == "model.keras")
    assert saved.epoch == 2
    assert training.ending.outcome == "stopped"


def test_patience_0_switches_early_stopping_off(train: Train) -> None:
    then = ask_at(EpochEnded, 1, SetRate(learning_rate=50.0), SetPatience(patience=0))
    training = train(digits(epochs=6, early_stopping_patience=1), then=then)
    assert [event.epoch for event in training.events_of(EpochEnded)] == [1, 2, 3, 4, 5, 6]
    assert training.ending.message == ""


def test_the_patience_of_the_rate_is_set_where_the_rate_falls_on_a_plateau(train: Train) -> None:
    fit = {"schedule": "reduce_on_plateau", "patience": 50}
    then = ask_at(EpochEnded, 1, SetRate(learning_rate=50.0), SetPatience(patience=1, setting="patience"))
    training = train(digits(epochs=6, **fit), then=then)
    (changed,) = training.events_of(PatienceChanged)
    assert (changed.setting, changed.patience) == ("patience", 1)
    assert [event.asked for event in training.events_of(RateChanged)][:2] == [True, False]


def test_epochs_are_added_and_cut(train: Train) -> None:
    longer = train(digits(epochs=2), then=ask_at(EpochStarted, 2, AddEpochs(epochs=2)))
    assert [event.epochs for event in longer.events_of(EpochsChanged)] == [4]
    assert [event.epoch for event in longer.events_of(EpochEnded)] == [1, 2, 3, 4]
    assert longer.ending.outcome == "finished"
    shorter = train(digits(epochs=5), then=ask_at(EpochStarted, 2, AddEpochs(epochs=-9)))
    assert [event.epochs for event in shorter.events_of(EpochsChanged)] == [2]
    assert [event.epoch for event in shorter.events_of(EpochEnded)] == [1, 2]
    assert shorter.ending.outcome == "finished"


def test_stop_after_the_epoch_lets_it_end(train: Train) -> None:
    training = train(digits(epochs=5), then=ask_at(EpochStarted, 2, StopAfterEpoch()))
    assert [event.epoch for event in training.events_of(EpochEnded)] == [1, 2]
    assert training.ending.outcome == "stopped"
    assert [(event.epoch, event.after) for event in training.events_of(StopAsked)] == [(2, "epoch")]


def test_stop_with_the_best_weights_measures_and_saves_those(train: Train) -> None:
    # A rate that ruins what was learned makes the first epoch the best.
    then = ask_at(EpochEnded, 1, SetRate(learning_rate=50.0))

    def both(event: Event, folder: RunFolder) -> None:
        then(event, folder)
        if isinstance(event, EpochEnded) and event.epoch == 3:
            folder.ask(Stop(best=True))

    training = train(digits(epochs=5), then=both)
    saved = training.events_of(Checkpointed)[-1]
    assert (saved.epoch, saved.file) == (1, "model.keras")
    assert "The weights of epoch 1 are kept" in training.ending.message
    assert [(event.after, event.best) for event in training.events_of(StopAsked)] == [("batch", True)]
    logs = training.evaluator.model.evaluate(
        training.evaluator.pipeline.spans("validation", 64), verbose=0, return_dict=True
    )
    assert logs["loss"] == pytest.approx(training.events_of(EpochEnded)[0].metrics["val_loss"], rel=1e-4)


def test_back_to_the_best_epoch_trains_on_from_there_with_a_smaller_rate(train: Train) -> None:
    then = ask_at(EpochEnded, 1, SetRate(learning_rate=50.0))
    asked: list[Event] = []

    def both(event: Event, folder: RunFolder) -> None:
        then(event, folder)
        if isinstance(event, EpochEnded) and event.epoch == 3 and not asked:
            asked.append(event)
            folder.ask(BackToBest(factor=0.5))

    training = train(digits(epochs=4), then=both)
    (back,) = training.events_of(WentBack)
    assert back.epoch == 2
    assert training.events_of(RateChanged)[-1].learning_rate == 25.0
    assert [event.epoch for event in training.events_of(EpochEnded)] == [1, 2, 3, 2, 3, 4]


def test_save_now_writes_the_checkpoint_and_the_network(train: Train) -> None:
    there = []

    def look(event: Event, folder: RunFolder) -> None:
        if isinstance(event, EpochStarted) and event.epoch == 2:
            folder.ask(SaveNow())
        if isinstance(event, BatchEnded) and event.epoch == 2:
            there.append((folder.model_file.is_file(), folder.last_checkpoint.is_file()))

    train(digits(epochs=2), then=look)
    assert there[-1] == (True, True)


@pytest.mark.parametrize(
    "command",
    [SetRate(learning_rate=0.0), SetRate(learning_rate=-1.0), BackToBest(factor=0), SetPatience(patience=-1)],
)
def test_a_command_that_makes_no_sense_is_noted_and_changes_nothing(
    train: Train, command: SetRate | BackToBest | SetPatience
) -> None:
    training = train(digits(epochs=2), then=ask_at(EpochEnded, 1, command))
    assert training.events_of(Noted)
    assert not training.events_of(RateChanged)
    assert epoch_metrics(training) == epoch_metrics(train(digits(epochs=2)))


def test_junk_in_the_command_file_is_passed_over(train: Train) -> None:
    def litter(event: Event, folder: RunFolder) -> None:
        if isinstance(event, EpochStarted) and event.epoch == 1:
            with folder.commands_file.open("ab") as file:
                file.write(
                    b'{"kind":"Dance"}\n\xff\x00\n[1,2]\n{"kind":"SetRate"}\n{"kind":"Stop","best":7}\n'
                )
            folder.ask(StopAfterEpoch())

    training = train(digits(epochs=4), then=litter)
    assert [event.epoch for event in training.events_of(EpochEnded)] == [1]


def test_a_question_that_breaks_ends_no_training(train: Train, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object) -> None:
        raise RuntimeError("out of its mind")

    monkeypatch.setattr("tuinn.worker.inference.evaluator.examine", breaks)
    straight = train(digits(epochs=2))
    asked = train(digits(epochs=2), then=ask_at(EpochStarted, 1, Examine(request="look")))
    (told,) = asked.events_of(Reported)
    assert told.request == "look"
    assert "out of its mind" in told.problem
    assert asked.ending.outcome == "finished"
    assert epoch_metrics(asked) == epoch_metrics(straight)
