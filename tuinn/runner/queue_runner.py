"""The queue: drafts become runs one after the other, or so many at a time on each device."""

import os
import socket
import time
from collections.abc import Callable
from contextlib import suppress

import msgspec

from tuinn import __version__
from tuinn.errors import FolderError, SpecError
from tuinn.programs import SignalInbox
from tuinn.runner import device_slots
from tuinn.runner.place import HERE, Place
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


class QueueRunner:
    """Holds the queue's journal while it has the lock."""

    def __init__(
        self,
        folder: QueueFolder,
        pause: Callable[[float], None] = time.sleep,
        signals: SignalInbox | None = None,
        place: Place = HERE,
    ) -> None:
        """`place`: where the runs are trained. Raises OSError."""
        self.folder, self.place = folder, place
        self.signals = signals or SignalInbox()
        self.interrupted = False
        """A signal tells the runner to leave: what trains stops, and goes on with the next runner."""
        self.pause = pause
        self.queue = Queue()
        self.commands = folder.commands()
        self._apply_commands()
        for event in folder.events().read_all():
            self.queue.apply(event)
        self.stops_before = self.stops_heeded = self.queue.stops
        self.journal = JournalWriter(folder.events_file)
        self.processes: dict[str, RunProcess] = {}
        """By the entry's word."""
        self.waiting: list[str] = []
        """Entries that have no worker and are to get one as soon as a slot is free."""

    def record(self, event: AnyQueueEvent) -> None:
        """Raises OSError where the journal can't be written."""
        event = msgspec.structs.replace(event, at=time.time())
        self.journal.append(event)
        self.queue.apply(event)

    def run(self) -> None:
        """Until nothing is left to do, or until asked to stop. Raises OSError, and FolderError where the place is gone."""
        self.record(QueueStarted(host=socket.gethostname(), pid=os.getpid(), tuinn=__version__))
        for entry in self.queue.training:
            self._reattach(entry)
        while self.folder.path.is_dir():
            self.place.check()
            self._apply_commands()
            if self.signals.first and not self.interrupted:
                self._interrupt(self.signals.first)
            if self.queue.stops > self.stops_heeded:
                self._stop()
            for name in list(self.processes):
                self._poll_run(name)
            if not self.queue.paused and not self.interrupted:
                self._start_entries()
            idle = not self.processes and (self.queue.paused or self.interrupted or not self.queue.waiting)
            if idle or self.queue.stops > self.stops_before + 1:
                break
            self.pause(self.place.poll_seconds)
        self.record(QueueLeft())

    def has_news(self) -> bool:
        """True when something was asked that this runner has not seen, and it may go on."""
        if self.interrupted:
            return False
        try:
            return self.folder.commands_file.stat().st_size > self.commands.offset
        except OSError:
            return False

    def _apply_commands(self) -> None:
        for command in self.commands.read_all():
            self.queue.apply_command(command)

    def _reattach(self, entry: QueueEntry) -> None:
        """An entry that was in training when the last runner left: its worker lives, or is started again."""
        process = self.processes[entry.entry] = self._process_of(entry.run)
        with suppress(FolderError):  # it is settled when it is polled
            process.poll()
        if process.ended is not None and process.ended.signal:
            self.waiting.append(entry.entry)

    def _interrupt(self, name: str) -> None:
        self.interrupted = True
        for entry in self.waiting:
            del self.processes[entry]
        self.waiting = []
        for process in self.processes.values():
            process.stop(name)

    def _stop(self) -> None:
        self.stops_heeded = self.queue.stops
        for name in self.waiting:
            del self.processes[name]
            self.record(EntryEnded(entry=name, outcome="stopped"))
        self.waiting = []
        for process in self.processes.values():
            process.stop()

    def _poll_run(self, name: str) -> None:
        process = self.processes[name]
        try:
            if name in self.waiting:
                if not process.is_attended():
                    return
                self.waiting.remove(name)
            gone = process.poll()
        except FolderError as problem:
            self.waiting = [other for other in self.waiting if other != name]
            self._end_entry(name, "failed", str(problem))
            return
        if self.interrupted and (gone or (process.ended and process.ended.outcome == "stopped")):
            self.processes.pop(name).dismiss()
        elif process.ended is not None:
            self._end_entry(name, process.ended.outcome, process.ended.message)
        elif gone and process.may_relaunch and not self.queue.paused:
            self.waiting.append(name)
        elif gone:
            self._end_entry(name, "failed", process.why_dead())

    def _end_entry(self, name: str, outcome: str, message: str) -> None:
        if (process := self.processes.pop(name, None)) is not None:
            process.dismiss()
        self.record(EntryEnded(entry=name, outcome=outcome, message=message))  # type: ignore[arg-type]

    def _start_entries(self) -> None:
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
            self._end_entry(name, "failed", str(problem))
            return
        slot = self._slot(spec, full)
        if slot is None:
            return
        with device_slots.released_on_failure(slot):
            if entry.waits:
                # Recorded before there is a folder: whoever resumes the queue makes the one that is missing.
                self.record(EntryStarted(entry=name, run=new_name(spec.dataset.label)))
                self.processes[name] = self._process_of(entry.run)
            else:
                self.waiting.remove(name)
        process = self.processes[name]
        try:
            with device_slots.released_on_failure(slot):
                if not process.launches and not process.run.spec_file.is_file():
                    RunFolder.create(spec, entry.run)
            process.launch(slot)
        except FolderError as problem:
            self._end_entry(name, "failed", str(problem))

    def _slot(self, spec: RunSpec, full: set[str]) -> int | None:
        """`full`: devices of which no slot is free, by what specs call them."""
        device = device_slots.device_of(spec.fit.device)
        if device in full:
            return None
        slot = self.place.slot(spec, self.queue.parallel)
        if slot is None:
            full.add(device)
        return slot

    def _process_of(self, run: str) -> RunProcess:
        return RunProcess(RunFolder(runs_folder() / run), place=self.place)


def checked(toml: str) -> RunSpec:
    """The draft as it was queued. Raises SpecError where it can't be trained."""
    spec = RunSpec.from_toml(toml)
    wrong = [problem for problem in advise(spec, facts_of(spec)) if problem.severity == "error"]
    if wrong:
        raise SpecError(str(wrong[0]))
    return spec
