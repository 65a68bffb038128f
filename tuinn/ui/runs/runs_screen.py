"""The runs screen: find, sort and mark runs; attach, compare, make a draft; note, tag, rename; trash and prune."""

from collections.abc import Callable, Sequence
from functools import partial

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.widgets import Input

from tuinn.errors import FolderError
from tuinn.runs.listing import ListedRun
from tuinn.runs.maintenance import empty_trash, prune, restore
from tuinn.text import plural, printable
from tuinn.ui.dialogs.dialog import AnswersOnce, Choose, TextDialog
from tuinn.ui.dialogs.export import export_network
from tuinn.ui.dialogs.help import Help
from tuinn.ui.dialogs.log_view import worker_log
from tuinn.ui.dialogs.pick_list import PickList
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.runs.comparison_screen import ComparisonScreen
from tuinn.ui.runs.history_view import HistoryView, read_history
from tuinn.ui.runs.run_detail import RunDetail
from tuinn.ui.runs.run_table import RunTable, column_picks
from tuinn.ui.runs.runs_controller import (
    ANNOTATIONS,
    RunsController,
    RunsRead,
    annotate,
    annotation_problem,
    named,
    open_on_desktop,
    prune_lines,
)
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.controls import KeyFooter, TextField
from tuinn.view.run_comparison import MOST_RUNS, too_many
from tuinn.view.run_follower import RunFollower

POLL_SECONDS = 1.0
"""Between two readings of the runs."""

Answer = tuple[str, tuple[str, ...]]
"""What is to be done, `attach`, `under` or `draft`, and the names of runs."""


