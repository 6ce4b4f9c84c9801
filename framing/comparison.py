"""What a finished comparison consists of: frozen plain values, from which the table, the page and all files are made.

Shares, probabilities and intervals are 0 to 1, differences -1 to 1, all intervals 95 %. `None` stands where a figure
was withheld, is not defined, or needs what was not there. Two families stand side by side throughout: of "all"
paragraphs, and of the "framed" ones (those that have a frame at all); where no label means "not framed" there is only
the first. `to_dict` gives JSON values, `from_dict` takes them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from framing.plain import from_plain
from framing.records import Interval

Of = Literal["all", "framed"]
"""What a share is a share of: all paragraphs of a group, or its framed ones."""
FAMILIES: tuple[Of, ...] = ("all", "framed")


@dataclass(frozen=True, slots=True)
class InputFile:
    """A file that was read."""

    role: Literal["corpus", "audit", "groups", "sources", "model"]
    path: str
    """As it was given."""
    sha256: str
    size: int
    """Bytes."""


@dataclass(frozen=True, slots=True)
class Label:
    """A label of the codebook; labels stand in its order everywhere, and so have the same colours everywhere."""

    id: str
    title: str
    none: bool
    """It means "not framed"."""


@dataclass(frozen=True, slots=True)
class ModelAbout:
    """The model that predicted, and what must be said of it."""

    name: str
    fingerprint: str
    codebook: str | None
    codebook_version: int | None
    question: str | None
    headline_kind: str | None
    """The kind of text that the accuracies are for, None for all."""
    unseen_sources: Interval | None
    """Accuracy on sources not seen in training."""
    unseen_articles: Interval | None
    majority: float | None
    """Accuracy of always giving the commonest label."""
    notice: str | None
    """What every output must say: how its texts and codes were made."""
    at_hand: bool
    """The model itself was there, not only what an export says of it."""


@dataclass(frozen=True, slots=True)
class CoderAbout:
    """A coder of the audit."""

    name: str
    units: int
    kind: str | None
    """person or model, where coders.toml says so."""


@dataclass(frozen=True, slots=True)
class AuditAgreement:
    """How far the audit's coders agree, on the units that two or more of them coded."""

    units: int
    differ: int
    alpha: Interval | None
    """Krippendorff's."""
    ac1: Interval | None
    percent: Interval | None
    why: str | None
    """Why there are no such figures."""


@dataclass(frozen=True, slots=True)
class Audit:
    """The hand-labelled random sample that corrected the predictions."""

    paragraphs: int
    """Used."""
    articles: int
    coders: tuple[CoderAbout, ...]
    adjudicated: int
    """Paragraphs that were settled by an adjudicator."""
    fractions: int
    """Paragraphs whose coders differ still: each coder's code counts in part."""
    uncoded: int
    """Drawn paragraphs that nobody has coded yet."""
    after_first_gap: int
    """Coded paragraphs that were not used, because an article drawn before theirs is not coded."""
    outside: int
    """Coded paragraphs in the remainder (not ok, no source, no date): of what is not counted."""
    assumed_random: bool
    """Its inclusion probabilities are not known; `--assume-random` took them to be equal within each group."""
    in_training: int
    """Used paragraphs that, or near-copies of which, the model was trained on: predicted out of fold."""
    training_checked: bool
    """False: an export without texts, or a model that is not at hand, could not be checked for that."""
    cross_predicted: bool
    """All unlabelled paragraphs have the fold models together in the place of the model's own prediction."""
    agreement: AuditAgreement


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share with its interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class LabelShare:
    """The share of a label in a group, in all ways it was counted."""

    label: str
    of: Of
    value: float | None
    """The estimate: corrected by the audit, or without one adjusted by the confusion. None: withheld."""
    low: float | None
    high: float | None
    withheld: bool
    """Without an audit: its interval was longer than one half."""
    conservative: bool
    """Nobody coded this label in this group: the interval is honest, and wider than it would need to be."""
    by_hand: Estimate | None
    """The weighted hand labels alone."""
    naive: Estimate | None
    """Predicted labels counted as if they were true; its interval is too short. None: no such paragraph."""
    original: Estimate | None
    """The estimate where wire copy counts only where it appeared first; None: nothing was copied, or not estimated."""
    check: float | None
    """Without an audit: the same by expectation-maximisation."""


