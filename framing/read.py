"""Inputs (files, folders, `-`, addresses) to articles, one at a time, in the order of the inputs.

What cannot be read is yielded as `Failed`, with one line that says why and what to do, and the others go on; an
article that was read before is yielded as `Repeated`. Corpora are read row by row and never held in memory.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import io
import json
import os
import re
import sys
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from framing.cells import restore_cell
from framing.errors import InputError, place
from framing.records import Article, Failed, Repeated
from framing.sources import SourceNames

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from framing.page import Page

_KINDS = {
    ".txt": "text", ".text": "text", ".md": "text", ".markdown": "text",
    ".html": "html", ".htm": "html", ".xhtml": "html", ".mhtml": "mhtml", ".mht": "mhtml",
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv",
    ".pdf": "pdf", ".docx": "docx",
}  # fmt: skip
_CONVERT = {
    "pdf": "is a PDF; turn it into text first: pdftotext FILE.pdf FILE.txt",
    "docx": "is a Word document; turn it into text first: pandoc -t plain --wrap=none FILE.docx -o FILE.txt",
    "archive": "is an archive or an office document; unpack it or save its text as .txt or .html",
    "json": "is JSON, not JSON Lines; write one object a line: jq -c '.[]' FILE.json > FILE.jsonl",
}
_MAX_ARTICLE_BYTES = 200_000_000
_MAX_LINE = 32_000_000
_HEAD = 1 << 16
_HTML_START = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?>(?:<!--.*?-->\s*|<\?xml[^>]*>\s*)*)"
    rb"<(?:!doctype\s+html|html|head|body|title|meta|link|script|div|article|section|h1|p)\b",
    re.IGNORECASE | re.DOTALL,
)
_MHTML_START = re.compile(rb"(?>(?:(?!mime-version:)[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*)mime-version:", re.IGNORECASE)
_JSON_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*\"")
_JSON_ARRAY_START = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*\{")
_PAGE_FOLDERS = ("_files", ".files", "-Dateien", "_fichiers", "_archivos", "_arquivos", "_file", "_bestanden", "_pliki")
_BAD_GZIP = (EOFError, zlib.error, gzip.BadGzipFile)


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
    seen = _Seen()
    names = sources or SourceNames()
    for given in inputs:
        for found in _read_input(given, stdin):
            if isinstance(found, Failed):
                yield found
            else:
                yield seen.check(_named(found.article, names, found.folder if source_from_folder else None))


@dataclass(frozen=True, slots=True)
class _Found:
    article: Article
    folder: str | None


def _named(article: Article, names: SourceNames, folder: str | None) -> Article:
    """Give the article its source and group: the row's own, else the page's domain, else the folder's name."""
    source, group = names.name(article.source, article.url)
    if source is None and folder:
        source, group = names.name(folder, None)
    return replace(article, source=source, group=article.group or group)


class _Seen:
    """What was read before, as hashes: about 200 bytes an article."""

    def __init__(self) -> None:
        self._files: list[str] = []
        self._texts: dict[int, int] = {}
        self._ids: dict[int, int] = {}

    def check(self, article: Article) -> Article | Failed | Repeated:
        """Return the article with its id, or that it was read before."""
        digest = _digest(article.text.strip())
        text = int(digest, 16)
        if text in self._texts:
            return Repeated(article.origin, self._place(text))
        if article.id:
            given = int(_digest(article.id), 16)
            other = self._ids.setdefault(given, text)
            if other != text:
                return Failed(
                    article.origin,
                    f"{article.origin}: the id `{_short(article.id)}` is that of another text at {self._place(other)}; "
                    "give every article an id of its own, or none",
                )
        self._texts[text] = self._packed(article.origin)
        return replace(article, id=article.id or digest)

    def _packed(self, origin: str) -> int:
        file, colon, line = origin.rpartition(":")
        file, number = (file, int(line)) if colon and line.isdecimal() else (origin, 0)
        if not self._files or self._files[-1] != file:
            self._files.append(file)
        return (len(self._files) - 1) << 40 | number

    def _place(self, text: int) -> str:
        packed = self._texts[text]
        return place(self._files[packed >> 40], packed & (1 << 40) - 1 or None)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16]


def _short(text: str, width: int = 60) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: width - 1] + "…"


# --- inputs