class RunsScreen(AnswersOnce[Answer | None]):
    """Owns a `RunsController`. Answers what is to be done with which runs; everything else is done here."""

    CSS_PATH = "runs_screen.tcss"
    BINDINGS = bindings_for("runs")
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]

    def __init__(
        self, what: str = "attach", heading: str = "Runs", without: frozenset[str] = frozenset()
    ) -> None:
        super().__init__()
        self.what, self.heading = what, heading
        """What Enter does: `attach`, or `under`, for which several may be marked; and the title of the screen."""
        self.controller = RunsController(without)
        self.is_reading = False
        """A thread reads the runs."""

    def compose(self) -> ComposeResult:
        yield CellLines(id="runs-head")
        yield TextField(placeholder="words · #tag · -not", id="runs-filter")
        yield RunTable(id="runs-table")
        yield RunDetail(id="runs-detail")
        yield KeyFooter()

    @property
    def table(self) -> RunTable:
        return self.query_one(RunTable)

    def on_mount(self) -> None:
        self.table.focus()
        self.reread()
        self.set_interval(POLL_SECONDS, self._tick)

    # ---------------------------------------------------------------------------------------------- reading

    def reread(self) -> None:
        """Read the runs: at once where that is quick, so that keys typed ahead find their rows."""
        try:
            if self.controller.is_quick():
                self.controller.read_now()
        except FolderError as problem:
            self.show_problem(problem)
        else:
            self.show_rows()
            self.refresh_rows()

    def _tick(self) -> None:
        if self.controller.is_due():
            self.refresh_rows()

    @work(thread=True, group="listing")
    def refresh_rows(self) -> None:
        """Read what is new in a thread, sizes on disk included; then draw."""
        if self.is_reading:
            return
        self.is_reading = True
        try:
            read = self.controller.read()
        except FolderError:
            return  # shown when the screen was opened, or is shown when it is opened again
        finally:
            self.is_reading = False
        self.app.call_from_thread(self._store, read)

    def _store(self, read: RunsRead) -> None:
        # While the app ends, the screen is still attached when its table is gone.
        if self.query(RunTable) and self.controller.store(read):
            self.show_rows()

    # ---------------------------------------------------------------------------------------------- drawing

    def show_rows(self, at: int | None = None) -> None:
        """Draw the runs as filtered and sorted now; the cursor goes to row `at`, or stays on its run."""
        self.table.show_runs(self.controller, at)
        self._show_around()

    @on(RunTable.Moved)
    def _show_around(self) -> None:
        """Draw what depends on the cursor and the marks."""
        self.query_one(RunDetail).show(self.table.row, self.controller.sizes)
        self.query_one("#runs-head", CellLines).show_text(
            partial(self.table.head, self.heading, self.controller)
        )

    def show_problem(self, problem: Exception) -> None:
        self.notify(printable(str(problem)), severity="error", timeout=10, markup=False)

    @property
    def selected(self) -> list[ListedRun]:
        return self.controller.selected(self.table.row)

    # ----------------------------------------------------------------------------------- filter, sort, marks

    def action_filter(self) -> None:
        self.query_one("#runs-filter").add_class("-shown")
        self.query_one("#runs-filter").focus()

    @on(Input.Changed, "#runs-filter")
    def _filter_typed(self, event: Input.Changed) -> None:
        event.stop()
        self.controller.filter = event.value
        self.show_rows(at=0)

    @on(Input.Submitted, "#runs-filter")
    def _filter_entered(self, event: Input.Submitted) -> None:
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
        elif self.controller.in_trash:
            self.action_trash()
        else:
            self.dismiss(None)

    def action_sort(self, by: int) -> None:
        self.controller.sort_next(self.table.column_names, by)
        self.show_rows()

    def action_reverse(self) -> None:
        self.controller.reverse()
        self.show_rows()

    @on(RunTable.ColumnClicked)
    def _column_clicked(self, event: RunTable.ColumnClicked) -> None:
        self.controller.sort_by(event.column)
        self.show_rows()

    def action_mark(self) -> None:
        """Mark the run under the cursor, or take its mark away, and go to the next."""
        if self.table.row is not None:
            self.controller.toggle_mark(self.table.row)
            self.table.action_move(1)
            self.show_rows()

    def action_mark_all(self) -> None:
        self.controller.toggle_all()
        self.show_rows()

    def action_unfold(self, is_open: bool) -> None:
        """Show the repeats below their row, or fold them again."""
        if self.table.row is not None and self.controller.unfold(self.table.row, is_open):
            self.show_rows()

    def action_details(self) -> None:
        """Show where the run came from, too, or less again; a tall screen always does."""
        self.toggle_class("-more")

    def action_columns(self) -> None:
        """Choose the columns; none chosen: as many as have room."""
        chosen = self.controller.chosen or self.table.column_names
        picks = column_picks(self.controller.runs)
        dialog = PickList("Columns · none ticked: what has room", picks, chosen, ticks=True)
        self.app.push_screen(dialog, self._columns_chosen)

    def _columns_chosen(self, names: tuple[str, ...] | None) -> None:
        if names is not None:
            self.controller.choose_columns(names)
            self.show_rows()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """In the trash the same key brings a run back that deletes one elsewhere."""
        controller = getattr(self, "controller", None)
        in_trash = controller is not None and controller.in_trash
        return {
            "remove": not in_trash,
            "choose": not in_trash,
            "take": not in_trash,
            "prune": not in_trash,
            "restore": in_trash,
            "empty": in_trash,
        }.get(action, True)

    def action_trash(self) -> None:
        self.controller.switch_trash()
        self.refresh_bindings()
        self.show_rows(at=0)
        self.reread()

    # ------------------------------------------------------------------------------------- open and compare

    @on(RunTable.Chosen)
    def action_choose(self) -> None:
        row = self.table.row
        if row is None:
            return
        if row.is_group and self.what != "under":
            self.action_unfold(not row.is_open)
            return
        runs = self.selected if self.what == "under" else [row.first]
        damaged = next((run.known.problem for run in runs if run.known.problem), "")
        if self.controller.in_trash:
            self.notify("It is in the trash. d brings it back.", markup=False)
        elif damaged:
            self.notify(printable(damaged), severity="error", markup=False)
        else:
            self.dismiss((self.what, tuple(run.name for run in runs)))

    def action_compare(self) -> None:
        runs = self.selected
        if len(runs) < 2:
            self.notify("Mark two runs or more with Space; c compares them.", markup=False)
            return
        try:
            followers = [RunFollower(run.folder) for run in runs[:MOST_RUNS]]
        except FolderError as problem:
            self.show_problem(problem)
        else:
            self.app.push_screen(ComparisonScreen(followers, [run.title for run in runs[:MOST_RUNS]]))
            if sentence := too_many(len(runs)):
                self.notify(sentence, markup=False)

    def action_take(self, what: str) -> None:
        run = self.table.current
        if run is not None and run.known.problem:
            self.notify(printable(run.known.problem), severity="error", markup=False)
        elif run is not None and not self.controller.in_trash:
            self.dismiss((what, (run.name,)))

    def action_help(self) -> None:
        self.app.push_screen(Help("runs"))

    # ------------------------------------------------------------------------------------- title, note, tags

    def action_note(self) -> None:
        self._ask("note", lambda run: run.annotations.note)

    def action_rename(self) -> None:
        self._ask("title", lambda run: run.annotations.title)

    def action_tags(self) -> None:
        self._ask("tags", lambda run: " ".join(run.annotations.tags))

    def _ask(self, part: str, value: Callable[[ListedRun], str]) -> None:
        runs = self.selected
        if not runs:
            return
        heading, words = ANNOTATIONS[part]
        if len(runs) > 1:
            heading += f" of {plural(len(runs), 'run')}"
        dialog = TextDialog(heading, value(runs[0]), words, partial(annotation_problem, part))
        self.app.push_screen(dialog, partial(self._annotate, runs, part))

    def _annotate(self, runs: Sequence[ListedRun], part: str, line: str | None) -> None:
        if line is None:
            return
        try:
            annotate(runs, part, line)
        except FolderError as problem:
            self.show_problem(problem)
        self.reread()

    # --------------------------------------------------------------------------------------- trash and prune

    def action_remove(self) -> None:
        if runs := self.selected:
            self.controller.trashed.append([])
            words = f"{named(runs)} moved to the trash; u brings {'it' if len(runs) == 1 else 'them'} back."
            self._change_folders([partial(self.controller.trash, run) for run in runs], words)

    def action_restore(self) -> None:
        """Bring runs back out of the trash; one stays there until Esc, so that the next key deletes nothing."""
        if runs := self.selected:
            self._change_folders(
                [partial(restore, run.folder) for run in runs],
                f"{named(runs)} brought back. Esc shows the runs.",
            )

    def action_undo(self) -> None:
        """Bring back the runs that were deleted last on this screen."""
        if batch := self.controller.last_trashed():
            name = self.controller.titles[batch[0].name] if len(batch) == 1 else plural(len(batch), "run")
            self._change_folders([partial(restore, folder) for folder in batch], f"{name} brought back.")
        else:
            self.notify(self.controller.nothing_to_undo(), markup=False)

    def action_empty(self) -> None:
        if self.controller.in_trash and self.controller.runs:
            remove = f"Remove {plural(len(self.controller.runs), 'run')} for good"
            lines = [("no", Text("Keep them")), ("yes", Text(remove))]
            self.app.push_screen(Choose("Empty the trash", lines), self._empty)

    def _empty(self, answer: str | None) -> None:
        if answer == "yes":
            self._change_folders([empty_trash], "The trash is empty.")

    def action_prune(self) -> None:
        runs = self.selected
        if not runs or self.controller.in_trash:
            return
        but_last, every = self.controller.checkpoint_bytes(runs)
        if not every:
            self.notify("There are no checkpoints to remove.", markup=False)
            return
        words = f"{named(runs)}. The trained network and the curves stay."
        self.app.push_screen(
            Choose("Remove checkpoints", prune_lines(but_last, every), words), partial(self._prune, runs)
        )

    def _prune(self, runs: Sequence[ListedRun], answer: str | None) -> None:
        if answer is not None:
            self.controller.forget_sizes(runs)
            steps = [partial(prune, run.folder, answer == "last") for run in runs]
            self._change_folders(steps, "Checkpoints removed.")

    @work(thread=True, group="folders")
    def _change_folders(self, steps: Sequence[Callable[[], object]], done: str) -> None:
        """In a thread: a worker that answers questions may take seconds to leave."""
        try:
            for step in steps:
                step()
        except FolderError as problem:
            self.app.call_from_thread(self.show_problem, problem)
        else:
            self.app.call_from_thread(self.notify, printable(done), markup=False)
        self.app.call_from_thread(self._folders_changed)

    def _folders_changed(self) -> None:
        if self.query(RunTable):
            self.controller.marked.clear()
            self.reread()

    def action_history(self) -> None:
        if (run := self.table.current) is None or not run.summary.done:
            self.notify("No epoch is whole yet.", markup=False)
            return
        try:
            self.app.push_screen(HistoryView(read_history(run.folder), run.title))
        except FolderError as problem:
            self.show_problem(problem)

    def action_worker_log(self) -> None:
        if (run := self.table.current) is not None:
            self.app.push_screen(worker_log(run.folder, run.title))

    def action_export(self) -> None:
        if run := self.table.current:
            export_network(self, run.folder)

    def action_copy_path(self) -> None:
        if (run := self.table.current) is not None:
            self.app.copy_to_clipboard(path := str(run.folder.path))
            self.notify(f"Copied: {printable(path)}", markup=False)

    def action_open_folder(self) -> None:
        if (run := self.table.current) and not open_on_desktop(str(run.folder.path)):
            self.app.copy_to_clipboard(str(run.folder.path))
            self.notify("There is no desktop here; the path was copied instead.", markup=False)
