"""Runs side by side: where their specs differ, and how they ended."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tuinn.spec.run import RunSpec
from tuinn.view.run_view import RunView
from tuinn.view.words import duration, metric


@dataclass(frozen=True)
class Row:
    """One line of the table: a name, and a value per run."""

    name: str
    values: tuple[str, ...]


def differences(specs: Sequence[RunSpec]) -> list[Row]:
    """Every setting and layer that is not the same in all of them, in the order of a spec."""
    tables = [_flat(spec) for spec in specs]
    names = list(dict.fromkeys(name for table in tables for name in table))
    rows = (Row(name, tuple(table.get(name, "–") for table in tables)) for name in names)
    return [row for row in rows if len(set(row.values)) > 1]


def results(views: Sequence[RunView]) -> list[Row]:
    """Epochs, time, and every metric: on the test set where it was tested, else the latest."""
    rows = [
        Row(
            "epochs",
            tuple(f"{view.finished[-1].epoch if view.finished else 0}/{view.epochs}" for view in views),
        ),
        Row("time", tuple(_time(view) for view in views)),
    ]
    tested = [dict(view.evaluated.metrics) if view.evaluated else {} for view in views]
    for name in dict.fromkeys(name for metrics in tested for name in metrics):
        rows.append(Row(f"test {name}", tuple(_shown(metrics, name) for metrics in tested)))
    best = [dict(view.best.metrics) if view.best else {} for view in views]
    for name in ("val_loss", "val_accuracy"):
        if any(name in metrics for metrics in best):
            rows.append(Row(f"best {name}", tuple(_shown(metrics, name) for metrics in best)))
    return rows


def _shown(metrics: dict[str, float | None], name: str) -> str:
    return metric(metrics[name]) if name in metrics else "–"


def _time(view: RunView) -> str:
    return duration(sum(epoch.seconds for epoch in view.finished)) if view.finished else "–"


def _flat(spec: RunSpec) -> dict[str, str]:
    raw = spec.raw()
    flat = {f"dataset.{name}": _word(value) for name, value in raw["dataset"].items()}
    for at, layer in enumerate(spec.model.layers, start=1):
        flat[f"layer {at}"] = f"{layer.kind} {layer.words()}".strip()
    return flat | {f"fit.{name}": _word(value) for name, value in raw["fit"].items()}


def _word(value: Any) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else f"{value}"
