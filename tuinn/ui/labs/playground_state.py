"""What the playground's page holds beside the playground: the cursor, what is shown, and the rows that keys turn. No screen."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from tuinn.errors import SpecError
from tuinn.labs.playground.clouds import MOST_NOISE
from tuinn.labs.playground.features import FEATURES
from tuinn.labs.playground.network import ACTIVATIONS, LOSSES, PENALTIES, Penalty
from tuinn.labs.playground.session import MOST_LAYERS, MOST_STRENGTH, MOST_UNITS, Playground, check_rate

View = Literal["settings", "network", "code"]
Shown = Literal["training", "test", "no"]
"""Whose points lie on the surface."""

SHOWN: tuple[Shown, ...] = ("training", "test", "no")

RATES = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
BATCHES = (1, 2, 5, 10, 20, 30, 60, 120)
STRENGTHS = (0.0, 0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


@dataclass
class PlaygroundState:
    """The playground, and what is done with it."""

    play: Playground = field(default_factory=Playground)
    at: int = 0
    """The row under the cursor."""
    column: int = 0
    """In the rows of the features and of the layers: which one."""
    is_playing: bool = False
    view: View = "settings"
    shown: Shown = "training"

    @property
    def rows(self) -> Sequence["Row"]:
        """Those that apply to the data."""
        own = self.play.own is not None
        return [row for row in ROWS if row.own is None or row.own == own]

    @property
    def row(self) -> "Row":
        return self.rows[min(self.at, len(self.rows) - 1)]

    @property
    def part(self) -> int:
        """The one of the row's parts under the cursor."""
        return min(self.column, max(len(self.row.parts(self)) - 1, 0))

    def move(self, by: int) -> None:
        self.at = min(max(min(self.at, len(self.rows) - 1) + by, 0), len(self.rows) - 1)

    def move_column(self, by: int) -> None:
        self.column = min(max(self.part + by, 0), max(len(self.row.parts(self)) - 1, 0))

    def change(self, by: int) -> None:
        """Turn the value under the cursor. Raises SpecError."""
        self.row.change(self, by)

    def add_layer(self) -> None:
        self.play.add_layer()
        self._to("layers", len(self.play.settings.layers) - 1)

    def remove_layer(self) -> None:
        layers = len(self.play.settings.layers)
        self.play.remove_layer(self.part if self.row.name == "layers" else layers - 1)

    def _to(self, name: str, column: int) -> None:
        self.at = next(at for at, row in enumerate(self.rows) if row.name == name)
        self.column = column

    def turn_shown(self) -> None:
        self.shown = SHOWN[(SHOWN.index(self.shown) + 1) % len(SHOWN)]

    def turn_activation(self, by: int) -> None:
        self.play.change(activation=_next([*ACTIVATIONS], self.play.settings.activation, by))


@dataclass(frozen=True)
class Row:
    """A setting as a line."""

    name: str
    parts: Callable[[PlaygroundState], Sequence[str]]
    """What stands in the line; one, or several under a cursor of their own."""
    change: Callable[[PlaygroundState, int], None]
    type: Callable[[PlaygroundState, str], None] | None = None
    """Take what was typed. Raises SpecError. None: there is nothing to type, Enter turns it."""
    help: str = ""
    """What may be typed."""
    own: bool | None = None
    """Only for data of the user's own, or only for the clouds."""

    def is_on(self, state: PlaygroundState, part: int) -> bool:
        """Whether a part is in use."""
        return self.name != "features" or [*FEATURES][part] in state.play.settings.features


def _next(choices: Sequence[str], now: str, by: int) -> str:
    at = choices.index(now) if now in choices else 0
    return choices[(at + by) % len(choices)]


def _along(choices: Sequence[float], now: float, by: int) -> float:
    """The next larger or smaller of the choices; the last one stays."""
    if by > 0:
        return next((one for one in choices if one > now * 1.0001), max(now, choices[-1]))
    return next((one for one in reversed(choices) if one < now * 0.9999), min(now, choices[0]))


def number(text: str, least: float, most: float, what: str) -> float:
    """A typed number within bounds. Raises SpecError."""
    try:
        value = float(text.strip().rstrip("%").replace("−", "-").replace(",", "."))
    except ValueError:
        raise SpecError(f"{text.strip()[:30]!r} is no number. Type one such as {most / 2:g}.") from None
    if not least <= value <= most:
        raise SpecError(f"{what} lies between {least:g} and {most:g}, not {value:.4g}.")
    return value


def _type_rate(state: PlaygroundState, text: str) -> None:
    rate = number(text, -1e300, 1e300, "A rate")
    check_rate(rate)
    state.play.set_rate(rate)


