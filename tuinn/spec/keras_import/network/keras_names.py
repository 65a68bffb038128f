"""Which names in the code are Keras', whatever they are imported as, and what they were called before."""

from dataclasses import dataclass

from tuinn.spec.keras_import.network.values import Reference
from tuinn.spec.layers.catalog import LAYER_TYPES
from tuinn.spec.layers.model import to_snake_case


@dataclass(frozen=True)
class KerasName:
    """A name of Keras or TensorFlow."""

    area: str
    """`layers`, `models`, `optimizers`, …; `tf` for a function of TensorFlow itself; `nn` for `tf.nn`."""
    name: str


_ROOTS = (
    "tensorflow.compat.v1.keras",
    "tensorflow.compat.v2.keras",
    "tensorflow.python.keras",
    "tensorflow.contrib.keras",
    "tensorflow.keras",
    "keras.src",
    "keras.api",
    "keras_core",
    "tf_keras",
    "keras",
)
_AREAS = (
    *("layers", "models", "optimizers", "losses", "metrics", "callbacks", "initializers", "regularizers"),
    *("constraints", "activations", "applications", "ops", "utils", "datasets", "backend", "random"),
    *("preprocessing", "saving", "tree", "config", "engine", "legacy", "wrappers", "mixed_precision"),
)
_SHORT_AREAS = {
    **dict.fromkeys(("L", "KL", "kl", "tfl", "tfkl", "Layers", "klayers", "nn_layers"), "layers"),
    "K": "backend",
    "schedules": "optimizers",
}
"""What such modules are imported as."""

_OTHER_LIBRARIES = {
    "nn": "PyTorch",
    "torch": "PyTorch",
    "F": "PyTorch",
    "flax": "Flax",
    "linen": "Flax",
    "paddle": "Paddle",
    "mx": "MXNet",
    "gluon": "MXNet",
    "chainer": "Chainer",
    "mlx": "MLX",
    "eqx": "Equinox",
    "tflearn": "TFLearn",
    "lasagne": "Lasagne",
    "slim": "TF-Slim",
}

OLD_LAYER_NAMES = {
    **{f"Convolution{rank}D": f"Conv{rank}D" for rank in (1, 2, 3)},
    **{f"Convolution{rank}DTranspose": f"Conv{rank}DTranspose" for rank in (1, 2, 3)},
    **{f"SeparableConvolution{rank}D": f"SeparableConv{rank}D" for rank in (1, 2)},
    "DepthwiseConvolution2D": "DepthwiseConv2D",
    "Deconvolution2D": "Conv2DTranspose",
    **{f"{short}Pool{rank}D": f"{long}Pooling{rank}D" for rank in (1, 2, 3) for short, long in
       (("Max", "Max"), ("Avg", "Average"), ("GlobalMax", "GlobalMax"), ("GlobalAvg", "GlobalAverage"))},
    **{f"GlobalAveragePool{rank}D": f"GlobalAveragePooling{rank}D" for rank in (1, 2, 3)},
    "CuDNNLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "BatchNorm": "BatchNormalization",
}  # fmt: skip
"""Keras' aliases and the names of Keras 1 and 2, by today's name."""

MERGE_FUNCTIONS = {
    to_snake_case(name): name
    for name in ("Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate", "Dot")
    if name in LAYER_TYPES
}
"""`layers.add` → Add."""

_FOREIGN_LAYERS = (
    *("Linear", "Conv1d", "Conv2d", "Conv3d", "MaxPool2d", "MaxPool1d", "AvgPool2d", "BatchNorm2d"),
    *("BatchNorm1d", "Dropout2d", "ConvTranspose2d", "AdaptiveAvgPool2d", "ModuleList", "Upsample"),
)


def keras_name(reference: Reference) -> KerasName | None:
    """What of Keras or TensorFlow this is; None for what another library or the code itself names so."""
    path = reference.path
    if path == "tf" or path.startswith("tf."):
        path = "tensorflow" + path[2:]
    for root in _ROOTS:
        if path.startswith(root + "."):
            return _within_keras(path[len(root) + 1 :])
    if path.startswith("tensorflow."):
        return _within_tensorflow(path.removeprefix("tensorflow."))
    if reference.imported:
        return None
    head, _, rest = path.partition(".")
    if not rest:
        return _bare(path)
    area = _SHORT_AREAS.get(head, head)
    return _within_keras(f"{area}.{rest}") if area in _AREAS else None


