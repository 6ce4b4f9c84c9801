"""Tokens and sentences: case tables, the plain reference on any text, and sizes that must not hurt."""

from __future__ import annotations

import unicodedata
from random import Random
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import framing.tokens
from framing.tokens import LONGEST_FORM, Tokens, fold, tokenize
from tests import reference

BATCHES = st.lists(reference.any_text(), max_size=5)


def surfaces(text: str) -> list[str]:
    tokens = tokenize([text])
    return [text[start:end] for start, end in zip(tokens.start.tolist(), tokens.end.tolist(), strict=True)]


def forms(text: str) -> list[str]:
    tokens = tokenize([text])
    return [tokens.forms[number] for number in tokens.form.tolist()]


def sentences(text: str) -> list[str]:
    """Return the sentences as their tokens with a space between."""
    found: dict[int, list[str]] = {}
    for surface, sentence in zip(surfaces(text), tokenize([text]).sentence.tolist(), strict=True):
        found.setdefault(sentence, []).append(surface)
    return [" ".join(words) for words in found.values()]


def of_row(tokens: Tokens, row: int) -> list[reference.Token]:
    """Return the tokens of one text of a batch, its sentences and clauses numbered from 0 without gaps."""
    at = np.flatnonzero(tokens.row == row)
    sentence, clause = (np.unique(unit[at], return_inverse=True)[1] for unit in (tokens.sentence, tokens.clause))
    columns = (tokens.start[at], tokens.end[at], tokens.form[at], sentence, clause)
    return [
        reference.Token(start, end, tokens.forms[form], number, part)
        for start, end, form, number, part in zip(*(column.tolist() for column in columns), strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("peace-keepers left", ["peace-keepers", "left"]),
        ("state-of-the-art", ["state-of-the-art"]),
        ("cease\u2010fire non\u2011aligned", ["cease\u2010fire", "non\u2011aligned"]),
        ("rock--n--roll", ["rock", "n", "roll"]),
        ("2018\u20132020 \u2014 then", ["2018", "2020", "then"]),
        ("pre- and post-war-", ["pre", "and", "post-war"]),
        ("-5 a - b", ["5", "a", "b"]),
        ("don't don\u2019t don\uff07t don\u2018t", ["don't", "don\u2019t", "don\uff07t", "don\u2018t"]),
        ("\u2019tis \u2018tis 'tis", ["tis", "tis", "tis"]),
        ("the boys\u2019 and James' books", ["the", "boys", "and", "James", "books"]),
        ("\u2018quoted\u2019 'words'", ["quoted", "words"]),
        ("a-'b", ["a", "b"]),
        ("a-'-b", ["a", "b"]),
        ("it''s", ["it", "s"]),
        ("l'aujourd'hui", ["l'aujourd'hui"]),
        ("a'b-c'd", ["a'b-c'd"]),
        ("a-b", ["a-b"]),
        ("-", []),
        ("'a", ["a"]),
        ("a'", ["a"]),
        ("U.S. e.g. 3.14 1,000", ["U", "S", "e", "g", "3", "14", "1", "000"]),
        ("snake_case a/b and@x.org", ["snake", "case", "a", "b", "and", "x", "org"]),
        ("H\u2082O x\u00b2 \u00bd \u2167", ["H", "O", "x"]),
        ("caf\u00e9 cafe\u0301", ["caf\u00e9", "cafe\u0301"]),
        ("\u0301a", ["\u0301a"]),
        ("Москва\u2019дан об'явив", ["Москва\u2019дан", "об'явив"]),
        ("п\u02bcять", ["п\u02bcять"]),
        ("Ինչո՞ւ եք", ["Ինչո", "ւ", "եք"]),
        ("Հայաստան\u055bը", ["Հայաստան", "ը"]),
        ("السَّلام ١٢٣", ["السَّلام", "١٢٣"]),
        ("शांति वार्ता", ["शांति", "वार्ता"]),
        ("日本と中国、和平。", ["日本と中国", "和平"]),
        ("한국 조선", ["한국", "조선"]),
        ("a\u200bb a\u00adb", ["a", "b", "a", "b"]),
        ("peace🕊talks 🇦🇲 👩\u200d🚀", ["peace", "talks"]),
        ("❤\ufe0f", ["\ufe0f"]),
        ("a\0b", ["a", "b"]),
        ("a\ud800b\udc00", ["a", "b"]),
        ("\U0001d400 \U00010400", ["\U0001d400", "\U00010400"]),
        ("", []),
        ("  \n\t", []),
        ("...!?", []),
    ],
)
def test_tokens_are_runs_of_letters_marks_and_digits_with_single_inner_joiners(text: str, expected: list[str]) -> None:
    assert surfaces(text) == expected


