"""The pages in a real browser: nothing overflows, nothing complains, nothing overlaps, in light, dark and narrow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from framing.articlepage import article_body, article_page
from framing.comparepage import comparison_body, comparison_page
from framing.pagefiles import write_pages
from framing.records import ModelFacts, ScoredArticle
from tests.browser import CHROMIUM, MISSING, Page, browser
from tests.compared import NAMES, compared
from tests.markup import HOSTILE
from tests.scored import FACTS, scored_article, scored_paragraph

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=MISSING)

LONG = "The Extraordinarily Long Name of a Regional Newspaper of Record and of Nothing Else at All"
UNBROKEN = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverordnung" * 3
PAGES = ("article", "index", "comparison", "not audited", "thirty")
AXE = os.environ.get("AXE", "")
"""The file axe.min.js of the package axe-core, where it is at hand."""

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
def chromium() -> Iterator[Page]:
    with browser() as page:
        yield page


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


def opened(chromium: Page, file: Path, *, width: int = 1100, dark: bool = False) -> Page:
    chromium.complaints.clear()
    chromium.open(file, width=width, dark=dark)
    chromium.value("document.querySelectorAll('details').forEach(one => { one.open = true })")
    return chromium


@pytest.mark.parametrize("width", [320, 375, 768, 1100])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_its_window_and_nothing_complains(
    chromium: Page, pages: dict[str, Path], name: str, width: int
) -> None:
    page = opened(chromium, pages[name], width=width)
    assert page.value("document.documentElement.scrollWidth") == page.value("window.innerWidth") == width
    assert page.complaints == []


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("name", PAGES)
def test_all_text_stands_out_from_its_ground(chromium: Page, pages: dict[str, Path], name: str, dark: bool) -> None:
    assert opened(chromium, pages[name], dark=dark).value(CONTRAST) == []


@pytest.mark.parametrize("name", ["comparison", "not audited", "thirty"])
def test_no_text_of_a_figure_overlaps_another_or_leaves_it(chromium: Page, pages: dict[str, Path], name: str) -> None:
    assert opened(chromium, pages[name]).value(OVERLAPS) == []


def test_a_body_obeys_a_policy_that_forbids_all_inline_styles(chromium: Page, tmp_path: Path) -> None:
    bodies = article_body(an_article(), FACTS), comparison_body(compared()), comparison_body(compared(audited=False))
    strict = (
        "<!DOCTYPE html><meta http-equiv=Content-Security-Policy content=\"default-src 'none'\"><meta charset=utf-8>"
    )
    for number, body in enumerate(bodies):
        (tmp_path / f"{number}.html").write_text(strict + body, encoding="utf-8")
        assert opened(chromium, tmp_path / f"{number}.html").complaints == []
    (tmp_path / "inline.html").write_text(f'{strict}<p style="color: red">', encoding="utf-8")
    assert opened(chromium, tmp_path / "inline.html").complaints != []


def test_dark_mode_is_dark(chromium: Page, pages: dict[str, Path]) -> None:
    colour = "getComputedStyle(document.body).backgroundColor"
    light = opened(chromium, pages["article"]).value(colour)
    assert opened(chromium, pages["article"], dark=True).value(colour) != light


def test_the_index_is_sorted_by_its_headings(chromium: Page, pages: dict[str, Path]) -> None:
    page = opened(chromium, pages["index"])
    titles = "[...document.querySelectorAll('tbody a')].map(one => one.textContent.slice(0, 5))"
    click = "document.querySelector('th button').click()"
    assert page.value(titles) == ["<scri", "Talks", "Abc"]
    page.value(click)
    assert page.value(titles) == ["<scri", "Abc", "Talks"]
    assert page.value("document.querySelector('th').getAttribute('aria-sort')") == "ascending"
    page.value(click)
    assert page.value(titles) == ["Talks", "Abc", "<scri"]
    assert page.complaints == []


def test_a_page_can_be_printed(chromium: Page, pages: dict[str, Path], tmp_path: Path) -> None:
    opened(chromium, pages["comparison"]).pdf(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.skipif(not Path(AXE).is_file(), reason="set AXE to axe.min.js of axe-core to check accessibility with it")
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing(chromium: Page, pages: dict[str, Path], name: str) -> None:
    page = opened(chromium, pages[name])
    page.value(Path(AXE).read_text(encoding="utf-8") + "; 1")
    found = page.value("axe.run().then(run => run.violations.map(one => one.id + ': ' + one.nodes[0].html))")
    assert found == []
