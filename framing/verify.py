"""Checking a comparison's folder: its inputs are hashed, everything is computed anew, and every difference is named."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from math import isclose
from pathlib import Path
from typing import Any

from framing.compare import ArticlesOf, compare
from framing.comparefolder import FORMAT, MANIFEST, NUMBERS, folder_contents
from framing.comparison import Comparison, InputFile, from_dict
from framing.errors import InputError, UsageError
from framing.inputfiles import hashed
from framing.plain import from_plain
from framing.question import Question
from framing.terminal import one_line

_READ = ("corpus", "audit", "groups", "sources")
_TOLERANCE = 1e-9
"""Relative: what another processor may make of the last digits."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found: how many numbers were compared, what differs, and what else is to be known."""

    numbers: int
    files: int
    differences: tuple[str, ...]
    notes: tuple[str, ...]


def verify_folder(path: Path, articles_of: Callable[[Question], ArticlesOf]) -> Verified:
    """Recompute a comparison's folder. `articles_of` makes a reader of articles for a question.

    Raises InputError where the folder is none, FramingError where nothing can be recomputed.
    """
    manifest = _manifest(path)
    asked, moved = _question(manifest, path)
    question = _from_here(asked, moved)
    listed = manifest["files"]
    differences = list(_changed_inputs(manifest, moved))
    again = compare(question, articles_of(question))
    before = _recorded(path, differences)
    notes = []
    if before is not None:
        if dict(before.versions) != dict(again.versions):
            notes.append(f"made with {_told(before.versions)}; now {_told(again.versions)}")
        again = _as_before(again, before)
    again = replace(again, command=asked.command)  # with the paths as they were given
    if manifest.get("command") != asked.command:
        differences.append(f"{MANIFEST}: the command is not that of the question: {one_line(asked.command)}")
    now = json.loads(json.dumps(again.to_dict()))
    found = list(_unlike(json.loads(json.dumps(before.to_dict())), now, "")) if before is not None else []
    differences += [f"{NUMBERS}: {one}" for one in found]
    contents = folder_contents(again)
    for name, text in contents.items():
        unlike = [] if name == NUMBERS else list(_unlike_file(path / name, text))
        differences += [f"{name}: {one}" for one in unlike]
        told = unlike or (name == NUMBERS and (found or before is None))
        if not told and (path / name).is_file() and hashed("corpus", str(path / name)).sha256 != listed.get(name):
            differences.append(f"{MANIFEST}: the hash of {name} is not that of the file")
    for name in sorted(set(listed) - set(contents) - {MANIFEST}):
        differences.append(f"{name}: is in the manifest, and nothing makes it any more")
    differences += [f"{name}: is not of this comparison" for name in _figures(path) if name not in contents]
    return Verified(_count(now), len(contents), tuple(differences), tuple(notes))


def _manifest(path: Path) -> dict[str, Any]:
    file = path / MANIFEST
    try:
        values = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(f"{path}: is no folder of `framing compare -o DIR`: there is no {MANIFEST}") from error
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{file}: cannot be read, or is damaged; make the comparison anew") from error
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise InputError(f"{file}: is of another version of framing; make the comparison anew")
    return values


def _question(manifest: Mapping[str, Any], path: Path) -> tuple[Question, dict[str, str]]:
    """Return what was asked, and where each of its paths is found from here: as given, else from the folder."""
    try:
        asked: Question = from_plain(Question, manifest["question"])
        beside = {str(key): str(value) for key, value in manifest["from_here"].items()}
        moved: dict[str, str] = {}
        for given in [*asked.inputs, asked.audit, asked.groups, asked.sources, asked.model]:
            if given is None or given not in beside:
                continue
            moved[given] = given if Path(given).exists() else str(path / beside[given])
            if not Path(moved[given]).exists():
                raise InputError(f"{given}: was read then, and is not there now; put it back to verify the folder")
        from_plain(tuple[InputFile, ...], manifest["inputs"])
        from_plain(dict[str, str], manifest["files"])
        asked.check()
        return asked, moved
    except (KeyError, TypeError, ValueError, AttributeError, UsageError) as error:
        raise InputError(f"{path / MANIFEST}: is not as framing compare wrote it; make it anew") from error


def _from_here(asked: Question, moved: Mapping[str, str]) -> Question:
    paths = {key: moved.get(given, given) for key in ("audit", "groups", "sources", "model")
             if (given := getattr(asked, key)) is not None}  # fmt: skip
    return replace(asked, inputs=tuple(moved.get(one, one) for one in asked.inputs), **paths)


def _changed_inputs(manifest: Mapping[str, Any], moved: Mapping[str, str]) -> Iterator[str]:
    """Yield the files that were read then and are others now; the model is told by the numbers' fingerprint."""
    for one in manifest["inputs"]:
        if one["role"] in _READ and one["path"] in moved:
            now = hashed(one["role"], moved[one["path"]])
            if now.sha256 != one["sha256"]:
                yield f"input {one_line(one['path'])}: has changed since (sha256 {now.sha256[:12]}...)"


