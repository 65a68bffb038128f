"""The fold: the same events give the same view, however they arrive."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import SAMPLES, STEPS, ending, epoch, opening, whole_run
from tuinn.runs.events import AnyEvent, BatchEnded, EpochStarted, Noted, RunEnded
from tuinn.view.run_view import Phase, RunView


def folded(events: list[AnyEvent]) -> RunView:
    view = RunView()
    for event in events:
        view.apply(event)
    return view


@given(cut=st.integers(0, len(whole_run())))
def test_a_view_that_was_left_and_taken_up_again_equals_one_that_saw_it_all(cut: int) -> None:
    view = folded(whole_run()[:cut])
    for event in whole_run()[cut:]:
        view.apply(event)
    assert view == folded(whole_run())


def test_a_new_run_waits_then_loads_builds_compiles_trains_and_ends() -> None:
    view, phases = RunView(), []
    for event in whole_run():
        view.apply(event)
        phases.append(view.phase)
    seen = list(dict.fromkeys(phases))
    assert seen == [
        Phase.LOADING,
        Phase.BUILDING,
        Phase.COMPILING,
        Phase.TRAINING,
        Phase.VALIDATING,
        Phase.EVALUATING,
        Phase.SAVING,
        Phase.ENDED,
    ]


def test_running_means_become_means_between_reports() -> None:
    # Keras says 1.0 over the first half and 0.8 over the whole: so the second half was 0.6.
    view = folded(
        [
            *opening(),
            EpochStarted(at=110, epoch=1, steps=10),
            BatchEnded(at=111, epoch=1, step=5, samples=500, metrics={"loss": 1.0}),
            BatchEnded(at=112, epoch=1, step=10, samples=1000, metrics={"loss": 0.8}),
        ]
    )
    assert [y for _, y in view.curves["loss"].train.points] == pytest.approx([1.0, 0.6])


def test_a_new_epoch_starts_its_means_afresh() -> None:
    view = folded([*opening(), *epoch(1, 1.0), *epoch(2, 0.5)])
    last = view.curves["loss"].train.points[-2][1]
    assert last == pytest.approx(0.55)


def test_training_and_validation_of_a_metric_share_one_curve() -> None:
    view = folded([*opening(), *epoch(1, 1.0)])
    assert list(view.curves) == ["loss", "accuracy"]
    ((number, value),) = view.curves["loss"].validation.points
    assert number == 1
    assert value == pytest.approx(1.1)


def test_a_loss_that_is_not_finite_is_marked_where_it_broke() -> None:
    view = folded([*opening(), *epoch(1, 1.0), *epoch(2, None)])
    assert view.broke_at == pytest.approx(1.5)
    assert view.curves["loss"].train.points[-1][1] is None


def test_progress_is_a_share_of_the_epoch_and_of_the_run() -> None:
    view = folded([*opening(epochs=4), *epoch(1, 1.0), EpochStarted(at=120, epoch=2, steps=STEPS)])
    view.apply(BatchEnded(at=121, epoch=2, step=STEPS // 2, samples=SAMPLES // 2, metrics={"loss": 0.9}))
    assert view.epoch_share == pytest.approx(0.5)
    assert view.run_share == pytest.approx(1.5 / 4)


def test_the_time_left_follows_the_time_per_epoch() -> None:
    view = folded([*opening(epochs=4), *epoch(1, 1.0, seconds=9), *epoch(2, 1.0, seconds=2)])
    # The first epoch holds the compiling and is left out: two more epochs at 2 s.
    assert view.seconds_per_epoch == pytest.approx(2)
    assert view.seconds_left == pytest.approx(4)


def test_there_is_no_guess_before_there_is_anything_to_judge_by() -> None:
    assert RunView().seconds_left is None
    assert folded(opening()).seconds_left is None


def test_the_best_epoch_is_the_one_with_the_lowest_validation_loss() -> None:
    view = folded([*opening(), *epoch(1, 1.0), *epoch(2, 0.4), *epoch(3, 0.9)])
    assert view.best is not None
    assert view.best.epoch == 2


def test_an_epoch_that_is_not_finite_is_never_the_best() -> None:
    view = folded([*opening(), *epoch(1, None), *epoch(2, 3.0)])
    assert view.best is not None
    assert view.best.epoch == 2


def test_the_ending_and_the_notes_are_kept() -> None:
    view = folded(
        [*opening(), Noted(message="mind the step", level="warning"), *ending("failed", "Out of memory.")]
    )
    assert view.ended == RunEnded(at=202, outcome="failed", message="Out of memory.")
    assert [note.message for note in view.notes] == ["mind the step"]
    assert not view.is_active


def test_speed_is_samples_per_second() -> None:
    view = folded([*opening(), *epoch(1, 1.0, seconds=2)])
    assert view.samples_per_second is not None
    assert math.isclose(view.samples_per_second, SAMPLES / 2, rel_tol=0.01)


def test_the_history_is_a_dict_that_python_reads_with_the_names_of_keras() -> None:
    view = RunView()
    for event in [*opening(), *epoch(1, 1.0), *epoch(2, None, 0.75)]:
        view.apply(event)
    history = eval(view.history_code)
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert history["accuracy"] == [0.5, 0.75]
    assert history["loss"][0] == 1.0
    assert math.isnan(history["loss"][1])
