"""The folder of a comparison: the page, every figure as SVG and CSV, the methods, all numbers, and how to check them.

index.html         the page
figures/NAME.svg   each figure, and figures/NAME.csv the numbers behind it
methods.md         design, sizes, agreement, estimator with citations, seed, versions
comparison.json    all numbers
manifest.json      the command, what was asked, and the hashes of all that was read and written
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from framing.cells import guard_cell
from framing.comparefigures import Figure, all_figures
from framing.comparemethods import methods_text
from framing.comparepage import comparison_page
from framing.comparison import Comparison
from framing.errors import UsageError
from framing.files import make_folder, write_together
from framing.question import Question
from framing.svg import standalone

MANIFEST, NUMBERS = "manifest.json", "comparison.json"
FORMAT = 1


def folder_contents(found: Comparison) -> dict[str, str]:
    """Return the files of the folder by name, without the manifest."""
    contents = {"index.html": comparison_page(found)}
    for figure in all_figures(found):
        contents[f"figures/{figure.name}.svg"] = standalone(figure.svg)
        contents[f"figures/{figure.name}.csv"] = _table(found, figure)
    contents |= {"methods.md": methods_text(found), NUMBERS: json_text(found.to_dict())}
    return {name: _encodable(text) for name, text in contents.items()}


def json_text(values: object) -> str:
    """Return plain values as JSON, to be read by people as well."""
    return _encodable(json.dumps(values, ensure_ascii=False, indent=1, allow_nan=False) + "\n")


def _encodable(text: str) -> str:
    """Return text that UTF-8 can hold: bytes of a file's name that are none stand as \\udcff, which JSON reads back."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def check_folder(path: Path) -> None:
    """Raise UsageError where a folder holds what is not of an earlier comparison: nothing of it is written over."""
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file; name a folder, or a file that ends in .html, .json or .txt")
    if path.is_dir() and any(path.iterdir()) and _files_before(path) is None:
        raise UsageError(f"{path} holds other files; name a new folder")


def _files_before(path: Path) -> set[str] | None:
    """Return the files that an earlier comparison wrote here, by its manifest; None where there is no such manifest."""
    try:
        values = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    ours = isinstance(values, dict) and isinstance(values.get("question"), dict)  # many programs write a manifest.json
    return set(values["files"]) if ours and isinstance(values.get("files"), dict) else None


def write_folder(found: Comparison, question: Question, path: Path) -> tuple[Path, ...]:
    """Write the folder, all of it or nothing; return what was written. Raises UsageError, FramingError."""
    check_folder(path)
    contents = folder_contents(found)
    contents[MANIFEST] = json_text(_manifest(found, question, contents, path))
    figures = path / "figures"
    make_folder(figures)
    stale = (_files_before(path) or set()) - contents.keys()
    old = [one for one in figures.iterdir() if f"figures/{one.name}" in stale]  # of an earlier comparison
    try:
        write_together({path / name: [text] for name, text in contents.items()}, old)
    except BaseException:
        with suppress(OSError):  # it is not empty where there was a comparison before
            figures.rmdir()  # a folder without a manifest would be refused the next time
        raise
    return tuple(path / name for name in contents)


def _manifest(found: Comparison, question: Question, contents: Mapping[str, str], path: Path) -> dict[str, object]:
    given = [*question.inputs, *(one for one in (question.audit, question.groups, question.sources) if one)]
    if question.model and Path(question.model).exists():
        given.append(question.model)
    return {
        "format": FORMAT,
        "command": found.command,
        "question": asdict(question),
        "inputs": [asdict(one) for one in found.inputs],
        "from_here": {one: os.path.relpath(one, path).replace(os.sep, "/") for one in given},
        "versions": dict(found.versions),
        "files": {name: hashlib.sha256(text.encode("utf-8")).hexdigest()
                  for name, text in contents.items()},
    }  # fmt: skip


def _table(found: Comparison, figure: Figure) -> str:
    """Return a figure's numbers as CSV; where the audit was only assumed to be random, every row says so."""
    if found.audit is None or not found.audit.assumed_random:
        return _csv(figure.columns, figure.rows)
    return _csv([*figure.columns, "audit"], [[*row, "assumed random"] for row in figure.rows])


def _csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return CSV in which nothing from outside can run as a formula."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return "\ufeff" + text.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return guard_cell(value) if isinstance(value, str) else value
