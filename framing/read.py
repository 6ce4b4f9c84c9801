"""Inputs (files, folders, `-`, addresses) to articles, one at a time, in the order of the inputs.

What cannot be read is yielded as `Failed`, with one line that says why and what to do, and the others go on; an
article that was read before is yielded as `Repeated`. Corpora are read row by row and never held in memory.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from framing.corpus import read_corpus
from framing.errors import InputError
from framing.parquet import read_parquet
from framing.plaintext import decoded, stated_facts
from framing.records import Article, Failed, Repeated, article_id
from framing.rows import BAD_GZIP
from framing.seen import Key, Seen
from framing.sources import SourceNames
from framing.warc import read_warc

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from framing.page import Page

_KINDS = {
    ".txt": "text", ".text": "text", ".md": "text", ".markdown": "text",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".mhtml": "mhtml", ".mht": "mhtml",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv",
    ".parquet": "parquet", ".warc": "warc", ".pdf": "pdf", ".docx": "docx",
}  # fmt: skip
_CONVERT = {
    "pdf": "is a PDF; turn it into text first: pdftotext FILE.pdf FILE.txt",
    "docx": "is a Word document; turn it into text first: pandoc -t plain --wrap=none FILE.docx -o FILE.txt",
    "archive": "is an archive or an office document; unpack it or save its text as .txt or .html",
    "parquet": "is a Parquet file; save it and give the file, with a name that ends in .parquet",
    "warc": "is a WARC file; save it and give the file, with a name that ends in .warc or .warc.gz",
    "json": "is JSON, not JSON Lines; write one object a line: jq -c '.[]' FILE.json > FILE.jsonl",
}
RUN_LOGS = ("manifest.jsonl", "rejects.jsonl")
"""What a run writes beside its shards."""
_MAX_ARTICLE_BYTES = 40_000_000
LONGEST_ARTICLE = 1_000_000
"""Characters, the length of a long novel; scoring takes some 200 bytes of memory for each."""
HEAD = 1 << 16
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?>(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*)"
    rb"<(?:!doctype\s+html|html|head|body|title|meta|link|script|div|article|section|h1|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_MHTML_START = re.compile(rb"(?>(?:(?!mime-version:)[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*)mime-version:", re.IGNORECASE)
_JSON_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*\"")
_JSON_ARRAY_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*\{")
_STARTS = {b"%PDF-": "pdf", b"PAR1": "parquet", b"WARC/1.": "warc"}
_PAGE_FOLDERS = ("_files", ".files", "-Dateien", "_fichiers", "_archivos", "_arquivos", "_file", "_bestanden", "_pliki")


def read_articles(
    inputs: Sequence[str],
    *,
    sources: SourceNames | None = None,
    source_from_folder: bool = False,
    stdin: BinaryIO | None = None,
) -> Iterator[Article | Failed | Repeated]:
    """Yield the articles of all inputs: paths of files and folders, `-` for stdin, http(s) addresses.

    A folder is read with all its folders, its files sorted by path; hidden files, files of other types and the folders
    that browsers save beside a page are passed over. `sources` names the sources; `source_from_folder` takes the
    folder's name as the source of what has no other. Nothing is raised for an input that cannot be
    read: it is a `Failed`.
    """
    seen = Seen()
    names = sources or SourceNames()
    for given in inputs:
        for found in read_input(given, stdin):
            taken = found if isinstance(found, Failed) else known(found, names, source_from_folder)
            yield taken if isinstance(taken, Failed) else seen.check(taken[1]) or taken[0]


def read_data(data: bytes, name: str = "-") -> Iterator[Article | Failed | Repeated]:
    """Yield the articles of a file's bytes, as `read_articles` does; its kind is that of the name, or what it holds.

    Nothing is opened or fetched: the name is only for its ending, and for messages. Parquet and WARC need a file on the
    disk.
    """
    seen = Seen()
    if (kind := kind_of(name)) in ("parquet", "warc"):
        called = "Parquet" if kind == "parquet" else "WARC"
        yield Failed(name, f"{name}: is a {called} file, which only the command line reads: framing score FILE")
        return
    for found in guarded(name, _read_stream(io.BytesIO(data), name, kind_of(name), None)):
        if isinstance(found, Failed):
            yield found
        else:
            article, key = identified(named(found.article, SourceNames(), None))
            yield seen.check(key) or article


@dataclass(frozen=True, slots=True)
class Found:
    """An article as it was read, with the name of the folder that its file lies in."""

    article: Article
    folder: str | None


def known(found: Found, names: SourceNames, source_from_folder: bool) -> tuple[Article, Key] | Failed:
    """Return the article with its source and id, and its key; a `Failed` where it is longer than any may be."""
    article = found.article
    if len(article.text) > LONGEST_ARTICLE:
        size = f"{len(article.text):,} characters, more than {LONGEST_ARTICLE:,}"
        return Failed(article.origin, f"{article.origin}: a text of {size}; cut it into its articles")
    return identified(named(article, names, found.folder if source_from_folder else None))


def named(article: Article, names: SourceNames, folder: str | None) -> Article:
    """Give the article its source and group: the row's own, else the page's domain, else the folder's name."""
    source, group = names.name(article.source, article.url)
    if source is None and folder:
        source, group = names.name(folder, None)
    return replace(article, source=source, group=article.group or group)


