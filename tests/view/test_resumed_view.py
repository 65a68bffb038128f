"""A run that was taken up again, sent back, paused or steered: its curves stay one line."""

import pytest

from tests.factories import SAMPLES, STEPS, ending, epoch, opening
from tuinn.runs.events import (
    AnyEvent,
    BatchEnded,
    Checkpointed,
    EpochsChanged,
    Paused,
    RateChanged,
    Resumed,
    RunResumed,
    StopAsked,
    WentBack,
)
from tuinn.view.run_view import Mark, Phase, RunView


def folded(*parts: AnyEvent | list[AnyEvent]) -> RunView:
    view = RunView()
    for events in parts:
        for event in events if isinstance(events, list) else [events]:
            view.apply(event)
    return view


def test_what_was_told_after_the_checkpoint_and_told_again_appears_once() -> None:
    straight = folded(opening(), epoch(1, 1.0), epoch(2, 0.7), epoch(3, 0.6), ending())
    lost = [*opening(), *epoch(1, 1.0), *epoch(2, 0.7), *epoch(3, 0.6)[:3]]
    again = folded(
        lost, RunResumed(at=150, epoch=2, step=0, epochs=3), epoch(2, 0.7), epoch(3, 0.6), ending()
    )
    assert again.curves == straight.curves
    assert again.finished == straight.finished
    assert again.ended == straight.ended
    assert again.marks == [Mark(1.0, "resumed")]


def test_a_run_taken_up_in_mid_epoch_keeps_the_half_and_goes_on_with_its_means() -> None:
    half: dict[str, float | None] = {"loss": 1.0}
    view = folded(
        opening(),
        epoch(1, 1.0),
        epoch(2, 0.7)[:2],
        RunResumed(at=150, epoch=2, step=STEPS // 2, epochs=3, samples=SAMPLES // 2, metrics=half),
    )
    assert (view.epoch, view.step, view.samples, view.latest) == (2, STEPS // 2, SAMPLES // 2, half)
    view.apply(BatchEnded(at=160, epoch=2, step=STEPS, samples=SAMPLES, metrics={"loss": 0.8}))
    points = view.curves["loss"].train.points
    assert [x for x, _ in points] == [0.5, 1.0, 1.5, 2.0]
    assert points[-1][1] == pytest.approx(0.6)


def test_a_stopped_run_that_is_taken_up_is_on_again() -> None:
    view = folded(opening(), epoch(1, 1.0), ending("stopped"), RunResumed(at=300, epoch=2, step=0, epochs=9))
    assert view.is_active
    assert (view.ended, view.evaluated, view.epochs, view.phase) == (None, None, 9, Phase.LOADING)


def test_going_back_to_the_best_epoch_drops_the_later_ones() -> None:
    view = folded(opening(), epoch(1, 1.0), epoch(2, None), WentBack(at=140, epoch=2, why="back to epoch 1"))
    assert [ended.epoch for ended in view.finished] == [1]
    assert view.broke_at is None
    assert view.marks == [Mark(1.0, "back to epoch 1")]


def test_a_pause_is_a_phase_and_its_time_is_not_counted_for_the_speed() -> None:
    straight = folded(opening(), epoch(1, 1.0))
    paused = folded(opening(), epoch(1, 1.0)[:2], Paused(at=111, epoch=1, step=18))
    assert (paused.paused, paused.phase) == (True, Phase.PAUSED)
    paused.apply(Resumed(at=151, epoch=1, step=18, seconds=40))
    assert (paused.paused, paused.phase) == (False, Phase.TRAINING)
    last = epoch(1, 1.0)[2]
    assert isinstance(last, BatchEnded)
    paused.apply(BatchEnded(at=last.at + 40, epoch=1, step=STEPS, samples=SAMPLES, metrics=last.metrics))
    assert paused.samples_per_second == pytest.approx(straight.samples_per_second)


def test_what_is_done_to_a_run_is_marked_where_it_happened() -> None:
    view = folded(
        opening(),
        epoch(1, 1.0),
        RateChanged(at=121, epoch=2, step=9, learning_rate=3e-4, why="set"),
        EpochsChanged(at=122, epochs=5),
    )
    assert (view.epochs, view.learning_rate) == (5, 3e-4)
    assert view.marks == [Mark(1.25, "rate 0.0003"), Mark(1.0, "5 epochs")]


def test_a_stop_and_a_save_in_mid_run_are_marked_and_the_last_save_is_not() -> None:
    view = folded(
        opening(),
        epoch(1, 1.0),
        Checkpointed(at=131, epoch=1, file="model.keras"),
        StopAsked(at=132, epoch=2, step=9, after="epoch"),
        ending("stopped"),
    )
    assert [(mark.x, mark.word) for mark in view.marks] == [(1.0, "saved"), (1.25, "stop after this epoch")]
    assert [mark.sign for mark in view.marks] == ["S", "S"]


def test_a_checkpoint_is_not_taken_for_the_network() -> None:
    view = folded(opening(), Checkpointed(at=130, epoch=1, file="checkpoints/last.npz"), ending())
    assert view.checkpoint is not None
    assert view.saved is not None
    assert view.saved.file == "model.keras"


def test_a_clock_that_is_set_back_gives_no_odd_numbers() -> None:
    late, early = epoch(1, 1.0), epoch(2, 0.5)
    view = folded(opening(), *late)
    for event in early:
        view.apply(
            type(event)(**{name: getattr(event, name) for name in event.__struct_fields__} | {"at": 3.0})
        )
    assert view.seconds_left is not None
    assert view.seconds_left >= 0
    assert view.samples_per_second is not None
    assert view.samples_per_second > 0
