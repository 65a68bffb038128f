"""Words, numbers and names made printable, for messages and tables."""

import re
from collections.abc import Mapping, Sequence


def shorten(text: str, most: int = 40) -> str:
    """Foreign text for a sentence: one short line without anything a terminal would obey."""
    shown = text if text.isprintable() else repr(text)[1:-1]
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def format_count(number: int) -> str:
    """131460 → `131,460`."""
    return f"{number:,}"


def plural(number: int, noun: str, many: str = "") -> str:
    """`1 epoch`, `5 epochs`."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def format_duration(seconds: float) -> str:
    """`80 ms`, `1.8 s`, `42 s`, `3 m 05 s`, `2 h 10 m`, `3 d 4 h`."""
    if seconds < 0.9995:
        return f"{1000 * seconds:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02} s"
    if whole < 86400:
        return f"{whole // 3600} h {whole % 3600 // 60:02} m"
    return f"{whole // 86400} d {whole % 86400 // 3600} h"


def format_bytes(number: int) -> str:
    """Bytes, in steps of 1,000: `525.8 kB`."""
    value = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def format_short_count(number: float) -> str:
    """`950`, `12.3 k`, `1.2 M`."""
    if number < 1000:
        return f"{number:.0f}"
    return f"{number / 1000:.1f} k" if number < 1e6 else f"{number / 1e6:.1f} M"


def format_number(value: float) -> str:
    """A number of any size in at most nine characters or so: `0.536`, `39,320`, `1.2e+09`."""
    if value != value:
        return "–"
    if value and not 1e-3 <= abs(value) < 1e7:
        return f"{value:.2g}"
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def format_metric(value: float | None) -> str:
    """Four digits that count, always in six characters or a few more; None is news."""
    if value is None:
        return "not finite"
    if value != 0 and not 1e-3 <= abs(value) < 1e5:
        return f"{value:.2e}"
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.2f}" if abs(value) < 1000 else f"{value:.0f}"


def format_metrics(metrics: Mapping[str, float | None]) -> str:
    """`loss 0.4312  accuracy 0.8431`, the loss first and what was validated last."""
    order = sorted(metrics, key=lambda name: (name.startswith("val_"), not name.endswith("loss")))
    return "  ".join(f"{name} {format_metric(metrics[name])}" for name in order)


def fit_parts(text: str, width: int) -> str:
    """As many of the parts between two blanks as have room in so many cells, with `…` where some are left out."""
    parts = text.split("  ")
    kept = len(parts)
    while kept > 1 and len("  ".join(parts[:kept])) + 3 * (kept < len(parts)) > width:
        kept -= 1
    return "  ".join(parts[:kept]) + ("  …" if kept < len(parts) else "")


def printable(text: str) -> str:
    """Foreign text without anything a terminal would obey: no escape codes, no line ends."""
    without_codes = re.sub(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)?", "", text)
    return "".join(letter if letter.isprintable() else " " for letter in without_codes)


def printable_lines(text: str) -> str:
    """The same for a text whose line ends are to stay."""
    return "\n".join(map(printable, text.split("\n")))


def join_names(names: Sequence[str], most: int = 3, total: int = 0) -> str:
    """`a, b, c and 4 more`. `total`: how many there are, where `names` are only the first of them."""
    total = max(total, len(names))
    shown = [shorten(name, 60) for name in names[:most]]
    if total > len(shown):
        return f"{', '.join(shown)} and {total - len(shown):,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
