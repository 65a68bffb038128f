"""Read what the terminal sends, whatever bytes it is, and come back whole after a stop."""

import os
import re
import selectors
import signal
from codecs import getincrementaldecoder
from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste
from textual.message import Message

from tuinn.ui.textual_internals import XTermParser

if TYPE_CHECKING:
    from textual.app import App

READ_BYTES = 4096
"""Taken from the terminal at a time. The kernel hands out no more of what was typed."""

TYPED_AT_MOST = 256
"""Characters in one read that hands, or a program that types for them, may have had ready. More is pasted text."""

HAND_FULL, WAIT = 16, 0.01
"""Bytes at once from which on it is worth waiting for more of them, and for how many seconds: the first part of a
pasted text may be short."""

PAUSE = 0.1
"""Seconds without input after which an Escape is a key of its own."""

PASTE_PAUSE = 0.4
"""Seconds without input after which pasted text is whole: the line, or the program that sends it, may be slow."""

LARGEST_PASTE = 4_000_000
"""Characters of such text that are kept; what comes after them is dropped."""


class Mode(Enum):
    """Whose modes the terminal has."""

    OFF = "off"
    ON = "on"
    STOPPED = "stopped"
    """The shell's, until SIGCONT."""


class TerminalDriver(LinuxDriver):
    """Textual's driver ends at a byte that is no UTF-8, and starts a second time after a SIGSTOP."""

    def __init__(
        self,
        app: "App[object]",
        *,
        debug: bool = False,
        mouse: bool = True,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        self.mode = Mode.OFF
        signal.signal(signal.SIGCONT, self._continued)

    def write(self, data: str) -> None:
        """Send this, unless the terminal is the shell's at the moment."""
        if self.mode is Mode.ON:
            super().write(data)

    def start_application_mode(self) -> None:
        self.mode, self.attrs_before = Mode.ON, None
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if self.attrs_before is None:  # in the background, or the terminal is gone
            self.mode = Mode.STOPPED

    def stop_application_mode(self) -> None:
        super().stop_application_mode()
        self.mode = Mode.OFF

    def suspend_application_mode(self) -> None:
        super().suspend_application_mode()
        self.mode = Mode.STOPPED

    def _continued(self, *_: object) -> None:
        """Set the modes again. SIGSTOP left them as they were, and the shell may have changed them since: then they
        are given back first, so that one thread reads and one writes."""
        if self.mode is Mode.OFF:
            return
        if self.mode is Mode.ON:
            self.suspend_application_mode()
        self.resume_application_mode()
        self.send_message(self.SignalResume())

    def run_input_thread(self) -> None:
        """Read until the app leaves or the terminal is gone. A byte that is no UTF-8 becomes a replacement character."""
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        bursts = Bursts(self.process_message)
        with selectors.DefaultSelector() as selector:
            selector.register(self.fileno, selectors.EVENT_READ)
            while not self.exit_event.is_set():
                if not selector.select(PASTE_PAUSE if bursts.pasted else PAUSE):
                    bursts.end()
                elif data := os.read(self.fileno, READ_BYTES):
                    while (
                        HAND_FULL < len(data) <= TYPED_AT_MOST
                        and b"\x1b" not in data
                        and selector.select(WAIT)
                    ):
                        data += (more := os.read(self.fileno, READ_BYTES))
                        if not more:
                            break
                    bursts.take(decode(data))
                else:
                    return  # hung up: SIGHUP says so, too


class Bursts:
    """Turn what is read into events. More letters at once than anybody types are one paste: a terminal without bracketed
    paste sends pasted text as if it were typed, and each letter of it would be obeyed as a key."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self.send = send
        self.parser = XTermParser()
        self.pasted: list[str] = []
        """Pasted text that may go on."""
        self.length = 0
        self.is_plain = False
        """No control sequence came in that text: the parser, which takes 16 s for a megabyte of keys, isn't needed."""

    def take(self, text: str) -> None:
        """Take what one read brought; empty after half a character."""
        self.is_plain = self.is_plain and "\x1b" not in text
        if self.pasted and self.is_plain:
            self._keep(_CONTROL.sub("", text))
            return
        # To the parser, an empty text is the end.
        events = [*(self.parser.feed(text) if text else ()), *self.parser.tick()]
        if not self.pasted and sum(bool(_letter(event)) for event in events) <= TYPED_AT_MOST:
            for event in events:
                self.send(event)
            return
        for event in events:
            if not isinstance(event, Key):
                self.send(event)
        self.is_plain = "\x1b" not in text and (self.is_plain or not self.pasted)
        self._keep("".join(map(_letter, events)))

    def _keep(self, letters: str) -> None:
        if self.length < LARGEST_PASTE:
            self.pasted.append(letters)
            self.length += len(letters)

    def end(self) -> None:
        """Nothing came for a while: a lone Escape is one, and pasted text is whole."""
        for event in self.parser.tick():
            self.send(event)
        if self.pasted:
            text = "".join(self.pasted).replace("\r\n", "\n").replace("\r", "\n")
            self.pasted, self.length = [], 0
            self.send(Paste(text))


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _letter(event: Message) -> str:
    """What the key adds to a text; empty for keys that write nothing, and for other events."""
    if not isinstance(event, Key) or event.character is None:
        return ""
    return event.character if event.is_printable or event.character in "\t\r\n" else ""
