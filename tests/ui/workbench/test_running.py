"""Start, watch, leave, attach. The runs are journals written by hand."""

import os
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Write
from tests.factories import append, ending, epoch, opening, whole_run
from tests.ui.conftest import NARROW, ROOMY, Opener
from tuinn.data import loader
from tuinn.runs.commands import Predict, PredictTest, Stop
from tuinn.runs.config import config_file
from tuinn.runs.events import Noted, PictureAnswered, Predicted, RunEnded
from tuinn.runs.folder import RunFolder, all_runs
from tuinn.runs.worker_record import begin_record
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.presets.catalog import default_draft
from tuinn.ui.dialogs.confusion_matrix import ConfusionMatrix
from tuinn.ui.widgets.picture import Picture
from tuinn.ui.workbench.panes.test_samples import load_test_samples
from tuinn.view.draft import Draft


async def test_the_run_key_makes_a_folder_with_the_draft_and_starts_a_worker(
    bench: Opener, idle_worker: list[subprocess.Popen[bytes]]
) -> None:
    async with bench(NARROW) as here:
        await here.press("r")
        (folder,) = all_runs()
        assert folder.spec() == default_draft()
        assert len(idle_worker) == 1
        assert "[4 Charts]" in here.text()
        assert "starting TensorFlow" in here.text()


async def test_a_reopened_run_on_data_of_ones_own_fills_every_pane(
    bench: Opener, write_run: Write, tmp_path: Path
) -> None:
    (tmp_path / "flats.csv").write_text(
        "rooms,price\n" + "\n".join(f"{at % 7},{at}" for at in range(60)) + "\n"
    )
    flats = DatasetSpec.at(str(tmp_path / "flats.csv"))
    folder = write_run(whole_run(), Draft(default_draft()).on(flats).spec)
    async with bench(ROOMY) as here:
        here.screen.runs.attach(folder.name)
        await here.settle()
        text = here.text()
        assert "run flats.csv" in text.splitlines()[0]
        assert "1 Dataset · flats.csv" in text
        assert "Fashion-MNIST" not in text
        await here.press("r")
        assert [run.spec() for run in all_runs()] == [folder.spec(), folder.spec()]


async def test_a_second_run_is_not_started_over_one_that_is_on(bench: Opener) -> None:
    async with bench() as here:
        await here.press("r", "r")
        assert len(all_runs()) == 1
        assert "A run is already in progress" in here.text()


async def test_charts_and_numbers_follow_the_journal(bench: Opener, write_run: Write) -> None:
    folder = write_run(opening())
    with folder.hold_lock():
        async with bench(ROOMY, run=folder) as here:
            append(folder, *epoch(1, 1.0), *epoch(2, 0.5))
            await here.tick()
            text = here.text()
            assert "training 2/3" in text
            assert "val 0.5500" in text
            assert "●" in text
            assert "CPU · 2 cores" in text
            append(folder, *epoch(3, 0.4), *ending())
            await here.tick()
            assert "test loss 0.5200  accuracy 0.8100" in here.text()


async def test_a_finished_run_is_shown_as_it_ended(bench: Opener, write_run: Write) -> None:
    async with bench(NARROW, run=write_run(whole_run())) as here:
        assert "✓ finished" in here.text()
        assert "3/3" in here.text()


async def test_a_loss_that_is_not_finite_is_said_in_the_status_and_on_the_chart(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0), *epoch(2, None)])
    with folder.hold_lock():
        async with bench(ROOMY, run=folder) as here:
            assert "loss not finite" in here.text()
            assert "✗ not finite in epoch 2" in here.text()


async def test_a_failed_run_says_why_whatever_the_words_hold(bench: Opener, write_run: Write) -> None:
    end = RunEnded(at=120, outcome="failed", message="OOM on [/device:GPU:0] \x1b[31m. Halve batch_size.")
    async with bench(NARROW, run=write_run([*opening(), end])) as here:
        assert "OOM on [/device:GPU:0]" in here.text()
        assert "Halve batch_size" in here.text()
        assert "✗ failed" in here.text()


