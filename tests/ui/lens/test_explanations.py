"""What the lens draws to explain: parts of a sample, columns, curves, a scatter."""

from dataclasses import replace

import numpy as np
import pytest
from rich.text import Text
from textual.strip import Strip

from tests.ui.lens.inspections import by_hand
from tests.ui.lens.test_panels import FACTS, GREY, controller, texts
from tuinn.data.inspection import About, Explanation, Inspection, Numbers, Step, Trace
from tuinn.spec.dataset import DataFacts
from tuinn.ui.lens.controller import View
from tuinn.ui.lens.drawing import Palette
from tuinn.ui.lens.explanation_panel import ExplanationPanel, nearest, scatter_cells


def panel(
    view: View,
    about: About,
    facts: DataFacts = FACTS,
    inspection: Inspection | None = None,
    plain: bool = True,
    **arrays: Numbers,
) -> ExplanationPanel:
    lens = controller(inspection or by_hand())
    lens.view = view
    lens.found[lens.view_key] = Explanation(about, arrays)
    palette = Palette(GREY, GREY, GREY + 1, plain, is_light=False)
    return ExplanationPanel(lens, facts, palette, "yellow", ())


def shown(panel: ExplanationPanel, rows: int = 14, width: int = 34) -> list[str]:
    lines = panel.lines(rows, width)
    assert len(lines) <= rows
    return texts(lines)


def test_columns_stand_by_how_much_they_speak_for_the_class() -> None:
    parts = np.array([0.1, -0.5, 0.0, 0.3], np.float32)
    lines = shown(panel("occlusion", About(3, ("a", "b", "c", "d"), target=1), parts=parts))
    assert lines[0] == "for dog"
    assert [line.split()[0] for line in lines[3:7]] == ["b", "d", "a", "c"]
    assert lines[3].endswith("-0.50")


def test_words_stand_as_a_text_and_by_their_weight() -> None:
    facts = replace_facts(shape=(), dtype="str", features=())
    about = About(3, ("a", "good", "film"), target=0)
    lines = shown(panel("gradient", about, facts, parts=np.array([0.0, 2.0, -1.0], np.float32)))
    assert "a good film" in [line.strip() for line in lines]
    assert lines[-3].startswith("good")


@pytest.mark.parametrize("plain", [True, False])
def test_a_picture_keeps_its_shape_under_the_parts(plain: bool) -> None:
    facts = replace_facts(shape=(8, 8), features=())
    steps = (Step("input", "Input", (8, 8)),)
    inspection = Inspection(Trace(3, steps), {"v0": np.ones((8, 8), np.float32)})
    parts = np.zeros((4, 4), np.float32)
    parts[1, 2] = 1.0
    explained = panel("grad_cam", About(3), facts, inspection, plain, parts=parts)
    explained.controller.step = 0
    explained.controller.found[explained.controller.view_key] = Explanation(About(3), {"parts": parts})
    lines = explained.lines(12, 34)
    assert sum(isinstance(line, Strip) for line in lines) >= 4
    assert isinstance(lines[-1], Text)
    assert lines[-1].plain == "0.00 … 1.00"


def test_columns_stand_by_how_much_they_matter() -> None:
    means, spreads = np.array([0.0, 0.4, -0.01, 0.1], np.float32), np.full(4, 0.02, np.float32)
    about = About(3, ("a", "b", "c", "d"), "accuracy falls by")
    lines = shown(panel("importance", about, means=means, spreads=spreads))
    assert " ".join(lines[:2]) == "accuracy falls by, when it is shuffled"
    assert [line.split()[0] for line in lines[2:]] == ["b", "d", "a", "c"]
    assert "0.40 ±0.02" in lines[2]


def test_an_effect_is_a_curve_for_each_class_or_a_bar_for_each_word() -> None:
    values = np.linspace(0, 1, 5, dtype=np.float32)
    curves = np.stack([1 - values, values], axis=1)
    lines = shown(panel("effect", About(3), values=values, curves=curves))
    assert lines[2][0] == "C"  # cat is likely where the value is small
    assert lines[2].rstrip()[-1] == "D"
    assert "→ 0 … 1" in lines
    of_words = panel("effect", About(3, ("red", "blue")), values=values[:2], curves=curves[:2])
    assert [line.split()[0] for line in shown(of_words)[2:]] == ["red", "blue"]
    alone = panel("effect", About(3), values=values, curves=curves[:, 1:])  # one output of two classes
    assert shown(alone)[2][0] == "C"


def test_a_point_of_the_scatter_is_its_sample() -> None:
    points = np.array([[0, 0], [4, 4], [0, 4]], np.float32)
    scatter = panel("projection", About(3, shares=(0.75, 0.2)), points=points, targets=np.array([0, 1, 1]))
    lines = shown(scatter, 10, 20)
    assert lines[0][-1] == "D"
    assert lines[0][0] == "D"
    assert "◉" in lines[7]  # sample 0 is shown
    assert "75 %" in lines[8]
    assert lines[9].split() == ["C", "cat", "D", "dog"]
    assert scatter.sample_at(1, 17, 10, 20) == 1
    assert scatter.sample_at(6, 1, 10, 20) == 0
    assert scatter.sample_at(8, 1, 10, 20) is None  # below the points


def test_points_that_are_all_the_same_have_one_cell() -> None:
    cells = scatter_cells(np.ones((5, 2), np.float32), 9, 20)
    assert len(np.unique(cells, axis=0)) == 1
    assert nearest(cells, 3, 3) == 0


def replace_facts(**changes: object) -> DataFacts:
    import msgspec

    return msgspec.structs.replace(FACTS, **changes)


def test_while_the_worker_answers_the_panel_says_so() -> None:
    explained = panel("occlusion", About(3), parts=np.zeros(1, np.float32))
    explained = replace(explained, controller=controller(by_hand()))
    explained.controller.view = "occlusion"
    assert shown(explained) == ["asking the worker…"]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_the_effect_on_a_network_that_has_diverged_is_told(value: float) -> None:
    curves = np.full((5, 3), 0.5, np.float32)
    curves[2, 1] = value
    values = np.linspace(0, 1, 5, dtype=np.float32)
    assert shown(panel("effect", About(3), values=values, curves=curves))[1] == "It is not finite here."
