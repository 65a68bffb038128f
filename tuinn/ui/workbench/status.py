"""The first line: what is built, and how the run is."""

from rich.text import Text
from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

from tuinn.runs.state import RunState
from tuinn.text import format_count, printable
from tuinn.ui.themes import RUN_STATE_SIGNS
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.view.draft import Draft
from tuinn.view.run_follower import GONE, RunFollower


class StatusLine(CellLines):
    """Left: dataset and parameters of the draft. Right: a sign and a word for the run."""

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
        if self.run.trouble:
            return Text("✗ gone" if self.run.trouble == GONE else "✗ unreadable", colours["error"])
        view, state = self.run.view, self.run.state
        sign, hue = RUN_STATE_SIGNS[state]
        words = state.value
        if state in (RunState.STARTING, RunState.RUNNING):
            words = view.phase_words
            if view.epoch:
                words += f" {view.epoch}/{view.epochs}"
        elif state is RunState.SERVING and view.ended:
            words = view.ended.outcome
            sign, hue = RUN_STATE_SIGNS[RunState(view.ended.outcome)]
        text = Text.assemble((f"{sign} {words}", colours[hue]))
        if view.broke_at is not None:
            text.append(" · loss not finite", style=f"bold {colours['error']}")
        if view.built and self.size.width >= 100:
            text.append(f" · {view.built.device}", style="dim")
        return text


class AdviceLine(Widget):
    """Hidden while all is well; where there is room it keeps its place, so that nothing jumps as one types."""

    DEFAULT_CSS = """
    AdviceLine { height: auto; max-height: 3; padding: 0 1; display: none; }
    AdviceLine.-shown { display: block; background: $panel; }
    """

    draft: reactive[Draft | None] = reactive(None, repaint=False)

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self.text = Text()

    def watch_draft(self) -> None:
        text = self._words()
        if text != self.text or text.spans != self.text.spans:
            self.text = text
            self.refresh(layout=True)
        self.set_class(bool(text), "-shown")

    async def on_click(self) -> None:
        await self.run_action("screen.fixes")

    def render(self) -> RenderResult:
        return self.text

    def _words(self) -> Text:
        if not self.draft or not self.draft.problems:
            return Text()
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
        return text
