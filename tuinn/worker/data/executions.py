"""Several steps at once: of a training, or of an evaluation, each one call of a compiled function.

They are those of Keras' `fit` and `evaluate`, to the digit. What these do between two epochs (new iterators, a read of each
metric, a call of each callback's each hook) takes 20 ms, and an epoch of a hundred rows 2 ms.
"""

from collections.abc import Callable, Iterator

import tensorflow as tf

from tuinn.worker.data.batches import InputPipeline, Part
from tuinn.worker.distribution import scope_of
from tuinn.worker.keras_types import Array, Logs, Model, Tensor
from tuinn.worker.model import seeds
from tuinn.worker.model.compiled import CompiledFunction


def build_metrics(model: Model, pipeline: InputPipeline) -> None:
    """Let the metrics make their variables, which Keras does when they are first used, and reset them."""
    _, y = pipeline.take(pipeline.first())
    with scope_of(model):
        model.compute_metrics(None, y, tf.zeros((1, *model.output.shape[1:])))
    model.reset_metrics()


class EvaluationSteps:
    """Loss and metrics on the samples of a part."""

    def __init__(self, model: Model, pipeline: InputPipeline, batch: int) -> None:
        """`pipeline` is attached to `model`. `batch`: samples that may go through it at once."""
        self.model, self.pipeline, self.batch = model, pipeline, batch
        self.names: tuple[str, ...] = ()
        """Of the metrics, once they were measured."""
        self.functions: dict[Part, Callable[..., Tensor]] = {}

    def batches(self, part: Part) -> int:
        """Of a part; 0 where it is empty."""
        return -(-self.pipeline.counts[part] // self.batch)

    def evaluate(self, part: Part, after_batch: Callable[[], None] = lambda: None) -> Logs:
        """Measure them batch by batch. Begins the model's running means anew; leaves its seeds as they are."""
        execute = self._function(part)
        source = self.pipeline.open(part, self.batch, 0)
        values = None
        for at in range(self.batches(part)):
            values = execute(tf.constant(at), *source)
            after_batch()
        return {} if values is None else as_logs(self.names, values.numpy())

    def step(self, part: Part, at: Tensor, source: tuple[object, ...] = ()) -> Tensor:
        """Inside a graph: add a batch to the running means, which come back. Leaves the seeds as they are."""
        states = seeds.seed_states(self.model)
        before = [tf.identity(state.value) for state in states]
        self.model.test_step(self.pipeline.element(source, part, self.batch, at))
        seeds.assign(states, before)
        self.names, values = stacked_metrics(self.model)
        return values

    def _function(self, part: Part) -> Callable[..., Tensor]:
        if not self.functions:
            build_metrics(self.model, self.pipeline)
        if part not in self.functions:

            def reset() -> bool:
                self.model.reset_metrics()
                return True

            def execute(at: Tensor, *source: object) -> Tensor:
                tf.cond(tf.equal(at, 0), reset, lambda: True)
                return self.step(part, at, source)

            self.functions[part] = CompiledFunction(execute)
        return self.functions[part]


class TrainingSteps:
    """The steps of an epoch, as many at once as an execution has."""

    def __init__(
        self, model: Model, pipeline: InputPipeline, batch: int, shuffle: bool, evaluation: EvaluationSteps
    ) -> None:
        """`pipeline` is attached to `model`, whose optimizer is built. `shuffle`: each epoch has an order of its own."""
        self.model, self.pipeline, self.batch, self.shuffle = model, pipeline, batch, shuffle
        self.evaluation = evaluation
        self.together = int(model.steps_per_execution)
        self.steps = -(-pipeline.counts["training"] // batch)
        self.names: tuple[str, ...] = ()
        """Of the metrics, once a step was taken."""
        build_metrics(model, pipeline)
        self._begin, self._execute = CompiledFunction(self._begin_epoch), CompiledFunction(self._take_steps)

    def train_epoch(self, epoch: int) -> tuple[Logs, Logs]:
        """Train this epoch, counted from 0, and validate: the means of both."""
        self.begin(epoch)
        *_, (_, means) = self.run(0)
        return means, self.evaluation.evaluate("validation")

    def begin(self, epoch: int) -> None:
        """Order the samples for this epoch, counted from 0, and begin the running means anew."""
        self._begin(tf.constant(epoch))

    def run(self, first: int) -> Iterator[tuple[int, Logs]]:
        """Take the steps of the epoch from this one on, counted from 0; after each execution the number of those that are
        done, and the running means."""
        source = self.pipeline.open("training", self.batch, first)
        for start in range(first, self.steps, self.together):
            stop = min(start + self.together, self.steps)
            values = self._execute(tf.constant(start), tf.constant(stop), *source)
            yield stop, as_logs(self.names, values.numpy())

    def _begin_epoch(self, epoch: Tensor) -> None:
        if self.shuffle:
            self.pipeline.shuffle(epoch)
        self.model.reset_metrics()

    def _take_steps(self, start: Tensor, stop: Tensor, *source: object) -> Tensor:
        def step(at: Tensor) -> Tensor:
            self.model.train_step(self.pipeline.element(source, "training", self.batch, at))
            following: Tensor = tf.add(at, 1)
            return following

        tf.while_loop(lambda at: tf.less(at, stop), step, [start])
        self.names, values = stacked_metrics(self.model)
        return values


def stacked_metrics(model: Model) -> tuple[tuple[str, ...], Tensor]:
    """Names and values of the running means, as one tensor, so that they are read at once."""
    found = model.get_metrics_result()
    values: Tensor = tf.stack([tf.cast(value, tf.float32) for value in found.values()])
    return tuple(found), values


def as_logs(names: tuple[str, ...], values: Array) -> Logs:
    """The running means by name."""
    return dict(zip(names, values.tolist(), strict=True))
