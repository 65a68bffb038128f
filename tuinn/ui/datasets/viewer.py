"""Look at a dataset closely before anything is trained on it."""

from typing import Any

from textual import on
from textual.binding import Binding
from textual.widgets import Input

from tuinn.errors import SpecError
from tuinn.ui.datasets.look_view import ABOUT, GRID, MODES, NUMBERS, ONE, PAGES, LookView
from tuinn.ui.datasets.viewer_body import ViewerBody
from tuinn.ui.dialogs.help import Help
from tuinn.ui.keys import bindings_for
from tuinn.ui.widgets.controls import TextField
from tuinn.view.tensor import Index, channel_names, cut, index_words, parse_index, shape_words

LEAF = 10
"""Lines that n and p scroll."""


class DatasetViewer(LookView):
    """Every key gives another `Looking` or another way to draw it."""

    BINDINGS = [*bindings_for("look"), Binding("ctrl+q,f10", "app.quit", show=False)]

    def action_leave(self) -> None:
        if self.query_one("#look-slice").display:
            self._close_slice()
        else:
            self.dismiss()

    def action_help(self) -> None:
        self.app.push_screen(Help())

    def action_mode(self, number: int) -> None:
        self.mode = number - 1
        self.query_one(ViewerBody).scroll_to_top()
        if self.looking is not None:
            self.go(self.looking)
        else:
            self.draw_head()

    def action_next_mode(self, by: int) -> None:
        self.action_mode((self.mode + by) % len(MODES) + 1)

    def action_open(self) -> None:
        self.action_mode(ONE + 1)

    def action_step(self, by: int) -> None:
        if self.looking is None:
            return
        if self.mode in (NUMBERS, ABOUT):
            self.query_one(ViewerBody).scroll_words(by * LEAF)
            return
        size = PAGES[self.enlarged] if self.mode == GRID else 1
        to = self.looking.at // size * size + by * size
        self.go(self.looking.to(to) if 0 <= to < self.looking.total else self.looking)

    def action_move(self, rows: int, columns: int) -> None:
        if self.looking is None:
            return
        body = self.query_one(ViewerBody)
        if self.mode == GRID:
            self.go(self.looking.moved(rows * body.across + columns))
        else:
            body.move(rows, columns)

    def action_end(self, last: int) -> None:
        if self.looking is not None:
            self.go(self.looking.to(self.looking.total - 1 if last else 0))

    def action_class(self, by: int) -> None:
        if self.looking is not None:
            self.go(self.looking.next_class(by))

    def action_shuffle(self) -> None:
        if self.looking is not None:
            self.go(self.looking.shuffled(0 if self.looking.seed is None else self.looking.seed + 1))

    def action_stored(self) -> None:
        if self.looking is not None:
            self.go(self.looking.shuffled(None))

    def action_part(self) -> None:
        if self.looking is not None:
            self.go(self.looking.other_part())

    def action_enlarge(self, by: int) -> None:
        self.enlarged = min(max(self.enlarged + by, 0), len(PAGES) - 1)
        if self.looking is not None:
            self.go(self.looking)

    def action_channel(self) -> None:
        channels = len(channel_names(self.looking.facts.shape)) if self.looking else 0
        if not channels:
            self.notify("These samples have no colour channels.", markup=False)
            return
        self.channel = {None: 0, channels - 1: None}.get(self.channel, (self.channel or 0) + 1)
        if self.mode == GRID:
            self.action_open()
        else:
            self.draw()

    def action_plain(self) -> None:
        self.plain = not self.plain
        self.draw()

    # ----------------------------------------------------------------------------------------------- slices

    def action_slice(self) -> None:
        if self.looking is None or self.looking.facts.is_text or not self.looking.total:
            self.notify("There is no tensor with axes to cut.", markup=False)
            return
        if self.mode != GRID:
            self.action_open()
        field = self.query_one("#look-slice", TextField)
        field.value = index_words(self.index) if self.index else ""
        field.display = True
        field.focus()

    @on(Input.Changed, "#look-slice")
    def _slice_typed(self, event: Input.Changed) -> None:
        """What it would give, as it is typed."""
        event.stop()
        if event.input.display:
            self._try_slice(event.value)

    def _try_slice(self, text: str) -> Index | None:
        assert self.looking is not None
        sample: Any = self.sample(self.looking.at)
        try:
            index = parse_index(text)
            if isinstance(sample, SpecError):
                raise sample
            part = cut(sample, index)
        except SpecError as problem:
            self.say(f"✗ {problem}", "error")
            return None
        self.say(f"→ shape {shape_words(part.shape)} · Enter cuts · Esc leaves it", "success")
        return index

    @on(Input.Submitted, "#look-slice")
    def _slice_kept(self, event: Input.Submitted) -> None:
        event.stop()
        index = self._try_slice(event.value)
        if index is not None:
            self.index = index
            self._close_slice()

    def _close_slice(self) -> None:
        self.query_one("#look-slice").display = False
        self.set_focus(None)
        self.draw()
