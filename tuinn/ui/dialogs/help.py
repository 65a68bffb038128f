"""Help: every key of the place one is in, and what F1 says in a form: all there is to know of the field."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Input, Static

from tuinn.spec.layers.layer_type import LayerType
from tuinn.spec.options import REQUIRED, Option
from tuinn.spec.training.output_layer import OUTPUT_LAYERS
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.dialogs.glossary import WORDS
from tuinn.ui.dialogs.layer_picker import layer_words
from tuinn.ui.dialogs.pick_list import picks_of
from tuinn.ui.keys.table import TABLE, TITLES, printed
from tuinn.ui.widgets.chart_drawing import MARKERS
from tuinn.ui.widgets.controls import TextField
from tuinn.ui.widgets.virtual_list import VirtualList

SIGNS = (
    ("●", "what trains: a run, a trial, a draft of the queue; the dataset in use; what is chosen in a list"),
    ("◌", "starting, waiting or being read; a sweep that is paused; a trial that waits to be resumed"),
    ("◍", "stalled: the run does not answer"),
    ("‖", "a run that is paused"),
    ("✓", "finished; a sample that is predicted rightly; among the bars the true class"),
    ("✗", "failed or lost; predicted wrongly; what must be mended before it can be trained"),
    ("■", "stopped: what there is was saved, and it can be resumed"),
    ("!", "a warning: it works, but not as well as it could; a message that asks for attention"),
    ("?", "a run folder that can't be read"),
    ("▸", "the row under the cursor; among the bars the predicted class"),
    ("*", "a run that is marked; in a comparison and in the history the best value"),
    ("•", "a layer that is marked"),
    ("+ -", "repeats of a run, folded to one row or shown below it"),
    ("↑ ↓", "the column by which a table is sorted, and which way"),
    ("↓", "a dataset that has to be fetched: g fetches it"),
    ("–", "nothing to show; a trial that was pruned"),
    ("·", "a trial that was skipped; an empty cell of the confusion matrix; before a message"),
    ("★", "the best epoch; the best trial of a sweep"),
    ("◉", "in a chart of a regression, or a scatter: the sample that is shown"),
    ("┼", "inside the network: the place on a map whose value is worked out"),
    ("R E P T S B >", "on a curve: rate, epochs, paused, patience, stop or saved, back to the best, resumed"),
    ("✗ ┊", "in a chart: here the loss was no finite number"),
    (" ".join(MARKERS), "in a chart of several runs: which curve is whose"),
)

WORD_PARTS = (
    ("A", "B"),
    ("C", "C"),
    ("D", "E"),
    ("F", "L"),
    ("M", "O"),
    ("P", "Q"),
    ("R", "R"),
    ("S", "S"),
    ("T", "Z"),
)
"""First and last letters of the parts of the glossary."""

RUNS = (
    (
        "",
        "A run lives in a process and a folder of its own. Close the terminal: it keeps running, and the next tuinn "
        "offers to attach. Single letters work while no text field has the cursor; the F-keys and Ctrl keys always do.",
    ),
)

NAME_WIDTH = 18
"""Most cells of the keys beside their help; more are broken into lines."""

NARROWEST_COLUMN = 52
"""Cells from which on a column is readable; as many stand side by side as have room."""

GAP = 3
"""Cells between two columns."""


@dataclass(frozen=True)
class Group:
    """A heading and what stands below it."""

    title: str
    rows: tuple[tuple[str, str], ...]
    """Keys or a sign, which may be empty, and the words beside it."""

    def matching(self, words: Sequence[str]) -> "Group":
        """The group with the rows that have all of these words, in their key, their help or the heading."""
        kept = [
            (name, text)
            for name, text in self.rows
            if all(word in f"{name} {text} {self.title}".casefold() for word in words)
        ]
        return Group(self.title, tuple(kept))


def groups(first: Iterable[str] = ()) -> list[Group]:
    """All of the help; the groups of keys of these places come first."""
    places = dict.fromkeys([*(place for place in first if place in TABLE), *TITLES])
    keys = [
        Group(TITLES[place], tuple((key_names(key.keys), key.help) for key in TABLE[place]))
        for place in places
    ]
    heads = tuple((row.problem, f"{row.activations[0]}, {row.outputs}; {row.loss}") for row in OUTPUT_LAYERS)
    return [*keys, Group("Signs", SIGNS), Group("The last layer", heads), Group("Runs", RUNS), *word_groups()]


def word_groups() -> list[Group]:
    """The glossary in parts by the alphabet, so that columns side by side share it."""
    return [
        Group(f"Words, {first}–{last}", tuple(row for row in WORDS if first <= row[0][0].upper() <= last))
        for first, last in WORD_PARTS
    ]


def key_names(keys: str) -> str:
    """Textual's names, comma-separated, as they are printed on the keys."""
    return "  ".join(map(printed, keys.split(",")))


