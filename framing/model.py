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
from framing.duplicates import SIGNATURE, Signatures
from framing.errors import LabelsError, ModelError
from framing.features import BLOCKS, FeatureSettings, Floats, block_of, forms_of
from framing.lexicon import Lexicon
from framing.linear import Applied, Contribution, Linear, Vocabulary
from framing.metrics import probabilities
from framing.paragraphs import split
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
from framing.store import find_model, read_arrays, read_manifest, unpack_forms
from framing.target import Name, parse_names
from framing.tokens import Ints

DEFAULT_MODEL = "russia-mediator"
DEFAULT_EVIDENCE = 10
_BATCH = 200_000
"""Characters of prose that are scored at once."""

WEIGHTS_FILE, SIGNATURES_FILE = "weights.npz", "signatures.npz"
_MAIN = ("forms", "form_offsets", "keys", "idf", "weights", "intercept", "function_words")
_FOLDS = ("fold_idf", "fold_weights", "fold_intercept")
_SIGNATURES = ("hashes", "offsets", "fold")


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


@dataclass(frozen=True, slots=True)
class TrainingUnits:
    """The training paragraphs as far as a model keeps them: near-copy signatures and the fold each was predicted in."""

    signatures: Signatures
    fold: Ints


@dataclass(frozen=True)
class Model:
    """A trained model. Make one with `framing.load_model` or `framing.train`."""

    name: str
    codebook: Codebook
    linear: Linear
    article_limits: Limits
    paragraph_limits: Limits
    manifest: Mapping[str, Any]
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
            waiting.append((article, *split(article)))
            size += len(article.text)
            if size >= _BATCH:
                yield from self._score_batch(waiting, evidence)
                waiting, size = [], 0
        yield from self._score_batch(waiting, evidence)

    def predict(
        self, texts: Sequence[str], targets: Sequence[str | None] | None = None
    ) -> tuple[Floats, tuple[str, ...]]:
        """Return the calibrated logits (n, K) of paragraphs out of any article, and the status of each.

        `targets` gives each paragraph its target; None is the codebook's. The status is by vocabulary alone: ok,
        off_topic or other_language.
        """
        logits, status = [np.zeros((0, len(self.labels)))], list[str]()
        for at in range(0, len(texts), 1000):
            names = [self.names(target) for target in targets[at : at + 1000]] if targets else [self.names(None)]
            applied = self.linear.apply(texts[at : at + 1000], names)
            logits.append(applied.logits)
            status += self.paragraph_limits.judge(self.linear.vocabulary(applied))
        return np.concatenate(logits), tuple(status)

    def _score_batch(
        self, waiting: list[tuple[Article, tuple[Span, ...], tuple[LeftOut, ...]]], evidence: int | None
    ) -> Iterator[ScoredArticle]:
        texts = [article.text[span.start : span.end] for article, spans, _ in waiting for span in spans]
        names = [self.names(article.target) for article, spans, _ in waiting for _ in spans]
        if len(set(names)) == 1:
            names = names[:1]
        applied = self.linear.apply(texts, names) if texts else None
        scored = _Scored(self, applied, texts) if applied else None
        first = 0
        for article, spans, left_out in waiting:
            rows = range(first, first + len(spans))
            first = rows.stop
            yield _scored_article(self, article, spans, left_out, scored, rows, evidence)


class _Scored:
    """The figures of a batch of paragraphs, ready to be dealt out to their articles."""

    def __init__(self, model: Model, applied: Applied, texts: list[str]) -> None:
        self.applied = applied
        self.texts = texts
        self.shares = probabilities(applied.logits)
        self.given = applied.logits.argmax(axis=1)
        self.vocabulary = model.linear.vocabulary(applied)
        self.status = model.paragraph_limits.judge(self.vocabulary)
        self.contributions = model.linear.contributions(applied, self.given)


def _scored_article(
    model: Model,
    article: Article,
    spans: tuple[Span, ...],
    left_out: tuple[LeftOut, ...],
    scored: _Scored | None,
    rows: range,
    evidence: int | None,
) -> ScoredArticle:
    status = _article_status(model, article, scored, rows)
    paragraphs = tuple(
        _paragraph(model, article, index, span, scored, row, status, evidence)
        for index, (span, row) in enumerate(zip(spans, rows, strict=True))
        if scored
    )
    given = [paragraph.label for paragraph in paragraphs if paragraph.label]
    return ScoredArticle(
        id=article.id,
        text=article.text,
        title=article.title,
        source=article.source,
        date=article.date,
        url=article.url,
        group=article.group,
        origin=article.origin,
        status=status,
        paragraphs=paragraphs,
        left_out=left_out,
        shares={label: given.count(label) / len(given) for label in model.labels} if given else {},
    )


def _article_status(model: Model, article: Article, scored: _Scored | None, rows: range) -> str:
    """Judge the article as a whole: its language, then whether it names the target, then its vocabulary."""
    if scored is None or not rows:
        return "ok"
    part = slice(rows.start, rows.stop)
    judged = model.article_limits.judge(scored.vocabulary.at(part).total())[0]
    if judged == "other_language":
        return judged
    names = model.names(article.target)
    if names and not scored.applied.named[part].any() and not _names_in_title(model, article, names):
        return "no_target"
    return judged


