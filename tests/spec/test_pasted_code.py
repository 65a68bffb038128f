"""Pasted Keras code against what Keras 3.15 builds of it: the same network, or a refusal with its line. Never another one."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tuinn.errors import SpecError
from tuinn.spec.keras_import.line_syntax import read_lines
from tuinn.spec.keras_import.report import ParsedLayers
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import Summary, summarize

Case = dict[str, Any]
Node = tuple[Any, ...]

CASES: list[Case] = json.loads(Path(__file__).with_name("pasted_code.json").read_text(encoding="utf-8"))
REFERENCED = [case for case in CASES if "keras" in case]
STACKS = [case for case in REFERENCED if case["keras"]["inputs"] == case["keras"]["outputs"] == 1]
OPERATORS = {"Add", "Subtract", "Multiply", "Rescaling", "Activation", "LeakyReLU"}
"""What Keras has as an operator, or in a Lambda or an activation, and a stack as a layer."""


def read(case: Case) -> ParsedLayers | None:
    """What is read; None for a refusal, which must name its line."""
    refusal: SpecError | None = None
    try:
        return read_lines(case["code"])
    except SpecError as problem:
        refusal = problem
    assert refusal.path.startswith("line "), str(refusal)
    assert str(refusal).isprintable()
    return None


def summary_of(case: Case, reading: ParsedLayers) -> Summary:
    return summarize(ModelSpec(reading.layers), tuple(case["input_shape"]), case.get("text", False))


def nodes_of_ours(summary: Summary) -> list[Node]:
    """Each layer with all that lies above it."""
    found: list[Node] = []
    for row in summary.rows:
        above = tuple(found[at] if at >= 0 else ("input",) for at in row.source_indices)
        if row.layer.type_name == "MultiHeadAttention":
            above *= 2
        found.append((row.layer.type_name, row.shape, row.params, above))
    return found


def nodes_of_keras(keras: dict[str, Any]) -> list[Node] | None:
    """The same; None where the links go through operators that Keras lists as no layer."""
    found: dict[str, Node] = {"input": ("input",)}
    for (name, sources), (kind, shape, parameters) in zip(
        keras["sources"].items(), keras["layers"], strict=False
    ):
        if any(source not in found for source in sources):
            return None
        found[name] = (kind, tuple(shape or ()), parameters, tuple(found[source] for source in sources))
    return list(found.values())[1:] if len(found) == len(keras["layers"]) + 1 else None


def is_as_keras(case: Case, reading: ParsedLayers) -> bool:
    summary, keras = summary_of(case, reading), case["keras"]
    if summary.mismatch or summary.total != keras["total"]:
        return False
    ours, theirs = nodes_of_ours(summary), nodes_of_keras(keras)
    if theirs is not None and sorted(map(str, ours)) == sorted(map(str, theirs)):
        return True
    # A network of Keras may leave a size open.
    sized = all(shape and None not in shape for _, shape, _ in keras["layers"])
    mine = Counter((kind, sized and shape, parameters) for kind, shape, parameters, _ in ours)
    wanted = Counter(
        (kind, sized and tuple(shape), parameters) for kind, shape, parameters in keras["layers"]
    )
    if theirs is None and mine == wanted:
        return True
    # Keras has an operator, a Lambda or a layer as activation where a stack has a layer; the report says so.
    more, fewer = mine - wanted, wanted - mine
    kinds = {kind for kind, _, _ in more}
    said = theirs is None or any(note.kind == "changed" for note in reading.notes)
    return said and bool(kinds) and kinds <= OPERATORS and all(kind == "Lambda" for kind, _, _ in fewer)


@pytest.mark.parametrize("case", REFERENCED, ids=lambda case: case["id"])
def test_pasted_code_is_what_keras_builds_or_is_refused(case: Case) -> None:
    reading = read(case)
    if reading is not None:
        assert case in STACKS
        assert is_as_keras(case, reading)


def test_nearly_all_code_of_one_input_and_one_output_is_read() -> None:
    unread = [case["id"] for case in STACKS if read(case) is None]
    assert len(unread) <= 0.05 * len(STACKS), unread


@pytest.mark.parametrize("case", [case for case in CASES if "keras" not in case], ids=lambda case: case["id"])
def test_code_that_lacks_something_is_read_or_refused_with_its_line(case: Case) -> None:
    reading = read(case)
    assert reading is None or reading.layers
