"""Which samples a gallery shows, and in which order: filters and orders over what a network says of them. Pure."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from math import isnan
from typing import TYPE_CHECKING, Literal

from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, Task
from tuinn.text import format_number, printable, shorten

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Verdict = Literal["all", "wrong", "right"]


class Order(Enum):
    """What comes first."""

    WORST = "most surely wrong first"
    UNSURE = "least sure first"
    SUREST = "surest first"
    STORED = "as stored"
    RANKED = "least likely label first"
    """As whoever opened the gallery ranked them."""


NUMBER_ORDERS = {
    Order.WORST: "largest error first",
    Order.UNSURE: "smallest prediction first",
    Order.SUREST: "largest prediction first",
}
"""What the orders are called where a number is predicted."""


def order_words(order: Order, facts: DataFacts) -> str:
    """The order in words."""
    return NUMBER_ORDERS.get(order, order.value) if facts.task is Task.REGRESSION else order.value


@dataclass(frozen=True)
class Judged:
    """What a network says of samples: an entry for each, in their order."""

    said: "NDArray[np.intp]"
    """Label of the predicted class, -1 where it isn't finite; of a regression or of several labels: -1."""
    wrong: "NDArray[np.bool_]"
    """All False of a regression."""
    sure: "NDArray[np.float64]"
    """Probability of the predicted class; of several labels, of the one that is decided least clearly; of a regression, the
    prediction itself. NaN where it isn't finite."""
    worst: "NDArray[np.float64]"
    """What is highest where the network is most surely wrong, and lowest where it is most surely right."""

    @classmethod
    def of(
        cls,
        outputs: "NDArray[np.float32]",
        truth: "NDArray[np.generic]",
        task: Task,
        thresholds: Sequence[float] = (),
    ) -> "Judged":
        """`outputs` (n, outputs), `truth` (n,), or (n, labels). `thresholds` as in `predicted_classes`."""
        import numpy as np

        from tuinn.data.predictions import mean_errors, predicted_labels, predicted_sets

        wide = np.asarray(outputs, np.float64)
        none = np.full(len(wide), -1, np.intp)
        if task is Task.REGRESSION:
            error = mean_errors(wide, np.asarray(truth))
            return cls(none, np.zeros(len(wide), bool), wide[:, 0], np.where(np.isnan(error), np.inf, error))
        if task is Task.LABELS:
            given = predicted_sets(np.asarray(outputs, np.float32), thresholds)
            of_given = np.where(given, wide, 1 - wide)
            missed = given != (np.asarray(truth) > 0.5)
            wrong = missed.any(axis=1) | ~np.isfinite(wide).all(axis=1)
            sure = of_given.min(axis=1)
            worst = np.where(missed, of_given, 0).max(axis=1)
            return cls(none, wrong, sure, np.where(wrong, worst, -sure))
        labels = predicted_labels(np.asarray(outputs, np.float32), thresholds)
        if wide.shape[1] == 1:
            wide = np.hstack([1 - wide, wide])
        sure = np.where(labels >= 0, wide[np.arange(len(wide)), np.maximum(labels, 0)], np.nan)
        wrong = labels != truth
        return cls(labels, wrong, sure, np.where(wrong, np.nan_to_num(sure, nan=2.0), -sure))


@dataclass(frozen=True)
class Condition:
    """Something that a sample must have, as it was typed."""

    kind: Literal["sure", "column", "word", "without"]
    word: str = ""
    column: int = -1
    low: float = float("-inf")
    high: float = float("inf")


@dataclass(frozen=True)
class Filter:
    """Which samples are shown."""

    true: int | None = None
    """Label of their class; None: any."""
    said: int | None = None
    """Label of the class that is predicted."""
    verdict: Verdict = "all"
    typed: str = ""
    """Further conditions, as the user typed them, without classes."""
    conditions: tuple[Condition, ...] = ()
    """What these mean."""

    def with_typed(self, text: str, facts: DataFacts) -> "Filter":
        """Other conditions. Raises SpecError where they can't be understood, or name what the data don't have."""
        true, said, conditions, rest = parse_conditions(text, facts)
        return replace(
            self,
            typed=rest,
            conditions=conditions,
            true=self.true if true is None else true,
            said=self.said if said is None else said,
        )

    def words(self, facts: DataFacts) -> str:
        """What is left of all samples, in words; empty where all are."""
        names = facts.classes
        true = printable(names[self.true]) if self.true is not None else ""
        said = printable(names[self.said]) if self.said is not None else ""
        pair = f"{true} said to be {said}" if true and said else true or (said and f"said to be {said}")
        verdict = "" if self.verdict == "all" else f"only {self.verdict}"
        rest = printable(self.typed)
        return " · ".join(part for part in (pair, verdict, rest) if part)


@dataclass(frozen=True)
class Searched:
    """How the samples themselves are looked into by a filter."""

    text: Callable[[int], str]
    """The words of a sample, by its index."""
    column: "Callable[[int], NDArray[np.float64]]"
    """(n,): the values of a column, by its place."""


