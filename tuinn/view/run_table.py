"""The table of runs: its columns, which of them have room, what a word finds, and the order. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from math import inf
from types import MappingProxyType

from tuinn.runs.listing import ListedRun
from tuinn.runs.process_folder import is_drawn_name
from tuinn.spec.naming import DEFAULTS
from tuinn.text import printable
from tuinn.view.run_columns import BY_NAME, COLUMNS, JOB_COLUMNS, RunColumn, Sizes, shown_state

SPACIOUS = 100
"""Cells from which on columns stand two spaces apart."""

SETTINGS = ("setting 1", "setting 2", "setting 3", "setting 4")
"""Places for settings that differ, in IMPORTANCE."""

IMPORTANCE = (
    *("run", "best", "left", "node", "job", "curve", "test", "last", "setting 1", "epochs", "state"),
    *("setting 2", "dataset", "time", "setting 3", "network", "when", "setting 4", "tags", "note", "size"),
)
"""Which columns get room first; the others follow in their own order."""

COMMAND_LINE = (
    *("state", "run", "best", "epochs", "job", "left", "node", "setting 1", "test", "last", "curve"),
    *("dataset", "time", "network", "when", "tags", "note", "size"),
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


def unused(runs: Collection[ListedRun]) -> set[str]:
    """Columns in which no run has anything."""
    abouts = [run.annotations for run in runs]
    jobs = any(run.job is not None and (run.job_status or run.is_queued) for run in runs)
    said = {"tags": any(about.tags for about in abouts), "note": any(about.note for about in abouts)}
    return {name for name, is_there in (said | dict.fromkeys(JOB_COLUMNS, jobs)).items() if not is_there}


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
