"""Repeats of one spec are one row: who is folded, and what stands in it."""

from tests.conftest import Write
from tests.factories import ending, epoch, opening, whole_run
from tuinn.runs.events import EpochEnded, Metrics
from tuinn.runs.listing import ListedRun, Listing
from tuinn.spec.presets.catalog import default_draft, iris_lab
from tuinn.view.bars import curve, plain
from tuinn.view.run_columns import BY_NAME
from tuinn.view.run_rows import RunRow, columns_of_rows, common_metric, fold, spread_text
from tuinn.view.run_table import sort_runs


def repeats(write_run: Write, *accuracies: float) -> list[ListedRun]:
    for seed, accuracy in enumerate(accuracies):
        write_run([*opening(), *epoch(1, 1.0, accuracy), *ending()], default_draft().with_fit(seed=seed))
    return sort_runs(Listing().refresh(), "when")


def texts(row: RunRow) -> dict[str, str]:
    columns = {**BY_NAME, **columns_of_rows([row])}
    return {name: row.text(column, {}) for name, column in columns.items()}


def test_runs_that_differ_in_their_seed_alone_are_one_row_with_mean_and_deviation(write_run: Write) -> None:
    (row,) = fold(repeats(write_run, 0.9, 0.8, 0.7))
    shown = texts(row)
    assert shown["run"] == "3× fashion-lab"
    assert shown["best"] == "0.800 ±0.100"
    assert shown["last"] == "0.8000"
    assert shown["test"] == "0.810 ±0.000"
    assert shown["epochs"] == "1/3"
    assert shown["network"] == "Dense 154-64-10"


def test_the_same_seed_another_setting_or_no_result_make_no_repeat(write_run: Write) -> None:
    write_run(whole_run())
    write_run(whole_run())
    write_run(whole_run(), iris_lab())
    write_run([], default_draft().with_fit(seed=9))
    live = write_run([*opening(), *epoch(1, 1.0)], default_draft().with_fit(seed=8))
    with live.hold_lock():
        rows = fold(Listing().refresh())
    assert [len(row.runs) for row in rows] == [1] * 5


def test_unfolded_repeats_stand_below_their_row_with_their_seed(write_run: Write) -> None:
    other = write_run(whole_run(), iris_lab())
    runs = repeats(write_run, 0.9, 0.8)
    rows = fold(runs, {runs[0].known.recipe})
    assert [(len(row.runs), row.is_repeat) for row in rows] == [(2, False), (1, True), (1, True), (1, False)]
    assert rows[1].text(BY_NAME["run"], {}) == "  seed 1"
    assert rows[3].first.name == other.name
    assert len({row.name for row in rows}) == 4


def test_a_mean_has_as_many_digits_as_say_something() -> None:
    assert spread_text([0.9667, 0.9333, None]) == "0.950 ±0.024"
    assert spread_text([250.0, 260.0]) == "255.0 ±7.1"
    assert spread_text([12_000.0, 13_000.0]) == "12500 ±707"
    assert spread_text([1e-5, 3e-5]) == "2.0e-05 ±1e-05"
    assert spread_text([None]) == ""


def test_a_curve_has_first_and_last_value_and_a_sign_where_it_was_not_finite() -> None:
    assert curve([0.0, 1.0], 8) == "▁▇"
    assert curve([0.0, None, 1.0], 8) == "▁×▇"
    assert curve([float(at) for at in range(100)], 8) == "▁▂▃▄▄▅▆▇"
    assert plain(curve([0.0, None, 1.0], 8)) == "_x*"
    assert curve([], 8) == ""


def test_the_metric_is_named_once_or_in_short_where_the_runs_are_judged_by_different_ones(
    write_run: Write,
) -> None:
    write_run(whole_run())
    assert texts(fold(Listing().refresh())[0])["best"] == "0.5000"
    mae: Metrics = {"loss": 1.0, "val_loss": 1.0, "val_mean_absolute_error": 0.25}
    write_run([*opening(), EpochEnded(epoch=1, metrics=mae, seconds=1, learning_rate=1)], iris_lab())
    rows = fold(Listing().refresh())
    best = columns_of_rows(rows)["best"]
    assert {row.text(best, {}) for row in rows} == {"0.5000 acc", "0.2500 mae"}
    assert common_metric([row.first for row in rows]) == ""