def chosen(
    judged: Judged,
    truth: "NDArray[np.generic]",
    wanted: Filter,
    order: Order,
    searched: Searched,
    ranked: "NDArray[np.intp] | None" = None,
) -> "NDArray[np.intp]":
    """The indices of the samples that a filter leaves, in an order. `ranked`: that of `Order.RANKED`; there are no others."""
    import numpy as np

    count = len(judged.sure)
    keep = np.ones(count, bool)
    if wanted.true is not None:
        of_class = truth[:count, wanted.true] == 1 if truth.ndim > 1 else truth[:count] == wanted.true
        keep &= of_class
    if wanted.said is not None:
        keep &= judged.said == wanted.said
    if wanted.verdict != "all":
        keep &= judged.wrong == (wanted.verdict == "wrong")
    for condition in wanted.conditions:
        if condition.kind in ("sure", "column"):
            is_sure = condition.kind == "sure"
            values = judged.sure if is_sure else searched.column(condition.column)[:count]
            keep &= (values >= condition.low) & (values <= condition.high)
    words = [one for one in wanted.conditions if one.kind in ("word", "without")]
    if words:
        for at in np.flatnonzero(keep):
            text = searched.text(int(at)).lower()
            keep[at] = all((one.word in text) == (one.kind == "word") for one in words)
    everywhere = np.arange(count) if ranked is None else ranked if order is Order.RANKED else np.sort(ranked)
    places = everywhere[keep[everywhere]]
    key = {Order.WORST: -judged.worst, Order.UNSURE: judged.sure, Order.SUREST: -judged.sure}.get(order)
    if key is None:
        return places
    values = key[places]
    # Of what is not finite, the worst first and the sure last.
    return places[np.argsort(np.nan_to_num(values, nan=np.inf), kind="stable")]


# ------------------------------------------------------------------------------------------ typed conditions


def filter_help(facts: DataFacts) -> str:
    """What may be typed for these data."""
    parts = ["sure:50..90 %"] if facts.task is not Task.REGRESSION else []
    if facts.classes:
        parts.append(f"true:{shorten(facts.classes[0], 16)}")
    if facts.is_table:
        parts.append(f"{shorten(facts.feature(0), 20)}:1.5..3")
    if has_words(facts):
        parts.append("words, -words that are missing")
    return " · ".join(parts)


def has_words(facts: DataFacts) -> bool:
    """Whether there is anything to be read in a sample."""
    return facts.is_text or bool(facts.words) or any(one.kind == "category" for one in facts.columns)


def parse_conditions(
    text: str, facts: DataFacts
) -> tuple[int | None, int | None, tuple[Condition, ...], str]:
    """True class, predicted class and the other conditions of a typed filter, such as `true:Bag sure:50..90 -red`; and how
    these others were typed.

    Raises SpecError for a range that is none, and for classes, columns and words that the data can't have.
    """
    columns = [facts.feature(at) for at in range(facts.shape[0])] if facts.is_table else []
    names = "|".join(re.escape(name) for name in sorted(columns, key=len, reverse=True))
    classes = "|".join(re.escape(name) for name in sorted(facts.classes, key=len, reverse=True))
    pattern = re.compile(
        rf"(?i)(?<!\S)(?:(?P<head>true|said):(?P<name>{classes or '(?!)'})(?!\S)"
        rf"|(?P<sure>sure):(?P<shares>\S+(?:\s?%)?)"
        rf"|(?P<column>{names or '(?!)'}):(?P<range>\S+))"
    )
    labels: dict[str, int] = {}
    found: list[Condition] = []
    for match in pattern.finditer(text):
        if match["head"]:
            known = [name.lower() for name in facts.classes]
            labels[match["head"].lower()] = known.index(match["name"].lower())
        elif match["sure"]:
            shares = match["shares"].replace("%", "").strip()
            # Hardly a share is exactly 90 %: a single number is the least.
            low, high = _range(shares if ".." in shares else f"{shares}..", 100.0)
            found.append(Condition("sure", low=low, high=high))
        else:
            found.append(_column_condition(facts, columns, match["column"], match["range"]))
    found += [_word(word, facts) for word in pattern.sub(" ", text).split()]
    rest = pattern.sub(lambda match: "" if match["head"] else match[0], text)
    return labels.get("true"), labels.get("said"), tuple(found), " ".join(rest.split())


def _column_condition(facts: DataFacts, columns: Sequence[str], name: str, value: str) -> Condition:
    at = [column.lower() for column in columns].index(name.lower())
    column = facts.columns[at] if facts.columns else None
    if column is not None and column.kind == "category":
        words = [word.lower() for word in column.vocabulary]
        if value.lower() not in words:
            raise SpecError(f"{shorten(name)} is never {shorten(value)}.")
        code = float(words.index(value.lower()) + 1)
        return Condition("column", column=at, low=code, high=code)
    low, high = _range(value)
    return Condition("column", column=at, low=low, high=high)


def _range(text: str, whole: float = 1.0) -> tuple[float, float]:
    """`1..3`, `..3`, `1..` or one number, in parts of `whole`."""
    ends = text.split("..") if ".." in text else [text, text]
    try:
        low, high = (float(end) / whole if end else None for end in ends)
    except ValueError:
        raise SpecError(f"{shorten(text)} is no range. Write it as 1.5..3, 1.5.. or ..3.") from None
    least, most = float("-inf") if low is None else low, float("inf") if high is None else high
    if isnan(least) or isnan(most):
        raise SpecError(f"{shorten(text)} is no range. Write it as 1.5..3, 1.5.. or ..3.")
    if least > most:
        raise SpecError(f"{shorten(text)} is empty: {format_number(least)} is above {format_number(most)}.")
    return least, most


def _word(word: str, facts: DataFacts) -> Condition:
    head, colon, _ = word.partition(":")
    if colon and head.lower() in ("true", "said"):
        raise SpecError(f"There is no class {shorten(word[len(head) + 1 :]) or 'without a name'}.")
    if not has_words(facts):
        raise SpecError(f"There are no words to find {shorten(word)} in. Try {filter_help(facts)}.")
    if word.startswith("-") and len(word) > 1:
        return Condition("without", word[1:].lower())
    return Condition("word", word.lower())
