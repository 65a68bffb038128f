"""Which samples a gallery shows: what is surely wrong, filters by class, certainty, columns and words, typed conditions."""

import numpy as np
import pytest

from tuinn.errors import SpecError
from tuinn.spec.dataset import Column, DataFacts, Task
from tuinn.view.gallery import (
    Filter,
    Judged,
    Order,
    Searched,
    chosen,
    filter_help,
    order_words,
    parse_conditions,
)

CLOTHES = ("Shirt", "Ankle boot", "Bag")
TRUTH = np.array([0, 0, 1, 2, 1])
OUTPUTS = np.array(
    [[0.7, 0.2, 0.1], [0.1, 0.9, 0.0], [0.6, 0.4, 0.0], [np.nan, 0.2, 0.1], [0.0, 0.99, 0.01]], np.float32
)
NOTHING = Searched(lambda at: "", lambda at: np.zeros(5))


def facts(task: Task = Task.CLASSES, classes: tuple[str, ...] = CLOTHES) -> DataFacts:
    return DataFacts(task, (2, 2), "float32", 0, 1, classes, 5, 5)


def table() -> DataFacts:
    columns = (Column("petal length", "number"), Column("place", "category", ("north", "south")))
    names = ("petal length", "place")
    return DataFacts(Task.CLASSES, (2,), "float32", 0, 9, CLOTHES, 5, 5, features=names, columns=columns)


def shown(wanted: Filter, order: Order = Order.STORED, searched: Searched = NOTHING) -> list[int]:
    judged = Judged.of(OUTPUTS, TRUTH, Task.CLASSES)
    return [int(at) for at in chosen(judged, TRUTH, wanted, order, searched)]


def test_what_is_surely_wrong_comes_first_and_what_is_surely_right_last() -> None:
    assert shown(Filter(), Order.WORST) == [3, 1, 2, 0, 4]  # an output that is not finite is worse than any
    assert shown(Filter(), Order.UNSURE) == [2, 0, 1, 4, 3]
    assert shown(Filter(), Order.SUREST) == [4, 1, 0, 2, 3]
    assert shown(Filter()) == [0, 1, 2, 3, 4]


def test_an_order_of_ones_own_is_kept_by_the_filters() -> None:
    judged, ranked = Judged.of(OUTPUTS, TRUTH, Task.CLASSES), np.array([4, 2, 1])
    found = chosen(judged, TRUTH, Filter(true=1), Order.RANKED, NOTHING, ranked)
    assert found.tolist() == [4, 2]


def test_classes_and_verdicts_filter() -> None:
    assert shown(Filter(true=0)) == [0, 1]
    assert shown(Filter(said=1)) == [1, 4]
    assert shown(Filter(true=0, said=1)) == [1]
    assert shown(Filter(verdict="wrong")) == [1, 2, 3]
    assert shown(Filter(verdict="right")) == [0, 4]
    assert shown(Filter(true=2, verdict="right")) == []


def test_one_output_is_the_probability_of_the_second_class() -> None:
    judged = Judged.of(np.array([[0.2], [0.9], [0.4]], np.float32), np.array([0, 0, 1]), Task.BINARY)
    assert judged.said.tolist() == [0, 1, 0]
    assert judged.wrong.tolist() == [False, True, True]
    assert judged.sure == pytest.approx([0.8, 0.9, 0.6])


def test_a_threshold_decides_what_is_said_and_how_sure_that_is() -> None:
    outputs, truth = np.array([[0.2], [0.4]], np.float32), np.array([0, 1])
    judged = Judged.of(outputs, truth, Task.BINARY, thresholds=(0.3,))
    assert judged.wrong.tolist() == [False, False]
    assert judged.sure == pytest.approx([0.8, 0.4])


def test_of_several_labels_the_worst_decided_one_counts() -> None:
    outputs = np.array([[0.9, 0.1], [0.9, 0.7], [0.6, 0.2]], np.float32)
    truth = np.array([[1, 0], [1, 0], [0, 0]])
    judged = Judged.of(outputs, truth, Task.LABELS)
    assert judged.wrong.tolist() == [False, True, True]
    assert judged.sure == pytest.approx([0.9, 0.7, 0.6])
    found = chosen(judged, truth, Filter(true=0), Order.WORST, NOTHING)
    assert found.tolist() == [1, 0]


def test_of_numbers_the_largest_errors_come_first() -> None:
    outputs, truth = np.array([[1.0], [5.0], [np.nan], [2.0]], np.float32), np.array([1.5, 1.0, 0.0, 2.0])
    judged = Judged.of(outputs, truth, Task.REGRESSION)
    assert chosen(judged, truth, Filter(), Order.WORST, NOTHING).tolist() == [2, 1, 0, 3]
    assert chosen(judged, truth, Filter(), Order.UNSURE, NOTHING).tolist() == [0, 3, 1, 2]
    assert order_words(Order.WORST, facts(Task.REGRESSION, ())) == "largest error first"


def test_a_range_of_certainty_and_of_a_column_and_words_filter() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan, 5.0])
    texts = ("a Red shirt", "a red boot", "blue", "", "RED red")
    searched = Searched(lambda at: texts[at], lambda at: values)
    wanted = Filter().with_typed("sure:65..95", table())
    assert shown(wanted, searched=searched) == [0, 1]
    wanted = Filter().with_typed("petal length:2..5", table())
    assert shown(wanted, searched=searched) == [1, 2, 4]  # a gap is in no range
    assert shown(Filter().with_typed("red -boot", table()), searched=searched) == [0, 4]


def test_conditions_are_read_as_they_are_typed() -> None:
    wanted = Filter().with_typed("true:ankle boot  SAID:Bag place:South sure:..60 % soft", table())
    assert (wanted.true, wanted.said) == (1, 2)
    assert [(one.kind, one.column, one.low, one.high, one.word) for one in wanted.conditions] == [
        ("column", 1, 2.0, 2.0, ""),
        ("sure", -1, float("-inf"), 0.6, ""),
        ("word", -1, float("-inf"), float("inf"), "soft"),
    ]
    assert wanted.words(table()) == "Ankle boot said to be Bag · place:South sure:..60 % soft"
    assert wanted.with_typed("", table()).conditions == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("sure:a..b", "a..b is no range. Write it as 1.5..3, 1.5.. or ..3."),
        ("sure:nan..1", "nan..1 is no range. Write it as 1.5..3, 1.5.. or ..3."),
        ("sure:90..50", "90..50 is empty: 0.9 is above 0.5."),
        ("true:Hat", "There is no class Hat."),
        ("place:west", "place is never west."),
        ("petal length:x", "x is no range. Write it as 1.5..3, 1.5.. or ..3."),
    ],
)
def test_what_cannot_be_meant_is_said(text: str, problem: str) -> None:
    with pytest.raises(SpecError, match="^" + problem.replace(".", r"\.")):
        parse_conditions(text, table())


def test_pictures_have_no_words() -> None:
    with pytest.raises(SpecError, match=r"There are no words to find red in\. Try sure:50\.\.90"):
        parse_conditions("red", facts())
    assert filter_help(facts()) == "sure:50..90 % · true:Shirt"
    assert filter_help(table()) == (
        "sure:50..90 % · true:Shirt · petal length:1.5..3 · words, -words that are missing"
    )


def test_a_single_share_is_the_least() -> None:
    assert (
        Filter().with_typed("sure:90", facts()).conditions
        == Filter().with_typed("sure:90..", facts()).conditions
    )
