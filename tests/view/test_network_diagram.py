"""The network as boxes and lines."""

from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import small_specs
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.shapes import Summary, summarize
from tuinn.spec.presets.catalog import iris_lab
from tuinn.spec.run import RunSpec, stack
from tuinn.view.network_diagram import NARROWEST, draw

IRIS = """
┌───────────────┐
│     input     │
│       4       │
└───────┬───────┘
┌───────┴───────┐
│  dense: Dense │
│     4 → 8     │
└───────┬───────┘
┌───────┴───────┐
│ dense_1: Dense│
│     8 → 3     │
└───────────────┘
"""

RESIDUAL = """
┌───────────────────────┐
│         input         │
│       8 × 8 × 4       │
└───────────┬───────────┘
┌───────────┴───────────┐
│       a: Conv2D       │
│ 8 × 8 × 4 → 8 × 8 × 4 ├─╮
└───────────┬───────────┘ │
┌───────────┴───────────┐ │
│ activation: Activation│ │
│ 8 × 8 × 4 → 8 × 8 × 4 │ │
└───────────┬───────────┘ │
┌───────────┴───────────┐ │
│        add: Add       ◄─╯
│ 8 × 8 × 4 → 8 × 8 × 4 │
└───────────────────────┘
"""


def residual() -> Summary:
    layers = (
        LayerSpec.of("Conv2D", filters=4, kernel_size=3, padding="same", name="a"),
        LayerSpec.of("Activation", activation="relu"),
        LayerSpec.of("Add", **{"from": ["activation", "a"]}),
    )
    return summarize(stack(*layers), (8, 8, 4))


def test_a_stack_is_drawn_as_boxes_with_shapes() -> None:
    assert "\n".join(draw(summarize(iris_lab().model, (4,)), 80)) == IRIS.strip()


def test_a_residual_link_is_drawn_beside_the_boxes() -> None:
    assert "\n".join(draw(residual(), 80)) == RESIDUAL.strip()


def test_where_there_is_no_room_for_lines_the_box_says_what_it_takes() -> None:
    drawn = "\n".join(draw(residual(), 17))
    assert "◄" not in drawn
    assert "from" in "\n".join(draw(residual(), 17)) or "…" in drawn


def test_a_layer_that_does_not_fit_says_so() -> None:
    drawn = "\n".join(draw(summarize(stack(LayerSpec.of("Conv2D", filters=1, kernel_size=3)), (4,)), 80))
    assert "4 → does not fit" in drawn


@given(small_specs(), st.integers(NARROWEST, 200))
def test_no_drawing_is_wider_than_asked(spec: RunSpec, width: int) -> None:
    lines = draw(summarize(spec.model, (28, 28)), width)
    assert all(len(line) <= width for line in lines)
    assert len(lines) % 4 == 0
