"""The rules that tell an article's prose from what stands around it: `judge`, block by block, then in context.

A block is first judged by its own shape (framing.boilerplate). Then context decides: the opener of a section
("Related posts", "Comments") holds what follows until body prose clearly resumes, and short blocks become headings,
menus or parts of their section.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from framing.boilerplate import (
    LINE,
    LONG,
    PROSE,
    SHORT,
    TOKEN,
    Piece,
    ends_sentence,
    is_title_case,
    opener,
    shape,
    word_count,
)
from framing.phrases import NAME_PARTS, Pattern

_BRIEF = frozenset({"subscribe", "donation", "tags"})
_SECTIONS = frozenset({"teaser", "aside", "author", "comments", "footnotes", "subscribe", "donation", "tags"})
_BULLET = re.compile(r"[•‣◦▪●·▶►■□*+–—-]\s")
_NUMBER = re.compile(r"\(?(?:\d{1,3}|[a-zа-я])[.)]\s")
_ENTRY = re.compile(r"\[(?:\^\w{1,20}|\d{1,4})\]|\^|[⁰¹²³⁴-⁹]|\(?\d{1,3}[.)]?\s|[*•†‡]")
_CITED = Pattern(
    r"\(\s?\d{4}[a-z]?\s?\)|\bibid\b|\bpp?\.\s?\d|https?://|\bdoi\b|\bvol\.|,\s\d{4}\b|\b(?:19|20)\d\d[.,;]", re.I
)
_REPLY = Pattern(
    r"\W*(?:reply|like|likes|report|permalink|ответить|yanıtla|répondre|antworten|պատասխանել)\b.{0,20}$"
    r"|[^.!?]{1,40}\b(?:says|said|wrote|пишет|a écrit)\b[^.]{0,30}:$|.{0,60}\b\d+ (?:hour|day|minute|week|month"
    r"|year)s? ago\b"
    r"|your email address|save my name|(?:log|sign) ?in to|.*\b(?:to comment|zu kommentieren)\b|name ?\*|website$",
    re.I,
)
_TO_READER = Pattern(r"\b(?:you|your|us|our|please|inbox|вы|вас|нас|нам|vous|nous|siz\w*|sie|uns|ձեր|մեզ)\b", re.I)
_ROLE = Pattern(
    r"\W*(?:the (?:author|writer)s? (?:is|are|was)\b|[^\W\d_]\S*(?: \S+){1,4},? (?:is|was|has been) (?:an?|the"
    r"|currently|also)"
    r"\b.{0,90}?\b(?:fellow|analyst|researcher|scholar|journalist|reporter|correspondent|editor|professor"
    r"|lecturer|director"
    r"|expert|columnist|contributor|writer|historian|author|blogger|student|candidate|specialist|scientist|associate"
    r"|advis[eo]r|consultant|diplomat|ambassador|heads?)\b)"
)
_VERB_OF_BIO = Pattern(r"(?:is|was|has|heads?|teaches|writes|works|covers|reports|holds|lives|leads|joined|served)\b")
_UNDER_A_HEADLINE = frozenset({"byline", "date", "metadata", "share"})


def judge(pieces: Sequence[Piece], title: str | None = None) -> list[str | None]:
    """Return the reason for leaving each piece out, or None where it is prose."""
    kinds = [piece.given or shape(piece, title) for piece in pieces]
    openers = [None if piece.given else opener(piece.text) for piece in pieces]
    _fit_to_neighbours(pieces, kinds, openers)
    reasons = _in_sections(pieces, kinds, openers)
    if PROSE in kinds and PROSE not in reasons:
        reasons = kinds
    _author_at_the_end(pieces, reasons)
    _name_the_short(pieces, reasons)
    if PROSE not in reasons:
        _rescue(pieces, kinds, reasons)
    return [None if reason == PROSE else reason for reason in reasons]


def _fit_to_neighbours(pieces: Sequence[Piece], kinds: list[str], openers: Sequence[str | None]) -> None:
    """Settle what only neighbours settle: one-word sentences, lists after a colon, lone lead-ins, titles in lists."""
    for at, piece in enumerate(pieces):
        if openers[at] is not None and kinds[at] == PROSE:
            kinds[at] = SHORT
        if kinds[at] not in (PROSE, SHORT) or openers[at] is not None:
            continue
        before = kinds[at - 1] if at else ""
        after = kinds[at + 1] if at + 1 < len(pieces) else ""
        words = word_count(piece.text)
        if kinds[at] == PROSE:
            listed = not piece.gap and before == SHORT == after and words <= 10 and not _is_item(piece)
            kinds[at] = SHORT if listed else PROSE
        elif _completes(pieces, at, before, after, words):
            kinds[at] = PROSE
    _headline_that_asks(pieces, kinds)


def _completes(pieces: Sequence[Piece], at: int, before: str, after: str, words: int) -> bool:
    """Say whether a short piece is part of the prose around it: "Why?", "Dear reader,", an item after a colon."""
    text = pieces[at].text
    if before == PROSE and ends_sentence(text) and not is_title_case(text):
        return True
    if after == PROSE and text.endswith((",", ":")) and words >= (2 if text.endswith(",") else 3):
        return True
    return before == PROSE and words >= 4 and _is_item(pieces[at]) and _in_list(pieces[at - 1])


def _headline_that_asks(pieces: Sequence[Piece], kinds: list[str]) -> None:
    """Take a question for the headline where nothing before it can be one and a byline or date stands under it."""
    first = next((at for at, kind in enumerate(kinds) if kind == PROSE), None)
    if first is None or first + 1 == len(kinds) or "heading" in kinds[:first]:
        return
    text = pieces[first].text
    titled = any(kinds[at] == SHORT and word_count(pieces[at].text) >= 5 for at in range(first))
    if not titled and len(text) <= LINE and text.endswith(("?", "!")) and kinds[first + 1] in _UNDER_A_HEADLINE:
        kinds[first] = SHORT


def _is_item(piece: Piece) -> bool:
    return piece.tag == "li" or _BULLET.match(piece.text) is not None or _NUMBER.match(piece.text) is not None


def _in_list(before: Piece) -> bool:
    return before.text.endswith(":") or before.tag == "li" or _BULLET.match(before.text) is not None


def _in_sections(pieces: Sequence[Piece], kinds: Sequence[str], openers: Sequence[str | None]) -> list[str]:
    """Give what stands in a section the section's reason, up to where body prose clearly resumes."""
    reasons = list(kinds)
    at, prose = 0, 0
    while at < len(pieces):
        kind = openers[at]
        if kind is None:
            prose += kinds[at] == PROSE
            at += 1
            continue
        end = at + 1
        inner = (None, "share", "comments") if kind == "comments" else (None,)
        while end < len(pieces) and openers[end] in inner:
            end += 1
        resumes = _resumes(kind, pieces[at:end], kinds[at:end], prose) + at
        reason = "teaser" if kind == "aside" else kind
        for inside in range(at, resumes):
            if inside == at or kinds[inside] in (PROSE, SHORT):
                reasons[inside] = reason
        prose += sum(1 for inside in range(resumes, end) if kinds[inside] == PROSE)
        at = end
    return reasons


