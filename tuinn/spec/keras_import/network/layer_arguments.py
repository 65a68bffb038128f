"""What Keras' layers take, in Keras' order, by today's names and by those of Keras 1 and 2."""

_CONVOLUTION = "filters kernel_size strides padding data_format dilation_rate"
_RECURRENT = "units activation recurrent_activation use_bias kernel_initializer recurrent_initializer"
_POOLING = "pool_size strides padding data_format name"
_GLOBAL = "data_format keepdims"

_ORDER = {
    "Dense": "units activation use_bias kernel_initializer bias_initializer kernel_regularizer",
    "Flatten": "data_format",
    "Activation": "activation",
    "Reshape": "target_shape",
    "Permute": "dims",
    "RepeatVector": "n",
    "Embedding": "input_dim output_dim embeddings_initializer embeddings_regularizer",
    "Masking": "mask_value",
    **{f"Conv{rank}D": f"{_CONVOLUTION} groups activation use_bias" for rank in (1, 2, 3)},
    **{f"SeparableConv{rank}D": f"{_CONVOLUTION} depth_multiplier activation use_bias" for rank in (1, 2)},
    **{
        f"DepthwiseConv{rank}D": "kernel_size strides padding depth_multiplier data_format dilation_rate activation"
        for rank in (1, 2)
    },
    **{
        f"Conv{rank}DTranspose": "filters kernel_size strides padding output_padding data_format dilation_rate activation"
        for rank in (1, 2)
    },
    "Conv3DTranspose": "filters kernel_size strides padding data_format output_padding dilation_rate activation",
    **{f"{word}Pooling{rank}D": _POOLING for word in ("Max", "Average") for rank in (1, 2, 3)},
    **{f"Global{word}Pooling{rank}D": _GLOBAL for word in ("Max", "Average") for rank in (1, 2, 3)},
    **{f"ZeroPadding{rank}D": "padding data_format" for rank in (1, 2, 3)},
    **{f"Cropping{rank}D": "cropping data_format" for rank in (1, 2, 3)},
    "UpSampling1D": "size",
    "UpSampling2D": "size data_format interpolation",
    "UpSampling3D": "size data_format",
    "Rescaling": "scale offset",
    "Normalization": "axis mean variance invert",
    "BatchNormalization": "axis momentum epsilon center scale beta_initializer gamma_initializer",
    "LayerNormalization": "axis epsilon center scale beta_initializer gamma_initializer",
    "GroupNormalization": "groups axis epsilon center scale beta_initializer gamma_initializer",
    "UnitNormalization": "axis",
    "Resizing": "height width interpolation crop_to_aspect_ratio pad_to_aspect_ratio fill_mode",
    "CenterCrop": "height width data_format",
    "RandomCrop": "height width seed data_format name",
    "Dropout": "rate noise_shape seed",
    "SpatialDropout1D": "rate seed name",
    "SpatialDropout2D": "rate data_format seed name",
    "SpatialDropout3D": "rate data_format seed name",
    "GaussianNoise": "stddev seed",
    "GaussianDropout": "rate seed",
    "AlphaDropout": "rate noise_shape seed",
    "ActivityRegularization": "l1 l2",
    "RandomFlip": "mode seed data_format",
    "RandomRotation": "factor fill_mode interpolation seed fill_value data_format",
    "RandomZoom": "height_factor width_factor fill_mode interpolation seed fill_value data_format",
    "RandomTranslation": "height_factor width_factor fill_mode interpolation seed fill_value data_format",
    "RandomContrast": "factor value_range seed",
    "RandomBrightness": "factor value_range seed",
    "ReLU": "max_value negative_slope threshold",
    "LeakyReLU": "negative_slope",
    "PReLU": "alpha_initializer alpha_regularizer alpha_constraint shared_axes",
    "ELU": "alpha",
    "Softmax": "axis",
    "LSTM": f"{_RECURRENT} bias_initializer unit_forget_bias",
    "GRU": f"{_RECURRENT} bias_initializer",
    "SimpleRNN": "units activation use_bias kernel_initializer recurrent_initializer bias_initializer",
    "MultiHeadAttention": "num_heads key_dim value_dim dropout use_bias output_shape attention_axes",
    "Bidirectional": "layer merge_mode weights backward_layer",
    "TimeDistributed": "layer",
    "CategoryEncoding": "num_tokens output_mode sparse",
    "Discretization": "bin_boundaries num_bins epsilon output_mode sparse",
    "StringLookup": "max_tokens num_oov_indices mask_token oov_token vocabulary idf_weights invert output_mode",
    "TextVectorization": "max_tokens standardize split ngrams output_mode output_sequence_length pad_to_max_tokens",
    "Concatenate": "axis",
    "Dot": "axes normalize",
}


def positional_names(layer_type: str) -> tuple[str, ...]:
    """The arguments that Keras takes by their place, the first ones of long lists."""
    return tuple(_ORDER.get(layer_type, "").split())


_NO_MATTER = {
    *("seed", "input_length", "implementation", "unroll", "use_cudnn", "flash_attention", "batch_size"),
    *("autocast", "consume_less", "synchronized", "sparse", "ragged", "encoding", "dynamic"),
}
"""They change nothing of the network, or the run says them."""

