"""The run as it goes: progress, the latest numbers, and a chart for the loss and one for the first metric."""

from dataclasses import replace

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.markup import escape
from textual.message import Message
from textual.widgets import Static

from tuinn.runs.state import RunState
from tuinn.ui.follower import Follower
from tuinn.ui.keys import bindings_for
from tuinn.ui.widgets.line_chart import LineChart
from tuinn.ui.widgets.lines import Lines
from tuinn.ui.widgets.progress import Progress
from tuinn.view.figure import Look
from tuinn.view.limits import limit
from tuinn.view.run_view import Phase, RunView
from tuinn.view.words import metric, metrics_line, printable

TAIL = 10
"""Epochs that the key for the newest shows."""


class ChartsPane(Vertical, can_focus=True):
    """Says nothing while nothing changes."""

    BINDINGS = bindings_for("charts")

    class CompareAsked(Message):
        """The user wants another run's curves laid under."""

    class CompareEnded(Message):
        """No other run's curves any more."""

    def compose(self) -> ComposeResult:
        yield Progress(id="charts-progress")
        with Horizontal(id="charts-row"):
            yield LineChart("loss", id="chart-loss")
            yield LineChart("accuracy", id="chart-metric")
        yield Lines(id="charts-words")
        yield Static("No run yet. r trains the draft; l lists earlier runs.", id="charts-empty", markup=False)

    def on_mount(self) -> None:
        self.border_title = "4 Charts"
        self.run: Follower | None = None
        self.look = Look()
        self.others: list[RunView] = []
        """Runs whose curves are laid under."""
        self.show_run(None)

    def show_run(self, run: Follower | None) -> None:
        """Draw the run as it stands now; None: there is none yet."""
        self.run = run
        self.set_class(run is None, "-empty")
        if run is None:
            self.border_subtitle = ""
            for chart in self.query(LineChart):
                chart.show(chart.metric, None, self.look, 1)
            return
        if self.border_subtitle != (name := escape(printable(run.folder.name))):
            self.border_subtitle = name  # Textual draws the whole pane anew, whatever the title was
        self._show_progress()
        self._show_curves()
        self._show_words()

    def _show_curves(self) -> None:
        if self.run is None:
            return
        view = self.run.view
        names = [name for name in view.curves if name != "loss"]
        self.query_one("#chart-metric").display = bool(names) or not view.finished
        for chart, name in (("#chart-loss", "loss"), ("#chart-metric", names[0] if names else "accuracy")):
            others = [other.curves[name] for other in self.others if name in other.curves]
            marks = [mark.x for mark in view.marks]
            self.query_one(chart, LineChart).show(
                name, view.curves.get(name), self.look, self.end, others, marks
            )

    @property
    def end(self) -> float:
        """Right end of the axis, in epochs."""
        longest = max((other.epoch for other in self.others), default=0)
        view = self.run.view if self.run else RunView()
        return float(max(axis_end(view.epoch, view.epochs), longest))

    def _show_progress(self) -> None:
        if self.run is not None:
            self.query_one(Progress).show(self.run)

    def _show_words(self) -> None:
        if self.run is not None:
            words = self._words(self.run.view, self.run.state)
            self.query_one("#charts-words", Lines).show_text(words, wrap=True)

    # ---------------------------------------------------------------------------------------------- wishes

    def change(self, look: Look) -> None:
        self.look = look
        self._show_look()

    def _show_look(self) -> None:
        self._show_curves()
        self.border_title = escape(" · ".join(["4 Charts", *self._look_words()]))

    def lay_under(self, others: list[RunView]) -> None:
        self.others = others
        self._show_look()

    @on(LineChart.Pointed)
    def _point(self, event: LineChart.Pointed) -> None:
        event.stop()
        newest = self.run.view.epoch if self.run else 0
        self.change(replace(self.look, cursor=min(event.epoch, newest) or None))

    def action_cursor(self, by: int) -> None:
        self.change(self.look.moved(by, self._newest()))

    def _newest(self) -> int:
        """The last epoch that is whole; 0 before the first."""
        return self.run.view.finished[-1].epoch if self.run and self.run.view.finished else 0

    def action_zoom(self, factor: float) -> None:
        self.change(self.look.zoomed(factor, self.end))

    def action_tail(self) -> None:
        newest = self.run.view.epoch if self.run else 0
        all_of_it = self.look.window is not None or newest <= TAIL
        self.change(replace(self.look, window=None if all_of_it else (float(newest - TAIL), float(newest))))

    def action_log(self) -> None:
        self.change(replace(self.look, log=not self.look.log))

    def action_smooth(self) -> None:
        self.change(self.look.smoother())

    def action_reset(self) -> None:
        self.post_message(self.CompareEnded())
        self.lay_under([])
        self.change(Look())

    def action_compare(self) -> None:
        if self.run is not None:
            self.post_message(self.CompareAsked())

    def _look_words(self) -> list[str]:
        """What is special about the picture."""
        look = self.look
        said = ["log y"] if look.log else []
        if look.smoothing:
            said.append(f"smoothed {look.smoothing:g}")
        if look.window:
            said.append(f"epochs {look.window[0]:.0f} to {look.window[1]:.0f}")
        if self.others:
            said.append(f"under it: {', '.join(printable(other.run) for other in self.others)}")
        return [*said, "esc resets"] if said else []

    def _words(self, view: RunView, state: RunState) -> Text:
        """The last line: the news that matters most."""
        colours = self.app.theme_variables
        if state is RunState.STALLED:
            return Text(
                "◍ No sign of life for a while: the worker may be wedged. z stops it.", colours["warning"]
            )
        if state is RunState.LOST:
            return Text(
                "✗ Lost; z resumes it. The worker was killed, ran out of memory, or the box went down.",
                colours["error"],
            )
        if view.ended is not None and view.ended.outcome == "failed":
            return Text(f"✗ {printable(view.ended.message)} (worker.log tells more)", colours["error"])
        if late := warned_after_the_end(view):
            return Text(f"! {printable(late)}", colours["warning"])
        if view.evaluated is not None:
            text = Text.assemble((f"test {metrics_line(view.evaluated.metrics)}", "bold"))
            saved = f" · {view.saved.file} saved" if view.saved else ""
            return text.append(f" · {view.evaluated.samples:,} samples{saved}", style="dim")
        if warning := next((note for note in reversed(view.notes) if note.level == "warning"), None):
            return Text(f"! {printable(warning.message)}", colours["warning"])
        best = view.best
        if best is None:
            return Text(f"{view.phase.value}…{_limit_line(view)}", style="dim")
        if view.marks and view.marks[-1].x > best.epoch - 1:
            return Text(f"epoch {view.marks[-1].x + 1:.1f}: {printable(view.marks[-1].word)}", style="dim")
        shown = {name: best.metrics[name] for name in ("val_loss", "loss") if name in best.metrics}
        name, value = next(iter(shown.items()))
        told = f"best so far: epoch {best.epoch}, {name} {metric(value)}"
        return Text(told + _limit_line(view), style="dim")


def warned_after_the_end(view: RunView) -> str:
    """What went wrong once the training was over: the user's own command, or a question that can't be answered."""
    last = view.notes[-1] if view.notes else None
    after = (
        last is not None and view.ended is not None and last.at > view.ended.at and last.level == "warning"
    )
    return last.message if last is not None and after else ""


def _limit_line(view: RunView) -> str:
    """What sets the pace, on a line of its own; empty where nobody trains or nothing can be said."""
    told = limit(view.loads) if view.phase is Phase.TRAINING else ""
    return f"\n{told}" if told else ""


def axis_end(epoch: int, epochs: int) -> int:
    """Right end of the charts' axis: it doubles as a long run goes on, so that its start is not a sliver."""
    end = 10
    while end < epoch:
        end *= 2
    return min(end, max(epochs, 1))
