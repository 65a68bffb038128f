"""Ranges to begin with: the fields of a draft that most often matter."""

from tuinn.spec.run import RunSpec

SIZES = ("units", "filters")


def suggestions(base: RunSpec) -> list[str]:
    """As typed, the most promising first: the learning rate, the width of the first hidden layer, the first dropout."""
    rate = base.fit.learning_rate
    found = [f"fit.learning_rate=log:{rate / 30:.1g}..{min(rate * 30, 100):.1g}"]
    layers = list(enumerate(base.model.layers, start=1))
    for at, layer in layers[:-1]:  # the last one's width follows from the data
        name = next((name for name in SIZES if isinstance(layer.options.get(name), int)), "")
        if name:
            size = layer.options[name]
            assert isinstance(size, int)
            found.append(f"layers[{at}].{name}={max(size // 2, 1)},{size},{2 * size}")
            break
    dropout = next((at for at, layer in layers if layer.kind == "Dropout"), None)
    if dropout is not None:
        found.append(f"layers[{dropout}].rate=0.1..0.5")
    return found
