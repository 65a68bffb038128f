"""What was understood of one's own data, as a form to change before anything is trained on it."""

from typing import Any

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.widgets import Input, Static

from tuinn.data import loader
from tuinn.data.catalog.catalog import find
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DATASET_OPTIONS, DatasetSpec
from tuinn.spec.options import Option, Value
from tuinn.text import count, plural, printable
from tuinn.ui.datasets.facts_text import finding_text, sample_words
from tuinn.ui.dialogs.form import Form

ALWAYS = ("kind", "task", "validation", "test")
OF_KIND = {
    "images": ("image_size", "color_mode", "pad_to_aspect_ratio", "unreadable"),
    "table": ("target", "ignore", "header", "separator"),
    "text": ("target", "header", "separator"),
    "arrays": (),
}


def options_for(dataset: DatasetSpec) -> list[Option]:
    """The options that mean something for these data; those of the catalogue have one."""
    if dataset.name:
        words = ("num_words", "maxlen") if find(dataset.name).facts.words else ()
        names: tuple[str, ...] = ("validation", *words)
    else:
        own = OF_KIND.get(dataset.kind, ())
        if dataset.kind == "text" and not dataset.target:
            own = ()  # a folder has no columns
        names = (*own, *ALWAYS)
    table = {option.name: option for option in DATASET_OPTIONS}
    return [table[name] for name in names]


class DatasetOptionsForm(Form):
    """Answers values for `with_values`. Every change is looked at in a thread, one look at a time."""

    def __init__(self, dataset: DatasetSpec, entry: DatasetInfo) -> None:
        decided = entry.dataset or dataset
        options = options_for(decided)
        self.asked = dataset
        """As it was before anything was guessed."""
        self.told = {option.name: getattr(decided, option.name) for option in options}
        """What stands in the fields unless the user changes it: what was asked, or guessed."""
        super().__init__(f"{decided.label}: what was understood", options, self.told, self._outcome)
        self.found: dict[DatasetSpec, DatasetInfo | SpecError] = {dataset: entry}
        """What looks gave."""
        self.busy = False
        self.keeping = False
        """The user wants to keep what is being looked at."""

    def body(self) -> ComposeResult:
        yield Static(id="understood-notes", markup=False)
        yield from super().body()

    def on_mount(self) -> None:
        self._show_notes(self.found[self.asked])

    def changed(self, values: dict[str, Value]) -> DatasetSpec:
        """The dataset with what the user changed; the rest is guessed anew. Raises SpecError."""
        dataset = self.asked
        for name, value in values.items():
            if value != self.told[name]:
                dataset = dataset.with_value(name, value)
        return dataset

    def _outcome(self, values: dict[str, Value]) -> tuple[str, bool]:
        try:
            dataset = self.changed(values)
        except SpecError as problem:
            return f"✗ {problem}", False
        found = self.found.get(dataset)
        if found is None:
            self._start(dataset)
            return "looking…", False
        if isinstance(found, SpecError):
            return f"✗ {printable(str(found))}", False
        facts = found.facts
        classes = f" · {plural(len(facts.classes), 'class', 'classes')}" if facts.classes else ""
        counts = f"{count(facts.train)} train · {count(facts.test)} test"
        return f"→ {facts.task}{classes} · {sample_words(facts)} · {counts}", True

    def _start(self, dataset: DatasetSpec) -> None:
        if not self.busy:
            self.busy = True
            self._look(dataset)

    @work(thread=True, group="understood")
    def _look(self, dataset: DatasetSpec) -> None:
        found: DatasetInfo | SpecError
        try:
            found = loader.describe(dataset)
        except SpecError as problem:
            found = problem
        except OSError as error:
            found = SpecError(f"It can't be read ({error.strerror or error}).")
        self.app.call_from_thread(self._take, dataset, found)

    def _take(self, dataset: DatasetSpec, found: DatasetInfo | SpecError) -> None:
        self.busy = False
        self.found[dataset] = found
        if not self.is_attached:
            return
        self._show_notes(found)
        self._guess(dataset, found)
        self._check()  # which starts the next look, where more was typed meanwhile
        if self.keeping and not self.busy:
            self.action_keep()

    def _guess(self, dataset: DatasetSpec, found: DatasetInfo | SpecError) -> None:
        """A change may have led to other guesses: they go into the fields that the user left alone."""
        values, problems = self._read()
        if isinstance(found, SpecError) or found.dataset is None or problems:
            return
        if self.changed(values) != dataset:
            return  # changed again meanwhile
        for name, told in list(self.told.items()):
            guessed = getattr(found.dataset, name)
            if values[name] == told and guessed != told:
                self.told[name] = guessed
                self.query_one(f"#form-{name}", Input).value = self.options[name].show(guessed)
                self.found[self.changed(self._read()[0])] = found

    def _show_notes(self, found: DatasetInfo | SpecError) -> None:
        if isinstance(found, SpecError):
            return
        text = Text()
        for note in found.notes:
            text.append(f"· {printable(note)}\n")
        for finding in found.facts.findings:
            text.append_text(finding_text(finding, self.app.theme_variables, full=False))
        text.rstrip()
        self.query_one("#understood-notes", Static).update(text)

    def action_keep(self) -> None:
        """Only what was looked at and can be used."""
        values, problems = self._read()
        if problems:
            super().action_keep()
            return
        try:
            found = self.found.get(self.changed(values))
        except SpecError:
            return
        self.keeping = found is None
        if isinstance(found, DatasetInfo):
            self.dismiss(values)

    def kept(self, values: dict[str, Any]) -> tuple[DatasetSpec, DatasetSpec]:
        """The dataset with what the user changed; and the same with everything that was guessed written in."""
        dataset = self.changed(values)
        found = self.found[dataset]
        return dataset, (isinstance(found, DatasetInfo) and found.dataset) or dataset
