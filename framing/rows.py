"""Rows of JSON Lines, CSV and TSV files: one strict reader for corpora and for labels, one row in memory at a time.

Files are UTF-8 (a byte order mark is allowed). What is wrong with a row is a `BadRow`, and the next row follows; where
nothing after it can be read, the `BadRow` is the last. Lines are physical lines, counted from 1.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from gzip import BadGzipFile
from itertools import chain
from typing import IO, Literal

from framing.cells import restore_cell
from framing.errors import place
from framing.wording import counted

BAD_GZIP = (EOFError, zlib.error, BadGzipFile)
"""What reading damaged gzip data raises, also while rows are read from it."""
Kind = Literal["jsonl", "csv"]
_MAX_ROW = 8_000_000
"""Characters: the longest article, though JSON writes each of its characters as six."""
MOST_ROWS = 50_000
"""Rows in a stretch, or some more: what is known of each row is in memory until the stretch is done."""
_PASSED_OVER = 150
"""A longer line is passed over, up to so many times as long: gzip unpacks to lines without an end."""
_MAX_DIGITS = 4_000
_DELIMITERS = "\t;,"
_TOO_LONG = "a row of {} million characters or more was passed over; write one text a row"
_CUT_OFF = re.compile("[\udc80-\udcff]{0,3}[\\0\\s]*\\Z|\\A\ufeff")
_AT_END = re.compile(r"|t|tr|tru|f|fa|fal|fals|n|nu|nul|-|\.|[eE][+-]?")
"""What may stand at the place of an error where the text is right as far as it goes."""
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
    torn: bool = field(default=False, compare=False)
    """Whether it is the beginning of a row of JSON and no more (see `is_torn`)."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a sheet begins with: the names of its columns, in lower case, and what stands between cells."""

    cells: tuple[str, ...]
    delimiter: str


def read_rows(
    file: IO[bytes],
    origin: str,
    kind: Kind,
    *,
    columns: Collection[str],
    required: Sequence[str] = ("text",),
    first: int = 1,
    header: Header | None = None,
) -> Iterator[Row | BadRow]:
    """Yield the rows of an open file, which stays open; rows without anything in them are passed over.

    Where the file is the later part of another, `first` is the number of its first line, and `header` what the sheet
    begins with. Of a sheet, the header must
    have the `required` columns (`text` among them: the delimiter, a tab, semicolon or comma, is the one that makes it a
    column), and each of `columns` only once. Raises what reading the file raises.
    """
    text = io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="")
    lines = _Lines(text, first)
    try:
        if kind == "jsonl":
            yield from _json_rows(lines, origin)
        else:
            yield from _sheet_rows(lines, origin, columns, required, header)
    except _UnreadableError as error:
        yield BadRow(place(origin, lines.start), str(error))
    finally:
        if not file.closed:
            text.detach()  # or the wrapper closes a file that it does not own


def sheet_stretches(
    file: IO[bytes], size: int, columns: Collection[str]
) -> Iterator[tuple[int, int | None, int, Header | None]]:
    """Yield stretches of whole rows of a sheet: first byte, the one after the last, first line, header.

    Each is of `size` bytes or a little more, or of MOST_ROWS; the last is open (None), since what cannot be read has no
    end. The first one has its header in it.
    """
    text = io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="")
    lines = _Lines(text, 1)
    start, first, rows, header = 0, 1, 0, None
    try:
        for _ in _sheet_rows(lines, "", columns, ("text",)):
            rows += 1
            if lines.header and (lines.bytes - start >= size or rows >= MOST_ROWS):
                yield start, lines.bytes, first, header
                start, first, rows, header = lines.bytes, lines.number + 1, 0, lines.header
    except (_UnreadableError, *BAD_GZIP):
        pass  # whoever reads the last stretch comes to the same place, and says what is there
    finally:
        text.detach()
    if lines.bytes > start or start == 0:
        yield start, None, first, header


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


def is_torn(line: str) -> bool:
    """Say whether a line is the beginning of a JSON object and no more: a row whose writing was cut off by a crash.

    Bytes that are no UTF-8 are lone surrogates in it; half a character at its end, and the zeros that some file
    systems leave after a crash, are as good as nothing.
    """
    text = _CUT_OFF.sub("", line)
    if not text.startswith("{"):
        return not text and "\0" in line
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        in_escape = error.msg.startswith("Invalid \\u") and '"' not in text[error.pos :]
        return in_escape or error.msg.startswith("Unterminated string") or bool(_AT_END.fullmatch(text, error.pos))
    except (ValueError, RecursionError):
        return False
    return "\0" in line


class _UnreadableError(Exception):
    """Nothing after this can be read."""


