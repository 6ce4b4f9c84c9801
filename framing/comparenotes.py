"""What a reader of a comparison should know besides its figures: the estimand, the next command, and the notes."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np

from framing.comparison import Audit, Group, WireCopy
from framing.features import Floats
from framing.gathering import Figures
from framing.joining import Joined
from framing.model import DEFAULT_MODEL
from framing.predicted import Corpus
from framing.question import Question, load_groups
from framing.records import Article
from framing.scheme import Scheme
from framing.shares import Counted
from framing.tokens import Ints
from framing.wording import counted

_PER_ARTICLE, _WISHED_ARTICLES = 3, 12
"""What an audit is asked for, per group, where there is none."""
_LEAST_ALPHA, _ALPHA_UNITS = 0.667, 20
"""Krippendorff 2004: not even tentative conclusions from codes whose alpha is lower; on fewer units it tells little."""
_TOLD = 10
"""Of a list, so many are named."""


def estimand(question: Question, by: str, audited: bool) -> str:
    """Return what the shares are shares of, as a sentence."""
    what = f"each {by.removeprefix('date:')}"
    if question.finite:
        return f"The share in this very corpus, for {what}: exactly the articles at hand, and no others."
    of = f"The output of {what}, of which the articles at hand are taken as a sample."
    return of if audited else f"{of} Not audited: the model's errors are assumed to be those of its training."


def sample_command(question: Question, corpus: Corpus, groups: int, by: str) -> str:
    """Return the command that draws an audit, or more of one."""
    where = list(question.inputs) if corpus.exported is None else ["ARTICLES"]
    parts = ["framing", "sample", *where, "-n", str(groups * _WISHED_ARTICLES * _PER_ARTICLE)]
    parts += ["--by", by] if by not in ("source",) and not question.groups else []
    parts += ["--sources", question.sources] if question.sources else []
    parts += ["--source-from", "folder"] if question.source_from_folder else []
    known = question.audit is not None and Path(question.audit).is_dir()
    model = question.model or (DEFAULT_MODEL if corpus.exported is None else corpus.exported.model)
    parts += ["--codebook", model] if not known else []
    return shlex.join([*parts, "-o", question.audit if question.audit and known else "audit"])


def notes_of(
    question: Question,
    scheme: Scheme,
    joined: Joined | None,
    audit: Audit | None,
    figures: Figures,
    data: Counted,
    group: Ints,
    groups: tuple[Group, ...],
    wire: WireCopy,
) -> Iterable[str]:
    """Yield what the reader should know, what matters most first; `group` numbers `groups` for what counts (n)."""
    title = {label.id: label.title for label in scheme.labels}
    if joined is None or audit is None:
        yield (
            "Not audited: these figures assume that the model errs on these sources as it does on its own training "
            "texts. No difference between groups is called."
        )
        yield from _check_notes(groups, title)
    else:
        yield from _audit_notes(joined, audit, figures, scheme)
        yield from _draw_notes(joined, figures, data, group, groups)
    if question.groups:
        yield from _group_notes(Path(question.groups), figures)
    short = [one for one in groups if one.lacking]
    if short:
        yield f"Not estimated: {_some([f'{one.name} lacks {one.lacking}' for one in short], 'group')}."
    if len(short) * 2 > len(groups) and not question.groups:
        yield ("Most groups fall short: merge sources, by country or owner, with --groups FILE (CSV: source,group).")
    negative = [one.name for one in groups if one.negative]
    if negative:
        yield f"An estimate below 0 was set to 0, and the others rescaled to sum to 1, in: {', '.join(negative)}."
    uncoded = [
        f"{title[share.label]} in {one.name}"
        for one in groups
        for share in one.shares
        if share.of == "all" and share.conservative
    ]
    if uncoded:
        yield f"No audited paragraph has the label, and the interval errs on the wide side: {_some(uncoded, 'share')}."
    if not any(one.date for one in figures.articles):
        yield "No article has a date: of near-copies, the first read counts as the original."
    if not wire.known:
        yield "An export without texts: wire copy is found only where whole paragraphs are the same."
    if not any(label.none for label in scheme.labels):
        yield 'No label is known to mean "not framed", so there are no shares among framed paragraphs.'


def _some(told: list[str], noun: str) -> str:
    more = [f"and {counted(len(told) - _TOLD, f'more {noun}')}"] if len(told) > _TOLD else []
    return "; ".join([*told[:_TOLD], *more])


def _group_notes(path: Path, figures: Figures) -> Iterable[str]:
    """Name the rows of a table of groups that match no source: a misspelt one would be a group by itself."""
    told = load_groups(path).unmatched((about.source, about.url) for about in figures.articles)
    if told:
        yield f"No source of the corpus is named by {counted(len(told), 'row')} of {path}: {_some(told, 'row')}."


def _check_notes(groups: tuple[Group, ...], titles: Mapping[str, str]) -> Iterable[str]:
    """Say how often the second way of adjusting falls outside the interval of the first."""
    shown = [one for group in groups for one in group.shares if one.value is not None and one.check is not None]
    outside = [one for one in shown if not (one.low or 0) <= (one.check or 0) <= (one.high or 1)]
    if outside:
        worst = Counter(one.label for one in outside).most_common(1)[0][0]
        yield (
            f"Of the {len(shown)} shares that are told, a second method (expectation-maximisation) puts {len(outside)} "
            f"outside the interval, most often {titles[worst]}: neither is to be trusted there."
        )


def _coder_notes(audit: Audit) -> Iterable[str]:
    """Say where the labels that correct the model are not to be trusted: no interval shows that."""
    models = [one.name for one in audit.coders if one.kind == "model"]
    if models and audit.adjudicated < audit.paragraphs:
        some = " in part" if len(models) < len(audit.coders) else ""
        yield (
            f"The audit is labelled{some} by a model, not by people ({', '.join(models)}): what is corrected measures "
            "agreement with that model, and its errors are in every share. People must code an audit."
        )
    agreement = audit.agreement
    if agreement.alpha is not None and agreement.alpha.value < _LEAST_ALPHA and agreement.units >= _ALPHA_UNITS:
        yield (
            f"The coders agree too little for conclusions: Krippendorff's alpha is {agreement.alpha.value:.2f} on "
            f"{agreement.units:,} paragraphs, and below {_LEAST_ALPHA} not even tentative ones are drawn (Krippendorff "
            "2004). No interval has this error in it. Mend the codebook, code anew, and settle what is disputed "
            "(framing agree)."
        )


def _audit_notes(joined: Joined, audit: Audit, figures: Figures, scheme: Scheme) -> Iterable[str]:
    sheet = joined.sheet
    if sheet.assumed_random:
        yield (
            "Assumed, not known (--assume-random): the audited paragraphs are a random sample of the corpus. If they "
            "were picked in any other way, neither the shares nor the intervals hold."
        )
    yield from _coder_notes(audit)
    if sheet.uncoded or sheet.after_first_gap:
        later = sheet.after_first_gap
        are = "is" if later == 1 else "are"
        behind = f"; {counted(later, 'paragraph')} coded behind it {are} not used yet" if later else ""
        yield (
            f"The audit is not finished: {counted(sheet.uncoded, 'drawn paragraph')} not coded. Each group is used "
            f"up to its first uncoded article in the random order{behind}. Code the others first."
        )
    if joined.crossing is not None:
        trained = joined.crossing.in_training
        seen = f"In the model's training {'was' if trained == 1 else 'were'} {counted(trained, 'audited paragraph')}"
        if figures.texts_known:
            yield f"{seen}, predicted out of fold; all others are predicted by the same fold models together."
        else:
            yield (
                f"{seen}, and an export without texts cannot be predicted out of fold: the estimates are the hand "
                "labels alone. Export with texts to use the predictions."
            )
    if not joined.checked:
        yield (
            f"The model {scheme.about.name} ({scheme.about.fingerprint}) is not at hand, so it could not be checked "
            "whether audited paragraphs were in its training; if they were, the intervals are too short (-m MODEL)."
        )
    if sheet.fractions:
        on = counted(sheet.fractions, "audited paragraph")
        yield f"On {on} coders differ still; each coder's code counts in part."
    if sheet.not_random:
        yield f"{counted(sheet.not_random, 'paragraph')} of it not drawn at random: no part of the audit."
    if joined.outside:
        were = "is" if joined.outside == 1 else "are"
        yield (
            f"{counted(joined.outside, 'audited paragraph')} {were} of articles that are in no share (what is not "
            "counted, and why, is listed apart)."
        )
    if sheet.reach is not None:
        unreached = sum(about.id not in sheet.reach for about, group in _with_groups(figures) if group)
        if unreached:
            yield (
                f"{counted(unreached, 'article')} of the corpus could not be drawn when the audit was; it tells "
                "nothing of that part. Draw again into the same folder."
            )


def _draw_notes(
    joined: Joined, figures: Figures, data: Counted, group: Ints, groups: tuple[Group, ...]
) -> Iterable[str]:
    """Say where the audit is hardly the random sample that its columns inclusion and rank describe."""
    missing, reach = joined.sheet.missing, joined.sheet.reach
    if missing is not None:
        were = "was" if missing.rows == 1 else "were"
        yield (
            f"{counted(missing.rows, 'row')} of the sheet {were} taken out (from rank {missing.first} to "
            f"{missing.last}); if a coder took out the hard ones, the shares are biased."
        )
    reached = np.array([reach is None or about.id in reach for about in figures.articles], dtype=bool)[data.article]
    told = []
    for number, one in enumerate(groups):
        mine = group[data.audited] == number
        size = int((reached & (group == number)).sum())
        _, article = np.unique(data.article[data.audited[mine]], return_inverse=True)
        stands = np.bincount(article, 1 / data.inclusion[mine]).astype(np.float64)
        total = float(stands.sum())
        if size and len(stands) >= data.min_articles and _too_far(total, size, stands):
            told.append(f"{one.name} has {counted(size, 'paragraph')}, its audit stands for {total:,.0f}")
    if told:
        yield (
            "The inclusion probabilities do not fit the corpus: paragraphs drawn with them stand for 1 / inclusion "
            f"each, but {_some(told, 'group')}. Compare the corpus that was drawn from, with the sheet as it was drawn."
        )


def _too_far(total: float, size: int, stands: Floats) -> bool:
    """Say whether a sum over audited articles is off by more than a factor of two, and by more than chance makes it."""
    off = 1 - min(total, size) / max(total, size)
    return off > max(0.5, 2 * float(np.sqrt((stands**2).sum())) / total)


def _with_groups(figures: Figures) -> Iterator[tuple[Article, bool]]:
    """Yield each article, and whether any of its paragraphs is ok."""
    has = np.zeros(len(figures.articles), dtype=bool)
    has[figures.article[figures.ok]] = True
    yield from zip(figures.articles, has.tolist(), strict=True)
