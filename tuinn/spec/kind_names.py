"""Which kind a short name means: `conv` is Conv2D, `maxpool` is MaxPooling2D, `batchn` is BatchNormalization."""

import re

from tuinn.spec.layers import KINDS
from tuinn.spec.options import nearest, shorten
from tuinn.spec.problem import SpecProblem

_SHORT = {
    "fc": "Dense",
    "conv": "Conv2D",
    "convolution": "Conv2D",
    "deconv": "Conv2DTranspose",
    "sepconv": "SeparableConv2D",
    "separable": "SeparableConv2D",
    "dwconv": "DepthwiseConv2D",
    "depthwise": "DepthwiseConv2D",
    "pool": "MaxPooling2D",
    "gap": "GlobalAveragePooling2D",
    "gmp": "GlobalMaxPooling2D",
    "bn": "BatchNormalization",
    "ln": "LayerNormalization",
    "gn": "GroupNormalization",
    "norm": "Normalization",
    "rescale": "Rescaling",
    "resize": "Resizing",
    "drop": "Dropout",
    "flat": "Flatten",
    "act": "Activation",
    "noise": "GaussianNoise",
    "pad": "ZeroPadding2D",
    "crop": "Cropping2D",
    "up": "UpSampling2D",
    "flip": "RandomFlip",
    "rotate": "RandomRotation",
    "zoom": "RandomZoom",
    "shift": "RandomTranslation",
    "rnn": "SimpleRNN",
    "bi": "Bidirectional",
    "mha": "MultiHeadAttention",
    "attention": "MultiHeadAttention",
    "concat": "Concatenate",
    "mul": "Multiply",
    "max": "Maximum",
    "sub": "Subtract",
    "leaky": "LeakyReLU",
}
_LOWER = {name.lower(): name for name in KINDS}


def kind_named(word: str) -> str:
    """Keras' name for what was typed. Raises SpecProblem where none or several fit."""
    plain = re.sub(r"[_\-]", "", word.lower())
    plain = re.sub(r"avg", "average", re.sub(r"pool(?!ing)", "pooling", plain)).replace("convolution", "conv")
    if found := _LOWER.get(plain) or _SHORT.get(word.lower()) or _SHORT.get(plain):
        return found
    near = [name for lower, name in _LOWER.items() if plain and lower.startswith(plain)]
    if len({re.sub(r"\dD", "", name) for name in near}) == 1:
        # One kind for 1, 2 and 3 axes: images are the everyday case.
        return next((name for name in near if "2D" in name), near[0])
    if near:
        raise SpecProblem(f"{shorten(word)} may be {', '.join(near[:6])}. Write one of them.")
    raise SpecProblem(f"{shorten(word)} is not a kind of layer. {nearest(word, KINDS)}")
