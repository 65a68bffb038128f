"""The list of the user's own datasets that were used last."""

from pathlib import Path

from tests.ui.conftest import NARROW, Opener
from tests.ui.datasets.opening import dataset_of
from tuinn.data import loader
from tuinn.spec.dataset import DatasetSpec
from tuinn.ui.datasets import recent_datasets
from tuinn.ui.datasets.dataset_list import DatasetList


async def test_own_data_are_listed_the_next_time_with_their_settings(bench: Opener, flats: Path) -> None:
    async with bench(NARROW) as here:
        await here.press("o")
        await here.paste(str(flats))
        await here.press("enter", "ctrl+u")
        await here.type("rooms")
        await here.press("enter")
    async with bench(NARROW) as here:
        assert "flats.csv" in here.text()
        here.screen.query_one(DatasetList).put_cursor(DatasetSpec.at(str(flats)))
        await here.settle()
        await here.press("enter")
        assert dataset_of(here).target == "rooms"
        await here.press("d")
        assert recent_datasets.recent() == []
    assert loader.describe(DatasetSpec.at(str(flats)))


def test_damaged_entries_of_the_recent_datasets_are_left_out(own_home: Path) -> None:
    own_home.mkdir(parents=True)
    for content in (
        "{",
        "7",
        "[1, null]",
        '[{"path": "/x", "task": "cooking"}]',
        '[{"name": "iris"}]',
        "\xff",
    ):
        (own_home / "recent.json").write_bytes(content.encode("latin-1"))
        assert recent_datasets.recent() == []
    (own_home / "recent.json").write_text('[{}, {"path": "/gone"}]')
    assert recent_datasets.recent() == [DatasetSpec.at("/gone")]


def test_only_the_last_eight_datasets_are_kept(own_home: Path) -> None:
    for at in range(12):
        recent_datasets.remember(DatasetSpec.at(f"/data/{at}"))
    recent_datasets.remember(DatasetSpec.at("/data/7", task="regression"))
    assert [one.path[6:] for one in recent_datasets.recent()] == ["7", "11", "10", "9", "8", "6", "5", "4"]
    assert recent_datasets.recent()[0].task == "regression"
