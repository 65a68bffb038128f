"""All problems of the draft with their fixes; each fix is shown as the change it makes."""

from collections.abc import Sequence

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


class FixesDialog(Dialog[RunSpec]):
    """Answers the draft with the fix applied. `more` are problems that the last run has shown."""

    heading = "Problems and fixes"

    def __init__(self, draft: Draft, more: Sequence[Problem] = ()) -> None:
        super().__init__()
        self.draft = draft
        self.problems = (*draft.problems, *more)
        self.entries: list[Problem | Fix] = []
        for problem in self.problems:
            self.entries += [problem, *problem.fixes]

    def body(self) -> ComposeResult:
        yield VirtualList(id="fixes-list")
        yield Static(id="fixes-change", markup=False)
        yield Static(
            "Enter makes the change, u takes it back · Esc goes back", classes="dialog-keys", markup=False
        )

    def on_mount(self) -> None:
        headings = {at for at, entry in enumerate(self.entries) if isinstance(entry, Problem)}
        rows = self.query_one(VirtualList)
        rows.show(len(self.entries), self._line, 0, headings)
        rows.focus()
        self._show_change()

    def _line(self, at: int, width: int) -> Text:
        entry, colours = self.entries[at], self.app.theme_variables
        if isinstance(entry, Fix):
            return Text(f"    {printable(entry.label)}", no_wrap=True)
        wrong = entry.severity == "error"
        sign = ("✗ " if wrong else "! ", f"bold {colours['error' if wrong else 'warning']}")
        return Text.assemble(sign, printable(str(entry)), no_wrap=True)

    @on(VirtualList.Moved)
    def _moved(self, event: VirtualList.Moved) -> None:
        event.stop()
        self._show_change()

    def _show_change(self) -> None:
        at = self.query_one(VirtualList).at
        entry = self.entries[at] if at < len(self.entries) else None
        shown = Text()
        if isinstance(entry, Fix):
            problem = next(p for p in self.problems if entry in p.fixes)
            shown.append(printable(str(problem)) + "\n", style="dim")
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
        left = plural(len(after.problems), "problem") if after.problems else "nothing"
        size = "" if after.summary.mismatch else f"{format_count(after.summary.total)} parameters, "
        return text.append(f"→ {size}{left} left", style="dim")

    @on(VirtualList.Chosen)
    def _chosen(self, event: VirtualList.Chosen) -> None:
        event.stop()
        entry = self.entries[event.at]
        if isinstance(entry, Fix):
            self.dismiss(entry.spec)
