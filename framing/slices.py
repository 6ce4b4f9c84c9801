"""Inputs cut into slices: each is read alone, on any machine that sees the same paths, in the order of the inputs.

A slice is whole files (a folder's pages, some megabytes of them), a stretch of the lines of a JSON Lines file, some row
groups of a Parquet file, a stretch of a WARC file, or, where a file can only be read from its start (CSV, gzip), rows
that come with the slice. Slices depend on the files and on the size that is asked for, and on nothing else.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from framing.corpus import COLUMNS, row_article
from framing.errors import InputError, UsageError
from framing.read import HEAD, Found, checked_kind, folder_files, guarded, kind_of, read_file, read_input, sniffed
from framing.records import Article, Failed
from framing.rows import BadRow, Kind, Row, read_rows

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_MOST_FILES = 1000
_MOST_ROWS_BYTES = 2_000_000
"""Of rows that travel with their slice."""
_BLOCK = 1 << 20
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the inputs. Frozen and with slots: joblib's dask backend then sends it with the task that needs it,
    where it would put other large arguments on one worker, to be lost with it."""

    form: str
    """files, lines, rows, groups, warc, or failed."""
    paths: tuple[str, ...]
    size: int
    """Bytes of the input, as far as known."""
    start: int = 0
    end: int = 0
    """The stretch of a file: bytes, or row groups."""
    first: int = 1
    """The number of the first line or row."""
    rows: tuple[Row | BadRow, ...] = ()
    message: str = ""


@dataclass(frozen=True, slots=True)
class Described:
    """What tells an input from a changed one: its files' names, sizes and times of change, as a sha256."""

    input: str
    files: int
    bytes: int
    sha256: str


def describe(given: str) -> Described:
    """Describe an input. Raises InputError where there is none, UsageError for standard input."""
    if given == "-":
        raise UsageError("standard input cannot be read twice; save it as a file")
    if _ADDRESS.match(given):
        return Described(given, 1, 0, "")
    path = Path(given)
    try:
        paths = [file for file in folder_files(path) if isinstance(file, Path)] if path.is_dir() else [path]
        digest, size = hashlib.sha256(), 0
        for file in paths:
            facts = file.stat()
            size += facts.st_size
            name = file.relative_to(path) if path.is_dir() else file.name
            digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode("utf-8", "surrogateescape"))
    except FileNotFoundError:
        raise InputError(f"{given}: no such file or folder; check the path") from None
    except OSError as error:
        raise InputError(f"{given}: cannot be read ({error.strerror or error}); check its permissions") from error
    return Described(given, len(paths), size, digest.hexdigest())


def described(inputs: Sequence[str]) -> list[dict[str, object]]:
    """Return `describe` of each input as plain values."""
    return [asdict(describe(given)) for given in inputs]


def input_bytes(inputs: Sequence[str]) -> int | None:
    """Return the bytes of all inputs, or None where that is not known."""
    try:
        return sum(describe(given).bytes for given in inputs)
    except (InputError, UsageError):
        return None


# --- cutting


def cut(inputs: Sequence[str], size: int) -> Iterator[Slice]:
    """Yield the slices of the inputs, lazily; each is about `size` bytes of them."""
    for given in inputs:
        path = Path(given)
        if given == "-" or _ADDRESS.match(given) or not path.is_dir():
            yield from _cut_file(given, size)
            continue
        waiting: list[str] = []
        total = 0
        for file in folder_files(path):
            if isinstance(file, Failed):
                yield Slice("failed", (file.origin,), 0, message=file.message)
                continue
            here = _size(file)
            corpus = _corpus_kind(file) is not None
            if waiting and (corpus or total + here > size or len(waiting) == _MOST_FILES):
                yield Slice("files", tuple(waiting), total)
                waiting, total = [], 0
            if corpus:
                yield from _cut_file(str(file), size)
            else:
                waiting.append(str(file))
                total += here
        if waiting:
            yield Slice("files", tuple(waiting), total)


def _cut_file(given: str, size: int) -> Iterator[Slice]:
    path = Path(given)
    kind = None if given == "-" or _ADDRESS.match(given) else _corpus_kind(path)
    try:
        if kind is None:
            yield Slice("files", (given,), _size(path))
        elif kind == "parquet":
            from framing import parquet

            for start, end, first, taken in parquet.groups(path, size):
                yield Slice("groups", (given,), taken, start, end, first)
        elif kind == "warc":
            from framing import warc

            for start, end in warc.stretches(path, size):
                yield Slice("warc", (given,), end - start, start, end)
        elif kind == "jsonl" and not _is_packed(path):
            for start, end, first in _stretches(path, size):
                yield Slice("lines", (given,), end - start, start, end, first)
        else:
            yield from _with_rows(path, "jsonl" if kind == "jsonl" else "csv", min(size, _MOST_ROWS_BYTES))
    except (InputError, OSError, EOFError, ValueError) as error:
        for failed in guarded(given, _raising(error)):
            yield Slice("failed", (given,), 0, message=failed.message if isinstance(failed, Failed) else "")


