"""The workbench: a draft, a run, and five panes that show them."""

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.events import Paste
from textual.widget import Widget
from textual.widgets import Static

from tuinn.data import loader
from tuinn.data.info import DatasetInfo
from tuinn.data.paths import dataset_path, dropped_path
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.run import RunSpec
from tuinn.text import printable
from tuinn.ui.dialogs.help import Help
from tuinn.ui.keys import bindings_for
from tuinn.ui.terminal.tty import hear_endings
from tuinn.ui.widgets.controls import KeyFooter, PaneTabs
from tuinn.ui.workbench.panes.charts import ChartsPane
from tuinn.ui.workbench.panes.dataset import DatasetPane
from tuinn.ui.workbench.panes.layers import LayersPane
from tuinn.ui.workbench.panes.predict import PredictPane
from tuinn.ui.workbench.panes.summary import SummaryPane
from tuinn.ui.workbench.planning_screen import PlanningScreen
from tuinn.ui.workbench.status import AdviceLine, StatusLine
from tuinn.view.draft import Draft
from tuinn.view.run_follower import RunFollower

SMALLEST = (60, 16)
"""Columns and rows below which nothing would be whole."""

ROOMY = (110, 34)
"""From here on all five panes stand side by side; below, one at a time."""

SPACIOUS = (170, 50)
"""Enough for pictures at twice their size."""

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")

PANES = ("#dataset", "#layers", "#summary", "#charts", "#predict")
INNER = {"#dataset": "#dataset-list", "#layers": "#layers-list", "#summary": "#summary-rows"}


