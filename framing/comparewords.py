"""What a comparison says in plain words: what a reader may take from it, how it was made, and what it rests on.

Everything here is plain text, sentence by sentence. Nothing is ranked: a difference is named where the audit supports
it, and everything else is "cannot tell apart".
"""

from __future__ import annotations

from collections.abc import Iterable

from framing.adjusted import FEWEST_ARTICLES
from framing.comparefigures import estimated
from framing.comparison import Audit, Comparison, Difference, ModelAbout, is_by_date
from framing.report import WHY, how_right
from framing.wording import TOUCHES_NOTHING, counted, percent

VOICE = "A label says what a paragraph says, whoever says it: a frame may be a quoted speaker's, not the source's own."
_MOST_NAMED = 3


def heading(comparison: Comparison) -> str:
    """Return what the comparison is called."""
    return f"Frames by {comparison.by.removeprefix('date:')}"


def plural(comparison: Comparison) -> str:
    """Return what the groups are called together: sources, months ..."""
    by = comparison.by.removeprefix("date:")
    return by[:-1] + "ies" if by.endswith("y") and by[-2:-1] not in "aeou" else by if by.endswith("s") else by + "s"


def takeaway(comparison: Comparison) -> list[str]:
    """Return what a reader without statistics may take from the page; the first sentence is the one to remember."""
    many = plural(comparison)
    if not comparison.audited:
        said = [
            f"These figures are not audited: they do not show that any of the {many} differs from another, because "
            "nobody has checked by hand how often the model is wrong on these articles."
        ]
        if comparison.sample_command:
            said.append("A random sample, labelled by hand, would make a comparison of them; the command is below.")
        return said
    names = estimated(comparison)
    if len(names) < 2:
        return [
            f"Too few articles were labelled by hand to compare any two of the {many}: nothing is said of which differ."
        ]
    pairs = [one for one in comparison.differences if one.of == "all" and one.other is not None]
    held = [one for one in pairs if one.supported]
    labels = len({one.label for one in pairs})
    asked = f"{len(names)} {many} are compared two by two on how often each of {labels} labels occurs"
    if not held:
        return [
            f"{asked}; in none of these {len(pairs):,} comparisons is a difference larger than chance could make it."
        ]
    rest = len(pairs) - len(held)
    shows = "shows a difference" if len(held) == 1 else "show a difference"
    apart = f", and in the other {rest:,} the two cannot be told apart" if rest else ""
    return [
        f"{asked}; {len(held):,} of these {len(pairs):,} comparisons {shows} too large to be chance{apart}.",
        _clearest(comparison, held),
        "If there were no differences at all, about 19 of 20 such comparisons of all with all would show none.",
    ]


def _clearest(comparison: Comparison, held: Iterable[Difference]) -> str:
    """Return the supported differences whose intervals keep farthest from zero, with both shares."""
    titles = {label.id: label.title for label in comparison.labels}
    shares = {
        (group.name, share.label): share.value
        for group in comparison.groups
        for share in group.shares
        if share.of == "all"
    }
    found = sorted(held, key=lambda one: -max(one.low, -one.high))
    told = []
    for one in found[:_MOST_NAMED]:
        more, less = (one.group, str(one.other)) if one.value > 0 else (str(one.other), one.group)
        both = [shares.get((group, one.label)) for group in (more, less)]
        figures = " against ".join(percent(share) for share in both if share is not None)
        told.append(f"“{titles.get(one.label, one.label)}” is more frequent in {more} than in {less} ({figures})")
    return f"{'The clearest' if len(found) > 1 else 'It'}: {'; '.join(told)}."


def about_model(model: ModelAbout) -> list[str]:
    """Return what must be said of the model and of what its labels are."""
    said = [f"Model {model.name} ({model.fingerprint}): {how_right(model, '–')}."]
    if model.notice:
        said.append(model.notice)
    return [*said, VOICE]


def how_to_read(comparison: Comparison) -> str:
    """Return how to read a figure of shares."""
    if not comparison.audited:
        return (
            "The ring is a guess at the true share, the line how far the guess may be off if the model errs here as it "
            "does on the texts it was made from, which nobody has checked: not audited. The cross is the naive count "
            f"of predicted labels. Groups stand {_order(comparison)}."
        )
    return (
        "The dot is the best estimate of the true share, and the line its 95 % interval: of 20 such lines, about 19 "
        "contain the true share. The square is what the hand labels alone would say, the cross the naive count of "
        "predicted labels; how far they lie from the dot shows what the correction did. Groups stand "
        f"{_order(comparison)}, not by rank."
    )


def _order(comparison: Comparison) -> str:
    return "by date" if is_by_date(comparison.by) else "alphabetically"


