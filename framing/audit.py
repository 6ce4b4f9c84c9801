"""The audit: a random sample of the corpus, labelled by hand, as `framing sample` drew it and coders filled it in.

It is a labels folder or a flat file. Only units that were drawn with a known probability count. Each coder's code
counts as a fraction; an adjudicated label counts whole. A skip is a judgement that is missing, so that skipped units
stop the reading. A sheet may be half filled: articles stand at random within the groups of the draw (by `rank`), so
that those before the first uncoded one are a random sample as well, with smaller probabilities.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from framing.codebook import Codebook
from framing.errors import LabelsError
from framing.labelfiles import load_labels
from framing.labelrows import label_rows
from framing.labels import Labels, Unit
from framing.samplefolder import REACH, SHEETS, open_folder

_MOST_NAMED = 20


@dataclass(frozen=True, slots=True)
class AuditUnit:
    """An audited paragraph: what coders said, a share for each label, and its probability of being drawn."""

    unit: Unit
    codes: tuple[float, ...]
    inclusion: float | None
    """None where the reader assumes the units to be drawn at random."""
    given: tuple[str, ...]
    """The labels that were given, each once."""


@dataclass(frozen=True, slots=True)
class MissingRanks:
    """Rows that were drawn and are not there: how many, and the first and last of their ranks."""

    rows: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class AuditSheet:
    """The units that count, and what became of the others."""

    units: tuple[AuditUnit, ...]
    labels: Labels
    uncoded: int
    after_first_gap: int
    not_random: int
    """Labelled units that were not drawn at random (picked for training)."""
    fractions: int
    adjudicated: int
    assumed_random: bool
    reach: frozenset[str] | None
    """The articles that could be drawn, where a folder of `framing sample` tells."""
    missing: MissingRanks | None


def read_audit(
    path: Path, codebook: Codebook | None, labels: Sequence[str], *, assume_random: bool = False
) -> AuditSheet:
    """Read an audit of K `labels`; `codebook` is the model's, for a flat file.

    Raises LabelsError for what is no audit, has other labels, or has skipped units.
    """
    read = load_labels(path, codebook=None if path.is_dir() else codebook)
    _check_labels(path, read, labels)
    drawn = _drawn(path, read, assume_random)
    random = [unit for unit in read.units if unit.id in drawn]
    coded = {unit.id for unit in random if _is_coded(read, unit.id)}
    if not coded:
        raise LabelsError(f"{path}: no paragraph that was drawn at random has a label yet; {_how_to_code(path)}")
    used, inclusion = _before_gaps(path, random, coded, drawn)
    _stop_on_skips(read, used)
    units, fractions, adjudicated = [], 0, 0
    for unit in used:
        codes, given, settled = _codes(read, unit.id, labels)
        fractions += len(given) > 1
        adjudicated += settled
        units.append(AuditUnit(unit, codes, inclusion[unit.id], given))
    return AuditSheet(
        tuple(units), read, len(random) - len(coded), len(coded) - len(used), len(read.units) - len(random),
        fractions, adjudicated, assume_random, _reach(path), _missing_ranks(path),
    )  # fmt: skip


def _how_to_code(path: Path) -> str:
    """Say how labels get into a flat sheet, or into a folder, of which filled sheets are no part until imported."""
    sheet = next(iter(sorted((path / SHEETS).glob("*.csv"))), None) if path.is_dir() else None
    if sheet is None:
        return "fill in the column label"
    command = shlex.join(["framing", "import", str(sheet), "--into", str(path), "--coder", "NAME"])
    return f"fill in the column label of its sheets, then bring each of them in: {command}"


def _check_labels(path: Path, read: Labels, labels: Sequence[str]) -> None:
    if any("given by a model" in message for message in read.messages):
        raise LabelsError(f"{path}: holds labels that a model gave; an audit is labelled by hand")
    given = {code.label for codes in (*read.codes.values(), read.adjudicated) for code in codes.values() if code.label}
    unknown = sorted(given - set(labels))
    if unknown:
        raise LabelsError(f"{path}: the label {unknown[0]!r} is none of the model's ({', '.join(labels)})")


def _drawn(path: Path, read: Labels, assume_random: bool) -> dict[str, float | None]:
    """Return the units of the random draw with their probabilities."""
    known = {unit.id: unit.inclusion for unit in read.units if unit.inclusion is not None}
    if assume_random:
        if known:
            raise LabelsError(
                f"{path}: {len(known)} of {len(read.units)} paragraphs have the probability with which they were "
                "drawn; leave --assume-random out"
            )
        return {unit.id: None for unit in read.units}
    if not known:
        raise LabelsError(
            f"{path}: no paragraph has an inclusion probability, so nothing says that they are a random sample; draw "
            "one with `framing sample`, or add --assume-random if you know that they were drawn at random"
        )
    return dict(known)


def _is_coded(read: Labels, unit: str) -> bool:
    return unit in read.adjudicated or any(unit in codes for codes in read.codes.values())


def _before_gaps(
    path: Path, random: Sequence[Unit], coded: set[str], drawn: Mapping[str, float | None]
) -> tuple[list[Unit], dict[str, float | None]]:
    """Return the units before the first uncoded article of each group of the draw, and their probabilities."""
    if len(coded) == len(random):
        return list(random), dict(drawn)
    ranks = _ranks(path)
    missing = [unit for unit in random if unit.id not in ranks]
    if missing:
        raise LabelsError(
            f"{path}: {len(random) - len(coded)} drawn paragraphs are not coded, and the column rank, which says in "
            f"which order they were drawn, is missing (first of {missing[0].id!r}); code them, or keep that column"
        )
    strata = _strata(path)
    grouped: dict[str, dict[str, list[Unit]]] = {}
    for unit in sorted(random, key=lambda unit: ranks[unit.id]):
        article = unit.article or unit.id
        stratum = strata.get(article, unit.source or "")
        grouped.setdefault(stratum, {}).setdefault(article, []).append(unit)
    used: list[Unit] = []
    inclusion: dict[str, float | None] = {}
    for articles in grouped.values():
        whole = list(articles.values())
        count = next(
            (place for place, units in enumerate(whole) if not all(unit.id in coded for unit in units)), len(whole)
        )
        for units in whole[:count]:
            for unit in units:
                chance = drawn[unit.id]
                inclusion[unit.id] = None if chance is None else chance * count / len(whole)
            used += units
    if not used:
        raise LabelsError(f"{path}: the first paragraphs by rank are not coded yet; code in the order of the sheet")
    order = {unit.id: place for place, unit in enumerate(random)}
    return sorted(used, key=lambda unit: order[unit.id]), inclusion


def _stop_on_skips(read: Labels, used: Iterable[Unit]) -> None:
    skipped = []
    for unit in used:
        codes = [codes[unit.id] for codes in read.codes.values() if unit.id in codes]
        settled = read.adjudicated.get(unit.id)
        if (settled is not None and settled.label is None) or (
            settled is None and not any(code.label for code in codes)
        ):
            where = settled or codes[0]
            skipped.append(f"{unit.id} ({where.place or unit.place})")
    if skipped:
        more = f" and {len(skipped) - _MOST_NAMED} more" if len(skipped) > _MOST_NAMED else ""
        raise LabelsError(
            f"{len(skipped)} audited paragraph{'s were' if len(skipped) > 1 else ' was'} skipped, and dropping them "
            "would bend the shares; give each a label, in its sheet or in framing serve: "
            f"{', '.join(skipped[:_MOST_NAMED])}{more}"
        )


def _codes(read: Labels, unit: str, labels: Sequence[str]) -> tuple[tuple[float, ...], tuple[str, ...], bool]:
    """Return a unit's codes as shares of the labels, the labels given, and whether an adjudicator settled it."""
    settled = read.adjudicated.get(unit)
    if settled is not None and settled.label is not None:
        given = [settled.label]
    else:
        given = [label for codes in read.codes.values() if unit in codes and (label := codes[unit].label)]
    shares = tuple(given.count(label) / len(given) for label in labels)
    return shares, tuple(dict.fromkeys(given)), settled is not None


