"""Search everything that can be done: Textual's command palette over the keys of where one is, and what a screen adds."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol, runtime_checkable

from textual import on
from textual.app import App
from textual.binding import Binding
from textual.command import CommandList, CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.screen import Screen
from textual.style import Style
from textual.widgets import Input
from textual.worker import WorkerCancelled

from tuinn.ui.dialogs.dialog import AnswersOnce
from tuinn.ui.dialogs.help import Help
from tuinn.ui.keys.table import TITLES, printed

LEFT = 9
"""Cells for the keys or the kind, to the left of what is searched."""

FUZZY_LENGTH, FUZZY_WORD = 40, 8
"""Letters of an entry and of a word between which letters may be left out. Textual tries every way to place them, and
their number grows exponentially; beyond, a word must stand there as it was typed."""

ENOUGH = 0.4
"""Of the best match's score; what matches less is left out."""

MOVES = ("move", "page", "go", "cursor", "pan", "step", "end", "next_pane", "next_mode", "command_palette")
"""Actions that only move something: a key does that, a palette can't."""


@dataclass(frozen=True)
class PaletteEntry:
    """Something that can be done."""

    kind: str
    """A word for what it is about, or the keys that do it."""
    title: str
    """What is searched, in plain text."""
    run: Callable[[], object] | Callable[[], Coroutine[Any, Any, object]]


@runtime_checkable
class HasEntries(Protocol):
    """An app that has more to offer than keys."""

    def palette_entries(self, screen: Screen[object]) -> list[PaletteEntry]:
        """Called once in a thread when the palette opens; it may read files, but change no widget."""


def key_entries(screen: Screen[object]) -> Iterator[PaletteEntry]:
    """The actions of the focused widget, its parents, the screen and the app, each with its first two keys."""
    keys: dict[tuple[int, str], list[str]] = {}
    bindings = screen.active_bindings
    for key, (node, binding, _, _) in bindings.items():
        keys.setdefault((id(node), binding.action), []).append(printed(key))
    told = set()
    for node, binding, enabled, tooltip in bindings.values():
        action = binding.action.split("(")[0].rsplit(".")[-1]
        if not (enabled and tooltip) or action in MOVES or (binding.action, binding.description) in told:
            continue
        told.add((binding.action, binding.description))
        shown = " ".join(keys[id(node), binding.action][:2])
        run = partial(screen.app.run_action, binding.action, node)
        yield PaletteEntry(shown, f"{binding.description}: {tooltip}", run)


def help_entries(app: App[object]) -> Iterator[PaletteEntry]:
    for place, title in TITLES.items():
        yield PaletteEntry("help", f"Keys: {title}", lambda place=place: app.push_screen(Help(place)))


class EverythingProvider(Provider):
    """Gathers the entries once, when the palette opens; every letter then only searches them."""

    async def startup(self) -> None:
        more: list[PaletteEntry] = []
        if isinstance(self.app, HasEntries):
            more = await asyncio.to_thread(self.app.palette_entries, self.screen)
        self.entries = [*key_entries(self.screen), *more, *help_entries(self.app)]

    async def discover(self) -> Hits:
        for entry in self.entries:
            yield DiscoveryHit(_line(entry, Content(entry.title)), entry.run, text=entry.title)

    async def search(self, query: str) -> Hits:
        style = self.match_style or Style(bold=True, underline=True)
        for score, places, entry in found(self.entries, query):
            title = Content(entry.title)
            for at in places:
                title = title.stylize(style, at, at + 1)
            yield Hit(score, _line(entry, title), entry.run, text=entry.title)


def found(entries: Sequence[PaletteEntry], query: str) -> list[tuple[float, list[int], PaletteEntry]]:
    """The entries that match, the best first, each with its score and the places of the letters in its title."""
    fuzzy, words = FuzzySearch(), query.lower().split()
    matched = [(*match(fuzzy, words, entry), entry) for entry in entries]
    best = max((score for score, _, _ in matched), default=0.0)
    good = [row for row in matched if row[0] and row[0] >= ENOUGH * best]
    return sorted(good, key=lambda row: -row[0])


def match(fuzzy: FuzzySearch, words: Sequence[str], entry: PaletteEntry) -> tuple[float, list[int]]:
    """How well all of the words match the entry, and where; 0 where one doesn't."""
    total, places = 0.0, list[int]()
    title, kind = entry.title.lower(), entry.kind.lower()
    for word in words:
        if word in title:
            score, offsets = fuzzy.match(word, title)
            score *= 1.5 if title.startswith(word) else 1
        elif word in kind:
            score, offsets = float(len(word)), ()
        elif len(word) <= FUZZY_WORD:
            score, offsets = fuzzy.match(word, title[:FUZZY_LENGTH])
        else:
            score, offsets = 0.0, ()
        if not score:
            return 0.0, []
        total += score
        places += offsets
    return total, places


def _line(entry: PaletteEntry, title: Content) -> Content:
    kind = entry.kind if len(entry.kind) <= LEFT else entry.kind.split()[0]
    return Content.assemble((f"{kind:<{LEFT}} ", "$accent not bold"), title)


class Palette(CommandPalette, AnswersOnce[None]):
    """In the frame of all dialogs."""

    BINDINGS = [Binding("pageup", "page(-1)", show=False), Binding("pagedown", "page(1)", show=False)]

    def __init__(self) -> None:
        super().__init__([EverythingProvider], placeholder="type what you want to do")

    def on_mount(self) -> None:
        frame = self.query_one("#--container")
        frame.border_title = "Search"
        frame.border_subtitle = "Enter does it · Esc goes back"

    def action_page(self, by: int) -> None:
        """One page up or down, once the list is drawn: before that, Textual breaks."""
        commands = self.query_one(CommandList)
        if commands.size.width:
            move = commands.action_page_down if by > 0 else commands.action_page_up
            move()  # type: ignore[no-untyped-call]

    @on(Input.Submitted)
    async def _entered(self) -> None:
        """Before Textual takes the first entry: until what was typed last has been searched, however fast Enter came."""
        searches = [worker for worker in self.workers if worker.node is self and not worker.is_finished]
        if searches:
            with suppress(WorkerCancelled):
                await self.workers.wait_for_complete(searches)
