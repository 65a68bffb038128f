"""The rows of the table of runs: a run, or repeats of one spec folded to their mean and spread. Pure."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, stdev

from tuinn.runs.listing import ListedRun
from tuinn.text import format_bytes, format_duration, format_metric
from tuinn.view.bars import curve
from tuinn.view.run_columns import BARE_BEST, BY_NAME, RunColumn, Sizes, best_number

SPREAD = 13
"""Cells of a mean with its spread: `0.967 ±0.012`."""


@dataclass(frozen=True)
class RunRow:
    """A run; or repeats, which differ in their seed alone."""

    runs: tuple[ListedRun, ...]
    """One; of repeats all, in the order of the table."""
    is_open: bool = False
    """Its repeats stand below it."""
    is_repeat: bool = False
    """It stands below the row of its repeats."""

    @property
    def first(self) -> ListedRun:
        return self.runs[0]

    @property
    def is_group(self) -> bool:
        return len(self.runs) > 1

    @property
    def name(self) -> str:
        """The same as long as the row is about the same."""
        return self.first.known.recipe if self.is_group else self.first.name

    def text(self, column: RunColumn, sizes: Sizes) -> str:
        """What stands in this column."""
        if self.is_group:
            return _group_text(self.runs, column, sizes)
        text = column.text(self.first, sizes)
        if self.is_repeat and column.name == "run":
            seed = f"  seed {self.first.setting('seed')}"
            return f"{seed}, {text}" if self.first.annotations.title else seed
        return text


def fold(runs: Sequence[ListedRun], unfolded: Collection[str] = ()) -> list[RunRow]:
    """The rows of these runs, in their order: repeats stand where the first of them would.

    `unfolded`: recipes whose repeats stand below their row. Runs that are active, or have no result, are never folded.
    """
    groups: dict[str, list[ListedRun]] = {}
    for run in runs:
        if run.known.recipe and not run.is_active and run.summary.score is not None:
            groups.setdefault(run.known.recipe, []).append(run)
    repeats = {one.name: some for some in groups.values() if _have_other_seeds(some) for one in some}
    rows: list[RunRow] = []
    for run in runs:
        group = repeats.get(run.name)
        if group is None:
            rows.append(RunRow((run,)))
        elif run is group[0]:
            is_open = run.known.recipe in unfolded
            rows.append(RunRow(tuple(group), is_open))
            rows += [RunRow((one,), is_repeat=True) for one in group] if is_open else []
    return rows


def _have_other_seeds(runs: Sequence[ListedRun]) -> bool:
    return len({run.setting("seed") for run in runs}) > 1


def spread_text(values: Iterable[float | None], bare: bool = False) -> str:
    """The mean of some numbers and their standard deviation, `0.967 ±0.012`; what is not known is left out.

    `bare`: the mean alone.
    """
    known = [value for value in values if value is not None]
    if not known:
        return ""
    mean, spread = fmean(known), stdev(known) if len(known) > 1 else 0.0
    if bare:
        return format_metric(mean)
    if mean and not 1e-2 <= abs(mean) < 1e5:
        return f"{mean:.1e} ±{spread:.0e}"
    digits = 3 if abs(mean) < 10 else 1 if abs(mean) < 1000 else 0
    return f"{mean:.{digits}f} ±{spread:.{digits}f}"


def score_values(runs: Iterable[ListedRun]) -> list[float | None]:
    """The best value of each run."""
    return [run.summary.score[1] if run.summary.score else None for run in runs]


def _group_text(runs: Sequence[ListedRun], column: RunColumn, sizes: Sizes) -> str:
    match column.name:
        case "run":
            return f"{len(runs)}× {runs[-1].title}"
        case "best":
            spread = spread_text(score_values(runs))
            return spread if column.right else f"{spread} {short_metric(runs[0])}"
        case "last":
            return spread_text((run.summary.last_score for run in runs), bare=True)
        case "test":
            return spread_text(run.summary.test_score for run in runs)
        case "when":
            return column.text(runs[0], sizes)
        case "curve":
            return curve(_mean_curve(runs), column.width)
        case "time":
            return format_duration(fmean(run.summary.clock.seconds for run in runs))
        case "size":
            return format_bytes(sum(sizes.get(run.name, 0) for run in runs))
    texts = {column.text(run, sizes) for run in runs}
    return texts.pop() if len(texts) == 1 else "…"


def _mean_curve(runs: Sequence[ListedRun]) -> list[float | None]:
    """The mean over the runs, point by point, as far as all of them go."""
    points = zip(*(run.summary.curve for run in runs), strict=False)
    known = ([value for value in point if value is not None] for point in points)
    return [fmean(values) if values else None for values in known]


def columns_of_rows(rows: Sequence[RunRow]) -> dict[str, RunColumn]:
    """The columns that these rows need otherwise: wider ones for a spread, a bare one where one metric judges all."""
    metrics = {short_metric(run) for row in rows for run in row.runs if run.summary.score}
    best = BARE_BEST
    if len(metrics) > 1:
        longest = max(map(len, metrics)) + 1
        best = replace(
            BY_NAME["best"],
            width=7 + longest,
            text=lambda run, _: f"{best_number(run):>6} {short_metric(run)}".rstrip(),
        )
    found = {"best": best}
    if any(row.is_group for row in rows):
        found["best"] = replace(best, width=best.width + SPREAD - 7)
        found["test"] = replace(BY_NAME["test"], width=SPREAD)
    return found


def short_metric(run: ListedRun) -> str:
    """The metric that a run is judged by in few letters, mostly those that Keras takes too: `acc`, `mae`."""
    name = run.summary.score[0].removeprefix("val_") if run.summary.score else ""
    words = name.split("_")
    return "".join(word[0] for word in words) if len(words) > 2 else name.replace("accuracy", "acc")[:8]


def common_metric(runs: Iterable[ListedRun]) -> str:
    """The metric by which all of these runs are judged; empty where they differ."""
    names = {run.summary.score[0].removeprefix("val_") for run in runs if run.summary.score}
    return names.pop() if len(names) == 1 else ""
