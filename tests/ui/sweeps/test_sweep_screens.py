"""Sweeps and the queue on the screen. Their journals are written by hand; no conductor is started."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Write
from tests.factories import whole_run
from tests.sweeps.test_sweep_view import STORY, begun, ended
from tests.ui.conftest import NARROW, ROOMY, Opener
from tuinn.runs.journal import JournalWriter
from tuinn.spec.presets.catalog import default_draft
from tuinn.sweeps import launch
from tuinn.sweeps.commands import AnySweepCommand, Hold, SetParallel, SetTrials, StopAll
from tuinn.sweeps.events import AnySweepEvent
from tuinn.sweeps.folder import QueueFolder, SweepFolder
from tuinn.sweeps.follower import read_queue
from tuinn.sweeps.queue import add_command
from tuinn.sweeps.ranges import Setting
from tuinn.sweeps.spec import SweepSpec
from tuinn.sweeps.view import SweepView
from tuinn.ui.sweeps import queue_dialog
from tuinn.ui.sweeps.sweep_screen import SweepScreen
from tuinn.view.parallel_coordinates import chart

OVER = ("fit.learning_rate=log:1e-4..1e-1", "layers[3].units=32,64")


def told(folder: SweepFolder, *events: AnySweepEvent) -> None:
    appender = JournalWriter(folder.events_file)
    for event in events:
        appender.append(event)
    appender.close()


@pytest.fixture
def sweep() -> SweepFolder:
    """A sweep of four trials whose runs are there, with no journal yet."""
    return SweepFolder.create(SweepSpec.of(default_draft(), OVER, trials=4))


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[SweepFolder, int]]:
    """The folders for which a conductor was to be started, with the offset of its commands."""
    folders: list[tuple[SweepFolder, int]] = []
    monkeypatch.setattr(
        launch, "launch_runner", lambda folder, commands_from=0: folders.append((folder, commands_from))
    )
    return folders


async def test_a_sweep_that_goes_on_is_offered_at_the_start_and_enter_opens_it(
    bench: Opener, sweep: SweepFolder
) -> None:
    told(sweep, *STORY[:3])
    with sweep.hold_lock():
        async with bench(NARROW) as here:
            assert "It kept running without a screen. Open it?" in here.text()
            await here.press("enter")
            assert "trial 1 of 4" in here.text()
            assert "● running" in here.text()


@pytest.mark.parametrize("size", [NARROW, ROOMY], ids=["80x24", "120x40"])
async def test_the_table_the_best_and_what_mattered_follow_the_journal(
    bench: Opener, sweep: SweepFolder, size: tuple[int, int]
) -> None:
    told(sweep, *STORY[:6])
    with sweep.hold_lock():
        async with bench(size) as here:
            await here.press("enter")
            text = here.text()
            assert "trial 2 of 4 · 1 finished" in text
            assert "★ trial 1  val_loss 0.5000 in epoch 2  learning rate 0.01" in text
            assert "✓ finished" in text
            assert "Computed once four" in text
            told(sweep, *STORY[6:13])
            here.top(SweepScreen)._tick()
            await here.settle()
            text = here.text()
            assert "– pruned" in text
            assert "· skipped" in text
            assert "fANOVA" in text
            assert "trial 4 of 4" in text


async def test_the_table_is_whole_at_80_by_24_with_a_hundred_trials_of_four_fields(bench: Opener) -> None:
    overs = [*OVER, "layers[5].rate=0.1..0.5", "fit.optimizer=adam,sgd"]
    folder = SweepFolder.create(SweepSpec.of(default_draft(), overs, trials=100))
    values: dict[str, Setting] = {
        "fit.learning_rate": 0.001,
        "layers[3].units": 64,
        "layers[5].rate": 0.5,
        "fit.optimizer": "adam",
    }
    told(folder, msgspec.structs.replace(STORY[0], trials=100))
    for number in range(1, 101):
        told(folder, begun(number, values=values), ended(number, value=1 / number))
    with folder.hold_lock():
        async with bench(NARROW) as here:
            await here.press("enter", "end")
            text = here.text()
            assert "★ 100  ✓ finished" in text
            assert "optimizer" in text
            assert "≥" in text, "the parallel chart has room"
            assert all(len(line) <= 80 for line in text.splitlines())
            await here.press("greater_than_sign")
            assert "trial 100" in text


async def test_a_trial_is_attached_to_with_enter_and_the_best_becomes_the_draft(
    bench: Opener, write_run: Write, sweep: SweepFolder
) -> None:
    first, second = (
        write_run(whole_run(), default_draft().with_fit(learning_rate=rate)) for rate in (0.5, 0.25)
    )
    told(
        sweep,
        STORY[0],
        begun(1, run=first.name),
        ended(1, value=0.9),
        begun(2, run=second.name),
        ended(2, value=0.1),
    )
    with sweep.hold_lock():
        async with bench(NARROW) as here:
            await here.press("enter", "enter")
            assert here.screen.run is not None
            assert here.screen.run.folder == first
            assert "[4 Charts]" in here.text()
            await here.press("R", "down", "enter", "b")
            assert here.screen.draft.spec.fit.learning_rate == 0.25
            assert "[2 Layers]" in here.text()


@pytest.mark.parametrize(
    ("key", "command"),
    [("s", StopAll()), ("space", Hold()), ("plus", SetParallel(parallel=2)), ("minus", None)],
    ids=["stop", "pause", "more", "fewer than one"],
)
async def test_each_key_is_one_command(
    bench: Opener, sweep: SweepFolder, key: str, command: AnySweepCommand | None
) -> None:
    told(sweep, *STORY[:6])
    with sweep.hold_lock():
        async with bench(NARROW) as here:
            await here.press("enter", key)
    assert sweep.commands().read_all() == ([command] if command else [])


async def test_a_sweep_that_was_lost_is_taken_up_with_r_and_its_trial_is_halted(
    bench: Opener, sweep: SweepFolder, launched: list[tuple[SweepFolder, int]]
) -> None:
    told(sweep, *STORY[:3])
    async with bench(NARROW) as here:
        await here.press("R", "down", "enter")
        assert "✗ lost" in here.text()
        assert "◌ halted" in here.text()
        await here.press("r")
    assert [folder for folder, _ in launched] == [sweep]


async def test_a_sweep_is_defined_from_the_draft_and_started(
    bench: Opener, launched: list[tuple[SweepFolder, int]]
) -> None:
    async with bench(NARROW) as here:
        await here.press("R")
        assert "learning rate ▾ log:3e-05..0.03" in here.words()
        assert "dense units, layer 3 ▾ 77,154,308" in here.words()
        assert "over_1" not in here.text()
        assert "layers[" not in here.text()
        assert "→ 12 trials, by TPE, of 15 epochs each" in here.text()
        await here.press("f2")
        ((folder, _),) = launched
        assert "TensorFlow starts; the first trial follows." in here.text()
    assert [one.path for one in folder.sweep().ranges] == [
        "fit.learning_rate",
        "layers[3].units",
        "layers[5].rate",
    ]


async def test_a_bad_range_stays_in_the_form_with_its_sentence(
    bench: Opener, launched: list[tuple[SweepFolder, int]]
) -> None:
    async with bench(NARROW) as here:
        await here.press("R", *"epochs", "enter")
        assert "epochs ▾ 7,15,30" in here.words(), "a field brings values that suit it"
        await here.press("down", "ctrl+u")
        await here.paste("9..2")
        assert "epochs: 9..2 is empty" in here.words()
        await here.press("enter")
        assert "Sweep over the draft" in here.text()
        await here.press("ctrl+u")
        assert "epochs: has no values yet. Write LOW..HIGH" in here.words()
        await here.press("up", *"activation", "enter", "down", "ctrl+u")
        await here.paste("1..2")
        assert "dense activation, layer 3: has no lowest and highest." in here.words()
        assert "layers[" not in here.text()
        await here.press("up", *"dense units, layer 6", "enter", "down", "ctrl+u")
        await here.paste("2..9")
        for _ in range(2):
            await here.press("down", "enter", "home", *["pageup"] * 5, "enter", "down")
        assert "No trial of this sweep can be trained." in here.words()
    assert launched == []


async def test_the_draft_is_queued_and_the_queue_is_ordered(
    bench: Opener, launched: list[tuple[SweepFolder, int]]
) -> None:
    async with bench(NARROW) as here:
        await here.press("Q", "space", "enter", "enter")
        assert "0 in training, 2 waiting" in here.text()
        assert "Held: Space starts." in here.text()
        assert launched == []
        queue = read_queue(QueueFolder.here())
        first, second = (entry.entry for entry in queue.waiting)
        await here.press("down", "J")
        assert [entry.entry for entry in read_queue(QueueFolder.here()).waiting] == [second, first]
        await here.press("d")
        assert len(read_queue(QueueFolder.here()).waiting) == 1
        await here.press("space")
        assert len(launched) == 1


async def test_a_draft_with_an_error_is_not_queued(bench: Opener) -> None:
    async with bench(NARROW, draft=default_draft().with_setting("layers[6].units", "3")) as here:
        await here.press("Q", "enter")
        assert "ends in 3 outputs" in here.words()
    assert read_queue(QueueFolder.here()).entries == []


@pytest.mark.parametrize("ascii_only", [False, True])
def test_the_parallel_chart_draws_the_best_whole_and_keeps_its_size(ascii_only: bool) -> None:
    view = SweepView(SweepSpec.of(default_draft(), OVER, trials=4))
    for number, (rate, units) in enumerate([(1e-4, 32), (1e-1, 64), (1e-2, 64)], start=1):
        view.apply(begun(number, values={"fit.learning_rate": rate, "layers[3].units": units}))
        view.apply(ended(number, value=10.0**number))
    rows = chart(view, 50, 9, ascii_only=ascii_only)
    assert [sum(len(piece) for piece, _ in row) for row in rows[2:-1]] == [50] * 6
    assert {role for row in rows for _, role in row} == {"axis", "label", "other", "best"}
    text = "\n".join("".join(piece for piece, _ in row) for row in rows)
    assert "learning rate" in text
    assert "10.0000" in text.splitlines()[1] or "10.00" in text.splitlines()[1]
    assert chart(view, 23, 9) == []
    assert chart(SweepView(view.sweep), 50, 9) == []


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32) | st.none(), max_size=8),
    st.integers(0, 80),
)
def test_any_values_of_the_metric_give_a_chart(values: list[float | None], width: int) -> None:
    view = SweepView(SweepSpec.of(default_draft(), OVER, trials=9))
    for number, value in enumerate(values, start=1):
        view.apply(begun(number))
        view.apply(ended(number, value=value))
    for row in chart(view, width, 10)[2:-1]:
        assert sum(len(piece) for piece, _ in row) == width


@pytest.mark.parametrize("theme", ["tuinn-dark", "tuinn-light"])
async def test_every_role_of_the_chart_has_a_colour_in_every_theme(
    bench: Opener, sweep: SweepFolder, theme: str
) -> None:
    told(sweep, STORY[0], begun(1), ended(1), begun(2), ended(2, value=0.9), begun(3), ended(3, value=0.95))
    with sweep.hold_lock():
        async with bench(NARROW) as here:
            here.app.theme = theme
            await here.press("enter", "down")
            assert "⡇" in here.text()


async def test_a_sweep_that_is_through_wants_more_trials(
    bench: Opener, sweep: SweepFolder, launched: list[tuple[SweepFolder, int]]
) -> None:
    told(sweep, *STORY)
    async with bench(NARROW) as here:
        await here.press("R", "down", "enter", "n", "ctrl+u")
        await here.paste("9")
        await here.press("enter")
    assert [folder for folder, _ in launched] == [sweep]
    assert SetTrials(trials=9) in sweep.commands().read_all()


async def test_a_queue_whose_runner_was_killed_says_so_and_space_starts_one(
    bench: Opener, launched: list[tuple[SweepFolder, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    QueueFolder.here().ask(add_command(default_draft()))
    async with bench(NARROW) as here:
        patience = queue_dialog.PATIENCE
        monkeypatch.setattr(
            queue_dialog, "PATIENCE", 1_000_000
        )  # its own timer ticks while the screen is drawn
        await here.press("Q")
        assert "No runner is active" not in here.words()
        monkeypatch.setattr(queue_dialog, "PATIENCE", patience)
        for _ in range(3):
            here.top(queue_dialog.QueueDialog)._tick()
        await here.settle()
        assert "No runner is active" in here.words()
        await here.press("space")
    assert len(launched) == 1
