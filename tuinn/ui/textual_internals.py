"""Every private name of Textual that tuinn uses, tried with the versions that pyproject.toml allows.

tests/ui/test_textual_internals.py says which one is gone when another version comes.
"""

from collections.abc import Iterable

from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.binding import Binding, NoBinding
from textual.widget import Widget

__all__ = [
    "ChopsUpdate",
    "CompositorUpdate",
    "LayoutUpdate",
    "XTermParser",
    "bindings_of_key",
    "is_drawing",
    "visible_attributes",
]


def is_drawing(app: App[None]) -> bool:
    """Return whether what is displayed now reaches a terminal: running, not in a batch, not closed, not headless."""
    return not app._batch_count and app._running and not app._closed and not app.is_headless


def visible_attributes(style: Style) -> int:
    """Return the bits of bold, underline and so on that are switched on."""
    return style._attributes & style._set_attributes


def bindings_of_key(widget: Widget, key: str) -> Iterable[Binding]:
    """Return the widget's own bindings of this key, without those of its parents."""
    try:
        return widget._bindings.get_bindings_for_key(key)
    except NoBinding:
        return ()
