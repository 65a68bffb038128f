"""The table of runs: what has room, what a word finds, which comes first."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Write
from tests.factories import ending, epoch, opening, whole_run
from tuinn.runs.annotations import change_annotations
from tuinn.runs.listing import Listing
from tuinn.runs.machine.batch_job import BatchJob, write_job
from tuinn.runs.machine.slurm import JobStatus
from tuinn.spec.presets.catalog import default_draft, iris_lab
from tuinn.view.run_columns import BY_NAME, JOB_COLUMNS, best_number
from tuinn.view.run_table import (
    COMMAND_LINE,
    cell,
    columns_for,
    differing_settings,
    gap_for,
    head,
    matches,
    setting_column,
    sort_runs,
    unused,
)


@given(st.integers(20, 400))
def test_the_columns_never_take_more_room_than_there_is(width: int) -> None:
    columns = columns_for(width)
    assert sum(wide for _, wide in columns) + gap_for(width) * (len(columns) - 1) <= width


def test_what_matters_most_has_room_first() -> None:
    assert [column.name for column, _ in columns_for(76, without=JOB_COLUMNS)] == [
        "state",
        "run",
        "best",
        "curve",
        "last",
        "test",
        "epochs",
    ]
    assert {column.name for column, _ in columns_for(250, without=JOB_COLUMNS)} == {*BY_NAME} - {*JOB_COLUMNS}


def test_a_filter_looks_at_everything_and_knows_tags_and_not(write_run: Write) -> None:
    folder = write_run(whole_run())
    change_annotations(folder, title="Wide baseline", note="rate too high", tags=("good",))
    (run,) = Listing().refresh()
    for words in (
        "",
        "WIDE high",
        "#good",
        "#go",
        "finished",
        "fashion",
        "dense",
        "cpu",
        folder.name[-4:],
        "-lost",
    ):
        assert matches(run, words), words
    for words in ("narrow", "#bad", "-wide", "wide lost", "-#good"):
        assert not matches(run, words), words


def test_every_column_sorts_live_ones_first_and_what_is_missing_last(write_run: Write) -> None:
    empty = write_run([])
    os.utime(empty.spec_file, (1e9, 1e9))
    write_run([*opening(), *epoch(1, 0.3, 0.9), *ending("stopped")], iris_lab())
    live = write_run([*opening(), *epoch(1, 1.0)])
    best = write_run([*opening(), *epoch(1, 1.0, 0.95)], default_draft())
    with live.hold_lock():
        runs = Listing().refresh()
    for by in BY_NAME:
        for backwards in (False, True):
            rows = sort_runs(runs, by, backwards)
            assert rows[0].name == live.name, by
            assert sorted(row.name for row in rows) == sorted(row.name for row in runs)
    rows = sort_runs(runs, "best")
    assert rows[1].name == best.name
    assert rows[-1].summary.score is None
    assert [row.name for row in sort_runs(runs, "best", backwards=True)][2] == best.name


def test_runs_that_are_alike_stay_in_their_order(write_run: Write) -> None:
    for _ in range(5):
        write_run(whole_run())
    runs = Listing().refresh()
    for backwards in (False, True):
        assert sort_runs(runs, "dataset", backwards) == runs


def test_the_head_says_what_sorts_and_which_way() -> None:
    columns = columns_for(78, without=JOB_COLUMNS)
    assert "epochs↓" in " ".join(head(columns, "epochs"))
    assert "epochs↑" in " ".join(head(columns, "epochs", backwards=True))
    assert "run↑" in " ".join(head(columns, "run"))


@pytest.mark.parametrize(("text", "shown"), [("abc", "abc  "), ("abcdef", "abcd…"), ("a\x1b[31mb", "ab   ")])
def test_a_cell_has_its_width_whatever_stands_in_it(text: str, shown: str) -> None:
    assert cell(text, 5) == shown


def test_settings_that_differ_are_columns_named_for_people(write_run: Write) -> None:
    for rate, units in ((0.01, 308), (0.001, 154), (0.1, 64)):
        write_run(
            whole_run(),
            default_draft().with_fit(learning_rate=rate).with_setting("layers[3].units", f"{units}"),
        )
    runs = Listing().refresh()
    assert differing_settings(runs) == ["learning rate", "dense units, layer 3"]
    columns = [setting_column(label, runs) for label in differing_settings(runs)]
    assert [column.head for column in columns] == ["learning rate", "units, layer 3"]
    shown = [column.name for column, _ in columns_for(76, without=JOB_COLUMNS, settings=columns)]
    assert shown == ["run", "learning rate", "best", "curve", "last", "test"]
    ordered = sort_runs(runs, "learning rate")
    assert [columns[0].text(run, {}) for run in ordered] == ["0.001", "0.01", "0.1"]
    assert differing_settings(runs[:1]) == []


def test_only_the_chosen_columns_stand_beside_the_run() -> None:
    assert [column.name for column, _ in columns_for(76, chosen=("size", "state"))] == [
        "state",
        "run",
        "size",
    ]


def test_a_value_that_was_not_finite_is_told_from_one_that_is_missing(write_run: Write) -> None:
    write_run([*opening(), *epoch(1, None, None)])
    write_run([])
    texts = {
        run.name: [BY_NAME[name].text(run, {}) for name in ("last", "test")] for run in Listing().refresh()
    }
    assert sorted(texts.values()) == [["", ""], ["nan", ""]]
    assert sorted(best_number(run) for run in Listing().refresh()) == ["", "nan"]


def test_on_the_command_line_the_state_comes_first_and_names_are_whole() -> None:
    shown = columns_for(80, 34, JOB_COLUMNS, importance=COMMAND_LINE)
    assert [(column.name, width) for column, width in shown[:2]] == [("state", 8), ("run", 37)]
    assert [column.name for column, _ in shown[2:]] == ["best", "test", "epochs"]


def test_the_job_of_a_run_has_room_even_on_a_narrow_screen_as_long_as_there_is_one(write_run: Write) -> None:
    write_job(write_run(whole_run()).path, BatchJob("77"))
    assert {*JOB_COLUMNS} <= unused(Listing().refresh())
    write_job(write_run([*opening(), *epoch(1, 1.0)]).path, BatchJob("78"))
    listing = Listing()
    listing.queue = {"78": JobStatus("RUNNING", "node-7", 3600.0)}
    runs = listing.refresh()
    names = [column.name for column, _ in columns_for(76, without=unused(runs))]
    assert {*JOB_COLUMNS} <= {*names}
    (run,) = (run for run in runs if run.job_status)
    assert [BY_NAME[name].text(run, {}) for name in JOB_COLUMNS] == ["78", "node-7", "1 h 00 m"]
    assert sort_runs(runs, "job")[0] is run
