"""The lab of the neurons as text: the table of weights, what one sees, and the code side by side."""

from rich.text import Text

from tuinn.labs import neuron
from tuinn.labs.neuron import Weights
from tuinn.text import format_metric
from tuinn.ui.labs.neuron_state import COLUMNS, NeuronState
from tuinn.view.function_chart import FunctionLine

CELLS = 7
"""Of a value and of a gradient."""

FLAT = 1e-4
"""A gradient below which a weight hardly moves."""

HUES = 6
"""Colours of hidden curves."""

EVERY = 4
"""Of the 500 points every fourth one is drawn: a chart has hardly more columns."""


def short_number(value: float, cells: int = CELLS) -> str:
    """The value in so many cells, with as many digits as have room and mean something."""
    for digits in (3, 2, 1, 0):
        text = f"{value:.{digits}f}"
        if len(text) <= cells and abs(value) < 10 ** (cells - 2):
            return text.replace("-", "−").rjust(cells)
    return f"{value:.0e}".replace("e+0", "e").replace("e-0", "e-").replace("-", "−").rjust(cells)


def curves(state: NeuronState) -> tuple[list[FunctionLine], list[str]]:
    """What the chart shows, and the names of the curves."""
    if state.view == "function":
        x = neuron.xs()[::EVERY].tolist()
        drawn, slopes = (y[::EVERY].tolist() for y in neuron.plotted(state.activation, state.a, state.c))
        lines = [FunctionLine(x, slopes, "validation"), FunctionLine(x, drawn)]
        return lines, ["its derivative", state.activation.name]
    target, weights = state.target, state.weights
    x, every = neuron.xs()[::EVERY], 1 if target.is_points else EVERY
    names = [_neuron_name(state, at) for at in range(weights.count)]
    given = neuron.hidden(weights, state.activation, x)
    lines = [
        FunctionLine(x.tolist(), row.tolist(), "other", 2 + at % HUES)
        for at, row in enumerate(given)
        if weights.count > 1 or weights.out[at] != 1 or weights.bias
    ]
    names = names[: len(lines)]
    lines.append(
        FunctionLine(
            target.x[::every].tolist(), target.y[::every].tolist(), "validation", dots=target.is_points
        )
    )
    lines.append(FunctionLine(x.tolist(), neuron.output(weights, state.activation, x).tolist()))
    return lines, [*names, f"target {target.name}", "sum"]


def _neuron_name(state: NeuronState, at: int) -> str:
    if state.weights.count > 4:
        return f"h{at + 1}"
    return f"h{at + 1} {state.weights.w[at]:.3g}x{state.weights.b[at]:+.3g}".replace("-", "−")


def weight_lines(state: NeuronState, accent: str, hues: tuple[str, ...]) -> Text:
    """The table: each weight, beside it the gradient of the error."""
    weights = state.weights
    slopes = neuron.gradient(weights, state.activation, state.target)
    head = [name.rjust(CELLS) for name in ("w", "∂E/∂w", "b", "∂E/∂b", "out", "∂E/∂o")]
    text = Text.assemble((f"{'':9}{head[0]}{head[1]} {head[2]}{head[3]} {head[4]}{head[5]}\n", "dim"))
    for at in range(weights.count):
        text.append("▸" if state.row == at else " ", accent).append(f"neuron {at + 1}", hues[at % len(hues)])
        for column, name in enumerate(COLUMNS):
            is_here = state.row == at and state.column == column
            _append(text, weights.get(at, name), slopes.get(at, name), is_here, accent)
            text.append(" " * (column < 2))
        text.append("\n")
    bias, rate = weights.count, weights.count + 1
    text.append("▸" if state.row == bias else " ", accent).append("bias".ljust(8 + 2 * (2 * CELLS + 1)))
    _append(text, weights.bias, slopes.bias, state.row == bias, accent)
    text.append("\n").append("▸" if state.row == rate else " ", accent).append("rate    ")
    text.append(f"{state.fit.rate:>{CELLS}.4g}", f"reverse {accent}" if state.row == rate else "bold")
    return text.append(f"  step {state.fit.steps:,}" if state.fit.steps else "", "dim")


def _append(text: Text, value: float, slope: float, is_here: bool, accent: str) -> None:
    text.append(short_number(value), f"reverse {accent}" if is_here else "bold")
    text.append(short_number(slope), "dim")


def function_lines(state: NeuronState, accent: str) -> Text:
    """a and c, and the formula."""
    text = Text()
    for at, (name, value, words) in enumerate(
        (("a", state.a, "width: how far the step is drawn out"), ("c", state.c, "centre: where it stands"))
    ):
        text.append("▸" if state.row == at else " ", accent).append(f"{name} ", "bold")
        text.append(short_number(value), f"reverse {accent}" if state.row == at else "bold").append(
            f"  {words}\n", "dim"
        )
    inner = "2(x − c) / a" if state.activation.scale == 2 else "(x − c) / a"
    return text.append(f"\n{state.activation.name}   {state.activation.formula}\nwith z = {inner}")


def words(state: NeuronState) -> str:
    """What one sees, in a few sentences."""
    if state.view == "function":
        return state.activation.words
    notes = [state.target.note] if state.target.note else []
    if state.fit.steps:
        first, last = state.fit.errors[0], state.fit.errors[-1]
        notes.append(
            f"{state.fit.steps:,} steps at rate {state.fit.rate:g}; at first the error was {format_metric(first)}."
        )
        if state.fit.start is not None and last > first:
            notes.append("It grows: the rate is too large.")
    notes.append(_about(state))
    return " ".join(notes)


def _about(state: NeuronState) -> str:
    weights = state.weights
    slopes = neuron.gradient(weights, state.activation, state.target)
    largest = max(abs(slopes.get(at, name)) for at in range(weights.count) for name in COLUMNS)
    if max(largest, abs(slopes.bias)) < FLAT:
        return "All gradients are almost 0: here gradient descent hardly moves."
    if state.activation.name == "linear":
        return "Without an activation the sum is a straight line, however many neurons there are."
    if weights.count == 1:
        return "One neuron: w says how steep, −b/w where it stands, out how high. n adds a second."
    if weights.count == 2 and weights.w[0] * weights.w[1] < 0:
        told = "One up and one down make a bump."
        return (
            f"{told} Each neuron is a step: w says how steep, −b/w where. Try w = ±4."
            if not _is_close(state)
            else told
        )
    return "Each neuron adds a piece: w says how steep, −b/w where it stands, out how much of it."


def _is_close(state: NeuronState) -> bool:
    return state.error < 0.01


def code_lines(weights: Weights, state: NeuronState) -> tuple[str, str]:
    """The network by hand, and as Keras layers."""
    by_hand = neuron.numpy_code(weights, state.activation)
    return "\n".join(by_hand), "\n".join(neuron.keras_code(weights, state.activation, state.fit.rate))
