"""When unused objects are looked for: while nobody types. A full search takes as long as two keys."""

import gc

LOOK_SECONDS = 1.0
"""Between two looks at whether there is enough."""

ENOUGH, TOO_MUCH = 5, 100
"""Searches among the young objects since the last full one: a pause of the keys is used, and none is waited for."""


def keep_what_is_loaded() -> None:
    """Never look through what was imported, and leave full searches to the pauses, or nearly so."""
    gc.freeze()
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, TOO_MUCH)


def search_if_idle(is_typing: bool) -> None:
    """Search all objects where that pays and keeps no key waiting."""
    if not is_typing and gc.get_count()[2] >= ENOUGH:
        gc.collect()
