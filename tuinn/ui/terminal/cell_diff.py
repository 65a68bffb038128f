"""What goes down the line: only the cells that look different from what the terminal shows already."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from rich.cells import cell_len
from rich.console import RenderableType
from rich.control import Control
from rich.style import Style
from textual import on
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size
from textual.screen import Screen
from textual.strip import Strip

from tuinn.ui.textual_internals import (
    ChopsUpdate,
    CompositorUpdate,
    LayoutUpdate,
    is_drawing,
    visible_attributes,
)

Cell = tuple[str, object]
"""A character and how it looks; a wide one is followed by an empty cell."""

GAP = 8
"""Equal cells between two that changed, from which on it is cheaper to move the cursor than to send them again."""

PLAIN = (None, None, 0)

UNKNOWN: Cell = ("\0", None)
"""Like no other cell."""

_SHOWS_ON_BLANKS = sum(1 << bit for bit in (3, 6, 8, 9, 10, 11, 12))
"""Rich's bits for underline, reverse, strike, double underline, frame, encircle and overline."""

Patch = tuple[int, int, Strip]
"""Row, column, and what is to stand there."""


class CellDiff(App[None]):
    """Textual draws the whole screen for a dialogue, and again for every change of layout: 65 kB at 120×40. This keeps
    what was drawn, and sends the difference."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: dict[int, list[Cell]] = {}
        """Row → its cells as the terminal has them."""
        self.shown_size = Size()

    def forget_screen(self) -> None:
        """What the terminal shows is not known any more: the next frame goes whole."""
        self.shown.clear()

    def action_redraw(self) -> None:
        """Send everything again, for a terminal that something else has written on."""
        self.forget_screen()
        self.refresh()
        self.screen.refresh()

    @on(Driver.SignalResume)
    def _continued(self) -> None:
        """The shell has written on the terminal since it was stopped."""
        self.action_redraw()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if self.size != self.shown_size:
            self.shown_size = self.size
            self.forget_screen()
        if is_drawing(self) and isinstance(renderable, LayoutUpdate | ChopsUpdate):
            changes = Changes(list(self._changed(_patches(renderable))))
            super()._display(screen, changes if changes.patches else None)  # type: ignore[arg-type]
        else:
            super()._display(screen, renderable)

    def _changed(self, patches: Iterable[Patch]) -> Iterator[Patch]:
        for y, x, strip in patches:
            fresh, row = cells(strip), self.shown.setdefault(y, [])
            row += [UNKNOWN] * (x + len(fresh) - len(row))
            for left, right in differences(row[x : x + len(fresh)], fresh):
                yield y, x + left, strip.crop(left, right)
            row[x : x + len(fresh)] = fresh


class Changes(CompositorUpdate):
    """Strips at their places."""

    def __init__(self, patches: list[Patch]) -> None:
        self.patches = patches

    def render_segments(self, console: object) -> str:
        """As the terminal wants it."""
        return "".join(
            Control.move_to(x, y).segment.text + strip.render(console)  # type: ignore[arg-type]
            for y, x, strip in self.patches
        )


def _patches(update: LayoutUpdate | ChopsUpdate) -> Iterator[Patch]:
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            yield y, update.region.x, Strip.join(line)
        return
    for y, x1, x2 in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= x2 and end > x1:
                yield y, x, strip if x >= x1 and end <= x2 else strip.crop(0, min(end, x2) - x)


def cells(strip: Strip) -> list[Cell]:
    """One for each column of the terminal."""
    found: list[Cell] = []
    for text, style, _ in strip:
        look, blank = _looks(style)
        for letter in text:
            if letter == " ":
                found.append((letter, blank))
            elif letter.isascii() or (width := cell_len(letter)) == 1:
                found.append((letter, look))
            elif width:
                found += [(letter, look), *[("", look)] * (width - 1)]
            elif found:  # an accent stands in one cell with its letter
                found[-1] = (found[-1][0] + letter, look)
    return found


@lru_cache(maxsize=4096)
def _looks(style: Style | None) -> tuple[object, object]:
    """What can be seen of a letter and of a blank in this style. What a click on it does can't."""
    if style is None:
        return PLAIN, PLAIN
    attributes = visible_attributes(style)
    whole = (style.color, style.bgcolor, attributes)
    # Ink without a line through, under or around it doesn't show on a blank.
    return whole, whole if attributes & _SHOWS_ON_BLANKS else (None, style.bgcolor, 0)


def differences(before: list[Cell], now: list[Cell]) -> Iterator[tuple[int, int]]:
    """Stretches of `now` that must be sent, as columns from and to; never half a wide character."""
    changed = [at for at, (old, new) in enumerate(zip(before, now, strict=True)) if old != new]
    if not changed:
        return
    start = last = changed[0]
    for at in changed[1:]:
        if at - last > GAP:
            yield _whole(now, before, start, last + 1)
            start = at
        last = at
    yield _whole(now, before, start, last + 1)


def _whole(now: list[Cell], before: list[Cell], start: int, end: int) -> tuple[int, int]:
    while start > 0 and (now[start][0] == "" or before[start][0] == ""):
        start -= 1
    while end < len(now) and (now[end][0] == "" or before[end][0] == ""):
        end += 1
    return start, end
