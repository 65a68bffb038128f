"""Every run in a line, quickly: what was read of a journal once is not read again, in this process or the next."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path

import msgspec

from tuinn import __version__
from tuinn.atomic_io import write_whole
from tuinn.errors import FolderError
from tuinn.runs.annotations import Annotations, annotations_file, read_annotations
from tuinn.runs.death import Death
from tuinn.runs.folder import RunFolder, all_runs, home, runs_folder
from tuinn.runs.journal import read_struct
from tuinn.runs.machine import batch_job, slurm
from tuinn.runs.machine.batch_job import BatchJob, mark_over, read_job
from tuinn.runs.machine.slurm import JobStatus
from tuinn.runs.process_folder import is_drawn_name
from tuinn.runs.state import RunState, state_of
from tuinn.runs.summary import RunSummary
from tuinn.spec.layers.model import describe_network
from tuinn.spec.naming import DEFAULTS, recipe_of, settings_of, title_of
from tuinn.spec.run import RunSpec

CACHE_FORMAT = f"{__version__}/6"
"""Grows when a RunSummary or a Known changes its meaning; a cache of another format is thrown away."""

SPECS_AT_ONCE = 200
"""Specs that are read for the titles of a few runs: about 0.2 s."""

Stamp = tuple[int, int]
"""A file's modification time in nanoseconds and its size; zeros where it is missing."""


class Known(msgspec.Struct):
    """What was read of a run, with the files' stamps by which one sees that it still holds."""

    spec: Stamp = (0, 0)
    journal: Stamp = (0, 0)
    offset: int = 0
    """Bytes of the journal that are folded in."""
    summary: RunSummary = msgspec.field(default_factory=RunSummary)
    dataset: str = ""
    network: str = ""
    epochs: int = 0
    """Asked for by the spec."""
    label: str = ""
    """What the run is called by its settings."""
    settings: str = ""
    """A line for each setting: what people call it, a tab, its value; without those at their default in DEFAULTS.

    One text, since the cache of thousands of runs is read in a fraction of the time that dicts would take.
    """
    recipe: str = ""
    """The same for runs that differ in their seed alone."""
    problem: str = ""
    """Why the spec or the journal can't be read."""


class _Cache(msgspec.Struct):
    format: str
    runs: dict[str, Known]


@dataclass(frozen=True)
class ListedRun:
    """One run of the list."""

    folder: RunFolder
    known: Known
    annotations: Annotations
    state: RunState | None
    """None: its folder is damaged."""
    made: float
    """When its folder was made: seconds since 1970."""
    death: Death | None = None
    """Why its worker died; None where it was not lost."""
    silence: str = ""
    """Why its worker gives no sign of life, in a sentence; empty where it is not stalled."""
    number: int = 1
    """Which of the runs of the same label it is, the oldest first."""
    job: BatchJob | None = None
    """That trains it; None: none does."""
    job_status: JobStatus | None = None
    """How that job is in the queue; None: it isn't there, or Slurm was not asked."""

    @property
    def trouble(self) -> str:
        """Why it can't be read, is lost or stalled, in a sentence; empty while all is well."""
        return self.known.problem or (self.death.message if self.death else self.silence)

    @property
    def summary(self) -> RunSummary:
        return self.known.summary

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def title(self) -> str:
        """What a user calls it, else its label, numbered where another run has the same.

        A copy has the title of the original, and says so.
        """
        title = self.annotations.title
        if title:
            return f"copy of {title}" if self.copy_of else title
        return _label(self.folder, self.known, self.number)

    @property
    def copy_of(self) -> str:
        """The name of the run in the same folder that this one is a copy of; empty where it is none."""
        original = self.summary.run
        if not original or original == self.folder.name:
            return ""
        return original if self.folder.path.with_name(original).is_dir() else ""

    def setting(self, label: str) -> str:
        """The value of a setting by what people call it, as text; empty where the run has no such setting."""
        return self.own_settings.get(label) or DEFAULTS.get(label, "")

    @property
    def own_settings(self) -> dict[str, str]:
        """The settings that do not stand at their default in DEFAULTS."""
        return _read_settings(self.known.settings)

    @property
    def settings(self) -> dict[str, str]:
        """Every setting by what people call it."""
        return {**DEFAULTS, **self.own_settings}

    @property
    def epochs(self) -> int:
        return self.summary.epochs or self.known.epochs

    @property
    def is_queued(self) -> bool:
        """Its job waits for its first turn, or for the next one."""
        if self.job is None or self.state not in (RunState.STARTING, RunState.STOPPED, RunState.LOST):
            return False
        if self.job_status is not None:
            return self.job_status.is_waiting
        return self.state is RunState.STARTING and not self.job.is_over

    @property
    def is_active(self) -> bool:
        """Training, or about to."""
        return self.state is not None and self.state.is_active

    @property
    def state_word(self) -> str:
        return "damaged" if self.state is None else self.state.value


