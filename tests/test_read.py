from __future__ import annotations

import csv
import gzip
import io
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.cells import guard_cell
from framing.dates import iso_date
from framing.read import read_articles
from framing.records import Article, Failed, Repeated
from framing.sources import SourceNames

SAVED = Path(__file__).parent / "saved"
PROSE = "The ferry runs four times a day, in winter as well, and nobody in the town can say who pays for it."


def _all(*inputs: Path | str, **options: Any) -> list[Article | Failed | Repeated]:
    return list(read_articles([str(one) for one in inputs], **options))


def _article(*inputs: Path | str, **options: Any) -> Article:
    (found,) = _all(*inputs, **options)
    assert isinstance(found, Article)
    return found


def _failed(*inputs: Path | str, **options: Any) -> str:
    (found,) = _all(*inputs, **options)
    assert isinstance(found, Failed)
    assert "\n" not in found.message
    assert found.message.startswith(found.origin)
    return found.message


def _write(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path


def _jsonl(path: Path, *rows: object) -> Path:
    return _write(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


# --- plain text


def test_a_text_file_is_one_article_whose_text_is_untouched(tmp_path: Path) -> None:
    text = "  “Հայաստան” – e\u0301\r\n\r\nСлова\t\n"
    article = _article(_write(tmp_path / "a.txt", text))
    assert article.text == text
    assert (article.origin, article.source, article.blocks) == (str(tmp_path / "a.txt"), None, None)


def test_the_id_is_a_hash_of_the_text_without_outer_white_space(tmp_path: Path) -> None:
    article = _article(_write(tmp_path / "a.txt", "abc\n"))
    assert article.id == "ba7816bf8f01cfea"  # the first 16 digits of the sha256 of "abc"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1251"])
def test_a_text_file_in_a_common_encoding_is_read(tmp_path: Path, encoding: str) -> None:
    words = "Паром ходит четыре раза в день, и никто в городе не знает, кто за него платит. " * 3
    assert _article(_write(tmp_path / "a.txt", words.encode(encoding))).text == words


@pytest.mark.parametrize("ending", ["txt", "text", "md", "markdown", "txt.gz", "MD"])
def test_every_ending_of_plain_text_is_read(tmp_path: Path, ending: str) -> None:
    data = PROSE.encode()
    path = _write(tmp_path / f"a.{ending}", gzip.compress(data) if ending.endswith("gz") else data)
    assert _article(path).text == PROSE


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        (f"# The boat\n\n{PROSE}", ("The boat", None, None, None)),
        (
            f"---\ntitle: 'The boat: a life'\ndate: 3 May 2020\nsource: Post\nurl: https://a.com/b\n---\n{PROSE}",
            ("The boat: a life", "Post", "2020-05-03", "https://a.com/b"),
        ),
        (f"Date: 29 November 2021\n\nWho Pays The Boat?\n\n{PROSE * 2}", (None, None, "2021-11-29", None)),
        (f"Date: May 2020\n\nNobody Pays Any Boat\n\n{PROSE * 2}", ("Nobody Pays Any Boat", None, "2020-05", None)),
        (f"Nobody pays for the boat\n\n{PROSE * 2}", ("Nobody pays for the boat", None, None, None)),
        (f"Nobody pays for the boat.\n\n{PROSE * 2}", (None, None, None, None)),
        (f"World news\n\n{PROSE * 2}", (None, None, None, None)),
        (f"By Mara Elling of Oststrand\n\n{PROSE * 2}", (None, None, None, None)),
        (f"• Home\n• About\n\n{PROSE * 2}", (None, None, None, None)),
        (f"Menu\n\nPublished on Aug 14, 2014\n\n{PROSE}", (None, None, "2014-08-14", None)),
        (f"Date: 03/04/2020\n\n{PROSE}", (None, None, None, None)),
        (f"The published date was 3 May 2020.\n\n{PROSE}", (None, None, None, None)),
        (PROSE, (None, None, None, None)),
    ],
)  # fmt: skip
def test_a_plain_text_has_only_the_facts_that_it_states(
    tmp_path: Path, text: str, facts: tuple[str | None, ...]
) -> None:
    article = _article(_write(tmp_path / "a.md", text))
    expected_source = facts[1] or ("a.com" if facts[3] else None)
    assert (article.title, article.source, article.date, article.url) == (facts[0], expected_source, *facts[2:])
    assert article.text == text


