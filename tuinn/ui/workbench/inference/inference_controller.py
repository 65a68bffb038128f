"""Predictions for pictures that are not in the dataset: ask the worker, and show its answer."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tuinn.data.info import DatasetInfo
from tuinn.errors import FolderError
from tuinn.runs.commands import Predict, PredictSamples, PredictTest, Question, new_request
from tuinn.runs.events import PictureAnswered, SamplesAnswered
from tuinn.spec.dataset import ARRAY_FILES, DataFacts
from tuinn.spec.options import Value
from tuinn.spec.training.outputs import Outputs
from tuinn.text import join_names, printable
from tuinn.ui.workbench.host import Host, show_problem
from tuinn.ui.workbench.panes.predict_text import OwnAnswer
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.draft import entry_of, info_of_run
from tuinn.view.run_follower import RunFollower

if TYPE_CHECKING:  # the first screen does without NumPy
    import numpy as np
    from numpy.typing import NDArray

Row = dict[str, str]
"""A row of a table by the names of its columns, each value as it would stand in a CSV."""

OwnSample = str | Row
"""The path of a picture, a text, or a row."""

Answer = PictureAnswered | SamplesAnswered

NOT_SENT = "The question could not be sent. Go back, and ask again."


class InferenceController:
    """Asks the worker of the run on the screen for predictions, and waits for them."""

    def __init__(self, host: Host, runs: RunController, show_answer: Callable[[OwnAnswer], None]) -> None:
        self.host = host
        self.runs = runs
        self.show_answer = show_answer
        self.requests: dict[str, OwnSample] = {}
        """Samples waiting for an answer, by the request."""
        self.last_own: OwnSample | None = None
        """The last one that was sent."""
        self.all_asked = ""
        """The request for the predictions of all test samples, until they are there or something went wrong."""
        self.noted = 0
        """Notes in the journal when it was made."""

        self.explained: dict[str, Callable[[PictureAnswered], None]] = {}
        """Who wants the answer about a picture whose steps were switched, by the request."""
        self.asked_of: Path | None = None
        """The folder of the run that all of these were asked of."""

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self.requests or self.all_asked or self.explained)

    def predict_all(self) -> None:
        """Have all test samples predicted, not the first ones alone."""
        run = self.runs.run
        if run is None or run.view.predicted is None or self.all_asked:
            return
        if not (run.is_active or run.folder.model_file.exists()):
            return  # nobody can predict any more
        request = new_request()
        if self.ask(run, PredictTest(request=request, epoch=run.view.predicted.epoch)):
            self.all_asked, self.noted = request, len(run.view.notes)
            when = "after this epoch" if run.is_active else "once the network is loaded"
            words = f"All test samples will be predicted {when}."
            self.host.show_message(words, until=lambda: not self.all_asked)

    def predict(self, path: str = "", example: Row | None = None) -> None:
        """Have a sample of the user's own predicted: the picture at this path, or what a dialog asks for.

        `example`: a row of the table, to begin with.
        """
        run = self.runs.run
        if run is None or (run.view.predicted is None and not run.folder.model_file.exists()):
            self.host.show_message("Train a network first: r starts the run.", "warning")
            return
        facts = dataset_info_of(run).facts
        if run.host and _takes_files(facts):
            self.host.show_message(
                f"The network is on {run.host}, and so a picture has to be: there, tuinn predict {run.folder.name} PICTURE",
                "warning",
            )
        elif path and _takes_files(facts):
            self._send(run, path)
        elif path:
            self.host.show_message("This network was not trained on images.")
        else:
            self.choose(run, partial(self._send, run), example)

    def choose(
        self, run: RunFollower, then: Callable[[OwnSample | None], None], example: Row | None = None
    ) -> None:
        """Ask in a dialog for a sample such as this network takes; None: it was left without one."""
        facts = dataset_info_of(run).facts
        if facts.is_text:
            self._ask_for_line("texts", then)
        elif facts.is_table:
            self._ask_for_row(facts, example or {}, then)
        else:
            self._ask_for_line("pictures" if facts.is_image else "arrays", then)

    def _ask_for_line(self, kind: str, then: Callable[[OwnSample | None], None]) -> None:
        from tuinn.ui.workbench.inference import own_sample as lines
        from tuinn.ui.workbench.inference.own_sample import OwnLine, check_text

        earlier = lines.RememberedSamples(kind).all()
        if kind == "pictures":
            hint, check = "path of a png, jpeg, gif, bmp or webp file", lines.check_picture_or_array
            dialog = OwnLine("Predict a picture of your own", hint, earlier, check, is_path=True)
        elif kind == "arrays":
            hint = "path of an .npy or .npz file; x.npy[3] is its sample 3"
            dialog = OwnLine("Predict a sample of your own", hint, earlier, lines.check_array, is_path=True)
        else:
            dialog = OwnLine("Predict a text of your own", "a text", earlier, check_text)
        self.host.open_dialog(dialog, then)

    def _ask_for_row(self, facts: DataFacts, example: Row, then: Callable[[OwnSample | None], None]) -> None:
        from tuinn.data.tables.preprocess import columns_of
        from tuinn.ui.workbench.inference.own_sample import OwnRow, RememberedSamples

        dialog = OwnRow(facts, example, RememberedSamples("rows").rows(columns_of(facts)))

        def answered(values: dict[str, Value] | None) -> None:
            then(None if values is None else dialog.own_row(values))

        self.host.open_dialog(dialog, answered)

    def _send(self, run: RunFollower, sample: OwnSample | None) -> None:
        """Ask about a picture by its path, a text, or a row; None: a dialog was left without one."""
        if sample is None:
            return
        from tuinn.ui.workbench.inference.own_sample import RememberedSamples

        request, facts = new_request(), dataset_info_of(run).facts
        question: Question = PredictSamples(request=request, samples=(sample,))
        if _takes_files(facts) and isinstance(sample, str):
            question = Predict(request=request, file=sample)
        if self.ask(run, question):
            RememberedSamples(_kind_of(sample, facts)).remember(sample)
            self.requests[request] = self.last_own = sample
            info = dataset_info_of(run)
            self.show_answer(own_sample(sample, info.facts, is_awaited=True))
            words = "Sent; the prediction appears once the network is loaded."
            self.host.show_message(words, until=lambda: request not in self.requests)

    def explain(
        self,
        run: RunFollower,
        file: str,
        switched: tuple[str, ...],
        done: Callable[[PictureAnswered], None],
    ) -> None:
        """Have a picture predicted that is prepared with these steps the other way round."""
        request = new_request()
        if self.ask(run, Predict(request=request, file=file, switched=switched)):
            self.explained[request] = done
        else:
            done(PictureAnswered(request=request, file=file, problem=NOT_SENT))

    def ask(self, run: RunFollower, question: Question) -> bool:
        """Send a question to the run's worker, which is started where there is none. False: it can't be, and that is said."""
        try:
            self.runs.launcher.serve(run)
            run.ask(question)
        except FolderError as problem:
            show_problem(self.host, problem)
            return False
        self._forget_others(run)
        self.runs.await_answer()
        return True

    def _forget_others(self, run: RunFollower) -> None:
        """What was asked of another run has no place beside this one: its answers stand in the other's journal."""
        if self.asked_of != run.folder.path:
            self.requests.clear()
            self.explained.clear()
            self.all_asked, self.asked_of = "", run.folder.path

    def show_other(self, answer: OwnAnswer) -> None:
        """Show a sample that isn't the user's own: what looks into the last one of those has nothing to do with it."""
        self.last_own = None
        self.show_answer(answer)

    def show_answers(self) -> None:
        """Show the answers that are in the run's journal by now."""
        run = self.runs.run
        if run is None:
            return
        self._forget_others(run)
        predicted = run.view.predicted
        if (predicted and predicted.request == self.all_asked) or len(run.view.notes) > self.noted:
            self.all_asked = ""
        answers: dict[str, Answer] = {**run.view.pictures, **run.view.answered_samples}
        for request in [request for request in self.requests if request in answers]:
            self._show_answer(run, self.requests.pop(request), answers[request])
        for request in [request for request in self.explained if request in run.view.pictures]:
            self.explained.pop(request)(run.view.pictures[request])
        if (self.requests or self.explained) and _nobody_answers(run):
            self._give_up(run)

    def _give_up(self, run: RunFollower) -> None:
        """The worker has ended without an answer, as when it was killed."""
        words = "The worker ended without an answer: it was killed, or crashed (L shows its log). Ask again."
        for sample in self.requests.values():
            self.show_answer(own_sample(sample, dataset_info_of(run).facts, steps=words))
        for request, done in self.explained.items():
            done(PictureAnswered(request=request, file="", problem=words))
        self.requests.clear()
        self.explained.clear()
        self.host.show_message(words, "error", 10)

    def _show_answer(self, run: RunFollower, sample: OwnSample, answer: Answer) -> None:
        info = dataset_info_of(run)
        if answer.problem:
            self.host.show_message(answer.problem, "error", 10)
            self.show_answer(own_sample(sample, info.facts, steps=answer.problem))
            return
        if isinstance(answer, SamplesAnswered):
            self.show_answer(
                own_sample(sample, info.facts, answer.outputs[0], filled_words(sample, info.facts))
            )
        elif isinstance(sample, str):
            # The pixels come later, or never, if the picture has gone meanwhile.
            self.show_answer(own_sample(sample, info.facts, answer.outputs, steps_words(answer)))
            if not info.facts.is_image:
                return
            self.host.run_in_thread(
                "picture",
                partial(_pixels_of, run.folder.pictures, answer, sample, info),
                partial(self._show, answer, info),
                exclusive=False,
            )

    def _show(self, answer: PictureAnswered, info: DatasetInfo, pixels: "NDArray[np.float32]") -> None:
        steps, title = steps_words(answer), answer.file.rsplit("/", 1)[-1]
        self.show_answer(OwnAnswer(title, info.facts, answer.outputs, pixels=pixels, steps=steps))


