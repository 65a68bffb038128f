"""Draw a picture in the terminal, with the mouse or with keys, as large as the network takes it, and have it predicted."""

import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.text import Text
from textual.app import ComposeResult
from textual.events import MouseDown, MouseMove, MouseUp
from textual.geometry import Offset
from textual.widgets import Static

from tuinn.errors import SpecError
from tuinn.runs.folder import home
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import AnswersOnce
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.controls import KeyFooter
from tuinn.ui.widgets.picture import Picture

KEPT = 20
"""Drawings that stay on the disk, the newest ones."""

SOFT = 0.5
"""Of the ink that the pixels beside the pen get: drawings such as MNIST's have soft edges."""

MOST_UNDONE = 50

Ink = NDArray[np.float32]


class Drawing:
    """Light on black, height × width in 0..1."""

    def __init__(self, height: int, width: int) -> None:
        self.ink: Ink = np.zeros((height, width), np.float32)
        self.row, self.column = height // 2, width // 2
        """The pen."""
        self.before: list[Ink] = []

    @property
    def is_empty(self) -> bool:
        return not self.ink.any()

    def begin(self) -> None:
        """A stroke begins, which can be undone."""
        self.before = [*self.before[-MOST_UNDONE:], self.ink.copy()]

    def move(self, row: int, column: int) -> None:
        """Put the pen there, or at the edge."""
        height, width = self.ink.shape
        self.row, self.column = min(max(row, 0), height - 1), min(max(column, 0), width - 1)

    def draw_to(self, row: int, column: int, erase: bool = False) -> None:
        """A line from the pen to there."""
        steps = max(abs(row - self.row), abs(column - self.column), 1)
        start = (self.row, self.column)
        for step in range(1, steps + 1):
            share = step / steps
            self.move(
                round(start[0] + share * (row - start[0])), round(start[1] + share * (column - start[1]))
            )
            self.dot(erase)

    def dot(self, erase: bool = False) -> None:
        """Ink where the pen is, and a little beside it."""
        height, width = self.ink.shape
        for by_row, by_column in ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)):
            row, column = self.row + by_row, self.column + by_column
            if 0 <= row < height and 0 <= column < width:
                ink = SOFT if by_row or by_column else 1.0
                self.ink[row, column] = 0.0 if erase else max(float(self.ink[row, column]), ink)

    def clear(self) -> None:
        self.begin()
        self.ink[:] = 0

    def undo(self) -> None:
        if self.before:
            self.ink = self.before.pop()

    def shown(self, is_down: bool) -> Ink:
        """With the pen in it: grey, or lighter while it draws."""
        found = self.ink.copy()
        under = float(found[self.row, self.column])
        found[self.row, self.column] = 1.0 - under * 0.5 if is_down else 0.35 + 0.3 * (under < 0.5)
        return found

    def save(self, folder: Path) -> Path:
        """As a new grey PNG in the folder, of which the newest are kept. Raises SpecError where it can't be written."""
        from PIL.Image import fromarray

        seconds, nanoseconds = divmod(time.time_ns(), 10**9)
        now = time.strftime("%Y%m%d-%H%M%S", time.localtime(seconds))
        file = folder / f"drawing-{now}-{nanoseconds:09}.png"
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fromarray(np.rint(self.ink * 255).astype(np.uint8)).save(file)
            others = sorted(set(folder.glob("drawing-*.png")) - {file})
            for old in others[: 1 - KEPT]:
                old.unlink(missing_ok=True)
        except OSError as error:
            raise SpecError(f"{file} cannot be written ({error.strerror}).") from None
        return file


class DrawingPad(Picture):
    """The drawing, as large as whole factors allow. The left button draws, the right one erases."""

    def __init__(self, drawing: Drawing) -> None:
        super().__init__("drawing-pad")
        self.drawing = drawing
        self.is_down = False
        """Whether moving the pen draws."""
        self.button = 0
        """Of the mouse that is held; 0: none."""

    def draw(self) -> None:
        """Show it as it is now."""
        self.show(self.drawing.shown(self.is_down or bool(self.button)), dark_ground=True)

    def on_resize(self) -> None:
        self.draw()

    def pixel(self, at: Offset) -> tuple[int, int]:
        """Row and column of the pixel in this cell."""
        height, width = self.drawing.ink.shape
        rows, columns = self.cells(height, width, self.size.height, self.size.width)
        top, left = (self.size.height - rows) // 2, (self.size.width - columns) // 2
        return (at.y - top) * height // max(rows, 1), (at.x - left) * width // max(columns, 1)

    def on_mouse_down(self, event: MouseDown) -> None:
        if event.button not in (1, 3):
            return
        self.capture_mouse()
        self.button = event.button
        self.drawing.begin()
        self.drawing.move(*self.pixel(event.offset))
        self.drawing.dot(erase=event.button == 3)
        self.draw()

    def on_mouse_move(self, event: MouseMove) -> None:
        if self.button:
            self.drawing.draw_to(*self.pixel(event.offset), erase=self.button == 3)
            self.draw()

    def on_mouse_up(self, _event: MouseUp) -> None:
        self.release_mouse()
        self.button = 0
        self.draw()


class DrawingScreen(AnswersOnce[Path]):
    """Answers the file of the drawing; None where it is left without one."""

    CSS_PATH = "own_picture.tcss"
    BINDINGS = bindings_for("drawing")

    def __init__(self, height: int, width: int, title: str) -> None:
        super().__init__()
        self.heading = printable(title)
        self.drawing = Drawing(height, width)
        self.pad = DrawingPad(self.drawing)

    def compose(self) -> ComposeResult:
        yield Static("", id="own-head", markup=False)
        yield self.pad
        yield KeyFooter()

    def on_mount(self) -> None:
        self._show()

    def _show(self) -> None:
        height, width = self.drawing.ink.shape
        pen = "the pen draws" if self.pad.is_down else "the pen is up"
        words = f"Draw for {self.heading} · {height} × {width} · {pen}"
        self.query_one("#own-head", Static).update(Text(words, style="bold", no_wrap=True))
        self.pad.draw()

    def action_move(self, rows: int, columns: int) -> None:
        """Move the pen; while it is down, it draws."""
        row, column = self.drawing.row + rows, self.drawing.column + columns
        if self.pad.is_down:
            self.drawing.draw_to(row, column)
        else:
            self.drawing.move(row, column)
        self._show()

    def action_pen(self) -> None:
        """Put the pen down, or lift it."""
        self.pad.is_down = not self.pad.is_down
        if self.pad.is_down:
            self.drawing.begin()
            self.drawing.dot()
        self._show()

    def action_erase(self) -> None:
        self.drawing.begin()
        self.drawing.dot(erase=True)
        self._show()

    def action_clear(self) -> None:
        self.drawing.clear()
        self._show()

    def action_undo(self) -> None:
        self.drawing.undo()
        self._show()

    def action_predict(self) -> None:
        """Keep it as a file and have it predicted."""
        if self.drawing.is_empty:
            self.notify(
                "There is nothing drawn yet: drag with the mouse, or Space and the arrows.", markup=False
            )
            return
        try:
            self.dismiss(self.drawing.save(home() / "drawings"))
        except SpecError as problem:
            self.notify(str(problem), severity="error", markup=False)

    def action_back(self) -> None:
        self.dismiss(None)
