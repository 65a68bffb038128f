"""The exit codes of `tuinn`, and how to leave when nobody reads the output."""

import os
import sys
from contextlib import suppress

FINISHED, FAILED, WRONG, TERMINAL_GONE, STOPPED, PIPE_CLOSED = 0, 1, 2, 129, 130, 141
"""All well; it failed; the spec or the command line is wrong; SIGHUP; Ctrl+C; the reader of our output is gone."""


def leave_pipe() -> int:
    """Send what is still buffered for stdout nowhere, as when `head` has left. Return the exit code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return PIPE_CLOSED


def leave_terminal(words: str) -> int:
    """Say what goes on without the terminal, where somebody may still read that. Return the exit code."""
    with suppress(OSError):
        sys.stderr.write(f"{words}\n")
        sys.stderr.flush()
        sys.stdout.flush()
    leave_pipe()
    return TERMINAL_GONE
