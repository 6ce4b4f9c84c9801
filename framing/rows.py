"""Rows of labelled data: JSON Lines, CSV and TSV files, and the checked fields of a row.

Every file is UTF-8 (a byte order mark is allowed), also packed with gzip. A bad row is a LabelsError of one line that
names the file and the physical line.
"""

from __future__ import annotations

import contextlib
import csv
import difflib
import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from framing.cells import restore_cell
from framing.codebook import Codebook
from framing.errors import LabelsError, place

_DELIMITERS = {".csv": ",;\t", ".tsv": "\t"}
_JSON_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: JSON values, or the cells of a sheet (all of them text)."""

    values: Mapping[str, object]
    place: str
    sheet: bool

    def optional(self, key: str) -> str | None:
        """Return a text without the spaces around it, None where it is missing or empty; an id may be a number."""
        value = self.values.get(key)
        if value is None:
            return None
        if key in ("id", "article") and isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return self._text(key, value).strip() or None

    def required(self, key: str) -> str:
        """Return a text as `optional` does; raises LabelsError where there is none."""
        value = self.optional(key)
        if value is None:
            raise LabelsError(f"{self.place}: {key} is missing or empty")
        return value

    def prose(self) -> str:
        """Return the text exactly as it stands."""
        value = self.values.get("text")
        text = "" if value is None else self._text("text", value)
        if not text.strip():
            raise LabelsError(f"{self.place}: text is empty; give the paragraph or remove the row")
        return text

    def label(self, key: str, codebook: Codebook | None) -> str | None:
        """Return a label of the codebook, or any where there is no codebook yet; None where it is empty."""
        value = self.optional(key)
        if value is None:
            return None
        label = " ".join(value.split())
        if codebook is not None and label not in codebook.labels:
            raise LabelsError(f"{self.place}: {_unknown_label(key, label, codebook.labels)}")
        return label

    def flag(self, key: str) -> bool | None:
        """Return true, false or None (empty)."""
        value = self.values.get(key)
        if self.sheet and isinstance(value, str):
            value = {"": None, "true": True, "false": False}.get(value.strip().lower(), value)
        if value is not None and not isinstance(value, bool):
            raise LabelsError(f"{self.place}: {key} must be true, false or empty, not {_shown(value)}")
        return value

    def number(self, key: str) -> float | None:
        """Return a number, None where it is empty."""
        given = value = self.values.get(key)
        if self.sheet and isinstance(value, str):
            with contextlib.suppress(ValueError):
                # Spreadsheets of half the world write 0,5.
                value = float(value.replace(",", ".")) if value.strip() else None
        if value is None:
            return None
        # A whole number of JSON may be too large for a float.
        if isinstance(value, bool) or not isinstance(value, int | float) or not -1e9 < value < 1e9:
            raise LabelsError(f"{self.place}: {key} must be a number, not {_shown(given)}")
        return float(value)

    def _text(self, key: str, value: object) -> str:
        if not isinstance(value, str):
            raise LabelsError(f"{self.place}: {key} must be text, not {_shown(value)}")
        if not value.isascii() and any("\ud800" <= character <= "\udfff" for character in value):
            raise LabelsError(f"{self.place}: {key} holds half of a character (a lone surrogate); correct it")
        return value


def read_rows(path: Path, known: frozenset[str]) -> Iterator[Row]:
    """Yield the rows of a file; the columns `known` may stand in a sheet only once. Raises LabelsError."""
    suffixes = [suffix.lower() for suffix in path.suffixes]
    packed = suffixes[-1:] == [".gz"]
    suffix = (suffixes[:-1] if packed else suffixes)[-1:]
    kind = suffix[0] if suffix else ""
    if kind not in _JSON_LINES and kind not in _DELIMITERS:
        raise LabelsError(
            f"{path}: is no labels folder, JSON Lines (.jsonl), CSV or TSV file; convert it to one of these"
        )
    data = read_bytes(path, packed)
    return _json_rows(data, path) if kind in _JSON_LINES else _sheet_rows(data, path, _DELIMITERS[kind], known)


def read_bytes(path: Path, packed: bool = False) -> bytes:
    """Return what a file holds, unpacked where it is `packed` with gzip. Raises LabelsError."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if packed else data
    except FileNotFoundError as error:
        raise LabelsError(f"{path}: there is no such file") from error
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise LabelsError(f"{path}: is a damaged gzip file; make it anew") from error
    except OSError as error:
        raise LabelsError(f"{path}: cannot be read: {error.strerror or error}") from error


