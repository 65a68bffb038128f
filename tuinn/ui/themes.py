"""Colours as data. The two curve colours are told apart by every kind of colour blindness (Okabe and Ito, 2008)."""

from textual.theme import Theme

DARK = Theme(
    name="tuinn-dark",
    primary="#5B9BD5",
    secondary="#7FB7BE",
    accent="#F0B429",
    success="#4CB782",
    warning="#E6A23C",
    error="#E5636A",
    foreground="#D8DEE6",
    background="#0F1419",
    surface="#151B22",
    panel="#1C242D",
    dark=True,
    variables={
        "curve-train": "#56B4E9",
        "curve-validation": "#E69F00",
        "curve-other": "#8A7FA8",
        "chart-axis": "#7A8794",
        "chart-gap": "#E5636A",
        "pane-border": "#33404D",
        "row-cursor": "#274B6D",
        "footer-key-foreground": "#F0B429",
    },
)

LIGHT = Theme(
    name="tuinn-light",
    primary="#1F6FB2",
    secondary="#2B7A78",
    accent="#9A5B00",
    success="#1E7F4F",
    warning="#9A5B00",
    error="#B3261E",
    foreground="#1B232B",
    background="#FAFAF7",
    surface="#F1F1EC",
    panel="#E6E6DF",
    dark=False,
    variables={
        "curve-train": "#0072B2",
        "curve-validation": "#B35C00",
        "curve-other": "#7A6FA0",
        "chart-axis": "#5C6873",
        "chart-gap": "#B3261E",
        "pane-border": "#B9BDB8",
        "row-cursor": "#BBD7EE",
        "footer-key-foreground": "#9A5B00",
    },
)

THEMES = (DARK, LIGHT)
