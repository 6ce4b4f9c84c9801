"""Draw paragraphs to be labelled by hand: articles at random within groups, then paragraphs within articles.

In each draw every article has a random number of its own, made of the seed, the draw and its id, and the articles of a
group stand in the order of these numbers: the first of them are a simple random sample, in whatever order the corpus
comes, and one pass over it is enough. From an article that is drawn, a simple random sample of its paragraphs is taken.

A later draw takes articles that no draw took before, and comes back to articles with paragraphs left only where the
others are used up. A paragraph's inclusion probability is therefore the expected number of paragraphs taken from its
article by all draws, divided by how many it has (two-stage sampling, Saerndal, Swensson and Wretman 1992, section 4.3;
the expectation follows the draws one by one, given how many articles each took). It is exact for what the
first draw reached; later it is off where articles differ much in length, by less than one per cent in simulations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from heapq import nsmallest
from math import ceil, inf
from random import Random

from framing.errors import UsageError
from framing.paragraphs import split
from framing.records import Article, LeftOut, Span
from framing.target import Name, find_names, parse_names
from framing.tokens import tokenize

NO_SOURCE = "(no source)"
"""The group of the articles without a source, where no grouping is asked for."""
_DATE_PARTS = {"year": 4, "month": 7, "day": 10}
_SLACK = 1000
"""How many articles more than can be drawn are held before those that cannot be drawn any more are let go."""


@dataclass(frozen=True, slots=True)
class Share:
    """How a draw went through `free` articles: `whole` of them gave `size` paragraphs each, one more gave `rest`."""

    free: int = 0
    whole: int = 0
    rest: int = 0


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw: for each group its share of the articles that were not drawn before, and of those that were."""

    seed: int
    by: str | None
    per_article: int
    fresh: Mapping[str, Share]
    again: Mapping[str, Share]


@dataclass(frozen=True, slots=True)
class Drawn:
    """An article that was drawn, with its paragraphs and the positions of those that were drawn, ascending."""

    article: Article
    group: str
    spans: tuple[Span, ...]
    chosen: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """What a draw gives; articles stand at random within a group, one of each group in turn."""

    drawn: tuple[Drawn, ...]
    draw: Draw
    reach: Mapping[str, str]
    """The group of each article that could have been drawn, or was drawn before."""
    paragraphs: Mapping[str, int]
    """How many paragraphs the articles of each group have in all."""
    without: int
    """Articles that have no such group."""
    empty: int
    """Articles without a paragraph of prose."""
    unnamed: int
    """Articles that never name the target: they are not about it, and nothing is measured on them."""


@dataclass(slots=True)
class _Stratum:
    """What is kept of articles that are alike while the corpus streams by: counts, and those with low numbers."""

    articles: int = 0
    units: int = 0
    held: list[tuple[int, str, Article, tuple[Span, ...]]] = field(default_factory=list)


def group_of(article: Article, by: str | None) -> str | None:
    """Return the article's group, None where it has none.

    `by` is source, group, target, date:year, date:month, date:day, or another column of the corpus. None is the
    source as well, and the articles without one are a group of their own.
    """
    if by is None:
        return article.source or NO_SOURCE
    name, _, part = by.lower().partition(":")
    if name == "date":
        if (part or "day") not in _DATE_PARTS:
            raise UsageError(f"cannot group by {by}: after date: stands year, month or day")
        size = _DATE_PARTS[part or "day"]
        return article.date[:size] if article.date and len(article.date) >= size else None
    known = {"source": article.source, "group": article.group, "target": article.target}
    return known[name] if name in known and not part else article.fields.get(by.lower())


