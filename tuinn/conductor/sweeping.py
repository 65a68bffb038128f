"""One sweep from its first trial to its last: ask for values, train them, report, prune, weigh."""

import os
import socket
import time
from collections.abc import Callable

import msgspec

from tuinn import __version__
from tuinn.conductor.advisor import METHOD, Advisor
from tuinn.conductor.hand import Hand
from tuinn.runs.events import Noted
from tuinn.runs.folder import FolderProblem, RunFolder, runs_folder
from tuinn.runs.journal import Appender
from tuinn.sweeps import slots
from tuinn.sweeps.commands import AnySweepCommand, GoOn, Hold, SetParallel, SetTrials, StopAll
from tuinn.sweeps.events import (
    AnySweepEvent,
    ParallelChanged,
    SweepEnded,
    SweepPaused,
    SweepResumed,
    SweepStarted,
    SweepWentOn,
    TrialEnded,
    TrialPruned,
    TrialReported,
    TrialsChanged,
    TrialSkipped,
    TrialStarted,
    TrialTakenUp,
    Weighed,
)
from tuinn.sweeps.fitting import misfit
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.spec import MOST_POINTS, Values
from tuinn.sweeps.sweep_view import SweepView, TrialState
from tuinn.sweeps.tags import tag_trial

LOOK = 0.1
"""Seconds between two looks at the journals."""

REPORT, AGEING = 1.0, 0.05
"""Seconds between two reports of a trial at least, and as a share of its age: a sweep of days has a journal of some MB."""

REST = 5.0
"""Seconds at least between two weighings, which take up to a second or two; they never take more than 5 % of the time."""

MOST_PARALLEL = 64


