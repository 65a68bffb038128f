"""The app: a theme, a workbench, and a clean way in and out."""

import asyncio
import locale
import os
import signal
import sys
import traceback
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import RenderableType
from rich.text import Text
from textual import events, on
from textual.binding import Binding
from textual.driver import Driver
from textual.filter import LineFilter
from textual.reactive import reactive
from textual.screen import Screen
from textual.theme import Theme

from tuinn.runs.config import config_and_problem
from tuinn.runs.folder import RunFolder
from tuinn.spec.presets.catalog import default_draft
from tuinn.spec.run import RunSpec
from tuinn.ui import garbage_collection
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.terminal.cell_diff import CellDiff
from tuinn.ui.terminal.driver import TerminalDriver
from tuinn.ui.terminal.key_queue import KeyQueue
from tuinn.ui.terminal.tty import ENDINGS, endings_held_back, quiet_terminal, ui_log
from tuinn.ui.themes import THEMES
from tuinn.ui.threads import DaemonThreads
from tuinn.ui.widgets.controls import KeyFooter, Severity, UserMessage
from tuinn.ui.workbench.screen import Workbench
from tuinn.view.draft import Draft
from tuinn.view.run_follower import RunFollower

if TYPE_CHECKING:
    from tuinn.ui.dialogs.palette import PaletteEntry
    from tuinn.ui.runs.comparison_screen import ComparisonScreen

SWITCH_SECONDS = 0.001
"""After which Python lets another thread work; by itself after 5 ms."""

MOST_MESSAGES = 300

MESSAGE_SECONDS: dict[Severity, float] = {"information": 5, "warning": 10, "error": 20}

RIGHT = 3
"""The number of the right button of a mouse."""

HERE = Path(__file__).parent


