"""Features as integers: keys made of form numbers, their columns in a model, and cells of rows and columns.

A key holds the block of a feature and the numbers of its one or two forms; a model's keys are sorted, and the place of
a key among them is its column. A cell is a row and a column in one number, so that sorting cells sorts a batch's
features by row and then by column.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.tokens import Ints

WORDS, BEFORE, AFTER, CHARS, TARGET_CHARS, LEXICON, TARGET_LEXICON = range(7)
BLOCKS = 7
SCALED_TOGETHER = np.array([WORDS, BEFORE, BEFORE, CHARS, TARGET_CHARS, LEXICON, TARGET_LEXICON])
"""For each block the one that it is scaled with."""

TARGET_FORM = "\u2039target\u203a"
"""The form that stands for every name of the target; no token can have it."""

_BITS = 24
LARGEST_FORM = (1 << _BITS) - 2
KEY_BITS = 2 * _BITS + 3
"""No key has more bits than this."""

Place = Callable[[Ints], NDArray[Any]]
"""What stands for each key: its column when scoring (-1 if the feature is unknown), the key itself when training."""


def key_of(block: Ints | int, first: Ints, second: Ints | int = -1) -> Ints:
    """Return keys of one block, or of one for each; -1 is no second form."""
    return make_keys(np.asarray(block, np.int64), first, np.asarray(second, np.int64))


def block_of(keys: Ints) -> Ints:
    """Return the block of each key."""
    blocks: Ints = keys >> (2 * _BITS)
    return blocks


def forms_of(keys: Ints) -> tuple[Ints, Ints]:
    """Return the numbers of the first and second form of each key; the second is -1 where there is none."""
    mask = (1 << _BITS) - 1
    return ((keys >> _BITS) & mask) - 1, (keys & mask) - 1


def make_keys(blocks: Ints | np.int64, first: Ints, second: Ints) -> Ints:
    """Return the keys of features: the inverse of `block_of` and `forms_of`."""
    keys: Ints = (blocks << (2 * _BITS)) | ((first + 1) << _BITS) | (second + 1)
    return keys


Columns = NDArray[np.int32]
"""Columns in half the bytes of others: there are many of them, and moving them is what takes the time."""


class Places:
    """The columns of keys, which are sorted: the place of each key among them.

    A few keys are searched for. Once more than FEW have been asked for, a table is made: the slot of a key's hash holds
    a column, whose key is compared. Of keys with one slot the first has it, and the others are searched for too. Safe
    to use from several threads.
    """

    FEW = 50_000

    def __init__(self, keys: Ints) -> None:
        self._keys, self._asked = keys, 0
        self._table: _Slots | None = None

    def __call__(self, keys: Ints) -> Columns:
        """Return the column of each key, -1 for a key that is not known."""
        if len(self._keys) == 0:
            return np.full(len(keys), -1, dtype=np.int32)
        self._asked += len(keys)
        if self._asked <= self.FEW:
            return self._search(keys)
        if self._table is None:
            self._table = _Slots(self._keys)
        return self._table.columns(keys, self._search)

    def _search(self, keys: Ints) -> Columns:
        # Sorted keys are found faster, because what was read for one is still at hand for the next.
        order = np.argsort(keys)
        asked = keys.take(order)
        place = np.minimum(np.searchsorted(self._keys, asked), len(self._keys) - 1)
        columns = np.empty(len(keys), dtype=np.int32)
        columns[order] = np.where(self._keys.take(place) == asked, place, -1)
        return columns


class _Slots:
    """A hash table with one column in each slot, -1 in an empty one, and a mark where several keys have the slot."""

    _MIX = np.uint64(0x9E3779B97F4A7C15)

    def __init__(self, keys: Ints) -> None:
        self._keys = keys
        self._shift = np.uint64(64 - max(len(keys).bit_length() + 2, 4))
        slot = self._slots(keys)
        self._columns = np.full(1 << (64 - int(self._shift)), -1, dtype=np.int32)
        self._columns[slot[::-1]] = np.arange(len(keys), dtype=np.int32)[::-1]
        self._shared = np.zeros(len(self._columns), dtype=np.bool_)
        self._shared[slot[self._columns.take(slot) != np.arange(len(keys))]] = True

    def _slots(self, keys: Ints) -> Ints:
        mixed = keys.view(np.uint64)
        mixed = (mixed ^ (mixed >> np.uint64(29))) * self._MIX
        mixed >>= self._shift
        return mixed.view(np.int64)

    def columns(self, keys: Ints, search: Place) -> Columns:
        """Return the column of each key, -1 for a key that is not known; `search` finds those that share a slot."""
        slot = self._slots(keys)
        columns = self._columns.take(slot)
        other = self._keys.take(columns) != keys  # an empty slot is compared with the last key, and stays -1
        columns[other] = -1
        left = np.flatnonzero(other)
        left = left[self._shared.take(slot[left])]
        if len(left):
            columns[left] = search(keys[left])
        return columns


def make_cells(row: Ints, column: Ints | Columns, rows: int, columns: int) -> NDArray[Any]:
    """Return row and column as one number each, which is in order of row and then column; see `split_cells`."""
    bits = columns.bit_length()
    kind = np.uint32 if bits + rows.bit_length() < 32 else np.int64
    cells: NDArray[Any] = (row << bits).astype(kind)
    cells |= column.astype(kind)
    return cells


def split_cells(cells: NDArray[Any], columns: int) -> tuple[Ints, Ints]:
    """Return the rows and columns of cells."""
    bits = columns.bit_length()
    return (cells >> bits).astype(np.int64), (cells & ((1 << bits) - 1)).astype(np.int64)


def tally(cells: NDArray[Any]) -> tuple[NDArray[Any], Ints]:
    """Return the distinct values, ascending, and how often each comes; `cells` itself is sorted by this."""
    cells.sort()
    new = np.ones(len(cells) + 1, dtype=np.bool_)
    np.not_equal(cells[1:], cells[:-1], out=new[1:-1])
    at = np.flatnonzero(new)
    return cells.take(at[:-1]), at[1:] - at[:-1]


def repeated(cells: NDArray[Any]) -> tuple[NDArray[Any], Ints]:
    """Return the values that come more than once among sorted ones, ascending, and how often each comes."""
    again = np.flatnonzero(cells[1:] == cells[:-1])
    first = np.ones(len(again), dtype=np.bool_)
    np.not_equal(again[1:], again[:-1] + 1, out=first[1:])
    first[1:] |= cells[again[1:]] != cells[again[:-1]]
    begin = np.flatnonzero(first)
    return cells[again[begin]], np.diff(np.append(begin, len(again))) + 1
