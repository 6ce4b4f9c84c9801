"""What coders do in the browser: give codes, take them back, decide disputes, and see how far they are.

Every change is in the log and on the disk (framing.codelog) before a function here returns. A code that was sent before
(its `key` is in the log) is not written twice, so that whoever heard no answer may send it again.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from framing.agree import code_table, point_figures
from framing.codebook import Codebook
from framing.codelog import append_rows, check_all_inside, log_row
from framing.codingfolder import CodingFolder
from framing.disputes import Dispute, find_disputes, rules_for
from framing.errors import LabelsError, UsageError
from framing.labels import ADJUDICATED, Code, check_coder, gold
from framing.revisions import check_revision, save_revision

LEAST_SHARED = 5
"""Shared units from which on agreement is told: before that it would say what the other coder gave."""
FEWEST = 20
"""Gold labels below which there is nothing to train on."""
LONGEST_COMMENT = 10_000
_LONG, _REST = 0.01, 50
"""Agreement that took so many seconds is measured again only after so many times as long: coding waits for it."""
_KEY = re.compile(r"[\w-]{1,64}")
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Given:
    """A code as it is sent: what the coder says of a unit, and how the page knows it again."""

    unit: str
    label: str | None
    secondary: str | None = None
    sure: bool | None = None
    comment: str | None = None
    codebook_version: int | None = None
    """The version whose rules the coder saw; None: today's."""
    key: str | None = None
    late: str | None = None
    """When it was given, if it comes from a page that was closed since: a code that is later holds then."""
    suggestion_shown: bool = False
    """Whether the coder saw the model's suggestion before."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a coder is."""

    coder: str
    units: int
    coded: int
    """Units with a code, skips among them."""
    skipped: int


@dataclass(frozen=True, slots=True)
class SoFar:
    """Agreement with the other coders on the units that this coder and another have labelled."""

    units: int
    same: int
    alpha: float | None


