"""Look a network over: units that never speak, steps too large or too small, and whether it can learn a few samples.

Nothing of the network is other than before afterwards: weights, optimizer and seeds are put back.
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import keras
import numpy as np
import tensorflow as tf
from msgspec.structs import replace
from numpy.typing import NDArray

from tuinn.runs.examination import Examination, ExaminedLayer, Memorized
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.layer_options import INPUT_NAME
from tuinn.worker.inspection.activations import LayerSteps
from tuinn.worker.keras_types import Array, Model, Optimizer, Tensor
from tuinn.worker.model import compilation
from tuinn.worker.model.learning_rate import inner_optimizer
from tuinn.worker.model.network import Network
from tuinn.worker.model.seeds import assign, values_of

MOST_SAMPLES = 500
"""Training samples over which units are looked at, and one update is tried."""

CUTTING = ("relu", "relu6", "ReLU")
"""Activation functions, and a layer type, whose units may give 0 for everything."""

ENDS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
"""Activation functions that flatten out, and where."""

NEAR, NEARLY_ALL = 0.02, 0.95
"""A unit is saturated when it is so near to an end, as a share of the range, for so many of the samples."""

FEW, UPDATES, SECONDS = 32, 400, 10.0
"""Samples to learn by heart, in how many updates, and in how long at most."""


def examine(
    network: Network, facts: DataFacts, fit: FitSpec, samples: Array, truth: Array, counts: Array, epoch: int
) -> Examination:
    """Look over the network as it is after `epoch`.

    `samples`, as they are cached, and `truth` are some of the training part; `counts`: (classes,), training samples of each.
    """
    steps = LayerSteps(network, facts)
    targets = compilation.targets(
        network.scaler.scaled(truth), network.loss, int(network.model.output.shape[-1])
    )
    layers = {found.name: found for found in _spoken(steps, samples)}
    for name, update in _updates(network, samples, targets).items():
        layers[name] = replace(layers.get(name, ExaminedLayer(name)), update=update)
    broken = {
        layer.name
        for layer in network.stack.layers
        if any(not np.isfinite(weight).all() for weight in values_of(layer.trainable_weights))
    }
    layers |= {name: replace(layers.get(name, ExaminedLayer(name)), not_finite=True) for name in broken}
    places = {layer.name: at for at, layer in enumerate(network.stack.layers)}
    rarest = (facts.classes[int(counts.argmin())], int(counts.min())) if len(counts) else None
    return Examination(
        epoch=epoch,
        samples=len(samples),
        layers=tuple(sorted(layers.values(), key=lambda layer: places.get(layer.name, 0))),
        memorized=_memorized(network, facts, fit, samples[:FEW], targets[:FEW]),
        rarest=rarest,
        largest=int(counts.max()) if len(counts) else 0,
    )


def _spoken(steps: LayerSteps, samples: Array) -> Iterator[ExaminedLayer]:
    """The layers inside the network that end in an activation function that can go dead or saturate."""
    values, last = steps.values(samples), len(steps.steps) - 1
    for at, (step, given) in enumerate(zip(steps.steps, values, strict=True)):
        is_encoded = step.layer == INPUT_NAME and bool(steps.facts.columns)  # a gap is NaN before the encoder
        if given.dtype.kind not in "iufb" or is_encoded:
            continue
        wide = given.astype(np.float32)
        numbers = wide.reshape(-1, wide.shape[-1]) if wide.ndim > 1 else wide[:, None]
        if not np.isfinite(numbers).all():
            yield ExaminedLayer(step.layer, not_finite=True)
            continue
        function = "ReLU" if step.kind == "ReLU" else str(step.options.get("activation", ""))
        if at == last or step.layer == steps.steps[last].layer or not (step.is_applied or step.kind in KINDS):
            continue
        dead = saturated = 0
        if function in CUTTING:
            dead = int((numbers == 0).all(axis=0).sum())
        elif function in ENDS:
            low, high = ENDS[function]
            room = NEAR * (high - low)
            stuck = ((numbers < low + room) | (numbers > high - room)).mean(axis=0)
            saturated = int((stuck >= NEARLY_ALL).sum())
        else:
            continue
        yield ExaminedLayer(step.layer, numbers.shape[1], function, dead, saturated)


KINDS = ("Activation", "ReLU")
"""Layer types that are nothing but an activation function."""


def _updates(network: Network, samples: Array, targets: Array) -> dict[str, float]:
    """Layer → norm of one update of its weights by the norm of the weights, for the samples as one batch.

    Nothing where the optimizer is new, as that of a network that was loaded is: its first step tells nothing of later ones.
    """
    model = network.model
    if not model.trainable_variables or not int(inner_optimizer(model.optimizer).iterations):
        return {}
    with _put_back(model):
        before = {layer.name: values_of(layer.trainable_weights) for layer in model.layers}
        _step(model, model.optimizer, network.encoded(samples), targets)
        found = {}
        for layer in model.layers:
            old = before[layer.name]
            moved = _norm(
                [
                    np.subtract(new, was)
                    for new, was in zip(values_of(layer.trainable_weights), old, strict=True)
                ]
            )
            if old and (size := _norm(old)) > 0 and np.isfinite(moved / size):
                found[layer.name] = moved / size
    return found


def _norm(arrays: list[Array]) -> float:
    return float(np.sqrt(sum(np.square(array, dtype=np.float64).sum() for array in arrays)))


def _step(model: Model, optimizer: Optimizer, inputs: object, targets: object) -> Tensor:
    """One update, without the metrics of `fit`. Returns the loss before it."""
    with tf.GradientTape() as tape:
        loss = _loss(model, inputs, targets, training=True)
        scaled = optimizer.scale_loss(loss)
    gradients = tape.gradient(scaled, model.trainable_variables)
    optimizer.apply(gradients, model.trainable_variables)
    return loss


def _loss(model: Model, inputs: object, targets: object, training: bool) -> Tensor:
    loss: Tensor = keras.ops.mean(model.loss(targets, model(inputs, training=training)))
    for penalty in model.losses:
        loss = keras.ops.add(loss, penalty)
    return loss


@contextmanager
def _put_back(model: Model) -> Iterator[None]:
    """All variables of the network and its optimizer are as before after the block."""
    variables = [*model.variables, *model.optimizer.variables]
    before = values_of(variables)
    try:
        yield
    finally:
        assign(variables, before)


def _memorized(
    network: Network, facts: DataFacts, fit: FitSpec, samples: Array, targets: Array
) -> Memorized | None:
    """Train a new network of the same layers on a few samples. None where it can't be made anew."""
    state = random.getstate()  # from which Keras takes the seeds of new weights
    try:
        random.seed(fit.seed)
        with suppress(Exception):  # Keras can't clone every layer
            return _trained_anew(network, facts, fit, samples, targets)
        return None
    finally:
        random.setstate(state)


