"""Make the first fit fast: load what it needs and, where there is certainly no GPU, train a tiny network on zeros."""

import keras
import numpy as np

from tuinn.data.catalog import catalog
from tuinn.data.dataset_arrays import Arrays
from tuinn.spec.presets.catalog import default_draft
from tuinn.worker import devices
from tuinn.worker.data.batches import InputPipeline
from tuinn.worker.data.executions import EvaluationSteps, TrainingSteps
from tuinn.worker.model import build, compilation

SAMPLES = 8


def warm_up() -> None:
    """Load Keras; on a machine that certainly has no GPU, do once what a training does.

    TensorFlow and Keras load many parts at first use only: about a second of the first epoch. Afterwards layer names
    and seeds start from the beginning, so that the run that follows is the same as in a fresh process.
    """
    if not devices.certainly_no_gpu():
        return
    spec = default_draft()
    facts = catalog.find(spec.dataset.name).facts
    loss = compilation.loss_of(spec, facts, len(facts.classes))
    model = build.build(spec.model, facts.shape)
    compilation.compile_model(model, spec.fit, loss, facts.task, steps_per_execution=2)
    pipeline = zeros((SAMPLES, *facts.shape), facts.dtype)
    pipeline.attach(model)
    model.optimizer.build(model.trainable_variables)
    evaluation = EvaluationSteps(model, pipeline, 2)
    steps = TrainingSteps(model, pipeline, 2, shuffle=True, evaluation=evaluation)
    steps.train_epoch(0)
    keras.utils.clear_session()


def zeros(shape: tuple[int, ...], dtype: str) -> InputPipeline:
    """Samples of zeros with label 0, half of them to validate on."""
    x, labels = np.zeros(shape, dtype), np.zeros(shape[0], np.int64)
    halves = np.split(np.arange(shape[0]), 2)
    return InputPipeline(Arrays(x, labels, x, labels), (labels, labels), halves[0], halves[1], seed=0)
