"""Pictures of the user's own: the steps of the one that was asked about last, and one that is drawn here."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tuinn.data.info import DatasetInfo
from tuinn.errors import SpecError
from tuinn.runs.events import PictureAnswered
from tuinn.ui.workbench.host import Host
from tuinn.ui.workbench.inference.inference_controller import InferenceController, dataset_info_of, is_array
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.run_follower import RunFollower

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tuinn.ui.workbench.inference.own_picture import OwnPictureScreen, PictureFindings, Thumbnail

Switched = tuple[str, ...]

THUMBNAIL = 64
"""Pixels of a thumbnail's longer side that are drawn."""


class OwnPictures:
    """Opens their screens, and joins them with the worker's answers."""

    def __init__(self, host: Host, runs: RunController, inference: InferenceController) -> None:
        self.host, self.runs, self.inference = host, runs, inference

    def show_steps(self) -> None:
        """Open the screen, or say why there is nothing to show."""
        run, file = self.runs.run, self.inference.last_own
        if run is None or not isinstance(file, str) or not dataset_info_of(run).facts.is_image:
            self.host.show_message("o predicts a picture of yours; Enter then shows how it was prepared.")
            return
        if is_array(file):
            self.host.show_message("A sample of an array is taken as it is; i looks inside the network.")
            return
        from tuinn.ui.workbench.inference.own_picture import OwnPictureScreen

        info = dataset_info_of(run)

        def ask(switched: Switched) -> None:
            self.host.run_in_thread(
                "own-steps",
                partial(thumbnails, file, info, switched),
                partial(self._show_steps, screen, switched),
                exclusive=False,
            )
            answered = partial(self._answered, screen, run, info, switched)
            self.inference.explain(run, file, switched, answered)

        screen = OwnPictureScreen(Path(file).name, info.facts, ask)
        self.host.open_dialog(screen, lambda _: None)

    def draw(self) -> None:
        """Let the user draw a picture of the network's size, and have it predicted."""
        run = self.runs.run
        if run is None or not dataset_info_of(run).facts.is_image:
            self.host.show_message("A drawing is for a network that was trained on images.")
            return
        from tuinn.ui.workbench.inference.drawing import DrawingScreen

        info = dataset_info_of(run)

        def drawn(file: Path | None) -> None:
            if file is not None:
                self.inference.predict(str(file))

        height, width = info.facts.shape[0], info.facts.shape[1]
        self.host.open_dialog(DrawingScreen(height, width, info.title), drawn)

    def _show_steps(
        self, screen: "OwnPictureScreen", switched: Switched, found: "Sequence[Thumbnail] | str"
    ) -> None:
        if isinstance(found, str):
            screen.show_findings(switched, found)
        else:
            screen.show_steps(switched, found)

    def _answered(
        self,
        screen: "OwnPictureScreen",
        run: RunFollower,
        info: DatasetInfo,
        switched: Switched,
        answer: PictureAnswered,
    ) -> None:
        screen.show_findings(switched, answer.problem or findings(run, info, answer))


def thumbnails(file: str, info: DatasetInfo, switched: Switched) -> "Sequence[Thumbnail] | str":
    """The steps as pictures in 0..1, small ones; or why the file can't be read."""
    from tuinn.data.images.preprocess import preprocess_image
    from tuinn.ui.workbench.inference.own_picture import Thumbnail
    from tuinn.view.ascii_image import unit

    try:
        prepared = preprocess_image(file, info, switched, with_stages=True)
    except SpecError as problem:
        return problem.message
    return [
        Thumbnail(
            stage.title,
            unit(shrunk(stage.pixels), 0, 255),
            stage.name if stage.can_switch else "",
            stage.is_on,
        )
        for stage in prepared.stages
    ]


def shrunk(pixels: "NDArray[np.uint8]") -> "NDArray[np.generic]":
    """Height × width (× channels) by means over whole blocks, at most about THUMBNAIL a side: quick to draw."""
    factor = max(pixels.shape[:2]) // THUMBNAIL
    if factor < 2:
        return pixels
    rows, columns = (max(size // factor, 1) for size in pixels.shape[:2])
    high, wide = min(factor, pixels.shape[0]), min(factor, pixels.shape[1])
    blocks = pixels[: rows * high, : columns * wide].reshape(rows, high, columns, wide, *pixels.shape[2:])
    means: NDArray[np.float64] = blocks.mean(axis=(1, 3))
    return means


def findings(run: RunFollower, info: DatasetInfo, answer: PictureAnswered) -> "PictureFindings":
    """What the worker found, with the training sample as it keeps it."""
    from tuinn.data.predictions import read_picture
    from tuinn.ui.workbench.inference.own_picture import PictureFindings
    from tuinn.view.ascii_image import unit

    nearest = read_picture(run.folder.pictures, answer.nearest)
    shown = None if nearest is None else unit(nearest, info.facts.low, info.facts.high)
    return PictureFindings(answer.outputs, answer.unlike, shown)
