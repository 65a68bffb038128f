"""Memory, arithmetic and receptive field of a network, as one would work them out by hand."""

from math import prod

import pytest
from hypothesis import given

from tests.strategies import fits, small_specs
from tuinn.spec.cost import estimate_memory, flops, optimizer_slots, receptive_fields, training_flops
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.layer_type import Shape
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import fashion_lab
from tuinn.spec.run import RunSpec, stack

LAB = summarize(fashion_lab().model, (28, 28))


def conv(**options: object) -> LayerSpec:
    return LayerSpec.of("Conv2D", **{"filters": 4, "kernel_size": 3, "padding": "same", **options})


def seen(*layers: LayerSpec, shape: Shape = (64, 64, 3)) -> tuple[Shape | None, ...]:
    return receptive_fields(summarize(stack(*layers), shape))


def test_the_memory_of_the_lab_in_training_with_adam() -> None:
    found = estimate_memory(LAB, FitSpec(batch_size=128))
    assert found.weights == found.gradients == 131_460 * 4
    assert found.optimizer == 2 * found.gradients
    # Input and Rescaling have 784 values each, Flatten none of its own, then 154, 64, twice 64 with the mask, and 10.
    assert found.activations == (2 * 784 + 154 + 64 + 2 * 64 + 10) * 128 * 4
    assert found.way_back == 2 * 784 * 128 * 4
    kept = (found.weights, found.gradients, found.optimizer, found.activations, found.way_back)
    assert found.total == sum(kept)


def test_no_batch_takes_more_memory_than_all_samples_do() -> None:
    fit = FitSpec(batch_size=10_000_000)
    assert estimate_memory(LAB, fit, 500) == estimate_memory(LAB, FitSpec(batch_size=500))


@pytest.mark.parametrize(
    ("layer", "shape", "values"),
    [
        (LayerSpec.of("LSTM", units=5), (7, 3), 7 * 5 * 8),
        (LayerSpec.of("Bidirectional", layer="GRU", units=5), (7, 3), 2 * 7 * 5 * 6),
        (conv(filters=2), (8, 8, 1), 8 * 8 * 2),
        (
            LayerSpec.of("SeparableConv2D", filters=2, kernel_size=3, padding="same"),
            (8, 8, 3),
            8 * 8 * (2 + 3),
        ),
        (LayerSpec.of("BatchNormalization"), (6,), 2 * 6),
        (LayerSpec.of("MultiHeadAttention", num_heads=2, key_dim=3), (4, 5), 20 + 3 * 4 * 2 * 3 + 2 * 2 * 16),
    ],
)
def test_what_a_layer_keeps_for_the_way_back(layer: LayerSpec, shape: tuple[int, ...], values: int) -> None:
    found = summarize(stack(layer), shape)
    assert estimate_memory(found, FitSpec(batch_size=1)).activations == 4 * (prod(shape) + values)


def test_mixed_precision_halves_the_activations_alone() -> None:
    whole, half = estimate_memory(LAB, FitSpec()), estimate_memory(LAB, FitSpec(precision="mixed_bfloat16"))
    assert half.activations * 2 == whole.activations
    assert half.weights == whole.weights


def test_momentum_costs_a_number_per_weight() -> None:
    assert optimizer_slots(FitSpec(optimizer="sgd")) == 0
    assert optimizer_slots(FitSpec(optimizer="sgd", momentum=0.9)) == 1
    assert optimizer_slots(FitSpec(optimizer="adam", amsgrad=True)) == 3


def test_the_lab_takes_two_operations_per_multiply_add() -> None:
    assert flops(LAB) == 2 * (784 * 154 + 154 * 64 + 64 * 10)


@pytest.mark.parametrize(
    ("layers", "sizes"),
    [
        ((conv(), conv(), conv()), (3, 5, 7)),
        ((conv(), LayerSpec.of("MaxPooling2D"), conv()), (3, 4, 8)),
        ((conv(strides=2), conv(strides=2), conv()), (3, 7, 15)),
        ((conv(dilation_rate=2), conv(dilation_rate=4)), (5, 13)),
        ((conv(), LayerSpec.of("BatchNormalization"), LayerSpec.of("ReLU"), conv()), (3, 3, 3, 5)),
        ((LayerSpec.of("MaxPooling2D"), LayerSpec.of("UpSampling2D"), conv()), (2, 2, 4)),
    ],
)
def test_a_value_sees_a_patch_that_grows_with_windows_and_strides(
    layers: tuple[LayerSpec, ...], sizes: tuple[int, ...]
) -> None:
    assert seen(*layers) == tuple((size, size) for size in sizes)


def test_a_value_sees_everything_after_flatten() -> None:
    assert seen(conv(), LayerSpec.of("Flatten"), LayerSpec.of("Dense", units=3)) == ((3, 3), None, None)


def test_a_residual_sum_sees_what_its_widest_branch_sees() -> None:
    add = LayerSpec.of("Add", **{"from": ["wide", "narrow"]})
    assert seen(conv(name="narrow"), conv(name="wide", kernel_size=5), add)[-1] == (7, 7)


def test_a_layer_that_is_switched_off_widens_nothing() -> None:
    assert seen(conv(), conv(disabled=True), conv()) == ((3, 3), (3, 3), (5, 5))
    assert seen(conv(), LayerSpec.of("MaxPooling3D", disabled=True)) == ((3, 3), (3, 3))


def test_kernels_that_are_not_square_see_patches_that_are_not() -> None:
    assert seen(conv(kernel_size=(1, 7)), conv(kernel_size=(3, 1))) == ((1, 7), (3, 7))


def test_a_film_is_seen_picture_by_picture() -> None:
    convolution = LayerSpec.of("TimeDistributed", layer="Conv2D", filters=2, kernel_size=3)
    pool = LayerSpec.of("TimeDistributed", layer="MaxPooling2D")
    reader = LayerSpec.of("TimeDistributed", layer="Flatten")
    assert seen(convolution, pool, reader, shape=(4, 12, 12, 1)) == ((1, 3, 3), (1, 4, 4), None)


@given(small_specs(), fits())
def test_every_stack_has_costs(spec: RunSpec, fit: FitSpec) -> None:
    found = summarize(spec.model, (28, 28))
    assert len(receptive_fields(found)) == len(found.rows)
    assert estimate_memory(found, fit).total >= 0
    assert flops(found) >= 0


def test_a_training_step_has_no_gradient_for_what_nothing_is_trained_before() -> None:
    first, second, third = 784 * 154, 154 * 64, 64 * 10
    assert training_flops(LAB) == 2 * (2 * first + 3 * second + 3 * third)


def test_a_frozen_start_has_its_way_forward_alone() -> None:
    frozen = LayerSpec.of("Dense", units=5, trainable=False)
    summary = summarize(stack(frozen, frozen, LayerSpec.of("Dense", units=2), frozen), (3,))
    assert training_flops(summary) == 2 * (3 * 5 + 5 * 5 + 2 * (5 * 2) + 2 * (2 * 5))


def test_a_branch_knows_what_is_trained_before_it() -> None:
    layers = (
        LayerSpec.of("Dense", units=4, name="a"),
        LayerSpec.of("Dense", units=4, name="b", **{"from": "input"}),
        LayerSpec.of("Add", **{"from": ["a", "b"]}),
        LayerSpec.of("Dense", units=2),
    )
    assert training_flops(summarize(stack(*layers), (3,))) == 2 * (2 * 12 + 2 * 12 + 3 * 8)
