"""A CSV of the user's own: understood from its bytes, cut into training and test, refused in one sentence."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tuinn.data import loader
from tuinn.data.tables import csv_dialect, csv_reader, reader
from tuinn.data.tables.csv_dialect import detect_dialect
from tuinn.data.tables.row_access import FirstRowsBrowser
from tuinn.errors import SpecError
from tuinn.spec.dataset import DataFacts, DatasetSpec, Task

WriteTable = Callable[..., DatasetSpec]


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUINN_HOME", str(tmp_path / "home"))


@pytest.fixture
def csv(tmp_path: Path) -> WriteTable:
    def write(content: str | bytes, **options: object) -> DatasetSpec:
        file = tmp_path / "data.csv"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        csv_dialect._detect.cache_clear()
        for memo in (
            reader.read_small,
            reader.read_first_rows,
            reader.read_large_column,
            csv_reader._guessed_types,
        ):
            memo.cache_clear()
        loader.forget_inspected()
        return DatasetSpec.at(str(file), **options)

    return write


def facts_of(dataset: DatasetSpec) -> DataFacts:
    return loader.describe(dataset).facts


def rows(count: int, line: Callable[[int], str]) -> str:
    return "".join(line(at) + "\n" for at in range(count))


def said(dataset: DatasetSpec) -> list[str]:
    return [finding.message for finding in facts_of(dataset).findings]


@pytest.mark.parametrize(
    ("text", "names", "separator"),
    [
        ("a,b\n1,2\n", ("a", "b"), ","),
        ("a;b\n1,5;2\n2,5;3\n", ("a", "b"), ";"),
        ("a\tb\n1\t2\n", ("a", "b"), "\t"),
        ("a|b\nx,y|2\nz,u|3\n", ("a", "b"), "|"),
        ("1,2\n3,4\n", ("column 1", "column 2"), ","),
        ("red,1\nblue,2\nred,3\n", ("column 1", "column 2"), ","),
        ('"a, b",c\n"x\ny",2\n', ("a, b", "c"), ","),
        (",size\n0,2\n1,3\n", ("column 1", "size"), ","),
        ("a\x1b[31m,[/b]\n1,2\n", ("a [31m", "[/b]"), ","),
    ],
)
def test_separator_and_header_are_guessed(
    text: str, names: tuple[str, str], separator: str, csv: WriteTable, tmp_path: Path
) -> None:
    dialect = detect_dialect(csv(text), tmp_path / "data.csv")
    assert (dialect.names, dialect.separator) == (names, separator)


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"]
)
def test_text_in_other_encodings_is_read(encoding: str, csv: WriteTable) -> None:
    text = "Größe,wort\n" + rows(20, lambda at: f"{at},{'für' if at % 2 else 'wider'}")
    facts = facts_of(csv(text.encode(encoding)))
    assert (facts.features, facts.classes) == (("Größe",), ("für", "wider"))


def test_lines_that_end_in_carriage_returns_alone_are_lines(csv: WriteTable) -> None:
    assert facts_of(csv("a,b\r1,2.5\r3,4.5\r5,1.25\r")).train == 2


def test_numbers_with_a_decimal_comma_are_numbers(csv: WriteTable) -> None:
    arrays = loader.load(csv("a;b\n" + rows(10, lambda at: f"{at},5;{at}"), test=0.0))
    assert arrays.x_train[:, 0].tolist() == [at + 0.5 for at in range(10)]


def test_numbers_with_a_decimal_comma_and_gaps_are_numbers(csv: WriteTable) -> None:
    dataset = csv("x;y\n-;7,4\n0,2;1,4\n4,1;-\n" + rows(20, lambda at: f"{at},5;{at},25"), test=0.0)
    facts, arrays = facts_of(dataset), loader.load(dataset)
    assert [note for note in loader.describe(dataset).notes if "decimal" in note or "written" in note] == [
        "numbers with a decimal comma"
    ]
    assert (facts.task, facts.columns[0].kind) == (Task.REGRESSION, "number")
    assert arrays.y_train.tolist()[:3] == pytest.approx([7.4, 1.4, 0.25])
    assert np.isnan(arrays.x_train[0, 0])
    assert arrays.x_train[1, 0] == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("large", "said_of_it"),
    [
        ('"1,250"', "price holds numbers written like 1,250, which is read as 1250"),
        ('"$1,250.00"', "price holds numbers written like $1,250.00, which is read as 1250"),
        ("1250%", "price holds numbers written like 1250%, which is read as 1250"),
    ],
)
def test_a_target_with_marks_between_thousands_and_signs_is_a_number_in_every_row(
    large: str, said_of_it: str, csv: WriteTable
) -> None:
    lines = rows(38, lambda at: f"{at * 7 % 11}.5,{at}.25") + f"3.5,{large}\n4.5,{large}\n"
    dataset = csv("size,price\n" + lines, test=0.0)
    info = loader.describe(dataset)
    assert (info.facts.task, info.facts.train) == (Task.REGRESSION, 40)
    assert said_of_it in info.notes
    assert loader.load(dataset).y_train[-1] == 1250


@pytest.mark.parametrize(("separator", "other"), [("\t", "7"), (";", "7.5")])
def test_marks_between_thousands_in_a_file_with_semicolons_or_tabs_are_no_decimal_commas(
    separator: str, other: str, csv: WriteTable
) -> None:
    text = f"x{separator}y\n" + rows(20, lambda at: f"{at + 1},250{separator}{other}")
    dataset = csv(text, target="x", task="regression", test=0.0)
    assert loader.load(dataset).y_train[[0, -1]].tolist() == [1250, 20250]


def test_marks_between_thousands_that_come_late_are_read(csv: WriteTable) -> None:
    text = "n;y\n" + rows(10_100, lambda at: f"{at % 999};{at},5") + "1.250;1,5\n"
    assert loader.load(csv(text, test=0.0)).x_train[-1, 0] == 1250


def test_a_large_file_is_browsed_with_the_marks_between_its_thousands(
    csv: WriteTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "LARGE_BYTES", 0)
    monkeypatch.setattr(reader, "SAMPLE_ROWS", 6)
    dataset = csv("n;x;y\n" + rows(60, lambda at: f"{at + 1}.250;{at},5;{at % 2}"))
    assert facts_of(dataset).columns[0].thousands == "."
    browser, arrays = loader.browse(dataset), loader.load(dataset)
    found = [browser.sample("train", at).tolist() for at in range(48)]
    assert found == arrays.x_train.tolist()
    assert arrays.x_train[:, 0].min() >= 1250


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (("yes", "no"), Task.BINARY, ("no", "yes")),
        (("1.5", "2.5"), Task.BINARY, ("1.5", "2.5")),
        (("b", "a", "c"), Task.CLASSES, ("a", "b", "c")),
        (("10", "9", "2"), Task.CLASSES, ("2", "9", "10")),
        (("0.5", "1.5", "2.5"), Task.REGRESSION, ()),
        (tuple(str(at) for at in range(60)), Task.REGRESSION, ()),
    ],
)
def test_the_task_is_guessed_from_the_target(
    values: tuple[str, ...], task: Task, classes: tuple[str, ...], csv: WriteTable
) -> None:
    facts = facts_of(csv("x,target\n" + rows(120, lambda at: f"{at * 7 % 11},{values[at % len(values)]}")))
    assert (facts.task, facts.classes, facts.target) == (task, classes, "target")


def test_the_task_can_be_overruled(csv: WriteTable) -> None:
    text = "x,y\n" + rows(40, lambda at: f"{at},{at % 3}")
    assert facts_of(csv(text)).task is Task.CLASSES
    assert facts_of(csv(text, task="regression")).task is Task.REGRESSION
    with pytest.raises(SpecError, match="has 3 values, and a binary classification two"):
        facts_of(csv(text, task="binary"))
    with pytest.raises(SpecError, match="one label a row"):
        facts_of(csv(text, task="labels"))


def test_the_target_is_the_one_named_so_or_a_usual_name_or_the_last(csv: WriteTable) -> None:
    text = "a,Label,c\n" + rows(20, lambda at: f"{at % 5},{at % 2},{at}.5")
    assert facts_of(csv(text)).target == "Label"
    assert facts_of(csv(text, target="a")).target == "a"
    assert facts_of(csv(text.replace("Label", "b"))).target == "c"


def test_gaps_are_nan_and_unknown_words_zero(csv: WriteTable) -> None:
    lines = [f"{at},{'red' if at % 3 else 'blue'},{at % 2}" for at in range(40)]
    lines[0], lines[1], lines[2] = "NA,red,0", "?,,1", ",NA,0"
    arrays = loader.load(csv("n,colour,y\n" + "\n".join(lines), test=0.0))
    assert np.isnan(arrays.x_train[:3, 0]).all()
    assert arrays.x_train[:5, 1].tolist() == [1, 0, 0, 2, 1]


def test_rare_words_are_any_other_and_the_vocabulary_has_an_end(csv: WriteTable) -> None:
    words = [f"w{at // 20}" for at in range(4000)] + ["once"]
    text = "word,y\n" + "".join(f"{word},{at % 2}\n" for at, word in enumerate(words))
    (column,) = facts_of(csv(text)).columns
    assert len(column.vocabulary) == 100
    assert "once" not in column.vocabulary


def test_the_vocabulary_is_learned_from_the_training_rows_alone(csv: WriteTable) -> None:
    dataset = csv("word,y\n" + rows(50, lambda at: f"w{at},{at % 2}"))
    arrays, (column,) = loader.load(dataset), facts_of(dataset).columns
    assert (arrays.x_train > 0).all()
    assert (arrays.x_test == 0).all()
    assert len(column.vocabulary) == len(arrays.x_train)


def test_every_class_gives_its_share_to_the_test_and_each_row_is_used_once(csv: WriteTable) -> None:
    dataset = csv("x,y\n" + rows(100, lambda at: f"{at},{'a' if at < 80 else 'b'}"), test=0.25)
    arrays = loader.load(dataset)
    assert np.bincount(arrays.y_test).tolist() == [20, 5]
    assert sorted([*arrays.x_train[:, 0], *arrays.x_test[:, 0]]) == list(range(100))
    browser = loader.reader_for(dataset, Path(dataset.path)).browse(
        loader.inspect(dataset), Path(dataset.path)
    )
    assert browser.sample("test", 3).tolist() == arrays.x_test[3].tolist()


def test_a_large_file_is_looked_at_by_its_first_rows_and_read_whole(
    csv: WriteTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "LARGE_BYTES", 0)
    monkeypatch.setattr(reader, "SAMPLE_ROWS", 50)
    text = (
        "n,word,y\n"
        + rows(300, lambda at: f"{at},{'late' if at > 200 else 'early'},{at % 2}")
        + "x,early,1\n"
    )
    dataset = csv(text)
    facts, arrays = facts_of(dataset), loader.load(dataset)
    assert (facts.train, facts.test) == (len(arrays.y_train), len(arrays.y_test)) == (241, 60)
    assert facts.columns[1].vocabulary == ("early",)
    assert set(arrays.x_train[:, 1]) == {0, 1}
    assert np.isnan([*arrays.x_train[:, 0], *arrays.x_test[:, 0]]).sum() == 1


def test_a_large_file_is_browsed_line_by_line_and_shows_what_reading_gives(
    csv: WriteTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reader, "LARGE_BYTES", 0)
    monkeypatch.setattr(reader, "SAMPLE_ROWS", 6)
    lines = [f"{at},5;{'' if at % 7 == 0 else 'ab'[at % 2]};{'' if at == 3 else at % 2}" for at in range(60)]
    lines.insert(20, "")
    dataset = csv("n;word;y\r\n" + "\r\n".join([*lines, "zzz; b;1"]))
    browser = loader.browse(dataset)
    assert isinstance(browser, FirstRowsBrowser)
    assert sum(len(browser.at_hand(part)) for part in ("train", "test")) == 5
    shown = {
        part: [browser.sample(part, at) for at in range(len(browser.labels(part)))]
        for part in ("train", "test")
    }
    arrays = loader.load(dataset)
    assert np.array_equal(shown["train"], arrays.x_train, equal_nan=True)
    assert np.array_equal(shown["test"], arrays.x_test, equal_nan=True)
    assert browser.labels("test").tolist() == arrays.y_test.tolist()
    Path(dataset.path).write_text("n;word;y\n1;a;0\n")
    with pytest.raises(SpecError, match="changed while it was read"):
        browser.sample("train", 40)


def test_what_was_guessed_is_written_into_the_spec_and_reads_the_same(csv: WriteTable) -> None:
    dataset = csv("a;b\n" + rows(20, lambda at: f"{at};{at % 2}"))
    decided = loader.describe(dataset).dataset
    assert decided is not None
    assert (decided.kind, decided.task, decided.target, decided.header, decided.separator) == (
        *("table", "binary", "b", "yes", ";"),
    )
    assert facts_of(decided) == facts_of(dataset)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "holds no rows"),
        ("\n\n", "holds no rows"),
        ("a,b\n", "a header and no rows"),
        ("a\n1\n2\n", "only one column"),
        ("a,b\n1,2\n3,4,5\n6,7\n", "Line 3 of data.csv has 3 cells, where there are 2 columns"),
        ("a,b,c\n1,2,3\n3,4\n6,7,8\n", "Line 3 of data.csv has 2 cells"),
        ('a,b\n"x, y",2\n"u",3,4\n', "Row 3 of data.csv has 3 cells"),
        ("a,b\n1,x\0y\n", "NUL bytes"),
        ("a,b\n1,\n2,NA\n", "no column with values to predict a from"),
        ("a,y\n1,\n2,NA\n", "No row has a value in the target"),
        ("a,y\n" + rows(1100, lambda at: f"1,w{at}"), "1,100 different values, too many for classes"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "NUL bytes"),
        (b"\xff\xfea\0,\0b\0\n\0\x00\xd8\n\0", "not text in utf-16"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_a_sentence(
    content: str | bytes, sentence: str, csv: WriteTable
) -> None:
    with pytest.raises(SpecError, match=sentence):
        facts_of(csv(content))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"target": "prize"}, "Did you mean price"),
        ({"ignore": ["prize"]}, "Did you mean price"),
        ({"target": "price", "ignore": ["price"]}, "can't be left out too"),
        ({"ignore": ["size", "word"]}, "only one column that isn't left out"),
        ({"target": "price", "ignore": ["size", "word"]}, "no column to predict price from"),
        ({"target": "word", "task": "regression"}, "holds words such as w"),
    ],
)
def test_a_setting_that_does_not_fit_the_file_is_named(
    options: dict[str, object], sentence: str, csv: WriteTable
) -> None:
    with pytest.raises(SpecError, match=sentence):
        facts_of(csv("size,word,price\n" + rows(20, lambda at: f"{at},w,{at}.5"), **options))


def test_rows_without_a_target_are_left_out_and_counted(csv: WriteTable) -> None:
    dataset = csv("x,y\n" + rows(30, lambda at: f"{at},{'' if at < 2 else at % 2}"))
    assert said(dataset)[0] == "2 rows have no value in the target, y, and can't be learned from: left out."
    assert facts_of(dataset).train + facts_of(dataset).test == 28


def test_two_columns_of_one_name_are_told_apart(csv: WriteTable) -> None:
    dataset = csv("a,a,y\n" + rows(30, lambda at: f"{at * 7 % 5},{at * 3 % 4},{at % 2}"))
    assert facts_of(dataset).features == ("a", "a (2)")
    assert "Several columns are called a; the second is taken as 'a (2)'." in said(dataset)


@pytest.mark.parametrize(
    ("cell", "sentence"),
    [
        (lambda at: "7", "is the same in every row"),
        (lambda at: str(at + 1), "only counts the rows"),
        (lambda at: f"K-{at * 7919 % 1000}", "nearly as many words as rows"),
        (lambda at: f"2024-{at % 12 + 1:02}-{at % 28 + 1:02}", "holds dates or times"),
        (lambda at: f"sehr geehrte Frau Nummer {at}", "holds free text"),
        (lambda at: f"{at * 0.37:g}", "is a copy of size"),
        (lambda at: "no" if at % 2 else "yes", "gives the target away"),
        (lambda at: f"{3 * (at % 2) - 1}.5", "gives the target away"),
    ],
)
def test_a_column_that_teaches_nothing_is_found_and_left_out_at_a_word(
    cell: Callable[[int], object], sentence: str, csv: WriteTable
) -> None:
    dataset = csv("size,more,y\n" + rows(200, lambda at: f"{at * 0.37:g},{cell(at)},{at % 2}"))
    (finding,) = facts_of(dataset).findings
    assert sentence in finding.message
    assert "more" in finding.message
    names = dataset.with_value("ignore", ("more",))
    assert finding.settings == {"dataset.ignore": '["more"]'}
    assert facts_of(names).findings == ()


@pytest.mark.parametrize("last", ["", "7", "late"])
def test_a_column_without_a_value_in_the_training_rows_is_left_out_with_a_note(
    last: str, csv: WriteTable
) -> None:
    facts = facts_of(csv("n,y\n" + rows(40, lambda at: f"{at},{at % 2}")))
    assert facts.test == 8
    tested = {
        int(at) for at in loader.load(csv("n,y\n" + rows(40, lambda at: f"{at},{at % 2}"))).x_test[:, 0]
    }
    dataset = csv(
        "size,more,y\n" + rows(40, lambda at: f"{at * 7 % 11},{last if at in tested else ''},{at % 2}")
    )
    facts = facts_of(dataset)
    assert (facts.features, facts.shape) == (("size",), (1,))
    assert "The column more has no value in the rows to train on: left out." in said(dataset)
    arrays = loader.load(dataset)
    assert (arrays.x_train.shape, arrays.x_test.shape) == ((32, 1), (8, 1))
    browser = loader.reader_for(dataset, Path(dataset.path)).browse(
        loader.inspect(dataset), Path(dataset.path)
    )
    assert browser.sample("test", 3).tolist() == arrays.x_test[3].tolist()


def test_a_table_whose_columns_are_all_empty_is_refused(csv: WriteTable) -> None:
    with pytest.raises(SpecError, match="no column with values to predict y from"):
        facts_of(csv("a,b,y\n" + rows(20, lambda at: f",,{at % 2}")))


def test_a_lopsided_table_offers_weights(csv: WriteTable) -> None:
    dataset = csv("x,y\n" + rows(200, lambda at: f"{at * 0.37:g},{'rare' if at % 20 == 0 else 'common'}"))
    (finding,) = facts_of(dataset).findings
    assert finding.settings == {"fit.class_weights": "balanced"}


def test_a_target_that_is_always_the_same_is_an_error_with_another_target(csv: WriteTable) -> None:
    dataset = csv("x,y\n" + rows(30, lambda at: f"{at * 7 % 5},same"))
    finding = facts_of(dataset).findings[0]
    assert (finding.severity, finding.settings) == ("error", {"dataset.target": "x"})


def test_test_rows_that_are_training_rows_are_counted(csv: WriteTable) -> None:
    dataset = csv("a,b,y\n" + rows(100, lambda at: f"{at // 2 * 7 % 19}.25,{at // 2},{at // 2 % 2}"))
    assert any("test rows are also among the training rows" in sentence for sentence in said(dataset))


def test_a_table_whose_first_line_is_longer_than_what_is_looked_at_has_all_its_columns(
    tmp_path: Path,
) -> None:
    names = [f"gene_of_the_patient_at_the_place_{at:08}" for at in range(2_000)]
    rows = [",".join([*(str((at * row) % 7) for at in range(2_000)), "ab"[row % 2]]) for row in range(30)]
    (tmp_path / "genes.csv").write_text("\n".join([",".join([*names, "y"]), *rows]) + "\n")
    info = loader.describe(DatasetSpec.at(str(tmp_path / "genes.csv"), target="y"))
    assert info.facts.shape == (2_000,)


def test_none_is_a_class_and_a_word_where_it_is_frequent_and_a_gap_where_it_is_rare(csv: WriteTable) -> None:
    def text(every: int) -> str:
        def cell(at: int, words: str) -> str:
            return "None" if at % every == 0 else words[at % len(words)]

        return "n,word,y\n" + rows(
            200, lambda at: f"{'None' if at % 9 == 0 else at},{cell(at, 'abc')},{cell(at, 'xz')}"
        )

    dataset = csv(text(4), test=0.0)
    facts = facts_of(dataset)
    assert (facts.task, facts.classes, facts.train) == (Task.CLASSES, ("None", "x", "z"), 200)
    assert sorted(facts.columns[1].vocabulary) == ["None", "a", "b", "c"]
    assert np.isnan(loader.load(dataset).x_train[:, 0]).sum() == 23
    assert "None is taken as a class of y, in 50 rows" in said(dataset)[0]
    assert facts.findings[0].settings == {"dataset.none": "gap"}
    facts = facts_of(csv(text(4), test=0.0, none="gap"))
    assert (facts.classes, facts.train, facts.columns[1].vocabulary) == (("x", "z"), 150, ("a", "b", "c"))
    assert not [one for one in facts.findings if "None" in one.message]
    facts = facts_of(csv(text(50), test=0.0))
    assert (facts.classes, facts.train) == (("x", "z"), 196)
    assert sorted(facts.columns[1].vocabulary) == ["a", "b", "c"]
    (found,) = [
        one for one in facts.findings if "None is taken for a missing value of y, in 4 rows" in one.message
    ]
    assert found.settings == {"dataset.none": "word"}
    facts = facts_of(csv(text(50), test=0.0, none="word"))
    assert (facts.classes, facts.train) == (("None", "x", "z"), 200)


def test_many_columns_of_which_the_same_is_to_be_said_are_one_finding(csv: WriteTable) -> None:
    names = ",".join(f"c{at}" for at in range(60))
    zeros = ",".join("0" for _ in range(60))
    dataset = csv(f"size,{names},y\n" + rows(100, lambda at: f"{at * 0.37:g},{zeros},{at % 2}"))
    (finding,) = facts_of(dataset).findings
    assert finding.message == "Each of 60 columns is the same in every row: c0, c1 and 58 more."
    assert facts_of(dataset.with_value("ignore", tuple(f"c{at}" for at in range(60)))).findings == ()
    assert finding.settings["dataset.ignore"].count('"c') == 60


def test_a_guessed_target_is_a_finding_with_the_next_best_until_it_is_chosen(csv: WriteTable) -> None:
    dataset = csv(rows(80, lambda at: f"{at % 2},{at * 7919 % 101}.25,{at * 7907 % 103}.5"))
    finding = facts_of(dataset).findings[0]
    assert finding.message == (
        "column 1 is taken as the target, as it has 2 values, unlike the other columns. "
        "Choose another if that is wrong."
    )
    assert finding.settings == {"dataset.target": "column 3"}
    decided = loader.describe(dataset).dataset
    assert decided is not None
    assert (decided.target, facts_of(decided).findings) == ("column 1", ())


def test_one_of_several_columns_that_are_one_class_is_a_finding(csv: WriteTable) -> None:
    dataset = csv(
        "size,a,b,c\n" + rows(90, lambda at: f"{at * 0.37:g},{at % 3 == 0:d},{at % 3 == 1:d},{at % 3 == 2:d}")
    )
    assert any("Each row has a 1 in one of 3 columns, c, b and a" in one for one in said(dataset))
    loose = csv(
        "size,a,b,c\n" + rows(90, lambda at: f"{at * 0.37:g},{at % 3 == 0:d},{at % 3 == 1:d},{at % 2}")
    )
    assert not any("a 1 in one of" in one for one in said(loose))


def test_a_number_that_may_be_a_second_target_is_a_finding(csv: WriteTable) -> None:
    def line(at: int) -> str:
        cells = (at * 7919 % 101, at * 7907 % 103 / 7, at + at * 31 % 7 * 0.9, at + 0.25 * (at % 3))
        return ",".join(f"{cell:.2f}" for cell in cells)

    dataset = csv("X1,X2,Y1,Y2\n" + rows(100, line))
    (finding,) = [one for one in facts_of(dataset).findings if "another target" in one.message]
    assert (
        finding.message
        == "The column Y1 goes with the target Y2 very closely (r = 0.998). Is it another target?"
    )
    assert finding.settings == {"dataset.ignore": '["Y1"]'}


@pytest.mark.parametrize(
    ("date", "ordered"),
    [
        (lambda at: f"2024-{at // 28 + 1:02}-{at % 28 + 1:02}", True),
        (lambda at: f"{at % 28 + 1:02}.{at // 28 + 1:02}.2024", True),
        (lambda at: f"{8 - at // 28:02}/{28 - at % 28:02}/2024", True),
        (lambda at: f"2024-{at % 7 + 1:02}-{at % 28 + 1:02}", False),
    ],
)
def test_rows_in_the_order_of_a_date_are_a_finding(
    date: Callable[[int], str], ordered: bool, csv: WriteTable
) -> None:
    dataset = csv("day,x,y\n" + rows(200, lambda at: f"{date(at)},{at * 7919 % 101}.25,{at % 2}"))
    assert any("in the order of day" in one for one in said(dataset)) is ordered


@pytest.mark.parametrize(
    ("value", "suspect"), [("-200", True), ("-999", True), ("9999", True), ("0", False), ("200", False)]
)
def test_a_number_that_stands_for_missing_ones_is_a_finding(
    value: str, suspect: bool, csv: WriteTable
) -> None:
    lines = rows(
        100, lambda at: f"{at * 7919 % 101}.25,{value if at % 20 == 0 else at * 7907 % 103 + 1},{at}.5"
    )
    dataset = csv("a,b,target\n" + lines)
    expected = f"{value} occurs often in b, far from all other values"
    assert any(expected in one for one in said(dataset)) is suspect
    dataset = csv("a,target,c\n" + lines, task="regression")
    expected = f"{value} occurs often in target, far from all other values"
    assert any(expected in one for one in said(dataset)) is suspect
