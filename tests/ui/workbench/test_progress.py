"""The three lines above the charts: how far, how fast, how busy the machine is."""

import pytest
from msgspec.structs import replace

from tests.conftest import Write
from tests.factories import STEPS, append, ending, epoch, opening
from tests.ui.conftest import NARROW, ROOMY, Opener
from tuinn.runs.events import (
    AnyEvent,
    BatchEnded,
    DevicesMeasured,
    EpochStarted,
    LoadMeasured,
    ModelBuilt,
    Noted,
)


def load(at: float, **more: float | int) -> LoadMeasured:
    told = {"cpu": 0.9, "own": 1.9, "cores": 2, "memory": 1_234_000_000, "ram": 0.25, **more}
    return LoadMeasured(at=at, **told)  # type: ignore[arg-type]


def middle() -> list[AnyEvent]:
    """Half-way through the third epoch of ten, of 10 s each."""
    start, half = 130.0, STEPS // 2
    return [
        *opening(epochs=10),
        *epoch(1, 1.0, seconds=10),
        *epoch(2, 0.9, seconds=10),
        EpochStarted(at=start, epoch=3, steps=STEPS),
        BatchEnded(at=start + 5, epoch=3, step=half, samples=half * 125, metrics={"loss": 0.8}),
    ]


@pytest.mark.parametrize("size", [NARROW, ROOMY], ids=["80x24", "120x40"])
async def test_epoch_and_run_say_what_is_left_and_how_fast_it_goes(
    bench: Opener, write_run: Write, size: tuple[int, int]
) -> None:
    folder = write_run([*middle(), *(load(140 + n) for n in range(3))])
    with folder.hold_lock():
        async with bench(size, run=folder) as here:
            text = here.text()
            assert "epoch 3/10" in text
            assert "5.0 s left of 10 s · 278 ms/step" in text
            assert "1 m 15 s left · 450 samples/s" in text
            assert "cpu  90 %" in text
            assert "ram  25 %" in text
            assert "worker 1.2 GB" in text
            assert "Computing sets the pace. A GPU or fewer units would help." in text


async def test_the_card_comes_first_with_its_memory_and_temperature(bench: Opener, write_run: Write) -> None:
    card = {"gpu": 0.87, "gpu_memory": 31_000_000_000, "gpu_memory_total": 80_000_000_000, "temperature": 61}
    folder = write_run([*middle(), *(load(140 + n, **card) for n in range(3))])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            (line,) = [line for line in here.text().splitlines() if "gpu  87 %" in line]
            assert line.index("gpu") < line.index("card 31/80 GB") < line.index("61 °C") < line.index("cpu")
            assert "Try mixed precision" in here.text()


async def test_without_utf8_the_load_is_drawn_in_ascii(
    bench: Opener, write_run: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUINN_ASCII", "1")
    folder = write_run([*middle(), load(141, cpu=0.0), load(142, cpu=1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            (line,) = [line for line in here.text().splitlines() if "cpu 100 %" in line]
            assert "_#" in line
            assert not set("▁▂▃▄▅▆▇█") & set(line)


async def test_a_run_that_ended_says_how_long_it_took_and_no_load(bench: Opener, write_run: Write) -> None:
    async with bench(NARROW, run=write_run([*middle(), load(141), *epoch(3, 0.5), *ending()])) as here:
        text = here.text()
        assert "left" not in text
        assert "/epoch" in text
        assert "cpu" not in text


async def test_a_command_that_failed_after_the_end_is_said(bench: Opener, write_run: Write) -> None:
    folder = write_run([*opening(), *epoch(3, 0.5), *ending()])
    append(folder, Noted(at=300, level="warning", message="on_end, 'say', ended with code 7."))
    async with bench(NARROW, run=folder) as here:
        assert "! on_end, 'say', ended with code 7." in here.text()


async def test_a_warning_gives_way_once_the_run_has_gone_on_for_a_minute(
    bench: Opener, write_run: Write
) -> None:
    warned = Noted(at=113, level="warning", message="Mind the step.")
    folder = write_run([*opening(epochs=20), *epoch(1, 1.0), warned])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            assert "! Mind the step." in here.text()
            append(folder, *epoch(9, 0.5))
            await here.tick()
            assert "Mind the step" not in here.text()
            assert "best so far: epoch 9" in here.text()


async def test_a_key_says_what_one_update_is_and_follows_them_while_the_run_goes_on(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("4", "U")
            assert "one update" in here.text()
            before = here.words()
            append(folder, *epoch(2, 0.9))
            await here.tick()
            here.app.screen.draw()  # type: ignore[attr-defined]
            await here.settle()
            assert "epoch 2 of 3" in here.words()
            assert before != here.words()


async def test_several_devices_are_told_with_the_speed_of_each_and_where_one_is_faster(
    bench: Opener, write_run: Write
) -> None:
    events = [
        replace(event, device="GPU:0,1 · NVIDIA H200", devices=2) if isinstance(event, ModelBuilt) else event
        for event in middle()
    ]
    measured = DevicesMeasured(at=135.5, devices=2, together=450.0, alone=900.0)
    folder = write_run([*events, *(load(140 + n) for n in range(3)), measured])
    with folder.hold_lock():
        async with bench(ROOMY, run=folder) as here:
            text = here.text()
            assert "450 samples/s · 225 each of 2" in text
            assert "One device alone is 2.0 × as fast as these 2. Use one." in text
            assert "sets the pace" not in text
