"""Makers of small invented label sets: paragraphs whose words go with their label, so that there is something to learn.

Words are drawn at random, so that no two paragraphs are near-copies unless a test makes them so.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from framing.codebook import Codebook, Frame
from framing.features import FeatureSettings
from framing.labels import Code, Coder, Labels, Sentence, Unit
from framing.learn import Settings

LABELS = ("broker", "obstacle", "none")
TARGET = "Orvania"
PLAIN = Settings(FeatureSettings(target=True), 3.0)
"""Settings for tests that are not about the search for settings."""

_MARKS = (
    "hosted mediated brokered convened reconciled invited",
    "blocked stalled vetoed obstructed delayed refused",
    "farmed harvested painted sailed gardened planted",
    "seized exploited profited gained pocketed advanced",
    "praised thanked applauded honoured cheered admired",
    "warned threatened menaced alarmed frightened scared",
    "paid financed funded lent donated sponsored",
    "counted measured surveyed charted mapped tallied",
    "taught trained coached schooled lectured tutored",
)
_TOPICS = (
    "valley harbour bridge treaty envoy minister railway orchard border council market winter river village convoy "
    "pact garrison ferry pipeline monastery summit corridor plateau quarry vineyard academy parliament delegation "
    "archive canal lighthouse turbine granary causeway embassy festival reservoir courier depot meadow tribunal"
)
_LINKS = ("and the", "of a", "near the", "for every", "with its", "across that", "before any", "after one", "to some")


def _topic(rng: random.Random) -> str:
    return rng.choice(_TOPICS.split())


def invented_text(mark: int, rng: random.Random, *, target: str = TARGET, words: int = 30) -> str:
    """Return a paragraph of about `words` words whose verbs are those of label number `mark`, from 0 to 8."""
    verbs = _MARKS[mark].split()
    parts = [f"{target} {rng.choice(verbs)} the {_topic(rng)}"]
    while sum(part.count(" ") + 1 for part in parts) < words:
        parts.append(f"{rng.choice(_LINKS)} {_topic(rng)}")
        if rng.random() < 0.3:
            parts.append(rng.choice(verbs))
    return " ".join(parts) + "."


def neutral_text(rng: random.Random, *, words: int = 30) -> str:
    """Return a paragraph that has nothing to do with any label."""
    return " ".join(f"{rng.choice(_LINKS)} {_topic(rng)}" for _ in range(words // 3)) + "."


def edited(text: str, *, every: int = 12) -> str:
    """Return a near-copy: every twelfth word is another."""
    return " ".join("other" if place % every == every - 1 else word for place, word in enumerate(text.split()))


def invented_units(
    count: int,
    *,
    labels: Sequence[str] = LABELS,
    per_article: int = 2,
    sources: int = 5,
    kinds: Sequence[str] = (),
    target: str = TARGET,
    seed: int = 7,
) -> tuple[list[Unit], dict[str, str]]:
    """Return units with their labels by id; labels, articles, sources and kinds take turns.

    `per_article` 0 gives no articles, `sources` 0 no sources.
    """
    rng = random.Random(seed)
    units, gold = [], {}
    for number in range(count):
        mark = (number + number // len(labels)) % len(labels)
        article = number // per_article if per_article else number
        unit = Unit(
            id=f"u{number}",
            text=invented_text(mark, rng, target=target),
            article=f"a{article}" if per_article else None,
            source=f"s{article % sources}" if sources else None,
            kind=kinds[article % len(kinds)] if kinds else None,
        )
        units.append(unit)
        gold[unit.id] = labels[mark]
    return units, gold


def codes_of(coder: str, gold: Mapping[str, str | None]) -> dict[str, Code]:
    """Return a coder's codes."""
    return {unit: Code(unit, coder, label) for unit, label in gold.items()}


def codebook_of(labels: Sequence[str] = LABELS, *, target: str | None = TARGET, name: str = "tea-house") -> Codebook:
    """Return a codebook; `target` None leaves its names out."""
    frames = tuple(Frame(label, label.capitalize(), none=label == "none") for label in labels)
    return Codebook(name, 1, "How is the host framed?", frames, target=(f"{target}*",) if target else ())


def labels_of(
    units: Sequence[Unit],
    *coders: Mapping[str, str | None],
    codebook: Codebook | None = None,
    adjudicated: Mapping[str, str | None] | None = None,
    sentences: Sequence[Sentence] = (),
    lexicon: Mapping[str, tuple[str, ...]] | None = None,
    held_out: Sequence[str] = (),
    messages: Sequence[str] = (),
) -> Labels:
    """Return labels as the loader gives them; each of `coders` is a coder's label by unit."""
    names = ["anna", "boris", "clara", "david"][: len(coders)]
    return Labels(
        codebook=codebook or codebook_of(),
        units=tuple(units),
        codes={name: codes_of(name, given) for name, given in zip(names, coders, strict=True)},
        adjudicated=codes_of("adjudicated", adjudicated or {}),
        sentences=tuple(sentences),
        lexicon=lexicon or {},
        held_out=frozenset(held_out),
        coders={name: Coder("person", f"{name.capitalize()}, who was made up") for name in names},
        messages=tuple(messages),
    )


def invented_labels(
    count: int = 60,
    *,
    labels: Sequence[str] = LABELS,
    per_article: int = 2,
    sources: int = 5,
    kinds: Sequence[str] = (),
    target: str | None = TARGET,
    sentences: int = 0,
    seed: int = 7,
) -> Labels:
    """Return labels of `count` invented paragraphs by one coder."""
    units, gold = invented_units(
        count,
        labels=labels,
        per_article=per_article,
        sources=sources,
        kinds=kinds,
        target=target or "Someone",
        seed=seed,
    )
    rng = random.Random(seed + 1)
    short = [
        Sentence(invented_text(number % len(labels), rng, target=target or "Someone", words=9), label)
        for number, label in ((number, labels[number % len(labels)]) for number in range(sentences))
    ]
    return labels_of(units, gold, codebook=codebook_of(labels, target=target), sentences=short)
