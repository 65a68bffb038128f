"""The lens: a sample on its way through the network, one unit of it written out, any checkpointed epoch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import wrap

import numpy as np
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.strip import Strip

from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.layers.numpy_formulas import numpy_formula
from tuinn.spec.training.outputs import numbers_words
from tuinn.text import format_count, printable
from tuinn.ui.dialogs.dialog import AnswersOnce
from tuinn.ui.dialogs.help import Help
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.lens.controller import WHY, LensController, Sample, View, next_test_sample
from tuinn.ui.lens.drawing import Line, Palette, number
from tuinn.ui.lens.explanation_panel import ExplanationPanel
from tuinn.ui.lens.layer_list import LayerList, shorter
from tuinn.ui.lens.unit_panel import UnitPanel, weights_lines
from tuinn.ui.widgets.cell_lines import CellLines, is_ascii_only
from tuinn.ui.widgets.controls import KeyFooter
from tuinn.ui.widgets.picture import redraw_with_theme

POLL_SECONDS = 0.03
"""Between two looks for an answer."""

REST_SECONDS = 0.3
"""How long a step must stay chosen before the worker is asked about it."""

HUES = ("curve-train", "curve-validation", *(f"curve-{number}" for number in range(2, 8)))
"""Colours of classes, in the theme."""

FAR = 8
"""Units that the page keys go."""


@dataclass(frozen=True)
class LensSubject:
    """What the lens is opened on, besides what the worker tells."""

    title: str
    """Of the data."""
    run: str
    """Name of its folder."""
    facts: DataFacts
    count: int
    """Test samples."""
    true_words: Callable[[int], str]
    """Index of a test sample → what it really is; empty where nobody knows."""
    said_words: Callable[[Sequence[float]], str]
    """What a network says with these outputs, as `true_words` would put it."""
    choose_own: Callable[[Callable[[Sample], None]], None]
    """Ask for a sample of the user's own; the function gets it."""