class Listing:
    """The runs below a folder. `refresh` reads what is new since the last time, and nothing else."""

    def __init__(self, where: Path | None = None) -> None:
        self.where = where or runs_folder()
        self.cache_file = home() / "cache" / f"{self.where.name}.json"
        self.known = _read_cache(self.cache_file)
        self.annotations: dict[str, tuple[Stamp, Annotations]] = {}
        self.deaths: dict[str, tuple[Stamp, Death]] = {}
        """Of runs that were lost, with the stamp of the journal."""
        self.jobs: dict[str, tuple[Stamp, BatchJob | None]] = {}
        self.queue: dict[str, JobStatus] | None = None
        """The jobs of this user, as `ask_slurm` heard of them; None: nobody asked, or there was no answer."""

    @property
    def has_jobs(self) -> bool:
        """Whether a run that was listed has a job that may still train it."""
        return any(job is not None and not job.is_over for _, job in list(self.jobs.values()))

    def ask_slurm(self) -> None:
        """Ask Slurm for the jobs of the runs that were listed, at most every 30 seconds: for a thread. Without jobs, nobody is asked.

        A job that left the queue before its run began is marked in the run's folder.
        """
        jobs = {
            name: job for name, (_, job) in list(self.jobs.items()) if job is not None and not job.is_over
        }
        if not jobs:
            return
        self.queue = slurm.queue(home() / "cache" / "squeue.json")
        if self.queue is None:
            return
        for name, job in jobs.items():
            folder = RunFolder(self.where / name)
            if job.number in self.queue or time.time() - job.submitted < 2 * slurm.KEPT_SECONDS:
                continue
            if not _stamp(folder.events_file)[1] and not folder.is_alive():
                mark_over(folder.path, job)

    def unread(self) -> int:
        """Bytes of journals that `refresh` would have to read. Raises FolderError as that does."""
        total = 0
        for folder in all_runs(self.where):
            stamp, known = _stamp(folder.events_file), self.known.get(folder.name)
            if known is None or known.journal != stamp:
                total += stamp[1] - (min(known.offset, stamp[1]) if known else 0)
        return total

    def refresh(self) -> list[ListedRun]:
        """Every run as it is now: live ones first, newest first. Raises FolderError where there is no looking."""
        folders = all_runs(self.where)
        before = len(self.known)
        self.known = {folder.name: self.known[folder.name] for folder in folders if folder.name in self.known}
        changed = len(self.known) != before
        rows = []
        for folder in folders:
            row, fresh = self.look(folder)
            rows.append(row)
            changed = changed or fresh
        if changed:
            self._write_cache()
        numbers = _numbers([row.known for row in rows])
        rows = [
            row if number == 1 else replace(row, number=number)
            for row, number in zip(rows, numbers, strict=True)
        ]
        return sorted(rows, key=lambda row: not row.is_active)

    def look(self, folder: RunFolder) -> tuple[ListedRun, bool]:
        """How this run is, and whether anything of it had to be read."""
        spec, journal = _stamp(folder.spec_file), _stamp(folder.events_file)
        known = self.known.get(folder.name)
        # Asked before the journal is read, so that the last events of a worker that dies are read.
        alive = folder.is_alive()
        if known is not None and known.problem and known.problem != _problem_of(folder):
            known = None  # rights change without a change of the files
        fresh = known is None or (known.spec, known.journal) != (spec, journal)
        if known is None or known.spec != spec or journal[1] < known.offset or (fresh and known.problem):
            known = _describe(folder)
        if fresh:
            known.spec, known.journal = spec, journal
            _read_on(folder, known)
            self.known[folder.name] = known
        summary = known.summary
        state = None
        if not known.problem:
            age = 0.0 if summary.outcome or summary.started else folder.age()
            overdue = alive and folder.is_overdue()
            state = state_of(summary.outcome or None, summary.started, alive, age, overdue)
        silence = folder.silence() if state is RunState.STALLED else ""
        death = self._death(folder, known.journal) if state is RunState.LOST else None
        job = self._job(folder)
        status = self.queue.get(job.number) if job and self.queue else None
        about = self._annotations(folder)
        row = ListedRun(folder, known, about, state, spec[0] / 1e9, death, silence, 1, job, status)
        return row, fresh

    def _death(self, folder: RunFolder, journal: Stamp) -> Death:
        """Looked for once, as long as the run stays as it is."""
        before = self.deaths.get(folder.name)
        if before is None or before[0] != journal:
            before = self.deaths[folder.name] = (journal, folder.examine_death())
        return before[1]

    def _job(self, folder: RunFolder) -> BatchJob | None:
        stamp = _stamp(folder.path / batch_job.FILE)
        before = self.jobs.get(folder.name)
        if before is None or before[0] != stamp:
            before = self.jobs[folder.name] = (stamp, read_job(folder.path) if stamp[1] else None)
        return before[1]

    def _annotations(self, folder: RunFolder) -> Annotations:
        stamp = _stamp(annotations_file(folder))
        before = self.annotations.get(folder.name)
        if before is None or before[0] != stamp:
            before = self.annotations[folder.name] = (
                stamp,
                read_annotations(folder) if stamp[1] else Annotations(),
            )
        return before[1]

    def _write_cache(self) -> None:
        """For the next process. A cache that can't be written is done without."""
        data = msgspec.json.encode(_Cache(CACHE_FORMAT, self.known))
        try:
            self.cache_file.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self.cache_file, data, durable=False)
        except OSError:
            return


