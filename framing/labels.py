"""Hand-labelled paragraphs, the codes that coders gave them, and the gold labels that follow from the codes."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

from framing.codebook import Codebook
from framing.errors import LabelsError, UsageError

ADJUDICATED = "adjudicated"
"""The name of the codes that settle a difference; no coder can have it."""
_LONGEST_NAME = 200
"""Bytes of a coder's name, which is also a file's."""
UNNAMED = "unnamed"
"""The coder of flat rows that name none."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One paragraph that was, or is to be, coded."""

    id: str
    text: str
    article: str | None = None
    source: str | None = None
    kind: str | None = None
    date: str | None = None
    """ISO 8601, or None."""
    url: str | None = None
    target: str | None = None
    """The actor that this row asks about, where it is not the codebook's."""
    inclusion: float | None = None
    """The probability with which the unit was drawn, above 0 and at most 1; None where it was not drawn at random."""
    place: str = field(default="", compare=False)
    """Where it was read from, `path:line`."""


@dataclass(frozen=True, slots=True)
class Code:
    """One coder's label of one unit; label None is a skip: the coder looked and gave none."""

    unit: str
    coder: str
    label: str | None
    secondary: str | None = None
    sure: bool | None = None
    comment: str | None = None
    time: str | None = None
    codebook_version: int | None = None
    reason: str | None = None
    adjudicator: str | None = None
    place: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A short labelled sentence that widens the vocabulary: for training only, never in an evaluation."""

    text: str
    label: str
    article: str | None = None
    source: str | None = None
    kind: str | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """A minimal pair: two paragraphs that differ a little, and by one rule of the codebook get different labels."""

    id: str
    rule: str
    """The number of the rule, or the name of a note."""
    change: str
    """What is changed: another actor, negated, attributed ..."""
    first: str
    first_label: str
    second: str
    second_label: str


@dataclass(frozen=True, slots=True)
class Coder:
    """What a coder is: `kind` is "person" or "model"."""

    kind: str
    description: str
    codebook_version: int | None = None


@dataclass(frozen=True, slots=True)
class Labels:
    """Everything a labels folder or a flat file says, checked against its codebook."""

    codebook: Codebook
    units: tuple[Unit, ...]
    codes: Mapping[str, Mapping[str, Code]]
    """By coder, then by unit; adjudications are not among them."""
    adjudicated: Mapping[str, Code] = field(default_factory=dict)
    sentences: tuple[Sentence, ...] = ()
    lexicon: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    held_out: frozenset[str] = frozenset()
    """Sources that training never reads."""
    draws: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Those of them that were set aside together, by the name of the draw, where they are to be judged apart."""
    coders: Mapping[str, Coder] = field(default_factory=dict)
    checks: tuple[Check, ...] = ()
    """Minimal pairs; never trained on."""
    messages: tuple[str, ...] = ()
    """What the user must be told about the reading, one line each."""


@dataclass(frozen=True, slots=True)
class Gold:
    """The label of each unit that has one, in the order of the units, and what became of the others."""

    labels: Mapping[str, str]
    disputed: tuple[str, ...]
    """Units whose coders differ and that nobody adjudicated (with "majority", ties)."""
    uncoded: tuple[str, ...]
    """Units without a code, with skips only, or set aside by the adjudicator."""
    how: Mapping[str, int]
    """How many labels are adjudicated, unanimous, a majority, or a single coder's."""
    skips: int
    """How many codes are skips."""


def gold(labels: Labels, rule: str = "default") -> Gold:
    """Return the gold label of each unit.

    Rule "default": adjudicated, else unanimous, else the only code. Rule "majority": adjudicated, else the commonest of
    three or more codes (ties are left out); with fewer codes as "default". A skip is no code here.
    """
    if rule not in ("default", "majority"):
        raise LabelsError(f"no gold rule {rule!r}; use default or majority")
    found: dict[str, str] = {}
    disputed: list[str] = []
    uncoded: list[str] = []
    how = Counter[str]()
    for unit in labels.units:
        given = [codes[unit.id].label for codes in labels.codes.values() if unit.id in codes]
        settled = labels.adjudicated.get(unit.id)
        if settled is not None and settled.label is not None:
            found[unit.id] = settled.label
            how[ADJUDICATED] += 1
            continue
        if settled is not None:  # the adjudicator gave none: there is nothing to learn, and nothing to dispute
            uncoded.append(unit.id)
            continue
        label, reached = _agreed([label for label in given if label is not None], rule)
        if label is not None:
            found[unit.id] = label
            how[reached] += 1
        else:
            (disputed if reached == "disputed" else uncoded).append(unit.id)
    skips = sum(code.label is None for codes in labels.codes.values() for code in codes.values())
    return Gold(found, tuple(disputed), tuple(uncoded), dict(how), skips)


def check_coder(name: str) -> str:
    """Return the name of a coder, which is also a file's; raises UsageError where it cannot be."""
    if not re.fullmatch(r"\w[\w.@+ -]{0,99}", name) or name != name.strip() or len(name.encode()) > _LONGEST_NAME:
        raise UsageError(f"{name!r} cannot be a coder's name: at most 100 letters, digits, spaces and .-_@+")
    if name.casefold() in (ADJUDICATED, UNNAMED):
        raise UsageError(f"{name!r} cannot be a coder's name: it stands for something else")
    return name


def labels_hash(labels: Labels) -> str:
    """Return the sha256 (hex) of all that training uses: the data fingerprint.

    The order of units and sentences counts, because training reads them in order; the order of coders does not, nor do
    places, messages and what coders wrote beside their labels.
    """
    codes = {coder: {code.unit: code.label for code in given.values()} for coder, given in labels.codes.items()}
    settled = {code.unit: code.label for code in labels.adjudicated.values()}
    units = [(unit.id, unit.text, unit.article, unit.source, unit.kind, unit.target) for unit in labels.units]
    sentences = [[getattr(entry, item.name) for item in fields(Sentence)] for entry in labels.sentences]
    lexicon = {category: sorted(set(entries)) for category, entries in labels.lexicon.items()}
    content = [labels.codebook.to_dict(), units, codes, settled, sentences, lexicon, sorted(labels.held_out)]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _agreed(given: Sequence[str], rule: str) -> tuple[str | None, str]:
    """Return the label that codes agree on, or None, and how it came about."""
    if not given:
        return None, "uncoded"
    ranked = Counter(given).most_common(2)
    label, times = ranked[0]
    if len(ranked) == 1:
        return label, "unanimous" if times > 1 else "single"
    if rule == "majority" and len(given) > 2 and times > ranked[1][1]:
        return label, "majority"
    return None, "disputed"
