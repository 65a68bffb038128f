"""Which part of a sample made the network say what it says: Grad-CAM, gradient × input, occlusion."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from tuinn.data.text_store import Texts
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, Task
from tuinn.worker.inspection.activations import LayerSteps, encoded_names, layer_to_split, linear, text_of
from tuinn.worker.keras_types import Array, Layer, Model, Tensor
from tuinn.worker.model.network import Network

Floats = NDArray[np.float64]

PATCHES = 12
"""Patches that a picture is covered with along an axis, about; they overlap by half."""

MOST_PARTS = 400
"""Words or columns that are covered one by one, at most: the first ones."""


@dataclass(frozen=True)
class Attribution:
    """How much each part of the sample speaks for one output."""

    parts: NDArray[np.float32]
    """height × width of a picture, else one number for each column, word or step; above 0: it speaks for it."""
    labels: tuple[str, ...] = ()
    """Of the parts, where they have names."""
    target: int = 0
    """The output: a class, or 0 of a regression."""


def target_of(outputs: NDArray[np.float32], facts: DataFacts, wanted: int | None) -> int:
    """The class that is asked about; None: the one that is predicted; of several targets the first.

    Raises SpecError where there is no such class or target.
    """
    classes = max(len(facts.classes), len(facts.target_names), 1)
    if wanted is None and facts.target_names:
        return 0
    if wanted is None:
        return int(outputs[0] > 0.5) if classes == 2 and len(outputs) == 1 else int(outputs.argmax())
    if not 0 <= wanted < classes:
        what = "target" if facts.target_names else "class"
        raise SpecError(f"There is no {what} {wanted}; the last one is {classes - 1}.")
    return wanted


def score_of(outputs: NDArray[np.float32], target: int, facts: DataFacts) -> Floats:
    """(n, outputs) → (n,): how much the network is for the class; of a regression what it predicts."""
    found = outputs.astype(np.float64)
    if facts.task is not Task.LABELS and outputs.shape[1] == 1 and len(facts.classes) == 2:
        return found[:, 0] if target else 1 - found[:, 0]
    return found[:, target]


# ---------------------------------------------------------------------------------------------------- occlusion


def occlusion(
    network: Network, facts: DataFacts, sample: Array, wanted: int | None, batch: int
) -> Attribution:
    """How far the output falls when a part of the sample is covered: patches of a picture, columns, words."""
    whole = network.outputs(sample, batch)
    target = target_of(whole[0], facts, wanted)
    before = float(score_of(whole, target, facts)[0])

    def fall(covered: Array) -> Floats:
        return before - score_of(network.outputs(covered, batch), target, facts)

    if facts.is_text:
        every = text_of(sample[0]).split()
        words, rest = every[:MOST_PARTS], every[MOST_PARTS:]
        without = [" ".join([*words[:at], *words[at + 1 :], *rest]) for at in range(len(words))]
        falls = fall(Texts.of(without)[:]) if words else np.zeros(0)
        return Attribution(falls.astype(np.float32), tuple(words), target)
    if len(facts.shape) > 1:
        return Attribution(_patches(sample[0], fall, batch).astype(np.float32), (), target)
    count = min(sample.shape[1], MOST_PARTS)
    covered = np.repeat(sample, count, axis=0)
    covered[np.arange(count), np.arange(count)] = _nothing(facts, sample)[:count]
    labels = tuple(facts.feature(at) for at in range(count)) if facts.is_table else ()
    return Attribution(fall(covered).astype(np.float32), labels, target)


def _nothing(facts: DataFacts, sample: Array) -> NDArray[np.float32]:
    """What stands for no value in each column: a gap of a table that is encoded, else 0."""
    if not facts.columns:
        return np.zeros(sample.shape[1], np.float32)
    return np.array([np.nan if column.kind == "number" else 0 for column in facts.columns], np.float32)


def _patches(sample: Array, fall: Callable[[Array], Floats], batch: int) -> Floats:
    """height × width: the mean fall over all patches that cover a pixel; they get the sample's mean. `batch` copies at a time."""
    height, width = sample.shape[:2]
    high, wide = max(2 * height // PATCHES, 1), max(2 * width // PATCHES, 1)
    places = [
        (top, left)
        for top in range(0, height, max(high // 2, 1))
        for left in range(0, width, max(wide // 2, 1))
    ]
    ground = np.asarray(sample, np.float32).mean()
    total, times = np.zeros((height, width)), np.zeros((height, width))
    for start in range(0, len(places), batch):
        some = places[start : start + batch]
        covered = np.repeat(sample[None], len(some), axis=0)
        for at, (top, left) in enumerate(some):
            covered[at, top : top + high, left : left + wide] = ground
        for (top, left), value in zip(some, fall(covered), strict=True):
            total[top : top + high, left : left + wide] += value
            times[top : top + high, left : left + wide] += 1
    return total / times


# ---------------------------------------------------------------------------------------------------- gradients


def gradient_times_input(steps: LayerSteps, sample: Array, wanted: int | None) -> Attribution:
    """Gradient of the output before softmax, times the input: what each number adds, by a first approximation.

    Of words, the numbers of each word's row are added up. Raises SpecError where words become numbers without a row.
    """
    network, facts = steps.network, steps.facts
    target = target_of(network.outputs(sample, 1)[0], facts, wanted)
    inputs = network.encoded(sample) if facts.columns else _as_tensor(sample)
    start, rest = _from_numbers(network.stack, facts)
    values = tf.convert_to_tensor(start(inputs, training=False) if start is not None else inputs, tf.float32)
    with _without_last_activation(rest), tf.GradientTape() as tape:
        tape.watch(values)
        score = _score(rest(values, training=False), target, facts)
    products = np.asarray(tape.gradient(score, values) * values, np.float32)[0]
    if start is not None:  # (words, width)
        words = _words(facts, sample, len(products))
        return Attribution(products.reshape(len(products), -1).sum(axis=1), words, target)
    if len(facts.shape) > 1:
        return Attribution(products if products.ndim == 2 else products.sum(axis=-1), (), target)
    labels = encoded_names(facts.columns) if facts.columns else ()
    if not labels and facts.is_table:
        labels = tuple(facts.feature(at) for at in range(len(products)))
    return Attribution(products, labels, target)


def _words(facts: DataFacts, sample: Array, count: int) -> tuple[str, ...]:
    if facts.is_text:
        words = text_of(sample[0]).split()
        return tuple(words[at] if at < len(words) else "" for at in range(count))
    return tuple(str(int(number)) for number in sample[0][:count])


def _from_numbers(stack: Model, facts: DataFacts) -> tuple[Model | None, Model]:
    """What makes numbers of words, None where the samples are numbers; and the rest of the network."""
    if not (facts.is_text or facts.words):
        return None, stack
    table = next((layer for layer in stack.layers if isinstance(layer, keras.layers.Embedding)), None)
    if table is None:
        raise SpecError(
            "Words become numbers here without an Embedding, so there is no gradient. Take occlusion."
        )
    try:
        return keras.Model(stack.input, table.output), keras.Model(table.output, stack.output)
    except ValueError as error:  # the graph goes round the table
        raise SpecError(
            "More than the Embedding takes the words, so there is no gradient. Take occlusion."
        ) from error


def grad_cam(steps: LayerSteps, sample: Array, wanted: int | None) -> Attribution:
    """Where the last convolution sees what speaks for the class (Selvaraju et al. 2017, arXiv:1610.02391).

    height × width of that layer's maps. Raises SpecError for a network without a convolution over pictures.
    """
    network, facts = steps.network, steps.facts
    target = target_of(network.outputs(sample, 1)[0], facts, wanted)
    convolution = last_convolution(network.stack)
    model: Model = keras.Model(network.stack.input, [convolution.output, network.stack.output])
    with _without_last_activation(network.stack), tf.GradientTape() as tape:
        inputs = _as_tensor(sample)
        tape.watch(inputs)  # the layers before the maps may have no weights that are trained
        maps, outputs = _pair(model(inputs, training=False))
        score = _score(outputs, target, facts)
    gradients = np.asarray(tape.gradient(score, maps), np.float64)[0]
    weights = gradients.mean(axis=(0, 1))
    heat = np.maximum((np.asarray(maps, np.float64)[0] * weights).sum(axis=-1), 0)
    return Attribution(heat.astype(np.float32), (), target)


def last_convolution(stack: Model) -> Layer:
    """The last layer that gives maps of a picture, height × width × channels, by a convolution. Raises SpecError."""
    found = [
        layer for layer in stack.layers if "Conv" in type(layer).__name__ and len(layer.output.shape) == 4
    ]
    if not found:
        raise SpecError("Grad-CAM needs a convolution over pictures, such as Conv2D. Take occlusion.")
    return found[-1]


def _pair(given: object) -> tuple[Tensor, Tensor]:
    assert isinstance(given, list | tuple)
    return given[0], given[1]


def _as_tensor(sample: Array) -> Tensor:
    tensor: Tensor = (
        tf.constant(sample.tolist(), tf.string) if sample.dtype == object else tf.constant(sample, tf.float32)
    )
    return tensor


@contextmanager
def _without_last_activation(model: Model) -> Iterator[None]:
    """The network gives what its last layer gives before softmax or sigmoid, where that is the layer's own option.

    After softmax, the gradient of a sure answer is next to nothing.
    """
    split = layer_to_split(model.layers[-1])
    if split is None:
        yield
        return
    with linear(split):
        yield


def _score(outputs: Tensor, target: int, facts: DataFacts) -> Tensor:
    """Of the first sample: the output of the class; with one output for two classes, its negative for the first."""
    one: Tensor = tf.cast(outputs, tf.float32)[0]
    if facts.task is not Task.LABELS and int(one.shape[-1]) == 1 and len(facts.classes) == 2:
        signed: Tensor = one[0] if target else tf.negative(one[0])
        return signed
    return one[target]
