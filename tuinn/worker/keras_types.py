"""What the worker uses of Keras and TensorFlow objects, as types. mypy skips both libraries, whose classes are Any to it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Protocol, SupportsFloat, SupportsInt

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.generic]
"""An array of any type."""

Logs = Mapping[str, float]
"""Keras' logs: running means by name."""


class Tensor(Protocol):
    """Symbolic while a network is built, else with values."""

    shape: tuple[int, ...]
    dtype: object

    def numpy(self) -> Array: ...

    def __getitem__(self, index: object, /) -> "Tensor": ...


class Element(Protocol):
    """One element of a Dataset: a tensor, or a tuple of tensors."""

    def __getitem__(self, index: int, /) -> Tensor: ...


class Dataset(Protocol):
    """A tf.data.Dataset."""

    def __iter__(self) -> Iterator[Element]: ...

    def map(self, function: Callable[[Tensor], tuple[Tensor, Tensor]]) -> "Dataset": ...

    def prefetch(self, buffer_size: int) -> "Dataset": ...


class Variable(Protocol):
    """Numbers that a layer, an optimizer or a metric keeps."""

    path: str
    shape: tuple[int, ...]
    value: Tensor

    def assign(self, value: object) -> object: ...


class Layer(Protocol):
    name: str
    trainable: bool
    input: Tensor
    output: Tensor
    variables: Sequence[Variable]
    weights: Sequence[Variable]
    trainable_weights: Sequence[Variable]
    non_trainable_weights: Sequence[Variable]

    def __call__(self, *inputs: object, **options: object) -> Tensor: ...

    def count_params(self) -> int: ...

    def get_config(self) -> Mapping[str, object]: ...


class AdaptableLayer(Layer, Protocol):
    """A layer that measures samples, or learns their words, before the training."""

    def adapt(self, data: object) -> None: ...


class LookupLayer(AdaptableLayer, Protocol):
    """A layer that knows words."""

    def get_vocabulary(self) -> Sequence[object]: ...

    def set_vocabulary(self, vocabulary: Sequence[str], **more: object) -> None: ...


class NormalizationLayer(AdaptableLayer, Protocol):
    adapt_mean: Variable
    adapt_variance: Variable
    mean: Tensor
    variance: Tensor

    def finalize_state(self) -> None: ...


Schedule = Callable[[object], object]
"""Number of the step, from 0 → its learning rate."""


class Optimizer(Protocol):
    learning_rate: SupportsFloat
    _learning_rate: object
    """A variable or a schedule."""
    iterations: SupportsInt
    variables: Sequence[Variable]

    def build(self, variables: Sequence[Variable]) -> None: ...

    def scale_loss(self, loss: Tensor) -> Tensor: ...

    def apply(self, gradients: object, variables: Sequence[Variable]) -> None: ...


class Metric(Protocol):
    variables: Sequence[Variable]


class Model(Layer, Protocol):
    """A network; the last lines are there once it is compiled."""

    layers: Sequence[Layer]
    inputs: Sequence[Tensor]
    stop_training: bool
    history: object
    train_step: Callable[[Element], object]
    test_step: Callable[[Element], object]
    steps_per_execution: SupportsInt
    get_metrics_result: Callable[[], Logs]
    compute_metrics: Callable[[object, object, object], object]
    reset_metrics: Callable[[], None]
    trainable_variables: Sequence[Variable]
    non_trainable_variables: Sequence[Variable]
    loss: Callable[[object, Tensor], Tensor]
    losses: Sequence[Tensor]
    metrics: Sequence[Metric]
    optimizer: Optimizer

    def compile(self, **options: object) -> None: ...

    def fit(self, *data: object, **options: object) -> object: ...

    def evaluate(self, data: object, **options: object) -> Logs: ...

    def get_layer(self, name: str) -> "Model": ...

    def save(self, file: object) -> None: ...

    def set_weights(self, weights: Sequence[Array]) -> None: ...


class Callback(Protocol):
    """A Keras callback that steers the training by a metric."""

    monitor: str
    patience: int

    def set_model(self, model: Model) -> None: ...

    def on_train_begin(self) -> None: ...

    def on_epoch_end(self, epoch: int, logs: Logs) -> None: ...

    def on_train_end(self) -> None: ...
