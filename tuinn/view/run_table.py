"""The table of runs: its columns, which of them have room, what a word finds, and the order. Pure."""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tuinn.runs.listing import ListedRun
from tuinn.runs.process_folder import is_drawn_name
from tuinn.spec.training.metrics import higher_is_better
from tuinn.text import format_bytes, format_duration, format_metric, format_short_count, printable

SPACIOUS = 100
"""Cells from which on columns stand two spaces apart."""

Sizes = dict[str, int]
"""Bytes on disk by a run's name; what isn't known yet is missing."""


@dataclass(frozen=True)
class RunColumn:
    """A column: what stands in it, and by what it is sorted. None sorts last, whichever way."""

    name: str
    """As it stands in the head, and as `--sort` takes it."""
    width: int
    """Cells; what is longer is cut."""
    text: Callable[[ListedRun, Sizes], str]
    key: Callable[[ListedRun, Sizes], Any]
    falls: bool = False
    """Sorted with the largest first."""
    right: bool = False


def shown_state(run: ListedRun) -> str:
    """The state in a word for a person: a pause is told apart, and who answers questions has ended all the same."""
    if run.is_active and run.summary.paused:
        return "paused"
    return run.summary.outcome or run.state_word


def _best(run: ListedRun) -> str:
    if run.summary.score is None:
        return ""
    name, value = run.summary.score
    return f"{format_metric(value)} {name.removeprefix('val_')}"


def _best_key(run: ListedRun) -> tuple[str, float] | None:
    """By metric, and within one the better first."""
    name, value = run.summary.score or ("", None)
    if value is None:
        return None
    return name.removeprefix("val_"), -value if higher_is_better(name) else value


def _when(run: ListedRun) -> str:
    if not run.made:
        return ""
    made = time.localtime(run.made)
    this_year = made.tm_year == time.localtime().tm_year
    return time.strftime("%d %b %H:%M" if this_year else "%Y-%m-%d", made)


COLUMNS: tuple[RunColumn, ...] = (
    RunColumn("state", 8, lambda run, _: shown_state(run), lambda run, _: shown_state(run)),
    RunColumn("run", 30, lambda run, _: run.title, lambda run, _: run.title.lower()),
    RunColumn("dataset", 12, lambda run, _: run.known.dataset, lambda run, _: run.known.dataset or None),
    RunColumn("network", 20, lambda run, _: run.known.network, lambda run, _: run.known.network or None),
    RunColumn("best", 15, lambda run, _: _best(run), lambda run, _: _best_key(run)),
    RunColumn(
        "epochs",
        7,
        lambda run, _: f"{run.summary.done}/{run.epochs}" if run.epochs else "",
        lambda run, _: run.summary.done,
        falls=True,
        right=True,
    ),
    RunColumn(
        "time",
        9,
        lambda run, _: format_duration(run.summary.clock.seconds) if run.summary.clock.seconds else "",
        lambda run, _: run.summary.clock.seconds or None,
        falls=True,
        right=True,
    ),
    RunColumn("when", 12, lambda run, _: _when(run), lambda run, _: run.made, falls=True),
    RunColumn(
        "size",
        8,
        lambda run, sizes: format_bytes(sizes[run.name]) if run.name in sizes else "",
        lambda run, sizes: sizes.get(run.name),
        falls=True,
        right=True,
    ),
    RunColumn(
        "params",
        7,
        lambda run, _: format_short_count(run.summary.parameters) if run.summary.parameters else "",
        lambda run, _: run.summary.parameters or None,
        falls=True,
        right=True,
    ),
    RunColumn("device", 12, lambda run, _: run.summary.device, lambda run, _: run.summary.device or None),
    RunColumn(
        "tags",
        16,
        lambda run, _: " ".join(f"#{tag}" for tag in run.annotations.tags),
        lambda run, _: run.annotations.tags or None,
    ),
    RunColumn(
        "note", 30, lambda run, _: run.annotations.note, lambda run, _: run.annotations.note.lower() or None
    ),
)

BY_NAME = {column.name: column for column in COLUMNS}

