"""Where a run computes: `device` in [fit], a word or the numbers of several cards or processors."""

import re
from dataclasses import dataclass

from tuinn.errors import SpecError
from tuinn.spec.options import Text

MOST_LISTED = 64
"""Devices that a spec may list."""


@dataclass(frozen=True)
class Device(Text):
    """Where to compute: a word, and for one of several cards its number."""

    @property
    def allowed(self) -> str:
        return "auto, cpu, gpu, or gpu:N for the card with number N; gpu:0,1 or all for several that train together"

    def check(self, value: object) -> str:
        text = value.replace(" ", "") if isinstance(value, str) else ""
        if not re.fullmatch(r"auto|all|cpu|gpu(:\d{1,2})?|[cg]pu:\d{1,2}(,\d{1,2})+", text):
            raise self.refuse(value)
        _, numbers = listed(text)
        for at, number in enumerate(numbers):
            if number in numbers[:at]:
                raise SpecError(f"{text} has device {number} twice. Name each once.", self.name)
        if len(numbers) > MOST_LISTED:
            raise SpecError(f"lists {len(numbers)} devices; at most {MOST_LISTED} train together.", self.name)
        return text


def listed(wanted: str) -> tuple[str, tuple[int, ...]]:
    """`cpu` or `gpu`, and the numbers, of a device that lists several; no numbers of any other."""
    kind, _, numbers = wanted.partition(":")
    return (kind, tuple(int(number) for number in numbers.split(","))) if "," in numbers else (kind, ())


def alone(wanted: str) -> str:
    """The first of several devices, for what one does; any other as it is, and the first card that works for `all`."""
    kind, numbers = listed(wanted)
    if wanted == "all":
        return "auto"
    if not numbers:
        return wanted
    return "cpu" if kind == "cpu" else f"gpu:{numbers[0]}"
