"""A screen that asks things of its run: stop, pause, steer, resume, and what a picture shows."""

from functools import partial
from typing import Any

from textual import work

from tuinn.data.info import DatasetInfo
from tuinn.errors import FolderError, SpecError
from tuinn.runs.commands import AnyCommand, Pause, Predict, Resume, Stop, new_request
from tuinn.text import printable
from tuinn.ui.dialogs.dialog import PicturePathDialog
from tuinn.ui.dialogs.form import Form
from tuinn.ui.runs.control_dialog import MORE, RESUME, RESUME_LONGER, control_dialog, numbered, wishes
from tuinn.ui.workbench.run_screen import RunScreen
from tuinn.view.draft import entry_of
from tuinn.view.run_follower import RunFollower


class AskingScreen(RunScreen):
    """Every wish becomes a line in the run's commands; what comes of it, the journal tells."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[str, str] = {}
        """Pictures waiting for an answer: request → path."""

    def waits(self) -> bool:
        return bool(self.asked)

    def action_stop(self) -> None:
        if self.run is None or not self.run.is_active:
            self.notify("No run is on.", markup=False)
            return
        self.ask(Stop(), "Stopping after this batch; then it is tested and saved.")

    def ask(self, command: AnyCommand, words: str) -> None:
        """Tell the worker, and the user that it was told."""
        if self.run is None:
            return
        try:
            self.run.ask(command)
            self.notify(words, markup=False)
        except FolderError as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)

    def action_pause(self) -> None:
        if self.run is None or not self.run.is_active:
            self.notify("No run is on.", markup=False)
        elif self.run.view.paused:
            self.ask(Resume(), "Going on.")
        else:
            self.ask(Pause(), "Pausing after this batch.")

    def action_steer(self) -> None:
        if self.run is None:
            self.notify("No run to steer yet. r starts one, l lists earlier ones.", markup=False)
        else:
            self.app.push_screen(control_dialog(self.run), self._steer)

    def _steer(self, name: str | None) -> None:
        if name is None or self.run is None:
            return
        if name in (RESUME, RESUME_LONGER):
            self._resume(self.run, self.run.view.epochs + MORE if name == RESUME_LONGER else None)
            return
        wish = wishes(self.run).get(name)
        if wish is None:
            self.notify("The run has gone on meanwhile; look again.", markup=False)
        elif wish.command is not None:
            self.ask(wish.command, f"Asked: {wish.words}.")
        elif wish.number is not None:
            self.app.push_screen(Form(wish.words, [wish.number], {}), partial(self._steer_number, name))

    def _steer_number(self, name: str, values: dict[str, Any] | None) -> None:
        if values is not None and self.run is not None:
            value = next(iter(values.values()))
            if not self.run.is_active:
                self._resume(self.run, int(value))
                return
            self.ask(numbered(name, value, self.run), f"Asked: {next(iter(values))} {value:g}.")

    def _resume(self, run: RunFollower, epochs: int | None = None) -> None:
        try:
            self.starter.resume(run, epochs)
        except FolderError as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)
            return
        self.notify("Taking it up again from its last checkpoint.", markup=False)
        if self.ticker is not None:
            self.ticker.resume()

    # ------------------------------------------------------------------------------- a picture of one's own

    def on_predict_pane_open_asked(self) -> None:
        self.ask_picture()

    def ask_picture(self, path: str = "") -> None:
        """Have this picture predicted, or ask for one."""
        if self.run is None or (self.run.view.predicted is None and not self.run.folder.model_file.exists()):
            self.notify("Train a network first: r starts the run.", severity="warning", markup=False)
        elif not self.run_entry(self.run).facts.is_image:
            self.notify("This network was trained on a table, not on pictures.", markup=False)
        elif path:
            self._ask_picture(path)
        else:
            self.app.push_screen(PicturePathDialog(), self._ask_picture)

    @staticmethod
    def run_entry(run: RunFollower) -> DatasetInfo:
        """What is known of the data that a run learned from, even if they are gone."""
        data_info = run.folder.data_info()
        if data_info is None:
            return entry_of(run.spec.dataset)
        return DatasetInfo(
            name=run.spec.dataset.label,
            title=data_info.title,
            facts=data_info.facts,
            licence="",
            source=run.spec.dataset.path,
            about="",
            ground=data_info.ground,
            fitting=data_info.fitting,
        )

    def _ask_picture(self, path: str | None) -> None:
        if path is None or self.run is None:
            return
        request = new_request()
        try:
            self.starter.answer(self.run)
            self.run.ask(Predict(request=request, file=path))
        except FolderError as problem:
            self.notify(printable(str(problem)), severity="error", markup=False)
            return
        self.asked[request] = path
        if self.ticker is not None:
            self.ticker.resume()
        self.notify("Asked; the answer comes as soon as the network is at hand.", markup=False)

    def deliver(self, run: RunFollower) -> None:
        for request in [request for request in self.asked if request in run.view.pictures]:
            path = self.asked.pop(request)
            answer = run.view.pictures[request]
            if answer.problem:
                self.notify(printable(answer.problem), severity="error", timeout=10, markup=False)
            else:
                self._prepare_picture(answer, path, run)

    @work(thread=True, group="own-picture")
    def _prepare_picture(self, answer: Any, path: str, run: RunFollower) -> None:
        from tuinn.data.images.preprocess import preprocess_image
        from tuinn.view.ascii_image import unit

        entry = self.run_entry(run)
        try:
            prepared = preprocess_image(path, entry)
        except SpecError as problem:
            self.app.call_from_thread(self.notify, printable(str(problem)), severity="error", markup=False)
            return
        pixels = unit(prepared.pixels, entry.facts.low, entry.facts.high)
        self.app.call_from_thread(self.show_answer, answer, pixels, entry)

    def show_answer(self, answer: Any, pixels: Any, entry: DatasetInfo) -> None:
        """Draw what the network says of a picture from outside."""
        raise NotImplementedError
