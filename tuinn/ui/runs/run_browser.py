"""A screen that lists runs: read beside the screen, filtered by typing, sorted by column, live ones first."""

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Input

from tuinn.errors import FolderError
from tuinn.runs.listing import ListedRun, Listing
from tuinn.runs.maintenance import bytes_below, trash_folder
from tuinn.text import plural, printable, size
from tuinn.ui.keys import bindings_for
from tuinn.ui.runs.run_table import RunDetail, RunTable
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.controls import KeyFooter, TextField
from tuinn.view.run_table import Sizes, columns_for, matches, sort_runs

SECONDS = 1.0
"""Between two looks at the runs."""

MANY, SELDOM = 200, 5
"""Runs from which on only every so many-th look is taken while none of them is on."""

AT_ONCE = 20_000_000
"""Bytes of journals that are read before the screen stands; more of them are read in a thread. About 0.1 s."""

Answer = tuple[str, tuple[str, ...]]
"""What is to be done, `attach`, `under` or `draft`, and the names of runs."""


class RunBrowser(Screen[Answer | None]):
    """Subclasses say what can be done with a run."""

    CSS_PATH = "run_browser.tcss"
    BINDINGS = bindings_for("runs")

    def __init__(self, heading: str = "Runs", without: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.heading = heading
        self.without = without
        """Names of runs that are not shown."""
        self.listing = Listing()
        self.every: list[ListedRun] = []
        self.sizes: Sizes = {}
        self.order = ("when", False)
        self.in_trash = False
        self.reading = False
        """A thread is on its way."""
        self.looks = 0

    def compose(self) -> ComposeResult:
        yield CellLines(id="runs-head")
        yield TextField(placeholder="words · #tag · -not", id="runs-filter")
        yield RunTable(id="runs-table")
        yield RunDetail(id="runs-detail")
        yield KeyFooter()

    @property
    def table(self) -> RunTable:
        return self.query_one(RunTable)

    @property
    def words(self) -> str:
        return self.query_one("#runs-filter", Input).value

    def on_mount(self) -> None:
        self.table.focus()
        self.reread()
        self.set_interval(SECONDS, self._look_again)

    # --------------------------------------------------------------------------------------------- the rows

    def reread(self) -> None:
        """Look at the runs; at once where little is to be read, so that keys typed ahead find their rows."""
        try:
            little = self.listing.unread() <= AT_ONCE
            if little:
                self.every = self.listing.refresh()
        except FolderError as problem:
            self.tell(problem)
            return
        self.show_rows()
        self.refresh_rows()

    def _look_again(self) -> None:
        """Of many runs none of which is on less changes, and a look costs more."""
        self.looks += 1
        if len(self.every) < MANY or any(run.is_active for run in self.every) or self.looks % SELDOM == 0:
            self.refresh_rows()

    @work(thread=True, group="listing")
    def refresh_rows(self) -> None:
        """Read what is new in a thread, sizes on disk included; the screen changes once it is done."""
        if self.reading:
            return
        self.reading = True
        listing = self.listing
        try:
            every = listing.refresh()
            fresh = {
                run.name: bytes_below(run.folder.path)
                for run in every
                if run.is_active or run.name not in self.sizes
            }
        except FolderError:
            return  # it was said when the screen was opened, or is said when it is opened again
        finally:
            self.reading = False
        self.app.call_from_thread(self._take, listing, every, fresh)

    def _take(self, listing: Listing, every: list[ListedRun], sizes: Sizes) -> None:
        if listing is self.listing and self.is_attached:
            self.every = every
            self.sizes |= sizes
            self.show_rows()

    def show_rows(self) -> None:
        """Draw the runs as filtered and sorted now."""
        some = [run for run in self.every if run.name not in self.without and matches(run, self.words)]
        self.table.marked &= {run.name for run in self.every}
        self.table.show(sort_runs(some, *self.order, self.sizes), self.sizes, self.order)
        self._show_around()

    def _show_around(self) -> None:
        self.query_one(RunDetail).show(self.table.current, self.sizes)
        self.query_one("#runs-head", CellLines).show_text(self._head)

    def _head(self, width: int) -> Text:
        accent = self.app.theme_variables["accent"]
        shown, every = len(self.table.runs), len(self.every) - len(self.without)
        text = Text.assemble(("tuinn ", f"bold {accent}"), (f" {self.heading}", "bold"))
        if self.in_trash:
            text.append(" · the trash", style="bold")
        told = [plural(every, "run") if shown == every else f"{shown:,} of {plural(every, 'run')}"]
        if live := sum(run.is_active for run in self.every):
            told.append(f"{live} on")
        if self.table.marked:
            told.append(f"{len(self.table.marked)} marked")
        if self.sizes:
            told.append(size(sum(self.sizes.get(run.name, 0) for run in self.every)))
        told.append(f"by {self.order[0]}{', reversed' if self.order[1] else ''}")
        text.append(f" · {' · '.join(told)}", style="dim")
        if not self.table.runs:
            text.append("   " + self._nothing())
        text.truncate(width, overflow="ellipsis")
        return text

    def _nothing(self) -> str:
        if self.words:
            return "None has these words; esc takes them away."
        return "The trash is empty." if self.in_trash else "There are no runs yet."

    def tell(self, problem: Exception) -> None:
        self.notify(printable(str(problem)), severity="error", timeout=10, markup=False)

    def chosen(self) -> list[ListedRun]:
        """The marked runs as they stand in the table; without marks the one under the cursor."""
        marked = [run for run in self.every if run.name in self.table.marked]
        return marked or [run for run in (self.table.current,) if run is not None]

    # ----------------------------------------------------------------------------------- filter, sort, marks

    @on(RunTable.Moved)
    def _moved(self) -> None:
        self._show_around()

    def action_filter(self) -> None:
        self.query_one("#runs-filter").add_class("-shown")
        self.query_one("#runs-filter").focus()

    @on(Input.Changed, "#runs-filter")
    def _filtered(self, event: Input.Changed) -> None:
        event.stop()
        self.table.at = 0
        self.show_rows()

    @on(Input.Submitted, "#runs-filter")
    def _keep_filter(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one("#runs-filter").set_class(bool(event.value), "-shown")
        self.table.focus()

    def action_back(self) -> None:
        """Out of the filter, out of the trash, out of the screen: one step at a time."""
        field = self.query_one("#runs-filter", Input)
        if field.value or field.has_focus:
            field.value = ""
            field.remove_class("-shown")
            self.table.focus()
        elif self.in_trash:
            self.action_trash()
        else:
            self.dismiss(None)

    def action_sort(self, by: int) -> None:
        names = [column.name for column, _ in columns_for(self.app.size.width)]
        at = names.index(self.order[0]) if self.order[0] in names else -1
        self._sort((names[(at + by) % len(names)], False))

    def action_reverse(self) -> None:
        self._sort((self.order[0], not self.order[1]))

    @on(RunTable.HeadClicked)
    def _head_clicked(self, event: RunTable.HeadClicked) -> None:
        again = self.order[0] == event.column
        self._sort((event.column, again and not self.order[1]))

    def _sort(self, order: tuple[str, bool]) -> None:
        self.order = order
        self.show_rows()

    def action_mark(self) -> None:
        self.table.toggle_mark()
        self._show_around()

    def action_mark_all(self) -> None:
        names = {run.name for run in self.table.runs}
        self.table.marked = set() if names <= self.table.marked else names
        self.show_rows()

    def action_trash(self) -> None:
        self.in_trash = not self.in_trash
        self.listing = Listing(trash_folder() if self.in_trash else None)
        self.sizes, self.table.at, self.every = {}, 0, []
        self.table.marked.clear()
        self.reread()
