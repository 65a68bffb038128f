"""The dataset pane: what there is, what it looks like, and a path for the user's own data."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Container, VerticalScroll
from textual.markup import escape
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import OptionList, Static

from tuinn.data import loader
from tuinn.data.catalog import availability
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.text import printable
from tuinn.ui.datasets import recent_datasets
from tuinn.ui.datasets.dataset_list import DatasetList, absent
from tuinn.ui.datasets.download_status import DownloadStatus
from tuinn.ui.datasets.facts_text import data_problem, facts_text
from tuinn.ui.datasets.sample_strip import SampleStrip
from tuinn.ui.keys.table import bindings_for
from tuinn.view.draft import Draft, entry_of

if TYPE_CHECKING:
    from tuinn.data.explore.preview import Preview
    from tuinn.view.dataset_preview import DatasetPreview


SLIM = 44
"""Columns, without the border, below which there is no room for the list beside the facts."""

LOW = 6
"""Rows, without the border, below which the facts alone are shown."""


class DatasetPane(Container):
    """What is under the cursor is shown; Enter takes it into use, and the next training is on it."""

    BINDINGS = bindings_for("dataset")
    draft: reactive[Draft | None] = reactive(None, init=False)

    @dataclass
    class Picked(Message):
        """The user wants this dataset to be the one in use."""

        dataset: DatasetSpec

    @dataclass
    class ViewAsked(Message):
        """The user wants to see this dataset closely."""

        dataset: DatasetSpec
        entry: DatasetInfo | None
        """None: it is still being read."""

    @dataclass
    class ChangeAsked(Message):
        """The user wants to change the detected settings of this dataset."""

        dataset: DatasetSpec
        entry: DatasetInfo

    @dataclass
    class OpenAsked(Message):
        """The user has data of their own."""

    @dataclass
    class Again(Message):
        """The user's own data may have changed."""

    @dataclass
    class Fetched(Message):
        """A dataset of the catalogue has come."""

        name: str

    def compose(self) -> ComposeResult:
        yield DatasetList(id="dataset-list")
        with VerticalScroll(id="dataset-facts-scroll", can_focus=False):
            yield DownloadStatus(id="dataset-fetching")
            yield Static(id="dataset-facts", markup=False)
        yield SampleStrip(id="dataset-samples")

    def on_mount(self) -> None:
        self.border_title = "1 Dataset"
        self.used: DatasetSpec | None = None
        """The one that is trained on, as the list tells it."""
        self.shown: DatasetSpec | None = None
        """Whose facts stand in the pane."""
        self.entry: DatasetInfo | None = None
        """What is known of it; None while it is being read."""
        self.found: availability.Availability | None = None
        """Where it is, if it is of the catalogue."""
        self.seen: Preview | None = None
        self.trouble = ""
        """Why it could not be fetched."""

    def on_resize(self) -> None:
        low = self.size.height < LOW
        self.set_class(low or self.size.width < SLIM, "-brief")
        self.set_class(low, "-low")
        self.call_after_refresh(self._show_facts)  # once what is inside has its width, too

    def watch_draft(self, draft: Draft | None) -> None:
        if (
            draft is not None and draft.spec.dataset != self.used
        ):  # an edit of the layers leaves the list alone
            before, self.used = self.used, draft.spec.dataset
            self.border_title = escape(f"1 Dataset · {printable(draft.entry.title)}")
            listed = self.query_one(DatasetList)
            under = listed.dataset
            stays = under is not None and before is not None and under.label != before.label
            listed.fill(self.used, under if stays else None)
            self._look(anew=False)

    def show_dataset(self, dataset: DatasetSpec) -> None:
        """Put the cursor on this dataset, wherever it stands."""
        if self.draft is not None:
            self.query_one(DatasetList).fill(self.draft.spec.dataset, dataset)
            self._look()  # which also finds out what has come or gone

    # --------------------------------------------------------------------------------------------- reading

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._look(anew=False)

    def _look(self, anew: bool = True) -> None:
        """Show what is under the cursor; `anew`: even if it stands there already."""
        dataset = self.query_one(DatasetList).dataset
        if dataset is None or (dataset == self.shown and not anew):
            return
        self.shown, self.entry, self.trouble = dataset, None, ""
        self.query_one("#dataset-facts", Static).update(
            Text(f"{printable(dataset.label)}\nreading…", style="dim")
        )
        self.query_one(SampleStrip).clear()
        self._read(dataset)

    @work(thread=True, exclusive=True, group="dataset")
    def _read(self, dataset: DatasetSpec) -> None:
        entry = entry_of(dataset)
        found = availability.availability_of(dataset.name) if dataset.name else None
        self.app.call_from_thread(self._take_entry, dataset, entry, found, absent())
        if entry.facts.dtype == "" or (found is not None and found.state == "absent"):
            return
        from tuinn.data.catalog.decoded_text import with_words
        from tuinn.view.dataset_preview import DatasetPreview  # it needs NumPy

        try:
            preview = DatasetPreview.of(with_words(dataset, loader.browse(dataset)))
        except (SpecError, OSError) as problem:
            self.app.call_from_thread(self._refuse, dataset, data_problem(problem))
            return
        self.app.call_from_thread(self._take_samples, dataset, preview)

    def _take_entry(
        self,
        dataset: DatasetSpec,
        entry: DatasetInfo,
        found: "availability.Availability | None",
        missing: frozenset[str],
    ) -> None:
        listed = self.query_one(DatasetList)
        if missing != listed.absent and self.draft is not None:
            listed.absent = missing
            listed.fill(self.draft.spec.dataset, listed.dataset)
        if dataset == self.shown:
            self.entry, self.found, self.seen = entry, found, None
            self._show_facts()

    def _take_samples(self, dataset: DatasetSpec, preview: "DatasetPreview") -> None:
        if dataset == self.shown:
            self.seen = preview.seen
            self._show_facts()
            table = preview.seen if preview.seen.columns else None
            self.query_one(SampleStrip).show(preview.pictures, preview.captions, table, preview.texts)

    def _refuse(self, dataset: DatasetSpec, problem: str) -> None:
        if dataset == self.shown:
            self.query_one("#dataset-facts", Static).update(Text(problem, self.app.theme_variables["error"]))
            self.query_one(SampleStrip).clear()

    def _show_facts(self) -> None:
        if self.entry is None:
            return
        facts = self.query_one("#dataset-facts", Static)
        width = self.query_one("#dataset-facts-scroll").size.width or 40
        text = facts_text(self.entry, self.seen, width, self.app.theme_variables, self.found)
        if self.used is not None and self.shown is not None and self.shown.label != self.used.label:
            title = printable(self.entry.title)
            text = Text.assemble((f"{title}: not in use. Enter takes it, r trains\n", "bold"), text)
        if self.trouble:
            text = Text.assemble((f"{self.trouble}\n", self.app.theme_variables["error"]), text)
        facts.update(text)

    # ---------------------------------------------------------------------------------------------- actions

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_pick()

    def action_pick(self) -> None:
        dataset = self.query_one(DatasetList).dataset
        if dataset is None:
            self.post_message(self.OpenAsked())
        else:
            if dataset.path:
                recent_datasets.remember(dataset)
            self.post_message(self.Picked((self.entry and self.entry.dataset) or dataset))

    def action_open(self) -> None:
        self.post_message(self.OpenAsked())

    def action_look(self) -> None:
        """Open the viewer, also while the dataset is still being read: the keys that follow are meant for it."""
        if self.shown is None:
            self.notify("There is nothing to view.", markup=False)
        elif self.entry is not None and self.found is not None and self.found.state == "absent":
            self.notify(f"{self.entry.title} is not here yet: g fetches it.", markup=False)
        elif self.entry is not None and self.entry.facts.dtype == "":
            self.notify("There is nothing to view.", markup=False)
        else:
            self.post_message(self.ViewAsked(self.shown, self.entry))

    def action_change(self) -> None:
        if self.entry is not None and self.shown is not None and self.entry.facts.dtype:
            self.post_message(self.ChangeAsked(self.shown, self.entry))

    def action_forget(self) -> None:
        """Take the user's own data out of the list; the data stay where they are."""
        if self.shown is None or not self.shown.path or self.draft is None:
            self.notify("Only data of your own can be taken out of the list.", markup=False)
            return
        recent_datasets.forget(self.shown)
        self.show_dataset(self.draft.spec.dataset)

    def action_again(self) -> None:
        """Look at the data anew: they may have changed."""
        loader.forget_inspected()
        self._look()
        self.post_message(self.Again())

    def action_fetch(self) -> None:
        fetching = self.query_one(DownloadStatus)
        if fetching.downloading:
            fetching.cancel()
        elif self.found is None or not self.found.missing or self.entry is None:
            self.notify("Nothing has to be fetched.", markup=False)
        else:
            fetching.fetch(self.entry)

    @on(DownloadStatus.Ended)
    def _fetched(self, event: DownloadStatus.Ended) -> None:
        event.stop()
        self.trouble = event.problem
        if event.problem:
            self.notify(event.problem, severity="error", timeout=15, markup=False)
            self._show_facts()
        if event.complete and self.draft is not None:
            self.show_dataset(DatasetSpec(event.name))
            self.post_message(self.Fetched(event.name))
