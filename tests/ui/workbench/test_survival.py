"""What a screen shows when the folder goes from under its run, when a journal is long, and when two look at once."""

import shutil
from pathlib import Path

import msgspec
import pytest

from tests.conftest import Write
from tests.factories import append, ending, epoch, opening, whole_run
from tests.ui.conftest import NARROW, Opener
from tuinn.runs.annotations import read_annotations
from tuinn.runs.commands import Pause
from tuinn.runs.events import EpochEnded, Paused
from tuinn.ui.runs import comparison_screen
from tuinn.ui.workbench import run_controller


@pytest.mark.parametrize("how", ["deleted", "renamed"])
async def test_a_run_folder_that_goes_away_is_said_and_its_curves_stay(
    bench: Opener, write_run: Write, how: str
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            assert "training 1/3" in here.text()
            if how == "deleted":
                shutil.rmtree(folder.path)
            else:
                folder.path.rename(folder.path.with_name("elsewhere"))
            await here.tick()
            assert "✗ gone" in here.text()
            assert "The run's folder is gone" in here.text()
            assert "val 1.1000" in here.text()
            await here.press("z", "enter")
            assert "cannot be written" in here.words() or "gone" in here.words()
            await here.press("l")
            assert "There are no runs yet" in here.text() or how == "renamed"


async def test_a_run_folder_that_comes_back_goes_on(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    elsewhere = folder.path.with_name("elsewhere")
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            folder.path.rename(elsewhere)
            await here.tick()
            assert "✗ gone" in here.text()
            elsewhere.rename(folder.path)
            append(folder, *epoch(2, 0.5))
            await here.tick()
            assert "training 2/3" in here.text()


async def test_a_journal_that_cannot_be_read_is_said_and_breaks_nothing(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            folder.events_file.unlink()
            folder.events_file.mkdir()
            await here.tick()
            assert "✗ unreadable" in here.text()
            assert "events.jsonl cannot be read" in here.words()


async def test_a_folder_that_cannot_be_written_refuses_orders_and_notes_in_a_sentence(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    folder.commands_file.mkdir()
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("4", "space")
            assert "The worker cannot be reached" in here.words()
            assert "training 1/3" in here.text()


async def test_a_long_journal_is_read_in_slices_and_ends_in_the_same_picture(
    bench: Opener, write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    epochs = [event for number in range(1, 400) for event in epoch(number, 1.0 / number)]
    folder = write_run([*opening(epochs=399), *epochs, *ending()])
    async with bench(NARROW, run=folder) as here:
        whole = here.text()
    monkeypatch.setattr(run_controller, "READ_AT_ONCE", 0)
    monkeypatch.setattr(comparison_screen, "READ_AT_ONCE", 0)
    async with bench(NARROW, run=folder) as here:
        assert here.screen.run is not None
        assert not here.screen.runs.reading
        assert here.text() == whole
        write_run(whole_run())
        await here.press("l", "a", "c")
        await here.settle()
        assert "399/399" in here.text()


async def test_another_run_asked_for_while_a_long_one_is_read_takes_its_place(
    bench: Opener, write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = write_run(whole_run())
    long = write_run([*opening(epochs=900), *(event for n in range(1, 900) for event in epoch(n, 1.0))])
    monkeypatch.setattr(run_controller, "READ_AT_ONCE", 0)
    async with bench(NARROW) as here:
        here.screen.runs.attach(long.name)
        here.screen.runs.attach(short.name)
        await here.settle()
        assert here.screen.run is not None
        assert here.screen.run.folder == short
        assert "finished" in here.text()


async def test_two_screens_on_one_run_see_the_same_and_spoil_nothing(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as one, bench(NARROW, run=folder) as two:
            await one.press("4", "space")
            await two.press("4")
            append(folder, Paused(at=200, epoch=1, step=36))
            for screen in (one, two):
                screen.app.clear_notifications()
                await screen.tick()
            assert "paused" in one.text()
            assert one.text() == two.text()
            await one.press("l", "e", *"first", "enter")
            await two.press("l", "n", *"second", "enter")
    about = read_annotations(folder)
    assert (about.title, about.note) == ("first", "second")
    asked = folder.commands()
    assert asked.read_all() == [Pause()]
    assert asked.skipped == 0


async def test_a_clock_that_is_set_back_shows_no_time_below_zero(bench: Opener, write_run: Write) -> None:
    back = [msgspec.structs.replace(event, at=event.at - 90_000) for event in epoch(2, 0.5)]
    folder = write_run([*opening(), *epoch(1, 1.0), *back])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            assert isinstance(back[-2], EpochEnded)
            assert "training 2/3" in here.text()
            assert "-" not in here.text().splitlines()[3]
            assert "-" not in here.text().splitlines()[4]


async def test_the_home_itself_may_go_away(bench: Opener, write_run: Write, own_home: Path) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    async with bench(NARROW, run=folder) as here:
        shutil.rmtree(own_home)
        await here.tick()
        assert "✗ gone" in here.text()
        await here.press("l")
        assert "There are no runs yet" in here.text()


async def test_moving_between_panes_leaves_nothing_behind(bench: Opener) -> None:
    async with bench(NARROW) as here:
        widgets = len(here.screen.query("*"))
        for key in "23232":
            await here.press(key)
        assert len(here.screen.query("*")) == widgets
