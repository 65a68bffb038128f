"""The playground in use: its settings, its points and its network, and training in slices that end in time."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tuinn.errors import SpecError
from tuinn.labs.playground.clouds import CLOUDS, EXTENT, MOST_NOISE, Array
from tuinn.labs.playground.features import FEATURES, features_of
from tuinn.labs.playground.network import LOSSES, Kind, Network, Penalty
from tuinn.labs.playground.own_data import OwnData
from tuinn.text import format_number

Indices = NDArray[np.int64]

COUNT = 240
"""Points of a cloud."""

SIDE = 40
"""The surface is drawn with SIDE × SIDE points."""

MOST_LAYERS, MOST_UNITS = 6, 8
LEAST_RATE, MOST_RATE = 1e-6, 100.0
MOST_STRENGTH = 10.0
MOST_HISTORY = 1000
"""Epochs whose losses are kept; of more, every second goes."""


NO_PENALTY = Penalty()


@dataclass(frozen=True)
class Settings:
    """What the user can turn."""

    cloud: str = "circle"
    noise: float = 0.0
    """0 to MOST_NOISE."""
    share: float = 0.5
    """Of the points, that are trained on."""
    batch: int = 10
    features: tuple[str, ...] = ("x", "y")
    layers: tuple[int, ...] = (4, 2)
    """Units of each hidden layer."""
    activation: str = "tanh"
    loss: str = ""
    """Empty: the usual one for the data."""
    rate: float = 0.03
    penalty: Penalty = NO_PENALTY
    seed: int = 1

    @property
    def is_fresh_needed(self) -> tuple[object, ...]:
        """What the network and the points are made of: with another of these it begins anew."""
        return (
            self.cloud,
            self.noise,
            self.share,
            self.features,
            self.layers,
            self.activation,
            self.loss,
            self.seed,
        )


def check_rate(rate: float) -> None:
    """Raises SpecError for a rate with which nothing can be learned."""
    if rate == 0:
        raise SpecError("With a rate of 0 no step changes anything. Take one such as 0.03.")
    if not LEAST_RATE <= rate <= MOST_RATE:
        raise SpecError(
            f"A rate is a number between {LEAST_RATE:g} and {MOST_RATE:g}, not {format_number(rate)}."
        )


@dataclass
class History:
    """The losses after each epoch."""

    epochs: list[int] = field(default_factory=list)
    train: list[float] = field(default_factory=list)
    test: list[float] = field(default_factory=list)

    def add(self, epoch: int, train: float, test: float) -> None:
        for values, value in ((self.epochs, epoch), (self.train, train), (self.test, test)):
            values.append(value)  # type: ignore[arg-type]
        if len(self.epochs) > MOST_HISTORY:
            for values in (self.epochs, self.train, self.test):
                del values[1:-1:2]


class Playground:
    """Change `settings` with `change`; train with `train`."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.settings = settings or Settings()
        self.own: OwnData | None = None
        """In use while `settings.cloud` is its file's name."""
        self.begin()

    # ---------------------------------------------------------------------------------------------- the data

    @property
    def kind(self) -> Kind:
        if self.own is not None:
            return "number" if not self.own.classes else "binary" if len(self.own.classes) == 2 else "classes"
        return "number" if CLOUDS[self.settings.cloud].is_regression else "binary"

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes; empty for a number."""
        if self.own is not None:
            return self.own.classes
        return () if self.kind == "number" else ("0", "1")

    @property
    def loss(self) -> str:
        """The one in use."""
        fitting = LOSSES[self.kind]
        return self.settings.loss if self.settings.loss in fitting else fitting[0]

    @property
    def words(self) -> str:
        """What the data are about."""
        if self.own is not None:
            return f"{self.own.target} from {self.own.x} and {self.own.y}, each stretched onto the plane."
        return CLOUDS[self.settings.cloud].words

    def begin(self) -> None:
        """Make points and network anew."""
        settings, rng = self.settings, np.random.default_rng(self.settings.seed)
        if self.own is not None:
            self.points, self.values = self.own.points, self.own.values
        else:
            self.points, self.values = CLOUDS[settings.cloud].make(COUNT, settings.noise, rng)
        order = rng.permutation(len(self.points))
        first = min(max(round(settings.share * len(order)), 1), len(order) - 1)
        self.train_at, self.test_at = order[:first], order[first:]
        inputs, targets = features_of(self.points, settings.features), self._targets()
        self.x, self.y = inputs[self.train_at], targets[self.train_at]
        self.x_test, self.y_test = inputs[self.test_at], targets[self.test_at]
        self.network = Network.of(
            len(settings.features),
            settings.layers,
            targets.shape[1],
            settings.activation,
            self.kind,
            settings.seed,
        )
        self.grid = features_of(plane_points(), settings.features)
        self.epoch, self.history, self.rng = 0, History(), rng
        self._batches: list[Indices] = []
        self._kept = self.network.copy()
        self._note()

    def _targets(self) -> Array:
        if self.kind == "classes":
            return np.asarray(np.eye(len(self.classes))[self.values.astype(int)])
        return self.values[:, None]

    # ------------------------------------------------------------------------------------------------ training

    @property
    def batch(self) -> int:
        """Samples of a step: never more than there are."""
        return min(self.settings.batch, len(self.x))

    @property
    def losses(self) -> tuple[float, float]:
        """On the points for training and on those for the test, after the newest epoch."""
        return self.history.train[-1], self.history.test[-1]

    def train(self, epochs: int, seconds: float, clock: Callable[[], float] = time.perf_counter) -> int:
        """Train until so many epochs have ended, or the time is over; return how many ended.

        Raises SpecError where the weights leave all bounds; they are then those of the last epoch that ended.
        """
        end, ended = clock() + seconds, 0
        with np.errstate(all="ignore"):
            while ended < epochs:
                if not self._batches:
                    order = self.rng.permutation(len(self.x))
                    self._batches = np.array_split(order, range(self.batch, len(order), self.batch))[::-1]
                at = self._batches.pop()
                settings = self.settings
                self.network.step(self.x[at], self.y[at], self.loss, settings.penalty, settings.rate)
                if not self._batches:
                    self._end_epoch()
                    ended += 1
                if clock() >= end:
                    break
            if not self.network.is_finite:
                self._take_back()
        return ended

    def _end_epoch(self) -> None:
        if not self.network.is_finite:
            self._take_back()
        self.epoch += 1
        self._note()
        if not np.isfinite(self.losses).all():
            self._take_back()
        self._kept = self.network.copy()

    def _take_back(self) -> None:
        self.network, self._batches = self._kept.copy(), []
        raise SpecError(
            f"The weights grow beyond all bounds in epoch {self.epoch + 1:,}: a rate of {self.settings.rate:g} is too large "
            "here. Take a smaller one, and begin anew with 0."
        )

    def _note(self) -> None:
        train = self.network.loss(self.x, self.y, self.loss)
        test = self.network.loss(self.x_test, self.y_test, self.loss)
        if np.isfinite((train, test)).all():
            self.history.add(self.epoch, train, test)

    @property
    def accuracy(self) -> float | None:
        """The share of the test points that is told right; None for a number."""
        if self.kind == "number":
            return None
        output = self.network.layers(self.x_test)[-1]
        if self.kind == "binary":
            return float(((output > 0.5) == (self.y_test > 0.5)).mean())
        return float((output.argmax(axis=1) == self.y_test.argmax(axis=1)).mean())

    # ------------------------------------------------------------------------------------------------ surfaces

    def surfaces(self) -> list[Array]:
        """What each layer gives all over the plane: the features first, the output last; (SIDE, SIDE, units), y downwards."""
        with np.errstate(all="ignore"):
            return [
                np.nan_to_num(values.reshape(SIDE, SIDE, -1), nan=0.0)
                for values in self.network.layers(self.grid)
            ]

    # ------------------------------------------------------------------------------------------------ settings

    def change(self, **changes: object) -> None:
        """Take these settings; where points or network depend on them, begin anew."""
        before, self.settings = self.settings, replace(self.settings, **changes)  # type: ignore[arg-type]
        if "cloud" in changes:
            self.own = None
        if "cloud" in changes or before.is_fresh_needed != self.settings.is_fresh_needed:
            self.begin()

    def take(self, own: OwnData) -> None:
        """Learn these points of the user's own."""
        self.own = own
        self.begin()

    def turn_cloud(self, by: int) -> None:
        names = list(CLOUDS)
        at = names.index(self.settings.cloud) + by if self.own is None else 0
        self.change(cloud=names[at % len(names)])

    def turn_feature(self, name: str) -> None:
        """Switch a feature on or off. Raises SpecError for the last one."""
        used = self.settings.features
        kept = tuple(one for one in FEATURES if (one in used) != (one == name))
        if not kept:
            raise SpecError("A network needs at least one feature. Switch another one on first.")
        self.change(features=kept)

    def set_units(self, layer: int, units: int) -> None:
        """Give a hidden layer, counted from 0, so many units, within bounds."""
        layers = list(self.settings.layers)
        layers[layer] = min(max(units, 1), MOST_UNITS)
        self.change(layers=tuple(layers))

    def add_layer(self) -> None:
        """Add a hidden layer like the last one. Raises SpecError."""
        layers = self.settings.layers
        if len(layers) == MOST_LAYERS:
            raise SpecError(f"{MOST_LAYERS} hidden layers are the most that have room here.")
        self.change(layers=(*layers, layers[-1] if layers else 4))

    def remove_layer(self, layer: int) -> None:
        """Remove a hidden layer, counted from 0. Raises SpecError where there is none."""
        layers = list(self.settings.layers)
        if not layers:
            raise SpecError("There is no hidden layer to remove; n adds one.")
        del layers[min(layer, len(layers) - 1)]
        self.change(layers=tuple(layers))

    def set_noise(self, noise: float) -> None:
        self.change(noise=round(min(max(noise, 0.0), MOST_NOISE), 2))

    def set_share(self, share: float) -> None:
        self.change(share=round(min(max(share, 0.1), 0.9), 2))

    def set_rate(self, rate: float) -> None:
        """Raises SpecError for one with which nothing is learned."""
        check_rate(rate)
        self.change(rate=rate)


def plane_points() -> Array:
    """Return the middles of SIDE × SIDE squares that cover the plane, row by row from the top: (SIDE², 2)."""
    steps = (np.arange(SIDE) + 0.5) / SIDE * 2 * EXTENT - EXTENT
    x, y = np.meshgrid(steps, -steps)
    return np.stack([x.ravel(), y.ravel()], axis=1)


def pixels_of(points: Array) -> tuple[Indices, Indices]:
    """Return row and column of each point; outside 0..SIDE-1 for one that is beside the surface."""
    at = np.floor((points + EXTENT) / (2 * EXTENT) * SIDE).astype(int)
    return SIDE - 1 - at[:, 1], at[:, 0]
