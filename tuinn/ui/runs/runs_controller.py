"""The list behind the runs screen: which runs there are, filter, order, marks, trash and notes. Needs no app."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread

import msgspec
from rich.text import Text

from tuinn.atomic_io import write_whole
from tuinn.errors import FolderError
from tuinn.runs.annotations import NOTE, TITLE, change_annotations, clean, clean_tags
from tuinn.runs.folder import RunFolder, all_runs, home
from tuinn.runs.journal import read_struct
from tuinn.runs.listing import ListedRun, Listing
from tuinn.runs.maintenance import bytes_below, move_to_trash, prunable, trash_folder
from tuinn.text import format_bytes, plural
from tuinn.view.run_columns import Sizes
from tuinn.view.run_rows import RunRow, common_metric, fold
from tuinn.view.run_table import matches, sort_runs

READ_AT_ONCE = 20_000_000
"""Bytes of journals that are read before the screen is drawn, about 0.1 s; more are read in a thread."""

MANY_RUNS, IDLE_TICKS = 200, 5
"""With so many runs, none of them active, only every so many-th tick reads them again."""

Order = tuple[str, bool]
"""A column's name, and whether the order is reversed."""


@dataclass(frozen=True)
class RunsRead:
    """What one reading of a listing gave."""

    listing: Listing
    runs: list[ListedRun]
    sizes: Sizes
    """Sizes on disk that were measured this time."""


