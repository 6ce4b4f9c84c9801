"""methods.md: what a reader, a reviewer or a later author must know of how a comparison was made."""

from __future__ import annotations

from collections.abc import Iterator

from framing.adjusted import FEWEST_ARTICLES
from framing.comparison import Audit, Comparison, Group
from framing.records import Interval
from framing.terminal import one_line
from framing.wording import TOUCHES_NOTHING, counted

_CORRECTED = """\
Each share is the mean prediction of all paragraphs of the group, times a weight, plus the weighted mean over the \
audited paragraphs of (code - weight x prediction): the prediction-powered (difference) estimator (Angelopoulos, \
Bates, Fannjiang, Jordan and Zrnic 2023; the weight as in PPI++, Angelopoulos, Duchi and Zrnic 2023), with the \
inverse of the inclusion probabilities as weights (Saerndal, Swensson and Wretman 1992). The article is the sampling \
unit. One weight serves all labels of a group, so that their shares sum to 1. Weight and intraclass correlation of a \
group are drawn towards those of all groups together. Shares among framed paragraphs are ratios, by linearisation \
(Woodruff 1971). Intervals are beta quantiles on the effective sample size (Korn and Graubard 1998; Kish 1965)."""
_DIFFERENCES = """\
Differences between two groups, and between a group and all others together, have intervals made of the shares' own \
(MOVER: Zou and Donner 2008), simultaneous over all differences and labels: {critical}. An order of two groups is \
shown only where that interval excludes 0; everything else is "cannot tell apart"."""
_ADJUSTED = """\
NOT AUDITED. The predicted labels were counted and the counts solved for the model's cross-validated confusion \
(adjusted counts: Forman 2005; Hopkins and King 2010), by least squares among shares that sum to 1. The intervals \
resample the articles of the group and those of the confusion, solve each resample exactly, and are laid \
around the exact solution and around the estimate; for few articles they are longer by Student's t. As a check, \
expectation-maximisation (Saerens, Latinne and Decaestecker 2002). \
Both assume that the model errs on these sources as it does on the texts that it was \
trained on, which nobody has tested here. So no difference is called, and an estimate whose interval is longer than \
0.5 is withheld, and so are shares among framed paragraphs where these might be less than half as many as estimated. \
Groups with fewer than {fewest} articles, near-copies counted once, are not estimated."""
_CROSS = """\
{count} were in the model's training, or are near-copies of what was. Each got the prediction of a fold model that had \
not learned from it, and every other paragraph of its group the fold models in the parts in which the group's audited \
paragraphs have them (cross-prediction: Zrnic and Candes 2024)."""


def methods_text(found: Comparison) -> str:
    """Return the whole of methods.md."""
    return "\n".join(_lines(found)).rstrip() + "\n"


def _lines(found: Comparison) -> Iterator[str]:
    yield from ("# Methods", "", f"`{found.command}`", "")
    if not found.audited:
        yield from ("**Not audited:** no figure here has been tested against hand labels of these sources.", "")
    yield from ("## Question", "", _safe(found.model.question or "(the model is not at hand)"), "")
    yield from ("What is estimated: " + _safe(found.estimand), "")
    yield from ("## Corpus", "")
    yield f"{counted(found.articles, 'article')} with {counted(found.paragraphs, 'paragraph')} were read."
    yield from ("", *_table(("in no share, because", "articles", "paragraphs"),
                            [(one.reason, one.articles, one.paragraphs) for one in found.remainder]))  # fmt: skip
    yield from (_wire(found), "", "## Groups", "", *_groups(found), "")
    if found.audit is not None:
        yield from ("## Audit", "", *_audit(found.audit), "")
    yield from ("## Model", "", *_model(found), "", "## Estimator", "")
    if found.audited:
        yield from (_CORRECTED, "")
        values = ", ".join(f"{value:.3f} among {of} paragraphs" for of, value in found.critical.items())
        yield from (_DIFFERENCES.format(critical=f"critical value {values}" if values else "there are none here"), "")
    else:
        yield from (_ADJUSTED.format(fewest=FEWEST_ARTICLES), "")
    if found.notes:
        yield from ("## To be known", "", *(f"- {_safe(note)}" for note in found.notes), "")
    yield from ("## To make it again", "", f"Seed {found.seed}. "
                + ", ".join(f"{name} {number}" for name, number in found.versions.items()) + ".", "")  # fmt: skip
    yield from _table(("read", "as", "sha256"), [(one.path, one.role, one.sha256) for one in found.inputs])
    yield "`framing verify` on this folder recomputes every number."