def draw_sample(
    articles: Iterable[Article],
    wanted: int,
    *,
    by: str | None = None,
    per_article: int = 3,
    seed: int = 0,
    number: int = 1,
    taken: Mapping[str, frozenset[int]] | None = None,
    target: Sequence[str] = (),
) -> Sample:
    """Draw `wanted` paragraphs, as evenly over the groups as these allow, at most `per_article` of an article.

    `number` counts the draws into one place, from 1; `taken` are the paragraphs (by position) of articles that earlier
    draws took; `target` are the target's names, where articles that never name it are to be left out. Fewer are drawn
    where the corpus has no more, and a few more or fewer where articles are shorter than `per_article`: their number is
    settled before their lengths are known.
    """
    taken = taken or {}
    fresh, again = dict[str, _Stratum](), dict[str, _Stratum]()
    reach, paragraphs = dict[str, str](), dict[str, int]()
    without = empty = unnamed = held = 0
    names = parse_names(target)
    most_held = 2 * wanted + _SLACK
    for article in articles:
        group = group_of(article, by)
        spans, left_out = split(article)
        if not spans or group is None:
            empty += not spans
            without += bool(spans)
            continue
        if names and not _names_target(article, left_out, names):
            unnamed += 1
            continue
        reach[article.id] = group
        paragraphs[group] = paragraphs.get(group, 0) + len(spans)
        before = taken.get(article.id, frozenset())
        available = min(len(spans) - len(before), per_article)
        if available <= 0:
            continue
        stratum = (again if before else fresh).setdefault(group, _Stratum())
        stratum.articles += 1
        stratum.units += available
        stratum.held.append((_number(f"{seed}\0{number}\0{article.id}"), article.id, article, spans))
        held += 1
        if held > most_held:
            most_held = 2 * _let_go((fresh, again), wanted) + _SLACK
            held = sum(len(stratum.held) for strata in (fresh, again) for stratum in strata.values())
    lists: list[list[Drawn]] = []
    shares: tuple[dict[str, Share], dict[str, Share]] = ({}, {})
    quotas = _quotas(_available(fresh, again), wanted)
    for group in sorted(quotas):
        ordered: list[Drawn] = []
        quota = quotas[group]
        for strata, noted in zip((fresh, again), shares, strict=True):
            stratum = strata.get(group, _Stratum())
            share = _share(stratum, quota, per_article)
            noted[group] = share
            ordered += _take(stratum, group, share, per_article, taken, f"{seed}\0{number}")
            quota = max(quota - stratum.units, 0)
        lists.append(ordered)
    made = Draw(seed, by, per_article, *shares)
    return Sample(tuple(_in_turn(lists)), made, reach, paragraphs, without, empty, unnamed)


def inclusion(draws: Sequence[Draw], group: str, paragraphs: int) -> float:
    """Return the probability with which each paragraph of an article was drawn by any of the draws, 0 to 1.

    `draws` are those in which the article could be drawn, in order; `paragraphs` is how many it has.
    """
    chances = {0: 1.0}
    for draw in draws:
        after: dict[int, float] = {}
        for took, chance in chances.items():
            share = (draw.again if took else draw.fresh).get(group, Share())
            left = paragraphs - took
            steps = {draw.per_article: share.whole, share.rest: int(share.rest > 0)} if left and share.free else {}
            stay = chance
            for size, articles in steps.items():
                moved = chance * articles / share.free
                stay -= moved
                more = took + min(size, left)
                after[more] = after.get(more, 0.0) + moved
            after[took] = after.get(took, 0.0) + stay
        chances = after
    return sum(took * chance for took, chance in chances.items()) / paragraphs


def deal(
    drawn: Sequence[Drawn], coders: Sequence[str], overlap: float, seed: int, number: int = 1
) -> dict[str, tuple[str, ...]]:
    """Return who codes each drawn article: all coders a random part of the articles, one coder each of the others.

    The shared part has at least the share `overlap` of the paragraphs; the others go round, group by group.
    """
    rng = Random(_number(f"{seed}\0{number}\0coders"))
    wanted = overlap * sum(len(one.chosen) for one in drawn) if len(coders) > 1 else 0.0
    parts: dict[str, tuple[str, ...]] = {}
    shared = 0
    for one in rng.sample(drawn, len(drawn)):
        if shared >= wanted:
            break
        shared += len(one.chosen)
        parts[one.article.id] = tuple(coders)
    turns: dict[str, int] = {}
    for one in drawn:
        if one.article.id not in parts:
            turn = turns.setdefault(one.group, rng.randrange(len(coders)))
            parts[one.article.id] = (coders[turn % len(coders)],)
            turns[one.group] = turn + 1
    return parts


