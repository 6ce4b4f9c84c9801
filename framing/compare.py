"""From a corpus and an audit to a finished comparison of groups: `framing compare`.

The audit is read first, because it decides how the corpus is predicted (framing/crossprediction.py). Then the corpus is
gathered in one pass, the audit joined to it by id and text, and the shares estimated: corrected by the audit, or,
without one, adjusted by the model's cross-validated confusion and marked as not audited.
"""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from framing.agree import code_table, measure
from framing.comparenotes import estimand, notes_of, sample_command
from framing.comparison import (
    Audit,
    AuditAgreement,
    CoderAbout,
    Comparison,
    Point,
    Remainder,
    Series,
    Voice,
    WireCopy,
    is_by_date,
)
from framing.errors import InputError, ModelError
from framing.features import Floats
from framing.folds import number_groups
from framing.gathering import Figures, Grouping, gather
from framing.inputfiles import hashed_inputs
from framing.joining import Joined, counted_arrays, counted_rows, join_audit, read_joined
from framing.predicted import Corpus, export_pieces, open_corpus, scored_pieces
from framing.question import Question, grouping_of
from framing.records import Article
from framing.scheme import Scheme, find_scheme, with_codebook
from framing.shares import Counted, Estimated, differences_of, estimate_groups
from framing.sources import SourceNames, load_sources
from framing.telling import telling_paragraphs
from framing.tokens import Bools, Ints
from framing.version import __version__

_QUOTED = 0.5
"""A paragraph of which at least so much stands in quotation marks is mostly quoted."""
ArticlesOf = Callable[[Sequence[str]], Iterator[Article]]


def compare(question: Question, articles_of: ArticlesOf) -> Comparison:
    """Answer a question; `articles_of` reads the articles of inputs that are not exports.

    Raises FramingError.
    """
    question.check()
    corpus = open_corpus(question.inputs)
    scheme = find_scheme(question, corpus)
    joined = read_joined(question, scheme)
    if joined is not None:
        scheme = with_codebook(scheme, joined.sheet.labels.codebook)
    if joined is None and scheme.model is None:
        raise ModelError(
            f"the model {scheme.about.name} is not at hand, and there is no audit: name its folder with -m, or an "
            "audit with --labels"
        )
    grouping, by = grouping_of(question)
    figures = _gather(question, corpus, scheme, joined, grouping, articles_of)
    groups, counted, remainder = counted_rows(figures, grouping, by)
    if joined is not None:
        join_audit(joined, figures, counted, scheme.model)
    return _answer(question, corpus, scheme, joined, figures, groups, counted, remainder, by)


def _gather(
    question: Question,
    corpus: Corpus,
    scheme: Scheme,
    joined: Joined | None,
    grouping: Grouping,
    articles_of: ArticlesOf,
) -> Figures:
    exported, model = corpus.exported, scheme.model
    texts = exported is None or exported.texts
    if exported is not None:
        names = load_sources(Path(question.sources)) if question.sources else None
        pieces = export_pieces(corpus, [label.id for label in scheme.labels])
        if names is not None:
            pieces = (replace(piece, article=_renamed(piece.article, names)) for piece in pieces)
    else:
        assert model is not None
        pieces = scored_pieces(articles_of(corpus.inputs), model)
    none = next((place for place, label in enumerate(scheme.labels) if label.none), None)
    crossing = joined.crossing if joined is not None and texts else None
    figures = gather(pieces, len(scheme.labels), grouping, none=none, texts=texts, crossing=crossing)
    if not figures.articles:
        raise InputError(f"{', '.join(question.inputs)}: no article could be read")
    if joined is None or joined.crossing is None:
        return figures
    shares, each = figures.shares.copy(), figures.each
    if crossing is None:  # without texts nothing can be predicted out of fold: hand labels alone decide
        shares[:] = 1 / shares.shape[1]
    else:
        unknown = crossing.unknown_articles([one.unit for one in joined.sheet.units])
        flat = np.array([about.id in unknown for about in figures.articles], dtype=bool)
        shares[flat[figures.article]] = 1 / shares.shape[1]
        if each is not None:
            each[flat[figures.article]] = 1 / shares.shape[1]
    return replace(figures, shares=shares, each=each)


def _renamed(article: Article, names: SourceNames) -> Article:
    source, group = names.name(article.source, article.url)
    return replace(article, source=source, group=article.group or group)


