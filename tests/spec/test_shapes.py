"""The walk through the stack against numbers worked out by hand."""

import pytest
from hypothesis import given

from tests.strategies import stacks
from tuinn.errors import SpecError
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import PRESETS, fashion_cnn, fashion_lab
from tuinn.spec.run import stack


def test_the_lab_network_has_131_460_parameters() -> None:
    summary = summarize(fashion_lab().model, (28, 28))
    assert [row.params for row in summary.rows] == [0, 0, 784 * 154 + 154, 154 * 64 + 64, 0, 64 * 10 + 10]
    assert (summary.total, summary.trainable, summary.non_trainable) == (131_460, 131_460, 0)
    assert summary.bytes == 4 * 131_460


@pytest.mark.parametrize(
    ("preset", "parameters"),
    [
        ("fashion-first-look", 407_050),
        ("fashion-wide", 623_290),
        ("fashion-logistic", 7_850),
        ("iris-lab", 67),
    ],
)
def test_a_preset_has_the_parameters_its_course_names(preset: str, parameters: int) -> None:
    shape = (4,) if preset == "iris-lab" else (28, 28)
    assert summarize(PRESETS[preset]().model, shape).total == parameters


def test_the_convolutional_network_has_the_shapes_worked_out_by_hand() -> None:
    summary = summarize(fashion_cnn().model, (28, 28))
    assert [row.shape for row in summary.rows] == [
        (28, 28),
        (28, 28, 1),
        (26, 26, 32),
        (13, 13, 32),
        (11, 11, 64),
        (5, 5, 64),
        (1600,),
        (1600,),
        (10,),
    ]
    assert summary.total == (9 * 1 * 32 + 32) + (9 * 32 * 64 + 64) + (1600 * 10 + 10)


@pytest.mark.parametrize(
    ("options", "shape", "params"),
    [
        ({"kernel_size": 3}, (8, 8, 4), 3 * 3 * 3 * 4 + 4),
        ({"kernel_size": [3, 5]}, (8, 6, 4), 3 * 5 * 3 * 4 + 4),
        ({"kernel_size": 3, "strides": 2}, (4, 4, 4), 112),
        ({"kernel_size": 3, "padding": "same"}, (10, 10, 4), 112),
        ({"kernel_size": 3, "strides": 3, "padding": "same"}, (4, 4, 4), 112),
        ({"kernel_size": 3, "use_bias": False}, (8, 8, 4), 108),
        ({"kernel_size": 10}, (1, 1, 4), 1204),
    ],
)
def test_a_convolution_on_10_by_10_by_3(
    options: dict[str, object], shape: tuple[int, int, int], params: int
) -> None:
    (row,) = summarize(stack(LayerSpec.of("Conv2D", filters=4, **options)), (10, 10, 3)).rows
    assert (row.shape, row.params) == (shape, params)


@pytest.mark.parametrize(
    ("options", "shape"),
    [
        ({}, (3, 3, 2)),
        ({"padding": "same"}, (4, 4, 2)),
        ({"pool_size": 3, "strides": 2}, (3, 3, 2)),
        ({"pool_size": 3, "strides": 2, "padding": "same"}, (4, 4, 2)),
        ({"pool_size": [7, 1]}, (1, 7, 2)),
    ],
)
def test_a_pool_on_7_by_7_by_2(options: dict[str, object], shape: tuple[int, int, int]) -> None:
    (row,) = summarize(stack(LayerSpec.of("MaxPooling2D", **options)), (7, 7, 2)).rows
    assert (row.shape, row.params) == (shape, 0)


def test_batch_normalisation_keeps_two_moving_numbers_per_channel_untrained() -> None:
    summary = summarize(stack(LayerSpec.of("BatchNormalization")), (5, 5, 8))
    assert (summary.trainable, summary.non_trainable) == (16, 16)


def test_reshape_fills_in_what_is_left_over() -> None:
    (row,) = summarize(stack(LayerSpec.of("Reshape", target_shape=[7, -1, 2])), (28, 28)).rows
    assert row.shape == (7, 56, 2)


@pytest.mark.parametrize(
    ("layer", "shape", "why"),
    [
        (LayerSpec.of("Conv2D", filters=1, kernel_size=3), (28, 28), "needs height × width × channels"),
        (
            LayerSpec.of("Conv2D", filters=1, kernel_size=9),
            (8, 8, 1),
            "The kernel 9 × 9 is larger than its input 8 × 8",
        ),
        (LayerSpec.of("MaxPooling2D", pool_size=9), (8, 8, 1), "The pool 9 × 9 is larger"),
        (
            LayerSpec.of("Reshape", target_shape=[28, 29]),
            (28, 28),
            "needs 812 values, but the layer above gives 28 × 28 = 784",
        ),
        (LayerSpec.of("GlobalAveragePooling2D"), (10,), "gives 10"),
        (LayerSpec.of("Dense", units=1_000_000), (784, 1_000_000), "a layer holds at most 2,147,483,647"),
    ],
)
def test_a_layer_that_does_not_fit_says_why_and_the_ones_after_it_have_no_shape(
    layer: LayerSpec, shape: tuple[int, ...], why: str
) -> None:
    summary = summarize(stack(LayerSpec.of("Dropout"), layer, LayerSpec.of("Flatten")), shape)
    assert summary.mismatch is not None
    at, sentence = summary.mismatch
    assert at == 1
    assert why in sentence
    assert [row.shape for row in summary.rows] == [shape, None, None]
    assert summary.output is None


def test_names_are_those_of_keras_in_a_fresh_session() -> None:
    layers = [
        LayerSpec.of("Dense", units=1),
        LayerSpec.of("GlobalAveragePooling2D"),
        LayerSpec.of("Dense", units=1),
    ]
    names = [*stack(*layers).names(), *stack(LayerSpec.of("Conv2D", filters=1, kernel_size=1)).names()]
    assert names == ["dense", "global_average_pooling2d", "dense_1", "conv2d"]


@given(stacks())
def test_any_stack_has_a_row_per_layer_and_a_shape_or_a_reason(model: ModelSpec) -> None:
    for shape in ((28, 28), (4,), (32, 32, 3)):
        summary = summarize(model, shape)
        assert len(summary.rows) == len(model.layers)
        assert any(row.mismatch for row in summary.rows) == (summary.mismatch is not None)
        shapes = [row.shape for row in summary.rows]
        assert summary.mismatch or all(one is not None and min(one, default=1) >= 1 for one in shapes)


def test_a_convolution_of_one_axis_may_stand_at_every_step() -> None:
    layer = LayerSpec.of("TimeDistributed", layer="Conv1D", filters=2, kernel_size=3, strides=2)
    assert layer.code() == "layers.TimeDistributed(layers.Conv1D(2, 3, strides=2))"
    assert layer.measure((4, 9, 5)).shape == (4, 4, 2)
    uneven = LayerSpec.of("TimeDistributed", layer="Conv1D", filters=2, kernel_size=[3, 2])
    with pytest.raises(SpecError, match="kernel_size: must be a whole number"):
        uneven.measure((4, 9, 5))
