"""Tokens of a batch of texts, as arrays.

A token is a maximal run of Unicode letters, marks and digits, with single apostrophes or hyphens inside it. Nothing of
a text is changed here: a token is a pair of character offsets. Folding (case, composed characters, curly apostrophes)
happens once for each distinct surface form.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

_SEEN, _WORD, _JOINER, _STOP, _HARD_STOP, _SPACE, _NEWLINE, _LOWER, _CLAUSE, _FIRM = (1 << bit for bit in range(10))

JOINERS = frozenset("'\u2019\u2018\u02bc\uff07-\u2010\u2011")
APOSTROPHES = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\uff07", "'") | dict.fromkeys("\u2010\u2011", "-"))
# Sentence ends that a space follows (Latin, Armenian, Arabic, Devanagari ...), and those that need none (CJK).
_STOPS = frozenset(".!?\u2026\u0589\u061f\u06d4\u0964\u0965\u203c\u203d\u2047\u2048\u2049")
_HARD_STOPS = frozenset("\u3002\uff0e\uff01\uff1f\uff61")
# Marks between clauses, of the same scripts: some only with white space beside them, because they stand in numbers,
# times and compounds too (2,000; 10:30; Armenia–Azerbaijan), the others always.
_LOOSE_MARKS = frozenset(",:-\u2010\u2012\u2013")
_FIRM_MARKS = frozenset(";()[]\u2014\u055d\u060c\u061b\u3001\uff0c\uff1a\uff1b\uff08\uff09")
# Words before a full stop that does not end the sentence; single letters ("U.S.", "J. Smith") are known by length.
ABBREVIATIONS = frozenset(
    ("mr", "mrs", "ms", "dr", "prof", "gen", "col", "lt", "sgt", "capt", "maj", "gov", "sen", "rep", "rev", "hon", "st",
     "no", "nos", "vs", "cf", "eg", "ie", "al", "fig", "vol", "pp", "art", "inc", "ltd", "co", "approx", "dept",
     "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec")
)  # fmt: skip
LONGEST_FORM = 64
"""Characters of a token that its form keeps: a run of letters longer than any word must not cost more than a word."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """The n tokens of a batch, in order of text and position.

    `row` is the number of the text, `start` and `end` are character offsets in that text, `form` indexes `forms`, the
    distinct folded forms of the batch, and `sentence` numbers sentences through the batch (no two texts share one), as
    `clause` does the stretches of sentences between commas, colons, brackets and dashes.
    """

    row: Ints
    start: Ints
    end: Ints
    form: Ints
    sentence: Ints
    clause: Ints
    forms: list[str]
    rows: int


def fold(surface: str) -> str:
    """Return the folded form of a token: lower case, composed (NFC), apostrophes and hyphens made straight."""
    return unicodedata.normalize("NFC", surface[:LONGEST_FORM].translate(APOSTROPHES).lower())


def tokenize(texts: Sequence[str]) -> Tokens:
    """Find the tokens and sentences of `texts`."""
    # "\0" is of no class, so that nothing reaches from one text into the next.
    joined = "\0".join(texts)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    classes = _classes(points)
    start, end = _bounds(classes)
    sizes = np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts))
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    row = np.searchsorted(offsets, start, side="right") - 1
    numbers: dict[str, int] = {}
    surface = np.fromiter(
        (numbers.setdefault(joined[a:b], len(numbers)) for a, b in zip(start.tolist(), end.tolist(), strict=True)),
        dtype=np.int64,
        count=len(start),
    )
    folded: dict[str, int] = {}
    to_folded = np.fromiter(
        (folded.setdefault(fold(text), len(folded)) for text in numbers), dtype=np.int64, count=len(numbers)
    )
    form = to_folded[surface] if len(surface) else surface
    forms = list(folded)
    sentence = _sentences(points, classes, start, end, row, form, forms)
    clause = _clauses(classes, start, end, sentence)
    return Tokens(row, start - offsets[row], end - offsets[row], form, sentence, clause, forms, len(texts))


def _bounds(classes: NDArray[np.uint16]) -> tuple[Ints, Ints]:
    """Return the start and end offsets of all tokens."""
    inside = (classes & _WORD) != 0
    if len(inside) > 2:
        joined = ((classes[1:-1] & _JOINER) != 0) & inside[:-2] & inside[2:]
        inside[1:-1] |= joined
    edges = np.diff(np.concatenate(([False], inside, [False])).astype(np.int8))
    return np.flatnonzero(edges == 1).astype(np.int64), np.flatnonzero(edges == -1).astype(np.int64)


def _sentences(
    points: NDArray[np.uint32],
    classes: NDArray[np.uint16],
    start: Ints,
    end: Ints,
    row: Ints,
    form: Ints,
    forms: list[str],
) -> Ints:
    """Number the sentences: one ends at a stop and white space, at a blank line, or where the text ends."""
    if len(start) == 0:
        return np.zeros(0, np.int64)
    gap_start, gap_end = end[:-1], start[1:]
    stops = _counts(classes, _STOP, gap_start, gap_end)
    spaces = _counts(classes, _SPACE, gap_start, gap_end)
    ends = (stops > 0) & (spaces > 0) & ((classes[gap_end] & _LOWER) == 0)
    short = np.fromiter((len(text) == 1 or text in ABBREVIATIONS for text in forms), dtype=np.bool_, count=len(forms))
    # "J. Smith", "Gen. Smith": one full stop right behind a short form; another mark, or more than one, does end it.
    abbreviated = short[form[:-1]] & (gap_end - gap_start == 2) & (points[gap_start] == ord("."))
    ends &= ~abbreviated
    ends |= _counts(classes, _HARD_STOP, gap_start, gap_end) > 0
    ends |= _counts(classes, _NEWLINE, gap_start, gap_end) > 1
    ends |= row[1:] != row[:-1]
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(ends)))


def _clauses(classes: NDArray[np.uint16], start: Ints, end: Ints, sentence: Ints) -> Ints:
    """Number the clauses: one ends at a mark between clauses, and where its sentence ends."""
    if len(start) == 0:
        return np.zeros(0, np.int64)
    gaps = end[:-1], start[1:]
    loose = (_counts(classes, _CLAUSE, *gaps) > 0) & (_counts(classes, _SPACE, *gaps) > 0)
    ends = loose | (_counts(classes, _FIRM, *gaps) > 0) | (sentence[1:] != sentence[:-1])
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(ends)))


def _counts(classes: NDArray[np.uint16], kind: int, start: Ints, end: Ints) -> Ints:
    """Count the characters of a class in each stretch."""
    total = np.concatenate((np.zeros(1, np.int64), np.cumsum((classes & kind) != 0)))
    counts: Ints = total[end] - total[start]
    return counts


_table = np.zeros(0x110000, dtype=np.uint16)


def _classes(points: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Return the class bits of each code point; a code point is classified when it is first met."""
    classes = _table[points]
    new = np.unique(points[classes == 0])
    if len(new):
        _table[new] = [_class_of(chr(point)) for point in new.tolist()]
        classes = _table[points]
    return classes


def _class_of(char: str) -> int:
    category = unicodedata.category(char)
    bits = _SEEN
    if category[0] in "LM" or category == "Nd":
        bits |= _WORD
    if char in JOINERS:
        bits |= _JOINER
    if char in _STOPS:
        bits |= _STOP
    if char in _HARD_STOPS:
        bits |= _HARD_STOP
    if char.isspace():
        bits |= _SPACE
    if char in "\n\u2028\u2029":
        bits |= _NEWLINE
    if char.islower():
        bits |= _LOWER
    if char in _LOOSE_MARKS:
        bits |= _CLAUSE
    if char in _FIRM_MARKS:
        bits |= _FIRM
    return bits