def _nobody_answers(run: RunFollower) -> bool:
    """Whether no worker lives, and none is on its way."""
    return (run.worker is None or run.worker.poll() is not None) and not run.folder.is_alive()


def steps_words(answer: PictureAnswered) -> str:
    """In what a picture is unlike the training data, and how it was prepared."""
    steps = "" if is_array(answer.file) else "Enter: steps"
    return " · ".join(filter(None, (answer.unlike, steps, *answer.steps)))


def is_array(file: str) -> bool:
    """Whether this is a sample of an array, as in `x.npy[3]`."""
    return file.rstrip("]0123456789").rstrip("[").lower().endswith(ARRAY_FILES)


def _takes_files(facts: DataFacts) -> bool:
    """Whether samples are given by a path: pictures, and arrays that are no rows of a table."""
    return facts.is_image or not (facts.is_text or facts.is_table)


def _kind_of(sample: OwnSample, facts: DataFacts) -> str:
    """What it is remembered as."""
    if isinstance(sample, dict):
        return "rows"
    return "texts" if facts.is_text else "pictures" if facts.is_image else "arrays"


def own_sample(
    sample: OwnSample, facts: DataFacts, outputs: Outputs = (), steps: str = "", is_awaited: bool = False
) -> OwnAnswer:
    """What is shown of a sample without its pixels."""
    if isinstance(sample, dict):
        longest = min(max(map(len, sample), default=0), 40)
        lines = [f"{printable(name):<{longest}}  {printable(cell) or '–'}" for name, cell in sample.items()]
        return OwnAnswer("your row", facts, outputs, "\n".join(lines), None, steps, is_awaited)
    if facts.is_text:
        return OwnAnswer("your text", facts, outputs, sample, None, steps, is_awaited)
    return OwnAnswer(sample.rsplit("/", 1)[-1], facts, outputs, "", None, steps, is_awaited)


