"""Changes that answer how a training went: they can be trained, and none is proposed twice."""

from dataclasses import replace

import msgspec
import pytest

from tuinn.data.catalog.catalog import find
from tuinn.spec.advice.advise import advise
from tuinn.spec.advice.training_result import Result, result_fixes
from tuinn.spec.presets.catalog import PRESETS, default_draft

FASHION = find("fashion_mnist_mini").facts


@pytest.mark.parametrize(
    ("result", "labels"),
    [
        ("overfitting", ["stop early, patience 5", "Dropout of layer 5 to 0.4"]),
        ("improving", ["train 30 epochs"]),
        ("flat", ["learning rate 0.01", "learning rate 0.0001"]),
        ("diverged", ["learning rate 0.0001", "clip gradients, clipnorm 1"]),
        ("unvalidated", []),
    ],
)
def test_each_result_has_changes_after_which_the_draft_can_be_trained(
    result: Result, labels: list[str]
) -> None:
    fixes = result_fixes(default_draft(), result)
    assert [fix.label for fix in fixes] == labels
    for fix in fixes:
        assert fix.spec != default_draft()
        assert not advise(fix.spec, FASHION)


def test_a_network_without_dropout_gets_one_before_its_last_layer() -> None:
    fixes = result_fixes(PRESETS["fashion-wide"](), "overfitting")
    (added,) = [fix for fix in fixes if "Dropout" in fix.label]
    assert added.label == "add Dropout 0.3 before layer 4"
    assert [layer.type_name for layer in added.spec.model.layers][-2:] == ["Dropout", "Dense"]


def test_what_the_draft_has_already_is_not_proposed_again() -> None:
    spec = default_draft()
    for _ in range(5):
        fixes = result_fixes(spec, "overfitting")
        spec = fixes[0].spec if fixes else spec
    assert result_fixes(spec, "overfitting") == ()


def test_without_validation_a_share_is_kept_for_it() -> None:
    spec = default_draft()
    spec = replace(spec, dataset=msgspec.structs.replace(spec.dataset, validation=0.0))
    (fix,) = result_fixes(spec, "unvalidated")
    assert fix.spec.dataset.validation == 0.1
