"""The dataset pane: what there is, data of one's own by a path, fetching, and data that are gone."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image
from textual.widgets import Input, Static

from tests.conftest import Write
from tests.data.server import Site, serving
from tests.factories import append, whole_run
from tests.ui.conftest import NARROW, ROOMY, Bench, Opener
from tuinn.data import loader
from tuinn.data.catalog import catalog
from tuinn.data.info import KerasFile
from tuinn.runs.events import DataPrepared, RunStarted
from tuinn.runs.folder import DataInfo, all_runs
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.presets.catalog import default_draft
from tuinn.ui.datasets import dataset_list
from tuinn.ui.datasets.dataset_list import DatasetList
from tuinn.ui.datasets.options_form import DatasetOptionsForm
from tuinn.ui.datasets.path_dialog import PathDialog

NASTY = ("ca[bold]t", "d\x1b[31mog", "🏠 house")
"""Class names that a terminal or a markup would obey."""


@pytest.fixture(autouse=True)
def fresh_looks() -> None:
    loader.forget_inspected()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Three classes of four small colour images."""
    rng = np.random.default_rng(1)
    for name in NASTY:
        folder = tmp_path / "my photos [x]" / name
        folder.mkdir(parents=True)
        for at in range(4):
            Image.fromarray(rng.integers(0, 255, (8, 8, 3), np.uint8)).save(folder / f"{at}.png")
    return tmp_path / "my photos [x]"


@pytest.fixture
def flats(tmp_path: Path) -> Path:
    """A table with a price at its end."""
    rows = [f"{at % 7},{at * 1.5},{'north' if at % 2 else 'south'},{1000 * at + at % 13}" for at in range(60)]
    file = tmp_path / "flats.csv"
    file.write_text("rooms,area,district,price\n" + "\n".join(rows) + "\n")
    return file


async def use(here: Bench, path: Path) -> None:
    """Open this path, and take what was understood."""
    await here.press("o")
    await here.paste(str(path))
    await here.press("enter")
    assert isinstance(here.app.screen, DatasetOptionsForm), here.words()
    await here.press("enter")


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def dataset(here: Bench) -> DatasetSpec:
    return here.screen.draft.spec.dataset


# ------------------------------------------------------------------------------------------------- the catalogue


async def test_the_list_tells_what_is_here_and_what_has_to_be_fetched(bench: Opener) -> None:
    async with bench(NARROW) as here:
        lines = [line[2:22].strip() for line in here.text().splitlines()]
        assert (
            lines.index("here") < lines.index("Iris") < lines.index("to be fetched") < lines.index("↓ MNIST")
        )
        assert lines.index("↓ MNIST") < lines.index("your own")


async def test_a_dataset_shows_task_shape_counts_size_licence_and_publisher(bench: Opener) -> None:
    async with bench(NARROW) as here:
        for word in (
            *(
                "single-label classification",
                "28 × 28 uint8",
                "5,000 train · 1,000 test",
                "10 classes, 500 each",
            ),
            *("MB, bundled", "licence MIT", "Zalando SE", "Photos of clothes"),
        ):
            assert word in here.words()


async def test_a_dataset_that_is_not_here_is_no_reason_to_stop_building(bench: Opener) -> None:
    async with bench(NARROW) as here:
        here.screen.query_one(DatasetList).put_cursor(DatasetSpec("mnist"))
        await here.settle()
        assert "11.5 MB, to be fetched: g" in here.words()
        await here.press("enter")
        assert dataset(here) == DatasetSpec("mnist")
        assert "is not here yet" in here.words()
        await here.press("r")
        assert all_runs() == []
        await here.press("f")
        assert dataset(here).name == "digits"


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch):
    """Put California housing at this address."""

    def put(url: str, content: bytes) -> None:
        import hashlib

        file = KerasFile("california_housing.npz", url, len(content), hashlib.sha256(content).hexdigest())
        changed = [
            replace(one, files=(file,)) if one.name == "california_housing" else one
            for one in catalog.DATASETS
        ]
        monkeypatch.setattr(catalog, "DATASETS", tuple(changed))

    return put


async def fetched(here: Bench) -> None:
    """Until nothing is fetched any more."""
    from tuinn.ui.datasets.download_status import DownloadStatus

    for _ in range(500):
        await here.pilot.pause(0.01)
        if not here.screen.query_one(DownloadStatus).name_fetched:
            break
    await here.settle()


async def test_what_is_not_here_is_fetched_by_a_key_and_can_be_trained_on(
    bench: Opener, offer, tmp_path: Path
) -> None:
    rng = np.random.default_rng(3)
    np.savez(tmp_path / "c.npz", x=rng.random((20_640, 8)).astype("f4"), y=rng.random(20_640).astype("f4"))
    content = (tmp_path / "c.npz").read_bytes()
    with serving(Site(content)) as site:
        offer(site.url, content)
        async with bench(NARROW) as here:
            here.screen.query_one(DatasetList).put_cursor(DatasetSpec("california_housing"))
            await here.settle()
            await here.press("enter", "g")
            await fetched(here)
            assert "to be fetched: g" not in here.words()
            assert "longitude" in here.text()
            assert here.screen.draft.error is None


