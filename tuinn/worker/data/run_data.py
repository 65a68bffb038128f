"""The data of a run: loaded or prepared, split by the run's seed, and described in its folder."""

import time
from dataclasses import dataclass, replace

import msgspec
import numpy as np

from tuinn.data import cache, loader
from tuinn.data.cache import ReportProgress, no_progress
from tuinn.data.dataset_arrays import Arrays, has_dark_ground
from tuinn.data.info import DatasetInfo
from tuinn.data.label_verdicts import Applied, apply_verdicts, read_verdicts
from tuinn.data.split import Indices, split, split_last
from tuinn.data.text_store import Texts
from tuinn.errors import SpecError, WorkerError
from tuinn.runs.events import DataLoaded, DataPrepared, Noted
from tuinn.runs.folder import DataInfo, RunFolder
from tuinn.spec.advice.advise import advise
from tuinn.spec.advice.fit_settings import whole_batch
from tuinn.spec.dataset import DataFacts, DatasetSpec, LabelVerdict, Task
from tuinn.spec.layers.shapes import Summary, summarize
from tuinn.spec.run import RunSpec
from tuinn.spec.training.losses import Loss
from tuinn.text import plural
from tuinn.worker.commands import CommandQueue
from tuinn.worker.event_log import Emit
from tuinn.worker.heartbeat import Heartbeat
from tuinn.worker.model import compilation

JUDGED = 64
"""Images by which the ground of all is judged."""


@dataclass(frozen=True)
class DataSource:
    """Where the samples of the user's own data come from, as `DataInfo` keeps it; empty for a dataset of the catalogue."""

    cache_key: str = ""
    fingerprint: str = ""
    signature: str = ""

    @classmethod
    def of(cls, dataset: DatasetSpec) -> "DataSource":
        """Of the data as they are now, just prepared. Raises SpecError."""
        if not dataset.path:
            return cls()
        return cls(loader.source_key(dataset), loader.fingerprint(dataset), loader.signature(dataset))

    @classmethod
    def known(cls, info: DataInfo) -> "DataSource":
        """Of the data that a run began with."""
        return cls(info.kept, info.fingerprint, info.signature)


@dataclass(frozen=True)
class RunData:
    """The data of a run, and which of it is trained on."""

    info: DatasetInfo
    arrays: Arrays
    training: Indices
    validation: Indices
    summary: Summary
    """Of the network, for samples of this shape."""
    loss: Loss
    source: DataSource = DataSource()
    notes: tuple[Noted, ...] = ()
    """What only showed when the samples were read."""
    verdicts: tuple[LabelVerdict, ...] = ()
    """What was decided about labels, and is used."""

    @property
    def outputs(self) -> int:
        """Width of the network's last layer."""
        return output_width(self.summary)

    def event(self) -> DataLoaded:
        """The samples, counted, for the journal."""
        return DataLoaded(
            name=self.info.name,
            train=len(self.training),
            validation=len(self.validation),
            test=len(self.arrays.x_test),
            shape=self.info.facts.shape,
            classes=self.info.facts.classes,
        )


def output_width(summary: Summary) -> int:
    """Outputs of the last layer, for one sample."""
    return (summary.output or (1,))[-1]


def progress_events(emit: Emit, heartbeat: Heartbeat, commands: CommandQueue) -> ReportProgress:
    """Report the progress of a preparation, at most once a second, as it may take minutes.

    The function that comes back raises StopRequested when the user wants the run to stop.
    """
    due = 0.0

    def report(done: int, total: int, what: str) -> None:
        nonlocal due
        commands.check_stop()
        if time.monotonic() >= due or done == total:
            due = time.monotonic() + 1
            heartbeat.beat()
            emit(DataPrepared(done=done, total=total, what=what))

    return report


