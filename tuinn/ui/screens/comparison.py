"""Runs side by side as a table: results first, then what was different."""

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from tuinn.ui.follower import Follower
from tuinn.ui.screens.dialogue import Dialogue
from tuinn.view.compare import Row, differences, results
from tuinn.view.words import printable

NAME = 22


class Comparison(Dialogue[None]):
    """Two runs or more; scrolls with the arrow keys."""

    heading = "Compare"
    BINDINGS = [Binding("C,q", "dismiss(None)", show=False)]

    def __init__(self, runs: Sequence[Follower]) -> None:
        super().__init__()
        self.runs = runs

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="help-scroll"):
            yield Static(id="comparison", markup=False)
        yield Static("↑↓ scrolls · Esc goes back", classes="dialogue-keys", markup=False)

    def on_resize(self) -> None:
        width = max((min(self.app.size.width, 160) - 8 - NAME) // len(self.runs) - 1, 8)
        self.query_one(".dialogue-box").styles.width = NAME + (width + 1) * len(self.runs) + 6
        names = tuple(printable(run.folder.name) for run in self.runs)
        lines = [_line(Row("", tuple(_ended(name, width) for name in names)), width, "bold")]
        lines += [_line(row, width) for row in results([run.view for run in self.runs])]
        lines.append(Text())
        unlike = differences([run.spec for run in self.runs])
        lines += [_line(row, width) for row in unlike] or [Text("Their specs are the same.", style="dim")]
        self.query_one("#comparison", Static).update(Text("\n", no_wrap=True).join(lines))


def _line(row: Row, width: int, style: str = "") -> Text:
    text = Text(style=style)
    text.append(f"{_cut(row.name, NAME):<{NAME}}", style="dim")
    for value in row.values:
        text.append(f" {_cut(printable(value), width):>{width}}")
    return text


def _cut(word: str, width: int) -> str:
    return word if len(word) <= width else word[: width - 1] + "…"


def _ended(name: str, width: int) -> str:
    """The end of a run's name tells it from the others."""
    return name if len(name) <= width else "…" + name[-(width - 1) :]
