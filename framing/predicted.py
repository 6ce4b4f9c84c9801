"""A corpus with its predictions, one article at a time: exports of `framing export`, or articles that a model scores.

An export is a CSV, JSON Lines (also .gz) or Parquet file with a row for each paragraph, or a folder of such files
(shards); it may be without texts (`--no-text`). What is no export is read as articles and scored. Both come out
as pieces: an article's facts and some of its paragraphs; the rows of an export may stand in any order.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import IO, Any, cast

from framing.dates import iso_date
from framing.errors import InputError
from framing.export import text_sha256
from framing.model import Model
from framing.parquet import table_columns, table_rows
from framing.read import folder_files
from framing.records import Article, ScoredArticle
from framing.rows import BAD_GZIP, BadRow, Kind, Row, read_rows, shown
from framing.runfolder import MANIFEST, shards

_KINDS: Mapping[str, Kind] = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv"}
_ABOUT = ("id", "article", "source", "group", "date", "title", "url", "index", "start", "end", "target", "text",
          "text_sha256", "status", "label", "quoted", "model", "model_fingerprint", "notice")  # fmt: skip
_REQUIRED = ("id", "article", "status", "label", "quoted", "model", "model_fingerprint")
STATUSES = ("ok", "no_target", "off_topic", "other_language")
_LONGEST_FIELD = 200


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph: its id, text (None in exports without) and hash, status, and the labels' shares if it is ok."""

    id: str
    text: str | None
    sha256: str
    status: str
    shares: tuple[float, ...] | None
    quoted: float


@dataclass(frozen=True, slots=True)
class Piece:
    """An article without its text, and some of its paragraphs (none: it has no prose)."""

    article: Article
    status: str
    paragraphs: tuple[Paragraph, ...]


@dataclass(frozen=True, slots=True)
class Exported:
    """What the rows of an export say of the model: its name, fingerprint and notice, and the labels in order."""

    model: str
    fingerprint: str
    notice: str | None
    labels: tuple[str, ...]
    texts: bool


@dataclass(frozen=True, slots=True)
class Corpus:
    """The inputs: files of an export with what its first row says, or inputs of articles (`exported` is None)."""

    inputs: tuple[str, ...]
    files: tuple[Path, ...] = ()
    exported: Exported | None = None


def open_corpus(inputs: Sequence[str]) -> Corpus:
    """Find out what the inputs are.

    Raises InputError where there is nothing, or exports and articles are mixed; FramingError for an unfinished run.
    """
    files: list[Path] = []
    others: list[str] = []
    for given in inputs:
        if given == "-" or given.startswith(("http://", "https://")):
            raise InputError(f"{given}: compare reads files and folders only, so that its figures can be recomputed")
        path = Path(given)
        if not path.exists():
            raise InputError(f"{given}: there is no such file or folder")
        for file in _files_in(path) if path.is_dir() else [path]:
            if _is_export(file):
                files.append(file)
            else:
                others.append(str(file))
    if files and others:
        raise InputError(
            f"{others[0]}: is no export of scored paragraphs, as {files[0]} is; name either exports or articles"
        )
    if not files:
        return Corpus(tuple(inputs))
    with closing(_export_rows(files[0])) as rows:
        first = next(rows, None)
    if first is None:
        raise InputError(f"{files[0]}: holds no rows")
    return Corpus(tuple(inputs), tuple(files), _exported(first, _written_labels(files[0])))


def export_pieces(corpus: Corpus, labels: Sequence[str]) -> Iterator[Piece]:
    """Yield the pieces of an export whose labels are `labels`. Raises InputError for a row that is not right."""
    expected = corpus.exported
    assert expected is not None
    for path in corpus.files:
        rows = (_checked(row, expected) for row in _export_rows(path))
        for _, of_article in groupby(rows, key=_article_key):
            found = list(of_article)
            yield Piece(_about(found[0]), "", tuple(_paragraph(row, labels) for row in found))


