"""A process that does a job: what it says before it dies is heard, and its death is told in a sentence."""

import sys

import pytest

from tuinn.errors import FolderError
from tuinn.runs import jobs
from tuinn.runs.jobs import JobProgress, RunCode, run_job


def test_an_answer_that_is_torn_by_the_process_death_is_told_as_that(monkeypatch: pytest.MonkeyPatch) -> None:
    says = 'import sys; sys.stdin.read(); print(\'{"kind":"JobProgress","what":"reading"}\'); print(\'{"kind":"JobPro\', end="")'
    monkeypatch.setattr(jobs, "PROGRAM", [sys.executable, "-c", f"{says}; sys.exit(3)"])
    answers = run_job(RunCode(file="/code.py", function="build"))
    assert next(answers) == JobProgress(what="reading")
    with pytest.raises(FolderError, match=r"without an answer \(exit code 3\)"):
        next(answers)
