"""What is odd about the data, said as problems of the draft."""

from collections.abc import Iterator

from tuinn.spec.dataset import DataFacts
from tuinn.spec.problem import SpecProblem
from tuinn.spec.remedy import Problem, Remedy
from tuinn.spec.run import RunSpec


def data_problems(spec: RunSpec, facts: DataFacts) -> Iterator[Problem]:
    """Every finding that the draft has not answered yet."""
    for finding in facts.findings:
        cured = spec
        try:
            for path, value in finding.settings.items():
                cured = cured.with_setting(path, value)
        except SpecProblem:
            continue  # a setting that this draft can't take is no remedy for it
        if finding.settings and cured == spec:
            continue  # it has been put right
        remedies = (Remedy(finding.remedy, cured),) if finding.settings else ()
        yield Problem(finding.message, None, finding.severity, remedies, of_data=True)
