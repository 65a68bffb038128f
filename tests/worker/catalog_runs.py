"""Small runs that together hold every layer type, optimizer, schedule, callback, loss and metric of the catalogue.

A new row of the catalogue is in one of them by itself; where it has an option without a default, `SIZES` must know it.
"""

from collections.abc import Iterable, Iterator
from itertools import count, cycle
from math import ceil
from pathlib import Path
from typing import Any

import numpy as np

from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec, Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import CATALOG, LAYER_TYPES, LayerSpec
from tuinn.spec.layers.layer_type import LayerType, Shape
from tuinn.spec.options import REQUIRED
from tuinn.spec.training import losses, metrics, optimizers, schedules

SHAPES: tuple[Shape, ...] = ((12,), (6, 4), (8, 8, 3), (4, 4, 4, 2))
"""Of the samples; a layer type is tried on the first that it takes."""

TRAINED, TESTED, BATCH = 45, 20, 8

RATES = ("dropout", "recurrent_dropout", "rate", "stddev")
"""Options that make a layer random."""

SIZES: dict[str, object] = {
    **dict.fromkeys(RATES, 0.3),
    **dict.fromkeys(("factor", "height_factor", "width_factor"), 0.3),
    **dict.fromkeys(("height", "width"), 6),
    "units": 3,
    "filters": 2,
    "kernel_size": 2,
    "num_heads": 2,
    "key_dim": 2,
    "n": 2,
    "l2": 0.01,
    "input_dim": 4,
    "output_dim": 2,
    "num_tokens": 4,
    "scale": 0.5,
    "activation": "tanh",
    "target_shape": [-1],
    "dims": [1],
    "num_bins": 3,
}
"""Values of options, where a layer type has them and they aren't at their best by default."""

DEFAULT_BEST = {"activation", "dims", "scale"}
"""Those that are set only where there is no default."""


def layer_of(kind: LayerType, **more: object) -> LayerSpec:
    """A layer with all that is random switched on."""
    names = {option.name for option in kind.options}
    required = {option.name for option in kind.options if option.default is REQUIRED}
    unknown = required - set(SIZES) - set(more)
    assert not unknown, f"tests/worker/catalog_runs.py: SIZES needs a value for {unknown} of {kind.name}"
    told = {name: SIZES[name] for name in names & set(SIZES) if name in required or name not in DEFAULT_BEST}
    if kind.name == "GroupNormalization":
        told["groups"] = 1
    return LayerSpec.of(kind.name, **{**told, **more})


def variants(kind: LayerType) -> Iterator[LayerSpec]:
    """The layers that stand for a type; for a wrapper, with the first that it may wrap, and with the last."""
    for inner in kind.wraps[:: max(1, len(kind.wraps) - 1)]:
        names = {option.name for option in LAYER_TYPES[inner].options} & (set(SIZES) - DEFAULT_BEST)
        yield LayerSpec.of(kind.name, layer=inner, **{name: SIZES[name] for name in names})
    if not kind.wraps:
        yield layer_of(kind)


def shape_for(layer: LayerSpec) -> Shape:
    """The first shape that it takes."""
    for shape in SHAPES:
        try:
            inputs = (shape, shape) if layer.layer_type.merges else (shape,)
            layer.measure(*inputs)
        except SpecError:
            continue
        return shape
    raise AssertionError(f"tests/worker/catalog_runs.py: {layer.code()} takes none of {SHAPES}")


def every_layer() -> Iterator[LayerSpec]:
    """Of every type that takes numbers."""
    for kind in CATALOG:
        if not kind.reads_text:
            yield from variants(kind)


def layers_by_shape() -> dict[Shape, list[LayerSpec]]:
    found: dict[Shape, list[LayerSpec]] = {shape: [] for shape in SHAPES}
    for layer in every_layer():
        found[shape_for(layer)].append(layer)
    return found


TOGETHER = 7
"""Layers in one network, at most: Keras needs seconds to trace a recurrent one."""


def networks() -> Iterator[tuple[Shape, list[LayerSpec]]]:
    """Every layer of `every_layer` in one of them, with the shape of its samples."""
    for shape, layers in layers_by_shape().items():
        groups = ceil(len(layers) / TOGETHER)
        # Dealt like cards, so that those that are alike, and cost as much, come apart.
        yield from ((shape, layers[at::groups]) for at in range(groups))


def side_by_side(layers: list[LayerSpec], outputs: int = 3) -> Iterator[LayerSpec]:
    """A network in which each of these layers takes the samples, and one takes what they all give."""
    ends, at = [], count()
    for layer in layers:
        number = next(at)
        sources = ["input"]
        if layer.layer_type.merges:
            sources = [f"left{number}", f"right{number}"]
            for name in sources:
                yield LayerSpec.of("Activation", activation="tanh", name=name, **{"from": ["input"]})
        yield layer.with_options(name=f"a{number}", **{"from": tuple(sources)})
        # Keras' RandomCrop crops in training only, so what it gives has another size in validation.
        end = "GlobalAveragePooling2D" if layer.type_name == "RandomCrop" else "Flatten"
        yield LayerSpec.of(end, name=f"end{number}")
        ends.append(f"end{number}")
    if len(ends) > 1:
        yield LayerSpec.of("Concatenate", **{"from": ends})
    yield LayerSpec.of("Dense", units=outputs, activation="softmax")