@pytest.mark.parametrize(
    ("surface", "form"),
    [
        ("Don\u2019t", "don't"),
        ("DON\uff07T", "don't"),
        ("п\u02bcять", "п'ять"),
        ("Cease\u2011Fire", "cease-fire"),
        ("Cafe\u0301", "caf\u00e9"),
        ("CAF\u00c9", "caf\u00e9"),
        ("ΟΔΟΣ", "οδος"),
        ("İstanbul", "i\u0307stanbul"),
        ("Straße", "straße"),
        ("\uac00", "\u1100\u1161"),
        ("Й", "и\u0306"),
        ("日本", "日本"),
        ("x" * 200, "x" * LONGEST_FORM),
    ],
)
def test_a_form_is_lower_case_composed_and_has_straight_joiners(surface: str, form: str) -> None:
    composed = unicodedata.normalize("NFC", form)
    assert fold(surface) == composed
    assert forms(surface) == [composed]


def test_one_form_has_one_number_however_it_is_written() -> None:
    tokens = tokenize(["Don\u2019t DON'T", "don\u2018t cafe\u0301 Caf\u00e9"])
    assert tokens.form.tolist() == [0, 0, 0, 1, 1]
    assert tokens.forms == ["don't", "caf\u00e9"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One came. Two left! Three? Four", ["One came", "Two left", "Three", "Four"]),
        ("One came.\nTwo left", ["One came", "Two left"]),
        ("He went.She stayed", ["He went She stayed"]),
        ("version 3.14 of a.b", ["version 3 14 of a b"]),
        ("He left. then came", ["He left then came"]),
        # Abbreviations and initials: one full stop right behind them ends nothing.
        ("Mr. Smith met Gen. Jones", ["Mr Smith met Gen Jones"]),
        ("J. R. Smith of the U.S. Navy", ["J R Smith of the U S Navy"]),
        ("On 5 Jan. Moscow agreed", ["On 5 Jan Moscow agreed"]),
        ("e.g. Moscow, i.e. Russia", ["e g Moscow i e Russia"]),
        ("Г. Иванов пришел. Он ушел", ["Г Иванов пришел", "Он ушел"]),
        ("It was the General. Smith left", ["It was the General", "Smith left"]),
        ("So did I! Then he left", ["So did I", "Then he left"]),
        ("Plan B? No", ["Plan B", "No"]),
        ("Plan B... No", ["Plan B", "No"]),
        ("by the Gen.” Then", ["by the Gen", "Then"]),
        # Ellipses.
        ("He waited... Then left", ["He waited", "Then left"]),
        ("He waited\u2026 Then left", ["He waited", "Then left"]),
        ("He waited \u2026 and left", ["He waited and left"]),
        ("He\u2026Then", ["He Then"]),
        # Quotation marks and brackets between the stop and the space, or after it.
        ("“We agree.” They left", ["We agree", "They left"]),
        ("We agree”. They left", ["We agree", "They left"]),
        ("«Мы согласны». Они ушли", ["Мы согласны", "Они ушли"]),
        ("«Мы согласны!» Они ушли", ["Мы согласны", "Они ушли"]),
        ("“We agree!” said Moscow", ["We agree said Moscow"]),
        ("We agree. “They do not”", ["We agree", "They do not"]),
        ("We agree. (They do not.) But", ["We agree", "They do not", "But"]),
        ("We agree.) [They", ["We agree", "They"]),
        # Other scripts.
        ("Նա եկավ։ Նա գնաց", ["Նա եկավ", "Նա գնաց"]),
        ("هل جاء؟ نعم", ["هل جاء", "نعم"]),
        ("وہ آیا۔ وہ گیا", ["وہ آیا", "وہ گیا"]),
        ("वह आया। वह गया॥ अंत", ["वह आया", "वह गया", "अंत"]),
        ("व। वह", ["व", "वह"]),
        ("他来了。他走了！真的？是", ["他来了", "他走了", "真的", "是"]),
        ("半角｡終わり", ["半角", "終わり"]),
        ("A．B", ["A", "B"]),
        ("Really\u203d Yes\u2049 No", ["Really", "Yes", "No"]),
        # Lines.
        ("A headline\n\nA paragraph", ["A headline", "A paragraph"]),
        ("A headline\r\n\r\nA paragraph", ["A headline", "A paragraph"]),
        ("A headline\n \t\nA paragraph", ["A headline", "A paragraph"]),
        ("A headline\u2028\u2029A paragraph", ["A headline", "A paragraph"]),
        ("Mr.\n\nSmith", ["Mr", "Smith"]),
        ("a wrapped\nline", ["a wrapped line"]),
        ("a wrapped\r\nline", ["a wrapped line"]),
        # What is of no class ends nothing.
        ("He left \ud800 Then came \0 Moscow 🕊 Iran", ["He left Then came Moscow Iran"]),
        ("!? \n\n", []),
    ],
)
def test_a_sentence_ends_at_a_stop_and_white_space_or_at_a_blank_line(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


def test_no_two_texts_share_a_sentence_or_a_token() -> None:
    tokens = tokenize(["peace", "talks", "", "x-", "y"])
    assert tokens.row.tolist() == [0, 1, 3, 4]
    assert len(set(tokens.sentence.tolist())) == 4


@given(BATCHES)
@settings(max_examples=600)
def test_tokens_forms_and_sentences_are_those_of_the_reference(texts: list[str]) -> None:
    tokens = tokenize(texts)
    assert tokens.rows == len(texts)
    for row, text in enumerate(texts):
        assert of_row(tokens, row) == reference.tokens_of(text)


def test_every_code_point_is_inside_a_token_exactly_when_it_is_a_letter_mark_or_decimal_digit() -> None:
    every = "".join(map(chr, range(0x110000)))
    tokens = tokenize(["\n".join(every)])
    assert "".join(every[at // 2] for at in tokens.start.tolist()) == "".join(filter(reference.is_word, every))
    assert (tokens.end - tokens.start == 1).all()


@given(BATCHES)
@settings(max_examples=100)
def test_tokens_are_in_order_and_leave_no_letter_out(texts: list[str]) -> None:
    tokens = tokenize(texts)
    assert len(set(tokens.forms)) == len(tokens.forms)
    assert set(tokens.form.tolist()) == set(range(len(tokens.forms)))
    order = list(zip(tokens.row.tolist(), tokens.start.tolist(), strict=True))
    assert order == sorted(set(order))
    for row, text in enumerate(texts):
        mine = of_row(tokens, row)
        between = [0, *(edge for token in mine for edge in (token.start, token.end)), len(text)]
        gaps = [text[start:end] for start, end in zip(between[::2], between[1::2], strict=True)]
        assert "".join(a + text[t.start : t.end] for a, t in zip(gaps, mine, strict=False)) + gaps[-1] == text
        assert not any(map(reference.is_word, "".join(gaps)))


@given(BATCHES, st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_what_a_text_gets_depends_neither_on_its_batch_nor_on_the_order(texts: list[str], random: Random) -> None:
    order = random.sample(range(len(texts)), len(texts))
    alone = [of_row(tokenize([text]), 0) for text in texts]
    together, shuffled = tokenize(texts), tokenize([texts[row] for row in order])
    assert [of_row(together, row) for row in range(len(texts))] == alone
    assert [of_row(shuffled, order.index(row)) for row in range(len(texts))] == alone


def test_no_texts_and_empty_texts_have_no_tokens() -> None:
    for texts in ([], [""], ["", "", ""], ["\0", "\ud800", " "]):
        tokens = tokenize(texts)
        assert tokens.rows == len(texts)
        assert tokens.forms == []
        assert not any(map(len, (tokens.row, tokens.start, tokens.end, tokens.form, tokens.sentence)))


def test_a_token_of_a_million_letters_is_one_token_with_a_short_form() -> None:
    tokens = tokenize(["a" * 1_000_000, "e" + "\u0301" * 1_000_000, "a-" * 500_000 + "a"])
    assert (tokens.end - tokens.start).tolist() == [1_000_000, 1_000_001, 1_000_001]
    assert tokens.sentence.tolist() == [0, 1, 2]
    assert max(map(len, tokens.forms)) <= LONGEST_FORM


def test_a_text_of_a_million_tokens_is_read_whole() -> None:
    text = "Peace now. " * 500_000
    tokens = tokenize([text])
    assert len(tokens.form) == 1_000_000
    assert tokens.forms == ["peace", "now"]
    assert tokens.sentence[-1] == 499_999
    assert text[tokens.start[-1] : tokens.end[-1]] == "now"


def test_a_million_marks_without_a_letter_are_no_token() -> None:
    assert len(tokenize(["'" * 1_000_000, "." * 1_000_000, "\0" * 1_000_000]).form) == 0


@given(BATCHES, st.integers(0, 1))
@settings(max_examples=100)
def test_hashes_that_all_collide_change_no_token(texts: list[str], rounds: int) -> None:
    expected = tokenize(texts)
    with patch.object(framing.tokens, "_ROUNDS", rounds), patch.object(framing.tokens, "_ODD", np.uint64(0)):
        collided = tokenize(texts)
    assert collided.forms == expected.forms
    assert np.array_equal(collided.form, expected.form)


def test_forms_that_differ_in_any_one_character_are_told_apart() -> None:
    for letter, other in ("ab", "ая", "日本", "\U00010400\U00010401"):
        words = [letter * size for size in range(1, LONGEST_FORM)]
        words += [word[:at] + other + word[at + 1 :] for word in words for at in range(len(word))]
        tokens = tokenize([" ".join(words * 2)])
        assert [tokens.forms[form] for form in tokens.form.tolist()] == [fold(word) for word in words] * 2
