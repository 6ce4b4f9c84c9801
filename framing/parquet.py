"""Parquet corpora: row groups, read a few rows at a time, in the same columns as JSON Lines.

Raises MissingExtraError, one line, where pyarrow is missing; InputError for what is no Parquet file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from framing.corpus import row_article
from framing.errors import InputError, MissingExtraError, place
from framing.records import Article, Failed
from framing.rows import BadRow, Row

_ROWS = 64
_BUFFER = 1 << 20
_LONGEST_CELL = 16_000_000


def read_parquet(path: Path) -> Iterator[Article | Failed]:
    """Yield the articles of a file."""
    for start, end, first, _ in groups(path, 1 << 62):
        yield from read_groups(path, start, end, first)


def groups(path: Path, size: int) -> Iterator[tuple[int, int, int, int]]:
    """Yield the row groups in runs of about `size` bytes: first group, the one after the last, first row, bytes."""
    with _opened(path) as file:
        start, first, total, row = 0, 1, 0, 1
        for number in range(file.metadata.num_row_groups):
            group = file.metadata.row_group(number)
            if total and total + group.total_byte_size > size:
                yield start, number, first, total
                start, first, total = number, row, 0
            row += group.num_rows
            total += group.total_byte_size
        if row == 1:
            raise InputError("holds no rows; give each article one, with a `text`")
        yield start, file.metadata.num_row_groups, first, total


def read_groups(path: Path, start: int, end: int, first: int) -> Iterator[Article | Failed]:
    """Yield the articles of row groups; places are numbers of rows, from 1.

    A group whose cells are larger than memory may hold on average is passed over as a whole, with its place.
    """
    with _opened(path) as file:
        names = _columns(file)
        row = first
        for number in range(start, end):
            group = file.metadata.row_group(number)
            rows = group.num_rows
            larger = _too_large(group)
            if larger:
                where = place(path, row)
                yield Failed(where, f"{where}: row group {number + 1} {larger}; write it in smaller pages")
                row += rows
                continue
            at = row
            for batch in file.iter_batches(_ROWS, row_groups=[number], columns=names, use_threads=False):
                for values in batch.to_pylist():
                    yield _article(values, place(path, at))
                    at += 1
            row += rows


def _too_large(group: Any) -> str | None:
    for number in range(group.num_columns):
        column = group.column(number)
        mean = column.total_uncompressed_size / max(1, group.num_rows)
        if mean > _LONGEST_CELL:
            return f"has cells of {mean / 1e6:,.0f} MB in `{column.path_in_schema}`"
    return None


def _article(values: dict[str, object], where: str) -> Article | Failed:
    text = values.get("text")
    if isinstance(text, str) and len(text) > _LONGEST_CELL:
        return row_article(BadRow(where, f"a text of {len(text):,} characters; cut it into its articles"))
    return row_article(Row({name: _plain(value) for name, value in values.items()}, where, sheet=False))


def _plain(value: object) -> object:
    written = getattr(value, "isoformat", None)
    return written() if written else value


def _columns(file: Any) -> list[str]:
    """Return the columns that say something of an article: flat ones of text, numbers and times."""
    from pyarrow import types

    schema = file.schema_arrow
    fits = (types.is_string, types.is_large_string, types.is_integer, types.is_floating, types.is_date,
            types.is_timestamp, types.is_dictionary)  # fmt: skip
    names = [field.name for field in schema if any(fit(field.type) for fit in fits)]
    if "text" not in names:
        raise InputError("there is no column `text` of strings; rename one")
    return names


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        import pyarrow as arrow
        from pyarrow import parquet
    except ImportError as error:
        raise MissingExtraError("Parquet needs pyarrow: pip install 'framing[parquet]'") from error
    try:
        with parquet.ParquetFile(path, buffer_size=_BUFFER, pre_buffer=False) as file:
            yield file
    except arrow.ArrowException as error:
        raise InputError(f"is not a whole Parquet file ({str(error).splitlines()[0][:100]})") from error
