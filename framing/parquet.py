"""Parquet corpora: stretches of rows, read a few at a time, in the same columns as JSON Lines; and other tables.

Raises MissingExtraError, one line, where pyarrow is missing; InputError for what is no Parquet file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from framing.corpus import row_article
from framing.errors import InputError, MissingExtraError, place
from framing.kept import forgetting, pieces_from
from framing.parquetpages import largest_page
from framing.records import Article, Failed
from framing.rows import MOST_ROWS, Row

_BATCH_BYTES = 32_000_000
_MOST_ROWS = 256
"""Rows that are read at once: so many, or as few as fit into the bytes where each has a page of its own."""
_TABLE_ROWS = 2000
"""The same of a table of paragraphs."""
_BUFFER = 1 << 20
_LARGEST_PAGE = 32_000_000


@dataclass(frozen=True, slots=True)
class Rows:
    """A stretch of the rows of one or more row groups."""

    group: int
    """The first group, from 0."""
    groups: int
    """How many; more than one only where all of them is read."""
    start: int
    end: int
    """Rows of the first group, from 0, where it is the only one."""
    first: int
    """The number of the first row in the file, from 1."""


def read_parquet(path: Path) -> Iterator[Article | Failed]:
    """Yield the articles of a file. Raises MissingExtraError, InputError and OSError."""
    with forgetting():
        for rows, _ in stretches(path, 1 << 62):
            yield from read_rows(path, rows)


def stretches(path: Path, size: int) -> Iterator[tuple[Rows, int]]:
    """Yield stretches of about `size` bytes, unpacked, with the bytes of the file that they take.

    Small groups go together; a large one is cut. Raises MissingExtraError, InputError and OSError.
    """
    with _opened(path) as file:
        _columns(file)
        start, first, total, taken, row = 0, 1, 0, 0, 1
        facts = file.metadata
        for number in range(facts.num_row_groups):
            group = facts.row_group(number)
            if row > first and (total + group.total_byte_size > size or row - first + group.num_rows > MOST_ROWS):
                yield Rows(start, number - start, 0, row - first, first), taken
                start, first, total, taken = number, row, 0, 0
            packed = sum(group.column(column).total_compressed_size for column in range(group.num_columns))
            if group.total_byte_size > size or group.num_rows > MOST_ROWS:
                step = max(1, min(MOST_ROWS, group.num_rows * size // max(1, group.total_byte_size)))
                for at in range(0, group.num_rows, step):
                    end = min(group.num_rows, at + step)
                    yield Rows(number, 1, at, end, row + at), packed * (end - at) // group.num_rows
                start, first = number + 1, row + group.num_rows
            else:
                total += group.total_byte_size
                taken += packed
            row += group.num_rows
        if row == 1:
            raise InputError("holds no rows; give each article one, with a `text`")
        if first < row:
            yield Rows(start, facts.num_row_groups - start, 0, row - first, first), taken


def read_rows(path: Path, rows: Rows) -> Iterator[Article | Failed]:
    """Yield the articles of a stretch; places are numbers of rows.

    A group with a page that is larger than memory should hold is passed over as a whole, with its place. Raises as
    `stretches` does.
    """
    facts = path.stat()
    first = rows.first
    for number in range(rows.group, rows.group + rows.groups):
        start, end = (rows.start, rows.end) if rows.groups == 1 else (0, None)
        key = ("parquet", str(path), facts.st_size, facts.st_mtime_ns, number)
        try:
            for piece in pieces_from(key, start, partial(_pieces, path, number)).until(end):
                for values in piece:
                    yield _article(values, place(path, first))
                    first += 1
        except _TooLargeError as error:
            if start == 0:  # said once, where the group is in several stretches
                yield Failed(place(path, first), f"{place(path, first)}: {error}")
            first += error.rows


def table_columns(path: Path) -> tuple[str, ...]:
    """Return the names of the columns of a table of labels or predictions. Raises as `table_rows` does."""
    with _table(path) as file:
        return tuple(file.schema_arrow.names)


def table_rows(path: Path) -> Iterator[Row]:
    """Yield the rows of such a table with all their columns, few at a time; a place is the number of the row, from 1.

    Raises InputError where it is no Parquet file that can be read, MissingExtraError.
    """
    with _table(path) as file:
        number = 0
        for batch in file.iter_batches(batch_size=_TABLE_ROWS):
            for values in batch.to_pylist():
                number += 1
                yield Row(values, f"{path}: row {number}", sheet=False)


@contextmanager
def _table(path: Path) -> Iterator[Any]:
    try:
        with _opened(path) as file:
            yield file
    except (InputError, OSError) as error:
        raise InputError(f"{path}: is no Parquet file that can be read, or a damaged one; make it anew") from error


class _TooLargeError(Exception):
    """A row group is not to be read."""

    def __init__(self, number: int, page: int, rows: int) -> None:
        super().__init__(
            f"row group {number + 1} was passed over, {rows:,} rows: it has a page of {page / 1e6:,.0f} MB; write the "
            "file again with smaller texts"
        )
        self.rows = rows


def _pieces(path: Path, number: int) -> Iterator[list[dict[str, object]]]:
    """Yield the rows of a group, few at a time."""
    with _opened(path) as file:
        names = _columns(file)
        group = file.metadata.row_group(number)
        largest = 1
        with path.open("rb") as raw:
            for column in map(group.column, range(group.num_columns)):
                if column.path_in_schema in names:
                    offsets = [column.data_page_offset, column.dictionary_page_offset or column.data_page_offset]
                    largest = max(largest, largest_page(raw, min(offsets), column.total_compressed_size))
        if largest > _LARGEST_PAGE:
            raise _TooLargeError(number, largest, group.num_rows)
        rows = max(1, min(_MOST_ROWS, _BATCH_BYTES // largest))
        for batch in file.iter_batches(rows, row_groups=[number], columns=names, use_threads=False):
            yield batch.to_pylist()


def _article(values: dict[str, object], where: str) -> Article | Failed:
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
