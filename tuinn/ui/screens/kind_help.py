"""All there is to say of a kind of layer, made from its row in the catalogue."""

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from tuinn.spec.kind import AXES, LayerKind
from tuinn.spec.options import REQUIRED, Choice, Flag, Option
from tuinn.ui.screens.dialogue import Dialogue


class KindHelp(Dialogue[None]):
    """Scrolls with the arrow keys."""

    BINDINGS = [Binding("f1,q,enter", "dismiss(None)", show=False)]

    def __init__(self, kind: LayerKind) -> None:
        super().__init__()
        self.kind = kind
        self.heading = kind.name

    def body(self) -> ComposeResult:
        with VerticalScroll(classes="help-scroll"):
            yield Static(self._words(), markup=False)
        yield Static("↑↓ scrolls · Esc goes back", classes="dialogue-keys", markup=False)

    def _words(self) -> Text:
        kind, accent = self.kind, self.app.theme_variables["accent"]
        text = Text.assemble(
            (kind.help.capitalize(), "bold"), ".\n\n", kind.formula, "\n\n", kind.use, "\n\n"
        )
        text.append(f"Takes {taken(kind)}.\n")
        everyday = [option for option in kind.options if not option.rare]
        for title, options in (
            ("Settings", everyday),
            ("Seldom changed", [option for option in kind.options if option.rare]),
        ):
            if options:
                text.append(f"\n{title}\n", style="bold")
            for option in options:
                text.append(f"  {option.name}", style=accent)
                text.append(f"  {default(option)}\n", style="dim")
                text.append(f"    {option.help}{_choices(option)}\n")
        return text


def taken(kind: LayerKind) -> str:
    """What its input must be, as it ends a sentence."""
    if kind.merges:
        return "several layers, named in from"
    if kind.reads_words:
        return "words, so it comes first"
    if kind.axes == 1:
        return "one row of values"
    return AXES.get(kind.axes, "values of any shape")


def default(option: Option) -> str:
    """What stands where nothing is given."""
    if option.default is REQUIRED:
        return "must be given"
    return option.show(option.default) or "nothing"


def _choices(option: Option) -> str:
    if isinstance(option, Choice) and len(option.choices) > 2:
        return f" ({', '.join(option.choices)})"
    return "" if isinstance(option, Flag | Choice) else f"; {option.allowed}"
