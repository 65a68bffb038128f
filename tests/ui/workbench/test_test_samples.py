"""What the predict pane shows of test samples: tables with words, texts, several labels, data that lie in files."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich.text import Text

from tests.ui.conftest import NARROW, ROOMY, Opener
from tuinn.data import loader
from tuinn.runs.folder import DataInfo
from tuinn.spec.dataset import Column, DataFacts, DatasetSpec, Task
from tuinn.spec.presets.catalog import default_draft
from tuinn.ui.datasets.sample_detail import value_lines
from tuinn.ui.widgets.cell_lines import in_clauses
from tuinn.ui.workbench.panes.predict_text import fitting, foot_clauses, only_words, place_words
from tuinn.ui.workbench.panes.probability_bars import ProbBars
from tuinn.ui.workbench.panes.regression_plot import RegressionPlot
from tuinn.ui.workbench.panes.test_samples import TestSamples, load_test_samples, sample_index
from tuinn.view.regression import Regression


@pytest.fixture
def flats(tmp_path: Path) -> DatasetSpec:
    loader.forget_inspected()
    rows = [f"{at * 7 % 31},{'no[r]th' if at % 2 else 'south'},{at * 37 % 101}" for at in range(60)]
    (tmp_path / "flats.csv").write_text("rooms,district,price\n" + "\n".join(rows) + "\n")
    return DatasetSpec.at(str(tmp_path / "flats.csv"))


async def test_a_row_of_a_table_shows_words_and_not_codes(bench: Opener, flats: DatasetSpec) -> None:
    draft = default_draft().with_dataset(flats)
    async with bench(NARROW, draft=draft) as here:
        await here.press("5")
        assert "#1 of 12" in here.text()
        assert "no[r]th" in here.text() or "south" in here.text()
        await here.press("n", "n", "p", "x")
        assert "not trained yet" in here.text()


async def test_a_text_is_shown_as_it_is(bench: Opener, tmp_path: Path) -> None:
    loader.forget_inspected()
    for name in ("good", "bad"):
        (tmp_path / "films" / name).mkdir(parents=True)
        for at in range(8):
            (tmp_path / "films" / name / f"{at}.txt").write_text(f"{name} [b]film {at}\x1b[31m again")
    draft = default_draft().with_dataset(DatasetSpec.at(str(tmp_path / "films")))
    async with bench(NARROW, draft=draft) as here:
        await here.press("5")
        assert "[b]film" in here.text()
        assert "\x1b" not in here.text()


async def test_without_test_samples_there_is_a_sentence(bench: Opener, flats: DatasetSpec) -> None:
    draft = default_draft().with_dataset(flats.with_value("test", 0.0))
    async with bench(NARROW, draft=draft) as here:
        await here.press("5")
        assert "no test samples" in here.words()
        await here.press("n", "x", "m")


def test_several_labels_are_told_by_name() -> None:
    facts = DataFacts(Task.LABELS, (2,), "float32", 0, 1, ("a", "b"), 1, 2)
    outputs = np.array([[0.9, 0.8], [0.1, 0.2]], np.float32)
    shown = TestSamples(DatasetSpec.at("/x"), facts, np.zeros((2, 2)), np.array([[1, 0], [0, 1]]), outputs, 1)
    assert (shown.truth(0), shown.labels(0), shown.predicted_labels(0)) == (None, ("a",), ("a", "b"))
    assert shown.predicted_labels(1) == ()


def test_a_category_without_a_word_is_a_dash() -> None:
    column = Column("district", "category", ("north", "south"))
    assert [column.word(value) for value in (0, 1, 2, 3, float("nan"))] == ["–", "north", "south", "–", "–"]


def test_a_run_shows_the_samples_it_had_though_the_source_has_gone(flats: DatasetSpec) -> None:
    before = loader.load(flats)
    data_info = DataInfo(loader.describe(flats).facts, "flats", kept=loader.source_key(flats))
    Path(flats.path).unlink()
    loader.forget_inspected()
    shown = load_test_samples(flats, data_info=data_info)
    assert np.array_equal(shown.x, before.x_test)


def numbers(outputs: list[float], count: int = 4) -> TestSamples:
    """A regression of which the first samples are predicted."""
    facts = DataFacts(Task.REGRESSION, (2,), "float32", 0, 1, (), 1, count, target="price")
    said, truth = np.array(outputs, np.float32)[:, None], np.arange(count, dtype=np.float32)
    regression = Regression(truth[: len(said)].astype(float), said[:, 0].astype(float))
    return TestSamples(DatasetSpec.at("/x"), facts, np.zeros((count, 2)), truth, said, 1, None, (regression,))


def clothes(outputs: list[list[float]], wrong: list[int], count: int = 4) -> TestSamples:
    """Two classes, all of the first one, of which the first samples are predicted."""
    facts = DataFacts(Task.CLASSES, (2,), "float32", 0, 1, ("boot", "bag"), 1, count)
    x, y = np.zeros((count, 2)), np.zeros(count, int)
    return TestSamples(
        DatasetSpec.at("/x"), facts, x, y, np.array(outputs, np.float32), 1, np.array(wrong, int)
    )


def test_a_number_is_not_called_right_or_wrong() -> None:
    shown = numbers([0.5, 1.0, 1.5])
    assert shown.verdict(0) == (None, "price 0 · predicted 0.5 · 0.5 too high")
    assert shown.verdict(1) == (None, "price 1 · predicted 1 · exact")
    assert shown.verdict(2) == (None, "price 2 · predicted 1.5 · 0.5 too low")
    assert shown.verdict(3) == (None, "price 3")
    assert shown.score_words == "RMSE 0.4082 · MAE 0.3333 · R² 0.750 · the first 3 samples"
    assert not shown.is_predicted(3)


def test_a_class_is_right_or_wrong_and_the_count_says_over_how_many() -> None:
    shown = clothes([[0.9, 0.1], [0.2, 0.8]], [1])
    assert shown.verdict(0) == (True, "predicted boot")
    assert shown.verdict(1) == (False, "predicted bag, true boot")
    assert shown.verdict(2) == (None, "true boot")
    assert shown.score_words == "accuracy 0.5000 · 1 of the first 2 right"
    assert clothes([[0.9, 0.1]] * 4, []).score_words == "accuracy 1.0000 · 4 of 4 right"


def test_several_labels_say_which_are_missed_and_which_are_too_many() -> None:
    facts = DataFacts(Task.LABELS, (2,), "float32", 0, 1, ("a", "b", "c"), 1, 3)
    outputs = np.array([[0.9, 0.1, 0.8], [0.1, 0.2, 0.3], [0.9, 0.2, 0.1]], np.float32)
    truth = np.array([[1, 1, 0], [0, 0, 0], [1, 0, 0]])
    shown = TestSamples(DatasetSpec.at("/x"), facts, np.zeros((3, 2)), truth, outputs, 1, np.array([0]))
    assert shown.verdict(0) == (False, "2 of 3 labels · missed: b · added: c")
    assert shown.verdict(1) == (True, "all labels: none")
    assert shown.verdict(2) == (True, "all labels: a")
    assert shown.score_words == "all labels right in 2 of 3"
    assert [shown.true_labels(at) for at in range(3)] == [(0, 1), (), (0,)]


def test_one_walks_over_the_samples_of_a_cell_of_the_confusion_matrix() -> None:
    shown = clothes([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9], [float("nan"), 0.1]], [1, 2, 3], count=5)
    counts = shown.confusion()
    assert counts is not None
    assert counts.tolist() == [[1, 2], [0, 0]]  # the output that is not finite is of no class
    assert [shown.neighbour(at, 1, (0, 1)) for at in range(5)] == [1, 2, 1, 1, 1]
    assert {shown.any((0, 1)) for _ in range(50)} == {1, 2}
    assert only_words(shown, (0, 1)) == "2 samples of boot predicted as bag · m all again"
    assert place_words(shown, 2, (0, 1)) == "#3 · 2 of 2"
    assert place_words(shown, 2, "mistakes") == "#3 · 2 of 3"
    assert place_words(shown, 2, "all") == "#3 of 5"
    assert shown.neighbour(0, 1, (1, 0)) == 1  # nothing is left of it: all are walked over


def test_one_walks_over_all_samples_predicted_or_not_and_over_mistakes_alone() -> None:
    shown = clothes([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9]], [1, 2], count=5)
    assert [shown.neighbour(at, 1, "all") for at in range(5)] == [1, 2, 3, 4, 0]
    assert [shown.neighbour(at, 1, "mistakes") for at in range(5)] == [1, 2, 1, 1, 1]
    assert [shown.neighbour(at, -1, "mistakes") for at in range(5)] == [2, 2, 1, 2, 2]
    assert {shown.any("mistakes") for _ in range(50)} == {1, 2}


@pytest.mark.parametrize(
    ("text", "index"),
    [("1", 0), (" 10,000 ", 9999), ("#3", 2), ("10_000", 9999), ("0", None), ("10001", None), ("x", None), ("", None), ("-1", None), ("²", None)],
)  # fmt: skip
def test_a_sample_is_found_by_its_number(text: str, index: int | None) -> None:
    assert sample_index(text, 10_000) == index


async def test_number_sign_goes_to_a_sample_that_is_beyond_those_predicted(
    bench: Opener, flats: DatasetSpec
) -> None:
    async with bench(NARROW, draft=default_draft().with_dataset(flats)) as here:
        await here.press("5", "number_sign")
        assert "1 to 12" in here.words()
        await here.type("13")
        await here.press("enter")
        assert "It is a number from 1 to 12." in here.words()
        await here.press("backspace", "2", "enter")
        assert "#12 of 12" in here.text()
        await here.press("home")
        assert "#1 of 12" in here.text()
        await here.press("m")
        assert "The chart comes with the first" in here.words()


async def test_the_points_of_a_regression_can_be_clicked(bench: Opener, flats: DatasetSpec) -> None:
    async with bench(NARROW, draft=default_draft().with_dataset(flats)) as here:
        await here.press("5")
        pane, plot = here.screen.predict_pane, here.screen.query_one(RegressionPlot)
        assert pane.samples is not None
        truth = np.asarray(pane.samples.y, float)
        said = (truth * 0.9).astype(np.float32)[:, None]
        regression = Regression(truth, said[:, 0].astype(float))
        pane.samples = replace(pane.samples, outputs=said, epoch=1, regressions=(regression,))
        pane._draw()
        await here.settle()
        assert "predicted over true" in here.text()
        assert "◉" in here.text()
        highest = int(truth.argmax())
        assert await here.pilot.click(plot, offset=(plot.size.width - 3, 2))
        await here.settle()
        assert pane.at == highest
        await here.press("m")
        assert "predicted - true" in here.text()
        footer = here.text().splitlines()[-1]
        assert ("Plot" in footer, "Mistakes" in footer) == (True, False)


@pytest.mark.parametrize(
    ("width", "lines"),
    [(40, ["#1 of 9 · predicted 12 · 3 too low"]), (30, ["#1 of 9 · predicted 12", "3 too low"]), (9, ["#1 of 9", "predicted 12", "3 too low"])],
)  # fmt: skip
def test_lines_are_broken_between_clauses(width: int, lines: list[str]) -> None:
    text = Text("#1 of 9").append(" · predicted 12", style="bold").append(" · 3 too low", style="bold")
    broken = in_clauses(text, width)
    assert broken.plain.splitlines() == lines
    assert {str(span.style) for span in broken.spans} == {"bold"}


def test_the_foot_drops_what_has_no_room_and_is_never_cut() -> None:
    shown = replace(clothes([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9]], [1, 2], count=5), epoch=3)
    choices = foot_clauses(shown, (0, 1))
    walked, score = (
        "2 samples of boot predicted as bag · m all again",
        "accuracy 0.3333 · 1 of the first 3 right",
    )
    assert fitting(choices, 120).plain == f"{walked} · epoch 3 · {score}"
    assert fitting(choices, 92).plain == f"{walked} · {score}"
    assert fitting(choices, 76).plain == walked
    assert fitting(choices, 52, rows=2).plain.splitlines() == [walked, f"epoch 3 · {score}"]
    assert fitting(foot_clauses(shown, "mistakes"), 40).plain == "only mistakes (2) · m all again"
    assert fitting(foot_clauses(shown, "all"), 76).plain == f"epoch 3 · {score}"


@pytest.mark.parametrize("width", [23, 27, 34, 60])
async def test_a_percentage_is_never_cut(bench: Opener, width: int) -> None:
    async with bench(NARROW) as here:
        await here.press("5")
        bars = here.screen.query_one(ProbBars)
        bars.styles.width = width
        bars.show(("T-shirt/top", "a class with a long name"), (0.497, 1.0), (0,), (1,))
        await here.settle()
        lines = [bars.render_line(row).text.rstrip() for row in range(2)]
    assert [line[-6:] for line in lines] == ["49.7 %", " 100 %"]


async def test_the_first_sample_already_leaves_the_bars_their_room(bench: Opener) -> None:
    async with bench(ROOMY) as here:
        bars = here.screen.query_one(ProbBars)
        assert bars.size.width >= bars.least_width
        assert "T-shirt/top" in here.text().partition("5 Predict")[2]


def test_in_little_room_the_names_of_a_row_give_way_to_its_values() -> None:
    names = ("length of the petal in cm", "width of the petal in cm")
    facts = DataFacts(Task.CLASSES, (2,), "float32", 0, 9, ("a", "b"), 1, 1, features=names)
    assert value_lines(facts, [1.25, 3.5], 14).plain.splitlines() == ["length …  1.25", "width o…  3.5"]


async def test_every_true_label_is_marked_among_the_bars(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("5")
        bars = here.screen.query_one(ProbBars)
        bars.show(("a", "b", "c", "d"), (0.9, 0.2, 0.8, 0.1), (0, 2), (0, 1))
        await here.settle()
        lines = [bars.render_line(row).text[:4] for row in range(4)]
    assert lines == ["▸✓ a", " ✓ b", "▸  c", "   d"]
