"""The workbench: the screen with a draft, a run, and five panes that show them. Nothing is decided here, not even the
layout: messages and keys call controllers, and what a controller says has changed is handed down to the panes."""

from dataclasses import dataclass

from textual import on
from textual.app import ComposeResult
from textual.events import Paste
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tuinn.data.paths import dropped_path
from tuinn.runs.config import config_and_problem
from tuinn.runs.folder import count_runs
from tuinn.spec.run import RunSpec
from tuinn.text import printable
from tuinn.ui.keys.table import action_of, bindings_for
from tuinn.ui.terminal.tty import hear_endings
from tuinn.ui.widgets.controls import PaneTabs
from tuinn.ui.workbench.control_controller import ControlController
from tuinn.ui.workbench.dataset_controller import DatasetController
from tuinn.ui.workbench.draft_controller import DraftController
from tuinn.ui.workbench.draft_dialogs import DraftDialogs
from tuinn.ui.workbench.draft_file import WRITE_SECONDS, DraftFile
from tuinn.ui.workbench.host_screen import HostScreen
from tuinn.ui.workbench.inference.predictions import Predictions
from tuinn.ui.workbench.layout import (
    CHARTS,
    DATASET,
    LAYERS,
    PREDICT,
    SUMMARY,
    PaneColumns,
    PaneLayout,
    too_small_words,
)
from tuinn.ui.workbench.lesson_guide import LessonGuide
from tuinn.ui.workbench.panes.charts import ChartsPane
from tuinn.ui.workbench.panes.dataset import DatasetPane
from tuinn.ui.workbench.panes.layers import LayersPane
from tuinn.ui.workbench.panes.predict import PredictPane
from tuinn.ui.workbench.panes.predict_text import OwnAnswer
from tuinn.ui.workbench.panes.summary import SummaryPane
from tuinn.ui.workbench.plan_controller import PlanController
from tuinn.ui.workbench.run_controller import ANSWER_SECONDS, POLL_SECONDS, RunController
from tuinn.ui.workbench.run_selection import COMPARED_SECONDS, RunSelection
from tuinn.ui.workbench.status import AdviceLine, StatusLine
from tuinn.view.draft import Draft
from tuinn.view.run_follower import RunFollower


