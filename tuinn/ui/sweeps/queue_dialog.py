"""The queue: what trains, what waits, and the draft, which can be queued."""

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from tuinn.errors import FolderError, SpecError
from tuinn.spec.run import RunSpec
from tuinn.sweeps.commands import AnyQueueCommand, GoOn, Hold, Move, Remove, SetParallel, StopAll
from tuinn.sweeps.folder import QueueFolder
from tuinn.sweeps.follower import entry_state, read_queue
from tuinn.sweeps.launch import ensure_runner
from tuinn.sweeps.queue import Queue, QueueEntry, add_command
from tuinn.text import plural, printable
from tuinn.ui.dialogs.dialog import Dialog
from tuinn.ui.dialogs.help import Help
from tuinn.ui.keys.table import bindings_for
from tuinn.ui.widgets.virtual_list import VirtualList
from tuinn.view.draft import Draft

ENDED = 5
"""Ended entries that are shown."""

PATIENCE = 2
"""Polls, one a second, that a runner may take to start."""


class QueueDialog(Dialog[str]):
    """Answers the name of a run to attach to. The first line queues the draft."""

    heading = "Queue"
    BINDINGS = bindings_for("queue")

    def __init__(self, draft: Draft) -> None:
        """Raises FolderError."""
        super().__init__()
        self.draft = draft
        self.folder = QueueFolder.here()
        self.queue = read_queue(self.folder)
        self.polls_without_runner = 0
        """Polls since a runner was last seen, while there is something to do."""
        self.entries: list[QueueEntry] = []
        """Those that are shown."""

    def body(self) -> ComposeResult:
        yield Static(id="queue-words", markup=False)
        yield VirtualList(id="queue-rows")
        yield Static(
            "Enter queues or attaches · d removes · K J move · Space holds · Esc",
            classes="dialog-keys",
            markup=False,
        )

    def on_mount(self) -> None:
        self.query_one(VirtualList).focus()
        self.show_queue()
        self.set_interval(1.0, self._tick)

    def _tick(self) -> None:
        try:
            fresh = read_queue(self.folder)
        except FolderError as problem:
            self._show_problem(problem)
            return
        todo = bool(fresh.waiting or fresh.training)
        before = self._is_orphan()
        self.polls_without_runner = (
            self.polls_without_runner + 1 if todo and not self.folder.is_alive() else 0
        )
        if fresh != self.queue or self._is_orphan() != before:
            self.queue = fresh
            self.show_queue()

    def show_queue(self) -> None:
        """Draw the queue as it is now."""
        queue = self.queue
        over = [entry for entry in queue.entries if entry.outcome and entry.outcome != "removed"]
        self.entries = [*queue.training, *queue.waiting, *over[-ENDED:][::-1]]
        self.query_one("#queue-words", Static).update(self._words(queue))
        rows = self.query_one(VirtualList)
        rows.styles.height = min(len(self.entries) + 1, 14)
        rows.show(len(self.entries) + 1, self._line)

    def _words(self, queue: Queue) -> Text:
        halted = sum(self._state(entry) == "halted" for entry in queue.training)
        words = f"{len(queue.training) - halted} in training, {f'{halted} halted, ' if halted else ''}"
        words += f"{len(queue.waiting)} waiting, {queue.parallel} at a time per device."
        if queue.paused:
            words += " Held: Space starts."
        elif self._is_orphan():
            words += " No runner is active: Space starts one."
        calm = not queue.paused and not self._is_orphan()
        return Text(words, style="dim" if calm else self.app.theme_variables["warning"])

    def _is_orphan(self) -> bool:
        """Whether there is something to do and no runner: it was killed, or the machine was restarted."""
        return self.polls_without_runner > PATIENCE

    def _state(self, entry: QueueEntry) -> str:
        conducted = self.folder.is_alive() if self.queue.paused else not self._is_orphan()
        return entry_state(entry, conducted)

    def _line(self, at: int, width: int) -> Text:
        colours = self.app.theme_variables
        if at == 0:
            text = Text.assemble(
                ("+ ", f"bold {colours['accent']}"), ("queue this draft", "bold"), no_wrap=True
            )
            return text.append(f"  {_draft_words(self.draft.spec)}", style="dim")
        entry = self.entries[at - 1]
        state = self._state(entry)
        sign, hue = {
            "training": ("●", "accent"),
            "finished": ("✓", "success"),
            "stopped": ("■", "warning"),
            "halted": ("■", "warning"),
            "failed": ("✗", "error"),
        }.get(state, ("◌", "foreground"))
        text = Text.assemble((f"{sign} {state:<9}", colours[hue]), no_wrap=True)
        text.append(f"{entry.entry:<6}", style="dim")
        try:
            text.append(_draft_words(RunSpec.from_toml(entry.spec)))
        except SpecError:
            text.append("damaged")
        return text.append(f"  {printable(entry.message or entry.run)}", style="dim")

    # ---------------------------------------------------------------------------------------------- actions

    @on(VirtualList.Chosen)
    def _chosen(self, event: VirtualList.Chosen) -> None:
        event.stop()
        if event.at == 0:
            self.action_queue()
            return
        entry = self.entries[event.at - 1]
        if entry.run:
            self.dismiss(entry.run)
        else:
            self.notify("It is waiting: there is no run to attach to yet.", markup=False)

    def action_queue(self) -> None:
        if self.draft.error is not None:
            self.notify(printable(str(self.draft.error)), severity="error", timeout=8, markup=False)
            return
        try:
            self._ask(add_command(self.draft.spec))
        except SpecError as problem:
            self._show_problem(problem)

    def action_remove(self) -> None:
        if (entry := self._waiting()) is not None:
            self._ask(Remove(entry=entry.entry))

    def action_move(self, by: int) -> None:
        if (entry := self._waiting()) is not None:
            at = self.queue.waiting.index(entry) + 1 + by
            if 1 <= at <= len(self.queue.waiting):
                self._ask(Move(entry=entry.entry, place=at))
                self.query_one(VirtualList).action_move(by)

    def _waiting(self) -> QueueEntry | None:
        at = self.query_one(VirtualList).at
        entry = self.entries[at - 1] if at else None
        if entry is not None and not entry.waits:
            self.notify("Only a waiting draft can be removed or moved.", markup=False)
            return None
        return entry

    def action_hold(self) -> None:
        self._ask(GoOn() if self.queue.paused or self._is_orphan() else Hold())

    def action_stop(self) -> None:
        self._ask(StopAll() if self.folder.is_alive() else Hold())
        self.notify(
            "Nothing further starts. What trains is stopped and saved, and can be resumed.", markup=False
        )

    def action_parallel(self, by: int) -> None:
        self._ask(SetParallel(parallel=self.queue.parallel + by))

    def action_help(self) -> None:
        self.app.push_screen(Help("queue"))

    def _ask(self, command: AnyQueueCommand) -> None:
        try:
            self.folder.ask(command)
            self.queue = ensure_runner(self.folder)
        except (FolderError, SpecError) as problem:
            self._show_problem(problem)
        self.show_queue()

    def _show_problem(self, problem: Exception) -> None:
        self.notify(printable(str(problem)), severity="error", timeout=10, markup=False)


def _draft_words(spec: RunSpec) -> str:
    """`iris · 60 epochs · adam 0.01`."""
    return printable(
        f"{spec.dataset.label} · {plural(spec.fit.epochs, 'epoch')} · {spec.fit.optimizer} {spec.fit.learning_rate:g}"
    )