@dataclass
class RunsController:
    """Everything the runs screen knows except the cursor."""

    without: frozenset[str] = frozenset()
    """Names of runs that are not listed."""
    listing: Listing = field(default_factory=Listing)
    runs: list[ListedRun] = field(default_factory=list)
    sizes: Sizes = field(default_factory=dict)
    order: Order = ("when", False)
    filter: str = ""
    marked: set[str] = field(default_factory=set)
    """Names of runs."""
    in_trash: bool = False
    trashed: list[list[RunFolder]] = field(default_factory=list)
    """What was moved to the trash, as it lies there: a list for each time, the last one last."""
    titles: dict[str, str] = field(default_factory=dict)
    """What those are called, by the names of their folders."""
    asking: Thread | None = None
    """Asks Slurm for the jobs of the runs."""
    ticks: int = 0
    unfolded: set[str] = field(default_factory=set)
    """Recipes whose repeats stand below their row."""
    chosen: tuple[str, ...] = field(default_factory=lambda: read_columns())
    """Columns that the user chose; empty: as many as have room."""

    # ---------------------------------------------------------------------------------------------- reading

    def is_quick(self) -> bool:
        """Whether so little is unread that it can be read before the screen is drawn. Raises FolderError."""
        return self.listing.unread() <= READ_AT_ONCE

    def read_now(self) -> None:
        """Read the runs, without their sizes. Raises FolderError."""
        self.store(RunsRead(self.listing, self.listing.refresh(), {}))

    def read(self) -> RunsRead:
        """Read the runs, and the sizes of those that are new or active: for a thread. Raises FolderError."""
        listing = self.listing
        if not self.in_trash and listing.has_jobs:
            self._ask_slurm()
        runs = listing.refresh()
        measured = [run for run in runs if run.is_active or run.name not in self.sizes]
        return RunsRead(listing, runs, {run.name: bytes_below(run.folder.path) for run in measured})

    def _ask_slurm(self) -> None:
        """In a thread of its own, so that a Slurm that hangs doesn't keep the table from being read."""
        if self.asking is None or not self.asking.is_alive():
            self.asking = Thread(target=self.listing.ask_slurm, name="tuinn-slurm", daemon=True)
            self.asking.start()

    def store(self, read: RunsRead) -> bool:
        """Take over what was read; False where the listing was exchanged meanwhile."""
        if read.listing is not self.listing:
            return False
        self.runs = read.runs
        self.sizes |= read.sizes
        self.marked &= {run.name for run in self.runs}
        return True

    def is_due(self) -> bool:
        """Called once a tick. Many runs of which none is active change seldom, and reading them costs more."""
        self.ticks += 1
        few = len(self.runs) < MANY_RUNS
        return few or any(run.is_active for run in self.runs) or self.ticks % IDLE_TICKS == 0

    # ---------------------------------------------------------------------------------- filter, order, marks

    def shown(self) -> list[ListedRun]:
        """The runs that pass the filter, in order."""
        passing = [run for run in self.runs if run.name not in self.without and matches(run, self.filter)]
        return sort_runs(passing, *self.order, self.sizes)

    def rows(self) -> list[RunRow]:
        """The runs that pass the filter, in order, with their repeats folded."""
        return fold(self.shown(), self.unfolded)

    def selected(self, current: RunRow | None) -> list[ListedRun]:
        """The marked runs; without marks those of the row under the cursor."""
        marked = [run for run in self.runs if run.name in self.marked]
        return marked or (list(current.runs) if current is not None else [])

    def toggle_mark(self, row: RunRow) -> None:
        """Mark the runs of a row; take their marks away where all of them have one."""
        names = {run.name for run in row.runs}
        self.marked = self.marked - names if names <= self.marked else self.marked | names

    def unfold(self, row: RunRow, is_open: bool) -> bool:
        """Show the repeats of a row, or fold them; False where that changes nothing."""
        recipe, before = row.first.known.recipe, set(self.unfolded)
        if row.is_group and is_open:
            self.unfolded.add(recipe)
        elif not is_open and (row.is_group or row.is_repeat):
            self.unfolded.discard(recipe)
        return self.unfolded != before

    def choose_columns(self, names: Sequence[str]) -> None:
        """Show these columns beside the run, now and in the next session; none: as many as have room."""
        self.chosen = tuple(names)
        write_columns(self.chosen)

    def toggle_all(self) -> None:
        """Mark all runs that are shown; take all marks away where they are marked already."""
        names = {run.name for run in self.shown()}
        self.marked = set() if names <= self.marked else names

    def sort_next(self, columns: Sequence[str], by: int) -> None:
        """Sort by the next of these columns."""
        at = columns.index(self.order[0]) if self.order[0] in columns else -1
        self.order = (columns[(at + by) % len(columns)], False)

    def sort_by(self, column: str) -> None:
        """Sort by this column; once more reverses it."""
        self.order = (column, self.order[0] == column and not self.order[1])

    def reverse(self) -> None:
        self.order = (self.order[0], not self.order[1])

    def switch_trash(self) -> None:
        """List the trash instead of the runs, or the runs again; nothing is read yet."""
        self.in_trash = not self.in_trash
        self.listing = Listing(trash_folder() if self.in_trash else None)
        self.runs, self.sizes, self.marked = [], {}, set()

    def words(self) -> list[str]:
        """How many runs are listed, active and marked, their size, and the order."""
        passing = self.shown()
        shown, total = len(passing), len(self.runs) - len(self.without)
        parts = [plural(total, "run") if shown == total else f"{shown:,} of {plural(total, 'run')}"]
        if active := sum(run.is_active for run in self.runs):
            parts.append(f"{active} active")
        if self.marked:
            parts.append(f"{len(self.marked)} marked")
        if self.sizes:
            parts.append(format_bytes(sum(self.sizes.get(run.name, 0) for run in self.runs)))
        if metric := common_metric(passing):
            parts.append(metric)
        return [*parts, f"by {self.order[0]}{', reversed' if self.order[1] else ''}"]

    def nothing_words(self) -> str:
        """Why the list is empty, and what to do."""
        if self.filter:
            return "No run has these words. Esc clears the filter."
        return "The trash is empty." if self.in_trash else "There are no runs yet."

    # ----------------------------------------------------------------------------------------------- folders

    def checkpoint_bytes(self, runs: Sequence[ListedRun]) -> tuple[int, int]:
        """Bytes that pruning frees: of all checkpoints but the last of each run, and of all."""
        but_last, every = (
            sum(_bytes(path) for run in runs for path in prunable(run.folder, keep_last=keep))
            for keep in (True, False)
        )
        return but_last, every

    def trash(self, run: ListedRun) -> None:
        """Move a run to the trash, as one of the last batch. Raises FolderError."""
        folder = move_to_trash(run.folder)
        self.titles[folder.name] = run.title
        self.trashed[-1].append(folder)

    def last_trashed(self) -> list[RunFolder]:
        """The last runs that were moved to the trash and are still there."""
        while self.trashed:
            self.trashed[-1] = [folder for folder in self.trashed[-1] if folder.path.is_dir()]
            if self.trashed[-1]:
                return list(self.trashed[-1])
            self.trashed.pop()
        return []

    def nothing_to_undo(self) -> str:
        """Why no deletion can be taken back here, and what helps."""
        if self.in_trash:
            return "d brings back the run under the cursor."
        count = len(all_runs(trash_folder()))
        return (
            f"T shows the trash ({plural(count, 'run')})."
            if count
            else "Nothing to bring back: the trash is empty."
        )

    def forget_sizes(self, runs: Sequence[ListedRun]) -> None:
        """Measure these runs again the next time."""
        for run in runs:
            self.sizes.pop(run.name, None)


