"""What a layer computes while it predicts, as NumPy would write it: one table, a line per layer type."""

from collections.abc import Mapping, Sequence

ACTIVATIONS = {
    "linear": "{x}",
    "relu": "np.maximum({x}, 0)",
    "sigmoid": "1 / (1 + np.exp(-{x}))",
    "tanh": "np.tanh({x})",
    "softmax": "np.exp({x}) / np.exp({x}).sum(-1)",
    "elu": "np.where({x} > 0, {x}, np.expm1({x}))",
    "selu": "1.0507 * np.where({x} > 0, {x}, 1.6733 * np.expm1({x}))",
    "gelu": "{x} * (1 + erf({x} / 2**0.5)) / 2",
    "silu": "{x} / (1 + np.exp(-{x}))",
    "leaky_relu": "np.where({x} > 0, {x}, 0.2 * {x})",
    "relu6": "np.clip({x}, 0, 6)",
    "softplus": "np.log1p(np.exp({x}))",
    "softsign": "{x} / (1 + abs({x}))",
    "hard_sigmoid": "np.clip({x} / 6 + 0.5, 0, 1)",
    "exponential": "np.exp({x})",
}

UNCHANGED = (
    "Dropout",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "SpatialDropout3D",
    "GaussianNoise",
    "GaussianDropout",
    "AlphaDropout",
    "ActivityRegularization",
    "RandomCrop",
    "RandomFlip",
    "RandomRotation",
    "RandomZoom",
    "RandomTranslation",
    "RandomContrast",
    "RandomBrightness",
)
"""They work in training only: a prediction passes through unchanged."""

_NORMALISED = "({x} - {mean}) / np.sqrt({variance} + {epsilon})"

FORMULAS = {
    "Input": "the sample",
    "encoder": "numbers: (x - mean) / std; words: one 0 or 1 each",
    "Dense": "{x} @ {w}kernel + {w}bias",
    "Flatten": "{x}.reshape(-1)",
    "Reshape": "{x}.reshape({target_shape})",
    "Permute": "{x}.transpose({dims})",
    "RepeatVector": "np.repeat({x}[None], {n}, axis=0)",
    "Embedding": "{w}embeddings[{x}]",
    **{
        f"Conv{n}D": "(window * {w}kernel).sum() + {w}bias, for each window of {kernel_size}"
        for n in (1, 2, 3)
    },
    **{
        f"Conv{n}DTranspose": "each value * {w}kernel, summed where they overlap, + {w}bias"
        for n in (1, 2, 3)
    },
    **{f"DepthwiseConv{n}D": "(window * {w}kernel).sum() + {w}bias, channel by channel" for n in (1, 2)},
    **{
        f"SeparableConv{n}D": "(window * {w}depthwise_kernel).sum() @ {w}pointwise_kernel + {w}bias"
        for n in (1, 2)
    },
    **{f"MaxPooling{n}D": "window.max(), for each window of {pool_size}" for n in (1, 2, 3)},
    **{f"AveragePooling{n}D": "window.mean(), for each window of {pool_size}" for n in (1, 2, 3)},
    **{
        f"Global{word}Pooling{n}D": "{x}." + method + "(" + axes + ")"
        for word, method in (("Average", "mean"), ("Max", "max"))
        for n, axes in ((1, "axis=0"), (2, "axis=(0, 1)"), (3, "axis=(0, 1, 2)"))
    },
    **{f"ZeroPadding{n}D": "np.pad({x}, {padding})" for n in (1, 2, 3)},
    "Cropping1D": "{x}[start:-end]",
    "Cropping2D": "{x}[top:-bottom, left:-right]",
    "Cropping3D": "{x}[a:-b, c:-d, e:-f]",
    **{f"UpSampling{n}D": "each value repeated {size} times" for n in (1, 2, 3)},
    "Resizing": "{x} at {height} x {width} pixels ({interpolation})",
    "CenterCrop": "the middle {height} x {width} of {x}",
    "Rescaling": "{x} * {scale} + {offset}",
    "Normalization": "({x} - {w}mean) / np.sqrt({w}variance)",
    "BatchNormalization": _NORMALISED.replace("{mean}", "{w}moving_mean").replace(
        "{variance}", "{w}moving_variance"
    ),
    "LayerNormalization": _NORMALISED.replace("{mean}", "{x}.mean(-1)").replace("{variance}", "{x}.var(-1)"),
    "GroupNormalization": "(x - mean) / np.sqrt(var + {epsilon}), in {groups} groups of channels",
    "UnitNormalization": "{x} / np.sqrt(({x} ** 2).sum({axis}))",
    **dict.fromkeys(UNCHANGED, "{x}, unchanged: it works in training only"),
    "Masking": "np.where(({x} != {mask_value}).any(-1)[:, None], {x}, 0)",
    "PReLU": "np.where({x} > 0, {x}, {w}alpha * {x})",
    "LeakyReLU": "np.where({x} > 0, {x}, {negative_slope} * {x})",
    "ELU": "np.where({x} > 0, {x}, {alpha} * np.expm1({x}))",
    "Softmax": "np.exp({x}) / np.exp({x}).sum({axis})",
    "SimpleRNN": "h = f(x[t] @ kernel + h @ recurrent_kernel + bias), for each step t",
    "LSTM": "c = f * c + i * g; h = o * tanh(c), for each step t",
    "GRU": "h = z * h + (1 - z) * g, for each step t",
    "MultiHeadAttention": "softmax(q @ k.T / key_dim ** 0.5) @ v, for each of {num_heads} heads",
    "Bidirectional": "{inner} forwards and backwards, joined by {merge_mode}",
    "CategoryEncoding": "np.eye({num_tokens})[{x}], joined ({output_mode})",
    "Discretization": "np.digitize({x}, boundaries)",
    "StringLookup": "the place of {x} in the vocabulary",
    "TextVectorization": "words.split(), each word's place in the vocabulary",
    "Add": "{sum}",
    "Concatenate": "np.concatenate([{list}], axis={axis})",
    "Multiply": "{product}",
    "Average": "({sum}) / {count}",
    "Maximum": "np.maximum({list})",
    "Minimum": "np.minimum({list})",
    "Subtract": "{difference}",
    "Dot": "({product}).sum(), over the axes {axes}",
}


