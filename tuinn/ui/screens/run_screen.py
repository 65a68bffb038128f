"""A screen that holds one run: start it, follow it, stop it, attach to another, leave it."""

import time
from typing import Any

from textual import work
from textual.screen import Screen
from textual.timer import Timer

from tuinn.data.catalogue import Entry, find
from tuinn.runs.commands import Predict, Stop, new_request
from tuinn.runs.folder import FolderProblem, find_run
from tuinn.spec.problem import SpecProblem
from tuinn.spec.run import RunSpec
from tuinn.ui.follower import Follower
from tuinn.ui.screens.ask_path import AskPath
from tuinn.ui.screens.choices import leave_dialogue
from tuinn.ui.screens.run_list import run_list
from tuinn.ui.starter import Starter
from tuinn.view.words import printable

POLLS_PER_SECOND = 4
REDRAW_SECONDS = 0.45
"""Between two redraws of a run that only moves on; a change of its state is shown at once."""


class RunScreen(Screen[None]):
    """Subclasses say how a run is shown: `show_run` after every change, `adopt` when it becomes the run in hand."""

    def __init__(self) -> None:
        super().__init__()
        self.run: Follower | None = None
        self.starter = Starter()
        self.ticker: Timer | None = None
        self.stale = False
        """Something was folded in and not yet drawn."""
        self.drawn_at = 0.0
        self.asked: dict[str, str] = {}
        """Pictures waiting for an answer: request → path."""

    def show_run(self) -> None:
        """Draw `self.run` as it is now."""
        raise NotImplementedError

    def adopt(self, run: Follower) -> None:
        """Another run is in hand: the draft follows it."""
        raise NotImplementedError

    def start(self, spec: RunSpec) -> None:
        """Train this spec. A run that is on is not disturbed."""
        if self.run is not None and self.run.is_on:
            self.notify(
                "A run is on already. s stops it, l goes to another.", severity="warning", markup=False
            )
            return
        if self.run is not None:
            self.starter.release(self.run)
        try:
            self.follow(self.starter.start(spec))
        except FolderProblem as problem:
            self.notify(printable(str(problem)), severity="error", timeout=12, markup=False)

    def follow(self, run: Follower) -> None:
        self.run = run
        run.catch_up()
        self.adopt(run)
        self.show_run()
        if self.ticker is None:
            self.ticker = self.set_interval(1 / POLLS_PER_SECOND, self._tick)
        self.ticker.resume()

    def attach(self, name: str | None) -> None:
        """Take up a run by its name. None: the user thought better of it."""
        if name is None or (self.run is not None and name == self.run.folder.name):
            return
        try:
            self.follow(Follower(find_run(name)))
        except FolderProblem as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)

    def _tick(self) -> None:
        """Fold in what is new; redraw once, however much came."""
        run = self.run
        if run is None:
            return
        before = run.state
        self.stale = run.poll() or self.stale
        now = time.monotonic()
        if not self.stale or (run.state is before and now - self.drawn_at < REDRAW_SECONDS):
            return
        self.stale, self.drawn_at = False, now
        self.show_run()
        self._deliver(run)
        if not run.is_on:
            self.starter.warm()
            if not run.folder.is_alive() and self.ticker is not None and not self.asked:
                self.ticker.pause()

    # ---------------------------------------------------------------------------------------------- actions

    def action_stop(self) -> None:
        if self.run is None or not self.run.is_on:
            self.notify("No run is on.", markup=False)
            return
        try:
            self.run.ask(Stop())
            self.notify("Stopping after this batch; then it is tested and saved.", markup=False)
        except FolderProblem as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)

    def action_runs(self) -> None:
        try:
            dialogue = run_list()
        except FolderProblem as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)
            return
        if dialogue is None:
            self.notify("There are no runs yet. r starts one.", markup=False)
        else:
            self.app.push_screen(dialogue, self.attach)

    def on_charts_pane_compare_asked(self) -> None:
        try:
            dialogue = run_list(heading="Lay the curves of another run under this one")
        except FolderProblem as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)
            return
        if dialogue is not None:
            self.app.push_screen(dialogue, self._compare)

    def _compare(self, name: str | None) -> None:
        if name is None or self.run is None or name == self.run.folder.name:
            return
        try:
            other = Follower(find_run(name))
        except FolderProblem as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)
            return
        other.catch_up()
        self.lay_under(other)

    def lay_under(self, other: Follower) -> None:
        """Draw another run's curves under those of the run in hand."""
        raise NotImplementedError

    def offer_live_runs(self) -> None:
        """At the start: a run that went on without its terminal."""
        try:
            dialogue = run_list(live_only=True)
        except FolderProblem as problem:
            self.notify(printable(str(problem)), severity="error", timeout=12, markup=False)
            return
        if dialogue is not None:
            self.app.push_screen(dialogue, self.attach)

    def action_leave(self) -> None:
        if self.run is not None and self.run.is_on:
            self.app.push_screen(leave_dialogue(self.run), self._leave)
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
            except FolderProblem as problem:
                words = str(problem)
        self.app.farewell = printable(words)  # type: ignore[attr-defined]
        self.app.exit()

    # ------------------------------------------------------------------------------- a picture of one's own

    def on_predict_pane_open_asked(self) -> None:
        if self.run is None or (self.run.view.predicted is None and not self.run.folder.model_file.exists()):
            self.notify("Train a network first: r starts the run.", severity="warning", markup=False)
        elif not find(self.run.spec.dataset.name).facts.is_image:
            self.notify("This network was trained on a table, not on pictures.", markup=False)
        else:
            self.app.push_screen(AskPath(), self._ask_picture)

    def _ask_picture(self, path: str | None) -> None:
        if path is None or self.run is None:
            return
        request = new_request()
        try:
            self.starter.answer(self.run)
            self.run.ask(Predict(request=request, file=path))
        except FolderProblem as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)
            return
        self.asked[request] = path
        if self.ticker is not None:
            self.ticker.resume()
        self.notify("Asked; the answer comes as soon as the network is at hand.", markup=False)

    def _deliver(self, run: Follower) -> None:
        for request in [request for request in self.asked if request in run.view.pictures]:
            path = self.asked.pop(request)
            answer = run.view.pictures[request]
            if answer.problem:
                self.notify(printable(answer.problem), severity="error", timeout=10, markup=False)
            else:
                self._prepare_picture(answer, path, find(run.spec.dataset.name))

    @work(thread=True, group="own-picture")
    def _prepare_picture(self, answer: Any, path: str, entry: Entry) -> None:
        from tuinn.data.own_image import read_image
        from tuinn.view.ascii_image import unit

        try:
            prepared = read_image(path, entry)
        except SpecProblem as problem:
            self.app.call_from_thread(self.notify, printable(str(problem)), severity="error", markup=False)
            return
        pixels = unit(prepared.pixels, entry.facts.low, entry.facts.high)
        self.app.call_from_thread(self.show_answer, answer, pixels, entry)

    def show_answer(self, answer: Any, pixels: Any, entry: Entry) -> None:
        """Draw what the network says of a picture from outside."""
        raise NotImplementedError
