"""The dataset viewer: pages of samples, one sample large, statistics, and where the data come from."""

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input

from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import printable
from tuinn.ui.datasets.facts_text import data_problem, facts_text
from tuinn.ui.datasets.sample_grid import GridSample
from tuinn.ui.datasets.statistics_text import statistics_text
from tuinn.ui.datasets.viewer_body import ViewerBody
from tuinn.ui.datasets.viewer_controller import PAGE_SIZES, Key, Mode, ViewerController
from tuinn.ui.datasets.viewer_state import ViewerState, page_words
from tuinn.ui.dialogs.dialog import AnswersOnce
from tuinn.ui.dialogs.help import Help
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.cell_lines import CellLines, is_ascii_only
from tuinn.ui.widgets.controls import KeyFooter, TextField, tabs_text
from tuinn.ui.widgets.picture import draws_plain
from tuinn.view.tensor import Index, index_words, plane_of, shape_words

TABS = ("Grid", "Sample", "Statistics", "About")

SCROLL_LINES = 10
"""Lines that n and p scroll."""


class DatasetViewer(AnswersOnce[None]):
    """Owns a `ViewerController`; every key changes it, reads in a thread what is missing, and draws the body anew."""

    CSS_PATH = "viewer.tcss"
    AUTO_FOCUS = ""
    BINDINGS = [*bindings_for("look"), Binding("ctrl+q,f10", "app.quit", show=False)]

    def __init__(self, dataset: DatasetSpec, info: DatasetInfo | None = None) -> None:
        super().__init__()
        self.controller = ViewerController(dataset, info)
        self.plain = False
        """Draw with characters instead of half blocks."""

    def compose(self) -> ComposeResult:
        yield CellLines(id="viewer-head")
        yield CellLines(id="viewer-tabs")
        yield ViewerBody(id="viewer-body")
        yield CellLines(id="viewer-status")
        yield TextField(
            placeholder="[7:-7, 7:-7] cuts the edges off, [..., 0] is the first channel", id="viewer-slice"
        )
        yield KeyFooter()

    def on_mount(self) -> None:
        self.plain = draws_plain(self.app)
        self.query_one("#viewer-slice").display = False
        self._show_status("opening…")
        self._draw_head()
        self._open()

    def on_resize(self) -> None:
        if self.controller.mode is Mode.STATISTICS:
            self._draw()

    # ---------------------------------------------------------------------------------------------- reading

    @work(thread=True, exclusive=True, group="viewer-open")
    def _open(self) -> None:
        try:
            state = self.controller.open()
        except (SpecError, OSError) as problem:
            self.app.call_from_thread(self._show_problem, data_problem(problem))
        else:
            self.app.call_from_thread(self._opened, state)

    def _opened(self, state: ViewerState) -> None:
        self.controller.state = state
        self._show()

    def _show_problem(self, problem: str) -> None:
        self.query_one(ViewerBody).show_words(Text(problem, style=self.app.theme_variables["error"]))
        self._show_status("Esc goes back")

    def _show(self) -> None:
        """Draw what is read already; read what is not, then draw."""
        if missing := self.controller.missing():
            self._read(missing)
        else:
            self._draw()

    @work(thread=True, exclusive=True, group="viewer-read")
    def _read(self, keys: list[Key]) -> None:
        found = self.controller.read(keys)
        self.app.call_from_thread(self.controller.store, found)
        self.app.call_from_thread(self._draw_when_read)

    def _draw_when_read(self) -> None:
        if not self.controller.missing():
            self._draw()

    @work(thread=True, exclusive=True, group="viewer-statistics")
    def _compute_statistics(self) -> None:
        try:
            self.controller.compute_statistics()
        except (SpecError, OSError) as problem:
            self.app.call_from_thread(self._show_statistics, Text(data_problem(problem)))
        else:
            self.app.call_from_thread(self._draw)

    # ---------------------------------------------------------------------------------------------- drawing

    def _draw(self) -> None:
        self._draw_head()
        state, body = self.controller.state, self.query_one(ViewerBody)
        if state is None:
            return
        if self.controller.mode is Mode.ABOUT and self.controller.info is not None:
            colours = self.app.theme_variables
            body.show_words(facts_text(self.controller.info, None, self.size.width - 4, colours, full=True))
            self._show_status("↑↓ scrolls")
        elif self.controller.mode is Mode.STATISTICS:
            self._draw_statistics(state)
        elif not state.total:
            words = "There are no such samples. t shows the other part, c another class."
            body.show_words(Text(words, style="dim"))
            self._show_status("")
        elif self.controller.mode is Mode.GRID:
            self._draw_grid(state, body)
        else:
            self._draw_sample(state, body)

    def _draw_head(self) -> None:
        accent, controller = self.app.theme_variables["accent"], self.controller
        name = controller.info.title if controller.info is not None else controller.dataset.label
        title = (printable(name), f"bold {accent}")
        head = Text.assemble(title, no_wrap=True, overflow="ellipsis")
        if controller.state is not None:
            head.append(f"  {controller.state.words()}", style="dim")
        self.query_one("#viewer-head", CellLines).show_text(head)
        self.query_one("#viewer-tabs", CellLines).show_text(tabs_text(TABS, controller.mode, accent))

    def _draw_grid(self, state: ViewerState, body: ViewerBody) -> None:
        page = self.controller.places
        samples = [
            GridSample(state.index(place) + 1, state.label(place), self.controller.sliced(place))
            for place in page
        ]
        body.show_page(samples, state.facts, state.at - page.start, self.plain)
        larger = "" if self.controller.zoom == len(PAGE_SIZES) - 1 else " · + larger"
        self._show_status(f"{page_words(page, state.total)}{larger} · Enter opens")

    def _draw_sample(self, state: ViewerState, body: ViewerBody) -> None:
        controller, number = self.controller, state.index(state.at) + 1
        heading = Text.assemble((state.label(state.at), "bold"), (f"  #{number} of {state.part}", "dim"))
        sample = controller.sample(state.at)
        part = body.show_sample(
            sample, state.facts, heading, controller.index, controller.channel, self.plain
        )
        words = "" if part is None else "i slices · "
        if part is not None and controller.index:
            drawn = plane_of(part)[1]
            words = f"x{index_words(controller.index)} → {shape_words(part.shape)} · "
            words += f"drawn: {drawn} · " * bool(drawn)
        self._show_status(f"{words}n p other samples")

    def _draw_statistics(self, state: ViewerState) -> None:
        found, colour = self.controller.statistics, self.app.theme_variables["secondary"]
        if found is None:
            self._show_statistics(Text("counting…", style="dim"))
            self._compute_statistics()
        else:
            ascii_only = is_ascii_only(self.app)
            self._show_statistics(
                statistics_text(found, state.facts, self.size.width - 4, ascii_only, colour)
            )

    def _show_statistics(self, text: Text) -> None:
        if self.controller.mode is Mode.STATISTICS:
            self.query_one(ViewerBody).show_words(text)
            self._show_status("↑↓ scrolls")

    def _show_status(self, words: str, colour: str = "") -> None:
        style = self.app.theme_variables[colour] if colour else "dim"
        text = Text(words, style, no_wrap=True, overflow="ellipsis")
        self.query_one("#viewer-status", CellLines).show_text(text)

    # ---------------------------------------------------------------------------------------------- actions

    def action_leave(self) -> None:
        if self.query_one("#viewer-slice").display:
            self._close_slice()
        else:
            self.dismiss()

    def action_help(self) -> None:
        self.app.push_screen(Help("look"))

    def action_mode(self, number: int) -> None:
        self.controller.mode = Mode(number - 1)
        self.query_one(ViewerBody).scroll_to_top()
        self._show()

    def action_next_mode(self, by: int) -> None:
        self.action_mode((self.controller.mode + by) % len(TABS) + 1)

    def action_open(self) -> None:
        self.action_mode(Mode.SAMPLE + 1)

    def action_step(self, by: int) -> None:
        if self.controller.mode in (Mode.STATISTICS, Mode.ABOUT):
            self.query_one(ViewerBody).scroll_words(by * SCROLL_LINES)
        else:
            self.controller.step(by)
            self._show()

    def action_move(self, rows: int, columns: int) -> None:
        body = self.query_one(ViewerBody)
        if self.controller.mode is Mode.GRID:
            self.controller.move(rows * body.across + columns)
            self._show()
        elif self.controller.state is not None:
            body.move(rows, columns)

    def action_end(self, last: int) -> None:
        self.controller.go_to_end(bool(last))
        self._show()

    def action_class(self, by: int) -> None:
        self.controller.next_class(by)
        self._show()

    def action_shuffle(self) -> None:
        self.controller.shuffle()
        self._show()

    def action_stored(self) -> None:
        self.controller.restore_order()
        self._show()

    def action_part(self) -> None:
        self.controller.other_part()
        self._show()

    def action_enlarge(self, by: int) -> None:
        self.controller.zoom_by(by)
        self._show()

    def action_channel(self) -> None:
        if not self.controller.next_channel():
            self.notify("These samples have no colour channels.", markup=False)
        elif self.controller.mode is Mode.GRID:
            self.action_open()
        else:
            self._draw()

    def action_plain(self) -> None:
        self.plain = not self.plain
        self._show()

    # ------------------------------------------------------------------------------------------------ slice

    def action_slice(self) -> None:
        if not self.controller.has_axes:
            self.notify("There is no tensor with axes to slice.", markup=False)
            return
        if self.controller.mode is not Mode.GRID:
            self.action_open()
        field = self.query_one("#viewer-slice", TextField)
        field.value = index_words(self.controller.index) if self.controller.index else ""
        field.display = True
        field.focus()

    @on(Input.Changed, "#viewer-slice")
    def _slice_typed(self, event: Input.Changed) -> None:
        """Show what the slice would give, as it is typed."""
        event.stop()
        if event.input.display:
            self._try_slice(event.value)

    def _try_slice(self, text: str) -> Index | None:
        try:
            index, part = self.controller.try_slice(text)
        except SpecError as problem:
            self._show_status(f"✗ {problem}", "error")
            return None
        self._show_status(f"→ shape {shape_words(part.shape)} · Enter slices · Esc leaves it", "success")
        return index

    @on(Input.Submitted, "#viewer-slice")
    def _slice_entered(self, event: Input.Submitted) -> None:
        event.stop()
        index = self._try_slice(event.value)
        if index is not None:
            self.controller.index = index
            self._close_slice()

    def _close_slice(self) -> None:
        self.query_one("#viewer-slice").display = False
        self.set_focus(None)
        self._draw()