def _ranks(path: Path) -> dict[str, float]:
    ranks: dict[str, float] = {}
    for row in label_rows(path / "paragraphs.jsonl" if path.is_dir() else path):
        rank, identity = row.number("rank"), row.optional("id")
        if rank is not None and identity is not None:
            ranks.setdefault(identity, rank)
    return ranks


def _missing_ranks(path: Path) -> MissingRanks | None:
    """Return the gaps in the ranks, which are written from 1 without any, whoever codes and whatever is drawn later.

    Ranks of which more are missing than there are were given by somebody else, and tell nothing; so do such as are no
    whole numbers. In a sheet that is coded to its end nothing else asks for them.
    """
    try:
        ranks = sorted(set(_ranks(path).values()))
    except LabelsError:
        return None
    if not ranks or ranks[0] < 1 or not all(rank.is_integer() for rank in ranks):
        return None
    gaps = [(int(low) + 1, int(high) - 1) for low, high in pairwise([0.0, *ranks]) if high - low > 1]
    rows = sum(last - first + 1 for first, last in gaps)
    return MissingRanks(rows, gaps[0][0], gaps[-1][1]) if 0 < rows <= len(ranks) else None


def _strata(path: Path) -> dict[str, str]:
    """Return the group of the draw that each article was in, where a folder of `framing sample` tells."""
    if not path.is_dir() or not (path / REACH).exists():
        return {}
    return {article: group for article, (group, _) in open_folder(path).reach.items()}


def _reach(path: Path) -> frozenset[str] | None:
    return frozenset(_strata(path)) or None
