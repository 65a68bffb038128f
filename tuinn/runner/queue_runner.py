"""The queue: drafts become runs one after the other, or so many at a time on each device."""

import os
import socket
import time
from collections.abc import Callable

import msgspec

from tuinn import __version__
from tuinn.errors import FolderError, SpecError
from tuinn.runner import device_slots
from tuinn.runner.run_process import RunProcess
from tuinn.runs.folder import RunFolder, runs_folder
from tuinn.runs.journal import JournalWriter
from tuinn.runs.process_folder import new_name
from tuinn.spec.advice.advise import advise
from tuinn.spec.run import RunSpec
from tuinn.sweeps.events import AnyQueueEvent, EntryEnded, EntryStarted, QueueLeft, QueueStarted
from tuinn.sweeps.folder import QueueFolder
from tuinn.sweeps.queue import Queue, QueueEntry
from tuinn.sweeps.trial_checks import facts_of

LOOK = 0.1
"""Seconds between two looks at the journals."""


class QueueRunner:
    """Holds the queue's journal while it has the lock."""

    def __init__(self, folder: QueueFolder, pause: Callable[[float], None] = time.sleep) -> None:
        """Raises OSError."""
        self.folder = folder
        self.pause = pause
        self.queue = Queue()
        self.commands = folder.commands()
        self._obey()
        for event in folder.events().read_all():
            self.queue.apply(event)
        self.stops_before = self.stops_heeded = self.queue.stops
        self.journal = JournalWriter(folder.events_file)
        self.hands: dict[str, RunProcess] = {}
        """By the entry's word."""
        self.waiting: list[str] = []
        """Entries in hand that have no worker and are to get one as soon as a slot is free."""

    def say(self, event: AnyQueueEvent) -> None:
        """Raises OSError where the journal can't be written."""
        event = msgspec.structs.replace(event, at=time.time())
        self.journal.append(event)
        self.queue.apply(event)

    def conduct(self) -> None:
        """Until nothing is left to do, or until told to stop. Raises OSError."""
        self.say(QueueStarted(host=socket.gethostname(), pid=os.getpid(), tuinn=__version__))
        for entry in self.queue.training:
            self.hands[entry.entry] = RunProcess(RunFolder(runs_folder() / entry.run))
        while self.folder.path.is_dir():
            self._obey()
            if self.queue.stops > self.stops_heeded:
                self._stop()
            for name in list(self.hands):
                self._tend(name)
            if not self.queue.held:
                self._fill()
            idle = not self.hands and (self.queue.held or not self.queue.waiting)
            if idle or self.queue.stops > self.stops_before + 1:
                break
            self.pause(LOOK)
        self.say(QueueLeft())

    def has_news(self) -> bool:
        """True when something was asked that this conductor has not seen."""
        try:
            return self.folder.commands_file.stat().st_size > self.commands.offset
        except OSError:
            return False

    def _obey(self) -> None:
        for command in self.commands.read_all():
            self.queue.obey(command)

    def _stop(self) -> None:
        self.stops_heeded = self.queue.stops
        for name in self.waiting:
            del self.hands[name]
            self.say(EntryEnded(entry=name, outcome="stopped"))
        self.waiting = []
        for hand in self.hands.values():
            hand.stop()

    def _tend(self, name: str) -> None:
        hand = self.hands[name]
        if name in self.waiting:
            return
        try:
            gone = hand.poll()
        except FolderError as problem:
            self._settle(name, "failed", str(problem))
            return
        if hand.ended is not None:
            self._settle(name, hand.ended.outcome, hand.ended.message)
        elif gone and hand.may_be_taken_up and not self.queue.held:
            self.waiting.append(name)
        elif gone:
            self._settle(
                name,
                "failed",
                f"Its worker died without a word: killed, or out of memory. Its log: {hand.run.log_file}",
            )

    def _settle(self, name: str, outcome: str, message: str) -> None:
        if (hand := self.hands.pop(name, None)) is not None:
            hand.dismiss()
        self.say(EntryEnded(entry=name, outcome=outcome, message=message))  # type: ignore[arg-type]

    def _fill(self) -> None:
        """Begin what can begin; an entry waits only for others on its own device."""
        full: set[str] = set()
        for entry in [*self.queue.training, *self.queue.waiting]:
            if entry.waits or entry.entry in self.waiting:
                self._begin(entry, full)

    def _begin(self, entry: QueueEntry, full: set[str]) -> None:
        """A run folder and a worker, where its device has a slot."""
        name = entry.entry
        try:
            spec = checked(entry.spec)
        except SpecError as problem:
            self._settle(name, "failed", str(problem))
            return
        slot = self._slot(spec.fit.device, full)
        if slot is None:
            return
        with device_slots.given_back_on_failure(slot):
            if entry.waits:
                # Said before there is a folder: whoever takes the queue up makes the one that is missing.
                self.say(EntryStarted(entry=name, run=new_name(spec.dataset.label)))
                self.hands[name] = RunProcess(RunFolder(runs_folder() / entry.run))
            else:
                self.waiting.remove(name)
        hand = self.hands[name]
        try:
            with device_slots.given_back_on_failure(slot):
                if not hand.launches and not hand.run.spec_file.is_file():
                    RunFolder.create(spec, entry.run)
            hand.launch(slot)
        except FolderError as problem:
            self._settle(name, "failed", str(problem))

    def _slot(self, wanted: str, full: set[str]) -> int | None:
        device = device_slots.device_of(wanted)
        if device in full:
            return None
        slot = device_slots.take(device, self.queue.parallel)
        if slot is None:
            full.add(device)
        return slot


def checked(toml: str) -> RunSpec:
    """The draft as it was queued. Raises SpecError where it can't be trained."""
    spec = RunSpec.of_toml(toml)
    wrong = [problem for problem in advise(spec, facts_of(spec)) if problem.severity == "error"]
    if wrong:
        raise SpecError(str(wrong[0]))
    return spec
