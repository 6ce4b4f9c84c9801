"""Sheets to be filled in by coders, and the filled ones as spreadsheets save them.

A sheet is a CSV in the flat form of hand labels. It is written as UTF-8 with a byte order mark; it may come back with
semicolons or tabs, as UTF-16, or in the Windows or Macintosh encoding of whoever saved it. Which one it is cannot be
told from the bytes alone, but the texts are known: the encoding under which most of them are right is taken.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from framing.errors import LabelsError, UsageError
from framing.export import Columns, write_csv
from framing.files import replacing_text
from framing.labelrows import SHEET_FIELDS, LabelRow
from framing.labels import Unit
from framing.rows import BadRow, Kind, read_rows

_ENCODINGS = (
    "cp1252", "cp1251", "cp1250", "cp1254", "cp1253", "cp1257", "cp1255", "cp1256", "cp1258", "cp874", "cp932",
    "gb18030", "cp949", "cp950", "mac_roman", "mac_cyrillic", "mac_latin2", "mac_turkish", "mac_greek",
    "cp850", "cp866",
)  # fmt: skip
_SEPARATOR_LINE = re.compile(r"\Asep=.(?=\r?\n)")
"""What Excel may write before the header; taken away, so that its line stays and line numbers are right."""
_TRIED = 50
"""How many texts decide about the encoding."""
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}

CODING: Columns = {
    "id": str, "date": str, "title": str, "text": str, "label": str, "secondary": str, "sure": bool, "comment": str,
    "target": str, "article": str, "source": str, "url": str, "inclusion": float, "rank": int, "codebook_version": int,
}  # fmt: skip
"""The columns of a coder's sheet. What could sway the coder (the source) stands at the end."""


def is_sheet(path: Path) -> bool:
    """Say whether an output is a sheet (.csv) or a folder. Raises UsageError for another kind of file."""
    ending = path.suffix.lower()
    if path.name.lower().endswith(".csv.gz") or ending in (
        ".xlsx",
        ".xls",
        ".ods",
        ".tsv",
        ".json",
        ".jsonl",
        ".parquet",
        ".txt",
    ):
        raise UsageError(f"{path}: sheets are written as .csv, which every spreadsheet opens; or name a folder")
    return ending == ".csv"


def check_sheet(path: Path) -> None:
    """Raise UsageError where a sheet must not be written: an earlier one may hold hours of coding."""
    if path.exists():
        raise UsageError(f"{path} is there already, perhaps with codes in it; name another file, or move it away")


def write_sheet(rows: Iterable[Mapping[str, object]], path: Path, columns: Columns = CODING) -> None:
    """Write a sheet to be filled in. Columns that a row lacks are empty cells."""
    with replacing_text(path) as file:
        write_csv(({name: row.get(name) for name in columns} for row in rows), file, columns)


def read_sheet(path: Path, texts: Collection[str]) -> tuple[list[LabelRow], str]:
    """Read a filled sheet; return its rows, and the encoding that it is in.

    `texts` are the paragraphs that it can hold. Raises LabelsError for a file that is no such sheet.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise LabelsError(f"{path}: there is no such file") from error
    except OSError as error:
        raise LabelsError(f"{path}: cannot be read: {error.strerror or error}") from error
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise LabelsError(f"{path}: is a workbook; save the sheet as CSV UTF-8 and import that")
    encoding = _encoding_of(data, texts)
    if encoding is None:
        raise LabelsError(
            f"{path}: is not UTF-8, and the texts, all plain ASCII, do not tell what else; save it as CSV UTF-8"
        )
    text = _SEPARATOR_LINE.sub("", data.decode(encoding).removeprefix("\ufeff"), count=1)
    rows: list[LabelRow] = []
    kind: Kind = "jsonl" if path.suffix.lower() in (".jsonl", ".ndjson") else "csv"
    file = io.BytesIO(text.encode("utf-8", "surrogatepass"))
    for row in read_rows(file, str(path), kind, columns=SHEET_FIELDS, required=("text", "label")):
        if isinstance(row, BadRow):
            raise LabelsError(f"{row.place}: {row.message}")
        rows.append(LabelRow(row.values, row.place, row.sheet))
    if not rows:
        raise LabelsError(f"{path}: holds no rows")
    return rows, encoding


def plain_text(text: str) -> str:
    """Return a text as it is compared: spreadsheets change line ends, and some white space."""
    return " ".join(text.split())


def same_text(text: str, unit: Unit, encoding: str) -> bool:
    """Say whether a sheet's text is the unit's; an encoding that lacks some of its letters leaves a ? for each."""
    as_saved = unit.text.encode(encoding, "replace").decode(encoding)
    return plain_text(text) in (plain_text(unit.text), plain_text(as_saved))


def _encoding_of(data: bytes, texts: Collection[str]) -> str | None:
    """Return the encoding of a sheet; None where nothing tells which of several it is."""
    marked = next((encoding for mark, encoding in _MARKS.items() if data.startswith(mark)), "utf-8")
    if marked == "utf-8" and b"\0" in data[:100]:
        marked = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    if _decodes(data, marked):
        return marked
    known = [text for text in texts if not text.isascii()]
    if not known and not _is_punctuation(data):
        return None
    known = known[:: len(known) // _TRIED + 1]
    candidates = [encoding for encoding in _ENCODINGS if _decodes(data, encoding)]
    right = [_texts_right(data.decode(encoding), encoding, known) for encoding in candidates]
    return candidates[right.index(max(right))]


def _is_punctuation(data: bytes) -> bool:
    """Say whether all bytes beyond ASCII are quotation marks, dashes and dots, which Windows encodings have alike."""
    return not set(data) - {*range(0x80), 0x82, 0x84, 0x85, *range(0x91, 0x98), 0xA0, 0xAB, 0xBB}


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _texts_right(content: str, encoding: str, known: Sequence[str]) -> int:
    """Return how many of the known texts stand in the content."""
    content = plain_text(content.replace('""', '"'))
    expected = (text.encode(encoding, "replace").decode(encoding) for text in known)
    return sum(plain_text(text) in content for text in expected)
