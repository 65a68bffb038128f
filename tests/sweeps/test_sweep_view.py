"""The fold of a sweep's journal: who is best, how far it is, how long it takes; read in any pieces, the same story."""

from typing import Literal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tuinn.spec.presets.catalog import default_draft
from tuinn.sweeps.events import (
    AnySweepEvent,
    ParallelChanged,
    SweepEnded,
    SweepPaused,
    SweepResumed,
    SweepStarted,
    SweepWentOn,
    TrialEnded,
    TrialPruned,
    TrialReported,
    TrialsChanged,
    TrialSkipped,
    TrialStarted,
    TrialTakenUp,
    Weighed,
)
from tuinn.sweeps.ranges import Setting
from tuinn.sweeps.spec import SweepSpec
from tuinn.sweeps.view import SweepView, TrialState, progress

Outcome = Literal["finished", "pruned", "stopped", "failed"]

SWEEP = SweepSpec.of(default_draft(), ["fit.learning_rate=log:1e-4..1e-1"], trials=4)


def begun(
    number: int, at: float = 0.0, values: dict[str, Setting] | None = None, run: str = ""
) -> TrialStarted:
    values = values or {"fit.learning_rate": number / 100}
    return TrialStarted(at=at, number=number, values=values, run=run or f"run-{number}")


def ended(
    number: int,
    outcome: Outcome = "finished",
    value: float | None = 0.5,
    seconds: float = 10.0,
    at: float = 0.0,
    reports: tuple[float | None, ...] = (0.9, 0.5),
) -> TrialEnded:
    return TrialEnded(
        at=at,
        number=number,
        outcome=outcome,
        value=value,
        epoch=2,
        epochs=2,
        seconds=seconds,
        reports=reports,
    )


STARTED = SweepStarted(sweep="s", host="box", pid=1, tuinn="0", trials=4, parallel=1)
RESUMED = SweepResumed(host="box", pid=2, tuinn="0", trials=4, parallel=2)
STORY: list[AnySweepEvent] = [
    STARTED,
    begun(1, at=0),
    TrialReported(number=1, epoch=1, value=0.9),
    TrialReported(number=1, epoch=2, value=None),
    ended(1, value=0.5, at=10),
    begun(2, at=10),
    TrialPruned(number=2, epoch=1, why="Behind the others."),
    ended(2, "pruned", value=0.1, at=15),
    TrialSkipped(number=3, values={}, why="It doesn't fit."),
    Weighed(importance={"fit.learning_rate": 1.0}, method="fANOVA", trials=4),
    SweepPaused(),
    SweepWentOn(),
    begun(4, at=20),
    SweepEnded(outcome="stopped"),
    RESUMED,
    TrialTakenUp(number=4),
    ended(4, value=0.4, at=30),
    SweepEnded(outcome="finished"),
]


def view_of(*events: AnySweepEvent) -> SweepView:
    view = SweepView(SWEEP)
    for event in events:
        view.apply(event)
    return view


def test_the_best_is_one_that_was_trained_to_its_end() -> None:
    view = view_of(*STORY)
    assert view.best is not None
    assert view.best.number == 4
    assert [trial.state for trial in view.trials] == ["finished", "pruned", "skipped", "finished"]
    assert view.of(2).message == "Behind the others."
    assert (view.done, view.asked, view.parallel) == (4, 4, 2)


def test_more_is_better_for_an_accuracy() -> None:
    sweep = SweepSpec.of(default_draft(), ["fit.epochs=1,2"], metric="val_accuracy")
    view = SweepView(sweep)
    for event in (STARTED, begun(1), ended(1, value=0.5), begun(2), ended(2, value=0.6)):
        view.apply(event)
    assert view.best is not None
    assert view.best.number == 2


def test_a_trial_without_a_number_is_never_the_best() -> None:
    view = view_of(
        STARTED, begun(1), ended(1, value=None, reports=(None, None)), begun(2), ended(2, value=9.0)
    )
    assert view.best is not None
    assert view.best.number == 2


def test_a_trial_in_hand_shows_its_best_epoch_so_far() -> None:
    view = view_of(
        STARTED,
        begun(1),
        *(TrialReported(number=1, epoch=e, value=v) for e, v in ((1, 0.9), (2, 0.3), (3, 0.4))),
    )
    trial = view.of(1)
    assert (trial.value, trial.best_epoch, trial.latest, trial.epoch) == (0.3, 2, 0.4, 3)
    assert view.best is None


def test_a_sweep_that_was_stopped_keeps_what_was_in_hand_as_halted_until_it_is_taken_up() -> None:
    upto = STORY.index(RESUMED)
    assert view_of(*STORY[:upto]).of(4).state is TrialState.HALTED
    assert view_of(*STORY[: upto + 2]).of(4).state is TrialState.TRAINING


def test_the_time_left_follows_from_the_trials_that_ended() -> None:
    assert view_of(STARTED, begun(1)).seconds_left is None
    view = view_of(STARTED, begun(1, at=100), ended(1, seconds=10, at=110), begun(2, at=110))
    assert view.seconds_left == 30
    view.apply(TrialReported(at=115, number=2, epoch=1, value=1.0))
    assert view.seconds_left == 25
    view.apply(ParallelChanged(parallel=2))
    assert view.seconds_left == 12.5
    view.apply(TrialsChanged(trials=2))
    assert view.seconds_left == 5
    view.apply(ended(2, at=120))
    assert view.seconds_left == 0


@given(st.lists(st.sampled_from(STORY), max_size=25))
def test_a_journal_with_holes_never_breaks_the_view(events: list[AnySweepEvent]) -> None:
    view = view_of(*events)
    assert view.done <= len(view.trials)
    assert view.best is None or view.best.value is not None
    assert view.seconds_left is None or view.seconds_left >= 0


def test_every_event_comes_back_from_its_line() -> None:
    decoder = msgspec.json.Decoder(AnySweepEvent)
    assert [decoder.decode(msgspec.json.encode(event)) for event in STORY] == STORY


def test_a_sweep_says_no_trial_has_begun_before_one_has() -> None:
    view = SweepView(SWEEP)
    assert progress(view) == "0 of 4 trials"
    view.apply(begun(1))
    assert progress(view) == "trial 1 of 4"
    view.apply(ended(1))
    assert progress(view) == "trial 1 of 4"
    for number in (2, 3, 4):
        view.apply(begun(number))
        view.apply(ended(number))
    assert progress(view) == "4 of 4 trials"
