"""Which articles were read before, for a corpus of any length.

Only hashes are kept: the last ones in memory, the others in a table on disk (a temporary SQLite database, which goes
with the process), so that memory does not grow with the number of articles.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from framing.errors import FramingError
from framing.records import Failed, Repeated

if TYPE_CHECKING:
    import sqlite3

_RECENT = 50_000
"""Articles in memory; a run of fewer never makes a database."""
_CACHE_KB = 32_000


@dataclass(frozen=True, slots=True)
class Key:
    """The hashes (64 bits) by which an article is known again, and where it was read."""

    text: int
    id: int | None
    """Of the id that was given; None where there was none."""
    shown_id: str
    origin: str


class Seen:
    """The articles that were read. Close it, or use it as a context, where it may grow large."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._ids: dict[int, int] = {}
        self._older: sqlite3.Connection | None = None

    def close(self) -> None:
        """Take the table away."""
        if self._older is not None:
            self._older.close()
            self._older = None

    def check(self, key: Key) -> Failed | Repeated | None:
        """Return None for an article that is new, which is then known; else why it is not taken.

        Raises FramingError where there is no room for the table.
        """
        first = self._origin(key.text)
        if first is not None:
            return Repeated(key.origin, first)
        if key.id is not None:
            other = self._text_of(key.id)
            if other is not None and other != key.text:
                return Failed(
                    key.origin,
                    f"{key.origin}: the id `{key.shown_id}` is that of another text at {self._origin(other)}; "
                    "give every article an id of its own, or none",
                )
            self._ids[key.id] = key.text
        self._texts[key.text] = key.origin
        if len(self._texts) >= _RECENT:
            self._move()
        return None

    def _origin(self, text: int) -> str | None:
        return self._texts.get(text) or self._ask("SELECT origin FROM texts WHERE hash = ?", text)

    def _text_of(self, number: int) -> int | None:
        found = self._ids.get(number)
        if found is None:
            packed = self._ask("SELECT text FROM ids WHERE hash = ?", number)
            found = None if packed is None else int(packed)
        return found

    def _ask(self, question: str, number: int) -> str | None:
        if self._older is None:
            return None
        with _saying():
            row = self._older.execute(question, (_signed(number),)).fetchone()
        return None if row is None else str(row[0])

    def _move(self) -> None:
        """Move what is in memory into the table."""
        import sqlite3

        with _saying():
            if self._older is None:
                self._older = sqlite3.connect("", isolation_level=None)  # "": on disk, without a name
                self._older.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
                self._older.execute("PRAGMA journal_mode = OFF")
                self._older.execute("CREATE TABLE texts (hash INTEGER PRIMARY KEY, origin TEXT)")
                self._older.execute("CREATE TABLE ids (hash INTEGER PRIMARY KEY, text TEXT)")
            self._older.execute("BEGIN")
            texts = sorted((_signed(number), origin) for number, origin in self._texts.items())
            ids = sorted((_signed(number), str(text)) for number, text in self._ids.items())
            self._older.executemany("INSERT INTO texts VALUES (?, ?)", texts)
            self._older.executemany("INSERT OR IGNORE INTO ids VALUES (?, ?)", ids)
            self._older.execute("COMMIT")
        self._texts, self._ids = {}, {}


def _signed(number: int) -> int:
    """Return 64 bits as SQLite holds them."""
    return number - (1 << 63)


@contextmanager
def _saying() -> Iterator[None]:
    import sqlite3

    try:
        yield
    except sqlite3.Error as error:
        raise FramingError(
            f"cannot keep which articles were read ({error}); make room in the folder for temporary files, or name "
            "another one in SQLITE_TMPDIR"
        ) from error