def _trained_anew(
    network: Network, facts: DataFacts, fit: FitSpec, samples: Array, targets: Array
) -> Memorized:
    model = network.untrained(compilation.optimizer(replace(fit, schedule="constant"), 1))
    inputs = keras.tree.map_structure(keras.ops.convert_to_tensor, network.encoded(samples))
    wanted = keras.ops.convert_to_tensor(targets)
    update = tf.function(lambda: _step(model, model.optimizer, inputs, wanted))
    before = _number(_loss(model, inputs, wanted, training=False))
    model.optimizer.build(model.trainable_variables)
    until, done = time.monotonic() + SECONDS, 0
    while done < UPDATES and (done < 1 or time.monotonic() < until):
        update()
        done += 1
    # Dropout stands in the way of the one, running means that lag behind in that of the other.
    modes = (True, False)
    after = min(_number(_loss(model, inputs, wanted, mode)) for mode in modes)
    if facts.task is Task.REGRESSION:
        return Memorized(len(samples), done, before, after, None)
    outputs = [np.asarray(model(inputs, training=mode), np.float32) for mode in modes]
    accuracy = max(_accuracy(one, np.asarray(targets), network) for one in outputs)
    return Memorized(len(samples), done, before, after, accuracy)


def _number(tensor: Tensor) -> float:
    return float(np.asarray(tensor))


def _accuracy(outputs: NDArray[np.float32], targets: Array, network: Network) -> float:
    if network.loss.targets == "number":
        right: NDArray[np.bool_] = (outputs > (0.0 if network.loss.from_logits else 0.5)) == np.greater(
            targets, 0.5
        )
    else:
        labels = targets.argmax(axis=-1) if network.loss.targets == "one_hot" else targets
        right = outputs.argmax(axis=-1) == labels
    return float(right.mean())
