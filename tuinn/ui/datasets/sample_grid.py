"""A page of samples with their labels: pictures side by side, rows of a table, or beginnings of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts
from tuinn.text import plural, printable
from tuinn.ui.datasets.sample_detail import cell_words
from tuinn.ui.widgets.cell_lines import CellLines, fitted
from tuinn.ui.widgets.picture import as_shown, redraw_with_theme, sheet_strips
from tuinn.view.ascii_image import sheet_for

if TYPE_CHECKING:
    from tuinn.ui.datasets.viewer_controller import Sample


LABEL = 12
"""Cells for the label of a row or a text."""

CELL = 10
"""Cells of a value."""

PLACE = 8
"""Cells for the number of a sample."""


@dataclass(frozen=True)
class GridSample:
    """One sample of the page."""

    number: int
    """As it is stored, counted from 1."""
    label: str
    sample: "Sample"


class SampleGrid(CellLines):
    """Marks the selected sample by a sign and a colour."""

    DEFAULT_CSS = "SampleGrid { width: 1fr; height: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.page: Sequence[GridSample] = ()
        self.facts: DataFacts | None = None
        self.selected = 0
        self.across = 1
        """Samples in a row of the page: how far up and down go."""
        self.plain = False

    def on_mount(self) -> None:
        redraw_with_theme(self, self._redraw)

    def show_page(self, page: Sequence[GridSample], facts: DataFacts, selected: int, plain: bool) -> None:
        """Draw these samples; `selected` counts from 0 within the page."""
        self.page, self.facts, self.selected, self.plain = page, facts, selected, plain
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.size
        if not self.facts or not self.page or height < 2 or width < 20:
            self.show_strips([])
            return
        accent = self.app.theme_variables["accent"]
        mark = Style(color=accent, bold=True, reverse=True)
        if self.facts.is_table:
            self.across = 1
            self.show_strips(self._rows(self.facts, width, height, mark))
        elif self.facts.is_text:
            self.across = 1
            self.show_strips(
                [
                    self._line(at, _beginning(self.page[at], width), width, mark)
                    for at in self._visible(height)
                ]
            )
        else:
            self.show_strips(self._pictures(self.facts, width, height, mark))

    def _pictures(self, facts: DataFacts, width: int, height: int, mark: Style) -> list[Strip]:
        from tuinn.data.dataset_arrays import has_dark_ground
        from tuinn.view.tensor import pixels_of, plane_of

        pixels = [
            None
            if isinstance(shown.sample, SpecError | str)
            else pixels_of(plane_of(shown.sample)[0], facts.low, facts.high)
            for shown in self.page
        ]
        known = next((picture for picture in pixels if picture is not None), None)
        high, wide = known.shape[:2] if known is not None else (8, 8)
        sheet = sheet_for(len(self.page), high, wide, height, width)
        self.across = sheet.across
        captions = [
            ("✗ " if isinstance(shown.sample, SpecError) else "") + shown.label for shown in self.page
        ]
        dark = has_dark_ground(picture for picture in pixels if picture is not None)
        drawn = [
            None if picture is None else as_shown(self.app, picture, self.plain, dark) for picture in pixels
        ]
        return sheet_strips(drawn, captions, sheet, width, self.plain, self.selected, mark)

    def _visible(self, height: int) -> range:
        """The lines that have room, the selected one among them."""
        first = min(max(self.selected - height // 2, 0), max(len(self.page) - height, 0))
        return range(first, min(first + height, len(self.page)))

    def _rows(self, facts: DataFacts, width: int, height: int, mark: Style) -> list[Strip]:
        shown = min(facts.shape[0], (width - PLACE - LABEL) // (CELL + 1))
        left = facts.shape[0] - shown
        head = f"{'#':>{PLACE - 1}} {'label':<{LABEL}}" + "".join(
            " " + fitted(printable(facts.feature(at)), CELL) for at in range(shown)
        )
        strips = [Strip([Segment(head, Style(dim=True))])]
        for at in self._visible(height - 1 - bool(left)):
            sample = self.page[at].sample
            if isinstance(sample, SpecError | str):
                words = printable(str(sample))
            else:
                words = " ".join(cell_words(facts, column, sample[column], CELL) for column in range(shown))
            strips.append(self._line(at, words, width, mark))
        if left:
            more = f"and {plural(left, 'more column', 'more columns')}: Enter shows a row whole"
            strips.append(Strip([Segment(more, Style(dim=True))]))
        return strips

    def _line(self, at: int, words: str, width: int, mark: Style) -> Strip:
        chosen, shown = at == self.selected, self.page[at]
        number = f"{'▸' if chosen else ' '}{shown.number:>{PLACE - 2}} "
        label = fitted(shown.label, LABEL)
        rest = fitted(" " + words, width - PLACE - LABEL)
        return Strip([Segment(number + label, mark if chosen else Style(bold=True)), Segment(rest)])


def _beginning(sample: GridSample, width: int) -> str:
    return printable(str(sample.sample)[: 2 * width])
