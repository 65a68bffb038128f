"""The words behind the numbers of a text dataset."""

import json
from collections.abc import Iterable
from functools import lru_cache

from tuinn.data.catalogue import find

SPECIAL = ("", "[start]", "[?]")
"""What 0, 1 and 2 stand for: nothing, a text begins, a word that is too rare. 3 stands for no word."""


@lru_cache(maxsize=2)
def words_of(name: str) -> tuple[str, ...]:
    """The word of each number of this dataset, by number; empty where the list of words isn't here.

    Raises SpecProblem for an unknown name.
    """
    entry = find(name)
    file = next((file for file in entry.files if file.optional), None)
    if file is None or not entry.facts.words:
        return ()
    try:
        if not file.is_right():
            return ()
        ranks: dict[str, int] = json.loads(file.place().read_bytes())
    except (OSError, ValueError):
        return ()
    words = [*SPECIAL, *[""] * (1 + max(ranks.values(), default=0))]
    for word, rank in ranks.items():
        words[rank + len(SPECIAL)] = word
    return tuple(words)


def as_text(numbers: Iterable[int], words: tuple[str, ...]) -> str:
    """A row of word numbers as a text; the numbers themselves where there are no words."""
    if words:
        return " ".join(words[number] for number in numbers if number < len(words) and words[number])
    return " ".join(str(number) for number in numbers if number)
