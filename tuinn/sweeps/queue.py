"""What waits in the queue: a fold of its commands and its journal, used by the runner and by whoever looks."""

import secrets
from dataclasses import dataclass, field
from typing import assert_never

from tuinn.runs.events import Noted
from tuinn.spec.run import RunSpec
from tuinn.sweeps.commands import Add, AnyQueueCommand, GoOn, Hold, Move, Remove, SetParallel, StopAll
from tuinn.sweeps.events import AnyQueueEvent, EntryEnded, EntryStarted, QueueLeft, QueueStarted
from tuinn.sweeps.spec import with_absolute_path


def new_entry_id() -> str:
    """A word by which an entry is known."""
    return secrets.token_hex(2)


def add_command(spec: RunSpec) -> Add:
    """The command that queues this draft. Raises SpecError."""
    return Add(entry=new_entry_id(), spec=with_absolute_path(spec).toml())


@dataclass
class QueueEntry:
    """A queued draft, and what became of it."""

    entry: str
    spec: str
    """TOML."""
    run: str = ""
    """The run folder's name, once it has begun."""
    outcome: str = ""
    """`finished`, `stopped`, `failed` or `removed`; empty while it waits or trains."""
    message: str = ""

    @property
    def waits(self) -> bool:
        return not self.run and not self.outcome

    @property
    def trains(self) -> bool:
        return bool(self.run) and not self.outcome


@dataclass
class Queue:
    """Every entry there ever was, in the order in which those that wait will begin. Changed only by its two folds."""

    entries: list[QueueEntry] = field(default_factory=list)
    parallel: int = 1
    paused: bool = False
    """Nothing further begins."""
    stops: int = 0
    """How many StopAll commands were given."""
    notes: list[Noted] = field(default_factory=list)
    left: str = ""
    """Why its last runner left before all was done, in a sentence; empty: it was asked to, or one is at work."""

    def apply_command(self, command: AnyQueueCommand) -> None:
        """Fold one command in. Called in the order of the file, once each; one that makes no sense does nothing."""
        match command:
            case Add(entry=name, spec=spec):
                if self.find(name) is None:
                    self.entries.append(QueueEntry(name, spec))
            case Remove(entry=name):
                if (entry := self.find(name)) is not None and entry.waits:
                    entry.outcome = "removed"
            case Move(entry=name, place=place):
                self._move(name, place)
            case SetParallel(parallel=parallel):
                self.parallel = min(max(parallel, 1), 64)
            case Hold():
                self.paused = True
            case GoOn():
                self.paused = False
            case StopAll():
                self.paused, self.stops = True, self.stops + 1
            case _:
                assert_never(command)

    def apply(self, event: AnyQueueEvent) -> None:
        """Fold one event in. Called in journal order, once each, after the commands that came before it."""
        match event:
            case EntryStarted(entry=name, run=run):
                if (entry := self.find(name)) is not None:
                    entry.run, entry.outcome = run, ""
            case EntryEnded(entry=name, outcome=outcome, message=message):
                if (entry := self.find(name)) is not None:
                    entry.outcome, entry.message = outcome, message
            case Noted():
                self.notes.append(event)
            case QueueStarted():
                self.left = ""
            case QueueLeft(message=message):
                self.left = message
            case _:
                assert_never(event)

    def find(self, name: str) -> QueueEntry | None:
        return next((entry for entry in self.entries if entry.entry == name), None)

    @property
    def waiting(self) -> list[QueueEntry]:
        return [entry for entry in self.entries if entry.waits]

    @property
    def training(self) -> list[QueueEntry]:
        return [entry for entry in self.entries if entry.trains]

    def _move(self, name: str, place: int) -> None:
        entry = self.find(name)
        if entry is None or not entry.waits:
            return
        others = [other for other in self.waiting if other is not entry]
        others.insert(min(max(place, 1), len(others) + 1) - 1, entry)
        self.entries = [other for other in self.entries if not other.waits] + others
