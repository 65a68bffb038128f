"""Into the trash and back, and checkpoints that nobody needs. Never under a run that trains."""

import os
import threading
from collections.abc import Callable

import pytest

from tests.conftest import Write
from tests.factories import epoch, opening, whole_run
from tuinn.errors import FolderError
from tuinn.runs.commands import Quit
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.runs.maintenance import (
    bytes_below,
    empty_trash,
    find_trashed,
    move_to_trash,
    prunable,
    prune,
    restore,
    trash_folder,
)


def test_a_run_goes_to_the_trash_and_comes_back_whole(write_run: Write) -> None:
    folder = write_run(whole_run())
    there = move_to_trash(folder)
    assert (all_runs(), all_runs(trash_folder())) == ([], [there])
    assert restore(there) == folder
    assert folder.spec()


def test_emptying_the_trash_removes_it_for_good_and_says_how_much(write_run: Write) -> None:
    kept = write_run(whole_run())
    there = move_to_trash(write_run(whole_run()))
    held = bytes_below(there.path)
    assert empty_trash() == held > 0
    assert (all_runs(), all_runs(trash_folder())) == ([kept], [])


@pytest.mark.parametrize("change", [move_to_trash, prune])
def test_a_run_that_trains_is_not_touched(write_run: Write, change: Callable[[RunFolder], object]) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock(), pytest.raises(FolderError, match=r"is training. Stop it first: tuinn stop"):
        change(folder)
    assert all_runs() == [folder]


def test_a_worker_that_only_serves_is_told_to_leave_first(write_run: Write) -> None:
    folder = write_run(whole_run())
    locked, leaves = threading.Event(), threading.Event()

    def serve() -> None:
        with folder.hold_lock():
            locked.set()
            while not any(isinstance(command, Quit) for command in folder.commands().read_all()):
                leaves.wait(0.01)

    worker = threading.Thread(target=serve)
    worker.start()
    locked.wait()
    move_to_trash(folder)
    worker.join()
    assert all_runs() == []


def test_two_of_one_name_are_not_mixed(write_run: Write) -> None:
    folder = write_run(whole_run())
    (trash_folder() / folder.name).mkdir(parents=True)
    with pytest.raises(FolderError, match="Rename one"):
        move_to_trash(folder)
    assert folder.spec()


def test_last_in_the_trash_is_the_run_that_was_put_there_last(write_run: Write) -> None:
    with pytest.raises(FolderError, match="The trash is empty"):
        find_trashed("last")
    runs = [write_run(whole_run()) for _ in range(3)]
    for place, folder in enumerate((runs[1], runs[2], runs[0])):
        there = move_to_trash(folder)
        os.utime(there.path, (place, place + there.path.stat().st_mtime))
    assert find_trashed("last").name == runs[0].name
    assert find_trashed(runs[2].name).name == runs[2].name
    with pytest.raises(FolderError, match="An empty name"):
        find_trashed("")


def test_moving_to_the_trash_is_noted_on_the_folder(write_run: Write) -> None:
    folder = write_run(whole_run())
    os.utime(folder.path, (1, 1))
    assert move_to_trash(folder).path.stat().st_mtime > 1


def test_a_folder_that_is_gone_says_so(write_run: Write) -> None:
    folder = write_run(whole_run())
    folder.path.rename(folder.path.with_name("elsewhere"))
    with pytest.raises(FolderError, match="is gone"):
        move_to_trash(folder)


def test_pruning_keeps_the_last_checkpoint_unless_told_otherwise(write_run: Write) -> None:
    folder = write_run(whole_run())
    folder.checkpoints.mkdir()
    for name, size in (("last.npz", 10), ("best.npz", 20), (".last.npz.4711", 5)):
        (folder.checkpoints / name).write_bytes(b"x" * size)
    assert [path.name for path in prunable(folder)] == [".last.npz.4711", "best.npz"]
    assert prune(folder) == 25
    assert prune(folder) == 0
    assert prune(folder, keep_last=False) == 10
    assert prune(write_run([]), keep_last=False) == 0
