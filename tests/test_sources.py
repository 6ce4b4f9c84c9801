from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.errors import InputError
from framing.sources import SourceNames, host_of, load_sources, original_address, registered_domain


@pytest.mark.parametrize(
    ("url", "domain"),
    [
        ("https://www.news.bbc.co.uk/a/b", "bbc.co.uk"),
        ("http://rferl.org", "rferl.org"),
        ("https://www.azatutyun.am./a/1.html", "azatutyun.am"),
        ("https://user:secret@www.example.com:8080/x", "example.com"),
        ("HTTPS://WWW.EXAMPLE.COM/", "example.com"),
        ("https://xn--h1alffa9f.xn--p1ai/a", "россия.рф"),
        ("https://новости.россия.рф/", "россия.рф"),
        ("https://web.archive.org/web/20201110123456/https://www.tass.com/world/1", "tass.com"),
        ("http://web.archive.org/web/2020id_/http://jam-news.net/a", "jam-news.net"),
        ("http://localhost:8000/x", "localhost"),
        ("http://127.0.0.1/x", "127.0.0.1"),
        ("http://[::1]:80/x", "::1"),
        ("file:///home/me/page.html", None),
        ("/relative", None),
        ("http://", None),
        ("http://[bad/", None),
        ("", None),
    ],
)
def test_the_source_of_an_address_is_its_registered_domain(url: str, domain: str | None) -> None:
    assert registered_domain(url) == domain


def test_only_wayback_addresses_stand_for_another() -> None:
    assert original_address("https://web.archive.org/about") == "https://web.archive.org/about"
    assert original_address("https://web.archive.org/web/2020/https://a.com/b") == "https://a.com/b"


@given(st.text(max_size=60))
@settings(max_examples=200)
def test_no_text_makes_the_host_fail(text: str) -> None:
    for url in (text, f"http://{text}", f"https://a.com/{text}"):
        host = host_of(url)
        assert host is None or not set(host) & set("/?# \t")


def _table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "sources.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return path


@pytest.mark.parametrize(
    ("source", "url", "expected"),
    [
        (None, "https://www.azatutyun.rferl.org/a", ("RFE/RL", "West")),
        (None, "https://rferl.org/a", ("RFE/RL", "West")),
        (None, "https://tass.com/a", ("TASS", "Russia")),
        (None, "https://TASS.ru/a", ("TASS", "Russia")),
        ("radio liberty", None, ("RFE/RL", "West")),
        ("Radio Liberty", "https://tass.com/a", ("RFE/RL", "West")),
        (None, "https://jam-news.net/a", ("JAMnews", None)),
        (None, "https://www.bbc.co.uk/a", ("bbc.co.uk", None)),
        ("Own Name", "https://tass.com/a", ("Own Name", None)),
        (None, None, (None, None)),
        (None, "no address", (None, None)),
    ],
)
def test_the_first_matching_row_names_the_source(
    tmp_path: Path, source: str | None, url: str | None, expected: tuple[str | None, str | None]
) -> None:
    rows = "*.rferl.org,RFE/RL,West\nrferl.org,RFE/RL,West\ntass.*,TASS,Russia\ntass.com,Never,Never\n"
    table = _table(tmp_path, f"pattern,name,group\n{rows}Radio Liberty,RFE/RL,West\njam-news.net,JAMnews,\n")
    assert load_sources(table).name(source, url) == expected


def test_the_group_column_may_be_absent_and_a_byte_order_mark_present(tmp_path: Path) -> None:
    names = load_sources(_table(tmp_path, "\ufeffName, Pattern\r\n\r\nTASS,tass.com\r\n"))
    assert names.name(None, "http://tass.com/") == ("TASS", None)


def test_a_name_with_the_signs_of_a_pattern_matches_itself() -> None:
    assert SourceNames([("Aras [Courier]", "Aras", "North")]).name("aras [courier]", None) == ("Aras", "North")


def test_the_very_name_may_go_before_patterns_and_rows_that_match_nothing_are_known() -> None:
    rows = [("tass.*", "TASS", "Patterns"), ("tass.com", "TASS", "Exact"), ("bbc.*", "BBC", "Patterns")]
    addresses = [(None, "https://tass.com/a"), (None, "https://tass.ru/b")]
    assert [SourceNames(rows).name(*one)[1] for one in addresses] == ["Patterns", "Patterns"]
    assert [SourceNames(rows, exact_first=True).name(*one)[1] for one in addresses] == ["Exact", "Patterns"]
    assert SourceNames(rows).unmatched(addresses) == ["bbc.*"]


def test_without_a_table_the_domain_is_the_source() -> None:
    assert SourceNames().name(None, "https://www.tass.com/") == ("tass.com", None)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("name,group\nTASS,x\n", 1, "pattern"),
        ("pattern,name,colour\n", 1, "colour"),
        ("pattern,name,name\n", 1, "pattern, name"),
        ("pattern,name\ntass.com,TASS\n,BBC\n", 3, "`pattern` is empty"),
        ('pattern,name\n"tass.com\n",TASS\nbbc.com\n', 4, "`name` is empty"),
        ("pattern,name\ntass.com,TASS,extra\n", 2, "3 cells"),
        ('pattern,name\ntass.com,"TASS\n', 2, "quote"),
    ],
)
def test_a_bad_table_is_an_error_with_file_and_line(tmp_path: Path, text: str, line: int, words: str) -> None:
    path = _table(tmp_path, text)
    with pytest.raises(InputError) as caught:
        load_sources(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert words in str(caught.value)


def test_a_table_that_is_empty_missing_or_not_text_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no rows"):
        load_sources(_table(tmp_path, ""))
    with pytest.raises(InputError, match="cannot read"):
        load_sources(tmp_path / "missing.csv")
    binary = tmp_path / "latin.csv"
    binary.write_bytes(b"pattern,name\n\xff,x\n")
    with pytest.raises(InputError, match="UTF-8"):
        load_sources(binary)