def load(spec: RunSpec, report: ReportProgress = no_progress, known: DataInfo | None = None) -> RunData:
    """Load the samples and split them by the run's seed. `known`: the data that a resumed run began with.

    Raises SpecError, or WorkerError for a spec that can't be trained.
    """
    if known and (arrays := cached_arrays(known)):
        info, notes = dataset_info(spec, known), changed_files(spec.dataset, known)
        return split_data(spec, info, arrays, DataSource.known(known), notes, known.verdicts)
    info = loader.describe(spec.dataset)
    before = check(spec, info.facts)  # before a preparation that may take minutes
    arrays = loader.load(spec.dataset, report)
    info = loader.describe(spec.dataset)  # more is known of samples that were read
    now = DataSource.of(spec.dataset)
    if known and not is_same(known, info.facts, now):
        raise WorkerError(
            f"{spec.dataset.label} is not what it was when this run began, so it can't go on. "
            "Put the data back, or start a new run."
        )
    after = check(spec, info.facts)
    notes = tuple(Noted(message=message, level="warning") for message in after if message not in before)
    notes += (*accepted_problems(info.facts), *(unverified(spec.dataset, known, now) if known else ()))
    found = split_data(spec, info, arrays, now, notes, known.verdicts if known else decided(spec.dataset))
    return found if known else with_batch_note(spec, found)


def with_batch_note(spec: RunSpec, data: RunData) -> RunData:
    """Say where a batch is all samples, as there are fewer than it may have."""
    if len(data.training) >= spec.fit.batch_size:
        return data
    note = Noted(message=whole_batch(spec.fit.batch_size, len(data.training)))
    return replace(data, notes=(*data.notes, note))


def decided(dataset: DatasetSpec) -> tuple[LabelVerdict, ...]:
    """What a run that begins now uses of what was decided about labels. Raises SpecError where that can't be read."""
    return read_verdicts(dataset) if dataset.labels == "checked" else ()


def is_same(known: DataInfo, facts: DataFacts, now: DataSource) -> bool:
    """Whether data that were prepared again are those that the run began with, as far as it keeps what tells."""
    if known.fingerprint and now.fingerprint and known.fingerprint != now.fingerprint:
        return False
    return identity(facts) == identity(known.facts)


def changed_files(dataset: DatasetSpec, known: DataInfo) -> tuple[Noted, ...]:
    """Said where the user's own data are no longer those of the run, whose samples the cache still has."""
    try:
        if not known.signature or loader.signature(dataset) == known.signature:
            return ()
    except SpecError:
        return ()  # they are gone, and nothing is to be mistaken for them
    words = f"The files of {dataset.label} were changed or moved since this run began."
    return (Noted(message=f"{words} It keeps to its samples as they were then, which are in the cache."),)


def unverified(dataset: DatasetSpec, known: DataInfo, now: DataSource) -> tuple[Noted, ...]:
    """Said where nothing tells whether the user's own data are those that the run began with."""
    if known.fingerprint or now.cache_key == known.kept:
        return ()
    words = f"{dataset.label} was changed, moved, or is read in another way since this run began."
    why = "Its run folder is of a version that kept nothing to compare the samples with."
    return (Noted(level="warning", message=f"{words} {why} If they differ, so do its numbers."),)


def check(spec: RunSpec, facts: DataFacts) -> list[str]:
    """The warnings about the data. Raises WorkerError for an error of the spec."""
    problems = advise(spec, facts, begins=False)  # whoever loads first weights tells what is wrong with them
    for problem in problems:
        if problem.severity == "error":
            raise WorkerError(str(problem))
    return [problem.message for problem in problems if problem.about_data]


def accepted_problems(facts: DataFacts) -> tuple[Noted, ...]:
    """What would be an error, had the spec not said what to do about it."""
    return tuple(Noted(message=finding.message) for finding in facts.findings if finding.severity == "error")