async def test_a_fetch_can_be_stopped_and_what_came_is_kept(bench: Opener, offer, own_keras: Path) -> None:
    with serving(Site(bytes(400_000), gate=threading.Event())) as site:
        offer(site.url, bytes(400_000))
        async with bench(NARROW) as here:
            here.screen.query_one(DatasetList).put_cursor(DatasetSpec("california_housing"))
            await here.settle()
            await here.press("g")
            assert site.half_sent.wait(10)
            await here.press("g")
            assert site.gate is not None
            site.gate.set()
            await fetched(here)
            assert "to be fetched: g" in here.words()
    assert [Path(name).suffix for name in names_in(own_keras)] == [".part"]


async def test_offline_a_sentence_names_file_address_and_folder_and_offers_what_is_here(
    bench: Opener, offer, own_keras: Path
) -> None:
    offer("http://127.0.0.1:9/california_housing.npz", b"x")
    async with bench((200, 60)) as here:
        here.screen.query_one(DatasetList).put_cursor(DatasetSpec("california_housing"))
        await here.settle()
        await here.press("g")
        await fetched(here)
        words = str(here.screen.query_one("#dataset-facts", Static).content)
        for word in (
            *("no connection", "http://127.0.0.1:9/california_housing.npz"),
            *(str(own_keras), "Diabetes is here"),
        ):
            assert word in words


# --------------------------------------------------------------------------------------------- data of one's own


async def test_a_typed_path_is_recognised_shown_and_used(bench: Opener, photos: Path) -> None:
    async with bench(NARROW) as here:
        await here.press("o")
        await here.type(str(photos))
        await here.press("enter")
        assert "binary" not in here.words()
        assert "3 classes · 8 × 8 × 3 uint8" in here.words()
        await here.press("enter")
        assert dataset(here).path == str(photos)
        assert (dataset(here).kind, dataset(here).image_size, dataset(here).color_mode) == (
            "images",
            (8, 8),
            "rgb",
        )
        assert here.screen.draft.error is None
        assert "● my photos [x]" in here.text()
        assert "ca[bold]t" in here.text()
        assert "\x1b" not in here.text()


async def test_names_in_brackets_stand_in_titles_as_they_are(bench: Opener, tmp_path: Path) -> None:
    file = tmp_path / "a [b] [red]c.csv"
    file.write_text("[/x],y\n" + "\n".join(f"{at},{at * 37 % 101}" for at in range(40)))
    async with bench(NARROW) as here:
        await here.press("o")
        await here.paste(str(file))
        await here.press("enter")
        assert "a [b] [red]c.csv: what was understood" in here.text()
        await here.press("enter", "v", "3")
        assert "[/x]" in here.text()
        await here.press("escape", "r")
        assert "csv" in here.text()


async def test_a_path_dropped_on_the_window_is_looked_at_whatever_has_the_focus(
    bench: Opener, flats: Path
) -> None:
    async with bench(ROOMY) as here:
        for pane in "1234":
            await here.press(pane)
            await here.paste(f"'{flats}' ")
            assert isinstance(here.app.screen, DatasetOptionsForm), pane
            assert "the target is price" in here.words()
            await here.press("escape")
        assert dataset(here) == default_draft().dataset


async def test_what_was_understood_can_be_changed_and_what_follows_is_shown(
    bench: Opener, flats: Path
) -> None:
    async with bench(NARROW) as here:
        await here.press("o")
        await here.paste(str(flats))
        await here.press("enter")
        assert "→ regression · 3 columns" in here.words()
        await here.press("ctrl+u")
        await here.type("district")
        assert "→ binary classification · 2 classes · 3 columns" in here.words()
        await here.press("enter")
        assert (dataset(here).target, dataset(here).task) == ("district", "binary")
        assert here.screen.draft.error is None


async def test_an_answer_that_the_data_do_not_allow_is_not_taken(bench: Opener, flats: Path) -> None:
    async with bench(NARROW) as here:
        await here.press("o")
        await here.paste(str(flats))
        await here.press("enter", "ctrl+u")
        await here.type("nothing")
        await here.press("enter")
        assert isinstance(here.app.screen, DatasetOptionsForm)
        assert "✗" in here.text()
        assert "nothing" in here.words()
        await here.press("escape")
        assert dataset(here) == default_draft().dataset


@pytest.mark.parametrize(
    ("typed", "said"),
    [("/no/such/place", "isn't there"), ("", "Type the path"), ("file://server/x", "another machine")],
)
async def test_a_path_that_is_no_good_is_told_and_can_be_typed_again(
    bench: Opener, typed: str, said: str
) -> None:
    async with bench(NARROW) as here:
        await here.press("o")
        await here.type(typed)
        await here.press("enter")
        assert isinstance(here.app.screen, PathDialog)
        assert said in here.words()


async def test_tab_completes_a_path_and_lists_what_it_could_be(
    bench: Opener, photos: Path, flats: Path
) -> None:
    async with bench(NARROW) as here:
        await here.press("o")
        await here.paste(f"{flats.parent}/my")
        await here.press("tab")
        assert here.app.screen.query_one(Input).value == f"{photos}/"
        await here.press("tab")
        assert "🏠 house/" in here.text()


