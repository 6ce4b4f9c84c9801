"""A trained model: scores articles paragraph by paragraph, with the evidence for each label.

import framing
model = framing.load_model("russia-mediator")
article = model.score("Moscow hosted both foreign ministers on Friday. ...")
article.paragraphs[0].label, article.paragraphs[0].evidence
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from framing.codebook import Codebook
from framing.features import Floats, prepare
from framing.linear import Contribution, Linear, Vocabulary
from framing.metrics import probabilities
from framing.paragraphs import headline, split
from framing.quotes import quoted_share
from framing.records import (
    Article,
    Evidence,
    Interval,
    LeftOut,
    ModelFacts,
    ScoredArticle,
    ScoredParagraph,
    Span,
    article_id,
)
from framing.target import Name, parse_names
from framing.tokens import Ints, Tokens

DEFAULT_MODEL = "russia-mediator"
DEFAULT_EVIDENCE = 10
_BATCH = 800_000
"""Characters that are scored at once, but always a whole paragraph."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Below which shares a text is not of the kind that the model knows.

    function: function words among all tokens; known: known words among the others. From out-of-fold training texts.
    """

    function: float
    known: float

    def judge(self, vocabulary: Vocabulary) -> list[str]:
        """Return ok, off_topic or other_language for each text.

        A share counts as below only where it is so by two standard errors, so that a short text is not judged on a
        few words.
        """
        content = vocabulary.tokens - vocabulary.function
        foreign = _clearly_below(vocabulary.function, vocabulary.tokens, self.function)
        unknown = _clearly_below(vocabulary.known, content, self.known)
        return [
            "ok" if not is_unknown else "other_language" if is_foreign else "off_topic"
            for is_foreign, is_unknown in zip(foreign.tolist(), unknown.tolist(), strict=True)
        ]


def _clearly_below(part: Ints, whole: Ints, limit: float) -> Any:
    size = np.maximum(whole, 1)
    return (whole > 0) & (part / size + 2 * np.sqrt(limit * (1 - limit) / size) < limit)


@dataclass(frozen=True)
class Model:
    """A trained model. Make one with `framing.load_model` or `framing.train`."""

    name: str
    codebook: Codebook = field(repr=False)
    linear: Linear = field(repr=False)
    article_limits: Limits
    paragraph_limits: Limits
    manifest: Mapping[str, Any] = field(repr=False)
    """model.json: settings, data, scores, versions."""
    folder: Path | None = None
    _names: dict[str | None, tuple[Name, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def labels(self) -> tuple[str, ...]:
        """The codebook's labels, in its order."""
        return self.codebook.labels

    @property
    def fingerprint(self) -> str:
        """The first 12 hex digits of the model's sha256."""
        return str(self.manifest.get("sha256", ""))[:12]

    @property
    def facts(self) -> ModelFacts:
        """What reports and exports say about this model."""
        scores = self.manifest["scores"]
        return ModelFacts(
            name=self.name,
            fingerprint=self.fingerprint,
            codebook=self.codebook.name,
            codebook_version=self.codebook.version,
            question=self.codebook.question,
            labels=self.labels,
            titles=self.codebook.titles,
            none_label=self.codebook.none_label,
            headline_kind=scores["headline_kind"],
            unseen_articles=_accuracy(scores, "unseen_articles"),
            unseen_sources=_accuracy(scores, "unseen_sources"),
            notice=self.codebook.notice,
            majority=_majority(scores),
        )

    def names(self, target: str | None) -> tuple[Name, ...]:
        """Return the names of a row's target, or the codebook's where the row has none."""
        if target not in self._names:
            self._names[target] = parse_names([target] if target else self.codebook.target)
        return self._names[target]

    def score(self, text: str, *, target: str | None = None, evidence: int | None = DEFAULT_EVIDENCE) -> ScoredArticle:
        """Score one article given as plain text; see `score_articles`."""
        article = Article(id=article_id(text), text=text, target=target)
        return next(iter(self.score_articles([article], evidence=evidence)))

    def score_articles(
        self, articles: Iterable[Article], *, evidence: int | None = DEFAULT_EVIDENCE
    ) -> Iterator[ScoredArticle]:
        """Score articles, lazily and in order.

        `evidence` is how many of the strongest stretches each paragraph gets, None for all. What an article gets does
        not depend on the articles beside it.
        """
        waiting: list[tuple[Article, tuple[Span, ...], tuple[LeftOut, ...]]] = []
        size = 0
        for article in articles:
            size += len(article.text)
            if waiting and size > _BATCH:
                yield from self._score_batch(waiting, evidence)
                waiting, size = [], len(article.text)
            waiting.append((article, *split(article)))
        yield from self._score_batch(waiting, evidence)

    def predict(
        self, texts: Sequence[str], targets: Sequence[str | None] | None = None
    ) -> tuple[Floats, tuple[str, ...]]:
        """Return the calibrated logits (n, K) of paragraphs out of any article, and the status of each.

        `targets` gives each paragraph its target; None is the codebook's. The status is by vocabulary alone: ok,
        off_topic or other_language.
        """
        logits, status = [np.zeros((0, len(self.labels)))], list[str]()
        for some in _batches(texts):
            names = [self.names(target) for target in targets[some]] if targets else [self.names(None)]
            applied = self.linear.apply(texts[some], names)
            logits.append(applied.logits)
            status += self.paragraph_limits.judge(applied.vocabulary)
        return np.concatenate(logits), tuple(status)

    def _score_batch(
        self, waiting: list[tuple[Article, tuple[Span, ...], tuple[LeftOut, ...]]], evidence: int | None
    ) -> Iterator[ScoredArticle]:
        texts = [article.text[span.start : span.end] for article, spans, _ in waiting for span in spans]
        names = [self.names(article.target) for article, spans, _ in waiting for _ in spans]
        if len(set(names)) == 1:
            names = names[:1]
        scored = _Scored(self, texts, names, evidence) if texts else None
        first = 0
        for article, spans, left_out in waiting:
            rows = range(first, first + len(spans))
            first = rows.stop
            yield _scored_article(self, article, spans, left_out, scored, rows, evidence)