class Workbench(HostScreen):
    """Holds a draft, which is replaced at every edit, and at most one run, which is read from its journal."""

    CSS_PATH = "screen.tcss"
    BINDINGS = bindings_for("workbench")

    @dataclass
    class Left(Message):
        """The user leaves the app."""

        farewell: str
        """To be printed on the shell; may be empty."""

    def __init__(self, draft: Draft, run: RunFollower | None = None, lab: str | None = None) -> None:
        """`lab`: a lesson or a lab page to begin with; an empty word is the list of them."""
        super().__init__()
        self.first_run = run
        self.first_lab = lab
        self.status = StatusLine(id="status")
        self.tabs = PaneTabs(id="tabs")
        self.dataset_pane = DatasetPane(id="dataset", classes="pane")
        self.layers_pane = LayersPane(id="layers", classes="pane")
        self.summary_pane = SummaryPane(id="summary", classes="pane")
        self.charts_pane = ChartsPane(id="charts", classes="pane")
        self.predict_pane = PredictPane(id="predict", classes="pane")
        self.advice = AdviceLine(id="advice")
        self.pane_layout = PaneLayout(self, self.dataset_pane, self.layers_pane)
        self.too_small = Static(id="too-small", markup=False)
        panes: tuple[Widget, ...] = (self.dataset_pane, self.layers_pane, self.summary_pane)
        self.columns = PaneColumns((*panes, self.charts_pane, self.predict_pane), id="bench")
        self.drafts = DraftController(self, draft, self.show_draft)
        self.draft_file = DraftFile(draft.spec)
        self.draft_dialogs = DraftDialogs(self, self.drafts, self.layers_pane)
        self.datasets = DatasetController(self, self.drafts, self.dataset_pane.show_dataset)
        self.runs = RunController(self, self, is_typing=lambda: getattr(self.app, "is_typing", False))
        self.training = ControlController(self, self.runs)
        self.predictions = Predictions(
            self,
            self.runs,
            self.predict_pane,
            self.show_answer,
            self.show_again,
            self.draft_dialogs.show_findings,
        )
        self.selection = RunSelection(
            self, self.runs, self.copy_spec, self.charts_pane.lay_under, self.predictions.reports.report
        )
        self.plans = PlanController(self, self.runs, self.drafts, self.action_pane)
        select, press = self.dataset_pane.show_dataset, lambda keys: self.call_later(self._go_to, keys)
        self.lessons = LessonGuide(self, self.drafts, self.runs, select, press, self.advice.show_lesson)

    @property
    def draft(self) -> Draft:
        return self.drafts.draft

    @property
    def run(self) -> RunFollower | None:
        return self.runs.run

    def compose(self) -> ComposeResult:
        yield from (self.status, self.tabs, self.columns, self.advice, self.too_small, self.footer)

    def on_mount(self) -> None:
        self.runs.timer = self.set_interval(POLL_SECONDS, self.runs.poll, pause=True)
        self.runs.answer_timer = self.set_interval(ANSWER_SECONDS, self.runs.look_for_answer, pause=True)
        self.set_interval(COMPARED_SECONDS, self.selection.follow_compared)
        self.drafts.edit(self.draft)
        self.action_pane(DATASET)
        self.call_after_refresh(self._begin)

    def _begin(self) -> None:
        """After the first screen is drawn: what may take a moment."""
        hear_endings()
        self.runs.prepare()
        if left := self.draft_file.find_left():
            self.drafts.offer(left.spec)
        if self.first_run is not None:
            self.runs.follow(self.first_run)
        elif self.first_lab is not None:
            self.lessons.open(self.first_lab)
        else:
            self.plans.offer_live()
            self.run_in_thread("earlier", count_runs, self.advice.show_earlier)

    def on_unmount(self) -> None:
        self.runs.launcher.close()

    def leave(self, farewell: str = "") -> None:
        self.post_message(self.Left(printable(farewell)))

    def show_draft(self, draft: Draft) -> None:
        """Hand the draft down to everything that shows it."""
        for shows in (self.dataset_pane, self.layers_pane, self.summary_pane, self.status, self.advice):
            shows.draft = draft
        self._show_verdict()
        self.predict_pane.show_dataset(draft.spec.dataset, self.run)
        self._lay_out()
        if self.draft_file.note(draft.spec):
            self.set_timer(WRITE_SECONDS, self.draft_file.write)

    def show_run(self) -> None:
        """Hand the run down to everything that shows it."""
        run = self.run
        self.drafts.judge(run)
        self._show_verdict()
        for shows in (self.status, self.summary_pane, self.charts_pane, self.advice):
            shows.show_run(run)
        self.drafts.note_run(run)
        self.predict_pane.show_dataset(self.draft.spec.dataset, run)
        self.show_answers()

    def show_answers(self) -> None:
        """Show what a worker has answered by now."""
        self.predictions.show_answers()
        self.footer.clear_outdated()

    def _show_verdict(self) -> None:
        self.charts_pane.show_verdict(self.drafts.run_problem, "F" if self.draft.fix else "f")

    def show_reading(self, share: float) -> None:
        self.status.show_reading(share)

    def show_answer(self, answer: OwnAnswer) -> None:
        """Show what the network predicts for a sample of the user's own."""
        self.predict_pane.show_answer(answer)
        self.action_pane(PREDICT)

    def run_attached(self, run: RunFollower) -> None:
        self.draft_file.elsewhere = run.spec
        self.drafts.edit_to_run(run)
        if self.tabs.shown < CHARTS:
            self.action_pane(CHARTS)

    def on_screen_suspend(self) -> None:
        self.lessons.covered(self.app.screen)

    def training_ended(self) -> None:
        if self.run is not None:
            self.lessons.trained(self.run)
        if config_and_problem()[0].bell:
            self.app.bell()

    def awaits_answer(self) -> bool:
        return self.predictions.is_waiting

    def copy_spec(self, spec: RunSpec) -> None:
        self.drafts.copy_spec(spec)
        self.action_pane(LAYERS)

    def show_again(self) -> None:
        """Draw everything once more, in the colours of another theme."""
        for shows in (self.dataset_pane, self.layers_pane, self.summary_pane, self.status, self.advice):
            shows.mutate_reactive(type(shows).draft)
        self.predict_pane.show_again()
        self.show_run()

    def on_resize(self) -> None:
        self._lay_out()
        self.too_small.update(too_small_words(self.app.size))

    def _lay_out(self) -> None:
        self.pane_layout.apply(self.app.size, self.tabs.shown, self.draft, self.run)

    @on(PaneColumns.Dragged)
    def _border_dragged(self, event: PaneColumns.Dragged) -> None:
        self.pane_layout.drag(event.moves, event.cells)
        self._lay_out()

    @on(PaneTabs.Clicked)
    def _tab_clicked(self, event: PaneTabs.Clicked) -> None:
        self.action_pane(event.pane)

    def action_pane(self, number: int) -> None:
        """Show pane `number`, counted from 1, and give it the focus."""
        if self.pane_layout.enlarged and number != self.tabs.shown:
            self.action_enlarge()
        self.columns.show_pane(number)
        self._mark_shown(number)
        self.columns.focus_pane(number)

    def _mark_shown(self, number: int) -> None:
        """The pane with the focus gets the room that the others can spare."""
        self.tabs.shown = self.advice.pane = number
        self._lay_out()

    def action_enlarge(self) -> None:
        self.pane_layout.enlarged = not self.pane_layout.enlarged
        self._lay_out()

    def action_next_pane(self, by: int) -> None:
        self.action_pane((self.tabs.shown - 1 + by) % PREDICT + 1)

    def on_descendant_focus(self) -> None:
        """A click or a key may have moved the focus to another pane."""
        if number := self.columns.number_of(self.focused):
            self._mark_shown(number)

    def on_paste(self, event: Paste) -> None:
        """A path dropped on the window, whatever has the focus: of a picture to be predicted, or of data."""
        path = dropped_path(event.text)
        if path is None:
            return
        event.stop()
        if self.tabs.shown != PREDICT or not self.predictions.take_file(path):
            self.datasets.open_path(str(path))

    # -------------------------------------------------------------------------------- messages of the panes

    @on(DatasetPane.Picked)
    def _dataset_picked(self, event: DatasetPane.Picked) -> None:
        self.datasets.use(event.dataset)

    @on(DatasetPane.ViewAsked)
    def _samples_asked(self, event: DatasetPane.ViewAsked) -> None:
        self.datasets.view_samples(event.dataset, event.entry)

    @on(DatasetPane.OpenAsked)
    def _path_asked(self) -> None:
        self.datasets.open_path()

    @on(DatasetPane.ChangeAsked)
    def _options_asked(self, event: DatasetPane.ChangeAsked) -> None:
        self.datasets.change_options(event.dataset, event.entry)

    @on(DatasetPane.Again)
    def _data_changed(self) -> None:
        self.drafts.describe_again()

    @on(DatasetPane.Fetched)
    def _dataset_downloaded(self, event: DatasetPane.Fetched) -> None:
        self.drafts.dataset_downloaded(event.name)

    @on(LayersPane.Edited)
    def _model_edited(self, event: LayersPane.Edited) -> None:
        self.drafts.edit_spec(self.draft.spec.with_model(event.model))

    @on(LayersPane.EditAsked)
    def _layer_asked(self, event: LayersPane.EditAsked) -> None:
        self.draft_dialogs.edit_layer(event.at)

    @on(LayersPane.AddAsked)
    def _new_layer_asked(self, event: LayersPane.AddAsked) -> None:
        self.draft_dialogs.add_layer(event.at)

    @on(LayersPane.TypeAsked)
    def _lines_asked(self, event: LayersPane.TypeAsked) -> None:
        self.draft_dialogs.type_layers(event.text)

    @on(ChartsPane.CompareAsked)
    def _comparison_asked(self) -> None:
        self.selection.choose_compared()

    @on(ChartsPane.CompareEnded)
    def _comparison_ended(self) -> None:
        self.selection.end_comparison()

    @on(PredictPane.Asked)
    def _prediction_asked(self, event: PredictPane.Asked) -> None:
        self.predictions.answer(event)

    # ------------------------------------------------------------------------------------------------- keys

    def action_run(self) -> None:
        spec = self.drafts.trainable_spec()
        if spec is not None and self.runs.start(spec) and self.run is not None:
            self.lessons.started(self.run)

    def action_stop(self) -> None:
        self.training.stop()

    def action_pause(self) -> None:
        self.training.pause_or_continue()

    def action_batches(self) -> None:
        self.training.open_batches(self.drafts, self.selection.start_beside, self.action_run)

    def action_control(self) -> None:
        self.training.open_dialog()

    def action_fit(self) -> None:
        self.draft_dialogs.edit_fit()

    def action_fix(self) -> None:
        self.drafts.apply_first_fix()

    def action_examine(self) -> None:
        self.predictions.reports.examine()

    def action_fixes(self) -> None:
        self.draft_dialogs.choose_fix()

    def action_code(self) -> None:
        """Show the draft as Keras code beside the stack, or in its place where there is no room."""
        self.summary_pane.action_form("code")
        if self.has_class("-narrow"):
            self.action_pane(SUMMARY)

    def action_presets(self) -> None:
        self.draft_dialogs.choose_preset()

    def action_undo(self) -> None:
        self.drafts.undo()

    def action_redo(self) -> None:
        self.drafts.redo()

    def action_runs(self) -> None:
        self.selection.open_table()

    def action_worker_log(self) -> None:
        self.runs.open_log()

    def action_export(self) -> None:
        from tuinn.ui.dialogs.export import export_network

        export_network(self, self.runs.run.folder if self.runs.run else None)

    def action_compare_table(self) -> None:
        self.selection.open_comparison()

    def action_sweeps(self) -> None:
        self.plans.open_sweeps()

    def action_queue(self) -> None:
        self.plans.open_queue()

    async def _go_to(self, keys: str) -> None:
        """Do what these keys do, one after another, in the pane that is shown then or in the workbench."""
        for key in keys.split():
            pane = self.columns.panes[self.tabs.shown - 1]
            action = action_of(pane.id or "", key)
            if action:
                await pane.run_action(action)
            else:
                await self.run_action(action_of("workbench", key))

    def action_labs(self) -> None:
        self.lessons.open()

    def action_help(self) -> None:
        from tuinn.ui.dialogs.help import Help

        self.app.push_screen(Help(self.columns.panes[self.tabs.shown - 1].id or "", "workbench"))

    def action_leave(self) -> None:
        self.runs.quit()
