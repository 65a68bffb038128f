"""The lines around a test sample: which one it is, and how good the network is; shorter where there is little room."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.text import Text

from tuinn.runs.decision import Decision
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.training.outputs import Outputs, numbers_words, predicted_classes
from tuinn.text import format_count, plural, printable
from tuinn.ui.widgets.cell_lines import in_clauses
from tuinn.ui.workbench.panes.test_samples import Only, TestSamples, listed, sample_index

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tuinn.ui.dialogs.dialog import TextDialog

NOT_FINITE = "the outputs are not finite"


@dataclass(frozen=True)
class OwnAnswer:
    """What the network says of a sample of the user's own."""

    title: str
    """Of the sample, such as the name of its file."""
    facts: DataFacts
    outputs: Outputs
    """None yet, or none at all: empty."""
    words: str | Text = ""
    """The text, or the row; empty of a picture."""
    pixels: "NDArray[np.float32] | None" = None
    """In 0..1, height × width (× 3), as the network got them; None where it is no picture."""
    steps: str = ""
    """How it was prepared; or why there is no prediction."""
    is_awaited: bool = False
    """The network was asked, and has not answered yet."""


def answer_head(answer: OwnAnswer, thresholds: Sequence[float] = ()) -> Text:
    """What the sample is called, and what the network says of it."""
    text, facts = Text(printable(answer.title)), answer.facts
    chosen = predicted_classes(answer.outputs, facts, thresholds)
    if not answer.outputs:
        return text.append(
            " · waiting for the network…" if answer.is_awaited else " · no prediction", style="dim"
        )
    if facts.task is Task.REGRESSION and any(value is not None for value in answer.outputs):
        return text.append(f" · {numbers_words(answer.outputs, facts)}", style="bold")
    if chosen is not None:
        return text.append(f" · {listed([facts.classes[label] for label in chosen])}", style="bold")
    return text.append(f" · {NOT_FINITE}")


def number_dialog(count: int) -> "TextDialog":
    """Asks for the number of one of `count` samples."""
    from tuinn.ui.dialogs.dialog import TextDialog

    allowed = f"a number from 1 to {format_count(count)}"

    def check(text: str) -> str:
        return "" if sample_index(text, count) is not None else f"It is {allowed}."

    heading, hint = f"Go to test sample 1 … {format_count(count)}", f"{allowed}; x_test[0] is number 1"
    return TextDialog(heading, "", hint, check, "Enter goes there · Esc goes back")


def place_words(samples: TestSamples, at: int, only: Only) -> str:
    """The number of sample `at` in the test set, and its place among those that are walked over: `#7 · 3 of 29`."""
    chosen = samples.among(only)
    if chosen is None:
        return f"#{at + 1} of {format_count(samples.count)}"
    place = int(chosen.searchsorted(at)) + 1
    return f"#{at + 1} · {format_count(place)} of {format_count(len(chosen))}"


def sample_head(
    samples: TestSamples, at: int, only: Only, colours: Mapping[str, str], is_reading: bool
) -> Text:
    """Which sample it is, and what is predicted and true; or why nothing is predicted."""
    text = Text(place_words(samples, at, only))
    right, words = samples.verdict(at)
    if right is not None:
        verdict, colour = (" ✓ right", "success") if right else (" ✗ wrong", "error")
        text.append(verdict, style=f"bold {colours[colour]}")
    text.append(f" · {words}", style="bold" if right or "predicted" in words else "")
    if samples.is_predicted(at):
        return text
    if samples.outputs is None:
        why = "reading…" if is_reading else "not trained yet"
    else:
        why = NOT_FINITE if at < samples.predicted_count else "not predicted yet"
    return text.append(f" · {why}", style="dim")


def only_words(samples: TestSamples, only: Only) -> str:
    """Which samples are walked over, how many they are, and the way back; empty where all are."""
    chosen = samples.among(only)
    if only == "all" or chosen is None:
        return ""
    if only == "mistakes":
        return f"only mistakes ({format_count(len(chosen))}) · m all again"
    true, said = (printable(samples.facts.classes[label]) for label in only)
    return f"{plural(len(chosen), 'sample')} of {true} predicted as {said} · m all again"


def foot_clauses(samples: TestSamples, only: Only, decision: Decision | None = None) -> list[str]:
    """What may stand at the foot, the whole first, then ever shorter."""
    if not samples.epoch:
        return [""]
    walked, score = only_words(samples, only), samples.score_words
    decided = printable(decision.words(samples.facts)) if decision else ""
    choices = [
        (walked, f"epoch {samples.epoch}", score, decided),
        (walked, score, decided),
        (walked, score),
        (walked,) if walked else (score,),
    ]
    return [" · ".join(filter(None, parts)) for parts in choices]


def fitting(choices: Sequence[str], width: int, rows: int = 1) -> Text:
    """The first of these that has room in rows of `width` cells, broken between its clauses; else the last."""
    broken = [in_clauses(Text(words, style="dim"), width) for words in choices]
    for text in broken:
        lines = text.split("\n")
        if len(lines) <= rows and all(line.cell_len <= width for line in lines):
            return text
    return broken[-1] if rows > 1 else Text(choices[-1], style="dim")
