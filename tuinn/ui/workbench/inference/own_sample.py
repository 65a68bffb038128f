"""Samples of the user's own to predict: a path or a text in a line, a row in a form, and those that were asked about before."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option as Line

from tuinn.atomic_io import read_stored, write_whole
from tuinn.data.paths import parse_path
from tuinn.data.tables.csv_header import MISSING_VALUES
from tuinn.data.tables.preprocess import columns_of, parse_number
from tuinn.errors import SpecError
from tuinn.runs.folder import home
from tuinn.spec.dataset import Column, DataFacts
from tuinn.spec.options import Choice, Option, Value
from tuinn.text import join_names, printable, shorten
from tuinn.ui.dialogs.dialog import Choose, Dialog
from tuinn.ui.dialogs.form import Form
from tuinn.ui.widgets.controls import Options, PathField, TextField

Row = dict[str, str]

ARRAY_NAME = re.compile(r"\.np[yz](\s*\[\d+\])?$", re.IGNORECASE)
"""How a line ends that names an array, or a sample of one."""

KEPT = 20
"""Samples of a kind that are remembered, the last ones."""

OPEN_COLUMNS = 40
"""Columns of a form before its fold."""

MOST_WORDS = 200
"""Of a category, up to which it is chosen from a list."""

NO_WORD = "–"
"""Of a category: a gap, or a word that was not in the training data."""


@dataclass(frozen=True)
class RememberedSamples:
    """`$TUINN_HOME/asked.json`: what was asked about, by kind, the last first. A file that can't be read counts as empty."""

    kind: str
    """`pictures`, `texts` or `rows`."""

    def all(self) -> list[str]:
        """Paths, texts, or rows as JSON objects."""
        return [one for one in self._read().get(self.kind, []) if isinstance(one, str)]

    def rows(self, columns: Sequence[Column]) -> list[Row]:
        """The rows of tables with these very columns."""
        names = [column.name for column in columns]
        found = []
        for text in self.all():
            try:
                row = json.loads(text)
            except (ValueError, RecursionError):
                continue
            if (
                isinstance(row, dict)
                and [*row] == names
                and all(isinstance(cell, str) for cell in row.values())
            ):
                found.append(row)
        return found

    def remember(self, sample: str | Row) -> None:
        """Put it first. A file that can't be written is ignored: nothing is lost but a shortcut."""
        text = sample if isinstance(sample, str) else json.dumps(sample)
        stored = self._read()
        stored[self.kind] = [text, *(one for one in self.all() if one != text)][:KEPT]
        file = home() / "asked.json"
        try:
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(file, (json.dumps(stored, indent=1) + "\n").encode(), durable=False)
        except OSError:
            return

    def _read(self) -> dict[str, list[str]]:
        try:
            stored = json.loads(read_stored(home() / "asked.json"))
        except (OSError, ValueError, RecursionError):
            return {}
        kinds = stored if isinstance(stored, dict) else {}
        return {kind: found for kind, found in kinds.items() if isinstance(found, list)}


def check_picture(text: str) -> str:
    """The absolute path of a file. Raises SpecError where there is none."""
    try:
        path = parse_path(text)
        if path.is_file():
            return str(path.resolve())
    except (OSError, ValueError) as error:
        raise SpecError(str(error)) from None
    raise SpecError(f"There is no file {path}.")


def check_array(text: str) -> str:
    """The absolute path of an array, with the place of the sample where it is given: `x.npy[3]`. Raises SpecError."""
    from tuinn.data.arrays.preprocess import array_reference

    found = array_reference(text.strip().strip("'\""))
    if found is None:
        raise SpecError("Give an .npy or .npz file of samples; x.npy[3] is its sample 3, counted from 0.")
    path, at = found
    return f"{check_picture(str(path))}[{at}]"


def check_picture_or_array(text: str) -> str:
    """As `check_array` for arrays, `check_picture` for all else. Raises SpecError."""
    return check_array(text) if ARRAY_NAME.search(text.strip().strip("'\"")) else check_picture(text)


def check_text(text: str) -> str:
    """A text with something in it. Raises SpecError."""
    if not text.strip():
        raise SpecError("Type a text, such as a sentence.")
    return text.strip()


class OneLineField(TextField):
    """Lines that are pasted become one."""

    def _on_paste(self, event: events.Paste) -> None:
        self.insert_text_at_cursor(" ".join(event.text.split()))
        event.stop()
        event.prevent_default()