def numpy_formula(
    kind: str,
    options: Mapping[str, object],
    inputs: Sequence[str] = ("values",),
    weights: str = "",
    inner: str = "",
) -> str:
    """The formula of a layer of this type.

    `options`: as Keras' `get_config` names them. `inputs`: names of what it takes. `weights`: stands before the name of a
    weight, such as `dense.`. `inner`: the layer type that a wrapper wraps. A type that isn't in the table is named.
    """
    if kind == "TimeDistributed":
        return f"{numpy_formula(inner, options, inputs, weights)}, at each step"
    template = _template(kind, options)
    fields = {
        **{name: _plain(value) for name, value in options.items()},
        "x": inputs[0],
        "w": weights,
        "inner": inner,
        "list": ", ".join(inputs),
        "sum": " + ".join(inputs),
        "product": " * ".join(inputs),
        "difference": " - ".join(inputs),
        "count": len(inputs),
    }
    try:
        return template.format(**fields)
    except KeyError:  # an option that this version of Keras doesn't tell
        return kind


def _template(kind: str, options: Mapping[str, object]) -> str:
    if kind == "Activation":
        name = str(options.get("activation", "linear"))
        return ACTIVATIONS.get(name, name + "({x})")
    if kind == "ReLU":
        return _relu(options)
    template = FORMULAS.get(kind, kind)
    if options.get("use_bias") is False:
        template = template.replace(" + {w}bias", "").replace(", + {w}bias", "")
    if kind.endswith("Normalization") and "{epsilon}" in template:
        gamma = "{w}gamma * " if options.get("scale") else ""
        template = gamma + template + (" + {w}beta" if options.get("center") else "")
    if kind == "Rescaling" and not options.get("offset"):
        template = template.removesuffix(" + {offset}")
    return template


def _relu(options: Mapping[str, object]) -> str:
    slope, most = options.get("negative_slope") or 0, options.get("max_value")
    if options.get("threshold"):
        return "np.where({x} >= {threshold}, {x}, " + f"{slope} * " + "({x} - {threshold}))"
    if slope:
        return "np.where({x} > 0, {x}, {negative_slope} * {x})"
    return "np.maximum({x}, 0)" if most is None else "np.clip({x}, 0, {max_value})"


def _plain(value: object) -> object:
    """Sizes as people write them: `3 x 3`; other values as they are."""
    if isinstance(value, list | tuple) and value and all(isinstance(part, int) for part in value):
        return " x ".join(str(part) for part in value)
    return f"{value:.6g}" if isinstance(value, float) else value