def _resumes(kind: str, pieces: Sequence[Piece], kinds: Sequence[str], before: int) -> int:
    """Return how many of the pieces, the first an opener and no other, the section holds."""
    whole = len(pieces)
    if kind not in _SECTIONS or whole == 1:
        return 1
    if kind == "footnotes" and not any(_is_entry(p) for p in pieces[1:3]):
        return 1
    if kind == "comments" and (before == 0 or not any(_REPLY.match(p.text) for p in pieces[1:13])):
        return 1 if before == 0 or kinds[1] == PROSE else whole
    if kind == "comments":
        return whole
    holds = [k == PROSE and not (kind == "footnotes" and _is_entry(p)) for p, k in zip(pieces, kinds, strict=True)]
    loose = any(piece.gap for piece in pieces[1:])
    body = pieces[0].indent
    swallowed = 0
    shorts_after = _suffix_counts(kinds, holds)
    left = sum(holds)
    for at in range(1, whole):
        if kind in _BRIEF and pieces[at].gap and kinds[at] == SHORT:
            return at
        if not holds[at]:
            continue
        alone = at + 1 == whole or not holds[at + 1]
        fresh = (pieces[at].gap or not loose) and pieces[at].indent <= body
        if fresh and _is_body(kind, pieces[at], left, shorts_after[at], swallowed, alone, before, at == 1):
            return at
        swallowed += 1
        left -= 1
    return whole


def _suffix_counts(kinds: Sequence[str], holds: Sequence[bool]) -> list[int]:
    """Return for every place how many short pieces stand between it and the last piece of prose."""
    counts = [0] * len(kinds)
    last = max((at for at, held in enumerate(holds) if held), default=0)
    for at in range(last - 1, -1, -1):
        counts[at] = counts[at + 1] + (kinds[at] == SHORT)
    return counts


