"""A picture of the user's own on its way to the network: every step as a thumbnail, beside a training sample like it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Grid, Vertical
from textual.widgets import Static

from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.training.outputs import Outputs, class_probabilities, numbers_words
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import AnswersOnce
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.controls import KeyFooter
from tuinn.ui.widgets.picture import Picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.float32]

MOST = 7
"""Thumbnails: up to six steps, and the training sample."""

LIKELIEST = 4
"""Classes that are told."""


@dataclass(frozen=True)
class Thumbnail:
    """One step."""

    title: str
    pixels: "Pixels"
    """In 0..1, height × width (× 3)."""
    switch: str = ""
    """What switches it; empty: nothing does."""
    is_on: bool = True


@dataclass(frozen=True)
class PictureFindings:
    """What the network says of it."""

    outputs: Outputs
    unlike: str
    """In what it is unlike the training data; empty where it isn't."""
    nearest: "Pixels | None"
    """A training sample of the predicted class, in 0..1."""


Ask = Callable[[tuple[str, ...]], None]
"""Has the picture prepared and predicted with these steps the other way round; the answers come to `show_…`."""


class OwnPictureScreen(AnswersOnce[None]):
    """Shows the steps, switches them, and says what comes of it."""

    CSS_PATH = "own_picture.tcss"
    BINDINGS = bindings_for("own_picture")

    def __init__(self, title: str, facts: DataFacts, ask: Ask) -> None:
        super().__init__()
        self.heading, self.facts, self.ask = title, facts, ask
        self.switched: tuple[str, ...] = ()
        self.thumbnails: Sequence[Thumbnail] = ()
        self.findings: PictureFindings | None = None
        self.problem = ""

    def compose(self) -> ComposeResult:
        yield Static("", id="own-head", markup=False)
        with Grid(id="own-steps"):
            for at in range(MOST):
                with Vertical(classes="own-step", id=f"own-step-{at}"):
                    yield Static("", classes="own-title", markup=False)
                    yield Picture()
        yield Static("", id="own-words", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.ask(self.switched)
        self._draw()

    # ---------------------------------------------------------------------------------------------- answers

    def show_steps(self, switched: tuple[str, ...], thumbnails: Sequence[Thumbnail]) -> None:
        """The steps, unless others were asked for meanwhile."""
        if switched == self.switched:
            self.thumbnails = thumbnails[: MOST - 1]
            self._draw()

    def show_findings(self, switched: tuple[str, ...], findings: PictureFindings | str) -> None:
        """What the network says, or why it can't."""
        if switched != self.switched:
            return
        if isinstance(findings, str):
            self.findings, self.problem = None, findings
        else:
            self.findings, self.problem = findings, ""
        self._draw()

    # ---------------------------------------------------------------------------------------------- drawing

    def _draw(self) -> None:
        if not self.is_mounted or not self.query("#own-head"):
            return
        self.query_one("#own-head", Static).update(self._head())
        shown = [*self.thumbnails]
        nearest = self.findings.nearest if self.findings else None
        if nearest is not None and shown:
            shown.append(Thumbnail("a training sample", nearest))
        for at in range(MOST):
            cell = self.query_one(f"#own-step-{at}")
            cell.set_class(at >= len(shown), "-empty")
            if at < len(shown):
                cell.query_one(".own-title", Static).update(self._title(at, shown[at]))
                # What is drawn into a widget that has no place yet is lost. As it is, in the light theme, too: what is
                # inverted must look so.
                self.call_after_refresh(cell.query_one(Picture).show, shown[at].pixels)
        self.query_one("#own-words", Static).update(self._words())

    def _head(self) -> Text:
        text = Text(printable(self.heading), style="bold")
        return text.append(f" · {self._answer()}", style="none")

    def _answer(self) -> str:
        if self.problem:
            return "no prediction"
        if self.findings is None:
            return "waiting for the network…"
        outputs = self.findings.outputs
        if self.facts.task is Task.REGRESSION:
            return numbers_words(outputs, self.facts)
        shares = [
            (share, name)
            for share, name in zip(class_probabilities(outputs, self.facts), self.facts.classes, strict=True)
            if share is not None
        ]
        best = sorted(shares, reverse=True)[:LIKELIEST]
        return " · ".join(f"{printable(name)} {100 * share:.1f} %" for share, name in best) or "not finite"

    def _title(self, at: int, thumbnail: Thumbnail) -> Text:
        if at >= len(self.thumbnails):
            return Text(thumbnail.title, style="italic", no_wrap=True)
        sign = ("✓" if thumbnail.is_on else "✗") if thumbnail.switch else " "
        style = "" if thumbnail.is_on else "dim"
        return Text(f"{at + 1} {sign} {printable(thumbnail.title)}", style=style, no_wrap=True)

    def _words(self) -> Text:
        if self.problem:
            return Text(f"! {printable(self.problem)}", style=self.app.theme_variables["error"])
        if self.findings is not None and self.findings.unlike:
            return Text(f"! {self.findings.unlike}", style=self.app.theme_variables["warning"])
        if self.switched:
            return Text("A step is switched: this is not how the training data were prepared.", style="dim")
        if self.findings is None:
            return Text("")
        return Text("Prepared as the training data were; it looks like them.", style="dim")

    # ---------------------------------------------------------------------------------------------- actions

    def action_switch(self, number: int) -> None:
        """Switch the step of this number, from 1; 0: all as they are by themselves."""
        if number == 0:
            changed: tuple[str, ...] = ()
        elif number > len(self.thumbnails):
            return
        elif not (name := self.thumbnails[number - 1].switch):
            self.notify("This step can't be left out.", markup=False)
            return
        else:
            others = tuple(one for one in self.switched if one != name)
            changed = others if name in self.switched else (*others, name)
        if changed != self.switched:
            self.switched, self.findings, self.problem = changed, None, ""
            self.ask(self.switched)
            self._draw()

    def action_mode(self) -> None:
        """Characters instead of half blocks, or back."""
        for picture in self.query(Picture):
            picture.ascii = not picture.ascii

    def action_back(self) -> None:
        self.dismiss(None)
