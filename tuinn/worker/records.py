"""Files that other programs read, kept as the run goes on. They hear each event once it stands in the journal."""

from collections.abc import Sequence
from typing import Any, Protocol

from tuinn.runs.events import Event, Noted
from tuinn.worker.scribe import Say


class Listener(Protocol):
    """Keeps a file that tells of a run."""

    def hear(self, event: Event) -> None:
        """May raise whatever it likes: it is not heard of again."""


class Records:
    """Passes events on to the journal, and then to the listeners. One that fails is told of once and left out."""

    def __init__(self, say: Say, listeners: Sequence[Listener] = ()) -> None:
        self._say, self.listeners = say, list(listeners)

    def add(self, listener: Listener) -> None:
        """From the next event on it hears them all."""
        self.listeners.append(listener)

    def say(self, event: Event) -> None:
        """Raises JournalLost where the journal can't be written; nothing else."""
        self._say(event)
        self._each("hear", event)

    def watch(self, model: Any) -> None:
        """The network stands: those who want to look at it may."""
        self._each("watch", model)

    def _each(self, what: str, thing: Any) -> None:
        for listener in list(self.listeners):
            try:
                if hasattr(listener, what):
                    getattr(listener, what)(thing)
            except Exception as error:  # a file beside the run must not end it, whoever writes it
                self.listeners.remove(listener)
                why = getattr(error, "strerror", None) or str(error).partition("\n")[0]
                self._say(
                    Noted(
                        level="warning",
                        message=f"{type(listener).__name__} cannot be written any more ({why}). The training goes on.",
                    )
                )
