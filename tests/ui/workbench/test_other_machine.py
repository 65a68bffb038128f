"""A run on another machine is followed like any other; the first line says where it is, and whether it is heard of."""

import msgspec

from tests.conftest import Write
from tests.factories import epoch, opening, whole_run
from tests.ui.conftest import NARROW, Opener
from tests.ui.workbench.test_draft_controller import overfitted
from tuinn.atomic_io import write_whole
from tuinn.runs.folder import RemoteLine, RunFolder


def put_line(folder: RunFolder, trouble: str = "") -> None:
    write_whole(folder.line_file, msgspec.json.encode(RemoteLine("ada@box", trouble)))


async def test_the_first_line_says_where_the_run_is_and_whether_there_is_a_line(
    bench: Opener, write_run: Write
) -> None:
    folder = write_run([*opening(), *epoch(1, 1.0)])
    put_line(folder)
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            assert "run on ada@box" in here.text().splitlines()[0]
            put_line(folder, "There is no line to ada@box: No route to host. Try: ssh ada@box")
            await here.tick()
            assert "✗ no line" in here.text().splitlines()[0]
            assert "No route to host" in here.words()
            put_line(folder)
            await here.tick()
            assert "no line" not in here.text()


async def test_what_would_train_here_says_where_it_has_to_be_done(bench: Opener, write_run: Write) -> None:
    folder = write_run(whole_run())
    put_line(folder)
    async with bench(NARROW, run=folder) as here:
        await here.press("z")
        await here.press("enter")
        assert "is on ada@box" in here.words()


async def test_a_picture_of_ones_own_has_to_be_where_the_network_is(bench: Opener, write_run: Write) -> None:
    folder = write_run(whole_run())
    put_line(folder)
    async with bench(NARROW, run=folder) as here:
        here.screen.predictions.inference.predict()
        await here.settle()
        assert "The network is on ada@box" in here.words()


async def test_why_nothing_is_heard_of_a_run_stands_in_place_of_what_its_curves_show(
    bench: Opener, write_run: Write
) -> None:
    folder = overfitted(write_run).folder
    put_line(folder)
    with folder.hold_lock():
        async with bench(NARROW, run=folder) as here:
            await here.press("4")
            assert "val loss is lowest in epoch 3" in here.words()
            put_line(folder, "There is no line to ada@box: No route to host. Try: ssh ada@box")
            await here.tick()
            assert "✗ There is no line to ada@box: No route to host." in here.words()
