"""What a worker finds out about a network when asked, as files of `reports/`: ask, wait, and show it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tuinn.errors import FolderError
from tuinn.runs.commands import (
    AnyReportQuestion,
    Calibrate,
    CheckData,
    Examine,
    FindLabelIssues,
    FindNearest,
    MakeReport,
    PredictTest,
    Question,
    new_request,
)
from tuinn.runs.decision import keep_threshold, read_decision
from tuinn.runs.folder import RunFolder
from tuinn.runs.report_file import ReportFile
from tuinn.ui.workbench.host import Host, show_problem
from tuinn.ui.workbench.run_controller import RunController
from tuinn.view.run_follower import RunFollower

if TYPE_CHECKING:  # the first screen does without it
    from tuinn.runs.examination import Examination

FoundT = TypeVar("FoundT", bound=ReportFile)

NO_NETWORK = "Train a network first: r starts the run."

WORKER_GONE = "The worker ended before it answered. Ask again: another one is started."


@dataclass
class Waiting:
    """A question on its way."""

    run: RunFollower
    done: Callable[[Path], None]
    """Gets the file."""
    notes: int
    """In the journal when it was asked."""
    was_alive: bool = False
    """Whether its worker was seen at work."""


class ReportController:
    """Asks the worker of the run on the screen, and shows the file it has written."""

    def __init__(
        self,
        host: Host,
        runs: RunController,
        ask: Callable[[RunFollower, Question], bool],
        decided: Callable[[], None],
        examined: "Callable[[RunFollower, Examination], None]",
        doubted: Callable[[RunFollower, Path], None],
    ) -> None:
        """`ask` sends a question to a run's worker; `decided` is called when thresholds have changed, `examined` shows what
        a look at the network found, and `doubted` the labels that look wrong."""
        self.host, self.runs, self.ask, self.decided, self.examined = host, runs, ask, decided, examined
        self.doubted = doubted
        self.waiting: dict[str, Waiting] = {}
        """By request."""

    @property
    def is_waiting(self) -> bool:
        return bool(self.waiting)

    def ask_for(self, question: AnyReportQuestion, words: str, done: Callable[[Path], None]) -> None:
        """Have something found out about the run on the screen, and say `words` until that is there."""
        run = self.runs.run
        if run is None or not (run.view.predicted or run.folder.model_file.exists()):
            self.host.show_message(NO_NETWORK, "warning")
        elif self.ask(run, question):
            self.waiting[question.request] = Waiting(run, done, len(run.view.notes))
            when = " after this epoch" if run.is_active else ""
            self.host.show_message(f"{words}{when}…", until=lambda: question.request not in self.waiting)

    def show_answers(self) -> None:
        """Show what is there by now, and say what will not come any more."""
        for request, waiting in list(self.waiting.items()):
            run = waiting.run
            answer, is_alive = run.view.reports.get(request), run.folder.is_alive()
            if answer is not None:
                del self.waiting[request]
                if answer.problem:
                    self.host.show_message(answer.problem, "error")
                elif run is self.runs.run:
                    waiting.done(run.folder.path / answer.file)
            elif not is_alive and (waiting.was_alive or len(run.view.notes) > waiting.notes):
                del self.waiting[request]
                self.host.show_message(WORKER_GONE, "error")
            waiting.was_alive = waiting.was_alive or is_alive

    def show(
        self,
        file_of: Callable[[RunFolder], Path],
        question: AnyReportQuestion,
        words: str,
        done: Callable[[Path], None],
    ) -> None:
        """Show what was found out about the run on the screen; it is asked first unless it was since the network was saved."""
        run = self.runs.run
        if any(waiting.done == done for waiting in self.waiting.values()):
            return
        if run is not None and not run.is_active and is_newer(file_of(run.folder), run.folder.model_file):
            done(file_of(run.folder))
        else:
            self.ask_for(question, words, done)

    def _read(self, file: Path, kind: type[FoundT]) -> FoundT | None:
        """What stands in the file; None where it can't be read, which is said."""
        try:
            return kind.read(file)
        except (OSError, ValueError) as problem:
            self.host.show_message(f"{file} cannot be read ({problem}).", "error")
            return None

    # ------------------------------------------------------------------------------------------------ report

    def report(self) -> None:
        """Show how good the network is on the test set."""
        question, words = MakeReport(request=new_request()), "The network is judged on the test set"
        self.show(lambda folder: folder.report_file("test"), question, words, self._show_report)

    def _show_report(self, file: Path) -> None:
        from tuinn.runs.report import Report
        from tuinn.ui.dialogs.log_view import report_view

        if found := self._read(file, Report):
            self.host.open_dialog(report_view(found), lambda _: None)

    # ------------------------------------------------------------------------------------------------ doctor

    def examine(self) -> None:
        """Show what keeps the network from learning better."""
        question = Examine(request=new_request())
        self.show(
            lambda folder: folder.examination_file, question, "The doctor looks at it", self._show_findings
        )

    def _show_findings(self, file: Path) -> None:
        from tuinn.runs.examination import Examination

        run, found = self.runs.run, self._read(file, Examination)
        if run is not None and found is not None:
            self.examined(run, found)

    # -------------------------------------------------------------------------------------------- calibration

    def calibrate(self) -> None:
        """Show how far the probabilities can be trusted; that is measured first unless it was since the network was saved."""
        question, words = Calibrate(request=new_request()), "The probabilities are measured"
        self.show(lambda folder: folder.calibration_file, question, words, self._show_calibration)

    def _show_calibration(self, file: Path) -> None:
        from tuinn.runs.calibration import Calibration
        from tuinn.ui.dialogs.calibration_view import CalibrationAnswer, CalibrationView

        run, found = self.runs.run, self._read(file, Calibration)
        if run is None or found is None:
            return

        def answered(answer: CalibrationAnswer | None) -> None:
            if answer == "keep":
                self._keep_temperature(run)
            elif isinstance(answer, dict):
                self._keep_thresholds(run, answer)

        self.host.open_dialog(CalibrationView(found, read_decision(run.folder).thresholds), answered)

    def _keep_temperature(self, run: RunFollower) -> None:
        """Put the temperature into the saved network; then the test samples are predicted with it."""

        def kept(file: Path) -> None:
            epoch = run.view.predicted.epoch if run.view.predicted else 0
            self.ask(run, PredictTest(request=new_request(), epoch=epoch))
            self._show_calibration(file)

        question = Calibrate(request=new_request(), keep=True)
        self.ask_for(question, "The temperature is put into the saved network", kept)

    def _keep_thresholds(self, run: RunFollower, thresholds: dict[str, float]) -> None:
        decision = read_decision(run.folder)
        try:
            for name, value in thresholds.items():
                decision = keep_threshold(run.folder, name, value)
        except FolderError as problem:
            show_problem(self.host, problem)
            return
        words = ", ".join(f"{name} from {value:.2f} on" for name, value in decision.thresholds.items())
        told = f"Kept with the run: {words}." if words else "Everything is predicted from 0.50 on again."
        self.host.show_message(told)
        self.decided()

    # ----------------------------------------------------------------------------------------------- neighbours

    def find_nearest(self, at: int, show: Callable[[RunFollower, Path], None]) -> None:
        """Show the training samples nearest to test sample `at`."""

        def found(file: Path) -> None:
            if (run := self.runs.run) is not None:
                show(run, file)

        words = f"The training samples nearest to test sample #{at + 1} are found"
        self.ask_for(FindNearest(request=new_request(), test=at), words, found)

    # --------------------------------------------------------------------------------------------------- data

    def check_data(self) -> None:
        """Show which slices of the test samples do badly, and whether these differ from the training samples."""
        question, words = CheckData(request=new_request()), "The test samples are looked over"
        self.show(lambda folder: folder.data_check_file, question, words, self._show_data_check)

    def _show_data_check(self, file: Path) -> None:
        from tuinn.runs.data_check import DataCheck
        from tuinn.ui.dialogs.log_view import data_check_view

        if found := self._read(file, DataCheck):
            self.host.open_dialog(data_check_view(found), lambda _: None)

    # ------------------------------------------------------------------------------------------------- labels

    def find_label_issues(self) -> None:
        """Show the training samples whose label looks wrong."""
        words = "Labels are checked: networks like this one are trained briefly on parts of the samples"
        question = FindLabelIssues(request=new_request())
        self.show(lambda folder: folder.label_issues_file, question, words, self._show_label_issues)

    def _show_label_issues(self, file: Path) -> None:
        if (run := self.runs.run) is not None:
            self.doubted(run, file)


def is_newer(file: Path, than: Path) -> bool:
    """Whether a file was written after another one."""
    try:
        return file.stat().st_mtime_ns >= than.stat().st_mtime_ns
    except OSError:
        return False
