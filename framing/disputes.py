"""The units that need a second look: those whose coders differ, and those whose label is probably wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from framing.codebook import Codebook, Rule
from framing.duplicates import near_pairs, sign
from framing.features import Floats
from framing.labels import Code, Gold, Labels, Unit
from framing.tokens import Bools, Ints


@dataclass(frozen=True, slots=True)
class Dispute:
    """A unit whose coders differ and that nobody adjudicated."""

    unit: Unit
    codes: Mapping[str, Code]
    """By coder; skips are among them."""
    rules: tuple[Rule, ...]
    """The codebook rules that give the labels in question."""
    alike: int
    """How many disputes are about the same labels, this one included."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A unit whose gold label is probably wrong, by a model that did not learn from it."""

    unit: Unit
    label: str
    """The gold label."""
    probability: float
    """What the model gives it, 0 to 1."""
    instead: str
    instead_probability: float


@dataclass(frozen=True, slots=True)
class Copies:
    """Two units that are near-copies of each other and have different gold labels."""

    one: Unit
    other: Unit
    labels: tuple[str, str]


def find_disputes(labels: Labels, given: Gold) -> list[Dispute]:
    """Return the disputed units, most consequential first.

    First those that count for most: an audit unit stands for 1 / inclusion paragraphs of its corpus, another for one;
    the share of the pairs of codes that differ counts with it. Then those whose labels are disputed most often, because
    one rule may settle them all. Then those where the coders say that they are sure.
    """
    by_id = {unit.id: unit for unit in labels.units}
    found = []
    for identity in given.disputed:
        codes = {coder: own[identity] for coder, own in labels.codes.items() if identity in own}
        found.append((by_id[identity], codes, frozenset(code.label for code in codes.values() if code.label)))
    often = Counter(about for _, _, about in found)
    ranked = sorted(found, key=lambda one: (-_weight(one[0], one[1]), -often[one[2]], -_sure(one[1])))
    return [Dispute(unit, codes, rules_for(labels.codebook, about), often[about]) for unit, codes, about in ranked]


def rules_for(codebook: Codebook, labels: frozenset[str]) -> tuple[Rule, ...]:
    """Return the rules that give one of the labels, or name none, in their order."""
    return tuple(rule for rule in codebook.rules if rule.label is None or rule.label in labels)


def find_suspects(
    units: Sequence[Unit], gold: Ints, shares: Floats, known: Bools, labels: Sequence[str]
) -> list[Suspect]:
    """Return the units whose label is probably wrong, the surest first.

    `gold` are label numbers, `shares` (n, K) probabilities out of fold. By confident learning (Northcutt, Jiang and
    Chuang 2021, sections 3.1 and 3.2): how many units of each label truly have each other label is estimated from those
    where the other one is as probable as it usually is where it is right; so many units with the largest difference
    of the two probabilities are the suspects. They are ranked by the label's probability less that of the likeliest.
    """
    rows = np.flatnonzero(known)
    suspects: dict[int, int] = {}
    for label, instead, count in _expected_errors(gold[rows], shares[rows]):
        given = rows[gold[rows] == label]
        margin = shares[given, instead] - shares[given, label]
        surest = np.argsort(-margin, kind="stable")[:count]
        for row in given[surest[margin[surest] > 0]].tolist():
            suspects[row] = int(shares[row].argmax())
    ordered = sorted(suspects, key=lambda row: (float(shares[row, gold[row]] - shares[row].max()), row))
    return [
        Suspect(
            units[row],
            labels[gold[row]],
            float(shares[row, gold[row]]),
            labels[suspects[row]],
            float(shares[row, suspects[row]]),
        )
        for row in ordered
    ]


def _expected_errors(gold: Ints, shares: Floats) -> Iterator[tuple[int, int, int]]:
    """Yield (label, true label, how many): the off-diagonal of the calibrated confident joint."""
    count = shares.shape[1]
    usual = np.array(
        [shares[gold == label, label].mean() if (gold == label).any() else np.inf for label in range(count)]
    )
    confident = np.where(shares >= usual, shares, -1.0)
    sure = confident.max(axis=1) >= 0
    joint = np.zeros((count, count))
    np.add.at(joint, (gold[sure], confident[sure].argmax(axis=1)), 1.0)
    given = np.bincount(gold, minlength=count)
    joint *= (given / np.maximum(joint.sum(axis=1), 1.0))[:, None]
    for label in range(count):
        for instead in range(count):
            if label != instead and round(joint[label, instead]) > 0:
                yield label, instead, round(joint[label, instead])


def find_unlike_copies(labels: Labels, given: Gold) -> list[Copies]:
    """Return the pairs of near-copies, of the same target, whose gold labels differ."""
    units = [unit for unit in labels.units if unit.id in given.labels]
    pairs = near_pairs(sign([unit.text for unit in units]))
    found = []
    for a, b in pairs:
        one, other = units[a], units[b]
        if one.target == other.target and given.labels[one.id] != given.labels[other.id]:
            found.append(Copies(one, other, (given.labels[one.id], given.labels[other.id])))
    return found


def _weight(unit: Unit, codes: Mapping[str, Code]) -> float:
    given = [code.label for code in codes.values() if code.label]
    pairs = list(combinations(given, 2))
    differing = sum(one != other for one, other in pairs) / len(pairs)
    return differing / (unit.inclusion or 1.0)


def _sure(codes: Mapping[str, Code]) -> int:
    return sum(code.sure is True for code in codes.values())