class _TooLongError(_UnreadableError):
    """A row is longer than any may be."""


class _Lines:
    """The physical lines of a file with their ends, and what is to be known of the row that is read from them."""

    def __init__(self, text: io.TextIOWrapper, first: int) -> None:
        self._text = text
        self._taken = 0
        self._ended = True
        self.number = first - 1
        """Of the last line that was read."""
        self.bytes = 0
        """Read so far."""
        self.header: Header | None = None
        """Of the sheet, when it was read."""
        self.start = first
        """The line that the row starts on."""
        self.damaged = False
        """Whether the row holds bytes that are not UTF-8 (they are lone surrogates in its lines)."""

    def begin(self) -> None:
        """Begin a row with the next line."""
        self.start, self._taken, self.damaged = self.number + 1, 0, False

    def is_one(self) -> bool:
        """Return whether the row is, so far, one line: then it has an end to be found."""
        return self.number == self.start

    def pass_over(self) -> bool:
        """Read to the end of a line that is too long, a piece at a time; return whether there was one to be found."""
        passed = 0
        while not self._ended and passed < _PASSED_OVER * _MAX_ROW:
            piece = self._text.readline(_MAX_ROW)
            passed += len(piece)
            self.bytes += len(piece.encode("utf-8", "surrogateescape"))
            self._ended = not piece or piece.endswith(("\n", "\r"))
        return self._ended

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(_MAX_ROW)
        if not line:
            raise StopIteration
        self.number += 1
        self._taken += len(line)
        self.bytes += len(line.encode("utf-8", "surrogateescape"))
        if self._taken >= _MAX_ROW:
            self._ended = line.endswith(("\n", "\r"))
            raise _TooLongError(
                f"a row of {_MAX_ROW // 1_000_000} million characters or more, and the rest of the file was not read; "
                "close its quotation marks, or write one text a row"
            )
        if self.number == 1:
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
            yield BadRow(where, _NOT_UTF8, is_torn(line))
            continue
        try:
            values = parse_json(line)
        except ValueError as error:
            yield BadRow(where, f"is not valid JSON: {error}; each line must be one object", is_torn(line))
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
    lines: _Lines, origin: str, columns: Collection[str], required: Sequence[str], header: Header | None = None
) -> Iterator[Row | BadRow]:
    csv.field_size_limit(max(csv.field_size_limit(), _MAX_ROW))
    lines.begin()
    if header is None:
        first = next(lines, "")
        while first and not first.strip():
            lines.begin()
            first = next(lines, "")
        if not first:
            return
        where, delimiter = place(origin, lines.start), _delimiter(first, required)
        for cells, fault in _cells(csv.reader(chain([first], lines), delimiter=delimiter, strict=True), lines):
            header = Header(tuple(cell.strip().lower() for cell in cells), delimiter)
            fault = fault or (_NOT_UTF8 if lines.damaged else _header_fault(header.cells, first, columns, required))
            if fault:
                yield BadRow(where, fault)
                return
            break
        lines.begin()
    assert header is not None
    lines.header = header
    for cells, fault in _cells(csv.reader(lines, delimiter=header.delimiter, strict=True), lines):
        where = place(origin, lines.start)
        if fault or any(cell.strip() for cell in cells):
            fault = fault or (_NOT_UTF8 if lines.damaged else _cells_fault(cells, len(header.cells), header.delimiter))
            values = dict(zip(header.cells, map(restore_cell, cells), strict=False))
            yield BadRow(where, fault) if fault else Row(values, where, sheet=True)
        lines.begin()


def _cells(reader: Iterator[list[str]], lines: _Lines) -> Iterator[tuple[list[str], str | None]]:
    """Yield the cells of each row, or what is wrong with it."""
    while True:
        try:
            yield next(reader), None
        except StopIteration:
            return
        except csv.Error as error:
            yield [], f"is not CSV ({error}); is a quotation mark missing or too many?"
        except _TooLongError:
            if not (lines.is_one() and lines.pass_over()):
                raise
            yield [], _TOO_LONG.format(_MAX_ROW // 1_000_000)


def _delimiter(first: str, required: Sequence[str]) -> str:
    """Return the delimiter by which the first line has a column `text` (the first required one of a sheet that needs
    no texts), else the comma.
    """
    wanted = required[0] if required and "text" not in required else "text"
    for delimiter in _DELIMITERS:
        if wanted in (cell.strip().strip('"').strip().lower() for cell in first.split(delimiter)):
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
    sign = "a tab" if delimiter == "\t" else f"`{delimiter}`"
    count = counted(len(cells), "cell")
    return f"{count} where the header has {expected}; put quotes around cells with line ends or {sign} in them"
