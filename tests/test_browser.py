"""The pages in a real browser: nothing overflows, nothing complains, nothing overlaps, in light, dark and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from framing.articlepage import article_body, article_page
from framing.comparepage import comparison_body, comparison_page
from framing.pagefiles import write_pages
from framing.records import ModelFacts, ScoredArticle
from tests.browser import axe_violations, chromium, needs_axe, needs_chromium, watched
from tests.compared import NAMES, compared
from tests.markup import HOSTILE
from tests.scored import FACTS, scored_article, scored_paragraph

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = needs_chromium

LONG = "The Extraordinarily Long Name of a Regional Newspaper of Record and of Nothing Else at All"
UNBROKEN = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung" * 3
PAGES = ("article", "index", "comparison", "not audited", "thirty")

CONTRAST = """
(() => {
  const channel = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const numbers = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = c => .2126 * channel(c[0]) + .7152 * channel(c[1]) + .0722 * channel(c[2]);
  const over = (top, under) => { const a = top.length > 3 ? top[3] : 1;
    return [0, 1, 2].map(i => a * top[i] + (1 - a) * under[i]); };
  const ground = element => { const chain = [];
    for (let one = element; one; one = one.parentElement) chain.unshift(numbers(getComputedStyle(one).backgroundColor));
    return chain.reduce((under, top) => over(top, under), [255, 255, 255]); };
  const poor = new Set();
  for (const element of document.querySelectorAll("body *")) {
    if (![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) continue;
    if (element.closest(".hidden, script, style, title, desc")) continue;
    const style = getComputedStyle(element);
    const ink = numbers(element.closest("svg") ? style.fill : style.color), paper = ground(element);
    const both = [light(ink), light(paper)].sort((a, b) => b - a);
    const found = (both[0] + .05) / (both[1] + .05);
    if (found < 4.5) poor.add(element.tagName + "." + element.getAttribute("class") + " " + found.toFixed(2));
  }
  return [...poor];
})()
"""
OVERLAPS = """
[...document.querySelectorAll("svg.figure")].flatMap(svg => {
  const texts = [...svg.querySelectorAll("text")].map(one => [one.textContent, one.getBoundingClientRect()]);
  const box = svg.getBoundingClientRect();
  const found = texts.filter(([_, a]) => a.left < box.left - 1 || a.right > box.right + 1).map(one => "out: " + one[0]);
  texts.forEach(([text, a], at) => texts.slice(at + 1).forEach(([other, b]) => {
    const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (wide > 1 && high > .3 * Math.min(a.height, b.height)) found.push(text + " | " + other);
  }));
  return found;
})
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    names = [*NAMES[:5], LONG, UNBROKEN, HOSTILE, "日本経済新聞の長い名前の新聞社"]
    written = {
        "article": article_page(an_article(), FACTS),
        "comparison": comparison_page(compared(names, text=f"{HOSTILE} {UNBROKEN}", title=HOSTILE)),
        "not audited": comparison_page(compared(names, audited=False)),
        "thirty": comparison_page(compared([f"{LONG} {number}" for number in range(30)], voices=False)),
    }
    for name, page in written.items():
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    write_pages(
        iter([an_article(), an_article("Talks", "Ärger"), an_article("Abc", "Zeitung")]), FACTS, folder / "site"
    )
    return {name: folder / f"{name}.html" for name in written} | {"index": folder / "site" / "index.html"}


def an_article(title: str = HOSTILE, source: str = UNBROKEN, facts: ModelFacts = FACTS) -> ScoredArticle:
    texts = [HOSTILE, UNBROKEN, "The hosts announced a truce after eleven hours of talks."]
    deciding = {"<script>": 0.9, "Donau": 0.5, "truce": 0.2}
    paragraphs = [
        scored_paragraph(text, label, deciding=deciding, quoted=0.4)
        for text, label in zip(texts, facts.labels, strict=False)
    ]
    left_out = {HOSTILE: "teaser", UNBROKEN: "menu"}
    return scored_article(*paragraphs, scored_paragraph("Flour.", None), title=title, source=source, left_out=left_out)


@contextmanager
def opened(browser: Browser, file: Path, *, width: int = 1100, dark: bool = False) -> Iterator[tuple[Page, list[str]]]:
    """Open a page with all its details, and gather what it complains of."""
    context = browser.new_context(
        viewport={"width": width, "height": 900}, is_mobile=width < 500, color_scheme="dark" if dark else "light"
    )
    page, complaints = context.new_page(), list[str]()
    watched(page, complaints, "file:")
    page.goto(file.resolve().as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    yield page, complaints
    context.close()


@pytest.mark.parametrize("width", [320, 375, 768, 1100])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window_and_nothing_complains(
    browser: Browser, pages: dict[str, Path], name: str, width: int
) -> None:
    with opened(browser, pages[name], width=width) as (page, complaints):
        assert page.evaluate("document.documentElement.scrollWidth") == page.evaluate("window.innerWidth") == width
        assert complaints == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", PAGES)
def test_all_text_stands_out_from_its_ground(browser: Browser, pages: dict[str, Path], name: str, dark: bool) -> None:
    with opened(browser, pages[name], dark=dark) as (page, _):
        assert page.evaluate(CONTRAST) == []


@pytest.mark.parametrize("name", ["comparison", "not audited", "thirty"])
def test_no_text_of_a_figure_overlaps_another_or_leaves_it(browser: Browser, pages: dict[str, Path], name: str) -> None:
    with opened(browser, pages[name]) as (page, _):
        assert page.evaluate(OVERLAPS) == []


def test_a_body_obeys_a_policy_that_forbids_all_inline_styles(browser: Browser, tmp_path: Path) -> None:
    bodies = article_body(an_article(), FACTS), comparison_body(compared()), comparison_body(compared(audited=False))
    strict = (
        "<!DOCTYPE html><meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><meta charset=utf-8>"
    )
    for number, body in enumerate(bodies):
        (tmp_path / f"{number}.html").write_text(strict + body, encoding="utf-8")
        with opened(browser, tmp_path / f"{number}.html") as (_, complaints):
            assert complaints == []
    (tmp_path / "inline.html").write_text(f'{strict}<p style="color: red">', encoding="utf-8")
    with opened(browser, tmp_path / "inline.html") as (_, complaints):
        assert complaints != []


def test_dark_mode_is_dark(browser: Browser, pages: dict[str, Path]) -> None:
    colours = []
    for dark in (False, True):
        with opened(browser, pages["article"], dark=dark) as (page, _):
            colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
    assert colours[0] != colours[1]


def test_the_index_is_sorted_by_its_headings(browser: Browser, pages: dict[str, Path]) -> None:
    titles = "[...document.querySelectorAll('tbody a')].map(one => one.textContent.slice(0, 5))"
    with opened(browser, pages["index"]) as (page, complaints):
        assert page.evaluate(titles) == ["<scri", "Talks", "Abc"]
        page.locator("th button").first.click()
        assert page.evaluate(titles) == ["<scri", "Abc", "Talks"]
        assert page.evaluate("document.querySelector('th').getAttribute('aria-sort')") == "ascending"
        page.locator("th button").first.click()
        assert page.evaluate(titles) == ["Talks", "Abc", "<scri"]
        assert complaints == []


def test_a_page_can_be_printed(browser: Browser, pages: dict[str, Path]) -> None:
    with opened(browser, pages["comparison"]) as (page, _):
        assert page.pdf().startswith(b"%PDF")


@needs_axe
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(browser: Browser, pages: dict[str, Path], name: str) -> None:
    with opened(browser, pages[name]) as (page, _):
        assert axe_violations(page) == []
