"""Sweeps over the draft, and the queue: begin them, look at them, take a run or a draft from them.

All that is about sweeps is imported when it is asked for: the first screen does without.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tuinn.errors import FolderError
from tuinn.runs.folder import find_run, home
from tuinn.spec.options import Value
from tuinn.text import plural
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.ui.workbench.host import Host, show_problem
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.draft import Draft

if TYPE_CHECKING:
    from tuinn.sweeps.spec import SweepSpec
    from tuinn.ui.sweeps.sweep_screen import Answer

LAYERS, CHARTS = 2, 4
"""Panes by their number."""


class PlanController:
    """A sweep and the queue have processes of their own; here they are only started and shown."""

    def __init__(
        self, host: Host, runs: RunController, drafts: DraftController, show_pane: Callable[[int], None]
    ) -> None:
        self.host = host
        self.runs = runs
        self.drafts = drafts
        self.show_pane = show_pane

    def offer_live(self) -> None:
        """At the start: offer a sweep in progress, else a run in progress."""
        if not (home() / "sweeps").is_dir() or not self._open_sweep_list(live_only=True):
            self.runs.offer_live_runs()

    def open_sweeps(self) -> None:
        """The list of sweeps; where there are none, the form for a new one."""
        if not self._open_sweep_list():
            self.new_sweep()

    def _open_sweep_list(self, live_only: bool = False) -> bool:
        """False where there is no sweep to choose from."""
        from tuinn.ui.sweeps.sweep_dialogs import sweep_list

        try:
            dialog = sweep_list(live_only)
        except FolderError as problem:
            show_problem(self.host, problem, 12)
            return True
        if dialog is None:
            return False
        self.host.open_dialog(dialog, self._sweep_chosen)
        return True

    def _sweep_chosen(self, name: str | None) -> None:
        from tuinn.ui.sweeps.sweep_dialogs import NEW, RUNS

        if name == NEW:
            self.new_sweep()
        elif name == RUNS:
            self.runs.offer_live_runs()
        elif name is not None:
            self.open_sweep(name)

    def open_sweep(self, name: str) -> None:
        """Open the screen of this sweep."""
        from tuinn.sweeps.folder import find_sweep
        from tuinn.sweeps.follower import SweepFollower
        from tuinn.ui.sweeps.sweep_screen import SweepScreen

        try:
            sweep = SweepFollower(find_sweep(name))
        except (FolderError, OSError) as problem:
            show_problem(self.host, problem, 12)
            return
        self.host.open_dialog(SweepScreen(sweep), self._sweep_left)

    def _sweep_left(self, answer: "Answer | None") -> None:
        if answer is None:
            return
        what, run = answer
        if what == "attach":
            self._attach(run)
            return
        try:
            self.drafts.edit(Draft(find_run(run).spec()))
        except FolderError as problem:
            show_problem(self.host, problem, 12)
            return
        self.show_pane(LAYERS)
        self.host.show_message("The draft is a copy of that trial's spec. Ctrl+Z undoes that.")

    def _attach(self, run: str | None) -> None:
        if run is not None:
            self.runs.attach(run)
            self.show_pane(CHARTS)

    def new_sweep(self) -> None:
        """Define a sweep over fields of the draft, and start it."""
        from tuinn.ui.sweeps.sweep_dialogs import SweepForm, sweep_of

        if not self.drafts.is_settled():
            return
        base = self.drafts.draft.spec

        def kept(values: dict[str, Value] | None) -> None:
            if values is not None:
                self.start_sweep(sweep_of(base, values))

        self.host.open_dialog(SweepForm(base), kept)

    def start_sweep(self, sweep: "SweepSpec") -> None:
        """Check every combination, which takes a second or two where there are many; then start the sweep."""

        def check_and_start() -> tuple[str, int]:
            from tuinn.sweeps.launch import start_sweep
            from tuinn.sweeps.trial_checks import trial_problems

            skipped = trial_problems(sweep)
            return start_sweep(sweep).name, len(skipped)

        self.host.run_in_thread("sweep", check_and_start, self._sweep_started)

    def _sweep_started(self, started: tuple[str, int]) -> None:
        name, skipped = started
        if skipped:
            words = f"{plural(skipped, 'combination')} can't be trained and will be skipped."
            self.host.show_message(words, "warning")
        self.open_sweep(name)

    def open_queue(self) -> None:
        """What trains and what waits; the draft can be queued there."""
        from tuinn.ui.sweeps.queue_dialog import QueueDialog

        if not self.drafts.is_settled():
            return
        try:
            dialog = QueueDialog(self.drafts.draft)
        except FolderError as problem:
            show_problem(self.host, problem, 12)
            return
        self.host.open_dialog(dialog, self._attach)
