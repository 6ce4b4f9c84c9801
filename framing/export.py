"""Flat files for spreadsheets and statistics: one row per scored paragraph, or one per hand label.

CSV, JSON Lines and Parquet have the same columns, and framing.labelfiles reads the first two back: what is exported
can be evaluated and trained on. Rows are written as they come, in a fixed order of columns; memory does not grow with
them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from framing.cells import guard_cell
from framing.errors import MissingExtraError, UsageError
from framing.files import replacing, replacing_text
from framing.labelrows import SKIP
from framing.labels import ADJUDICATED, Code, Labels, Unit
from framing.records import ModelFacts, ScoredArticle
from framing.scoredjson import to_json

FORMATS = ("csv", "jsonl", "parquet")
Columns = Mapping[str, type]
"""The columns of a file in their order, with the type of their values: str, int, float or bool; any may be None."""
Row = Mapping[str, object]

_SURROGATE = re.compile("[\ud800-\udfff]")
_BATCH = 2_000
"""Rows of a Parquet row group: some megabytes of text."""

_ABOUT_ARTICLE: Columns = {
    "id": str, "article": str, "source": str, "group": str, "date": str, "title": str, "url": str, "index": int,
    "start": int, "end": int, "target": str,
}  # fmt: skip
LABEL_COLUMNS: Columns = {
    "id": str, "text": str, "label": str, "gold": str, "coder": str, "article": str, "source": str, "kind": str,
    "date": str, "url": str, "target": str, "inclusion": float, "secondary": str, "sure": bool, "comment": str,
    "time": str, "codebook_version": int, "reason": str, "adjudicator": str,
}  # fmt: skip
"""The columns of exported hand labels: all that a flat file can say of a unit and a code, and the unit's gold label."""


def export_scored(
    articles: Iterable[ScoredArticle], facts: ModelFacts, path: Path | None, format: str, *, text: bool = True
) -> None:
    """Write a row for each paragraph of the articles (see `export_rows`) to `path`, or to stdout where it is None.

    Raises FramingError where the file cannot be written, UsageError for Parquet without a path, MissingExtraError
    where pyarrow is missing.
    """
    rows = chain.from_iterable(export_rows(article, facts, text=text) for article in articles)
    write_rows(rows, export_columns(facts.labels, text=text), path, format)


def export_labels(labels: Labels, gold: Mapping[str, str], path: Path | None, format: str) -> None:
    """Write the hand labels in the flat form (see `label_rows`) to `path`, or to stdout where it is None.

    Raises as `export_scored` does.
    """
    write_rows(label_rows(labels, gold), LABEL_COLUMNS, path, format)


def export_columns(labels: Sequence[str], *, text: bool) -> Columns:
    """Return the columns of `export_rows`: a probability `p_LABEL` for each label, and the text or its hash."""
    columns: dict[str, type] = {**_ABOUT_ARTICLE, "text" if text else "text_sha256": str, "status": str, "label": str}
    columns |= dict.fromkeys((f"p_{label}" for label in labels), float)
    return columns | {"quoted": float, "model": str, "model_fingerprint": str, "notice": str}


def export_rows(article: ScoredArticle, facts: ModelFacts, *, text: bool) -> Iterator[dict[str, object]]:
    """Yield a row for each paragraph, those that are not `ok` with label and probabilities None.

    The id is `ARTICLE#INDEX`; start and end are character offsets into the text that was read; probabilities and
    `quoted` are 0 to 1. Without `text` there is `text_sha256` in its place.
    """
    for paragraph in article.paragraphs:
        row: dict[str, object] = {
            "id": f"{article.id}#{paragraph.index}",
            "article": article.id,
            "source": article.source,
            "group": article.group,
            "date": article.date,
            "title": article.title,
            "url": article.url,
            "index": paragraph.index,
            "start": paragraph.start,
            "end": paragraph.end,
            "target": article.target,
        }
        row |= {"text": paragraph.text} if text else {"text_sha256": text_sha256(paragraph.text)}
        row |= {"status": paragraph.status, "label": paragraph.label}
        row |= {f"p_{label}": paragraph.probabilities.get(label) for label in facts.labels}
        row |= {"quoted": paragraph.quoted, "model": facts.name, "model_fingerprint": facts.fingerprint}
        yield row | {"notice": facts.notice}


