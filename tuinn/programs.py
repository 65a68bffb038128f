"""Programs of tuinn's own that other programs of it start: one command line for all, safe in any folder."""

import sys


def own_program(module: str, *words: str) -> tuple[str, ...]:
    """Return the command line that runs a module of tuinn, found by its name, with these arguments."""
    return (*_PYTHON, "-m", module, *words)


def own_code(code: str) -> tuple[str, ...]:
    """Return the command line that runs these lines of Python."""
    return (*_PYTHON, "-c", code)


_PYTHON = (sys.executable, "-P")
"""With -P the current folder is not searched for modules: a user's own `keras.py` or `code.py` would be run in place
of the library's. It keeps PYTHONPATH, and is not handed on to programs that are started in turn.

The current folder itself stays: paths in a spec and in `on_end` may be relative to it.
"""