@dataclass(frozen=True, slots=True)
class Group:
    """A source, month or other group."""

    name: str
    articles: int
    paragraphs: int
    """Scored ones, all of which count."""
    original_articles: int
    """Those that are no later copy of an article in another source or earlier in this one."""
    audited_articles: int
    audited_paragraphs: int
    lacking: str | None
    """What it lacks to be estimated, in words ("2 more audited articles"); it then has no estimates."""
    shares: tuple[LabelShare, ...]
    """By family, labels in order; where it is not estimated only `naive` is there."""
    weight: float | None
    """Of the predictions, 0 to 1; None without an audit."""
    icc: float | None
    """Intraclass correlation of the corrected codes within articles."""
    negative: bool
    """An estimate was below 0 and was set to 0."""
    members: tuple[str, ...] = ()
    """The sources that `--groups` merged into it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A group's share of a label less another's, with an interval that holds simultaneously with all others."""

    label: str
    of: Of
    group: str
    other: str | None
    """None: all other groups together, by size."""
    value: float
    low: float
    high: float
    supported: bool
    """The interval excludes 0."""


@dataclass(frozen=True, slots=True)
class Order:
    """What order of the groups is supported for a label."""

    label: str
    of: Of
    pairs: tuple[tuple[str, str], ...]
    """(the group with more, the group with less)."""
    text: str
    """One line; "cannot tell apart" where there is no pair."""


@dataclass(frozen=True, slots=True)
class Remainder:
    """What is in no share, and why."""

    reason: str
    """no source, no date, no_target, off_topic, other_language ..."""
    articles: int
    """Articles that are wholly in the remainder for this reason."""
    paragraphs: int


@dataclass(frozen=True, slots=True)
class Point:
    """A stretch of time in a series."""

    when: str
    """YYYY-MM (or YYYY, YYYY-MM-DD)."""
    group: Group


@dataclass(frozen=True, slots=True)
class Series:
    """Shares over time, earliest first, over all groups together; estimated in the same way."""

    unit: str
    """year, month or day."""
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Voice:
    """The groups once more, of the mostly quoted paragraphs or of the others."""

    voice: Literal["quoted", "own"]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """A stretch of evidence: `text[start:end]` of the paragraph, and what it adds to the label's logit."""

    start: int
    end: int
    weight: float


@dataclass(frozen=True, slots=True)
class Telling:
    """One of the most telling paragraphs of a group: the model is surest of it."""

    group: str
    label: str
    """As predicted."""
    probability: float
    coded: tuple[str, ...]
    """The labels that coders gave, where it is in the audit."""
    paragraph: str
    """Its id."""
    title: str | None
    source: str | None
    date: str | None
    url: str | None
    quoted: float
    """The share of it in quotation marks."""
    text: str
    evidence: tuple[Mark, ...]
    """Strongest first; they may overlap."""


@dataclass(frozen=True, slots=True)
class WireCopy:
    """Near-copies of articles across the corpus."""

    clusters: int
    """Families of two articles or more."""
    articles: int
    """Articles in such families."""
    later: int
    """Those that are not the earliest of their family."""
    known: bool
    """False: an export without texts does not tell near-copies, only texts that are the same."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """All that `framing compare` found."""

    command: str
    """The command line, without what only names the output."""
    versions: Mapping[str, str]
    """framing, numpy, scipy ..."""
    seed: int
    inputs: tuple[InputFile, ...]
    model: ModelAbout
    labels: tuple[Label, ...]
    by: str
    """source, group, date:month, or another field."""
    finite: bool
    estimand: str
    """What the shares are shares of, as a sentence."""
    min_articles: int
    audited: bool
    audit: Audit | None
    groups: tuple[Group, ...]
    """Alphabetically, by date with `by` date; all that occur, also those that are not estimated."""
    differences: tuple[Difference, ...]
    """Empty without an audit."""
    critical: Mapping[str, float]
    """The simultaneous critical value by family."""
    orders: tuple[Order, ...]
    """Empty without an audit."""
    remainder: tuple[Remainder, ...]
    articles: int
    """In the corpus, the remainder among them."""
    paragraphs: int
    wire: WireCopy
    series: Series | None
    """None where fewer than two stretches of time can be told."""
    voices: tuple[Voice, ...]
    """With --voice: quoted, own."""
    telling: tuple[Telling, ...]
    """By group, then label; empty for exports without texts."""
    sample_command: str | None
    """The `framing sample` command that would give an audit, or more of one, where it is needed."""
    notes: tuple[str, ...]
    """What the reader should know, a sentence each, in the order of importance."""

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)


def is_by_date(by: str) -> bool:
    """Return whether groups are stretches of time: date, date:month ...; a column such as dateline is none."""
    return by.lower().partition(":")[0] == "date"


def from_dict(values: Mapping[str, Any]) -> Comparison:
    """Return the comparison of `to_dict`'s values. Raises KeyError, TypeError or ValueError where they are not such."""
    found = from_plain(Comparison, values)
    assert isinstance(found, Comparison)
    return found