def _recorded(path: Path, differences: list[str]) -> Comparison | None:
    """Return the comparison as it was written; what is wrong with the file is a difference."""
    try:
        return from_dict(json.loads((path / NUMBERS).read_text(encoding="utf-8")))
    except FileNotFoundError:
        differences.append(f"{NUMBERS}: is missing")
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        differences.append(f"{NUMBERS}: is damaged")
    return None


def _as_before(again: Comparison, before: Comparison) -> Comparison:
    """Return the new comparison with the paths and versions of the old one, which may rightly differ."""
    path_of = {(one.role, one.sha256): one.path for one in before.inputs}
    inputs = tuple(replace(one, path=path_of.get((one.role, one.sha256), one.path)) for one in again.inputs)
    same = before.sample_command if again.sample_command else None
    return replace(again, versions=before.versions, inputs=inputs, sample_command=same)


def _figures(path: Path) -> list[str]:
    """Return the names of what lies among the figures; hidden files are not meant to be seen."""
    found = (path / "figures").rglob("[!.]*")
    return sorted(one.relative_to(path).as_posix() for one in found if one.is_file())


def _told(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def _count(value: Any) -> int:
    """Return how many numbers plain values hold."""
    if isinstance(value, dict):
        return sum(map(_count, value.values()))
    if isinstance(value, list):
        return sum(map(_count, value))
    return int(isinstance(value, int | float) and not isinstance(value, bool))


def _unlike(before: Any, now: Any, where: str) -> Iterator[str]:
    """Yield where plain values differ, by their path."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in {**before, **now}:
            yield from _unlike(before.get(key), now.get(key), f"{where}.{key}" if where else str(key))
    elif isinstance(before, list) and isinstance(now, list):
        if len(before) != len(now):
            yield f"{where}: {len(before)} entries, recomputed {len(now)}"
        for place, (one, other) in enumerate(zip(before, now, strict=False)):
            yield from _unlike(one, other, f"{where}[{_name(other, place)}]")
    elif not _same(before, now):
        yield f"{where}: {_shown(before)}, recomputed {_shown(now)}"


def _name(value: Any, place: int) -> str:
    """Return what an entry of a list is called: by what names it, else by its place."""
    if isinstance(value, dict):
        names = [value[key] for key in ("name", "when", "group", "other", "label", "of", "voice", "path", "reason")
                 if isinstance(value.get(key), str)]  # fmt: skip
        if names:
            return one_line(", ".join(names))
    return str(place)


def _same(before: Any, now: Any) -> bool:
    if isinstance(before, bool) or isinstance(now, bool):
        return before is now
    if isinstance(before, int | float) and isinstance(now, int | float):
        with suppress(OverflowError):  # of a whole number that no float can be
            return isclose(before, now, rel_tol=_TOLERANCE, abs_tol=1e-12)
    return bool(before == now)


def _shown(value: Any) -> str:
    text = one_line(json.dumps(value, ensure_ascii=False))
    return text if len(text) <= 60 else text[:57] + "..."


def _unlike_file(path: Path, expected: str) -> Iterator[str]:
    """Yield how a file differs from what it should be: cell by cell in CSV, by its first line elsewhere."""
    try:
        text = path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        yield "is missing"
        return
    except (OSError, UnicodeDecodeError):
        yield "cannot be read"
        return
    if text == expected:
        return
    if path.suffix == ".csv":
        yield from _unlike_cells(_cells(text), _cells(expected))
        return
    lines, wanted = text.splitlines(), expected.splitlines()
    pairs = enumerate(zip(lines, wanted, strict=False), 1)
    line = next((number for number, (one, other) in pairs if one != other), min(len(lines), len(wanted)) + 1)
    yield f"line {line} differs from what is recomputed"


def _cells(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def _unlike_cells(found: Sequence[Sequence[str]], wanted: Sequence[Sequence[str]]) -> Iterator[str]:
    if len(found) != len(wanted):
        yield f"{len(found)} rows, recomputed {len(wanted)}"
    head = wanted[0] if wanted else []
    for number, (one, other) in enumerate(zip(found, wanted, strict=False), 1):
        if len(one) != len(other):
            yield f"row {number}: {len(one)} cells, recomputed {len(other)}"
            continue
        for column, (cell, right) in enumerate(zip(one, other, strict=True)):
            if cell != right and not _same_number(cell, right):
                name = head[column] if column < len(head) else str(column + 1)
                yield f"row {number}, {name}: {_shown(cell)}, recomputed {_shown(right)}"


def _same_number(one: str, other: str) -> bool:
    try:
        return isclose(float(one), float(other), rel_tol=_TOLERANCE, abs_tol=1e-12)
    except ValueError:
        return False