class Sweeping:
    """Holds the sweep's journal while it has the lock. What the journal says is folded into `view` as it is said."""

    def __init__(
        self, folder: SweepFolder, offset: int = 0, pause: Callable[[float], None] = time.sleep
    ) -> None:
        """`offset`: bytes of the command file that are not meant for this conductor. Raises FolderProblem, OSError."""
        self.folder = folder
        self.pause = pause
        self.sweep = folder.sweep()
        self.view = SweepView(self.sweep)
        for event in folder.events().read_all():
            self.view.apply(event)
        self.journal = Appender(folder.events_file)
        self.commands = folder.commands(offset)
        self.advisor = Advisor(self.sweep)
        self.hands: dict[int, Hand] = {}
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
        self.weigh_due = time.monotonic() + REST

    def say(self, event: AnySweepEvent) -> None:
        """Raises OSError where the journal can't be written."""
        event = msgspec.structs.replace(event, at=time.time())
        self.journal.append(event)
        self.view.apply(event)

    def conduct(self) -> None:
        """Until the last trial is over, or until told to stop. Raises FolderProblem, OSError."""
        self.open()
        while self.folder.sweep_file.exists():
            self.obey(self.commands.read_all())
            for number in list(self.hands):
                self.tend(number)
            if not self.stops and not self.view.held:
                self.fill()
            over = not self.hands and bool(self.stops or self.view.done >= self.view.asked)
            self.weigh(over)
            if self.stops > 1 or over:
                break
            self.pause(LOOK)
        self.say(SweepEnded(outcome="stopped" if self.stops else "finished", message=self._last_words()))

    def _last_words(self) -> str:
        if self.stops or self.view.best is not None:
            return ""
        why = next((trial.message for trial in self.view.trials if trial.message), "")
        return f"No trial was trained to its end. {why}".strip()

    # ---------------------------------------------------------------------------------------------- opening

    def open(self) -> None:
        """The first word; of a sweep that is taken up, everything that was found out already."""
        host, pid = socket.gethostname(), os.getpid()
        resumed, asked, parallel = self.view.started, self.view.asked, self.view.parallel
        if resumed:
            self.say(SweepResumed(host=host, pid=pid, tuinn=__version__, trials=asked, parallel=parallel))
        else:
            name = self.folder.name
            self.say(
                SweepStarted(
                    sweep=name, host=host, pid=pid, tuinn=__version__, trials=asked, parallel=parallel
                )
            )
        for trial in self.view.trials:
            if trial.state is TrialState.SKIPPED:
                continue
            self.advisor.begin(trial.number, trial.values)
            if trial.state in (TrialState.TRAINING, TrialState.HALTED):
                self._reattach(trial.number, trial.run)
                continue
            for epoch, value in enumerate(trial.reports, start=1):
                if value is not None:
                    self.advisor.report(trial.number, epoch, value)
            self.advisor.end(trial.number, trial.value, trial.state.value)

    def _reattach(self, number: int, run: str) -> None:
        """A trial that was in hand when the last conductor left: its worker lives, or is to have a successor."""
        hand = self.hands[number] = Hand(RunFolder(runs_folder() / run), self.sweep.metric)
        try:
            gone = hand.poll()
        except FolderProblem:
            return  # it is settled when it is tended
        halted = hand.ended is not None and hand.ended.outcome == "stopped"
        if (gone or halted) and not self.view.of(number).pruned:
            self.waiting.append(number)

    # ---------------------------------------------------------------------------------------------- a trial

    def tend(self, number: int) -> None:
        """Take in what this trial's run has told, and do what follows from it."""
        if number in self.waiting:
            return
        hand = self.hands[number]
        try:
            gone = hand.poll()
        except FolderProblem as problem:
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

    def hear(self, number: int, hand: Hand) -> None:
        """Pass on what is new to Optuna; give the trial up where it is hopeless."""
        new = sorted(hand.reports.keys() - self.advisor.told[number])
        for epoch in new:
            value = hand.reports[epoch]
            if value is None:
                self.advisor.told[number].add(epoch)
                self._give_up(number, hand, epoch, f"{self.sweep.metric} was not finite in epoch {epoch}.")
                continue
            self.advisor.report(number, epoch, value)
            if self.advisor.is_hopeless(number):
                self._give_up(number, hand, epoch, f"Behind the others in epoch {epoch}.")
        if new and hand.ended is None and time.time() >= self.report_due.get(number, 0.0):
            age = time.time() - self.view.of(number).started_at
            self.report_due[number] = time.time() + max(REPORT, AGEING * age) * len(self.hands)
            self.say(TrialReported(number=number, epoch=new[-1], value=hand.reports[new[-1]]))

    def _give_up(self, number: int, hand: Hand, epoch: int, why: str) -> None:
        if hand.ended is not None or self.stops or self.view.of(number).pruned:
            return
        self.say(TrialPruned(number=number, epoch=epoch, why=why))
        hand.stop()

    def settle(self, number: int, hand: Hand, outcome: str, message: str) -> None:
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

    def weigh(self, over: bool) -> None:
        """Say which fields mattered, where a trial has ended since. `over`: it is the last time."""
        if not self.unweighed or not (over or time.monotonic() >= self.weigh_due):
            return
        began = time.monotonic()
        importance, trials = self.advisor.weigh()
        self.unweighed = False
        self.weigh_due = time.monotonic() + max(REST, 20 * (time.monotonic() - began))
        if importance:
            self.say(Weighed(importance=importance, method=METHOD, trials=trials))

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
            if why := misfit(self.sweep, values):
                self.next = None
                self.say(TrialSkipped(number=number, values=values, why=why))
                continue
            spec = self.sweep.spec_of(values)
            slot = slots.take(slots.device_of(spec.fit.device), self.view.parallel)
            if slot is None:
                return
            self.next = None
            with slots.given_back_on_failure(slot):
                run = RunFolder.create(spec)
                tag_trial(run, self.folder.name, number, values)
                self.say(TrialStarted(number=number, values=values, run=run.name))
                self.advisor.begin(number, values)
            self.hands[number] = Hand(run, self.sweep.metric)
            self.hands[number].launch(slot)

    def _launch(self, number: int) -> bool:
        """A worker for a trial that waits for one. False: there is no slot."""
        hand = self.hands[number]
        spec = self.sweep.spec_of(self.view.of(number).values)
        slot = slots.take(slots.device_of(spec.fit.device), self.view.parallel)
        if slot is None:
            return False
        self.waiting.remove(number)
        try:
            hand.launch(slot)
            self.say(TrialTakenUp(number=number))
        except FolderProblem as problem:
            self.settle(number, hand, "failed", str(problem))
        return True

    # --------------------------------------------------------------------------------------------- commands

    def obey(self, commands: list[AnySweepCommand]) -> None:
        """Do what is asked, in order."""
        for command in commands:
            match command:
                case StopAll():
                    self._stop()
                case Hold() if not self.view.held:
                    self.say(SweepPaused())
                case GoOn() if self.view.held:
                    self.say(SweepWentOn())
                case SetParallel(parallel=parallel):
                    self.say(ParallelChanged(parallel=min(max(parallel, 1), MOST_PARALLEL)))
                case SetTrials(trials=trials) if self.sweep.sampler == "grid":
                    self.say(
                        Noted(
                            message=f"A grid tries each of its points once: it can't have {trials} trials.",
                            level="warning",
                        )
                    )
                case SetTrials(trials=trials):
                    self.say(TrialsChanged(trials=min(max(trials, len(self.view.trials), 1), MOST_POINTS)))
                case _:
                    pass

    def _stop(self) -> None:
        self.stops += 1
        for number in self.waiting:
            self._let_go(number)
        self.waiting = []
        for hand in self.hands.values():
            if hand.ended is None:
                hand.stop()
