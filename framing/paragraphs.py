"""The paragraphs of an article's prose, and everything else with the reason why it is not prose.

`split` covers every character of the text that is not white space exactly once, in order: by a `Span` (a paragraph
that is scored) or by a `LeftOut` with one of these reasons (all but the first from framing.sections):

    page        a block of a web page that the extractor does not hold to be part of the article
    heading     headline, section heading             menu        navigation, lists of short items
    byline      "By NAME", agency line                date        publication date, time stamp
    caption     photo caption, credit                 metadata    JSON, front matter, "Key: value" lines
    tags        topics, keywords                      share       share and print buttons, "Link Copied"
    teaser      other articles: related, most read    author      author box, affiliation
    subscribe   newsletters, follow us, apps          donation    appeals for money
    notice      cookies, paywalls, disclaimers        licence     copyright, terms of reuse
    comments    readers' comments and their form      footnotes   notes, references, sources
    contact     addresses, telephone, e-mail          link        a bare address
    code        source code                           table       rows of cells
    other       rules, lone symbols, invisible characters

Plain text is first cut into blocks here: at blank lines, and inside a run of lines wherever a line is not the
continuation of a hard-wrapped one. Web pages come with their blocks; both go through the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from framing.boilerplate import Piece, breaks_off, ends_sentence, is_furniture
from framing.records import Article, LeftOut, Span
from framing.sections import judge

_INVISIBLE = "\u00ad\u034f\u180e\u200b\u200c\u200d\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_LINE = re.compile(r"[^\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\x0b\x85\u2028]")
_FIRST = re.compile(r"\S")
_VISIBLE = re.compile(rf"[^\s{_INVISIBLE}]")
_WORD = re.compile(r"\S{1,40}")
_LIST_ITEM = re.compile(r"(?:[•‣◦▪●·*+–—-]|\(?\d{1,3}[.)]|\(?[a-zа-яա-ֆ][.)])\s")
_QUOTED = re.compile(r"(?:>\s?)+")
_FENCE = re.compile(r"(?:```|~~~)")
_KEY = re.compile(r"[\w .-]{1,40}:(?:\s|$)|\s*-\s|\s+\S|[\]}]")
_STRING = re.compile(r'"(?:[^"\\\\]|\\\\.)*"')
_TAB_STOP = 4
_MIN_FILLED, _MAX_FILLED, _MIN_BREAK = 25, 130, 45


def split(article: Article) -> tuple[tuple[Span, ...], tuple[LeftOut, ...]]:
    """Return the article's prose paragraphs and what is left out of it, each in the order of the text.

    Offsets are character offsets into `article.text`. No stretch begins or ends with white space; stretches do not
    overlap. Neighbouring stretches left out for the same reason are one.
    """
    pieces = _page_pieces(article) if article.blocks is not None else _plain_pieces(article.text)
    reasons = judge(pieces, article.title)
    spans: list[Span] = []
    left: list[LeftOut] = []
    open_reason: str | None = None
    for piece, reason in zip(pieces, reasons, strict=True):
        if reason is None:
            spans.append(Span(piece.start, piece.end))
        elif reason == open_reason:
            left[-1] = LeftOut(left[-1].start, piece.end, reason)
        else:
            left.append(LeftOut(piece.start, piece.end, reason))
        open_reason = reason
    return tuple(spans), tuple(left)


def headline(article: Article, spans: Sequence[Span], left_out: Sequence[LeftOut]) -> str | None:
    """Return the article's title, else the last line of the heading right above its first paragraph, else None."""
    if article.title or not spans:
        return article.title
    above = [part for part in left_out if part.end <= spans[0].start]
    if not above or above[-1].reason != "heading":
        return None
    return article.text[above[-1].start : above[-1].end].splitlines()[-1].strip()


def _page_pieces(article: Article) -> list[Piece]:
    """Make pieces of a page's blocks; what no block covers belongs to the page, what two cover to the first."""
    text, pieces, done = article.text, list[Piece](), 0
    for block in sorted(article.blocks or (), key=lambda b: (b.start, b.end)):
        start, end = max(block.start, done), min(block.end, len(text))
        if start >= end:
            continue
        pieces += _piece(text, done, start, given="page")
        pieces += _piece(text, start, end, tag=block.tag.lower(), given=None if block.article else "page")
        done = end
    return [*pieces, *_piece(text, done, len(text), given="page")]


def _piece(
    text: str, start: int, end: int, tag: str = "", indent: int = 0, gap: bool = True, given: str | None = None
) -> Iterator[Piece]:
    """Yield the piece between the outer white space of `text[start:end]`, if there is one."""
    first = _FIRST.search(text, start, end)
    if first is not None:
        words = text[first.start() : end].rstrip()
        if given is None and not _VISIBLE.search(words):
            given = "other"
        yield Piece(first.start(), first.start() + len(words), words, tag, indent, gap, given)


