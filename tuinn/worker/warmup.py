"""Make the first fit fast: load what it needs and, where that can touch no GPU, train a tiny network with nothing at stake."""

import keras
import numpy as np

from tuinn.data.catalog import catalog
from tuinn.data.dataset_arrays import Arrays
from tuinn.spec.presets.catalog import default_draft
from tuinn.worker import devices
from tuinn.worker.data.batches import InputPipeline
from tuinn.worker.model import build, compilation

SAMPLES = 8


def warm_up() -> None:
    """Load Keras; on a machine that surely has no GPU, go once through what a training will do.

    TensorFlow and Keras load many parts at first use only: about a second of the first epoch. Afterwards
    names and seeds start from the beginning, so that the run to come is the same as in a fresh process.
    """
    if not devices.surely_without_gpu():
        return
    spec = default_draft()
    facts = catalog.find(spec.dataset.name).facts
    loss = compilation.loss_of(spec, facts, len(facts.classes))
    model = build.build(spec.model, facts.shape)
    compilation.ready(model, spec.fit, loss, facts.task, steps_per_execution=2)
    samples = blank_samples((SAMPLES, *facts.shape), facts.dtype)
    samples.feed(model)
    model.fit(
        samples.spans("training", 2),
        validation_data=samples.spans("validation", 2),
        shuffle=False,
        verbose=0,
    )
    keras.utils.clear_session()


def blank_samples(shape: tuple[int, ...], dtype: str) -> InputPipeline:
    """Zeros with label 0, half of them to validate on."""
    blank, labels = np.zeros(shape, dtype), np.zeros(shape[0], np.int64)
    halves = np.split(np.arange(shape[0]), 2)
    return InputPipeline(Arrays(blank, labels, blank, labels), (labels, labels), halves[0], halves[1], seed=0)
