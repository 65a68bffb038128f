"""Ready runs: the networks of the labs, each with the dataset it is taught on, and fitted to any other."""

import math
from collections.abc import Callable

from tuinn.spec.advice.advise import adapt_to_dataset
from tuinn.spec.advice.common_mistakes import CHANNELS_LAST, is_channels_first
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import summarize
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
    "suited_preset",
]

FEW_ROWS = 4
"""Weights per row of a table beyond which a hidden layer learns the rows by heart: a linear network is what to begin with."""

TABLE_STEPS, TABLE_EPOCHS, PATIENCE = 2_000, 300, 10
"""Steps that a table gets at least, in at most so many epochs, as they cost little; of a network with a hidden layer the best
epoch counts, and nothing better for PATIENCE epochs ends it."""

STEPS, ALL_STEPS = 10, 300
"""Steps an epoch and in all that a preset is to have on data of another size."""

MOST_STEPS, MOST_BATCH, LEAST_EPOCHS = 20_000, 256, 5
"""Steps in all that a table with many rows is to have at most, and how far batches and epochs give way for that."""

LEAST_BATCH, MOST_EPOCHS = 8, 20
"""Bounds of what is done for that."""

MANY_TEXTS = 2_000
"""Below so many texts a bag of words learns more than a network that reads them word by word."""

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
    samples = spec.training_samples(facts)
    if samples < STEPS * spec.fit.batch_size:
        batch = min(spec.fit.batch_size, max(LEAST_BATCH, 2 ** int(math.log2(max(1, samples // STEPS)))))
        epochs = max(spec.fit.epochs, min(MOST_EPOCHS, -(-ALL_STEPS // -(-samples // batch))))
        spec = spec.with_fit(batch_size=min(batch, max(1, samples)), epochs=epochs)
    return _for_rows(spec, samples) if facts.is_table else spec


def _for_rows(spec: RunSpec, samples: int) -> RunSpec:
    """Of a table: with as many steps as it takes, and stopped before it learns the rows by heart."""
    steps = -(-samples // spec.fit.batch_size)
    epochs = min(max(spec.fit.epochs, TABLE_EPOCHS), max(spec.fit.epochs, -(-TABLE_STEPS // steps)))
    spec = _with_fewer_steps(spec.with_fit(epochs=epochs), samples)
    if sum(bool(layer.units) for layer in spec.model.layers) < 2 or not spec.dataset.validation:
        return spec
    return spec.with_fit(early_stopping_patience=min(PATIENCE, spec.fit.epochs - 1), restore_best=True)


def _with_fewer_steps(spec: RunSpec, samples: int) -> RunSpec:
    """With larger batches, and then fewer epochs, where a table has many rows: the presets for them are made for few."""
    batch, epochs = spec.fit.batch_size, spec.fit.epochs
    while batch < MOST_BATCH and epochs * -(-samples // batch) > MOST_STEPS:
        batch *= 2
    return spec.with_fit(
        batch_size=batch, epochs=min(epochs, max(LEAST_EPOCHS, MOST_STEPS // -(-samples // batch)))
    )


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


def suited_preset(facts: DataFacts) -> str:
    """The preset to begin with on data of this form."""
    if facts.window:
        return "text-lstm"
    if facts.is_text or facts.words:
        return "text-cnn" if facts.train >= MANY_TEXTS else "fashion-lab"
    if facts.is_table:
        name = "diabetes-regression" if facts.task is Task.REGRESSION else "wine-mlp"
        made = adapt_to_dataset(PRESETS[name](), DatasetSpec(), facts)
        weights = summarize(made.model, facts.input_shape).trainable
        return "breast-cancer-logistic" if weights > FEW_ROWS * facts.train else name
    return "fashion-cnn" if facts.is_image and len(facts.shape) == 3 else "fashion-lab"


def preset_for_dataset(name: str) -> RunSpec | None:
    """The first preset taught on this dataset, or None."""
    return next((spec for make in PRESETS.values() if (spec := make()).dataset.name == name), None)


def is_preset(model: ModelSpec) -> bool:
    """True when this stack is a preset's own, untouched."""
    return any(make().model == model for make in PRESETS.values())
