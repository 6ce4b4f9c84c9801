from __future__ import annotations

import base64
import quopri
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.errors import InputError
from framing.page import Page, read_mhtml, read_page

SAVED = Path(__file__).parent / "saved"


def _blocks(page: Page, *, article: bool | None = None) -> list[str]:
    return [page.text[b.start : b.end] for b in page.blocks if article is None or b.article is article]


def _page(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"


@pytest.fixture(scope="module")
def news() -> Page:
    return read_page((SAVED / "news.html").read_bytes())


def test_the_paragraphs_headings_and_lists_of_an_article_are_the_article(news: Page) -> None:
    article = _blocks(news, article=True)
    assert article[0] == "Ferry talks stall again on the eastern shore"
    assert article[1].startswith("Three governments share one lake")
    assert "The eastern line would lose its morning boat." in article
    assert "Nobody left it with a paper either, she added\N{NO-BREAK SPACE}– and laughed." in article[3]
    assert article[-1].startswith("A second session is planned for the autumn")


@pytest.mark.parametrize(
    "words",
    [
        "We value your privacy",
        "Opinion",
        "Bakers strike",
        "has covered the lake",
        "build the tunnel",
        "Most read",
        "© 2024",
    ],
)
def test_what_stands_around_an_article_is_on_the_page_but_not_the_article(news: Page, words: str) -> None:
    assert any(words in block for block in _blocks(news, article=False))
    assert not any(words in block for block in _blocks(news, article=True))


def test_a_menu_item_that_equals_a_heading_of_the_article_is_not_the_article(news: Page) -> None:
    russia = [(b.tag, b.article) for b in news.blocks if news.text[b.start : b.end] == "Russia"]
    assert russia == [("li", False), ("h2", True)]


def test_a_menu_item_that_only_occurs_in_a_sentence_of_the_article_is_not_the_article(news: Page) -> None:
    page = read_page((SAVED / "news.html").read_text(encoding="utf-8").replace("<h2>Russia</h2>", ""))
    assert [b.article for b in page.blocks if page.text[b.start : b.end] == "Russia"] == [False]


@pytest.mark.parametrize(
    "words", ["not shown to anybody", "Nor is this one", "enable JavaScript", "font-weight", "picture"]
)
def test_what_a_reader_does_not_see_is_not_read(news: Page, words: str) -> None:
    assert words not in news.text


def test_a_page_says_its_title_date_address_and_so_its_source(news: Page) -> None:
    assert news.title == "Ferry talks stall again on the eastern shore"
    assert news.date == "2021-03-09"
    assert news.url == "https://www.news.lakecourier.co.uk/2021/03/ferry-talks"
    assert news.source == "lakecourier.co.uk"


def test_a_browser_save_keeps_its_address_and_two_line_breaks_end_a_paragraph() -> None:
    page = read_page((SAVED / "harbour.html").read_bytes())
    article = _blocks(page, article=True)
    assert [block.split()[0] for block in article] == ["The", "For", "The", "“It", "The"]
    assert page.url == "https://www.harbourpost.com.au/story/1077?a=1&b=2"
    assert (page.source, page.date) == ("harbourpost.com.au", None)


def test_a_page_without_an_article_has_blocks_none_of_which_is_one() -> None:
    page = read_page(_page("<footer>Contact us</footer>"))
    assert [(b.tag, b.article) for b in page.blocks] == [("footer", False)]


def test_the_extractor_writes_nothing_to_stderr_when_it_finds_no_article() -> None:
    code = "from framing.page import read_page; print(read_page('<footer>Contact us</footer>').text)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("Contact us\n", "")


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        ("<p>One\n  two\tthree</p>", ["One two three"]),
        ("<div>Stray<p>One</p>between<p>Two</p></div>", ["Stray", "One", "between", "Two"]),
        ("<p>a<b>b</b> <i>c</i>d</p>", ["ab cd"]),
        ("<p>one <br> two</p>", ["one\ntwo"]),
        ("<p>one<br><br/>two<br></p>", ["one", "two"]),
        ("<pre>if a:\n    b</pre>", ["if a:\n    b"]),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", ["a", "b", "c"]),
        ("<table><tr><td>a<td>b</table>", ["a", "b"]),
        ("<p>a<script>x</script>b<!-- c -->d<style>e</style></p>", ["abd"]),
        ("<p>a<span hidden>x<b>y</b></span>b</p>tail", ["ab", "tail"]),
        ('<p>a<img src="x" alt="text">b</p>', ["ab"]),
        ("<dialog>x</dialog><dialog open>y</dialog>", ["y"]),
        ("<p>&#8220;Հայաստան&nbsp;&amp; Россия&#8221;</p>", ["“Հայաստան\N{NO-BREAK SPACE}& Россия”"]),
        ("<p>e\u0301 soft\u00adhyphen \u200bzero</p>", ["e\u0301 soft\u00adhyphen \u200bzero"]),
        ("<p> \N{NO-BREAK SPACE} </p><p>\n</p><hr>a", ["a"]),
        ("no element at all", ["no element at all"]),
    ],
)
def test_a_block_is_a_run_of_inline_content_as_a_browser_shows_it(body: str, blocks: list[str]) -> None:
    assert _blocks(read_page(_page(body))) == blocks


