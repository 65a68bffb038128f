"""The table of runs: find, sort, mark, say something, tidy up, attach, draft. Journals are written by hand."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from textual.events import AppBlur

from tests.conftest import Write
from tests.factories import append, ending, epoch, opening, whole_run
from tests.ui.conftest import NARROW, ROOMY, Bench, Opener
from tuinn.data.predictions import save_predictions
from tuinn.runs.annotations import annotations_file, change_annotations, read_annotations
from tuinn.runs.folder import all_runs
from tuinn.runs.maintenance import trash_folder
from tuinn.runs.provenance import COMMAND, write_provenance
from tuinn.spec.presets.catalog import default_draft, iris_lab
from tuinn.ui.runs.comparison_screen import ComparisonScreen
from tuinn.ui.runs.run_table import RunTable
from tuinn.ui.runs.runs_controller import read_columns
from tuinn.ui.runs.runs_screen import RunsScreen
from tuinn.ui.workbench.panes.test_samples import load_test_samples
from tuinn.view.run_comparison import MOST_RUNS


def rows(text: str) -> list[str]:
    """The lines of the table, its head left out."""
    lines = text.splitlines()
    return [line for line in lines[2:] if line[1:4].strip() and "…" not in line[:2]][: len(all_runs())]


async def test_runs_are_listed_live_ones_first_with_what_is_known_of_them(
    bench: Opener, write_run: Write
) -> None:
    live = write_run([*opening(), *epoch(1, 1.0)])
    write_run(whole_run())
    with live.hold_lock():
        async with bench(NARROW) as here:
            await here.press("escape", "l")
            text = here.text()
            assert "2 runs · 1 active" in text
            first, second = rows(text)
            assert "● running" in first
            assert "0.5000" in first
            assert "accuracy" in text.splitlines()[0]
            assert "1/3" in first
            assert "✓ finished" in second
            append(live, *epoch(2, 0.5, 0.75))
            here.app.screen.refresh_rows()  # type: ignore[attr-defined]
            await here.settle()
            assert "0.7500" in rows(here.text())[0]


async def test_typing_filters_and_escape_takes_it_back_one_step_at_a_time(
    bench: Opener, write_run: Write
) -> None:
    write_run(whole_run(), iris_lab())
    change_annotations(write_run(whole_run()), tags=("good",))
    async with bench(NARROW) as here:
        await here.press("l", "slash", *"iris")
        assert "1 of 2 runs" in here.text()
        await here.press("ctrl+u", *"#good")
        assert "1 of 2 runs" in here.text()
        assert "#good" in here.text()
        await here.press("ctrl+u", *"zebra")
        assert "No run has these words" in here.text()
        await here.press("escape")
        assert "2 runs" in here.text()
        assert isinstance(here.app.screen, RunsScreen)
        await here.press("escape")
        assert not isinstance(here.app.screen, RunsScreen)


async def test_columns_sort_by_key_and_by_click(bench: Opener, write_run: Write) -> None:
    for loss, accuracy in ((1.0, 0.5), (0.5, 0.9), (0.7, 0.7)):
        write_run([*opening(), *epoch(1, loss, accuracy), *ending()])
    async with bench(NARROW) as here:
        await here.press("l")

        def column() -> list[str]:
            return [next(word for word in row.split() if word.startswith("0.")) for row in rows(here.text())]

        assert column() == ["0.7000", "0.9000", "0.5000"]
        head = here.text().splitlines()[1]
        await here.pilot.click("#runs-table", offset=(head.index("best") - 1, 0))
        await here.settle()
        assert column() == ["0.9000", "0.7000", "0.5000"]
        assert "best↑" in here.text()
        await here.press("I")
        assert column() == ["0.5000", "0.7000", "0.9000"]
        await here.press("greater_than_sign")
        assert "curve↑" in here.text()
        await here.press("less_than_sign", "s", "S")
        assert "best↑" in here.text()


async def test_title_note_and_tags_are_typed_and_kept(bench: Opener, write_run: Write) -> None:
    folder = write_run(whole_run())
    async with bench(NARROW) as here:
        await here.press("l", "e", *"My run", "enter", "n", *"too fast", "enter", "t", *"a,b", "enter")
        assert "is no tag" in here.text()
        await here.press("ctrl+u", *"good wide", "enter")
        text = here.text()
        assert "✓ finished My run" in text
        assert "#good #wide too fast" in text
        assert folder.name in text
    about = read_annotations(folder)
    assert (about.title, about.note, about.tags) == ("My run", "too fast", ("good", "wide"))


async def test_what_was_said_elsewhere_shows_up_and_a_damaged_file_is_said(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run(whole_run())
    async with bench(NARROW) as here:
        await here.press("l")
        change_annotations(folder, title="From the shell")
        here.app.screen.refresh_rows()  # type: ignore[attr-defined]
        await here.settle()
        assert "From the shell" in here.text()
        annotations_file(folder).write_text("{")
        await here.press("n", *"x", "enter")
        assert "is damaged" in here.text()


async def test_marked_runs_go_to_the_trash_and_come_back(bench: Opener, write_run: Write) -> None:
    kept = write_run(whole_run())
    gone = [write_run(whole_run()), write_run(whole_run())]
    async with bench(NARROW) as here:
        await here.press("l", "space", "space", "d")
        assert "2 runs moved to the trash" in here.text()
        assert [run.name for run in all_runs()] == [kept.name]
        await here.press("u")
        assert "2 runs brought back" in here.text()
        assert len(all_runs()) == 3
        await here.press("u")
        assert "Nothing to bring back" in here.text()
        await here.press("home", "space", "space", "d", "escape")
    async with bench(NARROW) as here:
        await here.press("l", "u")
        assert "T shows the trash (2 runs)" in here.text()
        await here.press("T")
        assert "the trash · 2 runs" in here.text()
        await here.press("enter")
        assert "It is in the trash" in here.text()
        assert {"remove", "restore", "empty"} & set(footer_actions(here)) == {"restore", "empty"}
        await here.press("d")
        assert len(all_runs()) == 2
        assert "the trash · 1 run" in here.text()
        await here.press("E", "enter")
        assert len(all_runs(trash_folder())) == 1
        await here.press("E")
        await here.choose("Remove 1 run")
        assert all_runs(trash_folder()) == []
        await here.press("escape")
        assert "2 runs" in here.text()
    assert {run.name for run in gone} & {run.name for run in all_runs()}


def footer_actions(here: Bench) -> list[str]:
    """The actions of the keys that the footer may show."""
    bindings = [one.binding for one in here.app.screen.active_bindings.values()]
    return [binding.action for binding in bindings if binding.show]


async def test_the_footer_has_title_and_delete_and_messages_the_title(
    bench: Opener, write_run: Write
) -> None:
    change_annotations(write_run(whole_run()), title="My run")
    async with bench(NARROW) as here:
        await here.press("l")
        assert "e Title d Delete" in here.text().splitlines()[-1]
        await here.press("d", "u")
        assert "My run brought back." in here.text()


async def test_a_second_d_in_the_trash_deletes_nothing(bench: Opener, write_run: Write) -> None:
    write_run(whole_run())
    async with bench(NARROW) as here:
        await here.press("l", "d", "T", "d")
        assert "the trash" in here.text()
        await here.press("d")
        assert len(all_runs()) == 1


async def test_a_run_that_trains_stays_where_it_is(bench: Opener, write_run: Write) -> None:
    live = write_run([*opening(), *epoch(1, 1.0)])
    with live.hold_lock():
        async with bench(NARROW) as here:
            await here.press("escape", "l", "d")
            assert "is training. Stop it first" in here.words()
    assert all_runs() == [live]


async def test_pruning_tells_what_it_frees_before_it_does(bench: Opener, write_run: Write) -> None:
    folder = write_run(whole_run())
    async with bench(NARROW) as here:
        await here.press("l", "P")
        assert "no checkpoints to remove" in here.text()
        folder.checkpoints.mkdir()
        folder.last_checkpoint.write_bytes(b"x" * 3000)
        folder.best_checkpoint.write_bytes(b"x" * 2000)
        await here.press("P")
        assert "All but the last, which a run resumes from: 2.0 kB freed" in here.text()
        assert "can't be resumed: 5.0 kB freed" in here.text()
        await here.press("enter")
        assert [path.name for path in folder.checkpoints.iterdir()] == ["last.npz"]


async def test_a_draft_is_made_of_a_run_and_can_be_taken_back(bench: Opener, write_run: Write) -> None:
    write_run(whole_run(), iris_lab())
    async with bench(NARROW) as here:
        before = here.screen.draft.spec
        await here.press("l", "m")
        assert here.screen.draft.spec == iris_lab()
        await here.press("u")
        assert here.screen.draft.spec == before
    assert len(all_runs()) == 1


async def test_the_path_is_copied_and_without_a_desktop_instead_of_opened(
    bench: Opener, write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    folder = write_run(whole_run())
    async with bench(ROOMY) as here:
        await here.press("l", "y")
        assert here.app.clipboard == str(folder.path)
        await here.press("o")
        assert "There is no desktop here" in here.text()


async def test_a_run_is_attached_to_from_the_table(bench: Opener, write_run: Write) -> None:
    write_run(whole_run())
    async with bench(NARROW) as here:
        await here.press("l", "enter")
        assert "✓ finished" in here.text()
        assert "[4 Charts]" in here.text()


async def test_foreign_words_in_titles_and_folders_are_only_shown(bench: Opener, write_run: Write) -> None:
    folder = write_run(whole_run())
    annotations_file(folder).write_text(json.dumps({"title": "[/red] \x1b[31m[b]", "note": "[x](y)\x07"}))
    async with bench(NARROW) as here:
        await here.press("l")
        assert "[/red] [b]" in here.words()
        assert "\x1b" not in here.text()


async def test_of_very_many_marked_runs_only_the_first_are_compared(bench: Opener, write_run: Write) -> None:
    for _ in range(MOST_RUNS + 3):
        write_run([*opening(), *epoch(1, 0.3), *ending("stopped")])
    async with bench() as here:
        await here.press("l", *["space"] * (MOST_RUNS + 3), "c")
        screen = here.app.screen
        assert isinstance(screen, ComparisonScreen)
        assert len(screen.runs) == len(screen.titles) == MOST_RUNS
        assert f"Only the first {MOST_RUNS} of {MOST_RUNS + 3} marked runs are compared." in here.words()


async def test_runs_are_compared_on_one_screen(bench: Opener, write_run: Write) -> None:
    write_run(whole_run(), default_draft().with_fit(learning_rate=0.01))
    write_run([*opening(), *epoch(1, 0.3), *ending("stopped")], default_draft().with_fit(epochs=3))
    write_run(whole_run())
    async with bench(NARROW) as here:
        await here.press("l", "c")
        assert "Mark two runs or more" in here.text()
        await here.press("space", "space", "space", "c")
        here.top(ComparisonScreen)
        text = here.text()
        assert all(sign in text for sign in "●▲■")
        assert "val_loss" in text
        assert "test loss" in text
        assert "learning rate" in text
        assert "epochs  " in text
        assert "fit.seed" not in text
        best = next(line for line in text.splitlines() if line.startswith(" best val_loss"))
        assert best.split()[2:5] == ["0.6600", "0.3300*", "0.6600"]
        await here.press("right", "left")
        assert "@2" in here.text()
        await here.press("m")
        assert "val_accuracy" in here.text().splitlines()[1]
        await here.press("t")
        assert "· training" in here.text()
        await here.press("escape", "escape")
        here.top(RunsScreen)


async def test_more_runs_than_have_room_are_scrolled_sideways(bench: Opener, write_run: Write) -> None:
    for number in range(6):
        change_annotations(write_run(whole_run()), title=f"run {number}")
    async with bench(NARROW) as here:
        await here.press("l", "a", "c")
        assert "2 more" in here.text()
        assert "run 0" not in here.text()
        await here.press("greater_than_sign", "greater_than_sign")
        assert "run 0" in here.text()


@pytest.mark.parametrize("size", [(60, 16), (300, 80)])
async def test_both_screens_are_whole_at_the_ends_of_the_sizes(
    bench: Opener, write_run: Write, size: tuple[int, int]
) -> None:
    for _ in range(3):
        write_run(whole_run())
    async with bench(size) as here:
        await here.press("l")
        assert "✓" in here.text()
        assert "0.5000" in here.text()
        assert "▄▄▄" in here.text()
        await here.press("a", "c")
        assert "epochs" in here.text()
        assert "●" in here.text()
        assert all(len(line) <= size[0] for line in here.text().splitlines())


async def test_a_home_that_cannot_be_read_is_said(bench: Opener, own_home: Path) -> None:
    async with bench(NARROW) as here:
        own_home.mkdir(exist_ok=True)  # noqa: ASYNC240
        (own_home / "runs").write_text("a file where a folder should be")
        await here.press("l")
        assert "cannot be read" in here.text()


async def test_a_dialogue_that_opens_while_the_terminal_is_in_the_background_obeys_keys_later(
    bench: Opener, write_run: Write
) -> None:
    live = write_run([*opening(), *epoch(1, 1.0)])
    async with bench(NARROW) as here:
        here.app.post_message(AppBlur())
        await here.settle()
        with live.hold_lock():
            here.screen.plans.offer_live()
            await here.settle()
            assert "A run is in progress" in here.text()
            await here.press("enter")
            assert "training 1/3" in here.text()


async def test_repeats_are_one_row_until_they_are_unfolded(bench: Opener, write_run: Write) -> None:
    for seed, accuracy in ((1, 0.9), (2, 0.8), (3, 0.7)):
        spec = default_draft().with_fit(seed=seed)
        write_run([*opening(), *epoch(1, 1.0, accuracy), *ending()], spec)
    write_run(whole_run(), default_draft().with_fit(learning_rate=0.01))
    async with bench(NARROW) as here:
        await here.press("l", "down")
        assert "3× fashion-lab" in here.text()
        assert "0.800 ±0.100" in here.text()
        assert "seed 2" not in here.text()
        await here.press("right")
        assert "seed 2" in here.text()
        await here.press("down", "left")
        assert "seed 2" not in here.text()
        assert "3 runs with other seeds" in here.text()
        await here.press("enter", "enter", "space")
        assert "3 marked" in here.text()


async def test_columns_are_chosen_and_remembered(bench: Opener, write_run: Write) -> None:
    write_run(whole_run())
    write_run(whole_run(), default_draft().with_fit(learning_rate=0.01, batch_size=64))
    async with bench(NARROW) as here:
        await here.press("l", "v", *"batch", "space", *["backspace"] * 5, *"test", "space", "enter")
        head = here.text().splitlines()[1]
        assert "test" not in head
        assert "batch size" in head
        assert "learning rate" in head
    assert "batch size" in read_columns()
    async with bench(NARROW) as here:
        await here.press("l")
        assert here.text().splitlines()[1] == head


async def test_the_details_say_why_a_run_failed_and_where_it_came_from(
    bench: Opener, write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    why = "The path /somewhere/far/away/and/deep/below/flowers.csv isn't there any more. Give the path of a file."
    folder = write_run([*opening(), *ending("failed", why)])
    monkeypatch.setenv(COMMAND, "tuinn train flowers.toml")
    write_provenance(folder.path)
    async with bench(NARROW) as here:
        await here.press("l")
        assert "✗" in rows(here.text())[0]
        assert "failed" in rows(here.text())[0]
        assert "Give the path of a file." in here.words()
        assert "$ tuinn train flowers.toml" not in here.text()
        await here.press("i")
        assert "$ tuinn train flowers.toml" in here.text()
        assert "with python" in here.text()
        await here.press("i")
        assert "$ tuinn train" not in here.text()


async def test_what_was_read_while_the_screen_was_taken_down_is_dropped(
    bench: Opener, write_run: Write
) -> None:
    write_run(whole_run())
    async with bench(NARROW) as here:
        await here.press("l")
        screen = here.app.screen
        assert isinstance(screen, RunsScreen)
        read = screen.controller.read()
        await screen.query_one(RunTable).remove()
        screen._store(read)
        assert screen.is_attached


async def test_where_two_networks_differ_is_told_and_the_samples_are_shown(
    bench: Opener, write_run: Write
) -> None:
    truth = load_test_samples(default_draft().dataset).y
    for wrong in (range(40), range(30, 50)):
        said = truth.copy()
        said[list(wrong)] = (said[list(wrong)] + 1) % 10
        folder = write_run(whole_run())
        save_predictions(folder.predictions_file, np.eye(10, dtype=np.float32)[said])
    async with bench(NARROW) as here:
        await here.press("l", "space", "space", "c", "x")
        text = here.words()
        assert "1,000 test samples, 950 of which both get." in text
        assert re.search("alone gets 10 .*alone gets 30 |alone gets 30 .*alone gets 10 ", text)
        assert "neither gets 10" in text, text
        await here.press("down", "down", "enter")
        assert "10 of 1,000 samples" in here.words()
        await here.press("escape", "escape")
        here.top(ComparisonScreen)


async def test_runs_that_have_predicted_nothing_can_not_be_compared_by_samples(
    bench: Opener, write_run: Write
) -> None:
    write_run(whole_run())
    write_run([*opening(), *ending("stopped")])
    async with bench(NARROW) as here:
        await here.press("l", "space", "space", "c", "x")
        assert re.search("has predicted nothing yet|are not here any more", here.words())
