"""Predictions for pictures that are not in the dataset: ask the worker, and show its answer."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tuinn.data.info import DatasetInfo
from tuinn.errors import FolderError
from tuinn.runs.commands import Predict, PredictTest, Question, new_request
from tuinn.runs.events import PictureAnswered
from tuinn.ui.workbench.host import Host, show_problem
from tuinn.ui.workbench.panes.predict import OwnAnswer
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.draft import entry_of
from tuinn.view.run_follower import RunFollower

if TYPE_CHECKING:  # the first screen does without NumPy
    import numpy as np
    from numpy.typing import NDArray


class InferenceController:
    """Asks the worker of the run on the screen for predictions, and waits for them."""

    def __init__(self, host: Host, runs: RunController, show_answer: Callable[[OwnAnswer], None]) -> None:
        self.host = host
        self.runs = runs
        self.show_answer = show_answer
        self.requests: dict[str, str] = {}
        """Pictures waiting for an answer: request → path."""
        self.all_asked = ""
        """The request for the predictions of all test samples, until they are there or something went wrong."""
        self.noted = 0
        """Notes in the journal when it was made."""

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self.requests or self.all_asked)

    def predict_all(self) -> None:
        """Have all test samples predicted, not the first ones alone."""
        run = self.runs.run
        if run is None or run.view.predicted is None or self.all_asked:
            return
        if not (run.is_active or run.folder.model_file.exists()):
            return  # nobody can predict any more
        request = new_request()
        if self._ask(run, PredictTest(request=request, epoch=run.view.predicted.epoch)):
            self.all_asked, self.noted = request, len(run.view.notes)
            when = "after this epoch" if run.is_active else "once the network is loaded"
            self.host.show_message(f"All test samples will be predicted {when}.")

    def predict(self, path: str = "") -> None:
        """Have the picture at this path predicted; empty: ask for a path first."""
        from tuinn.ui.dialogs.dialog import PicturePathDialog

        run = self.runs.run
        if run is None or (run.view.predicted is None and not run.folder.model_file.exists()):
            self.host.show_message("Train a network first: r starts the run.", "warning")
        elif not dataset_info_of(run).facts.is_image:
            self.host.show_message("This network was not trained on images.")
        elif path:
            self._send(path)
        else:
            self.host.open_dialog(PicturePathDialog(), self._send)

    def _send(self, path: str | None) -> None:
        run = self.runs.run
        if path is None or run is None:
            return
        request = new_request()
        if self._ask(run, Predict(request=request, file=path)):
            self.requests[request] = path
            self.host.show_message("Sent; the prediction appears once the network is loaded.")

    def _ask(self, run: RunFollower, question: Question) -> bool:
        """Send a question to the run's worker, which is started where there is none. False: it can't be, and that is said."""
        try:
            self.runs.launcher.serve(run)
            run.ask(question)
        except FolderError as problem:
            show_problem(self.host, problem)
            return False
        self.runs.poll_on()
        return True

    def show_answers(self) -> None:
        """Show the answers that are in the run's journal by now."""
        run = self.runs.run
        if run is None:
            return
        predicted = run.view.predicted
        if (predicted and predicted.request == self.all_asked) or len(run.view.notes) > self.noted:
            self.all_asked = ""
        for request in [request for request in self.requests if request in run.view.pictures]:
            path = self.requests.pop(request)
            answer = run.view.pictures[request]
            if answer.problem:
                self.host.show_message(answer.problem, "error", 10)
            else:
                info = dataset_info_of(run)
                self.host.run_in_thread(
                    "picture",
                    partial(_pixels_of, run.folder.pictures, answer, path, info),
                    partial(self._show, answer, info),
                    exclusive=False,
                )

    def _show(self, answer: PictureAnswered, info: DatasetInfo, pixels: "NDArray[np.float32]") -> None:
        steps, title = " · ".join(answer.steps), answer.file.rsplit("/", 1)[-1]
        self.show_answer(OwnAnswer(title, info.facts, answer.outputs, pixels=pixels, steps=steps))


def _pixels_of(
    pictures: Path, answer: PictureAnswered, path: str, info: DatasetInfo
) -> "NDArray[np.float32]":
    """The picture as the network got it, in 0..1. Raises SpecError for a file that can't be read."""
    from tuinn.data.images.preprocess import preprocess_image
    from tuinn.data.predictions import read_picture
    from tuinn.view.ascii_image import unit

    pixels = read_picture(pictures, answer.pixels)
    if pixels is None:  # the worker had no room for it
        pixels = preprocess_image(path, info).pixels
    return unit(pixels, info.facts.low, info.facts.high)


def dataset_info_of(run: RunFollower) -> DatasetInfo:
    """What is known of the data that a run was trained on, even if they are gone."""
    data_info = run.folder.data_info()
    if data_info is None:
        return entry_of(run.spec.dataset)
    return DatasetInfo(
        name=run.spec.dataset.label,
        title=data_info.title,
        facts=data_info.facts,
        licence="",
        source=run.spec.dataset.path,
        description="",
        background=data_info.ground,
        resize_mode=data_info.fitting,
    )
