"""How far a run is and how fast it goes: a bar for the epoch, one for the run, and how busy the machine is."""

from collections.abc import Callable, Sequence
from functools import partial

from rich.text import Text

from tuinn.runs.events import LoadMeasured
from tuinn.runs.state import RunState
from tuinn.ui.follower import Follower
from tuinn.ui.widgets.lines import Lines
from tuinn.view.bars import bar, gauge
from tuinn.view.run_view import Phase, RunView
from tuinn.view.words import duration, short_count, size

HEAD, BAR = 13, 8
"""Cells of the words before the bars, and of the bars."""

SPARK = 6
"""Readings of the load that are drawn, a cell each."""


class Progress(Lines):
    """Three lines, each as much as fits, what matters most first."""

    DEFAULT_CSS = "Progress { height: 3; }"

    def show(self, run: Follower) -> None:
        """Draw how this run is now."""
        self.show_text(partial(self._lines, run.view, run.state))

    def _lines(self, view: RunView, state: RunState, width: int) -> Text:
        colours, plain = self.app.theme_variables, bool(self.app.ascii_only)  # type: ignore[attr-defined]
        track = f"{colours['primary']} on {colours['panel']}"
        room = width - HEAD - BAR - 2
        on = state in (RunState.STARTING, RunState.RUNNING, RunState.STALLED)
        text = Text()
        for head, share, words in (
            (f"epoch {view.epoch}/{view.epochs}", view.epoch_share, epoch_words(view, on)),
            (f"run {100 * view.run_share:.0f} %", view.run_share, run_words(view, on)),
        ):
            text.append(f"{head:<{HEAD}}", "bold").append(bar(share, BAR, plain), track)
            text.append(f"  {joined(words, room)}\n")
        machine = load_words(view.loads[-SPARK:], partial(gauge, ascii_only=plain)) if on else []
        device = [view.built.device] if view.built else []
        return text.append(joined([*machine, *device], width, "  "), "" if machine else "dim")


def epoch_words(view: RunView, on: bool) -> list[str]:
    """What can be said of the epoch in hand, the most important first."""
    pace = view.pace
    left, whole = pace.epoch_seconds_left, pace.epoch_seconds
    words = []
    if on and left is not None and whole is not None and view.phase in (Phase.TRAINING, Phase.VALIDATING):
        words.append(f"{duration(left)} left of {duration(whole)}")
    elif whole is not None:
        words.append(f"{duration(whole)}/epoch")
    if pace.step_seconds is not None:
        words.append(f"{step_time(pace.step_seconds)}/step")
    words.append(f"batch {view.step:,}/{view.steps:,}")
    return words


def run_words(view: RunView, on: bool) -> list[str]:
    """What can be said of the whole run."""
    words = []
    ending = view.phase in (Phase.EVALUATING, Phase.SAVING)
    if on and view.seconds_left is not None and not ending:
        words.append(f"{duration(view.seconds_left)} left")
    if view.samples_per_second:
        words.append(f"{short_count(view.samples_per_second)} samples/s")
    if view.clock.seconds:
        words.append(f"{duration(view.clock.seconds)}{' so far' if on else ''}")
    return words


def step_time(seconds: float) -> str:
    """`2.7 ms`, `140 ms`, `1.2 s`."""
    return f"{1000 * seconds:.1f} ms" if seconds < 0.01 else duration(seconds)


def load_words(loads: Sequence[LoadMeasured], draw: Callable[[Sequence[float], int], str]) -> list[str]:
    """How busy the machine is and has been, the card first where there is one."""
    if not loads:
        return []
    last = loads[-1]
    words = [
        _spark("cpu", [load.cpu for load in loads], draw),
        _spark("ram", [load.ram for load in loads], draw),
    ]
    if last.gpu is not None:
        words.insert(0, _spark("gpu", [load.gpu or 0.0 for load in loads], draw))
    if last.gpu_memory is not None and last.gpu_memory_total:
        shares = [(load.gpu_memory or 0) / last.gpu_memory_total for load in loads]
        used = f"{last.gpu_memory / 1e9:.0f}/{last.gpu_memory_total / 1e9:.0f} GB"
        words.insert(1, f"card {draw(shares, SPARK)} {used}")
    if last.temperature is not None:
        words.insert(2, f"{last.temperature} °C")
    return [*words, f"worker {size(last.memory)}"]


def _spark(name: str, shares: Sequence[float], draw: Callable[[Sequence[float], int], str]) -> str:
    return f"{name} {draw(shares, SPARK)} {100 * shares[-1]:3.0f} %"


def joined(words: Sequence[str], room: int, by: str = " · ") -> str:
    """As many of the words as fit, from the first on."""
    while words and len(by.join(words)) > room:
        words = words[:-1]
    return by.join(words)
