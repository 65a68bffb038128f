"""A look at trained networks: what is wrong is found with its numbers, what is right is left alone, and nothing is changed."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.worker.conftest import Train, Training
from tuinn.runs.commands import Examine
from tuinn.runs.events import EpochEnded, Reported
from tuinn.runs.examination import Examination
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import RunSpec, stack
from tuinn.view.reports.diagnosis import TRIED, Finding, diagnose

pytestmark = pytest.mark.tf


def examined(training: Training) -> Examination:
    answer = training.evaluator.answer(Examine(request="look"))
    assert isinstance(answer, Reported)
    assert not answer.problem
    return Examination.read(training.folder.path / answer.file)


def findings(training: Training) -> list[Finding]:
    evaluator = training.evaluator
    return diagnose(
        training.events_of(EpochEnded),
        training.ending.outcome == "finished",
        evaluator.info.facts,
        evaluator.network.loss.name,
        examined(training),
    )


def dense(*layers: tuple[int, str], **fit: object) -> RunSpec:
    made = [LayerSpec.of("Dense", units=units, activation=activation) for units, activation in layers]
    return RunSpec(
        DatasetSpec("iris"),
        stack(*made),
        FitSpec().with_values({**FitSpec().values(), "batch_size": 16, **fit}),
    )


USUAL = ("improving", "overfitting", "unvalidated")
"""What the curves of a good run may show."""


@pytest.mark.parametrize(
    "preset",
    ["iris-lab", "wine-mlp", "breast-cancer-logistic", "diabetes-regression", "digits-mlp", "fashion-lab"],
)
def test_a_preset_raises_no_alarm(train: Train, preset: str) -> None:
    training = train(PRESETS[preset]())
    assert [found for found in findings(training) if found.result not in USUAL] == []
    memorized = examined(training).memorized
    assert memorized is not None
    assert memorized.updates >= TRIED, "the box was too slow to try it"


@pytest.mark.parametrize(
    ("spec", "result", "words"),
    [
        (
            dense((16, "relu"), (3, "softmax"), learning_rate=100.0, epochs=3, optimizer="sgd"),
            "dead",
            "of 16 units of dense give 0 for all",
        ),
        (
            dense((16, "tanh"), (3, "softmax"), learning_rate=100.0, epochs=3, optimizer="sgd"),
            "saturated",
            "units of dense stand at an end of tanh for nearly every sample",
        ),
        (
            dense((16, "relu"), (3, "softmax"), learning_rate=3.0, epochs=1),
            "too_fast",
            "one update changes the weights of",
        ),
        (
            dense((16, "relu"), (3, "softmax"), learning_rate=1e-9, epochs=6, optimizer="sgd"),
            "too_slow",
            "too little to learn",
        ),
        (
            dense((16, "relu"), (3, "softmax"), learning_rate=1e-9, epochs=2),
            "unfit",
            "32 samples can't be learned by heart: after",
        ),
    ],
)
def test_what_is_wrong_is_found_with_its_numbers_and_a_change_that_helps(
    train: Train, spec: RunSpec, result: str, words: str
) -> None:
    found = next(found for found in findings(train(spec)) if found.result == result)
    assert words in found.words
    problem = found.problem(spec)
    assert problem.message.startswith(found.certainty.capitalize())
    assert problem.fixes


def test_inputs_that_are_too_large_are_told_by_the_first_loss(train: Train) -> None:
    layers = stack(
        LayerSpec.of("Flatten"),
        LayerSpec.of("Dense", units=32, activation="relu"),
        LayerSpec.of("Dense", units=10, activation="softmax"),
    )
    training = train(RunSpec(DatasetSpec("fashion_mnist_mini"), layers, FitSpec(epochs=1)))
    (found,) = [found for found in findings(training) if found.result == "far_start"]
    assert "guessing gives 2.3026" in found.words
    assert [fix.label for fix in found.problem(PRESETS["fashion-wide"]()).fixes] == ["learning rate 0.0001"]


def test_the_first_layer_that_is_not_finite_is_named(train: Train) -> None:
    training = train(dense((8, "relu"), (8, "relu"), (3, "softmax"), epochs=1))
    layer = training.evaluator.network.stack.get_layer("dense_1")
    kernel, bias = layer.get_weights()
    layer.set_weights([np.full_like(kernel, np.nan), bias])
    (found,) = [found for found in findings(training) if found.layer]
    assert (found.layer, found.certainty) == ("dense_1", "certain")


def test_nothing_is_other_than_before(train: Train) -> None:
    training = train(PRESETS["fashion-lab"]().with_fit(epochs=1))
    model: Any = training.evaluator.model
    variables = [
        *model.variables,
        *model.optimizer.variables,
        *(v for m in model.metrics for v in m.variables),
    ]
    before, state = [np.array(variable) for variable in variables], random.getstate()
    first = examined(training)
    assert all(np.array_equal(np.array(one), other) for one, other in zip(variables, before, strict=True))
    assert random.getstate() == state
    assert examined(training) == first


def test_no_more_samples_are_looked_at_than_may_go_through_the_network_at_once(train: Train) -> None:
    training = train(dense((8, "relu"), (3, "softmax"), epochs=1))
    training.evaluator.batch = 24
    assert examined(training).samples == 24


def test_a_few_samples_are_learned_by_heart_with_a_schedule_too(train: Train) -> None:
    training = train(PRESETS["iris-lab"]().with_fit(epochs=2, schedule="cosine"))
    memorized = examined(training).memorized
    assert memorized is not None
    assert memorized.updates >= TRIED


def test_a_gap_in_a_table_is_not_called_a_number_that_is_not_finite(train: Train, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [f"{a if a > 0.1 else ''},{b:.3f},{'yes' if b > 0.5 else 'no'}" for a, b in rng.random((200, 2))]
    file = tmp_path / "gaps.csv"
    file.write_text("\n".join(["width,height,kind", *rows]))
    layers = stack(LayerSpec.of("Dense", units=1, activation="sigmoid"))
    training = train(RunSpec(DatasetSpec("", path=str(file)), layers, FitSpec(epochs=2, batch_size=16)))
    assert np.isnan(training.evaluator.arrays.x_train[:]).any()
    assert [layer.name for layer in examined(training).layers if layer.not_finite] == []


def test_the_first_step_of_a_new_optimizer_is_not_taken_for_a_usual_one(train: Train) -> None:
    training = train(PRESETS["iris-lab"]().with_fit(epochs=1))
    assert any(layer.update is not None for layer in examined(training).layers)
    model: Any = training.evaluator.model
    model.optimizer.iterations.assign(0)  # as in a worker that has loaded the network
    assert all(layer.update is None for layer in examined(training).layers)
