"""Makers of scored articles, with what a test does not care about filled in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from framing.records import Evidence, Interval, LeftOut, ModelFacts, ScoredArticle, ScoredParagraph

LABELS = ("neutral_broker", "obstacle", "opportunist", "none")
FACTS = ModelFacts(
    name="tea-house",
    fingerprint="0123456789ab",
    codebook="tea-house",
    codebook_version=2,
    question="How is the host framed?",
    labels=LABELS,
    titles={label: label.capitalize() for label in LABELS},
    none_label="none",
    headline_kind="restated",
    unseen_articles=Interval(0.66, 0.61, 0.71),
    unseen_sources=Interval(0.62, 0.55, 0.69),
    notice="The texts and their codes were made up for a test.",
    majority=0.41,
)


def scored_paragraph(
    text: str,
    label: str | None = "obstacle",
    *,
    probability: float = 0.7,
    start: int = 0,
    index: int = 0,
    status: str | None = None,
    deciding: Mapping[str, float] | None = None,
    quoted: float = 0.0,
    labels: Sequence[str] = LABELS,
) -> ScoredParagraph:
    """Return a paragraph; `deciding` gives the weight of words that stand in it, at their first place.

    Without a label the status is off_topic; what a label leaves of 1 is dealt out evenly to the others.
    """
    if label is None:
        return ScoredParagraph(
            index, start, start + len(text), text, status or "off_topic", None, {}, None, None, quoted
        )
    others = (1 - probability) / (len(labels) - 1)
    evidence = []
    for word, weight in (deciding or {}).items():
        at = text.find(word)
        first, last = (start + at, start + at + len(word)) if at >= 0 else (None, None)
        evidence.append(Evidence(word, first, last, weight))
    return ScoredParagraph(
        index=index,
        start=start,
        end=start + len(text),
        text=text,
        status=status or "ok",
        label=label,
        probabilities={name: probability if name == label else others for name in labels},
        logit=sum(entry.weight for entry in evidence) - 0.25,
        intercept=-0.25,
        quoted=quoted,
        evidence=tuple(evidence),
    )


def scored_article(
    *paragraphs: ScoredParagraph,
    id: str = "a1",
    title: str | None = "Talks at the tea house",
    source: str | None = "Example Monitor",
    date: str | None = "2020-11-09",
    url: str | None = "https://example.org/talks",
    group: str | None = None,
    origin: str = "talks.txt",
    status: str = "ok",
    left_out: Mapping[str, str] | None = None,
) -> ScoredArticle:
    """Return an article whose text is the paragraphs, then what is left out (text: reason), with blank lines between.

    Paragraphs are moved to their places and numbered.
    """
    text = ""
    placed = []
    for index, paragraph in enumerate(paragraphs):
        moved = len(text) - paragraph.start
        evidence = tuple(_moved(entry, moved) for entry in paragraph.evidence)
        start, end = len(text), len(text) + len(paragraph.text)
        placed.append(replace(paragraph, index=index, start=start, end=end, evidence=evidence))
        text += paragraph.text + "\n\n"
    stretches = []
    for words, reason in (left_out or {}).items():
        stretches.append(LeftOut(len(text), len(text) + len(words), reason))
        text += words + "\n\n"
    given = [paragraph.label for paragraph in placed if paragraph.label is not None]
    names = dict.fromkeys(name for paragraph in placed for name in paragraph.probabilities)
    shares = {name: given.count(name) / len(given) for name in names}
    return ScoredArticle(
        id, text, title, source, date, url, group, None, origin, status, tuple(placed), tuple(stretches), shares
    )


def _moved(entry: Evidence, by: int) -> Evidence:
    if entry.start is None or entry.end is None:
        return entry
    return replace(entry, start=entry.start + by, end=entry.end + by)
