"""The ready networks, each as it would be on the dataset in hand."""

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from tuinn.spec import presets
from tuinn.spec.run import RunSpec
from tuinn.ui.draft import Draft
from tuinn.ui.screens.dialogue import Dialogue
from tuinn.ui.widgets.rows import Rows
from tuinn.view.words import count, printable


class PresetList(Dialogue[RunSpec]):
    """Answers the draft with the network taken, fitted to its dataset."""

    heading = "Take a ready network"

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self.names = tuple(presets.PRESETS)
        self.made: dict[str, RunSpec] = {}

    def body(self) -> ComposeResult:
        yield Rows(id="presets-list")
        yield Static(id="presets-more", markup=False)
        yield Static("Enter takes it, u takes it back · Esc goes back", classes="dialogue-keys", markup=False)

    def on_mount(self) -> None:
        rows = self.query_one(Rows)
        rows.show(len(self.names), self._line, 0)
        rows.focus()
        self._tell()

    def _line(self, at: int, width: int) -> Text:
        name = self.names[at]
        return Text.assemble((f"{name:<24}", "bold"), presets.about(name), no_wrap=True)

    def made_for_here(self, name: str) -> RunSpec:
        """The preset with head and input fitted to the draft's dataset."""
        if name not in self.made:
            own = presets.PRESETS[name]()
            lost = self.draft.is_lost  # then it comes with the data it was made for
            self.made[name] = own if lost else presets.make(name, self.draft.spec.dataset, self.draft.facts)
        return self.made[name]

    @on(Rows.Moved)
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._tell()

    def _tell(self) -> None:
        name = self.names[self.query_one(Rows).at]
        draft = self.draft.heir(self.made_for_here(name))
        kinds = ", ".join(f"{layer.kind} {layer.words()}".strip() for layer in draft.spec.model.layers)
        here = printable(draft.entry.title)
        text = Text.assemble(
            f"{presets.about(name)}\n", (f"On {here}: {count(draft.summary.total)} parameters\n", "bold")
        )
        text.append(printable(kinds), style="dim")
        self.query_one("#presets-more", Static).update(text)

    @on(Rows.Chosen)
    def _chosen(self, event: Rows.Chosen) -> None:
        event.stop()
        self.dismiss(self.made_for_here(self.names[event.at]))