def _plain_pieces(text: str) -> list[Piece]:
    """Cut a text into pieces: regions of code and metadata, list items, lines, and wrapped lines joined."""
    lines = _lines(text)
    regions = _regions(lines)
    joins = _joins(lines)
    pieces: list[Piece] = []
    at = 0
    while at < len(lines):
        first, last = lines[at], at
        given = None
        if at in regions:
            last, given = regions[at]
        else:
            while last + 1 < len(lines) and joins[last] and last + 1 not in regions:
                last += 1
        pieces += _piece(text, first.start, lines[last].end, "", first.indent, first.gap, given or first.given)
        at = last + 1
    return pieces


def _lines(text: str) -> list[Piece]:
    """Return the lines that are not blank. `gap` says that a blank line, or the text's begin, stands before."""
    lines: list[Piece] = []
    done = 0
    gap = True
    for match in _LINE.finditer(text):
        raw = match.group()
        body = raw.strip()
        if not body:
            continue
        start = match.start() + len(raw) - len(raw.lstrip())
        between = text[done:start]
        gap = gap or "\u2029" in between or sum(1 for _ in _BREAK.finditer(between)) > 1
        visible = _VISIBLE.search(body) is not None
        indent = len(raw[: start - match.start()].replace("\t", " " * _TAB_STOP))
        done = start + len(body)
        lines.append(Piece(start, done, body, "", indent, gap, None if visible else "other"))
        gap = not visible
    return lines


def _regions(lines: Sequence[Piece]) -> dict[int, tuple[int, str]]:
    """Return first line -> (last line, reason) of front matter, brace blocks and fenced code."""
    found: dict[int, tuple[int, str]] = {}
    at = _front_matter(lines)
    if at:
        found[0] = (at, "metadata")
        at += 1
    fence: int | None = None
    depth, opened = 0, 0
    for number in range(at, len(lines)):
        line = lines[number].text
        if depth:
            depth += _depth(line)
            if depth <= 0:
                if _looks_like_data(lines[opened : number + 1]):
                    found[opened] = (number, "metadata")
                depth = 0
        elif _FENCE.match(line):
            if fence is not None:
                found[fence] = (number, "code")
            fence = number if fence is None else None
        elif fence is None and (line in ("{", "[", "[{") or line.startswith(('{"', '[{"'))):
            depth, opened = _depth(line), number
            if depth <= 0:
                found[number] = (number, "metadata")
                depth = 0
    return found


def _depth(line: str) -> int:
    line = _STRING.sub("", line)
    return line.count("{") + line.count("[") - line.count("}") - line.count("]")


def _looks_like_data(lines: Sequence[Piece]) -> bool:
    return sum('"' in line.text or ":" in line.text for line in lines) * 3 >= len(lines)


def _front_matter(lines: Sequence[Piece]) -> int:
    """Return the number of the line that closes the front matter, or 0."""
    if not lines or lines[0].text.lstrip("\ufeff") not in ("---", "+++"):
        return 0
    close = (lines[0].text.lstrip("\ufeff"), "...")
    for number, line in enumerate(lines[1:200], start=1):
        if line.text in close:
            return number
        if not (line.indent or _KEY.match(line.text) or "=" in line.text or line.text.startswith("#")):
            return 0
    return 0


def _joins(lines: Sequence[Piece]) -> list[bool]:
    """Say of every line whether the next one continues it: hard-wrapped text."""
    filled: list[int] = []
    candidates = broken = 0
    for line, following in pairwise(lines):
        length = len(line.text)
        if following.gap or not _MIN_FILLED <= length <= _MAX_FILLED or _LIST_ITEM.match(following.text):
            continue
        candidates += 1
        unfinished = not ends_sentence(line.text)
        if unfinished and (_goes_on(following.text) or (length >= _MIN_BREAK and breaks_off(line.text))):
            broken += 1
            filled.append(length)
    wrapped = broken >= 1 and broken * 4 >= candidates
    width = sorted(filled)[len(filled) * 9 // 10] if filled else 0
    joins = [_continues(line, following, width if wrapped else 0) for line, following in pairwise(lines)]
    return [*joins, False]


def _goes_on(text: str) -> bool:
    """Say whether a line begins as the middle of a sentence: lower case, a caseless letter, or a comma."""
    first = _QUOTED.sub("", text, count=1)[:1]
    return first in (",", ";", ")") or (first.isalpha() and not first.isupper())


def _continues(line: Piece, following: Piece, width: int) -> bool:
    if following.gap or line.given or following.given or _LIST_ITEM.match(following.text):
        return False
    if following.indent > line.indent and not (_LIST_ITEM.match(line.text) and len(line.text) >= _MIN_FILLED):
        return False
    length = line.indent + len(line.text)
    first = _QUOTED.sub("", following.text, count=1)[:1]
    word = _WORD.match(following.text)
    unfinished = not ends_sentence(line.text)
    runs_on = unfinished and (first.islower() or first in (",", ";", ")"))
    filled = len(line.text) <= max(_MAX_FILLED, width) and length + 1 + len(word.group() if word else "") >= width - 2
    if not (runs_on and length >= (width // 2 or 40)) and not (width and filled):
        return False
    if is_furniture(following.text) and not (unfinished and ends_sentence(following.text)):
        return False
    return (width > 0 and filled and unfinished) or not is_furniture(line.text)
