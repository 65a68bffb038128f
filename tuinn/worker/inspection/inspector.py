"""Answers questions about what happens inside the network: `Inspect` and `InspectUnits`, with files in `inspection/`."""

import json
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from tuinn.atomic_io import open_stored
from tuinn.data.dataset_arrays import Arrays
from tuinn.data.info import DatasetInfo
from tuinn.data.inspection import About, Trace, file_name, save_arrays
from tuinn.data.tables.preprocess import preprocess_rows
from tuinn.errors import SpecError, TuinnError, WorkerError
from tuinn.runs.commands import Explain, ExplainData, Inspect, InspectionQuestion, InspectUnits, LookInside
from tuinn.runs.events import Inspected
from tuinn.runs.folder import RunFolder
from tuinn.worker.checkpoints import training_state
from tuinn.worker.checkpoints.checkpoint import Checkpoint
from tuinn.worker.data.own_file import prepared_file
from tuinn.worker.errors import user_message
from tuinn.worker.inspection import attribution, data_effects, unit_statistics, weight_gradients
from tuinn.worker.inspection.activations import MOST_IN_ALL, MOST_VALUES, LayerSteps, measured, text_of
from tuinn.worker.keras_types import Array
from tuinn.worker.model.network import Network
from tuinn.worker.model.seeds import assign, values_of