def _raising(error: Exception) -> Iterator[Found | Failed]:
    raise error if isinstance(error, InputError | OSError | EOFError) else InputError(str(error))
    yield


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _corpus_kind(path: Path) -> str | None:
    """Return the kind of a corpus; None for a single article and for what cannot be read."""
    kind = kind_of(path.name)
    if kind in ("parquet", "warc"):
        return kind
    if kind is None or kind in ("jsonl", "csv"):
        try:
            with path.open("rb") as file:
                head = file.read(HEAD)
            if head.startswith(b"\x1f\x8b"):
                with gzip.open(path) as unpacked:
                    head = unpacked.read(HEAD)
            kind = sniffed(head, str(path)) if kind is None else checked_kind(head, kind)
        except (OSError, EOFError, ValueError):
            return None
    return kind if kind in ("jsonl", "csv") else None


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _stretches(path: Path, size: int) -> Iterator[tuple[int, int, int]]:
    """Yield stretches of whole lines: start, end and the number of the first line, found by one pass over the bytes."""
    with path.open("rb") as file:
        start, position, first, line = 0, 0, 1, 1
        while block := file.read(_BLOCK):
            while block.endswith(b"\r") and (more := file.read(1)):
                block += more
            done = 0
            while (at := block.find(b"\n", max(done, start + size - position - 1))) >= 0:
                line += _line_ends(block[done : at + 1])
                done = at + 1
                yield start, position + done, first
                start, first = position + done, line
            line += _line_ends(block[done:])
            position += len(block)
        if position > start or not position:
            yield start, position, first


def _line_ends(data: bytes) -> int:
    return data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n")


def _with_rows(path: Path, kind: Kind, size: int) -> Iterator[Slice]:
    with path.open("rb") as raw:
        packed = _is_packed(path)
        file = cast(IO[bytes], gzip.GzipFile(fileobj=raw) if packed else raw)
        waiting: list[Row | BadRow] = []
        total, before, empty = 0, 0, True
        rows = read_rows(file, str(path), kind, columns=COLUMNS)
        fault: Exception | None = None
        while True:
            try:
                row = next(rows, None)
            except (OSError, EOFError, ValueError) as error:
                row, fault = None, error
            if waiting and (row is None or total > size):
                after = raw.tell()
                yield Slice("rows", (str(path),), max(0, after - before), rows=tuple(waiting))
                waiting, total, before = [], 0, after
            if row is None:
                break
            empty = False
            waiting.append(row)
            total += sum(len(str(value)) for value in row.values.values()) if isinstance(row, Row) else 100
        if fault is not None:
            raise fault
        if empty:
            raise InputError("holds no rows; give each article one, with a `text`")


# --- reading


class _Stretch(io.RawIOBase):
    """The bytes of an open file from where it stands, as far as `length`."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file, self._left = file, length

    def readable(self) -> bool:
        """Return True: it is for reading only."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into `buffer` and return the number of bytes, 0 at the end."""
        view = memoryview(buffer).cast("B")
        data = self._file.read(min(len(view), self._left))
        self._left -= len(data)
        view[: len(data)] = data
        return len(data)


def read_slice(part: Slice) -> Iterator[Found | Failed]:
    """Yield the articles of a slice; nothing is raised for what cannot be read."""
    path = part.paths[0]
    if part.form == "failed":
        yield Failed(path, part.message)
    elif part.form == "files":
        for given in part.paths:
            if given == "-" or _ADDRESS.match(given):
                yield from read_input(given, None)
            else:
                yield from guarded(given, _alone(Path(given)))
    else:
        yield from guarded(path, _read_stretch(part, Path(path)))


def _alone(path: Path) -> Iterator[Found | Failed]:
    """Read one file; a page that breaks the parser in a way that nobody foresaw is a page that cannot be read."""
    try:
        yield from read_file(path)
    except (InputError, OSError, EOFError, MemoryError):
        raise
    except Exception as error:
        raise InputError(f"cannot be read ({type(error).__name__}); save its text as .txt") from error


def _read_stretch(part: Slice, path: Path) -> Iterator[Found | Failed]:
    folder = path.resolve().parent.name or None
    for article in _articles(part, path):
        yield article if isinstance(article, Failed) else Found(article, folder)


def _articles(part: Slice, path: Path) -> Iterator[Article | Failed]:
    if part.form == "groups":
        from framing import parquet

        yield from parquet.read_groups(path, part.start, part.end, part.first)
    elif part.form == "warc":
        from framing import warc

        yield from warc.read_stretch(path, part.start, part.end)
    elif part.form == "rows":
        yield from map(row_article, part.rows)
    else:
        with path.open("rb") as file:
            file.seek(part.start)
            stretch = io.BufferedReader(_Stretch(file, part.end - part.start), HEAD)
            empty = True
            for row in read_rows(stretch, str(path), "jsonl", columns=COLUMNS, first=part.first):
                empty = False
                yield row_article(row)
        if empty and part.start == 0 and part.end == _size(path):
            raise InputError("holds no rows; give each article one, with a `text`")
