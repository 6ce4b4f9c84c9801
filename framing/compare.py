"""From a corpus and an audit to a finished comparison of groups: `framing compare`.

The audit is read first, because it decides how the corpus is predicted (framing/crossprediction.py). Then the corpus is
gathered in one pass, the audit joined to it by id and text, and the shares estimated: corrected by the audit, or,
without one, adjusted by the model's cross-validated confusion and marked as not audited.
"""

from __future__ import annotations

import platform
import shlex
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np

from framing.agree import code_table, measure
from framing.audit import AuditSheet, AuditUnit, read_audit
from framing.codebook import Codebook, Frame
from framing.comparison import (
    Audit,
    AuditAgreement,
    CoderAbout,
    Comparison,
    Label,
    ModelAbout,
    Point,
    Remainder,
    Series,
    Voice,
    WireCopy,
)
from framing.confusion import training_confusion
from framing.crossprediction import Crossing, find_crossing
from framing.errors import InputError, LabelsError, ModelError, UsageError
from framing.gathering import Figures, Grouping, gather
from framing.folds import number_groups
from framing.inputfiles import hashed_inputs
from framing.loading import load_model
from framing.model import DEFAULT_MODEL, Model
from framing.prevalence import MIN_ARTICLES
from framing.predicted import Corpus, export_pieces, open_corpus, scored_pieces
from framing.records import Article
from framing.sampling import group_of
from framing.shares import Counted, Estimated, differences_of, estimate_groups
from framing.sources import SourceNames, load_sources
from framing.telling import telling_paragraphs
from framing.tokens import Bools, Ints
from framing.version import __version__

