"""The scoring kernel once more, in the plainest way: one text at a time, one character at a time, without numpy.

Written from the design, so that the fast code has something to be compared with. Texts, names and dictionary entries to
compare on are at the end.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import Stemmer
from hypothesis import strategies as st

APOSTROPHES = "'’‘ʼ＇"
HYPHENS = "-‐‑"
STOPS = ".!?…։؟۔।॥‼‽⁇⁈⁉"
STOPS_WITHOUT_SPACE = "。．！？｡"
LOOSE_CLAUSE_MARKS = ",:-‐‒–"
FIRM_CLAUSE_MARKS = ";()[]—՝،؛、，：；（）"
LINE_ENDS = "\n\u2028\u2029"
_ABBREVIATED = (
    "mr mrs ms dr prof gen col lt sgt capt maj gov sen rep rev hon st no nos vs cf eg ie al fig vol pp art inc ltd co "
    "approx dept jan feb mar apr jun jul aug sep sept oct nov dec"
)
ABBREVIATIONS = frozenset(_ABBREVIATED.split())
TARGET = "‹target›"
# The blocks of features, in order, with what each is multiplied by.
SCALES = {
    "words": 1.0, "before": 1.0, "after": 1.0, "chars": 1.0, "target chars": 1.0, "lexicon": 0.3, "target lexicon": 0.3
}  # fmt: skip
SCALED_WITH = {block: "before" if block == "after" else block for block in SCALES}
BLOCKS = tuple(SCALES)


@dataclass(frozen=True)
class Token:
    """`text[start:end]`, its folded form, and the numbers of its sentence and of its clause within the text."""

    start: int
    end: int
    form: str
    sentence: int
    clause: int


@dataclass(frozen=True)
class Occurrence:
    """One occurrence of a feature: its key, and the first and last of its tokens."""

    key: str
    first: int
    last: int


@dataclass(frozen=True)
class Options:
    """Which features are made, of which stems, with which dictionary."""

    target: bool = False
    chars: tuple[int, int] | None = None
    lexicon: bool = False
    language: str = "none"
    entries: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True)
class Weight:
    """What a model knows of a feature: its idf and its weight for each label."""

    idf: float
    labels: tuple[float, ...]


# Tokens and sentences


def is_word(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM" or unicodedata.category(char) == "Nd"


def fold(surface: str) -> str:
    straight = "".join("'" if char in APOSTROPHES else "-" if char in HYPHENS else char for char in surface[:64])
    return unicodedata.normalize("NFC", straight.lower())


def spans_of(text: str) -> Iterator[tuple[int, int]]:
    at = 0
    while at < len(text):
        start = at
        while at < len(text) and _belongs(text, at):
            at += 1
        if at > start:
            yield start, at
        at += 1


def _belongs(text: str, at: int) -> bool:
    if is_word(text[at]):
        return True
    single_inside = 0 < at < len(text) - 1 and is_word(text[at - 1]) and is_word(text[at + 1])
    return text[at] in APOSTROPHES + HYPHENS and single_inside


def tokens_of(text: str) -> list[Token]:
    tokens: list[Token] = []
    for start, end in spans_of(text):
        form, sentence, clause = fold(text[start:end]), 0, 0
        if tokens:
            before = tokens[-1]
            gap = text[before.end : start]
            ends = ends_sentence(before.form, gap, text[start])
            sentence = before.sentence + ends
            clause = before.clause + (ends or ends_clause(gap))
        tokens.append(Token(start, end, form, sentence, clause))
    return tokens


def ends_sentence(form: str, gap: str, following: str) -> bool:
    """Say whether a sentence ends between a token and the next, with `gap` between them."""
    if any(char in STOPS_WITHOUT_SPACE for char in gap):
        return True
    if sum(char in LINE_ENDS for char in gap) > 1:
        return True
    if not any(char in STOPS for char in gap) or not any(char.isspace() for char in gap):
        return False
    abbreviated = gap[0] == "." and len(gap) == 2 and (len(form) == 1 or form in ABBREVIATIONS)
    return not abbreviated and not following.islower()


def ends_clause(gap: str) -> bool:
    """Say whether a clause ends between two tokens of a sentence; in 2,000 and 10:30 none does."""
    if any(char in FIRM_CLAUSE_MARKS for char in gap):
        return True
    return any(char in LOOSE_CLAUSE_MARKS for char in gap) and any(char.isspace() for char in gap)


# Names of the target and entries of the dictionary: words, each with whether it may have any ending


def words_of(name: str) -> tuple[tuple[str, bool], ...]:
    return tuple((fold(name[start:end]), name[end : end + 1] == "*") for start, end in spans_of(name))


def without_possessive(form: str) -> str:
    return form[:-2] if form[-2:] == "'s" else form


def is_name_word(form: str, word: tuple[str, bool]) -> bool:
    text, any_ending = word
    return form.startswith(text) if any_ending else without_possessive(form) == without_possessive(text)


def named(tokens: Sequence[Token], names: Sequence[str]) -> list[bool]:
    """Say of each token whether it is part of a name; a name stands within one sentence."""
    marks = [False] * len(tokens)
    for words in filter(None, map(words_of, names)):
        for at in range(len(tokens) - len(words) + 1):
            stretch = tokens[at : at + len(words)]
            if stretch[0].sentence != stretch[-1].sentence:
                continue
            if all(is_name_word(token.form, word) for token, word in zip(stretch, words, strict=True)):
                marks[at : at + len(words)] = [True] * len(words)
    return marks


def entries_in(tokens: Sequence[Token], entries: Mapping[str, Sequence[str]]) -> list[tuple[int, int, str]]:
    """Return first token, last token and category of the entries found, from the left, the longest at each place."""
    pairs = [(words, category) for category in entries for words in map(words_of, entries[category]) if words]
    # The most words win, then the most letters; the rest of the order only has to be the same every time.
    pairs.sort(key=lambda pair: (-len(pair[0]), -sum(len(text) for text, _ in pair[0]), pair))
    found = []
    at = 0
    while at < len(tokens):
        category, size = next(
            ((category, len(words)) for words, category in pairs if _entry_at(tokens, at, words)), ("", 0)
        )
        if size:
            found.append((at, at + size - 1, category))
        at += max(size, 1)
    return found


def _entry_at(tokens: Sequence[Token], at: int, words: Sequence[tuple[str, bool]]) -> bool:
    stretch = tokens[at : at + len(words)]
    if len(stretch) < len(words) or stretch[0].sentence != stretch[-1].sentence:
        return False
    return all(
        token.form.startswith(text) if any_ending else token.form == text
        for token, (text, any_ending) in zip(stretch, words, strict=True)
    )


# Features


def key_of(block: str, first: str, second: str | None = None) -> str:
    return f"{block}: {first}" if second is None else f"{block}: {first} {second}"


def parts_of(key: str) -> tuple[str, list[str]]:
    """Return the block of a key and its forms; only the name of a category may have spaces in it."""
    block, _, forms = key.partition(": ")
    return block, [forms] if "lexicon" in block else forms.split(" ")


def occurrences_of(text: str, names: Sequence[str], options: Options) -> list[Occurrence]:
    tokens = tokens_of(text)
    is_named = named(tokens, names)
    near = {token.sentence for token, mark in zip(tokens, is_named, strict=True) if mark}
    words = [
        TARGET if mark else stem(token.form, options.language) for token, mark in zip(tokens, is_named, strict=True)
    ]
    found = list(_word_ngrams(["words"] * len(tokens), [token.sentence for token in tokens], words))
    if options.target:
        found += _word_ngrams(sides_of(tokens, is_named), [token.clause for token in tokens], words)
    if options.chars:
        shortest, longest = options.chars
        for at, (token, mark) in enumerate(zip(tokens, is_named, strict=True)):
            blocks = ["chars", "target chars"] if options.target and token.sentence in near else ["chars"]
            for block in blocks if not mark else ():
                found += (Occurrence(key_of(block, gram), at, at) for gram in grams(token.form, shortest, longest))
    if options.lexicon and options.entries:
        for first, last, category in entries_in(tokens, options.entries):
            found.append(Occurrence(key_of("lexicon", f"‹{category}›"), first, last))
            if options.target and tokens[first].sentence in near:
                found.append(Occurrence(key_of("target lexicon", f"‹{category}›"), first, last))
    return found


def stem(form: str, language: str) -> str:
    return form if language == "none" else str(Stemmer.Stemmer(language).stemWord(form))


def sides_of(tokens: Sequence[Token], is_named: Sequence[bool]) -> list[str | None]:
    """Return for each token on which side of the nearest name in its clause it stands; None where there is no name."""
    sides: list[str | None] = []
    for at, token in enumerate(tokens):
        names = [place for place, other in enumerate(tokens) if other.clause == token.clause and is_named[place]]
        nearest = min(names, key=lambda place: (abs(place - at), place), default=None)
        sides.append(None if nearest is None else "after" if nearest <= at else "before")
    return sides


def _word_ngrams(blocks: Sequence[str | None], units: Sequence[int], words: Sequence[str]) -> Iterator[Occurrence]:
    for at, word in enumerate(words):
        block = blocks[at]
        if block is None:
            continue
        yield Occurrence(key_of(block, word), at, at)
        if at + 1 < len(words) and units[at] == units[at + 1]:
            yield Occurrence(key_of(block, word, words[at + 1]), at, at + 1)


def grams(form: str, shortest: int, longest: int) -> Iterator[str]:
    padded = f"^{form}$"
    for size in range(shortest, longest + 1):
        for at in range(len(padded) - size + 1):
            yield padded[at : at + size]


# The model


def values_of(occurrences: Sequence[Occurrence], model: Mapping[str, Weight]) -> dict[str, float]:
    """Return (1 + ln count) x idf of the known features, each block of length 1 and then scaled."""
    counts = Counter(one.key for one in occurrences if one.key in model)
    raw = {key: (1 + math.log(count)) * model[key].idf for key, count in counts.items()}
    lengths = {
        block: math.hypot(*(value for key, value in raw.items() if SCALED_WITH[parts_of(key)[0]] == SCALED_WITH[block]))
        for block in SCALES
    }
    return {key: value / (lengths[parts_of(key)[0]] or 1.0) * SCALES[parts_of(key)[0]] for key, value in raw.items()}


def logits_of(values: Mapping[str, float], model: Mapping[str, Weight], intercept: Sequence[float]) -> list[float]:
    return [
        start + math.fsum(value * model[key].labels[label] for key, value in values.items())
        for label, start in enumerate(intercept)
    ]


def contributions_of(
    occurrences: Sequence[Occurrence], model: Mapping[str, Weight], label: int
) -> dict[tuple[int, int], float]:
    """Return what each stretch of tokens adds to the logit: a feature's part, split over its occurrences."""
    values = values_of(occurrences, model)
    counts = Counter(one.key for one in occurrences)
    found: dict[tuple[int, int], float] = {}
    for one in occurrences:
        if one.key in model:
            share = values[one.key] * model[one.key].labels[label] / counts[one.key]
            found[one.first, one.last] = found.get((one.first, one.last), 0.0) + share
    return found


