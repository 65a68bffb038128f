"""Findings of a run, from its curves and a look inside, without TensorFlow."""

import pytest

from tests.view.test_verdict import FALLING, epochs
from tuinn.data.catalog.catalog import find
from tuinn.runs.examination import Examination, ExaminedLayer, Memorized
from tuinn.spec.advice.training_result import Result
from tuinn.spec.presets.catalog import PRESETS, default_draft
from tuinn.view.reports.diagnosis import Finding, diagnose, examined_words, guessing_loss

FASHION = find("fashion_mnist_mini").facts
WELL = Examination(
    epoch=8,
    samples=500,
    layers=(
        ExaminedLayer("dense", 154, "relu", dead=14, update=0.003),
        ExaminedLayer("dense_2", update=0.001),
    ),
    memorized=Memorized(32, 400, 2.3, 0.01, 1.0),
    rarest=("Bag", 450),
    largest=450,
)
STILL = (2.3,) * 8


def found(examination: Examination | None, losses: tuple[float, ...] = FALLING) -> list[Finding]:
    return diagnose(epochs(losses, losses), True, FASHION, "sparse_categorical_crossentropy", examination)


def results(examination: Examination | None, losses: tuple[float, ...] = FALLING) -> set[Result]:
    return {finding.result for finding in found(examination, losses)}


def with_layer(**values: object) -> Examination:
    from msgspec.structs import replace

    layer = replace(WELL.layers[0], **values)
    return replace(WELL, layers=(layer, *WELL.layers[1:]))


def with_memory(**values: object) -> Examination:
    from msgspec.structs import replace

    assert WELL.memorized is not None
    return replace(WELL, memorized=replace(WELL.memorized, **values))


def test_a_network_that_is_well_has_no_finding_but_those_of_its_curves() -> None:
    assert results(WELL) == results(None) == {"improving"}
    assert examined_words(WELL) == (
        "nothing is wrong with 2 layers over 500 training samples, and 32 samples are learned by heart in 400 updates"
    )


@pytest.mark.parametrize(
    ("examination", "losses", "result"),
    [
        (with_layer(dead=100), STILL, "dead"),
        (with_layer(dead=150), FALLING, "dead"),
        (with_layer(saturated=100, activation="tanh"), STILL, "saturated"),
        (with_layer(update=0.2), FALLING, "too_fast"),
        (with_layer(update=1e-8), STILL, "too_slow"),
        (with_layer(not_finite=True), FALLING, "diverged"),
        (with_memory(after=2.2, accuracy=0.2), FALLING, "unfit"),
        (with_memory(before=40.0), FALLING, "far_start"),
    ],
)
def test_each_fault_is_told_once_and_has_a_change(
    examination: Examination, losses: tuple[float, ...], result: Result
) -> None:
    (finding,) = [one for one in found(examination, losses) if one.result == result]
    problem = finding.problem(default_draft())
    assert problem.severity == "warning"
    assert problem.fixes


@pytest.mark.parametrize(
    ("examination", "losses"),
    [
        (with_layer(dead=100), FALLING),  # it learns all the same
        (with_layer(update=1e-8), FALLING),  # it has learned all there is
        (with_memory(after=2.2, accuracy=0.2, updates=20), FALLING),  # the box was too slow to say so
        (with_memory(before=4.0), FALLING),
    ],
)
def test_what_may_be_right_is_no_finding(examination: Examination, losses: tuple[float, ...]) -> None:
    assert results(examination, losses) == results(None, losses)


def test_a_class_with_hardly_a_sample_is_told_and_classes_can_be_weighed() -> None:
    from msgspec.structs import replace

    (finding,) = [one for one in found(replace(WELL, rarest=("Bag", 3))) if one.result == "rare"]
    assert finding.words == "3 training samples of Bag, and 450 of the commonest class."
    (fix,) = finding.problem(default_draft()).fixes
    assert fix.spec.fit.class_weights == "balanced"


def test_a_loss_that_jumps_from_epoch_to_epoch_may_have_too_high_a_rate() -> None:
    restless = (1.0, 1.4, 0.8, 1.3, 0.7, 1.2, 0.6, 1.1, 0.5)
    (finding,) = [one for one in found(None, restless) if one.result == "too_fast"]
    assert finding.certainty == "possible"
    assert "in 4 of 8 epochs" in finding.words


def test_dead_units_of_a_layer_lead_to_another_activation_of_that_layer() -> None:
    spec = PRESETS["fashion-lab"]()
    (finding,) = [one for one in found(with_layer(dead=154)) if one.result == "dead"]
    fix = finding.problem(spec).fixes[0]
    assert fix.label == "leaky_relu in layer 3"
    assert fix.spec.model.layers[2].options["activation"] == "leaky_relu"


def test_at_a_high_rate_dead_units_lead_to_a_lower_one_first() -> None:
    spec = PRESETS["fashion-lab"]().with_fit(learning_rate=1.0)
    (finding,) = [one for one in found(with_layer(dead=154)) if one.result == "dead"]
    assert [fix.label for fix in finding.problem(spec).fixes] == [
        "learning rate 0.1",
        "leaky_relu in layer 3",
    ]


def test_the_loss_of_guessing_is_that_of_equal_shares() -> None:
    assert guessing_loss(FASHION, "sparse_categorical_crossentropy") == pytest.approx(2.302585)
    assert guessing_loss(FASHION, "binary_crossentropy") == pytest.approx(0.693147)
    assert guessing_loss(FASHION, "mean_squared_error") is None
    assert guessing_loss(find("diabetes").facts, "mean_squared_error") is None
