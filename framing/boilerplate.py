"""What a block of text looks like by itself: prose, short, or something that stands around an article.

A block is prose (it ends a sentence, or is long), short (it does neither), or one of the reasons of
framing.paragraphs where a pattern says so; a short line may also be the opener of a section ("Related posts",
"Comments"). What neighbours say is decided in framing.sections; the words are in framing.phrases.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from framing.phrases import (
    ANYWHERE,
    BEGINNINGS,
    CREDIT_END,
    DATE_WORDS,
    MONTH,
    NAME_LINKS,
    OPENERS,
    SMALL_WORDS,
    Pattern,
)


class Piece(NamedTuple):
    """A block of text: `text` is `article.text[start:end]`, without outer white space."""

    start: int
    end: int
    text: str
    tag: str
    """The page element, or empty for plain text."""
    indent: int
    gap: bool
    """Whether a blank line, or another block of a page, stands before."""
    given: str | None
    """A reason that is already known, or None."""


PROSE, SHORT = "prose", "short"

_SENTENCE_END = re.compile(
    r"[.!?…‼⁇⁈⁉։՜՞؟۔।॥。！？｡．።፧၊။។܀](?:['\"”’»«“„›)\]}*_`」』）】\s\u200b-\u200f\u2060\ufeff]|\[\w{1,4}\]|[⁰¹²³⁴-⁹]"
    r"|\(\d{1,3}\))*$"
)
_ARMENIAN_END = re.compile(r"[\u0561-\u0587][»\")]*:[»\")]*$")
_INNER_END = re.compile(r"[.!?…]\s")
_SEMICOLON_END = re.compile(r";[\s*_]*(?:and|or|и|et|und|ve|և)?$")
_STOP_INSIDE = re.compile(r"[.!?…։؟۔।。！？።:;,،、՝]")
_UNSPACED = Pattern(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff]")
_LETTER = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"\b(?:19|20)\d\d")
_CLOCK = re.compile(r"\d{1,2}[:.]\d\d|\d ?(?:min|hour|day|week)|\d\d?[./-]\d\d?[./-]\d\d|\d{4}-\d\d-\d\d")
_ASIDE_MARK = re.compile(r"\[[^\]\d]{1,40}\]$")
_MARKS = re.compile(r"^[\s#*_>•‣◦▪●·▶►■□|–—+-]+|[\s*_:|…→»›>.!+–—-]+$")
_COUNT = re.compile(r"\(?\b\d[\d,.]*\b\)?")
_ATX = re.compile(r"#{1,6}\s+\S")
_BARE_LINK = Pattern(
    r"(?:<?(?:https?://|www\.)\S+>?|(?:[*+-] )?!?\[[^\]]*\]\([^)]*\)|\[\^?\w{1,9}\]:\s*<?https?://.*)\s*$"
)
_EMAIL = re.compile(r"\S@\w[\w-]*\.\w")
_PHONE = Pattern(r"(?:\b(?:tel|phone|fax|тел|tél|հեռ|telefon)\b\.?:?|☎)\s*\+?\(?\d|(?:^|\s)\+\d[\d() -]{7,}", re.I)
_CODE = Pattern(r"(?:function\b|var |const |let |#include|<script|<style|@media)|\.?[\w.-]+(?:\(.*\))?\s*\{$|\}[;)]*$")
_TRAIL = re.compile(r"(?<=\S)\s+[|>›»·•→]\s+(?=\S)")
_CELLS = re.compile(r"\t+| {3,}|\s*\|\s*")
TOKEN = re.compile(r"\w+(?:['’]\w+)*")
LONG, LINE = 600, 120
"""Characters: beyond LONG no pattern is tried on a block, beyond LINE nothing is held for a line of its own."""
_MANY_WORDS = 20

_BEGINS = {reason: Pattern("|".join(rules), re.S) for reason, rules in BEGINNINGS.items()}
_HOLDS = {reason: Pattern("|".join(rules), re.S) for reason, rules in ANYWHERE.items()}
_BEGINS_ANY = re.compile("|".join(chain.from_iterable(BEGINNINGS.values())), re.S)
_HOLDS_ANY = re.compile("|".join(chain.from_iterable(ANYWHERE.values())), re.S)
_PHRASES = {p.strip(): kind for kind, text in OPENERS.items() for p in re.split(r"\||\n", text)}
_PREFIXES = {kind: tuple(p[:-1] for p, k in _PHRASES.items() if k == kind and p.endswith("*")) for kind in OPENERS}
_PREFIX_STARTS = frozenset(prefix[:3] for prefixes in _PREFIXES.values() for prefix in prefixes)


def ends_sentence(text: str) -> bool:
    """Say whether the text ends as a sentence does, in any script; closing quotes and note marks may follow."""
    tail = text[-24:]
    return _SENTENCE_END.search(tail) is not None or _ARMENIAN_END.search(tail) is not None


def breaks_off(line: str) -> bool:
    """Say whether a line ends in the middle of a sentence: after a comma or a word that cannot be the last."""
    return line.endswith((",", "–", "—")) or line[-12:].rpartition(" ")[2] in SMALL_WORDS


def is_furniture(line: str) -> bool:
    """Say whether a line is left out by its own pattern, whatever stands around it."""
    if len(line) > LINE:
        return False
    return _ATX.match(line) is not None or opener(line) is not None or _pattern(line) is not None


@lru_cache(maxsize=4096)  # the furniture of a site stands on every page of it
def opener(text: str) -> str | None:
    """Return the kind of section that a short line opens, or None."""
    if len(text) > 80:
        return None
    key = _MARKS.sub("", _lower(text).replace("’", "'"))
    kind = _PHRASES.get(key)
    if kind is None and _DIGIT.search(key):
        key = _COUNT.sub("#", key)
        kind = _PHRASES.get(key) or _PHRASES.get(key.replace("#", "").strip())
    if kind is None and key[:3] in _PREFIX_STARTS and not ends_sentence(text) and key.count(" ") < 12:
        kind = next((kind for kind, prefixes in _PREFIXES.items() if _has_prefix(key, prefixes)), None)
    return kind


def _lower(text: str) -> str:
    return text.replace("İ", "i").lower()


def _has_prefix(key: str, prefixes: tuple[str, ...]) -> bool:
    return key.startswith(prefixes) and any(
        key.startswith(prefix) and not key[len(prefix) : len(prefix) + 1].isalpha() for prefix in prefixes
    )


def shape(piece: Piece, title: str | None = None) -> str:
    """Judge one piece by itself: PROSE, SHORT, or a reason."""
    text = piece.text
    if re.fullmatch(r"h[1-6]", piece.tag) or _ATX.match(text):
        return "heading"
    if piece.tag == "figcaption":
        return "caption"
    if title is not None and len(text) < LONG and _same(text, title):
        return "heading"
    if len(text) <= LONG:
        found = _pattern(text)
        if found is not None:
            return found
    words = word_count(text)
    if ends_sentence(text):
        return SHORT if words < 3 or is_title_case(text) else PROSE
    if words >= 4 and _SEMICOLON_END.search(text[-12:]):
        return PROSE
    if words >= 5 and text.endswith((":", ",", "—", "–")):
        return PROSE
    return PROSE if words >= _MANY_WORDS and _STOP_INSIDE.search(text) else SHORT


@lru_cache(maxsize=4096)
def _pattern(text: str) -> str | None:
    """Return the reason that the text's own words and signs give, or None; the text is at most LONG long."""
    if _ASIDE_MARK.match(text) or not (_LETTER.search(text) or _DIGIT.search(text)):
        return "other"
    line = text.lstrip("#*_>•‣◦▪●·▶►■□|–—- \t\ufeff\u200b") or text
    low, ended = _lower(line), ends_sentence(text)
    if len(text) <= LINE and _is_date(low, ended):
        return "date"
    if _BEGINS_ANY.match(low):
        for reason, begins in _BEGINS.items():
            if begins.match(low) and _PLAUSIBLE.get(reason, _always)(line, ended):
                return reason
    if _HOLDS_ANY.search(low):
        return next(reason for reason, holds in _HOLDS.items() if holds.search(low))
    if len(text) < 200 and (_BARE_LINK.match(text) or ("/" in text and "." in text and len(text.split()) == 1)):
        return "link"
    if len(text) < 250 and CREDIT_END.search(low[-100:]):
        return "caption"
    if len(text) < 200 and ("☎" in text or _DIGIT.search(text)) and _PHONE.search(low):
        return "contact"
    if len(text) < 200 and "@" in text and _EMAIL.search(text) and word_count(text) <= 12:
        return "contact"
    if not ended and len(text) <= 2 * LINE and _is_trail(text):
        return "menu"
    if not ended and ("|" in text or "\t" in text or "   " in text) and _is_table(text):
        return "table"
    return "code" if _CODE.match(text) and not _STOP_INSIDE.search(text[:-1].rstrip(");")) else None


