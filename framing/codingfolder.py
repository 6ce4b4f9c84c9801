"""A labels folder as it is now, for those who code in the browser: read once, and again where a file was changed.

The files are those of `framing sample` and `framing import` (see framing.samplefolder and framing.labelfiles): the
units with their places in the articles, whose part each is and in which order, the codebook, and every coder's log.
A file that cannot be read after it was edited leaves what was read before in force, and `problem` says what is wrong.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from framing.codebook import FILE_NAME, Codebook, load_codebook
from framing.codelog import CODES, Appended, Signature, check_all_inside, check_inside, log_path, signature_of
from framing.errors import FramingError, LabelsError, UsageError
from framing.labelfiles import TORN
from framing.labelrows import LabelRow, code_of, label_rows, unit_of
from framing.labels import ADJUDICATED, Code, Labels, Unit, check_coder
from framing.samplefolder import ARTICLES, PARAGRAPHS

_LAST = 10**9


@dataclass(frozen=True, slots=True)
class Place:
    """Where a unit stands: in its article's text, in whose parts, and where in their order."""

    start: int | None
    end: int | None
    coders: tuple[str, ...]
    rank: tuple[int, int, int]
    """Batch, rank in the random order, and line: the order in which the sheets have it too."""


@dataclass(frozen=True, slots=True)
class Story:
    """An article that units were drawn from."""

    title: str | None
    date: str | None
    text: str


@dataclass(slots=True)
class Log:
    """A coder's log: what holds, and what an undo would go back to."""

    codes: dict[str, Code] = field(default_factory=dict)
    given: list[tuple[str, Code | None]] = field(default_factory=list)
    """For each code that was not undone, in the order given: its unit, and the code that held before."""
    keys: set[str] = field(default_factory=set)
    torn: list[str] = field(default_factory=list)
    signature: Signature | None = None

    def add(self, row: LabelRow, code: Code) -> None:
        """Take in the next row."""
        before = self.codes.get(code.unit)
        if row.withdrawn():
            self.codes.pop(code.unit, None)
        else:
            self.codes[code.unit] = code
        if row.values.get("undo") is not True:
            self.given.append((code.unit, before))
        elif self.given:
            self.given.pop()
        if isinstance(key := row.values.get("key"), str):
            self.keys.add(key)


