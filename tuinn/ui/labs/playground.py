"""The playground: a network on points of the plane, its surface redrawn as it trains."""

import time
from collections.abc import Callable
from functools import partial

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from tuinn.errors import SpecError
from tuinn.labs.playground.keras_code import keras_code
from tuinn.labs.playground.own_data import OwnData, other_columns, read_own_data
from tuinn.text import format_metric, printable
from tuinn.ui.dialogs.dialog import TextDialog
from tuinn.ui.labs.loss_chart import LossChart
from tuinn.ui.labs.page import LabPage, PageStep, page_bindings
from tuinn.ui.labs.playground_drawing import (
    Colours,
    Levels,
    legend,
    named_network,
    output_levels,
    surface_characters,
    surface_strips,
    weight_signs,
)
from tuinn.ui.labs.playground_state import PlaygroundState, View
from tuinn.ui.labs.playground_text import hint, settings_lines
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.picture import draws_plain, redraw_with_theme

SLICE = 0.008
"""Seconds of training at a time: a key waits no longer."""

SLICES_PER_SECOND = 40

EPOCHS_AT_ONCE = 4
"""Of a slice, at most: so that one can watch."""

FRAME, SLOW_FRAME = 0.13, 0.5
"""Seconds between two drawings of the surface, and of the rest, while it trains."""

TALL, WIDE = 34, 110
"""Rows and columns from which on the network stands above the settings."""

MANY = 100
"""Epochs after which a step of a lesson is done; and a share of right points."""

GOOD = 0.95


