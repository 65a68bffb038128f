"""`tuinn summary`: what `model.summary()` would say, without TensorFlow."""

from pathlib import Path
from typing import Any

import click
import msgspec

from tuinn.cli.draft import explain, facts_of, read_draft
from tuinn.cli.options import JSON, SETTINGS, SPEC
from tuinn.cli.table import table
from tuinn.cli.verbs import WRONG
from tuinn.spec.advice import advise
from tuinn.spec.layers import by_text
from tuinn.spec.shapes import Summary, summarise
from tuinn.view.words import count, size


@click.command()
@SPEC
@SETTINGS
@JSON
def summary(file: Path, settings: tuple[str, ...], as_json: bool) -> None:
    """Show a network's layers and parameters.

    TensorFlow is not loaded for it, so it comes at once.
    """
    spec = read_draft(file, settings)
    facts = facts_of(spec)
    found = summarise(spec.model, facts.input_shape)
    if found.misfit:
        at = found.misfit[0]
        explain([problem for problem in advise(spec, facts, found) if problem.at == at], str(file))
        raise click.exceptions.Exit(WRONG)
    click.echo(msgspec.json.encode(as_object(found)) if as_json else as_text(found))


def as_object(found: Summary) -> dict[str, Any]:
    """For JSON. Shapes are without the batch axis, `bytes` at float32."""
    layers = [
        {"name": row.name, "kind": row.layer.kind, "output_shape": row.shape, "params": row.params}
        for row in found.rows
    ]
    return {
        "layers": layers,
        "total": found.total,
        "trainable": found.trainable,
        "non_trainable": found.non_trainable,
        "bytes": found.bytes,
    }


def as_text(found: Summary) -> str:
    """An aligned table and its totals."""
    rows = [
        (row.name, row.layer.kind, row.layer.words(), by_text(row.shape or ()), count(row.params))
        for row in found.rows
    ]
    head = ("layer", "kind", "options", "output", "parameters")
    return (
        table([head, ("input", "", "", by_text(found.input_shape), ""), *rows], right={4})
        + f"\n\n{count(found.total)} parameters, {size(found.bytes)}"
        + f"\n{count(found.trainable)} trainable, {count(found.non_trainable)} not trainable"
    )
