"""One sweep from its first trial to its last: resume what was begun, apply commands, estimate the importance of each field, and end."""

import os
import socket
import time
from collections.abc import Callable

from tuinn import __version__
from tuinn.errors import FolderError
from tuinn.programs import SignalInbox, signal_words
from tuinn.runner.optuna_study import METHOD
from tuinn.runner.trials import Trials
from tuinn.runs.events import Noted
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

IMPORTANCE_SECONDS = 5.0
"""Seconds at least between two estimates of importance, which take up to a second or two; they never take more than 5 % of the time."""

MOST_PARALLEL = 64


class SweepRunner(Trials):
    """Works as long as it has the sweep's lock."""

    def __init__(
        self,
        folder: SweepFolder,
        offset: int = 0,
        pause: Callable[[float], None] = time.sleep,
        signals: SignalInbox | None = None,
    ) -> None:
        """`offset`: bytes of the command file that are not meant for this runner. Raises FolderError, OSError."""
        super().__init__(folder)
        self.signals, self.signal = signals or SignalInbox(), ""
        self.pause = pause
        self.commands = folder.commands(offset)
        self.importance_due = time.monotonic() + IMPORTANCE_SECONDS

    def run(self) -> None:
        """Until the last trial is over, or until asked to stop. Raises FolderError, OSError."""
        self.open()
        while self.folder.sweep_file.exists():
            self.place.check()
            self.apply_commands(self.commands.read_all())
            if self.signals.first and not self.signal:
                self._stop(self.signals.first)
            for number in list(self.processes):
                self.poll_trial(number)
            if not self.stops and not self.view.paused:
                self.start_trials()
            over = not self.processes and bool(self.stops or self.view.done >= self.view.asked)
            self.estimate_importance(over)
            if self.stops > 1 or over:
                break
            self.pause(self.place.poll_seconds)
        self.record(SweepEnded(outcome="stopped" if self.stops else "finished", message=self._last_words()))

    def _last_words(self) -> str:
        if self.signal:
            return f"It got {signal_words(self.signal)}; `tuinn sweep resume {self.folder.name}` goes on."
        if self.stops or self.view.best is not None:
            return ""
        why = next((trial.message for trial in self.view.trials if trial.message), "")
        return f"No trial was trained to its end. {why}".strip()

    # ---------------------------------------------------------------------------------------------- opening

    def open(self) -> None:
        """The first word; of a sweep that is resumed, everything that was found out already."""
        host, pid = socket.gethostname(), os.getpid()
        resumed, asked, parallel = self.view.started, self.view.asked, self.view.parallel
        if resumed:
            self.record(SweepResumed(host=host, pid=pid, tuinn=__version__, trials=asked, parallel=parallel))
        else:
            name = self.folder.name
            self.record(
                SweepStarted(
                    sweep=name, host=host, pid=pid, tuinn=__version__, trials=asked, parallel=parallel
                )
            )
        for trial in self.view.trials:
            if trial.state is TrialState.SKIPPED:
                continue
            self.study.begin(trial.number, trial.values)
            if trial.state in (TrialState.TRAINING, TrialState.HALTED):
                self._reattach(trial.number, trial.run)
                continue
            for epoch, value in enumerate(trial.reports, start=1):
                if value is not None:
                    self.study.report(trial.number, epoch, value)
            self.study.end(trial.number, trial.value, trial.state.value)

    def _reattach(self, number: int, run: str) -> None:
        """A trial that was running when the last runner ended: its worker lives, or is started again."""
        process = self.processes[number] = self.process_of(run)
        try:
            gone = process.poll()
        except FolderError:
            return  # it is settled when it is tended
        halted = process.ended is not None and process.ended.outcome == "stopped"
        if (gone or halted) and not self.view.of(number).pruned:
            self.waiting.append(number)

    def estimate_importance(self, over: bool) -> None:
        """Say which fields mattered, where a trial has ended since. `over`: it is the last time."""
        if not self.importance_outdated or not (over or time.monotonic() >= self.importance_due):
            return
        began = time.monotonic()
        importance, trials = self.study.estimate_importance()
        self.importance_outdated = False
        self.importance_due = time.monotonic() + max(IMPORTANCE_SECONDS, 20 * (time.monotonic() - began))
        if importance:
            self.record(Weighed(importance=importance, method=METHOD, trials=trials))

    # --------------------------------------------------------------------------------------------- commands

    def apply_commands(self, commands: list[AnySweepCommand]) -> None:
        """Do what is asked, in order."""
        for command in commands:
            match command:
                case StopAll(signal=name):
                    self._stop(name)
                case Hold() if not self.view.paused:
                    self.record(SweepPaused())
                case GoOn() if self.view.paused:
                    self.record(SweepWentOn())
                case SetParallel(parallel=parallel):
                    self.record(ParallelChanged(parallel=min(max(parallel, 1), MOST_PARALLEL)))
                case SetTrials(trials=trials) if self.sweep.sampler == "grid":
                    self.record(
                        Noted(
                            message=f"A grid tries each of its points once: it can't have {trials} trials.",
                            level="warning",
                        )
                    )
                case SetTrials(trials=trials):
                    most = min(self.sweep.points or MOST_POINTS, MOST_POINTS)
                    self.record(TrialsChanged(trials=max(min(trials, most), len(self.view.trials), 1)))
                case _:
                    pass

    def _stop(self, name: str = "") -> None:
        """`name`: of the signal that is the reason. One that comes by several ways is one stop."""
        if name and self.stops:
            return
        self.stops, self.signal = self.stops + 1, name or self.signal
        for number in self.waiting:
            self._release(number)
        self.waiting = []
        for process in self.processes.values():
            if process.ended is None:
                process.stop(name)
