"""The dataset pane: the list, downloads, and data that are gone."""

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest
from textual.widgets import Static

from tests.conftest import Write
from tests.data.server import Site, serving
from tests.factories import append, epoch, opening, whole_run
from tests.ui.conftest import NARROW, ROOMY, Bench, Opener
from tests.ui.datasets.opening import dataset_of, use_path
from tuinn.data.catalog import catalog
from tuinn.data.info import DatasetInfo, KerasFile
from tuinn.runs.events import DataPrepared, RunStarted
from tuinn.runs.folder import DataInfo, all_runs
from tuinn.runs.state import RunState
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.presets.catalog import PRESETS, default_draft
from tuinn.ui.app import TuinnApp
from tuinn.ui.datasets.dataset_list import DatasetList
from tuinn.ui.datasets.viewer import DatasetViewer
from tuinn.ui.workbench.panes import dataset as pane
from tuinn.view.draft import entry_of

Offer = Callable[[str, bytes], None]


def names_in(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


async def test_the_list_shows_what_is_here_and_what_has_to_be_fetched(bench: Opener) -> None:
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


async def test_a_draft_can_use_a_dataset_that_is_not_here_yet(bench: Opener) -> None:
    async with bench(NARROW) as here:
        here.screen.query_one(DatasetList).put_cursor(DatasetSpec("mnist"))
        await here.settle()
        assert "11.5 MB, to be fetched: g" in here.words()
        await here.press("enter")
        assert dataset_of(here) == DatasetSpec("mnist")
        assert "is not here yet" in here.words()
        await here.press("r")
        assert all_runs() == []
        await here.press("f")
        assert dataset_of(here).name == "digits"


@pytest.fixture
def offer(monkeypatch: pytest.MonkeyPatch) -> Offer:
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
        if not here.screen.query_one(DownloadStatus).downloading:
            break
    await here.settle()


async def test_a_missing_dataset_is_fetched_by_a_key_and_can_be_trained_on(
    bench: Opener, offer: Offer, tmp_path: Path
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


async def test_a_stopped_download_keeps_what_has_arrived(
    bench: Opener, offer: Offer, own_keras: Path
) -> None:
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
    bench: Opener, offer: Offer, own_keras: Path
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


@pytest.fixture
def dull(tmp_path: Path) -> Path:
    """A table with a column that is always the same."""
    file = tmp_path / "dull.csv"
    file.write_text("size,same,price\n" + "\n".join(f"{at * 7 % 31},5,{at * 37 % 101}" for at in range(60)))
    return file


async def test_findings_in_the_data_are_shown_before_training(bench: Opener, dull: Path) -> None:
    async with bench(NARROW) as here:
        await use_path(here, dull)
        assert "! " in here.text()
        assert any("same" in finding.message for finding in here.screen.draft.facts.findings)
        await here.press("f")
        assert "same" in dataset_of(here).ignore


async def test_a_draft_whose_path_is_gone_opens_with_an_explanation_and_a_fix(bench: Opener) -> None:
    draft = default_draft().with_dataset(DatasetSpec.at("/no/such/[/b]photos"))
    async with bench(NARROW, draft=draft) as here:
        assert "data not found" in here.text()
        assert "isn't there" in here.words()
        for key in ("2", "3", "4", "5", "1", "v", "e"):
            await here.press(key)
        await here.press("r")
        assert all_runs() == []
        await here.press("w", "escape", "t", "escape", "f")
        assert dataset_of(here).name == "fashion_mnist_mini"
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


async def test_data_deleted_while_editing_are_noticed_at_the_run_key(bench: Opener, photos: Path) -> None:
    async with bench(NARROW) as here:
        await use_path(here, photos)
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


async def test_preparing_data_is_shown_in_the_status_line(
    bench: Opener, write_run: Write, flats: Path
) -> None:
    spec = default_draft().with_dataset(DatasetSpec.at(str(flats)))
    folder = write_run((), spec)
    append(
        folder,
        RunStarted(at=100, run="by-hand", host="box", pid=1, tuinn="0.1.0", epochs=3),
        DataPrepared(at=101, done=1200, total=20000, what="images"),
    )
    async with bench(ROOMY, run=folder) as here:
        assert here.screen.run is not None
        here.screen.run.state = RunState.RUNNING
        here.screen.show_run()
        await here.settle()
        assert "preparing 1,200 of 20,000 images" in here.text()


async def test_the_viewer_opens_while_the_dataset_is_still_being_read_and_takes_the_keys_that_follow(
    bench: Opener, write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = threading.Event()

    def slowly(dataset: DatasetSpec) -> DatasetInfo:
        read.wait(30)
        return entry_of(dataset)

    monkeypatch.setattr(pane, "entry_of", slowly)
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        app = TuinnApp(run=folder)
        async with app.run_test(size=NARROW) as pilot:
            try:
                await pilot.press("1", "v", "s")
                assert isinstance(app.screen, DatasetViewer)
            finally:
                read.set()
            here = Bench(app, pilot)
            await here.settle()
            assert "Fashion-MNIST mini" in here.text()
            assert "1 to 25 of 5,000" in here.text()
    assert folder.commands().read_all() == []


async def test_of_the_numbers_of_columns_each_is_whole_or_left_out(bench: Opener, write_run: Write) -> None:
    folder = write_run(whole_run(), PRESETS["diabetes-regression"]())
    async with bench(ROOMY, run=folder) as here:
        await here.press("1")
        assert any(
            {"min", "mean", "max"} <= set(line.split("│")[1].split())
            for line in here.text().splitlines()
            if "│" in line
        )
        await here.press("5")
        rows = [
            line.split("│")[1].split()
            for line in here.text().splitlines()
            if line[2:8] in ("column", "age   ")
        ]
        assert rows == [["column", "min", "max"], ["age", "19", "79"]]
