"""The galleries of the workbench: test samples, and what is found among the training samples."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tuinn.errors import SpecError
from tuinn.spec.dataset import DatasetSpec, Task
from tuinn.spec.training.outputs import none_if_not_finite, numbers_words
from tuinn.text import printable
from tuinn.ui.workbench.host import Host
from tuinn.ui.workbench.inference.inference_controller import own_sample
from tuinn.ui.workbench.panes.predict import PredictPane
from tuinn.ui.workbench.panes.predict_text import OwnAnswer
from tuinn.ui.workbench.panes.test_samples import Only, listed, load_training_samples
from tuinn.view.run_follower import RunFollower

if TYPE_CHECKING:  # the first screen does without them
    from tuinn.ui.gallery.controller import GalleryController, GalleryState
    from tuinn.view.gallery import Filter

DECIDED = "Your decisions are kept. Set labels to checked (1, then e) and train again to use them."

FindNearest = Callable[[int, Callable[[RunFollower, Path], None]], None]

NOTHING, READING = "Nothing is predicted yet.", "The predictions are still being read."


class SampleGalleries:
    """Opens them, remembers where one was, and hands the sample that was chosen to the predict pane."""

    def __init__(self, host: Host, pane: PredictPane, show_answer: Callable[[OwnAnswer], None]) -> None:
        """`show_answer`: shows a sample that is not of the test set."""
        self.host, self.pane, self.show_answer = host, pane, show_answer
        self.find_nearest: FindNearest | None = None
        """Finds the training samples nearest to a test sample, and hands the run and the file on."""
        self.left: dict[DatasetSpec, GalleryState] = {}
        """Where one was in the gallery of the test samples."""

    def open(self, cell: tuple[int, int] | None, run: RunFollower | None) -> None:
        """Show the test samples, those of a cell of the confusion matrix, or as they were left. `run`: on the screen."""
        from tuinn.data.learning_history import read_history
        from tuinn.ui.gallery.controller import GalleryController, GalleryState
        from tuinn.ui.gallery.screen import Gallery
        from tuinn.view.gallery import Filter

        samples = self.pane.samples
        if samples is None or samples.outputs is None:
            self.host.show_message(READING if self.pane.is_reading else NOTHING)
            return
        if samples.predicted_count < samples.count:
            self.pane.post_message(PredictPane.Asked("all"))
        dataset = samples.dataset
        state = self.left.get(dataset, GalleryState())
        if cell is not None:
            state = GalleryState(Filter(true=cell[0], said=cell[1]))
        title = f"{printable(dataset.label)} · test samples · epoch {samples.epoch}"
        its_run = run is not None and run.spec.dataset == dataset
        history = read_history(run.folder.learning_file) if run is not None and its_run else None
        controller = GalleryController(samples, title, state, history=history)

        def chosen(at: int | None) -> None:
            self.left[dataset] = controller.state
            if at is not None:
                self.pane.walk(walked(controller.state.wanted), at)

        find = self.find_nearest
        nearest = None if find is None or not its_run else lambda at: find(at, self.open_nearest)
        self.host.open_dialog(Gallery(controller, nearest), chosen)

    def open_nearest(self, run: RunFollower, file: Path) -> None:
        """Show the training samples nearest to a test sample, which the file has; reads them in a thread."""

        def opened(controller: "GalleryController") -> None:
            from tuinn.ui.gallery.screen import Gallery

            def chosen(at: int | None) -> None:
                if at is not None:
                    self.show_answer(training_answer(controller, at))
                else:
                    self.open(None, run)

            self.host.open_dialog(Gallery(controller), chosen)

        self.host.run_in_thread("nearest", partial(nearest_gallery, run, file), opened)

    def open_label_issues(self, run: RunFollower, file: Path) -> None:
        """Show the training samples whose label looks wrong, which the file has; reads them in a thread."""

        def opened(controller: "GalleryController") -> None:
            from tuinn.ui.gallery.screen import Gallery

            decided = len(controller.decisions.verdicts) if controller.decisions else 0

            def chosen(at: int | None) -> None:
                if at is not None:
                    self.show_answer(training_answer(controller, at))
                if controller.decisions and len(controller.decisions.verdicts) > decided:
                    self.host.show_message(DECIDED)

            self.host.open_dialog(Gallery(controller), chosen)

        self.host.run_in_thread("label-issues", partial(label_gallery, run, file), opened)


def label_gallery(run: RunFollower, file: Path) -> "GalleryController":
    """The gallery of the labels in doubt. Raises SpecError where the data or the file can't be read."""
    from tuinn.data.label_issues import LabelIssues
    from tuinn.data.label_verdicts import apply_verdicts, read_verdicts
    from tuinn.ui.gallery.controller import GalleryController, GalleryState
    from tuinn.ui.gallery.label_decisions import LabelDecisions
    from tuinn.view.gallery import Order

    dataset, data_info = run.spec.dataset, run.folder.data_info()
    samples, given = load_training_samples(dataset, data_info)
    try:
        found = LabelIssues.read(file)
    except ValueError as problem:
        raise SpecError(str(problem)) from None
    if len(found.outputs) != len(given.y_train):
        raise SpecError(f"{printable(dataset.label)} has changed since its labels were checked.")
    if data_info is not None and data_info.verdicts:
        samples = replace(
            samples, y=apply_verdicts(given, data_info.verdicts, samples.facts.classes).arrays.y_train
        )
    samples = replace(samples, outputs=found.outputs, epoch=1)
    decisions = LabelDecisions(dataset, samples.x, given.y_train)
    decisions.take(read_verdicts(dataset))
    title = f"{printable(dataset.label)} · labels · about {found.suspects:,} look wrong"
    state = GalleryState(order=Order.RANKED)
    return GalleryController(samples, title, state, found.order, decisions=decisions)


