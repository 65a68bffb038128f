"""The trials of a sweep: begin them, follow them, give the hopeless ones up, and say what came of each."""

import time

import msgspec

from tuinn.errors import FolderError
from tuinn.runner import device_slots
from tuinn.runner.optuna_study import OptunaStudy
from tuinn.runner.place import HERE, Place
from tuinn.runner.run_process import RunProcess
from tuinn.runs.annotations import TAG, TITLE, change_annotations, read_annotations
from tuinn.runs.folder import RunFolder, runs_folder
from tuinn.runs.journal import JournalWriter
from tuinn.runs.process_folder import new_name
from tuinn.spec.naming import field_label
from tuinn.spec.run import RunSpec
from tuinn.sweeps.events import (
    AnySweepEvent,
    TrialEnded,
    TrialPruned,
    TrialReported,
    TrialsChanged,
    TrialSkipped,
    TrialStarted,
    TrialTakenUp,
)
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.ranges import shown
from tuinn.sweeps.spec import Values
from tuinn.sweeps.trial_checks import trial_problem
from tuinn.sweeps.view import SweepView

REPORT, AGEING = 1.0, 0.05
"""Seconds between two reports of a trial at least, and as a share of its age: a sweep of days has a journal of some MB."""


class Trials:
    """Holds the sweep's journal. What the journal says is folded into `view` as it is said."""

    def __init__(self, folder: SweepFolder) -> None:
        """Raises FolderError, OSError."""
        self.folder = folder
        self.sweep = folder.sweep()
        self.view = SweepView(self.sweep)
        for event in folder.events().read_all():
            self.view.apply(event)
        self.journal = JournalWriter(folder.events_file)
        self.study = OptunaStudy(self.sweep)
        self.place: Place = HERE
        """Where the trials are trained."""
        self.processes: dict[int, RunProcess] = {}
        """By the trial's number."""
        self.waiting: list[int] = []
        """Trials that have no worker and are to get one as soon as a slot is free."""
        self.next: tuple[int, Values] | None = None
        """Asked for and not yet begun: all slots are taken."""
        self.report_due: dict[int, float] = {}
        """When a trial's next report may come."""
        self.stops = 0
        """How many StopAll commands were given."""
        self.importance_outdated = False
        """A trial has ended well since the importance of the fields was estimated."""

    def record(self, event: AnySweepEvent) -> None:
        """Raises OSError where the journal can't be written."""
        event = msgspec.structs.replace(event, at=time.time())
        self.journal.append(event)
        self.view.apply(event)

    def process_of(self, run: str) -> RunProcess:
        """The run of this name, to be trained or followed."""
        return RunProcess(RunFolder(runs_folder() / run), self.sweep.metric, self.place)

    # ---------------------------------------------------------------------------------------------- a trial

    def poll_trial(self, number: int) -> None:
        """Take in what this trial's run has told, and do what follows from it."""
        process = self.processes[number]
        try:
            if number in self.waiting:
                if not process.is_attended():
                    return
                self.waiting.remove(number)
                self.record(TrialTakenUp(number=number))
            gone = process.poll()
        except FolderError as problem:
            self.waiting = [other for other in self.waiting if other != number]
            self.end_trial(number, process, "failed", str(problem))
            return
        self.report_epochs(number, process)
        pruned = self.view.of(number).pruned
        if process.ended is not None and self.stops and process.ended.outcome == "stopped" and not pruned:
            self._release(number)
        elif process.ended is not None:
            self.end_trial(number, process, process.ended.outcome, process.ended.message)
        elif gone and self.stops:
            self._release(number)
        elif gone and pruned:
            self.end_trial(number, process, "stopped", "")
        elif gone and process.may_relaunch:
            self.waiting.append(number)
        elif gone:
            self.end_trial(number, process, "failed", f"Its worker died twice. {process.why_dead()}")

    def report_epochs(self, number: int, process: RunProcess) -> None:
        """Pass on what is new to Optuna; give the trial up where it is hopeless."""
        new = sorted(process.reports.keys() - self.study.reported[number])
        for epoch in new:
            value = process.reports[epoch]
            if value is None:
                self.study.reported[number].add(epoch)
                self._prune(number, process, epoch, f"{self.sweep.metric} was not finite in epoch {epoch}.")
                continue
            if self.study.report(number, epoch, value):
                self._prune(number, process, epoch, f"Behind the others in epoch {epoch}.")
        if new and process.ended is None and time.time() >= self.report_due.get(number, 0.0):
            age = time.time() - self.view.of(number).started_at
            self.report_due[number] = time.time() + max(REPORT, AGEING * age) * len(self.processes)
            self.record(TrialReported(number=number, epoch=new[-1], value=process.reports[new[-1]]))

    def _prune(self, number: int, process: RunProcess, epoch: int, why: str) -> None:
        if process.ended is not None or self.stops or self.view.of(number).pruned:
            return
        self.record(TrialPruned(number=number, epoch=epoch, why=why))
        process.stop()

    def end_trial(self, number: int, process: RunProcess, outcome: str, message: str) -> None:
        """The trial is over."""
        if self.view.of(number).pruned and outcome == "stopped":
            outcome, message = "pruned", ""
        best: tuple[float, int] | None = None
        for epoch, value in sorted(process.reports.items()):
            if value is not None and (best is None or self.sweep.better(value, best[0])):
                best = value, epoch
        last = max(process.reports, default=0)
        self.study.end(number, best[0] if best else None, outcome)
        ended = TrialEnded(
            number=number,
            outcome=outcome,  # type: ignore[arg-type]
            value=best[0] if best else None,
            epoch=best[1] if best else 0,
            epochs=last,
            seconds=process.seconds,
            reports=tuple(process.reports.get(epoch) for epoch in range(1, last + 1)),
            message=message,
        )
        self.record(ended)
        process.dismiss()
        del self.processes[number]
        self.importance_outdated = self.importance_outdated or outcome == "finished"

    def _release(self, number: int) -> None:
        """The sweep stops before this trial is through: it stays as it is, and resuming goes on with it."""
        self.processes.pop(number).dismiss()

    # ------------------------------------------------------------------------------------------- new trials

    def start_trials(self) -> None:
        """Give workers to those that have none, and begin trials, as many as may be on at a time."""
        for number in list(self.waiting):
            if not self._relaunch(number):
                return
        while len(self.processes) < self.view.parallel and len(self.view.trials) < self.view.asked:
            number = len(self.view.trials) + 1
            if self.next is None:
                tried = [trial.values for trial in self.view.trials]
                values = self.study.suggest(number, tried)
                if values is None:
                    self.record(TrialsChanged(trials=len(self.view.trials)))
                    return
                self.next = number, values
            _, values = self.next
            if why := trial_problem(self.sweep, values):
                self.next = None
                self.record(TrialSkipped(number=number, values=values, why=why))
                continue
            spec = self.sweep.spec_of(values)
            slot = self.place.slot(spec, self.view.parallel)
            if slot is None:
                return
            self.next = None
            with device_slots.released_on_failure(slot):
                name = new_name(spec.dataset.label)
                # Recorded before there is a folder: whoever resumes the sweep makes the one that is missing.
                self.record(TrialStarted(number=number, values=values, run=name))
                self.study.begin(number, values)
                self.processes[number] = self.process_of(name)
                self._ensure_folder(number)
            self._launch_worker(number, slot)

    def _relaunch(self, number: int) -> bool:
        """A worker for a trial that waits for one. False: there is no slot."""
        spec = self.sweep.spec_of(self.view.of(number).values)
        slot = self.place.slot(spec, self.view.parallel)
        if slot is None:
            return False
        with device_slots.released_on_failure(slot):
            self._ensure_folder(number)
        self.waiting.remove(number)
        if self._launch_worker(number, slot):
            self.record(TrialTakenUp(number=number))
        return True

    def _ensure_folder(self, number: int) -> None:
        """The trial's run folder, tagged; made where a runner died before it was. Raises FolderError."""
        process, values = self.processes[number], self.view.of(number).values
        if process.launches:
            return
        if not process.run.spec_file.is_file():
            RunFolder.create(self.sweep.spec_of(values), process.run.name)
        if tag_of(self.folder.name) not in read_annotations(process.run).tags:
            tag_trial(process.run, self.folder.name, number, self.sweep.base, values)

    def _launch_worker(self, number: int, slot: int) -> bool:
        """False where none can be launched: the trial has failed."""
        try:
            self.processes[number].launch(slot)
        except FolderError as problem:
            self.end_trial(number, self.processes[number], "failed", str(problem))
            return False
        return True


def tag_of(sweep: str) -> str:
    """The tag of all runs of this sweep: `sweep-31d8`, by the end of its folder's name."""
    return f"sweep-{sweep.rpartition('-')[2] or sweep}".replace(",", "")[:TAG]


def tag_trial(run: RunFolder, sweep: str, number: int, base: RunSpec, values: Values) -> None:
    """Raises FolderError where the run's folder can't be written."""
    parts = (f"{_place_first(field_label(base, path))} {shown(value)}" for path, value in values.items())
    title = f"{tag_of(sweep).removeprefix('sweep-')} trial {number}: {', '.join(parts)}"
    change_annotations(
        run, title=title if len(title) <= TITLE else title[: TITLE - 1] + "…", tags=(tag_of(sweep),)
    )


def _place_first(label: str) -> str:
    """`dense units, layer 2` → `layer 2 dense units`, before a value."""
    field, _, place = label.partition(", ")
    return f"{place} {field}".strip()
