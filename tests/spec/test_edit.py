"""Layers copied, pasted and moved: names stay unique, and links between them stay whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import stacks
from tuinn.errors import SpecError
from tuinn.spec.changes import Change, first_changed, list_changes
from tuinn.spec.keras_import.line_syntax import parse_lines
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.edit import CopiedLayers, copy_layers, duplicate_layers, move_layers, paste_layers
from tuinn.spec.layers.model import MAX_LAYERS, ModelSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.presets.catalog import fashion_lab, residual_cnn
from tuinn.spec.run import stack

RESIDUAL = residual_cnn().model
FLAT = LayerSpec.of("Flatten")


def named(model: ModelSpec, name: str) -> int:
    return model.names().index(name)


def test_a_block_with_a_skip_link_is_doubled_and_each_copy_takes_its_own() -> None:
    first, last = named(RESIDUAL, "stem") + 1, named(RESIDUAL, "sum64")
    model, end = duplicate_layers(RESIDUAL, range(first, last + 1))
    names = model.names()
    assert len(set(names)) == len(names)
    assert names[end] == "sum64_1"
    assert model.layers[end].sources == ("block64_1", "link64_1")
    assert model.layers[named(model, "link64_1")].sources == ("sum64",)
    assert model.layers[named(model, "link128")].sources == ("sum64_1",)
    assert summarize(model, (28, 28)).mismatch is None


def test_what_is_pasted_into_another_stack_brings_its_links_along() -> None:
    lines = parse_lines("dense 8 relu name=a\ndense 8\nadd from=[a, dense]")
    model = paste_layers(fashion_lab().model, 2, CopiedLayers.of(lines))
    assert model.layers[4].sources == ("a", model.names()[3])
    assert summarize(model, (28, 28)).mismatch is None


def test_typed_layers_mean_each_other_and_not_those_of_the_same_name_that_are_there() -> None:
    code = """
x = layers.Dense(4)(keras.Input((8,)))
y = layers.Dense(4)(x)
z = layers.Add()([x, y])
"""
    typed = CopiedLayers.of(parse_lines(code))
    model = paste_layers(stack(FLAT, LayerSpec.of("Dense", units=4)), 2, typed)
    assert model.links[4].sources == (2, 3)


def test_a_stack_of_a_thousand_layers_takes_no_more() -> None:
    full = ModelSpec((LayerSpec.of("Dropout"),) * MAX_LAYERS)
    with pytest.raises(SpecError, match="1,001 layers; at most 1,000 fit"):
        paste_layers(full, 3, CopiedLayers.of([FLAT]))


def test_a_block_moves_together_and_stops_at_the_end() -> None:
    model = fashion_lab().model
    after, places = move_layers(model, (1, 3), 1)
    assert places == (2, 4)
    assert [layer.type_name for layer in after.layers] == [
        "Rescaling",
        "Dense",
        "Flatten",
        "Dropout",
        "Dense",
        "Dense",
    ]
    assert move_layers(model, (0, 2), -1) == (model, (0, 2))


@given(stacks(), st.data())
def test_names_stay_unique_where_they_were_and_no_link_of_the_old_layers_changes(
    model: ModelSpec, data: st.DataObject
) -> None:
    size = len(model.layers)
    at = data.draw(st.integers(0, size))
    places = data.draw(st.sets(st.integers(0, size - 1))) if size else set()
    grown = paste_layers(model, at, copy_layers(model, places))
    if len(set(model.names())) == size:
        assert len(set(grown.names())) == size + len(places)
        shifted = [place if place < at else place + len(places) for place in range(size)]
        for old, new in enumerate(shifted):
            if model.layers[old].sources and not model.links[old].problem:
                wanted = tuple(shifted[place] if place >= 0 else -1 for place in model.links[old].sources)
                assert grown.links[new].sources == wanted


def test_the_change_between_two_drafts_is_listed_in_lines() -> None:
    before = fashion_lab()
    after = before.with_model(before.model.insert(2, LayerSpec.of("ReLU")).remove(5)).with_fit(epochs=3)
    assert list_changes(before, after) == (
        Change("+", "layer 3: ReLU"),
        Change("-", "layer 5: Dropout rate=0.2"),
        Change("~", "epochs: 15 → 3"),
    )
    (change,) = list_changes(before, before.with_setting("layers[3].units", "10"))
    assert change == Change("~", "layer 3: Dense 154 relu → Dense 10 relu")
    assert first_changed(before.model.layers, after.model.layers) == 2
    assert first_changed(before.model.layers, before.model.layers) is None
