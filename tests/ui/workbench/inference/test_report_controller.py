"""Questions about a network that a worker answers with a file: asked, awaited, shown, and given up, without an app."""

import subprocess

import pytest

from tests.conftest import Write
from tests.factories import append, whole_run
from tests.ui.dialogs.test_calibration_view import FOUND
from tests.ui.workbench.fake_host import FakeHost
from tuinn.runs.commands import Calibrate, Examine, FindLabelIssues, MakeReport, PredictTest
from tuinn.runs.decision import read_decision
from tuinn.runs.events import Noted, Reported
from tuinn.runs.examination import Examination, ExaminedLayer
from tuinn.runs.folder import RunFolder
from tuinn.runs.report import Report, Score
from tuinn.ui.dialogs.calibration_view import CalibrationView
from tuinn.ui.dialogs.log_view import LogView
from tuinn.ui.workbench.inference.inference_controller import InferenceController
from tuinn.ui.workbench.inference.report_controller import NO_NETWORK, WORKER_GONE, ReportController
from tuinn.ui.workbench.run_controller import RunController

Decided = list[str]


@pytest.fixture
def decided() -> Decided:
    """An entry for each time that thresholds have changed, or labels in doubt are shown."""
    return []


@pytest.fixture
def examined() -> list[Examination]:
    """What was shown of looks at a network."""
    return []


@pytest.fixture
def reports(
    host: FakeHost, runs: RunController, decided: Decided, examined: list[Examination]
) -> ReportController:
    inference = InferenceController(host, runs, lambda answer: None)
    return ReportController(
        host,
        runs,
        inference.ask,
        lambda: decided.append("changed"),
        lambda _, found: examined.append(found),
        lambda run, file: decided.append(f"{file.name} of {run.folder.name}"),
    )


@pytest.fixture
def folder(write_run: Write, runs: RunController) -> RunFolder:
    """Of a run that is on the screen."""
    written = write_run(whole_run())
    runs.attach(written.name)
    return written


def asked(folder: RunFolder) -> Calibrate:
    *_, last = folder.commands().read_all()
    assert isinstance(last, Calibrate)
    return last


def answer(reports: ReportController, runs: RunController, folder: RunFolder, problem: str = "") -> None:
    """As the worker would."""
    request = asked(folder).request
    FOUND.write(folder.calibration_file)
    append(
        folder, Reported(request=request, file="" if problem else "reports/calibration.json", problem=problem)
    )
    runs.poll()
    reports.show_answers()


def test_without_a_network_nothing_is_asked(host: FakeHost, reports: ReportController) -> None:
    reports.calibrate()
    assert host.messages == [("warning", NO_NETWORK)]
    assert not reports.is_waiting


def test_it_is_measured_once_and_thresholds_are_kept_with_the_run(
    host: FakeHost, runs: RunController, reports: ReportController, folder: RunFolder, decided: Decided
) -> None:
    reports.calibrate()
    assert reports.is_waiting
    assert host.until is not None
    assert not host.until()
    answer(reports, runs, folder)
    assert host.until()
    assert isinstance(host.dialog, CalibrationView)
    host.answer({"malignant": 0.35})
    assert read_decision(folder).thresholds == {"malignant": 0.35}
    assert (host.last, decided) == ("Kept with the run: malignant from 0.35 on.", ["changed"])


def test_what_was_measured_since_the_network_was_saved_is_shown_at_once(
    host: FakeHost, reports: ReportController, folder: RunFolder
) -> None:
    folder.model_file.write_bytes(b"")
    FOUND.write(folder.calibration_file)
    reports.calibrate()
    assert isinstance(host.dialog, CalibrationView)
    assert folder.commands().read_all() == []


def test_a_temperature_is_asked_for_and_then_the_test_samples_are_predicted_with_it(
    host: FakeHost, runs: RunController, reports: ReportController, folder: RunFolder
) -> None:
    reports.calibrate()
    answer(reports, runs, folder)
    host.answer("keep")
    assert asked(folder).keep
    answer(reports, runs, folder)
    *_, last = folder.commands().read_all()
    assert last == PredictTest(request=last.request, epoch=3)  # type: ignore[union-attr]


def test_labels_that_were_checked_since_the_network_was_saved_are_shown_at_once_and_else_asked_for(
    runs: RunController, reports: ReportController, folder: RunFolder, decided: Decided
) -> None:
    reports.find_label_issues()
    (question,) = folder.commands().read_all()
    assert isinstance(question, FindLabelIssues)
    append(folder, Reported(request=question.request, file="reports/labels.npz"))
    runs.poll()
    reports.show_answers()
    folder.model_file.write_bytes(b"")
    folder.label_issues_file.parent.mkdir()
    folder.label_issues_file.write_bytes(b"")
    reports.find_label_issues()
    assert decided == [f"labels.npz of {folder.name}"] * 2
    assert len(folder.commands().read_all()) == 1


