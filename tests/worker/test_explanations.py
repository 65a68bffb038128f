"""Why the network says what it says: where the answer can be worked out by hand, the explanation is that."""

from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest

from tests.worker.conftest import Train, Training
from tuinn.data.inspection import Explanation, Numbers, read_inspection
from tuinn.runs.commands import Explain, ExplainData, Inspect, InspectionQuestion
from tuinn.runs.events import Inspected
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec, stack

if TYPE_CHECKING:
    from tuinn.worker.inference.evaluator import Evaluator

pytestmark = pytest.mark.tf


def answered(training: Training, question: InspectionQuestion) -> Explanation:
    told = cast("Evaluator", training.evaluator).answer(question)
    assert isinstance(told, Inspected)
    assert not told.problem, told.problem
    return Explanation.read(training.folder.inspection / told.file)


def weights_of(training: Training, layer: str) -> list[Numbers]:
    return [np.asarray(weight) for weight in training.evaluator.model.get_layer(layer).get_weights()]


def digits(*layers: LayerSpec) -> RunSpec:
    return RunSpec(DatasetSpec("digits"), stack(*layers), FitSpec(epochs=1))


def iris(*layers: LayerSpec) -> RunSpec:
    return RunSpec(DatasetSpec("iris"), stack(*layers), FitSpec(epochs=3, batch_size=16))


def test_grad_cam_of_a_network_that_averages_its_maps_is_their_weighted_sum(train: Train) -> None:
    training = train(
        digits(
            LayerSpec.of("Reshape", target_shape=[8, 8, 1]),
            LayerSpec.of("Conv2D", filters=4, kernel_size=3, activation="relu"),
            LayerSpec.of("GlobalAveragePooling2D"),
            LayerSpec.of("Dense", units=10, activation="softmax"),
        )
    )
    import keras

    evaluator = training.evaluator
    model, sample = evaluator.model, evaluator.arrays.x_test[5:6]
    maps = np.asarray(keras.Model(model.input, model.get_layer("conv2d").output)(sample))[0]
    kernel, _ = weights_of(training, "dense")
    for target in (0, 7):
        found = answered(training, Explain(request=f"r{target}", test=5, method="grad_cam", target=target))
        expected = np.maximum((maps * (kernel[:, target] / 36)).sum(axis=-1), 0)
        np.testing.assert_allclose(found.arrays["parts"], expected, atol=1e-5)
        assert found.about.target == target


def test_gradient_times_input_of_a_linear_network_is_input_times_weight(train: Train) -> None:
    training = train(iris(LayerSpec.of("Dense", units=3, activation="softmax")))
    kernel, _ = weights_of(training, "dense")
    sample = training.evaluator.arrays.x_test[4]
    found = answered(training, Explain(request="r", test=4, method="gradient", target=1))
    np.testing.assert_allclose(found.arrays["parts"], sample * kernel[:, 1], rtol=1e-5)
    assert found.about.labels == training.evaluator.info.facts.features
    outputs = training.evaluator.network.outputs(sample[None], 1)[0]
    assert outputs.sum() == pytest.approx(1.0)  # the layer has its softmax again


def test_a_covered_column_is_one_without_a_value_and_what_falls_is_the_probability(train: Train) -> None:
    training = train(PRESETS["iris-lab"]().with_fit(epochs=5))
    network, sample = training.evaluator.network, training.evaluator.arrays.x_test[3:4].copy()
    found = answered(training, Explain(request="r", test=3))
    before = network.outputs(sample, 1)[0]
    assert found.about.target == int(before.argmax())
    for column in range(4):
        covered = sample.copy()
        covered[0, column] = 0
        fall = before.max() - network.outputs(covered, 1)[0][found.about.target]
        assert found.arrays["parts"][column] == pytest.approx(fall, abs=1e-6)


def test_a_covered_picture_falls_most_where_the_network_looks(train: Train) -> None:
    training = train(digits(LayerSpec.of("Flatten"), LayerSpec.of("Dense", units=10, activation="softmax")))
    dense = training.evaluator.model.get_layer("dense")
    kernel = np.zeros((64, 10), np.float32)
    kernel[8 * 3 + 4, 2] = 1.0  # class 2 for a bright pixel in row 3, column 4
    dense.set_weights([kernel, np.zeros(10, np.float32)])
    x = training.evaluator.arrays.x_test
    at = int(x[:200, 3, 4].argmax())
    parts = answered(training, Explain(request="r", test=at, target=2)).arrays["parts"]
    assert parts.shape == (8, 8)
    assert int(parts.argmax()) == 8 * 3 + 4
    assert parts[0, 0] == pytest.approx(0, abs=1e-6)


def test_words_are_covered_one_by_one_and_have_gradients_through_their_embedding(
    train: Train, tmp_path: Path
) -> None:
    table = tmp_path / "films.csv"
    rows = [
        f"a {'good' if at % 2 else 'bad'} film number {at % 7},{'yes' if at % 2 else 'no'}"
        for at in range(120)
    ]
    table.write_text("text,liked\n" + "\n".join(rows) + "\n")
    layers = (
        LayerSpec.of("TextVectorization", max_tokens=50, output_sequence_length=6),
        LayerSpec.of("Embedding", input_dim=50, output_dim=4),
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dense", units=1, activation="sigmoid"),
    )
    spec = RunSpec(
        DatasetSpec.at(str(table), kind="text"),
        stack(*layers),
        FitSpec(epochs=12, batch_size=16, learning_rate=0.03),
    )
    training = train(spec)
    text = "a good film number 3"
    for question in (Inspect(request="own", sample=text), Inspect(request="test", test=0)):
        told = training.evaluator.answer(question)
        assert isinstance(told, Inspected)
        found = read_inspection(training.folder.inspection, told.file, {})
        words = str(found.texts["v0"])
        assert words == text or words.split()[2] == "film"
        assert found.values(1) is not None
        assert found.steps[0].shape == ()
    for method in ("occlusion", "gradient"):
        why = answered(training, Explain(request=method, sample=text, method=method))
        assert why.about.labels[:5] == tuple(text.split())
        assert int(why.arrays["parts"].argmax()) == 1, why.arrays["parts"]
    gradients = answered(training, ExplainData(request="weights", method="gradients")).arrays
    assert "embedding/embeddings" in gradients


def test_only_a_column_that_is_looked_at_matters_and_its_effect_is_the_line_that_it_is(train: Train) -> None:
    training = train(iris(LayerSpec.of("Dense", units=3, activation="softmax")))
    kernel = np.zeros((4, 3), np.float32)
    kernel[2] = (-1.0, 0.0, 1.0)  # the length of the petal alone
    training.evaluator.model.get_layer("dense").set_weights([kernel, np.array([4.0, 0.5, -4.5], np.float32)])
    found = answered(training, ExplainData(request="m"))
    means = found.arrays["means"]
    assert means[2] > 0.2
    assert means[[0, 1, 3]].tolist() == [0, 0, 0]
    assert found.about.measure == "accuracy falls by"
    effect = answered(training, ExplainData(request="e", method="effect", column=2))
    values = effect.arrays["values"]
    logits = values[:, None] * kernel[2] + np.array([4.0, 0.5, -4.5])
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(effect.arrays["curves"], shares, atol=1e-5)
    assert (np.diff(values) > 0).all()


def test_the_scatter_has_the_two_directions_of_the_largest_variance(train: Train) -> None:
    training = train(PRESETS["iris-lab"]().with_fit(epochs=2))
    found = answered(training, ExplainData(request="s", method="projection", step=0))
    x = training.evaluator.arrays.x_test
    centred = x - x.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    for at in (0, 1):
        expected = centred @ axes[at]
        points = found.arrays["points"][:, at]
        np.testing.assert_allclose(np.abs(points), np.abs(expected), atol=1e-4)
    assert found.about.shares == pytest.approx(tuple(sizes[:2] ** 2 / (sizes**2).sum()), abs=1e-5)
    assert found.arrays["targets"].tolist() == training.evaluator.arrays.y_test.tolist()


def test_gradients_are_those_by_which_the_loss_changes(train: Train) -> None:
    training = train(iris(LayerSpec.of("Dense", units=3, activation="softmax")))
    found = answered(training, ExplainData(request="g", method="gradients")).arrays
    x, y = training.evaluator.arrays.x_test, training.evaluator.arrays.y_test
    shares = training.evaluator.network.outputs(x, 30)
    kernel = x.T @ (shares - np.eye(3)[y]) / len(x)  # of the cross-entropy after softmax
    low, high, size, *counts = found["dense/kernel"]
    assert (low, high) == pytest.approx((kernel.min(), kernel.max()), abs=1e-5)
    assert size == pytest.approx(np.sqrt((kernel**2).mean()), abs=1e-5)
    assert sum(counts) == kernel.size


def test_the_output_before_the_questions_is_the_output_after(train: Train) -> None:
    training = train(PRESETS["iris-lab"]().with_fit(epochs=2))
    x, network = training.evaluator.arrays.x_test, training.evaluator.network
    before = network.outputs(x, 30)
    for method in ("occlusion", "gradient"):
        answered(training, Explain(request=method, test=0, method=method))
    answered(training, ExplainData(request="m"))
    answered(training, ExplainData(request="g", method="gradients"))
    assert np.array_equal(network.outputs(x, 30), before)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        (Explain(request="r", test=0, method="grad_cam"), "needs a convolution over pictures"),
        (Explain(request="r", test=0, target=3), "There is no class 3; the last one is 2."),
        (ExplainData(request="r", method="effect", column=4), "There is no column 5; the last one is 4."),
        (ExplainData(request="r", method="projection", step=44), "The network has no step 44."),
    ],
)
def test_what_cannot_be_explained_is_said(train: Train, question: InspectionQuestion, words: str) -> None:
    training = train(PRESETS["iris-lab"]().with_fit(epochs=1))
    told = training.evaluator.answer(question)
    assert isinstance(told, Inspected)
    assert words in told.problem


def test_pictures_have_no_columns(train: Train) -> None:
    training = train(digits(LayerSpec.of("Flatten"), LayerSpec.of("Dense", units=10, activation="softmax")))
    told = training.evaluator.answer(ExplainData(request="r"))
    assert isinstance(told, Inspected)
    assert told.problem == "That is for tables: these samples have no columns."


def test_grad_cam_of_a_convolution_that_is_not_trained_is_that_of_the_same_one_that_is(train: Train) -> None:
    layers = (
        LayerSpec.of("Reshape", target_shape=[8, 8, 1]),
        LayerSpec.of("Conv2D", filters=3, kernel_size=3, trainable=False),
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dense", units=10, activation="softmax"),
    )
    training = train(digits(*layers))
    frozen = answered(training, Explain(request="a", test=0, method="grad_cam")).arrays["parts"]
    for layer in training.evaluator.network.stack.layers:
        layer.trainable = True
    free = answered(training, Explain(request="b", test=0, method="grad_cam")).arrays["parts"]
    assert np.array_equal(frozen, free)