class TuinnApp(KeyQueue, CellDiff):
    """One workbench. The run it shows lives elsewhere and outlives it."""

    TITLE = "tuinn"
    BINDINGS = bindings_for("app")
    negative: reactive[bool] = reactive(False)
    """Pictures are drawn the other way round than the theme suggests: dark on light, or light on dark."""
    CSS_PATH = [
        HERE / "dialogs" / "dialog.tcss",
        *sorted((HERE / "workbench" / "panes").glob("*.tcss")),
        HERE / "workbench" / "screen.tcss",  # with the others, or all are parsed again when its screen opens
    ]

    def __init__(
        self, draft: RunSpec | None = None, run: RunFolder | None = None, lab: str | None = None
    ) -> None:
        super().__init__()
        self.animation_level = "none"  # a page that glides by is sent several times
        self.first_draft = draft or default_draft()
        self.first_run = run
        self.first_lab = lab
        self.ascii_only = os.environ.get("TUINN_ASCII", "") not in ("", "0") or not _speaks_utf8()
        """Draw with ASCII alone."""
        self.farewell = ""
        """Said on the shell once the screen is gone."""
        self.workbench: Workbench | None = None
        self.threads = DaemonThreads()
        self.messages: deque[UserMessage] = deque(maxlen=MOST_MESSAGES)
        """What was said, the newest last."""
        self.is_broken = False
        """It ends by an error of its own."""
        self.is_signalled = False
        """It ends by a signal."""
        for theme in THEMES:
            self.register_theme(theme)
        config, _ = config_and_problem()
        self._begin_with(next(theme for theme in THEMES if theme.dark == (config.theme == "dark")))

    def _begin_with(self, theme: Theme) -> None:
        """Have this theme from the first screen on. To set it as usual would parse all style sheets once more."""
        self.set_reactive(TuinnApp.theme, theme.name)
        modes = {"-dark-mode": theme.dark, "-light-mode": not theme.dark}
        self.update_classes({f"-theme-{theme.name}": True, **modes}, update=False)
        self.stylesheet.set_variables(self.get_css_variables())

    def action_other_theme(self) -> None:
        """Light letters on dark, or dark ones on light."""
        self.theme = next(theme.name for theme in THEMES if theme.name != self.theme)
        for screen in self.screen_stack:
            if isinstance(screen, Workbench):
                self.call_next(screen.show_again)  # once the style sheets are in the new colours

    def action_negative(self) -> None:
        """Draw pictures as negatives, or as they were again."""
        self.negative = not self.negative

    def action_command_palette(self) -> None:
        """Search everything that can be done where one is."""
        from tuinn.ui.dialogs.palette import Palette

        if not isinstance(self.screen, Palette | Dialog):
            self.push_screen(Palette())

    def palette_entries(self, screen: Screen[object]) -> "list[PaletteEntry]":
        """What the palette offers on this screen beside its keys. Reads files: for a thread."""
        from tuinn.ui.workbench.palette_entries import PaletteEntries

        if not isinstance(screen, Workbench):
            return []
        return PaletteEntries(screen.drafts, screen.draft_dialogs, screen.runs, screen.action_pane).all()

    @on(Workbench.Left)
    def _workbench_left(self, event: Workbench.Left) -> None:
        self.farewell = event.farewell
        self.exit()

    def on_comparison_screen_differ_asked(self, event: "ComparisonScreen.DifferAsked") -> None:
        from tuinn.ui.workbench.inference.two_networks import show_difference

        show_difference(self, event.runs, event.titles)

    def get_key_display(self, binding: Binding) -> str:
        """A key in the footer as it is printed on the keyboard: `Esc`, `Space`, `F5`."""
        shown = super().get_key_display(binding)
        if self.ascii_only and not shown.isascii():
            shown = binding.key
        return shown.capitalize() if len(shown) > 1 else shown

    def action_messages(self) -> None:
        """Read again what was said."""
        from tuinn.ui.dialogs.log_view import message_log

        if isinstance(self.screen, Dialog):
            return
        for footer in self._footers():
            footer.unread = 0
            footer.clear_message()
        self.push_screen(message_log(self.messages))

    async def on_event(self, event: events.Event) -> None:
        """A press of the right button is not one of the left: it shows what can be done there."""
        if (
            isinstance(event, events.MouseDown | events.MouseUp)
            and event.button == RIGHT
            and not event.is_forwarded
        ):
            if isinstance(event, events.MouseDown):
                under = self.screen.get_focusable_widget_at(int(event.x), int(event.y))
                if under is not None:
                    under.focus()
                    self.call_after_refresh(self.action_command_palette)
        else:
            await super().on_event(event)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Severity = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Say it where the keys of the present screen are. In a box at the top where it has none, and with a title:
        that is for what happens elsewhere."""
        said = UserMessage(Text.from_markup(message).plain if markup else message, severity)
        self.messages.append(said)
        top = self.screen_stack[-1:]  # none while the app begins or ends
        footer = next((one for one in self._footers() if one.screen in top), None)
        if footer is None or title or not footer.region:
            super().notify(message, title=title, severity=severity, timeout=timeout, markup=markup)
        else:
            footer.show_message(said, timeout or MESSAGE_SECONDS[severity])

    def clear_notifications(self) -> None:
        """Nothing said is on the screen any more."""
        super().clear_notifications()
        for footer in self._footers():
            footer.clear_message()

    def _footers(self) -> list[KeyFooter]:
        return [footer for screen in self.screen_stack for footer in screen.query(KeyFooter)]

    def on_mount(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(self.threads)
        for ending in ENDINGS:
            loop.add_signal_handler(ending, self._end)
        self.set_interval(
            garbage_collection.LOOK_SECONDS, lambda: garbage_collection.search_if_idle(self.is_typing)
        )
        run = RunFollower(self.first_run) if self.first_run else None
        draft = Draft(run.spec, run.folder.facts()) if run else Draft(self.first_draft)
        self.workbench = Workbench(draft, run, self.first_lab)
        self.push_screen(self.workbench)

    def _end(self) -> None:
        """Leave for good. After SIGHUP the kernel sends SIGCONT, at which Textual would begin to draw again."""
        signal.signal(signal.SIGCONT, lambda *_: None)
        self.is_signalled = True
        self.exit()

    def on_paste(self) -> None:
        """Nobody has taken the text."""
        self.notify("The pasted text is dropped: nothing here takes text.", severity="warning")

    def get_line_filters(self) -> Sequence[LineFilter]:
        filters = super().get_line_filters()
        if not self.ascii_only:
            return filters
        from tuinn.ui.terminal.ascii_letters import AsciiLetters

        return [*filters, AsciiLetters()]

    def panic(self, *renderables: RenderableType) -> None:
        """End with exit code 1. Textual ends with 0 where its input thread has broken."""
        self.is_broken = True
        super().panic(*renderables)

    def get_driver_class(self) -> type[Driver]:
        return super().get_driver_class() if "TEXTUAL_DRIVER" in os.environ else TerminalDriver


def _speaks_utf8() -> bool:
    return "utf" in (locale.getpreferredencoding(False) or "").lower()


def open_ui(draft: RunSpec | None = None, run: RunFolder | None = None, lab: str | None = None) -> int:
    """Open the workbench on a draft, a run, or a lab, and come back when it is left, with an exit code.

    Raises FolderError for a run that can't be read.
    """
    if run is not None:
        run.spec()
    app = TuinnApp(draft, run, lab)
    garbage_collection.keep_what_is_loaded()
    # A key waits that long for a thread that draws or reads, each time that it has waited for something else.
    sys.setswitchinterval(SWITCH_SECONDS)
    with quiet_terminal(), endings_held_back():
        try:
            app.run()
        except Exception:
            app.is_broken = True
            traceback.print_exc()
    code = _farewell(app)
    if app.threads.are_working:
        # A thread in a library's code when Python ends may abort the whole; one that reads may never come back.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    return code


def _farewell(app: TuinnApp) -> int:
    """Keep or drop the draft, say on the shell what is to be said, and return the exit code."""
    broken = app.is_broken or bool(app.return_code)
    is_kept = False
    if app.workbench is not None:
        is_kept = app.workbench.draft_file.close(ordinary=not (broken or app.is_signalled))
    if app.farewell:
        print(app.farewell)  # noqa: T201 - the shell is ours again
    if broken:
        draft = ", and the next tuinn offers the draft" if is_kept else ""
        words = f"tuinn broke: {ui_log()} tells where. Runs are not affected{draft}."
        print(words, file=sys.stderr)  # noqa: T201
    return 1 if broken else 0
