"""The word forms of a model as they stand in its file: sorted, in one UTF-8 buffer, and found there without unpacking.

Scoring one article asks for some thousand forms, a corpus for far more. So the first ones are searched for by their
first eight bytes, as numbers, and only when many have been asked for is a dictionary made.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from framing.tokens import Ints

_HEAD = 8
FEW = 30_000
"""How many forms are searched for before the dictionary is made."""


class PackedForms(Sequence[str]):
    """Distinct forms in ascending order, and the number of each: its place among them.

    Raises ValueError where the offsets do not fit the buffer, or the forms are not ascending or not UTF-8 (in which
    single surrogates are let pass).
    """

    def __init__(self, buffer: NDArray[Any], offsets: NDArray[Any]) -> None:
        if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(buffer) or (np.diff(offsets) < 0).any():
            raise ValueError("offsets do not fit the buffer")
        self._bytes = buffer.tobytes()
        self._bytes.decode("utf-8", "surrogatepass")
        inner = offsets[1:-1][offsets[1:-1] < len(buffer)]
        if (buffer[inner] & 0xC0 == 0x80).any():
            raise ValueError("offsets stand inside of characters")
        self._offsets, self._asked = offsets, 0
        self._heads = _heads(self._bytes, offsets)
        self._numbers: dict[str, int] | None = None
        rising = self._heads[:-1] < self._heads[1:]
        # UTF-8 is in the order of its characters.
        if not all(self._at(number) < self._at(number + 1) for number in np.flatnonzero(~rising).tolist()):
            raise ValueError("the keys or forms are not in order")

    def _at(self, number: int) -> bytes:
        return self._bytes[self._offsets[number] : self._offsets[number + 1]]

    def __len__(self) -> int:
        return len(self._offsets) - 1

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if isinstance(index, slice):
            return tuple(self[number] for number in range(*index.indices(len(self))))
        return self._at(range(len(self))[index]).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        for first, last in pairwise(self._offsets.tolist()):
            yield self._bytes[first:last].decode("utf-8", "surrogatepass")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __reduce__(self) -> tuple[type[PackedForms], tuple[NDArray[Any], NDArray[Any]]]:
        return PackedForms, (np.frombuffer(self._bytes, dtype=np.uint8), self._offsets)

    def numbers(self, forms: Sequence[str]) -> Ints:
        """Return the number of each form, -1 for one that is not among these."""
        self._asked += len(forms)
        if self._numbers is None and self._asked > FEW:
            self._numbers = dict(zip(self, range(len(self)), strict=True))
        if self._numbers is not None:
            return np.array([self._numbers.get(form, -1) for form in forms], dtype=np.int64)
        return self._search(forms)

    def _search(self, forms: Sequence[str]) -> Ints:
        encoded = [form.encode("utf-8", "surrogatepass") for form in forms]
        heads = np.array(encoded, dtype=f"S{_HEAD}").view(">u8").astype(np.uint64)
        order = np.argsort(heads)
        asked = heads[order]
        begin, end = (np.searchsorted(self._heads, asked, side) for side in ("left", "right"))
        found = np.full(len(forms), -1, dtype=np.int64)
        # Among those that begin with the same bytes it is looked for by all of them.
        some = np.flatnonzero(begin < end)
        for query, first, last in zip(order[some].tolist(), begin[some].tolist(), end[some].tolist(), strict=True):
            number = first + bisect_left(range(first, last), encoded[query], key=self._at)
            if number < last and self._at(number) == encoded[query]:
                found[query] = number
        return found


def _heads(buffer: bytes, offsets: NDArray[Any]) -> NDArray[np.uint64]:
    """Return the first bytes of each form as one number, with zeros behind a shorter one."""
    windows = np.ndarray(len(buffer) + 1, f"V{_HEAD}", buffer + bytes(_HEAD), 0, (1,))
    heads = windows[offsets[:-1]].view(">u8").astype(np.uint64)
    missing = np.maximum(_HEAD - np.diff(offsets), 0).astype(np.uint64) * np.uint64(8)
    # A shift by all 64 bits is not defined, so that it is made in two steps.
    half = missing // np.uint64(2)
    other = missing - half
    kept: NDArray[np.uint64] = heads >> half >> other << half << other
    return kept
