"""Plain text and Markdown: their encoding, and the title, source, date and address that a text states of itself."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import NamedTuple

from framing.dates import iso_date
from framing.errors import InputError

_FRONT_MATTER = re.compile(r"---[ \t]*\r?\n(.{0,20000}?)^(?:---|\.\.\.)[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"(title|date|source|url):[ \t]*(.*)")
_DATE_LINE = re.compile(r"(?:date|published(?: on)?)[ \t]*:?[ \t]+(\S.{0,60})", re.IGNORECASE)
_DATE_LINES = 60
_SENTENCE_END = re.compile(r"[.!?…:;,]['\"»”’)\]]*$")


class Facts(NamedTuple):
    """What a text states of itself beyond doubt."""

    title: str | None
    source: str | None
    date: str | None
    """ISO 8601."""
    url: str | None


def decoded(data: bytes, declared: str | None = None) -> str:
    """Decode a plain text: UTF-8, UTF-16 with a byte order mark, else as declared or as charset_normalizer finds.

    Raises InputError, without a place, where it is no text.
    """
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


def stated_facts(text: str) -> Facts:
    """Return what the front matter, a headline or a date line of its own say."""
    front = _FRONT_MATTER.match(text)
    fields: dict[str, str] = {}
    body = text
    if front:
        fields = {m[1]: m[2].strip().strip("\"'") for line in front[1].splitlines() if (m := _FIELD.match(line))}
        body = text[front.end() :]
    lines = body[:20_000].splitlines()
    day = iso_date(fields["date"]) if "date" in fields else _stated_date(lines)
    title = fields.get("title") or _stated_title(lines)
    return Facts(title or None, fields.get("source") or None, day, fields.get("url") or None)


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
