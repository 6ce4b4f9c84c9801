"""Inputs cut into slices: each is read alone, on any machine that sees the same paths, in the order of the inputs.

A slice is whole files (a folder's pages, some megabytes of them), or a stretch of a file of rows, of the rows of a
Parquet file, or of the records of a WARC file. It names what is to be read and holds nothing of it. Slices depend on
the files and on the size that is asked for, and on nothing else.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from framing import parquet, warc
from framing.corpus import row_article
from framing.errors import FramingError, InputError, UsageError
from framing.read import HEAD, Found, checked_kind, folder_files, guarded, kind_of, read_file, read_input, sniffed
from framing.records import Article, Failed
from framing.rows import BAD_GZIP
from framing.stretches import Stretch, rows_of, stretches

_MOST_FILES = 1000
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_NO_ROWS = "holds no rows; give each article one, with a `text`"


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the inputs. Frozen and with slots: joblib's dask backend then sends it with the task that needs it,
    where it would put other large arguments on one worker, to be lost with it."""

    form: str
    """files, jsonl, csv, parquet, warc, or failed."""
    paths: tuple[str, ...]
    size: int
    """Bytes of the input, as far as known."""
    start: int = 0
    end: int = 0
    """The stretch of a WARC file, in bytes."""
    stretch: Stretch | None = None
    """Of a file of rows."""
    rows: parquet.Rows | None = None
    """Of a Parquet file."""
    only: bool = False
    """Whether the slice is all of a file of rows."""
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
            for rows, taken in parquet.stretches(path, size):
                yield Slice("parquet", (given,), taken, rows=rows)
        elif kind == "warc":
            for start, end in warc.stretches(path, size):
                yield Slice("warc", (given,), end - start, start, end)
        else:
            for stretch, taken in stretches(path, kind, size):
                yield Slice(kind, (given,), taken, stretch=stretch, only=stretch.start == 0 and stretch.end is None)
    except (FramingError, OSError, EOFError, ValueError) as error:
        for failed in guarded(given, _raising(error)):
            yield Slice("failed", (given,), 0, message=failed.message if isinstance(failed, Failed) else "")


def _raising(error: Exception) -> Iterator[Found | Failed]:
    raise error if isinstance(error, FramingError | OSError | EOFError) else InputError(str(error))
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
                    head = unpacked.read1(HEAD)  # a file that ends early still has a beginning
            kind = sniffed(head, str(path)) if kind is None else checked_kind(head, kind)
        except (*BAD_GZIP, OSError, ValueError):
            return None
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return None  # UTF-16: one error, not one a line
    return kind if kind in ("jsonl", "csv") else None


# --- reading


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
    except (FramingError, OSError, EOFError, *BAD_GZIP):
        raise
    except Exception as error:
        raise InputError(f"cannot be read ({type(error).__name__}); save its text as .txt") from error


def _read_stretch(part: Slice, path: Path) -> Iterator[Found | Failed]:
    folder = path.resolve().parent.name or None
    for article in _articles(part, path):
        yield article if isinstance(article, Failed) else Found(article, folder)


def _articles(part: Slice, path: Path) -> Iterator[Article | Failed]:
    if part.rows is not None:
        yield from parquet.read_rows(path, part.rows)
    elif part.form == "warc":
        yield from warc.read_stretch(path, part.start, part.end)
    elif part.stretch is not None:
        empty = True
        for row in rows_of(part.stretch, part.form):
            empty = False
            yield row_article(row)
        if empty and part.only:
            raise InputError(_NO_ROWS)
