"""The worker's exception for what cannot be done. Its text ends in the journal, and so before the user."""


class WorkerProblem(Exception):  # noqa: N818 - it reaches the user as it stands
    """One sentence that says what went wrong, and one that says what to do."""


class EndedEarly(WorkerProblem):
    """The user wants the run to stop before there is anything to save: no failure."""


class JournalLost(WorkerProblem):
    """The journal takes no more lines, so nobody would hear how the run goes on."""
