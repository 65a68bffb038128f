"""A training on rows in the order of time: the validation is what comes just before the test."""

from pathlib import Path

import numpy as np
import pytest

from tests.worker.conftest import Train
from tests.worker.test_exact_export import LAST_DIGIT, told_by_run, told_by_script
from tuinn.spec.dataset import DatasetSpec
from tuinn.spec.fit import FitSpec
from tuinn.spec.keras_export.script import Form
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.run import RunSpec, stack

pytestmark = [pytest.mark.tf, pytest.mark.usefixtures("keras_steps")]


@pytest.fixture
def days(tmp_path: Path) -> RunSpec:
    lines = ["day,x,y", *(f"{at},{at * 13 % 17}.5,{at * 3 % 50}.25" for at in range(100))]
    (tmp_path / "days.csv").write_text("\n".join(lines))
    dataset = DatasetSpec.at(str(tmp_path / "days.csv"), split="time", validation=0.25)
    return RunSpec(
        dataset,
        stack(LayerSpec.of("Dense", units=1)),
        FitSpec(epochs=2, batch_size=16, metrics=("mean_absolute_error",)),
    )


def test_the_last_training_rows_validate(train: Train, days: RunSpec) -> None:
    training = train(days)
    pipeline = training.evaluator.pipeline
    order, counts = pipeline.order.numpy(), pipeline.counts
    assert (counts["training"], counts["validation"], counts["test"]) == (60, 20, 20)
    assert np.sort(order[:60]).tolist() == list(range(60))
    assert order[60:80].tolist() == list(range(60, 80))
    seen = training.evaluator.arrays
    assert seen.x_train[:, 0].max() < seen.x_test[:, 0].min()
    facts = training.folder.facts()
    assert facts is not None
    assert facts.split == "time"


@pytest.mark.parametrize("form", ["script", "from-scratch"])
def test_the_script_splits_in_time_as_the_run_does(
    form: Form, train: Train, days: RunSpec, tmp_path: Path
) -> None:
    told, run = told_by_script(days, form, tmp_path), told_by_run(train(days))
    assert list(told) == list(run)
    for what, numbers in run.items():
        assert told[what] == pytest.approx(numbers, rel=LAST_DIGIT if form == "from-scratch" else 1e-6)
