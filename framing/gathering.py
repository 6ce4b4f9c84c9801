"""A corpus as the arrays that a comparison counts with, gathered piece by piece; texts are not kept.

Only the likeliest paragraphs of each group and label keep theirs, to be shown. An article is known by the 256 smallest
hashes of its word 4-grams, so that wire copy is found (framing/duplicates.py); where an export has no texts, by the
hashes of its paragraphs. Of a family of near-copies the earliest dated article is the original.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import heappush, heappushpop

import numpy as np

from framing.crossprediction import Crossing
from framing.duplicates import SIGNATURE, Hashes, Signatures, clusters, sign
from framing.errors import InputError
from framing.features import Floats
from framing.predicted import Paragraph, Piece
from framing.records import Article
from framing.sheets import plain_text
from framing.tokens import Bools, Ints

_BATCH = 2000
_KEPT = 6
"""Paragraphs kept of each group and label: more than are shown, because some turn out to be copies or left out."""
Grouping = Callable[[Article], str | None]
"""The name of the group that an article is in; None: it has none."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A paragraph that may be shown."""

    probability: float
    label: int
    row: int
    text: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The corpus: A articles, and n paragraphs in the order in which they were met."""

    articles: tuple[Article, ...]
    statuses: tuple[str, ...]
    """Of articles as a whole, empty where only their paragraphs tell."""
    article: Ints
    """(n)"""
    status: tuple[str, ...]
    shares: Floats
    """(n, K) probabilities; rows of paragraphs that are not ok are equal shares."""
    given: Ints
    """(n) the model's own label."""
    quoted: Floats
    ids: tuple[str, ...]
    hashes: tuple[bytes, ...]
    """(n) of texts: `text_digest`, or, where there are none, the sha256 of an export."""
    family: Ints
    """(A): articles that are near-copies have one number."""
    texts_known: bool
    kept: tuple[Kept, ...]
    each: Floats | None
    """(n, F, K): what each of the fold models says, where the model learned from the audit."""

    @property
    def ok(self) -> Bools:
        """(n): the paragraphs with a prediction."""
        return np.array([status == "ok" for status in self.status], dtype=bool)

    def originals(self) -> Bools:
        """(A): the earliest dated article of each family; without dates, the first read."""
        first: dict[int, tuple[str, int]] = {}
        for place, (article, family) in enumerate(zip(self.articles, self.family.tolist(), strict=True)):
            key = (article.date or "~", place)
            first[family] = min(first.get(family, key), key)
        found = np.zeros(len(self.articles), dtype=bool)
        found[[place for _, place in first.values()]] = True
        return found


@dataclass(slots=True)
class _Gathered:
    grouping: Grouping
    labels: int
    none: int | None
    texts: bool
    crossing: Crossing | None
    articles: dict[tuple[str, str | None], int] = field(default_factory=dict)
    about: list[Article] = field(default_factory=list)
    statuses: list[str] = field(default_factory=list)
    signatures: list[Hashes] = field(default_factory=list)
    article: list[int] = field(default_factory=list)
    status: list[str] = field(default_factory=list)
    shares: list[Floats] = field(default_factory=list)
    given: list[Ints] = field(default_factory=list)
    each: list[Floats] = field(default_factory=list)
    quoted: list[float] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    hashes: list[bytes] = field(default_factory=list)
    heaps: dict[tuple[str, int], list[tuple[float, int, str]]] = field(default_factory=dict)


def text_digest(text: str) -> bytes:
    """Return the sha256 of a text as a spreadsheet leaves it: line ends and other white space do not count."""
    return hashlib.sha256(plain_text(text).encode("utf-8", "replace")).digest()