class CodingState:
    """A labels folder in which several people code at once; safe for threads."""

    def __init__(self, path: Path) -> None:
        """Read the folder. Raises LabelsError where there is nothing to be coded."""
        self.folder = CodingFolder(path)
        self.started = secrets.token_hex(4)
        """Tells the revisions of one run of the program from those of another."""
        self._lock = threading.RLock()
        self._so_far: dict[str, tuple[int, float, SoFar]] = {}
        """By coder: the revision it is of, when it is worth while to look again, and what was found."""
        self._kept: Codebook | None = None
        """The codebook whose text is known to be kept."""
        self._disputes: tuple[int, list[Dispute]] | None = None

    @contextmanager
    def now(self) -> Iterator[CodingFolder]:
        """Give the folder as it is on the disk now; nobody else changes it meanwhile."""
        with self._lock:
            self.folder.refresh()
            yield self.folder

    # Who codes, and how far they are.

    def coders(self) -> list[Progress]:
        """Return the progress of everybody who has a part or has coded."""
        with self.now() as folder:
            names = [*folder.owners, *sorted(set(folder.logs) - {ADJUDICATED} - set(folder.owners))]
            return [self._progress(folder, name) for name in names]

    def progress(self, coder: str) -> Progress:
        """Return how far one coder is."""
        with self.now() as folder:
            return self._progress(folder, coder)

    def _progress(self, folder: CodingFolder, coder: str) -> Progress:
        part, codes = folder.part(coder), folder.codes(coder)
        if not part:  # codes without a part
            return Progress(coder, 0, len(codes), 0)
        given = [codes[unit] for unit in part if unit in codes]
        return Progress(coder, len(part), len(given), sum(code.label is None for code in given))

    def check_name(self, name: str) -> str:
        """Return the name of somebody who may code here. Raises UsageError, which says who may."""
        name = check_coder(" ".join(name.split()))
        with self.now() as folder:
            known = {other.casefold(): other for other in (*folder.owners, *folder.logs)}
            other = known.get(name.casefold(), name)
            if other != name:
                raise UsageError(f"there is a coder {other!r} already; write {name!r} like that")
            if folder.owners and name not in folder.owners:
                raise UsageError(
                    f"{name!r} has no part in {folder.path}: those who have are {', '.join(folder.owners)}; "
                    "more are drawn with framing sample --coders"
                )
        return name

    def flags(self, coder: str) -> str:
        """Return a sign for each unit of a coder's part: 1 coded, s skipped, 0 yet to be coded."""
        with self.now() as folder:
            codes = folder.codes(coder)
            return "".join(
                "0" if unit not in codes else "s" if codes[unit].label is None else "1" for unit in folder.part(coder)
            )

    def so_far(self, coder: str) -> SoFar:
        """Return the agreement of a coder with the others so far."""
        with self.now() as folder:
            start = time.monotonic()
            known = self._so_far.get(coder)
            if known is None or (known[0] != folder.revision and start >= known[1]):
                found = self._agreement(folder, coder)
                took = time.monotonic() - start
                again = start + (_REST * took if took > _LONG else 0.0)
                self._so_far[coder] = known = folder.revision, again, found
            return known[2]

    def _agreement(self, folder: CodingFolder, coder: str) -> SoFar:
        codes = {name: log.codes for name, log in folder.logs.items() if name != ADJUDICATED}
        mine = codes.get(coder, {})
        shared = [
            unit
            for unit, code in mine.items()
            if code.label is not None and any(unit in own for name, own in codes.items() if name != coder)
        ]
        units, differ, alpha = point_figures(code_table(codes, shared, folder.codebook.labels))
        return SoFar(units, units - differ, alpha)

    # Codes.

    def save(self, coder: str, given: Sequence[Given]) -> list[Code | None]:
        """Append codes to a coder's log, all of them or none; return what holds of each unit then.

        Raises UsageError or LabelsError where a code cannot be, FramingError where it cannot be written.
        """
        with self.now() as folder:
            coder = self.check_name(coder)
            rows = [row for one in given if (row := self._row(folder, coder, one)) is not None]
            if rows:
                self._append(folder, coder, rows)
            codes = folder.codes(coder)
            return [codes.get(one.unit) for one in given]

    def undo(self, coder: str, key: str | None = None) -> str | None:
        """Take back what a coder gave last; return its unit, None where there is nothing to take back.

        The code that held before is written again; where there was none the unit is to be coded again.
        """
        with self.now() as folder:
            coder = self.check_name(coder)
            log = folder.logs.get(coder)
            if log is None or not log.given:
                return None
            unit, before = log.given[-1]
            if key is not None and _checked_key(key) in log.keys:
                return None
            row: dict[str, Any] = {"id": unit}
            row |= {"label": None, "withdrawn": True, "time": _now()} if before is None else log_row(before)
            row |= {"undo": True} | ({"key": key} if key else {})
            self._append(folder, coder, [row])
            return unit

    def _row(self, folder: CodingFolder, coder: str, given: Given) -> dict[str, Any] | None:
        """Return the row of a code; None where it is in the log already, or a later one is."""
        if given.unit not in folder.units:
            raise LabelsError(f"no paragraph has the id {given.unit[:80]!r}")
        if folder.owners and coder not in folder.places[given.unit].coders:
            raise LabelsError(f"{given.unit!r} is not in the part of {coder}")
        self._check_labels(folder, given.label, given.secondary)
        log, current = folder.logs.get(coder), folder.codes(coder).get(given.unit)
        if given.key is not None and log is not None and _checked_key(given.key) in log.keys:
            return None
        if given.late is not None and current is not None and (current.time or "") > given.late:
            return None
        version = given.codebook_version
        if version is not None and not 1 <= version <= folder.codebook.version:
            raise LabelsError(f"codebook_version {version} is not from 1 to the folder's {folder.codebook.version}")
        code = Code(given.unit, coder, given.label, given.secondary, given.sure, _comment(given.comment), _now())
        row = {"id": given.unit} | log_row(code) | {"codebook_version": version or folder.codebook.version}
        row |= {"suggestion_shown": True} if given.suggestion_shown else {}
        return row | ({"key": _checked_key(given.key)} if given.key is not None else {})

    def _check_labels(self, folder: CodingFolder, label: str | None, secondary: str | None) -> None:
        for one in (label, secondary):
            if one is not None and one not in folder.codebook.labels:
                known = ", ".join(folder.codebook.labels)
                raise LabelsError(f"{one[:80]!r} is not in the codebook (version {folder.codebook.version}: {known})")
        if secondary is not None and secondary == label:
            raise LabelsError(f"the secondary frame is {label!r} like the first; give another or none")

    def _append(self, folder: CodingFolder, coder: str, rows: list[dict[str, Any]]) -> None:
        self._keep_codebook(folder)
        folder.added(coder, rows, append_rows(folder.path, coder, rows))

    def _keep_codebook(self, folder: CodingFolder) -> None:
        """Keep the codebook when the first code is given under its version; later its rules must be the same."""
        if folder.codebook is self._kept:
            return
        check_all_inside(folder.path)
        version = folder.codebook.version
        if any(code.codebook_version == version for log in folder.logs.values() for code in log.codes.values()):
            check_revision(folder.path, folder.codebook)
            save_revision(folder.path, folder.codebook)
        else:
            save_revision(folder.path, folder.codebook, again=True)
        self._kept = folder.codebook

    # What the codes come to.

    def gold_count(self) -> tuple[int, str]:
        """Return how many units have a gold label, and what is lacking where they are too few to learn from."""
        with self.now() as folder:
            count = len(gold(folder.labels()).labels)
        needed = f"There is too little to learn from: {FEWEST} gold labels are the least."
        return count, "" if count >= FEWEST else needed

    def disputes(self) -> list[Dispute]:
        """Return the units whose coders differ and that nobody decided, most consequential first."""
        with self.now() as folder:
            if self._disputes is None or self._disputes[0] != folder.revision:
                labels = folder.labels()
                self._disputes = folder.revision, find_disputes(labels, gold(labels))
            return self._disputes[1]

    def dispute_of(self, unit: str) -> Dispute:
        """Return a unit as it was in dispute, also where it was decided since."""
        with self.now() as folder:
            codes = {name: log.codes[unit] for name, log in folder.logs.items() if unit in log.codes}
            codes.pop(ADJUDICATED, None)
            about = frozenset(code.label for code in codes.values() if code.label)
            return Dispute(folder.units[unit], codes, rules_for(folder.codebook, about), 1)

    def decide(self, unit: str, label: str | None, reason: str, adjudicator: str, secondary: str | None = None) -> None:
        """Write the decision on a unit, with its reason, to codes/adjudicated.jsonl.

        Label None sets the unit aside. Raises UsageError or LabelsError where it cannot be.
        """
        with self.now() as folder:
            if unit not in folder.units:
                raise LabelsError(f"no paragraph has the id {unit[:80]!r}")
            if not any(unit in log.codes for name, log in folder.logs.items() if name != ADJUDICATED):
                raise LabelsError(f"nobody has coded {unit!r}; there is nothing to decide")
            self._check_labels(folder, label, secondary)
            if not (why := _comment(reason)):
                raise LabelsError("the decision has no reason; say which rule decides")
            who = check_coder(" ".join(adjudicator.split()))
            code = Code(unit, ADJUDICATED, label, secondary, time=_now(), codebook_version=folder.codebook.version,
                        reason=why, adjudicator=who)  # fmt: skip
            self._append(folder, ADJUDICATED, [{"id": unit} | log_row(code)])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _checked_key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise LabelsError("the key of a code must be 1 to 64 letters, digits, - and _")
    return key


def _comment(text: str | None) -> str | None:
    """Return a comment as it is kept, None where it is empty."""
    if text is None or not text.strip():
        return None
    if len(text) > LONGEST_COMMENT or _SURROGATE.search(text):
        raise LabelsError(f"a comment or reason may have {LONGEST_COMMENT:,} characters, none of them half of one")
    return text.strip()
