"""Names that others gave, in a sentence."""

from collections.abc import Sequence

from tuinn.spec.options import shorten


def listed(names: Sequence[str], most: int = 3, total: int = 0) -> str:
    """`a, b, c and 4 more`. `total`: how many there are, where `names` are only the first of them."""
    total = max(total, len(names))
    shown = [shorten(name, 60) for name in names[:most]]
    if total > len(shown):
        return f"{', '.join(shown)} and {total - len(shown):,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
