"""The content-analysis dictionary: which entry wins where, and the plain reference on any text and any entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import framing.lexicon
from framing.lexicon import Lexicon
from framing.tokens import tokenize
from tests import reference


def found(text: str, entries: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Return the category and the surface text of each hit."""
    lexicon, tokens = Lexicon(entries), tokenize([text])
    hits = lexicon.find(tokens)
    return [
        (lexicon.categories[category], text[tokens.start[first] : tokens.end[last]])
        for first, last, category in zip(hits.first.tolist(), hits.last.tolist(), hits.category.tolist(), strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "entries", "expected"),
    [
        ("Peace and PEACE", {"m": ["peace"]}, [("m", "Peace"), ("m", "PEACE")]),
        ("peaceful peace", {"m": ["peace"]}, [("m", "peace")]),
        ("peaceful peace repeace", {"m": ["peace*"]}, [("m", "peaceful"), ("m", "peace")]),
        ("peace’s", {"m": ["peace"]}, []),
        ("don’t", {"m": ["don't"]}, [("m", "don’t")]),
        # The longest entry wins: in words, then in letters, then the exact one.
        ("peace talks", {"a": ["peace"], "b": ["peace talks"], "c": ["talks"]}, [("b", "peace talks")]),
        ("peace talk", {"a": ["peace"], "b": ["peace talks"]}, [("a", "peace")]),
        ("peace talk", {"a": ["peace"], "b": ["peace talk*"]}, [("b", "peace talk")]),
        ("peacekeeper", {"a": ["peace*"], "b": ["peacekeep*"]}, [("b", "peacekeeper")]),
        ("peace", {"a": ["peace*"], "b": ["peace"]}, [("b", "peace")]),
        ("peace", {"b": ["peace"], "a": ["peace"]}, [("a", "peace")]),
        ("peacekeepers talk", {"a": ["peacekeep*"], "b": ["p* t*"]}, [("b", "peacekeepers talk")]),
        ("a b c", {"m": ["a b"], "n": ["a b c"], "o": ["a"]}, [("n", "a b c")]),
        # What a phrase has used begins nothing else.
        ("a b c", {"m": ["a b"], "n": ["b c"]}, [("m", "a b")]),
        ("a b b c", {"m": ["a b"], "n": ["b c"]}, [("m", "a b"), ("n", "b c")]),
        ("a a a a", {"m": ["a a"]}, [("m", "a a"), ("m", "a a")]),
        # A word that stands more often in one entry than there are entries.
        ("a a a a", {"m": ["a a a", "a"]}, [("m", "a a a"), ("m", "a")]),
        ("he said no to it", {"m": ["no no no no", "no", "zz"]}, [("m", "no")]),
        # No phrase crosses the end of a sentence, but it does cross what stands inside one.
        ("for peace. Talks went on", {"m": ["peace talks"]}, []),
        ("for peace\n\ntalks went on", {"m": ["peace talks"]}, []),
        ("for “peace”, talks", {"m": ["peace talks"]}, [("m", "peace”, talks")]),
        ("peace\ntalks", {"m": ["peace talks"]}, [("m", "peace\ntalks")]),
        ("peace-talks", {"m": ["peace talks"]}, []),
        ("peace", {"m": ["peace talks"]}, []),
        # Stars in the middle of a phrase, entries without a letter, other scripts.
        ("calls for talks, call for aid", {"m": ["call* for talks"]}, [("m", "calls for talks")]),
        ("Москвы, мир", {"m": ["москв*"], "n": ["мир"]}, [("m", "Москвы"), ("n", "мир")]),
        ("शांति वार्ता", {"m": ["शांति वार्ता"]}, [("m", "शांति वार्ता")]),
        ("cafe\u0301", {"m": ["caf\u00e9"]}, [("m", "cafe\u0301")]),
        ("peace *", {"m": ["*", "***", "", "🕊"]}, []),
        ("peace", {}, []),
        ("peace", {"m": []}, []),
        ("", {"m": ["peace"]}, []),
    ],
)  # fmt: skip
def test_the_longest_entry_wins_within_a_sentence(
    text: str, entries: Mapping[str, Sequence[str]], expected: list[tuple[str, str]]
) -> None:
    assert found(text, entries) == expected


def test_categories_are_sorted_whatever_order_they_came_in() -> None:
    assert Lexicon({"b": ["x"], "a": ["y"], "c": []}).categories == ["a", "b", "c"]


@pytest.mark.parametrize("most", [0, 1, 50_000])
def test_what_is_kept_of_earlier_texts_changes_nothing(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(framing.lexicon, "MOST_KEPT_FORMS", most)
    lexicon = Lexicon({"m": ["peace talk*", "war*"], "n": ["peace"]})
    texts = ["peace talks", "wars and peace", "peace talks", "talks of a war"]
    for _ in range(2):
        hits = [lexicon.find(tokenize([text])) for text in texts]
        assert [one.category.tolist() for one in hits] == [[0], [0, 1], [0], [0]]
        assert [one.first.tolist() for one in hits] == [[0], [0, 2], [0], [3]]


def test_no_phrase_reaches_from_one_text_into_the_next() -> None:
    assert Lexicon({"m": ["a b"]}).find(tokenize(["a", "b", "", "a b"])).first.tolist() == [2]


@pytest.mark.parametrize("texts", [[], [""], ["", ""]])
def test_texts_without_tokens_have_no_entries(texts: list[str]) -> None:
    hits = Lexicon({"m": ["peace", "s*"]}).find(tokenize(texts))
    assert hits.first.tolist() == hits.last.tolist() == hits.category.tolist() == []


@given(st.lists(reference.any_text(), max_size=4), reference.dictionaries())
@settings(max_examples=600)
def test_any_entries_are_found_where_the_reference_finds_them(texts: list[str], entries: dict[str, list[str]]) -> None:
    lexicon, tokens = Lexicon(entries), tokenize(texts)
    hits = lexicon.find(tokens)
    mine: list[list[tuple[int, int, str]]] = [[] for _ in texts]
    first_of_row = [int((tokens.row < row).sum()) for row in range(len(texts))]
    for first, last, category in zip(hits.first.tolist(), hits.last.tolist(), hits.category.tolist(), strict=True):
        row = int(tokens.row[first])
        begin = first_of_row[row]
        mine[row].append((first - begin, last - begin, lexicon.categories[category]))
    assert mine == [reference.entries_in(reference.tokens_of(text), entries) for text in texts]


def test_a_phrase_of_many_words_that_almost_stands_at_every_token_is_no_hit() -> None:
    assert found("a " * 100_000, {"m": ["a a a a b"]}) == []
    assert len(found("a " * 100_000, {"m": ["a " * 100]})) == 1000
