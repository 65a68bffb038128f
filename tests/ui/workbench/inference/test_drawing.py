"""A picture drawn in the terminal, with keys and with the mouse, of the network's size."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import Write
from tests.factories import whole_run
from tests.ui.conftest import NARROW, Opener
from tuinn.errors import SpecError
from tuinn.runs.commands import Predict
from tuinn.runs.folder import home
from tuinn.ui.workbench.inference.drawing import KEPT, SOFT, Drawing, DrawingScreen


def test_a_line_is_whole_however_fast_the_mouse_moves_and_has_soft_edges() -> None:
    drawing = Drawing(9, 9)
    drawing.move(1, 1)
    drawing.dot()
    drawing.draw_to(7, 7)
    assert [drawing.ink[at, at] for at in range(1, 8)] == [1] * 7
    assert drawing.ink[1, 2] == drawing.ink[0, 1] == SOFT
    assert drawing.ink[0, 0] == drawing.ink[1, 4] == 0


def test_the_pen_stops_at_the_edge_and_erasing_takes_ink_away() -> None:
    drawing = Drawing(3, 4)
    drawing.draw_to(99, 99)
    assert (drawing.row, drawing.column) == (2, 3)
    drawing.begin()
    drawing.draw_to(-5, -5, erase=True)
    drawing.undo()
    assert drawing.ink.any()
    drawing.clear()
    assert drawing.is_empty
    drawing.undo()
    assert not drawing.is_empty


def test_a_drawing_is_saved_as_it_is_and_only_the_newest_stay(tmp_path: Path) -> None:
    drawing = Drawing(8, 6)
    drawing.draw_to(0, 0)
    for _ in range(KEPT + 3):
        file = drawing.save(tmp_path / "drawings")
    assert len(list(file.parent.iterdir())) == KEPT
    saved = np.asarray(Image.open(file))
    assert saved.shape == (8, 6)
    assert np.array_equal(saved, np.rint(drawing.ink * 255).astype("uint8"))
    for late in range(KEPT):
        (file.parent / f"drawing-29991231-2359{late:02}-0.png").touch()
    assert drawing.save(file.parent).is_file(), "the clock was put back"
    (tmp_path / "file").touch()
    with pytest.raises(SpecError, match="cannot be written"):
        drawing.save(tmp_path / "file")


async def test_a_drawing_is_made_with_keys_and_mouse_and_predicted(bench: Opener, write_run: Write) -> None:
    folder = write_run(whole_run())
    folder.model_file.touch()
    async with bench(NARROW, run=folder) as here:
        await here.press("5", "D", "enter")
        assert "There is nothing drawn yet" in here.text()
        await here.press("space", "down", "down", "space", "right", "right")
        screen = here.app.screen
        assert isinstance(screen, DrawingScreen)
        ink = screen.drawing.ink
        assert [ink[row, 14] for row in (14, 15, 16)] == [1, 1, 1]
        assert ink[16, 16] == 0
        pad = screen.pad
        rows, columns = pad.cells(28, 28, pad.size.height, pad.size.width)
        corner = ((pad.size.width - columns) // 2, (pad.size.height - rows) // 2)
        await here.pilot.mouse_down("#drawing-pad", offset=corner)
        await here.pilot.mouse_up("#drawing-pad", offset=corner)
        assert ink[0, 0] == 1
        await here.press("u")
        assert screen.drawing.ink[0, 0] == 0
        with folder.hold_lock():
            await here.press("enter")
            (file,) = (home() / "drawings").iterdir()
            question = folder.commands().read_all()[-1]
            assert isinstance(question, Predict)
            assert question.file == str(file)
            assert f"{file.name} · waiting for the network…" in here.text()