def _within_keras(path: str) -> KerasName:
    area, _, rest = path.rpartition(".")
    area = area.partition(".")[0]
    if area in ("wrappers", "engine", "") and rest in ("Sequential", "Model", "Input"):
        area = "models"
    if area == "layers" and rest in ("Input", "InputLayer"):
        area = "models"
    return KerasName(area, rest)


def _within_tensorflow(path: str) -> KerasName:
    area, _, name = path.rpartition(".")
    if area in ("nn", "nn.relu"):
        return KerasName("nn", name)
    return KerasName("tf" if area in ("", "math", "linalg") else area, name)


_BARE_AREAS = {
    **dict.fromkeys(("Sequential", "Model", "Input", "InputLayer", "load_model", "clone_model"), "models"),
    **dict.fromkeys(("to_categorical", "plot_model", "set_random_seed", "pad_sequences"), "utils"),
    **dict.fromkeys(("EarlyStopping", "ReduceLROnPlateau", "ModelCheckpoint", "TensorBoard"), "callbacks"),
    **dict.fromkeys(("LearningRateScheduler", "CSVLogger", "TerminateOnNaN"), "callbacks"),
    **dict.fromkeys(
        ("Adam", "SGD", "RMSprop", "AdamW", "Nadam", "Adagrad", "Adadelta", "Adamax", "Lion", "Ftrl"),
        "optimizers",
    ),
    **dict.fromkeys(
        ("ExponentialDecay", "CosineDecay", "PiecewiseConstantDecay", "PolynomialDecay", "InverseTimeDecay"),
        "optimizers",
    ),
    **dict.fromkeys(("l1", "l2", "l1_l2", "L1", "L2", "L1L2"), "regularizers"),
    **dict.fromkeys(
        ("max_norm", "maxnorm", "MaxNorm", "NonNeg", "non_neg", "UnitNorm", "unit_norm", "MinMaxNorm"),
        "constraints",
    ),
    **dict.fromkeys(
        ("RandomNormal", "RandomUniform", "TruncatedNormal", "Constant", "Zeros", "Ones", "Orthogonal"),
        "initializers",
    ),
    **dict.fromkeys(
        ("HeNormal", "HeUniform", "GlorotNormal", "GlorotUniform", "LecunNormal", "LecunUniform"),
        "initializers",
    ),
    **dict.fromkeys(("he_normal", "he_uniform", "glorot_uniform", "glorot_normal"), "initializers"),
    "VarianceScaling": "initializers",
}
"""Names that code uses without their module, once imported: fragments come without their imports."""

KNOWN_LAYERS = ("Masking", "Lambda", "ThresholdedReLU", "LocallyConnected1D", "LocallyConnected2D", "Identity",
                "RNN", "StackedRNNCells", "LSTMCell", "GRUCell", "ConvLSTM2D", "Attention", "AdditiveAttention",
                "IntegerLookup", "Hashing", "GlobalAveragePooling2D", "SpectralNormalization", "GroupQueryAttention",
                "MaxoutDense", "Merge", "EinsumDense", "RandomHeight", "RandomWidth", "RandomInvert",
                "ConvLSTM1D", "Highway", "TimeDistributedDense", "TFSMLayer", "HashedCrossing", "RMSNormalization")  # fmt: skip
"""Layers of Keras, past or present, that are none of tuinn's."""


def _bare(name: str) -> KerasName | None:
    if name in LAYER_TYPES or name in OLD_LAYER_NAMES or name in KNOWN_LAYERS or name in MERGE_FUNCTIONS:
        return KerasName("layers", name)
    if area := _BARE_AREAS.get(name):
        return KerasName(area, name)
    return None


def layer_type_name(name: str) -> str:
    """Today's name of a layer type."""
    return OLD_LAYER_NAMES.get(name, name)


def other_library(reference: Reference) -> str:
    """The library that a name such as `nn.Linear` is of; empty where it is none that is known."""
    head, _, rest = reference.path.partition(".")
    last = reference.path.rpartition(".")[2]
    if reference.imported:
        return _OTHER_LIBRARIES.get(head, "") if head != "nn" else ""
    if head in _OTHER_LIBRARIES and rest[:1].isupper():
        return _OTHER_LIBRARIES[head]
    return "PyTorch" if last in _FOREIGN_LAYERS else ""