def filled_words(sample: OwnSample, facts: DataFacts) -> str:
    """What was done about numbers that a row lacks; empty where there are none."""
    from tuinn.data.tables.csv_header import MISSING_VALUES

    row = sample if isinstance(sample, dict) else {}
    numbers = {column.name for column in facts.columns if column.kind == "number"}
    gaps = [name for name, cell in row.items() if name in numbers and cell.strip() in MISSING_VALUES]
    return f"the mean stands for {join_names(gaps)}" if gaps else ""


def _pixels_of(
    pictures: Path, answer: PictureAnswered, path: str, info: DatasetInfo
) -> "NDArray[np.float32]":
    """The picture as the network got it, in 0..1. Raises SpecError for a file that can't be read."""
    from tuinn.data.arrays.preprocess import OwnArray, array_reference
    from tuinn.data.images.preprocess import preprocess_image
    from tuinn.data.predictions import read_picture
    from tuinn.view.ascii_image import unit

    pixels = read_picture(pictures, answer.pixels)
    if pixels is None and (found := array_reference(path)):
        pixels = OwnArray.open(found[0], info.facts).sample(found[1])
    if pixels is None:  # the worker had no room for it
        pixels = preprocess_image(path, info).pixels
    return unit(pixels, info.facts.low, info.facts.high)


def dataset_info_of(run: RunFollower) -> DatasetInfo:
    """What is known of the data that a run was trained on, even if they are gone."""
    return info_of_run(run.folder, run.spec.dataset) or entry_of(run.spec.dataset)