def _always(line: str, ended: bool) -> bool:
    return True


def _is_byline(line: str, ended: bool) -> bool:
    """Hold a line for a byline when all its words are capitalised or link names ("By Anna Petrosian in Sochi")."""
    words = TOKEN.findall(line)[1:]
    return len(words) <= 24 and not ended and all(not w[0].islower() or w in NAME_LINKS for w in words)


_PLAUSIBLE: dict[str, Callable[[str, bool], bool]] = {
    "byline": _is_byline,
    "caption": lambda line, ended: len(line) < 250,
    "tags": lambda line, ended: not ended or len(line) < 60,
    "teaser": lambda line, ended: len(line) < 200 and (not ended or ":" in line[:20]),
    "subscribe": lambda line, ended: len(line) < 300,
    "metadata": lambda line, ended: not ended or line.startswith(("Source", "Date")),
}


def _is_date(low: str, ended: bool) -> bool:
    """Hold a line in lower case for a date when date words and, unless it is a sentence, two others stand in it."""
    if not _DIGIT.search(low):
        return False
    tokens = TOKEN.findall(low)
    months = any(MONTH.match(token) for token in tokens)
    clock = _CLOCK.search(low) is not None
    if len(tokens) > 16 or not (months or clock or (len(tokens) == 1 and len(tokens[0]) == 4)):
        return False
    others = sum(not (t[0].isdigit() or t in DATE_WORDS or MONTH.match(t)) for t in tokens)
    return others <= (2 if months and not ended and _YEAR.search(low) else 0)


