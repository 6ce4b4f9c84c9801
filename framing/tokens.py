"""Tokens of a batch of texts, as arrays.

A token is a maximal run of Unicode letters, marks and digits, with single apostrophes or hyphens inside it. Nothing of
a text is changed here: a token is a pair of character offsets. Folding (case, composed characters, curly apostrophes)
happens once for each distinct surface form.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count, islice
from typing import Any, cast

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


def fold(surface: str) -> str:
    """Return the folded form of a token: lower case, composed (NFC), apostrophes and hyphens made straight."""
    return unicodedata.normalize("NFC", surface[:LONGEST_FORM].translate(APOSTROPHES).lower())


MOST_KEPT = 1 << 16
_folded: dict[str, str] = {}
"""The folded forms of surface forms, kept for the batches that follow, as many as MOST_KEPT: some MB."""


def _fold_all(surfaces: list[str]) -> list[str]:
    """Return the folded form of each surface form."""
    folded = list(map(_folded.get, surfaces))
    if None not in folded:
        return cast(list[str], folded)
    if len(_folded) >= MOST_KEPT:
        _folded.clear()
    made = [fold(surface) if form is None else form for surface, form in zip(surfaces, folded, strict=True)]
    _folded.update(islice(zip(surfaces, made, strict=True), MOST_KEPT))
    return made


def tokenize(texts: Sequence[str]) -> Tokens:
    """Find the tokens and sentences of `texts`."""
    # "\0" is of no class, so that nothing reaches from one text into the next.
    joined = "\0".join(texts)
    units = _units(joined)
    narrow, wide = _narrow(joined, units)
    inside = _inside(_roles(narrow, wide, units))
    start, end = _bounds(inside)
    sizes = np.fromiter((len(text) + 1 for text in texts), dtype=np.int64, count=len(texts))
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes)))
    row = np.repeat(np.arange(len(texts)), np.diff(np.searchsorted(start, offsets)))
    surface, firsts = _surfaces(_letters(narrow, wide, units), start, end)
    # What is behind LONGEST_FORM characters is no part of a form, and so it need not be copied either.
    ends = np.minimum(end[firsts], start[firsts] + LONGEST_FORM)
    surfaces = [joined[at:to] for at, to in zip(start[firsts].tolist(), ends.tolist(), strict=True)]
    numbers: defaultdict[str, int] = defaultdict(count().__next__)  # a form gets the next number when it is first met
    to_folded = np.fromiter(map(numbers.__getitem__, _fold_all(surfaces)), dtype=np.int64, count=len(surfaces))
    forms = list(numbers)
    form = to_folded.take(surface) if len(surface) else surface
    sentence, clause = _sentences_and_clauses(units, start, end, row, form, forms)
    origin = offsets.take(row)
    return Tokens(row, start - origin, end - origin, form, sentence, clause, forms, len(texts))


_Units = NDArray[Any]


def _units(joined: str) -> _Units:
    """Return the code points of a text, in as few bytes each as hold them all: 1, 2 or 4."""
    try:
        return np.frombuffer(joined.encode("latin-1"), dtype=np.uint8)
    except UnicodeEncodeError:
        pairs = joined.encode("utf-16-le", "surrogatepass")
    if len(pairs) == 2 * len(joined):
        return np.frombuffer(pairs, dtype=np.uint16)
    return np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)


def _narrow(joined: str, units: _Units) -> tuple[bytes, Ints]:
    """Return the characters as one byte each, and the places of those few that no byte holds."""
    if units.itemsize == 1:
        return units.tobytes(), np.zeros(0, np.int64)
    return joined.encode("latin-1", "replace"), np.flatnonzero(units > 0xFF)


def _roles(narrow: bytes, wide: Ints, units: _Units) -> NDArray[np.uint8]:
    """Return of each character whether it is of a word (_WORD) or may join two (_JOINER)."""
    # One byte a character is looked up by a table of bytes; the few that no byte holds are looked up one by one.
    roles = np.frombuffer(bytearray(narrow.translate(_narrow_roles())), dtype=np.uint8)
    if len(wide):
        roles[wide] = _classes(units[wide]) & (_WORD | _JOINER)
    return roles


@lru_cache(maxsize=1)
def _narrow_roles() -> bytes:
    return bytes(_class_of(chr(point)) & (_WORD | _JOINER) for point in range(256))


def _inside(roles: NDArray[np.uint8]) -> Bools:
    """Say of each character whether it is part of a token."""
    inside: Bools = (roles & _WORD) != 0
    joiner = np.flatnonzero(roles == _JOINER)
    joiner = joiner[(joiner > 0) & (joiner < len(roles) - 1)]
    # Whether the neighbours are word characters is read before any joiner is counted as one.
    inside[joiner[inside[joiner - 1] & inside[joiner + 1]]] = True
    return inside


def _bounds(inside: Bools) -> tuple[Ints, Ints]:
    """Return the start and end offsets of all tokens."""
    padded = np.concatenate(([False], inside, [False]))
    edges = np.flatnonzero(padded[1:] != padded[:-1])
    return edges[::2].copy(), edges[1::2].copy()


def _letters(narrow: bytes, wide: Ints, units: _Units) -> _Units:
    """Return the characters as one byte each where no more than 255 different ones need a number, else `units`.

    What no byte holds gets a byte that is not used otherwise, so that different characters stay different.
    """
    if units.itemsize == 1:
        return units
    points = units[wide]
    distinct = np.unique(points)
    if len(distinct) > 0xFF:
        return units
    unused = (byte for byte in range(1, 0x100) if byte not in narrow)
    free = np.fromiter(islice(unused, len(distinct)), dtype=np.uint8)
    if len(distinct) > len(free):
        return units
    letters = np.frombuffer(bytearray(narrow), dtype=np.uint8)
    letters[wide] = free[np.searchsorted(distinct, points)]
    return letters


_ROUNDS = 6
_ODD = np.uint64(0x9E3779B97F4A7C15)
_WINDOW = 16
_Words = NDArray[np.uint64]
_Word = tuple[_Words, _Words]
_Small = NDArray[np.int32]


def _surfaces(units: _Units, start: Ints, end: Ints) -> tuple[Ints, Ints]:
    """Number the distinct surface forms by where they first stand: each token's number, and the first token of each.

    Tokens are compared as 64-bit words of their characters, none of which is 0. A hash only proposes with which token
    each is compared, so that a collision costs another round and changes nothing; what is left after some rounds is
    told apart by a dict.
    """
    count, width = len(start), units.itemsize
    if count == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    # A window of bytes can be read at any character, and is read for the beginnings of tokens only.
    padded = units.tobytes() + bytes(width * LONGEST_FORM)
    windows = np.ndarray(len(units) + LONGEST_FORM - _WINDOW, f"V{_WINDOW}", padded, 0, (width,))
    size = np.minimum(end - start, LONGEST_FORM)
    head = _masked(windows, start, size * width)
    hashes = (head[0] * _ODD ^ (head[0] >> np.uint64(29))) + head[1]
    hashes *= _ODD
    step = _WINDOW // width
    begin, longer = step, np.flatnonzero(size > step)
    tails: list[tuple[Ints, _Word]] = []
    while len(longer):
        tail = _masked(windows, start[longer] + begin, (size[longer] - begin) * width)
        tails.append((longer, tail))
        for word in tail:
            hashes[longer] = ((hashes[longer] ^ (hashes[longer] >> np.uint64(29))) + word) * _ODD
        begin += step
        longer = longer[size[longer] > begin]
    same = _first_equal(hashes, head, tails, size)
    firsts = np.flatnonzero(same == np.arange(count))
    numbers = np.zeros(count, np.int64)
    numbers[firsts] = np.arange(len(firsts))
    return numbers.take(same), firsts


# For each number of bytes up to a window's the two words that keep just these.
_MASKS = np.array([[(1 << (8 * min(max(size - at, 0), 8))) - 1 for size in range(_WINDOW + 1)] for at in (0, 8)], "<u8")


def _masked(windows: NDArray[np.void], at: Ints, size: Ints) -> _Word:
    """Return the windows at some places as two words each, with zeros behind the first `size` bytes."""
    words = windows[at].view("<u8").reshape(-1, 2)
    size = np.minimum(size, _WINDOW)
    return words[:, 0] & _MASKS[0].take(size), words[:, 1] & _MASKS[1].take(size)


def _first_equal(hashes: _Words, head: _Word, tails: list[tuple[Ints, _Word]], size: Ints) -> Ints:
    """Return for each token the first token that is the same."""
    count = len(hashes)
    bits = max(int(count).bit_length() + 1, 8)
    place = np.empty(1 << bits, dtype=np.int32)
    same = np.empty(count, dtype=np.int64)
    left = np.arange(count, dtype=np.int32)
    has_tail = np.zeros(count, dtype=np.bool_)
    for of, _ in tails[:1]:
        has_tail[of] = True
    one, two = head
    for _ in range(_ROUNDS):
        hashes = (hashes ^ (hashes >> np.uint64(31))) * _ODD
        slot = (hashes >> np.uint64(64 - bits)).astype(np.int64)
        place[slot[::-1]] = left[::-1]  # of several the last that is written stays: the first token
        proposed = place.take(slot)
        equal = head[0].take(proposed) == one
        equal &= head[1].take(proposed) == two
        if tails:
            asked = np.flatnonzero(equal & has_tail.take(left))
            equal[asked] = _same_tails(tails, size, left[asked], proposed[asked])
        same[left[equal]] = proposed[equal]
        rest = np.flatnonzero(~equal)
        if len(rest) == 0:
            return same
        left, hashes, one, two = left[rest], hashes[rest], one[rest], two[rest]
    known: dict[tuple[object, ...], int] = {}
    words = [dict(zip(of.tolist(), zip(*map(np.ndarray.tolist, tail), strict=True), strict=True)) for of, tail in tails]
    for token, *own in zip(left.tolist(), one.tolist(), two.tolist(), size[left].tolist(), strict=True):
        same[token] = known.setdefault((*own, *(of_each.get(token) for of_each in words)), token)
    return same


def _same_tails(tails: list[tuple[Ints, _Word]], size: Ints, left: _Small, proposed: _Small) -> Bools:
    """Say which pairs of tokens are the same behind their first words too."""
    same: Bools = size[left] == size[proposed]
    for of, tail in tails:
        asked = np.flatnonzero(same & np.isin(left, of))
        mine, theirs = np.searchsorted(of, left[asked]), np.searchsorted(of, proposed[asked])
        same[asked] = (tail[0][mine] == tail[0][theirs]) & (tail[1][mine] == tail[1][theirs])
    return same


def _sentences_and_clauses(
    units: _Units, start: Ints, end: Ints, row: Ints, form: Ints, forms: list[str]
) -> tuple[Ints, Ints]:
    """Number the sentences and clauses.

    A sentence ends at a stop and white space, at a blank line, or where the text ends; a clause at a mark between
    clauses, and where its sentence ends. What stands between two tokens is mostly one space, and then it ends nothing.
    """
    if len(form) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    gap = np.flatnonzero((start[1:] - end[:-1] > 1) | (units[end[:-1]] != ord(" ")))
    first, behind = end[gap], start[gap + 1]
    size = behind - first
    begin = np.cumsum(size) - size
    classes = _classes(units[np.arange(int(size.sum())) + np.repeat(first - begin, size)])
    has = np.bitwise_or.reduceat(classes, begin) if len(gap) else classes
    lines = np.add.reduceat((classes & _NEWLINE) != 0, begin, dtype=np.int64) if len(gap) else begin
    ends = (has & _HARD_STOP > 0) | (lines > 1) | (row[gap + 1] != row[gap])
    at = np.flatnonzero((has & _STOP > 0) & (has & _SPACE > 0))
    at = at[(_classes(units[behind[at]]) & _LOWER) == 0]
    # "J. Smith", "Gen. Smith": one full stop right behind a short form; another mark, or more than one, does end it.
    doubtful = (size[at] == 2) & (units[first[at]] == ord("."))
    doubtful[doubtful] = [
        len(forms[number]) == 1 or forms[number] in ABBREVIATIONS for number in form[gap[at[doubtful]]].tolist()
    ]
    ends[at[~doubtful]] = True
    clause_ends = ends | (has & _FIRM > 0) | ((has & _CLAUSE > 0) & (has & _SPACE > 0))
    return _numbered(gap[ends], len(form)), _numbered(gap[clause_ends], len(form))


def _numbered(last: Ints, count: int) -> Ints:
    """Number stretches of tokens from the last token of each but the last stretch."""
    numbers = np.zeros(count, np.int64)
    numbers[last + 1] = 1
    return np.cumsum(numbers)


_table = np.zeros(0x110000, dtype=np.uint16)


def _classes(points: _Units) -> Classes:
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
