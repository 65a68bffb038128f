"""The errors whose text reaches the user unchanged: what happened, and what to do about it.

Whoever shows them catches TuinnError; the command line exits with its `exit_code`.
"""


class TuinnError(Exception):
    """What could not be done, and why. The command line prints it and exits with `exit_code`."""

    exit_code = 1


class SpecError(TuinnError, ValueError):
    """Something in a spec is wrong: one sentence that says what, and what is allowed instead."""

    exit_code = 2

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        """Where it stands in the spec, as `fit.epochs` or `layers[2].units`; empty when it is the whole."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message

    def under(self, parent: str) -> "SpecError":
        """Return the same error as seen from the table that holds it."""
        joint = "" if not self.path or self.path.startswith("[") else "."
        return SpecError(self.message, f"{parent}{joint}{self.path}")


class FolderError(TuinnError):
    """A run's, a sweep's or the queue's folder cannot be used: one sentence that says why."""


class TerminalError(TuinnError):
    """The screen cannot be opened on this terminal: one sentence that says why, and what to do."""


class WorkerError(TuinnError):
    """The worker cannot go on: one sentence that says what went wrong, and one that says what to do."""


class StopRequested(WorkerError):  # noqa: N818 - no failure
    """The user asked the run to stop before there was anything to save. No failure."""


class JournalError(WorkerError):
    """The journal of the run cannot be written, so nothing could be shown of the training. The worker ends."""
