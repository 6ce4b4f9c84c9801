"""The rows that training reads: labelled paragraphs and short sentences, numbered, with their groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from framing.duplicates import Signatures, clusters, sign, sign_articles
from framing.errors import LabelsError
from framing.folds import number_groups
from framing.labels import Gold, Labels, Sentence, Unit, labels_hash
from framing.target import Name, parse_names
from framing.tokens import Bools, Ints


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """n rows: the labelled units, then the short sentences.

    y: label numbers; groups: the unit's article joined with its near-copies; sources: its source (-1: none known);
    articles: its article; families: near-copies; headline: the units whose scores are shown first.
    """

    labels: tuple[str, ...]
    texts: tuple[str, ...]
    names: tuple[tuple[Name, ...], ...]
    y: Ints
    is_unit: Bools
    groups: Ints
    sources: Ints
    articles: Ints
    families: Ints
    kinds: tuple[str | None, ...]
    headline_kind: str | None
    lexicon: Mapping[str, tuple[str, ...]]
    signatures: Signatures
    article_hashes: Ints
    facts: Mapping[str, Any]
    """Numbers of articles, sources, paragraphs, codes per label and of what was left out, as plain values."""

    @property
    def apart(self) -> tuple[Ints, Ints]:
        """What a training part may not share with the rows that it predicts, beside their group."""
        return self.families, self.articles

    @property
    def headline(self) -> Bools:
        """The units whose scores are shown first: those of the headline kind, or all."""
        if self.headline_kind is None:
            return self.is_unit
        shown: Bools = self.is_unit & np.array([kind == self.headline_kind for kind in self.kinds])
        return shown

    def sets(self) -> dict[str, Ints]:
        """Return the row numbers of all units, and of each kind where there are several."""
        sets = {"all": np.flatnonzero(self.is_unit)}
        kinds = sorted({kind for kind, unit in zip(self.kinds, self.is_unit, strict=True) if unit and kind})
        if len(kinds) > 1:
            for kind in kinds:
                sets[kind] = np.flatnonzero(self.is_unit & np.array([one == kind for one in self.kinds]))
        return sets


def training_set(labels: Labels, gold: Gold) -> TrainingSet:
    """Number the rows that training reads: units with a gold label outside the held-out sources, then the sentences.

    Raises LabelsError where nothing can be learned: fewer than two labels with units.
    """
    units = [unit for unit in labels.units if unit.id in gold.labels and unit.source not in labels.held_out]
    sentences = [one for one in labels.sentences if one.source not in labels.held_out]
    rows: list[Unit | Sentence] = [*units, *sentences]
    given = [gold.labels[unit.id] for unit in units] + [sentence.label for sentence in sentences]
    present = set(given[: len(units)])
    if len(present) < 2:
        raise LabelsError(
            f"nothing to learn: {len(units)} labelled paragraphs with {len(present)} different labels; "
            "training needs paragraphs of at least two"
        )
    texts = tuple(row.text for row in rows)
    signatures = sign(texts)
    articles = [unit.article or f"\0{index}" for index, unit in enumerate(units)]
    articles += [f"\1{index}" for index in range(len(sentences))]
    number = {label: index for index, label in enumerate(labels.codebook.labels)}
    headline = labels.codebook.headline
    return TrainingSet(
        labels=labels.codebook.labels,
        texts=texts,
        names=_names(labels, rows),
        y=np.array([number[label] for label in given], dtype=np.int64),
        is_unit=np.arange(len(rows)) < len(units),
        groups=clusters(signatures, articles),
        sources=np.where([row.source is None for row in rows], -1, number_groups([row.source for row in rows])),
        articles=number_groups([row.article for row in rows]),
        families=clusters(signatures),
        kinds=tuple(row.kind for row in rows),
        headline_kind=headline if any(unit.kind == headline for unit in units) else None,
        lexicon=labels.lexicon,
        signatures=signatures,
        article_hashes=sign_articles([row.article for row in rows]),
        facts=_facts(labels, gold, units, sentences),
    )


def _names(labels: Labels, rows: Sequence[Unit | Sentence]) -> tuple[tuple[Name, ...], ...]:
    default = parse_names(labels.codebook.target)
    parsed = {row.target: parse_names([row.target]) for row in rows if row.target}
    return tuple(parsed[row.target] if row.target else default for row in rows)


def _facts(labels: Labels, gold: Gold, units: Sequence[Unit], sentences: Sequence[Sentence]) -> dict[str, Any]:
    """Return what the labels hold and what of it is left out, as plain values."""
    by_kind: dict[str, Counter[str]] = {}
    for unit in units:
        by_kind.setdefault(unit.kind or "unnamed", Counter())[gold.labels[unit.id]] += 1
    total = sum(by_kind.values(), Counter())
    held_out = sum(unit.source in labels.held_out for unit in labels.units)
    return {
        "paragraphs": len(units),
        "articles": len({unit.article or f"\0{unit.id}" for unit in units}),
        "sources": len({unit.source for unit in units if unit.source}),
        "sentences": len(sentences),
        "by_label": {label: total[label] for label in labels.codebook.labels},
        "by_kind": {
            kind: {label: counts[label] for label in labels.codebook.labels} for kind, counts in sorted(by_kind.items())
        },
        "gold": dict(gold.how),
        "skips": gold.skips,
        "left_out": {
            "disputed": len(gold.disputed),
            "uncoded": len(gold.uncoded),
            "held_out_sources": held_out,
        },
        "fingerprint": labels_hash(labels),
    }
