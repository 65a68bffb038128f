"""The small questions: leave while a run is on, take a preset."""

from rich.text import Text

from tuinn.data.sources import describe
from tuinn.spec import presets
from tuinn.spec.shapes import summarise
from tuinn.ui.follower import Follower
from tuinn.ui.screens.dialogue import Choose
from tuinn.view.words import count


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


def preset_dialogue() -> Choose:
    """Answers the name of a preset."""
    return Choose("Take a ready network", [(name, _line(name)) for name in presets.PRESETS])


def _line(name: str) -> Text:
    spec = presets.PRESETS[name]()
    entry = describe(spec.dataset)
    total = summarise(spec.model, entry.facts.input_shape).total
    text = Text(f"{name:<24}", style="bold", no_wrap=True, overflow="ellipsis")
    return text.append(f"{entry.title}, {count(total)} parameters", style="not bold")
