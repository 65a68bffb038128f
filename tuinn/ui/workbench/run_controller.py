"""The run on the screen: start it, attach to another, read its journal, leave it.

Here as in the other controllers, dialogs are imported when they are opened: the first screen does without.
"""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

from tuinn.errors import FolderError
from tuinn.runs.commands import Stop
from tuinn.runs.folder import find_run
from tuinn.runs.machine.lifetime import Lifetime, lifetime, needs_asking
from tuinn.runs.state import RunState
from tuinn.spec.run import RunSpec
from tuinn.ui.workbench.host import Host, show_problem
from tuinn.ui.workbench.worker_launcher import WorkerLauncher
from tuinn.view.run_follower import RunFollower

POLL_SECONDS = 0.25
"""Between two looks at the journal."""

ANSWER_SECONDS = 0.01
"""The same just after a question."""

HURRY_SECONDS = 3.0
"""How long after it: most answers come at once."""

LIFETIME_SECONDS = 20.0
"""That the words about the end of runs are shown."""

READ_AT_ONCE = 4_000_000
"""Bytes of a journal that are read in one go: about 50 ms. A longer one is read in slices."""

TURNS = 12
"""Turns of the event loop between two slices: it takes a key several to be handled."""

REDRAW_SECONDS = 0.45
"""Between two redraws of a run that only moves on; a change of its state is drawn at once."""

REDRAW_SECONDS_TYPING = 1.2
"""The same while keys come, unless one of them waits for an answer."""


class PollTimer(Protocol):
    """Calls a function again and again, unless it is paused."""

    def pause(self) -> None: ...
    def resume(self) -> None: ...


class RunDisplay(Protocol):
    """Draws the run that a `RunController` holds."""

    def show_run(self) -> None:
        """The run changed, or is another one."""

    def show_answers(self) -> None:
        """A worker may have answered."""

    def show_reading(self, share: float) -> None:
        """So much of a long journal is read, 0..1."""

    def run_attached(self, run: RunFollower) -> None:
        """Another run is on the screen from now on: the draft becomes its spec."""

    def training_ended(self) -> None:
        """The training of the run on the screen is over."""

    def awaits_answer(self) -> bool:
        """Whether the worker still owes an answer, so that the journal is polled after the run's end."""

    def leave(self, farewell: str = "") -> None:
        """Close the app and print this on the shell."""