def scored_pieces(articles: Iterable[Article], model: Model) -> Iterator[Piece]:
    """Score articles and yield each as a piece, in order."""
    waiting: list[Mapping[str, str]] = []

    def kept() -> Iterator[Article]:
        for article in articles:
            waiting.append(article.fields)
            yield article

    for scored in model.score_articles(kept(), evidence=0):
        yield _scored_piece(scored, waiting.pop(0), model.labels)


def _scored_piece(scored: ScoredArticle, fields: Mapping[str, str], labels: Sequence[str]) -> Piece:
    article = Article(
        scored.id, "", scored.title, scored.source, scored.date, scored.url, scored.group, scored.target, scored.origin,
        fields=fields,
    )  # fmt: skip
    paragraphs = tuple(
        Paragraph(
            f"{scored.id}#{one.index}", one.text, text_sha256(one.text), one.status,
            tuple(one.probabilities[label] for label in labels) if one.status == "ok" else None, one.quoted,
        )
        for one in scored.paragraphs
    )  # fmt: skip
    return Piece(article, scored.status, paragraphs)


# Reading exports.


def _article_key(row: Row) -> tuple[object, ...]:
    return tuple(row.values.get(key) for key in ("article", "source", "date", "target"))


def _files_in(folder: Path) -> Iterable[Path]:
    """Return the files that are read of a folder; what cannot be read is told when its articles are.

    Of the folder of a run they are its shards. Raises FramingError where that run is not finished.
    """
    if (folder / MANIFEST).exists() and any(folder.glob("shard-*")):
        return shards(folder)
    return [file for file in folder_files(folder) if isinstance(file, Path)]


def _kind(path: Path) -> str | None:
    """Return jsonl, csv or parquet by the name's ending, None for others."""
    bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return "parquet" if path.suffix.lower() == ".parquet" else _KINDS.get(bare.suffix.lower())


def _is_export(path: Path) -> bool:
    """Say whether a file has the columns of an export, by its first line or schema."""
    kind = _kind(path)
    if kind is None:
        return False
    if kind == "parquet":
        return "model_fingerprint" in table_columns(path)
    try:
        with _opened(path) as file:
            head = file.readline(1 << 20).decode("utf-8", "replace").lower()
    except (OSError, *BAD_GZIP):
        return False
    return "model_fingerprint" in head and "status" in head and "p_" in head


def _opened(path: Path) -> IO[bytes]:
    return cast("IO[bytes]", gzip.open(path)) if path.suffix.lower() == ".gz" else path.open("rb")


def _export_rows(path: Path) -> Generator[Row, None, None]:
    """Yield the rows of an export file. Raises InputError."""
    kind = _kind(path)
    if kind == "parquet":
        missing = [name for name in _REQUIRED if name not in table_columns(path)]
        if missing:
            raise InputError(f"{path}: there is no column {missing[0]}; it is no export of scored paragraphs")
        yield from table_rows(path)
        return
    try:
        with _opened(path) as file:
            rows = read_rows(file, str(path), cast(Kind, kind), columns=_ABOUT, required=_REQUIRED)
            for row in rows:
                if isinstance(row, BadRow):
                    raise InputError(f"{row.place}: {row.message}")
                yield row
    except BAD_GZIP as error:
        raise InputError(f"{path}: is a damaged gzip file; make it anew") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error


def _written_labels(path: Path) -> Mapping[str, str]:
    """Return the labels of a sheet's header as they are written, by the lower case that its rows have."""
    if _kind(path) != "csv":
        return {}
    with _opened(path) as file:
        head = file.readline(1 << 20).decode("utf-8", "replace")
    return {name.lower(): name for name in re.findall(r"\bp_([^,;\t\"\r\n]+)", head)}


