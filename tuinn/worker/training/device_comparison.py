"""Several devices against one, measured: some batches of the training on the first device alone, by a copy of the network."""

import time
from collections.abc import Callable, Iterator
from copy import copy

from msgspec.structs import replace

from tuinn.runs.events import DevicesMeasured
from tuinn.spec.fit import FitSpec
from tuinn.worker.checkpoints.training_state import random_state, set_random_state
from tuinn.worker.data.executions import EvaluationSteps, TrainingSteps
from tuinn.worker.event_log import Emit
from tuinn.worker.inference.evaluator import Evaluator
from tuinn.worker.keras_types import Logs
from tuinn.worker.model import compilation

WORTH_SECONDS = 30.0
"""Left of a training, at least, for which it is worth to know."""

MEASURED_SECONDS = 1.0
"""That one device is timed for, at most; the making of its graph comes before that."""


class DeviceComparison:
    """Times what several devices do, and once in a training what one does with the same batches."""

    def __init__(
        self, evaluator: Evaluator, fit: FitSpec, devices: int, emit: Emit, beat: Callable[[], None]
    ) -> None:
        self.evaluator, self.fit, self.devices = evaluator, fit, devices
        self.emit, self.beat = emit, beat
        self.seconds, self.samples = 0.0, 0
        """Of the last epoch, without its validation."""
        self.epochs = 0
        """That were timed: the first holds the making of the graph."""
        self.done = False

    def timed(self, executions: Iterator[tuple[int, Logs]], first: int) -> Iterator[tuple[int, Logs]]:
        """Pass on what the executions of an epoch give, from step `first` on, and time them."""
        self.seconds, self.samples = 0.0, 0
        batch, count = self.fit.batch_size, self.evaluator.pipeline.counts["training"]
        while True:
            began = time.perf_counter()
            found = next(executions, None)
            self.seconds += time.perf_counter() - began
            if found is None:
                self.epochs += 1
                return
            self.samples = min(found[0] * batch, count) - first * batch
            yield found

    def tell(self, epochs_left: int) -> None:
        """Measure and report, once, where an epoch was timed and the training is long enough."""
        if self.done or self.epochs < 2 or self.seconds * epochs_left < WORTH_SECONDS:
            return
        self.done = True
        together, alone = self.samples / self.seconds, self.alone()
        self.emit(DevicesMeasured(devices=self.devices, together=round(together, 1), alone=round(alone, 1)))

    def alone(self) -> float:
        """Samples a second on the first device, trained as one is. Leaves network and chance as they are."""
        chance = random_state()
        steps, batch = self._steps(), self.fit.batch_size
        count = self.evaluator.pipeline.counts["training"]
        steps.begin(0)
        next(steps.run(0))  # makes the graph
        samples, began = 0, time.perf_counter()
        seconds = 0.0
        while seconds < MEASURED_SECONDS:
            before = 0
            for done, _ in steps.run(0):
                self.beat()
                samples += min(done * batch, count) - before * batch
                before, seconds = done, time.perf_counter() - began
                if seconds >= MEASURED_SECONDS:
                    break
        set_random_state(chance)
        return samples / seconds

    def _steps(self) -> TrainingSteps:
        network, info = self.evaluator.network, self.evaluator.info
        fit = replace(self.fit, schedule="constant")
        model = network.untrained(compilation.optimizer(fit, 1))
        together = int(network.model.steps_per_execution)
        compilation.compile_model(model, fit, network.loss, info.facts.task, together)
        model.optimizer.build(model.trainable_variables)
        pipeline = copy(self.evaluator.pipeline)
        pipeline.others = []
        pipeline.attach(model)
        evaluation = EvaluationSteps(model, pipeline, self.evaluator.batch)
        return TrainingSteps(model, pipeline, self.fit.batch_size, False, evaluation)
