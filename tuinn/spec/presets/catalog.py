"""Ready runs: the networks of the labs, each with the dataset it is taught on, and fitted to any other."""

import math
from collections.abc import Callable

from tuinn.spec.advice.advise import adapt_to_dataset
from tuinn.spec.advice.common_mistakes import CHANNELS_LAST, is_channels_first
from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.presets.images import (
    digits_mlp,
    fashion_cnn,
    fashion_first_look,
    fashion_lab,
    fashion_logistic,
    fashion_wide,
    residual_cnn,
)
from tuinn.spec.presets.tables_and_texts import (
    breast_cancer_logistic,
    diabetes_regression,
    housing_lab,
    iris_lab,
    text_cnn,
    text_lstm,
    wine_mlp,
)
from tuinn.spec.run import RunSpec, stack

__all__ = [
    "PRESETS",
    "default_draft",
    "describe_preset",
    "digits_mlp",
    "fashion_cnn",
    "fashion_lab",
    "housing_lab",
    "iris_lab",
    "is_preset",
    "make_preset",
    "preset_for_dataset",
    "residual_cnn",
]

STEPS, ALL_STEPS = 10, 300
"""Steps an epoch and in all that a preset is to have on data of another size."""

LEAST_BATCH, MOST_EPOCHS = 8, 20
"""Bounds of what is done for that."""

PRESETS: dict[str, Callable[[], RunSpec]] = {
    "fashion-lab": fashion_lab,
    "fashion-cnn": fashion_cnn,
    "fashion-first-look": fashion_first_look,
    "fashion-wide": fashion_wide,
    "fashion-logistic": fashion_logistic,
    "residual-cnn": residual_cnn,
    "digits-mlp": digits_mlp,
    "iris-lab": iris_lab,
    "housing-lab": housing_lab,
    "wine-mlp": wine_mlp,
    "breast-cancer-logistic": breast_cancer_logistic,
    "diabetes-regression": diabetes_regression,
    "text-lstm": text_lstm,
    "text-cnn": text_cnn,
}


def describe_preset(name: str) -> str:
    """What a preset is, in a sentence."""
    return (PRESETS[name].__doc__ or "").strip().splitlines()[0]


def default_draft() -> RunSpec:
    """What a newcomer's first run trains."""
    return fashion_lab()


def make_preset(name: str, dataset: DatasetSpec, facts: DataFacts) -> RunSpec:
    """A preset by its name, with its output layer and input fitted to this dataset. Raises KeyError for a name not in PRESETS."""
    preset = PRESETS[name]()
    if preset.dataset.name == dataset.name:
        return preset.with_dataset(dataset)
    return _with_enough_steps(adapt_to_dataset(_for(name, preset, facts), dataset, facts), facts)


def _with_enough_steps(spec: RunSpec, facts: DataFacts) -> RunSpec:
    """With smaller batches and more epochs where an epoch would be a few steps, after which nothing is learned yet."""
    samples = facts.train - round(facts.train * spec.dataset.validation)
    if samples >= STEPS * spec.fit.batch_size:
        return spec
    batch = min(spec.fit.batch_size, max(LEAST_BATCH, 2 ** int(math.log2(max(1, samples // STEPS)))))
    steps = -(-samples // batch)
    epochs = max(spec.fit.epochs, min(MOST_EPOCHS, -(-ALL_STEPS // max(1, steps))))
    return spec.with_fit(batch_size=min(batch, max(1, samples)), epochs=epochs)


def _for(name: str, preset: RunSpec, facts: DataFacts) -> RunSpec:
    """The preset for samples of this form; its output layer is not fitted yet."""
    build = PRESETS[name]
    if build is text_lstm or build is text_cnn:
        return build(facts)
    front: tuple[LayerSpec, ...] = ()
    if build is fashion_cnn or build is residual_cnn:
        if is_channels_first(facts):
            preset, front = build((*facts.shape[1:], facts.shape[0])), (CHANNELS_LAST,)
        elif facts.is_image:
            preset = build(facts.shape)
    is_small = not facts.columns and 0 < max(abs(facts.low), abs(facts.high)) <= 1
    scaled = [
        layer.with_options(scale=1 / facts.high)
        if layer.type_name == "Rescaling" and facts.high > 1
        else layer
        for layer in preset.model.layers
        if layer.type_name != "Rescaling" or not is_small
    ]
    return preset.with_model(stack(*front, *scaled))


def preset_for_dataset(name: str) -> RunSpec | None:
    """The first preset taught on this dataset, or None."""
    return next((spec for make in PRESETS.values() if (spec := make()).dataset.name == name), None)


def is_preset(model: ModelSpec) -> bool:
    """True when this stack is a preset's own, untouched."""
    return any(make().model == model for make in PRESETS.values())