def _read_input(given: str, stdin: BinaryIO | None) -> Iterator[_Found | Failed]:
    if given == "-":
        stream = stdin if stdin is not None else sys.stdin.buffer
        yield from _guarded("-", _read_stream(stream, "-", None, None))
    elif re.match(r"https?://", given, re.IGNORECASE):
        yield from _guarded(given, _read_address(given))
    else:
        yield from _guarded(given, _read_path(Path(given)))


def _guarded(origin: str, found: Iterator[_Found | Failed]) -> Iterator[_Found | Failed]:
    """Turn what stops the reading of one file into a `Failed`."""
    try:
        yield from found
    except InputError as error:
        message = str(error)
        yield Failed(origin, message if message.startswith(origin) else f"{origin}: {message}")
    except FileNotFoundError:
        yield Failed(origin, f"{origin}: no such file or folder; check the path (addresses begin with https://)")
    except _BAD_GZIP as error:
        yield Failed(origin, f"{origin}: damaged gzip data ({error}); get or make the file again")
    except OSError as error:
        yield Failed(
            origin, f"{origin}: cannot be read ({error.strerror or error}); check the path and its permissions"
        )


def _read_path(path: Path) -> Iterator[_Found | Failed]:
    yield from _read_folder(path) if path.is_dir() else _read_file(path)


def _read_folder(folder: Path) -> Iterator[_Found | Failed]:
    unreadable: list[Failed] = []

    def note(error: OSError) -> None:
        where = str(error.filename or folder)
        unreadable.append(Failed(where, f"{where}: cannot be read ({error.strerror}); check its permissions"))

    paths: list[Path] = []
    for parent, folders, files in os.walk(folder, onerror=note):
        stems = {Path(name.removesuffix(".gz")).stem for name in files if _kind(name) == "html"}
        folders[:] = [name for name in folders if not name.startswith(".") and not _is_browsers(name, stems)]
        paths += [Path(parent, name) for name in files if not name.startswith(".") and _kind(name)]
    yield from unreadable
    if not paths and not unreadable:
        known = " ".join(sorted(ending for ending in _KINDS if ending not in (".pdf", ".docx")))
        yield Failed(str(folder), f"{folder}: no file to read in this folder; it reads {known} and .gz of these")
    for path in sorted(paths):
        yield from _guarded(str(path), _read_file(path))


def _is_browsers(folder: str, stems: set[str]) -> bool:
    """Return whether a folder holds the pictures and scripts of a saved page that lies beside it."""
    return any(folder.endswith(ending) and folder.removesuffix(ending) in stems for ending in _PAGE_FOLDERS)


def _kind(name: str) -> str | None:
    """Return what a file's ending says it is."""
    lower = name.lower().removesuffix(".gz")
    return _KINDS.get(Path(lower).suffix)


def _read_file(path: Path) -> Iterator[_Found | Failed]:
    origin = str(path)
    kind = _kind(path.name)
    if kind in _CONVERT:
        raise InputError(_CONVERT[kind])
    with path.open("rb") as file:
        yield from _read_stream(file, origin, kind, path.resolve().parent.name or None)


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
) -> Iterator[_Found | Failed]:
    """Read one open file; a `kind` of None is found out from its first bytes."""
    head = stream.read(_HEAD)
    file = io.BufferedReader(_Rejoined(head, stream), _HEAD)
    if packed and head.startswith(b"\x1f\x8b"):
        with gzip.open(file) as unpacked:
            yield from _read_stream(cast(BinaryIO, unpacked), origin, kind, folder, packed=False)
        return
    kind = _sniffed(head, origin) if kind is None else _checked_kind(head, kind)
    if kind in _CONVERT:
        raise InputError(_CONVERT[kind])
    if kind in ("jsonl", "csv"):
        rows = _json_rows(file, origin) if kind == "jsonl" else _csv_rows(file, origin)
        for row in rows:
            yield row if isinstance(row, Failed) else _Found(row, folder)
        return
    data = file.read(_MAX_ARTICLE_BYTES + 1)
    if len(data) > _MAX_ARTICLE_BYTES:
        raise InputError(f"more than {_MAX_ARTICLE_BYTES // 1_000_000} MB for one article; a corpus is .jsonl or .csv")
    yield _Found(_article(data, kind, origin), folder)