def _names_in_title(model: Model, article: Article, names: tuple[Name, ...]) -> bool:
    """Say whether the title or anything else of the text names the target; a headline is not scored but is read."""
    return bool(model.linear.apply([article.text, article.title or ""], [names]).named.any())


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
        logit=float(scored.applied.logits[row, given]),
        intercept=float(model.linear.intercept[given]),
        evidence=_evidence(scored.applied, scored.contributions[row], text, span.start, evidence),
    )


def _evidence(
    applied: Applied, contributions: list[Contribution], text: str, offset: int, most: int | None
) -> tuple[Evidence, ...]:
    """Return the strongest contributions with their surface text, strongest first; all of them where `most` is None."""
    ranked = sorted(contributions, key=lambda found: (-abs(found.weight), found.first, found.last))
    entries = []
    for found in ranked[:most]:
        start, end = int(applied.tokens.start[found.first]), int(applied.tokens.end[found.last])
        entries.append(Evidence(text[start:end], offset + start, offset + end, found.weight))
    return tuple(entries)


def _headline(scores: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """Return the scores that are shown first, of unseen articles or sources; None where there are no such scores."""
    found = scores[name]
    return found["sets"][scores["headline_kind"] or "all"] if found else None


def _accuracy(scores: Mapping[str, Any], name: str) -> Interval | None:
    headline = _headline(scores, name)
    return Interval(**headline["accuracy"]) if headline else None


def _majority(scores: Mapping[str, Any]) -> float | None:
    headline = _headline(scores, "unseen_articles")
    return float(headline["majority"]["accuracy"]["value"]) if headline else None


def load_model(name: str | Path = DEFAULT_MODEL) -> Model:
    """Load a model: a path, or a name in ./models or among framing's own.

    Raises ModelError, in one line, where it is missing, damaged, foreign or newer than this program.
    """
    folder = find_model(name)
    manifest = read_manifest(folder)
    arrays = read_arrays(folder, manifest, WEIGHTS_FILE, _MAIN)
    try:
        codebook = Codebook.from_dict(manifest["codebook"])
        features = manifest["settings"]["features"]
        chars = features["chars"]
        settings = FeatureSettings(
            target=bool(features["target"]),
            chars=(int(chars[0]), int(chars[1])) if chars else None,
            lexicon=bool(features["lexicon"]),
        )
        linear = Linear(
            forms=unpack_forms(arrays["forms"], arrays["form_offsets"]),
            keys=arrays["keys"],
            idf=arrays["idf"].astype(np.float64),
            weights=arrays["weights"].astype(np.float64),
            intercept=arrays["intercept"],
            settings=settings,
            language=str(manifest["language"]),
            lexicon=Lexicon(manifest["lexicon"]) if settings.lexicon else None,
            function_words=arrays["function_words"],
        )
        _check(linear, len(codebook.labels))
        limits = {key: Limits(**manifest["limits"][key]) for key in ("article", "paragraph")}
        model = Model(str(manifest["name"]), codebook, linear, limits["article"], limits["paragraph"], manifest, folder)
        _ = model.facts
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, LabelsError) as error:
        reason = str(error) if isinstance(error, LabelsError | ValueError) else f"unusable {error}"
        raise ModelError(f"{folder} holds no usable model ({reason}); make it anew with `framing train`") from None
    return model


def _check(linear: Linear, labels: int) -> None:
    """Raise ValueError where the arrays do not belong together."""
    count = len(linear.keys)
    right_shapes = (
        linear.keys.shape == linear.idf.shape == (count,)
        and linear.weights.shape == (labels, count)
        and linear.intercept.shape == (labels,)
    )
    first, second = forms_of(linear.keys)
    right_keys = (
        (np.diff(linear.keys) > 0).all()
        and (block_of(linear.keys) < BLOCKS).all()
        and (first >= 0).all()
        and (np.maximum(first, second) < len(linear.forms)).all()
    )
    finite = all(np.isfinite(array).all() for array in (linear.idf, linear.weights, linear.intercept))
    if not (right_shapes and right_keys and finite):
        raise ValueError("its arrays do not belong together")


def load_training_units(model: Model) -> TrainingUnits:
    """Read the signatures of the model's training paragraphs. Raises ModelError."""
    if model.folder is None:
        raise ModelError("the model was not loaded from a folder")
    arrays = read_arrays(model.folder, model.manifest, SIGNATURES_FILE, _SIGNATURES)
    hashes, offsets = arrays["hashes"], arrays["offsets"]
    sizes = np.diff(offsets)
    if (
        len(offsets) == 0
        or offsets[0] != 0
        or offsets[-1] != len(hashes)
        or (sizes < 0).any()
        or (sizes > SIGNATURE).any()
    ):
        raise ModelError(f"{model.folder / SIGNATURES_FILE} is damaged; make it anew with `framing train`")
    return TrainingUnits(Signatures(hashes, offsets), arrays["fold"].astype(np.int64))


def load_fold_models(model: Model) -> list[Linear]:
    """Read the models that predicted the training paragraphs out of fold, in the order of TrainingUnits.fold."""
    if model.folder is None:
        raise ModelError("the model was not loaded from a folder")
    arrays = read_arrays(model.folder, model.manifest, WEIGHTS_FILE, _FOLDS)
    parts = zip(*(arrays[name].astype(np.float64) for name in _FOLDS), strict=True)
    return [replace(model.linear, idf=idf, weights=weights, intercept=intercept) for idf, weights, intercept in parts]
