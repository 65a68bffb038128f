"""Windows over a series: which rows they hold, which target follows, and that none crosses a border."""

import gzip
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.data.tables.conftest import WriteTable
from tuinn.data import loader
from tuinn.data.split import split_last
from tuinn.data.tables.series_file import windows_in_file
from tuinn.data.tables.windows import cut_windows, fill_gaps
from tuinn.errors import SpecError
from tuinn.spec.advice.advise import advise
from tuinn.spec.dataset import DatasetSpec, Task
from tuinn.spec.presets.catalog import make_preset


def days(count: int = 60, backwards: bool = False) -> list[str]:
    """A row a day: x is its number, temp twice that."""
    rows = [f"2024-{at // 28 + 1:02d}-{at % 28 + 1:02d},{at}.0,{2 * at}.5" for at in range(count)]
    return ["date,x,temp", *(reversed(rows) if backwards else rows)]


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize(("window", "horizon"), [(1, 1), (5, 1), (4, 3)])
def test_a_sample_is_the_rows_before_its_target(
    window: int, horizon: int, backwards: bool, table: WriteTable
) -> None:
    dataset = table(days(backwards=backwards), split="time", window=window, horizon=horizon)
    facts, arrays = loader.describe(dataset).facts, loader.load(dataset)
    assert (facts.task, facts.target, facts.shape) == (Task.REGRESSION, "temp", (window, 2))
    assert (facts.features, facts.is_image, facts.is_table) == (("x", "temp"), False, False)
    for x, y, rows in (
        (arrays.x_train, arrays.y_train, range(48)),
        (arrays.x_test, arrays.y_test, range(48, 60)),
    ):
        assert len(x) == len(rows) - window - horizon + 1
        for at in range(len(x)):
            first = rows[at]
            assert x[at, :, 0].tolist() == list(range(first, first + window))
            assert x[at, :, 1].tolist() == [2 * row + 0.5 for row in range(first, first + window)]
            assert y[at] == 2 * (first + window - 1 + horizon) + 0.5


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
@pytest.mark.parametrize(("window", "horizon"), [(3, 1), (7, 4)])
def test_no_row_of_the_validation_or_the_test_is_in_a_window_that_is_trained_on(
    share: float, window: int, horizon: int, table: WriteTable
) -> None:
    dataset = table(days(120), split="time", window=window, horizon=horizon, test=0.25)
    facts, arrays = loader.describe(dataset).facts, loader.load(dataset)
    train, validation = split_last(len(arrays.x_train), share, facts.gap)

    def rows(x: np.ndarray, y: np.ndarray) -> set[int]:
        return {*x[:, :, 0].ravel().astype(int).tolist(), *((y - 0.5) / 2).astype(int).tolist()}

    learned = rows(arrays.x_train[train], arrays.y_train[train])
    validated = rows(arrays.x_train[validation], arrays.y_train[validation])
    tested = rows(arrays.x_test, arrays.y_test)
    assert max(learned) < min(validated)
    assert max(validated) < min(tested)
    assert max(learned) == min(validated) - 1


def test_browsed_windows_are_those_that_are_prepared(table: WriteTable) -> None:
    dataset = table(days(), split="time", window=6)
    browser = loader.browse(dataset)
    seen = [browser.sample("test", at).tolist() for at in range(len(browser.labels("test")))]
    labels = browser.labels("test").tolist()
    arrays = loader.load(dataset)
    assert (seen, labels) == (arrays.x_test.tolist(), arrays.y_test.tolist())


def test_words_become_channels_and_gaps_take_the_value_before_them(table: WriteTable) -> None:
    lines = [
        "x,sky,y",
        *(f"{'' if at in (0, 3, 4) else at},{('sun', 'rain')[at % 3 == 0]},{at}.5" for at in range(40)),
    ]
    dataset = table(lines, split="time", window=4)
    info, arrays = loader.describe(dataset), loader.load(dataset)
    assert info.facts.features == ("x", "sky = sun", "sky = rain", "sky = any other", "y")
    assert arrays.x_train[0].tolist() == [
        [1, 0, 1, 0, 0.5],
        [1, 1, 0, 0, 1.5],
        [2, 1, 0, 0, 2.5],
        [2, 0, 1, 0, 3.5],
    ]
    assert "gaps in x take the value before them" in info.notes


def test_windows_without_a_target_are_left_out_and_several_targets_and_classes_do(table: WriteTable) -> None:
    lines = days(50)
    lines[20] = lines[20].rsplit(",", 1)[0] + ","
    arrays = loader.load(table(lines, split="time", window=3, test=0.2))
    assert 2 * 19 + 0.5 not in arrays.y_train.tolist()
    assert len(arrays.y_train) == 40 - 3 - 1
    dataset = table(days(50), split="time", window=3, target="x, temp")
    assert loader.load(dataset).y_test[0].tolist() == [43, 86.5]
    lines = ["x,state", *(f"{at},{'ab'[at % 5 > 2]}" for at in range(50))]
    dataset = table(lines, split="time", window=3)
    assert loader.describe(dataset).facts.classes == ("a", "b")
    assert loader.load(dataset).y_train[:4].tolist() == [1, 1, 0, 0]


