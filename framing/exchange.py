"""The labelled-text files of annotation tools: their codes to flat rows, and labels to their tasks."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TextIO

from framing.doccano import LABEL_KEYS, read_doccano, write_doccano
from framing.errors import LabelsError, UsageError, place
from framing.labelrows import LabelRow
from framing.labels import Labels
from framing.labelstudio import read_labelstudio, write_labelstudio
from framing.prodigy import read_prodigy, write_prodigy
from framing.rows import BadRow, parse_json, read_rows
from framing.taskrows import (
    Context,
    Record,
    as_list,
    as_object,
    is_code,
)
from framing.wording import counted

FORMS = ("labelstudio", "doccano", "prodigy")
_BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What reading damaged zip data raises, and zip data with a password (RuntimeError)."""
_START = 1 << 22
"""How many bytes of a file are looked at to tell its form."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a tool's file says: a row for each code, and for each unit that nobody coded yet.

    The values of a row are those of the flat form (the fields of `Unit` and `Code`, and `coder`), None where the file
    says nothing; the label is None where there is no code yet, and also in a skip, which has `skip` true.
    """

    rows: tuple[LabelRow, ...]
    messages: tuple[str, ...]
    """What the user must be told about the reading, one line each."""


def sniff(path: Path) -> str | None:
    """Return which of `FORMS` a file has, by the first megabytes of it; None for any other, also for flat labels.

    Raises LabelsError where it cannot be read.
    """
    if path.suffix.lower() in (".csv", ".tsv"):
        return None
    try:
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as packed:
                for name in _members(packed):
                    with packed.open(name) as file:
                        if form := _form_of(_first_record(file.read(_START))):
                            return form
            return None
        with path.open("rb") as file:
            return _form_of(_first_record(file.read(_START)))
    except _BAD_ZIP:
        return None
    except OSError as error:
        raise LabelsError(f"{path}: cannot be read: {error.strerror or error}") from error


def read_exchange(path: Path, form: str, coder: str | None = None) -> Exchange:
    """Read a file of one of `FORMS`; `coder` names the coder of codes whose file names none.

    A doccano row that names no coder is of the user whose file it is in the zip, else of `coder`, else of the user
    after whom the file is named (`all` is nobody). Labels are not checked against a codebook here. Raises LabelsError,
    one line, at the first bad record, UsageError for another form.
    """
    if form not in FORMS:
        raise UsageError(f"no form {form!r}; choose one of {', '.join(FORMS)}")
    notes = Counter[tuple[str, str]]()
    rows: list[LabelRow] = []
    for origin, data, member in _files(path):
        name = coder
        if form == "doccano":
            own = _user_of(member or path.name)
            name = (own or coder) if member else (coder or own)
        rows += _READERS[form](_records(data, origin), Context(name, notes))
    if not rows and not notes:
        raise LabelsError(f"{path}: has no rows; export it anew")
    unnamed = sum(row.values["coder"] is None and is_code(row.values) for row in rows)
    if unnamed:
        notes["code", "without the name of a coder"] += unnamed
    return Exchange(tuple(rows), tuple(f"{counted(times, noun)} {rest}" for (noun, rest), times in notes.items()))


def write_exchange(labels: Labels, form: str, file: TextIO) -> None:
    """Write all units with all codes in one of `FORMS`; units without codes are tasks to be done.

    Raises UsageError for another form.
    """
    if form not in FORMS:
        raise UsageError(f"no form {form!r}; choose one of {', '.join(FORMS)}")
    _WRITERS[form](labels, file)


def _files(path: Path) -> Iterator[tuple[str, bytes, str | None]]:
    """Yield where each file is, its bytes, and its name where it is one of a zip."""
    try:
        if not zipfile.is_zipfile(path):
            yield str(path), path.read_bytes(), None
            return
        with zipfile.ZipFile(path) as packed:
            for name in _members(packed):
                yield f"{path}/{name}", packed.read(name), name
    except FileNotFoundError as error:
        raise LabelsError(f"{path}: there is no such file") from error
    except _BAD_ZIP as error:
        raise LabelsError(f"{path}: is a damaged or locked zip file; unpack it and give the files in it") from error
    except OSError as error:
        raise LabelsError(f"{path}: cannot be read: {error.strerror or error}") from error


def _members(packed: zipfile.ZipFile) -> list[str]:
    names = (name for name in packed.namelist() if PurePosixPath(name).suffix.lower() in (".jsonl", ".json"))
    return sorted(name for name in names if not name.startswith("__MACOSX/"))


def _user_of(name: str) -> str | None:
    stem = PurePosixPath(name).stem
    return None if stem == "all" else stem


def _records(data: bytes, origin: str) -> list[tuple[Record, str]]:
    """Return the objects of a JSON list or of JSON Lines, each with its place."""
    if data.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
        return _listed(data, origin)
    found: list[tuple[Record, str]] = []
    for row in read_rows(io.BytesIO(data), origin, "jsonl", columns=()):
        if isinstance(row, BadRow):
            raise LabelsError(f"{row.place}: {row.message}")
        found.append((row.values, row.place))
    return found


def _listed(data: bytes, origin: str) -> list[tuple[Record, str]]:
    try:
        values = parse_json(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise LabelsError(f"{origin}: is not UTF-8 (byte {error.start}); save it as UTF-8") from error
    except ValueError as error:
        line = error.__cause__.lineno if isinstance(error.__cause__, json.JSONDecodeError) else None
        raise LabelsError(f"{place(origin, line)}: is not valid JSON: {error}; export it anew") from error
    places = ((f"{origin}: task {number}", value) for number, value in enumerate(as_list(values, origin), 1))
    return [(as_object(value, where), where) for where, value in places]


def _first_record(start: bytes) -> Record | None:
    """Return the first object of a JSON list or of JSON Lines; None where there is none."""
    text = start.decode("utf-8-sig", "replace").lstrip()
    first = text.find("{")
    if first < 0 or text[:first].strip() not in ("", "["):
        return None
    try:
        value, _ = json.JSONDecoder().raw_decode(text, first)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _form_of(record: Record | None) -> str | None:
    if record is None:
        return None
    if isinstance(record.get("data"), dict) or {"annotation_id", "annotator"} <= record.keys():
        return "labelstudio"
    if not any(isinstance(record.get(key), str) for key in ("text", "data")):
        return None
    marks = {"_input_hash", "_task_hash", "_annotator_id", "_session_id"} & record.keys()
    if marks or record.get("answer") in ("accept", "reject", "ignore") or isinstance(record.get("options"), list):
        return "prodigy"
    return "doccano" if any(isinstance(record.get(key), list) for key in LABEL_KEYS) else None


_READERS: dict[str, Callable[[Sequence[tuple[Record, str]], Context], Iterator[LabelRow]]] = {
    "labelstudio": read_labelstudio,
    "doccano": read_doccano,
    "prodigy": read_prodigy,
}
_WRITERS: dict[str, Callable[[Labels, TextIO], None]] = {
    "labelstudio": write_labelstudio,
    "doccano": write_doccano,
    "prodigy": write_prodigy,
}
