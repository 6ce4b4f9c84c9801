"""WARC files, as web crawls publish them: the pages among their records, with address and date.

Each record of a .warc.gz is a gzip member of its own, so a stretch of the file can be read alone: its records are those
whose member begins in it. Raises MissingExtraError, one line, where warcio is missing.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from contextlib import redirect_stderr, suppress
from pathlib import Path
from typing import IO, Any

from framing.errors import InputError, MissingExtraError, place
from framing.records import Article, Failed
from framing.rows import BAD_GZIP

_MEMBER = b"\x1f\x8b\x08"
_GAP = b"\r\n\r\n"
_PLAIN = _GAP + b"WARC/1."
_BLOCK = 1 << 20
_LARGEST_PAGE = 20_000_000
_HTML = ("text/html", "application/xhtml+xml")


def read_warc(path: Path) -> Iterator[Article | Failed]:
    """Yield the pages of a file."""
    return read_stretch(path, 0, path.stat().st_size)


def stretches(path: Path, size: int) -> Iterator[tuple[int, int]]:
    """Yield stretches of about `size` bytes, each from one record's beginning to another's."""
    length = path.stat().st_size
    with path.open("rb") as file:
        start = 0
        while start < length:
            end = _next_record(file, start, start + size, length)
            yield start, end
            start = end


def _next_record(file: IO[bytes], start: int, target: int, length: int) -> int:
    """Return where the first record at or after `target` begins, going on from the one at `start`."""
    file.seek(0)
    if file.read(2) == _MEMBER[:2]:
        return _search(file, target, length)
    at = start
    while at < min(target, length):  # by their lengths: a page may quote a record
        after = _after(file, at, length)
        at = after if after is not None else _search(file, at + 1, length)
    return at


def _after(file: IO[bytes], at: int, length: int) -> int | None:
    """Return where the plain record at `at` says that the next one begins; None where none does."""
    file.seek(at)
    head = file.read(1 << 16)
    ended = head.find(_GAP)
    lines = head[: max(0, ended)].lower().split(b"\r\n")
    sizes = [line.partition(b":")[2].strip() for line in lines if line.startswith(b"content-length:")]
    if not head.startswith(b"WARC/") or not sizes or not sizes[0].isdigit():
        return None
    after = at + ended + 4 + int(sizes[0]) + 4
    file.seek(after)
    return after if after == length or file.read(5) == b"WARC/" else None


def _search(file: IO[bytes], at: int, length: int) -> int:
    """Return where the first record at or after `at` seems to begin; `length` where none does."""
    file.seek(0)
    packed = file.read(2) == _MEMBER[:2]
    sign, lead = (_MEMBER, 0) if packed else (_PLAIN, len(_GAP))
    at = max(0, at - lead)
    while at < length:
        file.seek(at)
        block = file.read(_BLOCK)
        found = block.find(sign)
        while found >= 0:
            if not packed or _begins_record(file, at + found):
                return at + found + lead
            found = block.find(sign, found + 1)
        at += max(1, len(block) - len(sign) + 1)
    return length


def _begins_record(file: IO[bytes], at: int) -> bool:
    file.seek(at)
    with suppress(zlib.error):
        return zlib.decompressobj(31).decompress(file.read(4096), 5) == b"WARC/"
    return False


def read_stretch(path: Path, start: int, end: int) -> Iterator[Article | Failed]:
    """Yield the pages of the records that begin in a stretch; places are offsets in bytes, from 0.

    Only responses with status 200 and a type of HTML are pages. The date is the page's own, else the day it was
    fetched; the time of fetching is the field `fetched`. A page of more than 20 MB is a `Failed`.
    """
    try:
        from warcio.archiveiterator import ArchiveIterator
        from warcio.exceptions import ArchiveLoadFailed
    except ImportError as error:
        raise MissingExtraError("WARC files need warcio: pip install 'framing[warc]'") from error
    length = path.stat().st_size
    with path.open("rb") as file:
        while start < end:
            file.seek(start)
            records = ArchiveIterator(file)
            at = start
            try:
                while (record := _next(records)) is not None:
                    if records.err_count:  # so warcio counts it, and says it to stderr
                        raise ArchiveLoadFailed("its length is wrong")
                    at = records.offset  # get_record_offset() would read the record away
                    if at >= end:
                        return
                    if _is_page(record):
                        yield _read(record, place(path, at))
                return
            except (ArchiveLoadFailed, *BAD_GZIP, ValueError) as error:
                said = " ".join(str(error).split())[:100]
                at = at if records.err_count else max(at, records.offset)
                where = place(path, at)
                start = _search(file, at + 1, length)
                follows = f"went on at {start}" if start < length else "none follows it"
                yield Failed(where, f"{where}: a record from here on is damaged ({said}); {follows}")


def _next(records: Any) -> Any:
    with redirect_stderr(io.StringIO()):
        return next(records, None)


def _is_page(record: Any) -> bool:
    if record.rec_type != "response" or record.http_headers is None:
        return False
    kind = (record.http_headers.get_header("Content-Type") or "").partition(";")[0].strip().lower()
    return kind in _HTML and record.http_headers.get_statuscode() == "200"


def _read(record: Any, where: str) -> Article | Failed:
    from framing.page import read_page

    address = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<> ")
    fetched = record.rec_headers.get_header("WARC-Date") or ""
    charset = (record.http_headers.get_header("Content-Type") or "").lower().partition("charset=")[2].strip("\"' ;")
    try:
        data = _content(record)
        page = read_page(data, url=address or None, content_type_charset=charset or None)
        if not page.text.strip():
            raise InputError("holds no text that a reader would see")
    except Exception as error:  # a page that breaks the parser in a way that nobody foresaw is no reason to stop
        why = str(error) if isinstance(error, InputError) else f"cannot be read ({type(error).__name__})"
        return Failed(where, f"{where}: {address}: {why}")
    return Article(
        "", page.text, title=page.title, date=page.date or fetched[:10] or None, url=address or page.url,
        origin=where, blocks=page.blocks, fields={"fetched": fetched} if fetched else {},
    )  # fmt: skip


def _content(record: Any) -> bytes:
    data, stream = bytearray(), record.content_stream()
    while block := stream.read(_BLOCK):
        data += block
        if len(data) > _LARGEST_PAGE:
            raise InputError(f"a page of more than {_LARGEST_PAGE // 1_000_000} MB")
    if getattr(record.raw_stream, "limit", 0) > 0:
        raise InputError("the file ends in this record")
    return bytes(data)
