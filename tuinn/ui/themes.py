"""Colours as data. Those of the curves are distinct in every kind of colour blindness (Okabe and Ito, 2008), and each
curve has its own marker as well."""

from textual.theme import Theme

from tuinn.runs.state import RunState

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
        "curve-2": "#2FBF91",
        "curve-3": "#E58FBF",
        "curve-4": "#F0E442",
        "curve-5": "#E8743B",
        "curve-6": "#9AA5F0",
        "curve-7": "#B8BEC6",
        "chart-best": "#4CB782",
        "chart-cursor": "#F0B429",
        "chart-axis": "#7A8794",
        "chart-grid": "#2E3945",
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
        "curve-2": "#00785A",
        "curve-3": "#A8407C",
        "curve-4": "#7F7000",
        "curve-5": "#B33A00",
        "curve-6": "#4B4BB5",
        "curve-7": "#5A5F66",
        "chart-best": "#1E7F4F",
        "chart-cursor": "#9A5B00",
        "chart-axis": "#5C6873",
        "chart-grid": "#D3D6D0",
        "chart-gap": "#B3261E",
        "pane-border": "#B9BDB8",
        "row-cursor": "#BBD7EE",
        "footer-key-foreground": "#9A5B00",
    },
)

THEMES = (DARK, LIGHT)

RUN_STATE_SIGNS = {
    RunState.STARTING: ("◌", "accent"),
    RunState.RUNNING: ("●", "accent"),
    RunState.STALLED: ("◍", "warning"),
    RunState.SERVING: ("✓", "success"),
    RunState.FINISHED: ("✓", "success"),
    RunState.STOPPED: ("■", "warning"),
    RunState.FAILED: ("✗", "error"),
    RunState.LOST: ("✗", "error"),
}
"""A sign for each state of a run, and the theme's variable for its colour."""