def _sniffed(head: bytes, origin: str) -> str:
    """Return what a file without a known ending is."""
    kind = _checked_kind(head, "text")
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
    if not ended and len(head) >= _HEAD:
        return True
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _checked_kind(head: bytes, kind: str) -> str:
    """Return `kind`, or what the first bytes say that cannot be text of any kind."""
    if head.startswith(b"%PDF-"):
        return "pdf"
    if head.startswith(b"PK\x03\x04"):
        return "docx" if b"word/" in head else "archive"
    return "docx" if head.startswith(b"\xd0\xcf\x11\xe0") else kind


def _read_address(address: str) -> Iterator[_Found | Failed]:
    from framing import web

    fetched = web.fetch(address)
    kind = "text" if fetched.content_type.startswith("text/") and fetched.content_type != "text/html" else "html"
    if fetched.content_type in ("multipart/related", "message/rfc822", "application/x-mimearchive"):
        kind = "mhtml"
    elif not fetched.content_type:
        kind = _sniffed(fetched.body[:_HEAD], "")
        if kind not in ("text", "html", "mhtml"):
            raise InputError(_CONVERT.get(kind, "is a corpus, not an article; save it and give the file"))
    article = _article(fetched.body, kind, address, url=fetched.url, charset=fetched.charset)
    yield _Found(article, None)


# --- one article


def _article(data: bytes, kind: str, origin: str, *, url: str | None = None, charset: str | None = None) -> Article:
    if kind == "text":
        text = _decoded(data, charset)
        if not text.strip():
            raise InputError("holds no text; give a file that has some")
        title, source, day, own_url = _plain_facts(text)
        return Article("", text, title=title, source=source, date=day, url=own_url or url, origin=origin)
    from framing import page

    read = page.read_mhtml(data) if kind == "mhtml" else page.read_page(data, url=url, content_type_charset=charset)
    return _from_page(read, origin)


def _from_page(read: Page, origin: str) -> Article:
    if not read.text.strip():
        raise InputError("holds no text that a reader would see; save the page from a browser when it has loaded")
    return Article("", read.text, title=read.title, date=read.date, url=read.url, origin=origin, blocks=read.blocks)


