"""Two ways to train the same network for a benchmark: as a plain Keras script does, and as a run does."""

import gc
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from tuinn.data import loader
from tuinn.data.catalog import catalog
from tuinn.data.catalog.availability import is_available
from tuinn.data.dataset_arrays import Arrays
from tuinn.runs.benchmark import NetworkReady, OpenNetwork
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DataFacts
from tuinn.spec.device import alone
from tuinn.spec.keras_export.script import draft_lines
from tuinn.spec.run import RunSpec
from tuinn.worker import devices
from tuinn.worker.data.executions import TrainingSteps
from tuinn.worker.data.run_data import RunData, split_data
from tuinn.worker.distribution import Replicas
from tuinn.worker.keras_types import Array, Dataset, Logs, Model, Tensor
from tuinn.worker.model import compilation, learning_rate
from tuinn.worker.training.trainer import build_network, evaluator_of, share_batches

PEAK_SIZE, PEAK_SIZE_GPU = 1024, 4096
PEAK_CHAIN, PEAK_TIMES = 10, 3
"""Multiplications in a row, and how often: the fastest counts."""


def forget() -> None:
    """Give back the memory of the network before."""
    keras.utils.clear_session()
    gc.collect()


class EpochTraining(ABC):
    """A network with its samples, compiled."""

    model: Model
    takes_several = False
    """It trains on all devices that are asked for, not on the first alone."""

    def __init__(self, work: OpenNetwork) -> None:
        self.spec = RunSpec.from_toml(work.spec)
        wanted = self.spec.fit.device
        self.chosen = devices.choose(wanted if self.takes_several else alone(wanted))
        self.device = self.chosen.words
        compilation.set_precision(self.spec.fit)
        keras.utils.set_random_seed(self.spec.fit.seed)
        self.data = benchmark_data(self.spec, work.samples, work.validates)
        self.batch = self.spec.fit.batch_size
        self.steps = -(-len(self.data.training) // self.batch)

    def ready(self) -> NetworkReady:
        """What was opened."""
        versions = f"TensorFlow {tf.__version__}, Keras {keras.__version__}"
        return NetworkReady(
            samples=len(self.data.training),
            steps=self.steps,
            device=self.device,
            versions=versions,
            peak_size=peak_size(),
        )

    def seconds_of(self, epochs: int) -> float:
        """Train, and measure."""
        return seconds(lambda: self.train(epochs))

    @abstractmethod
    def train(self, epochs: int) -> None:
        """Some epochs, in one call."""

    @abstractmethod
    def fixed(self) -> float:
        """Seconds of a step with one sample."""

    @abstractmethod
    def accuracy(self) -> float:
        """On the test samples."""

    def reading(self) -> float:
        """By how many seconds taking a batch takes longer than taking one sample; 0 where it can't be told apart."""
        return 0.0


class ScriptTraining(EpochTraining):
    """As one would write it by hand: the code that tuinn shows for a draft, and `model.fit(x, y)`."""

    def __init__(self, work: OpenNetwork) -> None:
        super().__init__(work)
        lines = draft_lines(self.spec, self.data.info.facts)
        names: dict[str, object] = {"keras": keras, "layers": keras.layers, "np": np, "tf": tf}
        exec("\n".join(lines[: lines.index("model.fit(")]), names)
        self.model = names["model"]  # type: ignore[assignment]
        arrays, data = self.data.arrays, self.data
        y = compilation.targets(arrays.y_train, data.loss, data.outputs)
        self.x, self.y = arrays.x_train[data.training], y[data.training]
        self.test = arrays.x_test, compilation.targets(arrays.y_test, data.loss, data.outputs)
        held_out = data.validation
        self.validation = (arrays.x_train[held_out], y[held_out]) if len(held_out) else None
        for layer in self.model.layers:
            if isinstance(layer, keras.layers.Normalization):
                layer.adapt(self.x)

    def train(self, epochs: int) -> None:
        self.model.fit(
            self.x,
            self.y,
            batch_size=self.batch,
            epochs=epochs,
            validation_data=self.validation,
            verbose=0,
        )

    def fixed(self) -> float:
        x, y = self.x[: self.steps], self.y[: self.steps]
        return seconds(lambda: self.model.fit(x, y, batch_size=1, verbose=0)) / self.steps

    def accuracy(self) -> float:
        x, y = self.test
        found: Logs = self.model.evaluate(x, y=y, verbose=0, return_dict=True)
        return float(found["accuracy"])


class RunTraining(EpochTraining):
    """The network as a run builds and compiles it, fed as in a run."""

    takes_several = True

    def __init__(self, work: OpenNetwork) -> None:
        super().__init__(work)
        replicas = Replicas(self.chosen.names)
        network = build_network(self.spec, self.data, replicas=replicas)
        if work.jit:
            # Without the gathering of its samples: XLA wants to know how many before it compiles.
            network.model.train_step = tf.function(network.model.train_step, jit_compile=True)
        nowhere = RunFolder(Path(tempfile.gettempdir()))
        evaluator = evaluator_of(nowhere, network, self.data, self.spec.fit.seed)
        share_batches(evaluator, replicas, self.batch)
        self.evaluator = evaluator
        self.model, self.pipeline = evaluator.model, evaluator.pipeline
        with replicas.scope():
            learning_rate.make_settable(self.model)
            self.model.optimizer.build(self.model.trainable_variables)
        self.epoch = 0
        evaluation = evaluator.evaluation
        self.whole = TrainingSteps(self.model, self.pipeline, self.batch, True, evaluation)
        self.single = TrainingSteps(self.model, self.pipeline, 1, False, evaluation)

    def train(self, epochs: int) -> None:
        for _ in range(epochs):
            self.whole.train_epoch(self.epoch)
            self.epoch += 1

    def fixed(self) -> float:
        def take_steps() -> None:
            for _ in self.single.run(self.single.steps - self.steps):
                pass

        take_steps()  # traces
        return seconds(take_steps) / self.steps

    def accuracy(self) -> float:
        return float(self.evaluator.evaluate().metrics["accuracy"] or 0.0)

    def reading(self) -> float:
        whole = self.pipeline.spans("training", self.batch)
        longer = seconds(lambda: self.take_all(whole)) - seconds(lambda: self.take_all(self.singles))
        return max(0.0, longer / self.steps)

    @cached_property
    def singles(self) -> Dataset:
        """As many steps as an epoch has, of one sample each."""
        spans: Dataset = self.pipeline.spans("training", 1).take(self.steps)  # type: ignore[attr-defined]
        return spans

    @cached_property
    def take_all(self) -> Callable[[Dataset], Tensor]:
        """A function that takes the samples of all spans, and does nothing with them."""
        pipeline = self.pipeline

        def take(spans: Dataset) -> Tensor:
            total: Tensor = tf.constant(0.0)
            for span in spans:
                x, _ = pipeline.take(span)
                total += tf.cast(tf.reshape(x, [-1])[0], tf.float32)
            return total

        traced: Callable[[Dataset], Tensor] = tf.function(take)
        return traced


def benchmark_data(spec: RunSpec, samples: int, validates: bool) -> RunData:
    """So many training samples, those of the dataset over and over, and where wanted its share to validate on besides.

    Samples of a dataset that isn't here are drawn at random: of its shape, type and classes.
    """
    info = catalog.info_for(spec.dataset)
    share = spec.dataset.validation if validates else 0.0
    count = round(samples / (1 - share))
    if is_available(spec.dataset.name):
        arrays = loader.load(spec.dataset)
    else:
        arrays = random_samples(info.facts, min(count, info.facts.train))
    repeated = Arrays(
        np.resize(arrays.x_train, (count, *arrays.x_train.shape[1:])),
        np.resize(arrays.y_train, (count, *arrays.y_train.shape[1:])),
        arrays.x_test,
        arrays.y_test,
    )
    return split_data(spec.with_dataset(spec.dataset.with_value("validation", share)), info, repeated)


def random_samples(facts: DataFacts, count: int) -> Arrays:
    """(count, *shape) within the range of the facts, with labels or numbers to predict."""
    rng = np.random.default_rng(1)
    x: Array = rng.uniform(facts.low, facts.high, (count, *facts.shape)).astype(facts.dtype)
    classes = len(facts.classes)
    y = rng.integers(0, classes, count) if classes else rng.normal(size=count)
    return Arrays(x, y, x[:1].copy(), y[:1].copy())


def peak_size() -> int:
    """Rows and columns of the matrices by which the peak of this device is measured."""
    return PEAK_SIZE_GPU if devices.computes_on_gpu() else PEAK_SIZE


def peak() -> float:
    """Floating-point operations a second, where two square matrices of float32 are multiplied."""
    size = peak_size()
    # Of this size a product of such matrices is of the size of its factors.
    matrix = tf.random.normal((size, size), stddev=size**-0.5)

    def multiply() -> None:
        product = matrix
        for _ in range(PEAK_CHAIN):
            product = tf.linalg.matmul(product, matrix)
        float(product[0, 0])  # waits for a card

    fastest = min(seconds(multiply) for _ in range(PEAK_TIMES))
    return PEAK_CHAIN * 2 * size**3 / fastest


def seconds(what: Callable[[], object]) -> float:
    """That a call takes."""
    began = time.perf_counter()
    what()
    return time.perf_counter() - began
