"""The pictures in a result, side by side; and the dialog that opens one of the user's own."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Input, Static

from tuinn.data.paths import parse_path
from tuinn.errors import TuinnError
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.labs.page import set_title
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.controls import PathField
from tuinn.ui.widgets.picture import as_shown, draws_plain, redraw_with_theme, sheet_strips

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST_PIXELS = 14
"""How high a picture among many is drawn at least."""


class PictureSheet(CellLines):
    """As many pictures of a tensor as have room. Its parent's frame says which."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.tensor: NDArray[np.generic] | None = None
        self.by_channel = False
        self.first = 0
        """The first picture that is shown."""
        self.count = 1
        """Pictures in the tensor."""
        self.shown = 1
        """Pictures that have room."""

    def on_mount(self) -> None:
        redraw_with_theme(self, self.redraw)

    def on_resize(self) -> None:
        self.redraw()

    def show(self, tensor: "NDArray[np.generic]", by_channel: bool, first: int = 0) -> None:
        """Draw the pictures from `first` on; `by_channel`: red, green and blue of each apart."""
        self.tensor, self.by_channel, self.first = tensor, by_channel, first
        self.redraw()

    def turn(self, step: int) -> None:
        """Draw the next ones, or those before."""
        self.first = min(max(self.first + step * self.shown, 0), self.count - 1)
        self.redraw()

    def redraw(self) -> None:
        """Draw them as large as there is room."""
        rows, columns = self.size.height, self.size.width
        if self.tensor is None or rows < 2 or columns < 2:
            return
        from tuinn.labs.tensors.limits import shape_words
        from tuinn.labs.tensors.pictures import pictures_of
        from tuinn.view.ascii_image import sheet_for, sheet_of_size

        plain = draws_plain(self.app)
        found = pictures_of(self.tensor, self.first, self.by_channel, plain)
        if found is None:
            return
        several = found.pixels if found.parts == 1 else found.pixels[: found.parts]
        if found.parts == 1:
            sheet = sheet_of_size(len(several), LEAST_PIXELS, *found.side, rows, columns)
        else:
            sheet = sheet_for(len(several), *found.side, rows, columns)
        pixels = [as_shown(self.app, one, plain, dark_ground=False) for one in several]
        self.show_strips(sheet_strips(pixels, found.captions, sheet, columns, plain))
        self.count, self.shown = found.count, max(min(sheet.places, len(pixels)) // found.parts, 1)
        last = self.first + self.shown - 1
        title = f"Pictures {self.first}–{last} of {self.count:,}" if self.count > self.shown else "Picture"
        if found.parts > 1:
            title = f"Channels of {shape_words(self.tensor.shape)}, picture {self.first}"
        box = self.screen.query_one("#tensor-picture-box")
        set_title(box, title)
        more = " · Page Down" if last + 1 < self.count else ""
        box.border_subtitle = f"{found.range_words}{more}"


class PhotoDialog(Dialog[Path]):
    """Answers the path of a picture."""

    heading = "Open a picture of your own"

    def body(self) -> ComposeResult:
        yield PathField("", placeholder="path of a picture", id="path-input")
        yield Static("", id="path-problem", markup=False)
        keys = "It becomes img. Enter opens · Tab completes · Esc goes back"
        yield Static(keys, classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one(PathField).focus()

    @on(PathField.Completed)
    def _completed(self, event: PathField.Completed) -> None:
        event.stop()
        self.query_one("#path-problem", Static).update(Text(event.words, style="dim"))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        try:
            self.dismiss(parse_path(event.value))
        except TuinnError as problem:
            self.query_one("#path-problem", Static).update(Text(str(problem)))
