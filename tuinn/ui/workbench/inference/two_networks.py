"""Where two networks differ: read what both predicted of the same test samples, tell it, and show the samples."""

from collections.abc import Sequence

from rich.text import Text
from textual.app import App

from tuinn.errors import SpecError
from tuinn.runs.decision import read_decision
from tuinn.text import plural, printable
from tuinn.ui.dialogs.dialog import Choose
from tuinn.ui.gallery.controller import GalleryController
from tuinn.ui.gallery.screen import Gallery
from tuinn.ui.workbench.panes.test_samples import TestSamples, load_test_samples
from tuinn.view.reports.two_networks import TwoNetworks, compare, verdict
from tuinn.view.run_follower import RunFollower

NAME = 22
"""Cells of a column."""


def read_samples(run: RunFollower) -> TestSamples:
    """The test samples with what this run predicted of them. Raises SpecError where there is nothing to compare."""
    predicted = run.view.predicted
    if predicted is None:
        raise SpecError(f"{run.folder.name} has predicted nothing yet.")
    found = load_test_samples(
        run.spec.dataset,
        run.folder.predictions_file,
        predicted.epoch,
        run.folder.data_info(),
        read_decision(run.folder),
    )
    if found.outputs is None:
        raise SpecError(f"The predictions of {run.folder.name}, or their samples, are not here any more.")
    return found


def compared(first: TestSamples, second: TestSamples) -> TwoNetworks:
    """Compare what both predicted. Raises SpecError where these are not the same samples."""
    import numpy as np

    count = min(first.predicted_count, second.predicted_count)
    same = first.facts.task is second.facts.task and first.facts.classes == second.facts.classes
    if not same or not np.array_equal(first.y[:count], second.y[:count]):
        raise SpecError("The two were tested on different samples.")
    return compare(
        first.outputs[:count],
        second.outputs[:count],
        first.y[:count],
        first.facts,
        (first.thresholds, second.thresholds),
    )


def dialog(found: TwoNetworks, names: tuple[str, str]) -> Choose:
    """The answer is `first`, `second` or `neither`: the samples to be shown."""
    one, other = (printable(name) for name in names)
    both = "" if found.is_regression else f", {found.both:,} of which both get"
    words = [f"{plural(found.count, 'test sample')}{both}. {printable(verdict(found, names))}"]
    if found.classes:
        words.append(f"{'right, of the class':<{NAME}}{one:>{NAME}.{NAME - 2}}{other:>{NAME}.{NAME - 2}}")
        words += [
            f"  {printable(name):<{NAME - 2}.{NAME - 2}}{f'{100 * first:.1f} %':>{NAME}}{f'{100 * second:.1f} %':>{NAME}}"
            for name, first, second in found.classes
        ]
    gets = "is nearer to the truth for" if found.is_regression else "alone gets"
    lines = [
        ("first", _line(f"{one} {gets}", len(found.first))),
        ("second", _line(f"{other} {gets}", len(found.second))),
    ]
    if not found.is_regression:
        lines.append(("neither", _line("neither gets", len(found.neither))))
    return Choose("Where they differ", lines, "\n".join(words))


def _line(words: str, count: int) -> Text:
    return Text.assemble(f"{words} ", (f"{count:,}", "bold"), no_wrap=True)


def gallery(samples: TestSamples, found: TwoNetworks, which: str, title: str) -> GalleryController:
    """Of the samples that were chosen, as this network sees them."""
    places = {"first": found.first, "second": found.second, "neither": found.neither}[which]
    return GalleryController(samples, title, among=places)


def show_difference(app: App[None], runs: Sequence[RunFollower], names: Sequence[str]) -> None:
    """Read what two runs predicted, in a thread, and show where they differ, over the screen that there is."""
    one, other = names
    screen = app.screen

    def read() -> None:
        try:
            samples = read_samples(runs[0]), read_samples(runs[1])
            found = compared(*samples)
        except SpecError as problem:
            app.call_from_thread(app.notify, printable(str(problem)), markup=False)
        else:
            app.call_from_thread(show, samples, found)

    def show(samples: tuple[TestSamples, TestSamples], found: TwoNetworks) -> None:
        def chosen(which: str | None) -> None:
            if which is not None:
                at = 0 if which == "second" else 1  # the one that errs
                controller = gallery(
                    samples[at], found, which, f"test samples · as {printable(names[at])} sees them"
                )
                app.push_screen(Gallery(controller), lambda _: show(samples, found))

        if app.screen is screen:  # the user may have left it meanwhile
            app.push_screen(dialog(found, (one, other)), chosen)

    app.run_worker(read, thread=True, exclusive=True, group="two-networks")
