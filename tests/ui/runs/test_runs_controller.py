"""The controller of the runs screen, without an app: filter, order, marks, trash, annotations, checkpoints."""

import time
from pathlib import Path

import pytest

from tests.conftest import Write
from tests.factories import ending, epoch, opening, whole_run
from tests.stand_ins import StandIns
from tuinn.runs.annotations import change_annotations, read_annotations
from tuinn.runs.machine.batch_job import BatchJob, write_job
from tuinn.runs.maintenance import move_to_trash
from tuinn.spec.presets.catalog import iris_lab
from tuinn.ui.runs.runs_controller import IDLE_TICKS, MANY_RUNS, RunsController, annotate, annotation_problem
from tuinn.view.run_columns import node_text, shown_state
from tuinn.view.run_rows import RunRow


def read() -> RunsController:
    controller = RunsController()
    controller.read_now()
    return controller


def test_a_filter_hides_runs_and_the_words_count_both(write_run: Write) -> None:
    write_run(whole_run(), iris_lab())
    write_run(whole_run())
    controller = read()
    assert controller.words()[0] == "2 runs"
    controller.filter = "iris"
    assert [run.known.dataset for run in controller.shown()] == ["iris"]
    assert controller.words()[0] == "1 of 2 runs"
    controller.filter = "zebra"
    assert controller.nothing_words() == "No run has these words. Esc clears the filter."


def test_sorting_by_a_column_twice_reverses_it(write_run: Write) -> None:
    for loss, accuracy in ((1.0, 0.5), (0.5, 0.9), (0.7, 0.7)):
        write_run([*opening(), *epoch(1, loss, accuracy), *ending()])
    controller = read()

    def scores() -> list[float | None]:
        return [run.summary.score[1] if run.summary.score else None for run in controller.shown()]

    controller.sort_by("best")
    assert scores() == [0.9, 0.7, 0.5]
    controller.sort_by("best")
    assert scores() == [0.5, 0.7, 0.9]
    controller.sort_next(["best", "epochs"], 1)
    assert controller.order == ("epochs", False)
    controller.sort_next(["best", "epochs"], 1)
    assert controller.order == ("best", False)


def test_marks_go_before_the_cursor_and_end_with_their_run(write_run: Write) -> None:
    write_run(whole_run())
    gone = write_run(whole_run())
    controller = read()
    first, second = controller.shown()
    assert controller.selected(RunRow((first,))) == [first]
    controller.toggle_all()
    assert controller.selected(None) == controller.runs
    controller.toggle_mark(RunRow((second,)))
    assert controller.selected(RunRow((second,))) == [first]
    controller.toggle_all()
    move_to_trash(gone)
    controller.read_now()
    assert controller.marked == {run.name for run in controller.runs}
    controller.toggle_all()
    assert controller.marked == set()


def test_what_was_read_of_the_runs_is_dropped_once_the_trash_is_listed(write_run: Write) -> None:
    move_to_trash(write_run(whole_run()))
    kept = write_run(whole_run())
    controller = read()
    late = controller.read()
    controller.switch_trash()
    assert not controller.store(late)
    controller.read_now()
    assert kept.name not in {run.name for run in controller.runs}
    assert len(controller.runs) == 1
    assert controller.sizes == {}


def test_many_idle_runs_are_read_seldom(write_run: Write) -> None:
    write_run(whole_run())
    controller = read()
    assert all(controller.is_due() for _ in range(IDLE_TICKS))
    controller.runs = controller.runs * MANY_RUNS
    controller.ticks = 0
    assert [controller.is_due() for _ in range(IDLE_TICKS)] == [False] * (IDLE_TICKS - 1) + [True]


@pytest.mark.parametrize(
    ("part", "line", "kept"),
    [("title", "Wide", "Wide"), ("note", "too fast", "too fast"), ("tags", "a b", ("a", "b"))],
)
def test_an_annotation_is_written_into_each_folder(
    write_run: Write, part: str, line: str, kept: object
) -> None:
    folders = [write_run(whole_run()), write_run(whole_run())]
    change_annotations(folders[0], title="old", note="old", tags=("old",))
    annotate(read().runs, part, line)
    assert [getattr(read_annotations(folder), part) for folder in folders] == [kept, kept]


def test_a_bad_annotation_is_explained_before_it_is_written() -> None:
    assert "is no tag" in annotation_problem("tags", "a,b")
    assert annotation_problem("title", "x" * 10_000)
    assert annotation_problem("note", "fine") == ""


def test_pruning_counts_what_it_frees_with_and_without_the_last_checkpoint(write_run: Write) -> None:
    folder = write_run(whole_run())
    folder.checkpoints.mkdir()
    folder.last_checkpoint.write_bytes(b"x" * 3000)
    folder.best_checkpoint.write_bytes(b"x" * 2000)
    controller = read()
    assert controller.checkpoint_bytes(controller.runs) == (2000, 5000)


def test_slurm_is_asked_in_a_thread_of_its_own_and_its_answer_is_shown_the_next_time(
    write_run: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_ins = StandIns(tmp_path / "bin", monkeypatch)
    # It answers once it is told to.
    stand_ins.put(
        "squeue",
        'until [ -e "$0.may" ]; do sleep 0.02; done; echo "78|RUNNING|node-7|1:00:00|None"',
    )
    folder = write_run([*opening(), *epoch(1, 1.0)])
    write_job(folder.path, BatchJob("78", time.time()))
    with folder.hold_lock():
        controller = read()
        controller.store(controller.read())
        assert [node_text(run) for run in controller.runs] == [""]
        (stand_ins.folder / "squeue.may").touch()
        assert controller.asking is not None
        controller.asking.join(30)
        controller.store(controller.read())
        assert [node_text(run) for run in controller.runs] == ["node-7"]
        assert shown_state(controller.runs[0]) == "running"


def test_without_jobs_no_thread_asks_slurm(write_run: Write) -> None:
    write_run(whole_run())
    controller = read()
    controller.store(controller.read())
    assert controller.asking is None
