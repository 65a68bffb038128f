"""A key of the table."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Key:
    """An action, the keys that do it, and why one would."""

    keys: str
    """Comma-separated, the one to show first."""
    action: str
    label: str
    """One word for the footer."""
    help: str
    show: bool = True
    """Whether the footer has room for it."""
    when: str = ""
    """Where it works only at times, as `check_action` says: with what. Keys of different times may be the same."""
    first: bool = False
    """Obeyed before the next key is looked at, so that keys typed ahead on a slow line go to the new place."""
