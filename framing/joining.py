"""The audit in the corpus: which paragraphs count, which of them are audited, and the arrays that follow.

The audit is joined by id and by the hash of the text: a paragraph that is missing or was changed is an error.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from framing.audit import AuditSheet, AuditUnit, read_audit
from framing.codebook import Codebook
from framing.comparison import Remainder
from framing.confusion import training_confusion
from framing.crossprediction import Crossing, find_crossing
from framing.errors import LabelsError, UsageError
from framing.export import text_sha256
from framing.foldmix import WHOLE
from framing.gathering import Figures, Grouping, text_digest
from framing.model import Model
from framing.question import Question
from framing.rows import shown
from framing.scheme import Scheme
from framing.shares import Counted
from framing.target import find_names
from framing.tokens import Bools, Ints, tokenize


@dataclass(slots=True)
class Joined:
    """The audit in the corpus: rows and units of what counts, and what is to be told of it."""

    sheet: AuditSheet
    crossing: Crossing | None
    checked: bool
    rows: list[int] = field(default_factory=list)
    units: list[AuditUnit] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    """Of the units in the sheet."""
    outside: int = 0


def read_joined(question: Question, scheme: Scheme) -> Joined | None:
    """Read the audit, and find out what of it the model learned from. Raises LabelsError."""
    if question.audit is None:
        return None
    names = [label.id for label in scheme.labels]
    sheet = read_audit(Path(question.audit), scheme.codebook, names, assume_random=question.assume_random)
    if scheme.model is None:
        return Joined(sheet, None, checked=False)
    _check_codebook(question.audit, sheet.labels.codebook, scheme.codebook)
    crossing = find_crossing(scheme.model, [one.unit for one in sheet.units])
    return Joined(sheet, crossing if crossing.in_training else None, checked=True)


def _check_codebook(audit: str, own: Codebook, model: Codebook) -> None:
    """Raise LabelsError where coders were asked another thing than the model: the same labels may mean another."""
    for what, asked, answered in (("codebook", own.name, model.name), ("question", own.question, model.question)):
        if asked.split() != answered.split():
            raise LabelsError(
                f"{audit}: its codebook.toml has the {what} {asked!r}, the model that scored has "
                f"{answered!r}; audit a model with its own codebook"
            )


def counted_rows(
    figures: Figures, grouping: Grouping, by: str
) -> tuple[list[str | None], Bools, tuple[Remainder, ...]]:
    """Return the group of each article, the paragraphs that count, and what is left over by its reason.

    A source or a date is asked for only where any article has one. Raises UsageError where no article has a group.
    """
    groups, lacking = _groups(figures, grouping, by)
    if all(group is None for group in groups):
        advice = "group by something else (an export keeps no other columns of its corpus: compare the articles)"
        if by == "source":
            advice = "name sources with --source-from folder or --sources"
        raise UsageError(f"no article has a value of {by}; {advice}")
    paragraphs, articles = Counter[str](), Counter[str]()
    reasons: list[list[str]] = [[] for _ in figures.articles]
    counted = np.zeros(len(figures.status), dtype=bool)
    for row, (number, status) in enumerate(zip(figures.article.tolist(), figures.status, strict=True)):
        reason = status if status != "ok" else lacking[number]
        counted[row] = reason is None
        if reason is not None:
            paragraphs[reason] += 1
            reasons[number].append(reason)
    sizes = np.bincount(figures.article, counted, minlength=len(groups))
    for number in np.flatnonzero(sizes == 0).tolist():
        lacks = [reason for reason in reasons[number] if reason == lacking[number]]
        articles[next(iter(lacks or reasons[number]), "no prose")] += 1
    names = sorted(paragraphs | articles, key=lambda name: (-paragraphs[name], name))
    return groups, counted, tuple(Remainder(name, articles[name], paragraphs[name]) for name in names)


def _groups(figures: Figures, grouping: Grouping, by: str) -> tuple[list[str | None], list[str | None]]:
    """Return the group of each article that is counted, and what the others lack."""
    some_source = any(one.source for one in figures.articles)
    some_date = any(one.date for one in figures.articles)
    groups: list[str | None] = []
    lacking: list[str | None] = []
    for one in figures.articles:
        group = grouping(one)
        reason = None
        if some_source and not one.source:
            reason = "no source"
        elif some_date and not one.date:
            reason = "no date"
        elif group is None:
            reason = f"no {by}"
        groups.append(group if reason is None else None)
        lacking.append(reason)
    return groups, lacking


def join_audit(joined: Joined, figures: Figures, counted: Bools, model: Model | None) -> None:
    """Find the audit's units in the corpus.

    Raises LabelsError where one is missing, has another text, or was coded for another target than it was scored for.
    """
    row_of = {identity: row for row, identity in enumerate(figures.ids)}
    for place, one in enumerate(joined.sheet.units):
        row = row_of.get(one.unit.id)
        if row is None:
            raise LabelsError(
                f"{one.unit.place}: the audited paragraph {one.unit.id!r} is not in the corpus; compare the corpus "
                "that the audit was drawn from"
            )
        text = one.unit.text
        digest = text_digest(text) if figures.texts_known else bytes.fromhex(text_sha256(text))
        if digest != figures.hashes[row]:
            raise LabelsError(
                f"{one.unit.place}: the audited paragraph {one.unit.id!r} has another text in the corpus; one of the "
                "two was changed: draw again, or take the sheet and the corpus as they were"
            )
        scored = figures.articles[int(figures.article[row])].target
        if one.unit.target is not None and not _same_target(one.unit.target, scored, model):
            raise LabelsError(
                f"{one.unit.place}: the audited paragraph {one.unit.id!r} has the target {shown(one.unit.target)}, and "
                f"the corpus was scored for {shown(scored) if scored else 'the target of the codebook'}; compare what "
                "was coded"
            )
        if counted[row]:
            joined.rows.append(row)
            joined.units.append(one)
            joined.places.append(place)
        else:
            joined.outside += 1


def _same_target(coded: str, scored: str | None, model: Model | None) -> bool:
    """Say whether coders and model looked at one actor; without `scored` that is any whom the codebook names."""
    if scored is not None:
        return coded.casefold().split() == scored.casefold().split()
    names = model.names(None) if model is not None else ()
    return not names or bool(find_names(tokenize([coded]), [names]).any())


def counted_arrays(
    question: Question, scheme: Scheme, joined: Joined | None, figures: Figures, counted: Bools, group: Ints
) -> Counted:
    """Return the arrays of the paragraphs that count; `group` (n of them) is for an assumed draw."""
    rows = np.flatnonzero(counted)
    place = np.cumsum(counted) - 1
    predicted, labels = figures.shares[rows], len(scheme.labels)
    each = figures.each[rows] if figures.each is not None else None
    audited, inclusion, codes = np.zeros(0, np.int64), np.zeros(0), np.zeros((0, labels))
    folds = np.zeros(0, np.int64)
    if joined is not None and joined.rows:
        audited = place[np.array(joined.rows)]
        codes = np.array([one.codes for one in joined.units])
        folds = np.full(len(audited), WHOLE, dtype=np.int64)
        if joined.sheet.assumed_random:
            drawn, all_ = np.bincount(group[audited], minlength=int(group.max()) + 1), np.bincount(group)
            inclusion = (drawn / np.maximum(all_, 1))[group[audited]]
        else:
            inclusion = np.array([one.inclusion for one in joined.units], dtype=np.float64)
        if joined.crossing is not None:
            folds = joined.crossing.folds[np.array(joined.places)]
    article = figures.article[rows]
    confusion = None
    if joined is None:
        assert scheme.model is not None
        confusion = training_confusion(scheme.model.manifest)
    return Counted(
        scheme.labels, article, figures.family[article], figures.originals()[article], predicted, figures.given[rows],
        audited, inclusion, codes, confusion, question.finite, question.min_articles, question.seed,
        each, folds,
    )  # fmt: skip
