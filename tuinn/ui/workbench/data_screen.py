"""A screen that holds one draft, and the data it is about. Data that have to be looked at are so in a thread."""

from typing import Any

from textual import on, work
from textual.reactive import reactive

from tuinn.data.info import DatasetInfo
from tuinn.spec.dataset import DatasetSpec
from tuinn.ui.datasets import dataset_list
from tuinn.ui.datasets.options_form import DatasetOptionsForm
from tuinn.ui.datasets.path_dialog import FoundDataset, PathDialog
from tuinn.ui.workbench.asking_screen import AskingScreen
from tuinn.ui.workbench.panes.dataset import DatasetPane
from tuinn.view.draft import Draft, EditHistory


class DataScreen(AskingScreen):
    """`draft` is replaced, never changed."""

    draft: reactive[Draft | None] = reactive(None, init=False)

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.history = EditHistory(draft)

    def edit(self, draft: Draft) -> None:
        """Data that have to be looked at first are so in a thread; until then the draft stays as it is."""
        before = self.history.draft
        if draft.spec.dataset == before.spec.dataset and before.is_known and not before.is_lost:
            draft = self.history.draft.heir(draft.spec)
        if draft.is_known:
            self._keep(draft)
        else:
            self._know(draft)

    def _keep(self, draft: Draft) -> None:
        self.history.edit(draft)
        self.draft = self.history.draft

    @work(thread=True, exclusive=True, group="know")
    def _know(self, draft: Draft) -> None:
        draft.problems  # noqa: B018 - all that follows from the data is worked out here
        self.app.call_from_thread(self._keep, draft)

    def use(self, dataset: DatasetSpec) -> None:
        """Train on this dataset from now on."""
        if Draft(self.history.draft.spec.with_dataset(dataset)).is_known:
            self._keep(self.history.draft.on(dataset))
        else:
            self._use(self.history.draft, dataset)

    @work(thread=True, exclusive=True, group="know")
    def _use(self, draft: Draft, dataset: DatasetSpec) -> None:
        fitted = draft.on(dataset)
        fitted.problems  # noqa: B018 - as above
        self.app.call_from_thread(self._keep, fitted)

    @work(thread=True, exclusive=True, group="know")
    def look_again(self) -> None:
        """What is known of the data may have changed: they were fetched, or prepared, or the user changed them."""
        old = self.history.draft
        fresh = Draft(old.spec, old.remembered)
        fresh.problems  # noqa: B018 - as above
        self.app.call_from_thread(self._replace, old, fresh)

    def _replace(self, old: Draft, fresh: Draft) -> None:
        if self.history.draft.spec == old.spec:
            self.history.draft = self.draft = fresh

    @on(DatasetPane.Picked)
    def _picked(self, event: DatasetPane.Picked) -> None:
        self.use(event.dataset)

    @on(DatasetPane.LookAsked)
    def _look_asked(self, event: DatasetPane.LookAsked) -> None:
        from tuinn.ui.datasets.viewer import DatasetViewer  # it needs NumPy

        self.app.push_screen(DatasetViewer(event.dataset, event.entry))

    @on(DatasetPane.OpenAsked)
    def _open_asked(self) -> None:
        self.ask_data()

    def ask_data(self, path: str = "") -> None:
        """Ask for a path, or look at this one at once; then show what was understood."""

        def found(answer: FoundDataset | None) -> None:
            if answer is not None:
                self._understand(answer.dataset, answer.entry)

        self.app.push_screen(PathDialog(path), found)

    @on(DatasetPane.ChangeAsked)
    def _change_asked(self, event: DatasetPane.ChangeAsked) -> None:
        self._understand(event.dataset, event.entry)

    def _understand(self, dataset: DatasetSpec, entry: DatasetInfo) -> None:
        form = DatasetOptionsForm(dataset, entry)

        def answered(values: dict[str, Any] | None) -> None:
            if values is None:
                return
            asked, decided = form.kept(values)
            if asked.path:
                dataset_list.remember(asked)
            self.use(decided)
            self.query_one(DatasetPane).show_dataset(asked)

        self.app.push_screen(form, answered)

    @on(DatasetPane.Again)
    def _again(self) -> None:
        self.look_again()

    @on(DatasetPane.Fetched)
    def _fetched(self, event: DatasetPane.Fetched) -> None:
        if self.history.draft.spec.dataset.name == event.name:
            self.look_again()