class CodingFolder:
    """A labels folder in memory. Not safe for threads by itself: framing.codingstate holds a lock around it."""

    def __init__(self, path: Path) -> None:
        """Read a folder. Raises LabelsError, which says what to do, where there is nothing to be coded."""
        self.path = path
        self.problem: str | None = None
        self.revision = 0
        """Grows with every change that was read."""
        self.units: dict[str, Unit] = {}
        self.places: dict[str, Place] = {}
        self.owners: tuple[str, ...] = ()
        """The coders who have a part, in the order of the units."""
        self.logs: dict[str, Log] = {}
        self._stories: dict[str, Story] = {}
        self._seen: dict[str, Signature | None] = {}
        self._parts: dict[str, tuple[str, ...]] = {}
        _check_there(path)
        check_all_inside(path)
        self.codebook: Codebook = load_codebook(path)
        self._refresh()

    def refresh(self) -> None:
        """Read what was changed on the disk since; what cannot be read is told in `problem`."""
        try:
            self._refresh()
            self.problem = None
        except (FramingError, OSError) as error:
            self.problem = str(error)

    def _refresh(self) -> None:
        for name, read in (
            (FILE_NAME, self._read_codebook),
            (PARAGRAPHS, self._read_units),
            (ARTICLES, self._stories.clear),
        ):
            now = signature_of(self.path / name)
            if name not in self._seen or self._seen[name] != now:
                check_inside(self.path / name, self.path)
                read()
                self._seen[name] = now
                self.revision += 1
        self._refresh_logs()

    def _refresh_logs(self) -> None:
        folder = self.path / CODES
        names = [file.stem for file in folder.glob("*.jsonl") if not file.name.startswith(".")]
        for name in set(self.logs) - set(names):
            del self.logs[name]
            self.revision += 1
        for name in sorted(names):
            now = signature_of(folder / f"{name}.jsonl")
            if name not in self.logs or self.logs[name].signature != now:
                log = self._read_log(name)
                log.signature = now
                self.logs[name] = log
                self.revision += 1

    def _read_codebook(self) -> None:
        self.codebook = load_codebook(self.path)
        self.logs.clear()  # a label that is gone is named

    def _read_units(self) -> None:
        units: dict[str, Unit] = {}
        places: dict[str, Place] = {}
        for number, row in enumerate(label_rows(self.path / PARAGRAPHS)):
            unit = unit_of(row, row.required("id"), [])
            if unit.id in units:
                raise LabelsError(f"{row.place}: the id {unit.id!r} is already at {units[unit.id].place}; rename one")
            units[unit.id], places[unit.id] = unit, _place(row, number)
        if not units:
            raise LabelsError(f"{self.path / PARAGRAPHS}: has no rows; draw some with framing sample -o {self.path}")
        self.units, self.places = units, places
        self.owners = tuple(dict.fromkeys(name for place in places.values() for name in place.coders))
        self._parts.clear()
        self.logs.clear()

    def _read_log(self, name: str) -> Log:
        log = Log()
        path = self.path / CODES / f"{name}.jsonl"
        check_inside(path, self.path)
        for row in label_rows(path, log.torn):
            code = code_of(row, row.required("id"), name, self.codebook)
            if code.unit not in self.units:
                raise LabelsError(f"{row.place}: no paragraph has the id {code.unit!r}; correct it or remove the row")
            log.add(row, code)
        return log

    def added(self, name: str, rows: list[dict[str, Any]], done: Appended) -> None:
        """Take in rows that were appended to a log, without reading it again where nobody else has changed it."""
        log = self.logs.get(name, Log())
        if done.before != log.signature:
            self.logs.pop(name, None)
            self._refresh_logs()
            return
        for values in rows:
            row = LabelRow(values, str(log_path(self.path, name)), False)
            log.add(row, code_of(row, values["id"], name, self.codebook))
        log.signature = done.after
        self.logs[name] = log
        self.revision += 1

    def part(self, coder: str) -> tuple[str, ...]:
        """Return the units of a coder in their order: all of them where nobody has a part."""
        if coder not in self._parts:
            owned = bool(self.owners)
            mine = [unit for unit, place in self.places.items() if not owned or coder in place.coders]
            self._parts[coder] = tuple(sorted(mine, key=lambda unit: self.places[unit].rank))
        return self._parts[coder]

    def codes(self, coder: str) -> Mapping[str, Code]:
        """Return the codes of a coder that hold."""
        return self.logs[coder].codes if coder in self.logs else {}

    def story(self, unit: Unit) -> tuple[Story | None, str, str]:
        """Return a unit's article, and its text before and behind the unit; None where that is not known."""
        if not self._stories:
            self._stories.update(_read_stories(self.path / ARTICLES))
        place, story = self.places[unit.id], self._stories.get(unit.article or "")
        if story is None or place.start is None or place.end is None:
            return story, "", ""
        if story.text[place.start : place.end] != unit.text:
            return None, "", ""
        return story, story.text[: place.start], story.text[place.end :]

    def labels(self) -> Labels:
        """Return the units with all codes, as `framing.load_labels` would."""
        codes = {name: dict(log.codes) for name, log in sorted(self.logs.items())}
        adjudicated = codes.pop(ADJUDICATED, {})
        return Labels(self.codebook, tuple(self.units.values()), codes, adjudicated)

    def torn(self) -> Iterator[str]:
        """Yield a line for every row that a crash cut off."""
        for log in self.logs.values():
            yield from (f"{where}: {TORN}" for where in log.torn)


def _check_there(path: Path) -> None:
    """Raise LabelsError where a folder cannot be coded in, with what makes it one."""
    made = f"framing sample ARTICLES -o {path} --coders ANN,BOB --codebook CODEBOOK.toml"
    if not path.is_dir():
        what = "is no folder" if path.exists() else "there is no such folder"
        raise LabelsError(f"{path}: {what}; name yours with --labels DIR, or make one: {made}")
    for name in (FILE_NAME, PARAGRAPHS):
        if not (path / name).exists():
            raise LabelsError(f"{path}: has no {name}, so that there is nothing to be coded; {made} makes one")


def _place(row: LabelRow, number: int) -> Place:
    whole = {}
    for name in ("start", "end", "rank", "batch"):
        value = row.values.get(name)
        if value is not None and (type(value) is not int or value < 0):
            raise LabelsError(f"{row.place}: {name} must be a whole number")
        whole[name] = value
    coders = row.values.get("coders") or []
    if not isinstance(coders, list) or not all(isinstance(name, str) for name in coders):
        raise LabelsError(f"{row.place}: coders must be a list of names")
    try:
        names = tuple(check_coder(name) for name in coders)
    except UsageError as error:
        raise LabelsError(f"{row.place}: {error}") from error
    rank = (whole["batch"] or 0, _LAST if whole["rank"] is None else whole["rank"], number)
    return Place(whole["start"], whole["end"], names, rank)


def _read_stories(path: Path) -> Iterator[tuple[str, Story]]:
    """Yield the articles by id; a line that is none is passed over, since the unit's own text is there."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            try:
                row = json.loads(line)
                yield str(row["id"]), Story(_text(row.get("title")), _text(row.get("date")), str(row["text"]))
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
