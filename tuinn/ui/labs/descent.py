"""The lab of derivatives and gradient descent: a tangent, the chain rule, a loss over one weight and two, GradientTape."""

from collections.abc import Callable

import numpy as np
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal

from tuinn.errors import SpecError
from tuinn.labs.descent.curves import Array
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import TextDialog
from tuinn.ui.labs.descent_map import HUES, map_characters, map_strips
from tuinn.ui.labs.descent_state import DescentState, View, number
from tuinn.ui.labs.descent_text import TITLES, chain_lines, right_words, tape_lines, values, words
from tuinn.ui.labs.function_chart import FunctionChart
from tuinn.ui.labs.page import LabPage, PageStep, page_bindings, set_title
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.picture import draws_plain, redraw_with_theme
from tuinn.view.function_chart import FunctionLine

WIDTHS: dict[View, int] = {"tangent": 48, "chain": 40, "one": 40, "two": 40, "tape": 24}
"""Of the values, with their frame."""

PLAYS_PER_SECOND = 6

LAST_POINTS = 60
"""Of a path over one weight: more would hide the curve."""

COMPARED = 30
"""Steps of all optimizers after which a step of a lesson is done."""


class DescentPage(LabPage):
    """Draws its state; each key changes that."""

    page = "descent"
    CSS_PATH = ["labs.tcss", "descent.tcss"]
    BINDINGS = page_bindings("descent")

    def __init__(self, for_step: PageStep | None = None) -> None:
        super().__init__(for_step)
        self.state = DescentState()

    def body(self) -> ComposeResult:
        yield FunctionChart(id="descent-chart")
        yield CellLines(id="descent-map")
        yield CellLines(id="descent-text")
        with Horizontal(id="descent-lower"):
            yield CellLines(id="descent-values")
            yield CellLines(id="descent-words")

    def on_mount(self) -> None:
        redraw_with_theme(self, self.draw_all)
        self._arrange()
        self.set_interval(1 / PLAYS_PER_SECOND, self.play_on)

    # ----------------------------------------------------------------------------------------------- drawing

    def _arrange(self) -> None:
        view = self.state.view
        self.query_one("#descent-values").styles.width = WIDTHS[view]
        self.query_one("#descent-chart").display = view in ("tangent", "one")
        self.query_one("#descent-map").display = view == "two"
        self.query_one("#descent-text").display = view in ("chain", "tape")

    def right_words(self) -> Text:
        return Text(right_words(self.state), "bold")

    def draw(self) -> None:
        state, colours = self.state, self.app.theme_variables
        left, right = (
            self.query_one("#descent-values", CellLines),
            self.query_one("#descent-words", CellLines),
        )
        set_title(left, TITLES[state.view])
        set_title(right, "what you see")
        left.show_text(values(state, colours["accent"], tuple(colours[hue] for hue in HUES)))
        right.show_text(Text(printable(words(state))), wrap=True)
        if state.view == "tangent":
            self._draw_tangent()
        elif state.view == "one":
            self._draw_one()
        elif state.view == "two":
            self._draw_map()
        else:
            text = self.query_one("#descent-text", CellLines)
            draw = chain_lines if state.view == "chain" else tape_lines
            text.show_text(draw(state, colours["accent"]))

    def _draw_tangent(self) -> None:
        curve, x, h = self.state.curve, self.state.x, self.state.h
        xs = curve.xs()
        ys = curve.function(xs)
        room = np.ptp(ys) * 0.15
        low, high = float(ys.min() - room), float(ys.max() + room)
        lines = [FunctionLine(xs.tolist(), _inside(curve.derivative(xs), low, high), "other", 2)]
        value, quotient = curve.at(x)[0], curve.quotient(x, h)
        secant = _inside(value + quotient * (xs - x), low, high)
        lines.append(FunctionLine(xs.tolist(), secant, "other", 3))
        lines.append(FunctionLine(xs.tolist(), _inside(curve.tangent(x)(xs), low, high), "validation"))
        lines.append(FunctionLine(xs.tolist(), ys.tolist()))
        names = [f"f' = {curve.derivative_name}", f"through x + {h:.3g}", "tangent", f"f = {curve.name}"]
        self.query_one(FunctionChart).x_name = "x"
        self.query_one(FunctionChart).show(lines, names, x=(curve.low, curve.high), spot=(x, value))

    def _draw_one(self) -> None:
        landscape, path = self.state.landscape, self.state.path
        (low,), (high,) = landscape.low, landscape.high
        xs = np.linspace(low, high, 401)
        lines = [FunctionLine(xs.tolist(), landscape.loss(xs[:, None]).tolist())]
        way = np.stack(path.points[-LAST_POINTS:])[:, 0]
        way = way[(way >= low) & (way <= high)]
        spot = None
        if len(way):
            heights = landscape.loss(way[:, None])
            lines.append(FunctionLine(way.tolist(), heights.tolist(), "validation"))
        if low <= path.weights[0] <= high:
            spot = (float(path.weights[0]), path.loss)
        names = [f"loss = {landscape.formula}", f"{path.optimizer.name}, {path.steps} steps"][: len(lines)]
        self.query_one(FunctionChart).x_name = "w"
        self.query_one(FunctionChart).show(lines, names, x=(low, high), spot=spot)

    def _draw_map(self) -> None:
        chart, state = self.query_one("#descent-map", CellLines), self.state
        columns, rows = chart.size
        if rows < 3 or columns < 10:
            return
        shown = [(at, path) for at, path in enumerate(state.paths) if any(path is one for one in state.shown)]
        if draws_plain(self.app):
            chart.show_strips(map_characters(state.landscape, shown, rows, columns))
        else:
            chart.show_strips(map_strips(state.landscape, shown, rows, columns, self.app.theme_variables))

    # ------------------------------------------------------------------------------------------------- keys

    def _do(self, change: Callable[[], None], goal: str = "") -> None:
        """Change the state and draw it; what can't be is said."""
        try:
            change()
        except SpecError as problem:
            self.state.is_playing = False
            self.notify(printable(str(problem)), severity="warning", markup=False)
        else:
            if goal:
                self.reached(goal)
        self._judge()
        self.draw_all()

    def _judge(self) -> None:
        """Mark what has been seen."""
        state = self.state
        if state.view not in ("one", "two"):
            return
        if state.path.steps and state.path.left is not None:
            self.reached("large")
        if state.path.steps >= 10 and state.verdict(state.path).startswith("good"):
            self.reached("good")
        if state.view == "two" and min(path.steps for path in state.paths) >= COMPARED:
            self.reached("compared")

    @property
    def _changed(self) -> str:
        return {"tangent": "tangent", "chain": "chain"}.get(self.state.view, "")

    def action_view(self, view: View) -> None:
        self.state.show(view)
        self._arrange()
        if view == "tape":
            self.reached("tape")
        self.call_after_refresh(self.draw_all)

    def action_move(self, across: int, down: int) -> None:
        self._do(lambda: self.state.move(across, down), "tangent" if self.state.view == "tangent" else "")

    def action_change(self, by: int) -> None:
        self._do(lambda: self.state.change(by), self._changed)

    def action_type(self) -> None:
        state = self.state
        if not state.typed_name:
            return

        def typed(text: str | None) -> None:
            if text is not None:
                self._do(lambda: number(text, state.put), self._changed)

        shown = f"{state.typed_value:.6g}"
        self.app.push_screen(TextDialog(state.typed_name, shown, "a number", lambda _: ""), typed)

    def action_subject(self, by: int) -> None:
        self._do(lambda: self.state.turn_subject(by))

    def action_optimizer(self, by: int) -> None:
        self._do(lambda: self.state.turn_optimizer(by))

    def action_seed(self) -> None:
        self.state.seed += 1
        self.draw_all()

    def action_steps(self, count: int) -> None:
        self._do(lambda: self.state.steps(count), self._changed if self.state.view == "chain" else "")

    def action_play(self) -> None:
        if self.state.view in ("one", "two"):
            self.state.is_playing = not self.state.is_playing

    def action_reset(self) -> None:
        self._do(self.state.reset)

    def play_on(self) -> None:
        """The next step, while it plays."""
        if self.state.is_playing and self.is_active:
            self.action_steps(1)


def _inside(values: Array, low: float, high: float) -> list[float]:
    """Only what has room in the chart; a gap elsewhere."""
    return [value if low <= value <= high else float("nan") for value in values.tolist()]
