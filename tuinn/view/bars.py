"""Bars of characters, an eighth of a cell exact."""

EIGHTHS = " ▏▎▍▌▋▊▉█"


def bar(share: float, width: int, ascii_only: bool = False) -> str:
    """A bar of `width` cells filled to `share` (0..1), padded with spaces to its width."""
    share = min(max(share, 0.0), 1.0)
    if ascii_only:
        return ("#" * round(share * width)).ljust(width)
    whole, eighth = divmod(round(share * width * 8), 8)
    return ("█" * whole + (EIGHTHS[eighth] if eighth else "")).ljust(width)