def test_windows_drawn_at_random_are_a_finding_with_the_split_in_time_as_remedy(table: WriteTable) -> None:
    facts = loader.describe(table(days(), window=5)).facts
    (found,) = [found for found in facts.findings if "overlap" in found.message]
    assert found.settings == {"dataset.split": "time"}
    assert (facts.train, facts.test) == (44, 11)
    in_time = loader.describe(table(days(), window=5, split="time")).facts
    assert not [found for found in in_time.findings if "overlap" in found.message]
    assert (in_time.gap, facts.gap) == (5, 0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"window": 60}, "needs 61 rows, and the table has 60"),
        ({"window": 50, "split": "time"}, "needs 51 rows, and the part to train on has 48"),
        ({"window": 20, "split": "time"}, "needs 21 rows, and the test has 12"),
        ({"window": 5, "horizon": 50, "split": "time"}, "with a target 50 rows later, needs 55 rows"),
    ],
)
def test_a_window_larger_than_the_rows_is_refused(
    options: dict[str, object], message: str, table: WriteTable
) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        loader.describe(table(days(), **options))
    assert caught.value.path == "dataset.window"


@pytest.mark.parametrize("horizon", [0, -1, 1.5])
def test_a_horizon_below_one_is_refused(horizon: object, table: WriteTable) -> None:
    with pytest.raises(SpecError, match="horizon"):
        table(days(), window=5, horizon=horizon)


def test_only_tables_have_windows(tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=np.zeros((20, 3), np.float32), y=np.arange(20) % 2)
    for dataset in (
        DatasetSpec.at(str(tmp_path / "x.npz"), window=3),
        DatasetSpec.of({"name": "iris", "window": 3}),
    ):
        with pytest.raises(SpecError, match="is for the rows of a table") as caught:
            loader.describe(dataset)
        assert caught.value.path == "dataset.window"


def test_rows_out_of_order_are_said(table: WriteTable) -> None:
    lines = days()
    lines[3], lines[30] = lines[30], lines[3]
    facts = loader.describe(table(lines, window=5, split="time")).facts
    assert "The rows aren't in the order of date" in facts.findings[0].message


@pytest.mark.parametrize("preset", ["text-lstm", "text-cnn"])
def test_the_presets_for_sequences_fit_windows(preset: str, table: WriteTable) -> None:
    dataset = table(days(), split="time", window=8)
    facts = loader.describe(dataset).facts
    spec = make_preset(preset, dataset, facts)
    assert not [problem for problem in advise(spec, facts) if problem.severity == "error"]
    assert spec.model.layers[0].type_name == "Normalization"
    assert spec.model.layers[-1].units == 1


@pytest.mark.parametrize("backwards", [False, True])
def test_a_file_gives_a_window_for_each_row_that_has_enough_before_it(
    backwards: bool, table: WriteTable, tmp_path: Path
) -> None:
    dataset = table(days(backwards=backwards), split="time", window=4)
    facts, arrays = loader.describe(dataset).facts, loader.load(dataset)
    found = list(windows_in_file(Path(dataset.path), facts))
    assert len(found) == 57
    ordered = list(reversed(found)) if backwards else found
    assert np.array_equal(np.stack([window for _, window, _ in ordered])[:44], arrays.x_train)
    newest = {number: window[-1, 0] for number, window, _ in found}
    assert newest == {(60 - at if backwards else at + 1): at for at in range(3, 60)}
    packed = tmp_path / "again.csv.gz"
    packed.write_bytes(gzip.compress(Path(dataset.path).read_bytes()))
    assert [number for number, _, _ in windows_in_file(packed, facts)] == [number for number, _, _ in found]


def test_a_row_that_cannot_be_read_is_told_once_and_windows_go_on_after_it(
    table: WriteTable, tmp_path: Path
) -> None:
    facts = loader.describe(table(days(), split="time", window=4)).facts
    lines = days(12)
    lines[6] = lines[6].replace(",5.0,", ",five,")
    (tmp_path / "new.csv").write_text("\n".join(lines))
    found = list(windows_in_file(tmp_path / "new.csv", facts))
    assert [number for number, _, problem in found if not problem] == [4, 5, 10, 11, 12]
    assert [(number, problem) for number, _, problem in found if problem] == [
        (6, "x is a number, not 'five'.")
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [(days(3), "has 3 rows, and this network reads 4 at a time"), (["x", "1", "2"], "lacks the column temp")],
)
def test_a_file_without_a_whole_window_is_refused(
    lines: list[str], message: str, table: WriteTable, tmp_path: Path
) -> None:
    facts = loader.describe(table(days(), split="time", window=4)).facts
    (tmp_path / "new.csv").write_text("\n".join(lines))
    with pytest.raises(SpecError, match=message):
        list(windows_in_file(tmp_path / "new.csv", facts))


def test_gaps_are_filled_as_polars_does() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(50, 4)).astype(np.float32)
    values[rng.random((50, 4)) < 0.4] = np.nan
    frame = pl.DataFrame(values).fill_nan(None)
    expected = frame.select(pl.all().forward_fill().backward_fill()).to_numpy()
    assert np.array_equal(fill_gaps(values), expected)


def test_windows_at_random_are_all_of_those_with_a_target() -> None:
    present = np.ones(30, bool)
    present[[7, 12]] = False
    windows = cut_windows(present, 4, 2, 0.3, in_time=False)
    every = np.sort(np.concatenate([windows.train, windows.test]))
    assert every.tolist() == [at for at in range(25) if at + 5 not in (7, 12)]
