"""A dataset on a terminal: what it is, how many of each class, and a few samples."""

import shutil
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
import msgspec

from tuinn.cli.common.options import table
from tuinn.data import loader
from tuinn.data.catalog import availability
from tuinn.data.catalog.catalog import all_datasets, find
from tuinn.data.info import DatasetInfo
from tuinn.spec.dataset import DatasetSpec, Task
from tuinn.spec.layers.catalog import format_shape
from tuinn.text import format_bytes, format_count, printable

if TYPE_CHECKING:
    from tuinn.data.protocols import SampleBrowser
    from tuinn.view.dataset_preview import DatasetPreview

ROWS, PICTURE_COLUMNS, TABLE_ROWS, TEXTS = 12, 24, 4, 3
"""Of a picture in characters, its columns; samples of a table and of texts."""

MOST_CLASSES = 20
"""Classes that are counted one a line; of more than that only the rarest and the most frequent."""


def show_dataset(word: str, as_json: bool) -> None:
    """Print what `tuinn datasets show` shows. Raises SpecError."""
    dataset = _dataset(word)
    entry = loader.describe(dataset)
    here = not dataset.name or availability.is_available(dataset.name)
    browser = loader.browse(dataset) if here else None
    if as_json:
        click.echo(msgspec.json.encode(_raw(entry, dataset, browser)))
        return
    for line in _lines(entry, dataset, browser):
        click.echo(printable(line))


def _dataset(word: str) -> DatasetSpec:
    """By a name of the catalogue, else by a path; a bare word that is neither gets the nearest name."""
    from pathlib import Path

    known = word in {entry.name for entry in all_datasets()}
    if not known and "/" not in word and not Path(word).exists() and not word.startswith("~"):
        find(word)
    return DatasetSpec(word) if known else DatasetSpec.at(word)


def _raw(entry: DatasetInfo, dataset: DatasetSpec, browser: "SampleBrowser | None") -> dict[str, object]:
    counts = {part: _counts(browser, part) for part in ("train", "test")} if browser else {}
    facts = msgspec.to_builtins(entry.facts)
    return {
        "name": entry.name,
        "title": entry.title,
        "about": entry.description,
        "licence": entry.licence,
        "publisher": entry.publisher,
        "source": entry.source,
        "state": availability.availability_of(dataset.name).state if dataset.name else "here",
        **facts,
        "task": str(entry.facts.task),
        "counts": counts,
        "notes": entry.notes,
    }


def _lines(entry: DatasetInfo, dataset: DatasetSpec, browser: "SampleBrowser | None") -> Iterator[str]:
    yield from (entry.title, entry.description, "")
    yield from _about(entry, dataset)
    yield from (f"  {note}" for note in entry.notes)
    for finding in entry.facts.findings:
        fix = f" Fix: {finding.fix}." if finding.fix else ""
        yield f"{finding.severity}: {finding.message}{fix}"
    if browser is None:
        return
    yield ""
    yield from _classes(entry, browser)
    yield from _samples(entry, dataset, browser)


def _about(entry: DatasetInfo, dataset: DatasetSpec) -> Iterator[str]:
    facts = entry.facts
    sample = "a text" if facts.is_text else f"{format_shape(facts.shape)} {facts.dtype}"
    reach = "" if facts.is_text else f", {facts.low:g} to {facts.high:g}"
    if facts.words:
        sample, reach = (
            f"{format_shape(facts.shape)} numbers of words",
            f", {format_count(facts.words)} different ones",
        )
    rows = [("task", str(facts.task)), ("sample", sample + reach)]
    rows.append(
        ("samples", f"{format_count(facts.train)} to train on, {format_count(facts.test)} to test on")
    )
    rows += [("publisher", entry.publisher), ("licence", entry.licence), ("source", entry.source)]
    if dataset.name:
        found = availability.availability_of(dataset.name)
        state = {"bundled": "comes with tuinn", "here": "here", "absent": "not here"}[found.state]
        rows.append(("files", f"{state}, {format_bytes(found.bytes)}, in {found.folder}"))
    yield from table([row for row in rows if row[1]]).splitlines()


