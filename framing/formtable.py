"""What the features of each word form are, found once and kept: stems, characters, and what they are worth.

A text is many tokens of few forms. What depends on the form alone is looked up form by form, and a token costs no more
than a copy of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise, repeat
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.features import Batch, FeatureSettings, Floats, Part, stem_all
from framing.lexicon import MOST_KEPT_FORMS, Lexicon
from framing.places import (
    AFTER,
    BEFORE,
    CHARS,
    LEXICON,
    TARGET_CHARS,
    TARGET_FORM,
    TARGET_LEXICON,
    WORDS,
    Place,
    key_of,
    make_cells,
)
from framing.tokens import Bools, Ints

FormNumbers = Callable[[Sequence[str]], Ints]
"""The number of each of some forms, -1 if unknown: from a fixed table when scoring, a growing one when training."""

_UNIT = 4
"""Places of a form that are copied at once; its last ones are filled up with -1."""


@dataclass(frozen=True, slots=True)
class _Units:
    """For each form its places in units: `units[begin : begin + size]`.

    Form n has those of CHARS as number 2n, and as number 2n + 1, for where the target is near, those of both blocks.
    """

    begin: Ints
    size: Ints
    units: NDArray[Any]

    def cells(self, number: Ints, edges: Ints, base: NDArray[Any]) -> NDArray[Any]:
        """Return each place of some tokens with the base of its row, and among them some numbers that are all ones.

        `edges` says where the tokens of each row begin and, at last, end.
        """
        size = self.size.take(number)
        to = np.cumsum(size)
        at = np.repeat(self.begin.take(number) - (to - size), size)
        at += np.arange(len(at))
        cells = self.units.take(at, axis=0).ravel().astype(base.dtype, copy=False)
        # All places of a row are one stretch, so that its base is repeated once for all of them.
        cells |= np.repeat(base, np.diff(np.concatenate(([0], to)).take(edges)) * _UNIT)
        return cells

    def plus(self, far: NDArray[Any], near: NDArray[Any], form: Ints, forms: int) -> _Units:
        """Return this with `forms` more forms: two places, or -1, for each of some n-grams, and whose each is."""
        places = np.concatenate((far, far, near))
        number = np.concatenate((2 * form, 2 * form + 1, 2 * form + 1))
        order = np.argsort(number, kind="stable")
        order = order[places.take(order) >= 0]
        many = np.bincount(number.take(order), minlength=2 * forms).astype(np.int64)
        size = -(-many // _UNIT)
        begin = np.cumsum(size) - size
        units = np.full(int(size.sum()) * _UNIT, -1, places.dtype)
        units[np.repeat(begin * _UNIT - (np.cumsum(many) - many), many) + np.arange(len(order))] = places.take(order)
        more = begin + len(self.units), size, units.reshape(-1, _UNIT)
        return _Units(*map(np.concatenate, zip((self.begin, self.size, self.units), more, strict=True)))


@dataclass(frozen=True, slots=True)
class _Spread:
    """For each form its places: `places[begin : begin + size]`."""

    begin: Ints
    size: Ints
    places: NDArray[Any]

    def over(self, token: Ints, form: Ints) -> Part:
        """Return the places of the forms of some tokens."""
        size = self.size.take(form)
        to = np.cumsum(size)
        at = np.repeat(self.begin.take(form) - (to - size), size)
        at += np.arange(len(at))
        return Part(self.places.take(at), token, token, size)

    def plus(self, places: NDArray[Any], form: Ints, forms: int) -> _Spread:
        """Return this with the places of `forms` more forms, of which `form` says whose each is (-1 is no place)."""
        known = places >= 0
        size = np.bincount(form[known], minlength=forms).astype(np.int64)
        begin = np.cumsum(size) - size + len(self.places)
        joined = map(np.concatenate, ((self.begin, begin), (self.size, size), (self.places, places[known])))
        return _Spread(*joined)


_NOTHING = np.zeros(0, np.int64)
_FIRST_COLUMN = np.zeros(1, np.int64)
SOURCES = 5
"""Where a token's features come from by its form alone: as a word in WORDS, BEFORE and AFTER, its characters twice."""
Worth = Callable[[NDArray[Any]], Floats]
"""What each of some places is worth: (W, n), any numbers that a form's places are summed up in."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of n forms; the first stands for every name of the target."""

    stem: Ints
    """The number of each stem, -1 if unknown."""
    single: NDArray[Any]
    """(3, n): the places as a word in the blocks WORDS, BEFORE and AFTER, -1 if there is none."""
    chars: tuple[_Spread, ...]
    """The places of the character n-grams in the blocks CHARS and TARGET_CHARS."""
    units: _Units
    """The places of the character n-grams once more, to be copied fast; of no forms where nothing is scored."""
    worth: Floats
    """(SOURCES, W, n): the sums over the places of each source."""


