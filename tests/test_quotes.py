"""What stands inside quotation marks: the marks of many scripts, nested, unclosed, and apostrophes that are none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.quotes import quoted_share, quoted_spans
from tests import reference

OPENING = '\u201c\u201e\u201d\u00ab\u00bb\u2039\u300c\u300e\u300a\uff62\u301d\u2018\u201a"\uff02'
CLOSING = '\u201d\u201c\u201f\u00bb\u00ab\u203a\u300d\u300f\u300b\uff63\u301e\u301f\u2019\u2018"\uff02'
MARKS = "".join(sorted(set(OPENING + CLOSING)))


def quoted(text: str) -> list[str]:
    return [text[start:end] for start, end in quoted_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # The marks of many scripts.
        ("he said “yes” and “no”.", ["“yes”", "“no”"]),
        ('he said "yes" and "no".', ['"yes"', '"no"']),
        ("he said ‘yes’ twice", ["‘yes’"]),
        ("er sagte „ja“ und „nein”", ["„ja“", "„nein”"]),
        ("er sagte ‚ja‘ und ‚nein’", ["‚ja‘", "‚nein’"]),
        ("er sagte »ja« und »nein«", ["»ja«", "»nein«"]),
        ("han sa ”ja” och ”nej”", ["”ja”", "”nej”"]),
        ("han sa »ja» och »nej»", ["»ja»", "»nej»"]),
        ("il a dit « oui » et ‹ non ›", ["« oui »", "‹ non ›"]),
        ("он сказал «да» и „нет“", ["«да»", "„нет“"]),
        ("ասաց «այո» և «ոչ»", ["«այո»", "«ոչ»"]),
        ("قال «نعم» و”لا”", ["«نعم»", "”لا”"]),
        ("उसने “हाँ” कहा", ["“हाँ”"]),
        ("他说“是”，又说「不」『好』《书》", ["“是”", "「不」", "『好』", "《书》"]),
        ("｢はい｣ 〝いいえ〟 〝否〞 ＂是＂", ["｢はい｣", "〝いいえ〟", "〝否〞", "＂是＂"]),
        # Nested: the outer pair counts, once.
        ("“he said ‘yes’ again” and left", ["“he said ‘yes’ again”"]),
        ("«он сказал „да“ опять» и ушел", ["«он сказал „да“ опять»"]),
        ("„er sagte ‚ja‘ dann“ und ging", ["„er sagte ‚ja‘ dann“"]),
        ("「彼は『はい』と」言った", ["「彼は『はい』と」"]),
        ("«Завод «Урал» стоит» и «другой»", ["«Завод «Урал» стоит»", "«другой»"]),
        ("««a» «b»» c «d»", ["««a» «b»»", "«d»"]),
        ("「a「b」c」d「e」", ["「a「b」c」", "「e」"]),
        # One mark that closes both the inner and the outer.
        ("«Завод «Урал» стоит, «другой» нет", ["«Завод «Урал»", "«другой»"]),
        # Unclosed: to the end, unless the mark may be something else.
        ("he said “yes and left", ["“yes and left"]),
        ("он сказал «да и ушел", ["«да и ушел"]),
        ("a “b” c “d", ["“b”", "“d"]),
        ('a 5" gun and no more', []),
        ('a "b" and a 5" gun', ['"b"']),
        ("a ”b", []),
        ("a b» c", []),
        ("a b” c", []),
        ("‘tis the season", []),
        ("‚a", []),
        # Apostrophes.
        ("don’t, they’re, the boys’ club", []),
        ("don‘t and won‘t", []),
        ("‘don’t go’ he said", ["‘don’t go’"]),
        ("‘it’s the boys’ now", ["‘it’s the boys’"]),
        ("O‘Brien said ‘yes’", ["‘yes’"]),
        ("don't 'go'", []),
        # Empty, whole, one after the other.
        ("", []),
        ("no marks", []),
        ("“all of it”", ["“all of it”"]),
        ("“a”“b”", ["“a”", "“b”"]),
        ("“”", ["“”"]),
        ('""', ['""']),
        ("“", ["“"]),
        ('"', []),
        ("“a\n\n“b”", ["“a\n\n“"]),
        ("a\0“b\ud800”c", ["“b\ud800”"]),
    ],
)
def test_what_stands_between_the_marks_of_any_script_is_quoted(text: str, expected: list[str]) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("", 0),
        ("abcd", 0),
        ("“abcd”", 1),
        ("ab“cd”ef", 0.5),
        ("a“b”c”d", 3 / 7),
        ("«a «b» c» d", 9 / 11),
        ("ab“c", 0.5),
    ],
)
def test_the_share_is_of_characters_marks_included(text: str, share: float) -> None:
    assert quoted_share(text) == pytest.approx(share)


@pytest.mark.parametrize(
    "pair", ["“”", "„“", "«»", "»«", "‹›", "「」", "『』", "《》", "｢｣", "〝〞", "‘’", "‚‘", '""', "＂＂"]
)
def test_a_quotation_keeps_its_share_in_any_text_without_marks(pair: str) -> None:
    text = f"They met and said {pair[0]}we agree{pair[1]} before they left."
    assert quoted(text) == [f"{pair[0]}we agree{pair[1]}"]
    assert quoted_share(text) == pytest.approx(10 / len(text))


@given(st.one_of(st.text(MARKS + "ab ", max_size=30), reference.any_text()))
@settings(max_examples=500)
def test_spans_are_in_order_apart_and_begin_with_a_mark_that_opens(text: str) -> None:
    spans = quoted_spans(text)
    edges = [edge for span in spans for edge in span]
    assert edges == sorted(edges)
    assert all(start < end for start, end in spans)
    assert all(text[start] in OPENING for start, _ in spans)
    assert all(text[end - 1] in CLOSING or end == len(text) for _, end in spans)
    assert 0 <= quoted_share(text) <= 1
    assert (quoted_share(text) > 0) == bool(spans)


@given(st.text(max_size=40).filter(lambda text: not set(text) & set(MARKS)))
def test_a_text_without_marks_has_nothing_quoted_and_between_marks_everything(text: str) -> None:
    assert quoted_share(text) == 0
    assert quoted_share(f"«{text}»") == 1
    assert quoted_spans(f"{text} “{text}” {text}") == [(len(text) + 1, 2 * len(text) + 3)]


MANY = 200_000


@pytest.mark.parametrize("mark", MARKS)
def test_a_text_of_one_mark_only_is_read_in_one_go(mark: str) -> None:
    assert 0 <= quoted_share(mark * MANY) <= 1
    assert 0 <= quoted_share(f"{mark} a " * MANY) <= 1


@pytest.mark.parametrize(
    "unit",
    ["««»", "«»»", "“„”", "‘’a", "‘a’a", "\"'", "»«»", "‚a‘b", "「「」", "a‘", "”»", MARKS],
)
def test_a_text_of_many_odd_marks_is_read_in_one_go(unit: str) -> None:
    assert 0 <= quoted_share(unit * MANY) <= 1


def test_many_levels_of_nesting_are_one_quotation() -> None:
    assert quoted_spans("«" * MANY + "»" * MANY + "a") == [(0, 2 * MANY)]
