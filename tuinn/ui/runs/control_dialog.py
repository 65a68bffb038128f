"""Everything that can be asked of a run, in one list: pause, rate, epochs, save, stop, resume."""

from dataclasses import dataclass

from rich.text import Text

from tuinn.runs.commands import (
    AddEpochs,
    AnyCommand,
    BackToBest,
    Pause,
    Resume,
    SaveNow,
    SetPatience,
    SetRate,
    Stop,
    StopAfterEpoch,
)
from tuinn.spec.options import Int, Option, Real
from tuinn.ui.dialogs.dialog import Choose
from tuinn.view.run_follower import RunFollower

RATE = Real("learning_rate", low=0, above=True, high=100, help="from the next batch on")
EPOCHS = Int("epochs", low=1, high=1_000_000, help="in all, those that are done included")
PATIENCE = Int("patience", low=0, high=1_000_000, help="epochs without improvement before it stops; 0: never")
RESUME, RESUME_LONGER = "resume", "resume-longer"
"""Wishes that start a worker."""

MORE = 5
"""Epochs that "more" adds."""


@dataclass(frozen=True)
class Wish:
    """A line of the list."""

    words: str
    command: AnyCommand | None = None
    """What is asked of the worker; None where a number is to be typed first, or a worker to be started."""
    number: Option | None = None


def wishes(run: RunFollower) -> dict[str, Wish]:
    """What can be asked of this run as it is now, by a short name."""
    view = run.view
    if not run.is_active and view.ended is not None and view.ended.outcome == "finished":
        return {
            RESUME_LONGER: Wish(f"Go on for {MORE} more epochs, in this run's own journal"),
            "epochs": Wish("Go on to another number of epochs …", number=EPOCHS),
        }
    if not run.is_active:
        return {RESUME: Wish("Resume from the last checkpoint, in this run's own journal")}
    rate = view.learning_rate or run.spec.fit.learning_rate
    pause = {"go-on": Wish("Go on", Resume())} if view.paused else {"pause": Wish("Pause", Pause())}
    return {
        **pause,
        "slower": Wish(f"Learning rate × 0.3, to {rate * 0.3:.2g}", SetRate(learning_rate=rate * 0.3)),
        "faster": Wish(f"Learning rate × 3, to {rate * 3:.2g}", SetRate(learning_rate=rate * 3)),
        "rate": Wish("Another learning rate …", number=RATE),
        "more": Wish(f"{MORE} more epochs", AddEpochs(epochs=MORE)),
        "epochs": Wish("Another number of epochs …", number=EPOCHS),
        "patience": Wish("Stop early after … epochs without improvement", number=PATIENCE),
        "save": Wish("Save now", SaveNow()),
        "back": Wish("Back to the best epoch, with the rate × 0.3", BackToBest(factor=0.3)),
        "stop-epoch": Wish("Stop after this epoch", StopAfterEpoch()),
        "stop-best": Wish("Stop now, keep the best epoch's weights", Stop(best=True)),
        "stop": Wish("Stop now, keep the last weights", Stop()),
    }


def control_dialog(run: RunFollower) -> Choose:
    """Answers the short name of a wish."""
    return Choose("Steer the run", [(name, Text(wish.words)) for name, wish in wishes(run).items()])


def numbered(name: str, value: float, run: RunFollower) -> AnyCommand:
    """The command for a number that was typed."""
    if name == "rate":
        return SetRate(learning_rate=value)
    if name == "patience":
        return SetPatience(patience=int(value))
    return AddEpochs(epochs=int(value) - run.view.epochs)
