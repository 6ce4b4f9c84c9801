"""Simulated corpora with audits whose true shares are known.

Each group's articles have lengths that are skewed and true shares that scatter around the group's (Dirichlet, so that
two paragraphs of an article agree as the intraclass correlation says). A classifier errs as a table says, or is really
trained on the audited articles. Up to three paragraphs of each audited article are labelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from framing.features import Floats
from framing.foldmix import mix_folds
from framing.prevalence import Prevalence, estimate_prevalence
from framing.tokens import Ints

SENSITIVITY, SPECIFICITY = 0.70, 0.93
"""How often the usual classifier finds a frame, and calls an unframed paragraph unframed."""
NONE = 3
SHARES = np.array([0.02, 0.05, 0.15, 0.78])
"""Three frames, two of them rare, and "none"."""
_WORDS, _FOLDS = 60, 5


@dataclass(frozen=True)
class Cell:
    """One setting; shares (groups, K), articles of each group in the audit and in the corpus."""

    shares: Floats
    icc: float
    audited: Sequence[int]
    articles: int = 200
    sensitivity: tuple[float, ...] = (SENSITIVITY,)
    """Of the groups in turn; 0: the predictions are drawn without a look at the label."""
    specificity: float = SPECIFICITY
    per_article: tuple[int, int] = (3, 3)
    """At least and at most so many paragraphs of an audited article are labelled, at random."""
    trained: bool = False
    """The classifier is trained on the audited paragraphs, and predicts them out of fold."""


@dataclass(frozen=True)
class Data:
    """What estimate_prevalence takes, and the true shares of each group's corpus (groups, K)."""

    group: Ints
    article: Ints
    predicted: Floats
    audited: Ints
    inclusion: Floats
    codes: Floats
    in_corpus: Floats

    def estimate(self, *, finite: bool = False, none: int | None = NONE) -> Prevalence:
        return estimate_prevalence(
            self.group, self.article, self.predicted, self.audited, self.inclusion, self.codes, none=none, finite=finite
        )


def simulate(cell: Cell, rng: np.random.Generator) -> Data:
    """Draw a corpus, its predictions and its audit."""
    groups, labels = cell.shares.shape
    total = groups * cell.articles
    lengths = np.minimum(1 + rng.negative_binomial(1.5, 0.2, total), 60)
    article = np.repeat(np.arange(total), lengths)
    group = article // cell.articles
    own = np.repeat(cell.shares, cell.articles, axis=0)
    if cell.icc:
        own = rng.standard_gamma(own * (1 / cell.icc - 1))
        own /= np.maximum(own.sum(axis=1, keepdims=True), 1e-300)
    true = _draw(own[article], rng)
    # Which articles are audited, and which of their paragraphs: the first ones in a random order of their own.
    places = rng.random((groups, cell.articles)).argsort(axis=1).argsort(axis=1)
    chosen = (places < np.array(cell.audited)[:, None]).ravel()
    asked = rng.integers(cell.per_article[0], cell.per_article[1] + 1, total)
    order = np.lexsort((rng.random(len(article)), article))
    rank = np.arange(len(article)) - (lengths.cumsum() - lengths)[article]
    audited = np.sort(order[chosen[article] & (rank < asked[article])])
    drawn = article[audited]
    inclusion = np.array(cell.audited)[drawn // cell.articles] / cell.articles
    counts = np.bincount(group * labels + true, minlength=groups * labels).reshape(groups, labels)
    data = Data(
        group,
        article,
        np.zeros((0, labels)),
        audited,
        inclusion * np.minimum(asked[drawn] / lengths[drawn], 1),
        np.eye(labels)[true[audited]],
        counts / counts.sum(axis=1, keepdims=True),
    )
    return replace(data, predicted=_trained(data, true, rng) if cell.trained else _predicted(cell, group, true, rng))


def errors_of(shares: Floats, sensitivity: float, specificity: float = SPECIFICITY) -> Floats:
    """Return the chance of each predicted label (columns) given the true one (rows)."""
    labels = len(shares)
    if not sensitivity:
        return np.tile(shares, (labels, 1))
    errors = np.full((labels, labels), (1 - specificity) / (labels - 1))
    errors[:NONE] = (1 - sensitivity) / (2 * (labels - 2))
    errors[:NONE, NONE] = (1 - sensitivity) / 2
    np.fill_diagonal(errors, sensitivity)
    errors[NONE, NONE] = specificity
    return errors


def correlation(shares: Floats, sensitivity: float, label: int, specificity: float = SPECIFICITY) -> float:
    """Return the correlation of a label's code with its prediction."""
    errors = errors_of(shares, sensitivity, specificity)
    true, given = shares[label], float(shares @ errors[:, label])
    return float(true * (errors[label, label] - given) / np.sqrt(true * (1 - true) * given * (1 - given)))


def _predicted(cell: Cell, group: Ints, true: Ints, rng: np.random.Generator) -> Floats:
    kinds = cell.sensitivity
    tables = np.array(
        [errors_of(own, kinds[number % len(kinds)], cell.specificity) for number, own in enumerate(cell.shares)]
    )
    predicted: Floats = np.eye(cell.shares.shape[1])[_draw(tables[group, true], rng)]
    return predicted


def _draw(shares: Floats, rng: np.random.Generator) -> Ints:
    ends = shares.cumsum(axis=1)
    drawn: Ints = (ends[:, :-1] < (rng.random(len(shares)) * ends[:, -1])[:, None]).sum(axis=1)
    return drawn


def _trained(data: Data, true: Ints, rng: np.random.Generator) -> Floats:
    """Draw texts, train one model per fold of audited articles, and cross-predict (Zrnic and Candes 2024).

    The models are put together as a comparison does it. Labels and articles have words of their own, so that a model
    that saw an article is better there.
    """
    from sklearn.linear_model import LogisticRegression

    labels = data.codes.shape[1]
    usual = rng.normal(0, 1, _WORDS)
    telling = rng.normal(0, 0.6, (labels, _WORDS))
    topics = rng.normal(0, 0.5, (int(data.article.max()) + 1, _WORDS))
    rates = np.exp(usual + telling[true] + topics[data.article])
    texts = np.sqrt(rng.poisson(25 * rates / rates.sum(axis=1, keepdims=True)))
    articles = np.unique(data.article[data.audited], return_inverse=True)[1]
    folds = (rng.permutation(articles.max() + 1) % _FOLDS)[articles]
    each = np.zeros((len(true), _FOLDS, labels))
    for fold in range(_FOLDS):
        learned = folds != fold
        known = true[data.audited[learned]]
        shares = each[:, fold]
        if (known == known[0]).all():
            shares[:, known[0]] = 1
        else:
            model = LogisticRegression(C=0.3, max_iter=200, tol=1e-2).fit(texts[data.audited[learned]], known)
            shares[:, model.classes_] = model.predict_proba(texts)
    predicted = mix_folds(each, data.group, data.audited, folds, 1 / data.inclusion)
    normed: Floats = predicted / predicted.sum(axis=1, keepdims=True)
    return normed
