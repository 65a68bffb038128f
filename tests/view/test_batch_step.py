"""What an update made of a weight: its rows, its arithmetic, and the line of code behind each number."""

import re

import pytest

from tuinn.data.catalog import catalog
from tuinn.runs.commands import StepBatch
from tuinn.runs.events import BatchStepped
from tuinn.spec.fit import FitSpec
from tuinn.spec.keras_export.script import step_lines
from tuinn.spec.presets.catalog import PRESETS
from tuinn.view.batch_step import (
    arithmetic,
    kept_numbers,
    line_of,
    moved,
    number,
    other_array,
    quantities,
)


def told(**more: object) -> BatchStepped:
    """The third update of a kernel of 4 × 3."""
    fields: dict[str, object] = {
        "labels": ("setosa", "virginica"),
        "loss": 1.25,
        "learning_rate": 0.1,
        "updates": 3,
        "weight": "dense/kernel",
        "index": (1, 2),
        "before": 0.5,
        "gradient": -0.25,
        "after": 0.525,
        "weights": {"dense/kernel": (4, 3), "dense/bias": (3,)},
        **more,
    }
    return BatchStepped(epoch=1, step=3, samples=16, **fields)  # type: ignore[arg-type]  # made up above


def test_the_rows_name_batch_loss_weight_gradient_rate_and_new_weight() -> None:
    rows = quantities(told(kept={"mean": 0.1, "square": 0.2}), 12)
    assert [(row.name, row.value) for row in rows] == [
        ("batch", "3 of 12 in epoch 1"),
        ("loss", "1.2500"),
        ("weight", "0.5"),
        ("gradient", "−0.25"),
        ("rate", "0.1"),
        ("mean", "0.1"),
        ("square", "0.2"),
        ("new", "0.525"),
    ]
    assert rows[0].about == "16 samples: setosa, virginica, …"
    assert rows[2].about == "dense/kernel [1, 2]"


def test_numbers_that_are_not_finite_are_said() -> None:
    rows = quantities(told(loss=None, gradient=None, after=None), 12)
    assert [row.value for row in rows if row.value == "not finite"] == ["not finite"] * 3
    assert "not finite" in arithmetic(told(gradient=None, after=None), FitSpec(optimizer="sgd"))


def value_of(sum_: str) -> tuple[float, float]:
    """Both sides of an arithmetic, computed."""
    words = re.sub(r"√(\([^()]*\)|[\d.e-]+)", r"(\1)**0.5", sum_.replace("−", "-").replace("·", "*"))
    left, right = words.split(" = ")
    return eval(left), float(right)


CASES: tuple[tuple[dict[str, object], dict[str, float], float], ...] = (
    ({"optimizer": "sgd"}, {}, 0.5 + 0.1 * 0.25),
    ({"optimizer": "sgd", "momentum": 0.9}, {"step": 0.04}, 0.54),
    ({"optimizer": "sgd", "momentum": 0.9, "nesterov": True}, {"step": 0.04}, 0.5 + 0.9 * 0.04 + 0.1 * 0.25),
    ({"optimizer": "rmsprop"}, {"square": 0.04}, 0.5 + 0.1 * 0.25 / (0.04 + 1e-7) ** 0.5),
    ({"optimizer": "rmsprop", "momentum": 0.5}, {"square": 0.04, "step": -0.03}, 0.53),
    (
        {"optimizer": "adam"},
        {"mean": -0.02, "square": 0.0004},
        0.5 + 0.1 * (1 - 0.999**3) ** 0.5 / (1 - 0.9**3) * 0.02 / (0.02 + 1e-7),
    ),
)


@pytest.mark.parametrize(("settings", "kept", "after"), CASES)
def test_the_arithmetic_comes_to_the_new_weight(
    settings: dict[str, object], kept: dict[str, float], after: float
) -> None:
    fit = FitSpec.of(settings)
    left, right = value_of(arithmetic(told(kept=kept, after=after), fit))
    assert left == pytest.approx(right, rel=1e-3)
    assert kept_numbers(fit) == len(kept)


@pytest.mark.parametrize(("settings", "kept"), [case[:2] for case in CASES])
@pytest.mark.parametrize("schedule", ["constant", "cosine"])
def test_each_number_has_its_line_in_the_code(
    settings: dict[str, object], kept: dict[str, float], schedule: str
) -> None:
    facts = catalog.find("iris").facts
    fit = FitSpec.of({**settings, "schedule": schedule, "train_step": "written_out"})
    code = step_lines(PRESETS["iris-lab"]().replace_fit(fit), facts)
    lines = {row.name: code[line_of(code, row.name)] for row in quantities(told(kept=kept), 12)}
    assert -1 not in {line_of(code, name) for name in lines}
    assert "loss" in lines["loss"]
    assert "tape.gradient" in lines["gradient"]
    assert "weight.assign_" in lines["new"]
    assert "rate" in lines["rate"].lower()


def test_another_number_is_the_next_of_the_array_and_goes_round() -> None:
    assert moved(told(), 1) == StepBatch(batches=0, weight="dense/kernel", index=(2, 0))
    assert moved(told(), -6) == StepBatch(batches=0, weight="dense/kernel", index=(3, 2))
    assert other_array(told(), 1) == StepBatch(batches=0, weight="dense/bias")
    assert other_array(told(), 2) == StepBatch(batches=0, weight="dense/kernel")
    scalar = told(weight="one", index=(), weights={"one": ()})
    assert moved(scalar, 1) == StepBatch(batches=0, weight="one")


def test_the_longest_arithmetic_has_room_on_80_columns() -> None:
    kept = {"mean": -0.0173012345, "square": 1.0871234e-05}
    long = told(kept=kept, learning_rate=0.00123456, before=-0.0426379712, after=-0.0418392345)
    assert len(arithmetic(long, FitSpec(optimizer="adam"))) <= 74


def test_a_small_change_of_a_weight_is_seen() -> None:
    assert number(0.0312345) != number(0.0312346)
    assert number(-1e-9) == "−1e−09"