def _batches(texts: Sequence[str]) -> Iterator[slice]:
    """Yield stretches of texts that fit into a batch each, or are one text."""
    size = np.cumsum([len(text) for text in texts])
    at = 0
    while at < len(texts):
        to = max(int(np.searchsorted(size, (size[at - 1] if at else 0) + _BATCH, side="right")), at + 1)
        yield slice(at, to)
        at = to


class _Scored:
    """The figures of some paragraphs, ready to be dealt out to their articles."""

    def __init__(self, model: Model, texts: list[str], names: Sequence[tuple[Name, ...]], evidence: int | None) -> None:
        self.texts = texts
        self.found: list[tuple[Tokens, list[Contribution]]] = []
        """For each paragraph what its evidence is made of."""
        logits, named, vocabulary = [], [], []
        for some in _batches(texts):
            applied = model.linear.apply(texts[some], names if len(names) == 1 else names[some])
            logits.append(applied.logits)
            named.append(applied.named)
            vocabulary.append(applied.vocabulary)
            given = applied.logits.argmax(axis=1)
            self.found += [(applied.tokens, one) for one in model.linear.contributions(applied, given, evidence)]
        self.logits, self.named = np.concatenate(logits), np.concatenate(named)
        self.shares, self.given = probabilities(self.logits), self.logits.argmax(axis=1)
        self.vocabulary = Vocabulary.joined(vocabulary)
        self.status = model.paragraph_limits.judge(self.vocabulary)


