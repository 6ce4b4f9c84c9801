"""Rows of a corpus (JSON Lines, CSV or TSV) to articles, one at a time; a bad row is `Failed`, and the others go on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO

from framing.dates import iso_date
from framing.errors import InputError
from framing.records import Article, Failed
from framing.rows import BadRow, Kind, Row, read_rows, shown

COLUMNS = ("text", "id", "source", "date", "title", "url", "group", "target")
"""What a row says of its article; all but `text` may be absent."""
_LONGEST_FIELD = 200
"""Other columns are kept where they are as short as the name of a group is."""


def read_corpus(file: IO[bytes], origin: str, kind: Kind) -> Iterator[Article | Failed]:
    """Yield the articles of an open corpus. Raises InputError where it holds no rows, and what reading it raises."""
    empty = True
    for row in read_rows(file, origin, kind, columns=COLUMNS):
        empty = False
        yield row_article(row)
    if empty:
        raise InputError("holds no rows; give each article one, with a `text`")


def row_article(row: Row | BadRow) -> Article | Failed:
    """Return the article of a row, or what is wrong with it."""
    try:
        if isinstance(row, BadRow):
            raise InputError(row.message)
        return _article(row.values, row.place)
    except InputError as error:
        return Failed(row.place, f"{row.place}: {error}")


def _article(row: Mapping[str, object], where: str) -> Article:
    """Return the article of a corpus row; raises InputError with what is wrong with it."""
    number = row.get("id")
    if isinstance(number, int) and not isinstance(number, bool):
        row = {**row, "id": str(number)}
    values: dict[str, str] = {}
    for name in COLUMNS:
        value = row.get(name)
        if value is None:
            continue
        if not isinstance(value, str):
            raise InputError(f"`{name}` is {_json_type(value)}, not a string; put it in quotes")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise InputError(f"`{name}` holds half of a character (a lone surrogate); correct it")
        if "\0" in value:
            raise InputError(f"`{name}` holds a NUL character; take it out")
        if value.strip():
            values[name] = value if name == "text" else value.strip()
    if "text" not in values:
        raise InputError("no text in `text`; fill it in or drop the row")
    day = iso_date(values["date"]) if "date" in values else None
    notes: tuple[str, ...] = ()
    if "date" in values and day is None:
        given = shown(values["date"])
        notes = (f"{where}: the date {given} is no date or could be two and was left out; write YYYY-MM-DD",)
    return Article(
        values.get("id", ""), values["text"], title=values.get("title"), source=values.get("source"), date=day,
        url=values.get("url"), group=values.get("group"), target=values.get("target"), origin=where, notes=notes,
        fields=_other_fields(row),
    )  # fmt: skip


def _other_fields(row: Mapping[str, object]) -> dict[str, str]:
    """Return the short values of the other columns, as text: articles can be grouped by them."""
    fields: dict[str, str] = {}
    for name, value in row.items():
        if name in COLUMNS or not isinstance(value, str | int | float) or isinstance(value, bool):
            continue
        text = str(value).strip()
        if 0 < len(text) <= _LONGEST_FIELD and text.isprintable():
            fields[name.lower()] = text
    return fields


def _json_type(value: object) -> str:
    kinds = {bool: "true or false", int: "a number", float: "a number", list: "an array", dict: "an object"}
    return kinds.get(type(value), type(value).__name__)