# --- pages


def test_a_saved_page_is_an_article_with_its_blocks_and_the_folder_beside_it_is_passed_over() -> None:
    by_name = {Path(found.origin).name: found for found in _all(SAVED)}
    assert sorted(by_name) == ["front.html", "harbour.html", "news.html"]
    article = by_name["news.html"]
    assert isinstance(article, Article)
    assert (article.title, article.date) == ("Ferry talks stall again on the eastern shore", "2021-03-09")
    assert article.source == "lakecourier.co.uk"
    assert article.blocks is not None
    assert any(block.article for block in article.blocks)


def test_an_mhtml_page_is_read(tmp_path: Path) -> None:
    head = "MIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\nSnapshot-Content-Location: https://www.a.com/b\n"
    for name in ("a.mhtml", "a.mht", "unknown"):
        article = _article(_write(tmp_path / name, f"{head}\n<html><body><p>{PROSE}</p></body></html>"))
        assert (article.text, article.source) == (PROSE, "a.com")


def test_a_page_that_its_scripts_would_fill_is_an_error(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.html", "<html><body><noscript>Enable it</noscript><div id=app></div></body></html>")
    assert "holds no text" in _failed(path)


# --- corpora

ROW: dict[str, Any] = {
    "text": PROSE, "id": "a1", "source": "Post", "date": "2020-05-03", "title": "Boat",
    "url": "https://www.a.com/b", "group": "coast", "target": "Russia",
}  # fmt: skip


def test_a_json_lines_row_keeps_all_its_fields(tmp_path: Path) -> None:
    path = _jsonl(tmp_path / "c.jsonl", {**ROW, "other": [1]})
    assert _article(path) == Article(**ROW, origin=f"{path}:1")


def test_a_csv_row_keeps_all_its_fields(tmp_path: Path) -> None:
    for name, delimiter in (("c.csv", ","), ("c2.csv", ";"), ("c.tsv", "\t"), ("c3.csv", "\t")):
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter).writerows([[*ROW, "other"], [*ROW.values(), ""]])
        path = _write(tmp_path / name, "\ufeff" + out.getvalue())
        assert _article(path) == Article(**ROW, origin=f"{path}:2")


def test_an_id_may_be_a_number_and_a_blank_field_is_none(tmp_path: Path) -> None:
    article = _article(_jsonl(tmp_path / "c.ndjson", {"text": PROSE, "id": 7, "source": " ", "date": None, "url": "x"}))
    assert (article.id, article.source, article.date) == ("7", None, None)


def test_a_row_without_a_source_has_its_addresss_domain(tmp_path: Path) -> None:
    assert (
        _article(_jsonl(tmp_path / "c.jsonl", {"text": PROSE, "url": "https://www.bbc.co.uk/a"})).source == "bbc.co.uk"
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"text": "a"', "is not valid JSON"),
        ('["text"]', "must be a JSON object"),
        ('{"id": "x"}', "no text"),
        ('{"text": " \\n"}', "no text"),
        ('{"text": 5}', "`text` is a number"),
        ('{"text": "a", "source": ["x"]}', "`source` is an array"),
        ('{"text": "a", "id": true}', "`id` is true or false"),
        ('{"text": "\\ud800"}', "half of a character"),
        ('{"text": "a\\u0000b"}', "NUL"),
        ("[" * 100_000, "nested too deeply"),
        ('{"text": ' + "1" * 5000 + "}", "a number of 5,000 digits"),
        ('{"text": "a", "text": "b"}', "the key 'text' stands twice"),
        ('{"text": "a", "score": NaN}', "NaN is no number"),
    ],
)
def test_a_bad_json_row_is_an_error_with_file_and_line_and_the_others_go_on(
    tmp_path: Path, line: str, words: str
) -> None:
    path = _write(tmp_path / "c.jsonl", f'{{"text": "first"}}\n\n{line}\n{{"text": "last"}}\n')
    first, bad, last = _all(path)
    assert isinstance(first, Article)
    assert isinstance(last, Article)
    assert last.origin == f"{path}:4"
    assert isinstance(bad, Failed)
    assert bad.origin == f"{path}:3"
    assert bad.message.startswith(f"{path}:3: ")
    assert words in bad.message


