"""A screen from which more than one training is planned: sweeps over the draft, and the queue."""

from typing import TYPE_CHECKING, Any

from textual import work

from tuinn.errors import FolderError, SpecError
from tuinn.runs.folder import find_run, home
from tuinn.text import plural, printable
from tuinn.ui.workbench.draft_screen import DraftScreen
from tuinn.view.draft import Draft

if TYPE_CHECKING:  # all that is about sweeps is imported when it is asked for: the first screen does without
    from tuinn.sweeps.spec import SweepSpec
    from tuinn.ui.sweeps.sweep_screen import Answer


class PlanningScreen(DraftScreen):
    """Sweeps and the queue are folders with conductors of their own; here they are begun and looked at."""

    def action_sweeps(self) -> None:
        from tuinn.ui.sweeps.sweep_dialogs import sweep_list

        try:
            dialogue = sweep_list()
        except FolderError as problem:
            self.tell_problem(problem)
            return
        if dialogue is None:
            self._new_sweep()
        else:
            self.app.push_screen(dialogue, self._sweep_chosen)

    def _sweep_chosen(self, name: str | None) -> None:
        from tuinn.ui.sweeps.sweep_dialogs import NEW, RUNS

        if name == NEW:
            self._new_sweep()
        elif name == RUNS:
            super().offer_live_runs()
        elif name is not None:
            self.look_at_sweep(name)

    def look_at_sweep(self, name: str) -> None:
        """Open the screen of this sweep."""
        from tuinn.sweeps.folder import find_sweep
        from tuinn.sweeps.follower import SweepFollower
        from tuinn.ui.sweeps.sweep_screen import SweepScreen

        try:
            sweep = SweepFollower(find_sweep(name))
        except (FolderError, OSError) as problem:
            self.tell_problem(problem)
            return
        self.app.push_screen(SweepScreen(sweep), self._sweep_left)

    def _sweep_left(self, answer: "Answer | None") -> None:
        if answer is None:
            return
        what, run = answer
        if what == "attach":
            self.attach(run)
            self.action_pane(4)
            return
        try:
            self.edit(Draft(find_run(run).spec()))
            self.action_pane(2)
            self.notify("The draft is that trial's. ctrl+z takes it back.", markup=False)
        except FolderError as problem:
            self.tell_problem(problem)

    def action_pane(self, number: int) -> None:
        """Show pane `number`, counted from 1."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------ a new sweep

    def _new_sweep(self) -> None:
        from tuinn.ui.sweeps.sweep_dialogs import SweepForm, sweep_of

        base = self.history.draft.spec

        def kept(values: dict[str, Any] | None) -> None:
            if values is not None:
                self._check_sweep(sweep_of(base, values))

        self.app.push_screen(SweepForm(base), kept)

    @work(thread=True, group="sweep", exclusive=True)
    def _check_sweep(self, sweep: "SweepSpec") -> None:
        """Every corner is checked before anything is started: of many, that takes a second or two."""
        from tuinn.sweeps.launch import start_sweep
        from tuinn.sweeps.trial_checks import trial_problems

        try:
            skipped = trial_problems(sweep)
            folder = start_sweep(sweep)
        except (SpecError, FolderError) as problem:
            self.app.call_from_thread(self.tell_problem, problem)
            return
        self.app.call_from_thread(self._sweep_started, folder.name, len(skipped))

    def _sweep_started(self, name: str, skipped: int) -> None:
        if skipped:
            self.notify(
                f"{plural(skipped, 'combination')} can't be trained and will be skipped.",
                severity="warning",
                markup=False,
            )
        self.look_at_sweep(name)

    # ---------------------------------------------------------------------------------------------- queue

    def action_queue(self) -> None:
        from tuinn.ui.sweeps.queue_dialog import QueueDialog

        try:
            dialogue = QueueDialog(self.history.draft)
        except FolderError as problem:
            self.tell_problem(problem)
            return
        self.app.push_screen(dialogue, self._queue_left)

    def _queue_left(self, run: str | None) -> None:
        if run is not None:
            self.attach(run)
            self.action_pane(4)

    # ------------------------------------------------------------------------------------------- at the start

    def offer_live_runs(self) -> None:
        """A sweep that went on without its terminal comes before its runs."""
        if not (home() / "sweeps").is_dir():
            super().offer_live_runs()
            return
        from tuinn.ui.sweeps.sweep_dialogs import sweep_list

        try:
            dialogue = sweep_list(live_only=True)
        except FolderError as problem:
            self.tell_problem(problem)
            return
        if dialogue is None:
            super().offer_live_runs()
        else:
            self.app.push_screen(dialogue, self._sweep_chosen)

    def tell_problem(self, problem: Exception) -> None:
        self.notify(printable(str(problem)), severity="error", timeout=12, markup=False)
