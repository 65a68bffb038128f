"""Keys typed ahead: each is obeyed, with all that follows from it, before the next is looked at."""

import asyncio
import time
from collections import deque

from textual import events
from textual.app import App, ScreenStackError
from textual.errors import NoWidget
from textual.message_pump import MessagePump

PATIENCE = 1.0
"""Seconds that one key may take before the next gets its turn all the same."""

ROUNDS = 2, 6
"""How often the path of a key is walked: at least, and at most while it still opens or closes something."""


TYPING_SECONDS = 0.3
"""After a key in which another one is likely to follow."""

LONGEST_PASTE = 100_000
"""Characters of a pasted text. The code of a network of 200 layers has a tenth of that."""


class KeyQueue(App[None]):
    """Textual hands a key to the widget that has the focus *now*. On a slow line a whole bunch comes at once: what
    follows an Enter would land in the field that Enter is about to close. Here it waits until the dialogue is gone."""

    def __init__(self) -> None:
        super().__init__()
        self.typed: deque[events.Key | events.Paste] = deque()
        """What came while an earlier key was still being obeyed."""
        self.obeying: asyncio.Task[None] | None = None
        self.typed_at = 0.0
        """`time.monotonic()` of the last key."""

    @property
    def is_typing(self) -> bool:
        """Whether a key came just now: what can wait would only keep the next one waiting."""
        return time.monotonic() - self.typed_at < TYPING_SECONDS

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Paste) and len(event.text) > LONGEST_PASTE:
            words = (
                f"The pasted text has {len(event.text):,} characters; at most {LONGEST_PASTE:,} are taken."
            )
            self.notify(words, severity="warning")
        elif isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            self.typed.append(event)
            self.typed_at = time.monotonic()
            if self.obeying is None or self.obeying.done():
                self.obeying = asyncio.create_task(self._obey_all())
        elif not (isinstance(event, events.MouseDown | events.MouseMove) and self._is_removed_at(event)):
            await super().on_event(event)

    def _is_removed_at(self, event: events.MouseEvent) -> bool:
        """Whether the widget under the pointer has gone, and the screen isn't drawn without it yet. To begin a selection
        of text, Textual asks for its parent, and breaks: two quick clicks on a message were enough."""
        try:
            widget, _ = self.screen.get_widget_at(int(event.x), int(event.y))
        except (NoWidget, ScreenStackError):
            return False
        return not widget.is_attached and widget is not self.screen

    async def _obey_all(self) -> None:
        while self.typed and self.is_running:
            self.call_next(super().on_event, self.typed.popleft())
            try:
                await asyncio.wait_for(self._settle(), PATIENCE)
            except TimeoutError:
                continue

    async def _settle(self) -> None:
        """Until the key, and the messages it led to, have gone all the way from the focus up to the app.

        Queues are first in, first out: once a callback at the end of each has run, what stood before it is done.
        """
        least, most = ROUNDS
        before = None
        for turn in range(most):
            path = self._path()
            for pump in path:
                await _emptied(pump)
            now = (path[0], self.screen)
            if turn + 1 >= least and now == before:
                return
            before = now

    def _path(self) -> list[MessagePump]:
        start = self.focused or self.screen
        return [node for node in start.ancestors_with_self if isinstance(node, MessagePump)]


async def _emptied(pump: MessagePump) -> None:
    """Until it has dealt with everything that is in its queue now; at once where it is closing."""
    done = asyncio.Event()
    if pump.is_running and pump.call_later(done.set):
        while not done.is_set() and pump.is_running:
            try:
                await asyncio.wait_for(done.wait(), 0.05)
            except TimeoutError:
                continue
