"""Near-copies: texts that share at least half of the shorter one's word 4-grams (wire copy, quoted sentences).

A text's signature is its 256 smallest distinct shingle hashes: a bottom-k MinHash sketch (Broder 1997, "On the
resemblance and containment of documents"). Below the largest hash that both signatures reach, both texts are known
completely, so that the containment of a sentence in a paragraph can be read off as well as the likeness of two
paragraphs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from framing.tokens import Ints, tokenize

SHINGLE = 4
SIGNATURE = 256
"""So many that a paragraph of up to 259 words is known completely, and any sentence in it is found."""
_CONTAINED = 0.5
_FEWEST_SHARED = 3
_NEIGHBOURS = 20
"""How far apart two texts may stand in the list of the texts that have a shingle, to be compared."""
_TOP = np.uint32(2**32 - 1)
_FACTORS = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)

Hashes = NDArray[np.uint32]


@dataclass(frozen=True, slots=True)
class Signatures:
    """The signatures of n texts, end to end: `hashes[offsets[i]:offsets[i + 1]]` is text i's, ascending."""

    hashes: Hashes
    offsets: Ints

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> Hashes:
        return self.hashes[self.offsets[index] : self.offsets[index + 1]]

    def joined(self, other: Signatures) -> Signatures:
        """Return these signatures followed by `other`."""
        offsets = np.concatenate((self.offsets, other.offsets[1:] + self.offsets[-1]))
        return Signatures(np.concatenate((self.hashes, other.hashes)), offsets)


def sign(texts: Sequence[str]) -> Signatures:
    """Return the signature of each text. A text of fewer than four words is one shingle; one of none has no hashes."""
    parts = [_sign_chunk(texts[at : at + 1000]) for at in range(0, len(texts), 1000)]
    sizes = np.array([len(hashes) for part in parts for hashes in part], dtype=np.int64)
    hashes = [hashes for part in parts for hashes in part]
    return Signatures(
        np.concatenate(hashes) if hashes else np.zeros(0, np.uint32),
        np.concatenate((np.zeros(1, np.int64), np.cumsum(sizes))),
    )


def sign_articles(articles: Sequence[str | None]) -> Ints:
    """Return 63-bit hashes of the ids of articles, ascending and each once; None is no article."""
    names = {article for article in articles if article is not None}
    digests = (blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest() for name in names)
    return np.array(sorted(int.from_bytes(digest, "little") >> 1 for digest in digests), dtype=np.int64)


def _sign_chunk(texts: Sequence[str]) -> list[Hashes]:
    tokens = tokenize(texts)
    form_hash = np.array(
        [int.from_bytes(blake2b(form.encode("utf-8", "replace"), digest_size=8).digest(), "little") | 1
         for form in tokens.forms],
        dtype=np.uint64,
    )  # fmt: skip
    edges = np.searchsorted(tokens.row, np.arange(tokens.rows + 1))
    signatures = []
    for first, last in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        words = form_hash[tokens.form[first:last]] if last > first else np.zeros(0, np.uint64)
        if 0 < len(words) < SHINGLE:
            words = np.concatenate((words, np.zeros(SHINGLE - len(words), np.uint64)))
        count = max(len(words) - SHINGLE + 1, 0)
        mixed = np.zeros(count, np.uint64)
        for place in range(SHINGLE):
            mixed = (mixed ^ (words[place : place + count] * _FACTORS[place])) * _FACTORS[0]
            mixed ^= mixed >> np.uint64(29)
        signatures.append(np.unique((mixed >> np.uint64(32)).astype(np.uint32))[:SIGNATURE])
    return signatures


def near(one: Hashes, other: Hashes) -> bool:
    """Say whether two signatures are of near-copies."""
    top = min(one[-1] if len(one) == SIGNATURE else _TOP, other[-1] if len(other) == SIGNATURE else _TOP)
    one, other = one[one <= top], other[other <= top]
    fewest = min(len(one), len(other))
    shared = len(np.intersect1d(one, other, assume_unique=True))
    return shared > 0 and shared >= _CONTAINED * fewest and shared >= min(fewest, _FEWEST_SHARED)


def near_pairs(signatures: Signatures) -> list[tuple[int, int]]:
    """Return the pairs of near-copies, each with the smaller number first.

    Texts are compared where they share a shingle and stand within 20 of each other in the list of its texts; in a
    large family of copies every text is thus compared with its neighbours, which is enough to join the family.
    """
    count = len(signatures)
    text = np.repeat(np.arange(count), np.diff(signatures.offsets))
    order = np.lexsort((text, signatures.hashes))
    hashes, text = signatures.hashes[order], text[order]
    pairs, shared = np.zeros(0, np.int64), np.zeros(0, np.int64)
    for distance in range(1, _NEIGHBOURS + 1):
        same = hashes[distance:] == hashes[:-distance]
        if not same.any():
            break
        met, times = np.unique(text[:-distance][same] * count + text[distance:][same], return_counts=True)
        pairs, place = np.unique(np.concatenate((pairs, met)), return_inverse=True)
        shared = np.bincount(place, np.concatenate((shared, times)), minlength=len(pairs)).astype(np.int64)
    sizes = np.diff(signatures.offsets)
    one, other = pairs // count, pairs % count
    enough = shared >= np.minimum(np.minimum(sizes[one], sizes[other]), _FEWEST_SHARED)
    candidates = zip(one[enough].tolist(), other[enough].tolist(), strict=True)
    return [(a, b) for a, b in candidates if near(signatures[a], signatures[b])]


def clusters(signatures: Signatures, same: Sequence[object] | None = None) -> Ints:
    """Number the families of near-copies: texts have one number where a chain of near-copies joins them.

    `same` gives each text a value (its article); texts with equal values other than None are joined as well.
    Numbers are those of the first text of each family.
    """
    parent = list(range(len(signatures)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    pairs = near_pairs(signatures)
    first: dict[object, int] = {}
    for index, value in enumerate(same or ()):
        if value is not None:
            pairs.append((first.setdefault(value, index), index))
    for a, b in pairs:
        low, high = sorted((root(a), root(b)))
        parent[high] = low
    return np.array([root(index) for index in range(len(parent))], dtype=np.int64)


def find_near(signatures: Signatures, known: Signatures) -> list[int | None]:
    """Return for each signature the number of a near-copy among `known`, or None."""
    return [next(found, None) for found in _near_ones(signatures, known)]


def find_all_near(signatures: Signatures, known: Signatures) -> list[list[int]]:
    """Return for each signature the numbers of all near-copies among `known`."""
    return [list(found) for found in _near_ones(signatures, known)]


def _near_ones(signatures: Signatures, known: Signatures) -> Iterator[Iterator[int]]:
    """Yield for each signature its near-copies, those that share most first."""
    order = np.argsort(known.hashes, kind="stable")
    hashes = known.hashes[order]
    owner = np.repeat(np.arange(len(known)), np.diff(known.offsets))[order]
    for index in range(len(signatures)):
        mine = signatures[index]
        low, high = np.searchsorted(hashes, mine, "left"), np.searchsorted(hashes, mine, "right")
        met = [owner[a:b] for a, b in zip(low.tolist(), high.tolist(), strict=True) if b > a]
        others, shared = np.unique(np.concatenate(met), return_counts=True) if met else (np.zeros(0, int),) * 2
        ranked = others[np.argsort(-shared, kind="stable")].tolist()
        yield (other for other in ranked if near(mine, known[other]))