_SHAPES = ("input_shape", "batch_input_shape", "input_dim", "batch_shape")

_SAID = {
    "noise_shape": "each value is dropped by itself",
    "unit_forget_bias": "the forget gate begins as Keras' default has it",
    "moving_mean_initializer": "moving means begin at 0",
    "moving_variance_initializer": "moving variances begin at 1",
    "fill_value": "edges are filled with 0",
    "antialias": "nothing is smoothed first",
    "weights": "weights are not taken over; they begin new",
    "vocabulary": "the words are learned from the training data",
    "idf_weights": "they are learned from the training data",
    "mean": "it is measured on the training data",
    "variance": "it is measured on the training data",
    "mask_token": "it is Keras' default",
    "oov_token": "it is Keras' default",
    "renorm": "it is a plain batch normalisation",
    "renorm_clipping": "it is a plain batch normalisation",
    "renorm_momentum": "it is a plain batch normalisation",
}
"""Arguments that a spec has no place for: what stands instead, for the import report."""

_DEFAULTS: dict[str, tuple[object, ...]] = {
    "unit_forget_bias": (True,),
    "moving_mean_initializer": ("zeros", "zero"),
    "moving_variance_initializer": ("ones", "one"),
    "fill_value": (0, 0.0),
    "renorm_momentum": (0.99,),
    "oov_token": ("[UNK]",),
    "dtype": ("float32",),
    "data_format": ("channels_last",),
    "use_gate": (False,),
    "dim_ordering": ("tf", "default"),
    "merge_mode": (),
}
_REFUSED = {
    "data_format": "its channels come first; tuinn has them last. Write data_format=\"channels_last\"",
    "dim_ordering": "its channels come first; tuinn has them last. Write data_format=\"channels_last\"",
    "stateful": "a state that is kept from batch to batch has no place in tuinn. Leave stateful out",
    "return_state": "a layer of tuinn gives one tensor. Leave return_state out",
    "output_padding": "tuinn's transposed convolutions have none. Leave it out, and crop or pad after the layer",
    "invert": "tuinn's layer works one way only. Leave invert out",
    "output_shape": "the output is as wide as the input. Put a Dense after it",
    "attention_axes": "tuinn attends over all steps. Leave it out",
    "sliding_window": "tuinn attends over all steps. Leave it out",
    "backward_layer": "tuinn reads backwards with the same kind of layer. Leave it out",
    "use_gate": "tuinn's attention has no gate. Leave it out",
    "mode": "this setting of Keras 1 is gone. Leave mode out",
}  # fmt: skip
"""Arguments without which it would be another network: why, and what to do."""


def is_immaterial(name: str) -> bool:
    """True for an argument that makes no other network."""
    return name in _NO_MATTER or name.startswith(("lora_", "quantization_"))


def names_input_shape(name: str, layer_type: str) -> bool:
    """True where the argument is the shape of the input. `Embedding(input_dim=…)` is none."""
    return name in _SHAPES and not (name == "input_dim" and layer_type == "Embedding")


def is_default(name: str, value: object) -> bool:
    """True where the value of an argument that a spec has no place for is Keras' own."""
    plain = value.lower() if isinstance(value, str) else value
    return value is None or value is False or any(
        plain == default and type(plain) is type(default) for default in _DEFAULTS.get(name, ())
    )  # fmt: skip


def what_stands_instead(name: str) -> str:
    """What the network has instead of this argument; empty for one that is not merely left out."""
    return _SAID.get(name, "")


def why_refused(name: str) -> str:
    """Why a network with this argument can't be held, and what to do; empty for one that Keras doesn't have."""
    return _REFUSED.get(name, "")


_RENAMED = {
    "init": "kernel_initializer",
    "inner_init": "recurrent_initializer",
    "inner_activation": "recurrent_activation",
    "W_regularizer": "kernel_regularizer",
    "U_regularizer": "recurrent_regularizer",
    "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint",
    "U_constraint": "recurrent_constraint",
    "b_constraint": "bias_constraint",
    "border_mode": "padding",
    "subsample": "strides",
    "subsample_length": "strides",
    "stride": "strides",
    "nb_filter": "filters",
    "filter_length": "kernel_size",
    "pool_length": "pool_size",
    "atrous_rate": "dilation_rate",
    "bias": "use_bias",
    "dropout_W": "dropout",
    "dropout_U": "recurrent_dropout",
    "p": "rate",
    "sigma": "stddev",
}
_RENAMED_IN = {
    ("LeakyReLU", "alpha"): "negative_slope",
    ("ReLU", "alpha"): "negative_slope",
    ("Embedding", "W_regularizer"): "embeddings_regularizer",
    ("Embedding", "init"): "embeddings_initializer",
    ("BatchNormalization", "gamma_init"): "gamma_initializer",
    ("BatchNormalization", "beta_init"): "beta_initializer",
    **{(name, "output_dim"): "units" for name in ("Dense", "LSTM", "GRU", "SimpleRNN")},
    **{(name, "theta"): "threshold" for name in ("ReLU",)},
}


def todays_name(layer_type: str, name: str) -> str:
    """What an argument of Keras 1 or 2 is called now; the name itself where it is still that."""
    return _RENAMED_IN.get((layer_type, name)) or _RENAMED.get(name, name)
