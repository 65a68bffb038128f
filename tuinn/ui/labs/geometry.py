"""The lab of geometry: maps of the plane, a chain of them as one matrix, and what ReLU between changes."""

from collections.abc import Callable
from functools import partial

import numpy as np
from rich.color import Color
from rich.segment import Segment
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.strip import Strip

from tuinn.errors import SpecError
from tuinn.labs.geometry import KINDS, Array, best_affine
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import TextDialog
from tuinn.ui.labs.geometry_state import GeometryState, pixels_of
from tuinn.ui.labs.page import LabPage, PageStep, page_bindings
from tuinn.ui.widgets.cell_lines import CellLines, centred
from tuinn.ui.widgets.picture import draws_plain, half_blocks, redraw_with_theme

PER_LINE = 4
"""Values of a map in a line."""

EXTENT = 6.0
"""The plane is drawn from −EXTENT to EXTENT."""


class GeometryPage(LabPage):
    """Draws its state; each key changes that."""

    page = "geometry"
    CSS_PATH = ["labs.tcss", "geometry.tcss"]
    BINDINGS = page_bindings("geometry")

    def __init__(self, for_step: PageStep | None = None) -> None:
        super().__init__(for_step)
        self.state = GeometryState()

    def body(self) -> ComposeResult:
        with Horizontal(id="geometry-body"):
            yield CellLines(id="geometry-plane")
            yield CellLines(id="geometry-words")

    def on_mount(self) -> None:
        redraw_with_theme(self, self.draw_all)

    # ----------------------------------------------------------------------------------------------- drawing

    def right_words(self) -> Text:
        return Text("with ReLU between" if self.state.relu else "one affine map", "bold")

    def draw(self) -> None:
        plane, words = (
            self.query_one("#geometry-plane", CellLines),
            self.query_one("#geometry-words", CellLines),
        )
        columns, rows = plane.size
        side = min(2 * rows, columns) // 2 * 2
        if side >= 10:
            draw = (
                plane_characters
                if draws_plain(self.app)
                else partial(plane_pixels, theme=self.app.theme_variables)
            )
            plane.show_strips(centred(draw(self.state, side), columns, rows))
        words.show_text(chain_lines(self.state, self.app.theme_variables["accent"]), wrap=True)

    # ------------------------------------------------------------------------------------------------- keys

    def _do(self, change: Callable[[], None], goal: str = "") -> None:
        """Change the state and draw it; what can't be is said."""
        try:
            change()
        except SpecError as problem:
            self.notify(printable(str(problem)), severity="warning", markup=False)
        else:
            if goal:
                self.reached(goal)
        self.draw_all()

    def action_change(self, by: int) -> None:
        self._do(lambda: self.state.change(by), "changed")

    def action_type(self) -> None:
        state = self.state

        def typed(text: str | None) -> None:
            if text is not None:
                self._do(lambda: state.type(text), "changed")

        shown = f"{state.step.values[state.at]:g}"
        heading = f"{state.name} of the {state.step.kind}"
        self.app.push_screen(TextDialog(heading, shown, "a number", lambda _: ""), typed)

    def action_move(self, by: int) -> None:
        self._do(lambda: self.state.move(by))

    def action_column(self, by: int) -> None:
        self._do(lambda: self.state.move_column(by))

    def action_kind(self, by: int) -> None:
        self._do(lambda: self.state.turn_kind(by))

    def action_add(self) -> None:
        self._do(self.state.add, "chain")

    def action_remove(self) -> None:
        self._do(self.state.remove)

    def action_relu(self) -> None:
        self.state.relu = not self.state.relu
        self._do(lambda: None, "relu")

    def action_cloud(self, by: int) -> None:
        self._do(lambda: self.state.turn_cloud(by))

    def action_random(self) -> None:
        self._do(self.state.random)

    def action_reset(self) -> None:
        self._do(self.state.reset)


# ------------------------------------------------------------------------------------------------- the words


def chain_lines(state: GeometryState, accent: str) -> Text:
    """The maps, the one that they are together, and what that means."""
    text = Text()
    for at, step in enumerate(state.steps):
        here = at == state.row
        text.append("▸" if here else " ", accent).append(f"{at + 1} {step.kind:<11}", "bold" if here else "")
        for value, number in enumerate(step.values):
            under = here and value == state.at
            shown = _short(number) + ("°" if step.kind == "rotation" else "")
            text.append("\n" + " " * 14 if value == PER_LINE else "")
            text.append(" " * max(6 - len(shown), 0)).append(shown, f"reverse {accent}" if under else "bold")
        text.append("\n")
    if state.relu:
        text.append("and ReLU between all of them\n", accent)
    text.append(f"\n{state.name} · {state.step.kind} {KINDS[state.step.kind].words}\n\n", "dim")
    if not state.relu:
        text.append_text(_matrix("All of it as one map", state.whole))
        return text.append(
            "A chain of affine maps is one affine map: Dense layers without activation are one Dense layer."
        )
    text.append_text(_matrix("The nearest single map", best_affine(state.points, state.mapped)))
    if state.misfit:
        text.append(f"misses by up to {state.misfit:.3f}. ", "bold")
        return text.append("With ReLU between, the chain is no affine map any more: layers add something.")
    return text.append("fits all points: here ReLU cut nothing off. Move the points below 0.")


def _short(value: float) -> str:
    return (f"{value:.2f}" if abs(value) < 100 else f"{value:.0f}").replace("-", "−")


def _matrix(title: str, matrix: Array) -> Text:
    text = Text.assemble((f"{title}\n", "bold"))
    for row, name in enumerate(("y₁", "y₂")):
        a, b, c = (_short(value).rjust(6) for value in matrix[row].tolist())
        text.append(f"  {name} = {a}·x₁ + {b}·x₂ + {c}\n")
    return text


# ------------------------------------------------------------------------------------------------- the plane


def plane_pixels(state: GeometryState, side: int, theme: dict[str, str]) -> list[Strip]:
    """The points before and after, and the axes, in half blocks: side × side pixels."""

    def rgb(name: str) -> Array:
        return np.array(Color.parse(theme[name]).get_truecolor()) / 255

    pixels = np.tile(rgb("background"), (side, side, 1))
    pixels[side // 2, :] = pixels[:, side // 2] = rgb("chart-grid")
    pixels[pixels_of(state.points, side, EXTENT)] = rgb("chart-axis")
    after, count = state.mapped, len(state.points)
    pixels[pixels_of(after[: count // 2], side, EXTENT)] = rgb("curve-train")
    pixels[pixels_of(after[count // 2 :], side, EXTENT)] = rgb("curve-validation")
    return half_blocks(pixels.astype(np.float32), side // 2, side)


def plane_characters(state: GeometryState, side: int) -> list[Strip]:
    """The same in characters: dots before, o and x after."""
    rows = [[" "] * side for _ in range(side // 2)]
    rows[side // 4] = ["-"] * side
    for row in rows:
        row[side // 2] = "|"
    after, count = state.mapped, len(state.points)
    for points, sign in ((state.points, "."), (after[: count // 2], "o"), (after[count // 2 :], "x")):
        for y, x in zip(*(one.tolist() for one in pixels_of(points, side, EXTENT)), strict=True):
            rows[y // 2][x] = sign
    return [Strip([Segment("".join(row))]) for row in rows]
