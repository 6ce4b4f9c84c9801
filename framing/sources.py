"""Naming the source of an article: a page's registered domain, and a user's table of names and groups.

A table is a CSV file with the columns `pattern`, `name` and, optionally, `group`. A pattern is a registered domain
(`bbc.co.uk`), a shell pattern (`*.rferl.org`, `tass.*`) or a source as the corpus gives it (`Radio Liberty`).
The first row that matches names the source, by its letters or as a pattern; letter case does not matter.
"""

from __future__ import annotations

import csv
import ipaddress
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from framing.errors import InputError, place

_COLUMNS = ("pattern", "name", "group")
_ARCHIVED = re.compile(r"https?://web\.archive\.org/web/\d{4,14}[a-z_]*/(?=https?:/)", re.IGNORECASE)


def original_address(url: str) -> str:
    """Return the address of the page that a Wayback Machine address is a copy of, or `url` itself."""
    return _ARCHIVED.sub("", url, count=1)


def host_of(url: str) -> str | None:
    """Return the host of an http(s) address, in lower case, IDNs in Unicode, without port, user or final dot."""
    try:
        parts = urlsplit(original_address(url.strip()))
        host = (parts.hostname or "").rstrip(".").lower()
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or any(char.isspace() for char in host):
        return None
    if "xn--" in host:
        try:
            return host.encode("ascii").decode("idna")
        except UnicodeError:
            return host
    return host


@lru_cache(maxsize=4096)
def registered_domain(url: str) -> str | None:
    """Return the registered domain of an http(s) address (`www.news.bbc.co.uk` is `bbc.co.uk`), else its host.

    None where `url` is not an http(s) address. Hosts that have no registered domain (`localhost`, IP addresses)
    stand for themselves.
    """
    host = host_of(url)
    if host is None or _is_ip(host):
        return host
    from courlan import extract_domain

    return extract_domain(f"https://{host}/") or host.removeprefix("www.")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Rule:
    given: str
    literal: str
    pattern: re.Pattern[str]
    name: str
    group: str | None

    def matches(self, tried: Iterable[str]) -> bool:
        """Say whether any of the names, in lower case, is the pattern's own letters, or as it says."""
        return any(name == self.literal or self.pattern.match(name) for name in tried)


class SourceNames:
    """A table from patterns to the names and groups of sources; made by `load_sources`, or empty."""

    def __init__(self, rows: Iterable[tuple[str, str, str | None]] = (), *, exact_first: bool = False) -> None:
        """Take rows of pattern, name and group, in the order in which they are tried.

        With `exact_first` a row with the very name of a source goes before all patterns.
        """
        self._rules = tuple(
            _Rule(pattern, pattern.casefold(), re.compile(translate(pattern.casefold())), name, group)
            for pattern, name, group in rows
        )
        self._exact = {rule.literal: rule for rule in reversed(self._rules)} if exact_first else {}

    def name(self, source: str | None, url: str | None) -> tuple[str | None, str | None]:
        """Return the name and group of a source.

        Patterns are tried on the given source, else on the host and the registered domain of `url`. What no pattern
        matches keeps the given source, else the registered domain, and has no group; both None where neither is known.
        """
        tried = _tried(source, url)
        exact = (self._exact[name] for name in tried if name in self._exact)
        for rule in chain(exact, self._rules):
            if rule.matches(tried):
                return rule.name, rule.group
        return source or (registered_domain(url) if url else None), None

    def unmatched(self, sources: Iterable[tuple[str | None, str | None]]) -> list[str]:
        """Return the patterns that match none of the sources, each given with an address as for `name`."""
        tried = {_tried(source, url) for source, url in sources}
        return [rule.given for rule in self._rules if not any(rule.matches(names) for names in tried)]


def _tried(source: str | None, url: str | None) -> tuple[str, ...]:
    """Return what patterns are tried on, in lower case."""
    given = [source] if source else [registered_domain(url), host_of(url)] if url else []
    return tuple(name.casefold() for name in given if name)


def load_sources(path: Path) -> SourceNames:
    """Read a table of sources. Raises InputError, with file and line, for what is not such a table."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return SourceNames(list(_rows(path, csv.reader(file, strict=True))))
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8; save the table of sources as UTF-8 CSV") from error
    except OSError as error:
        raise InputError(f"{path}: cannot read the table of sources: {error.strerror or error}") from error


def _rows(path: Path, reader: Iterator[list[str]]) -> Iterator[tuple[str, str, str | None]]:
    """Yield the checked rows below the header row."""
    header: Sequence[str] | None = None
    for line, cells in _numbered(path, reader):
        if not any(cells):
            continue
        if header is None:
            header = _header(path, line, cells)
            continue
        if len(cells) > len(header):
            raise InputError(
                f"{place(path, line)}: {len(cells)} cells where the header row has {len(header)}; "
                "put quotes around a cell that holds a comma"
            )
        row = dict(zip(header, cells, strict=False))
        for column in ("pattern", "name"):
            if not row.get(column):
                raise InputError(f"{place(path, line)}: the column `{column}` is empty; fill it in or drop the row")
        yield row["pattern"], row["name"], row.get("group") or None
    if header is None:
        raise InputError(f"{path}: no rows; a table of sources has the columns pattern, name and, optionally, group")


def _numbered(path: Path, reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the physical line on which it starts; cells lose their outer white space."""
    line = 1
    try:
        for cells in reader:
            yield line, [cell.strip() for cell in cells]
            line = getattr(reader, "line_num", line) + 1
    except csv.Error as error:
        raise InputError(f"{place(path, line)}: not CSV ({error}); close every quote") from error


def _header(path: Path, line: int, cells: Sequence[str]) -> list[str]:
    names = [cell.lower() for cell in cells]
    wrong = [name for name in names if name not in _COLUMNS]
    if wrong or len(set(names)) < len(names) or not {"pattern", "name"} <= set(names):
        raise InputError(
            f"{place(path, line)}: the header row is `{','.join(cells)}`; "
            "a table of sources has the columns pattern, name and, optionally, group"
        )
    return names
