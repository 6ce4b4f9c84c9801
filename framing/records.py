"""The plain values that the modules hand to each other: frozen dataclasses without behaviour, and an article's id.

All offsets are character offsets (Python `str` indices), half open, into `Article.text`, the text that was read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Block:
    """One visible block of a web page, in reading order; `text[start:end]` is the block."""

    start: int
    end: int
    tag: str
    """The element that made the block: p, h1 to h6, li, td, blockquote, figcaption, div ..."""
    article: bool
    """Whether the extractor holds the block to be part of the article."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it was read. `id` is the given id, else a hash of the text, never a path."""

    id: str
    text: str
    title: str | None = None
    source: str | None = None
    date: str | None = None
    """ISO 8601 (YYYY, YYYY-MM, YYYY-MM-DD or a full timestamp), or None."""
    url: str | None = None
    group: str | None = None
    """The larger group that a file of sources maps the source to (country, owner ...)."""
    target: str | None = None
    """The actor that this row asks about, where it is not the codebook's."""
    origin: str = ""
    """Where it was read from, for messages: a path, `path:line`, an address, or `-`."""
    notes: tuple[str, ...] = ()
    """What of the input was not used, and why; the article itself is whole."""
    blocks: tuple[Block, ...] | None = None
    """The blocks of a web page; None for plain text, whose blocks are found by framing.paragraphs."""
    fields: Mapping[str, str] = field(default_factory=dict)
    """What else a row of a corpus says of the article (country, section ...), by column in lower case."""


def article_id(text: str) -> str:
    """Return the id of an article that has none: 16 hex digits of the sha256 of its text without outer white space."""
    return sha256(text.strip().encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Failed:
    """An input that could not be read; the run goes on with the others."""

    origin: str
    message: str


@dataclass(frozen=True, slots=True)
class Repeated:
    """An input that is the same article as an earlier one."""

    origin: str
    first: str
    """Where the article was read the first time."""


@dataclass(frozen=True, slots=True)
class Span:
    """A paragraph of prose: `text[start:end]`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A stretch of the text that is not the article's prose, with the reason in one or two words."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one stretch of text adds to the logit of the paragraph's label.

    `start` and `end` are offsets into the article's text, so that `text[start:end]` is the surface text; both are
    None for a feature of the whole paragraph. `weight` is in logits (natural log odds), after calibration.
    """

    text: str
    start: int | None
    end: int | None
    weight: float


@dataclass(frozen=True, slots=True)
class ScoredParagraph:
    """One paragraph with its label. What is not `ok` has label, logit and intercept None and no probabilities."""

    index: int
    """Position among the paragraphs of the article, from 0."""
    start: int
    end: int
    text: str
    status: str
    """ok, off_topic, other_language, or no_target (with the article)."""
    label: str | None
    probabilities: Mapping[str, float]
    """Calibrated, in the codebook's order; they sum to 1."""
    logit: float | None
    """The label's logit: intercept plus all contributions; softmax over the labels' logits gives the probabilities."""
    intercept: float | None
    quoted: float
    """The share of the paragraph's characters inside quotation marks, 0 to 1."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoredArticle:
    """One article with its scored paragraphs and what was left out of it."""

    id: str
    text: str
    title: str | None
    source: str | None
    date: str | None
    url: str | None
    group: str | None
    target: str | None
    """The actor that the article was asked about, where it is not the codebook's."""
    origin: str
    status: str
    """ok, no_target, off_topic or other_language."""
    paragraphs: tuple[ScoredParagraph, ...]
    left_out: tuple[LeftOut, ...]
    shares: Mapping[str, float]
    """Share of each label among the `ok` paragraphs, predicted and not corrected; empty where there is none."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with the ends of its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """What reports and exports say about the model that made them."""

    name: str
    fingerprint: str
    """The first 12 hex digits of the model's sha256."""
    codebook: str
    codebook_version: int
    question: str
    labels: tuple[str, ...]
    titles: Mapping[str, str]
    """The frame's title for people, by label."""
    none_label: str | None
    """The label that means "not framed", if the codebook has one."""
    headline_kind: str | None
    """The kind of text that the figures below are for, or None for all."""
    unseen_articles: Interval | None
    """Accuracy on articles not seen in training, out of fold."""
    unseen_sources: Interval | None
    """Accuracy on sources not seen in training; None where the labels have too few sources."""
    notice: str | None = None
    """What every output must say about the model (how its texts and codes were made), or None."""
    majority: float | None = None
    """Accuracy of always giving the commonest label, in the same folds as the figures above."""