def _label(folder: RunFolder, known: Known, number: int) -> str:
    """What a run goes by that nobody gave a title: a folder's name that somebody chose wins."""
    if not (known.label and is_drawn_name(folder.name)):
        return folder.name
    return f"{known.label} ({number})" if number > 1 else known.label


def _numbers(known: Sequence[Known]) -> list[int]:
    """Which of its label each run is, the oldest first; the newest come first in the list."""
    counts: Counter[str] = Counter()
    numbers = []
    for one in reversed(known):
        counts[one.label] += 1
        numbers.append(counts[one.label])
    return numbers[::-1]


@lru_cache(4096)
def _read_settings(lines: str) -> dict[str, str]:
    pairs = (line.partition("\t") for line in lines.split("\n") if line)
    return {label: value for label, _, value in pairs}


@cache
def _presets() -> dict[str, RunSpec]:
    from tuinn.spec.presets.catalog import PRESETS  # loads all kinds of advice, for a run that is new only

    return {name: make() for name, make in PRESETS.items()}


def newest_titles(most: int, where: Path | None = None) -> list[tuple[str, str]]:
    """Name and title of the newest runs, newest first. No journal is read. Raises FolderError."""
    folders = all_runs(where)[:most]
    return [(folder.name, title) for folder, title in zip(folders, titles_of(folders, where), strict=True)]


def titles_of(folders: Sequence[RunFolder], where: Path | None = None) -> list[str]:
    """The titles of some runs, as the list of all has them. No journal is read. Raises FolderError.

    Where thousands of specs were never read, only those of these runs are; then their numbers may be too low.
    """
    every, cached = all_runs(where), Listing(where).known
    unread = [folder for folder in every if folder.name not in cached]
    wanted = {folder.path for folder in (unread if len(unread) <= SPECS_AT_ONCE else folders)}
    known = [
        cached.get(folder.name) or (_describe(folder) if folder.path in wanted else Known())
        for folder in every
    ]
    numbers = dict(
        zip((folder.path for folder in every), zip(known, _numbers(known), strict=True), strict=True)
    )
    labels = [
        _label(folder, *(numbers[folder.path] if folder.path in numbers else (_describe(folder), 1)))
        for folder in folders
    ]
    return [read_annotations(folder).title or label for folder, label in zip(folders, labels, strict=True)]


def _stamp(file: Path) -> Stamp:
    try:
        told = file.stat()
    except OSError:
        return (0, 0)
    return told.st_mtime_ns, told.st_size


def _describe(folder: RunFolder) -> Known:
    """What the spec says; the journal is still to be read."""
    try:
        spec = folder.spec()
    except FolderError as problem:
        return Known(problem=str(problem))
    return Known(
        dataset=spec.dataset.label,
        network=describe_network(spec.model),
        epochs=spec.fit.epochs,
        label=title_of(spec, _presets()),
        settings="\n".join(f"{label}\t{value}" for label, value in settings_of(spec).items()),
        recipe=recipe_of(spec),
    )


def _problem_of(folder: RunFolder) -> str:
    """Why this run can't be read now; empty where it can."""
    known = _describe(folder)
    if not known.problem:
        _read_on(folder, known)
    return known.problem


def _read_on(folder: RunFolder, known: Known) -> None:
    reader = folder.events(known.offset)
    try:
        while events := reader.read_without_reports():
            for event in events:
                known.summary.apply(event)
    except OSError as error:
        known.problem = known.problem or f"{folder.events_file} cannot be read ({error.strerror})."
    known.offset = reader.offset


def _read_cache(file: Path) -> dict[str, Known]:
    try:
        cache = read_struct(file, _Cache)
    except (OSError, ValueError):
        return {}
    return cache.runs if cache.format == CACHE_FORMAT else {}
