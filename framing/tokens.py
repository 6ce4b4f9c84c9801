"""Tokens of a batch of texts, as arrays.

A token is a maximal run of Unicode letters, marks and digits, with single apostrophes or hyphens inside it. Nothing of
a text is changed here: a token is a pair of character offsets. Folding (case, composed characters, curly apostrophes)
happens once for each distinct surface form.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Classes = NDArray[np.uint16]

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


@lru_cache(maxsize=1 << 16)
def fold(surface: str) -> str:
    """Return the folded form of a token: lower case, composed (NFC), apostrophes and hyphens made straight."""
    return unicodedata.normalize("NFC", surface[:LONGEST_FORM].translate(APOSTROPHES).lower())


def tokenize(texts: Sequence[str]) -> Tokens:
    """Find the tokens and sentences of `texts`."""
    # "\0" is of no class, so that nothing reaches from one text into the next.
    joined = "\0".join(texts)
    points = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    classes = _classes(points)
    inside = _inside(classes)
    start, end = _bounds(inside)
    sizes = np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts))
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    row = np.repeat(np.arange(len(texts)), np.diff(np.searchsorted(start, offsets)))
    surface, firsts = _surfaces(points, inside, start, end)
    # What is behind LONGEST_FORM characters is no part of a form, and so it need not be copied either.
    ends = np.minimum(end[firsts], start[firsts] + LONGEST_FORM)
    folded = list(map(fold, map(joined.__getitem__, map(slice, start[firsts].tolist(), ends.tolist()))))
    forms = list(dict.fromkeys(folded))
    numbers = dict(zip(forms, range(len(forms)), strict=True))
    to_folded = np.fromiter(map(numbers.__getitem__, folded), dtype=np.int64, count=len(folded))
    form = to_folded[surface] if len(surface) else surface
    gaps = _Gaps(classes, inside, start, end)
    sentence = _sentences(points, classes, gaps, row, form, forms)
    clause = _clauses(gaps, sentence)
    origin = offsets[row]
    return Tokens(row, start - origin, end - origin, form, sentence, clause, forms, len(texts))


def _inside(classes: Classes) -> Bools:
    """Say of each character whether it is part of a token."""
    inside: Bools = (classes & _WORD) != 0
    if len(inside) > 2:
        joiner = np.flatnonzero(classes[1:-1] & _JOINER) + 1
        # Whether the neighbours are word characters is read before any joiner is counted as one.
        inside[joiner[inside[joiner - 1] & inside[joiner + 1]]] = True
    return inside


def _bounds(inside: Bools) -> tuple[Ints, Ints]:
    """Return the start and end offsets of all tokens."""
    padded = np.concatenate(([False], inside, [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return edges[::2].copy(), edges[1::2].copy()


_ROUNDS = 6
_ODD = np.uint64(0x9E3779B97F4A7C15)
_Words = NDArray[np.uint64]


def _surfaces(points: NDArray[np.uint32], inside: Bools, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Number the distinct surface forms by where they first stand: each token's number, and the first token of each.

    Tokens are compared as 64-bit words of their characters. A hash only proposes with which token each is compared, so
    that a collision costs another round and changes nothing; what is left after some rounds is told apart by a dict.
    """
    count = len(start)
    if count == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    packed, per = _pack(points, inside)
    size = np.minimum(end - start, LONGEST_FORM)
    masks = np.array([(1 << (64 // per * letters)) - 1 for letters in range(per + 1)], dtype=np.uint64)
    words: list[tuple[Ints | None, _Words]] = [(None, packed[start] & masks[np.minimum(size, per)])]
    hashes = words[0][1] * _ODD
    longer = np.flatnonzero(size > per)
    begin = per
    while len(longer):
        word = packed[start[longer] + begin] & masks[np.minimum(size[longer] - begin, per)]
        words.append((longer, word))
        mixed = hashes[longer]
        hashes[longer] = ((mixed ^ (mixed >> np.uint64(29))) + word) * _ODD
        begin += per
        longer = longer[size[longer] > begin]
    hashes ^= size.astype(np.uint64)
    same = _first_equal(hashes, words, size)
    firsts = np.flatnonzero(same == np.arange(count))
    numbers = np.zeros(count, np.int64)
    numbers[firsts] = np.arange(len(firsts))
    return numbers[same], firsts


def _pack(points: NDArray[np.uint32], inside: Bools) -> tuple[_Words, int]:
    """Return for each place the next characters as one 64-bit word, and how many these are."""
    highest = int((points * inside).max())
    bits = 8 if highest < 1 << 8 else 16 if highest < 1 << 16 else 32
    packed = np.zeros(len(points) + LONGEST_FORM, dtype=np.uint64)
    packed[: len(points)] = points
    per, step = 1, bits
    while step < 64:
        # Characters outside of tokens may be wider than `bits`: what they spill over is masked off.
        packed[:-per] |= packed[per:] << np.uint64(step)
        per, step = 2 * per, 2 * step
    return packed, 64 // bits


def _first_equal(hashes: _Words, words: list[tuple[Ints | None, _Words]], size: Ints) -> Ints:
    """Return for each token the first token that is the same."""
    count = len(hashes)
    bits = max(int(count).bit_length() + 1, 8)
    place = np.zeros(1 << bits, dtype=np.int64)
    same = np.full(count, -1, dtype=np.int64)
    left = np.arange(count)
    whole = [words[0][1]]
    for of, word in words[1:]:
        full = np.zeros(count, dtype=np.uint64)
        full[of] = word
        whole.append(full)
    for _ in range(_ROUNDS):
        hashes = (hashes ^ (hashes >> np.uint64(31))) * _ODD
        slot = (hashes[left] >> np.uint64(64 - bits)).astype(np.int64)
        place[slot[::-1]] = left[::-1]  # of several the last that is written stays: the first token
        proposed = place[slot]
        equal = size[left] == size[proposed]
        for word in whole:
            equal &= word[left] == word[proposed]
        same[left[equal]] = proposed[equal]
        left = left[~equal]
        if len(left) == 0:
            return same
    known: dict[tuple[int, ...], int] = {}
    rows = zip(left.tolist(), size[left].tolist(), *(word[left].tolist() for word in whole), strict=True)
    for token, *key in rows:
        same[token] = known.setdefault(tuple(key), token)
    return same


class _Gaps:
    """What stands between each token and the next: the characters outside of tokens only."""

    def __init__(self, classes: Classes, inside: Bools, start: Ints, end: Ints) -> None:
        self.start, self.end = end[:-1], start[1:]
        self.count = max(len(start) - 1, 0)
        outside = np.flatnonzero(~inside[start[0] : end[-1]]) + start[0] if self.count else np.zeros(0, np.int64)
        self._classes = classes[outside]
        self._edges = np.concatenate((np.zeros(1, np.int64), np.cumsum(self.end - self.start)))

    def counts(self, kind: int) -> Ints:
        """Count the characters of a class in each gap."""
        at = np.flatnonzero(self._classes & kind)
        return np.bincount(np.searchsorted(self._edges, at, side="right") - 1, minlength=self.count).astype(np.int64)

    def spaces(self, gaps: Ints) -> Ints:
        """Count the white space in some gaps."""
        total = np.concatenate((np.zeros(1, np.int64), np.cumsum((self._classes & _SPACE) != 0)))
        spaces: Ints = total[self._edges[gaps + 1]] - total[self._edges[gaps]]
        return spaces


def _sentences(
    points: NDArray[np.uint32], classes: Classes, gaps: _Gaps, row: Ints, form: Ints, forms: list[str]
) -> Ints:
    """Number the sentences: one ends at a stop and white space, at a blank line, or where the text ends."""
    if len(form) == 0:
        return np.zeros(0, np.int64)
    ends = gaps.counts(_HARD_STOP) > 0
    ends |= gaps.counts(_NEWLINE) > 1
    ends |= row[1:] != row[:-1]
    at = np.flatnonzero(gaps.counts(_STOP) > 0)
    at = at[(gaps.spaces(at) > 0) & ((classes[gaps.end[at]] & _LOWER) == 0)]
    # "J. Smith", "Gen. Smith": one full stop right behind a short form; another mark, or more than one, does end it.
    doubtful = (gaps.end[at] - gaps.start[at] == 2) & (points[gaps.start[at]] == ord("."))
    doubtful[doubtful] = [
        len(forms[number]) == 1 or forms[number] in ABBREVIATIONS for number in form[at[doubtful]].tolist()
    ]
    ends[at[~doubtful]] = True
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(ends)))


def _clauses(gaps: _Gaps, sentence: Ints) -> Ints:
    """Number the clauses: one ends at a mark between clauses, and where its sentence ends."""
    if len(sentence) == 0:
        return np.zeros(0, np.int64)
    loose = (gaps.counts(_CLAUSE) > 0) & (gaps.counts(_SPACE) > 0)
    ends = loose | (gaps.counts(_FIRM) > 0) | (sentence[1:] != sentence[:-1])
    return np.concatenate((np.zeros(1, np.int64), np.cumsum(ends)))


_table = np.zeros(0x110000, dtype=np.uint16)


def _classes(points: NDArray[np.uint32]) -> Classes:
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
