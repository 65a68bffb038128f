"""The first line, what is built and how the run is; and the last, what is wrong with the draft or what to do next."""

from rich.text import Text
from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

from tuinn.runs.state import RunState
from tuinn.text import format_count, printable
from tuinn.ui.themes import RUN_STATE_SIGNS
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.workbench.layout import PREDICT
from tuinn.view.draft import Draft
from tuinn.view.run_follower import GONE, RunFollower


class StatusLine(CellLines):
    """Left: dataset and parameters, of the run or of a draft that differs from it. Right: a sign and a word for the run."""

    DEFAULT_CSS = "StatusLine { height: 1; dock: top; background: $panel; padding: 0 1; }"

    draft: reactive[Draft | None] = reactive(None)

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id)
        self.run: RunFollower | None = None
        self.reading: float | None = None

    def show_run(self, run: RunFollower | None) -> None:
        self.run = run
        self._redraw()

    def show_reading(self, share: float) -> None:
        """A long journal is being read; so much of it is."""
        self.reading = share
        self._redraw()
        self.reading = None

    def on_resize(self) -> None:
        self._redraw()

    def watch_draft(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        width = self.content_size.width
        left = Text.assemble(("tuinn ", f"bold {self.app.theme_variables['accent']}"))
        if self.draft:
            if self.run is not None:
                run = f" run on {printable(self.run.host)}" if self.run.host else " run"
                left.append(run if self.draft.spec == self.run.spec else " edited draft", style="dim")
            left.append(f" {printable(self.draft.entry.title)}")
            if self.draft.is_lost:
                left.append(" · data not found", style=self.app.theme_variables["error"])
            elif self.draft.summary.mismatch is None:
                left.append(f" · {format_count(self.draft.summary.total)} parameters", style="dim")
        right = self._run_words()
        gap = width - left.cell_len - right.cell_len
        if gap < 1:
            left.truncate(max(width - right.cell_len - 1, 0), overflow="ellipsis")
            gap = width - left.cell_len - right.cell_len
        self.show_text(Text.assemble(left, " " * max(gap, 0), right))

    def _run_words(self) -> Text:
        colours = self.app.theme_variables
        if self.reading is not None:
            return Text(f"◌ reading the journal, {100 * self.reading:.0f} %", colours["accent"])
        if self.run is None:
            return Text("ready · r trains", style="dim")
        if self.run.trouble and self.run.host:
            return Text("✗ no line", colours["error"])
        if self.run.trouble:
            return Text("✗ gone" if self.run.trouble == GONE else "✗ unreadable", colours["error"])
        view, state = self.run.view, self.run.state
        sign, hue = RUN_STATE_SIGNS[state]
        words = state.value
        if state in (RunState.STARTING, RunState.RUNNING):
            words = view.phase_words
            if view.epoch:
                words += f" {view.epoch}/{view.epochs}"
        elif state is RunState.SERVING:
            words = outcome_of(self.run).value
            sign, hue = RUN_STATE_SIGNS[outcome_of(self.run)]
        text = Text.assemble((f"{sign} {words}", colours[hue]))
        if view.broke_at is not None:
            text.append(" · loss not finite", style=f"bold {colours['error']}")
        if view.built and self.size.width >= 100:
            text.append(f" · {view.built.device}", style="dim")
        return text


NEXT = {
    None: "tuinn trains neural networks. r trains this one, 0 has lessons, ? every key.",
    RunState.RUNNING: "You may leave with q: the run goes on without this screen.",
    RunState.FINISHED: "Next: 5 its predictions, t other settings for a new run, l all runs.",
    RunState.STOPPED: "Next: z resumes it where it stopped, 5 its predictions, l all runs.",
    RunState.LOST: "Next: z resumes it from its last checkpoint, l all runs.",
    RunState.FAILED: "Next: 2 changes the layers, t the settings; r trains them as a new run.",
}
"""What one may do next, by how the run is; None: there is no run."""

EDITED = "The draft is no longer what this run trains: r trains it as a new run."


THERE = "5 its predictions, "
"""The clause that says nothing to whoever looks at them."""


def outcome_of(run: RunFollower) -> RunState:
    """The state of a run; of one whose worker still answers questions, how its training ended."""
    ended = run.view.ended
    return RunState(ended.outcome) if run.state is RunState.SERVING and ended else run.state


def next_words(draft: Draft, run: RunFollower | None, pane: int = 0, earlier: int = 0) -> str:
    """What to do next, with its keys; empty where the screen says it already.

    `pane`: the one with the focus, by its key. `earlier`: how many runs there are from before this screen.
    """
    if run is None:
        runs = "your earlier run" if earlier == 1 else f"your {format_count(earlier)} earlier runs"
        return f"l shows {runs}; r trains this network, ? has every key." if earlier else NEXT[None]
    if run.trouble:
        return ""
    if draft.spec != run.spec and not run.is_active:
        return EDITED
    words = NEXT.get(outcome_of(run), "")
    return words.replace(THERE, "") if pane == PREDICT else words


def fitted(words: str, width: int) -> str:
    """The sentence without the clauses at its end that have no room."""
    while len(words) > width and ", " in words:
        words = words.rpartition(", ")[0] + "."
    return words


class AdviceLine(Widget):
    """What is wrong with the draft, with the key that helps; while all is well, what to do next."""

    DEFAULT_CSS = """
    AdviceLine { height: auto; min-height: 1; max-height: 3; padding: 0 1; display: none; }
    AdviceLine.-shown { display: block; background: $panel; }
    AdviceLine.-lesson { max-height: 4; }
    """

    draft: reactive[Draft | None] = reactive(None, repaint=False)
    pane: reactive[int] = reactive(0, repaint=False)
    """The one with the focus, by its key."""
    earlier: reactive[int] = reactive(0, repaint=False)
    """How many runs there are from before this screen."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.text = Text()
        self.run: RunFollower | None = None
        self.lesson = ""
        """What the step of a lesson is about; empty without one."""

    def watch_draft(self) -> None:
        self._redraw()

    def watch_pane(self) -> None:
        self._redraw()

    def watch_earlier(self) -> None:
        self._redraw()

    def show_earlier(self, earlier: int) -> None:
        self.earlier = earlier

    def show_lesson(self, words: str) -> None:
        """What the step of a lesson is about, from now on; nothing without one."""
        self.lesson = printable(words)
        self.set_class(bool(words), "-lesson")
        self._redraw()

    def show_run(self, run: RunFollower | None) -> None:
        self.run = run
        self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def _redraw(self) -> None:
        text = self._words()
        if text != self.text or text.spans != self.text.spans:
            self.text = text
            self.refresh(layout=True)
        # One pane at a time has no row to spare for what can be done while a run goes on.
        quiet = not self.draft or (not self.draft.problems and self.run is not None and self.run.is_active)
        self.set_class(bool(text) and (bool(self.lesson) or not quiet), "-shown")

    async def on_click(self) -> None:
        if self.draft is not None and self.draft.problems:
            await self.run_action("screen.fixes")

    def render(self) -> RenderResult:
        return self.text

    def _words(self) -> Text:
        if not self.draft:
            return Text()
        if not self.draft.problems and self.lesson:
            return Text(self.lesson)
        if not self.draft.problems:
            words = fitted(next_words(self.draft, self.run, self.pane, self.earlier), self.app.size.width - 2)
            return Text(words, style="dim")
        colours = self.app.theme_variables
        problem, *others = self.draft.problems
        wrong = problem.severity == "error"
        sign = ("✗ " if wrong else "! ", f"bold {colours['error' if wrong else 'warning']}")
        text = Text.assemble(sign, str(problem))
        if problem.fixes:
            text.append("  f ", style=f"bold {colours['accent']}")
            text.append(problem.fixes[0].label, style="underline")
        if others:
            text.append(f"  (+{len(others)} more: F)", style="dim")
        return text.append(f"\n{self.lesson}") if self.lesson else text
