"""The data of a run: read or prepared, split by its seed, and remembered in its folder."""

import time
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from tuinn.data import cache, loader
from tuinn.data.cache import ReportProgress, no_progress
from tuinn.data.dataset_arrays import Arrays
from tuinn.data.info import DatasetInfo
from tuinn.data.split import Indices, split
from tuinn.data.text_store import Texts
from tuinn.errors import EndedEarly, SpecError, WorkerError
from tuinn.runs.events import DataLoaded, DataPrepared, Noted
from tuinn.runs.folder import DataInfo, RunFolder
from tuinn.spec.advice.advise import advise
from tuinn.spec.dataset import DataFacts, Task
from tuinn.spec.layers.shapes import Summary, summarise
from tuinn.spec.run import RunSpec
from tuinn.spec.training.losses import Loss
from tuinn.worker.commands import CommandQueue
from tuinn.worker.event_log import Say
from tuinn.worker.heartbeat import Heartbeat
from tuinn.worker.model import compilation


@dataclass(frozen=True)
class RunData:
    """The data of a run, and which of it is trained on."""

    entry: DatasetInfo
    arrays: Arrays
    training: Indices
    validation: Indices
    summary: Summary
    """Of the network, for samples of this shape."""
    loss: Loss
    kept: str = ""
    """Of data of one's own: where in the cache they lie."""
    notes: tuple[Noted, ...] = ()
    """What only showed when they were read."""

    @property
    def outputs(self) -> int:
        """Width of the network's last layer."""
        return width(self.summary)

    def event(self) -> DataLoaded:
        """The samples, counted, for the journal."""
        return DataLoaded(
            name=self.entry.name,
            train=len(self.training),
            validation=len(self.validation),
            test=len(self.arrays.x_test),
            shape=self.entry.facts.shape,
            classes=self.entry.facts.classes,
        )


def width(summary: Summary) -> int:
    """Outputs of the last layer, for one sample."""
    return (summary.output or (1,))[-1]


def telling(say: Say, pulse: Heartbeat, wishes: CommandQueue) -> ReportProgress:
    """Progress of a preparation, for the journal: at most one a second, as it may take minutes.

    The teller raises EndedEarly when the user wants the run to stop.
    """
    due = 0.0

    def tell(done: int, total: int, what: str) -> None:
        nonlocal due
        wishes.poll()
        if wishes.stop:
            raise EndedEarly("Stopped while the data were prepared, so nothing was trained.")
        if time.monotonic() >= due or done == total:
            due = time.monotonic() + 1
            pulse.beat()
            say(DataPrepared(done=done, total=total, what=what))

    return tell


def load(spec: RunSpec, tell: ReportProgress = no_progress, data_info: DataInfo | None = None) -> RunData:
    """Samples at hand, split by the run's seed. `learned`: what a run that is taken up began with.

    Raises SpecError, or WorkerError for a spec that can't be trained.
    """
    if data_info and (arrays := kept_arrays(data_info)):
        return put_in_order(spec, entry_of(spec, data_info), arrays, data_info.kept)
    entry = loader.describe(spec.dataset)
    before = check(spec, entry.facts)  # before a preparation that may take minutes
    arrays = loader.load(spec.dataset, tell)
    entry = loader.describe(spec.dataset)  # what was read is known better than what was looked at
    if data_info and told_apart(entry.facts) != told_apart(data_info.facts):
        raise WorkerError(
            f"{spec.dataset.label} is not what it was when this run began, so it can't go on. "
            "Put the data back, or start a new run."
        )
    after = check(spec, entry.facts)
    notes = tuple(Noted(message=message, level="warning") for message in after if message not in before)
    key = loader.source_key(spec.dataset) if spec.dataset.path else ""
    return put_in_order(spec, entry, arrays, key, (*notes, *answered(entry.facts)))


def check(spec: RunSpec, facts: DataFacts) -> list[str]:
    """The warnings that there are. Raises WorkerError for an error."""
    problems = advise(spec, facts)
    for problem in problems:
        if problem.severity == "error":
            raise WorkerError(str(problem))
    return [problem.message for problem in problems if problem.of_data]


def answered(facts: DataFacts) -> tuple[Noted, ...]:
    """What would be an error, had the spec not said what to do about it."""
    return tuple(Noted(message=finding.message) for finding in facts.findings if finding.severity == "error")


def put_in_order(
    spec: RunSpec, entry: DatasetInfo, arrays: Arrays, kept: str = "", notes: tuple[Noted, ...] = ()
) -> RunData:
    """Which of the samples are trained on and which validated on."""
    summary = summarise(spec.model, entry.facts.input_shape, entry.facts.is_text)
    labels = arrays.y_train if entry.facts.task in (Task.BINARY, Task.CLASSES) else None
    training, validation = split(len(arrays.x_train), spec.dataset.validation, spec.fit.seed, labels)
    loss = compilation.loss_of(spec, entry.facts, width(summary))
    return RunData(entry, arrays, training, validation, summary, loss, kept, notes)


def told_apart(facts: DataFacts) -> tuple[Any, ...]:
    """What must be the same for a run to go on."""
    return facts.task, facts.shape, facts.dtype, facts.classes, facts.columns, facts.train, facts.test


def remember(folder: RunFolder, material: RunData) -> None:
    """Write into the run folder what its network learned from. Raises OSError."""
    entry = material.entry
    data_info = DataInfo(entry.facts, entry.title, entry.ground, entry.fitting, material.kept)
    folder.write_whole(folder.facts_file, msgspec.json.encode(data_info))


def kept_arrays(data_info: DataInfo) -> Arrays | None:
    """The very samples that a run on data of one's own began with; None where the cache has them no more."""
    if not data_info.kept:
        return None
    arrays = cache.CacheEntry(cache.cache_folder() / "data" / data_info.kept).arrays()
    return arrays if arrays and arrays.fit(data_info.facts) else None


def entry_of(spec: RunSpec, data_info: DataInfo) -> DatasetInfo:
    """The entry of a run's data, without a look at them."""
    return DatasetInfo(
        name=spec.dataset.label,
        title=data_info.title,
        facts=data_info.facts,
        licence="",
        source=spec.dataset.path,
        about="",
        ground=data_info.ground,
        fitting=data_info.fitting,
        dataset=spec.dataset if spec.dataset.path else None,
    )


def load_for_questions(spec: RunSpec, data_info: DataInfo | None) -> RunData:
    """As `load`, for a run that ended. Where its data are gone or have changed there are no samples, and that is all.

    Raises SpecError or WorkerError where nobody knows what the run learned from.
    """
    if data_info is None:
        return load(spec)
    try:
        if not data_info.kept or kept_arrays(data_info) or loader.source_key(spec.dataset) == data_info.kept:
            return load(spec, data_info=data_info)
    except (SpecError, WorkerError):
        pass  # they are gone
    return put_in_order(spec, entry_of(spec, data_info), nothing(data_info.facts))


def nothing(facts: DataFacts) -> Arrays:
    """No samples, of the right shape."""
    x = Texts.of([]) if facts.is_text else np.empty((0, *facts.shape), facts.dtype)
    y = np.empty((0, len(facts.classes)) if facts.task is Task.LABELS else (0,), np.int64)
    return Arrays(x, y, x, y)