def _scored_article(
    model: Model,
    article: Article,
    spans: tuple[Span, ...],
    left_out: tuple[LeftOut, ...],
    scored: _Scored | None,
    rows: range,
    evidence: int | None,
) -> ScoredArticle:
    status = _article_status(model, article, left_out, scored, rows)
    paragraphs = tuple(
        _paragraph(model, article, index, span, scored, row, status, evidence)
        for index, (span, row) in enumerate(zip(spans, rows, strict=True))
        if scored
    )
    given = [paragraph.label for paragraph in paragraphs if paragraph.label]
    return ScoredArticle(
        id=article.id,
        text=article.text,
        title=headline(article, spans, left_out),
        source=article.source,
        date=article.date,
        url=article.url,
        group=article.group,
        target=article.target,
        origin=article.origin,
        status=status,
        paragraphs=paragraphs,
        left_out=left_out,
        shares={label: given.count(label) / len(given) for label in model.labels} if given else {},
    )


def _article_status(
    model: Model, article: Article, left_out: tuple[LeftOut, ...], scored: _Scored | None, rows: range
) -> str:
    """Judge the article as a whole: its language, then whether it names the target, then its vocabulary."""
    names = model.names(article.target)
    part = slice(rows.start, rows.stop)
    judged, named = "off_topic", False  # what holds of an article without prose: no word of it is known
    if scored is not None and rows:
        judged = model.article_limits.judge(scored.vocabulary.at(part).total())[0]
        named = bool(scored.named[part].any())
    if judged != "other_language" and names and not named and not _in_headings(article, left_out, names):
        return "no_target"
    return judged


def _in_headings(article: Article, left_out: tuple[LeftOut, ...], names: tuple[Name, ...]) -> bool:
    """Say whether the title or a heading names the target: they are not scored, but a reader reads them."""
    headings = [article.text[part.start : part.end] for part in left_out if part.reason == "heading"]
    return bool(prepare([article.title or "", *headings], [names]).named.any())


def _paragraph(
    model: Model,
    article: Article,
    index: int,
    span: Span,
    scored: _Scored,
    row: int,
    article_status: str,
    evidence: int | None,
) -> ScoredParagraph:
    text = scored.texts[row]
    status = article_status if article_status != "ok" else scored.status[row]
    plain = ScoredParagraph(
        index=index,
        start=span.start,
        end=span.end,
        text=text,
        status=status,
        label=None,
        probabilities={},
        logit=None,
        intercept=None,
        quoted=quoted_share(text),
    )
    if status != "ok":
        return plain
    given = int(scored.given[row])
    return replace(
        plain,
        label=model.labels[given],
        probabilities=dict(zip(model.labels, scored.shares[row].tolist(), strict=True)),
        logit=float(scored.logits[row, given]),
        intercept=float(model.linear.intercept[given]),
        evidence=_evidence(*scored.found[row], text, span.start, evidence),
    )


def _evidence(
    tokens: Tokens, contributions: list[Contribution], text: str, offset: int, most: int | None
) -> tuple[Evidence, ...]:
    """Return the strongest contributions with their surface text, strongest first; all of them where `most` is None."""
    ranked = sorted(contributions, key=lambda found: (-abs(found.weight), found.first, found.last))
    entries = []
    for found in ranked[:most]:
        start, end = int(tokens.start[found.first]), int(tokens.end[found.last])
        entries.append(Evidence(text[start:end], offset + start, offset + end, found.weight))
    return tuple(entries)


def share_of(value: object) -> float:
    """Return a share of model.json, 0 to 1. Raises ValueError for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise ValueError("a limit or score is not a number from 0 to 1")
    return float(value)


def _headline(scores: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return the scores that are shown first, of unseen articles or sources; None where there are no such scores."""
    found = scores[name]
    return None if found is None else found["sets"][scores["headline_kind"] or "all"]


def _accuracy(scores: Mapping[str, Any], name: str) -> Interval | None:
    headline = _headline(scores, name)
    return Interval(*(share_of(headline["accuracy"][key]) for key in ("value", "low", "high"))) if headline else None


def _majority(scores: Mapping[str, Any]) -> float | None:
    headline = _headline(scores, "unseen_sources") or _headline(scores, "unseen_articles")
    return share_of(headline["majority"]["accuracy"]["value"]) if headline else None