class ChosenColumns(msgspec.Struct):
    """The content of `columns.json`."""

    runs: tuple[str, ...] = ()
    """Names of columns of the table of runs, and what people call settings."""


def columns_file() -> Path:
    """`$TUINN_HOME/columns.json`: the columns that the user chose."""
    return home() / "columns.json"


def read_columns() -> tuple[str, ...]:
    """The columns that the user chose; none where there is no such file, or it can't be read."""
    try:
        return read_struct(columns_file(), ChosenColumns).runs
    except (OSError, ValueError):
        return ()


def write_columns(names: Sequence[str]) -> None:
    """Remember them. A file that can't be written is ignored: nothing is lost but a choice of columns."""
    with suppress(OSError):
        columns_file().parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_whole(columns_file(), msgspec.json.encode(ChosenColumns(tuple(names))) + b"\n", durable=False)


ANNOTATIONS = {
    "title": ("Title", "a name of your own; empty: the folder's name"),
    "note": ("Note", "what you want to remember"),
    "tags": ("Tags", "a word each"),
}
"""Part → heading and help of its dialog."""


def annotate(runs: Sequence[ListedRun], part: str, line: str) -> None:
    """Write a `title`, `note` or `tags` into the folders of these runs. Raises FolderError."""
    for run in runs:
        if part == "tags":
            change_annotations(run.folder, tags=tuple(line.split()))
        elif part == "note":
            change_annotations(run.folder, note=line)
        else:
            change_annotations(run.folder, title=line)


def annotation_problem(part: str, line: str) -> str:
    """What is wrong with a `title`, `note` or `tags`; empty where nothing is."""
    try:
        if part == "tags":
            clean_tags(tuple(line.split()))
        else:
            clean(line, part, NOTE if part == "note" else TITLE)
    except FolderError as problem:
        return str(problem)
    return ""


def _bytes(path: os.PathLike[str]) -> int:
    try:
        return os.stat(path).st_size  # noqa: PTH116
    except OSError:
        return 0


def open_on_desktop(path: str) -> bool:
    """Open a folder in the desktop's file manager. False where there is none."""
    is_mac = sys.platform == "darwin"
    if not (is_mac or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return False
    quiet = subprocess.DEVNULL
    try:
        subprocess.Popen(
            ["open" if is_mac else "xdg-open", path],
            start_new_session=True,
            stdin=quiet,
            stdout=quiet,
            stderr=quiet,
        )
    except OSError:
        return False
    return True


def named(runs: Sequence[ListedRun]) -> str:
    """Return what a message calls these runs."""
    return runs[0].title if len(runs) == 1 else plural(len(runs), "run")


def prune_lines(but_last: int, every: int) -> list[tuple[str, Text]]:
    """What may become of checkpoints, with the bytes that each frees."""
    return [
        ("last", Text(f"All but the last, which a run resumes from: {format_bytes(but_last)} freed")),
        ("every", Text(f"Every one, so that it can't be resumed: {format_bytes(every)} freed")),
    ]