class Workbench(PlanningScreen):
    """Holds two nouns: `draft` (frozen, replaced) and the run's view (changed only by its fold)."""

    CSS_PATH = "screen.tcss"
    BINDINGS = bindings_for("workbench")

    def __init__(self, draft: Draft, run: RunFollower | None = None) -> None:
        super().__init__(draft)
        self.first_run = run
        self.predictions_shown: tuple[DatasetSpec, str, int] | None = None
        """Dataset, run and epoch whose predictions the predict pane has."""
        self.read_by = ""
        """The run that read data of one's own last."""

    def compose(self) -> ComposeResult:
        yield StatusLine(id="status")
        yield PaneTabs(id="tabs")
        with Horizontal(id="bench"):
            with Vertical(id="left", classes="side"):
                yield DatasetPane(id="dataset", classes="pane")
                yield LayersPane(id="layers", classes="pane")
                yield SummaryPane(id="summary", classes="pane")
            with Vertical(id="right", classes="side"):
                yield ChartsPane(id="charts", classes="pane")
                yield PredictPane(id="predict", classes="pane")
        yield AdviceLine(id="advice")
        yield Static(id="too-small", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.edit(self.history.draft)
        self.action_pane(1)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first picture stands: what may take a moment."""
        hear_endings()
        self.starter.warm()
        if self.first_run is not None:
            self.follow(self.first_run)
            self.action_pane(4)
        else:
            self.offer_live_runs()

    def on_unmount(self) -> None:
        self.starter.close()

    # ----------------------------------------------------------------------------------------------- layout

    def on_resize(self) -> None:
        width, height = self.app.size
        self.set_class(width < ROOMY[0] or height < ROOMY[1], "-narrow")
        self.set_class(width >= SPACIOUS[0] and height >= SPACIOUS[1], "-spacious")
        small = width < SMALLEST[0] or height < SMALLEST[1]
        self.set_class(small, "-too-small")
        self.query_one("#too-small", Static).update(
            f"{width}×{height} is too small for tuinn.\nIt needs {SMALLEST[0]}×{SMALLEST[1]}."
            if small
            else ""
        )

    @on(PaneTabs.Clicked)
    def _tab(self, event: PaneTabs.Clicked) -> None:
        self.action_pane(event.pane)

    def action_pane(self, number: int) -> None:
        """Show pane `number`, counted from 1, and give it the keys."""
        self.query_one(PaneTabs).shown = number
        for at, pane in enumerate(PANES, start=1):
            self.query_one(pane).set_class(at == number, "-shown")
        self._give_room(number)
        self.query_one("#left").set_class(number <= 3, "-shown")
        self.query_one("#right").set_class(number > 3, "-shown")
        pane = PANES[number - 1]
        self.query_one(INNER.get(pane, pane), Widget).focus()

    def _give_room(self, number: int) -> None:
        """The pane that has the keys gets what the others can spare."""
        self.set_class(number in (2, 3), "-building")
        self.set_class(number == 3, "-reading")

    def action_next_pane(self, by: int) -> None:
        self.action_pane((self.query_one(PaneTabs).shown - 1 + by) % len(PANES) + 1)

    def on_paste(self, event: Paste) -> None:
        """What is dropped on the window, whatever has the focus: a picture to be predicted, or data."""
        path = dropped_path(event.text)
        if path is None:
            return
        event.stop()
        if self.query_one(PaneTabs).shown == 5 and path.suffix.lower() in PICTURES:
            self.ask_picture(str(path))
        else:
            self.ask_data(str(path))

    def on_descendant_focus(self) -> None:
        """A click or a key may have moved the focus to another pane."""
        for at, pane in enumerate(PANES, start=1):
            if self.focused is not None and self.query_one(pane) in self.focused.ancestors_with_self:
                self.query_one(PaneTabs).shown = at
                self._give_room(at)

    def watch_draft(self, draft: Draft) -> None:
        """Everything that shows the draft is told once."""
        self.query_one(DatasetPane).draft = draft
        self.query_one(LayersPane).draft = draft
        self.query_one(SummaryPane).draft = draft
        self.query_one(StatusLine).draft = draft
        self.query_one(AdviceLine).draft = draft
        self._show_samples()

    def show_again(self) -> None:
        """What was drawn in the colours of another theme is drawn once more."""
        for pane in (DatasetPane, LayersPane, SummaryPane, StatusLine, AdviceLine):
            self.query_one(pane).mutate_reactive(pane.draft)
        self.predictions_shown = None
        self.show_run()

    def action_help(self) -> None:
        self.app.push_screen(Help())

    # -------------------------------------------------------------------------------------------------- run

    def action_run(self) -> None:
        draft = self.history.draft
        if draft.error is not None:
            remedy = "  f: " + draft.error.remedies[0].label if draft.error.remedies else ""
            self.notify(printable(f"{draft.error}{remedy}"), severity="error", timeout=8, markup=False)
            return
        try:
            if draft.spec.dataset.path:
                dataset_path(draft.spec.dataset)  # it may have gone since it was looked at
        except SpecError as problem:
            self.notify(printable(str(problem)), severity="error", timeout=8, markup=False)
            self.look_again()
            return
        self.start(draft.spec)
        if self.query_one(PaneTabs).shown < 4:
            self.action_pane(4)

    def adopt(self, run: RunFollower) -> None:
        self.edit(Draft(run.spec, run.folder.facts()))

    def take_draft(self, spec: RunSpec) -> None:
        draft = Draft(spec)
        try:
            draft.entry  # noqa: B018 - an unknown dataset must be found out here
        except SpecError as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)
            return
        self.edit(draft)
        self.notify("The draft is a copy of that run's spec; u takes it back.", markup=False)
        self.action_pane(2)

    def show_run(self) -> None:
        self.query_one(StatusLine).show_run(self.run)
        self.query_one(SummaryPane).show_run(self.run)
        self.query_one(ChartsPane).show_run(self.run)
        self._notice_data()
        self._show_samples()

    def _notice_data(self) -> None:
        """A run that has read data of one's own knows more about them than a look."""
        run = self.run
        if run is not None and run.view.data and run.spec.dataset.path and run.folder.name != self.read_by:
            self.read_by = run.folder.name
            loader.forget_inspected()
            self.look_again()

    def show_reading(self, share: float) -> None:
        self.query_one(StatusLine).show_reading(share)

    def lay_under(self, others: list[RunFollower]) -> None:
        self.query_one(ChartsPane).lay_under([other.view for other in others])

    def _show_samples(self) -> None:
        """Give the predict pane new samples only when they are other ones."""
        run, dataset = self.run, self.history.draft.spec.dataset
        fits = run is not None and run.spec.dataset == dataset
        epoch = run.view.predicted.epoch if run and fits and run.view.predicted else 0
        loaded = bool(run and fits and run.view.data)
        wanted = (dataset, run.folder.name if run and loaded else "", epoch)
        if wanted != self.predictions_shown:
            self.predictions_shown = wanted
            self.query_one(PredictPane).show_dataset(dataset, run if fits else None)

    def show_answer(self, answer: Any, pixels: Any, entry: DatasetInfo) -> None:
        self.query_one(PredictPane).show_answer(answer, pixels, entry.facts)
        self.action_pane(5)
