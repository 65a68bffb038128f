"""The lab of the neurons: activation functions, neurons by hand, gradient descent, and the same as Keras layers."""

from collections.abc import Callable

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal

from tuinn.errors import SpecError
from tuinn.labs.neuron import Target, keras_code
from tuinn.text import format_metric, printable
from tuinn.ui.dialogs.dialog import TextDialog
from tuinn.ui.labs.function_chart import FunctionChart
from tuinn.ui.labs.neuron_state import CLOSE, MANY, NeuronState, View, number, own_target
from tuinn.ui.labs.neuron_text import code_lines, curves, function_lines, weight_lines, words
from tuinn.ui.labs.page import LabPage, PageStep, page_bindings, set_title
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.picture import redraw_with_theme

LOWER: dict[View, int] = {"network": 0, "function": 7, "keras": 12}
"""Rows of the lower part; 0: as many as the table has, its head and its frame."""

LEAST_LOWER = 8

PLAYS_PER_SECOND, STEPS_AT_ONCE = 8, 10
"""While it plays: how often it draws, and how many steps it takes between."""


class NeuronPage(LabPage):
    """Draws its state; each key changes that."""

    page = "neuron"
    BINDINGS = page_bindings("neuron")

    def __init__(self, for_step: PageStep | None = None) -> None:
        super().__init__(for_step)
        self.state = NeuronState()

    def body(self) -> ComposeResult:
        yield FunctionChart(id="neuron-chart")
        with Horizontal(id="neuron-lower"):
            yield CellLines(id="neuron-weights")
            yield CellLines(id="neuron-words")

    def on_mount(self) -> None:
        redraw_with_theme(self, self.draw_all)
        self.set_interval(1 / PLAYS_PER_SECOND, self._play)

    # ----------------------------------------------------------------------------------------------- drawing

    def right_words(self) -> Text:
        if self.state.view == "function":
            return Text(f"{self.state.activation.name} and its derivative", "bold")
        return Text(f"mean squared error {format_metric(self.state.error)}", "bold")

    def draw(self) -> None:
        state, colours = self.state, self.app.theme_variables
        left, right = self.query_one("#neuron-weights", CellLines), self.query_one("#neuron-words", CellLines)
        lower = self.query_one("#neuron-lower")
        lower.set_class(state.view == "keras", "-code")
        lower.styles.height = LOWER[state.view] or max(state.rows + 3, LEAST_LOWER)
        self.query_one(FunctionChart).show(*curves(state))
        if state.view == "keras":
            by_hand, keras = code_lines(state.weights, state)
            set_title(left, "by hand, in NumPy")
            set_title(right, "as Keras layers · y copies")
            left.show_text(Text(by_hand))
            right.show_text(Text(keras))
            return
        set_title(right, "what you see")
        set_title(left, "a and c" if state.view == "function" else "weights")
        hues = tuple(colours[f"curve-{at}"] for at in range(2, 8))
        lines = function_lines(state, colours["accent"]) if state.view == "function" else None
        left.show_text(lines or weight_lines(state, colours["accent"], hues))
        right.show_text(Text(printable(words(state))), wrap=True)

    # ------------------------------------------------------------------------------------------------- keys

    def _do(self, change: Callable[[], None], goal: str = "") -> None:
        """Change the state and draw it; what can't be is said."""
        try:
            change()
        except SpecError as problem:
            self.notify(printable(str(problem)), severity="warning", markup=False)
        else:
            if goal:
                self.reached(goal)
        if self.state.error < CLOSE:
            self.reached("close")
        if self.state.fit.steps >= MANY:
            self.reached("fitted")
        self.draw_all()

    @property
    def _changed(self) -> str:
        return "function" if self.state.view == "function" else "changed"

    def action_change(self, by: int) -> None:
        self._do(lambda: self.state.change(by), self._changed)

    def action_type(self) -> None:
        def typed(text: str | None) -> None:
            if text is not None:
                self._do(lambda: self.state.type(text), self._changed)

        shown = f"{self.state.value:.6g}"
        self.app.push_screen(TextDialog(self.state.name, shown, "a number", self._check), typed)

    def _check(self, text: str) -> str:
        """What is wrong with a typed value; nothing where nothing is."""
        try:
            self.state.check(number(text))
        except SpecError as problem:
            return str(problem)
        return ""

    def action_move(self, by: int) -> None:
        self._do(lambda: self.state.move(by))

    def action_column(self, by: int) -> None:
        self._do(lambda: self.state.move_column(by))

    def action_add(self) -> None:
        self._do(self.state.add)

    def action_remove(self) -> None:
        self._do(self.state.remove)

    def action_activation(self, by: int) -> None:
        self._do(lambda: self.state.turn_activation(by))

    def action_target(self) -> None:
        self._do(self.state.turn_target)

    def action_example(self) -> None:
        self._do(self.state.turn_example)

    def action_view(self, view: View) -> None:
        self._do(lambda: self.state.show(view), "keras" if view == "keras" else "")

    def action_copy(self) -> None:
        state = self.state
        self.app.copy_to_clipboard("\n".join(keras_code(state.weights, state.activation, state.fit.rate, 9)))
        self.notify("The Keras code is copied.", markup=False)

    # ---------------------------------------------------------------------------------------------- descent

    def action_steps(self, count: int) -> None:
        self._do(lambda: self.state.steps(count))

    def action_play(self) -> None:
        self.state.is_playing = not self.state.is_playing

    def action_reset(self) -> None:
        self._do(self.state.reset)

    def _play(self) -> None:
        if self.state.is_playing and self.is_active:
            self.action_steps(STEPS_AT_ONCE)

    # ------------------------------------------------------------------------------------------- data of one's own

    def action_open(self) -> None:
        def typed(text: str | None) -> None:
            if text:
                self._read(text)

        words = "table.csv, or table.csv X Y with the names of two columns"
        self.app.push_screen(TextDialog("Two columns of a CSV", "", words, lambda _: ""), typed)

    @work(thread=True, exclusive=True, group="neuron-target")
    def _read(self, text: str) -> None:
        try:
            found = own_target(text)
        except SpecError as problem:
            self.app.call_from_thread(self.notify, printable(str(problem)), severity="warning", markup=False)
        else:
            self.app.call_from_thread(self._take, found)

    def _take(self, target: Target) -> None:
        self.state.target = target
        self.state.fit.forget()
        self.draw_all()
