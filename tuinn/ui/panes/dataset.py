"""Pick a dataset; see what it is and a few of its samples before anything is trained on it."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text
from textual import on, work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tuinn.data.catalogue import entries, find, load
from tuinn.data.entry import Entry
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.layers import by_text
from tuinn.spec.problem import SpecProblem
from tuinn.ui.draft import Draft
from tuinn.ui.keys import bindings_for
from tuinn.ui.widgets.samples import Samples
from tuinn.view.words import count, printable

if TYPE_CHECKING:
    from tuinn.data.preview import Preview


LIST_WIDTH = 20


class DatasetPane(Vertical):
    """The catalogue. What is under the cursor is shown; Enter trains on it."""

    BINDINGS = bindings_for("dataset")
    draft: reactive[Draft | None] = reactive(None, init=False)

    @dataclass
    class Picked(Message):
        """The user wants to train on this dataset."""

        dataset: DatasetSpec

    def compose(self) -> ComposeResult:
        with Horizontal(id="dataset-top"):
            yield OptionList(id="dataset-list")
            with VerticalScroll(id="dataset-facts-scroll", can_focus=False):
                yield Static(id="dataset-facts", markup=False)
        yield Samples(id="dataset-samples")

    def on_mount(self) -> None:
        self.border_title = "1 Dataset"
        self.shown = ""
        """The dataset whose facts stand in the pane."""

    def watch_draft(self, draft: Draft | None) -> None:
        if draft is None:
            return
        options = self.query_one(OptionList)
        keep = options.highlighted if self.shown else None
        options.clear_options()
        options.add_options(Option(_line(entry, draft), id=entry.name) for entry in entries())
        names = [entry.name for entry in entries()]
        used = draft.spec.dataset.name
        options.highlighted = keep if keep is not None else names.index(used) if used in names else 0

    @on(OptionList.OptionHighlighted)
    def _look(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        name = event.option_id or ""
        if name and name != self.shown:
            self.shown = name
            self._show_facts(find(name), None)
            self._read(name)

    @on(OptionList.OptionSelected)
    def _pick(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.action_pick()

    def action_pick(self) -> None:
        if self.shown:
            self.post_message(self.Picked(DatasetSpec(self.shown)))

    @work(thread=True, exclusive=True, group="dataset")
    def _read(self, name: str) -> None:
        from tuinn.data.preview import preview

        try:
            arrays, seen = load(name), preview(name)
        except SpecProblem as problem:
            self.app.call_from_thread(self._show_problem, name, problem)
            return
        images = arrays.x_train[list(seen.samples)] if find(name).facts.is_image else None
        self.app.call_from_thread(self._show_preview, name, seen, images)

    def _show_problem(self, name: str, problem: SpecProblem) -> None:
        if name == self.shown:
            self.query_one("#dataset-facts", Static).update(Text(printable(str(problem)), style="red"))
            self.query_one(Samples).clear()

    def _show_preview(self, name: str, seen: "Preview", images: object) -> None:
        if name != self.shown:
            return
        entry = find(name)
        self._show_facts(entry, seen)
        if images is not None:
            self.query_one(Samples).show_images(images, entry.facts)
        else:
            self.query_one(Samples).show_columns(seen)

    def _show_facts(self, entry: Entry, seen: "Preview | None") -> None:
        self.query_one("#dataset-facts", Static).update(_facts(entry, seen))


def _line(entry: Entry, draft: Draft) -> Text:
    used = entry.name == draft.spec.dataset.name
    text = Text(("● " if used else "  ") + entry.title, style="bold" if used else "", no_wrap=True)
    text.truncate(LIST_WIDTH, overflow="ellipsis")
    return text


def _facts(entry: Entry, seen: "Preview | None") -> Text:
    facts = entry.facts
    text = Text()
    text.append(f"{facts.task}\n", style="bold")
    text.append(f"{by_text(facts.shape)} {facts.dtype}, {facts.low:g} to {facts.high:g}\n")
    text.append(f"{count(facts.train)} train · {count(facts.test)} test\n")
    if facts.classes:
        counts = seen.counts if seen else ()
        same = Counter(counts).most_common(1)[0] if counts else (0, 0)
        if same[1] == len(facts.classes):
            text.append(f"{len(facts.classes)} classes, {count(same[0])} each: ")
            text.append(", ".join(facts.classes), style="dim")
        else:
            text.append(f"{len(facts.classes)} classes: ")
            named = [
                f"{name} {counts[index] if counts else ''}".strip()
                for index, name in enumerate(facts.classes)
            ]
            text.append(", ".join(named), style="dim")
    elif seen and seen.target:
        text.append(f"target {seen.target.low:g} to {seen.target.high:g}, mean {seen.target.mean:.1f}")
    text.append(f"\n{entry.about}", style="italic")
    text.append(f"\nlicence {entry.licence}", style="dim")
    return text
