"""A screen that holds one run: start it, follow it, stop it, attach to another, leave it."""

import asyncio
import threading
import time
from functools import partial

from textual import work
from textual.screen import Screen
from textual.timer import Timer

from tuinn.errors import FolderError
from tuinn.runs.annotations import read_annotations
from tuinn.runs.commands import Stop
from tuinn.runs.config import config_and_problem
from tuinn.runs.folder import find_run
from tuinn.spec.run import RunSpec
from tuinn.text import printable
from tuinn.ui.runs.comparison_screen import ComparisonScreen
from tuinn.ui.runs.live_runs_dialog import live_runs_dialog, quit_dialog
from tuinn.ui.runs.run_browser import Answer
from tuinn.ui.runs.runs_screen import RunsScreen
from tuinn.ui.workbench.worker_launcher import WorkerLauncher
from tuinn.view.run_follower import RunFollower

POLLS_PER_SECOND = 4
AT_ONCE = 4_000_000
"""Bytes of a journal that are read before anything else is done: about 50 ms."""

TURNS = 12
"""Of the event loop between two slices of a long journal: a key takes several until it is obeyed."""

REDRAW_SECONDS = 0.45
"""Between two redraws of a run that only moves on; a change of its state is shown at once."""


class RunScreen(Screen[None]):
    """Subclasses say how a run is shown: `show_run` after every change, `adopt` when it becomes the run in hand."""

    def __init__(self) -> None:
        super().__init__()
        self.run: RunFollower | None = None
        self.starter = WorkerLauncher()
        self.others: list[RunFollower] = []
        """Runs to compare with."""
        self.ticker: Timer | None = None
        self.stale = False
        """Something was folded in and not yet drawn."""
        self.reading = False
        """A long journal is being caught up with."""
        self.drawn_at = 0.0

    def show_run(self) -> None:
        """Draw `self.run` as it is now."""
        raise NotImplementedError

    def show_reading(self, share: float) -> None:
        """Say how much of a long journal is read, 0..1."""
        raise NotImplementedError

    def adopt(self, run: RunFollower) -> None:
        """Another run is in hand: the draft follows it."""
        raise NotImplementedError

    def start(self, spec: RunSpec) -> None:
        """Train this spec. A run that is on is not disturbed."""
        if self.run is not None and self.run.is_active:
            self.notify(
                "A run is on already. s stops it, l goes to another.", severity="warning", markup=False
            )
            return
        if self.run is not None:
            self.starter.release(self.run)
        try:
            self.follow(self.starter.start(spec))
        except FolderError as problem:
            self.notify(printable(str(problem)), severity="error", timeout=12, markup=False)

    def follow(self, run: RunFollower) -> None:
        """Show this run from now on. A long journal is read in slices between which keys are obeyed."""
        self.run = run
        self.adopt(run)
        self.reading = run.unread() > AT_ONCE
        if self.reading:
            self._catch_up(run)
        else:
            run.catch_up()
            self._go_on()

    @work(exclusive=True, group="journal")
    async def _catch_up(self, run: RunFollower) -> None:
        whole, told = run.unread(), 0.0
        while run is self.run and run.poll_slice():
            for _ in range(TURNS):
                await asyncio.sleep(0)
            if time.monotonic() - told > REDRAW_SECONDS:
                told = time.monotonic()
                self.show_reading(1 - run.unread() / whole)
        if run is self.run:
            self.reading = False
            run.poll()
            self._go_on()

    def _go_on(self) -> None:
        self.show_run()
        if self.ticker is None:
            self.ticker = self.set_interval(1 / POLLS_PER_SECOND, self._tick)
        self.ticker.resume()

    def attach(self, name: str | None) -> None:
        """Take up a run by its name. None: the user thought better of it."""
        if name is None or (self.run is not None and name == self.run.folder.name):
            return
        try:
            self.follow(RunFollower(find_run(name)))
        except FolderError as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)

    def _tick(self) -> None:
        """Fold in what is new; redraw once, however much came."""
        run = self.run
        if run is None or self.reading:
            return
        before = run.state
        self.stale = run.poll() or self.stale
        now = time.monotonic()
        if not self.stale or (run.state is before and now - self.drawn_at < REDRAW_SECONDS):
            return
        self.stale, self.drawn_at = False, now
        self.show_run()
        self.deliver(run)
        if not run.is_active:
            if before.is_active and config_and_problem()[0].bell:
                self.app.bell()
            self.starter.warm()
            if not run.folder.is_alive() and self.ticker is not None and not self.waits():
                self.ticker.pause()

    # ---------------------------------------------------------------------------------------------- actions

    def action_runs(self) -> None:
        self.app.push_screen(RunsScreen(), self._chosen)

    def on_charts_pane_compare_asked(self) -> None:
        there = {run.folder.name for run in (self.run, *self.others) if run is not None}
        heading = "Lay curves under this run's: enter, or space for several"
        self.app.push_screen(RunsScreen("under", heading, frozenset(there)), self._chosen)

    def _chosen(self, answer: Answer | None) -> None:
        """What came of the table of runs."""
        if answer is None:
            return
        what, names = answer
        if what == "attach":
            self.attach(names[0])
            return
        try:
            runs = [find_run(name) for name in names]
            if what == "draft":
                self.take_draft(runs[0].spec())
                return
            others = [RunFollower(folder) for folder in runs]
        except FolderError as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)
            return
        self.others += others
        if sum(other.unread() for other in others) <= AT_ONCE:
            self._read_others(others)
        else:
            self.run_worker(partial(self._read_others, others), thread=True, group="others")

    def _read_others(self, others: list[RunFollower]) -> None:
        """In a thread, where it takes long; what is drawn is drawn once all is read."""
        for other in others:
            other.catch_up()
        if threading.current_thread() is threading.main_thread():
            self.lay_under(self.others)
        else:
            self.app.call_from_thread(self.lay_under, self.others)

    def take_draft(self, spec: RunSpec) -> None:
        """Edit a copy of another run's spec."""
        raise NotImplementedError

    def on_charts_pane_compare_ended(self) -> None:
        self.others = []

    def action_compare_table(self) -> None:
        if self.run is None or not self.others:
            self.notify("c first lays another run under this one.", markup=False)
        else:
            folders = [run.folder for run in (self.run, *self.others)]
            titles = [read_annotations(folder).title or folder.name for folder in folders]
            self.app.push_screen(ComparisonScreen([RunFollower(folder) for folder in folders], titles))

    def lay_under(self, others: list[RunFollower]) -> None:
        """Draw other runs' curves under those of the run in hand."""
        raise NotImplementedError

    def offer_live_runs(self) -> None:
        """At the start: a run that went on without its terminal."""
        try:
            dialogue = live_runs_dialog()
        except FolderError as problem:
            self.notify(printable(str(problem)), severity="error", timeout=12, markup=False)
            return
        if dialogue is not None:
            self.app.push_screen(dialogue, self.attach)

    def action_leave(self) -> None:
        if self.run is not None and self.run.is_active:
            self.app.push_screen(quit_dialog(self.run), self._leave)
        else:
            if self.run is not None:
                self.starter.release(self.run)
            self.app.exit()

    def _leave(self, answer: str | None) -> None:
        if self.run is None or answer in (None, "stay"):
            return
        name = self.run.folder.name
        words = f"{name} goes on. `tuinn attach {name}` brings it back."
        if answer == "stop":
            try:
                self.run.ask(Stop())
                words = f"{name} stops and saves to {self.run.folder.model_file}"
            except FolderError as problem:
                words = str(problem)
        self.app.farewell = printable(words)  # type: ignore[attr-defined]
        self.app.exit()

    def deliver(self, run: RunFollower) -> None:
        """Called after every redraw: answers that somebody waits for."""

    def waits(self) -> bool:
        """True while an answer is to come, so that the journal is read on."""
        return False
