"""The trials of a sweep: begin them, follow them, give the hopeless ones up, and say what came of each."""

import time

import msgspec

from tuinn.errors import FolderError
from tuinn.runner import device_slots
from tuinn.runner.optuna_study import OptunaStudy
from tuinn.runner.run_process import RunProcess
from tuinn.runs.annotations import TAG, TITLE, change_annotations, read_annotations
from tuinn.runs.folder import RunFolder, runs_folder
from tuinn.runs.journal import JournalWriter
from tuinn.runs.process_folder import new_name
from tuinn.sweeps.events import (
    AnySweepEvent,
    TrialEnded,
    TrialPruned,
    TrialReported,
    TrialSkipped,
    TrialStarted,
    TrialTakenUp,
)
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.spec import Values
from tuinn.sweeps.trial_checks import trial_problem
from tuinn.sweeps.view import SweepView, values_line

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
        self.advisor = OptunaStudy(self.sweep)
        self.hands: dict[int, RunProcess] = {}
        """By the trial's number."""
        self.waiting: list[int] = []
        """Trials in hand that have no worker and are to get one as soon as a slot is free."""
        self.next: tuple[int, Values] | None = None
        """Asked for and not yet begun: all slots are taken."""
        self.report_due: dict[int, float] = {}
        """When a trial's next report may come."""
        self.stops = 0
        """How often we were told to stop."""
        self.unweighed = False
        """A trial has ended well since the fields were weighed."""

    def say(self, event: AnySweepEvent) -> None:
        """Raises OSError where the journal can't be written."""
        event = msgspec.structs.replace(event, at=time.time())
        self.journal.append(event)
        self.view.apply(event)

    # ---------------------------------------------------------------------------------------------- a trial

    def tend(self, number: int) -> None:
        """Take in what this trial's run has told, and do what follows from it."""
        if number in self.waiting:
            return
        hand = self.hands[number]
        try:
            gone = hand.poll()
        except FolderError as problem:
            self.settle(number, hand, "failed", str(problem))
            return
        self.hear(number, hand)
        pruned = self.view.of(number).pruned
        if hand.ended is not None and self.stops and hand.ended.outcome == "stopped" and not pruned:
            self._let_go(number)
        elif hand.ended is not None:
            self.settle(number, hand, hand.ended.outcome, hand.ended.message)
        elif gone and self.stops:
            self._let_go(number)
        elif gone and pruned:
            self.settle(number, hand, "stopped", "")
        elif gone and hand.may_be_taken_up:
            self.waiting.append(number)
        elif gone:
            self.settle(
                number,
                hand,
                "failed",
                "Its worker died twice without a word: killed, or out of memory. "
                f"Its log: {hand.run.log_file}",
            )

    def hear(self, number: int, hand: RunProcess) -> None:
        """Pass on what is new to Optuna; give the trial up where it is hopeless."""
        new = sorted(hand.reports.keys() - self.advisor.told[number])
        for epoch in new:
            value = hand.reports[epoch]
            if value is None:
                self.advisor.told[number].add(epoch)
                self._give_up(number, hand, epoch, f"{self.sweep.metric} was not finite in epoch {epoch}.")
                continue
            if self.advisor.report(number, epoch, value):
                self._give_up(number, hand, epoch, f"Behind the others in epoch {epoch}.")
        if new and hand.ended is None and time.time() >= self.report_due.get(number, 0.0):
            age = time.time() - self.view.of(number).started_at
            self.report_due[number] = time.time() + max(REPORT, AGEING * age) * len(self.hands)
            self.say(TrialReported(number=number, epoch=new[-1], value=hand.reports[new[-1]]))

    def _give_up(self, number: int, hand: RunProcess, epoch: int, why: str) -> None:
        if hand.ended is not None or self.stops or self.view.of(number).pruned:
            return
        self.say(TrialPruned(number=number, epoch=epoch, why=why))
        hand.stop()

    def settle(self, number: int, hand: RunProcess, outcome: str, message: str) -> None:
        """The trial is over."""
        if self.view.of(number).pruned and outcome == "stopped":
            outcome, message = "pruned", ""
        best: tuple[float, int] | None = None
        for epoch, value in sorted(hand.reports.items()):
            if value is not None and (best is None or self.sweep.better(value, best[0])):
                best = value, epoch
        last = max(hand.reports, default=0)
        self.advisor.end(number, best[0] if best else None, outcome)
        ended = TrialEnded(
            number=number,
            outcome=outcome,  # type: ignore[arg-type]
            value=best[0] if best else None,
            epoch=best[1] if best else 0,
            epochs=last,
            seconds=hand.seconds,
            reports=tuple(hand.reports.get(epoch) for epoch in range(1, last + 1)),
            message=message,
        )
        self.say(ended)
        hand.dismiss()
        del self.hands[number]
        self.unweighed = self.unweighed or outcome == "finished"

    def _let_go(self, number: int) -> None:
        """The sweep stops before this trial is through: it stays as it is, and resuming goes on with it."""
        self.hands.pop(number).dismiss()

    # ------------------------------------------------------------------------------------------- new trials

    def fill(self) -> None:
        """Give workers to those that have none, and begin trials, as many as may be on at a time."""
        for number in list(self.waiting):
            if not self._launch(number):
                return
        while len(self.hands) < self.view.parallel and len(self.view.trials) < self.view.asked:
            number = len(self.view.trials) + 1
            if self.next is None:
                tried = [trial.values for trial in self.view.trials]
                self.next = number, self.advisor.suggest(number, tried)
            _, values = self.next
            if why := trial_problem(self.sweep, values):
                self.next = None
                self.say(TrialSkipped(number=number, values=values, why=why))
                continue
            spec = self.sweep.spec_of(values)
            slot = device_slots.take(device_slots.device_of(spec.fit.device), self.view.parallel)
            if slot is None:
                return
            self.next = None
            with device_slots.given_back_on_failure(slot):
                name = new_name(spec.dataset.label)
                # Said before there is a folder: whoever takes the sweep up makes the one that is missing.
                self.say(TrialStarted(number=number, values=values, run=name))
                self.advisor.begin(number, values)
                self.hands[number] = RunProcess(RunFolder(runs_folder() / name), self.sweep.metric)
                self._see_to_folder(number)
            self._give_worker(number, slot)

    def _launch(self, number: int) -> bool:
        """A worker for a trial that waits for one. False: there is no slot."""
        spec = self.sweep.spec_of(self.view.of(number).values)
        slot = device_slots.take(device_slots.device_of(spec.fit.device), self.view.parallel)
        if slot is None:
            return False
        with device_slots.given_back_on_failure(slot):
            self._see_to_folder(number)
        self.waiting.remove(number)
        if self._give_worker(number, slot):
            self.say(TrialTakenUp(number=number))
        return True

    def _see_to_folder(self, number: int) -> None:
        """The trial's run folder, tagged; made where a conductor died before it was. Raises FolderError."""
        hand, values = self.hands[number], self.view.of(number).values
        if hand.launches:
            return
        if not hand.run.spec_file.is_file():
            RunFolder.create(self.sweep.spec_of(values), hand.run.name)
        if tag_of(self.folder.name) not in read_annotations(hand.run).tags:
            tag_trial(hand.run, self.folder.name, number, values)

    def _give_worker(self, number: int, slot: int) -> bool:
        """False where none can be launched: the trial has failed."""
        try:
            self.hands[number].launch(slot)
        except FolderError as problem:
            self.settle(number, self.hands[number], "failed", str(problem))
            return False
        return True


def tag_of(sweep: str) -> str:
    """The tag of all runs of this sweep: `sweep-31d8`, by the end of its folder's name."""
    return f"sweep-{sweep.rpartition('-')[2] or sweep}".replace(",", "")[:TAG]


def tag_trial(run: RunFolder, sweep: str, number: int, values: Values) -> None:
    """Raises FolderError where the run's folder can't be written."""
    title = f"{tag_of(sweep).removeprefix('sweep-')} trial {number}: {values_line(values)}"
    change_annotations(
        run, title=title if len(title) <= TITLE else title[: TITLE - 1] + "…", tags=(tag_of(sweep),)
    )
