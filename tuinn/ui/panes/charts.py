"""The run as it goes: progress, the latest numbers, and a chart for the loss and one for the first metric."""

from collections.abc import Mapping

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tuinn.runs.state import RunState
from tuinn.ui.follower import Follower
from tuinn.ui.widgets.line_chart import LineChart
from tuinn.ui.widgets.lines import Lines
from tuinn.view.bars import bar
from tuinn.view.run_view import Phase, RunView
from tuinn.view.words import duration, metric, metrics_line, printable, short_count

HEAD, BAR = 16, 12
"""Cells of the words before the bars, and of the bars."""


class ChartsPane(Vertical, can_focus=True):
    """Says nothing while nothing changes."""

    def compose(self) -> ComposeResult:
        yield Lines(id="charts-progress")
        with Horizontal(id="charts-row"):
            yield LineChart("loss", id="chart-loss")
            yield LineChart("accuracy", id="chart-metric")
        yield Lines(id="charts-words")
        yield Static("No run yet. r trains the draft; l lists earlier runs.", id="charts-empty", markup=False)

    def on_mount(self) -> None:
        self.border_title = "4 Charts"
        self.run: Follower | None = None
        self.show_run(None)

    def show_run(self, run: Follower | None) -> None:
        """Draw the run as it stands now; None: there is none yet."""
        self.run = run
        self.set_class(run is None, "-empty")
        if run is None:
            self.border_subtitle = ""
            for chart in self.query(LineChart):
                chart.show(chart.metric, None, 1)
            return
        view = run.view
        if self.border_subtitle != (name := printable(run.folder.name)):
            self.border_subtitle = name  # Textual draws the whole pane anew, whatever the title was
        self._show_progress()
        end = axis_end(view.epoch, view.epochs)
        names = [name for name in view.curves if name != "loss"]
        first = names[0] if names else "accuracy"
        self.query_one("#chart-metric").display = bool(names) or not view.finished
        self.query_one("#chart-loss", LineChart).show("loss", view.curves.get("loss"), end)
        self.query_one("#chart-metric", LineChart).show(first, view.curves.get(first), end)
        self._show_words()

    def on_resize(self) -> None:
        self._show_progress()
        self._show_words()

    def _show_progress(self) -> None:
        if self.run is not None:
            lines, colours = self.query_one("#charts-progress", Lines), self.app.theme_variables
            lines.show_text(_progress(self.run.view, self.run.state, colours, lines.size.width))

    def _show_words(self) -> None:
        if self.run is not None:
            words = self._words(self.run.view, self.run.state)
            self.query_one("#charts-words", Lines).show_text(words, wrap=True)

    def _words(self, view: RunView, state: RunState) -> Text:
        """The last line: the news that matters most."""
        colours = self.app.theme_variables
        if state is RunState.LOST:
            return Text(
                "✗ The worker is gone: killed, out of memory, or a reboot. The charts stay.", colours["error"]
            )
        if view.ended is not None and view.ended.outcome == "failed":
            return Text(f"✗ {printable(view.ended.message)} (worker.log tells more)", colours["error"])
        if view.evaluated is not None:
            text = Text.assemble((f"test {metrics_line(view.evaluated.metrics)}", "bold"))
            saved = f" · {view.saved.file} saved" if view.saved else ""
            return text.append(f" · {view.evaluated.samples:,} samples{saved}", style="dim")
        if warning := next((note for note in reversed(view.notes) if note.level == "warning"), None):
            return Text(f"! {printable(warning.message)}", colours["warning"])
        best = view.best
        if best is None:
            return Text(view.phase.value + "…", style="dim")
        shown = {name: best.metrics[name] for name in ("val_loss", "loss") if name in best.metrics}
        name, value = next(iter(shown.items()))
        return Text(f"best so far: epoch {best.epoch}, {name} {metric(value)}", style="dim")


def _progress(view: RunView, state: RunState, colours: Mapping[str, str], width: int) -> Text:
    """Two lines: the epoch and the run, each with a bar and what can be said of its pace, as far as it fits."""
    on = state in (RunState.STARTING, RunState.RUNNING)
    track = f"{colours['primary']} on {colours['panel']}"
    epoch = []
    if view.samples_per_second:
        epoch.append(f"{short_count(view.samples_per_second)} samples/s")
    if view.seconds_per_epoch is not None:
        epoch.append(f"{duration(view.seconds_per_epoch)}/epoch")
    epoch.append(f"batch {view.step:,}/{view.steps:,}")
    whole = []
    if view.started_at is not None:
        whole.append(duration(max(view.last_at - view.started_at, 0)))
    if on and view.seconds_left is not None and view.phase is not Phase.EVALUATING:
        whole.append(f"{duration(max(view.seconds_left, 0))} left")
    if view.built:
        whole.append(view.built.device)
    room = width - HEAD - BAR - 2
    return Text.assemble(
        (f"epoch {f'{view.epoch}/{view.epochs}':>9} ", "bold"),
        (bar(view.epoch_share, BAR), track),
        f" {_joined(epoch, room)}\n",
        (f"run {100 * view.run_share:>9.0f} % ", "bold"),
        (bar(view.run_share, BAR), track),
        f" {_joined(whole, room)}",
    )


def _joined(words: list[str], room: int) -> str:
    """As many of the words as fit, from the first on."""
    while words and len(" · ".join(words)) > room:
        words = words[:-1]
    return " · ".join(words)


def axis_end(epoch: int, epochs: int) -> int:
    """Right end of the charts' axis: it doubles as a long run goes on, so that its start is not a sliver."""
    end = 10
    while end < epoch:
        end *= 2
    return min(end, max(epochs, 1))
