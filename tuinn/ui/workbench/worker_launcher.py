"""Start runs, with a standby kept warm so that TensorFlow's import is over before the run key is pressed."""

import os

from tuinn.errors import FolderError
from tuinn.runs.commands import Quit
from tuinn.runs.folder import RunFolder
from tuinn.runs.launch import Standby, launch, resume_run
from tuinn.spec.run import RunSpec
from tuinn.view.run_follower import RunFollower


class WorkerLauncher:
    """Owns the standby. `TUINN_STANDBY=0` does without one."""

    def __init__(self) -> None:
        self.standby: Standby | None = None

    def warm(self) -> None:
        """Have a standby ready for the next run."""
        if self.standby is None and os.environ.get("TUINN_STANDBY", "1") != "0":
            self.standby = Standby()

    def start(self, spec: RunSpec) -> RunFollower:
        """A new run of this spec. Raises FolderError where its folder can't be made."""
        folder = RunFolder.create(spec)
        standby, self.standby = self.standby, None
        return RunFollower(folder, standby.take(folder) if standby else launch(folder))

    def resume(self, run: RunFollower, epochs: int | None = None) -> None:
        """Take up a run that ended or was lost, from its last checkpoint; `epochs` in all, where they are to change.

        Raises FolderError.
        """
        standby, self.standby = self.standby, None
        run.worker = resume_run(run.folder, epochs, standby)

    def answer(self, run: RunFollower) -> None:
        """See that somebody answers questions about this run: its own worker, or one that serves it."""
        if not run.folder.is_alive():
            offset = run.folder.commands_file.stat().st_size if run.folder.commands_file.exists() else 0
            run.worker = launch(run.folder, "--serve", "--commands-from", str(offset))

    def release(self, run: RunFollower) -> None:
        """A run that has ended needs no worker any more."""
        if run.view.ended is not None and run.folder.is_alive():
            try:
                run.ask(Quit())
            except FolderError:
                return  # a folder that can't be written to: the worker leaves by itself when idle

    def close(self) -> None:
        if self.standby:
            self.standby.dismiss()