def decode(data: bytes, path: Path, line: int = 1) -> str:
    """Decode UTF-8; a byte order mark at the beginning is dropped. `line` is the line that `data` begins at."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) and line == 1:
        raise LabelsError(f"{place(path, 1)}: is UTF-16; save it as UTF-8")
    try:
        return data.decode("utf-8-sig" if line == 1 else "utf-8")
    except UnicodeDecodeError as error:
        line += data.count(b"\n", 0, error.start)
        raise LabelsError(f"{place(path, line)}: is not UTF-8; save the file as UTF-8 (CSV UTF-8)") from error


def _json_rows(data: bytes, path: Path) -> Iterator[Row]:
    for number, line in enumerate(data.split(b"\n"), 1):
        where = place(path, number)
        text = decode(line, path, number)
        if not text.strip():
            continue
        try:
            values = parse_json(text)
        except ValueError as error:
            raise LabelsError(f"{where}: is not valid JSON: {error}; each line must be one object") from error
        if not isinstance(values, dict):
            raise LabelsError(f'{where}: must be an object such as {{"text": "...", "label": "..."}}')
        yield Row(values, where, sheet=False)


def parse_json(text: str) -> object:
    """Parse JSON strictly: no key twice in an object, no NaN or Infinity. Raises ValueError, one line."""
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise ValueError(f"{error.msg} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    values = dict(pairs)
    if len(values) != len(pairs):
        key = next(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)
        raise ValueError(f"the key {_shown(key)} stands twice")
    return values


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no number")


def _sheet_rows(data: bytes, path: Path, delimiters: str, known: frozenset[str]) -> Iterator[Row]:
    text = decode(data, path)
    delimiter = _delimiter(text, path, delimiters)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise LabelsError(f"{place(path, line)}: {error}; is a quotation mark missing or too many?") from error
        if cells is None:
            return
        where, line = place(path, line), reader.line_num + 1
        if not any(cells):
            continue
        if header is None:
            header = [cell.strip().lower() for cell in cells]
            _check_header(header, where, known)
            continue
        if any(cells[len(header) :]):
            raise LabelsError(f"{where}: has {len(cells)} cells, the header has {len(header)}; quote the text")
        yield Row(dict(zip(header, map(restore_cell, cells), strict=False)), where, sheet=True)


def _delimiter(text: str, path: Path, delimiters: str) -> str:
    """Return the delimiter by which the first line has a column `text`."""
    first = next((line for line in io.StringIO(text) if line.strip()), "")
    for delimiter in delimiters:
        if "text" in (cell.strip().strip('"').strip().lower() for cell in first.split(delimiter)):
            return delimiter
    raise LabelsError(
        f"{place(path, 1)}: there is no column text in the header; its first line is {_shown(first.strip())}"
    )


def _check_header(header: Sequence[str], where: str, known: frozenset[str]) -> None:
    for column, times in Counter(header).items():
        if times > 1 and column in known:
            raise LabelsError(f"{where}: the column {column} stands twice; rename one")
    if "label" not in header:
        raise LabelsError(f"{where}: there is no column label; add it (an empty cell means not coded)")


def _unknown_label(key: str, label: str, known: Sequence[str]) -> str:
    folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(label.casefold(), folded, 1)
    hint = f"; did you mean {folded[near[0]]!r}?" if near else ""
    return f"{key} {_shown(label)} is not in the codebook ({', '.join(known)}){hint}"


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if not isinstance(value, str) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
