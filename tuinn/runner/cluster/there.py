"""What is done on a machine of the cluster, in the process of a Dask worker: make a run's folder, have it trained, tell what happened.

The runner calls these functions by their names, so that both sides need the same tuinn. Runs lie in the TUINN_HOME of
that machine; nothing is assumed to be shared.
"""

import asyncio
import subprocess
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tuinn.errors import FolderError
from tuinn.runner.cluster import files
from tuinn.runner.cluster.cards import count, one_card
from tuinn.runs.commands import Quit
from tuinn.runs.events import RunEnded, RunResumed
from tuinn.runs.folder import RunFolder, runs_folder
from tuinn.runs.launch import launch, resume_run
from tuinn.runs.remote.frames import Asked
from tuinn.runs.remote.taken import settle, take

LOOK_SECONDS = 0.1
"""Between two looks at a run's folder."""

PATIENCE = 10.0
"""Seconds that a task waits for its runner to say what is to be trained."""

ENDED, RESUMED = b'{"kind":"RunEnded"', b'{"kind":"RunResumed"'


@dataclass(frozen=True)
class Begin:
    """What is to be trained."""

    offset: int
    """Bytes of the journal that are known: what stands behind them is news."""
    ended: bool
    """The known part of the journal has an end, after which the training is to go on."""


@dataclass(frozen=True)
class News:
    """What a look at a run has found."""

    data: bytes
    """Whole lines of the journal that are new."""
    ended: bool
    """The next line is its end."""
    key: str
    """Of the task that sees to it; empty: none does."""
    waits: bool
    """That task waits for `begin`."""
    started: bool
    """It has started its worker, or there is no task."""
    alive: bool
    """A worker is at work."""
    silent: float
    """Seconds since its last sign of life."""
    limit: str
    """What the heartbeat file says; empty: there has been none."""

    @property
    def has_task(self) -> bool:
        """A task sees to it."""
        return bool(self.key)


@dataclass
class Task:
    """A task that sees to a run."""

    key: str
    seen: float
    """When the runner was last heard of, on the monotonic clock."""
    begin: Begin | None = None
    started: bool = False
    """Its worker is started: commands that come now are for that one."""
    told: threading.Event = field(default_factory=threading.Event)


_tasks: dict[str, Task] = {}
"""By the run's name."""


# ------------------------------------------------------------------------------------------------- the task


def train(run: str, key: str) -> str:
    """The Dask task: wait for `begin`, have the run trained, and return once its worker has left.

    Returns why no worker could be started; empty where one was.
    """
    task = _tasks[run] = Task(key, time.monotonic())
    try:
        while not task.told.wait(LOOK_SECONDS):
            if _tasks.get(run) is not task or time.monotonic() > task.seen + PATIENCE:
                return ""
        assert task.begin is not None
        return _train(RunFolder(runs_folder() / run), task, task.begin)
    finally:
        if _tasks.get(run) is task:
            del _tasks[run]


def _train(folder: RunFolder, task: Task, begin: Begin) -> str:
    worker: subprocess.Popen[bytes] | None = None
    attached = folder.is_alive() and not begin.ended
    if not attached and not _has_end(folder, begin.offset):
        try:
            with one_card(count(), folder.spec().fit.device) as card:
                start = resume_run if _size(folder.events_file) else launch
                worker = start(folder, inherits=card.locks, environment=card.environment)
        except FolderError as problem:
            return str(problem)
    task.started = True
    reader, ended = folder.events(begin.offset), False
    while True:
        # Asked before reading, so that the last events of a worker that dies are read.
        alive = _lives(folder, worker)
        while events := reader.read_without_reports():
            for event in events:
                ended = isinstance(event, RunEnded) or (ended and not isinstance(event, RunResumed))
        if ended or not alive:
            break
        time.sleep(LOOK_SECONDS)
    if ended:
        _dismiss(folder, worker)
    else:
        folder.examine_death(worker.poll() if worker is not None else None)
    return ""


def _dismiss(folder: RunFolder, worker: subprocess.Popen[bytes] | None) -> None:
    """Its memory, and its card, are free only once it has left."""
    with suppress(FolderError):  # then it leaves by itself when idle
        if folder.is_alive():
            folder.ask(Quit())
    while _lives(folder, worker):
        time.sleep(LOOK_SECONDS)


def _lives(folder: RunFolder, worker: subprocess.Popen[bytes] | None) -> bool:
    return (worker is not None and worker.poll() is None) or folder.is_alive()


def _has_end(folder: RunFolder, offset: int) -> bool:
    """Whether the journal behind this byte has an end, and nobody went on after it."""
    ended = False
    for event in folder.events(offset).read_all():
        ended = isinstance(event, RunEnded) or (ended and not isinstance(event, RunResumed))
    return ended


# --------------------------------------------------------------------------------- what the runner calls


async def look(run: str, offset: int, least: float, most: float) -> News:
    """Return what is new behind this byte of the journal: after `least` seconds, once there is something, or after `most`.

    The end of the run, and whatever else is no training, is told at once. The line that says the end is held back:
    whoever reads it may rely on the run's files.
    """
    began, folder = time.monotonic(), RunFolder(runs_folder() / run)
    hear(run)
    while True:
        news, took = _news(run, folder, offset), time.monotonic() - began
        training = (news.has_task or news.alive) and not news.waits and not news.ended
        if not training or took >= most or (news.data and took >= least):
            return news
        await asyncio.sleep(LOOK_SECONDS)


def _news(run: str, folder: RunFolder, offset: int) -> News:
    task = _tasks.get(run)
    # Asked before reading, so that the last lines of a worker that dies are read.
    alive = folder.is_alive()
    data = files.read_journal(run, offset)
    at = max(data.rfind(b"\n" + ENDED) + 1, 0)
    ended = data.startswith(ENDED, at) and RESUMED not in data[at:]
    silent, limit = 0.0, ""
    with suppress(OSError, ValueError):
        silent = time.time() - folder.heartbeat_file.stat().st_mtime
        limit = folder.heartbeat_file.read_text()
    return News(
        data=data[:at] if ended else data,
        ended=ended,
        key=task.key if task is not None else "",
        waits=task is not None and task.begin is None,
        started=task is None or task.started,
        alive=alive,
        silent=silent,
        limit=limit,
    )


def hear(run: str) -> None:
    """The runner is busy with what this run's task waits for."""
    if (task := _tasks.get(run)) is not None:
        task.seen = time.monotonic()


def begin(run: str, key: str, what: Begin, asked: int, sender: str) -> None:
    """Tell the task to begin. Raises FolderError, OSError.

    `asked`: bytes of the sender's command file that have gone here, or that nobody here is to heed.
    """
    if arrived(run).get(sender, -1) < asked:
        ask(run, "", asked, sender)
    if (task := _tasks.get(run)) is not None and task.key == key:
        task.begin = what
        task.told.set()


def arrived(run: str) -> dict[str, int]:
    """For each sender, how much of its commands has arrived. Raises FolderError, OSError."""
    return settle(RunFolder(runs_folder() / run))


def leave(run: str, key: str) -> None:
    """A task that waits for its `begin` is not needed any more."""
    if (task := _tasks.get(run)) is not None and task.key == key and task.begin is None:
        del _tasks[run]


def ask(run: str, lines: str, until: int, sender: str) -> None:
    """Put commands into the run's command file, each once. Raises FolderError, OSError."""
    take(RunFolder(runs_folder() / run), Asked(lines, until, sender))


def why_dead(run: str) -> str:
    """Why the run's worker died, in a sentence."""
    return RunFolder(runs_folder() / run).examine_death().message


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0
