"""`tuinn summary`: what `model.summary()` would say, without TensorFlow."""

import shutil
from dataclasses import asdict
from pathlib import Path

import click
import msgspec

from tuinn.cli.common.exit_codes import WRONG
from tuinn.cli.common.options import JSON, SETTINGS, SPEC, table
from tuinn.cli.common.spec_file import explain, facts_of, read_spec
from tuinn.spec.advice.advise import advise
from tuinn.spec.cost import estimate_memory, flops, receptive_fields
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import format_shape
from tuinn.spec.layers.shapes import Summary, summarize
from tuinn.text import format_bytes, format_count, format_short_count
from tuinn.view.network_diagram import draw


@click.command()
@SPEC
@SETTINGS
@click.option("--draw", "drawn", is_flag=True, help="Boxes and lines instead of a table.")
@JSON
def summary(file: Path, settings: tuple[str, ...], drawn: bool, as_json: bool) -> None:
    """Show a network's layers, parameters and what training it costs.

    TensorFlow is not loaded for it, so it comes at once.
    """
    spec = read_spec(file, settings)
    facts = facts_of(spec)
    found = summarize(spec.model, facts.input_shape, facts.is_text)
    if found.mismatch:
        at = found.mismatch[0]
        explain([problem for problem in advise(spec, facts, found) if problem.at == at], str(file))
        raise click.exceptions.Exit(WRONG)
    if drawn:
        click.echo("\n".join(draw(found, shutil.get_terminal_size().columns)))
        return
    samples = spec.training_samples(facts)
    if as_json:
        click.echo(msgspec.json.encode(as_object(found, spec.fit, samples)))
    else:
        click.echo(as_text(found, spec.fit, samples))


def as_object(found: Summary, fit: FitSpec, samples: int = 0) -> dict[str, object]:
    """For JSON. Shapes are without the batch axis, `bytes` at float32, `flops` those of one sample's way forward."""
    layers = [
        {
            "name": row.name,
            "kind": row.layer.type_name,
            "output_shape": row.shape,
            "params": row.params,
            "connected_to": row.sources,
            "receptive_field": field,
        }
        for row, field in zip(found.rows, receptive_fields(found), strict=True)
    ]
    cost = estimate_memory(found, fit, samples)
    return {
        "layers": layers,
        "total": found.total,
        "trainable": found.trainable,
        "non_trainable": found.non_trainable,
        "frozen": found.frozen,
        "bytes": found.bytes,
        "training_bytes": {**asdict(cost), "total": cost.total},
        "flops": flops(found),
    }


def as_text(found: Summary, fit: FitSpec, samples: int = 0) -> str:
    """An aligned table, its totals, and what training costs. Sources stand where the network branches, the patch that
    a value sees where it convolves."""
    fields = receptive_fields(found)
    columns = {
        "layer": ["input", *(row.name for row in found.rows)],
        "kind": ["", *(row.layer.type_name for row in found.rows)],
        "options": ["", *(row.layer.options_text() for row in found.rows)],
        "output": [found.input_text, *(format_shape(row.shape or ()) for row in found.rows)],
        "parameters": ["", *(format_count(row.params) for row in found.rows)],
    }
    if any(row.layer.sources for row in found.rows):
        columns["connected to"] = ["", *(", ".join(row.sources) for row in found.rows)]
    if any(max(field or (1,)) > 1 for field in fields):
        columns["sees"] = ["", *(format_shape(field) if field else "" for field in fields)]
    cost = estimate_memory(found, fit, samples)
    parts = ", ".join(f"{name} {format_bytes(part)}" for name, part in asdict(cost).items())
    return (
        table([tuple(columns), *zip(*columns.values(), strict=True)], right={4})
        + f"\n\n{format_count(found.total)} parameters, {format_bytes(found.bytes)}"
        + f"\n{format_count(found.trainable)} trainable, {format_count(found.non_trainable)} not trainable"
        + (f", {format_count(found.frozen)} of them frozen" if found.frozen else "")
        + f"\n{format_bytes(cost.total)} in training with batches of {min(fit.batch_size, samples or fit.batch_size):,}: {parts}"
        + f"\n{format_short_count(flops(found))} floating-point operations for a sample, forward"
    )
