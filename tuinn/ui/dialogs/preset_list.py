"""The preset networks, each as it would be on the draft's dataset."""

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from tuinn.spec.presets import catalog
from tuinn.spec.run import RunSpec
from tuinn.text import format_count, printable
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.draft import Draft, entry_of


class PresetList(Dialog[str]):
    """Answers the name of the preset."""

    heading = "Choose a preset network"

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self.names = tuple(catalog.PRESETS)
        self.made: dict[str, RunSpec] = {}

    def body(self) -> ComposeResult:
        yield VirtualList(id="presets-list")
        yield Static(id="presets-more", markup=False)
        yield Static("Enter takes it, u takes it back · Esc goes back", classes="dialog-keys", markup=False)

    def on_mount(self) -> None:
        rows = self.query_one(VirtualList)
        rows.show(len(self.names), self._line, 0)
        rows.focus()
        self._show_details()

    def _line(self, at: int, width: int) -> Text:
        name = self.names[at]
        return Text.assemble((f"{name:<24}", "bold"), catalog.describe_preset(name), no_wrap=True)

    def adapted(self, name: str) -> RunSpec:
        """The preset with head and input fitted to the draft's dataset."""
        if name not in self.made:
            self.made[name] = adapted_preset(self.draft, name)
        return self.made[name]

    @on(VirtualList.Moved)
    def _moved(self, event: VirtualList.Moved) -> None:
        event.stop()
        self._show_details()

    def _show_details(self) -> None:
        name = self.names[self.query_one(VirtualList).at]
        draft = self.draft.heir(self.adapted(name))
        kinds = ", ".join(
            f"{layer.type_name} {layer.options_text()}".strip() for layer in draft.spec.model.layers
        )
        here = printable(draft.entry.title)
        own = entry_of(catalog.PRESETS[name]().dataset).title
        made_for = "" if own == draft.entry.title else f"Made for {own}. "
        text = Text.assemble(
            f"{catalog.describe_preset(name)}\n",
            (f"{made_for}On {here}: {format_count(draft.summary.total)} parameters\n", "bold"),
        )
        text.append(printable(kinds), style="dim")
        self.query_one("#presets-more", Static).update(text)

    @on(VirtualList.Chosen)
    def _chosen(self, event: VirtualList.Chosen) -> None:
        event.stop()
        self.dismiss(self.names[event.at])


def adapted_preset(draft: Draft, name: str) -> RunSpec:
    """The preset with head and input fitted to the draft's dataset; where that is lost, with its own dataset."""
    if draft.is_lost:
        return catalog.PRESETS[name]()
    return catalog.make_preset(name, draft.spec.dataset, draft.facts)
