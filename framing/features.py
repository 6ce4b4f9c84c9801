"""Features of a batch of paragraphs: TF-IDF of word, character and lexicon n-grams, as arrays.

The same code makes the features for training and for scoring. A feature is an integer key made of form numbers, so
that a model file holds no strings but its forms. What a row gets depends on that row alone: sums run in a fixed order
within the row, so that batch size, order and the number of jobs change no bit.

The blocks, each scaled to length 1 by itself (BEFORE and AFTER together):
  WORDS          stems and pairs of neighbouring stems of the paragraph; a name of the target is one common form
  BEFORE, AFTER  the same in the clauses that name the target: what stands before the name that is nearest, and the
                 name with what stands behind it, because "Moscow blocked" is not "blocked Moscow"
  CHARS          character n-grams inside the words
  TARGET_CHARS   the same in the sentences that name the target
  LEXICON        categories of the dictionary
  TARGET_LEXICON the same in the sentences that name the target
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from framing.places import AFTER, BEFORE
from framing.target import Name, find_names
from framing.tokens import Bools, Ints, Tokens, tokenize

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class FeatureSettings:
    """Which features are counted."""

    target: bool = False
    """What stands by the target as features of their own."""
    chars: tuple[int, int] | None = None
    """Shortest and longest character n-gram, or None."""
    lexicon: bool = False
    """Categories of the dictionary."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some occurrences of known features: what stands for each, and its first and last token.

    Where `size` is given, `first` and `last` have one entry for each token, whose features are the next `size` places.
    """

    place: NDArray[Any]
    first: Ints
    last: Ints
    size: Ints | None = None

    def __len__(self) -> int:
        return len(self.place)

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Return for each place the value of its token; `values` are as many as `first`."""
        return values if self.size is None else np.repeat(values, self.size)

    def tokens(self) -> tuple[Ints, Ints]:
        """Return the first and last token of each place."""
        return self.spread(self.first), self.spread(self.last)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch of paragraphs with its tokens and their relation to the target."""

    tokens: Tokens
    named: Bools
    """Whether a token is part of a name of the target."""
    near: Bools
    """Whether a token stands in a sentence that names the target."""
    side: Ints
    """BEFORE, or AFTER (the name itself too), in a clause that names the target; elsewhere -1."""


def prepare(texts: Sequence[str], names: Sequence[tuple[Name, ...]]) -> Batch:
    """Tokenize `texts` and find the target in them; `names` as for `framing.target.find_names`."""
    tokens = tokenize(texts)
    named = find_names(tokens, names)
    count = int(tokens.sentence[-1]) + 1 if len(tokens.sentence) else 0
    naming = np.bincount(tokens.sentence[named], minlength=count) > 0
    return Batch(tokens, named, naming[tokens.sentence] if count else named, _sides(tokens.clause, named))


def _sides(clause: Ints, named: Bools) -> Ints:
    """Say on which side of the nearest name in its clause each token stands; as far from two, behind the first."""
    sides = np.full(len(clause), -1, np.int64)
    has_name = np.zeros(int(clause[-1]) + 1 if len(clause) else 0, np.bool_)
    has_name[clause[named]] = True
    some = np.flatnonzero(has_name.take(clause))  # mostly few
    sides[some] = _sides_of_naming(clause.take(some), named.take(some))
    return sides


def _sides_of_naming(clause: Ints, named: Bools) -> Ints:
    """Return the sides of the tokens of clauses that all have a name."""
    count = len(clause)
    at = np.arange(count)
    last = np.maximum.accumulate(np.where(named, at, -1))
    following = np.minimum.accumulate(np.where(named, at, count)[::-1])[::-1]
    behind = np.where((last >= 0) & (clause[last] == clause), at - last, count + 1)
    named_ahead = (following < count) & (clause[np.minimum(following, count - 1)] == clause)
    ahead = np.where(named_ahead, following - at, count + 1)
    sides: Ints = np.where(behind <= ahead, AFTER, BEFORE)
    return sides


def stem_all(forms: Sequence[str], language: str) -> list[str]:
    """Return the Snowball stem of each form; `language` is a Snowball name (english) or "none"."""
    if language == "none":
        return list(forms)
    import Stemmer

    stems: list[str] = Stemmer.Stemmer(language).stemWords(list(forms))
    return stems
