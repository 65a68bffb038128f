"""The run as it goes: progress, the latest numbers, and a chart for every metric."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.markup import escape
from textual.message import Message
from textual.widgets import Static

from tuinn.runs.events import Noted
from tuinn.runs.state import RunState
from tuinn.spec.advice.fix import Problem
from tuinn.text import fit_parts, format_metric, format_metrics, plural, printable
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.ui.widgets.chart_drawing import marker
from tuinn.ui.widgets.line_chart import Chart
from tuinn.ui.workbench.panes.chart_grid import ChartGrid
from tuinn.ui.workbench.panes.progress import ProgressPanel
from tuinn.view.chart_model import ChartOptions
from tuinn.view.run_follower import RunFollower
from tuinn.view.run_view import Mark, Phase, RunView
from tuinn.view.throughput import bottleneck, device_words

SHORT = 15
"""Rows of the pane below which the curves get nearly all of them."""

SLIM = 76
"""Columns of the pane below which a sentence takes two lines."""

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
        yield ProgressPanel(id="charts-progress")
        yield ChartGrid(id="charts-grid")
        yield CellLines(id="charts-words")
        words = "No run yet. r trains the draft; l lists earlier runs.\nR sweeps over it, Q queues it."
        yield Static(words, id="charts-empty", markup=False)

    def on_mount(self) -> None:
        self.border_title = "4 Charts"
        self.run: RunFollower | None = None
        self.options = ChartOptions()
        self.others: list[RunView] = []
        """Runs whose curves are laid under."""
        self.verdict: tuple[Problem | None, str] = (None, "f")
        """What the curves show, and the key for the first of its fixes."""
        self.show_run(None)

    def on_resize(self) -> None:
        self.set_class(self.size.width < SLIM, "-slim")
        short = self.size.height < SHORT
        if short != self.has_class("-short"):
            self.set_class(short, "-short")
            self.query_one(ProgressPanel).short = short
            self._show_progress()

    def show_run(self, run: RunFollower | None) -> None:
        """Draw the run as it stands now; None: there is none yet."""
        self.run = run
        self.set_class(run is None, "-empty")
        if run is None:
            self.border_subtitle = ""
            self.query_one(ChartGrid).show(None, self.options, 1)
            return
        if self.border_subtitle != (name := escape(printable(run.folder.name))):
            self.border_subtitle = name  # Textual draws the whole pane anew, whatever the title was
        self._show_progress()
        self._show_options()
        self._show_words()

    def _show_curves(self) -> None:
        if self.run is not None:
            grid, metrics = self.query_one(ChartGrid), self.run.spec.fit.metrics
            grid.show(self.run.view, self.options, self.end, self.others, metrics)

    @property
    def end(self) -> float:
        """Right end of the axis, in epochs."""
        longest = max((other.epoch for other in self.others), default=0)
        view = self.run.view if self.run else RunView()
        return float(max(axis_end(view.epoch, view.epochs), longest))

    def _show_progress(self) -> None:
        if self.run is not None:
            self.query_one(ProgressPanel).show(self.run)

    def _show_words(self) -> None:
        if self.run is not None:
            words = partial(self._words, self.run.view, self.run.state)
            self.query_one("#charts-words", CellLines).show_text(words, wrap=True)

    def show_verdict(self, problem: Problem | None, key: str) -> None:
        """Say what the curves show; the key makes the first of the changes that would help, F lists all."""
        if (problem, key) != self.verdict:
            self.verdict = problem, key
            self._show_words()

    # ---------------------------------------------------------------------------------------------- actions

    def change(self, options: ChartOptions) -> None:
        self.options = options
        self._show_options()
        self._show_words()

    def _show_options(self) -> None:
        self._show_curves()
        self._entitle()

    @on(ChartGrid.LaidOut)
    def _laid_out(self) -> None:
        self._entitle()

    def _entitle(self) -> None:
        title = escape(" · ".join(["4 Charts", *self._option_words()]))
        if self.border_title != title:
            self.border_title = title

    def lay_under(self, others: list[RunView]) -> None:
        self.others = others
        self._show_options()

    @on(Chart.Pointed)
    def _point(self, event: Chart.Pointed) -> None:
        event.stop()
        cursor = min(event.epoch, self._newest()) or None
        if cursor != self.options.cursor:
            self.change(replace(self.options, cursor=cursor))

    @on(Chart.Zoomed)
    def _zoom_at(self, event: Chart.Zoomed) -> None:
        event.stop()
        self.change(self.options.zoomed(event.factor, self.end, event.epoch))

    def action_cursor(self, by: int) -> None:
        self.change(self.options.moved(by, self._newest()))

    def _newest(self) -> int:
        """The last epoch that is whole; 0 before the first."""
        return self.run.view.finished[-1].epoch if self.run and self.run.view.finished else 0

    def action_zoom(self, factor: float) -> None:
        self.change(self.options.zoomed(factor, self.end))

    def action_tail(self) -> None:
        newest = self.run.view.epoch if self.run else 0
        all_of_it = self.options.window is not None or newest <= TAIL
        self.change(
            replace(self.options, window=None if all_of_it else (float(newest - TAIL), float(newest)))
        )

    def action_pan(self, share: float) -> None:
        if self.options.window is None:
            self.app.notify("+ looks closer first.", markup=False)
        self.change(self.options.panned(share, self.end))

    def action_by_epoch(self) -> None:
        self.change(replace(self.options, by_epoch=not self.options.by_epoch))

    def action_metric(self) -> None:
        self.query_one(ChartGrid).turn()
        self._show_options()

    def action_log(self) -> None:
        self.change(replace(self.options, log=not self.options.log))

    def action_smooth(self) -> None:
        self.change(self.options.smoother())

    def action_reset(self) -> None:
        self.post_message(self.CompareEnded())
        self.lay_under([])
        self.change(ChartOptions())

    def action_history(self) -> None:
        """Show the metrics of every epoch as a table."""
        from tuinn.ui.runs.history_view import HistoryView

        if self.run is None or not self.run.view.finished:
            self.app.notify("No epoch is whole yet.", markup=False)
        else:
            self.app.push_screen(HistoryView(self.run.view, self.run.folder.name))

    def action_updates(self) -> None:
        """Say what one update is, and how far the run is with them."""
        from tuinn.ui.runs.updates_view import UpdatesView

        if self.run is None:
            self.app.notify("There is no run on the screen: r trains the draft.", markup=False)
        else:
            self.app.push_screen(UpdatesView(self.run))

    def action_copy(self) -> None:
        """Copy the history to the terminal's clipboard."""
        if self.run is None or not self.run.view.finished:
            self.app.notify("No epoch is whole yet.", markup=False)
            return
        self.app.copy_to_clipboard(self.run.view.history_code)
        done = plural(len(self.run.view.finished), "epoch")
        self.app.notify(f"Copied the metrics of {done} as a Python dict.", markup=False)

    def action_compare(self) -> None:
        if self.run is not None:
            self.post_message(self.CompareAsked())

    def _option_words(self) -> list[str]:
        """What is special about the picture."""
        options = self.options
        changed = ["log y"] if options.log else []
        if options.by_epoch:
            changed.append("means of epochs")
        if options.smoothing:
            changed.append(f"smoothed {options.smoothing:g}")
        if options.window:
            changed.append(f"epochs {options.window[0]:.0f} to {options.window[1]:.0f}")
        for which, other in enumerate(self.others, start=2):
            sign = marker(which, self.app.ascii_only)  # type: ignore[attr-defined]
            changed.append(f"{sign} {printable(other.run)}")
        pages = self.query_one(ChartGrid).words()
        return [*changed, *(["Esc resets"] if changed else []), *([pages] if pages else [])]

    def _words(self, view: RunView, state: RunState, width: int) -> Text:
        """The last lines: what the curves show, and the news that matters most. Where nothing is heard of the run, only that."""
        is_heard_of = self.run is None or not self.run.trouble
        verdict = self._verdict_words(state, width) if is_heard_of else Text()
        return Text("\n").join(words for words in (verdict, self._news(view, state, width)) if words)

    def _verdict_words(self, state: RunState, width: int) -> Text:
        problem, key = self.verdict
        if problem is None:
            return Text()
        colours = self.app.theme_variables
        text = Text.assemble(("! ", f"bold {colours['warning']}"), problem.message)
        fixes = fix_keys([fix.label for fix in problem.fixes], key)
        if state.is_active:
            fixes = [("z", "back to the best, or stop"), *fixes]
        keys = Text("  ").join(
            Text.assemble((f"{pressed} ", f"bold {colours['accent']}"), (label, "underline"))
            for pressed, label in fixes
        )
        fits = text.cell_len + keys.cell_len + 2 <= width
        if not fits and self.has_class("-short"):  # the line below is the news'
            keys = Text(" ".join(pressed for pressed, _ in fixes), f"bold {colours['accent']}")
            text.truncate(width - keys.cell_len - 2, overflow="ellipsis")
            fits = True
        elif not fits:  # likewise
            keys.truncate(width, overflow="ellipsis")
            if not self.has_class("-slim"):
                text.truncate(width, overflow="ellipsis")
        between = "  " if fits else "\n"
        return Text.assemble(text, between, keys) if keys else text

    def _news(self, view: RunView, state: RunState, width: int) -> Text:
        """The news that matters most, or what was done in the epoch under the cursor."""
        colours = self.app.theme_variables
        cursor = self.options.cursor
        if cursor and (done := [mark for mark in view.marks if cursor - 1 <= mark.x <= cursor]):
            return Text("  ".join(mark_words(mark) for mark in done), colours["chart-cursor"])
        if self.run is not None and self.run.trouble:
            return Text(f"✗ {printable(self.run.trouble)}", colours["error"])
        if state is RunState.STALLED:
            return Text(f"◍ {printable(self.run.cause if self.run else '')}", colours["warning"])
        if state is RunState.LOST:
            cause = printable(self.run.cause if self.run else "")
            return Text(f"✗ Lost; z resumes it. {cause}", colours["error"])
        if view.ended is not None and view.ended.outcome == "failed":
            return Text(f"✗ {printable(failure_words(view.ended.message))}", colours["error"])
        if late := warned_after_the_end(view):
            return Text(f"! {printable(late)}", colours["warning"])
        if view.evaluated is not None:
            words = fit_parts(f"test {format_metrics(view.evaluated.metrics)}", width)
            text = Text.assemble((words, "bold"))
            saved = f" · {view.saved.file} saved" if view.saved else ""
            return text.append(f" · {view.evaluated.samples:,} samples{saved}", style="dim")
        if warning := fresh_warning(view):
            return Text(f"! {printable(warning.message)}", colours["warning"])
        best = view.best
        if best is None:
            return Text(f"{view.phase_words}…{_limit_line(view)}", style="dim")
        if view.marks and view.marks[-1].x > best.epoch - 1:
            return Text(mark_words(view.marks[-1]), style="dim")
        shown = {name: best.metrics[name] for name in ("val_loss", "loss") if name in best.metrics}
        name, value = next(iter(shown.items()))
        words = f"best so far: epoch {best.epoch}, {name} {format_metric(value)}"
        return Text(words + _limit_line(view), style="dim")