def identified(article: Article) -> tuple[Article, Key]:
    """Return the article with its id, and its key; a text with two targets is two articles."""
    asked = f"{article.text.strip()}\0{article.target}" if article.target else article.text
    text, given = _number(asked), _number(article.id) if article.id else None
    return replace(article, id=article.id or article_id(asked)), Key(text, given, _short(article.id), article.origin)


def _number(text: str) -> int:
    """Return 64 bits that stand for a text or an id, so that those of millions of articles fit into memory."""
    return int(article_id(text), 16)


def _short(text: str, width: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


# --- inputs


def read_input(given: str, stdin: BinaryIO | None) -> Iterator[Found | Failed]:
    """Yield the articles of one input; nothing is raised."""
    if given == "-":
        stream = stdin if stdin is not None else sys.stdin.buffer
        yield from guarded("-", _read_stream(stream, "-", None, None))
    elif re.match(r"https?://", given, re.IGNORECASE):
        yield from guarded(given, _read_address(given))
    else:
        yield from guarded(given, _read_path(Path(given)))


def guarded(origin: str, found: Iterator[Found | Failed]) -> Iterator[Found | Failed]:
    """Turn what stops the reading of one file into a `Failed`."""
    try:
        yield from found
    except InputError as error:
        message = str(error)
        yield Failed(origin, message if message.startswith(origin) else f"{origin}: {message}")
    except FileNotFoundError:
        yield Failed(origin, f"{origin}: no such file or folder; check the path (addresses begin with https://)")
    except BAD_GZIP as error:
        yield Failed(
            origin,
            f"{origin}: damaged gzip data ({error}), what was read of it may be garbled; get or make the file again",
        )
    except OSError as error:
        yield Failed(
            origin, f"{origin}: cannot be read ({error.strerror or error}); check the path and its permissions"
        )


def _read_path(path: Path) -> Iterator[Found | Failed]:
    yield from _read_folder(path) if path.is_dir() else read_file(path)


def _read_folder(folder: Path) -> Iterator[Found | Failed]:
    for path in folder_files(folder):
        if isinstance(path, Failed):
            yield path
        else:
            yield from guarded(str(path), read_file(path))


def folder_files(folder: Path) -> Iterator[Path | Failed]:
    """Yield the files of a folder that are read, sorted by path, and what cannot be read; one folder is in memory.

    Of a folder that holds the shards of a run, the shards are read and not the logs beside them.
    """
    empty = True
    for found in _walked(str(folder)):
        empty = False
        yield found if isinstance(found, Failed) else Path(found)
    if empty:
        known = " ".join(sorted(ending for ending in _KINDS if ending not in (".pdf", ".docx")))
        yield Failed(str(folder), f"{folder}: no file to read in this folder; it reads {known} and .gz of these")


def _walked(folder: str) -> Iterator[str | Failed]:
    try:
        with os.scandir(folder) as entries:
            seen = [entry for entry in entries if not entry.name.startswith(".")]
            names = sorted((entry.name, entry.is_dir(), entry.is_symlink()) for entry in seen)
    except OSError as error:
        where = str(error.filename or folder)
        yield Failed(where, f"{where}: cannot be read ({error.strerror}); check its permissions")
        return
    stems = {Path(name.removesuffix(".gz")).stem for name, is_folder, _ in names if kind_of(name) == "html"}
    logs = RUN_LOGS if any(name.startswith("shard-") for name, *_ in names) else ()
    for name, is_folder, is_link in names:
        path = os.path.join(folder, name)  # noqa: PTH118
        if is_folder:
            if not is_link and not _is_browsers(name, stems):
                yield from _walked(path)
        elif kind_of(name) and name not in logs:
            yield path


def _is_browsers(folder: str, stems: set[str]) -> bool:
    """Return whether a folder holds the pictures and scripts of a saved page that lies beside it."""
    return any(folder.endswith(ending) and folder.removesuffix(ending) in stems for ending in _PAGE_FOLDERS)


def kind_of(name: str) -> str | None:
    """Return what a file's ending says it is."""
    lower = name.lower().removesuffix(".gz")
    return _KINDS.get(Path(lower).suffix)


def read_file(path: Path) -> Iterator[Found | Failed]:
    """Yield the articles of one file. Raises InputError and what reading it raises (see `guarded`)."""
    origin = str(path)
    kind = kind_of(path.name)
    folder = path.resolve().parent.name or None
    if kind in ("parquet", "warc"):
        for article in read_parquet(path) if kind == "parquet" else read_warc(path):
            yield article if isinstance(article, Failed) else Found(article, folder)
        return
    if kind in _CONVERT:
        raise InputError(_CONVERT[kind])
    with path.open("rb") as file:
        yield from _read_stream(file, origin, kind, folder)


class _Rejoined(io.RawIOBase):
    """A stream from which the first bytes were taken, whole again (a pipe cannot go back)."""

    def __init__(self, head: bytes, rest: BinaryIO) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        """Return True: it is for reading only."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into `buffer` and return the number of bytes, 0 at the end."""
        view = memoryview(buffer).cast("B")
        taken = self._head[: len(view)] or self._rest.read(len(view))
        self._head = self._head[len(taken) :]
        view[: len(taken)] = taken
        return len(taken)


def _read_stream(
    stream: BinaryIO, origin: str, kind: str | None, folder: str | None, packed: bool = True
) -> Iterator[Found | Failed]:
    """Read one open file; a `kind` of None is found out from its first bytes."""
    head = stream.read(HEAD)
    file = io.BufferedReader(_Rejoined(head, stream), HEAD)
    if packed and head.startswith(b"\x1f\x8b"):
        with gzip.open(file) as unpacked:
            yield from _read_stream(cast(BinaryIO, unpacked), origin, kind, folder, packed=False)
        return
    kind = sniffed(head, origin) if kind is None else checked_kind(head, kind)
    if kind in _CONVERT:
        raise InputError(_CONVERT[kind])
    if kind in ("jsonl", "csv"):
        for row in read_corpus(file, origin, "jsonl" if kind == "jsonl" else "csv"):
            yield row if isinstance(row, Failed) else Found(row, folder)
        return
    data = file.read(_MAX_ARTICLE_BYTES + 1)
    if len(data) > _MAX_ARTICLE_BYTES:
        raise InputError(f"more than {_MAX_ARTICLE_BYTES // 1_000_000} MB for one article; a corpus is .jsonl or .csv")
    yield Found(_article(data, kind, origin), folder)


def sniffed(head: bytes, origin: str) -> str:
    """Return what a file without a known ending is."""
    kind = checked_kind(head, "text")
    if kind != "text":
        return kind
    if _HTML_START.match(head):
        return "html"
    if _MHTML_START.match(head):
        return "mhtml"
    if _JSON_START.match(head) and _is_json_line(head):
        return "jsonl"
    is_json = _JSON_ARRAY_START.match(head) or re.search(r"\.json(?:\.gz)?$", origin, re.IGNORECASE)
    return "json" if is_json else "text"


def _is_json_line(head: bytes) -> bool:
    """Return whether the first line is a JSON object, as far as can be seen."""
    line, ended, _ = head.lstrip(b"\xef\xbb\xbf \t\r\n").partition(b"\n")
    if not ended and len(head) >= HEAD:
        return True
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def checked_kind(head: bytes, kind: str) -> str:
    """Return `kind`, or what the first bytes say that cannot be text of any kind."""
    for start, found in _STARTS.items():
        if head.startswith(start):
            return found
    if head.startswith(b"PK\x03\x04"):
        return "docx" if b"word/" in head else "archive"
    return "docx" if head.startswith(b"\xd0\xcf\x11\xe0") else kind


def _read_address(address: str) -> Iterator[Found | Failed]:
    from framing import web

    fetched = web.fetch(address)
    kind = "text" if fetched.content_type.startswith("text/") and fetched.content_type != "text/html" else "html"
    if fetched.content_type in ("multipart/related", "message/rfc822", "application/x-mimearchive"):
        kind = "mhtml"
    elif not fetched.content_type:
        kind = sniffed(fetched.body[:HEAD], "")
        if kind not in ("text", "html", "mhtml"):
            raise InputError(_CONVERT.get(kind, "is a corpus, not an article; save it and give the file"))
    article = _article(fetched.body, kind, address, url=fetched.url, charset=fetched.charset)
    yield Found(article, None)


# --- one article


def _article(data: bytes, kind: str, origin: str, *, url: str | None = None, charset: str | None = None) -> Article:
    if kind == "text":
        text = decoded(data, charset)
        if not text.strip():
            raise InputError("holds no text; give a file that has some")
        facts = stated_facts(text)
        return Article(
            "", text, title=facts.title, source=facts.source, date=facts.date, url=facts.url or url, origin=origin
        )
    from framing import page

    read = page.read_mhtml(data) if kind == "mhtml" else page.read_page(data, url=url, content_type_charset=charset)
    return _from_page(read, origin)


def _from_page(read: Page, origin: str) -> Article:
    if not read.text.strip():
        raise InputError("holds no text that a reader would see; save the page from a browser when it has loaded")
    return Article("", read.text, title=read.title, date=read.date, url=read.url, origin=origin, blocks=read.blocks)
