"""The exit codes of `tuinn`, and how to leave when nobody reads the output."""

import os
import sys

FINISHED, FAILED, WRONG, STOPPED, PIPE_CLOSED = 0, 1, 2, 130, 141
"""All well; it failed; the spec or the command line is wrong; Ctrl+C; the reader of our output is gone."""


def leave_pipe() -> int:
    """Send what is still buffered for stdout nowhere, as when `head` has left. Return the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED
