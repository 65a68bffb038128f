"""`tuinn` and `python -m tuinn`."""

import io
import os
import sys
from pathlib import Path

from tuinn.cli.main import tuinn


def main() -> None:
    """Do what the command line says, and exit with its code."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            # Whoever started us closed it; Python leaves nothing in its place.
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that can't show a letter gets a question mark, not a traceback.
            stream.reconfigure(errors="replace")
    tuinn(prog_name="tuinn")


if __name__ == "__main__":
    main()