def test_a_problem_is_said(
    host: FakeHost, runs: RunController, reports: ReportController, folder: RunFolder
) -> None:
    reports.calibrate()
    answer(reports, runs, folder, "There are no validation samples.")
    assert host.messages[-1] == ("error", "There are no validation samples.")
    assert not reports.is_waiting


def test_a_worker_that_is_killed_while_it_answers_is_not_waited_for(
    host: FakeHost,
    runs: RunController,
    reports: ReportController,
    folder: RunFolder,
    idle_worker: list[subprocess.Popen[bytes]],
) -> None:
    reports.calibrate()
    with folder.hold_lock():  # the worker is at work
        reports.show_answers()
        assert reports.is_waiting
    reports.show_answers()
    assert host.messages[-1] == ("error", WORKER_GONE)
    assert not reports.is_waiting


def test_a_look_at_the_network_is_asked_for_once_and_what_it_found_is_shown(
    host: FakeHost,
    runs: RunController,
    reports: ReportController,
    folder: RunFolder,
    examined: list[Examination],
    idle_worker: list[subprocess.Popen[bytes]],
) -> None:
    folder.model_file.write_bytes(b"network")
    reports.examine()
    reports.examine()  # not asked twice
    (question,) = folder.commands().read_all()
    assert isinstance(question, Examine)
    found = Examination(epoch=3, samples=500, layers=(ExaminedLayer("dense", 154, "relu", dead=150),))
    found.write(folder.examination_file)
    append(folder, Reported(request=question.request, file="reports/examination.json"))
    runs.poll()
    reports.show_answers()
    assert examined == [found]
    reports.examine()
    assert examined == [found, found]
    folder.examination_file.write_text("{")
    reports.examine()
    assert "examination.json cannot be read" in host.last


def test_a_report_is_asked_for_and_shown_and_the_next_time_shown_at_once(
    host: FakeHost,
    runs: RunController,
    reports: ReportController,
    write_run: Write,
    idle_worker: list[subprocess.Popen[bytes]],
) -> None:
    reports.report()
    assert host.last == "Train a network first: r starts the run."
    folder = write_run(whole_run())
    folder.model_file.write_bytes(b"network")
    runs.attach(folder.name)
    reports.report()
    reports.report()  # not asked twice
    assert host.until is not None
    assert not host.until(), "the message stays until the report is there"
    (asked,) = folder.commands().read_all()
    assert isinstance(asked, MakeReport)
    found = Report(folder.name, "test", 1000, "", (Score("accuracy", 0.8),), "80 % of the samples are right.")
    found.write(folder.report_file("test"))
    append(folder, Reported(request=asked.request, file="reports/test.json"))
    runs.poll()
    reports.show_answers()
    assert isinstance(host.dialog, LogView)
    assert host.dialog.heading == "Report · test · 1,000 samples"
    assert host.dialog.lines[0] == "80 % of the samples are right."
    assert not reports.is_waiting
    reports.report()
    assert len(host.dialogs) == 2
    assert len(folder.commands().read_all()) == 1


def test_a_note_of_a_worker_that_lives_does_not_drop_the_report(
    host: FakeHost,
    runs: RunController,
    reports: ReportController,
    write_run: Write,
    idle_worker: list[subprocess.Popen[bytes]],
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    reports.report()
    (asked,) = folder.commands().read_all()
    assert isinstance(asked, MakeReport)
    with folder.hold_lock():
        append(folder, Noted(level="warning", message="The files were changed."))
        runs.poll()
        reports.show_answers()
        assert reports.is_waiting
    append(folder, Reported(request=asked.request, problem="There are no test samples."))
    runs.poll()
    reports.show_answers()
    assert host.last == "There are no test samples."


@pytest.mark.parametrize("event", ["problem", "note", "damaged"])
def test_why_there_is_no_report_is_said(
    host: FakeHost,
    runs: RunController,
    reports: ReportController,
    write_run: Write,
    idle_worker: list[subprocess.Popen[bytes]],
    event: str,
) -> None:
    folder = write_run(whole_run())
    runs.attach(folder.name)
    reports.report()
    (asked,) = folder.commands().read_all()
    assert isinstance(asked, MakeReport)
    if event == "problem":
        append(folder, Reported(request=asked.request, problem="There are no test samples."))
    elif event == "note":
        append(folder, Noted(level="warning", message="A question could not be answered."))
    else:
        append(folder, Reported(request=asked.request, file="reports/test.json"))
    runs.poll()
    reports.show_answers()
    assert not reports.is_waiting
    assert host.dialogs == []
    if event != "note":
        assert {"problem": "There are no test samples.", "damaged": "cannot be read"}[event] in host.last
