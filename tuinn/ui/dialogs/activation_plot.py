"""The plot of an activation function beside the option that names it: the curve of the lab, in a few rows."""

from collections.abc import Mapping

from rich.text import Text

from tuinn.spec.options import Option, Value
from tuinn.ui.widgets.chart_drawing import draw, paint, stroke
from tuinn.view.function_chart import FunctionLine, function_chart

WIDTH, HEIGHT = 46, 8


def activation_plot(
    option: Option | None, value: Value, colours: Mapping[str, str], ascii_only: bool, no_color: bool
) -> Text:
    """Return the function over −5 to 5 and its derivative, under a line that names both; empty for any other option."""
    if option is None or option.name != "activation" or not isinstance(value, str):
        return Text()
    from tuinn.labs.neuron import BY_NAME, xs  # it needs NumPy

    if value not in BY_NAME:
        return Text()
    activation, x, style = BY_NAME[value], xs(), paint(colours, ascii_only, no_color)
    lines = [
        FunctionLine(x.tolist(), activation.derivative(x).tolist(), "validation"),
        FunctionLine(x.tolist(), activation.function(x).tolist()),
    ]
    text = Text.assemble((f"{stroke(0, style)} {value}: {activation.formula}  ", style.of(0)))
    text.append(f"{stroke(1, style)} its derivative", style.of(1))
    for strip in draw(function_chart(lines, (WIDTH, HEIGHT)), WIDTH, HEIGHT, style):
        text.append("\n")
        for segment in strip:
            text.append(segment.text, segment.style)
    return text
