"""A sweep conducted: what it tries, what it gives up, and that one that was killed ends as one straight through."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TypeVar

import pytest

from tests.conftest import Write
from tests.factories import append
from tests.runner.conftest import Workers, training
from tuinn.errors import FolderError
from tuinn.programs import SignalInbox
from tuinn.runner import device_slots
from tuinn.runner.sweep_runner import SweepRunner
from tuinn.runner.trials import tag_trial
from tuinn.runs.annotations import read_annotations
from tuinn.runs.commands import Stop
from tuinn.runs.events import EpochEnded, Event, Noted, RunEnded
from tuinn.runs.folder import RunFolder, all_runs, runs_folder
from tuinn.runs.journal import JournalWriter
from tuinn.spec.presets.catalog import default_draft, iris_lab, preset_for_dataset
from tuinn.spec.run import RunSpec
from tuinn.sweeps.commands import GoOn, Hold, SetParallel, SetTrials, StopAll
from tuinn.sweeps.events import (
    SweepEnded,
    SweepPaused,
    SweepStarted,
    TrialPruned,
    TrialStarted,
    TrialTakenUp,
    Weighed,
)
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.follower import SweepFollower, SweepState
from tuinn.sweeps.launch import resume_sweep
from tuinn.sweeps.ranges import Setting
from tuinn.sweeps.spec import SweepSpec, Values
from tuinn.sweeps.view import Trial

RATE = "fit.learning_rate=log:1e-4..1e-1"
GRID = "fit.learning_rate=0.4,0.1,0.2,0.3"
BASE = default_draft().with_fit(epochs=5)

E = TypeVar("E", bound=Event)


class Killed(BaseException):
    """A conductor that dies here and now."""


def sweep_of(*overs: str, base: RunSpec = BASE, **settings: object) -> SweepFolder:
    return SweepFolder.create(SweepSpec.of(base, overs, **settings))


def conduct(folder: SweepFolder, workers: Workers, offset: int = 0) -> SweepFollower:
    """To its end; what is on disk then."""
    runner = SweepRunner(folder, offset, workers.step)
    runner.run()
    runner.journal.close()
    return SweepFollower(folder)


def said(folder: SweepFolder, kind: type[E]) -> list[E]:
    return [event for event in folder.events().read_all() if isinstance(event, kind)]


def rates(folder: SweepFolder) -> list[float]:
    """The learning rates of the trials, as they were tried."""
    found = []
    for _, values in tried(folder):
        rate = values["fit.learning_rate"]
        assert isinstance(rate, float)
        found.append(rate)
    return found


def best_of(sweep: SweepFollower) -> Trial:
    assert sweep.view.best is not None
    return sweep.view.best


def tried(folder: SweepFolder) -> list[tuple[int, dict[str, Setting]]]:
    return [(event.number, event.values) for event in said(folder, TrialStarted)]


def test_a_grid_tries_each_point_once_and_the_best_is_known(workers: Workers) -> None:
    folder = sweep_of(GRID, pruner="none")
    sweep = conduct(folder, workers)
    assert [values["fit.learning_rate"] for _, values in tried(folder)] == [0.4, 0.1, 0.2, 0.3]
    assert sweep.state is SweepState.FINISHED
    best = best_of(sweep)
    assert (best.number, best.value, best.best_epoch) == (2, 0.1 / 5, 5)
    assert workers.at_once == 1
    assert best.reports == tuple(0.1 / epoch for epoch in range(1, 6))


def test_each_trial_is_an_ordinary_run_with_its_values_and_a_tag(workers: Workers) -> None:
    folder = sweep_of(GRID)
    conduct(folder, workers)
    runs = list(reversed(all_runs()))
    assert [run.spec().fit.learning_rate for run in runs] == [0.4, 0.1, 0.2, 0.3]
    assert {read_annotations(run).tags for run in runs} == {(f"sweep-{folder.name[-4:]}",)}
    assert read_annotations(runs[1]).title == f"{folder.name[-4:]} trial 2: learning rate 0.1"
    assert {run.spec().fit.seed for run in runs} == {BASE.fit.seed}


def test_so_many_trials_at_a_time_as_are_asked_for(workers: Workers) -> None:
    folder = sweep_of(RATE, trials=7, parallel=3)
    assert conduct(folder, workers).view.done == 7
    assert workers.at_once == 3


def test_the_same_seed_tries_the_same_values_and_another_one_others(workers: Workers) -> None:
    first, second, third = (sweep_of(RATE, trials=8, seed=seed) for seed in (1, 1, 2))
    for folder in (first, second, third):
        conduct(folder, workers)
    assert tried(first) == tried(second) != tried(third)
    assert all(1e-4 <= rate <= 1e-1 for rate in rates(first))


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_a_sweep_over_two_values_ends_when_both_are_tried(workers: Workers, sampler: str) -> None:
    folder = sweep_of("fit.learning_rate=0.1,0.2", sampler=sampler, trials=12)
    sweep = conduct(folder, workers)
    assert sorted(values["fit.learning_rate"] for _, values in tried(folder)) == [0.1, 0.2]
    assert (sweep.state, sweep.view.done, sweep.view.asked) == (SweepState.FINISHED, 2, 2)
    with pytest.raises(FolderError, match="has tried all 2 combinations"):
        resume_sweep(sweep, trials=24)


def test_a_sweep_whose_journal_asks_for_more_trials_than_there_are_values_ends_all_the_same(
    workers: Workers,
) -> None:
    folder = sweep_of("fit.learning_rate=0.1,0.2", sampler="random")
    journal = JournalWriter(folder.events_file)
    journal.append(SweepStarted(sweep=folder.name, host="box", pid=1, tuinn="0.1.0", trials=12, parallel=1))
    journal.close()
    sweep = conduct(folder, workers)
    assert (sweep.state, sweep.view.done, sweep.view.asked) == (SweepState.FINISHED, 2, 2)


def test_tpe_tries_more_near_what_went_well(workers: Workers) -> None:
    folder = sweep_of(RATE, trials=40, pruner="none")
    conduct(folder, workers)
    later = sorted(rates(folder)[20:])
    assert later[len(later) // 2] < 1e-3, "half of the later trials lie in the best third of the range"


def test_a_trial_behind_the_others_is_stopped_and_called_pruned(workers: Workers) -> None:
    folder = sweep_of("fit.learning_rate=0.1,0.11,0.12,0.13,9.0,0.14")
    sweep = conduct(folder, workers)
    assert [trial.state for trial in sweep.view.trials] == [*["finished"] * 4, "pruned", "pruned"]
    (first, _) = said(folder, TrialPruned)
    assert (first.number, first.epoch, first.why) == (5, 1, "Behind the others in epoch 1.")
    assert best_of(sweep).number == 1


def test_without_a_pruner_every_trial_is_trained_to_its_end(workers: Workers) -> None:
    folder = sweep_of("fit.learning_rate=0.1,0.11,0.12,0.13,9.0", pruner="none")
    assert {trial.state for trial in conduct(folder, workers).view.trials} == {"finished"}


def test_a_loss_that_is_not_finite_ends_its_trial(workers: Workers) -> None:
    def diverging(run: RunFolder, first: int) -> Iterator[None]:
        append(run, EpochEnded(at=1, epoch=1, metrics={"val_loss": None}, seconds=1, learning_rate=1))
        yield from training(run, 2)

    workers.story = diverging
    folder = sweep_of(GRID, pruner="none")
    sweep = conduct(folder, workers)
    assert {trial.state for trial in sweep.view.trials} == {"pruned"}
    assert sweep.view.of(1).message == "val_loss was not finite in epoch 1."
    assert said(folder, SweepEnded)[0].message == (
        "No trial was trained to its end. val_loss was not finite in epoch 1."
    )


def test_values_that_cannot_be_trained_are_skipped_and_the_others_are_tried(workers: Workers) -> None:
    iris = preset_for_dataset("iris")
    assert iris is not None
    folder = sweep_of("layers[2].units=2,3", base=iris.with_fit(epochs=2))
    sweep = conduct(folder, workers)
    assert [trial.state for trial in sweep.view.trials] == ["skipped", "finished"]
    assert "ends in 2 outputs" in sweep.view.of(1).message
    assert len(all_runs()) == 1


def test_a_run_that_fails_is_a_failed_trial_and_the_sweep_goes_on(workers: Workers) -> None:
    def failing(run: RunFolder, first: int) -> Iterator[None]:
        append(run, RunEnded(at=1, outcome="failed", message="The memory did not suffice."))
        yield

    workers.story = failing
    sweep = conduct(sweep_of(GRID), workers)
    assert {trial.state for trial in sweep.view.trials} == {"failed"}
    assert sweep.view.of(4).message == "The memory did not suffice."


def test_a_trial_whose_user_stops_it_is_stopped_and_may_be_the_best(workers: Workers) -> None:
    def stopped(run: RunFolder, first: int) -> Iterator[None]:
        append(run, EpochEnded(at=1, epoch=1, metrics={"val_loss": 0.5}, seconds=1, learning_rate=1))
        append(run, RunEnded(at=2, outcome="stopped"))
        yield

    workers.story = stopped
    sweep = conduct(sweep_of(GRID), workers)
    assert {trial.state for trial in sweep.view.trials} == {"stopped"}
    assert best_of(sweep).number == 1


def test_what_mattered_is_weighed_at_the_end_at_the_latest(workers: Workers) -> None:
    folder = sweep_of("fit.learning_rate=0.1..0.5", "fit.clipnorm=0..1", trials=8, pruner="none")
    sweep = conduct(folder, workers)
    assert said(folder, Weighed)[-1].trials == 8
    assert sweep.view.importance is not None
    shares = sweep.view.importance.importance
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["fit.learning_rate"] > 0.7


def test_trials_that_are_all_alike_are_not_weighed(workers: Workers) -> None:
    def alike(run: RunFolder, first: int) -> Iterator[None]:
        append(run, EpochEnded(at=1, epoch=1, metrics={"val_loss": 1.0}, seconds=1, learning_rate=1))
        append(run, RunEnded(at=1, outcome="finished"))
        yield

    workers.story = alike
    assert conduct(sweep_of(GRID, "fit.clipnorm=0,1"), workers).view.done == 8


def test_a_worker_that_dies_without_a_word_has_one_successor(workers: Workers) -> None:
    def dying(run: RunFolder, first: int) -> Iterator[None]:
        append(run, EpochEnded(at=1, epoch=first, metrics={"val_loss": 1.0}, seconds=1, learning_rate=1))
        yield

    workers.story = dying
    sweep = conduct(sweep_of("fit.learning_rate=0.1,0.2"), workers)
    first = sweep.view.of(1)
    assert [epoch for run, epoch in workers.started if run == first.run] == [1, 2]
    assert first.state == "failed"
    assert "died twice. The worker ended by itself, with exit code 0" in first.message


def test_a_run_folder_that_is_deleted_fails_its_trial_and_no_other(workers: Workers) -> None:
    def deleted(run: RunFolder, first: int) -> Iterator[None]:
        if run.spec().fit.learning_rate == 0.1:
            for file in run.path.iterdir():
                file.unlink()
            run.path.rmdir()
            return
        yield from training(run, first)

    workers.story = deleted
    sweep = conduct(sweep_of("fit.learning_rate=0.1,0.2"), workers)
    assert [trial.state for trial in sweep.view.trials] == ["failed", "finished"]


# ------------------------------------------------------------------------------------------------- commands


def test_a_pause_lets_what_is_in_hand_end_and_begins_nothing(workers: Workers) -> None:
    folder = sweep_of(GRID)
    folder.ask(Hold())

    def then(step: int) -> None:
        if step == 20:
            assert workers.started == []
            assert SweepFollower(folder).view.paused
            folder.ask(SetParallel(parallel=2), GoOn())

    workers.before_step = then
    assert conduct(folder, workers).view.done == 4
    assert workers.at_once == 2
    assert len(said(folder, SweepPaused)) == 1


def test_more_trials_are_tried_and_a_grid_refuses_to_have_more(workers: Workers) -> None:
    folder = sweep_of(RATE, trials=3)
    folder.ask(SetTrials(trials=6))
    assert conduct(folder, workers).view.done == 6
    grid = sweep_of(GRID)
    grid.ask(SetTrials(trials=6))
    assert conduct(grid, workers).view.done == 4
    assert "it can't have 6 trials" in said(grid, Noted)[0].message


def test_junk_in_the_command_file_changes_nothing(workers: Workers) -> None:
    folder = sweep_of(GRID)
    folder.commands_file.write_bytes(
        b'{"kind":"Explode"}\n\xff\xfe\n[]\n{"kind":"SetParallel","parallel":"x"}\n'
    )
    assert conduct(folder, workers).view.done == 4


def test_a_sweep_that_is_stopped_stops_what_is_in_hand_and_resuming_goes_on_with_it(workers: Workers) -> None:
    straight = sweep_of(GRID)
    conduct(straight, workers)
    folder = sweep_of(GRID)
    begun = workers.steps
    workers.before_step = lambda step: folder.ask(StopAll()) if step == begun + 8 else None
    sweep = conduct(folder, workers)
    assert sweep.state is SweepState.STOPPED
    assert [trial.state for trial in sweep.view.trials] == ["finished", "halted"]
    halted = sweep.view.of(2).run
    resumed = conduct(folder, workers, offset=folder.commands_file.stat().st_size)
    assert resumed.state is SweepState.FINISHED
    assert said(folder, TrialTakenUp)[0].number == 2
    assert resumed.view.of(2).run == halted
    assert [trial.value for trial in resumed.view.trials] == [
        trial.value for trial in SweepFollower(straight).view.trials
    ]


def test_a_sweep_that_got_a_signal_passes_it_on_says_so_and_resumes(workers: Workers) -> None:
    folder = sweep_of(GRID)
    runner = SweepRunner(folder, 0, workers.step, signals := SignalInbox())

    def then(step: int) -> None:
        if step == 8:
            signals.first = "SIGUSR1"
            folder.ask(StopAll(signal="SIGUSR1"))  # whoever follows the sweep in the same job got it too

    workers.before_step = then
    runner.run()
    runner.journal.close()
    sweep = SweepFollower(folder)
    assert sweep.state is SweepState.STOPPED
    assert sweep.view.ended is not None
    assert "It got SIGUSR1 of the batch system" in sweep.view.ended.message
    assert f"tuinn sweep resume {folder.name}" in sweep.view.ended.message
    halted = sweep.view.trials[-1]
    assert halted.state == "halted"
    asked = RunFolder(runs_folder() / halted.run).commands().read_all()
    assert [one.signal for one in asked if isinstance(one, Stop)] == ["SIGUSR1"]
    resumed = conduct(folder, workers, offset=folder.commands_file.stat().st_size)
    assert resumed.state is SweepState.FINISHED
    assert said(folder, TrialTakenUp)[0].number == halted.number


def test_a_second_stop_leaves_at_once(workers: Workers) -> None:
    def deaf(run: RunFolder, first: int) -> Iterator[None]:
        while True:
            yield

    workers.story = deaf
    folder = sweep_of(GRID)
    workers.before_step = lambda step: folder.ask(StopAll()) if step in (5, 15) else None
    assert conduct(folder, workers).state is SweepState.STOPPED


# --------------------------------------------------------------------------------------------- kill, resume


@pytest.mark.parametrize("moment", range(1, 40, 4))
@pytest.mark.parametrize("fate", ["worker lives", "worker dies"])
def test_a_sweep_whose_conductor_is_killed_at_any_moment_ends_as_one_straight_through(
    workers: Workers, moment: int, fate: str
) -> None:
    straight = sweep_of(RATE, trials=6)
    told = conduct(straight, workers).view
    folder, begun = sweep_of(RATE, trials=6), workers.steps

    def kill(step: int) -> None:
        if step == begun + moment:
            raise Killed

    workers.before_step = kill
    try:
        conduct(folder, workers)
    except Killed:
        if fate == "worker dies":
            for process in workers.on:
                process.die()
        else:
            _hold_locks(workers)
    workers.before_step = lambda step: None
    launches = len(workers.started)
    view = (
        conduct(folder, workers).view if not SweepFollower(folder).view.ended else SweepFollower(folder).view
    )
    assert tried(folder) == tried(straight)
    assert [(t.state, t.value, t.reports) for t in view.trials] == [
        (t.state, t.value, t.reports) for t in told.trials
    ]
    if fate == "worker lives":
        again = [run for run, first in workers.started[launches:] if first > 1]
        assert again == [], "a worker that lives is attached to, not replaced"
    assert len(all_runs()) == 2 * 6, "no trial has two runs"


def test_a_worker_that_begins_only_once_its_runner_was_replaced_is_attached_to(workers: Workers) -> None:
    awake: list[int] = []

    def slow(run: RunFolder, first: int) -> Iterator[None]:
        while not awake:
            yield
        with run.hold_lock():
            yield from training(run, first)

    def kill(step: int) -> None:
        if step == 2:
            raise Killed

    workers.story, workers.before_step = slow, kill
    folder = sweep_of("fit.learning_rate=0.1,0.2")
    with pytest.raises(Killed):
        conduct(folder, workers)
    workers.before_step = lambda step: awake.append(step) if step == 6 else None
    sweep = conduct(folder, workers)
    assert [trial.state for trial in sweep.view.trials] == ["finished"] * 2
    assert [len(trial.reports) for trial in sweep.view.trials] == [BASE.fit.epochs] * 2
    assert sorted(run for run, _ in workers.started) == sorted(run.name for run in all_runs())


def _hold_locks(workers: Workers) -> None:
    """The workers that live hold their runs' locks, as far as another process can tell."""
    for (run, _), process in zip(workers.started, workers.processes, strict=True):
        if process.code is not None:
            continue
        holder = RunFolder(runs_folder() / run).hold_lock()
        holder.__enter__()
        process.story = _until_done(process.story, holder)