def test_a_page_hidden_until_its_scripts_have_run_is_read() -> None:
    assert read_page('<html hidden><body style="display:none"><p>Text</p></body></html>').text == "Text"


@pytest.mark.parametrize("markup", ["", "   ", "<!-- only a comment -->", "<html></html>", "<script>x</script>"])
def test_a_page_without_visible_text_is_empty(markup: str) -> None:
    assert read_page(markup) == Page("", ())


CANONICAL = '<link rel="canonical" href="{}">'


@pytest.mark.parametrize(
    ("head", "known", "url"),
    [
        (CANONICAL.format("https://a.com/x"), None, "https://a.com/x"),
        (CANONICAL.format("/x"), "https://www.a.com/y?z=1", "https://www.a.com/x"),
        (CANONICAL.format("/x"), None, None),
        ('<meta property="og:url" content="https://a.com/x">', None, "https://a.com/x"),
        (CANONICAL.format("https://wire.com/x"), "https://paper.com/y", "https://paper.com/y"),
        (CANONICAL.format("https://a.com/"), "https://a.com/y", "https://a.com/y"),
        (CANONICAL.format("http://[bad"), "https://a.com/y", "https://a.com/y"),
        ("", "https://web.archive.org/web/2014/https://a.com/y", "https://a.com/y"),
        (CANONICAL.format("javascript:void(0)"), None, None),
    ],
)  # fmt: skip
def test_the_address_is_the_one_declared_unless_it_is_another_outlets(head: str, known: str | None, url: str) -> None:
    assert read_page(_page("<p>Text</p>", head), url=known).url == url


def test_a_single_file_save_keeps_its_address() -> None:
    comment = "<!--\n Page saved with SingleFile \n url: https://www.a.com/x?b=1 \n saved date: Tue\n-->"
    assert read_page(f"<!DOCTYPE html><html>{comment}<body><p>Text</p></body></html>").url == "https://www.a.com/x?b=1"


@pytest.mark.parametrize("body", ["<p>Text of today</p><footer>© 2019 Somebody</footer>", "<p>In 2016 it rained.</p>"])
def test_no_date_is_made_up(body: str) -> None:
    assert read_page(_page(body)).date is None


@pytest.mark.parametrize(
    ("encoding", "declared", "header"),
    [
        ("utf-8", "", None),
        ("utf-8-sig", "", None),
        ("utf-16", "", None),
        ("utf-8", "windows-1251", None),
        ("windows-1251", "windows-1251", None),
        ("windows-1251", "", "windows-1251"),
        ("koi8-r", "utf-8", "koi8-r"),
        ("windows-1251", "", None),
    ],
)
def test_a_page_is_decoded_as_browsers_do(encoding: str, declared: str, header: str | None) -> None:
    words = "Паром через озеро ходит четыре раза в день, и зимой тоже, сказал начальник порта."
    data = _page(f"<p>{words}</p>", f'<meta charset="{declared}">' if declared else "").encode(encoding)
    assert read_page(data, content_type_charset=header).text == words


def test_latin_1_means_what_browsers_take_it_for() -> None:
    data = b'<meta charset="iso-8859-1"><p>\x93It is,\x94 she said \x96 twice.</p>'
    assert read_page(data).text == "“It is,” she said – twice."


