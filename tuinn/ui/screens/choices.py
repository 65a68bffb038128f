"""The small question: leave while a run is on."""

from rich.text import Text

from tuinn.ui.follower import Follower
from tuinn.ui.screens.dialogue import Choose


def leave_dialogue(run: Follower) -> Choose:
    """Answers `keep`, `stop` or `stay`."""
    view = run.view
    where = f"in epoch {view.epoch} of {view.epochs}" if view.epoch else view.phase.value
    words = f"{run.folder.name}: {where}."
    return Choose(
        "Leave while a run is on?",
        [
            ("keep", Text("Leave, keep it running; the next tuinn offers to attach")),
            ("stop", Text("Leave, stop it and save what there is")),
            ("stay", Text("Stay")),
        ],
        words,
    )
