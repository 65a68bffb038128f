"""Ready runs: the networks of the labs, each with the dataset it is taught on."""

from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers import LayerSpec
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


def fashion_cnn() -> RunSpec:
    """A small convolutional network for 28 × 28 pictures."""
    model = stack(
        LayerSpec.of("Rescaling", scale=1 / 255),
        LayerSpec.of("Reshape", target_shape=[28, 28, 1]),
        LayerSpec.of("Conv2D", filters=32, kernel_size=3, activation="relu"),
        LayerSpec.of("MaxPooling2D"),
        LayerSpec.of("Conv2D", filters=64, kernel_size=3, activation="relu"),
        LayerSpec.of("MaxPooling2D"),
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dropout", rate=0.5),
        _dense(10, "softmax"),
    )
    return RunSpec(DatasetSpec("fashion_mnist_mini"), model, FitSpec(epochs=8, batch_size=64))


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


PRESETS = {
    "fashion-lab": fashion_lab,
    "fashion-cnn": fashion_cnn,
    "digits-mlp": digits_mlp,
    "iris-lab": iris_lab,
    "wine-mlp": wine_mlp,
    "breast-cancer-logistic": breast_cancer_logistic,
    "diabetes-regression": diabetes_regression,
}


def default_draft() -> RunSpec:
    """What a newcomer's first run trains."""
    return fashion_lab()


def for_dataset(name: str) -> RunSpec | None:
    """The first preset taught on this dataset, or None."""
    return next((spec for make in PRESETS.values() if (spec := make()).dataset.name == name), None)


def is_preset(model: ModelSpec) -> bool:
    """True when this stack is a preset's own, untouched."""
    return any(make().model == model for make in PRESETS.values())
