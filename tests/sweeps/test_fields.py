"""What a sweep can vary, by the names that people use, with values worth trying."""

import pytest

from tuinn.spec.naming import field_label
from tuinn.spec.presets.catalog import PRESETS, default_draft
from tuinn.spec.run import RunSpec
from tuinn.sweeps.fields import sweepable_fields
from tuinn.sweeps.ranges import read_range


@pytest.mark.parametrize(
    ("path", "label"),
    [
        ("fit.learning_rate", "learning rate"),
        ("dataset.validation", "validation"),
        ("layers[5].rate", "dropout rate"),
        ("layers[3].units", "dense units, layer 3"),
        ("layers[9].units", "units of layer 9"),
    ],
)
def test_a_field_has_the_name_that_people_use(path: str, label: str) -> None:
    assert field_label(default_draft(), path) == label


@pytest.mark.parametrize("preset", PRESETS)
def test_every_field_has_a_name_of_its_own_and_a_range_that_can_be_read(preset: str) -> None:
    base: RunSpec = PRESETS[preset]()
    fields = sweepable_fields(base)
    assert len({field.label for field in fields}) == len(fields)
    for field in fields:
        if field.suggested:
            read_range(base, f"{field.path}={field.suggested}")