def _until_done(inner: Iterator[None], holder: AbstractContextManager[bool]) -> Iterator[None]:
    yield from inner
    holder.__exit__(None, None, None)


def test_two_sweeps_share_the_slots_of_a_device(workers: Workers) -> None:
    fd = device_slots.acquire("cpu", 1)
    folder = sweep_of(GRID)

    def free(step: int) -> None:
        if step == 10:
            assert workers.started == []
            assert fd is not None
            os.close(fd)

    workers.before_step = free
    assert conduct(folder, workers).view.done == 4


def test_a_sweep_whose_folder_is_deleted_leaves(workers: Workers) -> None:
    folder = sweep_of(GRID)

    def delete(step: int) -> None:
        if step == 3:
            folder.sweep_file.unlink()

    workers.before_step = delete
    SweepRunner(folder, 0, workers.step).run()
    assert len(workers.started) == 1


def test_a_journal_that_cannot_be_read_fails_its_trial_and_no_other(workers: Workers) -> None:
    def unreadable(run: RunFolder, first: int) -> Iterator[None]:
        if run.spec().fit.learning_rate == 0.1:
            run.events_file.unlink()
            run.events_file.mkdir()
            return
        yield from training(run, first)

    workers.story = unreadable
    sweep = conduct(sweep_of("fit.learning_rate=0.1,0.2"), workers)
    assert [trial.state for trial in sweep.view.trials] == ["failed", "finished"]
    assert "cannot be read (Is a directory)" in sweep.view.of(1).message


