"""What can only be read from its start, kept open between one stretch of it and the next.

gzip, and the inside of a Parquet row group, cannot be entered in the middle. A process takes the slices of a run in
their order, so it goes on where its last one ended, and reads such a file once, however many slices it is cut into.
Pieces are always made from the start on and of the same size: data that are damaged end at the same place for all.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

Piece = TypeVar("Piece", bytes, list[dict[str, object]])


class Pieces(Generic[Piece]):
    """Bytes or rows that come in pieces, as one row of them with a position."""

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._pieces: Iterator[Piece] = pieces
        self._rest: Piece | None = None
        self.position = 0
        self.broken = False
        """Whether reading a piece failed: nothing can be read after it."""

    def until(self, end: int | None) -> Iterator[Piece]:
        """Yield what comes before `end` (None: all), cut where it must be. Raises what reading the pieces raises."""
        while end is None or self.position < end:
            try:
                piece = self._rest or next(self._pieces, None)
            except BaseException:
                self.broken = True
                raise
            if piece is None:
                return
            left = len(piece) if end is None else end - self.position
            self._rest = piece[left:]
            self.position += min(left, len(piece))
            yield piece[:left]


_open = threading.local()
"""Of each thread, since a worker of a cluster may have several: the key of what it keeps, its pieces and its maker."""


def pieces_from(key: Hashable, start: int, make: Callable[[], Iterator[Piece]]) -> Pieces[Piece]:
    """Return pieces that stand at `start`: those of the last call, where they have the key and did not pass it."""
    kept: Pieces[Piece] | None = getattr(_open, "pieces", None)
    if kept is None or kept.broken or _open.key != key or kept.position > start:
        forget()
        maker = make()
        kept = Pieces(maker)
        _open.key, _open.pieces, _open.maker = key, kept, maker
    for _ in kept.until(start):
        pass
    return kept


def forget() -> None:
    """Close what this thread keeps open."""
    maker = getattr(_open, "maker", None)
    _open.key = _open.pieces = _open.maker = None
    close = getattr(maker, "close", None)
    if close is not None:
        close()


@contextmanager
def forgetting() -> Iterator[None]:
    """Close at the end what this thread keeps open."""
    try:
        yield
    finally:
        forget()