# What the two are compared on

ALPHABETS = {
    "latin": "abcsxyzABCÉéßıİǅ\u0301\u0308\u0327",
    "cyrillic": "абвиийРосяЁё\u0306",
    "armenian": "ԱաբգևՀայ՛՚՞",
    "arabic": "ابتثسلم\u064b\u0651ـ٣",
    "devanagari": "कखगशांति\u094d\u093f५",
    "cjk": "日本和平한国語ーﾊ",
    "greek": "ΑΣσςόάΟ",
    "emoji": "aB🕊🇦🇲👩\u200d🚀\ufe0f🏽",
    "odd": "aB\0\x85\ufeff\u00ad\u200b½²Ⅷ_^$‹›\U0001d400\U00010400",
    "surrogates": "aB\ud800\udbff\udc00\udfff",
}
MARKS = " \n\t.,;:!?*[]—" + APOSTROPHES + HYPHENS + STOPS + STOPS_WITHOUT_SPACE + "“”«»()\u2028\u00a0–"
_WORDS = (
    "Russia Russia’s RUSSIAN Moscow South Ossetia U.S. Gen Mr A I don’t peace peace-keepers talks and with café "
    "cafe\u0301 4 5 Москва Москвы Հայաստան السلام शांति 日本 和平 'tis McDonald's 🕊"
)
WORDS = [*_WORDS.split(), "w" * 70]
SEPARATORS = [" "] * 8 + [". ", ".", "! ", "? ", "… ", ".” ", ", ", "\n", "\n\n", "。", "։ ", "؟ ", "। "]
SEPARATORS += ["-", "’", "--", "\u2028\u2029", "\0", " (", " “", "... ", "\r\n\r\n"]
NAMES = [
    "Russia*",
    "Russia",
    "Moscow",
    "South Ossetia",
    "U.S.",
    "McDonald’s",
    "***",
    "Москв*",
    "日本",
    "don't",
    "A",
    "p*",
]
NAMES += ["Gen. A", "South* O*", "Russia's Moscow", "", "и", "İ*", "ʼs*"]
ENTRIES = ["peace", "peace*", "peace talks", "talks", "peace talks and", "Gen.", "U.S.", "South O*", "don't", "Москв*"]
ENTRIES += ["日本", "***", "w*", "a*", "and with", "café", "*", "s*", "s* o*", "russia*"]
CATEGORIES = ("mediation", "pressure", "target", "two words")


