"""How far a run is and how fast it goes: a bar for the epoch, one for the run, and how busy the machine is."""

from collections.abc import Sequence
from functools import partial

from rich.text import Text

from tuinn.runs.events import LoadMeasured
from tuinn.runs.state import RunState
from tuinn.text import format_bytes, format_duration, format_short_count
from tuinn.ui.widgets.cell_lines import CellLines
from tuinn.view.bars import gauge, line
from tuinn.view.run_follower import RunFollower
from tuinn.view.run_view import Phase, RunView

HEAD, BAR = 12, 8
"""Cells of the words before the bars, at least, and of the bars."""

SHORT = 2.0
"""Seconds of an epoch under which nobody can read what is left of it."""

SPARK = 6
"""Readings of the load that are drawn, a cell each."""


class ProgressPanel(CellLines):
    """Three lines, or one where there is no room or nothing trains; each as much as fits, what matters most first."""

    DEFAULT_CSS = "ProgressPanel { height: 3; } ProgressPanel.-one-line { height: 1; }"

    short = False
    """There is no room for three lines."""

    def show(self, run: RunFollower) -> None:
        """Draw how this run is now."""
        self.set_class(self.short or not run.state.is_active, "-one-line")
        self.show_text(partial(self._lines, run.view, run.state))

    def _lines(self, view: RunView, state: RunState, width: int) -> Text:
        colours, plain = self.app.theme_variables, bool(self.app.ascii_only)  # type: ignore[attr-defined]
        track = f"{colours['primary']} on {colours['panel']}"
        on = state.is_active
        heads = (f"epoch {view.epoch}/{view.epochs}", f"run {100 * view.run_share:.0f} %")
        if self.has_class("-one-line"):
            return self._one_line(view, on, width)
        head = max(HEAD, *map(len, heads)) + 1
        room = width - head - BAR - 2
        text = Text()
        for name, share, words in zip(
            heads,
            (view.epoch_share, view.run_share),
            (epoch_words(view, on), run_words(view, on)),
            strict=True,
        ):
            done = line(share, BAR, plain).rstrip()
            text.append(f"{name:<{head}}", "bold").append(done, colours["primary"])
            text.append(("-" if plain else "─") * (BAR - len(done)), "dim")
            text.append(f"  {joined(words, room)}\n")
        device = [(view.built.device, "")] if view.built else []
        if not (on and view.loads):
            return text.append(joined([words for words, _ in device], width), "dim")
        pieces = [*load_words(view.loads[-SPARK:], plain), *device]
        while pieces and sum(len(before) + len(drawn) + 2 for before, drawn in pieces) - 2 > width:
            pieces = pieces[:-1]
        for at, (before, drawn) in enumerate(pieces):
            text.append("  " * bool(at) + before).append(drawn, track)
        return text

    def _one_line(self, view: RunView, on: bool, width: int) -> Text:
        """How far the run is, and how fast it goes or went."""
        done = f"epoch {view.epoch}/{view.epochs}"
        of_run, of_epoch = run_words(view, on), epoch_words(view, on)
        pace = [of_run[0], *of_epoch[:2], *of_run[1:]] if on and of_run else [*of_run[::-1], of_epoch[0]]
        words = joined(pace, width - len(done) - 2)
        text = Text.assemble((f"{done}  ", "bold"), words)
        device = f" · {view.built.device}" if view.built else ""
        return text.append(device if text.cell_len + len(device) <= width else "", "dim")


def epoch_words(view: RunView, on: bool) -> list[str]:
    """Words about the current epoch, the most important first."""
    pace = view.throughput
    left, whole = pace.epoch_seconds_left, pace.epoch_seconds
    words = []
    under_way = on and view.phase in (Phase.TRAINING, Phase.VALIDATING)
    if under_way and left is not None and whole is not None and whole >= SHORT:
        words.append(f"{format_duration(min(left, whole))} left of {format_duration(whole)}")
    elif whole is not None:
        words.append(f"{format_duration(whole)}/epoch")
    if pace.step_seconds is not None:
        words.append(f"{step_time(pace.step_seconds)}/step")
    words.append(f"batch {view.step:,}/{view.steps:,}")
    return words


def run_words(view: RunView, on: bool) -> list[str]:
    """Words about the whole run."""
    words = []
    ending = view.phase in (Phase.EVALUATING, Phase.SAVING)
    if on and view.seconds_left is not None and not ending:
        words.append(f"{format_duration(view.seconds_left)} left")
    if view.samples_per_second:
        words.append(f"{format_short_count(view.samples_per_second)} samples/s")
        if (devices := view.built.devices if view.built else 1) > 1:
            words.append(f"{format_short_count(view.samples_per_second / devices)} each of {devices}")
    if view.clock.seconds:
        words.append(f"{format_duration(view.clock.seconds)}{' so far' if on else ''}")
    return words


def step_time(seconds: float) -> str:
    """`2.7 ms`, `140 ms`, `1.2 s`."""
    return f"{1000 * seconds:.1f} ms" if seconds < 0.01 else format_duration(seconds)


def load_words(loads: Sequence[LoadMeasured], plain: bool = False) -> list[tuple[str, str]]:
    """How busy the machine is and has been, the card first where there is one: words, and the columns after them."""
    last = loads[-1]
    words = [
        _spark("cpu", [load.cpu for load in loads], plain),
        _spark("ram", [load.ram for load in loads], plain),
    ]
    if last.gpu is not None:
        words.insert(0, _spark("gpu", [load.gpu or 0.0 for load in loads], plain))
    if last.gpu_memory is not None and last.gpu_memory_total:
        shares = [(load.gpu_memory or 0) / last.gpu_memory_total for load in loads]
        used = f"card {last.gpu_memory / 1e9:.0f}/{last.gpu_memory_total / 1e9:.0f} GB "
        words.insert(1, (used, gauge(shares, SPARK, plain)))
    if last.temperature is not None:
        words.insert(2, (f"{last.temperature} °C", ""))
    return [*words, (f"worker {format_bytes(last.memory)}", "")]


def _spark(name: str, shares: Sequence[float], plain: bool) -> tuple[str, str]:
    return f"{name} {100 * shares[-1]:3.0f} % ", gauge(shares, SPARK, plain)


def joined(words: Sequence[str], room: int) -> str:
    """As many of the words as fit, from the first on."""
    while words and len(" · ".join(words)) > room:
        words = words[:-1]
    return " · ".join(words)
