"""The page of a gallery: pictures side by side with two or three words each, or a line for each row or text."""

from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinn.spec.dataset import Task
from tuinn.text import printable
from tuinn.ui.datasets.sample_detail import cell_words
from tuinn.ui.gallery.controller import GalleryController
from tuinn.ui.widgets.cell_lines import CellLines, fitted
from tuinn.ui.widgets.picture import as_shown, characters, half_blocks, redraw_with_theme
from tuinn.view.ascii_image import GAP, Sheet, filled_sheet

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CAPTION = 3
"""Rows under a picture: its number, what is predicted, what is true."""

NARROWEST = 11
"""Cells of a tile at least."""

ROWS = (7, 10, 14, 22)
"""Rows of a picture at most, from the usual to the largest tiles."""

COLOUR = 3
"""More rows for a picture in colour, which is harder to recognise."""

NUMBER, SHARE = 8, 6
"""Cells of a line for a sample's number, and how sure the network is."""

SHORTEST, LONGEST = 10, 16
"""Cells for a class."""

VALUE = 10
"""Cells of a value in a row of a table."""


class Tiles(CellLines):
    """Draws the page of a controller, and tells it how many samples have room."""

    DEFAULT_CSS = "Tiles { height: 1fr; width: 1fr; }"

    def __init__(self, controller: GalleryController, id: str | None = None) -> None:
        super().__init__(id)
        self.controller = controller
        self.plain = False
        """Characters instead of half blocks."""
        self.across = 1
        """Samples side by side: how far up and down go."""
        self.pitch, self.rows = 1, 1
        """Columns and rows of a sample."""

    def on_mount(self) -> None:
        redraw_with_theme(self, self.draw)

    def on_resize(self) -> None:
        self.draw()

    def draw(self) -> None:
        width, height = self.size
        if not self.controller.count or width < NARROWEST or height < 2:
            self.show_strips([])
        elif self.controller.samples.drawn:
            self.show_strips(self._pictures(width, height))
        else:
            self.show_strips(self._lines(width, height))

    def place_at(self, x: int, y: int) -> int | None:
        """The place of the sample at these cells; None where there is none."""
        page, row = self.controller.page, y if self.controller.samples.drawn else y - 1
        column = x // self.pitch
        place = page.start + row // self.rows * self.across + column
        return place if row >= 0 and column < self.across and place in page else None

    @property
    def mark(self) -> Style:
        return Style(color=self.app.theme_variables["accent"], bold=True, reverse=True)

    # --------------------------------------------------------------------------------------------- pictures

    def _pictures(self, width: int, height: int) -> list[Strip]:
        controller = self.controller
        first = (
            controller.samples.picture(int(controller.places[0])) if controller.places is not None else None
        )
        assert first is not None
        high = ROWS[controller.state.zoom % len(ROWS)] + COLOUR * (first.ndim == 3)
        size = (first.shape[0], first.shape[1])
        sheet = filled_sheet(size, (height, width), high, CAPTION, NARROWEST, self.plain)
        self.across, controller.per_page = sheet.across, sheet.places
        pitch = self.pitch = (width + GAP) // sheet.across
        self.rows = sheet.rows + CAPTION
        strips: list[Strip] = []
        page = controller.page
        for start in range(page.start, page.stop, sheet.across):
            tiles = [
                self._tile(at, sheet, pitch) for at in range(start, min(start + sheet.across, page.stop))
            ]
            strips += [_beside(parts) for parts in zip(*tiles, strict=True)]
        return strips

    def _tile(self, at: int, sheet: Sheet, pitch: int) -> list[Strip]:
        """A picture with its words: `sheet.rows` + CAPTION strips."""
        controller = self.controller
        assert controller.places is not None
        sample = int(controller.places[at])
        left = max(0, (pitch - GAP - sheet.columns) // 2)
        drawn = [
            Strip([Segment(" " * left), *strip]).adjust_cell_length(pitch)
            for strip in self._drawn(controller.samples.picture(sample), sheet)
        ]
        drawn += [Strip.blank(pitch)] * (sheet.rows - len(drawn))
        return drawn[: sheet.rows] + self._caption(at, sample, pitch)

    def _drawn(self, picture: "NDArray[np.float32]", sheet: Sheet) -> list[Strip]:
        shown = as_shown(self.app, picture, self.plain, self.controller.samples.dark_ground)
        return (characters if self.plain else half_blocks)(shown, sheet.rows, sheet.columns)

    def _caption(self, at: int, sample: int, pitch: int) -> list[Strip]:
        controller, room = self.controller, pitch - GAP
        said, true = controller.captions(sample)
        is_marked = at == controller.at
        head = f"#{sample + 1} {controller.share(sample)}"
        decided = self._decided(sample)
        third = decided or (f"{controller.given} {true}" if true else "")
        lines = [
            (
                fitted(f"▸{head}" if is_marked else head, room, centre=True),
                self.mark if is_marked else Style(bold=True),
            ),
            (fitted(self._sign(sample) + said, room, centre=True), self._verdict_style(sample)),
            (fitted(third, room, centre=True), Style(bold=True) if decided else Style(dim=True)),
        ]
        return [Strip([Segment(words, style), Segment(" " * GAP)]) for words, style in lines]

    # ------------------------------------------------------------------------------------------------ lines

    def _lines(self, width: int, height: int) -> list[Strip]:
        controller = self.controller
        self.across, controller.per_page = 1, max(height - 1, 1)
        self.pitch, self.rows = width, 1
        assert controller.places is not None
        return [
            Strip([Segment(self._line_head(width), Style(dim=True))]),
            *(self._line(at, int(controller.places[at]), width) for at in controller.page),
        ]

    def _line_head(self, width: int) -> str:
        facts = self.controller.facts
        is_number = facts.task is Task.REGRESSION
        share = "predicted" if is_number else "sure"
        label = "" if is_number else fitted("predicted", self._label_width + 2)
        given = printable(facts.target_names[0]) if facts.target_names else self.controller.given
        head = f"{'#':>{NUMBER - 1}} {share:>{self._share_width}}  {label}{fitted(given, self._label_width)}"
        if not facts.is_table:
            return head
        return head + "".join(
            " " + fitted(printable(facts.feature(column)), VALUE) for column in range(self._columns(width))
        )

    @property
    def _share_width(self) -> int:
        return 9 if self.controller.facts.task is Task.REGRESSION else SHARE

    @property
    def _label_width(self) -> int:
        facts = self.controller.facts
        if facts.task is Task.LABELS:
            return LONGEST + 10
        return min(max([SHORTEST, *(len(name) + 1 for name in facts.classes)]), LONGEST)

    @property
    def _before(self) -> int:
        """Cells before what stands in a sample."""
        label = 0 if self.controller.facts.task is Task.REGRESSION else self._label_width + 2
        return NUMBER + self._share_width + 2 + label + self._label_width

    def _columns(self, width: int) -> int:
        """Columns of a table that have room."""
        return max(0, min(self.controller.facts.shape[0], (width - self._before) // (VALUE + 1)))

    def _line(self, at: int, sample: int, width: int) -> Strip:
        controller, facts = self.controller, self.controller.facts
        is_marked = at == controller.at
        number = f"{'▸' if is_marked else ' '}{sample + 1:>{NUMBER - 2}} "
        share = f"{controller.share(sample):>{self._share_width}}  "
        said, true = controller.captions(sample)
        segments = [Segment(number + share, self.mark if is_marked else Style(bold=True))]
        if facts.task is Task.REGRESSION:
            segments.append(Segment(fitted(said.removeprefix("true "), self._label_width)))
        else:
            segments.append(
                Segment(fitted(self._sign(sample) + said, self._label_width + 2), self._verdict_style(sample))
            )
            segments.append(Segment(fitted(self._decided(sample) or true, self._label_width)))
        segments.append(Segment(fitted(self._inside(sample, width), width - self._before)))
        return Strip(segments)

    def _inside(self, sample: int, width: int) -> str:
        """What stands in a sample, as far as there is room."""
        samples, facts = self.controller.samples, self.controller.facts
        if not facts.is_table:
            return " " + printable(samples.text(sample)[: 2 * width])
        row = samples.row(sample)
        return "".join(
            " " + cell_words(facts, column, row[column], VALUE) for column in range(self._columns(width))
        )

    # ------------------------------------------------------------------------------------------------ signs

    def _decided(self, sample: int) -> str:
        """What was decided about its label; empty where nothing was."""
        decisions = self.controller.decisions
        return "" if decisions is None else decisions.words(sample)

    def _sign(self, sample: int) -> str:
        if self.controller.facts.task is Task.REGRESSION:
            return ""
        return "✗ " if self.controller.judged.wrong[sample] else "✓ "

    def _verdict_style(self, sample: int) -> Style:
        if self.controller.facts.task is Task.REGRESSION:
            return Style(dim=True)
        wrong = self.controller.judged.wrong[sample]
        return Style(color=self.app.theme_variables["error" if wrong else "success"])


def _beside(parts: tuple[Strip, ...]) -> Strip:
    return Strip([segment for part in parts for segment in part])
