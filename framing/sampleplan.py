"""`framing sample --plan`: how many articles per group an audit needs, from a pilot or from stated figures."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from framing.audit import read_audit
from framing.errors import LabelsError, UsageError
from framing.features import Floats
from framing.folds import number_groups
from framing.labelfiles import load_labels
from framing.paragraphs import split
from framing.planning import Plan, articles_needed
from framing.pooling import Audited, pool
from framing.records import Article
from framing.sampling import group_of
from framing.summary import table
from framing.wording import counted, percent

ASSUMED_ICC = 0.1
ASSUMED_PREVALENCES = (0.05, 0.15, 0.3, 0.5)
"""What is planned for where nothing is stated: rare to commonest, and half, which needs most."""


@dataclass(frozen=True, slots=True)
class PlanWish:
    """What an audit is planned for; `prevalence` and `icc` are None where a pilot tells, or nobody."""

    half_width: float
    prevalence: float | None = None
    icc: float | None = None
    pilot: str | None = None
    per_article: int = 3
    by: str | None = None
    seed: int = 0
    inputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """The shares to plan for, each with its name, the intraclass correlation, and where they come from."""

    shares: tuple[tuple[str, float], ...]
    icc: float
    told: str


@dataclass(frozen=True, slots=True)
class _Corpus:
    groups: dict[str, int]
    """Articles with prose by group."""
    variation: float
    """Of the articles' lengths: standard deviation over mean."""


def plan_lines(wish: PlanWish, articles: Iterable[Article] | None) -> Iterator[str]:
    """Yield what is needed for each share; with a corpus, also whether its groups have so many articles.

    Raises UsageError, LabelsError.
    """
    known = _from_pilot(wish) if wish.pilot else _stated(wish)
    corpus = _measured(articles, wish.by) if articles is not None else None
    plans = [(name, share, _plan(wish, share, known.icc, corpus)) for name, share in known.shares]
    yield f"For a median half-width of {wish.half_width:g}, {counted(wish.per_article, 'paragraph')} of each article"
    yield known.told
    if corpus is not None:
        yield f"{counted(len(corpus.groups), 'group')}; article lengths vary by {corpus.variation:.2f} of their mean"
    head = ("share", "of paragraphs", "articles per group", "paragraphs", "half-width", "80 % range")
    rows = [
        (name, percent(share), f"{plan.articles:,}", f"{plan.articles * wish.per_article:,}",
         f"{plan.median:.3f}", f"{plan.low:.3f}-{plan.high:.3f}")
        for name, share, plan in plans
    ]  # fmt: skip
    yield from table([head, *rows])
    yield "This counts on hand labels alone; good predictions make the intervals shorter."
    if corpus is not None:
        yield from _fits(wish, corpus, max(plan.articles for _, _, plan in plans))


def _plan(wish: PlanWish, share: float, icc: float, corpus: _Corpus | None) -> Plan:
    return articles_needed(
        wish.half_width, share, icc, per_article=wish.per_article, seed=wish.seed,
        length_variation=corpus.variation if corpus else 0.0,
    )  # fmt: skip


def _stated(wish: PlanWish) -> _Known:
    shares = (wish.prevalence,) if wish.prevalence is not None else ASSUMED_PREVALENCES
    icc = ASSUMED_ICC if wish.icc is None else wish.icc
    how = "assumed" if wish.icc is None else "stated"
    told = f"Intraclass correlation {icc:g} ({how})"
    if wish.prevalence is None or wish.icc is None:
        told += "; state yours with --prevalence and --icc, or name labels that you have with --pilot"
    named = tuple(("stated" if wish.prevalence is not None else "assumed", share) for share in shares)
    return _Known(named, icc, told)


def _from_pilot(wish: PlanWish) -> _Known:
    """Return the shares and the likeness that a filled sheet or folder tells. What is stated takes precedence."""
    assert wish.pilot is not None
    path = Path(wish.pilot)
    codebook = load_labels(path).codebook
    labels = codebook.labels
    sheet = read_audit(path, codebook, labels)
    codes = np.array([one.codes for one in sheet.units])
    weights = np.array([1 / (one.inclusion or 1.0) for one in sheet.units])
    articles = [one.unit.article or one.unit.id for one in sheet.units]
    shares = weights @ codes / weights.sum()
    sources = [one.unit.source for one in sheet.units]
    icc = wish.icc if wish.icc is not None else _likeness(codes, weights, articles, sources)
    named = tuple(
        (codebook.titles[label], float(share)) for label, share in zip(labels, shares, strict=True) if 0 < share < 1
    )
    if wish.prevalence is not None:
        named = (("stated", wish.prevalence),)
    if not named:
        raise LabelsError(f"{path}: has a single label, which tells nothing to plan with; state --prevalence")
    told = f"From {path}: {counted(len(codes), 'paragraph')} in {counted(len(set(articles)), 'article')}"
    return _Known(named, icc, f"{told}; intraclass correlation {icc:.2f}{' (stated)' if wish.icc is not None else ''}")


def _likeness(codes: Floats, weights: Floats, articles: Sequence[str], sources: Sequence[str | None]) -> float:
    """Return the intraclass correlation of the codes within articles, over all sources with two articles or more."""
    found: list[Audited] = []
    for source in sorted({source or "" for source in sources}):
        rows = [row for row, own in enumerate(sources) if (own or "") == source]
        numbers = number_groups([articles[row] for row in rows])
        if len(np.unique(numbers)) > 1:
            found.append(Audited(weights[rows], numbers, codes[rows], np.zeros_like(codes[rows])))
    if not found:
        raise LabelsError("a pilot of a single article in every source tells nothing; state --icc and --prevalence")
    pooled = pool(found)
    sizes = [one.count for one in found]
    return min(float(np.average([one.icc_codes for one in pooled], weights=sizes)), 0.99)


def _measured(articles: Iterable[Article], by: str | None) -> _Corpus:
    groups, sizes = Counter[str](), []
    for article in articles:
        group, spans = group_of(article, by), split(article)[0]
        if group is not None and spans:
            groups[group] += 1
            sizes.append(len(spans))
    if not sizes:
        raise UsageError(f"no article with prose has a {by or 'source'}")
    return _Corpus(dict(groups), float(np.std(sizes) / np.mean(sizes)))


def _fits(wish: PlanWish, corpus: _Corpus, articles: int) -> Iterator[str]:
    """Say which groups have fewer articles, and how to draw."""
    short = sorted(name for name, count in corpus.groups.items() if count < articles)
    if short:
        named = ", ".join(f"{name} ({corpus.groups[name]})" for name in short[:10])
        more = f" and {len(short) - 10} more" if len(short) > 10 else ""
        yield f"Fewer than {articles:,} articles have: {named}{more}; there, all that can be done is to code them all"
    number = sum(min(count, articles) for count in corpus.groups.values()) * wish.per_article
    parts = ["framing", "sample", *wish.inputs, "-n", str(number), "--per-article", str(wish.per_article)]
    parts += ["--by", wish.by] if wish.by else []
    yield f"To draw so many: {shlex.join([*parts, '-o', 'audit'])}"