def one_by_one(shape: Shape, layers: list[LayerSpec], outputs: int = 3) -> Iterator[LayerSpec]:
    """A network in which each layer takes the one before it, of those that take one and leave it its axes."""
    rank = len(shape)
    for layer in layers:
        if layer.layer_type.merges or layer.type_name in ("MultiHeadAttention", "RandomCrop"):
            continue
        try:
            after = layer.measure(shape).shape
        except SpecError:
            continue
        if len(after) == rank:
            shape = after
            yield layer
    yield LayerSpec.of("Flatten")
    yield LayerSpec.of("Dense", units=outputs, activation="softmax")


def samples_of(folder: Path, shape: Shape, task: Task = Task.CLASSES) -> DatasetSpec:
    """Numbers from 0 to 4, as a file of arrays."""
    file = folder / f"{'x'.join(map(str, shape))}-{task.name.lower()}.npz"
    if not file.exists():
        dice = np.random.default_rng(0)
        x = {
            part: (4 * dice.random((n, *shape))).astype(np.float32)
            for part, n in (("train", TRAINED), ("test", TESTED))
        }
        arrays: dict[str, Any] = {f"x_{part}": values for part, values in x.items()}
        np.savez(file, **arrays, **{f"y_{part}": _targets(values, task) for part, values in x.items()})
    return DatasetSpec.at(str(file), task=task.name.lower())


def _targets(x: Any, task: Task) -> Any:
    sums = x.reshape(len(x), -1).sum(axis=1)
    ranks = np.argsort(np.argsort(sums))
    match task:
        case Task.BINARY:
            return ranks % 2
        case Task.CLASSES:
            return 3 * ranks // len(x)
        case Task.LABELS:
            return np.stack([ranks % 2, 2 * ranks // len(x), ranks % 3 == 0], axis=1).astype(np.int64)
        case Task.REGRESSION:
            return 1000 + 10 * sums


def _allowed(rows: Iterable[losses.LossType | metrics.Metric], task: Task) -> list[str]:
    return [row.name for row in rows if task in row.tasks]


def callback_settings() -> Iterator[dict[str, object]]:
    """What of the fit settings makes callbacks: early stopping of each kind, for each thing it may watch."""
    yield {}
    for restore in (True, False):
        for monitor in ("val_loss", "loss"):
            yield {"early_stopping_patience": 1, "restore_best": restore, "monitor": monitor}


def every_fit(with_losses: bool = True) -> Iterator[tuple[Task, FitSpec]]:
    """Fit settings in which each optimizer, schedule and kind of callback comes at least once; so do losses and
    metrics, unless there shall be no more settings than the others need.
    """
    wanted = [(row.tasks[-1], row.name) for row in losses.LOSSES]
    most = max(len(optimizers.OPTIMIZERS), len(schedules.SCHEDULES), len(list(callback_settings())))
    wanted = wanted if with_losses else [row for row, _ in zip(cycle(wanted), range(most), strict=False)]
    steering = cycle(callback_settings())
    optimizer, schedule = cycle(optimizers.OPTIMIZERS), cycle(schedules.SCHEDULES)
    for (task, loss), callbacks in zip(wanted, steering, strict=False):
        yield (
            task,
            FitSpec.of(
                {
                    "loss": loss,
                    "metrics": _allowed(metrics.METRICS, task),
                    "optimizer": next(optimizer).name,
                    "schedule": next(schedule).name,
                    "learning_rate": 0.01,
                    "epochs": 3,
                    "batch_size": BATCH,
                    **callbacks,
                }
            ),
        )


def small_network(task: Task) -> Iterator[LayerSpec]:
    """A network with some chance in it, for the samples of `SHAPES[0]`."""
    yield LayerSpec.of("Normalization")
    yield LayerSpec.of("Dense", units=6, activation="relu")
    yield LayerSpec.of("BatchNormalization")
    yield LayerSpec.of("Dropout", rate=0.3)
    yield {
        Task.BINARY: LayerSpec.of("Dense", units=1, activation="sigmoid"),
        Task.CLASSES: LayerSpec.of("Dense", units=3, activation="softmax"),
        Task.LABELS: LayerSpec.of("Dense", units=3, activation="sigmoid"),
        Task.REGRESSION: LayerSpec.of("Dense", units=1, activation="softplus"),
    }[task]


def text_layers() -> list[LayerSpec]:
    """Of every type that reads texts."""
    sizes = {"output_sequence_length": 4}
    found = []
    for kind in CATALOG:
        if kind.reads_text:
            known = {option.name for option in kind.options}
            found.append(LayerSpec.of(kind.name, **{k: v for k, v in sizes.items() if k in known}))
    return found


def texts_in(folder: Path) -> DatasetSpec:
    """Texts of two classes, as a table."""
    words = ("hat", "cat", "dog", "sun", "rain")
    rows = [
        f"{words[at % 5]} {words[at // 2 % 3]} {words[at // 5 % 5]},{'yes' if at % 3 else 'no'}"
        for at in range(TRAINED + TESTED)
    ]
    file = folder / "texts.csv"
    file.write_text("\n".join(["text,answer", *rows]) + "\n")
    return DatasetSpec.at(str(file), kind="text", target="answer")
