"""Branches in a stack: who takes what, what is refused, and what an edit carries along."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import stacks
from tuinn.data.catalog.catalog import find
from tuinn.errors import SpecError
from tuinn.spec.advice.advise import advise
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import MAX_LAYERS, ModelSpec
from tuinn.spec.layers.shapes import summarize
from tuinn.spec.run import RunSpec, stack
from tuinn.view.network_diagram import skip_connections


def dense(units: int = 4, **options: object) -> LayerSpec:
    return LayerSpec.of("Dense", units=units, **options)


def taking(type_name: str, *sources: str, **options: object) -> LayerSpec:
    return LayerSpec.of(type_name, **{"from": list(sources)}, **options)


RESIDUAL = stack(dense(name="stem"), dense(), dense(), taking("Add", "stem", "dense_1"), dense(1))


def test_a_layer_takes_the_one_above_unless_it_names_another() -> None:
    rows = summarize(RESIDUAL, (3,)).rows
    assert [row.sources for row in rows] == [("input",), ("stem",), ("dense",), ("stem", "dense_1"), ("add",)]
    assert rows[3].shape == (4,)


@pytest.mark.parametrize(
    ("model", "at", "why"),
    [
        (
            stack(dense(), taking("Dropout", "nobody")),
            1,
            "It takes from 'nobody', and no layer is called that.",
        ),
        (stack(dense(), taking("Dropout", "dropout")), 1, "and that is itself"),
        (stack(taking("Dropout", "dense"), dense()), 0, "and that is layer 2, below it"),
        (stack(taking("Dropout", "b", name="a"), taking("Dropout", "a", name="b")), 0, "below it"),
        (stack(dense(name="a"), dense(name="a")), 1, "Layer 1 is called a too."),
        (stack(dense(), LayerSpec.of("Add")), 1, "Add joins several layers; name two or more in its from."),
        (
            stack(dense(), taking("Dropout", "dense", "input")),
            1,
            "Dropout takes one layer, and its from names 2.",
        ),
        (
            stack(dense(3), dense(4), taking("Add", "dense", "dense_1")),
            2,
            "Add needs the same shape from each",
        ),
        (stack(dense(3), taking("Dense", "input", units=2)), 0, "No layer takes what this one gives."),
        (stack(dense(), LayerSpec.of("Softmax", axis=0)), 1, "Softmax's axis 0 isn't there"),
        (stack(dense(), LayerSpec.of("StringLookup")), 1, "StringLookup reads words, but gets numbers."),
    ],
)
def test_a_source_that_cannot_be_taken_is_refused_with_the_reason(
    model: ModelSpec, at: int, why: str
) -> None:
    misfit = summarize(model, (8,)).mismatch
    assert misfit is not None
    assert misfit[0] == at
    assert why in misfit[1]


@pytest.mark.parametrize("name", ["a/b", "[/markup]", "", "a b", "input", "\x1b[2J", "x" * 101, 3])
def test_a_name_that_keras_or_a_terminal_would_choke_on_is_refused(name: str | int) -> None:
    with pytest.raises(SpecError) as caught:
        dense(name=name)
    assert "must be letters, digits" in str(caught.value)
    assert str(caught.value).isprintable()


def test_sources_and_disabled_layers_come_back_from_toml() -> None:
    spec = RunSpec(model=stack(*RESIDUAL.layers, LayerSpec.of("Dropout", disabled=True)))
    assert 'from = ["stem", "dense_1"]' in spec.toml()
    assert RunSpec.from_toml(spec.toml()) == spec
    one = RunSpec.from_toml('[[layers]]\nkind = "Dense"\nunits = 1\nfrom = "input"')
    assert one.model.layers[0].sources == ("input",)


def test_a_disabled_layer_passes_on_what_it_gets() -> None:
    model = stack(dense(5), LayerSpec.of("Flatten", disabled=True), dense(1))
    rows = summarize(model, (3,)).rows
    assert [(row.shape, row.params) for row in rows] == [((5,), 20), ((5,), 0), ((1,), 6)]
    assert rows[2].sources == ("dense",)


def test_a_frozen_layer_has_no_trainable_parameters() -> None:
    (row,) = summarize(stack(dense(2, trainable=False)), (3,)).rows
    assert (row.trainable, row.non_trainable) == (0, 8)


def test_an_edit_above_carries_the_references_along() -> None:
    model = RESIDUAL.insert(0, dense(7))
    assert model.names()[3] == "dense_2"
    assert model.layers[4].sources == ("stem", "dense_2")
    assert summarize(model, (3,)).mismatch is None


def test_a_renamed_layer_keeps_those_who_take_it() -> None:
    assert RESIDUAL.change(0, dense(name="root")).layers[3].sources == ("root", "dense_1")


def test_who_took_a_removed_layer_takes_its_source() -> None:
    assert RESIDUAL.remove(2).layers[2].sources == ("stem", "dense")
    assert RESIDUAL.remove(0).layers[2].sources == ("input", "dense_1")


def test_a_layer_moved_above_its_source_says_so() -> None:
    at, why = summarize(RESIDUAL.move(3, 0), (4,)).mismatch or (None, "")
    assert at == 0
    assert "below it" in why


def test_a_stack_of_a_thousand_layers_is_walked() -> None:
    model = ModelSpec((dense(),) * MAX_LAYERS)
    assert summarize(model, (4,)).total == MAX_LAYERS * 20


def test_a_plain_stack_has_no_skip_connections() -> None:
    assert skip_connections(summarize(stack(dense(), dense()), (3,))) == ("", "")


def test_a_skip_connection_is_drawn_from_its_source_to_its_end() -> None:
    assert skip_connections(summarize(RESIDUAL, (3,))) == ("╭", "│", "│", "╰", " ")


def test_links_that_overlap_are_drawn_in_columns_of_their_own() -> None:
    model = stack(
        dense(name="a"),
        dense(name="b"),
        dense(name="c"),
        taking("Add", "a", "c"),
        taking("Add", "b", "add"),
    )
    assert skip_connections(summarize(model, (3,))) == ("╭─", "│╭", "││", "╰┼", " ╰")


def test_a_source_with_two_takers_has_one_line_with_a_branch() -> None:
    model = stack(
        dense(name="a"), dense(), taking("Add", "a", "dense"), dense(), taking("Add", "a", "dense_1")
    )
    assert skip_connections(summarize(model, (3,))) == ("╭", "│", "├", "│", "╰")


@given(stacks(), st.integers(0, 5))
def test_skip_connections_have_one_width_whatever_the_stack(model: ModelSpec, at: int) -> None:
    found = skip_connections(summarize(model, (8, 8, 3)))
    assert len(found) == len(model.layers)
    assert len({len(rail) for rail in found}) <= 1


@given(stacks(), st.integers(0, 5), st.integers(0, 5))
def test_an_edit_and_its_walk_never_fail(model: ModelSpec, at: int, to: int) -> None:
    if model.layers:
        at, to = at % len(model.layers), to % len(model.layers)
        for edited in (model.move(at, to), model.remove(at), model.insert(at, dense())):
            summarize(edited, (8, 8, 3))


def test_a_document_whose_sources_form_a_ring_is_refused_with_the_reason_and_a_way_out() -> None:
    ring = """
[dataset]
name = "iris"
[[layers]]
kind = "Dense"
units = 4
name = "a"
from = "b"
[[layers]]
kind = "Dense"
units = 3
activation = "softmax"
name = "b"
from = "a"
"""
    spec, facts = RunSpec.from_toml(ring), find("iris").facts
    problem = next(one for one in advise(spec, facts) if one.at is not None)
    assert str(problem) == (
        "layer 1: It takes from 'b', and that is layer 2, below it. A layer takes from layers above it."
    )
    assert not any(
        one.severity == "error" for one in advise(problem.fixes[0].spec.with_fit(batch_size=16), facts)
    )
