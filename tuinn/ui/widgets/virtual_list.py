"""A long list of lines, with a head or without: only the lines in sight are made, and only what changed is drawn."""

from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.app import RenderResult
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from tuinn.ui.keys.table import bindings_for

WHEEL = 3
"""Rows that one notch of the mouse wheel moves."""


class VirtualList(Widget, can_focus=True):
    """Shows `count` rows, each made when it comes into sight. With `cursor`, one row is current; else the keys scroll.

    The cursor skips headings. A head, where there is one, stays above the rows.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_for("list"),
        Binding("enter", "choose", show=False),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {"virtual-list--cursor", "virtual-list--bar"}
    DEFAULT_CSS = """
    VirtualList { height: 1fr; }
    VirtualList > .virtual-list--cursor { background: $block-cursor-blurred-background; }
    VirtualList:focus > .virtual-list--cursor { background: $row-cursor; }
    VirtualList > .virtual-list--bar { color: $pane-border; }
    VirtualList:focus > .virtual-list--bar { color: $accent; }
    """

    @dataclass
    class Moved(Message):
        """The cursor stands on another row."""

        at: int

    @dataclass
    class Chosen(Message):
        """Enter or a click on the row under the cursor."""

        at: int

    @dataclass
    class HeadClicked(Message):
        """A click on the head, so many cells from the left."""

        x: int

    class Resized(Message):
        """There is another width for the rows, or room for more of them."""

    def __init__(self, id: str | None = None, cursor: bool = True) -> None:
        super().__init__(id=id)
        self.count = 0
        self.at = 0
        """The row under the cursor, counted from 0."""
        self.top = 0
        """The first row in sight."""
        self.has_cursor = cursor
        self.headings: Container[int] = ()
        self.hint: Callable[[int], str] = lambda _at: ""
        """What is shown while the pointer rests on the row at a place, counted from 0."""
        self._make_line: Callable[[int, int], Text] = lambda _at, _width: Text()
        self._make_head: Callable[[int], Text] | None = None
        self._made: dict[int, Strip] = {}
        self._made_for = 0
        """The width of those that are made."""

    def show(
        self,
        count: int,
        line: Callable[[int, int], Text],
        at: int | None = None,
        headings: Container[int] = (),
        head: Callable[[int], Text] | None = None,
    ) -> None:
        """Show other rows: `line` makes the one at a place, counted from 0, for a width; `head` the head for a width.

        The cursor goes to `at`, or stays.
        """
        self.count, self._make_line, self.headings, self._make_head = count, line, headings, head
        self._made.clear()
        self._go(self.at if at is None else at)
        self.refresh()

    @property
    def width(self) -> int:
        """Columns of a row; where not all rows are in sight, the last column is the scroll bar's."""
        return max(self.size.width - (self.count > self.height), 1)

    @property
    def height(self) -> int:
        """Rows that have room below the head."""
        return max(self.size.height - self._head_height, 1)

    @property
    def _head_height(self) -> int:
        return 0 if self._make_head is None else 1

    # ------------------------------------------------------------------------------------------------ moving

    def action_move(self, by: int) -> None:
        if self.has_cursor:
            self._go(self.at + by)
        else:
            self._scroll(self.top + by)

    def action_page(self, by: int) -> None:
        self.action_move(by * max(self.height - 1, 1))

    def action_go(self, at: int) -> None:
        place = at if at >= 0 else self.count - 1
        if self.has_cursor:
            self._go(place)
        else:
            self._scroll(place)

    def action_choose(self) -> None:
        if self.has_cursor and self.at < self.count and self.at not in self.headings:
            self.post_message(self.Chosen(self.at))

    def _go(self, at: int) -> None:
        before, self.at = self.at, self._past_headings(max(0, min(at, self.count - 1)))
        height = self.height
        if self.has_cursor:
            heading = self.at - 1 in self.headings and height > 1
            self._scroll(min(max(self.top, self.at - height + 1), self.at - heading))
        else:
            self._scroll(self.top)
        if before != self.at:
            self._draw(before)
            self._draw(self.at)
            self.post_message(self.Moved(self.at))

    def _past_headings(self, at: int) -> int:
        """The nearest place that isn't a heading, further on in the direction one was going."""
        onwards = range(at, self.count) if at >= self.at else range(at, -1, -1)
        back = range(at, -1, -1) if at >= self.at else range(at, self.count)
        return next((place for place in (*onwards, *back) if place not in self.headings), at)

    def _scroll(self, top: int) -> None:
        top = max(0, min(top, self.count - self.height))
        if top != self.top:
            self.top = top
            self.refresh()

    def on_resize(self) -> None:
        if self.at < self.height:
            self._scroll(0)
        self._go(self.at)
        self.post_message(self.Resized())

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_move(WHEEL)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_move(-WHEEL)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        place = self.top + event.y - self._head_height
        self.tooltip = (
            (self.hint(place) or None) if event.y >= self._head_height and place < self.count else None
        )

    def on_click(self, event: events.Click) -> None:
        if event.y < self._head_height:
            self.post_message(self.HeadClicked(event.x))
            return
        place = self.top + event.y - self._head_height
        if self.has_cursor and place < self.count:
            if place == self.at and event.chain > 1:
                self.action_choose()
            self._go(place)

    # ----------------------------------------------------------------------------------------------- drawing

    def _draw(self, at: int) -> None:
        """Draw one row again."""
        self._made.pop(at, None)
        if 0 <= at - self.top < self.height:
            self.refresh(Region(0, at - self.top + self._head_height, self.size.width, 1))

    def render(self) -> RenderResult:
        return ""

    def render_line(self, y: int) -> Strip:
        own = self.rich_style
        background = Style(color=own.color, bgcolor=own.bgcolor)
        if self._make_head is not None and y == 0:
            line = self._strip(self._make_head(self.width), self.size.width)
            return line.apply_style(background)
        at, width = self.top + y - self._head_height, self.width
        if at >= self.count:
            return Strip.blank(self.size.width, background)
        if width != self._made_for:  # drawn at another width, before it is told of that
            self._made.clear()
            self._made_for = width
        row = self._made.get(at)
        if row is None:
            row = self._made[at] = self._strip(self._make_line(at, width), width)
        is_current = self.has_cursor and at == self.at
        cursor = self.get_component_rich_style("virtual-list--cursor").background_style
        row = row.apply_style(background + cursor if is_current else background)
        bar = y - self._head_height
        return row if width == self.size.width else Strip.join([row, self._bar(bar, background)])

    def _strip(self, text: Text, width: int) -> Strip:
        line = Text.assemble(text, no_wrap=True)  # a text's own style becomes a span
        line.truncate(width, overflow="ellipsis")
        return Strip(line.render(self.app.console, end="")).adjust_cell_length(width)

    def _bar(self, y: int, background: Style) -> Strip:
        """A piece of the scroll bar."""
        height, count = self.height, max(self.count, 1)
        first = round(self.top * height / count)
        last = max(first + 1, round((self.top + height) * height / count))
        mark = "┃" if first <= y < last else "│"
        colour = self.get_component_rich_style("virtual-list--bar").color
        return Strip([Segment(mark, background + Style(color=colour))])
