"""The control dialog: each of its lines is one command in the run's folder, and what follows is marked on the chart."""

import pytest

from tests.conftest import Write
from tests.factories import append, ending, epoch, opening, whole_run
from tests.ui.conftest import NARROW, ROOMY, Opener
from tuinn.runs import launch
from tuinn.runs.commands import (
    AddEpochs,
    AnyCommand,
    BackToBest,
    Pause,
    Resume,
    SaveNow,
    SetPatience,
    SetRate,
    Stop,
    StopAfterEpoch,
)
from tuinn.runs.events import Paused, RateChanged, Resumed, RunResumed


@pytest.mark.parametrize(
    ("label", "command"),
    [
        ("Pause", Pause()),
        ("Learning rate × 0.3", SetRate(learning_rate=0.0003)),
        ("Learning rate × 3", SetRate(learning_rate=0.003)),
        ("Train 5 more epochs", AddEpochs(epochs=5)),
        ("Save now", SaveNow()),
        ("Go back to the best epoch", BackToBest(factor=0.3)),
        ("Stop after this epoch", StopAfterEpoch()),
        ("Stop now, keep the best", Stop(best=True)),
        ("Stop now, keep the last", Stop()),
    ],
)
async def test_each_line_of_the_list_is_one_command(
    bench: Opener, write_run: Write, label: str, command: AnyCommand
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("z")
            await here.choose(label)
    (asked,) = folder.commands().read_all()
    assert type(asked) is type(command)
    if isinstance(command, SetRate) and isinstance(asked, SetRate):
        assert asked.learning_rate == pytest.approx(command.learning_rate)
    else:
        assert asked == command


async def test_a_number_of_epochs_is_typed_in_all_and_asked_as_a_difference(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run([*opening(epochs=3), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("z")
            await here.choose("Change the number of epochs")
            await here.press(*"10", "enter")
    assert folder.commands().read_all() == [AddEpochs(epochs=7)]


async def test_a_patience_is_typed(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(epochs=3), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("z")
            await here.choose("Change the patience")
            await here.press("4", "enter")
    assert folder.commands().read_all() == [SetPatience(patience=4)]


async def test_a_bad_rate_is_refused_in_the_form(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("z")
            await here.choose("Set the learning rate")
            await here.press(*"abc", "enter")
            assert "learning_rate: must be a number above 0" in here.text()
    assert folder.commands().read_all() == []


async def test_space_pauses_and_goes_on_and_the_status_says_so(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("4", "space")
            append(folder, Paused(epoch=2, step=3))
            await here.tick()
            assert "paused 1/3" in here.text()
            await here.press("space")
            append(folder, Resumed(epoch=2, step=3, seconds=5))
            await here.tick()
            assert "paused" not in here.text().splitlines()[0]
    assert folder.commands().read_all() == [Pause(), Resume()]


async def test_a_change_of_rate_is_marked_and_said(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(ROOMY, run=folder) as here:
            append(folder, RateChanged(epoch=2, step=0, learning_rate=0.0003))
            await here.tick()
            assert "R rate 0.0003 after epoch 1" in here.text()


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The command lines of the workers that are started, the last one last."""
    started: list[tuple[str, ...]] = []
    waiting = launch.start_detached

    def start(command: tuple[str, ...], stdin: int, log: object, *_more: object) -> object:
        started.append(command)
        return waiting(command, stdin, log)  # type: ignore[arg-type]

    monkeypatch.setattr(launch, "start_detached", start)
    return started


async def test_a_lost_run_is_resumed_by_a_worker_in_its_own_folder(
    bench: Opener, write_run: Write, commands: list[tuple[str, ...]]
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    async with bench(NARROW, run=folder) as here:
        assert "z resumes" in here.text()
        await here.press("z", "enter")
        assert commands[-1][-4:-2] == (str(folder.path), "--resume")
        with folder.hold_lock():
            append(folder, RunResumed(epoch=2, step=0, epochs=3), *epoch(2, 0.8))
            await here.tick()
            assert "training 2/3" in here.text()
            append(folder, *epoch(3, 0.7), *ending())
            await here.tick()
            assert "finished" in here.text()


async def test_a_run_that_has_a_best_epoch_may_be_resumed_from_there(
    bench: Opener, write_run: Write, commands: list[tuple[str, ...]]
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    folder.checkpoints.mkdir()
    folder.best_checkpoint.touch()
    async with bench(NARROW, run=folder) as here:
        await here.press("z")
        await here.choose("Resume from the best epoch")
        assert commands[-1][-5:-2] == (str(folder.path), "--resume", "--from-best")


async def test_without_a_run_there_is_nothing_to_control(bench: Opener) -> None:
    async with bench() as here:
        await here.press("z")
        assert "There is no run to control yet" in here.text()


async def test_a_finished_run_goes_on_for_more_epochs(
    bench: Opener, write_run: Write, commands: list[tuple[str, ...]]
) -> None:
    async with bench(NARROW, run=write_run(whole_run())) as here:
        await here.press("z", "enter")
        assert commands[-1][commands[-1].index("--resume") + 1 :][:2] == ("--epochs", "8")
        await here.press("z")
        await here.choose("Resume to another number of epochs")
        await here.press(*"20", "enter")
        assert commands[-1][commands[-1].index("--resume") + 1 :][:2] == ("--epochs", "20")