def _type_layers(state: PlaygroundState, text: str) -> None:
    words = text.replace(",", " ").split()
    if len(words) > MOST_LAYERS:
        raise SpecError(f"{MOST_LAYERS} hidden layers are the most that have room here.")
    state.play.change(
        layers=tuple(int(number(word, 1, MOST_UNITS, "A layer's number of units")) for word in words)
    )


def _change_layers(state: PlaygroundState, by: int) -> None:
    layers = state.play.settings.layers
    if layers:
        state.play.set_units(state.part, layers[state.part] + by)
    else:
        state.add_layer()


def _change_loss(state: PlaygroundState, by: int) -> None:
    state.play.change(loss=_next(LOSSES[state.play.kind], state.play.loss, by))


def _change_penalty(state: PlaygroundState, by: int) -> None:
    now = state.play.settings.penalty
    state.play.change(penalty=Penalty(_next(PENALTIES, now.kind, by), now.strength or 0.001))


def _set_strength(state: PlaygroundState, strength: float) -> None:
    now = state.play.settings.penalty
    kind = "L2" if now.kind == "none" and strength else now.kind
    state.play.change(penalty=Penalty(kind, strength))


def _nothing(state: PlaygroundState, by: int) -> None:
    """Columns of a file are read in a thread; the page does that."""


def _column(which: str) -> Callable[[PlaygroundState], Sequence[str]]:
    return lambda state: [str(getattr(state.play.own, which, ""))]


def _data_name(state: PlaygroundState) -> Sequence[str]:
    return [state.play.own.file_name if state.play.own else state.play.settings.cloud]


ROWS = (
    Row("data", _data_name, lambda state, by: state.play.turn_cloud(by)),
    Row("x", _column("x"), _nothing, own=True),
    Row("y", _column("y"), _nothing, own=True),
    Row("target", _column("target"), _nothing, own=True),
    Row(
        "noise",
        lambda state: [f"{100 * state.play.settings.noise:.0f} %"],
        lambda state, by: state.play.set_noise(state.play.settings.noise + 0.05 * by),
        lambda state, text: state.play.set_noise(
            number(text, 0, 100 * MOST_NOISE, "The noise, in percent,") / 100
        ),
        "0 to 50 percent",
        own=False,
    ),
    Row(
        "training",
        lambda state: [f"{100 * state.play.settings.share:.0f} % of {len(state.play.points)}"],
        lambda state, by: state.play.set_share(state.play.settings.share + 0.1 * by),
        lambda state, text: state.play.set_share(number(text, 10, 90, "The share, in percent,") / 100),
        "10 to 90 percent; the rest is the test",
    ),
    Row(
        "batch",
        lambda state: [str(state.play.batch)],
        lambda state, by: state.play.change(batch=int(_along(BATCHES, state.play.settings.batch, by))),
        lambda state, text: state.play.change(batch=int(number(text, 1, 1000, "A batch"))),
        "samples of a step",
    ),
    Row(
        "features",
        lambda _: [*FEATURES],
        lambda state, _: state.play.turn_feature([*FEATURES][state.part]),
    ),
    Row(
        "layers",
        lambda state: [*map(str, state.play.settings.layers)] or ["none"],
        _change_layers,
        _type_layers,
        "units of each hidden layer, such as 8 4",
    ),
    Row(
        "activation",
        lambda state: [state.play.settings.activation],
        lambda state, by: state.turn_activation(by),
    ),
    Row("loss", lambda state: [state.play.loss], _change_loss),
    Row(
        "rate",
        lambda state: [f"{state.play.settings.rate:g}"],
        lambda state, by: state.play.set_rate(_along(RATES, state.play.settings.rate, by)),
        _type_rate,
        "how far a step goes down the gradient",
    ),
    Row("penalty", lambda state: [state.play.settings.penalty.kind], _change_penalty),
    Row(
        "strength",
        lambda state: [f"{state.play.settings.penalty.strength:g}"],
        lambda state, by: _set_strength(state, _along(STRENGTHS, state.play.settings.penalty.strength, by)),
        lambda state, text: _set_strength(state, number(text, 0, MOST_STRENGTH, "The strength of a penalty")),
        "of the penalty",
    ),
    Row(
        "seed",
        lambda state: [str(state.play.settings.seed)],
        lambda state, by: state.play.change(seed=max(state.play.settings.seed + by, 0)),
        lambda state, text: state.play.change(seed=int(number(text, 0, 2**31, "A seed"))),
        "of the points and of the first weights",
    ),
)
