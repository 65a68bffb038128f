"""The queue conducted: one after the other, so many at a time on each device, and nothing is lost with its conductor."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.factories import append
from tests.runner.conftest import Workers, training
from tuinn.programs import SignalInbox
from tuinn.runner.queue_runner import QueueRunner
from tuinn.runs.commands import Stop
from tuinn.runs.events import RunEnded
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.runs.machine import graphics_card
from tuinn.spec.presets.catalog import default_draft, preset_for_dataset
from tuinn.sweeps.commands import Add, GoOn, Hold, Move, Remove, SetParallel, StopAll
from tuinn.sweeps.folder import QueueFolder
from tuinn.sweeps.follower import read_queue
from tuinn.sweeps.queue import Queue, add_command

BASE = default_draft().with_fit(epochs=3)


class Killed(BaseException):
    """A conductor that dies here and now."""


def add(folder: QueueFolder, *rates: float, **fit: object) -> list[str]:
    commands = [add_command(BASE.with_fit(learning_rate=rate, **fit)) for rate in rates]
    folder.ask(*commands)
    return [command.entry for command in commands]


def conduct(folder: QueueFolder, workers: Workers) -> Queue:
    runner = QueueRunner(folder, workers.step)
    runner.run()
    runner.journal.close()
    return read_queue(folder)


def rates() -> list[float]:
    return [run.spec().fit.learning_rate for run in reversed(all_runs())]


def test_drafts_are_trained_one_after_the_other(workers: Workers) -> None:
    folder = QueueFolder.here()
    add(folder, 0.1, 0.2, 0.3)
    queue = conduct(folder, workers)
    assert rates() == [0.1, 0.2, 0.3]
    assert [entry.outcome for entry in queue.entries] == ["finished"] * 3
    assert workers.at_once == 1


def test_two_at_a_time_on_each_device(workers: Workers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphics_card, "GPU_FILES", ())
    folder = QueueFolder.here()
    folder.ask(SetParallel(parallel=2))
    add(folder, 0.1, 0.2, 0.3)
    add(folder, 0.4, device="gpu:1")
    conduct(folder, workers)
    assert rates()[:3] == [0.1, 0.2, 0.4], "a draft for another device doesn't wait for this one"
    assert workers.at_once == 3


def test_what_is_added_moved_and_removed_meanwhile_is_heeded(workers: Workers) -> None:
    folder = QueueFolder.here()
    first, second, third = add(folder, 0.1, 0.2, 0.3)

    def then(step: int) -> None:
        if step == 1:
            folder.ask(Move(entry=third, place=1), Remove(entry=second), Remove(entry=first))
            add(folder, 0.4)

    workers.before_step = then
    queue = conduct(folder, workers)
    assert rates() == [0.1, 0.3, 0.4]
    entry = queue.find(second)
    assert entry is not None
    assert entry.outcome == "removed"


def test_a_queue_that_is_held_begins_nothing_and_its_conductor_leaves(workers: Workers) -> None:
    folder = QueueFolder.here()
    add(folder, 0.1)
    folder.ask(Hold())
    assert len(conduct(folder, workers).waiting) == 1
    folder.ask(GoOn())
    assert conduct(folder, workers).waiting == []


def test_a_stop_stops_what_trains_and_leaves_the_rest_waiting(workers: Workers) -> None:
    folder = QueueFolder.here()
    add(folder, 0.1, 0.2)
    workers.before_step = lambda step: folder.ask(StopAll()) if step == 2 else None
    queue = conduct(folder, workers)
    assert [entry.outcome for entry in queue.entries] == ["stopped", ""]
    assert queue.paused
    folder.ask(GoOn())
    assert [entry.outcome for entry in conduct(folder, workers).entries] == ["stopped", "finished"]


def test_a_signal_of_the_batch_system_stops_what_trains_and_the_next_conductor_goes_on_with_it(
    workers: Workers,
) -> None:
    folder = QueueFolder.here()
    add(folder, 0.1, 0.2)
    runner = QueueRunner(folder, workers.step, signals := SignalInbox())

    def then(step: int) -> None:
        if step == 2:
            signals.first = "SIGUSR1"

    workers.before_step = then
    runner.run()
    runner.journal.close()
    (run,) = all_runs()
    assert [c.signal for c in run.commands().read_all() if isinstance(c, Stop)] == ["SIGUSR1"]
    queue = read_queue(folder)
    assert [entry.trains for entry in queue.entries] == [True, False]
    assert not queue.paused
    assert not runner.has_news()
    assert [entry.outcome for entry in conduct(folder, workers).entries] == ["finished"] * 2
    assert [first for _, first in workers.started] == [1, 2, 1]


def test_a_draft_that_cannot_be_trained_is_said_and_the_next_one_begins(workers: Workers) -> None:
    iris = preset_for_dataset("iris")
    assert iris is not None
    folder = QueueFolder.here()
    folder.ask(
        Add(entry="junk", spec="[nonsense"),
        add_command(iris.with_setting("layers[2].units", "9")),
    )
    add(folder, 0.1)
    queue = conduct(folder, workers)
    assert [entry.outcome for entry in queue.entries] == ["failed", "failed", "finished"]
    assert "This is not TOML" in queue.entries[0].message
    assert "ends in 9 outputs" in queue.entries[1].message


def test_a_run_that_fails_doesn_t_hold_up_the_others(workers: Workers) -> None:
    def failing(run: RunFolder, first: int) -> Iterator[None]:
        append(run, RunEnded(at=1, outcome="failed", message="No memory."))
        yield

    workers.story = failing
    folder = QueueFolder.here()
    add(folder, 0.1, 0.2)
    assert [entry.message for entry in conduct(folder, workers).entries] == ["No memory."] * 2


@pytest.mark.parametrize("moment", range(1, 12))
def test_a_queue_whose_conductor_is_killed_goes_on_where_it_was(workers: Workers, moment: int) -> None:
    folder = QueueFolder.here()
    add(folder, 0.1, 0.2, 0.3)

    def kill(step: int) -> None:
        if step == moment:
            raise Killed

    workers.before_step = kill
    try:
        conduct(folder, workers)
    except Killed:
        for process in workers.on:
            process.die()
    workers.before_step = lambda step: None
    queue = conduct(folder, workers)
    assert [entry.outcome for entry in queue.entries] == ["finished"] * 3
    assert rates() == [0.1, 0.2, 0.3]


def test_a_worker_that_begins_only_once_its_conductor_was_replaced_is_attached_to(workers: Workers) -> None:
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
    folder = QueueFolder.here()
    add(folder, 0.1, 0.2)
    with pytest.raises(Killed):
        conduct(folder, workers)
    workers.before_step = lambda step: awake.append(step) if step == 6 else None
    assert [entry.outcome for entry in conduct(folder, workers).entries] == ["finished"] * 2
    assert sorted(run for run, _ in workers.started) == sorted(run.name for run in all_runs())


def test_a_worker_that_keeps_dying_fails_its_draft(workers: Workers) -> None:
    workers.story = lambda run, first: iter(())
    folder = QueueFolder.here()
    add(folder, 0.1)
    assert "exit code 0" in conduct(folder, workers).entries[0].message
    assert len(workers.started) == 2


def test_the_conductor_knows_of_what_was_asked_while_it_left(workers: Workers) -> None:
    folder = QueueFolder.here()
    add(folder, 0.1)
    runner = QueueRunner(folder, workers.step)
    runner.run()
    assert not runner.has_news()
    add(folder, 0.2)
    assert runner.has_news()
    workers.story = training


def test_a_draft_whose_run_folder_cannot_be_made_fails_and_its_slot_is_free(
    workers: Workers, own_home: Path
) -> None:
    folder = QueueFolder.here()
    (own_home / "runs").write_text("in the way")
    add(folder, 0.1)
    assert "No run folder can be made" in conduct(folder, workers).entries[0].message
    (own_home / "runs").unlink()
    add(folder, 0.2)
    assert conduct(folder, workers).entries[1].outcome == "finished"


def test_a_run_that_is_deleted_fails_and_the_next_draft_begins(workers: Workers) -> None:
    def deleted(run: RunFolder, first: int) -> Iterator[None]:
        if run.spec().fit.learning_rate == 0.1:
            for file in run.path.iterdir():
                file.unlink()
            run.path.rmdir()
            return
        yield from training(run, first)

    workers.story = deleted
    folder = QueueFolder.here()
    add(folder, 0.1, 0.2)
    assert [entry.outcome for entry in conduct(folder, workers).entries] == ["failed", "finished"]
