"""Follow a step of a lesson in the workbench: take its data, network and settings, go to its screen, and see that it is done."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from textual.screen import Screen

from tuinn.data.catalog.availability import is_available
from tuinn.errors import TuinnError
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.run import RunSpec
from tuinn.text import printable
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.ui.workbench.host import Host, show_problem
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.draft import Draft
from tuinn.view.run_follower import RunFollower

if TYPE_CHECKING:  # the first screen does without the labs
    from tuinn.labs.lessons.lesson import Lesson, Step
    from tuinn.ui.labs.hub import Answer

COVERS: dict[str, tuple[str, ...]] = {
    "viewer": ("DatasetViewer",),
    "open": ("PathDialog",),
    "type": ("LineEntry",),
    "presets": ("PresetList",),
    "fit": ("FitForm",),
    "updates": ("UpdatesView",),
    "batches": ("BatchScreen",),
    "history": ("HistoryView",),
    "confusion": ("ConfusionMatrix",),
    "gallery": ("Gallery",),
    "report": ("LogView",),
    "own": ("OwnLine", "OwnRow", "Choose"),
    "lens": ("LensScreen",),
    "calibration": ("CalibrationView",),
    "export": ("Choose",),
    "doctor": ("FixesDialog",),
    "runs": ("RunsScreen",),
    "sweep": ("SweepForm", "Choose"),
}
"""Place of the workbench → the classes of the screens that open there. The others are panes."""


class LessonGuide:
    """Holds the step that the user is at. Imports the labs when they are opened."""

    def __init__(
        self,
        host: Host,
        drafts: DraftController,
        runs: RunController,
        select_dataset: Callable[[DatasetSpec], None],
        press: Callable[[str], object],
        show: Callable[[str], None],
    ) -> None:
        """`press` does what these keys of the workbench do, `show` draws what the step is about."""
        self.host, self.drafts, self.runs = host, drafts, runs
        self.select_dataset, self.press, self.show = select_dataset, press, show
        self.lesson: Lesson | None = None
        self.at = 0
        """The step, counted from 0."""
        self.run = ""
        """The run that was started from the step."""
        self.trains: Step | None = None
        """The step that this run is for."""

    @property
    def step(self) -> "Step | None":
        return self.lesson.steps[self.at] if self.lesson is not None else None

    # --------------------------------------------------------------------------------------------- there

    def open(self, name: str = "") -> None:
        """Open the hub, on a lesson where one is named, or a lab page."""
        from tuinn.labs.places import PAGES
        from tuinn.ui.labs.hub import LabsHub
        from tuinn.ui.labs.registry import make_page

        if name in PAGES:
            self.host.open_dialog(make_page(name), lambda _: None)
        elif self.lesson is not None and name in ("", self.lesson.name):
            self.host.open_dialog(LabsHub(self.lesson.name, at=self.at), self.go)
        else:
            self.host.open_dialog(LabsHub(name), self.go)

    def go(self, chosen: "Answer | None") -> None:
        """Take what the step needs, and go to its screen; or follow no lesson any more."""
        if chosen == "end":
            self.lesson = None
            self.show("")
        if chosen is None or chosen == "end":
            return
        self.lesson, self.at, self.run = chosen.lesson, chosen.at, ""
        step = chosen.lesson.steps[chosen.at]
        is_ready = self._show_run(step) if chosen.lesson.needs_run(step) else self._take_spec(step)
        self.show(self.words())
        if is_ready:
            self._go_to(step.screen, "r" if chosen.runs else "")

    def _take_spec(self, step: "Step") -> bool:
        """Make data, network and settings of the step the draft. False where something keeps it from that, which is said."""
        assert self.lesson is not None
        dataset = self.lesson.dataset_of(step, is_available)
        try:
            spec = self.lesson.spec_of(step, dataset)
        except TuinnError as problem:
            show_problem(self.host, problem)
            return False
        if spec is not None:
            if spec != self.drafts.draft.spec:
                self.drafts.edit(Draft(spec))
            self.select_dataset(spec.dataset)
        return True

    def _show_run(self, step: "Step") -> bool:
        """Show the lesson's newest run. False where there is none, which is said."""
        from tuinn.labs.lessons.progress import read_progress, run_of

        assert self.lesson is not None
        name = run_of(self.lesson, read_progress())
        if name:
            self.runs.attach(name)
            return self.runs.run is not None
        trains = next((one.title for one in self.lesson.steps if one.done == "trained"), "")
        first = f" The step “{printable(trains)}” trains it; 0 leads back." if trains else " r trains one."
        self.host.show_message(f"This step looks at a trained network.{first}", "warning")
        return False

    def _go_to(self, screen: str, then: str = "") -> None:
        from tuinn.labs.places import WORKBENCH

        self.press(f"{WORKBENCH[screen].keys} {then}")
        if screen not in COVERS:
            self._opened(screen)

    # ---------------------------------------------------------------------------------------------- done

    def words(self) -> str:
        """What the step is about, and how to go on; empty without one."""
        if self.lesson is None or self.step is None:
            return ""
        count, step = len(self.lesson.steps), self.step
        back = "Esc, then 0" if step.screen in COVERS else "0"
        return f"{self.at + 1}/{count} {step.title}: {step.do} Look for: {step.look} {back}: the next step."

    def covered(self, screen: Screen[object]) -> None:
        """Another screen stands over the workbench."""
        if self.step is not None and type(screen).__name__ in COVERS.get(self.step.screen, ()):
            self._opened(self.step.screen)

    def started(self, run: RunFollower) -> None:
        """A run was started: it belongs to the step, where that one trains, or to one that trains just this."""
        from tuinn.labs.lessons.progress import note_run

        step = self._training_step()
        if self.lesson is None or step is None:
            return
        self.run, self.trains = run.folder.name, step
        try:
            note_run(self.lesson, step, self.run)
        except TuinnError as problem:
            show_problem(self.host, problem)

    def _training_step(self) -> "Step | None":
        """The step that a run of the draft is for; None: it has nothing to do with the lesson."""
        if self.lesson is None or self.step is None or self.step.done == "trained":
            return self.step
        for step in self.lesson.steps:
            if step.done == "trained" and self._spec_of(step) == self.drafts.draft.spec:
                return step
        return None

    def _spec_of(self, step: "Step") -> RunSpec | None:
        assert self.lesson is not None
        try:
            return self.lesson.spec_of(step, self.lesson.dataset_of(step, is_available))
        except TuinnError:
            return None

    def trained(self, run: RunFollower) -> None:
        """The training of a run is over."""
        ended = run.view.ended
        if self.run == run.folder.name and ended is not None and ended.outcome == "finished":
            self._mark("trained", self.trains)

    def _opened(self, screen: str) -> None:
        if self.step is not None and self.step.screen == screen:
            self._mark("opened", self.step)

    def _mark(self, goal: str, step: "Step | None") -> None:
        from tuinn.labs.lessons.progress import mark_done

        if self.lesson is None or step is None or step.done != goal:
            return
        try:
            news = mark_done(self.lesson, step)
        except TuinnError as problem:
            show_problem(self.host, problem)
            return
        if news and goal != "opened":
            self.host.show_message("✓ The step is done. 0 leads to the next one.")
