"""The fit settings: what applies, what is written, what is wrong with them, and the rate over a run."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import fits
from tuinn.data.catalog import catalog
from tuinn.spec.advice.advise import advise
from tuinn.spec.advice.fit_settings import fit_problems
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FIT_OPTIONS, OPTIMIZERS, SCHEDULES, FitSpec, fit_options
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.learning_rate import learning_rate_at, learning_rates
from tuinn.spec.presets.catalog import PRESETS, fashion_lab, iris_lab
from tuinn.spec.run import RunSpec, stack

IRIS = catalog.find("iris").facts


def problems_of(spec: RunSpec, name: str = "iris") -> list[str]:
    return [problem.message for problem in fit_problems(spec, catalog.find(name).facts)]


def iris(**fit: object) -> RunSpec:
    return iris_lab().with_fit(**fit)


def test_only_settings_that_differ_are_written_beside_the_eight_of_every_run() -> None:
    assert list(FitSpec().raw()) == [
        *("optimizer", "learning_rate", "loss", "metrics"),
        *("epochs", "batch_size", "seed", "device"),
    ]
    assert FitSpec(optimizer="sgd", momentum=0.9).raw()["momentum"] == 0.9


@given(fits())
def test_settings_come_back_from_what_is_written(fit: FitSpec) -> None:
    assert FitSpec.of(fit.raw()) == fit


@given(fits())
def test_every_setting_that_applies_has_a_value_its_row_and_a_reason(fit: FitSpec) -> None:
    for option in fit_options(fit):
        assert option.help
        assert (
            option in FIT_OPTIONS
            or getattr(fit, option.name) is not None
            or option.check(option.default) is not None
        )
        assert fit.value(option.name) is not None
    assert list(fit.values()) == [option.name for option in fit_options(fit)]


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_form_that_is_kept_unchanged_changes_nothing(optimizer: str, schedule: str) -> None:
    fit = FitSpec(optimizer=optimizer, schedule=schedule, early_stopping_patience=2)
    assert fit.with_values(fit.values()) == fit


def test_another_optimizer_brings_its_own_defaults_and_drops_what_it_does_not_have() -> None:
    adam = FitSpec(epsilon=1e-3)
    lion = adam.with_values({**adam.values(), "optimizer": "lion"})
    assert lion == FitSpec(optimizer="lion")
    assert lion.value("beta_2") == 0.99
    sgd = FitSpec(optimizer="sgd", momentum=0.9)
    assert sgd.with_values({**sgd.values(), "optimizer": "rmsprop"}).momentum == 0.9


def test_the_options_of_other_optimizers_and_schedules_are_not_shown() -> None:
    names = [option.name for option in fit_options(FitSpec(optimizer="sgd", schedule="step"))]
    assert "momentum" in names
    assert "step_epochs" in names
    assert not {"beta_1", "rho", "warmup_epochs", "monitor", "restore_best"} & set(names)
    assert "monitor" in [option.name for option in fit_options(FitSpec(early_stopping_patience=1))]


@given(fits(), st.integers(1, 10_000), st.integers(1, 60))
def test_the_picture_of_the_rate_has_its_points_and_stays_between_nothing_and_the_rate(
    fit: FitSpec, steps: int, points: int
) -> None:
    shown = learning_rates(fit, steps, points)
    assert len(shown) == points
    assert all(0 <= rate <= fit.learning_rate * (1 + 1e-9) for rate in shown)


def test_the_rates_of_a_run_of_ten_epochs() -> None:
    def epochs(**fit: Any) -> list[float]:
        told = FitSpec(epochs=10, learning_rate=1.0, **fit)
        return [round(learning_rate_at(told, epoch * 5, 5), 3) for epoch in range(11)]

    assert epochs() == [1.0] * 11
    assert epochs(schedule="step", step_epochs=4) == [1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25]
    assert epochs(schedule="exponential")[:3] == [1, 0.9, 0.81]
    assert epochs(schedule="cosine")[::5] == [1, 0.5, 0]
    assert epochs(schedule="cosine_warmup", warmup_epochs=2)[:3] == [0, 0.5, 1]
    assert epochs(schedule="one_cycle")[::3] == [0.04, 1, 0.611, 0.05]


PROBLEMS = [
    (
        {"batch_size": 500},
        "batch_size 500 is larger than the 108 training samples: each epoch is one update, by all of them.",
    ),
    (
        {"loss": "binary_crossentropy"},
        "binary_crossentropy asks yes or no of each output, and here exactly one of 3 classes is right.",
    ),
    ({"metrics": ("auc",)}, "auc cannot be computed for single-label classification."),
    ({"metrics": ("top_5_accuracy",)}, "top_5_accuracy is always 1 where there are only 3 classes."),
    ({"rho": 0.5}, "rho is no setting of adam or of the constant schedule, so it does nothing."),
    ({"optimizer": "lion", "beta_1": 0.0}, "beta_1 of lion must be a number above 0 to below 1, not 0.0."),
    ({"clipnorm": 1.0, "clipvalue": 1.0}, "Keras clips by clipnorm or by clipvalue, not by both."),
    ({"optimizer": "sgd", "nesterov": True}, "nesterov looks ahead along the momentum, which is 0."),
    (
        {"optimizer": "nadam", "train_step": "written_out"},
        "train_step written_out has no nadam: it is adam, sgd, rmsprop in float32, without clipping, weight_decay, "
        "amsgrad and centered. Set optimizer to adam, or train_step to keras.",
    ),
    (
        {"amsgrad": True, "clipnorm": 1.0, "train_step": "written_out"},
        "train_step written_out has no clipnorm: it is adam, sgd, rmsprop in float32, without clipping, weight_decay, "
        "amsgrad and centered. Set clipnorm to 0.0 and set amsgrad to False, or train_step to keras.",
    ),
    ({"precision": "mixed_float16", "device": "cpu"}, "mixed_float16 is slower than float32 on a CPU."),
    (
        {"schedule": "cosine_warmup", "warmup_epochs": 60},
        "The warm-up takes 60 of 60 epochs, so the rate never falls.",
    ),
    ({"schedule": "step", "step_epochs": 60}, "The rate falls after 60 epochs, and the run has 60."),
    (
        {"schedule": "reduce_on_plateau", "min_lr": 1.0},
        "min_lr is not below learning_rate, so the rate never falls.",
    ),
    (
        {"early_stopping_patience": 60},
        "early_stopping_patience is 60, and the run has 60 epochs, so it never stops early.",
    ),
    (
        {"early_stopping_patience": 5, "monitor": "recall"},
        "monitor is recall, but recall is not among the metrics.",
    ),
    (
        {"early_stopping_patience": 3, "schedule": "reduce_on_plateau"},
        "Early stopping waits 3 epochs and the falling rate 3, so the run stops before the rate falls.",
    ),
    (
        {"patience": 70, "schedule": "reduce_on_plateau"},
        "The rate falls after 70 epochs without improvement, and the run has 60.",
    ),
    (
        {"label_smoothing": 0.1, "loss": "mean_squared_error"},
        "label_smoothing does nothing with mean_squared_error.",
    ),
]


@pytest.mark.parametrize(("fit", "sentence"), PROBLEMS, ids=lambda word: str(word)[:40])
def test_settings_that_do_not_go_together_are_a_problem_with_a_fix(
    fit: dict[str, object], sentence: str
) -> None:
    spec = iris(**fit)
    (problem,) = fit_problems(spec, IRIS)
    assert problem.message == sentence
    assert problems_of(problem.fixes[0].spec) == []


def test_f1_is_refused_where_keras_would_compute_another_number() -> None:
    facts = catalog.find("breast_cancer").facts

    def network(units: int, activation: str) -> RunSpec:
        layers = stack(LayerSpec.of("Dense", units=units, activation=activation))
        return RunSpec(DatasetSpec("breast_cancer"), layers, FitSpec(metrics=("f1_score",)))

    assert list(fit_problems(network(1, "sigmoid"), facts)) == []
    for spec in (network(2, "softmax"), network(1, "linear")):
        (problem,) = fit_problems(spec, facts)
        assert problem.message.startswith("f1_score needs probabilities")
        assert problem.fixes[0].spec.fit.metrics == ()


@pytest.mark.parametrize("epochs", [1, 2, 3, 60])
@given(data=st.data())
def test_taking_each_fix_ends_in_settings_without_a_problem(epochs: int, data: st.DataObject) -> None:
    spec = RunSpec(DatasetSpec("iris"), iris_lab().model, data.draw(fits())).with_fit(epochs=epochs)
    for _ in range(60):
        fix = next((problem.fixes[0] for problem in fit_problems(spec, IRIS)), None)
        if fix is None:
            break
        spec = fix.spec
    assert problems_of(spec) == []


def test_a_number_of_the_validation_cannot_be_watched_without_one() -> None:
    spec = iris(early_stopping_patience=5).with_setting("dataset.validation", "0")
    assert problems_of(spec) == ["monitor is val_loss, but no samples are kept to validate on."]


def test_classes_cannot_be_weighed_in_a_regression() -> None:
    spec = PRESETS["diabetes-regression"]().with_fit(class_weights="balanced")
    assert problems_of(spec, "diabetes") == [
        "class_weights need one class per sample, and this is regression."
    ]


def test_a_loss_between_distributions_wants_probabilities() -> None:
    spec = RunSpec(
        DatasetSpec("iris"),
        stack(LayerSpec.of("Dense", units=3)),
        FitSpec(loss="kl_divergence", batch_size=9),
    )
    assert problems_of(spec) == ["kl_divergence compares probabilities, but the network ends in linear."]


def test_a_count_wants_an_output_that_is_never_negative() -> None:
    spec = PRESETS["diabetes-regression"]().with_fit(loss="poisson")
    assert problems_of(spec, "diabetes") == [
        "poisson takes a logarithm of the output, and after linear it may be negative."
    ]


@pytest.mark.parametrize("name", PRESETS)
def test_no_preset_has_a_problem(name: str) -> None:
    spec = PRESETS[name]()
    assert advise(spec, catalog.find(spec.dataset.name).facts) == ()


def test_labels_may_be_smoothed_where_the_loss_is_chosen_by_the_run() -> None:
    assert problems_of(fashion_lab().with_fit(label_smoothing=0.1), "fashion_mnist_mini") == []
