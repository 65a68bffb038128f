"""A report in lines: what each class is judged by comes first, with what the numbers mean."""

from tuinn.runs.report import ClassScores, Report, Score
from tuinn.view.reports.report_text import lines, markdown

REPORT = Report(
    "run",
    "test",
    10,
    "single-label classification",
    (Score("accuracy", 0.8), Score("Brier score", 0.1)),
    "80 % of the samples are right.",
    (ClassScores("boot", 6, 0.9, 0.7, 0.8, None), ClassScores("bag", 4, None, 0.5, 0.6, 0.7)),
)


def test_the_classes_come_before_the_scores_and_say_what_their_numbers_mean() -> None:
    said = lines(REPORT, 72)
    heads = [line.split()[0] for line in said if line]
    assert [head for head in heads if head in ("class", "recall:", "precision:", "score")] == [
        "class",
        "recall:",
        "precision:",
        "score",
    ]
    assert "recall: share of a class's samples that are found" in said
    assert max(map(len, said)) <= 72
    page = markdown(REPORT)
    assert page.index("| class") < page.index("precision: share of") < page.index("| score")


def test_a_report_without_classes_explains_none() -> None:
    number = Report("run", "test", 10, "regression", (Score("RMSE", 2.0),), "It is off by 2.")
    assert [line.split()[0] for line in lines(number, 72) if line] == ["It", "score", "RMSE"]
