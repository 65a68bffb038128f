"""A training whose step is written out gives the numbers of Keras' own, goes on exactly, and says what it doesn't have."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.worker.catalog_runs import BATCH, SHAPES, samples_of, small_network, texts_in
from tests.worker.conftest import Train, Training
from tests.worker.test_exact_resume import check
from tuinn.errors import WorkerError
from tuinn.runs.events import EpochEnded, Evaluated
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import Task
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec, stack

pytestmark = pytest.mark.tf

FITS: tuple[dict[str, Any], ...] = (
    {"optimizer": "sgd"},
    {"optimizer": "sgd", "momentum": 0.9},
    {"optimizer": "sgd", "momentum": 0.9, "nesterov": True, "schedule": "cosine"},
    {"optimizer": "rmsprop"},
    {"optimizer": "rmsprop", "momentum": 0.5, "rho": 0.8, "epsilon": 1e-3},
    {"optimizer": "adam"},
    {"optimizer": "adam", "beta_1": 0.8, "beta_2": 0.9, "schedule": "reduce_on_plateau", "patience": 1},
    {"optimizer": "adam", "class_weights": "balanced"},
)


def spec_of(folder: Path, task: Task = Task.CLASSES, **settings: Any) -> RunSpec:
    table = {"learning_rate": 0.01, "epochs": 4, "batch_size": BATCH, **settings}
    return RunSpec(samples_of(folder, SHAPES[0], task), stack(*small_network(task)), FitSpec.of(table))


def numbers(training: Training) -> tuple[list[dict[str, float | None]], list[np.ndarray]]:
    told = [event.metrics for event in training.events_of(EpochEnded)]
    told += [event.metrics for event in training.events_of(Evaluated)]
    return told, [np.asarray(variable) for variable in training.evaluator.model.variables]


def assert_close(one: Training, other: Training) -> None:
    (told, weights), (expected, known) = numbers(one), numbers(other)
    assert len(told) == len(expected) == 5
    for mine, keras_own in zip(told, expected, strict=True):
        assert mine == pytest.approx(keras_own, rel=1e-4, abs=1e-5)
    for ours, theirs in zip(weights, known, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("settings", FITS, ids=lambda settings: "-".join(map(str, settings.values())))
def test_its_losses_and_weights_are_those_of_keras(
    settings: dict[str, Any], train: Train, tmp_path: Path
) -> None:
    import keras

    spec = spec_of(tmp_path, **settings)
    keras.utils.clear_session()
    keras_own = train(spec)
    keras.utils.clear_session()
    written = train(spec.with_fit(train_step="written_out"))
    assert "train_step" in vars(written.evaluator.model)
    assert_close(written, keras_own)


def test_penalties_and_constraints_are_kept_to(train: Train, tmp_path: Path) -> None:
    import keras

    layers = (
        LayerSpec.of(
            "Dense", units=6, activation="relu", kernel_regularizer="l2", kernel_constraint="max_norm"
        ),
        LayerSpec.of("Dense", units=3, activation="softmax"),
    )
    spec = spec_of(tmp_path, optimizer="rmsprop").with_model(stack(*layers))
    keras.utils.clear_session()
    keras_own = train(spec)
    keras.utils.clear_session()
    assert_close(train(spec.with_fit(train_step="written_out")), keras_own)


def test_words_are_kept_to(train: Train, tmp_path: Path) -> None:
    """The gradient of an Embedding is of a few rows only."""
    import keras

    layers = (
        LayerSpec.of("TextVectorization", output_sequence_length=4),
        LayerSpec.of("Embedding", input_dim=50, output_dim=3),
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dropout", rate=0.2),
        LayerSpec.of("Dense", units=2, activation="softmax"),
    )
    fit = FitSpec(epochs=4, batch_size=BATCH, learning_rate=0.01)
    spec = RunSpec(texts_in(tmp_path), stack(*layers), fit)
    keras.utils.clear_session()
    keras_own = train(spec)
    keras.utils.clear_session()
    assert_close(train(spec.with_fit(train_step="written_out")), keras_own)


@pytest.mark.parametrize("settings", FITS[::2], ids=lambda settings: "-".join(map(str, settings.values())))
def test_killed_and_resumed_it_ends_in_the_very_numbers(
    settings: dict[str, Any], train: Train, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinn.worker.training.reporter.REPORT_SECONDS", 0.0)
    monkeypatch.setenv("TUINN_CHECKPOINT_SECONDS", "0")
    check(train, spec_of(tmp_path, train_step="written_out", **settings))


@pytest.mark.parametrize(
    "settings", [{"optimizer": "nadam"}, {"optimizer": "adam", "amsgrad": True}, {"clipnorm": 1.0}]
)
def test_what_it_does_not_have_is_refused_before_the_training(
    settings: dict[str, Any], train: Train, tmp_path: Path
) -> None:
    spec = spec_of(tmp_path, train_step="written_out", **settings)
    training = Training(RunFolder.create(spec))
    with pytest.raises(WorkerError, match=r"written_out has no .*, or train_step to keras"):
        train(spec, into=training)
    assert training.events_of(EpochEnded) == []