class RunController:
    """Holds at most one run. Only here is its journal read and its worker started."""

    def __init__(
        self,
        host: Host,
        display: RunDisplay,
        is_typing: Callable[[], bool] = lambda: False,
    ) -> None:
        """`is_typing`: whether keys come at this moment."""
        self.host = host
        self.is_typing = is_typing
        self.display = display
        self.timer: PollTimer | None = None
        """Calls `poll`; set once the screen can make one."""
        self.answer_timer: PollTimer | None = None
        """Calls `look_for_answer`, likewise."""
        self.launcher = WorkerLauncher()
        self.run: RunFollower | None = None
        self.reading = False
        """A long journal is being read in slices."""
        self.drawn_at = 0.0
        """`time.monotonic()` of the last redraw by `poll`."""
        self.asked_at = 0.0
        """`time.monotonic()` of the last question to a worker."""
        self._undrawn = False
        """Events were applied that are not drawn yet."""
        self.ends = ""
        """When runs that are started here end by themselves, and what changes that; empty: they go on, or it isn't known yet."""

    @property
    def active_run(self) -> RunFollower | None:
        """The run, if it is training or about to; else say that there is none and return None."""
        if self.run is not None and self.run.is_active:
            return self.run
        self.host.show_message("No run is in progress.")
        return None

    def prepare(self) -> None:
        """Have a worker ready for the next run, and say when runs end by themselves. The system is asked in a thread."""
        if needs_asking():
            self.host.run_in_thread("lifetime", partial(lifetime, again=True), self._prepared)
        else:
            self.launcher.warm_up()

    def _prepared(self, found: Lifetime) -> None:
        if found.words and found.words != self.ends:
            self.host.show_message(found.words, "warning", LIFETIME_SECONDS)
        self.ends = found.words
        self.launcher.warm_up()

    def start(self, spec: RunSpec) -> bool:
        """Train this spec in a new run; return whether it was started. A run in progress is left alone."""
        if self.run is not None and self.run.is_active:
            self.host.show_message("A run is already in progress. s stops it, l lists the others.", "warning")
            return False
        if self.run is not None:
            self.launcher.release(self.run)
        try:
            self.follow(self.launcher.start(spec))
        except FolderError as problem:
            show_problem(self.host, problem, 12)
            return False
        return True

    def attach(self, name: str | None) -> None:
        """Show the run of this name. None: a dialog was left without an answer."""
        if name is None or (self.run is not None and name == self.run.folder.name):
            return
        try:
            self.follow(RunFollower(find_run(name)))
        except FolderError as problem:
            show_problem(self.host, problem)

    def follow(self, run: RunFollower) -> None:
        """Show this run from now on. A long journal is read in slices, so that keys are handled in between."""
        self.run = run
        self.display.run_attached(run)
        self.reading = run.unread() > READ_AT_ONCE
        if self.reading:
            self.host.run_task("journal", partial(self.read_in_slices, run))
        else:
            run.catch_up()
            self._show_and_poll()

    async def read_in_slices(self, run: RunFollower) -> None:
        """Read the journal to its end, unless another run takes the place of this one meanwhile."""
        whole, shown_at = run.unread(), 0.0
        while run is self.run and run.poll_slice():
            for _ in range(TURNS):
                await asyncio.sleep(0)
            if time.monotonic() - shown_at > REDRAW_SECONDS:
                shown_at = time.monotonic()
                self.display.show_reading(1 - run.unread() / whole)
        if run is self.run:
            self.reading = False
            run.poll()
            self._show_and_poll()

    def _show_and_poll(self) -> None:
        self.display.show_run()
        self.poll_on()

    def poll_on(self) -> None:
        """Poll the journal, even if polling was paused at the run's end."""
        if self.timer is not None:
            self.timer.resume()

    def await_answer(self) -> None:
        """Poll the journal for an answer that will come soon."""
        self.asked_at = time.monotonic()
        self.poll_on()
        if self.answer_timer is not None:
            self.answer_timer.resume()

    @property
    def in_hurry(self) -> bool:
        return self.display.awaits_answer() and time.monotonic() - self.asked_at < HURRY_SECONDS

    def look_for_answer(self) -> None:
        """Poll, as long as the answer is likely to come at any moment."""
        if self.in_hurry:
            self.poll()
        elif self.answer_timer is not None:
            self.answer_timer.pause()

    def poll(self) -> None:
        """Apply the new events; redraw once, however many came."""
        run = self.run
        if run is None or self.reading:
            return
        before = run.state
        self._undrawn = run.poll() or self._undrawn
        if self.in_hurry:
            self.display.show_answers()
        now = time.monotonic()
        is_typing = self.is_typing() and not self.display.awaits_answer()
        rest = REDRAW_SECONDS_TYPING if is_typing else REDRAW_SECONDS
        if not self._undrawn or (run.state is before and now - self.drawn_at < rest):
            return
        self._undrawn, self.drawn_at = False, now
        self.display.show_run()
        if not run.is_active:
            self._rest(run, before)

    def _rest(self, run: RunFollower, before: RunState) -> None:
        """Nothing trains: have a worker ready for the next run, and stop polling once nobody writes any more."""
        if before.is_active:
            self.display.training_ended()
        self.prepare()
        if not run.folder.is_alive() and self.timer is not None and not self.display.awaits_answer():
            self.timer.pause()

    def offer_live_runs(self) -> None:
        """Ask whether to attach to a run that is in progress without a terminal, where there is one."""
        from tuinn.ui.runs.live_runs_dialog import live_runs_dialog

        try:
            dialog = live_runs_dialog()
        except FolderError as problem:
            show_problem(self.host, problem, 12)
            return
        if dialog is not None:
            self.host.open_dialog(dialog, self.attach)

    def open_log(self) -> None:
        """Show the last lines of worker.log."""
        from tuinn.ui.dialogs.log_view import worker_log

        if self.run is None:
            self.host.show_message("There is no run on the screen. l lists earlier ones.")
        else:
            self.host.open_dialog(worker_log(self.run.folder), lambda _: None)

    def quit(self) -> None:
        """Leave the app; while a run is in progress, ask what becomes of it."""
        from tuinn.ui.runs.live_runs_dialog import quit_dialog

        if self.run is not None and self.run.is_active:
            self.host.open_dialog(quit_dialog(self.run), self._quit)
        else:
            if self.run is not None:
                self.launcher.release(self.run)
            self.display.leave()

    def _quit(self, answer: str | None) -> None:
        if self.run is None or answer in (None, "stay"):
            return
        name = self.run.folder.name
        words = f"{name} keeps running. `tuinn attach {name}` shows it again. {self.ends}".strip()
        if answer == "stop" and self.run.state is RunState.STALLED:
            words = self.run.cause
        elif answer == "stop" and self.run.waits_for_job:
            words = f"{name} waits for its Slurm job. It is cancelled by: tuinn stop {name}"
        elif answer == "stop":
            try:
                self.run.ask(Stop())
                words = f"{name} stops and saves to {self.run.folder.model_file}"
            except FolderError as problem:
                words = str(problem)
        self.display.leave(words)
