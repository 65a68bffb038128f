"""A sweep as a value: its grid, its corners, its defaults, what it refuses, and its file."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinn.errors import FolderError, SpecError
from tuinn.spec.presets.catalog import default_draft, preset_for_dataset
from tuinn.sweeps.folder import SweepFolder, find_sweep
from tuinn.sweeps.spec import SweepSpec
from tuinn.sweeps.trial_checks import trial_problem, trial_problems

BASE = default_draft()
RATE, UNITS = "fit.learning_rate=log:1e-4..1e-1", "layers[3].units=32,64,128"


def test_the_last_field_of_a_grid_changes_fastest() -> None:
    sweep = SweepSpec.of(BASE, ["fit.epochs=1,2", "fit.batch_size=32,64"])
    assert (sweep.sampler, sweep.trials) == ("grid", 4)
    assert [tuple(sweep.grid_point(number).values()) for number in range(1, 5)] == [
        (1, 32),
        (1, 64),
        (2, 32),
        (2, 64),
    ]


@pytest.mark.parametrize(
    ("overs", "settings", "sampler", "trials"),
    [
        ([RATE, UNITS], {}, "tpe", 12),
        ([UNITS], {}, "grid", 3),
        ([UNITS], {"trials": 2}, "tpe", 2),
        ([UNITS], {"trials": 3}, "grid", 3),
        ([UNITS], {"sampler": "random"}, "random", 3),
        (["fit.epochs=1..100"], {}, "tpe", 12),
        (["fit.epochs=1..100"], {"sampler": "grid"}, "grid", 100),
    ],
)
def test_auto_takes_a_grid_where_it_is_small_enough(
    overs: list[str], settings: dict[str, object], sampler: str, trials: int
) -> None:
    sweep = SweepSpec.of(BASE, overs, **settings)
    assert (sweep.sampler, sweep.trials) == (sampler, trials)


@pytest.mark.parametrize(
    ("overs", "settings", "why"),
    [
        ([], {}, "needs a field to sweep over"),
        ([UNITS, UNITS], {}, "is swept over twice"),
        (["fit.momentum=0.1,0.9"], {}, "has no effect with optimizer adam"),
        (["fit.epochs=1..100000", "fit.batch_size=1..10000"], {"sampler": "grid"}, "1,000,000,000 points"),
        ([RATE], {"sampler": "grid"}, "has no end of values for a grid"),
        ([UNITS], {"sampler": "grid", "trials": 2}, "the grid has 3 points"),
        ([UNITS], {"metric": "val_los"}, "Did you mean val_loss?"),
        ([UNITS], {"trials": 0}, "must be a whole number from 1"),
        ([UNITS], {"parallel": 100}, "must be a whole number from 1 to 64"),
        ([UNITS], {"sampler": "luck"}, "must be one of"),
        ([UNITS], {"mood": 1}, "is not a setting of a sweep"),
    ],
)
def test_a_sweep_that_makes_no_sense_is_refused(
    overs: list[str], settings: dict[str, object], why: str
) -> None:
    with pytest.raises(SpecError) as problem:
        SweepSpec.of(BASE, overs, **settings)
    assert why in str(problem.value)


def test_a_field_of_another_optimizer_is_swept_where_the_optimizer_is_too() -> None:
    sweep = SweepSpec.of(BASE, ["fit.momentum=0.1,0.9", "fit.optimizer=adam,sgd"])
    assert sweep.trials == 4


def test_without_validation_the_training_loss_is_to_improve() -> None:
    base = BASE.with_setting("dataset.validation", "0")
    assert SweepSpec.of(base, [UNITS]).metric == "loss"
    assert SweepSpec.of(BASE, [UNITS], metric="val_accuracy").rises


def test_every_point_of_a_grid_is_checked_and_those_that_cannot_be_trained_are_named() -> None:
    iris = preset_for_dataset("iris")
    assert iris is not None
    sweep = SweepSpec.of(iris, ["layers[2].units=2,3"])
    (found,) = trial_problems(sweep)
    assert found.values == {"layers[2].units": 2}
    assert "ends in 2 outputs" in str(found)
    assert trial_problem(sweep, {"layers[2].units": 3}) == ""


def test_a_sweep_of_which_nothing_can_be_trained_is_refused() -> None:
    iris = preset_for_dataset("iris")
    assert iris is not None
    with pytest.raises(SpecError, match="No trial of this sweep can be trained"):
        trial_problems(SweepSpec.of(iris, ["layers[2].units=4..9"], sampler="random"))


@given(
    st.permutations(
        [RATE, UNITS, "layers[5].rate=0.1..0.5", "fit.optimizer=adam,sgd", "fit.shuffle=true,false"]
    ),
    st.integers(1, 5),
    st.sampled_from(["auto", "random", "tpe"]),
    st.integers(0, 99),
)
def test_a_sweep_is_read_back_from_its_file_as_it_was(
    overs: list[str], count: int, sampler: str, seed: int
) -> None:
    sweep = SweepSpec.of(BASE, overs[:count], sampler=sampler, seed=seed)
    assert SweepSpec.from_toml(sweep.toml(), BASE) == sweep


@pytest.mark.parametrize(
    "text", ["", "[sweep]", "over = 3", "[over]\n[sweep]\ntrials = 'x'", "[over", "[[over]]\n[sweep]"]
)
def test_a_damaged_file_is_a_sentence(text: str) -> None:
    folder = SweepFolder.create(SweepSpec.of(BASE, [UNITS]))
    folder.sweep_file.write_text(text)
    with pytest.raises(FolderError, match="is damaged or from a newer tuinn"):
        folder.sweep()


def test_a_sweep_is_found_by_the_start_or_end_of_its_name() -> None:
    folder = SweepFolder.create(SweepSpec.of(BASE, [UNITS]))
    other = SweepFolder.create(SweepSpec.of(BASE, [RATE]))
    assert find_sweep(None) == other
    assert find_sweep(folder.name[-5:]) == folder
    assert find_sweep(str(folder.path)) == folder
    with pytest.raises(FolderError, match="2 sweeps match"):
        find_sweep(folder.name[:8])
    with pytest.raises(FolderError, match="No sweep matches"):
        find_sweep("nobody")
