"""`tuinn` and `python -m tuinn`."""

import io
import sys

from tuinn.cli.verbs import tuinn


def main() -> None:
    """Do what the command line says, and exit with its code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that can't show a letter gets a question mark, not a traceback.
            stream.reconfigure(errors="replace")
    tuinn(prog_name="tuinn")


if __name__ == "__main__":
    main()
