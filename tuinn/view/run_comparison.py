"""Runs side by side: how they ended, and where their specs differ."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tuinn.spec.naming import setting_label
from tuinn.spec.run import RunSpec
from tuinn.spec.training.metrics import higher_is_better
from tuinn.text import format_count, format_duration, format_metric, join_names
from tuinn.view.run_view import RunView


@dataclass(frozen=True)
class Row:
    """One line of the table: a name, and a value per run."""

    name: str
    values: tuple[str, ...]
    best: frozenset[int] = frozenset()
    """Runs with the best value, counted from 0; empty where there is no better."""
    path: str = ""
    """Of a setting, where it stands in a spec: `fit.learning_rate`, `layer 2`; empty for a result."""


ABSENT = "–"

MOST_RUNS = 20
"""Runs whose curves stand on one screen: more can't be told apart, and take seconds to draw."""


def too_many(marked: int) -> str:
    """Return a sentence that says which of the marked runs are compared; empty where all of them are."""
    if marked <= MOST_RUNS:
        return ""
    return f"Only the first {MOST_RUNS} of {marked:,} marked runs are compared. Mark fewer to choose which."


def differences(specs: Sequence[RunSpec]) -> list[Row]:
    """Every setting and layer that is not the same in all of them, in the order of a spec."""
    tables = [_flat(spec) for spec in specs]
    paths = list(dict.fromkeys(path for table in tables for path in table))
    rows = (
        Row(_label(path), tuple(table.get(path, ABSENT) for table in tables), path=path) for path in paths
    )
    return [row for row in rows if len(set(row.values)) > 1]


def results(views: Sequence[RunView]) -> list[Row]:
    """Epochs, time, parameters, and what the test and the best epoch gave."""
    rows = [
        Row(
            "epochs",
            tuple(f"{view.finished[-1].epoch if view.finished else 0}/{view.epochs}" for view in views),
        ),
        Row(
            "time", tuple(format_duration(view.clock.seconds) if view.finished else ABSENT for view in views)
        ),
    ]
    rows += _metric_rows("test", [dict(view.evaluated.metrics) if view.evaluated else {} for view in views])
    best = [dict(view.best.metrics) if view.best else {} for view in views]
    validated = any(name.startswith("val_") for metrics in best for name in metrics)
    rows += _metric_rows("best", best, only="val_" if validated else "")
    rows.append(Row("best epoch", tuple(str(view.best.epoch) if view.best else ABSENT for view in views)))
    sizes = [view.built.trainable + view.built.non_trainable if view.built else None for view in views]
    if len(set(sizes)) > 1:
        rows.append(
            Row("parameters", tuple(ABSENT if size is None else format_count(size) for size in sizes))
        )
    return rows


def short_titles(titles: Sequence[str]) -> list[str]:
    """The same titles for narrow columns: a beginning that others have too is left out, `units 308` of `iris-lab, units 308`."""
    parts = [title.split(", ") for title in titles]
    beginnings = Counter(part[0] for part in parts)
    return [
        ", ".join(part[1:]) if len(part) > 1 and beginnings[part[0]] > 1 else ", ".join(part)
        for part in parts
    ]


def starless(views: Sequence[RunView], specs: Sequence[RunSpec]) -> tuple[str, str]:
    """Which rows have no best, since their numbers mean different things, and a sentence that says why.

    `all`: the data differ. `loss`: only the losses do. Nothing where every number can be compared.
    """
    trained = [(view, spec) for view, spec in zip(views, specs, strict=True) if view.finished]
    data = [spec.dataset for _, spec in trained]
    if len(set(data)) > 1:
        labels = join_names(list(dict.fromkeys(one.label for one in data)))
        if len({one.label for one in data}) > 1:
            return "all", f"no * at the best: different data ({labels})"
        return "all", f"no * at the best: {labels} is read or split in different ways"
    losses = [
        f"{view.built.loss if view.built else spec.fit.loss}"
        + (f" smoothed {spec.fit.label_smoothing:g}" if spec.fit.label_smoothing else "")
        for view, spec in trained
    ]
    if len(set(losses)) > 1:
        return "loss", f"no * at a loss: different ones ({join_names(list(dict.fromkeys(losses)))})"
    return "", ""


def without_stars(rows: Sequence[Row], which: str) -> list[Row]:
    """The same rows; those that `starless` names have no best."""
    return [
        replace(row, best=frozenset())
        if which == "all" or (which == "loss" and row.name.endswith("loss"))
        else row
        for row in rows
    ]


def last_values(views: Sequence[RunView]) -> list[Row]:
    """Every metric of the last epoch."""
    return _metric_rows("last", [dict(view.finished[-1].metrics) if view.finished else {} for view in views])


def values_at(views: Sequence[RunView], epoch: int) -> list[Row]:
    """Every metric of this epoch."""
    found = [next((dict(one.metrics) for one in view.finished if one.epoch == epoch), {}) for view in views]
    return _metric_rows(f"@{epoch}", found)


def _metric_rows(word: str, tables: Sequence[Mapping[str, float | None]], only: str = "") -> list[Row]:
    names = dict.fromkeys(name for table in tables for name in table if name.startswith(only))
    order = sorted(names, key=lambda name: (not name.startswith("val_"), not name.endswith("loss")))
    return [_metric_row(word, name, tables) for name in order]


def _metric_row(word: str, name: str, tables: Sequence[Mapping[str, float | None]]) -> Row:
    values = [table.get(name) for table in tables]
    known = [value for value in values if value is not None]
    best = (max if higher_is_better(name) else min)(known) if len(known) > 1 else None
    shown = tuple(format_metric(table[name]) if name in table else ABSENT for table in tables)
    return Row(
        f"{word} {name}",
        shown,
        frozenset(at for at, value in enumerate(values) if value == best and best is not None),
    )


def _flat(spec: RunSpec) -> dict[str, str]:
    flat = {f"dataset.{name}": _word(value) for name, value in spec.dataset.raw().items()}
    for at, layer in enumerate(spec.model.layers, start=1):
        flat[f"layer {at}"] = f"{layer.type_name} {layer.options_text()}".strip()
    return flat | {f"fit.{name}": _word(value) for name, value in spec.fit.raw().items()}


def _word(value: object) -> str:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else f"{value}"


def _label(path: str) -> str:
    """What people call a setting; a layer goes by its place."""
    return "dataset" if path == "dataset.name" else setting_label(path.rpartition(".")[2])