_QUOTED = 0.5
"""A paragraph of which at least so much stands in quotation marks is mostly quoted."""
_PER_ARTICLE, _WISHED_ARTICLES = 3, 12
"""What an audit is asked for, per group, where there is none."""
ArticlesOf = Callable[[Sequence[str]], Iterator[Article]]


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared, and how."""

    inputs: tuple[str, ...]
    audit: str | None = None
    by: str | None = None
    groups: str | None = None
    """A table of sources (pattern, name, group) whose groups are compared."""
    model: str | None = None
    sources: str | None = None
    source_from_folder: bool = False
    finite: bool = False
    min_articles: int = MIN_ARTICLES
    assume_random: bool = False
    voice: bool = False
    seed: int = 0

    def check(self) -> None:
        """Raise UsageError where the options do not fit together."""
        if self.groups and self.by not in (None, "source", "group"):
            raise UsageError(f"--groups merges sources; it does not go with --by {self.by}")
        if self.audit is None and (self.assume_random or self.finite):
            name = "--assume-random" if self.assume_random else "--finite"
            raise UsageError(f"{name} is about an audit: name one with --labels")
        if self.min_articles < 2:
            raise UsageError("--min-articles must be 2 or more: one article tells nothing of its likes")

    @property
    def command(self) -> str:
        """The command line that asks this."""
        parts = ["framing", "compare", *self.inputs]
        for name, value in (("--labels", self.audit), ("--by", self.by), ("--groups", self.groups),
                            ("-m", self.model), ("--sources", self.sources)):  # fmt: skip
            parts += [name, value] if value is not None else []
        parts += ["--source-from", "folder"] if self.source_from_folder else []
        for name, on in (("--finite", self.finite), ("--assume-random", self.assume_random), ("--voice", self.voice)):
            parts += [name] if on else []
        parts += ["--min-articles", str(self.min_articles)] if self.min_articles != MIN_ARTICLES else []
        parts += ["--seed", str(self.seed)] if self.seed else []
        return shlex.join(parts)


@dataclass(frozen=True, slots=True)
class _Scheme:
    """The labels, and the model where it is at hand."""

    labels: tuple[Label, ...]
    codebook: Codebook
    model: Model | None
    about: ModelAbout


@dataclass(slots=True)
class _Joined:
    """The audit in the corpus: rows and units of what counts, and what is to be told of it."""

    sheet: AuditSheet
    crossing: Crossing | None
    checked: bool
    rows: list[int] = field(default_factory=list)
    units: list[AuditUnit] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    """Of the units in the sheet."""
    outside: int = 0


def compare(question: Question, articles_of: ArticlesOf) -> Comparison:
    """Answer a question; `articles_of` reads the articles of inputs that are not exports.

    Raises FramingError.
    """
    question.check()
    corpus = open_corpus(question.inputs)
    scheme = _scheme(question, corpus)
    joined = _read_audit(question, corpus, scheme)
    if joined is not None:
        scheme = _with_codebook(scheme, joined.sheet)
    if joined is None and scheme.model is None:
        raise ModelError(
            f"the model {scheme.about.name} is not at hand, and there is no audit: name its folder with -m, or an "
            "audit with --labels"
        )
    grouping, by = _grouping(question)
    figures = _gather(question, corpus, scheme, joined, grouping, articles_of)
    groups, counted, remainder = _counted_rows(figures, grouping, by)
    if joined is not None:
        _join(joined, figures, counted)
    return _answer(question, corpus, scheme, joined, figures, groups, counted, remainder, by)


def _scheme(question: Question, corpus: Corpus) -> _Scheme:
    """Find the model and the labels."""
    exported = corpus.exported
    model: Model | None = None
    if exported is None:
        model = load_model(question.model or DEFAULT_MODEL)
    else:
        try:
            model = load_model(question.model or exported.model)
        except ModelError:
            if question.model is not None:
                raise
        if model is not None and model.fingerprint != exported.fingerprint:
            if question.model is not None:
                raise ModelError(
                    f"{question.inputs[0]} was scored by the model {exported.model} ({exported.fingerprint}), not by "
                    f"{question.model} ({model.fingerprint}); leave -m out, or score anew"
                )
            model = None
    if model is not None:
        facts = model.facts
        about = ModelAbout(
            facts.name, facts.fingerprint, facts.codebook, facts.codebook_version, facts.question, facts.headline_kind,
            facts.unseen_sources, facts.unseen_articles, facts.majority, facts.notice, at_hand=True,
        )  # fmt: skip
        return _Scheme(_labels_of(model.codebook), model.codebook, model, about)
    assert exported is not None
    about = ModelAbout(
        exported.model, exported.fingerprint, None, None, None, None, None, None, None, exported.notice, at_hand=False
    )
    codebook = Codebook("labels", 1, "Which label does this text get?", tuple(Frame(n, n) for n in exported.labels))
    return _Scheme(_labels_of(codebook), codebook, None, about)


def _labels_of(codebook: Codebook) -> tuple[Label, ...]:
    return tuple(Label(one, codebook.titles[one], one == codebook.none_label) for one in codebook.labels)


def _with_codebook(scheme: _Scheme, sheet: AuditSheet) -> _Scheme:
    """Return the scheme with the titles and the none label of the audit's codebook, where the model is not at hand."""
    codebook = sheet.labels.codebook
    known = {label.id for label in scheme.labels}
    if scheme.model is not None or set(codebook.labels) != known:
        return scheme
    labels = tuple(Label(one.id, codebook.titles[one.id], one.id == codebook.none_label) for one in scheme.labels)
    about = replace(
        scheme.about, codebook=codebook.name, codebook_version=codebook.version, question=codebook.question
    )
    return replace(scheme, labels=labels, about=about)


def _read_audit(question: Question, corpus: Corpus, scheme: _Scheme) -> _Joined | None:
    """Read the audit, and find out what of it the model learned from."""
    if question.audit is None:
        return None
    names = [label.id for label in scheme.labels]
    sheet = read_audit(Path(question.audit), scheme.codebook, names, assume_random=question.assume_random)
    if scheme.model is None:
        return _Joined(sheet, None, checked=False)
    crossing = find_crossing(scheme.model, [one.unit for one in sheet.units])
    return _Joined(sheet, crossing if crossing.in_training else None, checked=True)


def _grouping(question: Question) -> tuple[Grouping, str]:
    """Return what gives an article its group, and the name of that."""
    if question.groups:
        names = load_sources(Path(question.groups))
        return lambda article: _merged(names, article), "group"
    by = question.by or "source"
    return lambda article: group_of(article, by), by


def _merged(names: SourceNames, article: Article) -> str | None:
    """Return the group of an article's source; a source without one stays by itself."""
    name, group = names.name(article.source, article.url)
    return group or name