IMPORTANCE = ("state", "run", "best", "epochs", "dataset", "time", "network", "when", "tags", "note", "size")
"""Which columns get room first; the others follow in their own order."""

NARROWEST = 16
"""Cells of the run's column."""


def gap_for(width: int) -> int:
    """Spaces between two columns."""
    return 2 if width >= SPACIOUS else 1


def columns_for(
    width: int, name: int = NARROWEST, without: Collection[str] = ()
) -> list[tuple[RunColumn, int]]:
    """The columns that fit into so many cells, with their widths; what is left over goes to the run, then the note.

    `name`: cells that the run's own column has at least; `without`: columns that have nothing to say.
    """
    order = [BY_NAME[name] for name in IMPORTANCE]
    order += [column for column in COLUMNS if column not in order]
    order = [column for column in order if column.name not in without]
    taken: dict[str, int] = {}
    gap = gap_for(width)
    left = width + gap
    for column in order:
        wants = name if column.name == "run" else column.width
        if wants + gap <= left:
            taken[column.name] = wants
            left -= wants + gap
    for grows, most in (("run", 22), ("dataset", 18), ("run", 34), ("note", width), ("run", width)):
        if grows in taken and left > 0:
            more = min(left, max(most - taken[grows], 0))
            taken[grows] += more
            left -= more
    return [(column, taken[column.name]) for column in COLUMNS if column.name in taken]


def unused(runs: Iterable[ListedRun]) -> set[str]:
    """Columns in which no run has anything."""
    abouts = [run.annotations for run in runs]
    return {
        name
        for name, said in (("tags", any(a.tags for a in abouts)), ("note", any(a.note for a in abouts)))
        if not said
    }


def cell(text: str, width: int, right: bool = False) -> str:
    """Exactly so many cells of text that may be foreign."""
    shown = printable(text)
    if len(shown) > width:
        shown = shown[: max(width - 1, 0)] + "…"
    return shown.rjust(width) if right else shown.ljust(width)


def title_cell(title: str, width: int, right: bool = False) -> str:
    """A run's title, or a folder's name, of which the end tells it from the others."""
    if is_drawn_name(title) and len(title) > width > 6:
        title = f"{title[: width - 6]}…{title[-5:]}"
    return cell(title, width, right)


def matches(run: ListedRun, words: str) -> bool:
    """Whether every word is somewhere in what is known of the run; one with `-` before it must not be.

    `#word` is a tag, or the beginning of one.
    """
    return all(_has(run, word) for word in words.lower().split())


def _has(run: ListedRun, word: str) -> bool:
    if word.startswith("-") and len(word) > 1:
        return not _has(run, word[1:])
    if word.startswith("#"):
        return any(tag.lower().startswith(word[1:]) for tag in run.annotations.tags)
    about, known, summary = run.annotations, run.known, run.summary
    parts = (
        run.name,
        shown_state(run),
        run.title,
        about.note,
        *about.tags,
        known.dataset,
        known.network,
        summary.device,
    )
    return any(word in part.lower() for part in parts)


def sort_runs(
    runs: Iterable[ListedRun], by: str, backwards: bool = False, sizes: Sizes | None = None
) -> list[ListedRun]:
    """Live ones first, then by a column; equal ones stay in the order they came in, newest first."""
    column, sizes = BY_NAME[by], sizes or {}
    keyed = [(run, column.key(run, sizes)) for run in runs]
    result: list[ListedRun] = []
    for live in (True, False):
        group = [(run, key) for run, key in keyed if run.is_active == live]
        known = [pair for pair in group if pair[1] is not None]
        known.sort(key=lambda pair: pair[1], reverse=column.falls != backwards)
        result += [run for run, _ in known] + [run for run, key in group if key is None]
    return result


def head(columns: Sequence[tuple[RunColumn, int]], by: str, backwards: bool = False) -> list[str]:
    """The names, the one that sorts with an arrow."""
    names = []
    for column, width in columns:
        arrow = "" if column.name != by else "↓" if column.falls != backwards else "↑"
        names.append(cell(column.name + arrow, width, column.right))
    return names
