"""What the predict pane shows of test samples: tables with words, texts, several labels, data that lie in files."""

from pathlib import Path

import numpy as np
import pytest

from tests.ui.conftest import NARROW, Opener
from tuinn.data import loader
from tuinn.runs.folder import DataInfo
from tuinn.spec.dataset import Column, DataFacts, DatasetSpec, Task
from tuinn.spec.presets.catalog import default_draft
from tuinn.ui.workbench.panes.test_samples import TestSamples, load_test_samples


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
