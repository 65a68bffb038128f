"""The table of runs: attach, compare, make a draft; note, tag, rename; trash and prune."""

import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial

from rich.text import Text
from textual import on, work

from tuinn.errors import FolderError
from tuinn.runs.annotations import NOTE, TITLE, change_annotations, clean, clean_tags
from tuinn.runs.folder import RunFolder
from tuinn.runs.listing import ListedRun
from tuinn.runs.maintenance import empty_trash, move_to_trash, prunable, prune, restore
from tuinn.text import plural, printable, size
from tuinn.ui.dialogs.dialog import Choose, TextDialog
from tuinn.ui.dialogs.help import Help
from tuinn.ui.runs.comparison_screen import ComparisonScreen
from tuinn.ui.runs.run_browser import RunBrowser
from tuinn.ui.runs.run_table import RunTable
from tuinn.view.run_follower import RunFollower


class RunsScreen(RunBrowser):
    """Answers what is to be done with which runs; everything else is done here."""

    def __init__(
        self, what: str = "attach", heading: str = "Runs", without: frozenset[str] = frozenset()
    ) -> None:
        super().__init__(heading, without)
        self.what = what
        """What Enter does: `attach`, or `under`, for which several may be marked."""

    @on(RunTable.Opened)
    def action_choose(self) -> None:
        runs = self.chosen() if self.what == "under" else [self.table.current] if self.table.current else []
        if not runs:
            return
        damaged = next((run.known.problem for run in runs if run.known.problem), "")
        if self.in_trash:
            self.notify("It is in the trash. d brings it back.", markup=False)
        elif damaged:
            self.notify(printable(damaged), severity="error", markup=False)
        else:
            self.dismiss((self.what, tuple(run.name for run in runs)))

    def action_compare(self) -> None:
        runs = self.chosen()
        if len(runs) < 2:
            self.notify("Mark two runs or more with space; c compares them.", markup=False)
            return
        try:
            followers = [RunFollower(run.folder) for run in runs]
        except FolderError as problem:
            self.tell(problem)
        else:
            self.app.push_screen(ComparisonScreen(followers, [run.title for run in runs]))

    def action_draft(self) -> None:
        run = self.table.current
        if run is not None and run.known.problem:
            self.notify(printable(run.known.problem), severity="error", markup=False)
        elif run is not None and not self.in_trash:
            self.dismiss(("draft", (run.name,)))

    def action_help(self) -> None:
        self.app.push_screen(Help("runs"))

    # -------------------------------------------------------------------------------------- what a person says

    def action_note(self) -> None:
        self._ask(
            "Note",
            lambda run: run.annotations.note,
            "what you want to remember",
            _checked("note", NOTE),
            "note",
        )

    def action_rename(self) -> None:
        words = "a name of your own; empty: the folder's name"
        self._ask("Title", lambda run: run.annotations.title, words, _checked("title", TITLE), "title")

    def action_tags(self) -> None:
        self._ask("Tags", lambda run: " ".join(run.annotations.tags), "a word each", _checked_tags, "tags")

    def _ask(
        self,
        heading: str,
        value: Callable[[ListedRun], str],
        help: str,
        check: Callable[[str], str],
        part: str,
    ) -> None:
        run = self.table.current
        if run is not None:
            # Tags go to all that are marked; a title or a note is of one run.
            runs = self.chosen() if part == "tags" else [run]
            if len(runs) > 1:
                heading += f" of {plural(len(runs), 'run')}"
            asked = TextDialog(heading, value(runs[0]), help, check)
            self.app.push_screen(asked, partial(self._write, [one.folder for one in runs], part))

    def _write(self, folders: list[RunFolder], part: str, line: str | None) -> None:
        if line is None:
            return
        try:
            for folder in folders:
                if part == "tags":
                    change_annotations(folder, tags=tuple(line.split()))
                elif part == "note":
                    change_annotations(folder, note=line)
                else:
                    change_annotations(folder, title=line)
        except FolderError as problem:
            self.tell(problem)
        self.reread()

    # ------------------------------------------------------------------------------------------------ the house

    def action_remove(self) -> None:
        runs = self.chosen()
        if runs and self.in_trash:
            self._keep_house([partial(restore, run.folder) for run in runs], f"{_named(runs)} brought back.")
        elif runs:
            told = f"{_named(runs)} moved to the trash; T shows it."
            self._keep_house([partial(move_to_trash, run.folder) for run in runs], told)

    def action_empty(self) -> None:
        if self.in_trash and self.every:
            lines = [
                ("yes", Text(f"Remove {plural(len(self.every), 'run')} for good")),
                ("no", Text("Keep them")),
            ]
            self.app.push_screen(Choose("Empty the trash", lines[::-1]), self._empty)

    def _empty(self, answer: str | None) -> None:
        if answer == "yes":
            self._keep_house([empty_trash], "The trash is empty.")

    def action_prune(self) -> None:
        runs = self.chosen()
        if not runs or self.in_trash:
            return
        all_but_last, every = (
            sum(_bytes(path) for run in runs for path in prunable(run.folder, keep_last=keep))
            for keep in (True, False)
        )
        if not every:
            self.notify("There are no checkpoints to remove.", markup=False)
            return
        lines = [
            ("last", Text(f"All but the last, which a run resumes from: {size(all_but_last)} freed")),
            ("every", Text(f"Every one, so that it can't be resumed: {size(every)} freed")),
        ]
        words = f"{_named(runs)}. The trained network and the curves stay."
        self.app.push_screen(
            Choose("Remove checkpoints", lines, words), partial(self._prune, [run.folder for run in runs])
        )

    def _prune(self, folders: list[RunFolder], answer: str | None) -> None:
        if answer is not None:
            for folder in folders:
                self.sizes.pop(folder.name, None)
            self._keep_house(
                [partial(prune, folder, answer == "last") for folder in folders], "Checkpoints removed."
            )

    @work(thread=True, group="house")
    def _keep_house(self, steps: list[Callable[[], object]], told: str) -> None:
        """In a thread: a worker that answers questions may take seconds to leave."""
        try:
            for step in steps:
                step()
        except FolderError as problem:
            self.app.call_from_thread(self.tell, problem)
        else:
            self.app.call_from_thread(self.notify, printable(told), markup=False)
        self.app.call_from_thread(self._house_is_kept)

    def _house_is_kept(self) -> None:
        if self.is_attached:
            self.table.marked.clear()
            self.reread()

    # ----------------------------------------------------------------------------------------------- the folder

    def action_copy_path(self) -> None:
        if self.table.current is not None:
            self.app.copy_to_clipboard(str(self.table.current.folder.path))
            self.notify(f"Copied: {printable(str(self.table.current.folder.path))}", markup=False)

    def action_open_folder(self) -> None:
        if self.table.current is None:
            return
        opener = "open" if sys.platform == "darwin" else "xdg-open"
        desktop = sys.platform == "darwin" or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
        quiet = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        try:
            if not desktop:
                raise FileNotFoundError
            subprocess.Popen([opener, str(self.table.current.folder.path)], start_new_session=True, **quiet)  # type: ignore[call-overload]
        except OSError:
            self.app.copy_to_clipboard(str(self.table.current.folder.path))
            self.notify("There is no desktop here; the path was copied instead.", markup=False)


def _named(runs: list[ListedRun]) -> str:
    return runs[0].title if len(runs) == 1 else plural(len(runs), "run")


def _checked(what: str, most: int) -> Callable[[str], str]:
    def check(line: str) -> str:
        try:
            clean(line, what, most)
        except FolderError as problem:
            return str(problem)
        return ""

    return check


def _checked_tags(line: str) -> str:
    try:
        clean_tags(tuple(line.split()))
    except FolderError as problem:
        return str(problem)
    return ""


def _bytes(path: os.PathLike[str]) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0
