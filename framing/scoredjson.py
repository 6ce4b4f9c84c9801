"""Scored articles as JSON and JSON Lines, written article by article.

Shares are counted from predictions: every form says "predicted, not corrected".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import TextIO

from framing.records import Failed, ModelFacts, Repeated, ScoredArticle

NOT_CORRECTED = "predicted, not corrected"
_ESCAPED = re.compile("[\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(slots=True)
class Problems:
    """What went wrong with some of the inputs; whoever reads the inputs fills it while the articles stream by."""

    failed: list[Failed] = field(default_factory=list)
    repeated: list[Repeated] = field(default_factory=list)


def to_json(value: object) -> str:
    """Return strict JSON on one line that any reader takes and no terminal obeys.

    Text stays as it is, but for lone surrogates, DEL, C1 controls and Unicode line ends, which are escaped. Raises
    ValueError for NaN and infinities.
    """
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False, allow_nan=False))


def article_json(article: ScoredArticle, *, with_text: bool) -> dict[str, object]:
    """Return an article as plain JSON values; `with_text` adds the text that all offsets are for."""
    values: dict[str, object] = {"id": article.id, "title": article.title, "source": article.source}
    if article.group is not None:
        values["group"] = article.group
    if article.target is not None:
        values["target"] = article.target
    values |= {"date": article.date, "url": article.url, "status": article.status}
    if with_text:
        values["text"] = article.text
    values["paragraphs"] = [
        {
            "index": paragraph.index,
            "start": paragraph.start,
            "end": paragraph.end,
            "text": paragraph.text,
            "status": paragraph.status,
            "label": paragraph.label,
            "probabilities": dict(paragraph.probabilities),
            "logit": paragraph.logit,
            "intercept": paragraph.intercept,
            "quoted": paragraph.quoted,
            "evidence": [asdict(entry) for entry in paragraph.evidence],
        }
        for paragraph in article.paragraphs
    ]
    values["left_out"] = [asdict(stretch) for stretch in article.left_out]
    values["shares"] = dict(article.shares)
    return values


def model_json(facts: ModelFacts) -> dict[str, object]:
    """Return what there is to say about the model as plain JSON values; accuracies are shares, 0 to 1."""
    return {
        "name": facts.name,
        "fingerprint": facts.fingerprint,
        "codebook": facts.codebook,
        "version": facts.codebook_version,
        "labels": list(facts.labels),
        "headline_kind": facts.headline_kind,
        "unseen_sources": asdict(facts.unseen_sources) if facts.unseen_sources else None,
        "unseen_articles": asdict(facts.unseen_articles) if facts.unseen_articles else None,
        "majority": facts.majority,
        "shares": NOT_CORRECTED,
        "notice": facts.notice,
    }


def write_json(
    articles: Iterable[ScoredArticle],
    facts: ModelFacts,
    file: TextIO,
    *,
    with_text: bool = False,
    problems: Problems | None = None,
) -> None:
    """Write one JSON object with `articles`, `model`, `failed` and `repeated`; one article is held at a time."""
    file.write('{"articles": [')
    between = "\n"
    for article in articles:
        file.write(between + to_json(article_json(article, with_text=with_text)))
        between = ",\n"
    problems = problems or Problems()
    file.write(f'\n],\n"model": {to_json(model_json(facts))}')
    file.write(f',\n"failed": {to_json([asdict(entry) for entry in problems.failed])}')
    file.write(f',\n"repeated": {to_json([asdict(entry) for entry in problems.repeated])}}}\n')


def write_jsonl(articles: Iterable[ScoredArticle], facts: ModelFacts, file: TextIO, *, with_text: bool = False) -> None:
    """Write one article a line, each with the name, fingerprint and notice of the model."""
    for article in articles:
        file.write(jsonl_line(article, facts, with_text=with_text))


def jsonl_line(article: ScoredArticle, facts: ModelFacts, *, with_text: bool) -> str:
    """Return the line of an article."""
    model = {"name": facts.name, "fingerprint": facts.fingerprint, "notice": facts.notice}
    return to_json(article_json(article, with_text=with_text) | {"model": model}) + "\n"
