"""How well a regression does on its test samples: the errors in the target's own unit, and the charts that show them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from tuinn.spec.dataset import DataFacts
from tuinn.text import format_count, format_number, printable
from tuinn.view.chart_model import AROUND, ChartModel, Line, Run
from tuinn.view.chart_ticks import LABEL_WIDTH, Axis, value_axis

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

Plot = Literal["scatter", "residuals", "curve"]

X_TICK = 9
"""Columns that a tick of the x axis needs."""


@dataclass(frozen=True)
class Scores:
    """Of the predictions that are finite."""

    count: int
    rmse: float
    """Root of the mean squared error, in the target's unit."""
    mae: float
    """Mean absolute error, in the target's unit."""
    r2: float | None
    """1 − squared errors / squared distances from the mean, as scikit-learn's `r2_score`; None of fewer than two samples."""


@dataclass(frozen=True)
class Regression:
    """What a network predicts for test samples beside the truth, both in the target's own unit."""

    truth: "Values"
    predicted: "Values"
    """Aligned with `truth`; may hold values that are not finite."""
    inputs: "Values | None" = None
    """The only input of each sample; None where there are several, or it is no number."""

    @cached_property
    def finite(self) -> "NDArray[np.bool_]":
        """Of each sample whether everything about it is finite."""
        import numpy as np

        known = np.isfinite(self.truth) & np.isfinite(self.predicted)
        return known if self.inputs is None else known & np.isfinite(self.inputs)

    @cached_property
    def scores(self) -> Scores | None:
        """None where no prediction is finite."""
        import numpy as np

        known = np.isfinite(self.truth) & np.isfinite(self.predicted)
        truth, errors = self.truth[known], (self.predicted - self.truth)[known]
        if not truth.size:
            return None
        squares, spread = float((errors**2).sum()), float(((truth - truth.mean()) ** 2).sum())
        # scikit-learn: where the truth never changes, 1 for predictions that are all exact, else 0.
        r2 = 1 - squares / spread if spread else float(not squares)
        return Scores(
            truth.size,
            (squares / truth.size) ** 0.5,
            float(np.abs(errors).mean()),
            r2 if truth.size > 1 else None,
        )

    @property
    def plots(self) -> tuple[Plot, ...]:
        """The charts that there are; of a single input its curve comes first."""
        return ("scatter", "residuals") if self.inputs is None else ("curve", "scatter", "residuals")

    def place(self, plot: Plot, at: int) -> tuple[float, float] | None:
        """Where sample `at` lies on a chart; None where something about it is not finite."""
        if not (at < len(self.predicted) and self.finite[at]):
            return None
        x, y = self._points(plot)
        return float(x[at]), float(y[at])

    def nearest(self, plot: Plot, x: float, y: float, chart: ChartModel) -> int | None:
        """The sample whose point lies nearest to a place on the chart."""
        import numpy as np

        if not self.finite.any():
            return None
        xs, ys = self._points(plot)
        wide, high = chart.x[1] - chart.x[0], chart.y[1] - chart.y[0]
        far = ((xs - x) / wide) ** 2 + ((ys - y) / high) ** 2
        return int(np.where(self.finite, far, np.inf).argmin())

    def _points(self, plot: Plot) -> "tuple[Values, Values]":
        """x and y of each sample."""
        if plot == "scatter":
            return self.truth, self.predicted
        if plot == "residuals":
            return self.predicted, self.predicted - self.truth
        assert self.inputs is not None
        return self.inputs, self.truth

    def chart(self, plot: Plot, size: tuple[int, int], at: int | None = None) -> ChartModel:
        """A chart for a box of (columns, rows), with the point of sample `at` marked.

        scatter: predictions over truth, and the diagonal on which they would be exact. residuals: predicted − true over
        predicted, and the line of no error. curve: the truth over the only input, and the predictions as a line.
        """
        xs, ys = (values[self.finite] for values in self._points(plot))
        if not xs.size:
            return ChartModel()
        x, y = _bounds(xs), _bounds(ys)
        if plot == "scatter":
            x = y = (min(x[0], y[0]), max(x[1], y[1]))
        elif plot == "residuals":
            y = (min(y[0], -y[1]), max(y[1], -y[0]))
        width, height = size[0] - LABEL_WIDTH - 2, size[1] - AROUND
        x_axis, y_axis = value_axis(*x, 2 * width // X_TICK), value_axis(*y, height)
        if plot == "scatter":
            x_axis = y_axis[0], x_axis[1]
        chart = _framed(x_axis, y_axis)
        line = self._line(plot, chart, width)
        points = Line("train", (_thinned(xs, ys, chart, width, height),), dots=True)
        return replace(
            chart,
            lines=(Line("validation", (line,)), points)
            if plot != "curve"
            else (points, Line("validation", (line,))),
            spot=self.place(plot, at) if at is not None else None,
            x_name=plot_axis(plot),
        )

    def _line(self, plot: Plot, chart: ChartModel, width: int) -> Run:
        """The diagonal, the line of no error, or the predictions from the least input to the largest."""
        if plot == "scatter":
            low, high = max(chart.x[0], chart.y[0]), min(chart.x[1], chart.y[1])
            return [(low, low), (high, high)]
        if plot == "residuals":
            return [(chart.x[0], 0.0), (chart.x[1], 0.0)]
        assert self.inputs is not None
        xs, ys = self.inputs[self.finite], self.predicted[self.finite]
        order = xs.argsort(kind="stable")
        order = order[:: max(len(order) // (8 * max(width, 1)), 1)]
        low, high = chart.y
        return [(float(xs[at]), min(max(float(ys[at]), low), high)) for at in order]


def error_words(regressions: Sequence[Regression], facts: DataFacts, of: str, count: int) -> str:
    """The errors of a regression over `count` samples, `of` in words; of several targets the mean R², and each one's."""
    found = [one.scores for one in regressions]
    known = [scores for scores in found if scores is not None]
    if len(known) < len(found):
        return "no prediction is finite"
    least = min(scores.count for scores in known)
    broken = f" · {format_count(count - least)} not finite" * (least < count)
    r2 = ["–" if scores.r2 is None else f"{scores.r2:.3f}" for scores in known]
    if not facts.target_names:
        (only,) = known
        return f"RMSE {format_number(only.rmse)} · MAE {format_number(only.mae)} · R² {r2[0]} · {of}{broken}"
    all_known = [scores.r2 for scores in known if scores.r2 is not None]
    mean = f"{sum(all_known) / len(known):.3f}" if len(all_known) == len(known) else "–"
    each = ", ".join(f"{printable(name)} {words}" for name, words in zip(facts.target_names, r2, strict=True))
    return f"mean R² {mean}: {each} · {of}{broken}"


def targets_words(names: Sequence[str], true: Sequence[float], said: Sequence[float | None]) -> str:
    """Each of several targets with what is true, and what is predicted where that is known."""
    words = [f"{printable(name)} {format_number(value)}" for name, value in zip(names, true, strict=True)]
    for at, value in enumerate(said):
        words[at] += "" if value is None else f", predicted {format_number(value)}"
    return " · ".join(words)


def plot_axis(plot: Plot) -> str:
    """What the x axis of a chart says, in a word."""
    return {"scatter": "true", "residuals": "pred.", "curve": "input"}[plot]


def _framed(x: Axis, y: Axis) -> ChartModel:
    inside = [(tick, label.strip()) for tick, label in x[1] if x[0][0] <= tick <= x[0][1]]
    return ChartModel(x=x[0], y=y[0], x_ticks=tuple(inside), y_ticks=tuple(y[1]))


def _bounds(values: "Values") -> tuple[float, float]:
    """Least and largest, a little apart even when all are equal."""
    low, high = float(values.min()), float(values.max())
    if high - low <= 1e-9 * max(abs(low), abs(high), 1e-9):
        pad = abs(high) * 0.1 or 0.5
        return low - pad, high + pad
    return low, high


def _thinned(xs: "Values", ys: "Values", chart: ChartModel, width: int, height: int) -> Run:
    """One point for each quarter of a cell in which there are any: as many as can be told apart."""
    import numpy as np

    (left, right), (low, high) = chart.x, chart.y
    columns, rows = max(2 * width - 1, 1), max(2 * height - 1, 1)
    across = np.rint((xs - left) / (right - left) * columns)
    down = np.rint((ys - low) / (high - low) * rows)
    places = np.unique(np.stack([across, down]), axis=1).T
    return [
        (float(left + column / columns * (right - left)), float(low + row / rows * (high - low)))
        for column, row in places
    ]