def _counts(browser: "SampleBrowser", part: str) -> list[int]:
    """How many of each class there are in this part; nothing for a regression and for several labels."""
    import numpy as np

    if browser.facts.task not in (Task.BINARY, Task.CLASSES):
        return []
    counts = np.bincount(browser.labels(part), minlength=len(browser.facts.classes))
    return [int(count) for count in counts]


def _classes(entry: DatasetInfo, browser: "SampleBrowser") -> Iterator[str]:
    """A line per class with a bar; of many classes only the ends."""
    from tuinn.view.bars import bar

    train, test = _counts(browser, "train"), _counts(browser, "test")
    if not train:
        return
    names = [printable(name) for name in entry.facts.classes]
    rows = [*zip(names, train, test, strict=True)]
    if len(rows) > MOST_CLASSES:
        rows.sort(key=lambda row: -row[1])
        yield f"{len(rows)} classes; the most frequent and the rarest:"
        rows = [*rows[:5], *rows[-5:]]
    most = max(*train, 1)
    lines = [("class", "train", "test", "")]
    lines += [(name, format_count(a), format_count(b), bar(a / most, 24)) for name, a, b in rows]
    yield from table(lines, right={1, 2}).splitlines()
    yield ""


def _samples(entry: DatasetInfo, dataset: DatasetSpec, browser: "SampleBrowser") -> Iterator[str]:
    from tuinn.data.catalog.decoded_text import with_words
    from tuinn.view.dataset_preview import DatasetPreview

    preview = DatasetPreview.of(with_words(dataset, browser))
    if len(preview.pictures):
        yield from _pictures(preview)
    elif preview.texts:
        width = 2 * shutil.get_terminal_size().columns - 24
        for label, text in preview.texts[:TEXTS]:
            yield f"{label}: {text[:width]}{'…' if len(text) > width else ''}"
    elif entry.facts.is_table:
        yield from _table(browser)


def _pictures(preview: "DatasetPreview") -> Iterator[str]:
    """Some of each class, side by side, as many as the terminal is wide."""
    from tuinn.view.ascii_image import ascii_rows

    room = max(1, (shutil.get_terminal_size().columns + 2) // (PICTURE_COLUMNS + 2))
    blocks = []
    for picture, caption in list(zip(preview.pictures, preview.captions, strict=True))[:room]:
        drawn = ascii_rows(picture, ROWS, PICTURE_COLUMNS)
        blocks.append([line.ljust(PICTURE_COLUMNS) for line in [*drawn, caption[:PICTURE_COLUMNS]]])
    most = max(map(len, blocks))
    padded = [[*[" " * PICTURE_COLUMNS] * (most - len(block)), *block] for block in blocks]
    yield from ("  ".join(parts).rstrip() for parts in zip(*padded, strict=True))


def _table(browser: "SampleBrowser") -> Iterator[str]:
    """The first rows of a table, a line per column."""
    from tuinn.view.dataset_preview import label_words

    facts, labels = browser.facts, browser.labels("train")
    shown = range(min(TABLE_ROWS, facts.train))
    samples = [browser.sample("train", at) for at in shown]
    names = facts.features or tuple(f"column {at + 1}" for at in range(facts.shape[0]))
    rows = [("column", *(f"row {at + 1}" for at in shown))]
    for place, name in enumerate(names[:40]):
        rows.append((printable(name), *(_cell(browser, place, sample[place]) for sample in samples)))
    if len(names) > 40:
        rows.append((f"… {len(names) - 40} more", *("" for _ in shown)))
    rows.append((printable(facts.target) or "target", *(label_words(facts, labels[at]) for at in shown)))
    yield from table(rows, right=range(1, len(samples) + 1)).splitlines()


def _cell(browser: "SampleBrowser", place: int, value: Any) -> str:
    """A value as it stood in the table: a category's code as its word."""
    columns = browser.facts.columns
    if columns and columns[place].kind == "category":
        code = int(value)
        return printable(columns[place].vocabulary[code - 1])[:16] if code else "–"
    return f"{float(value):g}"