def _decoded(data: bytes, declared: str | None = None) -> str:
    """Decode a plain text: UTF-8, UTF-16 with a byte order mark, else as declared or as charset_normalizer finds."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as error:
            raise InputError("damaged UTF-16 text; save it as UTF-8") from error
    if b"\0" in data:
        raise InputError("a binary file, not text; save its text as .txt or .html")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if declared:
        try:
            return data.decode(declared)
        except (LookupError, UnicodeDecodeError):
            pass
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise InputError("neither UTF-8 nor any encoding that can be told; save it as UTF-8")
    return str(best)


# --- what a plain text says about itself

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.{0,20000}?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"(title|date|source|url):[ \t]*(.*)")
_DATE_LINE = re.compile(r"(?:date|published(?: on)?)[ \t]*:?[ \t]+(\S.{0,60})", re.IGNORECASE)
_DATE_LINES = 60
_SENTENCE_END = re.compile(r"[.!?…:;,]['\"»”’)\]]*$")


def _plain_facts(text: str) -> tuple[str | None, str | None, str | None, str | None]:
    """Return title, source, date and address where a plain text states them beyond doubt."""
    front = _FRONT_MATTER.match(text)
    fields: dict[str, str] = {}
    body = text
    if front:
        fields = {m[1]: m[2].strip().strip("\"'") for line in front[1].splitlines() if (m := _FIELD.match(line))}
        body = text[front.end() :]
    lines = body[:20_000].splitlines()
    day = iso_date(fields["date"]) if "date" in fields else _stated_date(lines)
    title = fields.get("title") or _stated_title(lines)
    return title or None, fields.get("source") or None, day, fields.get("url") or None


def _stated_date(lines: Sequence[str]) -> str | None:
    for line in [line.strip() for line in lines if line.strip()][:_DATE_LINES]:
        if (match := _DATE_LINE.fullmatch(line)) and (day := iso_date(match[1])):
            return day
    return None


def _stated_title(lines: Sequence[str]) -> str | None:
    """Return a Markdown title, or the first line where it stands alone above a long paragraph and is no sentence."""
    groups: list[list[str]] = [[]]
    for line in lines:
        if line.strip():
            groups[-1].append(line.strip())
        elif groups[-1]:
            groups.append([])
        if len(groups) > 3:
            break
    groups = [group for group in groups if group]
    if groups and len(groups[0]) == 1 and _DATE_LINE.fullmatch(groups[0][0]):
        del groups[0]
    if not groups:
        return None
    first = groups[0][0]
    if first.startswith("# "):
        return first[2:].strip().rstrip("#").strip()
    if len(groups) < 2 or len(groups[0]) > 1:
        return None
    is_headline = len(first.split()) >= 4 and len(first) <= 150 and first[0].isalnum() and "|" not in first
    following = " ".join(groups[1])
    is_prose = len(following) >= 120 and _SENTENCE_END.search(following) is not None
    if is_headline and is_prose and not _SENTENCE_END.search(first) and not re.match(r"(?i)by\s|[\w ]{1,20}:\s", first):
        return first
    return None


# --- dates

_MONTH_NAMES = (
    "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
    "september sep sept", "october oct", "november nov", "december dec",
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, start=1) for name in names.split()}
_WEEKDAY = r"(?:(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?\.?,?\s+)?"
_DAY_FIRST = re.compile(_WEEKDAY + r"(\d{1,2})(?:st|nd|rd|th)?[ .-]+(?:of )?([a-z]+)\.?,?[ -]+(\d{4})", re.IGNORECASE)
_MONTH_FIRST = re.compile(_WEEKDAY + r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", re.IGNORECASE)
_MONTH_YEAR = re.compile(r"([a-z]+)\.?,? (\d{4})", re.IGNORECASE)
_YEAR_FIRST = re.compile(r"(\d{4})([/.])(\d{1,2})\2(\d{1,2})")
_COMPACT = re.compile(r"((?:19|20)\d\d)(\d\d)(\d\d)")
_NUMBERS = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})")
_ISO_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d(?::?\d\d.*)?", re.IGNORECASE)


def iso_date(text: str) -> str | None:
    """Return a date in ISO 8601, or None where `text` is no date or could be two (`03/04/2020`).

    A year, a year and month, and a full timestamp stay what they are.
    """
    text = " ".join(text.split()).removesuffix(".")
    if not text.isascii():
        return None
    if re.fullmatch(r"\d{4}", text):
        return text
    if re.fullmatch(r"\d{4}-\d\d", text):
        return text if 1 <= int(text[5:]) <= 12 else None
    if (match := _MONTH_YEAR.fullmatch(text)) and (month := _MONTHS.get(match[1].lower())):
        return f"{match[2]}-{month:02}"
    if _ISO_TIME.fullmatch(text):
        try:
            datetime.fromisoformat(text)
        except ValueError:
            return None
        return text.replace(" ", "T", 1)
    parts = _date_parts(text)
    try:
        return date(*parts).isoformat() if parts else None
    except ValueError:
        return None


def _date_parts(text: str) -> tuple[int, int, int] | None:
    """Return year, month and day as they are written."""
    if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text) or _COMPACT.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if match := _YEAR_FIRST.fullmatch(text):
        return int(match[1]), int(match[3]), int(match[4])
    if match := _DAY_FIRST.fullmatch(text):
        return int(match[3]), _MONTHS.get(match[2].lower(), 0), int(match[1])
    if match := _MONTH_FIRST.fullmatch(text):
        return int(match[3]), _MONTHS.get(match[1].lower(), 0), int(match[2])
    if match := _NUMBERS.fullmatch(text):
        one, two, year = int(match[1]), int(match[3]), int(match[4])
        if one > 12 or one == two:
            return year, two, one
        if two > 12:
            return year, one, two
    return None


# --- corpora


def _lines(file: io.BufferedReader[_Rejoined], origin: str) -> Iterator[str]:
    """Yield physical lines with their ends; bytes that are not UTF-8 become lone surrogates, for `_row` to find."""
    text = io.TextIOWrapper(file, encoding="utf-8", errors="surrogateescape", newline="")
    number = 0
    try:
        while line := text.readline(_MAX_LINE):
            number += 1
            if len(line) == _MAX_LINE and not line.endswith(("\n", "\r")):
                raise InputError(
                    f"{place(origin, number)}: a line of more than {_MAX_LINE // 1_000_000} million characters; "
                    "the rest of the file was not read: write one article a row"
                )
            if number == 1:
                if line.startswith(("\udcff\udcfe", "\udcfe\udcff")):
                    raise InputError("is UTF-16; save the corpus as UTF-8")
                line = line.removeprefix("\ufeff")
            yield line
    finally:
        text.detach()  # or the wrapper closes a file that it does not own


def _json_rows(file: io.BufferedReader[_Rejoined], origin: str) -> Iterator[Article | Failed]:
    empty = True
    for number, line in enumerate(_lines(file, origin), start=1):
        if not line.strip():
            continue
        empty = False
        where = place(origin, number)
        try:
            yield _row(_json_object(line), where)
        except InputError as error:
            yield Failed(where, f"{where}: {error}")
    if empty:
        raise InputError("holds no rows; write one JSON object a line, each with a `text`")


def _json_object(line: str) -> Mapping[str, object]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise InputError(f"not JSON ({error.msg} at column {error.colno}); write one object a line") from error
    except (ValueError, RecursionError) as error:
        raise InputError(
            "not JSON that can be read (too deep, or a number too long); write one object a line"
        ) from error
    if not isinstance(row, dict):
        raise InputError("not a JSON object; write one object a line, each with a `text`")
    return row


def _csv_rows(file: io.BufferedReader[_Rejoined], origin: str) -> Iterator[Article | Failed]:
    csv.field_size_limit(max(csv.field_size_limit(), _MAX_LINE))
    lines = _lines(file, origin)
    first = next(lines, "")
    if not first.strip():
        raise InputError("holds no rows; the first row names the columns, one of them `text`")
    header, delimiter = _csv_header(first, origin)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    empty = True
    while True:
        where = place(origin, reader.line_num + 2)
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            yield Failed(where, f"{where}: not CSV ({error}); put quotes around the cell and double those inside it")
            continue
        if not any(cells):
            continue
        empty = False
        if len(cells) != len(header):
            message = f"{len(cells)} cells where the header row has {len(header)}; put quotes around cells with "
            yield Failed(where, f"{where}: {message}line ends or `{delimiter}` in them".replace("\t", "tab"))
            continue
        filled = {name: restore_cell(cell) for name, cell in zip(header, cells, strict=True) if cell.strip()}
        try:
            yield _row(filled, where)
        except InputError as error:
            yield Failed(where, f"{where}: {error}")
    if empty:
        raise InputError("holds no rows below the header row; add some")


def _csv_header(line: str, origin: str) -> tuple[list[str], str]:
    """Return the names of the columns and the delimiter, the one that makes a column `text`."""
    for delimiter in ("\t", ";", ","):
        try:
            names = [name.strip().lower() for name in next(csv.reader([line], delimiter=delimiter, strict=True))]
        except csv.Error:
            continue
        if "text" in names:
            twice = [name for name in names if name and names.count(name) > 1]
            if twice:
                raise InputError(f"{place(origin, 1)}: two columns `{twice[0]}`; rename one of them")
            return names, delimiter
    raise InputError(f"{place(origin, 1)}: no column `text` in the header row; name the column with the article so")


def _row(row: Mapping[str, object], where: str) -> Article:
    """Return the article of a corpus row; raises InputError with what is wrong with it."""
    number = row.get("id")
    if isinstance(number, int) and not isinstance(number, bool):
        row = {**row, "id": str(number)}
    values: dict[str, str] = {}
    for name in ("text", "id", "source", "date", "title", "url", "group", "target"):
        value = row.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise InputError(f"`{name}` is {_json_type(value)}, not a string; put it in quotes")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise InputError(f"`{name}` is not UTF-8 text; save the corpus as UTF-8")
        if "\0" in value:
            raise InputError(f"`{name}` holds a NUL character; take it out")
        if value.strip():
            values[name] = value if name == "text" else value.strip()
    if "text" not in values:
        raise InputError("no text in `text`; fill it in or drop the row")
    day = iso_date(values["date"]) if "date" in values else None
    if "date" in values and day is None:
        raise InputError(f"`date` is `{_short(values['date'])}`, which is not a date or could be two; write YYYY-MM-DD")
    return Article(
        values.get("id", ""), values["text"], title=values.get("title"), source=values.get("source"), date=day,
        url=values.get("url"), group=values.get("group"), target=values.get("target"), origin=where,
    )  # fmt: skip


def _json_type(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "an array", dict: "an object"}
    return kinds.get(type(value), type(value).__name__)
