"""The playground as text: its settings, and what one sees."""

from rich.text import Text

from tuinn.text import format_metric, printable, shorten
from tuinn.ui.labs.playground_state import PlaygroundState

NAME = 11
"""Cells of a setting's name."""

RISE = 1.1
"""How much larger than its least the test loss is, where the network overfits."""


def settings_lines(state: PlaygroundState, accent: str, width: int) -> Text:
    """A line a setting; the part under the cursor is marked."""
    lines = []
    for row in state.rows:
        here = row is state.row
        line = (
            Text().append("▸" if here else " ", accent).append(f"{row.name:<{NAME}}", "bold" if here else "")
        )
        for part, words in enumerate(row.parts(state)):
            shown = printable(shorten(words, max(width - NAME - 2, 4)))
            under = here and part == state.part
            style = f"reverse {accent}" if under else "bold" if row.is_on(state, part) else "dim"
            if row.name == "features" and row.is_on(state, part):
                style += " underline"
            line.append(shown, style).append(" ")
        lines.append(line)
    return Text("\n").join(lines)


def hint(state: PlaygroundState) -> str:
    """What one sees, and what to try."""
    play = state.play
    train, test = play.losses
    if not play.epoch:
        return (
            "Space trains, g takes one epoch. The points are those for training; e shows those for the test."
        )
    least = min(play.history.test)
    if play.epoch > 50 and test > RISE * least and test > RISE * train:
        return (
            f"The test loss was {format_metric(least)} and rises while that of training falls: the network learns the "
            "noise. Try a penalty, fewer units, or more training points."
        )
    if not play.settings.layers and play.settings.features == ("x", "y"):
        return "Without a hidden layer the border is a straight line, whatever is learned."
    if play.settings.activation == "linear" and play.settings.layers:
        return "Linear layers in a row are one linear layer: the border stays as simple as the features."
    return "Colour is what the network says, fainter where it is not sure. Thick lines are large weights, by colour their sign."
