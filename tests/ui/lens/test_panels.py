"""The two sides of the lens as lines of text."""

import numpy as np
import pytest
from textual.strip import Strip

from tests.ui.lens.inspections import by_hand
from tuinn.data.inspection import About, Explanation, Inspection, Step, Trace, UnitValues
from tuinn.runs.folder import RunFolder
from tuinn.spec.dataset import DataFacts, Task
from tuinn.ui.lens.controller import LensController, Sample
from tuinn.ui.lens.drawing import Line, Palette, number
from tuinn.ui.lens.layer_list import LayerList
from tuinn.ui.lens.unit_panel import UnitPanel, tiled, weights_lines

FACTS = DataFacts(Task.CLASSES, (4,), "float32", 0.0, 1.0, ("cat", "dog"), 10, 4, ("a", "b", "c", "d"))
GREY = np.zeros(3, np.float32)


def controller(inspection: Inspection, step: int = 1) -> LensController:
    found = LensController(RunFolder.__new__(RunFolder), lambda _: True, lambda: False, Sample(test=0))
    found.inspection, found.step = inspection, step
    return found


def panels(inspection: Inspection, step: int = 1, plain: bool = True) -> tuple[LayerList, UnitPanel]:
    palette = Palette(GREY, GREY, GREY + 1, plain, is_light=False)
    told = (controller(inspection, step), FACTS, palette, "yellow")
    return LayerList(*told), UnitPanel(*told)


def texts(lines: list[Line]) -> list[str]:
    return [line.text if isinstance(line, Strip) else line.plain for line in lines]


def test_every_step_stands_with_its_formula_and_its_values_in_one_screen() -> None:
    layers, _ = panels(by_hand())
    shown = "\n".join(texts(layers.lines(17, 40)))
    assert "▸dense  3 values @ kernel + bias" in shown
    for words in (
        "1      2      0     -1",
        "np.maximum(values, 0)",
        "1.50   3.00   0.00",
        "75.0 %",
        "25.0 %",
    ):
        assert words in shown
    assert len(texts(layers.lines(17, 40))) <= 17


def test_the_sum_of_a_unit_is_written_out_with_what_relu_makes_of_it() -> None:
    _, unit = panels(by_hand())
    shown = texts(unit.lines(16, 32))
    assert unit.title == "dense · unit 2/3"
    assert shown[0] == "Σ x·w + b"
    assert shown[1].split() == ["a", "1.00", "×", "0.00", "0.00"]
    assert shown[2].split() == ["b", "2.00", "×", "2.00", "4.00"]
    assert shown[5].split() == ["bias", "-1.00"]
    assert shown[7].strip() == "3.00"
    assert shown[8] == "relu → 3.00"


def test_where_not_all_terms_have_room_the_largest_come_first_and_the_rest_is_one_number() -> None:
    _, unit = panels(by_hand())
    unit.controller.cursor(1).unit = 0
    shown = texts(unit.lines(7, 32))
    assert shown[1].split() == ["a", "1.00", "×", "1.00", "1.00"]
    assert shown[2].split() == ["3", "smaller", "ones", "0.00"]
    assert shown[3].split() == ["bias", "0.50"]


def test_a_histogram_over_the_test_set_has_a_line_for_each_class_and_says_what_is_dead() -> None:
    _, unit = panels(by_hand())
    means = np.array([[0, 1, 0], [0, 2, 0], [0, 9, 0]], np.float32)
    unit.controller.units[(3, 1)] = UnitValues(means, np.array([True, False, False]), np.array([0, 0, 1]))
    shown = "\n".join(texts(unit.lines(20, 32)))
    assert "over 3 test samples" in shown
    assert "mean 1.50" in shown
    assert "mean 9.00" in shown
    assert "dead there: 1 of 3 units" in shown


def test_a_class_without_a_test_sample_is_said_so() -> None:
    _, unit = panels(by_hand())
    means = np.ones((2, 3), np.float32)
    unit.controller.units[(3, 1)] = UnitValues(means, np.zeros(3, bool), np.array([0, 0]))
    assert "no sample" in "\n".join(texts(unit.lines(20, 32)))