def _exported(row: Row, written: Mapping[str, str]) -> Exported:
    names = (name.removeprefix("p_") for name in row.values if name.startswith("p_"))
    labels = tuple(written.get(name, name) for name in names)
    if len(labels) < 2:
        raise InputError(f"{row.place}: an export has a column p_LABEL for each of two labels or more")
    texts = "text" in row.values
    if not texts and "text_sha256" not in row.values:
        raise InputError(f"{row.place}: an export has a column text, or text_sha256 where it was made with --no-text")
    notice = row.values.get("notice")
    return Exported(
        _text(row, "model") or "", _text(row, "model_fingerprint") or "", str(notice) if notice else None, labels, texts
    )


def _checked(row: Row, expected: Exported) -> Row:
    """Return the row; raise InputError where it is of another model, or has other columns, than the first."""
    found = _text(row, "model_fingerprint")
    if found != expected.fingerprint:
        raise InputError(
            f"{row.place}: is predicted by the model {found}, other rows by {expected.fingerprint}; "
            "compare what one model has scored"
        )
    labels = (f"p_{label.lower() if row.sheet else label}" for label in expected.labels)
    names = ("text" if expected.texts else "text_sha256", *labels)
    missing = next((name for name in names if name not in row.values), None)
    if missing:
        raise InputError(f"{row.place}: there is no column {missing}, as other rows have it; export all in one way")
    return row


def _text(row: Row, key: str) -> str | None:
    value = row.values.get(key)
    if value is None or value == "":
        return None
    if key in ("id", "article") and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise InputError(f"{row.place}: {key} must be text, not {shown(value)}")
    return value


def _needed(row: Row, key: str) -> str:
    value = _text(row, key)
    if value is None:
        raise InputError(f"{row.place}: {key} is missing or empty")
    return value


def _number(row: Row, key: str) -> float:
    """Return a share, 0 to 1."""
    value = row.values.get(key)
    try:
        number = float(value.replace(",", ".") if isinstance(value, str) else cast(Any, value))
    except (TypeError, ValueError):
        number = -1.0
    if not 0 <= number <= 1 + 1e-9:
        raise InputError(f"{row.place}: {key} must be a number from 0 to 1, not {shown(value)}")
    return min(number, 1.0)


def _about(row: Row) -> Article:
    date = _text(row, "date")
    fields = {
        key.lower(): str(value).strip()
        for key, value in row.values.items()
        if key not in _ABOUT and not key.startswith("p_") and isinstance(value, str | int | float)
        and not isinstance(value, bool) and 0 < len(str(value).strip()) <= _LONGEST_FIELD
    }  # fmt: skip
    return Article(
        _needed(row, "article"), "", _text(row, "title"), _text(row, "source"), iso_date(date) if date else None,
        _text(row, "url"), _text(row, "group"), _text(row, "target"), row.place, fields=fields,
    )  # fmt: skip


def _paragraph(row: Row, labels: Sequence[str]) -> Paragraph:
    status = _needed(row, "status")
    if status not in STATUSES:
        raise InputError(f"{row.place}: the status {shown(status)} is none of {', '.join(STATUSES)}")
    text = row.values.get("text") if "text" in row.values else None
    if text is not None and not isinstance(text, str):
        raise InputError(f"{row.place}: text must be text, not {shown(text)}")
    shares = None
    if status == "ok":
        shares = tuple(_number(row, f"p_{label}" if f"p_{label}" in row.values else f"p_{label.lower()}")
                       for label in labels)  # fmt: skip
        total = sum(shares)
        if not 0.99 < total < 1.01:
            raise InputError(f"{row.place}: the probabilities of the labels sum to {total:g}, not to 1")
        if abs(total - 1) > 1e-9:  # rounded by whoever saved the file
            shares = tuple(share / total for share in shares)
    sha256 = text_sha256(text) if text is not None else _needed(row, "text_sha256").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", sha256):
        raise InputError(f"{row.place}: text_sha256 must be 64 hex digits, not {shown(sha256)}")
    return Paragraph(_needed(row, "id"), text, sha256, status, shares, _number(row, "quoted"))
