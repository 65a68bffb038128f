"""The control dialog: pause, learning rate, epochs, save, stop or resume a run."""

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
from tuinn.spec.options import Float, Int, Option
from tuinn.ui.dialogs.dialog import Choose
from tuinn.view.run_follower import RunFollower

RATE = Float("learning_rate", low=0, exclude_low=True, high=100, help="from the next batch on")
EPOCHS = Int("epochs", low=1, high=1_000_000, help="in total, with those that are done")
PATIENCE = Int("patience", low=0, high=1_000_000, help="epochs without improvement before it stops; 0: never")
RESUME, RESUME_BEST, RESUME_LONGER, HALVE = "resume", "resume-best", "resume-longer", "halve"
"""Actions that start a worker."""

MORE = 5
"""Epochs that `more` adds."""


@dataclass(frozen=True)
class Action:
    """A line of the list."""

    words: str
    command: AnyCommand | None = None
    """What the worker is asked; None where a number has to be typed first, or a worker started."""
    number: Option | None = None


def actions(run: RunFollower) -> dict[str, Action]:
    """The actions on this run in its current state, by a short name."""
    view = run.view
    if not run.is_active and view.ended is not None and view.ended.outcome == "finished":
        return {
            RESUME_LONGER: Action(f"Resume for {MORE} more epochs, in the same run"),
            "epochs": Action("Resume to another number of epochs …", number=EPOCHS),
        }
    if not run.is_active:
        best = {
            RESUME_BEST: Action("Resume from the best epoch, in the same run; later ones are trained again")
        }
        half = run.spec.fit.batch_size // 2
        smaller = {HALVE: Action(f"Go on in a new run with batch_size {half}, for less memory")}
        return {
            RESUME: Action("Resume from the last checkpoint, in the same run"),
            **(best if run.folder.best_checkpoint.is_file() else {}),
            **(smaller if half else {}),
        }
    rate = view.learning_rate or run.spec.fit.learning_rate
    pause = {"go-on": Action("Resume", Resume())} if view.paused else {"pause": Action("Pause", Pause())}
    return {
        **pause,
        "slower": Action(f"Learning rate × 0.3, to {rate * 0.3:.2g}", SetRate(learning_rate=rate * 0.3)),
        "faster": Action(f"Learning rate × 3, to {rate * 3:.2g}", SetRate(learning_rate=rate * 3)),
        "rate": Action("Set the learning rate …", number=RATE),
        "more": Action(f"Train {MORE} more epochs", AddEpochs(epochs=MORE)),
        "epochs": Action("Change the number of epochs …", number=EPOCHS),
        "patience": Action("Change the patience of early stopping …", number=PATIENCE),
        "save": Action("Save now", SaveNow()),
        "back": Action("Go back to the best epoch, with the learning rate × 0.3", BackToBest(factor=0.3)),
        "stop-epoch": Action("Stop after this epoch; it can be resumed", StopAfterEpoch()),
        "stop-best": Action("Stop now, keep the best epoch's weights; it can be resumed", Stop(best=True)),
        "stop": Action("Stop now, keep the last weights; it can be resumed", Stop()),
    }


def control_dialog(run: RunFollower) -> Choose:
    """Answers the short name of an action."""
    return Choose("Control the run", [(name, Text(action.words)) for name, action in actions(run).items()])


def command_for(name: str, value: float, run: RunFollower) -> AnyCommand:
    """The command for a number that was typed for this action."""
    if name == "rate":
        return SetRate(learning_rate=value)
    if name == "patience":
        return SetPatience(patience=int(value))
    return AddEpochs(epochs=int(value) - run.view.epochs)
