"""A run's events as lines: the journal's own JSON, a line per epoch, and on a terminal one line that moves."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from tuinn.cli.common.follow import Show, Style
from tuinn.runs.events import (
    AnyEvent,
    Checkpointed,
    DataPrepared,
    DevicesMeasured,
    EpochEnded,
    EpochsChanged,
    Evaluated,
    ModelBuilt,
    Noted,
    PatienceChanged,
    Paused,
    RateChanged,
    Resumed,
    RunEnded,
    RunResumed,
    StopAsked,
    WentBack,
)
from tuinn.runs.folder import RunFolder
from tuinn.text import format_count, format_duration, format_metrics, format_short_count, plural, printable
from tuinn.view.run_view import RunView, patience_words
from tuinn.view.throughput import device_words


def event_printer_for(folder: RunFolder, style: Style | None, view: RunView | None = None) -> Show:
    """Return what prints a run's events in this style; without one, as suits where stdout goes.

    `view` has the events folded in that are not shown.
    """
    if style == "json":
        return show_json
    live = style is None and sys.stdout.isatty()
    return (LivePrinter if live else PlainPrinter)(folder, view).show


def show_json(event: AnyEvent) -> None:
    """The event as it stands in the journal."""
    click.echo(msgspec.json.encode(event) + b"\n", nl=False)


class PlainPrinter:
    """A line for the run, one per epoch, and a few at the end. Warnings go to stderr."""

    def __init__(self, folder: RunFolder, view: RunView | None = None) -> None:
        self.folder = folder.path
        self.view = view or RunView(run=folder.name)

    def show(self, event: AnyEvent) -> None:
        self.view.apply(event)
        for line in lines(event, self.view, self.folder):
            click.echo(line)
        if isinstance(event, Noted):
            click.echo(f"{event.level}: {printable(event.message)}", err=True)


class LivePrinter(PlainPrinter):
    """The same, and below it one line that is rewritten in place."""

    drawn = ""

    def show(self, event: AnyEvent) -> None:
        # What was drawn is wiped only where something else is about to be written over it.
        if isinstance(event, Noted | RunEnded) or any(lines(event, self.view, self.folder)):
            self._draw("")
        super().show(event)
        if not isinstance(event, RunEnded):
            self._draw(progress(self.view)[: shutil.get_terminal_size().columns - 1])

    def _draw(self, text: str) -> None:
        if text != self.drawn:
            click.echo("\r" + text.ljust(len(self.drawn)) + ("" if text else "\r"), nl=False)
            self.drawn = text


def lines(event: AnyEvent, view: RunView, folder: Path) -> Iterator[str]:
    """Return the lines about this event, which `view` has folded in already."""
    match event:
        case ModelBuilt():
            parameters = format_count(event.trainable + event.non_trainable)
            data = printable(view.data.name) if view.data else "no data"
            yield f"run {view.run}  {data}  {parameters} parameters  {printable(event.device)}"
        case DataPrepared(done=0):
            yield f"preparing data  {format_count(event.total)} {event.what}"
        case DevicesMeasured(devices=count, together=together, alone=alone):
            yield f"devices  {count} together {format_short_count(together)} samples/s, one alone {format_short_count(alone)}"
            if sentence := device_words(event):
                yield sentence
        case EpochEnded():
            yield f"epoch {event.epoch}/{view.epochs}  {format_metrics(event.metrics)}  {format_duration(event.seconds)}"
        case Evaluated(request=""):
            yield f"test  {format_metrics(event.metrics)}  {plural(event.samples, 'sample')}"
        case RunResumed():
            where = f", after {plural(event.step, 'step')}" if event.step else ""
            yield f"resumed  epoch {event.epoch}/{event.epochs}{where}"
        case Paused():
            yield f"paused  in epoch {event.epoch}/{view.epochs}"
        case Resumed():
            yield f"resumed  after {format_duration(event.seconds)} of pause"
        case RateChanged():
            yield f"learning_rate {event.learning_rate:g}" + (f"  {event.why}" if event.why else "")
        case StopAsked():
            yield f"stops  after this {event.after}"
        case PatienceChanged():
            yield patience_words(event)
        case EpochsChanged():
            yield f"epochs {event.epochs}"
        case WentBack():
            yield event.why
        case Checkpointed(file=file) if not file.startswith("checkpoints/"):
            yield f"saved  {folder / printable(event.file)}"
        case RunEnded(outcome="finished" | "stopped"):
            if event.message:
                yield printable(event.message)
            if view.saved:
                yield f"next  tuinn attach {view.run}"
        case _:
            pass


def progress(view: RunView) -> str:
    """The line that moves."""
    if not view.epoch:
        return f"{view.phase_words}…"
    parts = ["paused"] if view.paused else []
    parts += [f"epoch {view.epoch}/{view.epochs}", f"{view.epoch_share:4.0%}"]
    if view.seconds_left is not None:
        parts.append(f"{format_duration(max(view.seconds_left, 0.0))} left")
    parts.append(format_metrics(view.latest))
    if view.samples_per_second:
        parts.append(f"{format_short_count(view.samples_per_second)} samples/s")
        if (devices := view.built.devices if view.built else 1) > 1:
            parts.append(f"{format_short_count(view.samples_per_second / devices)} each of {devices}")
    return "  ".join(parts)
