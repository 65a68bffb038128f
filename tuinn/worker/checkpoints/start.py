"""Where a run goes on: the checkpoint that it is resumed from, or the reason why it can't be."""

from pathlib import Path

from tuinn.errors import WorkerError
from tuinn.runs.events import FORMAT
from tuinn.runs.folder import RunFolder
from tuinn.spec.changes import changes_of_training
from tuinn.spec.run import RunSpec
from tuinn.worker.checkpoints.checkpoint import Checkpoint, DamagedCheckpointError
from tuinn.worker.commands import PastCommands

SHOWN = 3
"""Changes of a spec that are named."""


def find_start(
    folder: RunFolder, spec: RunSpec, past: PastCommands, from_best: bool = False
) -> Checkpoint | None:
    """The last checkpoint, or that of the best epoch; None where the run begins with its first epoch.

    Raises WorkerError where the run would not go on as it began, with what to do.
    """
    if past.format > FORMAT:
        raise WorkerError(
            f"The journal of {folder.name} is from a newer tuinn (format {past.format}). Resume it with that one."
        )
    start = best_checkpoint(folder) if from_best else last_checkpoint(folder, past)
    if start is not None and is_borrowed(folder, past):
        start = start.with_batch_size(spec.fit.batch_size)
    if start is not None:
        check_spec(folder, spec, start)
    return start


def is_borrowed(folder: RunFolder, past: PastCommands) -> bool:
    """Whether a checkpoint here is another run's, with which this one begins: it has no journal, and no data yet."""
    return past.epochs is None and not folder.facts_file.exists()


def last_checkpoint(folder: RunFolder, past: PastCommands) -> Checkpoint | None:
    """The last one; None where none was written yet. Raises WorkerError where it is damaged or gone."""
    try:
        return Checkpoint.read(folder.last_checkpoint)
    except DamagedCheckpointError as problem:
        raise WorkerError(f"{problem} {instead(folder)}") from None
    except FileNotFoundError:
        if past.checkpointed or folder.best_checkpoint.exists():
            raise WorkerError(
                f"{folder.last_checkpoint}, from which {folder.name} would resume, is gone. {instead(folder)}"
            ) from None
        return None


def instead(folder: RunFolder) -> str:
    """What to do without the last checkpoint, in a sentence."""
    again = f"train again: tuinn train {folder.spec_file}"
    if folder.best_checkpoint.exists():
        return f"Put it back, resume from the best epoch: tuinn resume {folder.name} --from-best, or {again}"
    return f"Put it back, or {again}"


def best_checkpoint(folder: RunFolder) -> Checkpoint:
    """That of the best epoch. A last one that is damaged is kept beside it under another name.

    Raises WorkerError where there is none, or it is damaged, too.
    """
    try:
        best = Checkpoint.read(folder.best_checkpoint)
    except DamagedCheckpointError as problem:
        raise WorkerError(f"{problem} Train again: tuinn train {folder.spec_file}") from None
    except FileNotFoundError:
        raise WorkerError(
            f"{folder.name} has no {folder.best_checkpoint.name}: no epoch of it was measured whole. "
            f"Resume it from its last checkpoint: tuinn resume {folder.name}"
        ) from None
    try:
        Checkpoint.read(folder.last_checkpoint)
    except FileNotFoundError:
        pass
    except WorkerError:
        folder.last_checkpoint.rename(free_name(folder.last_checkpoint))
    return best


def free_name(file: Path) -> Path:
    """A name for a damaged file, beside it, that no file has: `last.damaged.npz`, then `last.damaged-2.npz`."""
    at = 1
    while True:
        found = file.with_name(f"{file.stem}.damaged{f'-{at}' if at > 1 else ''}{file.suffix}")
        if not found.exists():
            return found
        at += 1


def check_spec(folder: RunFolder, spec: RunSpec, start: Checkpoint) -> None:
    """Raises WorkerError where the spec was changed since this checkpoint, so that the numbers would be others."""
    if start.spec and (changed := spec_changes(folder, start.spec, spec)):
        raise WorkerError(
            f"{changed} Undo that to resume it, or train the new one: tuinn train {folder.spec_file}"
        )


def spec_changes(folder: RunFolder, trained: RunSpec, spec: RunSpec) -> str:
    """What was changed in the spec since the run was trained, in a sentence; empty where no number would be another."""
    changes = changes_of_training(trained, spec)
    if not changes:
        return ""
    named = "; ".join(change.text for change in changes[:SHOWN])
    more = f"; and {len(changes) - SHOWN} more" if len(changes) > SHOWN else ""
    return f"{folder.spec_file.name} was changed since {folder.name} was trained ({named}{more})."
