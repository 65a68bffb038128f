"""Everything that the pane of predictions asks for, and who answers it."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tuinn.data.images.folder_scan import SUFFIXES
from tuinn.ui.workbench.host import Host
from tuinn.ui.workbench.inference.inference_controller import InferenceController
from tuinn.ui.workbench.inference.lens_opener import LensOpener
from tuinn.ui.workbench.inference.own_pictures import OwnPictures
from tuinn.ui.workbench.inference.report_controller import ReportController
from tuinn.ui.workbench.inference.sample_galleries import SampleGalleries
from tuinn.ui.workbench.panes.predict import PredictPane
from tuinn.ui.workbench.panes.predict_text import OwnAnswer
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.run_follower import RunFollower

if TYPE_CHECKING:  # the first screen does without it
    from tuinn.runs.examination import Examination


class Predictions:
    """Joins the controllers that ask the worker of the run on the screen, and those that show what it answers."""

    def __init__(
        self,
        host: Host,
        runs: RunController,
        pane: PredictPane,
        show_answer: Callable[[OwnAnswer], None],
        decided: Callable[[], None],
        examined: "Callable[[RunFollower, Examination], None]",
    ) -> None:
        """`show_answer` shows what is said of a sample that is none of the test set; the others are as in
        `ReportController`."""
        self.runs = runs
        self.inference = InferenceController(host, runs, show_answer)
        self.own_pictures = OwnPictures(host, runs, self.inference)
        self.galleries = SampleGalleries(host, pane, self.inference.show_other)
        doubted = self.galleries.open_label_issues
        self.reports = ReportController(host, runs, self.inference.ask, decided, examined, doubted)
        self.galleries.find_nearest = self.reports.find_nearest
        self.lens = LensOpener(host, runs, self.inference, pane)

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self.inference.is_waiting or self.reports.is_waiting

    def show_answers(self) -> None:
        """Show what a worker has answered by now."""
        self.inference.show_answers()
        self.reports.show_answers()

    def answer(self, asked: PredictPane.Asked) -> None:
        """Do what the pane asks for."""
        ways: dict[str, Callable[[], None]] = {
            "own": lambda: self.inference.predict(example=asked.example),
            "all": self.inference.predict_all,
            "report": self.reports.report,
            "slices": self.reports.check_data,
            "calibration": self.reports.calibrate,
            "labels": self.reports.find_label_issues,
            "gallery": lambda: self.galleries.open(asked.cell, self.runs.run),
            "lens": self.lens.open,
            "steps": self.own_pictures.show_steps,
            "draw": self.own_pictures.draw,
        }
        ways[asked.what]()

    def take_file(self, path: Path) -> bool:
        """Have a picture predicted that was dropped on the pane. False: it is none."""
        is_picture = path.suffix.lower() in SUFFIXES
        if is_picture:
            self.inference.predict(str(path))
        return is_picture
