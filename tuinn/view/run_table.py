"""The table of runs: its columns, which of them have room, what a word finds, and the order. Pure."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from math import inf
from types import MappingProxyType
from typing import Any

from tuinn.runs.events import Metrics
from tuinn.runs.listing import ListedRun
from tuinn.runs.process_folder import is_drawn_name
from tuinn.runs.summary import watched_metric
from tuinn.spec.naming import DEFAULTS
from tuinn.spec.training.metrics import higher_is_better
from tuinn.text import format_bytes, format_duration, format_metric, format_short_count, printable
from tuinn.view.bars import curve

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
    head: str = ""
    """What stands in the head instead of the name."""


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


def _when(run: ListedRun) -> str:
    if not run.made:
        return ""
    made = time.localtime(run.made)
    this_year = made.tm_year == time.localtime().tm_year
    return time.strftime("%d %b %H:%M" if this_year else "%Y-%m-%d", made)


def _number(metrics: Metrics, name: str) -> str:
    """A metric in six characters or so; `nan` where it was not finite, nothing where there is none."""
    value = metrics.get(name)
    return format_metric(value) if value is not None else "nan" if name in metrics else ""


def _last(run: ListedRun) -> str:
    return _number(run.summary.latest, watched_metric(run.summary.latest))


def _tested(run: ListedRun) -> str:
    return _number(run.summary.tested, watched_metric(run.summary.latest).removeprefix("val_"))


def best_number(run: ListedRun) -> str:
    """The best value of the metric that the run is judged by, without its name."""
    return _number(dict([run.summary.score]), run.summary.score[0]) if run.summary.score else ""


def _judged(run: ListedRun, value: float | None) -> tuple[str, float] | None:
    """By metric, and within one the better first."""
    name = run.summary.score[0] if run.summary.score else ""
    if value is None:
        return None
    return name.removeprefix("val_"), -value if higher_is_better(name) else value


COLUMNS: tuple[RunColumn, ...] = (
    RunColumn("state", 8, lambda run, _: shown_state(run), lambda run, _: shown_state(run)),
    RunColumn("run", 30, lambda run, _: run.title, lambda run, _: run.title.lower()),
    RunColumn("dataset", 12, lambda run, _: run.known.dataset, lambda run, _: run.known.dataset or None),
    RunColumn("network", 20, lambda run, _: run.known.network, lambda run, _: run.known.network or None),
    RunColumn(
        "best",
        15,
        lambda run, _: _best(run),
        lambda run, _: _judged(run, run.summary.score[1] if run.summary.score else None),
    ),
    RunColumn(
        "curve", 8, lambda run, _: curve(run.summary.curve, 8), lambda run, _: run.summary.done or None
    ),
    RunColumn(
        "last",
        7,
        lambda run, _: _last(run),
        lambda run, _: _judged(run, run.summary.last_score),
        right=True,
    ),
    RunColumn(
        "test",
        7,
        lambda run, _: _tested(run),
        lambda run, _: _judged(run, run.summary.test_score),
        right=True,
    ),
    RunColumn(
        "epochs",
        9,
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

HELP = {
    "state": "running, finished, stopped, failed, lost",
    "run": "title",
    "dataset": "what it learns from",
    "network": "its layers that have a size",
    "best": "the metric it is judged by, in its best epoch",
    "curve": "that metric over the epochs, from its own lowest to its highest value",
    "last": "that metric in the last epoch",
    "test": "that metric on the test set",
    "epochs": "done, and asked for",
    "time": "trained, without pauses",
    "when": "it was made",
    "size": "of its folder on disk",
    "params": "weights of the network",
    "device": "it was trained on",
    "tags": "of yours",
    "note": "of yours",
}
"""What stands in each column, for the list that columns are chosen from."""

BY_NAME = {column.name: column for column in COLUMNS}

BARE_BEST = replace(BY_NAME["best"], width=8, text=lambda run, _: best_number(run), right=True)
"""Where all runs are judged by the same metric, which then is named once."""

SETTINGS = ("setting 1", "setting 2", "setting 3", "setting 4")
"""Places for settings that differ, in IMPORTANCE."""

IMPORTANCE = (
    *("run", "best", "curve", "test", "last", "setting 1", "epochs", "state", "setting 2"),
    *("dataset", "time", "setting 3", "network", "when", "setting 4", "tags", "note", "size"),
)
"""Which columns get room first; the others follow in their own order."""

COMMAND_LINE = (
    *("state", "run", "best", "epochs", "setting 1", "test", "last", "curve", "dataset", "time"),
    *("network", "when", "tags", "note", "size"),
)
"""The same on the command line, where a run goes by its name, and no sign tells its state."""

NARROWEST, WIDEST_SETTING = 16, 14
"""Cells of the run's column at least, and of a setting's at most."""

OWN_COLUMN = ("epochs", "device", "metrics", "seed")
"""Settings that get no column of themselves: they have one already, or say nothing of what is to be compared."""


def setting_column(label: str, runs: Iterable[ListedRun] = ()) -> RunColumn:
    """A column for a setting by what people call it, as wide as its values."""
    values = {run.setting(label) for run in runs}
    head = label if len(label) <= WIDEST_SETTING else label.partition(" ")[2] or label
    width = min(max([len(head) + 1, *map(len, values)]), WIDEST_SETTING)
    return RunColumn(
        label,
        width,
        lambda run, _: run.setting(label),
        lambda run, _: _setting_key(run, label),
        head=head,
    )


def _setting_key(run: ListedRun, label: str) -> tuple[float, str] | None:
    """Numbers by their size, before words."""
    text = run.setting(label)
    try:
        return (float(text), "") if text else None
    except ValueError:
        return inf, text


def differing_settings(runs: Sequence[ListedRun], least: float = 0.0) -> list[str]:
    """What people call the settings that are not the same in all of these runs; those that more runs have first, and
    of these those of the training, in their order.

    `least`: the share of the runs that must have a setting.
    """
    readable = [run.own_settings for run in runs if not run.known.problem]
    pairs = Counter(chain.from_iterable(settings.items() for settings in readable))
    values: dict[str, dict[str, int]] = {}
    for (label, text), count in pairs.items():
        values.setdefault(label, {})[text] = count
    for label, default in DEFAULTS.items():
        if label in values and (silent := len(readable) - sum(values[label].values())):
            values[label][default] = silent
    counts = {label: sum(texts.values()) for label, texts in values.items() if len(texts) > 1}
    common = [label for label, count in counts.items() if count >= least * len(readable)]
    places = {label: place for place, label in enumerate(DEFAULTS)}
    return sorted(common, key=lambda label: (-counts[label], places.get(label, len(places))))


def column_named(name: str) -> RunColumn:
    """A column of the table, or of a setting."""
    return BY_NAME.get(name) or setting_column(name)


def gap_for(width: int) -> int:
    """Spaces between two columns."""
    return 2 if width >= SPACIOUS else 1


def columns_for(
    width: int,
    name: int = NARROWEST,
    without: Collection[str] = (),
    settings: Sequence[RunColumn] = (),
    chosen: Collection[str] = (),
    wider: Mapping[str, RunColumn] = MappingProxyType({}),
    importance: Sequence[str] = IMPORTANCE,
) -> list[tuple[RunColumn, int]]:
    """The columns that fit into so many cells, with their widths; what is left over goes to the run, then the note.

    `name`: cells that the run's own column has at least; `without`: columns that have nothing to say; `settings`:
    columns of settings, the most telling first; `chosen`: names of the only columns wanted beside the run; `wider`:
    columns that take the place of those of their name; `importance`: which get room first.
    """
    every = {column.name: wider.get(column.name, column) for column in COLUMNS}
    places = dict(zip(SETTINGS, settings, strict=False))
    order = [places.get(name) or every.get(name) for name in importance]
    order += [column for column in every.values() if column not in order]
    if chosen:
        order = [every["run"], *settings, *every.values()]
        without = {column.name for column in order if column and column.name not in (*chosen, "run")}
    taken: dict[str, tuple[RunColumn, int]] = {}
    gap = gap_for(width)
    left = width + gap
    for column in order:
        if column is None or column.name in without or column.name in taken:
            continue
        wants = name if column.name == "run" else column.width
        if wants + gap <= left:
            taken[column.name] = (column, wants)
            left -= wants + gap
    for grows, most in (("run", 26), ("dataset", 18), ("run", 40), ("note", width), ("run", width)):
        if grows in taken and left > 0:
            column, wants = taken[grows]
            more = min(left, max(most - wants, 0))
            taken[grows] = (column, wants + more)
            left -= more
    names = ["state", "run", *(column.name for column in settings), *every]
    return [taken[name] for name in dict.fromkeys(names) if name in taken]


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
    column, sizes = column_named(by), sizes or {}
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
        names.append(cell((column.head or column.name) + arrow, width, column.right))
    return names
