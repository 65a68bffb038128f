"""Ready networks for rows of numbers."""

from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers import LayerSpec
from tuinn.spec.preset_pictures import dense
from tuinn.spec.run import RunSpec, stack


def iris_lab() -> RunSpec:
    """The iris lab: four measurements, 8 relu, 3 softmax."""
    model = stack(dense(8), dense(3, "softmax"))
    return RunSpec(DatasetSpec("iris"), model, FitSpec(learning_rate=1e-2, epochs=60, batch_size=16))


def wine_mlp() -> RunSpec:
    """Thirteen columns of very different size: normalised inside the network."""
    model = stack(LayerSpec.of("Normalization"), dense(16), dense(3, "softmax"))
    return RunSpec(DatasetSpec("wine"), model, FitSpec(learning_rate=1e-2, epochs=30, batch_size=16))


def breast_cancer_logistic() -> RunSpec:
    """Logistic regression: one sigmoid neuron, no hidden layer."""
    model = stack(LayerSpec.of("Normalization"), dense(1, "sigmoid"))
    return RunSpec(DatasetSpec("breast_cancer"), model, FitSpec(learning_rate=1e-2, epochs=30, batch_size=32))


def diabetes_regression() -> RunSpec:
    """A number as the target: a linear last layer and the mean squared error."""
    model = stack(LayerSpec.of("Normalization"), dense(32), dense(1, "linear"))
    fit = FitSpec(learning_rate=1e-2, epochs=60, batch_size=32, metrics=("mean_absolute_error",))
    return RunSpec(DatasetSpec("diabetes"), model, fit)


def housing_lab() -> RunSpec:
    """The housing lab: two Dense 16 relu, Dropout 0.1 after each, the mean squared error."""
    model = stack(
        LayerSpec.of("Normalization"),
        dense(16),
        LayerSpec.of("Dropout", rate=0.1),
        dense(16),
        LayerSpec.of("Dropout", rate=0.1),
        dense(1, "linear"),
    )
    fit = FitSpec(epochs=30, batch_size=64, loss="mean_squared_error", metrics=("mean_absolute_error",))
    return RunSpec(DatasetSpec("california_housing"), model, fit)
