"""Makers of an invented comparison: as many groups as asked, with an audit or without."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import combinations

from framing.comparison import (
    Audit,
    AuditAgreement,
    CoderAbout,
    Comparison,
    Difference,
    Estimate,
    Group,
    InputFile,
    Label,
    LabelShare,
    Mark,
    ModelAbout,
    Of,
    Order,
    Point,
    Remainder,
    Series,
    Telling,
    Voice,
    WireCopy,
)
from framing.records import Interval

LABELS = (
    Label("neutral_broker", "Neutral broker", False),
    Label("obstacle", "Obstacle", False),
    Label("opportunist", "Opportunist", False),
    Label("none", "Not framed", True),
)
NAMES = ("Azhvan Courier", "Borderline", "Caspian Daily", "Dawn Wire", "Eastern Post", "Free Hour", "Gazette", "Herald")
NOTICE = "The texts and their codes were made up for a test."
TEXT = "In return for its soldiers Russia obtained a lease on the base, which suits the Kremlin well."


def compared(
    names: Sequence[str] = NAMES,
    *,
    audited: bool = True,
    lacking: Sequence[str] = ("Dawn Wire",),
    withheld: Sequence[str] = ("Gazette",),
    labels: Sequence[Label] = LABELS,
    supported: float = 0.2,
    text: str = TEXT,
    title: str = "After the talks",
    url: str | None = "https://example.org/a?b=1&c=2",
    voices: bool = True,
    series: bool = True,
    notes: Sequence[str] = (),
) -> Comparison:
    """Return a comparison by source; a pair of groups differs where its difference is larger than `supported`."""
    rng = random.Random(5)
    lacks = set(lacking) if audited else set()
    holds = set() if audited else set(withheld)
    groups = tuple(group(rng, name, labels, audited, name in lacks, name in holds) for name in names)
    differences = tuple(_differences(groups, labels, supported)) if audited else ()
    return Comparison(
        command="framing compare corpus.jsonl --labels audit",
        versions={"framing": "0.1.0", "numpy": "2.4.6"},
        seed=0,
        inputs=(InputFile("corpus", "corpus.jsonl", "ab" * 32, 123456),),
        model=ModelAbout(
            "tea-house", "0123456789ab", "tea-house", 2, "How is the host framed?", "restated",
            Interval(0.63, 0.6, 0.65), None, 0.34, NOTICE, True,
        ),
        labels=tuple(labels),
        by="source",
        finite=False,
        estimand="The output of each source, of which the articles at hand are a sample.",
        min_articles=6,
        audited=audited,
        audit=AUDIT if audited else None,
        groups=groups,
        differences=differences,
        critical={"all": 3.1, "framed": 2.9} if audited else {},
        orders=tuple(_orders(differences, labels)) if audited else (),
        remainder=(Remainder("no source", 3, 21), Remainder("off_topic", 7, 40)),
        articles=612,
        paragraphs=4410,
        wire=WireCopy(11, 31, 20, True),
        series=_series(rng, labels, audited) if series else None,
        voices=_voices(rng, names, labels, audited) if voices else (),
        telling=tuple(_telling(name, labels, text, title, url) for name in names),
        sample_command=None if audited else "framing sample corpus.jsonl -n 240 -o audit",
        notes=tuple(notes),
    )  # fmt: skip


AUDIT = Audit(
    171, 88, (CoderAbout("ann", 120, "person"), CoderAbout("bob", 80, None)), 4, 6, 12, 5, 1, False, 9, True, True,
    AuditAgreement(29, 5, Interval(0.78, 0.6, 0.93), None, None, None),
)  # fmt: skip


def group(
    rng: random.Random, name: str, labels: Sequence[Label], audited: bool, lacks: bool = False, withheld: bool = False
) -> Group:
    """Return a group with random shares that sum to 1; `withheld` has no figures for its second label."""
    cuts = [0.0, *sorted(rng.random() for _ in labels[1:]), 1.0]
    parts = {label.id: high - low for label, low, high in zip(labels, cuts, cuts[1:], strict=False)}
    framed = {label.id: parts[label.id] for label in labels if not label.none}
    shares = [_share(rng, label, "all", part, audited, lacks) for label, part in parts.items()]
    if len(framed) < len(parts):
        shares += [
            _share(rng, id, "framed", part / sum(framed.values()), audited, lacks) for id, part in framed.items()
        ]
    if withheld:
        one = shares[1]
        shares[1] = LabelShare(one.label, one.of, None, None, None, True, False, None, one.naive, None, one.check)
    return Group(
        name=name,
        articles=rng.randint(20, 90),
        paragraphs=rng.randint(120, 700),
        original_articles=18,
        audited_articles=(2 if lacks else 9) if audited else 0,
        audited_paragraphs=20 if audited else 0,
        lacking="4 more audited articles" if lacks else None,
        shares=tuple(shares),
        weight=0.7 if audited else None,
        icc=0.1 if audited else None,
        negative=False,
    )


def _share(rng: random.Random, label: str, of: Of, value: float, audited: bool, lacks: bool) -> LabelShare:
    half = 0.03 + 0.08 * rng.random()
    found = Estimate(value, max(0.0, value - half), min(1.0, value + half))
    near = Estimate(0.7 * value + 0.1, max(0.0, 0.7 * value + 0.08), min(1.0, 0.7 * value + 0.12))
    if lacks:
        return LabelShare(label, of, None, None, None, False, False, None, near, None, None)
    by_hand = found if audited else None
    check = None if audited else value
    return LabelShare(label, of, found.value, found.low, found.high, False, False, by_hand, near, None, check)


def _differences(groups: Sequence[Group], labels: Sequence[Label], supported: float) -> list[Difference]:
    whole = [one for one in groups if one.lacking is None]
    found = []
    for place, label in enumerate(labels):
        for one, other in combinations(whole, 2):
            value = (one.shares[place].value or 0.0) - (other.shares[place].value or 0.0)
            held = abs(value) > supported
            found.append(
                Difference(label.id, "all", one.name, other.name, value, value - supported, value + supported, held)
            )
        found += [Difference(label.id, "all", one.name, None, 0.01, -0.2, 0.22, False) for one in whole]
    return found


def _orders(differences: Sequence[Difference], labels: Sequence[Label]) -> list[Order]:
    orders = []
    for label in labels:
        pairs = tuple(
            (one.group, str(one.other)) if one.value > 0 else (str(one.other), one.group)
            for one in differences
            if one.label == label.id and one.supported
        )
        text = "; ".join(f"{more} > {less}" for more, less in pairs) or "cannot tell apart"
        orders.append(Order(label.id, "all", pairs, text))
    return orders


def _series(rng: random.Random, labels: Sequence[Label], audited: bool) -> Series:
    months = [f"2020-{month:02}" for month in (1, 2, 3, 5, 6, 7)]
    return Series("month", tuple(Point(month, group(rng, month, labels, audited)) for month in months))


def _voices(rng: random.Random, names: Sequence[str], labels: Sequence[Label], audited: bool) -> tuple[Voice, ...]:
    return (
        Voice("quoted", tuple(group(rng, name, labels, audited) for name in names)),
        Voice("own", tuple(group(rng, name, labels, audited) for name in names)),
    )


def _telling(name: str, labels: Sequence[Label], text: str, title: str, url: str | None) -> Telling:
    at = max(text.find("lease"), 0)
    return Telling(
        name, labels[0].id, 0.97, (labels[0].id,), "a1#2", title, name, "2020-11-12", url, 0.2, text,
        (Mark(at, at + 5, 0.93),),
    )  # fmt: skip
