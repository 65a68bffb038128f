"""All keys by the place where they work, their names, and Textual's bindings of them."""

from textual.binding import Binding, BindingType

from tuinn.ui.keys.key import Key
from tuinn.ui.keys.labs import LAB_TITLES, LABS
from tuinn.ui.keys.screens import (
    BATCHES,
    COMPARISON,
    DRAWING,
    GALLERY,
    LENS,
    LOOK,
    OWN_PICTURE,
    QUEUE,
    RUNS,
    SWEEP,
)
from tuinn.ui.keys.workbench import (
    APP,
    CHARTS,
    DATASET,
    LAYERS,
    LIST,
    PREDICT,
    SUMMARY,
    WORKBENCH,
)

TABLE: dict[str, tuple[Key, ...]] = {
    "app": APP,
    "list": LIST,
    "workbench": WORKBENCH,
    "dataset": DATASET,
    "look": LOOK,
    "layers": LAYERS,
    "summary": SUMMARY,
    "charts": CHARTS,
    "predict": PREDICT,
    "own_picture": OWN_PICTURE,
    "drawing": DRAWING,
    "lens": LENS,
    "batches": BATCHES,
    "gallery": GALLERY,
    "sweep": SWEEP,
    "queue": QUEUE,
    "runs": RUNS,
    "comparison": COMPARISON,
    **LABS,
}

TITLES = {
    "workbench": "The workbench",
    "dataset": "Dataset",
    "look": "The dataset viewer",
    "layers": "Layers",
    "summary": "Summary",
    "charts": "Charts",
    "predict": "Predict",
    "own_picture": "A picture of your own",
    "drawing": "A drawing",
    "lens": "Inside the network",
    "batches": "Batch by batch",
    "gallery": "The gallery of samples",
    "runs": "The table of runs",
    "comparison": "The comparison of runs",
    "sweep": "A sweep",
    "queue": "The queue",
    **LAB_TITLES,
    "list": "Lists",
    "app": "Everywhere but in dialogs",
}
"""A screen or pane of the table → its heading in help and guide, in their order."""

NAMES = {
    "escape": "Esc",
    "pageup": "Page Up",
    "pagedown": "Page Down",
    "question_mark": "?",
    "full_stop": ".",
    "comma": ",",
    "colon": ":",
    "slash": "/",
    "number_sign": "#",
    "exclamation_mark": "!",
    "underscore": "_",
    "percent_sign": "%",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
}
"""Textual's name of a key → what is printed on it. Letters, digits, and words such as `enter` need no row."""


def printed(name: str) -> str:
    """Textual's name of a key as people know it: `ctrl+z` → `Ctrl+Z`, `question_mark` → `?`."""
    *modifiers, last = name.split("+")
    if last not in NAMES and not (len(last) == 1 or last.isalnum()):
        raise KeyError(f"NAMES in tuinn/ui/keys/table.py has no row for the key {last}.")
    shown = NAMES.get(last, last if len(last) == 1 and not modifiers else last.capitalize())
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])


def action_of(where: str, key: str) -> str:
    """The action of a key, as it is printed, on a screen or pane of the table; empty where it does nothing there."""
    name = next((name for name, shown in NAMES.items() if shown == key), key)
    return next((one.action for one in TABLE[where] if name in one.keys.split(",")), "")


def bindings_for(where: str) -> list[BindingType]:
    """Textual's bindings for a screen or pane of the table."""
    return [
        Binding(
            key.keys,
            key.action,
            key.label,
            show=key.show,
            priority=key.first,
            tooltip=key.help,
            id=f"{where}.{key.action}",
        )
        for key in TABLE[where]
    ]
