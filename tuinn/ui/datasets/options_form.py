"""A form with what was detected in the user's own data, to correct before training."""

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
from tuinn.text import format_count, plural, printable
from tuinn.ui.datasets.facts_text import data_problem, finding_text, sample_words
from tuinn.ui.dialogs.form import Form

ALWAYS = ("validation", "test", "kind", "task", "labels")
BY_KIND = {
    "images": (
        *("image_size", "color_mode", "pad_to_aspect_ratio", "unreadable"),
        *("label_source", "target"),
    ),
    "table": ("target", "ignore", "split", "window", "horizon", "header", "separator", "none"),
    "text": ("target", "header", "separator"),
    "arrays": (),
}


def options_for(dataset: DatasetSpec) -> list[Option]:
    """The options that apply to these data."""
    if dataset.name:
        words = ("num_words", "maxlen") if find(dataset.name).facts.words else ()
        names: tuple[str, ...] = ("validation", *words, "labels")
    else:
        own = BY_KIND.get(dataset.kind, ())
        if dataset.kind == "text" and not dataset.target:
            own = ()  # a folder has no columns
        names = (*own, *ALWAYS)
    table = {option.name: option for option in DATASET_OPTIONS}
    return [table[name] for name in names]


MOST_NOTES, FEW_NOTES = 8, 3
"""Lines of notes on a tall screen, and on one of 24 rows, where the fields and the keys need the rest."""


def first_lines(text: Text, most: int) -> Text:
    """So many lines; the last one says how many there are besides, and where."""
    lines = text.split("\n")
    if len(lines) <= most:
        return text
    more = Text(
        f"and {len(lines) - most + 1} more: v in the list of datasets, then 4, shows all", style="dim"
    )
    return Text("\n").join([*lines[: most - 1], more])


class DatasetOptionsForm(Form):
    """Answers the values. Every change is checked against the data in a thread, one check at a time."""

    def __init__(self, dataset: DatasetSpec, info: DatasetInfo) -> None:
        decided = info.dataset or dataset
        options = options_for(decided)
        self.original = dataset
        """The dataset without guesses."""
        self.defaults = {option.name: getattr(decided, option.name) for option in options}
        """Values of the fields that the user has not changed: given or guessed."""
        super().__init__(
            f"{decided.label}: {'detected ' if dataset.path else ''}settings",
            options,
            self.defaults,
            self._outcome,
        )
        self.found: dict[DatasetSpec, DatasetInfo | SpecError] = {dataset: info}
        """The result of each check."""
        self.noted: DatasetInfo | SpecError = info
        """What the notes above the fields are about."""
        self.busy = False
        self.keep_when_checked = False
        """Enter was pressed while the values are being checked."""

    def body(self) -> ComposeResult:
        yield Static(id="options-notes", markup=False)
        yield from super().body()

    def on_mount(self) -> None:
        self._show_notes(self.found[self.original])

    def on_resize(self) -> None:
        super().on_resize()
        self._show_notes(self.noted)

    def changed(self, values: dict[str, Value]) -> DatasetSpec:
        """The dataset with the user's changes; the rest is guessed anew. Raises SpecError."""
        dataset = self.original
        for name, value in values.items():
            if value != self.defaults[name]:
                dataset = dataset.with_value(name, value)
        return dataset

    def _outcome(self, values: dict[str, Value]) -> tuple[str, bool]:
        try:
            dataset = self.changed(values)
        except SpecError as problem:
            return f"✗ {data_problem(problem)}", False
        found = self.found.get(dataset)
        if found is None:
            self._start(dataset)
            return "checking…", False
        if isinstance(found, SpecError):
            return f"✗ {data_problem(found)}", False
        facts = found.facts
        classes = f" · {plural(len(facts.classes), 'class', 'classes')}" if facts.classes else ""
        counts = f"{format_count(facts.train)} train · {format_count(facts.test)} test"
        return f"→ {facts.task}{classes} · {sample_words(facts)} · {counts}", True

    def _start(self, dataset: DatasetSpec) -> None:
        if not self.busy:
            self.busy = True
            self._describe(dataset)

    @work(thread=True, group="options-check")
    def _describe(self, dataset: DatasetSpec) -> None:
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
        self._check()  # starts the next check if more was typed meanwhile
        if self.keep_when_checked and not self.busy:
            self.action_keep()

    def _guess(self, dataset: DatasetSpec, found: DatasetInfo | SpecError) -> None:
        """Write new guesses into the fields that the user has not changed."""
        values, problems = self._read()
        if isinstance(found, SpecError) or found.dataset is None or problems:
            return
        if self.changed(values) != dataset:
            return  # changed again meanwhile
        for name, default in list(self.defaults.items()):
            guessed = getattr(found.dataset, name)
            if values[name] == default and guessed != default:
                self.defaults[name] = guessed
                self.query_one(f"#form-{name}", Input).value = self.options[name].show(guessed)
                self.found[self.changed(self._read()[0])] = found

    def _show_notes(self, found: DatasetInfo | SpecError) -> None:
        if isinstance(found, SpecError):
            return
        self.noted = found
        text = Text()
        for note in found.notes:
            text.append(f"· {printable(note)}\n")
        for finding in found.facts.findings:
            text.append_text(finding_text(finding, self.app.theme_variables, full=False))
        text.rstrip()
        text = first_lines(text, MOST_NOTES if self.has_class("-tall") else FEW_NOTES)
        notes = self.query_one("#options-notes", Static)
        notes.display = bool(text)
        notes.update(text)

    def action_keep(self) -> None:
        """Keep only values that were checked and can be used."""
        values, problems = self._read()
        if problems:
            super().action_keep()
            return
        try:
            found = self.found.get(self.changed(values))
        except SpecError:
            return
        self.keep_when_checked = found is None
        if isinstance(found, DatasetInfo):
            self.dismiss(values)

    def kept(self, values: dict[str, Value]) -> tuple[DatasetSpec, DatasetSpec]:
        """The dataset with the user's changes; and the same with all guesses written in."""
        dataset = self.changed(values)
        found = self.found[dataset]
        return dataset, (isinstance(found, DatasetInfo) and found.dataset) or dataset