def words_and_marks() -> st.SearchStrategy[str]:
    """Return texts of words that come again, with all that may stand between them."""
    pair = st.tuples(st.sampled_from(WORDS), st.sampled_from(SEPARATORS))
    return st.lists(pair, max_size=20).map(lambda pairs: "".join(word + separator for word, separator in pairs))


def any_text() -> st.SearchStrategy[str]:
    """Return texts of any characters: of one script and its marks, of all scripts, and of all code points."""
    scripts = [st.text(alphabet + MARKS, max_size=40) for alphabet in ALPHABETS.values()]
    return st.one_of(
        *(words_and_marks() for _ in scripts),
        *scripts,
        st.text("".join(ALPHABETS.values()) + MARKS, max_size=40),
        st.text(st.characters(exclude_categories=()), max_size=40),
    )


def names() -> st.SearchStrategy[list[str]]:
    """Return the names of a target; often none."""
    return st.lists(st.one_of(st.sampled_from(NAMES), st.text("aрs*'’ .日", max_size=5)), max_size=3)


def dictionaries() -> st.SearchStrategy[dict[str, list[str]]]:
    """Return the entries of a small dictionary by category."""
    entries = st.one_of(st.sampled_from(ENTRIES), st.text("aр*' 日", max_size=8))
    return st.dictionaries(st.sampled_from(CATEGORIES), st.lists(entries, max_size=5), max_size=4)


def options() -> st.SearchStrategy[Options]:
    """Return settings of the features, with a dictionary or without."""
    return st.builds(
        Options,
        target=st.booleans(),
        chars=st.sampled_from([None, (3, 5), (1, 2), (4, 4)]),
        lexicon=st.booleans(),
        language=st.sampled_from(["none", "english", "russian"]),
        entries=st.one_of(st.none(), *(dictionaries() for _ in range(4))),
    )


def rows(most: int = 5) -> st.SearchStrategy[list[tuple[str, list[str]]]]:
    """Return a batch: texts, each with the names of its target."""
    return st.lists(st.tuples(any_text(), names()), max_size=most)