class PlaygroundPage(LabPage):
    """Draws its state; each key changes that. While it plays, slices of training take turns with the keys."""

    CSS_PATH = ["labs.tcss", "playground.tcss"]
    page = "playground"
    BINDINGS = page_bindings("playground")

    def __init__(self, for_step: PageStep | None = None) -> None:
        super().__init__(for_step)
        self.state = PlaygroundState()
        self.drawn_at = self.slow_drawn_at = 0.0
        self.levels: Levels | None = None
        """The shades of the surface as it was drawn last."""

    def body(self) -> ComposeResult:
        with Horizontal(id="play-body"):
            with Vertical(id="play-left"):
                yield CellLines(id="play-surface")
                yield CellLines(id="play-legend")
            with Vertical(id="play-right"):
                yield CellLines(id="play-network")
                with Vertical(id="play-lower"):
                    yield CellLines(id="play-settings")
                    yield LossChart(id="play-losses")
        with VerticalScroll(id="play-code", can_focus=False):
            yield Static(id="play-script", markup=False)

    def on_mount(self) -> None:
        redraw_with_theme(self, self.draw_all)
        self.set_interval(1 / SLICES_PER_SECOND, self.train_slice)

    def on_resize(self) -> None:
        self._arrange()
        super().on_resize()

    # ----------------------------------------------------------------------------------------------- drawing

    @property
    def is_roomy(self) -> bool:
        """Whether network and settings have room together."""
        return self.size.height >= TALL and self.size.width >= WIDE

    def _arrange(self) -> None:
        """Show the widgets of the view."""
        view, roomy = self.state.view, self.is_roomy
        self.set_class(roomy, "-roomy")
        self.query_one("#play-body").display = view != "code"
        self.query_one("#play-code").display = view == "code"
        self.query_one("#play-network").display = roomy or view == "network"
        self.query_one("#play-lower").display = roomy or view == "settings"
        self.query_one("#play-settings").styles.height = len(self.state.rows)

    def right_words(self) -> Text:
        play = self.state.play
        train, test = play.losses
        words = f"epoch {play.epoch:,} · loss {format_metric(train)} · test {format_metric(test)}"
        if play.accuracy is not None:
            words += f" · {100 * play.accuracy:.0f} % right"
        return Text(words, "bold")

    def draw(self) -> None:
        self._arrange()
        self.draw_picture()
        self.draw_words()
        self.draw_losses()

    def draw_picture(self, with_network: bool = True) -> None:
        """Surface and network."""
        self.drawn_at = time.perf_counter()
        state, play = self.state, self.state.play
        if state.view == "code":
            return
        surfaces, plain = play.surfaces(), draws_plain(self.app)
        colours = Colours.of(self.app.theme_variables)
        surface, network = (
            self.query_one("#play-surface", CellLines),
            self.query_one("#play-network", CellLines),
        )
        before = None if play.kind == "classes" else self.levels
        self.levels = output_levels(play, surfaces[-1], before)
        if plain:
            surface.show_strips(surface_characters(play, self.levels, state.shown))
        else:
            surface.show_strips(surface_strips(play, self.levels, state.shown, colours))
        if not with_network:
            return
        if network.display and plain:
            network.show_text(weight_signs(play))
        elif network.display:
            network.show_strips(
                named_network(play, surfaces, network.size.height, network.size.width, colours)
            )

    def draw_words(self) -> None:
        """Settings, legend and code."""
        state, plain = self.state, draws_plain(self.app)
        colours = Colours.of(self.app.theme_variables)
        accent = self.app.theme_variables["accent"]
        self.query_one("#play-settings", CellLines).show_text(partial(settings_lines, state, accent))
        words = legend(state.play, state.shown, colours, plain)
        words.append(f"\n\n{printable(state.play.words)}\n\n{hint(state)}", "")
        self.query_one("#play-legend", CellLines).show_text(words, wrap=True)
        if state.view == "code":
            self.query_one("#play-script", Static).update(keras_code(state.play))

    def draw_losses(self) -> None:
        """The small chart."""
        self.slow_drawn_at = time.perf_counter()
        history = self.state.play.history
        chart = self.query_one(LossChart)
        if chart.display:
            chart.show([*history.epochs], [*history.train], [*history.test])

    # ---------------------------------------------------------------------------------------------- training

    def train_slice(self) -> None:
        """Train for a moment, and draw where that is due."""
        state = self.state
        if not state.is_playing or not self.is_active:
            return
        self._train(EPOCHS_AT_ONCE, SLICE)
        now = time.perf_counter()
        slow = now - self.slow_drawn_at >= SLOW_FRAME
        if slow:
            self.draw_losses()
            self.draw_words()
        if slow or now - self.drawn_at >= FRAME:
            self.draw_head()
            self.draw_picture(with_network=slow or not self.is_roomy)

    def _train(self, epochs: int, seconds: float) -> None:
        try:
            self.state.play.train(epochs, seconds)
        except SpecError as problem:
            self.state.is_playing = False
            self.notify(printable(str(problem)), severity="warning", markup=False)
            self.draw_all()
        play = self.state.play
        if play.epoch >= MANY:
            self.reached("epochs")
        if play.epoch and play.accuracy is not None and play.accuracy >= GOOD:
            self.reached("good")

    def action_play(self) -> None:
        self.state.is_playing = not self.state.is_playing
        self.draw_all()

    def action_steps(self, epochs: int) -> None:
        """So many epochs at once, or as many as a second has room for."""
        self.state.is_playing = False
        self._train(epochs, 1.0)
        self.draw_all()

    def action_reset(self) -> None:
        self.state.is_playing = False
        self._do(self.state.play.begin)

    # ------------------------------------------------------------------------------------------------- keys

    def _do(self, change: Callable[[], None]) -> None:
        """Change the state and draw it; what can't be is said."""
        try:
            change()
        except SpecError as problem:
            self.notify(printable(str(problem)), severity="warning", markup=False)
        self.draw_all()

    def action_move(self, by: int) -> None:
        if self.state.view == "code":
            self.query_one("#play-code").scroll_relative(y=by, animate=False)
        else:
            self.state.move(by)
            self.draw_words()

    def action_column(self, by: int) -> None:
        self.state.move_column(by)
        self.draw_words()

    def action_change(self, by: int) -> None:
        row, own = self.state.row, self.state.play.own
        if row.own and own is not None:
            self.read(partial(other_columns, own, row.name, by))
        else:
            self._do(lambda: self.state.change(by))

    def action_type(self) -> None:
        row, state = self.state.row, self.state
        if row.type is None:
            self.action_change(1)
            return
        put = row.type

        def typed(text: str | None) -> None:
            if text is not None:
                self._do(lambda: put(state, text))

        shown = " ".join(row.parts(state)).split(" of ")[0].removesuffix(" %")
        self.app.push_screen(
            TextDialog(row.name, "" if shown == "none" else shown, row.help, lambda _: ""), typed
        )

    def action_cloud(self, by: int) -> None:
        self._do(lambda: self.state.play.turn_cloud(by))

    def action_activation(self, by: int) -> None:
        self._do(lambda: self.state.turn_activation(by))

    def action_add(self) -> None:
        self._do(self.state.add_layer)

    def action_remove(self) -> None:
        self._do(self.state.remove_layer)

    def action_seed(self) -> None:
        play = self.state.play
        self._do(lambda: play.change(seed=play.settings.seed + 1))

    def action_points(self) -> None:
        self._do(self.state.turn_shown)

    def action_view(self, view: View) -> None:
        self.state.view = view
        self._arrange()
        self.call_after_refresh(self.draw_all)
        if view == "code":
            self.reached("keras")

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(keras_code(self.state.play))
        self.notify(
            "The Keras script is copied. Pasted into the workbench, 2 then i, it becomes the draft.",
            markup=False,
        )

    # --------------------------------------------------------------------------------------- data of one's own

    def action_open(self) -> None:
        def typed(text: str | None) -> None:
            if text and text.strip():
                self.read(partial(read_own_data, text))

        words = "table.csv, or table.csv X Y TARGET"
        self.app.push_screen(TextDialog("Columns of a CSV", "", words, lambda _: ""), typed)

    @work(thread=True, exclusive=True, group="playground-data")
    def read(self, make: Callable[[], OwnData]) -> None:
        """Read data of the user's own, in a thread."""
        try:
            found = make()
        except SpecError as problem:
            self.app.call_from_thread(self.notify, printable(str(problem)), severity="warning", markup=False)
        else:
            self.app.call_from_thread(self._take, found)

    def _take(self, found: OwnData) -> None:
        self._do(lambda: self.state.play.take(found))
