"""Pick the paragraphs whose labels would teach a model most: for training, never for an audit.

"uncertain": the entropy of the model's probabilities (uncertainty sampling, Settles 2009, section 3.1). "disputed": how
far the models of the folds, each trained without a part of the labels, are from the model itself: the mean
Kullback-Leibler divergence (query by committee, McCallum and Nigam 1998, section 3).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from heapq import nlargest

import numpy as np

from framing.duplicates import clusters, find_near, sign
from framing.features import Floats
from framing.loading import load_fold_models
from framing.metrics import probabilities
from framing.model import Model
from framing.paragraphs import split
from framing.records import Article
from framing.sampling import Drawn, group_of

_BATCH = 500_000
"""Characters that are scored at once."""
_SPARE = 3
"""How many times as many as wanted are kept, because some will be near-copies of others."""


def pick(
    model: Model,
    articles: Iterable[Article],
    wanted: int,
    way: str,
    *,
    per_article: int,
    known: Collection[str],
    known_texts: Sequence[str],
) -> list[Drawn]:
    """Return the articles with the `wanted` paragraphs that score highest, highest first; at most `per_article` of one.

    `known` are the ids of units that are not wanted again; paragraphs that are near-copies of `known_texts`, or of one
    picked before them, are passed over. Only paragraphs with status ok are picked. Raises ModelError where the model
    lacks its fold models.
    """
    folds = load_fold_models(model) if way == "disputed" else []
    committee = [replace(model, linear=linear) for linear in folds]
    found: list[tuple[float, str, int, Article]] = []
    for batch in _batches(articles):
        found += _values(model, committee, batch, per_article, known)
        if len(found) > 2 * _SPARE * wanted:
            found = nlargest(_SPARE * wanted, found, key=lambda one: one[:3])
    found.sort(key=lambda one: one[:3], reverse=True)
    chosen: dict[str, tuple[Article, list[int]]] = {}
    for _, identity, index, article in _distinct(found, known_texts)[:wanted]:
        chosen.setdefault(identity, (article, []))[1].append(index)
    return [
        Drawn(article, group_of(article, None) or "", split(article)[0], tuple(sorted(indices)))
        for article, indices in chosen.values()
    ]


def _batches(articles: Iterable[Article]) -> Iterator[list[Article]]:
    batch: list[Article] = []
    size = 0
    for article in articles:
        batch.append(article)
        size += len(article.text)
        if size >= _BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _values(
    model: Model, committee: Sequence[Model], batch: Sequence[Article], per_article: int, known: Collection[str]
) -> Iterator[tuple[float, str, int, Article]]:
    """Yield (value, article id, paragraph, article) of the most valuable paragraphs of each article."""
    scored = list(model.score_articles(batch, evidence=0))
    rows = [(article, one) for article, found in zip(batch, scored, strict=True) for one in found.paragraphs]
    rows = [(article, one) for article, one in rows if one.status == "ok" and f"{article.id}#{one.index}" not in known]
    if not rows:
        return
    shares = np.array([[one.probabilities[label] for label in model.labels] for _, one in rows])
    value = _entropy(shares)
    if committee:
        texts, targets = [one.text for _, one in rows], [article.target for article, _ in rows]
        votes = [probabilities(member.predict(texts, targets)[0]) for member in committee]
        value = np.mean([_divergence(vote, shares) for vote in votes], axis=0)
    by_article: dict[str, list[tuple[float, str, int, Article]]] = {}
    for number, (article, one) in zip(value.tolist(), rows, strict=True):
        by_article.setdefault(article.id, []).append((number, article.id, one.index, article))
    for entries in by_article.values():
        yield from nlargest(per_article, entries, key=lambda one: one[:3])


def _distinct(
    found: Sequence[tuple[float, str, int, Article]], known_texts: Sequence[str]
) -> list[tuple[float, str, int, Article]]:
    """Leave out what is a near-copy of a known text or of an earlier one."""
    spans = {identity: split(article)[0] for _, identity, _, article in found}
    texts = [article.text[spans[key][index].start : spans[key][index].end] for _, key, index, article in found]
    signatures = sign(texts)
    families, copied = clusters(signatures), find_near(signatures, sign(known_texts))
    rows = enumerate(zip(found, families.tolist(), copied, strict=True))
    return [one for place, (one, family, copy) in rows if family == place and copy is None]


def _entropy(shares: Floats) -> Floats:
    value: Floats = -(shares * np.log(np.maximum(shares, 1e-300))).sum(axis=1)
    return value


def _divergence(vote: Floats, shares: Floats) -> Floats:
    ratio = np.log(np.maximum(vote, 1e-300)) - np.log(np.maximum(shares, 1e-300))
    value: Floats = (vote * ratio).sum(axis=1)
    return value
