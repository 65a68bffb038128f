"""Ready networks for rows of numbers."""

from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.presets.images import dense
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


WORDS, LENGTH, WIDTH = 10_000, 200, 64
"""Size of the vocabulary, words kept of a text, and width of an embedding."""


def text_lstm(facts: DataFacts | None = None) -> RunSpec:
    """An LSTM that reads a text word by word, or a series row by row."""
    model = stack(
        *_steps(facts), LayerSpec.of("LSTM", units=64), LayerSpec.of("Dropout", rate=0.3), dense(1, "sigmoid")
    )
    return RunSpec(DatasetSpec("imdb"), model, FitSpec(epochs=4, batch_size=128))


def text_cnn(facts: DataFacts | None = None) -> RunSpec:
    """A 1D CNN for texts and series: filters over five words each, and the strongest answer of each filter."""
    model = stack(
        *_steps(facts),
        LayerSpec.of("Conv1D", filters=128, kernel_size=5, activation="relu"),
        LayerSpec.of("GlobalMaxPooling1D"),
        dense(64),
        LayerSpec.of("Dropout", rate=0.5),
        dense(1, "sigmoid"),
    )
    return RunSpec(DatasetSpec("imdb"), model, FitSpec(epochs=4, batch_size=128))


def _steps(facts: DataFacts | None) -> list[LayerSpec]:
    """From a sample to steps × channels: words through an Embedding, an image row by row, a table column by column."""
    if facts is None or facts.words:
        words = facts.words if facts else WORDS
        return [LayerSpec.of("Embedding", input_dim=words, output_dim=WIDTH)]
    if facts.is_text:
        return [
            LayerSpec.of("TextVectorization", max_tokens=WORDS, output_sequence_length=LENGTH),
            # A text is padded at its end: an LSTM that read on would forget it over the zeros.
            LayerSpec.of("Embedding", input_dim=WORDS, output_dim=WIDTH, mask_zero=True),
        ]
    shape = facts.input_shape
    layers = []
    if facts.dtype.startswith("uint") and facts.high > 1:
        layers.append(LayerSpec.of("Rescaling", scale=1 / facts.high))
    elif not facts.columns:
        layers.append(LayerSpec.of("Normalization"))
    if len(shape) == 1:
        layers.append(LayerSpec.of("Reshape", target_shape=[*shape, 1]))
    elif len(shape) > 2:
        layers.append(LayerSpec.of("Reshape", target_shape=[shape[0], -1]))
    return layers