@dataclass
class Inspector:
    """The network of a run, its data, and what was written about its weights."""

    folder: RunFolder
    network: Network
    info: DatasetInfo
    arrays: Arrays
    batch: int
    """Samples that may go through the network at once."""
    _steps: LayerSteps | None = None
    _written: tuple[str, list[Array]] = ("", [])
    """The last file of weights, and what they were."""

    @property
    def steps(self) -> LayerSteps:
        """Of the network, built when they are first asked for."""
        if self._steps is None:
            self._steps = LayerSteps(self.network, self.info.facts)
        return self._steps

    def answer(self, question: InspectionQuestion, epoch: int) -> Inspected:
        """The answer with the question's request; what keeps it from being answered is said in it.

        `epoch`: whose weights the network has.
        """
        try:
            with self.weights_of(question.epoch) as of_checkpoint:
                shown = question.epoch if question.epoch is not None and of_checkpoint else epoch
                match question:
                    case Inspect():
                        return self._inspect(question, shown, of_checkpoint)
                    case InspectUnits():
                        return self._inspect_units(question, shown)
                    case Explain():
                        return self._explain(question, shown)
                    case ExplainData():
                        return self._explain_data(question, shown)
        except Exception as error:  # a training must not end because a question can't be answered
            if not isinstance(error, TuinnError):
                traceback.print_exc()
            problem = error.message if isinstance(error, SpecError) else user_message(error)
            return Inspected(request=question.request, problem=problem)

    @contextmanager
    def weights_of(self, epoch: int | None) -> Iterator[bool]:
        """The network with the weights of this checkpointed epoch, for the length of the block; None: as it is.

        Yields whether they are a checkpoint's. Raises WorkerError where no checkpoint has them.
        """
        if epoch is None:
            yield False
            return
        file = checkpoint_epochs(self.folder).get(epoch)
        if file is None:
            raise WorkerError(f"No checkpoint of {self.folder.name} has the weights of epoch {epoch}.")
        variables = self.network.model.variables
        before = values_of(variables)
        try:
            training_state.restore_weights(Checkpoint.read(file).state, self.network.model)
            yield True
        finally:
            assign(variables, before)

    def sample_of(self, question: LookInside) -> Array:
        """The sample that is asked about, as samples are cached, (1, *shape). Raises SpecError and WorkerError."""
        facts, at = self.info.facts, question.test
        if question.file:
            return prepared_file(question.file, self.info).pixels[None]
        if question.sample is not None:
            found: Array = preprocess_rows((question.sample,), facts)[:1]
            return found
        if at is None:
            raise SpecError("Name a sample: one of the test set, a picture, a row or a text.")
        count = len(self.arrays.x_test)
        if not count:
            raise WorkerError(
                f"The test samples of {self.folder.name} are gone, so none of them can be looked into. Put the data "
                "back, or give a sample of your own."
            )
        if not 0 <= at < count:
            raise SpecError(f"There is no test sample {at + 1}; the last one is {count}.")
        chosen: Array = self.arrays.x_test[at : at + 1]
        return chosen

    # ---------------------------------------------------------------------------------------------- answers

    def _inspect(self, question: Inspect, epoch: int, of_checkpoint: bool) -> Inspected:
        steps = self.steps
        values = steps.values(self.sample_of(question))
        arrays, told, room = {}, [], MOST_IN_ALL
        for at, (step, batch) in enumerate(zip(steps.steps, values, strict=True)):
            given = storable(np.asarray(batch[0]))  # of a text, its bytes alone
            fits = given.size <= min(MOST_VALUES, room)
            told.append(msgspec.structs.replace(measured(step, given), is_kept=fits))
            if fits:
                room -= given.size
                arrays[f"v{at}"] = given
            scores = steps.scores(at, values[step.sources[0]] if step.sources else batch)
            if scores is not None and scores.size <= min(MOST_VALUES, room):
                room -= scores.size
                arrays[f"scores{at}"] = scores[0]
        checkpoints = tuple(sorted(checkpoint_epochs(self.folder)))
        trace = Trace(epoch, tuple(told), of_checkpoint, checkpoints)
        file = self.folder.inspection / file_name(question.request)
        save_arrays(file, arrays, msgspec.json.encode(trace))
        return Inspected(
            request=question.request, file=file.name, weights=self._save_weights(question.request)
        )

    def _save_weights(self, request: str) -> str:
        """The name of the file with the weights as they are; the last one where they are still the same."""
        layers = [place.layer for place in self.steps.places]
        named = [
            (f"{layer.name}/{variable.path.removeprefix(f'{layer.name}/')}", variable)
            for layer in layers
            for variable in layer.weights
            if np.prod(variable.shape) <= MOST_VALUES
        ]
        values = values_of([variable for _, variable in named])
        name, before = self._written
        same = name and (self.folder.inspection / name).exists() and len(before) == len(values)
        if same and all(np.array_equal(one, other) for one, other in zip(before, values, strict=True)):
            return name
        arrays = {key: storable(value) for (key, _), value in zip(named, values, strict=True)}
        name = f"weights-{file_name(request)}"
        save_arrays(self.folder.inspection / name, arrays)
        self._written = name, values
        return name

    def _inspect_units(self, question: InspectUnits, epoch: int) -> Inspected:
        self._require_step(question.step)
        found = unit_statistics.over_samples(self.steps, self.arrays, question.step, self.batch)
        return self._save(question, found.arrays(), About(epoch))

    def _explain(self, question: Explain, epoch: int) -> Inspected:
        sample, facts = self.sample_of(question), self.info.facts
        match question.method:
            case "occlusion":
                found = attribution.occlusion(self.network, facts, sample, question.target, self.batch)
            case "gradient":
                found = attribution.gradient_times_input(self.steps, sample, question.target)
            case "grad_cam":
                found = attribution.grad_cam(self.steps, sample, question.target)
        about = About(epoch, found.labels, target=found.target)
        return self._save(question, {"parts": found.parts}, about)

    def _explain_data(self, question: ExplainData, epoch: int) -> Inspected:
        network, facts, arrays = self.network, self.info.facts, self.arrays
        match question.method:
            case "importance":
                matters = data_effects.permutation_importance(network, facts, arrays, self.batch)
                about = About(epoch, matters.labels, matters.measure)
                return self._save(question, {"means": matters.means, "spreads": matters.spreads}, about)
            case "effect":
                effect = data_effects.column_effect(network, facts, arrays, question.column, self.batch)
                values = {"values": effect.values, "curves": effect.curves}
                return self._save(question, values, About(epoch, effect.labels))
            case "projection":
                self._require_step(question.step)
                points = data_effects.projection(self.steps, arrays, question.step, self.batch)
                found = {"points": points.points, "targets": points.targets}
                return self._save(question, found, About(epoch, shares=points.shares))
            case "gradients":
                gradients = weight_gradients.weight_gradients(network, arrays)
                return self._save(question, gradients, About(epoch))

    def _save(self, question: LookInside, arrays: Mapping[str, Array], about: About) -> Inspected:
        file = self.folder.inspection / file_name(question.request)
        save_arrays(
            file, {name: storable(array) for name, array in arrays.items()}, msgspec.json.encode(about)
        )
        return Inspected(request=question.request, file=file.name)

    def _require_step(self, step: int) -> None:
        if not 0 <= step < len(self.steps.steps):
            raise SpecError(f"The network has no step {step}.")


def storable(values: Array) -> Array:
    """The same as a file holds it: float32, or unicode of texts."""
    if values.dtype.kind in "fiub":
        return values.astype(np.float32)
    texts = [text_of(item) for item in values.ravel()]
    return np.array(texts, dtype=np.str_).reshape(values.shape)


def checkpoint_epochs(folder: RunFolder) -> dict[int, Path]:
    """Epochs that a checkpoint has the weights of, as they were at the epoch's end → its file."""
    found: dict[int, Path] = {}
    for file in sorted(folder.checkpoints.glob("[!.]*.npz")):
        epoch = _epoch_of(file)
        if epoch:
            found.setdefault(epoch, file)
    return found


def _epoch_of(file: Path) -> int:
    """The epoch that a checkpoint ends; 0 where it lies inside one, or can't be read."""
    try:
        with open_stored(file) as opened, np.load(opened, allow_pickle=False) as arrays:
            place = json.loads(arrays["head"].tobytes())["place"]
        return 0 if place["step"] else int(place["epoch"]) - 1
    except Exception:  # zip, zlib, JSON and NumPy each have their own names for "damaged"
        return 0
