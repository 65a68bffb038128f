"""A few real samples: pictures side by side with their labels, or the columns of a table."""

from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from tuinn.spec.dataset import DataFacts
from tuinn.ui.widgets.lines import Lines
from tuinn.ui.widgets.picture import characters, half_blocks
from tuinn.view.words import printable

if TYPE_CHECKING:
    from tuinn.data.preview import Preview

GAP = 1


class Samples(Lines):
    """As many as the width takes, one of each class."""

    DEFAULT_CSS = "Samples { height: 1fr; }"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.images: Any = None
        self.facts: DataFacts | None = None
        self.table: Preview | None = None

    def clear(self) -> None:
        self.images = self.facts = self.table = None
        self._redraw()

    def show_images(self, images: Any, facts: DataFacts) -> None:
        """`images` is classes × height × width (× channels), one of each class, in the order of the labels."""
        self.images, self.facts, self.table = images, facts, None
        self._redraw()

    def show_columns(self, seen: "Preview") -> None:
        self.images, self.facts, self.table = None, None, seen
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        width, height = self.size
        if self.images is not None and self.facts and height > 2 and width > 8:
            self.show_strips(self._pictures(width, height))
        elif self.table is not None and height > 1:
            self.show_strips(self._columns(width, height))
        else:
            self.show_strips([])

    def _pictures(self, width: int, height: int) -> list[Strip]:
        from tuinn.view.ascii_image import fit, unit

        assert self.facts is not None
        rows = height - 1
        wanted = max(3, (width + GAP) // 15)
        columns = min(2 * rows, (width + GAP) // wanted - GAP)
        pixels_high, columns = fit(self.images.shape[1], self.images.shape[2], rows, columns)
        rows = (pixels_high + 1) // 2
        shown = min(len(self.images), (width + GAP) // (columns + GAP))
        draw = characters if self.app.no_color else half_blocks
        blocks = [
            draw(unit(self.images[at], self.facts.low, self.facts.high), rows, columns) for at in range(shown)
        ]
        gap = Segment(" " * GAP)
        strips = [
            Strip([segment for block in blocks for segment in (*block[row], gap)])
            for row in range(min(len(block) for block in blocks))
        ]
        caption = " ".join(printable(self.facts.classes[at])[:columns].center(columns) for at in range(shown))
        return [*strips, Strip([Segment(caption, Style(dim=True))])]

    def _columns(self, width: int, height: int) -> list[Strip]:
        assert self.table is not None
        columns = self.table.columns
        longest = max((len(column.name) for column in columns), default=0)
        name = min(longest, max(10, width - 30))
        head = f"{'column':<{name}} {'min':>8} {'mean':>8} {'max':>8}"
        lines = [Strip([Segment(head, Style(dim=True))])]
        shown = columns if len(columns) < height else columns[: height - 2]
        for column in shown:
            numbers = f"{column.low:>8.4g} {column.mean:>8.4g} {column.high:>8.4g}"
            lines.append(Strip([Segment(f"{printable(column.name)[:name]:<{name}} {numbers}")]))
        if len(shown) < len(columns):
            lines.append(Strip([Segment(f"and {len(columns) - len(shown)} more columns", Style(dim=True))]))
        return lines