def test_a_line_that_is_not_utf_8_is_an_error_and_the_others_go_on(tmp_path: Path) -> None:
    path = _write(tmp_path / "c.jsonl", b'{"text": "caf\xe9"}\n{"text": "good"}\n')
    bad, good = _all(path)
    assert isinstance(bad, Failed)
    assert "UTF-8" in bad.message
    assert isinstance(good, Article)
    table = _write(tmp_path / "c.csv", b'id,text\n1,"two\nlines"\n2,caf\xe9\n')
    _, bad = _all(table)
    assert isinstance(bad, Failed)
    assert bad.origin == f"{table}:4"


@pytest.mark.parametrize(
    ("row", "words"),
    [("5,a,b", "3 cells"), ("5", "1 cell where"), ('5,"a"b', "not CSV"), ("5,", "no text"), ("5, ", "no text")],
)
def test_a_bad_csv_row_is_an_error_with_the_line_where_it_starts(tmp_path: Path, row: str, words: str) -> None:
    path = _write(tmp_path / "c.csv", f'id,text\n1,"one\nof\nthree"\n\n{row}\n9,last\n')
    first, bad, last = _all(path)
    assert isinstance(first, Article)
    assert first.text == "one\nof\nthree"
    assert isinstance(bad, Failed)
    assert bad.origin == f"{path}:6"
    assert words in bad.message
    assert isinstance(last, Article)
    assert last.origin == f"{path}:7"


def test_a_quote_that_is_never_closed_is_an_error(tmp_path: Path) -> None:
    path = _write(tmp_path / "c.csv", 'id,text\n1,good\n2,"never closed\n3,swallowed\n')
    assert [type(found) for found in _all(path)] == [Article, Failed]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("c.csv", "id,body\n1,a\n", ":1: there is no column `text`"),
        ("c.csv", "text,id,id\na,1,2\n", ":1: the column `id` stands twice"),
        ("c.csv", "id,text\n", "no rows"),
        ("c.csv", "", "no rows"),
        ("c.jsonl", "\n\n", "no rows"),
        ("c.jsonl", '{"text": "a"}\n'.encode("utf-16"), "UTF-16"),
    ],
)
def test_a_corpus_that_cannot_be_one_is_one_error(tmp_path: Path, name: str, content: str | bytes, words: str) -> None:
    assert words in _failed(_write(tmp_path / name, content))


def test_a_line_that_is_far_too_long_ends_the_reading_with_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.rows._MAX_ROW", 1000)
    path = _write(tmp_path / "c.jsonl", '{"text": "a"}\n{"text": "' + "b" * 2000 + '"}\n')
    _, bad = _all(path)
    assert isinstance(bad, Failed)
    assert f"{path}:2: a row of " in bad.message


def test_a_corpus_is_read_row_by_row(tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            self.given += 1
            row = f'{{"text": "row {self.given}"}}\n'.encode()
            buffer[: len(row)] = row
            return len(row)

    articles = read_articles(["-"], stdin=io.BufferedReader(Endless()))
    texts = [found.text for _, found in zip(range(3), articles, strict=False) if isinstance(found, Article)]
    assert texts == ["row 1", "row 2", "row 3"]


_VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip)


@given(texts=st.lists(_VALUES, min_size=1, max_size=6, unique_by=str.strip), delimiter=st.sampled_from(",;\t"))
@settings(max_examples=80)
def test_any_text_comes_back_from_csv_and_json_lines_as_it_was_written(texts: list[str], delimiter: str) -> None:
    out = io.StringIO()
    cells = [["id", "text"], *([str(n), guard_cell(text)] for n, text in enumerate(texts))]
    csv.writer(out, delimiter=delimiter).writerows(cells)
    rows = "".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts))
    with tempfile.TemporaryDirectory() as folder:
        table, lines = _write(Path(folder, "c.csv"), out.getvalue()), _write(Path(folder, "c.jsonl"), rows)
        for path in (table, lines):
            read = _all(path)
            assert [(one.id, one.text) for one in read if isinstance(one, Article)] == [
                (str(n), text) for n, text in enumerate(texts)
            ]


