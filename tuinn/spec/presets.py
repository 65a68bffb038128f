"""Ready runs: the networks of the labs, each with the dataset it is taught on."""

from collections.abc import Callable

from tuinn.spec.advice import fitted_to
from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers import LayerSpec, Shape
from tuinn.spec.model import ModelSpec
from tuinn.spec.run import RunSpec, stack


def _dense(units: int, activation: str = "relu") -> LayerSpec:
    return LayerSpec.of("Dense", units=units, activation=activation)


def fashion_lab() -> RunSpec:
    """The Fashion-MNIST lab: 784-154-64-10, 131,460 parameters."""
    model = stack(
        LayerSpec.of("Rescaling", scale=1 / 255),
        LayerSpec.of("Flatten"),
        _dense(154),
        _dense(64),
        LayerSpec.of("Dropout", rate=0.2),
        _dense(10, "softmax"),
    )
    return RunSpec(DatasetSpec("fashion_mnist_mini"), model, FitSpec(epochs=15))


def fashion_first_look() -> RunSpec:
    """The first look at a network: one hidden layer of 512, 407,050 parameters."""
    model = stack(
        LayerSpec.of("Rescaling", scale=1 / 255),
        LayerSpec.of("Flatten"),
        _dense(512),
        _dense(10, "softmax"),
    )
    return RunSpec(DatasetSpec("fashion_mnist_mini"), model, FitSpec(epochs=5))


def fashion_wide() -> RunSpec:
    """As wide as its input: 784-784-10, 623,290 parameters."""
    model = stack(
        LayerSpec.of("Rescaling", scale=1 / 255),
        LayerSpec.of("Flatten"),
        _dense(784),
        _dense(10, "softmax"),
    )
    return RunSpec(DatasetSpec("fashion_mnist_mini"), model, FitSpec(epochs=5))


def fashion_logistic() -> RunSpec:
    """Logistic regression on pictures: no hidden layer, 7,850 parameters."""
    model = stack(LayerSpec.of("Rescaling", scale=1 / 255), LayerSpec.of("Flatten"), _dense(10, "softmax"))
    return RunSpec(DatasetSpec("fashion_mnist_mini"), model, FitSpec(epochs=10))


def fashion_cnn(shape: Shape = (28, 28)) -> RunSpec:
    """A small convolutional network for pictures."""
    model = stack(
        LayerSpec.of("Rescaling", scale=1 / 255),
        *_with_channels(shape),
        LayerSpec.of("Conv2D", filters=32, kernel_size=3, activation="relu"),
        LayerSpec.of("MaxPooling2D"),
        LayerSpec.of("Conv2D", filters=64, kernel_size=3, activation="relu"),
        LayerSpec.of("MaxPooling2D"),
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dropout", rate=0.5),
        _dense(10, "softmax"),
    )
    return RunSpec(DatasetSpec("fashion_mnist_mini"), model, FitSpec(epochs=8, batch_size=64))


def residual_cnn(shape: Shape = (28, 28)) -> RunSpec:
    """Cats and dogs: augmentation, separable convolutions and residual links, for pictures of any size."""
    layers = [
        LayerSpec.of("Rescaling", scale=1 / 255),
        *_with_channels(shape),
        LayerSpec.of("RandomFlip", mode="horizontal"),
        LayerSpec.of("RandomRotation", factor=0.05),
        LayerSpec.of("Conv2D", filters=32, kernel_size=3, strides=2, padding="same"),
        LayerSpec.of("BatchNormalization"),
        LayerSpec.of("ReLU", name="stem"),
    ]
    source = "stem"
    for filters in (64, 128):
        block, link, joined = f"block{filters}", f"link{filters}", f"sum{filters}"
        layers += [
            LayerSpec.of("SeparableConv2D", filters=filters, kernel_size=3, padding="same"),
            LayerSpec.of("BatchNormalization"),
            LayerSpec.of("ReLU"),
            LayerSpec.of("SeparableConv2D", filters=filters, kernel_size=3, padding="same"),
            LayerSpec.of("BatchNormalization"),
            LayerSpec.of("MaxPooling2D", pool_size=3, strides=2, padding="same", name=block),
            LayerSpec.of(
                "Conv2D",
                filters=filters,
                kernel_size=1,
                strides=2,
                padding="same",
                name=link,
                **{"from": source},
            ),
            LayerSpec.of("Add", name=joined, **{"from": [block, link]}),
        ]
        source = joined
    layers += [
        LayerSpec.of("GlobalAveragePooling2D"),
        LayerSpec.of("Dropout", rate=0.25),
        _dense(10, "softmax"),
    ]
    return RunSpec(DatasetSpec("fashion_mnist_mini"), stack(*layers), FitSpec(epochs=10, batch_size=64))