def _is_trail(text: str) -> bool:
    """Hold short words between separators for navigation: "Home > World > Lake", "Print | Close"."""
    cells = _TRAIL.split(text)
    return (
        len(cells) >= 2 and text[0] != "|" and not _DIGIT.search(text) and all(len(cell.split()) <= 4 for cell in cells)
    )


def _is_table(text: str) -> bool:
    cells = [cell for cell in _CELLS.split(text.strip(" |")) if cell]
    return len(cells) >= 3 and sum(len(cell.split()) <= 4 for cell in cells) * 3 >= len(cells) * 2


def is_title_case(text: str) -> bool:
    """Say whether a line that ends like a sentence is yet written as a title: "What Will the New Mayor Do?"."""
    if len(text) > LINE or text.isupper():
        return False
    words = [word for word in TOKEN.findall(text) if word.lower() not in SMALL_WORDS]
    enough = 5 if text.endswith(".") else 4
    return len(words) >= enough and not _INNER_END.search(text) and all(w[0].isupper() or w[0].isdigit() for w in words)


def _same(text: str, title: str) -> bool:
    return TOKEN.findall(text.casefold()) == TOKEN.findall(title.casefold()) != []


def word_count(text: str) -> int:
    """Return the number of words; where a script writes no spaces, half the number of characters."""
    words = len(text.split(None, 200))
    return max(words, len(text) // 2) if words < 40 and _UNSPACED.search(text) else words