# --- the same article twice


def test_the_same_text_twice_is_one_article_whatever_its_id(tmp_path: Path) -> None:
    corpus = _jsonl(tmp_path / "c.jsonl", {"text": PROSE, "id": "a"}, {"text": f" {PROSE}\n", "id": "b"})
    text = _write(tmp_path / "t.txt", f"\n{PROSE}")
    first, second, third = _all(corpus, text)
    assert isinstance(first, Article)
    assert second == Repeated(f"{corpus}:2", f"{corpus}:1")
    assert third == Repeated(str(text), f"{corpus}:1")


def test_one_id_for_two_texts_is_an_error_that_names_both_places(tmp_path: Path) -> None:
    one = _jsonl(tmp_path / "1.jsonl", {"text": "one", "id": "a"})
    two = _jsonl(tmp_path / "2.jsonl", {"text": "two", "id": "a"}, {"text": "three", "id": "c"})
    _, bad, good = _all(one, two)
    assert isinstance(bad, Failed)
    assert bad.message.startswith(f"{two}:1: the id `a` is that of another text at {one}:1;")
    assert isinstance(good, Article)


# --- files, folders and what they may be


def test_a_folder_is_read_with_its_folders_sorted_by_path(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.txt", "a/b.md", ".hidden.txt", ".git/x.txt", "c.png", "d.log", "page_files/ad.txt"):
        _write(tmp_path / name, name)
    _write(tmp_path / "page.html", "<p>page</p>")
    names = ["a/b.md", "a/z.txt", "b.txt", "page.html"]
    assert [found.origin for found in _all(tmp_path)] == [str(tmp_path / name) for name in names]


def test_a_folder_that_only_looks_like_a_browsers_is_read(tmp_path: Path) -> None:
    _write(tmp_path / "case_files" / "a.txt", "a")
    assert _article(tmp_path).text == "a"


def test_inputs_are_read_in_the_order_in_which_they_are_given_and_failures_in_their_place(tmp_path: Path) -> None:
    one, two = _write(tmp_path / "1.txt", "one"), _write(tmp_path / "2.txt", "two")
    found = _all(two, tmp_path / "missing.txt", one)
    assert [type(item) for item in found] == [Article, Failed, Article]
    assert [item.origin for item in found] == [str(two), str(tmp_path / "missing.txt"), str(one)]


def test_articles_are_read_only_when_they_are_asked_for(tmp_path: Path) -> None:
    articles: Iterator[object] = read_articles([str(_write(tmp_path / "1.txt", "one")), str(tmp_path / "2.txt")])
    next(articles)
    _write(tmp_path / "2.txt", "written later")
    second = next(articles)
    assert isinstance(second, Article)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.pdf", b"%PDF-1.7 ...", "pdftotext"),
        ("a.docx", b"PK\x03\x04 word/document.xml", "pandoc"),
        ("a", b"%PDF-1.7 ...", "pdftotext"),
        ("a.txt", b"PK\x03\x04 [Content_Types].xml word/document.xml", "pandoc"),
        ("a.zip", b"PK\x03\x04 something", "archive"),
        ("a.json", b'[\n {"text": "a"}]', "jq -c"),
        ("a.json", b'{\n "text": "a"}', "jq -c"),
        ("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0", "binary"),
        ("a", b"\0\1\2", "binary"),
        ("a.txt", b"", "holds no text"),
        ("a.txt", b" \n\t", "holds no text"),
        ("a.html", b"", "holds no text"),
        ("a.txt", b"\xff\xfea", "UTF-16"),
        ("a.txt.gz", gzip.compress(b"a" * 5000, mtime=0)[:-9], "gzip"),
        ("a.gz", b"\x1f\x8bnot really", "gzip"),
        ("a.gz", gzip.compress(gzip.compress(b"text in gzip in gzip, " * 20, mtime=0), mtime=0), "a.gz"),
    ],
)
def test_what_is_no_article_is_one_line_that_says_what_to_do(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    assert words in _failed(_write(tmp_path / name, content))


def test_a_missing_path_and_an_empty_folder_are_errors(tmp_path: Path) -> None:
    assert "no such file or folder" in _failed(tmp_path / "missing.txt")
    assert "no file to read in this folder" in _failed(tmp_path)
    assert "no such file" in _failed("www.example.com/page")
    assert "cannot be read" in _failed("x" * 5000)


def test_a_pdf_in_a_folder_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    _write(tmp_path / "a.txt", "a")
    _write(tmp_path / "b.pdf", "%PDF")
    _, bad = _all(tmp_path)
    assert isinstance(bad, Failed)
    assert "pdftotext" in bad.message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.txt", "a")
    path.chmod(0)
    assert "permission" in _failed(path).lower()


def test_a_compressed_file_that_unpacks_to_too_much_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.read._MAX_ARTICLE_BYTES", 1000)
    assert "for one article" in _failed(_write(tmp_path / "a.txt.gz", gzip.compress(b"a" * 100_000)))


@pytest.mark.parametrize("ending", ["", ".data", ".gz"])
@pytest.mark.parametrize(
    ("content", "text"),
    [
        (f"<!-- c --><!DOCTYPE html>\n<body><p>{PROSE}</p>", PROSE),
        (f"\ufeff<html><p>{PROSE}</p>", PROSE),
        (f'{{"text": "{PROSE}", "id": "x"}}\n', PROSE),
        (PROSE, PROSE),
        ('{\n  "authors": ["A"]\n}\n\nWords', '{\n  "authors": ["A"]\n}\n\nWords'),
        ("<3 the ferry", "<3 the ferry"),
    ],
)
def test_a_file_of_another_ending_and_stdin_are_known_by_how_they_begin(
    tmp_path: Path, content: str, text: str, ending: str
) -> None:
    data = content.encode()
    path = _write(tmp_path / f"file{ending}", gzip.compress(data) if ending == ".gz" else data)
    assert _article(path).text == text
    assert _article("-", stdin=io.BytesIO(path.read_bytes())).text == text


def test_sniffing_a_page_of_comments_takes_no_time_that_grows_without_bound(tmp_path: Path) -> None:
    text = "<!--a-->" * 5000 + "words"
    assert _article(_write(tmp_path / "file", text)).text == text


# --- sources


def test_the_folder_names_the_source_only_on_demand_and_only_of_what_has_none(tmp_path: Path) -> None:
    text = _write(tmp_path / "Lake Post" / "a.txt", PROSE)
    corpus = _jsonl(
        tmp_path / "Lake Post" / "c.jsonl", {"text": "x", "source": "Own"}, {"text": "y", "url": "http://b.com/"}
    )
    assert _article(text).source is None
    sources = [one.source for one in _all(text, corpus, source_from_folder=True) if isinstance(one, Article)]
    assert sources == ["Lake Post", "Own", "b.com"]


def test_a_table_of_sources_names_sources_and_groups(tmp_path: Path) -> None:
    names = SourceNames(
        [("lakecourier.*", "Courier", "press"), ("Old Name", "New Name", None), ("lake*", "Lake", "shore")]
    )
    assert _article(SAVED / "news.html", sources=names).source == "Courier"
    corpus = _jsonl(tmp_path / "lake" / "c.jsonl", {"text": "a", "source": "old name", "group": "own"}, {"text": "b"})
    found = [one for one in _all(corpus, sources=names, source_from_folder=True) if isinstance(one, Article)]
    assert [(one.source, one.group) for one in found] == [("New Name", "own"), ("Lake", "shore")]


# --- addresses


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        kinds = {"/page": "text/html", "/text": "text/plain; charset=koi8-r", "/untyped": None, "/rows": None}
        body = {
            "/page": f"<html><body><p>{PROSE}</p></body></html>".encode(),
            "/text": "Паром".encode("koi8-r"),
            "/untyped": b"<!doctype html><p>Untyped</p>",
            "/rows": b'{"text": "a"}\n',
        }[self.path]
        self.send_response(200)
        if kind := kinds[self.path]:
            self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep the tests' output clean."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_typed_address_is_fetched(site: str) -> None:
    article = _article(f"{site}/page")
    assert (article.text, article.url, article.source) == (PROSE, f"{site}/page", "127.0.0.1")
    assert _article(f"{site}/text").text == "Паром"
    assert _article(f"{site}/untyped").text == "Untyped"
    assert "corpus" in _failed(f"{site}/rows")


def test_an_address_inside_a_file_is_never_fetched(tmp_path: Path, site: str) -> None:
    assert _article(_write(tmp_path / "a.txt", f"{site}/page")).text == f"{site}/page"


# --- dates


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2021", "2021"), ("2021-11", "2021-11"), ("2021-11-29", "2021-11-29"),
        ("2021-11-29T10:00:00Z", "2021-11-29T10:00:00Z"), ("2021-11-29 10:00", "2021-11-29T10:00"),
        ("2021-11-29T10:00:00.123+04:00", "2021-11-29T10:00:00.123+04:00"),
        ("20211129", "2021-11-29"), ("2021/11/29", "2021-11-29"), ("2021.1.9", "2021-01-09"),
        ("29 November 2021", "2021-11-29"), ("29 Nov. 2021", "2021-11-29"), ("29th of November, 2021", "2021-11-29"),
        ("Monday, 29 November 2021", "2021-11-29"), ("November 29, 2021", "2021-11-29"),
        ("Nov 29th 2021", "2021-11-29"),
        ("Tue, August 3, 2021", "2021-08-03"), ("29-Nov-2021", "2021-11-29"), ("29.11.2021", "2021-11-29"),
        ("11/29/2021", "2021-11-29"), ("29/11/2021", "2021-11-29"), ("05/05/2021", "2021-05-05"),
        ("November 2021", "2021-11"), ("Nov. 2021", "2021-11"), ("Room 2021", None),
        ("03/04/2020", None), ("3.4.2020", None), ("2021-13-01", None), ("2021-02-30", None), ("2021-13", None),
        ("31 June 2021", None), ("29 Smarch 2021", None), ("yesterday", None), ("1638144000", None), ("", None),
        ("29/11/21", None), ("2021-11-29T25:00", None), ("0", None), ("٢٠٢١", None),
    ],
)  # fmt: skip
def test_a_date_is_iso_8601_or_none_where_it_could_be_two(text: str, date: str | None) -> None:
    assert iso_date(text) == date


