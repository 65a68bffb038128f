"""What is wrong, in one line, with the remedy on a key."""

from rich.text import Text
from textual.app import RenderResult
from textual.reactive import reactive
from textual.widget import Widget

from tuinn.ui.draft import Draft


class Advice(Widget):
    """Hidden while all is well."""

    DEFAULT_CSS = """
    Advice { height: auto; max-height: 3; padding: 0 1; background: $panel; display: none; }
    Advice.-shown { display: block; }
    """

    draft: reactive[Draft | None] = reactive(None, layout=True)

    def watch_draft(self) -> None:
        self.set_class(bool(self.draft and self.draft.problems), "-shown")

    def render(self) -> RenderResult:
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
            text.append(f"  (+{len(others)} more)", style="dim")
        return text