async def test_a_worker_that_is_gone_is_called_lost_and_its_charts_stay(
    bench: Opener, write_run: Write
) -> None:
    async with bench(NARROW, run=write_run([*opening(), *epoch(1, 1.0)])) as here:
        assert "✗ lost" in here.text()
        assert "The worker ended without saying why" in here.text()
        assert "val 1.1000" in here.text()


async def test_a_warning_from_the_worker_is_shown(bench: Opener, write_run: Write) -> None:
    note = Noted(message="The loss is not a number from epoch 2 on.", level="warning")
    folder = write_run([*opening(), *epoch(1, 1.0), note])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            assert "not a number from epoch 2" in here.text()


async def test_the_stop_key_asks_the_worker(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(run=folder) as here:
            await here.press("s")
    assert folder.commands().read_all() == [Stop()]


async def test_a_worker_that_gives_no_sign_of_life_is_told_with_the_command_that_ends_it(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    begin_record(folder.path, folder.log_file)
    folder.heartbeat_file.write_text("60")
    os.utime(folder.heartbeat_file, (0, 0))
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            assert f"It ends after: kill -9 {os.getpid()}" in " ".join(here.text().replace("│", " ").split())
            await here.press("s")
            assert "Stopping after this batch" not in here.text()
    assert folder.commands().read_all() == []


async def test_what_is_announced_is_not_on_the_screen_any_more_once_it_has_happened(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("s")
            await here.tick()
            assert "Stopping after this batch" in here.text()
            append(folder, *ending("stopped"))
            await here.tick()
            assert "Stopping after this batch" not in here.text()
            assert "z resumes it where it stopped, 5 its predictions" in here.text()
            await here.press("5")
            assert "z resumes it where it stopped, l all runs" in here.text()


async def test_a_first_screen_tells_of_earlier_runs(bench: Opener, write_run: Write) -> None:
    write_run(whole_run())
    write_run(whole_run())
    async with bench(NARROW) as here:
        assert "l shows your 2 earlier runs; r trains this network" in here.text()


async def test_stopping_nothing_says_so(bench: Opener) -> None:
    async with bench() as here:
        await here.press("s")
        assert "No run is in progress." in here.text()


@pytest.mark.parametrize(
    ("keys", "asked", "left"),
    [(["enter"], [], True), (["down", "enter"], [Stop()], True), (["down", "down", "enter"], [], False)],
    ids=["keep it running", "stop and save", "stay"],
)
async def test_leaving_while_a_run_is_on_asks(
    bench: Opener, write_run: Write, keys: list[str], asked: list[Stop], left: bool
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("q")
            assert "Quit while a run is in progress?" in here.text()
            await here.pilot.press(*keys)
            await here.pilot.pause()
            assert (here.app._exit is True) == left
            assert (folder.name in here.app.farewell) == left
    assert folder.commands().read_all() == asked


async def test_a_run_that_went_on_is_offered_and_taken_up(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW) as here:
            assert "A run is in progress" in here.text()
            await here.press("enter")
            assert "training 1/3" in here.text()
            assert here.screen.run is not None
            assert here.screen.run.folder == folder


async def test_the_offer_can_be_declined(bench: Opener, write_run: Write) -> None:
    folder = write_run(opening())
    with folder.hold_lock():
        async with bench(NARROW) as here:
            await here.press("escape")
            assert here.screen.run is None
            assert "ready" in here.text()


async def test_two_screens_on_one_run_show_the_same_and_both_can_ask(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(ROOMY, run=folder) as one:
            first = one.text()
            await one.press("s")
        async with bench(ROOMY, run=folder) as two:
            assert two.text() == first
            await two.press("s")
    assert folder.commands().read_all() == [Stop(), Stop()]


async def test_the_list_of_runs_passes_over_what_is_half_written_and_calls_what_is_newer_damaged(
    bench: Opener, write_run: Write
) -> None:
    newer = write_run()
    newer.spec_file.write_text("[hologram]\n")
    good = write_run(whole_run())
    empty = RunFolder(good.path.with_name("20990101-000000-x"))
    empty.path.mkdir()
    async with bench(NARROW) as here:
        await here.press("l")
        assert "2 runs" in here.text()
        assert good.name in here.text()
        await here.press("down")
        assert any("?" in line and "damaged" in line for line in here.text().splitlines())
        assert "hologram: is not a table of a spec" in here.words()
        await here.press("enter")
        assert "Runs · 2 runs" in here.text()
        await here.press("up", "enter")
        assert "✓ finished" in here.text()


async def test_a_home_that_cannot_be_written_is_said_and_nothing_is_lost(
    bench: Opener, own_home: Path
) -> None:
    own_home.write_text("a file where a folder should be")  # noqa: ASYNC240
    async with bench(NARROW) as here:
        await here.press("r")
        assert "No run folder can be made" in here.text()
        assert here.screen.draft.spec == default_draft()


# ----------------------------------------------------------------------------------------------- predictions


def with_predictions(folder: RunFolder, right: int = 80, count: int = 100) -> RunFolder:
    """The first `right` of `count` test samples are predicted rightly, the rest as the next class."""

    labels = loader.load(DatasetSpec("fashion_mnist_mini")).y_test[:count].astype(int)
    said = np.where(np.arange(count) < right, labels, (labels + 1) % 10)
    np.save(folder.predictions_file, np.eye(10, dtype=np.float32)[said] * 0.9 + 0.01)
    return folder


async def test_predictions_are_shown_as_right_or_wrong_in_words(bench: Opener, write_run: Write) -> None:
    folder = with_predictions(write_run(whole_run()))
    async with bench(NARROW, run=folder) as here:
        await here.press("5")
        assert "✓ right" in here.text()
        assert "91.0 %" in here.text()
        assert "80 of the first 100 right" in here.text()
        await here.press("number_sign", "1", "0", "0", "enter")
        assert "#100 of 1,000 ✗ wrong" in here.text()
        folder.model_file.touch()
        await here.press("n")
        assert "#101 of 1,000" in here.text()
        assert "All test samples will be" in here.words()
    (asked,) = folder.commands().read_all()
    assert isinstance(asked, PredictTest)


async def test_only_mistakes_steps_from_mistake_to_mistake(bench: Opener, write_run: Write) -> None:
    folder = with_predictions(write_run(whole_run()))
    async with bench(NARROW, run=folder) as here:
        await here.press("5", "m")
        seen = []
        for _ in range(21):
            seen.append(int(here.text().split("#")[1].split()[0]))
            await here.press("n")
        assert seen == [*range(81, 101), 81]
        assert "only mistakes" in here.text()


async def test_a_cell_of_the_confusion_matrix_leads_to_its_samples(bench: Opener, write_run: Write) -> None:
    folder = with_predictions(write_run(whole_run()))
    async with bench(NARROW, run=folder) as here:
        await here.press("5", "c")
        matrix = here.top(ConfusionMatrix)
        cell = matrix.cell
        assert cell is not None
        count = matrix.counts[cell[0]][cell[1]]
        await here.press("enter")
        assert f"{count} of 100 samples" in here.words()  # the gallery of exactly those
        await here.press("enter")
        assert "m all again" in here.words()
        first = int(here.text().split("#")[1].split()[0])
        await here.press(*["n"] * count)
        assert int(here.text().split("#")[1].split()[0]) == first
        await here.press("m")
        assert "m all again" not in here.words()


async def test_new_predictions_come_in_during_the_training(bench: Opener, write_run: Write) -> None:
    folder = write_run(opening())
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("5")
            assert "not trained yet" in here.text()
            with_predictions(folder)
            append(folder, *epoch(1, 1.0))
            await here.tick()
            assert "✓ right" in here.text()
            with_predictions(folder, right=0)
            append(folder, Predicted(epoch=2, count=100, mistakes=100))
            await here.tick()
            assert "✗ wrong" in here.text()


async def test_a_key_switches_between_half_blocks_and_characters(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("5")
        assert "▀" in here.text()
        await here.press("v")
        assert "▀" not in here.text()
        assert "@" in here.text() or "#" in here.text().split("\n", 5)[5]


async def test_a_picture_of_ones_own_is_asked_for_and_shown(
    bench: Opener, write_run: Write, tmp_path: Path
) -> None:
    from PIL import Image

    folder = with_predictions(write_run(whole_run()))
    picture = tmp_path / "boot.png"
    Image.fromarray(np.tile(np.arange(56, dtype=np.uint8) * 4, (56, 1))).save(picture)
    async with bench(NARROW, run=folder) as here:
        await here.press("5", "o")
        await here.paste("/no/such.png")
        await here.press("enter")
        assert "There is no file /no/such.png" in here.text()
        await here.press("ctrl+u")
        await here.paste(f"'{picture}'")
        await here.press("enter")
        (asked,) = folder.commands().read_all()
        assert isinstance(asked, Predict)
        append(
            folder,
            PictureAnswered(
                request=asked.request, file=asked.file, outputs=(0.0,) * 9 + (1.0,), steps=("grey",)
            ),
        )
        await here.tick()
        await here.settle()
        assert "boot.png · Ankle boot" in here.text()


@pytest.mark.parametrize(("config", "rings"), [("", 1), ("bell = false", 0)])
async def test_the_bell_rings_once_when_the_training_ends_unless_it_is_not_wanted(
    bench: Opener, write_run: Write, monkeypatch: pytest.MonkeyPatch, config: str, rings: int
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    config_file().write_text(config)
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            rung: list[int] = []
            monkeypatch.setattr(here.app, "bell", lambda: rung.append(1))
            append(folder, *epoch(2, 0.8), *epoch(3, 0.7))
            await here.tick()
            assert rung == []
            append(folder, *ending())
            await here.tick()
            await here.tick()
            assert len(rung) == rings


async def test_once_a_run_has_built_the_network_its_numbers_stand_in_the_summary(
    bench: Opener, write_run: Write
) -> None:
    async with bench(ROOMY, run=write_run(opening())) as here:
        await here.tick()
        assert "as Keras built it" in here.text()
        # The story's network has 131,460 parameters in its first Dense; ours has 120,890 there.
        assert re.search(r"dense +10 +131,460", here.text())
        await here.press("2", "end", "d")
        assert "as Keras built it" not in here.text()


async def test_a_pane_is_enlarged_and_gives_the_room_back(bench: Opener, write_run: Write) -> None:
    async with bench(ROOMY, run=write_run(whole_run())) as here:
        assert "2 Layers" in here.text()
        await here.press("underscore")
        assert "[4 Charts]" in here.text()
        assert "Dense 154" not in here.text()
        await here.press("underscore")
        assert "Dense 154" in here.text()


async def test_samples_that_were_read_too_late_do_not_take_the_place_of_newer_ones(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run(whole_run())
    labels = loader.load(DatasetSpec("fashion_mnist_mini")).y_test[:100].astype(int)
    np.save(folder.predictions_file, np.eye(10, dtype=np.float32)[labels])
    async with bench(ROOMY, run=folder) as here:
        pane = here.screen.predict_pane
        dataset = here.screen.draft.spec.dataset
        pane._take(
            (dataset, "", 0), load_test_samples(dataset, None, 0, None)
        )  # what was there before the run
        await here.settle()
        assert "predicted Shirt" in here.text()


async def test_a_run_chosen_in_the_table_is_shown_by_its_charts(bench: Opener, write_run: Write) -> None:
    write_run(whole_run())
    async with bench(NARROW) as here:
        await here.press("l")
        await here.press("enter")
        assert "[4 Charts]" in here.text()


async def test_on_a_light_screen_drawings_are_dark_on_light_and_a_key_turns_them(
    bench: Opener, write_run: Write
) -> None:
    folder = with_predictions(write_run(whole_run()))
    async with bench(NARROW, run=folder) as here:
        await here.press("5")
        picture = here.screen.query_one(Picture)

        def corner() -> str:
            style = next(cell for cell in picture.render_line(2) if "▀" in cell.text).style
            assert style is not None
            assert style.color is not None
            return style.color.name

        seen = [corner()]
        for key in "TNT":
            await here.press(key)
            seen.append(corner())
        assert seen == ["#000000", "#ffffff", "#000000", "#ffffff"]
