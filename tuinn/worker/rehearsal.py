"""Make the first fit fast: load what it needs and, where that can touch no GPU, train a tiny network with nothing at stake."""

import keras
import numpy as np

from tuinn.data import catalogue
from tuinn.spec.presets import default_draft
from tuinn.worker import build, devices, trainer  # noqa: F401 - trainer is loaded for the run to come
from tuinn.worker.pipeline import Feed, held

SAMPLES = 8


def rehearse() -> None:
    """Load Keras; on a machine that surely has no GPU, go once through what a training will do.

    TensorFlow and Keras load many parts at first use only: about a second of the first epoch. Afterwards
    names and seeds start from the beginning, so that the run to come is the same as in a fresh process.
    """
    if not devices.surely_without_gpu():
        return
    spec = default_draft()
    entry = catalogue.find(spec.dataset.name)
    loss = build.loss_of(spec, entry.facts, len(entry.facts.classes))
    model = build.build(spec.model, entry.facts.shape)
    build.ready(model, spec.fit, loss, entry.facts.task, steps_per_execution=2)
    x = np.zeros((SAMPLES, *entry.facts.shape), entry.facts.dtype)
    y = build.targets(np.zeros(SAMPLES), loss, len(entry.facts.classes))
    with Feed(x, y, SAMPLES // 2, seed=0).into(model) as steps:
        model.fit(steps, validation_data=held(x, y, SAMPLES), shuffle=False, verbose=0)
    keras.utils.clear_session()
