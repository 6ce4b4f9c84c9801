"""Where the target is named: case tables, and the plain reference on any text and any names."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from framing.target import find_names, parse_names
from framing.tokens import tokenize
from tests import reference


def marked(text: str, *names: str) -> list[str]:
    """Return the surface of the tokens that are part of a name."""
    tokens = tokenize([text])
    found = find_names(tokens, [parse_names(names)])
    return [text[tokens.start[at] : tokens.end[at]] for at in np.flatnonzero(found).tolist()]


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Russia and russia and RUSSIA", "Russia", ["Russia", "russia", "RUSSIA"]),
        ("Russia and Russian Russias Prussia", "Russia", ["Russia"]),
        ("Russia, Russian, Russo-, Prussian", "Russia*", ["Russia", "Russian"]),
        ("Russia’s army, Russia's navy", "Russia", ["Russia’s", "Russia's"]),
        ("RUSSIA\u2019S army", "Russia", ["RUSSIA\u2019S"]),
        ("Russia’s army and Russian’s", "Russia*", ["Russia’s", "Russian’s"]),
        ("the Russias’ army", "Russias", ["Russias"]),
        ("pro-Russian and Russia-backed", "Russia*", ["Russia-backed"]),
        ("Russia-backed", "Russia", []),
        ("it is Nagorno-Karabakh’s", "Nagorno-Karabakh", ["Nagorno-Karabakh’s"]),
        ("Nagorno\u2011Karabakh", "Nagorno-Karabakh", ["Nagorno\u2011Karabakh"]),
        ("Nagorno Karabakh", "Nagorno-Karabakh", []),
        # A name that has a possessive ending itself.
        ("McDonald’s said, as McDonald had", "McDonald's", ["McDonald’s", "McDonald"]),
        ("Moody's cut, Moodys did not", "Moody’s*", ["Moody's"]),
        ("the it’s Italy", "it's*", ["it’s"]),
        # Names of several words.
        ("South Ossetia, South, Ossetia", "South Ossetia", ["South", "Ossetia", "South", "Ossetia"]),
        ("south\nossetia’s", "South Ossetia", ["south", "ossetia’s"]),
        ("South of Ossetia", "South Ossetia", []),
        ("North and South. Ossetia left", "South Ossetia", []),
        ("North and South\n\nOssetia left", "South Ossetia", []),
        ("the U.S. Army, U. S. too, US not", "U.S.", ["U", "S", "U", "S"]),
        ("New York New York New", "New York New", ["New", "York", "New", "York", "New"]),
        ("Minsk Groups met, Minsk’s group", "Minsk Group*", ["Minsk", "Groups", "Minsk’s", "group"]),
        ("Minskers group and Minsk groups", "Minsk* group", ["Minskers", "group"]),
        # Stars that stand for nothing, and names without a letter.
        ("*** and Russia", "***", []),
        ("and Russia", "", []),
        ("and Russia", "*", []),
        ("Russia and Russian", "*Russia", ["Russia"]),
        ("Russia and Russian", "Russia *", ["Russia"]),
        # Other scripts.
        ("В Москве и под Москвой", "Москв*", ["Москве", "Москвой"]),
        ("Ռուսաստանը և Ռուսաստան", "Ռուսաստան*", ["Ռուսաստանը", "Ռուսաստան"]),
        ("وقالت روسيا إن", "روسيا", ["روسيا"]),
        ("रूस ने रूसी", "रूस*", ["रूस", "रूसी"]),
        ("中国と中国人", "中国", []),
        ("Me\u0301xico and M\u00e9xico", "M\u00c9XICO", ["Me\u0301xico", "M\u00e9xico"]),
        ("", "Russia", []),
    ],
)
def test_a_name_is_found_where_all_its_words_stand_in_one_sentence(text: str, name: str, expected: list[str]) -> None:
    assert marked(text, name) == expected


def test_names_overlap_and_are_all_found() -> None:
    assert marked("the Republic of South Ossetia", "South", "Republic of South", "Ossetia*") == [
        "Republic",
        "of",
        "South",
        "Ossetia",
    ]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Russia*", "South Ossetia"], [[("russia", True)], [("south", False), ("ossetia", False)]]),
        (["***", "", "—", "🕊"], []),
        (["Russia", "RUSSIA", "Russia*"], [[("russia", False)], [("russia", True)]]),
        (["Don’t*"], [[("don't", True)]]),
        (["Rus*sia"], [[("rus", True), ("sia", False)]]),
        ([], []),
    ],
)
def test_names_are_parsed_into_folded_words_once_each(names: list[str], expected: list[list[tuple[str, bool]]]) -> None:
    assert parse_names(names) == tuple(map(tuple, expected))


def test_every_row_has_names_of_its_own() -> None:
    texts = ["Russia met Iran", "Russia met Iran", "Russia met Iran", ""]
    names = [parse_names([name]) for name in ("Russia", "Iran", "***", "Russia")]
    assert find_names(tokenize(texts), names).tolist() == [True, False, False, False, False, True] + [False] * 3


def test_one_entry_of_names_stands_for_all_rows() -> None:
    texts = ["Russia met Iran", "Iran", "", "South", "Ossetia"]
    names = parse_names(["Russia", "South Ossetia"])
    assert find_names(tokenize(texts), [names]).tolist() == [True] + [False] * 5
    assert find_names(tokenize(texts), [names] * 5).tolist() == [True] + [False] * 5


def test_names_for_another_number_of_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        find_names(tokenize(["a", "b", "c"]), [parse_names(["a"])] * 2)


def test_no_texts_have_no_names() -> None:
    assert find_names(tokenize([]), []).tolist() == []
    assert find_names(tokenize([]), [parse_names(["a"])]).tolist() == []


@given(reference.rows())
@settings(max_examples=600)
def test_any_names_in_any_texts_are_found_where_the_reference_finds_them(rows: list[tuple[str, list[str]]]) -> None:
    texts = [text for text, _ in rows]
    tokens = tokenize(texts)
    found = find_names(tokens, [parse_names(names) for _, names in rows])
    for row, (text, names) in enumerate(rows):
        assert found[tokens.row == row].tolist() == reference.named(reference.tokens_of(text), names)


@given(reference.any_text(), reference.names())
@settings(max_examples=100)
def test_a_row_is_marked_the_same_beside_a_row_with_other_names(text: str, names: list[str]) -> None:
    alone = find_names(tokenize([text]), [parse_names(names)])
    tokens = tokenize([reference.WORDS[0], text, text])
    beside = find_names(tokens, [parse_names(["Russia"]), parse_names(names), parse_names(["a*"])])
    assert np.array_equal(beside[tokens.row == 1], alone)


def test_a_hundred_thousand_tokens_and_a_name_of_two_hundred_words() -> None:
    text = "a b " * 50_000
    assert len(marked(text, "a b " * 100)) == 100_000
    assert marked(text, "a b " * 100 + "c") == []
    assert marked("a", "a b " * 100) == []