@given(st.dates(), st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%d %B %Y", "%B %d, %Y", "%a, %d %b %Y"]))
@settings(max_examples=100)
def test_a_date_that_is_written_out_comes_back(day: Any, form: str) -> None:
    written = day.strftime(form)
    expected = day.isoformat() if day.year >= 1000 else iso_date(written)
    assert iso_date(written) == expected


# --- what is imported


def test_reading_a_text_file_imports_nothing_heavy(tmp_path: Path) -> None:
    path = _write(tmp_path / "a.txt", PROSE)
    corpus = _jsonl(tmp_path / "c.jsonl", {"text": "x", "source": "s", "date": "3 May 2020"})
    heavy: Sequence[str] = ("lxml", "trafilatura", "urllib3", "charset_normalizer", "email", "courlan", "tld", "http")
    code = (
        "import sys; from framing.read import read_articles; from framing.records import Article\n"
        f"assert all(isinstance(one, Article) for one in read_articles({[str(path), str(corpus)]!r}))\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("date", ["03/04/2020", "last week"])
def test_a_date_that_cannot_be_told_is_left_out_and_that_is_noted_but_the_article_is_read(
    tmp_path: Path, date: str
) -> None:
    article = _article(_jsonl(tmp_path / "c.jsonl", {"text": PROSE, "date": date}))
    assert (article.text, article.date) == (PROSE, None)
    assert article.notes == (
        f"{tmp_path / 'c.jsonl'}:1: the date {date!r} is no date or could be two and was left out; write YYYY-MM-DD",
    )
