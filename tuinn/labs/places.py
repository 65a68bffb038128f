"""Where a step of a lesson may lead: places of the workbench, and the lab pages. A step names one as its `screen`."""

from collections.abc import Mapping
from dataclasses import dataclass, field

OPENED, TRAINED = "opened", "trained"
"""A step is done once its screen was opened, or once a run that was started from it has finished. Lab pages have more."""


@dataclass(frozen=True)
class Place:
    """A screen, a pane or a dialog of the workbench."""

    words: str
    """What it is, as a lesson would call it."""
    keys: str
    """The keys that lead there from the workbench, one after another."""
    needs_run: bool = False
    """It shows a trained network: a run of the lesson is shown there."""


@dataclass(frozen=True)
class Page:
    """A screen of its own with a lab. The screen itself is in `tuinn/ui/labs/`, under the same name."""

    title: str
    about: str
    """One line."""
    goals: Mapping[str, str] = field(default_factory=dict)
    """What a step may demand to be done there, by its word → what that is, as in "… to finish the step"."""


WORKBENCH: dict[str, Place] = {
    "dataset": Place("the list of datasets", "1"),
    "viewer": Place("the dataset viewer", "1 v"),
    "open": Place("data of your own, by their path", "1 o"),
    "layers": Place("the layers", "2"),
    "type": Place("layers as lines, or Keras code", "2 i"),
    "presets": Place("the ready networks", "w"),
    "summary": Place("the summary", "3"),
    "fit": Place("the settings of the training", "t"),
    "charts": Place("the charts", "4"),
    "updates": Place("one update, one epoch", "4 U", needs_run=True),
    "batches": Place("one batch after another", "4 B"),
    "history": Place("every epoch's metrics", "4 H", needs_run=True),
    "predict": Place("the predictions", "5", needs_run=True),
    "confusion": Place("the confusion matrix", "5 c", needs_run=True),
    "gallery": Place("the gallery of test samples", "5 g", needs_run=True),
    "report": Place("the report on the test set", "5 e", needs_run=True),
    "own": Place("a sample of your own", "5 o", needs_run=True),
    "lens": Place("the inside of the network", "5 i", needs_run=True),
    "calibration": Place("the calibration", "5 %", needs_run=True),
    "export": Place("the export of the network", "5 S", needs_run=True),
    "doctor": Place("the doctor", "4 D", needs_run=True),
    "runs": Place("the table of runs", "l"),
    "sweep": Place("the sweeps", "R"),
}
"""Places of the workbench, by the word for them in a lesson."""

PAGES: dict[str, Page] = {
    "neuron": Page(
        "One neuron, two neurons",
        "activation functions, neurons by hand, and gradient descent that finds their weights",
        {
            "changed": "change a weight",
            "function": "change a or c of an activation function",
            "close": "get the mean squared error below 0.003",
            "fitted": "take 100 steps of gradient descent",
            "keras": "look at the same network in Keras",
        },
    ),
    "descent": Page(
        "Gradient descent",
        "A tangent, the chain rule with its numbers, and what SGD, momentum, RMSprop and Adam make of a loss: rates too small, good and "
        "too large. What GradientTape gives.",
        {
            "tangent": "move the tangent",
            "chain": "change an input of the chain",
            "good": "take ten steps with a good rate",
            "large": "see a rate that is too large",
            "compared": "let all four optimizers take 30 steps",
            "tape": "look at what GradientTape gives",
        },
    ),
    "geometry": Page(
        "Geometry of layers",
        "translation, rotation, scaling and affine maps of points; a chain of them is one, until ReLU comes between",
        {
            "changed": "change a map",
            "chain": "add a map to the chain",
            "relu": "switch ReLU on between the maps",
        },
    ),
    "playground": Page(
        "Playground",
        "A small network on points of the plane: switch features on, add layers and units, and watch its surface as it trains. "
        "Two columns of your own CSV, too.",
        {
            "epochs": "train 100 epochs",
            "good": "tell 95 % of the test points right",
            "keras": "look at the same in Keras",
        },
    ),
    "tensors": Page(
        "Tensors",
        "NumPy expressions over a dataset and over one picture: shape, rule, numbers, picture",
        {
            "evaluated": "compute an expression",
            "rank5": "compute a tensor of rank 5",
            "picture": "compute a picture",
            "photo": "open a picture of your own",
        },
    ),
}
"""Lab pages, by the word for them in a lesson and in `tuinn lab NAME`; in the order in which they are shown."""


def screens() -> list[str]:
    """Every word that a step may have as its `screen`."""
    return [*WORKBENCH, *PAGES]


def goals_of(screen: str) -> list[str]:
    """What `done` may be in a step that leads there."""
    if screen in PAGES:
        return [OPENED, *PAGES[screen].goals]
    return [OPENED, TRAINED]
