"""One sweep from its first trial to its last: take up what was begun, obey, weigh, and end."""

import os
import socket
import time
from collections.abc import Callable

from tuinn import __version__
from tuinn.errors import FolderError
from tuinn.runner.optuna_study import METHOD
from tuinn.runner.run_process import RunProcess
from tuinn.runner.trials import Trials
from tuinn.runs.events import Noted
from tuinn.runs.folder import RunFolder, runs_folder
from tuinn.sweeps.commands import AnySweepCommand, GoOn, Hold, SetParallel, SetTrials, StopAll
from tuinn.sweeps.events import (
    ParallelChanged,
    SweepEnded,
    SweepPaused,
    SweepResumed,
    SweepStarted,
    SweepWentOn,
    TrialsChanged,
    Weighed,
)
from tuinn.sweeps.folder import SweepFolder
from tuinn.sweeps.spec import MOST_POINTS
from tuinn.sweeps.view import TrialState

LOOK = 0.1
"""Seconds between two looks at the journals."""

REST = 5.0
"""Seconds at least between two weighings, which take up to a second or two; they never take more than 5 % of the time."""

MOST_PARALLEL = 64


class SweepRunner(Trials):
    """Works as long as it has the sweep's lock."""

    def __init__(
        self, folder: SweepFolder, offset: int = 0, pause: Callable[[float], None] = time.sleep
    ) -> None:
        """`offset`: bytes of the command file that are not meant for this conductor. Raises FolderError, OSError."""
        super().__init__(folder)
        self.pause = pause
        self.commands = folder.commands(offset)
        self.weigh_due = time.monotonic() + REST

    def conduct(self) -> None:
        """Until the last trial is over, or until told to stop. Raises FolderError, OSError."""
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
        hand = self.hands[number] = RunProcess(RunFolder(runs_folder() / run), self.sweep.metric)
        try:
            gone = hand.poll()
        except FolderError:
            return  # it is settled when it is tended
        halted = hand.ended is not None and hand.ended.outcome == "stopped"
        if (gone or halted) and not self.view.of(number).pruned:
            self.waiting.append(number)

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