def nearest_gallery(run: RunFollower, file: Path) -> "GalleryController":
    """The gallery of training samples nearest to a test sample. Raises SpecError where the data or the file can't be read."""
    import numpy as np

    from tuinn.data.inspection import read_arrays
    from tuinn.ui.gallery.controller import GalleryController, GalleryState
    from tuinn.view.gallery import Order

    dataset = run.spec.dataset
    samples, given = load_training_samples(dataset, run.folder.data_info())
    try:
        _, arrays = read_arrays(file)
        places, outputs = arrays["places"].astype(np.intp), arrays["outputs"].astype(np.float32)
        known = np.full((len(given.y_train), outputs.shape[1]), np.nan, np.float32)
        known[places] = outputs
        at = int(arrays["test"]) + 1
    except (KeyError, IndexError, ValueError) as problem:
        raise SpecError(f"{file} cannot be read ({problem}).") from None
    title = f"{printable(dataset.label)} · training samples nearest to test sample #{at}"
    state = GalleryState(order=Order.RANKED)
    samples = replace(samples, outputs=known, epoch=1)
    return GalleryController(samples, title, state, places, ranked_words="nearest first")


def training_answer(controller: "GalleryController", at: int) -> OwnAnswer:
    """A training sample, with what networks say that have not learned from it."""
    samples, facts = controller.samples, controller.facts
    title = f"training sample #{at + 1}"
    outputs = none_if_not_finite(samples.outputs[at])
    labels = [facts.classes[label] for label in samples.true_labels(at)]
    is_number = facts.task is Task.REGRESSION
    given = f"true {numbers_words(samples.numbers(at), facts)}" if is_number else f"label: {listed(labels)}"
    if samples.drawn:
        return OwnAnswer(title, facts, outputs, pixels=samples.picture(at), steps=given)
    if facts.is_table:
        return own_sample(samples.cells(at), facts, outputs, given)
    return OwnAnswer(title, facts, outputs, samples.text(at), None, given)


def walked(wanted: "Filter") -> Only:
    """The samples that are walked over in the predict pane after one was chosen from what a filter leaves."""
    if wanted.true is not None and wanted.said is not None and wanted.true != wanted.said:
        return wanted.true, wanted.said
    return "mistakes" if wanted.verdict == "wrong" else "all"