def split_data(
    spec: RunSpec,
    info: DatasetInfo,
    arrays: Arrays,
    source: DataSource = DataSource(),
    notes: tuple[Noted, ...] = (),
    verdicts: tuple[LabelVerdict, ...] = (),
) -> RunData:
    """Choose the samples to train on and to validate on, by their given labels; then use what was decided about these.

    Raises WorkerError where no sample is left.
    """
    if info.facts.is_image and len(arrays.x_train):
        dark = has_dark_ground(arrays.x_train[:JUDGED], info.facts.low, info.facts.high)
        info = replace(info, dark_corners=dark)
    summary = summarize(spec.model, info.facts.input_shape, info.facts.is_text)
    labels = arrays.y_train if info.facts.task in (Task.BINARY, Task.CLASSES) else None
    count, share = len(arrays.x_train), spec.dataset.validation
    in_time = info.facts.split != "random"
    training, validation = (
        split_last(count, share, info.facts.gap) if in_time else split(count, share, spec.fit.seed, labels)
    )
    if verdicts and len(arrays.x_train):
        applied = apply_verdicts(arrays, verdicts, info.facts.classes)
        arrays, notes = applied.arrays, (*notes, verdict_note(applied))
        training = np.setdiff1d(training, applied.left_out)
        validation = np.setdiff1d(validation, applied.left_out)
        if not len(training):
            raise WorkerError("Every training sample is left out. Decide otherwise, or set labels to given.")
    loss = compilation.loss_of(spec, info.facts, output_width(summary))
    return RunData(info, arrays, training, validation, summary, loss, source, notes, verdicts)


def verdict_note(applied: Applied) -> Noted:
    """What was done about labels that look wrong."""
    count = len(applied.left_out)
    words = f"As decided about labels: {applied.relabeled:,} changed, {plural(count, 'sample')} left out."
    if applied.missing:
        words += f" {plural(applied.missing, 'sample')} that was decided about is not there any more."
    return Noted(message=words, level="warning" if applied.missing else "info")


def identity(facts: DataFacts) -> tuple[object, ...]:
    """What must be the same for a run to go on."""
    kinds = facts.task, facts.shape, facts.dtype, facts.classes, facts.columns, facts.target_names
    return *kinds, facts.train, facts.test


def save_info(folder: RunFolder, data: RunData) -> None:
    """Write into the run folder what its network is trained on. Raises OSError."""
    info, source = data.info, data.source
    written = DataInfo(
        info.facts,
        info.title,
        info.background,
        info.resize_mode,
        source.cache_key,
        source.fingerprint,
        source.signature,
        info.dark_corners,
        data.verdicts,
    )
    folder.write_whole(folder.facts_file, msgspec.json.encode(written))


def cached_arrays(known: DataInfo) -> Arrays | None:
    """The very samples that a run on the user's own data began with; None where they left the cache."""
    if not known.kept:
        return None
    arrays = cache.CacheEntry(cache.cache_folder() / "data" / known.kept).arrays()
    return arrays if arrays and arrays.fit(known.facts) else None


def dataset_info(spec: RunSpec, known: DataInfo) -> DatasetInfo:
    """What is known of a run's data, without a look at them."""
    return DatasetInfo(
        name=spec.dataset.label,
        title=known.title,
        facts=known.facts,
        licence="",
        source=spec.dataset.path,
        description="",
        background=known.ground,
        dark_corners=known.dark_corners,
        resize_mode=known.fitting,
        dataset=spec.dataset if spec.dataset.path else None,
    )


def load_for_questions(spec: RunSpec, known: DataInfo | None) -> RunData:
    """As `load`, for a run that ended; without samples where its data are gone or have changed.

    Raises SpecError or WorkerError where the run folder doesn't say what the data were.
    """
    if known is None:
        return load(spec)
    arrays = cached_arrays(known)
    if arrays is None:
        try:
            if not known.kept or loader.source_key(spec.dataset) == known.kept:
                arrays = loader.load(spec.dataset)
        except SpecError:
            pass  # they are gone
    if arrays is None or not arrays.fit(known.facts):
        arrays = no_samples(known.facts)
    return split_data(
        spec, dataset_info(spec, known), arrays, DataSource.known(known), verdicts=known.verdicts
    )


def no_samples(facts: DataFacts) -> Arrays:
    """Empty arrays of the right shape."""
    x = Texts.of([]) if facts.is_text else np.empty((0, *facts.shape), facts.dtype)
    y = np.empty((0, len(facts.classes)) if facts.task is Task.LABELS else (0,), np.int64)
    return Arrays(x, y, x, y)
