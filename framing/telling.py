"""The most telling paragraphs of each group: those that the model is surest of, with the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from framing.comparison import Label, Mark, Telling
from framing.gathering import Figures, Kept
from framing.model import Model
from framing.tokens import Bools

SHOWN = 2
"""Paragraphs of each group and label."""
_MARKS = 10


def telling_paragraphs(
    figures: Figures,
    counted: Bools,
    groups: Sequence[str | None],
    labels: Sequence[Label],
    coded: Mapping[str, tuple[str, ...]],
    model: Model | None,
) -> tuple[Telling, ...]:
    """Return the surest paragraphs by group and label, of every text and every family of near-copies one.

    `groups` names the group of each article, `coded` the labels that coders gave by paragraph; without `model`
    there is no evidence.
    """
    chosen: dict[tuple[str, int], list[Kept]] = {}
    met: set[tuple[str, int, object]] = set()
    for one in sorted(figures.kept, key=lambda one: (-one.probability, one.row)):
        article = int(figures.article[one.row])
        group = groups[article]
        if group is None or not counted[one.row]:
            continue
        same = {(group, one.label, key) for key in (figures.hashes[one.row], int(figures.family[article]))}
        found = chosen.setdefault((group, one.label), [])
        if len(found) < SHOWN and not same & met:
            found.append(one)
            met |= same
    shown = [(group, one) for (group, _), found in sorted(chosen.items()) for one in found]
    marks = _marks(model, figures, [one for _, one in shown]) if model is not None else [()] * len(shown)
    return tuple(
        _telling(figures, group, labels[one.label], one, coded, own)
        for (group, one), own in zip(shown, marks, strict=True)
    )


def _telling(
    figures: Figures,
    group: str,
    label: Label,
    one: Kept,
    coded: Mapping[str, tuple[str, ...]],
    marks: tuple[Mark, ...],
) -> Telling:
    about = figures.articles[int(figures.article[one.row])]
    identity = figures.ids[one.row]
    return Telling(
        group, label.id, one.probability, coded.get(identity, ()), identity, about.title, about.source, about.date,
        about.url, float(figures.quoted[one.row]), one.text, marks,
    )  # fmt: skip


def _marks(model: Model, figures: Figures, shown: Sequence[Kept]) -> list[tuple[Mark, ...]]:
    """Return the stretches of each paragraph that speak most for its label."""
    if not shown:
        return []
    targets = [figures.articles[int(figures.article[one.row])].target for one in shown]
    applied = model.linear.apply([one.text for one in shown], [model.names(target) for target in targets])
    tokens, marks = applied.tokens, []
    for found in model.linear.contributions(applied, np.array([one.label for one in shown])):
        ranked = sorted((one for one in found if one.weight > 0), key=lambda one: (-one.weight, one.first, one.last))
        marks.append(
            tuple(Mark(int(tokens.start[one.first]), int(tokens.end[one.last]), one.weight) for one in ranked[:_MARKS])
        )
    return marks
