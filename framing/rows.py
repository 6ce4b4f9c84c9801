"""Rows of JSON Lines, CSV and TSV files: one strict reader for corpora and for labels, one row in memory at a time.

Files are UTF-8 (a byte order mark is allowed). What is wrong with a row is a `BadRow`, and the next row follows; where
nothing after it can be read, the `BadRow` is the last. Lines are physical lines, counted from 1.
"""

from __future__ import annotations

import csv
import io
import json
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from gzip import BadGzipFile
from itertools import chain
from typing import IO, Literal

from framing.cells import restore_cell
from framing.errors import place

BAD_GZIP = (EOFError, zlib.error, BadGzipFile)
"""What reading damaged gzip data raises, also while rows are read from it."""
Kind = Literal["jsonl", "csv"]
_MAX_ROW = 16_000_000
_PASSED_OVER = 75
"""A longer line is passed over, up to so many times as long: gzip unpacks to lines without an end."""
_MAX_DIGITS = 4_000
_DELIMITERS = "\t;,"
_TOO_LONG = "a row of {} million characters or more was passed over; write one text a row"
_NOT_UTF8 = "is not UTF-8; save the file as UTF-8 (CSV UTF-8)"


@dataclass(frozen=True, slots=True)
class Row:
    """One row: JSON values, or the cells of a sheet (all of them text, by column, in lower case)."""

    values: Mapping[str, object]
    place: str
    """`path:line`, the line that the row starts on."""
    sheet: bool


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read: where it starts, what is wrong and what to do."""

    place: str
    message: str


def read_rows(
    file: IO[bytes],
    origin: str,
    kind: Kind,
    *,
    columns: Collection[str],
    required: Sequence[str] = ("text",),
    first: int = 1,
) -> Iterator[Row | BadRow]:
    """Yield the rows of an open file, which stays open; rows without anything in them are passed over.

    `first` is the number of the first line, where the file is the later part of another. Of a sheet, the header must
    have the `required` columns (`text` among them: the delimiter, a tab, semicolon or comma, is the one that makes it a
    column), and each of `columns` only once. Raises what reading the file raises.
    """
    text = io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="")
    lines = _Lines(text, first)
    try:
        if kind == "jsonl":
            yield from _json_rows(lines, origin)
        else:
            yield from _sheet_rows(lines, origin, columns, required)
    except _UnreadableError as error:
        yield BadRow(place(origin, lines.start), str(error))
    finally:
        if not file.closed:
            text.detach()  # or the wrapper closes a file that it does not own


def parse_json(text: str) -> object:
    """Parse JSON strictly: no key twice in an object, no NaN or Infinity. Raises ValueError, one line."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_int=_whole_number)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def shown(value: object) -> str:
    """Return a value as a message quotes it: on one line, not too long."""
    text = repr(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."


class _UnreadableError(Exception):
    """Nothing after this can be read."""


class _TooLongError(_UnreadableError):
    """A row is longer than any may be."""


class _Lines:
    """The physical lines of a file with their ends, and what is to be known of the row that is read from them."""

    def __init__(self, text: io.TextIOWrapper, first: int) -> None:
        self._text = text
        self._number = first - 1
        self._taken = 0
        self._ended = True
        self.start = first
        """The line that the row starts on."""
        self.damaged = False
        """Whether the row holds bytes that are not UTF-8 (they are lone surrogates in its lines)."""

    def begin(self) -> None:
        """Begin a row with the next line."""
        self.start, self._taken, self.damaged = self._number + 1, 0, False

    def pass_over(self) -> bool:
        """Read to the end of a line that is too long, a piece at a time; return whether there was one to be found."""
        passed = 0
        while not self._ended and passed < _PASSED_OVER * _MAX_ROW:
            piece = self._text.readline(_MAX_ROW)
            passed += len(piece)
            self._ended = not piece or piece.endswith(("\n", "\r"))
        return self._ended

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(_MAX_ROW)
        if not line:
            raise StopIteration
        self._number += 1
        self._taken += len(line)
        if self._taken >= _MAX_ROW:
            self._ended = line.endswith(("\n", "\r"))
            raise _TooLongError(
                f"a row of {_MAX_ROW // 1_000_000} million characters or more, and the rest of the file was not read; "
                "close its quotation marks, or write one text a row"
            )
        if self._number == 1:
            if line.startswith(("\udcff\udcfe", "\udcfe\udcff")):
                raise _UnreadableError("is UTF-16; save it as UTF-8")
            line = line.removeprefix("\ufeff")
        self.damaged = self.damaged or not _is_utf8(line)
        return line


def _is_utf8(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _json_rows(lines: _Lines, origin: str) -> Iterator[Row | BadRow]:
    while True:
        lines.begin()
        try:
            line = next(lines, None)
        except _TooLongError:
            if not lines.pass_over():
                raise
            yield BadRow(place(origin, lines.start), _TOO_LONG.format(_MAX_ROW // 1_000_000))
            continue
        if line is None:
            return
        if not line.strip():
            continue
        where = place(origin, lines.start)
        if lines.damaged:
            yield BadRow(where, _NOT_UTF8)
            continue
        try:
            values = parse_json(line)
        except ValueError as error:
            yield BadRow(where, f"is not valid JSON: {error}; each line must be one object")
            continue
        if isinstance(values, dict):
            yield Row(values, where, sheet=False)
        else:
            yield BadRow(where, 'must be a JSON object such as {"text": "..."}')


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        key = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"the key {shown(key)} stands twice")
    return values


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _whole_number(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError(f"a number of {len(digits):,} digits")
    return int(digits)


def _sheet_rows(
    lines: _Lines, origin: str, columns: Collection[str], required: Sequence[str]
) -> Iterator[Row | BadRow]:
    csv.field_size_limit(max(csv.field_size_limit(), _MAX_ROW))
    first = ""
    while not first.strip():
        lines.begin()
        first = next(lines, "")
        if not first:
            return
    delimiter = _delimiter(first)
    reader = csv.reader(chain([first], lines), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    while True:
        where = place(origin, lines.start)
        fault = None
        try:
            cells = next(reader, None)
        except csv.Error as error:
            cells, fault = [], f"is not CSV ({error}); is a quotation mark missing or too many?"
        if cells is None:
            return
        if header is None:
            header = [cell.strip().lower() for cell in cells]
            fault = fault or (_NOT_UTF8 if lines.damaged else _header_fault(header, first, columns, required))
            if fault:
                yield BadRow(where, fault)
                return
        elif fault or any(cell.strip() for cell in cells):
            fault = fault or (_NOT_UTF8 if lines.damaged else _cells_fault(cells, len(header), delimiter))
            values = dict(zip(header, map(restore_cell, cells), strict=False))
            yield BadRow(where, fault) if fault else Row(values, where, sheet=True)
        lines.begin()


def _delimiter(first: str) -> str:
    """Return the delimiter by which the first line has a column `text`, else the comma."""
    for delimiter in _DELIMITERS:
        if "text" in (cell.strip().strip('"').strip().lower() for cell in first.split(delimiter)):
            return delimiter
    return ","


def _header_fault(header: Sequence[str], first: str, columns: Collection[str], required: Sequence[str]) -> str | None:
    for column in required:
        if column not in header:
            return f"there is no column `{column}` in the header {shown(first.strip())}; add it or rename one"
    twice = [column for column, times in Counter(header).items() if times > 1 and column in columns]
    return f"the column `{twice[0]}` stands twice; rename one" if twice else None


def _cells_fault(cells: Sequence[str], expected: int, delimiter: str) -> str | None:
    if len(cells) == expected or (len(cells) > expected and not any(cells[expected:])):
        return None
    count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    sign = "a tab" if delimiter == "\t" else f"`{delimiter}`"
    return f"{count} where the header has {expected}; put quotes around cells with line ends or {sign} in them"