class FormTable:
    """What the features of each form are: found when a form is first met, and kept for the batches that follow.

    What is kept changes no result, only the time it takes: at most MOST_KEPT_FORMS forms of about 0.6 kB, some 30 MB.
    Safe to use from several threads.
    """

    def __init__(
        self, settings: FeatureSettings, language: str, number: FormNumbers, place: Place, worth: Worth | None = None
    ) -> None:
        self._settings, self._language, self._number, self.place = settings, language, number, place
        self._scores = worth is not None
        self._worth = worth or (lambda places: np.zeros((0, len(places))))
        self._index: dict[str, int] = {}
        self._known = self._none()
        self._lock = Lock()

    def _none(self) -> Known:
        places = self.place(_NOTHING)
        spread = _Spread(_NOTHING, _NOTHING, places)
        units = _Units(_NOTHING, _NOTHING, places.reshape(0, _UNIT))
        worth = np.zeros((SOURCES, len(self._worth(places)), 0))
        return Known(_NOTHING, np.zeros((3, 0), places.dtype), (spread, spread), units, worth)

    def look_up(self, batch: Batch) -> tuple[Known, Ints]:
        """Return what is known of the forms of a batch, and where in it the form of each token stands."""
        forms = batch.tokens.forms
        with self._lock:
            if len(self._index) > MOST_KEPT_FORMS:
                self._index, self._known = {}, self._none()
            if not self._index:
                self._add([TARGET_FORM])
            at = np.fromiter(map(self._index.get, forms, repeat(-1)), np.int64, len(forms))
            new = np.flatnonzero(at < 0)
            if len(new):
                at[new] = np.arange(len(new)) + len(self._index)
                self._add([forms[number] for number in new.tolist()])
            known = self._known
        form = at.take(batch.tokens.form) if len(at) else batch.tokens.form.copy()
        form[batch.named] = 0
        return known, form

    def _add(self, new: list[str]) -> None:
        known, number, forms = self._known, self._number, np.arange(len(new))
        stems = [form if form == TARGET_FORM else stem for form, stem in zip(new, self._stems(new), strict=True)]
        stem = number(stems)
        single = np.stack([self._places(np.where(stem >= 0, key_of(block, stem), -1)) for block in range(3)])
        worth = [self._sums(places, forms, len(new)) for places in single]
        gram, form = self._grams(new)
        chars, found = [], []
        for block, spread in zip((CHARS, TARGET_CHARS), known.chars, strict=True):
            wanted = block == CHARS or self._settings.target
            places = self._places(np.where(gram >= 0 if wanted else False, key_of(block, gram), -1))
            worth.append(self._sums(places, form, len(new)))
            chars.append(spread.plus(places, form, len(new)))
            found.append(places)
        self._known = Known(
            np.concatenate((known.stem, stem)),
            np.concatenate((known.single, single), axis=1),
            tuple(chars),
            known.units.plus(found[0], found[1], form, len(new)) if self._scores else known.units,
            np.concatenate((known.worth, np.stack(worth)), axis=2),
        )
        self._index.update(zip(new, range(len(self._index), len(self._index) + len(new)), strict=True))

    def _stems(self, forms: Sequence[str]) -> list[str]:
        return stem_all(forms, self._language)

    def _sums(self, places: NDArray[Any], form: Ints, forms: int) -> Floats:
        """Return what the places of each form are worth together, (W, forms)."""
        inside = places >= 0
        worth, form = self._worth(places[inside]), form[inside]
        return np.array([np.bincount(form, one, minlength=forms) for one in worth]).reshape(len(worth), forms)

    def _grams(self, forms: Sequence[str]) -> tuple[Ints, Ints]:
        """Return the numbers of the character n-grams of forms, each with its form; "^" and "$" mark a word's ends."""
        if not self._settings.chars:
            return _NOTHING, _NOTHING
        shortest, longest = self._settings.chars
        grams = [
            padded[at : at + size]
            for padded in ("" if form == TARGET_FORM else f"^{form}$" for form in forms)
            for size in range(shortest, longest + 1)
            for at in range(len(padded) - size + 1)
        ]
        letters = np.array([0 if form == TARGET_FORM else len(form) + 2 for form in forms], dtype=np.int64)
        sizes = sum((np.maximum(letters - size + 1, 0) for size in range(shortest, longest + 1)), 0 * letters)
        return self._number(grams), np.repeat(np.arange(len(forms)), sizes)

    def _places(self, keys: Ints) -> NDArray[Any]:
        """Return the places of keys; -1 is no key and has none."""
        inside = keys >= 0
        found = self.place(keys[inside])
        places = np.full(len(keys), -1, found.dtype)
        places[inside] = found
        return places

    def sources(self, batch: Batch) -> tuple[Bools | None, ...]:
        """Say of each of the SOURCES which tokens have its features; None for all tokens."""
        target, chars = self._settings.target, self._settings.chars is not None
        nowhere = np.zeros(len(batch.named), np.bool_)
        before, after = (batch.side == side if target else nowhere for side in (BEFORE, AFTER))
        return None, before, after, None if chars else nowhere, batch.near if chars and target else nowhere

    def parts(self, batch: Batch, lexicon: Lexicon | None, known: Known, form: Ints) -> list[Part]:
        """Return the occurrences of all features that the settings ask for and that have a place."""
        return self.words(batch, lexicon, known, form) + self.chars(batch, known, form)

    def words(self, batch: Batch, lexicon: Lexicon | None, known: Known, form: Ints) -> list[Part]:
        """Return the occurrences of single words (three parts), then of pairs and categories."""
        parts = []
        for source, inside in enumerate(self.sources(batch)[:CHARS]):
            token = np.arange(len(form)) if inside is None else np.flatnonzero(inside)
            parts.append(_kept(known.single[source].take(form if inside is None else form.take(token)), token, token))
        parts += self.pairs(batch, known.stem.take(form))
        return parts + (self._lexicon(batch, lexicon) if lexicon is not None else [])

    def chars(self, batch: Batch, known: Known, form: Ints) -> list[Part]:
        """Return the occurrences of character n-grams."""
        parts = []
        for spread, inside in zip(known.chars, self.sources(batch)[CHARS:], strict=True):
            token = np.arange(len(form)) if inside is None else np.flatnonzero(inside)
            parts.append(spread.over(token, form.take(token)))
        return parts

    def cells_of_chars(
        self, batch: Batch, known: Known, form: Ints, stretch: slice, rows: int, columns: int
    ) -> NDArray[Any]:
        """Return the cells of all character n-grams of a stretch of tokens, ascending; places are columns."""
        row, number = batch.tokens.row[stretch], 2 * form[stretch] + batch.near[stretch]
        every = np.arange(int(row[0]), int(row[-1]) + 2)
        base = make_cells(every[:-1], _FIRST_COLUMN, rows, columns)
        edges = np.searchsorted(row, every)
        cells = known.units.cells(number, edges, base)
        # Rows come in order: some short stretches are sorted sooner than one long one.
        ends = np.cumsum(known.units.size.take(number))
        for begin, end in pairwise((_UNIT * np.concatenate(([0], ends)).take(edges)).tolist()):
            cells[begin:end].sort()
        kept: NDArray[Any] = cells[cells != ~cells.dtype.type(0)]  # what a unit is filled up with is no cell
        return kept

    def pairs(self, batch: Batch, word: Ints) -> list[Part]:
        """Return the pairs of neighbouring words; `word` is the number of each token's stem."""
        known = (word[:-1] >= 0) & (word[1:] >= 0)
        parts = [self._pairs(WORDS, word, known & (batch.tokens.sentence[:-1] == batch.tokens.sentence[1:]))]
        if self._settings.target:
            clause, side = batch.tokens.clause, batch.side[:-1]
            parts.append(self._pairs(side, word, known & (side >= 0) & (clause[:-1] == clause[1:])))
        return parts

    def _pairs(self, block: Ints | int, word: Ints, inside: Bools) -> Part:
        """Return the pairs whose first token is said to be inside, in the block of that token."""
        at = np.flatnonzero(inside)
        blocks = block if isinstance(block, int) else block.take(at)
        return _kept(self.place(key_of(blocks, word.take(at), word.take(at + 1))), at, at + 1)

    def _lexicon(self, batch: Batch, lexicon: Lexicon) -> list[Part]:
        if not self._settings.lexicon:
            return []
        hits = lexicon.find(batch.tokens)
        numbers = self._number([f"\u2039{name}\u203a" for name in lexicon.categories])
        category = numbers[hits.category] if len(hits.category) else hits.category
        parts = []
        for block, inside in ((LEXICON, category >= 0), (TARGET_LEXICON, (category >= 0) & batch.near[hits.first])):
            if block == LEXICON or self._settings.target:
                place = self.place(key_of(block, category[inside]))
                parts.append(_kept(place, hits.first[inside], hits.last[inside]))
        return parts


def _kept(place: NDArray[Any], first: Ints, last: Ints) -> Part:
    """Return the occurrences that have a place."""
    has = place >= 0
    return Part(place[has], first[has], last[has])