FRESH = 60.0
"""Seconds for which a warning stands in the last line, while the training goes on."""


def fresh_warning(view: RunView) -> Noted | None:
    """The last one, unless the run has gone on for long since."""
    now = view.clock.at
    last = next((note for note in reversed(view.notes) if note.level == "warning"), None)
    return last if last is not None and (now is None or last.at > now - FRESH) else None


def warned_after_the_end(view: RunView) -> str:
    """What went wrong once the training was over: the user's own command, or a question that can't be answered."""
    last = view.notes[-1] if view.notes else None
    after = (
        last is not None and view.ended is not None and last.at > view.ended.at and last.level == "warning"
    )
    return last.message if last is not None and after else ""


def _limit_line(view: RunView) -> str:
    """What sets the pace, on a line of its own; empty where nobody trains or nothing can be said."""
    words = (device_words(view.measured) or bottleneck(view.loads)) if view.phase is Phase.TRAINING else ""
    return f"\n{words}" if words else ""


def mark_words(mark: Mark) -> str:
    """With the letter that stands on the curve: `P paused in epoch 23`, or `after epoch 22` between two."""
    when = (
        f"after epoch {mark.x:.0f}"
        if mark.x >= 1 and mark.x == int(mark.x)
        else f"in epoch {int(mark.x) + 1}"
    )
    return f"{mark.sign} {printable(mark.word)} {when}"


def axis_end(epoch: int, epochs: int) -> int:
    """Right end of the charts' axis: it doubles as a long run goes on, so that its start is not a sliver."""
    end = 10
    while end < epoch:
        end *= 2
    return min(end, max(epochs, 1))


def failure_words(message: str) -> str:
    """Why a run failed, and the key that shows its log, which the message may have named already."""
    return f"{message} {'L shows it.' if 'worker.log' in message else 'L shows worker.log.'}"


def fix_keys(labels: Sequence[str], key: str) -> list[tuple[str, str]]:
    """The keys for these fixes and what they do: `f` makes the first, `F` opens the list with the others."""
    made, listed = (labels[:1], labels[1:]) if key == "f" else ([], labels)
    others = [("F", f"more: {listed[0]}{', …' * (len(listed) > 1)}")] if listed else []
    return [*((key, label) for label in made), *others]
