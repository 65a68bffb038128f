"""Rows of cells that remember what they showed: only the cells that changed are sent to the terminal."""

from collections.abc import Callable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual.app import App, RenderResult
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Cells = list[tuple[str, Style | None]]


class CellLines(Widget):
    """A widget that is drawn by `show_strips`. Over SSH a frame costs what it changes, not what it shows."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._given: Callable[[int], Sequence[Strip]] = lambda _: ()
        """Width → what is to be shown; asked again whenever the width changes."""
        self._strips: list[Strip] = []
        self._ground = Style()
        """Of what has no style of its own."""

    def on_resize(self) -> None:
        self._lay(self._given(self.size.width))

    def show_strips(self, strips: Sequence[Strip]) -> None:
        """Draw these rows from the top; what is missing is blank, what is too much is cut."""
        self._given = lambda _: strips
        self._lay(strips)

    def _lay(self, strips: Sequence[Strip]) -> None:
        width, height = self.size
        fresh = [strip.adjust_cell_length(width) for strip in strips[:height]]
        fresh += [Strip.blank(width)] * (height - len(fresh))
        old, self._strips = self._strips, fresh
        if len(old) != len(fresh):
            self.refresh()
        elif changed := [
            Region(stretch[0], y, stretch[1] - stretch[0], 1)
            for y, (before, now) in enumerate(zip(old, fresh, strict=True))
            if (stretch := changed_stretch(before, now)) is not None
        ]:
            self.refresh(*changed)

    def show_text(self, text: Text | Callable[[int], Text], wrap: bool = False) -> None:
        """Draw lines of text, or what a function makes of the width; what is too long is cut, or wrapped at words."""

        def strips(width: int) -> list[Strip]:
            whole = text if isinstance(text, Text) else text(width)
            console = self.app.console
            lines = whole.wrap(console, max(width, 1)) if wrap else whole.split("\n", allow_blank=True)
            for line in lines:
                line.truncate(max(width, 1), overflow="ellipsis")
            # Rich draws the style of a text as a whole only where a part has one, too.
            return [Strip(Text.assemble(line).render(console, end="")) for line in lines]

        self._given = strips
        self._lay(strips(self.size.width))

    def render(self) -> RenderResult:
        return ""

    def render_lines(self, crop: Region) -> list[Strip]:
        style = self.rich_style  # asks all widgets around it: once, not for every line
        self._ground = Style(color=style.color, bgcolor=style.bgcolor)
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        if y >= len(self._strips):
            return Strip.blank(self.size.width, self._ground)
        return self._strips[y].adjust_cell_length(self.size.width).apply_style(self._ground)


def centred(strips: Sequence[Strip], width: int, height: int) -> list[Strip]:
    """The rows in the middle of a box."""
    rows = [Strip.blank(width)] * ((height - len(strips)) // 2)
    for strip in strips:
        rows.append(Strip([Segment(" " * ((width - strip.cell_length) // 2)), *strip]))
    return rows


def changed_stretch(before: Strip, now: Strip) -> tuple[int, int] | None:
    """The cells, from and to, outside which two rows of one width are equal; None when all are.

    A row with wide characters has changed as a whole.
    """
    if before == now:
        return None
    one, other = _cells(before), _cells(now)
    if len(one) != len(other) or len(other) != now.cell_length:
        return 0, now.cell_length
    changed = [at for at, (was, is_) in enumerate(zip(one, other, strict=True)) if was != is_]
    return (changed[0], changed[-1] + 1) if changed else None


def _cells(strip: Strip) -> Cells:
    return [(letter, segment.style) for segment in strip for letter in segment.text]


def fitted(text: str, width: int, centre: bool = False) -> str:
    """Text of exactly `width` cells, cut with an ellipsis. Wide characters count as the terminal counts them."""
    long = cell_len(text)
    if long > width:
        return set_cell_size(text, max(width - 1, 0)) + "…" * (width > 0)
    left = (width - long) // 2 if centre else 0
    return " " * left + text + " " * (width - long - left)


def is_ascii_only(app: App[object]) -> bool:
    """Whether the app draws with ASCII alone, without blocks and braille."""
    return bool(getattr(app, "ascii_only", False))


def in_clauses(text: Text, width: int) -> Text:
    """The text in lines of `width` cells, broken only between its clauses."""
    dot, lines = Text(" · "), [Text()]
    for clause in text.split(" · "):
        line = dot.join([lines[-1], clause]) if lines[-1] else clause
        if lines[-1] and line.cell_len > width:
            lines.append(clause)
        else:
            lines[-1] = line
    return Text("\n").join(lines)
