"""A page of samples with their labels: pictures side by side, rows of a table, or beginnings of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts
from tuinn.text import figure, plural, printable
from tuinn.ui.widgets.cell_lines import CellLines, boxed, cell_words
from tuinn.ui.widgets.picture import sheet_strips
from tuinn.view.ascii_image import sheet_for, sheet_of_size

if TYPE_CHECKING:
    from tuinn.data.explore.preview import Preview


LABEL = 12
"""Cells for the label of a row or a text."""

CELL = 10
"""Cells of a value."""

PLACE = 8
"""Cells for the number of a sample."""


@dataclass(frozen=True)
class Shown:
    """One sample of the page."""

    number: int
    """As it is stored, counted from 1."""
    label: str
    sample: Any
    """An array, a text, or the SpecError that kept it from being read."""


class SampleGrid(CellLines):
    """The selected sample is marked by a sign and a colour."""

    DEFAULT_CSS = "SampleGrid { width: 1fr; height: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.page: Sequence[Shown] = ()
        self.facts: DataFacts | None = None
        self.selected = 0
        self.across = 1
        """Samples in a row of the page: how far up and down go."""
        self.plain = False

    def show_page(self, page: Sequence[Shown], facts: DataFacts, selected: int, plain: bool) -> None:
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
        from tuinn.view.tensor import pixels_of, plane_of

        pixels = [
            None
            if isinstance(shown.sample, SpecError)
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
        return sheet_strips(pixels, captions, sheet, width, self.plain, self.selected, mark)

    def _visible(self, height: int) -> range:
        """The lines that have room, the selected one among them."""
        first = min(max(self.selected - height // 2, 0), max(len(self.page) - height, 0))
        return range(first, min(first + height, len(self.page)))

    def _rows(self, facts: DataFacts, width: int, height: int, mark: Style) -> list[Strip]:
        shown = min(facts.shape[0], (width - PLACE - LABEL) // (CELL + 1))
        left = facts.shape[0] - shown
        head = f"{'#':>{PLACE - 1}} {'label':<{LABEL}}" + "".join(
            " " + boxed(printable(facts.feature(at)), CELL) for at in range(shown)
        )
        strips = [Strip([Segment(head, Style(dim=True))])]
        for at in self._visible(height - 1 - bool(left)):
            sample = self.page[at].sample
            if isinstance(sample, SpecError):
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
        label = boxed(shown.label, LABEL)
        rest = boxed(" " + words, width - PLACE - LABEL)
        return Strip([Segment(number + label, mark if chosen else Style(bold=True)), Segment(rest)])


def _beginning(shown: Shown, width: int) -> str:
    return printable(str(shown.sample)[: 2 * width])


LEAST_GREY, LEAST_COLOUR = 12, 22
"""Pixels in height below which a picture can't be told; a photo needs more than a drawing."""


class SampleStrip(CellLines):
    """As many as have room at a size at which they can be told."""

    DEFAULT_CSS = "SampleStrip { height: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.pictures: Sequence[Any] = ()
        self.captions: Sequence[str] = ()
        self.table: Preview | None = None
        self.texts: Sequence[tuple[str, str]] = ()

    def clear(self) -> None:
        self.show()

    def show(
        self,
        pictures: Sequence[Any] = (),
        captions: Sequence[str] = (),
        table: "Preview | None" = None,
        texts: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Pixels in 0..1 with captions, or the columns of a table, or texts with their labels; nothing else."""
        self.pictures, self.captions, self.table, self.texts = pictures, captions, table, texts
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.size
        if self.pictures and height > 2 and width > 8:
            self.show_strips(self._pictures(width, height))
        elif self.table is not None and height > 1:
            self.show_strips(self._columns(self.table, width, height))
        elif self.texts and height > 1:
            self.show_strips(self._texts(width))
        else:
            self.show_strips([])

    def _pictures(self, width: int, height: int) -> list[Strip]:
        high, wide = self.pictures[0].shape[:2]
        least = LEAST_COLOUR if self.pictures[0].ndim == 3 else LEAST_GREY
        plain = self.app.no_color or getattr(self.app, "ascii_only", False)
        sheet = sheet_of_size(len(self.pictures), 2 * least if plain else least, high, wide, height, width)
        return sheet_strips(self.pictures, self.captions, sheet, width, plain)

    def _columns(self, table: "Preview", width: int, height: int) -> list[Strip]:
        columns = table.columns
        longest = max((len(column.name) for column in columns), default=0)
        name = min(longest, max(10, width - 31))
        head = f"{'column':<{name}} {'min':>9} {'mean':>9} {'max':>9}"
        lines = [Strip([Segment(head, Style(dim=True))])]
        shown = columns if len(columns) < height else columns[: height - 2]
        for column in shown:
            numbers = (
                column.words or f"{figure(column.low):>9} {figure(column.mean):>9} {figure(column.high):>9}"
            )
            lines.append(
                Strip([Segment(f"{boxed(printable(column.name), name)} {boxed(printable(numbers), 29)}")])
            )
        if len(shown) < len(columns):
            lines.append(Strip([Segment(f"and {len(columns) - len(shown)} more columns", Style(dim=True))]))
        return lines

    def _texts(self, width: int) -> list[Strip]:
        longest = min(max(len(label) for label, _ in self.texts), width // 4)
        return [
            Strip(
                [
                    Segment(boxed(label, longest), Style(bold=True)),
                    Segment(boxed(f"  {text}", width - longest)),
                ]
            )
            for label, text in self.texts
        ]