def _is_body(
    kind: str, piece: Piece, left: int, shorts: int, swallowed: int, alone: bool, before: int, bare: bool
) -> bool:
    """Say whether prose in a section is the article again.

    `left` counts the prose from here to the section's last, `shorts` the short pieces among it; `swallowed` counts
    the prose that the section already took (summaries), `before` the prose before the section; `alone`: no prose
    stands right after; `bare`: the opener stands right before.
    """
    if kind in _BRIEF:
        return not (len(piece.text) < LONG and _TO_READER.search(piece.text))
    if kind == "author" and not swallowed:
        return left >= 2 and not shorts and bare and not _ROLE.match(piece.text)
    if swallowed or kind == "footnotes":
        return left >= (3 if before else 2) and left >= 2 * shorts
    return not alone or (kind == "aside" and left == 1)


def _is_entry(piece: Piece) -> bool:
    return len(piece.text) < 2 * LONG and (_ENTRY.match(piece.text) or _CITED.search(piece.text)) is not None


def _author_at_the_end(pieces: Sequence[Piece], reasons: list[str]) -> None:
    """Take the author's note off the end: "NAME is a fellow at ...", or any bio right after a line with the name."""
    ends = [at for at, reason in enumerate(reasons) if reason == PROSE]
    for at in reversed(ends[-2:]):
        text = pieces[at].text
        if len(ends) < 2 or at == ends[0] or len(text) > LONG:
            return
        name = pieces[at - 1].text if reasons[at - 1] == SHORT else ""
        if not (_ROLE.match(text) or (name and _is_bio_of(name, text))):
            return
        reasons[at] = "author"
        if name and len(name.split()) <= 5:
            reasons[at - 1] = "author"


def _is_name(text: str) -> bool:
    words = TOKEN.findall(text)
    return 2 <= len(words) <= 5 and all(w[0].isalpha() and (not w[0].islower() or w in NAME_PARTS) for w in words)


def _is_bio_of(name: str, text: str) -> bool:
    words = TOKEN.findall(name)
    return _is_name(name) and any(
        text.startswith(who) and _VERB_OF_BIO.match(text[len(who) :].lstrip(" ,")) is not None
        for who in (name, words[-1], words[0], f"Dr. {words[-1]}", f"Dr {words[-1]}")
    )


def _name_the_short(pieces: Sequence[Piece], reasons: list[str]) -> None:
    """Turn what is still SHORT into headings (before prose, alone) and menus (runs, lists, lines at the ends)."""
    prose = [at for at, reason in enumerate(reasons) if reason == PROSE]
    first, last = (prose[0], prose[-1]) if prose else (len(reasons), -1)
    at = 0
    while at < len(reasons):
        if reasons[at] != SHORT:
            at += 1
            continue
        end = at + 1
        while end < len(reasons) and reasons[end] == SHORT:
            end += 1
        for inside in range(at, end):
            reasons[inside] = _short_reason(pieces, reasons, inside, (at, end), (first, last))
        at = end


def _short_reason(
    pieces: Sequence[Piece], reasons: Sequence[str], at: int, run: tuple[int, int], body: tuple[int, int]
) -> str:
    """Name the short piece `at` of the run of short pieces; `body` is the first and the last piece of prose."""
    text = pieces[at].text
    after = reasons[run[1]] if run[1] < len(reasons) else ""
    if at > body[1] or (_is_item(pieces[at]) and not _NUMBER.match(text)):
        return "menu"
    if (
        at + 1 == run[1]
        and after in ("date", "byline")
        and "heading" in reasons[max(at - 4, 0) : at]
        and _is_name(text)
    ):
        return "byline"
    if at < body[0]:
        return "heading" if word_count(text) >= 4 or at + 1 == body[0] else "menu"
    return "menu" if run[1] - run[0] > 3 else "heading"


def _rescue(pieces: Sequence[Piece], kinds: Sequence[str], reasons: list[str]) -> None:
    """Where nothing looks like prose and the text is short, make its longest short blocks the prose."""
    short = [at for at, kind in enumerate(kinds) if kind == SHORT and opener(pieces[at].text) is None]
    if not short or len(pieces) > 6:
        return
    longest = max(len(pieces[at].text) for at in short)
    if len(pieces) > 1 and max(word_count(pieces[at].text) for at in short) < 4:
        return
    for at in short:
        if len(pieces[at].text) * 2 > longest:
            reasons[at] = PROSE
