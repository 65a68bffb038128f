"""All problems of the draft with their fixes; each fix is shown as the change it makes."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from tuinn.spec.advice.advise import Fix, Problem
from tuinn.spec.changes import list_changes
from tuinn.spec.run import RunSpec
from tuinn.text import format_count, plural, printable
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.draft import Draft

SHOWN = 5
"""Lines of a change."""

NARROWEST = 40
"""Columns for which problems are laid out before the list has a width."""


class FixesDialog(Dialog[RunSpec]):
    """Answers the draft with a fix of one of the problems applied."""

    def __init__(
        self, draft: Draft, problems: Sequence[Problem], heading: str = "Problems and fixes"
    ) -> None:
        super().__init__()
        self.draft = draft
        self.problems, self.heading = problems, heading
        self.rows: list[tuple[Problem | Fix, Text]] = []
        """What each row is about, and what stands there: a problem has as many rows as its sentence takes."""

    def body(self) -> ComposeResult:
        yield VirtualList(id="fixes-list")
        yield Static(id="fixes-change", markup=False)
        yield Static(
            "Enter makes the change, u takes it back · Esc goes back", classes="dialog-keys", markup=False
        )

    def on_mount(self) -> None:
        self.query_one(VirtualList).focus()
        self._show_rows()

    @on(VirtualList.Resized)
    def _show_rows(self) -> None:
        """Lay the problems out in lines of this width, each with its fixes below; the cursor stays on its fix."""
        rows = self.query_one(VirtualList)
        before = self.rows[rows.at][0] if rows.at < len(self.rows) else None
        width = max(rows.size.width - 1, NARROWEST)
        self.rows = [row for problem in self.problems for row in self._rows_of(problem, width)]
        headings = {at for at, (entry, _) in enumerate(self.rows) if isinstance(entry, Problem)}
        at = next((at for at, (entry, _) in enumerate(self.rows) if entry is before), 0)
        rows.show(len(self.rows), lambda place, _width: self.rows[place][1], at, headings)
        self._show_change()

    def _rows_of(self, problem: Problem, width: int) -> Iterator[tuple[Problem | Fix, Text]]:
        wrong = problem.severity == "error"
        hue = f"bold {self.app.theme_variables['error' if wrong else 'warning']}"
        for number, line in enumerate(wrap(printable(str(problem)), width - 2)):
            sign = "  " if number else "✗ " if wrong else "! "
            yield problem, Text.assemble((sign, hue), line, no_wrap=True)
        for fix in problem.fixes:
            yield fix, Text(f"    {printable(fix.label)}", no_wrap=True)

    @on(VirtualList.Moved)
    def _moved(self, event: VirtualList.Moved) -> None:
        event.stop()
        self._show_change()

    def _show_change(self) -> None:
        at = self.query_one(VirtualList).at
        entry = self.rows[at][0] if at < len(self.rows) else None
        shown = Text()
        if isinstance(entry, Fix):
            shown.append_text(self._change(entry.spec))
        self.query_one("#fixes-change", Static).update(shown)

    def _change(self, spec: RunSpec) -> Text:
        """The lines that are new, gone or otherwise, and what the network has then."""
        colours, text = self.app.theme_variables, Text()
        colour_of_sign = {"+": colours["success"], "-": colours["error"], "~": colours["warning"]}
        found = list_changes(self.draft.spec, spec)
        for change in found[:SHOWN]:
            text.append(f"{change.sign} {printable(change.text)}\n", style=colour_of_sign[change.sign])
        if len(found) > SHOWN:
            text.append(f"and {len(found) - SHOWN} more\n", style="dim")
        after = self.draft.heir(spec)
        if not after.is_known:
            return text  # the data would have to be looked at again
        left = plural(len(after.problems), "problem") if after.problems else "no problem"
        size = "" if after.summary.mismatch else f"{format_count(after.summary.total)} parameters, "
        return text.append(f"→ {size}{left} left", style="dim")

    @on(VirtualList.Chosen)
    def _chosen(self, event: VirtualList.Chosen) -> None:
        event.stop()
        entry = self.rows[event.at][0]
        if isinstance(entry, Fix):
            self.dismiss(entry.spec)
