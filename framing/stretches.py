"""Files of rows (JSON Lines, sheets), plain or gzip, cut into stretches of whole rows that are read alone.

    lines of JSON   cut at line ends, by one pass over the bytes
    sheets          cut at the ends of rows, which only reading the rows tells; each stretch travels with its header

Positions count unpacked bytes. Whoever reads a stretch of a gzip file unpacks it from the start (see framing.kept).
"""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from framing.corpus import COLUMNS
from framing.kept import Pieces, pieces_from
from framing.rows import BAD_GZIP, MOST_ROWS, BadRow, Header, Row, read_rows, sheet_stretches

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE = 1 << 16


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a file of rows."""

    path: str
    start: int
    end: int | None
    """The byte after the last; None: to the end of the file, whatever stands there."""
    first: int
    """The number of the first line."""
    packed: bool
    header: Header | None = None
    """Of a sheet, where the stretch does not begin with it."""


def is_packed(path: Path) -> bool:
    """Return whether a file is gzip. Raises OSError."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def stretches(path: Path, kind: str, size: int) -> Iterator[tuple[Stretch, int]]:
    """Yield the stretches of a file, each of about `size` bytes or MOST_ROWS, with the bytes of the file that it takes.

    Raises OSError. Damaged data are no error here: the last stretch ends in them.
    """
    packed, before = is_packed(path), 0
    with path.open("rb") as raw:
        bytes_ = _Joined(Pieces(_unpacked(raw) if packed else _plain(raw)), None)
        found = sheet_stretches(bytes_, size, COLUMNS) if kind == "csv" else _line_stretches(bytes_, size)
        for start, end, first, header in found:
            after = raw.tell() if packed or end is None else end
            if end is None:
                after = path.stat().st_size
            yield Stretch(str(path), start, end, first, packed, header), max(0, after - before)
            before = max(before, after)


def rows_of(stretch: Stretch, kind: str) -> Iterator[Row | BadRow]:
    """Yield the rows of a stretch. Raises what reading the file raises."""
    with _opened(stretch) as file:
        yield from read_rows(
            file, stretch.path, "csv" if kind == "csv" else "jsonl",
            columns=COLUMNS, first=stretch.first, header=stretch.header,
        )  # fmt: skip


@contextmanager
def _opened(stretch: Stretch) -> Iterator[IO[bytes]]:
    path = Path(stretch.path)
    if stretch.packed:
        facts = path.stat()
        key = ("gzip", stretch.path, facts.st_size, facts.st_mtime_ns)
        yield _Joined(pieces_from(key, stretch.start, lambda: _unpacked_file(path)), stretch.end)
        return
    with path.open("rb") as raw:
        raw.seek(stretch.start)
        yield _Joined(Pieces(_plain(raw)), None if stretch.end is None else stretch.end - stretch.start)


def _plain(raw: IO[bytes]) -> Iterator[bytes]:
    while piece := raw.read(_PIECE):
        yield piece


def _unpacked(raw: IO[bytes]) -> Iterator[bytes]:
    with gzip.GzipFile(fileobj=raw) as file:
        while piece := file.read1(_PIECE):  # not read, which loses what stands right before the damage
            yield piece


def _unpacked_file(path: Path) -> Iterator[bytes]:
    with path.open("rb") as raw:
        yield from _unpacked(raw)


class _Joined(io.BufferedReader):
    """Pieces as an open file of bytes."""

    def __init__(self, pieces: Pieces[bytes], end: int | None) -> None:
        super().__init__(_Raw(pieces, end), _PIECE)


class _Raw(io.RawIOBase):
    def __init__(self, pieces: Pieces[bytes], end: int | None) -> None:
        self._pieces = pieces.until(end)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        taken = self._rest[: len(view)]
        view[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)


def _line_stretches(file: IO[bytes], size: int) -> Iterator[tuple[int, int | None, int, None]]:
    """Yield stretches of whole lines: first byte, the one after the last, number of the first line.

    Each is of `size` bytes or a little more, or of MOST_ROWS and what is left of a block.
    """
    start, position, first, line, after_return = 0, 0, 1, 1, False
    try:
        while block := file.read(_PIECE):
            done = 0
            while (at := block.find(b"\n", max(done, _enough(start + size - position, line - first)))) >= 0:
                line += _line_ends(block[done : at + 1], after_return and done == 0)
                done = at + 1
                yield start, position + done, first, None
                start, first = position + done, line
            line += _line_ends(block[done:], after_return and done == 0)
            after_return = block.endswith(b"\r")
            position += len(block)
    except BAD_GZIP:
        position = max(position, start + 1)  # whoever reads the last stretch comes to the same place, and says so
    if position > start or not position:
        yield start, None, first, None


def _enough(left: int, rows: int) -> int:
    """Return the least place in a block at which a stretch may end."""
    return 0 if rows >= MOST_ROWS else left - 1


def _line_ends(data: bytes, after_return: bool) -> int:
    """Count line ends (a line feed, a return, or both); a line feed that follows a counted return is none."""
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n") - (after_return and data.startswith(b"\n"))
