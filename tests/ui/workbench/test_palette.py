"""The palette: what it finds, in which order, and what comes of it."""

import pytest
from textual.command import CommandList

from tests.conftest import Write
from tests.factories import epoch, opening, whole_run
from tests.ui.conftest import NARROW, ROOMY, Opener
from tests.ui.workbench.fake_host import FakeHost
from tuinn.runs.annotations import change_annotations
from tuinn.runs.commands import Stop
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import PRESETS
from tuinn.ui.datasets.dataset_list import DatasetList
from tuinn.ui.dialogs.fit_form import FitForm
from tuinn.ui.dialogs.form import Form
from tuinn.ui.dialogs.help import Help
from tuinn.ui.dialogs.palette import FUZZY_WORD, Palette, PaletteEntry, found
from tuinn.ui.widgets.controls import Options, PagedOptions
from tuinn.ui.workbench import palette_entries
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.ui.workbench.draft_dialogs import DraftDialogs
from tuinn.ui.workbench.layout import LAYERS
from tuinn.ui.workbench.palette_entries import PaletteEntries
from tuinn.ui.workbench.panes.layers import LayersPane
from tuinn.ui.workbench.run_controller import RunController


def entries_of(*titles: str) -> list[PaletteEntry]:
    return [PaletteEntry("kind", title, lambda: None) for title in titles]


def titles(query: str, *among: str) -> list[str]:
    return [entry.title for _, _, entry in found(entries_of(*among), query)]


def test_what_begins_with_the_word_comes_first_and_letters_may_be_left_out() -> None:
    among = ("Fetch: fetch it, or stop fetching", "Stop: stop after this batch", "Runs: the table of runs")
    assert titles("stop", *among)[:2] == [among[1], among[0]]
    assert titles("tbl", *among) == [among[2]]
    assert titles("STOP batch", *among) == [among[1]]
    assert titles("kind table", *among) == [among[2]]
    assert titles("nothing of this", *among) == []


def test_only_so_many_ways_to_place_the_letters_are_tried() -> None:
    hard = "abababababababababababababababababababab" * 5
    assert titles("a" * (FUZZY_WORD + 1), hard) == []
    assert titles("zzz" + "a" * 30, hard) == []


@pytest.fixture
def entries(host: FakeHost, drafts: DraftController, runs: RunController, panes: list[int]) -> PaletteEntries:
    stack = LayersPane()
    return PaletteEntries(drafts, DraftDialogs(host, drafts, stack), runs, panes.append)


@pytest.fixture
def panes() -> list[int]:
    """Panes that were shown, by number."""
    return []


def run(entries: PaletteEntries, title: str) -> None:
    (entry,) = [entry for entry in entries.all() if entry.title.startswith(title)]
    entry.run()


def test_runs_are_found_by_title_or_name_newest_first_and_no_journal_is_read(
    entries: PaletteEntries,
    runs: RunController,
    panes: list[int],
    write_run: Write,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folders = [write_run(whole_run()) for _ in range(3)]
    change_annotations(folders[1], title="wider net")
    monkeypatch.setattr(palette_entries, "MOST_RUNS", 2)
    with monkeypatch.context() as reading:
        reading.setattr(RunFolder, "events", lambda *_: pytest.fail("a journal was read"))
        listed = [entry.title for entry in entries.all() if entry.kind == "run"]
    assert listed == [f"fashion-lab (3) · {folders[2].name}", f"wider net · {folders[1].name}"]
    run(entries, "wider")
    assert runs.run is not None
    assert runs.run.folder == folders[1]
    assert panes == [4]


def test_datasets_presets_and_settings_lead_to_what_they_say(
    host: FakeHost, drafts: DraftController, entries: PaletteEntries, panes: list[int]
) -> None:
    run(entries, "Iris")
    assert (drafts.draft.spec.dataset.name, panes) == ("iris", [1])
    drafts.undo()
    run(entries, "fashion-cnn")
    assert drafts.draft.spec.model == PRESETS["fashion-cnn"]().model
    run(entries, "epochs = ")
    assert host.top(FitForm).first_field == "epochs"


async def test_the_palette_is_whole_shows_the_keys_of_the_pane_first_and_escape_changes_nothing(
    bench: Opener,
) -> None:
    async with bench(NARROW) as here:
        await here.press("2")
        before, focused = here.screen.draft, here.app.focused
        await here.press("ctrl+p")
        here.top(Palette)
        lines = here.text().splitlines()
        assert lines[1].endswith("╮") or "╮" in lines[1]
        (bottom,) = [line for line in lines if "Esc goes back" in line]
        assert "╯" in bottom
        assert all(line.count("│") >= 2 for line in lines[lines.index(bottom) - 5 : lines.index(bottom)])
        assert lines[4].split("│")[-3 if lines[4].count("│") > 3 else 1].split()[:3] == [
            "a",
            "Insert",
            "Add:",
        ]
        await here.type("dense")
        await here.press("escape")
        assert here.app.screen is here.screen
        assert (here.screen.draft, here.app.focused) == (before, focused)
        assert here.screen.tabs.shown == LAYERS


async def test_an_action_a_setting_and_help_are_done_by_enter_however_fast_it_is_typed(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.pilot.press("ctrl+p", *"stop", "enter")
            await here.settle()
            assert folder.commands().read_all() == [Stop()]
            await here.pilot.press("ctrl+p", *"batch_s", "enter")
            await here.settle()
            form = here.top(Form)
            assert form.focused is not None
            assert form.focused.id == "form-batch_size"
            batch = here.screen.draft.spec.fit.batch_size
            await here.press("ctrl+p")  # turns the words of a choice there, as ever
            assert here.app.screen is form
            await here.press("escape")
            await here.press("ctrl+p", *"keys", "space", *"sweep", "enter")
            assert here.top(Help).first == ("sweep",)
            await here.press("escape")
            assert here.screen.draft.spec.fit.batch_size == batch


async def test_two_clicks_beside_the_palette_leave_the_workbench_alone(bench: Opener) -> None:
    async with bench(ROOMY) as here:
        await here.press("ctrl+p")
        palette = here.top(Palette)
        palette.dismiss()
        palette.dismiss()
        await here.settle()
        assert here.app.screen is here.screen


async def test_page_keys_before_the_palette_is_drawn_do_nothing(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("ctrl+p")
        commands = here.top(Palette).query_one(CommandList)
        await here.press("pagedown")
        assert commands.highlighted
        commands.styles.width = 0
        await here.settle()
        await here.press("pagedown", "pageup")
        assert here.app.return_code is None


@pytest.mark.parametrize("kind", [Options, DatasetList])
async def test_page_keys_do_nothing_in_a_list_that_has_no_width(
    bench: Opener, kind: type[PagedOptions]
) -> None:
    async with bench(NARROW) as here:
        rows = kind(id="rows")
        rows.styles.width = 0
        await here.screen.mount(rows)
        rows.add_options(["one", "two"])
        rows.highlighted = 0
        rows.action_page_down()
        rows.action_page_up()
        assert rows.highlighted == 0