class LensScreen(AnswersOnce[None]):
    """Draws what its controller holds; each key changes that."""

    CSS_PATH = "lens.tcss"
    BINDINGS = [*bindings_for("lens"), Binding("ctrl+q,f10", "app.quit", show=False)]

    def __init__(self, controller: LensController, subject: LensSubject) -> None:
        super().__init__()
        self.controller, self.subject = controller, subject
        self.plain = False

    def compose(self) -> ComposeResult:
        yield CellLines(id="lens-head")
        yield CellLines(id="lens-sample")
        with Horizontal(id="lens-body"):
            yield CellLines(id="lens-layers")
            yield CellLines(id="lens-unit")
        yield CellLines(id="lens-formula")
        yield CellLines(id="lens-words")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#lens-layers").border_title = "through the network"
        redraw_with_theme(self, self.draw)
        self.set_interval(POLL_SECONDS, self._poll)
        self.rest_timer = self.set_timer(REST_SECONDS, self.ask)
        self.controller.look()
        self.call_after_refresh(self.draw)

    def on_resize(self) -> None:
        self.call_after_refresh(self.draw)

    def _poll(self) -> None:
        if self.controller.poll():
            self._rest()
            self.draw()

    def _rest(self) -> None:
        """Ask about the step once the cursor rests."""
        self.rest_timer.stop()
        self.rest_timer = self.set_timer(REST_SECONDS, self.ask)

    def ask(self) -> None:
        """What the view shows, and what the units give over the test set."""
        self.controller.ask_view()
        self.controller.ask_units()

    # --------------------------------------------------------------------------------------------- drawing

    def draw(self) -> None:
        """Everything as it is now."""
        if not self.is_attached:
            return
        self.query_one("#lens-head", CellLines).show_text(self._head)
        self.query_one("#lens-sample", CellLines).show_text(self._sample_words)
        self.query_one("#lens-words", CellLines).show_text(self._words)
        layers, unit = self.query_one("#lens-layers", CellLines), self.query_one("#lens-unit", CellLines)
        formula = self.query_one("#lens-formula", CellLines)
        if self.controller.inspection is None:
            problem = printable(self.controller.problem)
            words = f"✗ {problem}" if problem else "asking the worker what each layer gives…"
            layers.show_text(Text(words), wrap=True)
            for empty in (unit, formula):
                empty.show_text(Text())
            return
        colours = self.app.theme_variables
        palette = Palette.of(self.app, self.plain)
        told = (self.controller, self.subject.facts, palette, colours["accent"], is_ascii_only(self.app))
        self.query_one("#lens-body").set_class(self.controller.view == "projection", "-scatter")
        layers.show_strips(self._strips(LayerList(*told).lines(layers.size.height, layers.size.width)))
        rows, width = unit.size.height, unit.size.width
        if self.controller.view in ("unit", "weights"):
            panel = UnitPanel(*told)
            draw = UnitPanel.lines if self.controller.view == "unit" else weights_lines
            unit.border_title, lines = panel.title, draw(panel, rows, width)
        else:
            explanation = self._explanation()
            unit.border_title, lines = explanation.title, explanation.lines(rows, width)
        unit.show_strips(self._strips(lines))
        formula.show_text(self._formula)

    def _explanation(self) -> ExplanationPanel:
        colours = self.app.theme_variables
        palette = Palette.of(self.app, self.plain)
        hues = () if self.app.no_color else tuple(colours[name] for name in HUES)
        told = (self.controller, self.subject.facts, palette, colours["accent"], hues)
        return ExplanationPanel(*told, ascii_only=is_ascii_only(self.app))

    def _strips(self, lines: Sequence[Line]) -> list[Strip]:
        console = self.app.console
        return [
            line if isinstance(line, Strip) else Strip(Text.assemble(line).render(console, end=""))
            for line in lines
        ]

    def _head(self, width: int) -> Text:
        left = Text.assemble(("tuinn ", f"bold {self.app.theme_variables['accent']}"))
        left.append(f" {printable(self.subject.title)}")
        inspection, right = self.controller.inspection, Text("inside the network", "dim")
        if inspection is not None:
            trace = inspection.trace
            left.append(f" · epoch {trace.epoch}" if trace.epoch else " · untrained")
            left.append(" (checkpoint)" if trace.of_checkpoint else "")
            if len(trace.checkpoints) > 1:
                epochs = f" · , . among {' '.join(map(str, trace.checkpoints))}"
                left.append(epochs if left.cell_len + len(epochs) + right.cell_len < width else "", "dim")
        name = f" · {self.subject.run}"
        left.append(name if left.cell_len + len(name) + right.cell_len < width else "", "dim")
        return Text.assemble(left, " " * max(width - left.cell_len - right.cell_len, 1), right)

    def _sample_words(self, width: int) -> Text:
        sample, facts = self.controller.sample, self.subject.facts
        if sample.test is not None:
            text = Text(f"#{sample.test + 1} of {format_count(self.subject.count)} test samples")
            truth = self.subject.true_words(sample.test)
        else:
            name = (
                sample.file.rsplit("/", 1)[-1]
                if sample.file
                else "your own row"
                if isinstance(sample.own, dict)
                else "your own text"
            )
            text, truth = Text(printable(name)), ""
        said = "" if self.controller.is_waiting else self._said(facts)
        if truth:
            text.append(f" · {truth}", "bold")
            if said and facts.task is not Task.REGRESSION:
                right, colours = said == truth, self.app.theme_variables
                text.append(" ✓" if right else " ✗", colours["success" if right else "error"])
        if said and said != truth:
            text.append(f" · predicted {said}", "bold")
        del width
        return text

    def _said(self, facts: DataFacts) -> str:
        """What the last step says, in a few words."""
        inspection = self.controller.inspection
        values = inspection.values(len(inspection.steps) - 1) if inspection else None
        if values is None or not values.size or not np.isfinite(values).all():
            return ""
        if facts.task is Task.REGRESSION:
            return numbers_words(values.ravel().tolist(), facts)
        return self.subject.said_words(values.ravel().tolist())

    def _formula(self, width: int) -> Text:
        """The step as a line of NumPy, and its shapes; or the beginning of a problem that is longer than a line."""
        if len(problem := self._problem_lines(width)) > 1:
            return Text.assemble(("✗ ", self.app.theme_variables["error"]), problem[0])
        step, at = self.controller.shown_step, self.controller.step
        inputs = [f"v{source}" for source in step.sources] or ["sample"]
        told = numpy_formula(step.kind, step.options, inputs, f"{step.layer}.", step.inner)
        left = Text.assemble(("in numpy ", "dim"), shorter(f"v{at} = {told}", width - 9))
        shapes = self._shapes()
        gap = width - left.cell_len - len(shapes)
        return left.append(" " * gap + shapes, "dim") if gap > 1 else left

    def _shapes(self) -> str:
        assert self.controller.inspection is not None
        step, steps = self.controller.shown_step, self.controller.inspection.steps
        if not step.sources:
            return str((1, *step.shape))
        taken = str((1, *steps[step.sources[0]].shape))
        kernel = self.controller.inspection.weight(self.controller.step, "kernel")
        if step.kind == "Dense" and kernel is not None:
            bias = f"+({step.shape[-1]},)" if step.options.get("use_bias", True) else ""
            taken += f"@{tuple(kernel.shape)}{bias}"
        return f"{taken}→{(1, *step.shape)}".replace(", ", ",")

    def _problem_lines(self, width: int) -> list[str]:
        return wrap(printable(self.controller.problem), max(width - 2, 8))

    def _words(self, width: int) -> Text:
        """What is going on, or the numbers about the step, as many as have room."""
        controller, colours = self.controller, self.app.theme_variables
        if controller.inspection is None:
            return Text()
        if problem := self._problem_lines(width):
            sign = "✗ " if len(problem) == 1 else "  "
            return Text.assemble((sign, colours["error"]), " ".join(problem[1:]) or problem[0])
        if controller.is_waiting:
            return Text("asking the worker…", "dim")
        clauses = self._clauses()
        while len(clauses) > 1 and len(" · ".join(clauses)) > width:
            clauses.pop()
        return Text(" · ".join(clauses), "dim")

    def _clauses(self) -> list[str]:
        """What may be said of the step, the most important first."""
        step, found = self.controller.shown_step, self.controller.unit_values
        words = [f"{format_count(step.not_finite)} values not finite"] if step.not_finite else []
        if step.low is not None and step.mean is not None and step.high is not None:
            words.append(f"min {number(step.low)} · mean {number(step.mean)} · max {number(step.high)}")
        if step.zeros is not None:
            words.append(f"zeros {100 * step.zeros:.0f} %")
        if found is not None:
            words.append(f"dead {np.count_nonzero(found.dead)} of {len(found.dead)}")
        return words

    # ------------------------------------------------------------------------------------------------ keys

    def action_move(self, by: int) -> None:
        self.controller.move_step(by)
        self._moved()

    def action_unit(self, by: int) -> None:
        self.controller.move_unit(by)
        self._moved()

    def action_page(self, by: int) -> None:
        self.action_unit(by * FAR)

    def action_place(self, down: int, right: int) -> None:
        self.controller.move_place(down, right)
        self._moved()

    def _moved(self) -> None:
        self.controller.problem = ""
        self._rest()
        self.draw()

    def action_sample(self, by: int) -> None:
        self.look(next_test_sample(self.controller.sample, by, self.subject.count))

    def look(self, sample: Sample) -> None:
        """At this sample from now on."""
        self.controller.look(sample)
        self.draw()

    def action_own(self) -> None:
        self.subject.choose_own(self.look)

    def action_epoch(self, by: int) -> None:
        self.controller.move_epoch(by)
        self.draw()

    def action_view(self, view: View) -> None:
        is_row = self.subject.facts.is_table
        if view in ("importance", "effect") and not is_row:
            self.controller.problem = "Pictures and texts have no columns; x explains this sample."
        else:
            self.controller.show(view)
        self.draw()

    def action_why(self) -> None:
        self.controller.next_why()
        self.draw()

    def action_target(self) -> None:
        if self.controller.view in WHY:
            self.controller.next_target(len(self.subject.facts.classes or self.subject.facts.target_names))
        self.draw()

    def on_click(self, event: events.Click) -> None:
        """A point of the scatter opens its sample."""
        unit = self.query_one("#lens-unit", CellLines)
        offset = event.get_content_offset(unit)
        if offset is None or self.controller.inspection is None:
            return
        at = self._explanation().sample_at(offset.y, offset.x, unit.size.height, unit.size.width)
        if at is not None:
            self.look(Sample(test=at))

    def action_mode(self) -> None:
        self.plain = not self.plain
        self.draw()

    def action_help(self) -> None:
        self.app.push_screen(Help("lens"))

    def action_back(self) -> None:
        self.dismiss()
