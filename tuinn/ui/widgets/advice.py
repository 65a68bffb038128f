"""What is wrong, in one line, with the remedy on a key."""

from rich.text import Text
from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

from tuinn.ui.draft import Draft


class Advice(Widget):
    """Hidden while all is well; where there is room it keeps its place, so that nothing jumps as one types."""

    DEFAULT_CSS = """
    Advice { height: auto; max-height: 3; padding: 0 1; display: none; }
    Advice.-shown { display: block; background: $panel; }
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
        await self.run_action("screen.remedies")

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
        if problem.remedies:
            text.append("  f ", style=f"bold {colours['accent']}")
            text.append(problem.remedies[0].label, style="underline")
        if others:
            text.append(f"  (+{len(others)} more: F)", style="dim")
        return text
