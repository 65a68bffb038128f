"""Which of the best epochs keep a checkpoint of their own: `checkpoints/epoch-N.npz`."""

import json
import re
from pathlib import Path
from typing import Protocol

import numpy as np

from tuinn.atomic_io import open_stored
from tuinn.runs.folder import RunFolder


class Scored(Protocol):
    """What is used of a checkpoint."""

    @property
    def score(self) -> float | None:
        """Of the epoch that just ended, the lower the better; None in the middle of one."""

    @property
    def epochs_done(self) -> int:
        """Epochs that are trained whole."""


class CheckpointRetention:
    """Decides which epochs have a file. With one to keep there is none: the best epoch is `best.npz` already."""

    def __init__(self, folder: RunFolder, keep: int) -> None:
        self.folder, self.keep = folder.checkpoints, keep
        self.scores: dict[Path, float] = self._on_disk() if keep > 1 else {}
        self.to_remove: list[Path] = []

    def file_for(self, checkpoint: Scored) -> Path | None:
        """The file of a checkpoint that is among the best; None for another. The one it replaces goes to `to_remove`."""
        if self.keep < 2 or checkpoint.score is None:
            return None
        file = self.folder / f"epoch-{checkpoint.epochs_done}.npz"
        self.scores[file] = checkpoint.score
        self.to_remove = [other for other in self.to_remove if other != file]
        for worst in sorted(self.scores, key=self.scores.__getitem__)[self.keep :]:
            del self.scores[worst]
            self.to_remove.append(worst)
        return file if file in self.scores else None

    def remove(self) -> None:
        """Delete the files in `to_remove`. One that can't be deleted stays."""
        while self.to_remove:
            try:
                self.to_remove.pop().unlink(missing_ok=True)
            except OSError:
                continue

    def _on_disk(self) -> dict[Path, float]:
        """The files and scores that earlier workers of this run have left."""
        found = {}
        for file in self.folder.glob("epoch-*.npz"):
            score = score_of(file) if re.fullmatch(r"epoch-\d+\.npz", file.name) else None
            if score is not None:
                found[file] = score
        return found


def score_of(file: Path) -> float | None:
    """None where it can't be read: such a file counts as no epoch."""
    try:
        with open_stored(file) as opened, np.load(opened, allow_pickle=False) as found:
            score = json.loads(found["head"].tobytes())["score"]
        return None if score is None else float(score)
    except Exception:  # zip, zlib, JSON and NumPy each have their own names for "damaged"
        return None
