"""How a run is, from what its journal says and whether its worker lives."""

from enum import StrEnum

from tuinn.runs.events import RunEnded

STARTING_SECONDS = 60.0
"""How long a worker may take to its first event: importing TensorFlow on a slow disk takes a while."""


class RunState(StrEnum):
    """The states a user can tell apart."""

    STARTING = "starting"
    RUNNING = "running"
    STALLED = "stalled"
    """The worker lives but has long been overdue with a sign of life: wedged, not merely slow."""
    SERVING = "serving"
    """The training is over; the worker still answers questions."""
    FINISHED = "finished"
    STOPPED = "stopped"
    FAILED = "failed"
    LOST = "lost"
    """The journal has no end and nobody holds the lock: killed, out of memory, or a reboot."""

    @property
    def is_active(self) -> bool:
        """True while the run trains, or is about to."""
        return self in (RunState.STARTING, RunState.RUNNING, RunState.STALLED)


def state_of(
    ended: RunEnded | str | None, started: bool, alive: bool, age: float, overdue: bool = False
) -> RunState:
    """`ended`: the journal's end, or its outcome; `started`: the journal has a RunStarted; `alive`: the lock is held;
    `age`: of the folder, in seconds; `overdue`: the worker's sign of life, `RunFolder.is_overdue`."""
    if ended is not None:
        outcome = ended if isinstance(ended, str) else ended.outcome
        return RunState.SERVING if alive else RunState(outcome)
    if alive and overdue:
        return RunState.STALLED
    if alive:
        return RunState.RUNNING if started else RunState.STARTING
    # A folder from the future, where the clock was set back, is not young for ever.
    return RunState.STARTING if not started and abs(age) < STARTING_SECONDS else RunState.LOST