def gather(
    pieces: Iterable[Piece],
    labels: int,
    grouping: Grouping,
    *,
    none: int | None,
    texts: bool,
    crossing: Crossing | None = None,
) -> Figures:
    """Gather a corpus of K labels; with `crossing` its paragraphs are predicted anew by the fold models.

    Raises InputError where a paragraph stands twice.
    """
    gathered = _Gathered(grouping, labels, none, texts, crossing)
    waiting: list[tuple[int, Paragraph]] = []
    for piece in pieces:
        number = _article_number(gathered, piece)
        waiting += [(number, paragraph) for paragraph in piece.paragraphs]
        if len(waiting) >= _BATCH:
            _take(gathered, waiting)
            waiting = []
    _take(gathered, waiting)
    sizes = [len(one) for one in gathered.signatures]
    hashes = np.concatenate(gathered.signatures) if gathered.signatures else np.zeros(0, np.uint32)
    signatures = Signatures(hashes, np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64))))
    return Figures(
        tuple(gathered.about), tuple(gathered.statuses), np.array(gathered.article, dtype=np.int64),
        tuple(gathered.status), np.concatenate([np.zeros((0, labels)), *gathered.shares]),
        np.concatenate([np.zeros(0, np.int64), *gathered.given]), np.array(gathered.quoted), tuple(gathered.rows),
        tuple(gathered.hashes), clusters(signatures), texts,
        tuple(Kept(one[0], label, -one[1], one[2]) for (_, label), heap in gathered.heaps.items() for one in heap),
        np.concatenate(gathered.each) if gathered.each else None,
    )  # fmt: skip


def _article_number(gathered: _Gathered, piece: Piece) -> int:
    about = piece.article
    key = (about.id, about.target)
    number = gathered.articles.setdefault(key, len(gathered.about))
    if number == len(gathered.about):
        gathered.about.append(about)
        gathered.statuses.append(piece.status)
        gathered.signatures.append(np.zeros(0, np.uint32))
    elif (about.source, about.date) != (gathered.about[number].source, gathered.about[number].date):
        raise InputError(
            f"{about.origin}: the article {about.id!r} has another source or date than at "
            f"{gathered.about[number].origin}; make them the same"
        )
    return number


def _take(gathered: _Gathered, waiting: Sequence[tuple[int, Paragraph]]) -> None:
    """Add a batch of paragraphs."""
    if not waiting:
        return
    labels, crossing = gathered.labels, gathered.crossing
    shares = np.array([one.shares or (1 / labels,) * labels for _, one in waiting])
    given = shares.argmax(axis=1)
    if crossing is not None:
        rows = [row for row, (_, one) in enumerate(waiting) if one.status == "ok"]
        targets = [gathered.about[waiting[row][0]].target for row in rows]
        each = np.full((len(waiting), len(crossing.members), labels), 1 / labels)
        if rows:
            each[rows] = crossing.predict([waiting[row][1].text or "" for row in rows], targets)
        gathered.each.append(each)
        shares = each.mean(axis=1)
    signed = sign([one.text or "" for _, one in waiting]) if gathered.texts else None
    for row, (number, one) in enumerate(waiting):
        place = len(gathered.article)
        if gathered.rows.setdefault(one.id, place) != place:
            raise InputError(
                f"{gathered.about[number].origin}: the paragraph {one.id!r} stands twice; read each export once"
            )
        gathered.article.append(number)
        gathered.status.append(one.status)
        gathered.quoted.append(one.quoted)
        gathered.hashes.append(text_digest(one.text) if one.text is not None else bytes.fromhex(one.sha256))
        mine = signed[row] if signed is not None else _one_hash(one.sha256)
        joined = np.concatenate((gathered.signatures[number], mine))
        gathered.signatures[number] = np.unique(joined)[:SIGNATURE]
        if one.text is not None and one.status == "ok":
            _keep(gathered, number, place, shares[row], one.text)
    gathered.shares.append(shares)
    gathered.given.append(given)


def _one_hash(sha256: str) -> Hashes:
    return np.array([int(sha256[:8], 16)], dtype=np.uint32)


def _keep(gathered: _Gathered, number: int, place: int, shares: Floats, text: str) -> None:
    label, group = int(shares.argmax()), gathered.grouping(gathered.about[number])
    if label == gathered.none or group is None:
        return
    heap = gathered.heaps.setdefault((group, label), [])
    entry = (float(shares[label]), -place, text)  # of equal ones the first stays
    if len(heap) < _KEPT:
        heappush(heap, entry)
    else:
        heappushpop(heap, entry)
