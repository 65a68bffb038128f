"""The edge to Optuna: every kind of range is drawn from within its bounds, and what was drawn is taken back."""

import pytest

from tuinn.runner.optuna_study import OptunaStudy
from tuinn.spec.presets.catalog import default_draft
from tuinn.sweeps.spec import SweepSpec, Values
from tuinn.sweeps.trial_checks import trial_problem

OVERS = [
    "layers[5].rate=0.1..0.5/0.1",
    "layers[3].units=log:8..512",
    "layers[4].units=16..60/8",
    "fit.learning_rate=log:1e-5..1e-1",
    "fit.batch_size=10..500",
    "fit.optimizer=adam,sgd,rmsprop",
    "fit.shuffle=true,false",
    "fit.clipnorm=0,0.5,1",
]


@pytest.mark.parametrize("sampler", ["random", "tpe"])
def test_every_kind_of_range_is_drawn_within_its_bounds_and_taken_back(sampler: str) -> None:
    sweep = SweepSpec.of(default_draft(), OVERS, sampler=sampler, trials=20)
    study = OptunaStudy(sweep)
    for number in range(1, 21):
        values = study.suggest(number, [])
        assert values is not None
        assert trial_problem(sweep, values) == ""
        rate, units = values["layers[5].rate"], values["layers[3].units"]
        assert isinstance(rate, float)
        assert isinstance(units, int)
        assert 0.1 <= rate <= 0.5
        assert values["layers[4].units"] in range(16, 61, 8)
        assert 8 <= units <= 512
        study.begin(number, values)
        assert not study.report(number, 1, 1.0 / number)
        assert not study.report(number, 1, 7.0), "told already"
        study.end(number, 1.0 / number, "finished")
    shares, trials = study.estimate_importance()
    assert sum(shares.values()) == pytest.approx(1)
    assert trials == 20


def test_values_that_were_tried_are_not_tried_again_as_long_as_there_are_others() -> None:
    sweep = SweepSpec.of(default_draft(), ["fit.epochs=1,2,3,4"], sampler="random", trials=4)
    study = OptunaStudy(sweep)
    tried: list[Values] = []
    for number in range(1, 5):
        values = study.suggest(number, tried)
        assert values is not None
        tried.append(values)
    assert sorted(values["fit.epochs"] for values in tried) == [1, 2, 3, 4]
    assert study.suggest(5, tried) is None


def test_the_last_value_of_many_is_found_though_chance_does_not_draw_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tuinn.runner.optuna_study.ATTEMPTS", 1)
    sweep = SweepSpec.of(default_draft(), ["fit.epochs=1..50"], sampler="random", trials=50)
    tried: list[Values] = [{"fit.epochs": epochs} for epochs in range(1, 51) if epochs != 17]
    assert OptunaStudy(sweep).suggest(50, tried) == {"fit.epochs": 17}


@pytest.mark.parametrize(("pruner", "hopeless"), [("median", True), ("halving", True), ("none", False)])
def test_a_trial_that_is_far_behind_is_hopeless_to_those_who_prune(pruner: str, hopeless: bool) -> None:
    base = default_draft().with_fit(epochs=8)
    study = OptunaStudy(SweepSpec.of(base, ["fit.learning_rate=0.1..0.9"], pruner=pruner))
    found = []
    for number in range(1, 7):
        study.begin(number, {"fit.learning_rate": number / 10})
        for epoch in range(1, 9):
            behind = study.report(number, epoch, 100.0 if number == 6 else number / epoch)
            if number == 6:
                found.append(behind)
        study.end(number, 1.0, "finished")
    assert any(found) is hopeless


def test_a_journal_value_that_optuna_cannot_hold_is_no_reason_to_break() -> None:
    study = OptunaStudy(SweepSpec.of(default_draft(), ["fit.epochs=1,2"]))
    study.begin(1, {"fit.epochs": 1})
    study.end(1, None, "failed")
    study.begin(2, {"fit.epochs": 2})
    study.end(2, None, "finished")
    study.begin(3, {"fit.epochs": 1})
    study.end(3, None, "pruned")
    assert study.estimate_importance() == ({}, 0)
