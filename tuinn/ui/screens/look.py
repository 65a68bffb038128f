"""Look at a dataset closely before anything is trained on it: a page of samples, one large, all in numbers."""

from typing import Any

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Footer, Input

from tuinn.data.entry import Entry
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.problem import SpecProblem
from tuinn.ui.keys import bindings_for
from tuinn.ui.looking import Looking, place_words
from tuinn.ui.screens.help import Help
from tuinn.ui.screens.looking_screen import LookingScreen
from tuinn.ui.widgets.facts import facts_text
from tuinn.ui.widgets.field import Field
from tuinn.ui.widgets.grid import Shown
from tuinn.ui.widgets.lines import Lines
from tuinn.ui.widgets.look_body import LookBody
from tuinn.ui.widgets.pane_tabs import tabs_text
from tuinn.view.slicing import Index, cut, index_words, parse_index, shape_words
from tuinn.view.tensor import channel_names, plane_of
from tuinn.view.words import printable

MODES = ("Grid", "One", "Numbers", "About")
GRID, ONE, NUMBERS, ABOUT = range(4)
PAGES = (25, 12, 6, 2)
"""Samples of a page, from the usual to the largest."""

LEAF = 10
"""Lines that n and p scroll."""


class Look(LookingScreen):
    """Every key gives another `Looking` or another way to draw it."""

    CSS_PATH = "look.tcss"
    AUTO_FOCUS = ""
    BINDINGS = [*bindings_for("look"), Binding("ctrl+q,f10", "app.quit", show=False)]

    def __init__(self, dataset: DatasetSpec, entry: Entry) -> None:
        super().__init__(dataset, entry)
        self.mode = GRID
        self.enlarged = 0
        """Index into PAGES."""
        self.index: Index = ()
        """The part that is cut out of every sample."""
        self.channel: int | None = None
        self.plain = False
        self.figures: Text | None = None

    def compose(self) -> ComposeResult:
        yield Lines(id="look-head")
        yield Lines(id="look-tabs")
        yield LookBody(id="look-body")
        yield Lines(id="look-foot")
        yield Field(
            placeholder="[7:-7, 7:-7] cuts the edges off, [..., 0] is the first channel", id="look-slice"
        )
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        self.plain = self.app.no_color or self._ascii_only
        self.query_one("#look-slice").display = False
        self._say("reading…")
        self._draw_head()
        self.open_dataset()

    def on_resize(self) -> None:
        self.figures = None  # its lines are as long as the screen was wide
        if self.mode == NUMBERS:
            self.draw()

    @property
    def _ascii_only(self) -> bool:
        return bool(getattr(self.app, "ascii_only", False))

    # --------------------------------------------------------------------------------------------- drawing

    def places(self, looking: Looking) -> range:
        if self.mode == GRID:
            return looking.page(PAGES[self.enlarged])
        return range(looking.at, min(looking.at + 1, looking.total))

    def refuse(self, problem: str) -> None:
        self.query_one(LookBody).show_words(Text(problem, style=self.app.theme_variables["error"]))
        self._say("Esc goes back")

    def show_figures(self, text: Text) -> None:
        self.figures = text
        if self.mode == NUMBERS:
            self.draw()

    def draw(self) -> None:
        looking = self.looking
        if looking is None:
            return
        self._draw_head()
        body = self.query_one(LookBody)
        if self.mode == ABOUT:
            body.show_words(
                facts_text(self.entry, None, self.size.width - 4, self.app.theme_variables, full=True)
            )
            self._say("↑↓ scrolls")
        elif self.mode == NUMBERS:
            self._draw_figures(looking, body)
        elif not looking.total:
            words = "There are no such samples. t shows the other part, c another class."
            body.show_words(Text(words, style="dim"))
            self._say("")
        elif self.mode == GRID:
            page = looking.page(PAGES[self.enlarged])
            shown = [self._shown(looking, place) for place in page]
            body.show_page(shown, looking.facts, looking.at - page.start, self.plain)
            zoom = "" if self.enlarged == len(PAGES) - 1 else " · + larger"
            self._say(f"{place_words(looking, page)}{zoom} · Enter opens")
        else:
            self._draw_one(looking, body)

    def _draw_head(self) -> None:
        accent = self.app.theme_variables["accent"]
        head = Text.assemble(
            (printable(self.entry.title), f"bold {accent}"), no_wrap=True, overflow="ellipsis"
        )
        if self.looking is not None:
            head.append(f"  {self.looking.words()}", style="dim")
        self.query_one("#look-head", Lines).show_text(head)
        self.query_one("#look-tabs", Lines).show_text(tabs_text(MODES, self.mode, accent))

    def _shown(self, looking: Looking, place: int) -> Shown:
        sample = self.sample(place)
        if self.index and not isinstance(sample, SpecProblem | str) and not looking.facts.is_table:
            try:
                sample = cut(sample, self.index)
            except SpecProblem as problem:
                sample = problem
        return Shown(looking.index(place) + 1, looking.label(place), sample)

    def _draw_one(self, looking: Looking, body: LookBody) -> None:
        number = looking.index(looking.at) + 1
        heading = Text.assemble(
            (looking.label(looking.at), "bold"), (f"  #{number} of {looking.part}", "dim")
        )
        sample = self.sample(looking.at)
        part = body.show_sample(sample, looking.facts, heading, self.index, self.channel, self.plain)
        words = "" if part is None else "s cuts a part out · "
        if part is not None and self.index:
            drawn = plane_of(part)[1]
            words = (
                f"x{index_words(self.index)} → {shape_words(part.shape)} · "
                + f"drawn: {drawn} · " * bool(drawn)
            )
        self._say(f"{words}n p other samples")

    def _draw_figures(self, looking: Looking, body: LookBody) -> None:
        if self.figures is None:
            body.show_words(Text("counting…", style="dim"))
            self.count(looking, self.size.width - 4, self.app.theme_variables["secondary"], self._ascii_only)
        else:
            body.show_words(self.figures)
        self._say("↑↓ scrolls")

    def _say(self, words: str, colour: str = "") -> None:
        style = self.app.theme_variables[colour] if colour else "dim"
        self.query_one("#look-foot", Lines).show_text(Text(words, style, no_wrap=True, overflow="ellipsis"))

    # ---------------------------------------------------------------------------------------------- wishes

    def action_leave(self) -> None:
        if self.query_one("#look-slice").display:
            self._close_slice()
        else:
            self.dismiss()

    def action_help(self) -> None:
        self.app.push_screen(Help())

    def action_mode(self, number: int) -> None:
        self.mode = number - 1
        self.query_one(LookBody).scroll_to_top()
        if self.looking is not None:
            self.go(self.looking)
        else:
            self._draw_head()

    def action_next_mode(self, by: int) -> None:
        self.action_mode((self.mode + by) % len(MODES) + 1)

    def action_open(self) -> None:
        self.action_mode(ONE + 1)

    def action_step(self, by: int) -> None:
        if self.looking is None:
            return
        if self.mode in (NUMBERS, ABOUT):
            self.query_one(LookBody).scroll_words(by * LEAF)
            return
        size = PAGES[self.enlarged] if self.mode == GRID else 1
        to = self.looking.at // size * size + by * size
        self.go(self.looking.to(to) if 0 <= to < self.looking.total else self.looking)

    def action_move(self, rows: int, columns: int) -> None:
        if self.looking is None:
            return
        body = self.query_one(LookBody)
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
        field = self.query_one("#look-slice", Field)
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
            if isinstance(sample, SpecProblem):
                raise sample
            part = cut(sample, index)
        except SpecProblem as problem:
            self._say(f"✗ {problem}", "error")
            return None
        self._say(f"→ shape {shape_words(part.shape)} · Enter cuts · Esc leaves it", "success")
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
