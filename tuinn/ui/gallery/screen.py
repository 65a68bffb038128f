"""The gallery of samples: its keys change a `GalleryController`, a thread chooses, and the page is drawn anew."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from rich.text import Text
from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from tuinn.errors import SpecError
from tuinn.ui.dialogs.dialog import AnswersOnce
from tuinn.ui.dialogs.help import Help
from tuinn.ui.gallery.controller import GalleryController, GalleryState
from tuinn.ui.gallery.label_decisions import Kind
from tuinn.ui.gallery.tiles import ROWS, Tiles
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.cell_lines import CellLines, is_ascii_only
from tuinn.ui.widgets.controls import KeyFooter, TextField
from tuinn.ui.widgets.picture import draws_plain
from tuinn.view.gallery import filter_help

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Gallery(AnswersOnce[int | None]):
    """Answers the sample that is to be shown large; None where the user goes back. Its controller keeps where one was."""

    CSS_PATH = "screen.tcss"
    AUTO_FOCUS = ""
    BINDINGS = [*bindings_for("gallery"), Binding("ctrl+q,f10", "app.quit", show=False)]

    def __init__(
        self, controller: GalleryController, find_nearest: Callable[[int], None] | None = None
    ) -> None:
        """`find_nearest`: shows the training samples nearest to a sample; None: nobody can find them."""
        super().__init__()
        self.controller, self.find_nearest = controller, find_nearest

    def compose(self) -> ComposeResult:
        yield CellLines(id="gallery-head")
        yield CellLines(id="gallery-words")
        yield Tiles(self.controller, id="gallery-tiles")
        yield CellLines(id="gallery-learning")
        yield CellLines(id="gallery-status")
        yield TextField(placeholder=filter_help(self.controller.facts), id="gallery-filter")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.tiles.plain = draws_plain(self.app)
        self.filter_field.display = self.learning.display = False
        self._choose()

    @property
    def tiles(self) -> Tiles:
        return self.query_one(Tiles)

    @property
    def filter_field(self) -> TextField:
        return self.query_one("#gallery-filter", TextField)

    @property
    def learning(self) -> CellLines:
        """The line that says when the marked sample was got right."""
        return self.query_one("#gallery-learning", CellLines)

    # --------------------------------------------------------------------------------------------- choosing

    @work(thread=True, exclusive=True, group="gallery-choose")
    def _choose(self) -> None:
        state = self.controller.state
        self.app.call_from_thread(self._take, self.controller.choose(), state)

    def _take(self, places: "NDArray[np.intp]", state: GalleryState) -> None:
        """Show what was chosen, unless something else is wanted by now."""
        if state.wanted == self.controller.state.wanted and state.order is self.controller.state.order:
            self.controller.take(places)
            self._draw()

    # ---------------------------------------------------------------------------------------------- drawing

    def _draw(self) -> None:
        controller, accent = self.controller, self.app.theme_variables["accent"]
        self.tiles.draw()
        head = Text.assemble((controller.title, f"bold {accent}"), no_wrap=True, overflow="ellipsis")
        head.append(f"  {controller.count_words()}", style="dim")
        self.query_one("#gallery-head", CellLines).show_text(head)
        self.query_one("#gallery-words", CellLines).show_text(Text(controller.head()))
        if controller.count:
            self._show_status(controller.status())
            self.learning.show_text(Text(controller.learning(is_ascii_only(self.app)), no_wrap=True))
        else:
            self._show_status("No sample is like that. 0 takes the filters away.", "warning")

    def _show_status(self, words: str, colour: str = "") -> None:
        style = self.app.theme_variables[colour] if colour else ""
        text = Text(words, style, no_wrap=True, overflow="ellipsis")
        self.query_one("#gallery-status", CellLines).show_text(text)

    # ---------------------------------------------------------------------------------------------- actions

    def action_leave(self) -> None:
        if self.filter_field.display:
            self._close_filter()
        else:
            self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(Help("gallery"))

    def action_open(self) -> None:
        if self.controller.sample is not None:
            self.controller.move(0)
            self.dismiss(self.controller.sample)

    def action_move(self, rows: int, columns: int) -> None:
        self.controller.move(rows * self.tiles.across + columns)
        self._draw()

    def action_page(self, by: int) -> None:
        self.controller.move(by * self.controller.per_page)
        self._draw()

    def action_end(self, last: int) -> None:
        self.controller.move(self.controller.count if last else -self.controller.count)
        self._draw()

    def action_order(self) -> None:
        self.controller.next_order()
        self._choose()

    def action_verdict(self) -> None:
        if self.controller.next_verdict():
            self._choose()
        else:
            self._show_status("A number is neither right nor wrong.", "warning")

    def action_class(self, said: int, by: int) -> None:
        if self.controller.next_class(bool(said), by):
            self._choose()
        else:
            self._show_status("There are no classes to choose one from.", "warning")

    def action_clear(self) -> None:
        if self.controller.clear():
            self._choose()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Labels are decided about only where they are in doubt, neighbours found and epochs told only of test samples."""
        if action == "nearest":
            return self.find_nearest is not None
        if action == "learning":
            return self.controller.history is not None
        return action not in ("decide", "undo") or self.controller.decisions is not None

    def action_decide(self, kind: Kind) -> None:
        if self.controller.sample is None:
            return
        if not self.controller.can_decide(kind):
            self._show_status(
                "Of several labels none can be changed here: keep the sample, or leave it out.", "warning"
            )
            return
        try:
            self.controller.decide(kind)
        except SpecError as problem:
            self._show_status(f"✗ {problem}", "error")
        else:
            self._draw()

    def action_undo(self) -> None:
        try:
            self.controller.undecide()
        except SpecError as problem:
            self._show_status(f"✗ {problem}", "error")
        else:
            self._draw()

    def action_enlarge(self, by: int) -> None:
        zoom = max(0, min(self.controller.state.zoom + by, len(ROWS) - 1))
        self.controller.state = replace(self.controller.state, zoom=zoom)
        self._draw()

    def action_nearest(self) -> None:
        """Leave, and have the neighbours of the marked sample found; whoever leaves those comes back."""
        if self.find_nearest is not None and self.controller.sample is not None:
            self.controller.move(0)
            self.dismiss(None)
            self.find_nearest(self.controller.sample)

    def action_learning(self) -> None:
        """Say when the network got the marked sample right, or no longer."""
        self.learning.display = not self.learning.display
        self.call_after_refresh(self._draw)

    def action_plain(self) -> None:
        self.tiles.plain = not self.tiles.plain
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """A click marks a tile, a second one opens it."""
        if event.widget is not self.tiles:
            return
        place = self.tiles.place_at(
            event.screen_x - self.tiles.region.x, event.screen_y - self.tiles.region.y
        )
        if place is None:
            return
        if place == self.controller.at and event.chain > 1:
            self.action_open()
        else:
            self.controller.move(place - self.controller.at)
            self._draw()

    # ----------------------------------------------------------------------------------------------- filter

    def action_filter(self) -> None:
        field = self.filter_field
        field.value = self.controller.state.wanted.typed
        field.display = True
        field.focus()
        self._show_status(f"Enter filters · {filter_help(self.controller.facts)}")

    @on(Input.Submitted, "#gallery-filter")
    def _filter_entered(self, event: Input.Submitted) -> None:
        event.stop()
        controller = self.controller
        try:
            wanted = controller.state.wanted.with_typed(event.value, controller.facts)
        except SpecError as problem:
            self._show_status(f"✗ {problem}", "error")
            return
        controller.filter_by(wanted)
        self._close_filter()
        self._choose()

    def _close_filter(self) -> None:
        self.filter_field.display = False
        self.set_focus(None)
        self._draw()