def _with_channels(shape: Shape) -> list[LayerSpec]:
    """Convolutions want a channel axis, and grey pictures come without."""
    return [] if len(shape) == 3 else [LayerSpec.of("Reshape", target_shape=[*shape, 1])]


def digits_mlp() -> RunSpec:
    """Hand-written digits of 8 × 8 pixels."""
    model = stack(
        LayerSpec.of("Rescaling", scale=1 / 16),
        LayerSpec.of("Flatten"),
        _dense(64),
        _dense(10, "softmax"),
    )
    return RunSpec(DatasetSpec("digits"), model, FitSpec(epochs=15, batch_size=32))


def iris_lab() -> RunSpec:
    """The iris lab: four measurements, 8 relu, 3 softmax."""
    model = stack(_dense(8), _dense(3, "softmax"))
    return RunSpec(DatasetSpec("iris"), model, FitSpec(learning_rate=1e-2, epochs=60, batch_size=16))


def wine_mlp() -> RunSpec:
    """Thirteen columns of very different size: normalised inside the network."""
    model = stack(LayerSpec.of("Normalization"), _dense(16), _dense(3, "softmax"))
    return RunSpec(DatasetSpec("wine"), model, FitSpec(learning_rate=1e-2, epochs=30, batch_size=16))


def breast_cancer_logistic() -> RunSpec:
    """Logistic regression: one sigmoid neuron, no hidden layer."""
    model = stack(LayerSpec.of("Normalization"), _dense(1, "sigmoid"))
    return RunSpec(DatasetSpec("breast_cancer"), model, FitSpec(learning_rate=1e-2, epochs=30, batch_size=32))


def diabetes_regression() -> RunSpec:
    """A number as the target: a linear last layer and the mean squared error."""
    model = stack(LayerSpec.of("Normalization"), _dense(32), _dense(1, "linear"))
    fit = FitSpec(learning_rate=1e-2, epochs=60, batch_size=32, metrics=("mean_absolute_error",))
    return RunSpec(DatasetSpec("diabetes"), model, fit)


PRESETS: dict[str, Callable[[], RunSpec]] = {
    "fashion-lab": fashion_lab,
    "fashion-cnn": fashion_cnn,
    "fashion-first-look": fashion_first_look,
    "fashion-wide": fashion_wide,
    "fashion-logistic": fashion_logistic,
    "residual-cnn": residual_cnn,
    "digits-mlp": digits_mlp,
    "iris-lab": iris_lab,
    "wine-mlp": wine_mlp,
    "breast-cancer-logistic": breast_cancer_logistic,
    "diabetes-regression": diabetes_regression,
}


def default_draft() -> RunSpec:
    """What a newcomer's first run trains."""
    return fashion_lab()


def make(name: str, dataset: DatasetSpec, facts: DataFacts) -> RunSpec:
    """A preset by its name, with head and input fitted to this dataset. Raises KeyError for a name not in PRESETS."""
    own = PRESETS[name]()
    if own.dataset.name == dataset.name:
        return own.with_dataset(dataset)
    if facts.is_image and PRESETS[name] in (fashion_cnn, residual_cnn):
        own = fashion_cnn(facts.shape) if PRESETS[name] is fashion_cnn else residual_cnn(facts.shape)
    scaled = [
        layer.with_options(scale=1 / facts.high) if layer.kind == "Rescaling" and facts.high > 1 else layer
        for layer in own.model.layers
    ]
    return fitted_to(own.with_model(stack(*scaled)), dataset, facts)


def for_dataset(name: str) -> RunSpec | None:
    """The first preset taught on this dataset, or None."""
    return next((spec for make in PRESETS.values() if (spec := make()).dataset.name == name), None)


def is_preset(model: ModelSpec) -> bool:
    """True when this stack is a preset's own, untouched."""
    return any(make().model == model for make in PRESETS.values())
