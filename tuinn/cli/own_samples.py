"""Rows and texts of the user's, from the command line and from files."""

import csv
import json
from pathlib import Path

from tuinn.spec.dataset import DataFacts, DatasetSpec
from tuinn.spec.options import shorten
from tuinn.spec.problem import SpecProblem

Row = dict[str, str]
TABLES = (".csv", ".tsv", ".tab", ".data", ".dat", ".txt")


def row_of(words: str) -> Row:
    """`a=1,b=red`; a pair with a comma in it stands in quotes: `"a=1,5",b=red`. Or a JSON object. Raises SpecProblem."""
    if words.lstrip().startswith("{"):
        try:
            found = json.loads(words)
        except ValueError as error:
            raise SpecProblem(f"is not JSON ({error}).", "--row") from None
        return {str(name): "" if value is None else str(value) for name, value in found.items()}
    row: Row = {}
    for cell in next(csv.reader([words], skipinitialspace=True), []):
        name, equals, value = cell.partition("=")
        if not equals:
            raise SpecProblem(
                f"a row is written COLUMN=VALUE,COLUMN=VALUE, and {shorten(cell)} has no “=”.", "--row"
            )
        row[name.strip()] = value.strip()
    return row


def samples_in(file: Path, facts: DataFacts, dataset: DatasetSpec) -> list[Row] | list[str]:
    """The rows of a CSV, or its texts; or the one text of a text file. Columns that the network doesn't know are passed over.

    Raises SpecProblem.
    """
    if facts.is_text:
        from tuinn.data.text_source import text_of, texts_of_table

        return texts_of_table(file) if file.suffix.lower() in (".csv", ".tsv") else [text_of(file)]
    if file.suffix.lower() not in TABLES:
        raise SpecProblem("is no table. Give a CSV file.", str(file))
    from tuinn.data.csv_form import form_of, parsed

    header = dataset.header if dataset.path else "auto"
    form = form_of(DatasetSpec.at(str(file), header=header), file)
    known = set(facts.features)
    if not known & set(form.names):
        raise SpecProblem(f"has no column that this network knows, such as {facts.features[0]}.", str(file))
    with form.text(file) as opened:
        rows = [row for row in parsed(opened, form.separator) if any(cell.strip() for cell in row)]
    return [
        {name: cell for name, cell in zip(form.names, row, strict=False) if name in known}
        for row in rows[form.header :]
    ]


def left_out(samples: list[Row | str], facts: DataFacts) -> list[str]:
    """Columns that some row says nothing of."""
    rows = [row for row in samples if not isinstance(row, str)]
    return [name for name in facts.features if any(name not in row for row in rows)]