async def test_own_data_are_in_the_list_the_next_time_with_what_was_changed(
    bench: Opener, flats: Path
) -> None:
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
        assert dataset(here).target == "rooms"
        await here.press("d")
        assert dataset_list.recent() == []
    assert loader.describe(DatasetSpec.at(str(flats)))


def test_what_can_not_be_read_of_the_recent_paths_is_passed_over(own_home: Path) -> None:
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
        assert dataset_list.recent() == []
    (own_home / "recent.json").write_text('[{}, {"path": "/gone"}]')
    assert dataset_list.recent() == [DatasetSpec.at("/gone")]


def test_recent_paths_are_kept_only_so_many_the_last_first(own_home: Path) -> None:
    for at in range(12):
        dataset_list.remember(DatasetSpec.at(f"/data/{at}"))
    dataset_list.remember(DatasetSpec.at("/data/7", task="regression"))
    assert [one.path[6:] for one in dataset_list.recent()] == ["7", "11", "10", "9", "8", "6", "5", "4"]
    assert dataset_list.recent()[0].task == "regression"


async def test_the_share_to_validate_on_can_be_changed_for_any_dataset(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("e", "ctrl+u")
        await here.type("0.25")
        await here.press("enter")
        assert dataset(here) == DatasetSpec("fashion_mnist_mini", validation=0.25)


@pytest.fixture
def dull(tmp_path: Path) -> Path:
    """A table with a column that is always the same."""
    file = tmp_path / "dull.csv"
    file.write_text("size,same,price\n" + "\n".join(f"{at * 7 % 31},5,{at * 37 % 101}" for at in range(60)))
    return file


async def test_what_is_odd_about_the_data_is_said_before_training(bench: Opener, dull: Path) -> None:
    async with bench(NARROW) as here:
        await use(here, dull)
        assert "! " in here.text()
        assert any("same" in finding.message for finding in here.screen.draft.facts.findings)
        await here.press("f")
        assert "same" in dataset(here).ignore


# ---------------------------------------------------------------------------------------------- data that are gone


async def test_a_draft_whose_path_has_gone_opens_with_a_sentence_and_a_remedy(bench: Opener) -> None:
    draft = default_draft().with_dataset(DatasetSpec.at("/no/such/[/b]photos"))
    async with bench(NARROW, draft=draft) as here:
        assert "data not found" in here.text()
        assert "isn't there" in here.words()
        for key in ("2", "3", "4", "5", "1", "v", "e"):
            await here.press(key)
        await here.press("r")
        assert all_runs() == []
        await here.press("w", "escape", "t", "escape", "f")
        assert dataset(here).name == "fashion_mnist_mini"
        assert here.screen.draft.error is None


async def test_a_run_whose_data_have_gone_is_shown_as_it_was(bench: Opener, write_run: Write) -> None:
    spec = default_draft().with_dataset(DatasetSpec.at("/no/such/photos"))
    folder = write_run(whole_run(), spec)
    facts = DataFacts(Task.CLASSES, (28, 28), "uint8", 0, 255, tuple("0123456789"), 5000, 1000)
    folder.facts_file.write_bytes(msgspec.json.encode(DataInfo(facts, "Photos of mine")))
    async with bench(NARROW, run=folder) as here:
        assert "131,460 parameters" in here.text()
        await here.press("5", "3")
        assert "28 × 28" in here.text()
        await here.press("1", "r")
        assert len(all_runs()) == 1


async def test_data_that_go_while_one_builds_are_missed_at_the_run_key(bench: Opener, photos: Path) -> None:
    async with bench(NARROW) as here:
        await use(here, photos)
        shutil.rmtree(photos)
        await here.press("r")
        assert all_runs() == []
        assert "isn't there" in here.words()


async def test_data_that_come_back_are_found_by_a_key(bench: Opener, flats: Path) -> None:
    content = flats.read_text()  # noqa: ASYNC240 - a test may
    flats.unlink()  # noqa: ASYNC240
    draft = default_draft().with_dataset(DatasetSpec.at(str(flats)))
    async with bench(NARROW, draft=draft) as here:
        assert "data not found" in here.text()
        flats.write_text(content)  # noqa: ASYNC240
        await here.press("a")
        assert "data not found" not in here.text()
        assert "price" in here.text()


async def test_preparing_is_told_in_the_status_line(bench: Opener, write_run: Write, flats: Path) -> None:
    spec = default_draft().with_dataset(DatasetSpec.at(str(flats)))
    folder = write_run((), spec)
    append(
        folder,
        RunStarted(at=100, run="by-hand", host="box", pid=1, tuinn="0.1.0", epochs=3),
        DataPrepared(at=101, done=1200, total=20000, what="images"),
    )
    async with bench(ROOMY, run=folder) as here:
        here.screen.run.state = here.screen.run.state.RUNNING
        here.screen.show_run()
        await here.settle()
        assert "preparing 1,200 of 20,000 images" in here.text()
