"""The user's commands to this worker: those that arrive in the command file or as a signal, and earlier ones to apply again."""

from collections import deque
from dataclasses import dataclass, field

from tuinn.errors import StopRequested
from tuinn.programs import SignalInbox
from tuinn.runs.commands import (
    AnyCommand,
    Evaluate,
    Explain,
    ExplainData,
    Inspect,
    InspectUnits,
    LookInside,
    Predict,
    PredictSamples,
    PredictTest,
    Question,
    Quit,
    ReportQuestion,
    SetPatience,
    SetRate,
    Steering,
    Stop,
)
from tuinn.runs.events import (
    FORMAT,
    Checkpointed,
    EpochsChanged,
    PatienceChanged,
    RateChanged,
    RunEnded,
    RunResumed,
    RunStarted,
)
from tuinn.runs.folder import RunFolder

STOPPED_EARLY = "Stopped before the training began."

SAMPLE_QUESTIONS = (Predict, PredictSamples, Inspect, InspectUnits, Explain, ExplainData)
"""May be answered between two batches, too."""

LAST_CHECKPOINT = "checkpoints/last.npz"
"""As `Checkpointed` names it."""

SettingChange = RateChanged | PatienceChanged
"""An event that says that a setting was changed by the user."""


class CommandQueue:
    """The commands that came so far and are not done yet. `poll` reads the new ones."""

    def __init__(self, folder: RunFolder, offset: int = 0, signals: SignalInbox | None = None) -> None:
        """`offset`: bytes of the command file that are not meant for this worker."""
        self.signals = signals or SignalInbox()
        self.file = folder.commands_file
        self.reader = folder.commands(offset)
        self.stop = False
        """The training is to end."""
        self.stop_with_best = False
        """It is to end with the weights of its best epoch."""
        self.quit = False
        """Nobody has a question any more."""
        self.no_room = ""
        """Why the training is to end where its journal can't grow any more, in a few words; empty: it can."""
        self.signal = ""
        """The signal by which the training is to end, such as SIGUSR1; empty: none."""
        self.questions: deque[Question] = deque()
        """Not yet answered, oldest first."""
        self.controls: deque[Steering] = deque()
        """Not yet carried out, oldest first."""
        self.settings_changed = 0
        """SettingChanges in the journal, by earlier workers of this run."""

    def poll(self) -> None:
        """Read what was appended since, and what came as a signal. Costs one `stat` when there is nothing new."""
        self._heed_signal()
        try:
            if self.file.stat().st_size <= self.reader.offset:
                return
            commands = self.reader.read_all()
        except OSError:
            # No command file yet, or one that can't be read: then there are no commands in it.
            return
        for command in commands:
            self._add(command)

    def _add(self, command: AnyCommand) -> None:
        match command:
            case Stop(best=best, signal=name):
                self.stop, self.stop_with_best = True, best
                self.signal = self.signal or name
            case Quit():
                self.quit = True
            case Predict() | PredictSamples() | PredictTest() | Evaluate() | ReportQuestion() | LookInside():
                self.questions.append(command)
            case _:
                self.controls.append(command)

    def pop_questions(self, *types: type[Question]) -> list[Question]:
        """Take the waiting questions of these types out of the queue, oldest first."""
        found = [question for question in self.questions if isinstance(question, types)]
        for question in found:
            self.questions.remove(question)
        return found

    def stop_for_room(self, why: str) -> None:
        """Stop the training, and keep what there is: the journal can't grow any more."""
        self.stop, self.no_room = True, why

    def check_stop(self) -> None:
        """Raise StopRequested where the training is to end before it began."""
        self.poll()
        if self.stop:
            raise StopRequested(STOPPED_EARLY)

    def _heed_signal(self) -> None:
        """Stop, save, and leave."""
        if self.signals.first:
            self.signal = self.signal or self.signals.first
            self.stop = self.quit = True

    def replay(self, past: "PastCommands", applied: int | None) -> None:
        """Queue what was set after the checkpoint from which the run goes on; `applied` as in `PastCommands.after`."""
        self.settings_changed = len(past.changes)
        self.controls.extendleft(reversed(past.after(applied)))


@dataclass
class PastCommands:
    """What a run's journal says of commands to its earlier workers."""

    epochs: int | None = None
    """How many the run shall have, by the last event about it; None where there is none."""
    finished: bool = False
    """The run has finished and was not resumed since."""
    checkpointed: bool = False
    """A checkpoint to resume from was written."""
    network_epoch: int | None = None
    """Of the network that was saved last; None where none was."""
    format: int = FORMAT
    """The newest version of the journal that its workers have said."""
    changes: list[SettingChange] = field(default_factory=list)
    """Oldest first."""

    def after(self, applied: int | None) -> list[SetRate | SetPatience]:
        """The last value of each setting that changed after the first `applied` changes, which a checkpoint includes.

        None: the checkpoint is of a version that didn't count; then there is nothing to repeat.
        """
        last: dict[str, SetRate | SetPatience] = {}
        for change in [] if applied is None else self.changes[applied:]:
            if isinstance(change, RateChanged):
                last["learning_rate"] = SetRate(learning_rate=change.learning_rate)
            else:
                last[change.setting] = SetPatience(patience=change.patience, setting=change.setting)
        return list(last.values())

    @classmethod
    def read(cls, folder: RunFolder) -> "PastCommands":
        """Read the run's journal once. Empty where there is none."""
        past, reader, before, trains = cls(), folder.events(), -1, False
        while before != reader.offset:
            before = reader.offset
            for event in reader.read_bulk():
                match event:
                    case RunStarted(epochs=epochs) | RunResumed(epochs=epochs):
                        past.epochs, past.finished, trains = epochs, False, True
                        past.format = max(past.format, event.format)
                    case EpochsChanged(epochs=epochs):
                        past.epochs = epochs
                    case RunEnded(outcome=outcome) if trains:  # a worker that refused to resume ends nothing
                        past.finished, trains = outcome == "finished", False
                    case Checkpointed(file=file, epoch=epoch):
                        past.checkpointed |= file == LAST_CHECKPOINT
                        past.network_epoch = epoch if file == folder.model_file.name else past.network_epoch
                    case RateChanged(asked=True) | PatienceChanged():
                        past.changes.append(event)
                    case _:
                        pass
        return past