def label_rows(labels: Labels, gold: Mapping[str, str]) -> Iterator[dict[str, object]]:
    """Yield a row for each code of each unit, coders first, then what was adjudicated (coder `adjudicated`).

    `gold` is the gold label by unit; it stands in a column of its own in all rows of the unit, so that the codes stay
    what the coders gave and the same rule finds the same gold label in the file. A unit without codes has one row,
    without coder and label.
    """
    by_coder = {**labels.codes, ADJUDICATED: labels.adjudicated}
    about_unit = [item.name for item in fields(Unit) if item.name in LABEL_COLUMNS]
    about_code = [item.name for item in fields(Code) if item.name in LABEL_COLUMNS]
    for unit in labels.units:
        row: dict[str, object] = dict.fromkeys(LABEL_COLUMNS)
        row |= {name: getattr(unit, name) for name in about_unit} | {"gold": gold.get(unit.id)}
        codes = [given[unit.id] for given in by_coder.values() if unit.id in given]
        for code in codes:
            skipped = code.label is None and SKIP not in labels.codebook.labels
            yield row | {name: getattr(code, name) for name in about_code} | ({"label": SKIP} if skipped else {})
        if not codes:
            yield row


def text_sha256(text: str) -> str:
    """Return the sha256 (hex) of the text in UTF-8, as it is exported: lone surrogates are U+FFFD."""
    return hashlib.sha256(_whole(text).encode()).hexdigest()


# Writing.


def write_rows(rows: Iterable[Row], columns: Columns, path: Path | None, format: str) -> None:
    """Write rows to a file that appears when it is whole, or to stdout where `path` is None.

    `format` is one of `FORMATS`. Raises as `export_scored` does.
    """
    if format == "parquet":
        if path is None:
            raise UsageError("Parquet is not for a terminal or a pipe: name a file with -o FILE.parquet")
        write_parquet(rows, path, columns)
        return
    if format not in FORMATS:
        raise UsageError(f"no format {format!r}; choose one of {', '.join(FORMATS)}")
    write = write_csv if format == "csv" else write_jsonl
    if path is None:
        write(rows, sys.stdout, columns)
        return
    with replacing_text(path) as file:
        write(rows, file, columns)


def write_csv(rows: Iterable[Row], file: TextIO, columns: Columns) -> None:
    """Write CSV that a spreadsheet opens right: UTF-8 with byte order mark, CRLF, line breaks in quoted cells.

    No text can run as a formula (see `guard_cell`); numbers stay numbers, None is an empty cell. `file` must write
    line ends as they are (newline="").
    """
    file.write(csv_header(columns))
    for row in rows:
        file.write(csv_text([row], columns))


def csv_header(columns: Columns) -> str:
    """Return what a CSV file begins with: the byte order mark and the names of the columns."""
    return "\ufeff" + _csv_lines([list(columns)])


def csv_text(rows: Iterable[Row], columns: Columns) -> str:
    """Return rows as the lines of a CSV file."""
    return _csv_lines([_cell(row[name]) for name in columns] for row in rows)


def _csv_lines(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def write_jsonl(rows: Iterable[Row], file: TextIO, columns: Columns) -> None:
    """Write JSON Lines: one object a row, with all columns; None is null."""
    for row in rows:
        file.write(jsonl_text([row], columns))


def jsonl_text(rows: Iterable[Row], columns: Columns) -> str:
    """Return rows as lines of JSON."""
    return "".join(to_json({name: _plain(row[name]) for name in columns}) + "\n" for row in rows)


def write_parquet(rows: Iterable[Row], path: Path, columns: Columns) -> None:
    """Write Parquet with typed columns, in row groups of some thousand rows.

    Raises MissingExtraError where pyarrow is missing, FramingError where the file cannot be written.
    """
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("Parquet needs pyarrow: pip install 'framing[parquet]'") from error

    types = {str: arrow.string(), int: arrow.int64(), float: arrow.float64(), bool: arrow.bool_()}
    schema = arrow.schema([(name, types[kind]) for name, kind in columns.items()])
    with replacing(path) as file, parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        remaining = iter(rows)
        while batch := list(islice(remaining, _BATCH)):
            arrays = [arrow.array([_plain(row[name]) for row in batch], types[kind]) for name, kind in columns.items()]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return guard_cell(_whole(value)) if isinstance(value, str) else value


def _plain(value: object) -> object:
    return _whole(value) if isinstance(value, str) else value


def _whole(text: str) -> str:
    """Return the text with U+FFFD in the place of lone surrogates, which no UTF-8 file can hold."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
