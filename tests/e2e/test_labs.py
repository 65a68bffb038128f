"""Lessons and lab pages in a real terminal."""

import sys

from tests.e2e.terminal import Terminal

ENTER, ESCAPE = "\r", "\x1b"


def test_a_step_leads_to_its_screen_is_marked_and_0_leads_to_the_next() -> None:
    with Terminal([sys.executable, "-m", "tuinn", "lab", "iris-inside"], (80, 24)) as terminal:
        terminal.expect("1 look at the flowers")
        terminal.press(ENTER)
        terminal.expect(r"\[1 Grid\]")
        terminal.press(ESCAPE)
        terminal.expect("1/6 look at the flowers")
        terminal.press("0")
        terminal.expect("✓ 1 look at the flowers")
        terminal.press(ENTER)
        terminal.expect(r"\[3 Summary\]")


def test_a_lab_page_opens_from_the_shell_and_follows_keys_typed_ahead() -> None:
    with Terminal([sys.executable, "-m", "tuinn", "lab", "neuron"], (80, 24)) as terminal:
        terminal.expect("squared error 0.0370")
        terminal.press("w++--gt")
        terminal.expect("step 11")
        terminal.press(ESCAPE)
        terminal.expect("Dataset")
