"""Several steps at once: of a training, or of an evaluation, each one call of a compiled function.

They are those of Keras' `fit` and `evaluate`, to the digit. What these do between two epochs (new iterators, a read of each
metric, a call of each callback's each hook) takes 20 ms, and an epoch of a hundred rows 2 ms.
"""

from collections.abc import Callable, Iterator

import tensorflow as tf

from tuinn.worker.data.batches import InputPipeline, Part
from tuinn.worker.keras_types import Logs, Model, Tensor
from tuinn.worker.model import seeds
from tuinn.worker.model.compiled import CompiledFunction


def build_metrics(model: Model, pipeline: InputPipeline) -> None:
    """Let the metrics make their variables, which Keras does when they are first used, and reset them."""
    _, y = pipeline.take(pipeline.first())
    model.compute_metrics(None, y, tf.zeros((1, *model.output.shape[1:])))
    model.reset_metrics()


class TrainingSteps:
    """The steps of an epoch, as many at once as an execution has."""

    def __init__(self, model: Model, pipeline: InputPipeline, batch: int, shuffle: bool) -> None:
        """`pipeline` is attached to `model`, whose optimizer is built. `shuffle`: each epoch has an order of its own."""
        self.model, self.pipeline, self.batch = model, pipeline, batch
        self.together = int(model.steps_per_execution)
        self.names: tuple[str, ...] = ()
        """Of the metrics, once a step was taken."""
        build_metrics(model, pipeline)

        def begin(epoch: Tensor) -> None:
            if shuffle:
                pipeline.shuffle(epoch)
            model.reset_metrics()

        self._begin, self._execute = CompiledFunction(begin), CompiledFunction(self._take_steps)

    def begin(self, epoch: int) -> None:
        """Order the samples for this epoch, counted from 0, and begin the running means anew."""
        self._begin(tf.constant(epoch))

    def run(self, first: int, last: int) -> Iterator[tuple[int, Logs]]:
        """Take the steps from `first` on to before `last`, counted from 0; after each execution the number of those that are
        done, and the running means."""
        source = self.pipeline.open("training", self.batch, first)
        for start in range(first, last, self.together):
            stop = min(start + self.together, last)
            values = self._execute(tf.constant(start), tf.constant(stop), *source)
            yield stop, as_logs(self.names, values)

    def _take_steps(self, start: Tensor, stop: Tensor, *source: object) -> Tensor:
        def step(at: Tensor) -> Tensor:
            self.model.train_step(self.pipeline.element(source, "training", self.batch, at))
            following: Tensor = tf.add(at, 1)
            return following

        tf.while_loop(lambda at: tf.less(at, stop), step, [start])
        self.names, values = stacked_metrics(self.model)
        return values


class EvaluationSteps:
    """Loss and metrics on the samples of a part."""

    def __init__(self, model: Model, pipeline: InputPipeline, batch: int) -> None:
        """`pipeline` is attached to `model`. `batch`: samples that may go through it at once."""
        self.model, self.pipeline, self.batch = model, pipeline, batch
        self.names: tuple[str, ...] = ()
        self.functions: dict[Part, Callable[..., Tensor]] = {}

    def evaluate(self, part: Part, after_batch: Callable[[], None] = lambda: None) -> Logs:
        """Measure them batch by batch. Begins the model's running means anew; leaves its seeds as they are."""
        execute = self._function(part)
        source = self.pipeline.open(part, self.batch, 0)
        values = None
        for at in range(-(-self.pipeline.counts[part] // self.batch)):
            values = execute(tf.constant(at), *source)
            after_batch()
        return {} if values is None else as_logs(self.names, values)

    def _function(self, part: Part) -> Callable[..., Tensor]:
        if not self.functions:
            build_metrics(self.model, self.pipeline)
        if part not in self.functions:
            states = seeds.seed_states(self.model)

            def take_step(at: Tensor, *source: object) -> Tensor:
                before = [tf.identity(state.value) for state in states]
                tf.cond(tf.equal(at, 0), self._reset, lambda: True)
                self.model.test_step(self.pipeline.element(source, part, self.batch, at))
                seeds.assign(states, before)
                self.names, values = stacked_metrics(self.model)
                return values

            self.functions[part] = CompiledFunction(take_step)
        return self.functions[part]

    def _reset(self) -> bool:
        self.model.reset_metrics()
        return True


def stacked_metrics(model: Model) -> tuple[tuple[str, ...], Tensor]:
    """Names and values of the running means, as one tensor, so that they are read at once."""
    found = model.get_metrics_result()
    values: Tensor = tf.stack([tf.cast(value, tf.float32) for value in found.values()])
    return tuple(found), values


def as_logs(names: tuple[str, ...], values: Tensor) -> Logs:
    """The running means by name, as numbers."""
    return dict(zip(names, map(float, values.numpy()), strict=True))
