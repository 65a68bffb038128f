"""Exported scripts come back: as the whole spec as long as nobody changes them, and by their code alone."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.strategies import fits, small_specs
from tuinn.data.catalog import catalog
from tuinn.spec.fit import FitSpec
from tuinn.spec.keras_export.script import FORMS, Form, export_script
from tuinn.spec.keras_import.line_syntax import read_lines
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import PRESETS
from tuinn.spec.run import SCRIPT_NOTE, RunSpec

FASHION = catalog.find("fashion_mnist_mini").facts


def written(spec: RunSpec, form: Form) -> str:
    return export_script(spec, catalog.find(spec.dataset.name).facts, "/data.npz", form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_comes_back_from_its_script(name: str, form: Form) -> None:
    spec = PRESETS[name]()
    assert read_lines(written(spec, form)).spec == spec


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", PRESETS)
def test_the_code_of_every_preset_makes_the_same_stack(name: str, form: Form) -> None:
    spec = PRESETS[name]()
    code, _, _ = written(spec, form).partition(SCRIPT_NOTE)
    reading = read_lines(code)
    assert (reading.spec, reading.layers) == (None, spec.model.layers)
    assert reading.input_shape == catalog.find(spec.dataset.name).facts.shape
    assert reading.fit["seed"] == spec.fit.seed
    if form != "from-scratch":
        assert spec.fit.with_values({**reading.fit, "loss": spec.fit.loss}) == spec.fit


@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(small_specs(), fits(), st.sampled_from(FORMS))
def test_every_run_comes_back_from_its_script(spec: RunSpec, fit: FitSpec, form: Form) -> None:
    assume(summarize(spec.model, FASHION.shape).mismatch is None)
    assume(any(not layer.disabled for layer in spec.model.layers))
    spec = spec.replace_fit(fit)
    source = export_script(spec, FASHION, "/data.npz", form)
    assert read_lines(source).spec == spec
    assume("class NaiveDense" not in source)  # where the network is written out, only the note tells it
    code, _, _ = source.partition(SCRIPT_NOTE)
    active = [layer.code() for layer in spec.model.layers if not layer.disabled]
    assert [layer.code() for layer in read_lines(code).layers] == active


def test_a_script_that_was_changed_is_read_by_its_code() -> None:
    spec = PRESETS["fashion-lab"]()
    source = written(spec, "script")
    assert read_lines(source.replace("\n", "\r\n")).spec == spec
    reading = read_lines(source.replace("layers.Dense(64", "layers.Dense(65"))
    assert reading.spec is None
    assert [layer.units for layer in ModelSpec(reading.layers).layers if layer.units] == [154, 65, 10]
