"""The galleries of the workbench: test samples, and what is found among the training samples."""

from tuinn.spec.dataset import DatasetSpec
from tuinn.text import printable
from tuinn.ui.gallery.controller import GalleryController, GalleryState
from tuinn.ui.workbench.host import Host
from tuinn.ui.workbench.panes.predict import PredictPane
from tuinn.ui.workbench.panes.test_samples import Only
from tuinn.view.gallery import Filter

NOTHING, READING = "Nothing is predicted yet.", "The predictions are still being read."


class SampleGalleries:
    """Opens them, remembers where one was, and hands the sample that was chosen to the predict pane."""

    def __init__(self, host: Host, pane: PredictPane) -> None:
        self.host, self.pane = host, pane
        self.left: dict[DatasetSpec, GalleryState] = {}
        """Where one was in the gallery of the test samples."""

    def open(self, cell: tuple[int, int] | None = None) -> None:
        """Show the test samples, those of a cell of the confusion matrix, or as they were left."""
        from tuinn.ui.gallery.screen import Gallery

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
        controller = GalleryController(samples, title, state)

        def chosen(at: int | None) -> None:
            self.left[dataset] = controller.state
            if at is not None:
                self.pane.walk(walked(controller.state.wanted), at)

        self.host.open_dialog(Gallery(controller), chosen)


def walked(wanted: Filter) -> Only:
    """The samples that are walked over in the predict pane after one was chosen from what a filter leaves."""
    if wanted.true is not None and wanted.said is not None and wanted.true != wanted.said:
        return wanted.true, wanted.said
    return "mistakes" if wanted.verdict == "wrong" else "all"
