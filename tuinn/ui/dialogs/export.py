"""Export a run's trained network: choose a format, name the file, and read how it compares with the network in Keras."""

from pathlib import Path
from typing import TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Static

from tuinn.data.paths import expand_home
from tuinn.errors import FolderError, SpecError, TuinnError
from tuinn.runs.folder import RunFolder
from tuinn.runs.jobs import Export, Exported, JobFailed, JobProgress, check_target, network_of, run_job
from tuinn.spec.keras_export.formats import FILE_FORMATS, FileFormat, file_format, limits, refusal
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import Choose, TextDialog
from tuinn.ui.dialogs.log_view import LogView
from tuinn.ui.widgets.controls import Severity
from tuinn.view.reports.export_text import disagreement, lines

T = TypeVar("T")


def export_network(screen: Screen[T], folder: RunFolder | None) -> None:
    """Ask for format and file on top of this screen, have a process write it, and show how it compares."""
    if folder is None:
        _say(screen, "There is no run on the screen. l lists earlier ones.")
        return
    if not folder.model_file.is_file():
        _say(
            screen,
            "There is no trained network yet: it is saved at the end of a training, or by z.",
            "warning",
        )
        return
    rows: list[tuple[str, Text]] = [
        (row.name, Text.assemble((f"{row.title:<16}", "bold"), f"  {row.help}", no_wrap=True))
        for row in FILE_FORMATS
    ]

    def chosen(name: str | None) -> None:
        if name is not None:
            _ask_for_file(screen, folder, file_format(name))

    screen.app.push_screen(Choose("Export the trained network", rows), chosen)


def _ask_for_file(screen: Screen[T], folder: RunFolder, row: FileFormat) -> None:
    try:
        model, facts = folder.spec().model, folder.facts()
    except FolderError as problem:
        _say(screen, str(problem), "error")
        return
    if why := refusal(row, model, facts):
        _say(screen, why, "warning")
        return

    def check(text: str) -> str:
        try:
            check_target(row, expand_home(text.strip()).absolute())
        except SpecError as problem:
            return printable(str(problem))
        return ""

    def placed(text: str | None) -> None:
        if text is not None:
            _start(screen, Export(network=network_of(folder.path), to=row.name, out=str(_path(text))))

    start = Path.cwd() / f"{folder.name}{row.ending}"
    dialog = FileDialog(f"Export as {row.title}", str(start), "path of the new file", check)
    dialog.keys = "Enter writes it and compares it with Keras · Esc goes back"
    dialog.words = " ".join(limits(row, model, facts))
    screen.app.push_screen(dialog, placed)


class FileDialog(TextDialog):
    """Asks for the file, below what the format can't do."""

    words = ""

    def body(self) -> ComposeResult:
        if self.words:
            yield Static(self.words, classes="dialog-words", markup=False)
        yield from super().body()


def _path(text: str) -> Path:
    return expand_home(text.strip()).absolute()


def _start(screen: Screen[T], job: Export) -> None:
    """In a thread; what comes of it is shown wherever the user is by then."""
    title = file_format(job.to).title

    def work() -> None:
        try:
            for answer in run_job(job):
                if isinstance(answer, JobProgress):
                    screen.app.call_from_thread(_say, screen, f"Export as {title}: {answer.what} …")
                elif isinstance(answer, JobFailed):
                    screen.app.call_from_thread(_say, screen, answer.message, "error")
                elif isinstance(answer, Exported):
                    screen.app.call_from_thread(_show, screen, answer)
        except TuinnError as problem:
            screen.app.call_from_thread(_say, screen, str(problem), "error")

    screen.app.run_worker(work, thread=True, group="export", exclusive=False)


def _show(screen: Screen[T], answer: Exported) -> None:
    """The comparison as lines; in a message where another dialog has been opened meanwhile."""
    shown = list(lines(answer))
    if problem := disagreement(answer):
        shown += ["", problem]
    if screen.is_active:
        screen.app.push_screen(LogView(f"Exported as {file_format(answer.to).title}", shown, at_end=False))
    else:
        _say(screen, problem or f"Exported: {answer.out}", "warning" if problem else "information")


def _say(screen: Screen[T], words: str, severity: Severity = "information") -> None:
    screen.app.notify(printable(words), severity=severity, timeout=10, markup=False)
