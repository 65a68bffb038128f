"""Shapes and problems of a stack of 200 layers, as often as a key is pressed: milliseconds, median and worst of 100.

python -m benchmarks.two_hundred_layers
"""

import statistics
import time

from tuinn.data.catalog.catalog import find
from tuinn.spec.advice.advise import advise
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import fashion_lab

LAYERS, EDITS, AT = 200, 100, 100
BUDGET = 5.0
"""Milliseconds an edit may take."""


def deep() -> ModelSpec:
    """A residual network in a stack: blocks of Dense, Dropout, Dense, Add, ending in a head for ten classes."""
    layers = [
        LayerSpec.of("Rescaling", scale=1 / 255),
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dense", units=32, name="b0"),
    ]
    block = 0
    while len(layers) + 4 < LAYERS:
        layers += [
            LayerSpec.of("Dense", units=32, activation="relu"),
            LayerSpec.of("Dropout", rate=0.1),
            LayerSpec.of("Dense", units=32, name=f"d{block}"),
            LayerSpec.of("Add", **{"from": [f"b{block}", f"d{block}"]}, name=f"b{block + 1}"),
        ]
        block += 1
    layers += [LayerSpec.of("Dropout", rate=0.1)] * (LAYERS - 1 - len(layers))
    return ModelSpec((*layers, LayerSpec.of("Dense", units=10, activation="softmax")))


def milliseconds(units: int, model: ModelSpec) -> float:
    """One edit of a layer in the middle, walked and judged."""
    spec, facts = fashion_lab(), find("fashion_mnist_mini").facts
    layer = next(at for at in range(AT, LAYERS) if model.layers[at].type_name == "Dense")
    edited = model.change(layer, model.layers[layer].with_options(units=units))
    began = time.perf_counter()
    drafted = spec.with_model(ModelSpec(edited.layers))
    advise(drafted, facts, summarize(drafted.model, facts.shape))
    return (time.perf_counter() - began) * 1000


def main() -> None:
    """Print the edits that fit and those that don't."""
    model = deep()
    for what, units in (("fits", 32), ("doesn't fit", 33)):
        found = [milliseconds(units, model) for _ in range(EDITS)]
        print(
            f"{LAYERS} layers, an edit that {what}: {statistics.median(found):.2f} ms median, {max(found):.2f} ms worst"
        )
    print(f"budget {BUDGET:g} ms")


if __name__ == "__main__":
    main()