def _names_target(article: Article, left_out: Sequence[LeftOut], names: tuple[Name, ...]) -> bool:
    """Say whether the article's prose, title or a heading names the target, as the scorer sees it."""
    furniture = [(part.start, part.end) for part in left_out if part.reason != "heading"]
    starts, ends = [0, *(end for _, end in furniture)], [*(start for start, _ in furniture), len(article.text)]
    texts = [article.text[start:end] for start, end in zip(starts, ends, strict=True) if start < end]
    asked = parse_names([article.target]) if article.target else names
    return bool(find_names(tokenize([article.title or "", *texts]), [asked]).any())


def _number(name: str) -> int:
    return int.from_bytes(blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")


def _available(*strata: Mapping[str, _Stratum]) -> dict[str, int]:
    units: dict[str, int] = {}
    for one in strata:
        for group, stratum in one.items():
            units[group] = units.get(group, 0) + stratum.units
    return units


def _quotas(available: Mapping[str, int], wanted: int) -> dict[str, int]:
    """Share `wanted` out evenly, in whole numbers; what a group has too little for goes to the others."""
    quotas: dict[str, int] = {}
    left, waiting = wanted, sorted(available, key=lambda group: (available[group], group))
    for place, group in enumerate(waiting):
        quotas[group] = min(left // (len(waiting) - place), available[group])
        left -= quotas[group]
    return quotas


def _let_go(strata: Sequence[Mapping[str, _Stratum]], wanted: int) -> int:
    """Let go of the articles that no more articles can bring back into the sample; return how many are held.

    A group's quota never rises above the largest of today's quotas, because groups only grow; an article gives at
    least one paragraph.
    """
    available = _available(*strata)
    enough = sum(available.values()) >= wanted
    most = ceil(max(_quotas(available, wanted).values(), default=0)) + 1 if enough else inf
    held = 0
    for one in strata:
        for stratum in one.values():
            if len(stratum.held) > most:
                stratum.held = nsmallest(int(most), stratum.held, key=lambda entry: entry[:2])
            held += len(stratum.held)
    return held


def _share(stratum: _Stratum, quota: int, per_article: int) -> Share:
    """Return how many articles of a stratum give about `quota` paragraphs: by the mean that an article can give."""
    if not quota or not stratum.articles:
        return Share(stratum.articles)
    if quota >= stratum.units:
        return Share(stratum.articles, stratum.articles)
    needed = quota * stratum.articles / stratum.units
    whole = min(int(needed + 1e-9), stratum.articles)
    rest = round((needed - whole) * per_article) if whole < stratum.articles else 0
    return Share(stratum.articles, whole + rest // per_article, rest % per_article)


def _take(
    stratum: _Stratum,
    group: str,
    share: Share,
    per_article: int,
    taken: Mapping[str, frozenset[int]],
    name: str,
) -> list[Drawn]:
    ordered = nsmallest(share.whole + (share.rest > 0), stratum.held, key=lambda entry: entry[:2])
    found = []
    for place, (_, identity, article, spans) in enumerate(ordered):
        left = sorted(set(range(len(spans))) - taken.get(identity, frozenset()))
        size = per_article if place < share.whole else share.rest
        rng = Random(_number(f"{name}\0paragraphs of {identity}"))
        found.append(Drawn(article, group, spans, tuple(sorted(rng.sample(left, min(size, len(left)))))))
    return found


def _in_turn(lists: Sequence[Sequence[Drawn]]) -> list[Drawn]:
    longest = max(map(len, lists), default=0)
    return [one[place] for place in range(longest) for one in lists if place < len(one)]