def method(comparison: Comparison) -> list[str]:
    """Return how the figures were made."""
    said = [
        f"What is measured: {_sentence(comparison.estimand)} An article is labelled paragraph by paragraph; a share is "
        "a share of paragraphs."
    ]
    if comparison.audit is None:
        return [
            *said,
            "Shares without an audit: the predicted labels are counted, and the count is corrected by how often the "
            "model took one label for another on its own training articles, out of fold (adjusted counts: Forman "
            "2005). A second way (expectation-maximisation: Saerens, Latinne and Decaestecker 2002) is the check in "
            "the tables. Where the interval is longer than one half, the share is withheld; groups with fewer than "
            f"{FEWEST_ARTICLES} articles, near-copies counted once, are not estimated.",
        ]
    audit = comparison.audit
    if audit.paragraphs == 0:
        return [*said, TOUCHES_NOTHING]
    return [
        *said,
        f"The audit: {counted(audit.paragraphs, 'paragraph')} of {counted(audit.articles, 'article')} "
        f"{'were taken to be' if audit.assumed_random else 'were'} drawn at random and "
        f"{labelled(audit)} ({_coders(audit)}). {_agreement(audit)}",
        "The correction: the model's labels of all paragraphs are counted, and what the hand labels show to be wrong "
        "with them is added (prediction-powered estimates: Angelopoulos, Bates, Fannjiang, Jordan and Zrnic 2023; the "
        "weight: Angelopoulos, Duchi and Zrnic 2023). The less the model is worth on these articles, the less it "
        "counts.",
        "The intervals: paragraphs of one article are alike, so the article counts as the unit; intervals are beta "
        "quantiles on the effective sample size (Korn and Graubard 1998). Where nobody coded a label in a group, the "
        "interval is wider than it would need to be. Estimates below zero are set to zero.",
        "The differences: intervals from those of both shares (Zou and Donner 2008), widened so that all of them hold "
        f"together with 95 %. A group needs {comparison.min_articles} audited articles to be estimated at all.",
        *_training(audit),
    ]


def assumptions(comparison: Comparison) -> list[str]:
    """Return what the figures rest on, a condition each."""
    said = []
    if comparison.audit is None:
        said.append(
            "The model errs on these articles as it does on its training articles, in every group alike. This was not "
            "tested: not audited."
        )
    elif comparison.audit.assumed_random:
        said.append(
            "The labelled paragraphs are a random sample of these articles. This is not known: it was assumed "
            "(--assume-random)."
        )
    else:
        said.append("The labelled paragraphs are a random sample of these articles, drawn with known probabilities.")
    if comparison.audit is not None:
        said.append("The hand labels are right; where coders differ still, each coder's label counts in part.")
    if not comparison.finite:
        said.append("The articles at hand are like a random sample of all that each group publishes.")
    said.append("Articles are independent of each other, but for wire copy: near-copies count as one cluster.")
    if not comparison.wire.known:
        said.append("Without their texts only articles that are exactly the same could be told to be copies.")
    return said


def labelled(audit: Audit) -> str:
    """Return by how many people and models the audit was labelled; adjudicated, where only decisions are known."""
    if not audit.coders:
        return "adjudicated" if audit.adjudicated else "labelled by hand"
    models = sum(one.kind == "model" for one in audit.coders)
    people = len(audit.coders) - models
    told = [counted(number, noun) for number, noun in ((people, "coder"), (models, "model")) if number]
    return f"labelled by {' and '.join(told)}"


def _coders(audit: Audit) -> str:
    each = [f"{one.name}{f', a {one.kind}' if one.kind else ''}: {one.units:,}" for one in audit.coders]
    if audit.adjudicated:
        each.append(f"adjudicated: {audit.adjudicated:,}")
    return "; ".join(each) if each else "coders not named"


def _agreement(audit: Audit) -> str:
    found = audit.agreement
    if found.alpha is None:
        return _sentence(
            f"How far coders agree is not known: {found.why or 'no paragraph was labelled by two of them'}"
        )
    interval = f"{found.alpha.low:.2f} to {found.alpha.high:.2f}"
    said = (
        f"On {counted(found.units, 'paragraph')} that two or more coders labelled, they differ {found.differ:,} times "
    )
    return said + f"(Krippendorff's alpha {found.alpha.value:.2f}, {interval})."


def _training(audit: Audit) -> list[str]:
    said = []
    if audit.in_training:
        said.append(
            f"{counted(audit.in_training, 'audited paragraph')} or near-copies of them were in the model's training: "
            "they have a prediction by models that did not learn from them"
            + (", and all other paragraphs the mean of those models" if audit.cross_predicted else "")
            + " (cross-prediction: Zrnic and Candès 2024)."
        )
    if not audit.training_checked:
        said.append("Whether the model was trained on audited paragraphs could not be checked.")
    return said


def audit_losses(audit: Audit) -> list[str]:
    """Return what of the drawn sample was not used, and why."""
    found = (
        (audit.uncoded, "drawn paragraph", "not coded yet"),
        (audit.after_first_gap, "coded paragraph", "not used, because an article drawn before is not coded"),
        (audit.outside, "coded paragraph", "in what is not counted (not ok, no source or no date)"),
        (audit.fractions, "paragraph", "still disputed: each coder's label counts in part"),
    )
    return [f"{counted(number, noun)} {why}." for number, noun, why in found if number]


def reason(text: str) -> str:
    """Return why something is in no share, with the meaning of a status."""
    status = text.removeprefix("paragraph ")
    if status not in WHY:
        return text
    meaning = WHY[status] if status == text else {"off_topic": "too few known words"}.get(status, "another language")
    return f"{text}: {meaning}"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else text + "."
