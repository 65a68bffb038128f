"""`tuinn import FILE.py`: Keras code as a stack of layers. The code is read, not run."""

import json
import sys
from pathlib import Path

import click

from tuinn.cli.common.options import put, table
from tuinn.data.catalog import catalog
from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.keras_import.line_syntax import MOST_TEXT, read_lines
from tuinn.spec.keras_import.report import ParsedLayers
from tuinn.spec.keras_import.training.settings import fit_with
from tuinn.spec.layers.catalog import Shape, format_shape
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import Summary, summarize
from tuinn.spec.run import RunSpec
from tuinn.text import format_count
from tuinn.view.reports.import_report import sorted_report

SUFFIXES = (".py", ".ipynb", ".txt", ".md")


def is_code(path: Path) -> bool:
    """True for a file of code, by its name; `-` is stdin."""
    return path.suffix.lower() in SUFFIXES or str(path) == "-"


def import_code(path: Path, shape: Shape | None, as_json: bool, out: Path | None) -> None:
    """Show what the code makes, or write it as a spec. Raises SpecError with the file and the line."""
    try:
        reading = read_lines(read_text(path))
    except SpecError as problem:
        where = f"{path}, {problem.path}" if problem.path else str(path)
        raise SpecError(problem.message, where) from None
    shape = shape or reading.input_shape
    summary = summarize(ModelSpec(reading.layers), shape) if shape is not None else None
    spec = reading.spec or _spec(reading, shape)
    if out is not None:
        _say(reading)
        put(spec.toml(), out)
    elif as_json:
        click.echo(json.dumps(as_object(reading, summary, spec), ensure_ascii=False))
    else:
        click.echo(as_table(reading, summary))
        _say(reading)


def read_text(path: Path) -> str:
    """The text of a file of code; of a notebook, its cells of code. Raises SpecError."""
    if str(path) == "-":
        return sys.stdin.read(MOST_TEXT + 1)
    if path.exists() and not path.is_file():
        raise SpecError("is no file. Give a file of Python code.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SpecError("is not text in UTF-8.") from None
    except OSError as error:
        raise SpecError(f"cannot be read ({error.strerror}).") from None
    return notebook_code(text) if path.suffix.lower() == ".ipynb" else text


def notebook_code(text: str) -> str:
    """The code of a Jupyter notebook, one cell after the other. Raises SpecError."""
    try:
        cells = json.loads(text)["cells"]
        parts = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
        return "\n".join("".join(part) for part in parts)
    except (ValueError, KeyError, TypeError, RecursionError):
        raise SpecError("is not a Jupyter notebook that can be read.") from None


def _spec(reading: ParsedLayers, shape: Shape | None) -> RunSpec:
    """With the first dataset here whose samples have the network's shape."""
    model = ModelSpec(reading.layers)
    dataset = _fitting_dataset(model, shape)
    name = dataset.name if dataset is not None else DatasetSpec().name
    samples = catalog.find(name).facts.train
    chosen = DatasetSpec(name)
    if reading.validation is not None:
        chosen = chosen.with_value("validation", reading.validation)
    base = RunSpec(dataset=chosen, model=model)
    learned = round(samples * (1 - base.dataset.validation))
    return base.replace_fit(fit_with(base.fit, reading.fit, reading.decay, learned))


def _fitting_dataset(model: ModelSpec, shape: Shape | None) -> DatasetInfo | None:
    fitting = [entry for entry in catalog.all_datasets() if entry.facts.shape == shape]
    if not fitting or shape is None:
        return None
    last = summarize(model, shape).output
    return next((entry for entry in fitting if last == (len(entry.facts.classes),)), fitting[0])


def as_object(reading: ParsedLayers, summary: Summary | None, spec: RunSpec) -> dict[str, object]:
    """For JSON. Shapes are without the batch axis; without an input shape they, and the parameters, are null."""
    model = ModelSpec(reading.layers)
    rows = summary.rows if summary is not None else [None] * len(reading.layers)
    layers = [
        {
            "name": name,
            "kind": layer.type_name,
            "options": {key: value for key, value in layer.raw().items() if key not in ("kind", "from")},
            "connected_to": _sources(model, at),
            "output_shape": row.shape if row is not None else None,
            "params": row.params if row is not None and row.shape is not None else None,
            "line": reading.lines[at] if reading.lines else None,
        }
        for at, (name, layer, row) in enumerate(zip(model.names(), model.layers, rows, strict=True))
    ]
    mismatch = summary.mismatch if summary is not None else None
    return {
        "input_shape": summary.input_shape if summary is not None else None,
        "layers": layers,
        "total": summary.total if summary is not None and mismatch is None else None,
        "problem": {"layer": mismatch[0] + 1, "text": mismatch[1]} if mismatch else None,
        "fit": {**reading.fit, **({"validation": reading.validation} if reading.validation else {})},
        "report": [{"line": note.line, "kind": note.kind, "text": note.text} for note in reading.notes],
        "passed_over": list(reading.skipped),
        "spec": spec.raw(),
    }


def _sources(model: ModelSpec, at: int) -> list[str]:
    names = model.names()
    return [names[place] if place >= 0 else "input" for place in model.links[at].sources]


def as_table(reading: ParsedLayers, summary: Summary | None) -> str:
    """Rows with links, shapes and parameters, and their total."""
    model = ModelSpec(reading.layers)
    rows = summary.rows if summary is not None else [None] * len(reading.layers)
    lines = [("line", "layer", "kind", "options", "connected to", "output", "parameters")]
    for at, (name, layer, row) in enumerate(zip(model.names(), model.layers, rows, strict=True)):
        shape = row.shape if row is not None else None
        lines.append(
            (
                str(reading.lines[at]) if reading.lines else "",
                name,
                layer.type_name,
                layer.with_options(**{"from": None}).options_text(),
                ", ".join(_sources(model, at)),
                format_shape(shape) if shape is not None else "",
                format_count(row.params) if row is not None and shape is not None else "",
            )
        )
    if summary is None:
        foot = "The code doesn't say the shape of its input. Give --input-shape, such as 28,28,1."
    elif summary.mismatch is not None:
        at, why = summary.mismatch
        foot = f"Layer {at + 1}, {summary.rows[at].layer.type_name}: {why}"
    else:
        foot = f"{format_count(summary.total)} parameters for an input of {format_shape(summary.input_shape)}"
    return f"{table(lines, right={0, 6})}\n\n{foot}"


def _say(reading: ParsedLayers) -> None:
    """The import report, on stderr."""
    for kind, text in sorted_report(reading):
        click.echo(f"{kind}: {text}", err=True)