@pytest.mark.parametrize("name", ["hex", "no-such-charset", "utf-16"])
def test_an_encoding_that_cannot_be_is_passed_over(name: str) -> None:
    assert read_page(f'<meta charset="{name}"><p>Plain</p>'.encode()).text == "Plain"


def test_a_deeply_nested_page_is_read_or_an_error_but_never_cut() -> None:
    deep = read_page(_page("<div>" * 500 + "deep" + "</div>" * 500 + "<p>after</p>"))
    assert deep.text == "deep\n\nafter"
    with pytest.raises(InputError, match="nested too deeply"):
        read_page(_page("<div>" * 5000 + "deep" + "</div>" * 5000))


def test_a_page_too_large_or_with_nul_bytes_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="NUL"):
        read_page(b"<p>a\0b</p>")
    monkeypatch.setattr("framing.page._MAX_CHARACTERS", 100)
    with pytest.raises(InputError, match="more than"):
        read_page("<p>" + "x" * 100)


def _mhtml(html: bytes, encoding: str, location: str = "https://www.a.com/story") -> bytes:
    body = base64.encodebytes(html) if encoding == "base64" else quopri.encodestring(html)
    return (
        f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {location}\r\nSubject: A\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/related; type="text/html"; boundary="----B"\r\n\r\n------B\r\n'
        "Content-Type: text/css\r\n\r\np { color: red }\r\n------B\r\n"
        f"Content-Type: text/html; charset=windows-1251\r\nContent-Transfer-Encoding: {encoding}\r\n"
        f"Content-Location: https://other.org/frame\r\n\r\n{body.decode('ascii')}\r\n------B\r\n"
        "Content-Type: text/html\r\n\r\n<p>A frame.</p>\r\n------B--\r\n"
    ).encode("ascii")


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_an_mhtml_save_is_read_with_its_charset_and_address(encoding: str) -> None:
    page = read_mhtml(_mhtml(_page("<p>Паром = 1</p>").encode("windows-1251"), encoding))
    assert (page.text, page.url, page.source) == ("Паром = 1", "https://www.a.com/story", "a.com")


def test_an_mhtml_save_of_a_file_has_no_address() -> None:
    assert read_mhtml(_mhtml(b"<p>Text</p>", "base64", "cid:frame-1@mhtml.blink")).url is None


def test_an_mhtml_file_without_a_page_is_an_error() -> None:
    with pytest.raises(InputError, match="no HTML page"):
        read_mhtml(b"MIME-Version: 1.0\nContent-Type: text/plain\n\ntext")


_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<>&\ufffe\uffff"), max_size=12)
_TAGS = st.sampled_from(["p", "div", "span", "b", "li", "ul", "td", "h2", "blockquote", "article", "a", "br", "pre"])
_MARKUP = st.recursive(
    _TEXT,
    lambda inner: st.builds(lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", _TAGS, st.lists(inner, max_size=4)),
    max_leaves=20,
)


@given(st.lists(_MARKUP, max_size=5))
@settings(max_examples=120)
def test_blocks_stand_in_order_and_cover_all_visible_text_once(parts: list[str]) -> None:
    markup = _page("".join(parts))
    page = read_page(markup)
    rest, done = [], 0
    for block in page.blocks:
        assert done <= block.start < block.end <= len(page.text)
        text = page.text[block.start : block.end]
        assert text == text.strip()
        rest.append(page.text[done : block.start])
        done = block.end
    assert not "".join([*rest, page.text[done:]]).strip()
    visible = re.sub(r"<[^>]*>", "", markup)
    assert "".join(page.text.split()) == "".join(visible.split())


_SCRAPS = st.sampled_from(
    ["<", ">", "</", "/>", "=", '"', "'", "<!--", "-->", "&", "&#", ";", " ", "p", "div", "br", "script"]
)


@given(st.text(st.characters(exclude_characters="\0"), max_size=80) | st.lists(_SCRAPS, max_size=40).map("".join))
@settings(max_examples=120)
def test_no_markup_makes_the_reader_fail(markup: str) -> None:
    page = read_page(markup)
    assert all(page.text[b.start : b.end].strip() for b in page.blocks)
