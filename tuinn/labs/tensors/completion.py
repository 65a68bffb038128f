"""How a name that was begun goes on."""

import re
from collections.abc import Mapping
from typing import Any

from tuinn.labs.tensors.catalog import ATTRIBUTES, CONSTANTS, FUNCTIONS, METHODS, NAMES
from tuinn.labs.tensors.functions import DTYPES

BEGUN = re.compile(r"[A-Za-z_][\w.]*$|(?<=[\])])\.\w*$")


def complete(text: str, names: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The text with its last name completed as far as is sure, and what it may go on with, sorted."""
    found = BEGUN.search(text)
    word = found.group() if found else ""
    head, dot, _ = word.rpartition(".")
    if head.split(".")[0] == "np":
        known = [f"np.{name}" for name in [*FUNCTIONS, *CONSTANTS, *DTYPES]]
    elif dot:
        known = [f"{head}.{name}" for name in [*ATTRIBUTES, *METHODS]]
    else:
        known = [*names, *NAMES, "np"]
    offers = sorted(name for name in known if name.startswith(word))
    if not offers or not word:
        return text, offers
    first, last = offers[0], offers[-1]  # what the first and the last share, all share
    longer = next((first[:at] for at in range(len(first)) if first[at : at + 1] != last[at : at + 1]), first)
    return text[: len(text) - len(word)] + longer, [name.rpartition(".")[2] for name in offers]