def _gather(
    question: Question,
    corpus: Corpus,
    scheme: _Scheme,
    joined: _Joined | None,
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
    shares = figures.shares.copy()
    if crossing is None:  # without texts nothing can be predicted out of fold: hand labels alone decide
        shares[:] = 1 / shares.shape[1]
    else:
        unknown = crossing.unknown_articles([one.unit for one in joined.sheet.units])
        flat = np.array([about.id in unknown for about in figures.articles], dtype=bool)
        shares[flat[figures.article]] = 1 / shares.shape[1]
    return replace(figures, shares=shares)


def _renamed(article: Article, names: SourceNames) -> Article:
    source, group = names.name(article.source, article.url)
    return replace(article, source=source, group=article.group or group)


def _counted_rows(
    figures: Figures, grouping: Grouping, by: str
) -> tuple[list[str | None], Bools, tuple[Remainder, ...]]:
    """Return the group of each article, the paragraphs that count, and what is left over by its reason.

    A source or a date is asked for only where any article has one.
    """
    some_source = any(one.source for one in figures.articles)
    some_date = any(one.date for one in figures.articles)
    groups: list[str | None] = []
    lacking: list[str | None] = []
    for one in figures.articles:
        group = grouping(one)
        reason = None
        if some_source and not one.source:
            reason = "no source"
        elif some_date and not one.date:
            reason = "no date"
        elif group is None:
            reason = f"no {by}"
        groups.append(group if reason is None else None)
        lacking.append(reason)
    if all(group is None for group in groups):
        raise UsageError(f"no article has a {by}; group by something that the corpus tells")
    ok = figures.ok
    paragraphs, articles = Counter[str](), Counter[str]()
    counts = np.zeros(len(figures.articles), dtype=np.int64)
    first: dict[int, str] = {}
    for row, (number, status) in enumerate(zip(figures.article.tolist(), figures.status, strict=True)):
        reason = status if status != "ok" else lacking[number]
        if reason is None:
            counts[number] += 1
        else:
            paragraphs[reason] += 1
            first[number] = lacking[number] if lacking[number] and ok[row] else first.get(number, reason)  # type: ignore[assignment]
    for number in np.flatnonzero(counts == 0).tolist():
        articles[first.get(number, "no prose")] += 1
    counted = ok & np.array([group is not None for group in groups], dtype=bool)[figures.article]
    reasons = sorted(paragraphs | articles, key=lambda name: (-paragraphs[name], name))
    return groups, counted, tuple(Remainder(name, articles[name], paragraphs[name]) for name in reasons)


def _join(joined: _Joined, figures: Figures, counted: Bools) -> None:
    """Find the audit's units in the corpus. Raises LabelsError where one is missing or has another text."""
    from framing.export import text_sha256

    row_of = {identity: row for row, identity in enumerate(figures.ids)}
    for place, one in enumerate(joined.sheet.units):
        row = row_of.get(one.unit.id)
        if row is None:
            raise LabelsError(
                f"{one.unit.place}: the audited paragraph {one.unit.id!r} is not in the corpus; compare the corpus that "
                "the audit was drawn from"
            )
        if bytes.fromhex(text_sha256(one.unit.text)) != figures.hashes[row]:
            raise LabelsError(
                f"{one.unit.place}: the audited paragraph {one.unit.id!r} has another text in the corpus; one of the "
                "two was changed: draw again, or take the sheet and the corpus as they were"
            )
        if counted[row]:
            joined.rows.append(row)
            joined.units.append(one)
            joined.places.append(place)
        else:
            joined.outside += 1


def _counted(
    question: Question, scheme: _Scheme, joined: _Joined | None, figures: Figures, counted: Bools, group: Ints
) -> Counted:
    """Return the arrays of the paragraphs that count; `group` (n of them) is for an assumed draw."""
    rows = np.flatnonzero(counted)
    place = np.cumsum(counted) - 1
    predicted, labels = figures.shares[rows].copy(), len(scheme.labels)
    audited, inclusion, codes = np.zeros(0, np.int64), np.zeros(0), np.zeros((0, labels))
    if joined is not None and joined.rows:
        audited = place[np.array(joined.rows)]
        codes = np.array([one.codes for one in joined.units])
        if joined.sheet.assumed_random:
            drawn, all_ = np.bincount(group[audited], minlength=int(group.max()) + 1), np.bincount(group)
            inclusion = (drawn / np.maximum(all_, 1))[group[audited]]
        else:
            inclusion = np.array([one.inclusion for one in joined.units], dtype=np.float64)
        if joined.crossing is not None and figures.texts_known:
            chosen = [one.unit for one in joined.sheet.units]
            predicted[audited] = joined.crossing.predict_audited(chosen)[np.array(joined.places)]
    article = figures.article[rows]
    confusion = None
    if joined is None:
        assert scheme.model is not None
        confusion = training_confusion(scheme.model.manifest)
    return Counted(
        scheme.labels, article, figures.family[article], figures.originals()[article], predicted, figures.given[rows],
        audited, inclusion, codes, confusion, question.finite, question.min_articles, question.seed,
    )  # fmt: skip


def _answer(
    question: Question,
    corpus: Corpus,
    scheme: _Scheme,
    joined: _Joined | None,
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
    data = _counted(question, scheme, joined, figures, counted, group)
    members = _members(figures, groups, names, question)
    estimated = estimate_groups(data, group, names, members)
    differences, orders, critical = differences_of(estimated, scheme.labels, question.seed)
    coded = {figures.ids[row]: one.given for row, one in zip(joined.rows, joined.units, strict=True)} if joined else {}
    wire = _wire(figures)
    series = _series(data, figures, article, by, estimated)
    needs = joined is None or any(one.lacking for one in estimated.groups)
    command = _sample_command(question, corpus, len(names), by) if needs else None
    return Comparison(
        command=question.command,
        versions=_versions(),
        seed=question.seed,
        inputs=hashed_inputs(question.inputs, question.audit, question.groups, question.sources, scheme.model),
        model=scheme.about,
        labels=scheme.labels,
        by=by,
        finite=question.finite,
        estimand=_estimand(question, by, joined is not None),
        min_articles=question.min_articles,
        audited=joined is not None,
        audit=_audit(joined, figures, scheme, question.seed) if joined else None,
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
        notes=tuple(_notes(question, scheme, joined, figures, groups, estimated, wire)),
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
    if by.startswith("date"):
        unit = by.partition(":")[2] or "day"
        return Series(unit, tuple(Point(one.name, one) for one in estimated.groups)) if estimated.groups else None
    months = [(figures.articles[number].date or "")[:7] for number in article.tolist()]
    dated = np.array([len(month) == len("2020-01") for month in months], dtype=bool)
    names = sorted({month for month, known in zip(months, dated.tolist(), strict=True) if known})
    if len(names) < 2:
        return None
    kept = [month for month, known in zip(months, dated.tolist(), strict=True) if known]
    found = estimate_groups(data.only(dated), _numbers(kept, names), names)
    return Series("month", tuple(Point(one.name, one) for one in found.groups))


def _voices(data: Counted, quoted: np.ndarray, group: Ints, names: Sequence[str]) -> tuple[Voice, ...]:  # type: ignore[type-arg]
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


def _audit(joined: _Joined, figures: Figures, scheme: _Scheme, seed: int) -> Audit:
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


def _estimand(question: Question, by: str, audited: bool) -> str:
    what = {"source": "each source", "group": "each group"}.get(by, f"each {by}")
    if question.finite:
        return f"The share in this very corpus, for {what}: exactly the articles at hand, and no others."
    of = f"The output of {what}, of which the articles at hand are taken as a sample."
    return of if audited else f"{of} Not audited: the model's errors are assumed to be those of its training."


def _sample_command(question: Question, corpus: Corpus, groups: int, by: str) -> str:
    """Return the command that draws an audit, or more of one."""
    where = list(question.inputs) if corpus.exported is None else ["ARTICLES"]
    parts = ["framing", "sample", *where, "-n", str(groups * _WISHED_ARTICLES * _PER_ARTICLE)]
    parts += ["--by", by] if by not in ("source",) and not question.groups else []
    parts += ["--sources", question.sources] if question.sources else []
    parts += ["--source-from", "folder"] if question.source_from_folder else []
    parts += ["--codebook", question.model or DEFAULT_MODEL] if corpus.exported is None else []
    folder = question.audit if question.audit and Path(question.audit).is_dir() else "audit"
    return shlex.join([*parts, "-o", folder])


def _versions() -> dict[str, str]:
    libraries = {name: version(name) for name in ("numpy", "scipy", "PyStemmer")}
    return {"framing": __version__, "python": platform.python_version(), **libraries}


def _notes(
    question: Question,
    scheme: _Scheme,
    joined: _Joined | None,
    figures: Figures,
    groups: Sequence[str | None],
    estimated: Estimated,
    wire: WireCopy,
) -> Iterable[str]:
    """Yield what the reader should know, what matters most first."""
    if joined is None:
        yield (
            "Not audited: these figures assume that the model errs on these sources as it does on its own training "
            "texts. No difference between groups is called."
        )
    else:
        yield from _audit_notes(joined, figures, scheme, question)
    short = [one for one in estimated.groups if one.lacking]
    if short:
        named = "; ".join(f"{one.name} lacks {one.lacking}" for one in short[:10])
        more = f"; and {len(short) - 10} more groups" if len(short) > 10 else ""
        yield f"Not estimated: {named}{more}."
    if len(short) * 2 > len(estimated.groups) and not question.groups:
        yield (
            "Most groups fall short: merge sources by country or owner with --groups FILE (a CSV of pattern,name,group)."
        )
    negative = [one.name for one in estimated.groups if one.negative]
    if negative:
        yield f"An estimate below 0 was set to 0, and the others rescaled to sum to 1, in: {', '.join(negative)}."
    if not any(one.date for one in figures.articles):
        yield "No article has a date: of near-copies, the first read counts as the original."
    if not wire.known:
        yield "An export without texts: wire copy is found only where whole paragraphs are the same."
    if not any(label.none for label in scheme.labels):
        yield 'No label is known to mean "not framed", so there are no shares among framed paragraphs.'


def _audit_notes(joined: _Joined, figures: Figures, scheme: _Scheme, question: Question) -> Iterable[str]:
    sheet = joined.sheet
    if sheet.assumed_random:
        yield (
            "Assumed, not known (--assume-random): the audited paragraphs are a random sample of the corpus. If they "
            "were picked in any other way, neither the shares nor the intervals hold."
        )
    if sheet.uncoded or sheet.after_first_gap:
        yield (
            f"The audit is not finished: {sheet.uncoded} drawn paragraphs are not coded. Each group is used up to its "
            f"first uncoded article in the random order; {sheet.after_first_gap} coded paragraphs behind it are not "
            "used yet."
        )
    if joined.crossing is not None and figures.texts_known:
        yield (
            f"{joined.crossing.in_training} audited paragraphs were in the model's training: they were predicted out "
            "of fold, and all others by the mean of the same fold models."
        )
    elif joined.crossing is not None:
        yield (
            f"{joined.crossing.in_training} audited paragraphs were in the model's training, and an export without "
            "texts cannot be predicted out of fold: the estimates are the hand labels alone. Export with texts to use "
            "the predictions."
        )
    if not joined.checked:
        yield (
            f"The model {scheme.about.name} ({scheme.about.fingerprint}) is not at hand, so it could not be checked "
            "whether audited paragraphs were in its training; if they were, the intervals are too short (-m MODEL)."
        )
    if sheet.fractions:
        yield f"On {sheet.fractions} audited paragraphs coders differ still; each coder's code counts in part."
    if sheet.not_random:
        yield f"{sheet.not_random} labelled paragraphs were not drawn at random, and are no part of the audit."
    if joined.outside:
        yield f"{joined.outside} audited paragraphs are in the remainder, and count for nothing."
    if sheet.reach is not None:
        unreached = sum(about.id not in sheet.reach for about, group in _with_groups(figures) if group)
        if unreached:
            yield (
                f"{unreached} articles of the corpus could not be drawn when the audit was; it tells nothing of them. "
                "Draw again into the same folder."
            )


def _with_groups(figures: Figures) -> Iterator[tuple[Article, bool]]:
    """Yield each article, and whether any of its paragraphs is ok."""
    has = np.zeros(len(figures.articles), dtype=bool)
    has[figures.article[figures.ok]] = True
    yield from zip(figures.articles, has.tolist(), strict=True)


