"""How much of a paragraph stands inside quotation marks, of any script."""

from __future__ import annotations

import re

_PAIRS = {
    "\u201c": "\u201d\u201c",  # English; German closes with the English opening mark
    "\u201e": "\u201c\u201d\u201f",
    "\u201d": "\u201d",  # Swedish, Finnish
    "\u00ab": "\u00bb",
    "\u00bb": "\u00ab\u00bb",
    "\u2039": "\u203a",
    "\u300c": "\u300d",
    "\u300e": "\u300f",
    "\u300a": "\u300b",
    "\uff62": "\uff63",
    "\u301d": "\u301e\u301f",
    "\u2018": "\u2019",
    "\u201a": "\u2018\u2019",
    '"': '"',
    "\uff02": "\uff02",
}
_OPENING = re.compile("[" + "".join(_PAIRS) + "]")
_CLOSING = {mark: re.compile(f"[{closing}]") for mark, closing in _PAIRS.items()}
_NESTING = {mark: closing for mark, closing in _PAIRS.items() if mark in "\u00ab\u2039\u300c\u300e\u300a\uff62"}
_NESTED_MARK = re.compile("[" + "".join(_NESTING) + "".join(_NESTING.values()) + "]")
_MUST_CLOSE = frozenset('"\uff02\u2018\u201a\u201d\u00bb')


def quoted_spans(text: str) -> list[tuple[int, int]]:
    """Return the stretches inside quotation marks, marks included, in order and without overlap.

    A mark that opens and is not closed runs to the end of the text, as in speech over several paragraphs; a straight
    mark must be closed, for it may also be an inch. A mark inside a word is an apostrophe. Marks that only open may
    nest in their own kind; of two that one mark closes, the outer ends there too.
    """
    spans = []
    at = 0
    nested = _nested_ends(text)
    never_closed: set[str] = set()
    while match := _OPENING.search(text, at):
        start, mark = match.start(), match.group()
        at = start + 1
        inside_word = mark in "\u2018\u201a" and text[max(start - 1, 0) : start].isalnum()
        if inside_word or mark in never_closed:
            continue
        end = nested.get(start) or _closing(text, at, mark)
        if end is None and mark in _MUST_CLOSE:
            never_closed.add(mark)
            continue
        at = len(text) if end is None else end
        spans.append((start, at))
    return spans


def _nested_ends(text: str) -> dict[int, int]:
    """Return the offset behind the mark that closes each nesting mark, of those that have one of their own."""
    ends: dict[int, int] = {}
    unclosed: dict[str, list[int]] = {closing: [] for closing in _NESTING.values()}
    for match in _NESTED_MARK.finditer(text):
        mark = match.group()
        if mark in _NESTING:
            unclosed[_NESTING[mark]].append(match.start())
        elif unclosed[mark]:
            ends[unclosed[mark].pop()] = match.end()
    return ends


def _closing(text: str, at: int, mark: str) -> int | None:
    """Return the offset behind the mark that closes `mark`, or None."""
    for match in _CLOSING[mark].finditer(text, at):
        inside_word = match.group() == "\u2019" and text[match.end() : match.end() + 1].isalpha()
        if not inside_word:
            return match.end()
    return None


def quoted_share(text: str) -> float:
    """Return the share of the text's characters that stand inside quotation marks, 0 to 1."""
    if not text:
        return 0.0
    return sum(end - start for start, end in quoted_spans(text)) / len(text)
