"""The lab of gradient descent as text: values, the graph of the chain rule, GradientTape's examples, what one sees."""

from itertools import zip_longest

import numpy as np
from rich.text import Text

from tuinn.labs.descent.chain import NAMES
from tuinn.labs.descent.curves import Array
from tuinn.labs.descent.optimizers import Path
from tuinn.text import format_metric
from tuinn.ui.labs.descent_state import DescentState

SIGNED = 8
"""Cells of a number in a table."""

CODE_CELLS = 44
"""Of the lines of an example."""

TITLES = {
    "tangent": "x and its slope",
    "chain": "inputs",
    "one": "where it is",
    "two": "where they are",
    "tape": "examples",
}


def signed(value: float) -> str:
    """A number with three digits behind the point, or with an exponent, in SIGNED cells or a few more."""
    text = f"{value:.3f}" if abs(value) < 1000 and (abs(value) >= 5e-4 or not value) else f"{value:.1e}"
    return text.replace("e+0", "e").replace("e-0", "e-").replace("e+", "e").replace("-", "−").rjust(SIGNED)


def right_words(state: DescentState) -> str:
    """What stands at the right of the first line."""
    if state.view == "tangent":
        return f"slope {signed(state.curve.at(state.x)[1]).strip()}"
    if state.view == "chain":
        return f"E = {format_metric(state.chain.error)}"
    if state.view == "tape":
        return state.example.name
    return f"rate {state.rate:g} · step {max(path.steps for path in state.shown):,}"


# ------------------------------------------------------------------------------------------------- lower left


def values(state: DescentState, accent: str, hues: tuple[str, ...]) -> Text:
    """The numbers of the view."""
    if state.view == "tangent":
        return _tangent_values(state)
    if state.view == "chain":
        return _inputs(state, accent)
    if state.view == "tape":
        return _examples(state, accent)
    return _paths(state, hues)


def _tangent_values(state: DescentState) -> Text:
    curve, x, h = state.curve, state.x, state.h
    value, slope = curve.at(x)
    quotient = curve.quotient(x, h)
    rows = (
        ("x", x, "←→ move it"),
        (f"f = {curve.name}", value, ""),
        (f"f' = {curve.derivative_name}", slope, "the tangent"),
        (f"through x + h, h {h:.3g}", quotient, "+ − turn h"),
        ("difference", quotient - slope, "goes to 0"),
    )
    text = Text()
    for name, number, words in rows:
        text.append(f"{name:<23}", "bold" if name.startswith("f'") else "").append(signed(number), "bold")
        text.append(f"  {words}\n", "dim")
    return text


def _inputs(state: DescentState, accent: str) -> Text:
    text = Text()
    for at, name in enumerate(NAMES):
        here = at == state.row
        text.append("▸" if here else " ", accent).append(f"{name}  ")
        text.append(signed(getattr(state.chain, name)), f"reverse {accent}" if here else "bold")
        slope = "" if name == "y" else f"   ∂E/∂{name} {signed(state.chain.gradient(name))}"
        text.append(f"{slope}\n", "dim")
    return text.append(f"\n g: w and b one step down, rate {state.rate:g}", "dim")


def _examples(state: DescentState, accent: str) -> Text:
    from tuinn.labs.descent.tape import tape_examples

    text = Text()
    for at, example in enumerate(tape_examples(state.seed)):
        here = at == state.at_example
        text.append("▸" if here else " ", accent).append(f"{example.name}\n", "bold" if here else "")
    return text


def _paths(state: DescentState, hues: tuple[str, ...]) -> Text:
    two = state.view == "two"
    head = f"{'':10}{'w₁' if two else 'w':>{SIGNED}}{'w₂' if two else '':>{SIGNED if two else 0}}{'loss':>{SIGNED + 2}}\n"
    text = Text().append(head, "dim")
    for at, path in enumerate(state.paths):
        shown = any(path is one for one in state.shown)
        text.append(f"{path.optimizer.sign} {path.optimizer.name:<8}", hues[at] if shown else "dim")
        numbers = (
            "".join(signed(round(one, 3)) for one in path.weights.tolist())
            + f"{format_metric(path.loss):>{SIGNED + 2}}"
        )
        text.append(numbers + "\n", "" if shown else "dim")
    return text


# ---------------------------------------------------------------------------------------------------- words


def words(state: DescentState) -> str:
    """What one sees, in a few sentences."""
    if state.view == "tangent":
        return f"{state.curve.words} The derivative is what the difference quotient becomes as h goes to 0."
    if state.view == "chain":
        return (
            "The chain rule: each link has a slope of its own, and the slope of the whole chain is their product. Far out σ is flat, "
            "and the product almost 0: then w learns nothing."
        )
    if state.view == "tape":
        return f"{state.example.words} x takes other random numbers."
    told = []
    for path in state.shown:
        name = f"{path.optimizer.name}: " if len(state.shown) > 1 else f"Rate {state.rate:g} is "
        told.append(f"{name}{_so_far(state, path)}.")
    return " ".join([*told, state.landscape.words])


def _so_far(state: DescentState, path: Path) -> str:
    if len(state.shown) > 1:
        return state.verdict(path).split(":")[0]
    return state.verdict(path)


# ---------------------------------------------------------------------------------------------- upper part, as text


def chain_lines(state: DescentState, accent: str) -> Text:
    """The graph with its numbers, forwards and backwards."""
    chain = state.chain
    n = {name: signed(getattr(chain, name)) for name in (*NAMES, "u", "a", "error", "error_by_a", "a_by_u")}
    text = Text()
    text.append("forwards\n", f"bold {accent}")
    text.append(f"  x {n['x']} ─┐\n")
    text.append(f"  w {n['w']} ─┼─▶ u = w·x + b ──▶ a = σ(u) ──▶ E = (a − y)²\n")
    text.append(f"  b {n['b']} ─┘   {n['u']}       {n['a']}      {n['error']}\n", "")
    text.append(f"  y {n['y']} ─────────────────────────────────┘\n\n", "dim")
    text.append("backwards\n", f"bold {accent}")
    text.append("                  ∂a/∂u = a(1 − a)   ∂E/∂a = 2(a − y)\n", "dim")
    text.append(f"                  {n['a_by_u']}           {n['error_by_a']}\n\n")
    for name in ("w", "b", "x"):
        formula, value = chain.local(name)
        text.append(f"  ∂E/∂{name}", "bold").append(f" = ∂E/∂a · ∂a/∂u · {formula} = ")
        text.append(f"{n['error_by_a'].strip()} · {n['a_by_u'].strip()} · {signed(value).strip()} = ", "dim")
        text.append(signed(chain.gradient(name)).strip() + "\n", "bold")
    return text


def tape_lines(state: DescentState, accent: str) -> Text:
    """The code of an example, and at its right what comes out."""
    example, right = state.example, Text()
    for name, value in example.values:
        right.append(f"{name:>2} = ", "dim").append(f"{_array(value, 5)}\n")
    for name, value in example.gradients:
        right.append(f"∂y/∂{name} = ", f"bold {accent}").append(f"{_array(value, 8)}\n", "bold")
    lines = []
    for one, other in zip_longest(example.code.split("\n"), right.split("\n"), fillvalue=""):
        lines.append(Text(f"{one!s:<{CODE_CELLS}}").append_text(other if isinstance(other, Text) else Text()))
    return Text("\n").join(lines)


def _array(values: Array, indent: int) -> str:
    if not values.ndim:
        return f"{float(values):g}"
    return np.array2string(np.round(values, 4), separator=", ").replace("\n", "\n" + " " * indent)
