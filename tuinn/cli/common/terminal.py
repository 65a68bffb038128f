"""Whether the workbench can be drawn here, and its door."""

import gc
import os
import sys
from typing import TYPE_CHECKING

from tuinn.errors import TerminalError

if TYPE_CHECKING:
    from tuinn.runs.folder import RunFolder


def open_workbench(run: "RunFolder | None" = None, lab: str | None = None) -> int:
    """Open the workbench on a new draft, a run, or a lab, and come back when it is left, with an exit code.

    Raises FolderError for a run that can't be read.
    """
    gc.disable()  # loading leaves no garbage, and looking for it takes a tenth of the start
    try:
        from tuinn.ui.app import open_ui
    finally:
        gc.enable()
    return open_ui(run=run, lab=lab)


def has_terminal() -> bool:
    """Return whether there is a terminal to draw on; False for pipes, where the command has a form without a screen.

    Raises TerminalError for a terminal that can't draw.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    term = os.environ.get("TERM", "")
    if not can_draw(term):
        told = f"TERM={term}" if term else "TERM is not set"
        raise TerminalError(
            f"This terminal can't draw ({told}). Set TERM=xterm-256color if it is a modern one, "
            "or work without a screen: tuinn train, tuinn --help."
        )
    return True


def can_draw(term: str) -> bool:
    """Return whether a terminal of this name can move its cursor.

    A name that terminfo doesn't have counts as its family, the part before the hyphen: xterm-ghostty draws as xterm.
    """
    if term in ("", "dumb", "unknown"):
        return False
    try:
        import curses
    except ImportError:  # a Python built without it
        return True
    for name in (term, term.partition("-")[0]):
        try:
            curses.setupterm(name, sys.stdout.fileno())
        except curses.error:
            continue
        return bool(curses.tigetstr("cup"))
    return False
