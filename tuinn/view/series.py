"""A line for a chart: bounded in memory, and a spike once in it stays in it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

Point = tuple[float, float | None]
"""x, and y or None where the value was not finite."""


@dataclass
class Series:
    """Points in the order they came. Past `limit` half of the points go, never the extremes or the ends."""

    limit: int = 4000
    points: list[Point] = field(default_factory=list)

    def add(self, x: float, y: float | None) -> None:
        self.points.append((x, y))
        if len(self.points) > self.limit:
            self.points = [self.points[0], *_halve(self.points[1:-1]), self.points[-1]]

    def __bool__(self) -> bool:
        return bool(self.points)

    def last(self) -> float | None:
        """The newest finite value, or None."""
        return next((y for _, y in reversed(self.points) if y is not None), None)

    def reaches(self, other: "Series") -> bool:
        """Whether it goes as far as the other."""
        return bool(self) and (not other or self.points[-1][0] >= other.points[-1][0])

    def finite_runs(self) -> list[list[tuple[float, float]]]:
        """The stretches without a gap, each to be drawn as a line of its own."""
        return [
            [(x, y) for x, y in run if y is not None]
            for whole, run in groupby(self.points, key=lambda point: point[1] is not None)
            if whole
        ]

    def gaps(self) -> list[float]:
        """x of every value that was not finite."""
        return [x for x, y in self.points if y is None]


def decimate(points: list[tuple[float, float]], columns: int) -> list[tuple[float, float]]:
    """Return at most 2 × columns + 2 points that draw the same picture: both ends, and each column's lowest and highest."""
    if len(points) <= 2 * columns or columns < 1:
        return points
    low, high = points[0][0], points[-1][0]
    width = (high - low) / columns or 1.0
    grouped = groupby(points, key=lambda point: min(int((point[0] - low) / width), columns - 1))
    kept = [point for _, group in grouped for point in _extremes(list(group))]
    first = [] if kept[0] == points[0] else [points[0]]
    last = [] if kept[-1] == points[-1] else [points[-1]]
    return [*first, *kept, *last]


def _halve(points: list[Point]) -> Iterator[Point]:
    """Of each four the lowest and the highest, and the first that was not finite, in their order."""
    for start in range(0, len(points), 4):
        bucket = points[start : start + 4]
        values = [y for _, y in bucket]
        if None in values or len(values) < 4:
            finite = [(x, y) for x, y in bucket if y is not None]
            yield from _extremes(finite)
            yield from next(([point] for point in bucket if point[1] is None), [])
            continue
        low, high = values.index(min(values)), values.index(max(values))  # type: ignore[type-var]
        if low > high:
            low, high = high, low
        yield bucket[low]
        # Four alike are kept as a line from the first to the last.
        yield bucket[high if high > low else 3]


def _extremes(points: list[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    if len(points) < 3:
        return points
    low, high = min(points, key=lambda p: p[1]), max(points, key=lambda p: p[1])
    return sorted((low, high), key=lambda point: point[0])