class OwnLine(Dialog[str]):
    """Answers a line that `check` accepts: typed, or one of the earlier ones, which stand below."""

    BINDINGS = [Binding("down", "earlier", show=False)]

    def __init__(
        self,
        heading: str,
        hint: str,
        earlier: Sequence[str],
        check: Callable[[str], str],
        is_path: bool = False,
    ) -> None:
        super().__init__()
        self.heading, self.hint, self.earlier, self.check = heading, hint, tuple(earlier), check
        self.is_path = is_path

    def body(self) -> ComposeResult:
        yield (PathField if self.is_path else OneLineField)(placeholder=self.hint, id="path-input")
        yield Static("", id="path-names", markup=False)
        yield Static("", id="path-problem", markup=False)
        if self.earlier:
            yield Options(
                *(Line(Text(printable(shorten(one, 70)))) for one in self.earlier), classes="dialog-list"
            )
        completes, recalls = "Tab completes · " * self.is_path, "↓ earlier ones · " * bool(self.earlier)
        yield Static(
            f"Enter predicts · {completes}{recalls}Esc goes back", classes="dialog-keys", markup=False
        )

    def on_mount(self) -> None:
        self.query_one("#path-names").display = False
        for recalled in self.query(Options):
            recalled.highlighted = None
        self.query_one(Input).focus()

    def action_earlier(self) -> None:
        """Go to the list of earlier ones."""
        for recalled in self.query(Options):
            recalled.focus()
            recalled.highlighted = 0

    @on(PathField.Completed)
    def _completed(self, event: PathField.Completed) -> None:
        names = self.query_one("#path-names", Static)
        names.display = bool(event.words)
        names.update(Text(event.words, style="dim"))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._take(event.value)

    @on(OptionList.OptionSelected)
    def _recalled(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._take(self.earlier[event.option_index])

    def _take(self, text: str) -> None:
        try:
            self.dismiss(self.check(text))
        except SpecError as problem:
            self.query_one("#path-problem", Static).update(printable(str(problem)))


NUMBER = Column("", "number")


@dataclass(frozen=True)
class Cell(Option):
    """What stands in one column of a row: a number as it would stand in a CSV, or a word."""

    column: Column = NUMBER
    optional: bool = False
    """A gap is allowed."""

    @property
    def allowed(self) -> str:
        if self.column.kind == "category":
            return "a word; one that the training data lack counts as any other"
        return "a number" + "; nothing counts as the mean of the training data" * self.optional

    def check(self, value: object) -> str:
        text = str(value).strip()
        if self.column.kind == "category" or (self.optional and text in MISSING_VALUES):
            return text
        try:
            parse_number(text, self.name)
        except SpecError:
            raise self.refuse(text) from None
        return text

    def parse(self, text: str) -> str:
        return self.check(text)


def cells_of(facts: DataFacts, example: Row, row: Row | None = None) -> list[Option]:
    """The options of a form, one per column and called c0, c1, …: names of columns may be anything.

    They hold the values of `row`, else of `example`, which the help names.
    """
    row = example if row is None else row
    options: list[Option] = []
    for at, column in enumerate(columns_of(facts)):
        if is_listed(column):
            words = f"{printable(column.name)}: a word of the training data; {NO_WORD} is a gap or any other"
            given = row.get(column.name, "")
            value = given if given in column.vocabulary else NO_WORD
            options.append(Choice(f"c{at}", value, words, choices=(*column.vocabulary, NO_WORD)))
        else:
            such = f", such as {example[column.name]}" if example.get(column.name) else ""
            words = f"{printable(column.name)}{such}"
            cell = Cell(
                f"c{at}", row.get(column.name, ""), words, column=column, optional=bool(facts.columns)
            )
            options.append(cell)
    return options


def is_listed(column: Column) -> bool:
    """Whether the words of a category are chosen from a list: few, and different however they are typed."""
    words = {word.strip().lower() for word in column.vocabulary} - {NO_WORD}
    return column.kind == "category" and 0 < len(words) == len(column.vocabulary) <= MOST_WORDS


class OwnRow(Form):
    """A form with a line per column, filled in with the row that was asked about last, or with the test sample shown.

    Answers the values by the names of the options; `own_row` makes a row of them.
    """

    keeps = "predicts"
    BINDINGS = [Binding("f4", "earlier", "Earlier")]

    def __init__(self, facts: DataFacts, example: Row, earlier: Sequence[Row]) -> None:
        self.columns = columns_of(facts)
        self.earlier = tuple(earlier)
        options = cells_of(facts, example, self.earlier[0] if earlier else None)
        folded = [option.name for option in options[OPEN_COLUMNS:]]
        super().__init__("Predict a row of your own", options, {}, folded=folded)

    def label_of(self, option: Option) -> str:
        return printable(shorten(self.columns[int(option.name[1:])].name, 24))

    def own_row(self, values: dict[str, Value]) -> Row:
        """The row behind the form's answer."""
        words = (str(values[f"c{at}"]) for at in range(len(self.columns)))
        pairs = zip(self.columns, words, strict=True)
        return {column.name: "" if word == NO_WORD else word for column, word in pairs}

    def problem_words(self, problem: SpecError) -> str:
        return f"{printable(self.columns[int(problem.path[1:])].name)}: {problem.message}"

    def _keys(self) -> str:
        return super()._keys() + " · F4 earlier rows" * bool(self.earlier)

    def action_earlier(self) -> None:
        """Choose one of the rows that were asked about before."""
        if not self.earlier:
            return
        lines = [
            (str(at), Text(printable(shorten(", ".join(row.values()), 70))))
            for at, row in enumerate(self.earlier)
        ]
        words = printable(join_names([column.name for column in self.columns], 8))
        self.app.push_screen(Choose("Earlier rows", lines, words), self._recall)

    def _recall(self, chosen: str | None) -> None:
        if chosen is None:
            return
        row = self.earlier[int(chosen)]
        for at, column in enumerate(self.columns):
            word = row[column.name]
            known = self.options[f"c{at}"]
            text = (word if word in known.choices else NO_WORD) if isinstance(known, Choice) else word
            self.texts[known.name] = text
            for field in self.query(f"#form-{known.name}").results(Input):
                field.value = text
