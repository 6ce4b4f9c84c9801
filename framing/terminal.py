"""Text for a terminal: what may be shown, how wide it is, colour, bars and lines. The standard library only."""

from __future__ import annotations

import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TextIO

_HUES = (33, 208, 175, 36, 178, 74, 130, 141)
"""Colours of the 256-colour palette near those of Okabe and Ito: told apart with every kind of colour vision, and
readable on dark and on light ground."""
_EIGHTHS = " ▏▎▍▌▋▊▉"
_SPACES = "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029"
_REVERSERS = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_SHOWN = (
    {ord(character): " " for character in _SPACES}
    | {code: chr(0x2400 + code) for code in range(0x20) if chr(code) not in _SPACES}
    | {0x7F: "\u2421"}
    | {code: "\ufffd" for code in range(0x80, 0xA0) if chr(code) not in _SPACES}
    | {ord(character): "\ufffd" for character in _REVERSERS}
)
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"(?:[^\s]|[\xa0\u2007\u202f])+")
_OPENING = frozenset("([{（［｛〈《「『【〔“‘")
_WIDE = ("W", "F")
_NO_WIDTH = ("Mn", "Me", "Cf")


@dataclass(frozen=True, slots=True)
class Style:
    """ANSI styles; every method gives the text back as it is where `on` is false."""

    on: bool

    def bold(self, text: str) -> str:
        """Return the text in bold."""
        return self._wrapped(text, "1")

    def dim(self, text: str) -> str:
        """Return the text dimmed."""
        return self._wrapped(text, "2")

    def hue(self, text: str, number: int | None, *, mark: bool = False) -> str:
        """Return the text in the `number`-th colour (from 0; None: no colour), with `mark` bold and underlined."""
        codes = ["1", "4"] if mark else []
        if number is not None:
            codes.append(f"38;5;{_HUES[number % len(_HUES)]}")
        return self._wrapped(text, ";".join(codes))

    def _wrapped(self, text: str, codes: str) -> str:
        return f"\x1b[{codes}m{text}\x1b[0m" if self.on and text and codes else text


def style_for(file: TextIO, environ: Mapping[str, str]) -> Style:
    """Return the style for what is written to `file`.

    The first of these that is set decides: NO_COLOR (off), FORCE_COLOR or CLICOLOR_FORCE (on, or off where "0"),
    TERM=dumb (off); else it is on where `file` is a terminal.
    """
    if environ.get("NO_COLOR"):
        return Style(False)
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if environ.get(name):
            return Style(environ[name].lower() not in ("0", "false"))
    return Style(environ.get("TERM") != "dumb" and file.isatty())


def width_for(file: TextIO, piped: int = 120) -> int:
    """Return the columns of the terminal (COLUMNS where it is set), or `piped` where `file` is none; at least 40."""
    columns = shutil.get_terminal_size((piped, 24)).columns if file.isatty() else piped
    return max(columns, 40)


def clean(text: str) -> str:
    """Return the text with nothing in it that a terminal obeys; its length in characters stays the same.

    Line ends and tabs become spaces; other control characters, lone surrogates and marks that turn the writing
    direction around become visible signs, so that a hostile title can neither move the cursor nor hide.
    """
    text = text.translate(_SHOWN)
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def one_line(text: str) -> str:
    """Return the text `clean` and on one line, with single spaces."""
    return " ".join(clean(text).split())


def columns_of(text: str) -> int:
    """Return the columns that clean text takes: 2 for East Asian wide characters, 0 for combining ones."""
    return len(text) if text.isascii() else sum(map(_columns, text))


def _columns(character: str) -> int:
    if character < "\u0300":
        return int(character != "\xad")
    if unicodedata.category(character) in _NO_WIDTH or "\u1160" <= character <= "\u11ff":
        return 0
    return 2 if unicodedata.east_asian_width(character) in _WIDE else 1


def cut(text: str, columns: int) -> str:
    """Return the text on one line in at most `columns` columns; what was cut away shows as an ellipsis."""
    if columns < 1:
        return ""
    text = one_line(text[: 8 * columns + 200])
    if columns_of(text) <= columns:
        return text
    taken = 0
    for at, character in enumerate(text):
        taken += _columns(character)
        if taken > columns - 1:
            return text[:at].rstrip() + "…"
    return text


def fit(text: str, columns: int) -> str:
    """Return the text cut or filled with spaces to exactly `columns` columns."""
    text = cut(text, columns)
    return text + " " * (columns - columns_of(text))


def bar(share: float, columns: int) -> str:
    """Return a bar for a share, 0 to 1, of at most `columns` columns; a share above 0 never shows as nothing."""
    eighths = max(round(share * columns * 8), int(share > 0))
    full, rest = divmod(eighths, 8)
    return "█" * full + (_EIGHTHS[rest] if rest else "")


def lines(text: str, columns: int) -> list[list[tuple[int, int]]]:
    """Break clean text into lines of at most `columns` columns: for each the stretches (start, end) that stand on it.

    Between stretches that do not touch there is one space. A line breaks at white space, beside wide characters, and,
    where nothing else is left, inside a word. `columns` is at least 2.
    """
    found: list[list[tuple[int, int]]] = []
    used = columns
    behind = -1
    for start, end in _pieces(text, columns):
        space = int(start != behind)
        size = columns_of(text[start:end])
        if not found or used + space + size > columns:
            found.append([(start, end)])
            used = size
        elif space:
            found[-1].append((start, end))
            used += 1 + size
        else:
            found[-1][-1] = (found[-1][-1][0], end)
            used += size
        behind = end
    return found


def wrapped(text: str, columns: int) -> list[str]:
    """Return any text made clean and broken into lines of at most `columns` columns."""
    shown = clean(text)
    return [" ".join(shown[start:end] for start, end in line) for line in lines(shown, columns)]


def _pieces(text: str, columns: int) -> Iterator[tuple[int, int]]:
    """Yield the stretches of the text that no line break may part."""
    for word in _WORD.finditer(text):
        start, end = word.span()
        breaks = [start, *_inner_breaks(text, start, end), end]
        for begin, stop in pairwise(breaks):
            yield from _broken(text, begin, stop, columns)


def _inner_breaks(text: str, start: int, end: int) -> Iterator[int]:
    """Yield where a word may be parted: beside a wide letter, never before closing or after opening punctuation."""
    if text[start:end].isascii():
        return
    for at in range(start + 1, end):
        before, after = text[at - 1], text[at]
        wide = _columns(before) == 2 or _columns(after) == 2
        if wide and unicodedata.category(after)[0] not in "PM" and before not in _OPENING:
            yield at


def _broken(text: str, start: int, end: int, columns: int) -> Iterator[tuple[int, int]]:
    """Yield a stretch whole, or in parts of at most `columns` columns where it is wider than a line."""
    taken = 0
    for at in range(start, end) if columns_of(text[start:end]) > columns else ():
        size = _columns(text[at])
        if taken + size > columns:
            yield start, at
            start, taken = at, 0
        taken += size
    yield start, end