def _safe(text: str) -> str:
    """Return a text from outside on one line, without anything that Markdown or HTML obeys."""
    text = one_line(text)
    for sign in "\\`*_[]<>|#":
        text = text.replace(sign, "\\" + sign)
    return text


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(_safe(str(cell)) for cell in row) + " |"
    yield ""


def _wire(found: Comparison) -> str:
    wire = found.wire
    how = "by shared word 4-grams" if wire.known else "by whole paragraphs that are the same (the export has no texts)"
    return (
        f"Near-copies, found {how}: {wire.clusters} families of {wire.articles} articles, {wire.later} of them later "
        "copies. The shares are as published; a family counts as one article where uncertainty is concerned. Beside "
        'them stand the shares of originals only, the earliest dated of each family ("original").'
    )


def _groups(found: Comparison) -> Iterator[str]:
    head = (found.by, "articles", "paragraphs", "originals", "audited articles", "audited paragraphs", "weight",
            "intraclass correlation", "")  # fmt: skip
    yield from _table(head, [_group(one) for one in found.groups])
    if found.audited:
        yield f"Groups with fewer than {found.min_articles} audited articles are not estimated."


def _group(one: Group) -> tuple[object, ...]:
    told = f"not estimated: lacks {one.lacking}" if one.lacking else ", ".join(one.members)
    weight = "" if one.weight is None else f"{one.weight:.2f}"
    icc = "" if one.icc is None else f"{one.icc:.2f}"
    return (one.name, one.articles, one.paragraphs, one.original_articles, one.audited_articles,
            one.audited_paragraphs, weight, icc, told)  # fmt: skip


def _audit(audit: Audit) -> Iterator[str]:
    if audit.paragraphs == 0:
        yield TOUCHES_NOTHING
        return
    coders = ", ".join(f"{_safe(one.name)} ({one.kind or 'not said what'}, {one.units})" for one in audit.coders)
    by = f"coded by {coders}" if coders else "adjudicated" if audit.adjudicated else "coders not named"
    yield f"{counted(audit.paragraphs, 'paragraph')} in {counted(audit.articles, 'article')}, {by}."
    drawn = "ASSUMED to be drawn at random" if audit.assumed_random else "drawn at random with known probabilities"
    yield f"They were {drawn}."
    yield f"Adjudicated: {audit.adjudicated}. Coders differ still on {audit.fractions}: each code counts in part."
    if audit.uncoded or audit.after_first_gap:
        yield (
            f"Not coded yet: {audit.uncoded}; coded, but behind the first gap in the random order and not used: "
            f"{audit.after_first_gap}."
        )
    if audit.outside:
        yield f"{audit.outside} more are in the remainder."
    agreement = audit.agreement
    if agreement.alpha is not None:
        yield (
            f"Agreement on {agreement.units} paragraphs of two coders or more: Krippendorff's alpha "
            f"{_interval(agreement.alpha)}, Gwet's AC1 {_interval(agreement.ac1)}, "
            f"agreeing {_interval(agreement.percent)}."
        )
    else:
        yield f"Agreement: not known ({_safe(agreement.why or 'no reason')})."
    if not audit.training_checked:
        yield "Whether they were in the model's training could not be checked: the model is not at hand."
    elif audit.cross_predicted:
        yield _CROSS.format(count=counted(audit.in_training, "audited paragraph"))
    elif audit.in_training:
        yield f"{audit.in_training} were in the model's training; the predictions were not used."
    else:
        yield "None of them was in the model's training."


def _interval(value: Interval | None) -> str:
    return "not defined" if value is None else f"{value.value:.2f} ({value.low:.2f} to {value.high:.2f})"


def _model(found: Comparison) -> Iterator[str]:
    model = found.model
    yield f"{_safe(model.name)} ({model.fingerprint})" + (
        f", codebook {_safe(model.codebook)}, version {model.codebook_version}." if model.codebook else "."
    )
    kind = f" ({_safe(model.headline_kind)} paragraphs)" if model.headline_kind else ""
    if model.unseen_sources is not None:
        yield f"Right on sources that it had not seen{kind}: {_interval(model.unseen_sources)}."
    if model.unseen_articles is not None:
        yield f"Right on articles that it had not seen{kind}: {_interval(model.unseen_articles)}."
    if model.majority is not None:
        yield f"The commonest label alone: {model.majority:.2f}."
    if model.notice:
        yield from ("", f"> {_safe(model.notice)}")
