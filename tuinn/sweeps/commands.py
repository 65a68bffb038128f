"""What may be asked of a runner, as values. Any UI or the command line appends them."""

from tuinn.runs.commands import Command


class StopAll(Command, frozen=True, tag=True):
    """Stop the runs that train and leave. Given twice: leave at once."""

    signal: str = ""
    """The signal that whoever asks got, such as SIGUSR1; empty: a person asks."""


class Hold(Command, frozen=True, tag=True):
    """Begin nothing further; runs that train go on."""


class GoOn(Command, frozen=True, tag=True):
    """Begin again."""


class SetParallel(Command, frozen=True, tag=True):
    """How many at a time. Runs that are on are not stopped."""

    parallel: int


class SetTrials(Command, frozen=True, tag=True):
    """How many trials in all; never fewer than have begun."""

    trials: int


AnySweepCommand = StopAll | Hold | GoOn | SetParallel | SetTrials


class Add(Command, frozen=True, tag=True):
    """Queue a draft, behind all others."""

    entry: str
    """A word by which it is known."""
    spec: str
    """The draft as TOML."""


class Remove(Command, frozen=True, tag=True):
    """It is not to be trained. An entry whose run has begun is not touched."""

    entry: str


class Move(Command, frozen=True, tag=True):
    """Put a waiting entry at another place."""

    entry: str
    place: int
    """Counted from 1; beyond the end is the end."""


AnyQueueCommand = StopAll | Hold | GoOn | SetParallel | Add | Remove | Move
