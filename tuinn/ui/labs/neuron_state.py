"""What the lab of the neurons holds, and what its keys do to that. No screen."""

from dataclasses import dataclass, field
from typing import Literal

from tuinn.errors import SpecError
from tuinn.labs import neuron
from tuinn.labs.csv_columns import number_columns, onto
from tuinn.labs.neuron import ACTIVATIONS, TARGETS, Activation, Fit, Target, Weights

View = Literal["network", "function", "keras"]

COLUMNS = ("w", "b", "out")

STEP = 0.1
"""By how much a key changes a weight."""

LEAST_A, MOST_A = 0.1, 20.0
"""What a may be: a width."""

CLOSE, MANY = 0.003, 100
"""The error and the steps at which a step of a lesson is done."""


def wide_bump() -> Weights:
    """The two neurons with w = ±4: the error is 0.0021."""
    weights = neuron.two_neurons()
    return Weights(2 * weights.w, weights.b, weights.out, weights.bias)


EXAMPLES = (neuron.one_neuron, neuron.two_neurons, wide_bump)


@dataclass
class NeuronState:
    """The network, its target, the descent, and where the cursor is."""

    weights: Weights = field(default_factory=neuron.two_neurons)
    at_activation: int = 0
    target: Target = field(default_factory=lambda: neuron.target(next(iter(TARGETS))))
    fit: Fit = field(default_factory=Fit)
    view: View = "network"
    row: int = 0
    """In the view of the network: a neuron, then the bias, then the rate. In that of the function: a, then c."""
    column: int = 0
    """Of a neuron: w, b, out."""
    a: float = 1.0
    c: float = 0.0
    at_example: int = 1
    is_playing: bool = False

    @property
    def activation(self) -> Activation:
        return ACTIVATIONS[self.at_activation]

    @property
    def rows(self) -> int:
        """Rows of the view that is shown."""
        return 2 if self.view == "function" else self.weights.count + 2

    @property
    def name(self) -> str:
        """Of the value under the cursor."""
        if self.view == "function":
            return ("a", "c")[self.row]
        if self.row == self.weights.count:
            return "bias"
        return "rate" if self.row > self.weights.count else f"{COLUMNS[self.column]} of neuron {self.row + 1}"

    @property
    def value(self) -> float:
        """Under the cursor."""
        if self.view == "function":
            return (self.a, self.c)[self.row]
        if self.row > self.weights.count:
            return self.fit.rate
        return self.weights.get(self.row, COLUMNS[self.column])

    @property
    def error(self) -> float:
        return neuron.error(self.weights, self.activation, self.target)

    # ---------------------------------------------------------------------------------------------- changing

    def check(self, value: float) -> None:
        """Raise SpecError for what the value under the cursor can't be."""
        if self.view == "function" and self.row == 0:
            if not LEAST_A <= value <= MOST_A:
                raise SpecError(
                    f"a is the width of the step: from {LEAST_A:g} to {MOST_A:g}, not {value:.4g}."
                )
        elif self.view != "function" and self.row > self.weights.count:
            neuron.check_rate(value)
        else:
            neuron.check_weight(value)

    def put(self, value: float) -> None:
        """Make this the value under the cursor. Raises SpecError for one that it can't be."""
        self.check(value)
        if self.view == "function":
            self.a, self.c = (value, self.c) if self.row == 0 else (self.a, value)
        elif self.row > self.weights.count:
            self.fit.rate = value
        else:
            self.weights = self.weights.put(self.row, COLUMNS[self.column], value)
            self.fit.forget()
            self.is_playing = False

    def change(self, by: int) -> None:
        """Make the value so many steps larger; a rate is doubled or halved, or ten times as large. Raises SpecError."""
        if self.view != "function" and self.row > self.weights.count:
            factor = abs(by) if abs(by) > 1 else 2
            value = self.fit.rate * factor if by > 0 else self.fit.rate / factor
            self.put(min(max(value, neuron.LEAST_RATE), neuron.MOST_RATE))
        elif self.view == "function" and self.row == 0:
            self.put(min(max(round(self.a + by * STEP, 10), LEAST_A), MOST_A))
        else:
            self.put(round(self.value + by * STEP, 10))

    def type(self, text: str) -> None:
        """Take a value that was typed. Raises SpecError for what is no number, or none that it can be."""
        self.put(number(text))

    def move(self, by: int) -> None:
        self.row = min(max(self.row + by, 0), self.rows - 1)

    def move_column(self, by: int) -> None:
        self.column = min(max(self.column + by, 0), len(COLUMNS) - 1)

    def show(self, view: View) -> None:
        self.view = view
        self.row = min(self.row, self.rows - 1)

    def add(self) -> None:
        """One more neuron, under the cursor. Raises SpecError."""
        self._replace(self.weights.added())
        self.row = self.weights.count - 1

    def remove(self) -> None:
        """The neuron under the cursor. Raises SpecError."""
        self._replace(self.weights.removed(self.row))
        self.row = min(self.row, self.rows - 1)

    def turn_activation(self, by: int) -> None:
        self.at_activation = (self.at_activation + by) % len(ACTIVATIONS)
        self.fit.forget()

    def turn_target(self) -> None:
        names = list(TARGETS)
        at = names.index(self.target.name) + 1 if self.target.name in names else 0
        self.target = neuron.target(names[at % len(names)])
        self.fit.forget()

    def turn_example(self) -> None:
        self.at_example = (self.at_example + 1) % len(EXAMPLES)
        self._replace(EXAMPLES[self.at_example]())
        self.row = min(self.row, self.rows - 1)

    def _replace(self, weights: Weights) -> None:
        self.weights, self.is_playing = weights, False
        self.fit.forget()

    # ------------------------------------------------------------------------------------------------ descent

    def steps(self, count: int) -> None:
        """So many steps of gradient descent. Raises SpecError where the rate is too large; then it stops."""
        try:
            self.weights = self.fit.run(self.weights, self.activation, self.target, count)
        except SpecError:
            self.is_playing = False
            raise

    def reset(self) -> None:
        """The weights from before the first step; where there was none, those of the lesson."""
        self._replace(self.fit.start or EXAMPLES[self.at_example]())
        self.row = min(self.row, self.rows - 1)


def number(text: str) -> float:
    """A typed number. Raises SpecError for anything else."""
    try:
        return float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        raise SpecError(f"{text.strip()[:30]!r} is no number. Type one such as 2 or -0.5.") from None


def own_target(text: str) -> Target:
    """Two columns of a CSV, as `PATH` or `PATH X Y`, x stretched onto −5 to 5 and y onto 0 to 1. Reads the file.

    Raises SpecError.
    """
    path, names = text.strip(), []
    words = path.rsplit(maxsplit=2)
    if len(words) == 3 and words[0].endswith((".csv", ".tsv", ".gz")):
        path, names = words[0], words[1:]
    columns = number_columns(path, names)
    (x_name, x), (y_name, y) = columns.items()
    order = x.argsort(kind="stable")
    note = f"{x_name} from {x.min():g} to {x.max():g} lies on −5 to 5, {y_name} from {y.min():g} to {y.max():g} on 0 to 1."
    return Target(f"{y_name} by {x_name}", onto(x, -5.0, 5.0)[order], onto(y, 0.0, 1.0)[order], True, note)
