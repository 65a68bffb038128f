"""The result of an expression as text: what it is, its rule, its steps, its numbers."""

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from tuinn.labs.tensors.limits import shape_words
from tuinn.labs.tensors.outcome import Outcome
from tuinn.labs.tensors.pictures import plane_of
from tuinn.text import printable, shorten

STEPS = 6
"""Steps that are listed; of more, the last ones."""

AROUND = 60
"""Numbers on each side of the middle of a picture that are looked at."""


def result_text(outcome: Outcome, width: int, height: int, accent: str, is_picture: bool) -> Text:
    """Everything that is said of a result, in so many columns and rows; the numbers take what is left."""
    text = Text()
    text.append(f"{outcome.words}\n", "bold")
    if outcome.numbers:
        text.append(f"{outcome.numbers}\n")
    for note in outcome.notes:
        text.append("! ", f"bold {accent}").append(f"{note}\n")
    text.append_text(rule_text(outcome, accent))
    if outcome.result.name:
        text.append(f"{printable(outcome.result.name)} is its name from now on.\n")
    left = height - wrapped_rows(text, width)
    if outcome.is_tensor and outcome.tensor.size and left > 1:
        text.append_text(numbers_text(outcome, width, left, accent, is_picture))
    return text


def rule_text(outcome: Outcome, accent: str) -> Text:
    """The rule of the last step, and the shapes of those before it."""
    text, steps = Text(), outcome.result.steps
    if len(steps) > 1:
        text.append("steps\n", accent)
        for step in steps[-STEPS:]:
            text.append(f"  {shorten(step.source, 30)} ").append(
                f"{shape_words(step.shape)} {step.dtype}\n", "dim"
            )
    if steps and steps[-1].rule:
        text.append("rule\n", accent)
        for line in steps[-1].rule.splitlines():
            text.append(f"  {line}\n")
    return text


def wrapped_rows(text: Text, width: int) -> int:
    """Rows that a text takes when it is wrapped at so many columns."""
    return sum(max(-(-len(line) // max(width, 1)), 1) for line in text.plain.splitlines())


def numbers_text(outcome: Outcome, width: int, height: int, accent: str, is_picture: bool) -> Text:
    """As many of its numbers as have room, from the middle of a picture, else from the first on."""
    from tuinn.view.tensor import window

    tensor = outcome.tensor
    if not tensor.ndim:
        return Text.assemble(("value\n", accent), f"  {tensor.item()}\n")
    plane, around = plane_of(tensor)
    rows, columns = plane.shape
    top = max(min(rows // 2 - AROUND, rows - 2 * AROUND), 0) if is_picture else 0
    left = max(min(columns // 2 - AROUND, columns - 2 * AROUND), 0) if is_picture else 0
    part = plane[top : top + 2 * AROUND, left : left + 2 * AROUND]
    if part.dtype.kind == "b":
        part = part.astype("int8")
    middle = (part.shape[0] // 2, part.shape[1] // 2) if is_picture else (0, 0)
    lines, row, column = window(part, middle[0], middle[1], height - 1, width - 2)
    first, across = top + middle[0] - row, left + middle[1] - column
    cut = [_cut(first, len(lines), rows), _cut(across, len(lines[0]), columns)][-tensor.ndim :]
    index = f" [{around[0]}{', '.join(cut)}{around[1]}]" if set(cut) != {":"} or any(around) else ""
    text = Text.assemble((f"numbers{index}\n", accent))
    for line in lines:
        text.append(" " + "".join(f" {one}" for one in line) + "\n")
    return text


def _cut(first: int, shown: int, size: int) -> str:
    """Which of an axis are shown, as a slice."""
    return ":" if shown == size else f"{first}:{first + shown}"


def names_text(names: Mapping[str, Any], own: Mapping[str, Any], width: int, rows: int) -> Text:
    """The names and their shapes, as many as have room."""
    lines, line = [], Text()
    for name in [*own, *(name for name in names if name not in own)]:
        one = Text.assemble((name, "bold"), f" {_shape(names[name])}")
        if line and line.cell_len + 2 + one.cell_len > width:
            lines.append(line)
            line = Text()
        line.append("  " if line else "").append_text(one)
    return Text("\n").join([*lines, line][:rows])


def _shape(value: Any) -> str:
    shape = getattr(value, "shape", None)
    return shape_words(shape) if shape is not None else shorten(str(value), 12)