@pytest.mark.parametrize("size", [(17, 40), (10, 30), (33, 64), (4, 12)])
@pytest.mark.parametrize("plain", [True, False])
def test_maps_and_sequences_stay_in_their_box(size: tuple[int, int], plain: bool) -> None:
    rng = np.random.default_rng(0)
    shapes = [(9, 9), (9, 9, 5), (3, 4, 4, 2), (7, 6), (40,), (200,)]
    steps = [Step("input", "Input", shapes[0])]
    steps += [Step(f"layer{at}", "LSTM", shape, (at,)) for at, shape in enumerate(shapes[1:])]
    values = {f"v{at}": rng.normal(size=shape).astype(np.float32) for at, shape in enumerate(shapes)}
    inspection = Inspection(Trace(1, tuple(steps)), values)
    rows, width = size
    for step in range(len(steps)):
        layers, unit = panels(inspection, step, plain)
        shown = layers.lines(rows, width)
        assert any("▸" in text for text in texts(shown)), step
        assert len(shown) <= rows
        for line in [*shown, *unit.lines(rows, width)] if width >= 30 else []:  # narrower ones are cut
            assert (line.cell_length if isinstance(line, Strip) else line.cell_len) <= width + 2
        assert len(unit.lines(rows, width)) <= rows
        assert len(weights_lines(unit, rows, width)) <= rows


def test_room_that_tiles_leave_is_given_to_more_steps() -> None:
    steps = [Step(f"layer{at}", "ReLU", (8, 8, 8), (at - 1,)) for at in range(12)]
    values = {f"v{at}": np.ones((8, 8, 8), np.float32) for at in range(12)}
    for chosen in (0, 6, 11):
        layers, _ = panels(Inspection(Trace(1, tuple(steps)), values), chosen)
        shown = texts(layers.lines(17, 40))
        assert len(shown) == 17
        assert f"▸layer{chosen}" in "\n".join(shown)


def test_values_that_are_not_finite_are_drawn_and_named() -> None:
    values = {"v0": np.array([np.nan, np.inf, 1.0, 0.0], np.float32)}
    layers, _ = panels(Inspection(Trace(1, (Step("input", "Input", (4,)),)), values), 0)
    shown = "\n".join(texts(layers.lines(8, 40)))
    assert "nan" in shown
    assert "inf" in shown


def test_weights_are_histograms_and_a_kernel() -> None:
    _, unit = panels(by_hand())
    shown = texts(weights_lines(unit, 12, 40))
    assert shown[0] == "kernel 4×3"
    assert shown[1].endswith(" -1.00 … 3.00")
    assert shown[2] == "bias 3"
    assert shown[4] == "weights of unit 2"


def test_the_gradient_of_an_array_stands_below_its_histogram() -> None:
    _, unit = panels(by_hand())
    unit.controller.view = "weights"
    told = np.array([-1, 1, 0.5, *range(24)], np.float32)
    found = {"dense/kernel": told, "dense/bias": np.full(27, np.nan, np.float32)}
    unit.controller.found[unit.controller.view_key] = Explanation(About(3), found)
    shown = texts(weights_lines(unit, 12, 40))
    assert shown[2].endswith(" gradient ±0.50")
    assert shown[5] == "gradient: not finite"


def test_what_stands_between_two_dense_layers_says_what_it_is_for() -> None:
    steps = (*by_hand().steps[:3], Step("dense_1", "Dense", (2,), (2,)))
    values = {**by_hand().arrays, "v3": np.zeros(2, np.float32)}
    _, unit = panels(Inspection(Trace(3, steps), values), 2)
    words = " ".join(text.strip() for text in texts(unit.lines(14, 32)))
    assert "Without it dense and dense_1 would be no more than one Dense layer." in words


def test_tiles_stand_side_by_side_as_far_as_they_have_room() -> None:
    tiles = np.ones((2, 2, 5), np.float32)
    assert tiled(tiles, 20, 9).shape == (5, 8)
    assert tiled(tiles, 3, 9).shape == (2, 8)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0.00"),
        (-1.2, "-1.20"),
        (12345.6, "12346"),
        (1e-7, "1.0e-7"),
        (-3e12, "-3.0e12"),
        (1e-150, "1e-150"),
    ],
)
def test_a_number_has_at_most_seven_characters(value: float, shown: str) -> None:
    assert number(value) == shown
    assert len(shown) <= 7


def test_a_text_is_shown_as_it_was_typed() -> None:
    inspection = Inspection(Trace(1, (Step("input", "Input", ()),)), {}, {"v0": np.array("a good film")})
    layers, unit = panels(inspection, 0)
    assert "a good film" in texts(layers.lines(5, 40))[1]
    assert unit.lines(5, 30) == []


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_sequence_has_room_in_the_lowest_terminal(rows: int, plain: bool) -> None:
    steps = (Step("input", "Input", (10, 8)), Step("conv", "Conv1D", (10, 8), sources=(0,)))
    values = {f"v{at}": np.ones((10, 8), np.float32) for at in range(2)}
    layers, _ = panels(Inspection(Trace(3, steps), values), 0, plain)
    assert texts(layers.lines(rows, 30))[0].startswith("▸input")
