"""Runs chosen in the table of runs: attach to one, copy its spec, or compare several with the run on the screen."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from tuinn.errors import FolderError
from tuinn.runs.folder import find_run
from tuinn.runs.listing import titles_of
from tuinn.spec.run import RunSpec
from tuinn.ui.workbench import run_controller
from tuinn.ui.workbench.host import Host, show_problem
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.run_comparison import MOST_RUNS, too_many
from tuinn.view.run_follower import RunFollower
from tuinn.view.run_view import RunView

if TYPE_CHECKING:
    from tuinn.ui.runs.runs_screen import Answer


COMPARED_SECONDS = 1.0
"""Between two looks at compared runs that are in progress."""


class RunSelection:
    """Opens the table of runs and does what was chosen there."""

    def __init__(
        self,
        host: Host,
        runs: RunController,
        copy_spec: Callable[[RunSpec], None],
        show_curves: Callable[[list[RunView]], None],
        show_report: Callable[[], None],
    ) -> None:
        self.host = host
        self.runs = runs
        self.copy_spec = copy_spec
        """Make a draft of a run's spec."""
        self.show_curves = show_curves
        """Draw the curves of other runs under those of the run on the screen."""
        self.show_report = show_report
        """Show how good the network of the run on the screen is."""
        self.compared: list[RunFollower] = []

    def open_table(self) -> None:
        from tuinn.ui.runs.runs_screen import RunsScreen

        self.host.open_dialog(RunsScreen(), self._chosen)

    def choose_compared(self) -> None:
        """Choose runs whose curves are drawn under those of the run on the screen."""
        from tuinn.ui.runs.runs_screen import RunsScreen

        there = {run.folder.name for run in (self.runs.run, *self.compared) if run is not None}
        heading = "Compare with this run: Enter, or Space for several"
        self.host.open_dialog(RunsScreen("under", heading, frozenset(there)), self._chosen)

    def _chosen(self, answer: "Answer | None") -> None:
        if answer is None:
            return
        what, names = answer
        if what in ("attach", "report"):
            self.runs.attach(names[0])
            if what == "report":
                self.show_report()
            return
        try:
            folders = [find_run(name) for name in names[:MOST_RUNS]]
            if what == "draft":
                self.copy_spec(folders[0].spec())
                return
            others = [RunFollower(folder) for folder in folders]
        except FolderError as problem:
            show_problem(self.host, problem)
            return
        self._compare(others)
        if sentence := too_many(len(names)):
            self.host.show_message(sentence)

    def _compare(self, others: list[RunFollower]) -> None:
        """Read their journals, in a thread where it takes long, and draw their curves."""
        others = others[: MOST_RUNS - len(self.compared)]
        self.compared += others
        if sum(other.unread() for other in others) <= run_controller.READ_AT_ONCE:
            _read(others)
            self._show()
        else:
            self.host.run_in_thread(
                "compared", partial(_read, others), lambda _: self._show(), exclusive=False
            )

    def start_beside(self, spec: RunSpec) -> bool:
        """Train this in a run of its own, without leaving the one on the screen, and draw its curves as they come.

        False where it can't be started, which is said.
        """
        try:
            other = self.runs.launcher.start(spec)
        except FolderError as problem:
            show_problem(self.host, problem)
            return False
        self._compare([other])
        return True

    def follow_compared(self) -> None:
        """Draw again where a compared run that is in progress has told something."""
        news = [run.poll() for run in self.compared if run.is_active]
        if any(news):
            self._show()

    def _show(self) -> None:
        self.show_curves([run.view for run in self.compared])

    def end_comparison(self) -> None:
        self.compared = []

    def open_comparison(self) -> None:
        """The run on the screen and those it is compared with, side by side."""
        from tuinn.ui.runs.comparison_screen import ComparisonScreen

        if self.runs.run is None or not self.compared:
            self.host.show_message("Press c first to compare this run with another.")
            return
        folders = [run.folder for run in (self.runs.run, *self.compared)]
        try:
            titles = titles_of(folders)
            followers = [RunFollower(folder) for folder in folders]
        except FolderError as problem:
            show_problem(self.host, problem)
            return
        self.host.open_dialog(ComparisonScreen(followers, titles), lambda _: None)


def _read(runs: list[RunFollower]) -> None:
    for run in runs:
        run.catch_up()
