"""What tests ask of a page's markup: it parses, and nothing from outside has become markup, script or a bad link."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import urlsplit
from xml.etree import ElementTree

from lxml import html

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    """<script>alert(1)</script> " onmouseover='alert(2)' </title></style><img src=x onerror=alert(3)> &amp; ]]> <!--"""
)
BAD_URLS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    " javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "file:///etc/passwd",
    "//example.org/x",
    "https://",
    "http://[broken",
    "\x01https://example.org",
)


def parsed(page: str) -> html.HtmlElement:
    """Return a page as a tree."""
    return html.document_fromstring(page)


def check_safe(page: str, *, scripts: int = 0) -> None:
    """Assert that a page asks nothing of any network and runs nothing, whatever stands in it."""
    tree = parsed(page)
    assert len(tree.findall(".//script")) == scripts
    for element in tree.iter():
        if not isinstance(element.tag, str):
            raise AssertionError("a comment or the like has come in from outside")
        assert element.tag not in ("iframe", "object", "embed", "img", "form", "base", "audio", "video"), element.tag
        for attribute, value in element.attrib.items():
            assert not attribute.startswith("on"), attribute
            assert attribute not in ("style", "src", "srcset", "action", "formaction"), attribute
            if attribute == "href" and element.tag != "link":
                scheme = urlsplit(value).scheme
                assert scheme in ("http", "https") or value.startswith("#") or value.endswith(".html"), value


def check_outline(page: str) -> None:
    """Assert that headings go down one step at a time from a single h1, and that ids are there once."""
    tree = parsed(page)
    levels = [int(one.tag[1]) for one in tree.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), levels
    ids = [one.get("id") for one in tree.iter() if one.get("id")]
    assert len(ids) == len(set(ids))
    assert tree.get("lang") == "en"
    assert len(tree.findall(".//main")) == 1


def check_tables(page: str) -> None:
    """Assert that every table has a caption and that all its headings say what they are for."""
    for table in parsed(page).iter("table"):
        assert table.find("caption") is not None
        assert all(cell.get("scope") in ("col", "row") for cell in table.iter("th"))
        assert all(row.find("th") is not None for row in table.iter("tr"))


def svg_texts(figure: str) -> list[str]:
    """Return what is written in a figure, without what only shows when pointing at it."""
    return [(text.text or "") + "".join(one.tail or "" for one in text) for text in drawn(figure).iter(f"{SVG}text")]


def drawn(figure: str) -> ElementTree.Element:
    """Return a figure as a tree, which a strict reader of XML has made."""
    return ElementTree.fromstring(figure)
