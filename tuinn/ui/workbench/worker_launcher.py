"""Start the workers of runs. A standby worker imports TensorFlow before the run key is pressed."""

import os

from tuinn.errors import FolderError
from tuinn.runs.commands import Quit
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import Standby, launch, launch_from_checkpoint, resume_run, with_batch_size
from tuinn.spec.run import RunSpec
from tuinn.view.run_follower import RunFollower


class WorkerLauncher:
    """Owns the standby worker. `TUINN_STANDBY=0` does without one."""

    def __init__(self) -> None:
        self.standby: Standby | None = None

    def warm_up(self) -> None:
        """Have a standby worker ready for the next run."""
        if self.standby is None and os.environ.get("TUINN_STANDBY", "1") != "0":
            self.standby = Standby()

    def start(self, spec: RunSpec) -> RunFollower:
        """Make a run of this spec and start its worker. Raises FolderError where its folder can't be made."""
        folder = RunFolder.create(spec)
        standby = self._take_standby()
        return RunFollower(folder, standby.take(folder) if standby else launch(folder))

    def resume(self, run: RunFollower, epochs: int | None = None, from_best: bool = False) -> None:
        """Continue a run that ended or was lost from its last checkpoint, or from its best epoch.

        `epochs`: how many in all; None: as many as before. Raises FolderError.
        """
        run.worker = resume_run(run.folder, epochs, self._take_standby(), from_best=from_best)

    def halve(self, run: RunFollower) -> RunFollower:
        """Start a new run with half the batch from the last checkpoint of one that ended. Raises FolderError."""
        folder = with_batch_size(run.folder, max(1, run.spec.fit.batch_size // 2))
        return RunFollower(folder, launch_from_checkpoint(folder, self._take_standby()))

    def serve(self, run: RunFollower) -> None:
        """Make sure that a worker answers questions about this run: its own, or one started for that."""
        if not run.folder.is_alive() and run.folder.line() is None:  # on another machine, that one sees to it
            offset = run.folder.commands_file.stat().st_size if run.folder.commands_file.exists() else 0
            run.worker = launch(run.folder, "--serve", "--commands-from", str(offset))

    def release(self, run: RunFollower) -> None:
        """Tell the worker of a run that has ended to quit, unless it keeps what a full disk has no room for."""
        ended = run.view.ended
        if ended is not None and ended.outcome != "failed" and run.folder.is_alive():
            try:
                run.ask(Quit())
            except FolderError:
                return  # a folder that can't be written to: the worker quits by itself when idle

    def close(self) -> None:
        """Dismiss the standby worker."""
        if self.standby:
            self.standby.dismiss()

    def _take_standby(self) -> Standby | None:
        standby, self.standby = self.standby, None
        return standby
