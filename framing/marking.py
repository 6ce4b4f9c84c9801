"""Evidence in its place: the words that speak for a label, marked in the text, and once more as a list.

Stretches of evidence overlap (a word, a pair of words, letters inside). Where they do, a piece of text has the sum of
their weights. Pieces are marked in five strengths, against the strongest piece of all that is shown together, so that
a paragraph that the model is hardly sure of looks pale beside one that it is sure of. Only what speaks for the label
is marked.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from framing.markup import escaped
from framing.pagestyle import STRENGTHS
from framing.records import Evidence
from framing.report import deciding, weight_text, words_of
from framing.terminal import one_line

_LEAST = 0.05
"""Evidence weaker than this part of a text's strongest is not marked: with all of it, every letter would be."""
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text, `text[start:end]`, with the evidence that covers it, strongest first, and its summed weight."""

    start: int
    end: int
    weight: float
    covering: tuple[Evidence, ...]


def pieces(evidence: Iterable[Evidence], start: int, end: int) -> tuple[Piece, ...]:
    """Return the pieces of `text[start:end]` that evidence covers; their offsets count from `start`."""
    placed = [
        entry
        for entry in evidence
        if entry.weight > 0 and entry.start is not None and entry.end is not None and start <= entry.start < entry.end
    ]
    least = _LEAST * max((entry.weight for entry in placed), default=0.0)
    placed = sorted((entry for entry in placed if entry.weight >= least), key=lambda entry: -entry.weight)
    cuts = sorted({at for entry in placed for at in (entry.start or 0, min(entry.end or 0, end))})
    found = []
    for begin, stop in pairwise(cuts):
        covering = tuple(entry for entry in placed if (entry.start or 0) <= begin and stop <= (entry.end or 0))
        if covering:
            found.append(Piece(begin - start, stop - start, sum(entry.weight for entry in covering), covering))
    return tuple(found)


def strongest(all_pieces: Iterable[Sequence[Piece]]) -> float:
    """Return the weight of the strongest piece of several texts, 0 where there is none."""
    return max((piece.weight for some in all_pieces for piece in some), default=0.0)


def marked(text: str, some: Sequence[Piece], most: float) -> str:
    """Return text as markup with its pieces marked; `most` is the weight that counts as the strongest."""
    shown, at = "", 0
    for piece in some:
        strength = min(max(ceil(STRENGTHS * piece.weight / most), 1), STRENGTHS) if most > 0 else 1
        why = "; ".join(
            f"{one_line(entry.text)} {weight_text(entry.weight)}" for entry in piece.covering[:_MOST_NAMED]
        ) + (" …" if len(piece.covering) > _MOST_NAMED else "")
        shown += escaped(text[at : piece.start])
        inner = escaped(text[piece.start : piece.end])
        shown += f'<mark class="s{strength}" title="{escaped(why)}">{inner}</mark>'
        at = piece.end
    return shown + escaped(text[at:])


def because(evidence: Iterable[Evidence], label: str) -> str:
    """Return the deciding words with what they add, as a list that can be read aloud; nothing where there are none."""
    words = words_of(deciding(evidence))
    if not words:
        return ""
    items = "".join(f"<li><bdi>{escaped(word)}</bdi>&nbsp;{weight_text(weight)}</li>" for word, weight in words)
    return f'<ul class="because" aria-label="Words that speak for {escaped(label)}">{items}</ul>'
