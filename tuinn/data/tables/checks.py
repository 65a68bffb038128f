"""What is odd about a table, each with the change that would put it right."""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tuinn.data.checks import label_findings, shown
from tuinn.data.split import Indices
from tuinn.data.tables.columns import looks_like_dates
from tuinn.data.tables.csv_dialect import CsvDialect
from tuinn.data.tables.target import Target, TargetChoice
from tuinn.data.tables.time_order import TimeOrder
from tuinn.spec.dataset import DatasetSpec, Finding, Task, join_columns
from tuinn.text import join_names

if TYPE_CHECKING:
    import polars as pl

GIVEAWAY_CORRELATION = 0.9999
"""A column that goes with the target this closely gives it away."""
TOLERATED_COPIES = 0.02
"""Share of the test rows that may be copies of training rows without a word."""
SECOND_TARGET_CORRELATION = 0.97
"""A number that goes with the target this closely may be a second target."""
STAND_IN_SHARE = 0.005
"""A number in this share of the rows is there for a reason."""
MANY_ALIKE = 3
"""More columns of which the same is to be said are said in one sentence."""


class TableChecks:
    """Of a frame of rows that have a target; the rows may be the first of many."""

    def __init__(
        self,
        dataset: DatasetSpec,
        dialect: CsvDialect,
        frame: "pl.DataFrame",
        target: Target,
        empty: tuple[str, ...],
        choice: TargetChoice,
        order: TimeOrder | None = None,
    ) -> None:
        """`frame`: the columns that are learned from; row i is that of `target.values[i]`.

        `empty`: columns that are left out, as no row to train on has a value in them. `order`: what tells the time.
        """
        self.dataset, self.dialect, self.frame, self.target = dataset, dialect, frame, target
        self.empty, self.choice, self.order = empty, choice, order
        self.labels = {name: values[: frame.height] for name, values in target.by_name.items()}

    def all(self, train: Indices, test: Indices) -> Iterator[Finding]:
        """Errors first."""
        yield from self._target()
        yield from self._classes(train, test)
        yield from self._empty()
        told: dict[str, str] = {}
        for found in (self._idle(), self._giveaways(), self._copies()):
            for name, what in found:
                told.setdefault(name, what)
        alike: dict[str, list[str]] = {}
        for name, what in told.items():
            alike.setdefault(what, []).append(name)
        for what, names in alike.items():
            if len(names) > MANY_ALIKE:
                yield self._leave_all_out(names, what)
            else:
                yield from (self._leave_out(name, what) for name in names)
        yield from self._one_hot()
        yield from self._second_targets(set(told))
        yield from self._stand_ins()
        yield from self._order()
        yield from self._names()
        yield from self._leaks(train, test)

    def of_series(self, train: Indices, test: Indices) -> Iterator[Finding]:
        """Of windows over the rows: the same without what is so of single rows only. `train`, `test`: places of their targets."""
        yield from self._target()
        yield from self._classes(train, test)
        yield from (self._leave_out(*found) for found in self._idle() if found[0] not in self.target.names)
        yield from self._names()

    def without(self, *names: str) -> dict[str, str]:
        """The settings that leave more columns out, or nothing where none would be left."""
        if self.frame.width <= len(names):
            return {}
        return {"dataset.ignore": json.dumps([*self.dataset.ignore, *names], ensure_ascii=False)}

    def _leave_out(self, name: str, what: str) -> Finding:
        return Finding(
            f"The column {shown(name)} {what}.", fix=f"leave {shown(name)} out", settings=self.without(name)
        )

    def _leave_all_out(self, names: list[str], what: str) -> Finding:
        some = join_names([*(shown(name) for name in names[:2]), f"{len(names) - 2:,} more"])
        return Finding(
            f"Each of {len(names):,} columns {what}: {some}.",
            fix="leave them out",
            settings=self.without(*names),
        )

    def _target(self) -> Iterator[Finding]:
        name, values = shown(self.target.name), self.target.values
        if self.choice.doubt:
            other = self.choice.other
            yield Finding(
                f"{name} is taken as the target, as {self.choice.doubt}. Choose another if that is wrong.",
                fix=f"predict {shown(other)} instead" if other else "",
                settings={"dataset.target": other} if other else {},
            )
        if self.target.gaps:
            rows = "1 row has" if self.target.gaps == 1 else f"{self.target.gaps:,} rows have"
            yield Finding(f"{rows} no value in the target, {name}, and can't be learned from: left out.")
        if "None" in self.target.classes:
            count = int((values == self.target.classes.index("None")).sum())
            yield Finding(
                f"None is taken as a class of {name}, in {count:,} rows, and not for a missing value.",
                fix="leave these rows out",
                settings={"dataset.none": "gap"},
            )
        if self.target.none_rows:
            rows = "1 row" if self.target.none_rows == 1 else f"{self.target.none_rows:,} rows"
            yield Finding(
                f"None is taken for a missing value of {name}, in {rows}, as it is rare.",
                fix="take None as a class",
                settings={"dataset.none": "word"},
            )
        for one, numbers in self.target.by_name.items():
            if (numbers == numbers[0]).all():
                yield self._constant(
                    one, self.target.classes[0] if self.target.classes else f"{numbers[0]:g}"
                )

    def _constant(self, name: str, what: str) -> Finding:
        """The target, or one of several, is always the same."""
        others = [other for other in self.target.names if other != name]
        usable = next((c.name for c in reversed(self.frame.get_columns()) if c.n_unique() > 1), "")
        wanted = join_columns(others) or usable
        return Finding(
            f"The target {shown(name)} is {shown(what)} in every row, so there is nothing to learn.",
            "error",
            f"predict {shown(wanted)} {'alone' if others else 'instead'}" if wanted else "",
            {"dataset.target": wanted} if wanted else {},
        )

    def _classes(self, train: Indices, test: Indices) -> Iterator[Finding]:
        if len(self.target.classes) < 2:
            return
        counts, tested = (
            np.bincount(self.target.values[part], minlength=len(self.target.classes)).tolist()
            for part in (train, test)
        )
        yield from label_findings(counts, tested, self.target.classes)

    def _empty(self) -> Iterator[Finding]:
        if self.empty:
            names = join_names([shown(name) for name in self.empty])
            columns = f"The column {names} has" if len(self.empty) == 1 else f"The columns {names} have"
            yield Finding(f"{columns} no value in the rows to train on: left out.")

    def _idle(self) -> Iterator[tuple[str, str]]:
        """Columns from which nothing can be learned."""
        rows = self.frame.height
        for column in self.frame:
            name, distinct, gaps = column.name, column.n_unique(), column.null_count()
            if distinct == 1:
                yield name, "is the same in every row"
            elif rows < 10:
                continue
            elif column.dtype.is_numeric():
                if distinct == rows and bool((column.diff().drop_nulls() == 1).all()):
                    yield name, "only counts the rows"
            elif distinct > 50 and (distinct > 0.5 * (rows - gaps) or looks_like_dates(column)):
                yield name, describe_many_words(column)

    def _giveaways(self) -> Iterator[tuple[str, str]]:
        import polars as pl

        for values in self.labels.values():
            yield from self._giveaways_of(pl.Series("target", values))

    def _giveaways_of(self, labels: "pl.Series") -> Iterator[tuple[str, str]]:
        import polars as pl

        distinct = labels.n_unique()
        for column in self.frame if self.frame.height >= 20 and distinct > 1 else ():
            if column.dtype.is_numeric() and (self.target.task is not Task.CLASSES or distinct == 2):
                both = pl.DataFrame({"a": column, "b": labels.cast(pl.Float64)}).drop_nulls()
                tie = both.select(pl.corr("a", "b")).item() if both.height >= 20 else None
                told = tie is not None and abs(tie) >= GIVEAWAY_CORRELATION
            elif self.target.classes and column.n_unique() <= 2 * distinct:
                pairs = pl.DataFrame({"a": column, "b": labels}).unique()
                told = pairs["a"].n_unique() == pairs.height and pairs["b"].n_unique() > 1
            else:
                told = False
            if told:
                one = "class" if self.target.classes else "number"
                yield column.name, f"gives the target away: each of its values stands for one {one}"

    def _copies(self) -> Iterator[tuple[str, str]]:
        first: dict[int, str] = {}
        for column in self.frame:
            mark = hash(column.hash(7).to_numpy().tobytes())
            other = first.setdefault(mark, column.name)
            if other != column.name and self.frame[other].equals(column, check_names=False):
                yield column.name, f"is a copy of {shown(other)}"

    def _one_hot(self) -> Iterator[Finding]:
        """The target is one of neighbouring columns of which each row has a 1 in exactly one."""
        if self.target.classes != ("0", "1"):
            return
        (target,) = self.target.names
        names, total, group = self.dialect.names, self.labels[target].astype(np.float64), [target]
        at = names.index(target)
        for name in (*reversed(names[:at]), *names[at + 1 :]):
            column = self.frame[name] if name in self.frame.columns else None
            if column is None or not column.dtype.is_numeric() or not column.is_in([0.0, 1.0]).all():
                break
            total, group = total + column.to_numpy(), [*group, name]
            if len(group) > 2 and (total == 1).all():
                yield Finding(
                    f"Each row has a 1 in one of {len(group)} columns, {join_names([shown(one) for one in group])}: "
                    f"they are one class, and only {shown(self.target.name)} is predicted. "
                    "Put the class into one column of the file."
                )
                return

    def _second_targets(self, told: set[str]) -> Iterator[Finding]:
        """Numbers that go with the target so closely that they may be another one. `told`: found odd already."""
        numbers = [column for column in self.frame if column.dtype.is_numeric()]
        if self.target.classes or len(numbers) < 2 or self.frame.height < 20:
            return
        for target in self.target.names:
            yield from self._close_to(target, numbers, told)

    def _close_to(self, target: str, numbers: "list[pl.Series]", told: set[str]) -> Iterator[Finding]:
        import polars as pl

        labels, close = pl.Series("b", self.labels[target]).cast(pl.Float64), {}
        for column in numbers:
            both = pl.DataFrame({"a": column, "b": labels}).drop_nulls()
            tie = both.select(pl.corr("a", "b")).item() if both.height >= 20 else None
            if tie is not None and abs(tie) >= SECOND_TARGET_CORRELATION and column.name not in told:
                close[column.name] = tie
        target = shown(target)
        if len(close) > MANY_ALIKE:
            yield self._leave_all_out(list(close), f"goes with the target {target} very closely")
        else:
            for name, tie in close.items():
                what = f"goes with the target {target} very closely (r = {tie:.3f}). Is it another target"
                yield msgspec.structs.replace(
                    self._leave_out(name, what), message=f"The column {shown(name)} {what}?"
                )

    def _stand_ins(self) -> Iterator[Finding]:
        """Numbers such as -200 or 9999 that seem to stand for missing ones, in the target, too."""
        import polars as pl

        numbers = [column for column in self.frame if column.dtype.is_numeric()]
        if not self.target.classes:
            numbers += [pl.Series(name, values).cast(pl.Float64) for name, values in self.labels.items()]
        found: dict[float, list[str]] = {}
        for column in numbers:
            value = stand_in(column.drop_nulls())
            if value is not None:
                found.setdefault(value, []).append(shown(column.name))
        for value, names in found.items():
            yield Finding(
                f"{value:g} occurs often in {join_names(names)}, far from all other values. "
                "If it stands for a missing value, leave these cells empty in the file."
            )

    def _order(self) -> Iterator[Finding]:
        """Rows in time order, of which any may be a test row; or rows out of order, which are to be split by time."""
        order, in_time = self.order, self.dataset.split == "time"
        if order is None:
            return
        if not order.is_sorted and in_time:
            yield Finding(
                f"The last rows are the test, but the rows aren't in the order of {shown(order.column)}. "
                "Sort the file by it."
            )
        if order.is_sorted and not in_time:
            yield Finding(
                f"The rows are in the order of {shown(order.column)}, and the test is drawn from among them: "
                "it doesn't say how well later rows are predicted.",
                fix="test on the last rows",
                settings={"dataset.split": "time"},
            )

    def _names(self) -> Iterator[Finding]:
        for name in self.dialect.duplicate_names:
            yield Finding(f"Several columns are called {shown(name)}; the second is taken as '{name} (2)'.")

    def _leaks(self, train: Indices, test: Indices) -> Iterator[Finding]:
        import polars as pl

        height = self.frame.height
        train, test = train[train < height], test[test < height]
        if not (len(train) and len(test)):
            return
        targets = [pl.Series(f" target {name}", values) for name, values in self.labels.items()]
        marks = self.frame.with_columns(targets).hash_rows(seed=7).to_numpy()
        copies = int(np.isin(marks[test], marks[train]).sum())
        if copies > TOLERATED_COPIES * len(test):
            yield Finding(
                f"{copies:,} of {len(test):,} test rows are also among the training rows, so the test flatters."
            )


def stand_in(numbers: "pl.Series") -> float | None:
    """Return a frequent number far beyond all others that is negative among none below 0, or all nines; or None."""
    for value in (numbers.min(), numbers.max()) if len(numbers) >= 50 else ():
        assert isinstance(value, float)
        rest = numbers.filter(numbers != value)
        if not len(rest) or len(numbers) - len(rest) < max(3, STAND_IN_SHARE * len(numbers)):
            continue
        low, high = rest.min(), rest.max()
        assert isinstance(low, float)
        assert isinstance(high, float)
        is_odd = (value < 0 <= low) or set(f"{abs(value):g}") == {"9"}
        if is_odd and abs(value) > 9 and max(low - value, value - high) > high - low > 0:
            return value
    return None


def describe_many_words(words: "pl.Series") -> str:
    """What a column of ever different words is."""
    if looks_like_dates(words):
        return "holds dates or times, which are read as words"
    blanks = words.drop_nulls().head(200).str.count_matches(r"\s+").mean()
    if float(blanks or 0) >= 3:  # type: ignore[arg-type]
        return "holds free text, which a table can't learn from"
    return "has nearly as many words as rows, as names and numbers of records do"