def _answer(
    question: Question,
    corpus: Corpus,
    scheme: Scheme,
    joined: Joined | None,
    figures: Figures,
    groups: list[str | None],
    counted: Bools,
    remainder: tuple[Remainder, ...],
    by: str,
) -> Comparison:
    article = figures.article[counted]
    names = sorted({group for number in article.tolist() if (group := groups[number]) is not None})
    if not names:
        told = ", ".join(f"{one.reason}: {one.paragraphs}" for one in remainder)
        raise InputError(f"{', '.join(question.inputs)}: no paragraph is left to count ({told})")
    group = _numbers([groups[number] for number in article.tolist()], names)
    data = counted_arrays(question, scheme, joined, figures, counted, group)
    members = _members(figures, groups, names, question)
    estimated = estimate_groups(data, group, names, members)
    differences, orders, critical = differences_of(estimated, scheme.labels, question.seed)
    coded = {figures.ids[row]: one.given for row, one in zip(joined.rows, joined.units, strict=True)} if joined else {}
    wire = _wire(figures)
    series = _series(data, figures, article, by, estimated)
    needs = joined is None or (not joined.sheet.uncoded and any(one.lacking for one in estimated.groups))
    command = sample_command(question, corpus, len(names), by) if needs else None
    audit = _audit_of(joined, figures, scheme, question.seed) if joined else None
    return Comparison(
        command=question.command,
        versions=_versions(),
        seed=question.seed,
        inputs=hashed_inputs(question.inputs, question.audit, question.groups, question.sources, scheme.model),
        model=scheme.about,
        labels=scheme.labels,
        by=by,
        finite=question.finite,
        estimand=estimand(question, by, joined is not None),
        min_articles=question.min_articles,
        audited=joined is not None,
        audit=audit,
        groups=estimated.groups,
        differences=differences,
        critical=critical,
        orders=orders,
        remainder=remainder,
        articles=len(figures.articles),
        paragraphs=len(figures.ids),
        wire=wire,
        series=series,
        voices=_voices(data, figures.quoted[counted], group, names) if question.voice else (),
        telling=telling_paragraphs(figures, counted, groups, scheme.labels, coded, scheme.model),
        sample_command=command,
        notes=tuple(notes_of(question, scheme, joined, audit, figures, data, group, estimated.groups, wire)),
    )


def _numbers(values: Sequence[str | None], names: Sequence[str]) -> Ints:
    number = {name: place for place, name in enumerate(names)}
    return np.array([number[str(value)] for value in values], dtype=np.int64)


def _members(
    figures: Figures, groups: Sequence[str | None], names: Sequence[str], question: Question
) -> Callable[[int], tuple[str, ...]]:
    if not question.groups:
        return lambda _: ()
    found: dict[str, set[str]] = {}
    for group, about in zip(groups, figures.articles, strict=True):
        if group is not None and about.source:
            found.setdefault(group, set()).add(about.source)
    return lambda number: tuple(sorted(found.get(names[number], ())))


def _wire(figures: Figures) -> WireCopy:
    sizes = Counter(figures.family.tolist())
    copied = [size for size in sizes.values() if size > 1]
    return WireCopy(len(copied), sum(copied), sum(copied) - len(copied), figures.texts_known)


def _series(data: Counted, figures: Figures, article: Ints, by: str, estimated: Estimated) -> Series | None:
    """Return the shares over time: the groups themselves, or all of them together by month."""
    if is_by_date(by):
        unit = by.lower().partition(":")[2] or "day"
        return Series(unit, tuple(Point(one.name, one) for one in estimated.groups)) if estimated.groups else None
    months = [(figures.articles[number].date or "")[:7] for number in article.tolist()]
    dated = np.array([len(month) == len("2020-01") for month in months], dtype=bool)
    names = sorted({month for month, known in zip(months, dated.tolist(), strict=True) if known})
    if len(names) < 2:
        return None
    kept = [month for month, known in zip(months, dated.tolist(), strict=True) if known]
    found = estimate_groups(data.only(dated), _numbers(kept, names), names)
    return Series("month", tuple(Point(one.name, one) for one in found.groups))


def _voices(data: Counted, quoted: Floats, group: Ints, names: Sequence[str]) -> tuple[Voice, ...]:
    mostly = quoted >= _QUOTED
    numbers = group * 2 + mostly
    found = estimate_groups(data, numbers, [name for name in names for _ in range(2)])
    parts: dict[bool, list[int]] = {True: [], False: []}
    for place, number in enumerate(np.unique(numbers).tolist()):
        parts[bool(number % 2)].append(place)
    return (
        Voice("quoted", tuple(found.groups[place] for place in parts[True])),
        Voice("own", tuple(found.groups[place] for place in parts[False])),
    )


def _audit_of(joined: Joined, figures: Figures, scheme: Scheme, seed: int) -> Audit:
    sheet, ids = joined.sheet, [one.unit.id for one in joined.units]
    read = sheet.labels
    used = set(ids)
    counts = {name: sum(code.label is not None for unit, code in codes.items() if unit in used)
              for name, codes in read.codes.items()}  # fmt: skip
    articles = number_groups([one.unit.article or one.unit.id for one in joined.units])
    table = code_table(read.codes, ids, [label.id for label in scheme.labels])
    found = measure(table, len(scheme.labels), articles, seed=seed)
    coders = [
        CoderAbout(name, count, read.coders[name].kind if name in read.coders else None)
        for name, count in counts.items()
        if count
    ]
    return Audit(
        paragraphs=len(ids),
        articles=len(set(articles.tolist())),
        coders=tuple(coders),
        adjudicated=sum(unit in read.adjudicated for unit in ids),
        fractions=sum(len(one.given) > 1 for one in joined.units),
        uncoded=sheet.uncoded,
        after_first_gap=sheet.after_first_gap,
        outside=joined.outside,
        assumed_random=sheet.assumed_random,
        in_training=joined.crossing.in_training if joined.crossing else 0,
        training_checked=joined.checked,
        cross_predicted=joined.crossing is not None and figures.texts_known,
        agreement=AuditAgreement(found.units, found.differ, found.alpha, found.ac1, found.percent, found.why),
    )


def _versions() -> dict[str, str]:
    libraries = {name: version(name) for name in ("numpy", "scipy", "PyStemmer")}
    return {"framing": __version__, "python": platform.python_version(), **libraries}