def help_lines(shown: Sequence[Group], width: int, accent: str) -> list[Text]:
    """The groups in as many columns as have room, none wider than it may be; the first group stands at the top left."""
    count = max((width + GAP) // (NARROWEST_COLUMN + GAP), 1)
    column = (width + GAP) // count - GAP
    columns: list[list[Text]] = [[] for _ in range(count)]
    for group in shown:
        shortest = min(columns, key=len)
        shortest += [*([Text()] if shortest else []), *_group_lines(group, column, accent)]
    lines = []
    for at in range(max(map(len, columns))):
        line = Text(no_wrap=True)
        for number, part in enumerate(columns):
            line.append(" " * max(number * (column + GAP) - line.cell_len, 0))
            line.append_text(part[at] if at < len(part) else Text())
        lines.append(line)
    return lines


def _group_lines(group: Group, width: int, accent: str) -> list[Text]:
    lines = [Text(group.title, style="bold")]
    longest = max(len(name) for name, _ in group.rows)
    name_width = max(min(longest, NAME_WIDTH, width - 10), 1)
    for name, words in group.rows:
        left = wrap(name, name_width) or [""]
        room = width - name_width - 4 if longest else width - 2
        right = wrap(words, max(room, 1)) or [""]
        for at in range(max(len(left), len(right))):
            line = Text("  ")
            if longest:
                line.append(f"{left[at] if at < len(left) else '':<{name_width}}  ", style=accent)
            lines.append(line.append(right[at] if at < len(right) else ""))
    return lines


class Help(Dialog[None]):
    """Scrolls as every list does. Escape ends the search, then leaves."""

    heading = "Help"
    BINDINGS = [
        Binding("slash", "search", show=False),
        Binding("escape", "back", show=False),
        Binding("question_mark,f1,q", "dismiss(None)", show=False),
    ]

    def __init__(self, *first: str) -> None:
        super().__init__()
        self.first = first
        """The places whose keys come first, by their names in the table of keys."""
        self.lines: list[Text] = []

    def body(self) -> ComposeResult:
        yield TextField(placeholder="words that the help must have", id="help-search")
        yield VirtualList(id="help-rows", cursor=False)
        yield Static("/ searches · ↑↓ scrolls · Esc goes back", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        self.query_one("#help-search").display = False
        self.query_one(VirtualList).focus()

    @on(VirtualList.Resized)
    def _show_lines(self) -> None:
        rows = self.query_one(VirtualList)
        words = self.query_one(Input).value.casefold().split()
        found = [group for one in groups(self.first) if (group := one.matching(words)).rows]
        accent = self.app.theme_variables["accent"]
        self.lines = help_lines(found, max(rows.size.width - 1, 1), accent) if found else []
        if not found:
            self.lines = [Text("Nothing here has these words. Esc ends the search.", style="dim")]
        rows.show(len(self.lines), lambda at, _width: self.lines[at])

    def action_search(self) -> None:
        field = self.query_one(Input)
        field.display = True
        field.focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(VirtualList).action_go(0)
        self._show_lines()

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(VirtualList).focus()

    def action_back(self) -> None:
        field = self.query_one(Input)
        if not field.display:
            self.dismiss(None)
            return
        field.value = ""
        field.display = False
        self.query_one(VirtualList).focus()


WORDS_ROOM = 70
"""Columns of a paragraph, at 80 columns."""

ROOM = 66
"""Columns for a word and what it stands for, at 80 columns."""


FIELD_WORDS = {
    "activation": "activation",
    "batch_size": "batch",
    "early_stopping_patience": "early stopping",
    "epochs": "epoch",
    "kernel_regularizer": "regularization",
    "learning_rate": "learning rate",
    "loss": "loss",
    "metrics": "metric",
    "momentum": "momentum",
    "optimizer": "optimizer",
    "patience": "patience",
    "seed": "seed",
    "test": "test set",
    "use_bias": "bias",
    "validation": "validation",
}
"""A setting → the word of the glossary that it is about."""

LAYER_WORDS = {
    "AveragePooling2D": "pooling",
    "BatchNormalization": "normalization",
    "Conv1D": "convolution",
    "Conv2D": "convolution",
    "Dense": "dense",
    "Dropout": "dropout",
    "Embedding": "embedding",
    "Flatten": "shape",
    "MaxPooling2D": "pooling",
    "Normalization": "normalization",
    "RandomFlip": "augmentation",
    "RandomRotation": "augmentation",
}
"""A layer type → the word of the glossary that it is about."""


def glossary_words(names: Iterable[str], accent: str, width: int = WORDS_ROOM) -> Text:
    """These words of the glossary with what they mean, a paragraph each."""
    known, text = dict(WORDS), Text()
    for name in names:
        if name in known:
            text.append(f"\n{name}\n", f"bold {accent}").append("\n".join(wrap(known[name], width)) + "\n")
    return text


class WordsHelp(Dialog[None]):
    """Words of the glossary, one below the other. Scrolls with the arrow keys."""

    heading = "Words"
    BINDINGS = [Binding("f1,q,enter", "dismiss(None)", show=False)]

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__()
        self.names = tuple(names)

    def body(self) -> ComposeResult:
        text = glossary_words(self.names, self.app.theme_variables["accent"])
        text.right_crop(1)
        with VerticalScroll(classes="help-scroll"):
            yield Static(text[1:] if text else Text("The lesson names no words."), markup=False)
        yield Static(
            "↑↓ scrolls · Esc goes back · ? and / find all words", classes="dialog-keys", markup=False
        )


class FieldHelp(Dialog[None]):
    """Scrolls with the arrow keys."""

    BINDINGS = [Binding("f1,q,enter", "dismiss(None)", show=False)]

    def __init__(self, option: Option | None, kind: LayerType | None = None) -> None:
        super().__init__()
        self.option = option
        self.kind = kind
        self.heading = option.name if option is not None else kind.name if kind is not None else ""

    def body(self) -> ComposeResult:
        accent, text = self.app.theme_variables["accent"], Text()
        if self.option is not None:
            text.append_text(field_words(self.option, accent))
        if self.kind is not None:
            text.append(f"\n{self.kind.name}\n" if text else "", style="bold")
            text.append_text(layer_words(self.kind, accent))
            if word := LAYER_WORDS.get(self.kind.name):
                text.append_text(glossary_words([word], accent))
        with VerticalScroll(classes="help-scroll"):
            yield Static(text, markup=False)
        yield Static("↑↓ scrolls · Esc goes back", classes="dialog-keys", markup=False)


def field_words(option: Option, accent: str) -> Text:
    """What it is for, its formula, its default, what it may be, and what each word stands for."""
    text = Text.assemble((f"{option.help[:1].upper()}{option.help[1:]}.\n", "bold"))
    if option.formula:
        text.append(f"\n{option.formula}\n")
    picks = picks_of(option)
    text.append("\nDefault  ", style=accent)
    text.append(
        "none: it must be given" if option.default is REQUIRED else option.show(option.default) or "nothing"
    )
    text.append("\nAllowed  ", style=accent)
    text.append(option.allowed if not any(pick.note for pick in picks) else "one of these:")
    text.append("\n")
    if any(pick.note for pick in picks):
        width = max(len(pick.value) for pick in picks)
        for pick in picks:
            text.append(f"  {pick.value:<{width}}", style=accent)
            text.append("  " + ("\n" + " " * (width + 4)).join(wrap(pick.note, ROOM - width)) + "\n")
    if word := FIELD_WORDS.get(option.name):
        text.append_text(glossary_words([word], accent))
    return text
