"""A stack in a few words, for a table of runs: `Conv2D 32-64 Dense 128-10`."""

from tuinn.spec.layers import LayerSpec
from tuinn.spec.model import ModelSpec
from tuinn.spec.options import REQUIRED

SIZES = ("units", "filters", "output_dim", "depth_multiplier", "num_heads")
"""Options that say how large a layer is, the one that counts first."""


def network_words(model: ModelSpec) -> str:
    """The layers that have a size, those of a kind that follow one another joined; else all kinds; else `empty`."""
    parts: list[tuple[str, list[str]]] = []
    for layer in model.layers:
        size = _size(layer)
        if layer.disabled or size is None:
            continue
        if parts and parts[-1][0] == layer.kind:
            parts[-1][1].append(size)
        else:
            parts.append((layer.kind, [size]))
    if parts:
        return " ".join(f"{kind} {'-'.join(sizes)}" for kind, sizes in parts)
    return " ".join(layer.kind for layer in model.layers if not layer.disabled) or "empty"


def _size(layer: LayerSpec) -> str | None:
    required = {option.name for option in layer.row.options if option.default is REQUIRED}
    name = next((name for name in SIZES if name in layer.options and name in required), None)
    return None if name is None else str(layer.options[name])