@pytest.mark.parametrize("left", ["nothing", "an empty folder", "no tag"])
def test_a_trial_whose_conductor_died_before_its_run_was_made_has_one_run(
    workers: Workers, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    folder = sweep_of(GRID)
    real = SweepRunner._ensure_folder

    def die(self: SweepRunner, number: int) -> None:
        if number == 2:
            run = self.processes[number].run
            if left == "an empty folder":
                run.path.mkdir()
            elif left == "no tag":
                RunFolder.create(self.sweep.spec_of(self.view.of(number).values), run.name)
            raise Killed
        real(self, number)

    with monkeypatch.context() as patch:
        patch.setattr(SweepRunner, "_ensure_folder", die)
        with pytest.raises(Killed):
            conduct(folder, workers)
    sweep = conduct(folder, workers)
    assert [trial.state for trial in sweep.view.trials] == ["finished"] * 4
    assert {run.name for run in all_runs()} == {trial.run for trial in sweep.view.trials}
    assert {read_annotations(run).tags for run in all_runs()} == {(f"sweep-{folder.name[-4:]}",)}


def test_a_trial_is_called_by_its_fields_as_people_name_them(write_run: Write) -> None:
    run = write_run()
    values: Values = {"layers[1].units": 16, "fit.batch_size": 32}
    tag_trial(run, "20260101-000000-iris-31d8", 4, iris_lab(), values)
    assert read_annotations(run).title == "31d8 trial 4: layer 1 dense units 16, batch size 32"
