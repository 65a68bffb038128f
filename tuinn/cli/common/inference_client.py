"""Ask a run's network: through its worker where one lives, else through one that is launched to answer."""

import subprocess
import time
from collections.abc import Sequence

import click

from tuinn.cli.common.follow import LOOK
from tuinn.errors import FolderError
from tuinn.runs.commands import Question, Quit
from tuinn.runs.events import (
    AnyEvent,
    Evaluated,
    Noted,
    PictureAnswered,
    Reported,
    RunEnded,
    RunStarted,
    SamplesAnswered,
)
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import RUN_IN_USE, launch
from tuinn.runs.state import RunState, state_of
from tuinn.text import printable_lines

Answer = PictureAnswered | SamplesAnswered | Evaluated | Reported

"""Exit code of a worker that found another one at this run."""

LAUNCHES = 2
"""Workers to launch at most: the first may find a worker that is just leaving."""


def ask(folder: RunFolder, questions: Sequence[Question]) -> dict[str, Answer]:
    """The answers, by request. Waits for a training to come to them. Raises FolderError where nobody can answer."""
    inbox = Inbox(folder)
    inbox.read()
    inbox.warning, inbox.notes = "", []
    offset = _size(folder)
    folder.ask(*questions)
    own: subprocess.Popen[bytes] | None = None
    launches = 0
    try:
        while missing := [one for one in questions if one.request not in inbox.answers]:
            attended = inbox.is_attended(own)
            if inbox.read():
                continue
            if not folder.path.is_dir():
                raise FolderError(f"{folder.path} was deleted or renamed. `tuinn runs` lists the runs.")
            if attended and own is None and folder.is_overdue():
                raise FolderError(f"{folder.name} can't answer now. {folder.silence()}")
            if inbox.warning and (own or inbox.ended):
                raise FolderError(inbox.warning)
            if own and own.poll() == RUN_IN_USE:
                # Whoever holds the run may have begun to read after our question.
                own = None
                folder.ask(*missing)
            elif not attended:
                _check_askable(folder, launches)
                own, launches = launch(folder, "--serve", "--commands-from", str(offset)), launches + 1
            time.sleep(LOOK)
    finally:
        if own and own.poll() is None and folder.path.is_dir():
            folder.ask(Quit())
    for note in dict.fromkeys(inbox.notes) if launches else ():
        click.echo(f"note: {printable_lines(note)}", err=True)
    return inbox.answers


class Inbox:
    """What a run's journal says that matters to somebody with a question."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.reader = folder.events()
        self.answers: dict[str, Answer] = {}
        self.started = False
        self.ended: RunEnded | None = None
        self.notes: list[str] = []
        """From a worker that only serves they say what is odd about its answers."""
        self.warning = ""
        """The last one. From a worker that only serves it says why a question has no answer."""

    def read(self) -> bool:
        """Take in what is new. True when there was something. Raises FolderError."""
        before = self.reader.offset
        try:
            for event in self.reader.read_all():
                self._take(event)
        except OSError as error:
            raise FolderError(f"{self.reader.path} cannot be read ({error.strerror}).") from None
        return self.reader.offset != before

    def _take(self, event: AnyEvent) -> None:
        match event:
            case RunStarted():
                self.started = True
            case RunEnded():
                self.ended, self.warning = event, ""
            case PictureAnswered() | SamplesAnswered() | Evaluated() | Reported():
                self.answers[event.request] = event
            case Noted(level="warning"):
                self.warning = event.message
            case Noted():
                self.notes.append(event.message)
            case _:
                pass

    def is_attended(self, own: subprocess.Popen[bytes] | None) -> bool:
        """True when a worker has the run or is on its way. `own`: the one that was launched for the questions."""
        if own is not None and own.poll() is None:
            return True
        state = state_of(self.ended, self.started, self.folder.is_alive(), self.folder.age())
        return state.is_active or state is RunState.SERVING


def _check_askable(folder: RunFolder, launches: int) -> None:
    if not (folder.model_file.is_file() or folder.checkpoints.is_dir()):
        raise FolderError(
            f"{folder.name} has no trained network: it ended before one was saved. "
            f"Train again: tuinn train {folder.spec_file}"
        )
    if launches >= LAUNCHES:
        raise FolderError(f"The worker ended without an answer. {folder.log_file} may say why.")


def _size(folder: RunFolder) -> int:
    """Bytes of the command file: where the commands of a worker that is launched now begin."""
    try:
        return folder.commands_file.stat().st_size
    except OSError:
        return 0
