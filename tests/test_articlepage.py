import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.articlepage import article_body, article_page
from framing.errors import UsageError
from framing.indexpage import SORTING
from framing.marking import marked, pieces, strongest
from framing.markup import is_web, link
from framing.pagefiles import page_name, write_pages
from framing.pagestyle import STYLE, whole_page
from framing.records import Evidence, Failed, Repeated, ScoredArticle
from framing.scoredjson import Problems
from framing.terminal import clean
from tests.markup import BAD_URLS, HOSTILE, check_outline, check_safe, check_tables, parsed
from tests.run import Ran, run
from tests.scored import FACTS, scored_article, scored_paragraph

EXAMPLE = Path(__file__).parent / "example" / "article.html"
PROSE = "Moscow hosted both foreign ministers on Friday and offered to host the next round of talks.\n"
ANY_TEXT = st.text(st.characters(codec=None), min_size=1, max_size=80)
Framing = Callable[..., Ran]


@pytest.fixture
def framing(monkeypatch: pytest.MonkeyPatch) -> Framing:
    return lambda *arguments, **options: run(monkeypatch, *arguments, **options)


def an_article(**about: str) -> ScoredArticle:
    return scored_article(
        scored_paragraph(
            "The hosts announced a truce after eleven hours of talks.",
            "neutral_broker",
            probability=0.61,
            deciding={"hosts": 0.9, "a truce": 0.5, "eleven": -0.6, "hours": 0.01},
            quoted=0.4,
        ),
        scored_paragraph("The price of bread has risen.", "none", probability=0.999),
        scored_paragraph("Take two cups of flour.", None),
        left_out={"Home  World  Sport": "menu", "Read more: the road": "teaser"},
        **about,
    )


def a_hostile_article() -> ScoredArticle:
    paragraph = scored_paragraph(HOSTILE, "obstacle", deciding={"<script>": 0.9, "alert(2)": 0.4, "&amp;": 0.2})
    left_out = {HOSTILE: HOSTILE}
    article = scored_article(
        paragraph, title=HOSTILE, source=HOSTILE, date=HOSTILE, group=HOSTILE, id=HOSTILE, left_out=left_out
    )
    return replace(article, target=HOSTILE, url="javascript:alert(1)")


HOSTILE_FACTS = replace(
    FACTS, name=HOSTILE, notice=HOSTILE, question=HOSTILE, codebook=HOSTILE, titles=dict.fromkeys(FACTS.labels, HOSTILE)
)


def said(page: str) -> str:
    return " ".join(" ".join(parsed(page).find("body").itertext()).split()).replace("\xa0", " ")


# One article


def test_a_page_says_what_the_terminal_report_says() -> None:
    page = said(article_page(an_article(), FACTS))
    for words in (
        "Talks at the tea house", "Example Monitor", "2020-11-09", "https://example.org/talks",
        "How is the host framed?",
        "Model tea-house (0123456789ab): right on 62 % (55-69) of restated paragraphs from sources it has not seen",
        "The texts and their codes were made up for a test.", "a frame may be a quoted speaker's",
        "Predicted, not corrected (2 of 3 paragraphs)", "Neutral_broker 61 %", "40 % in quotation marks", "None >99 %",
        "off_topic: too few of its words are known to the model", "hosts +0.9", "a truce +0.5",
        "Left out (menu, teaser, 2 stretches): Home World Sport",
    ):  # fmt: skip
        assert words in page


def test_what_speaks_for_the_label_is_marked_in_its_place_and_nothing_else() -> None:
    marks = parsed(article_page(an_article(), FACTS)).findall(".//mark")
    assert [(one.text_content(), one.get("title")) for one in marks] == [
        ("hosts", "hosts +0.9"),
        ("a truce", "a truce +0.5"),
    ]
    assert [one.get("class") for one in marks] == ["s5", "s3"]


def test_the_deciding_words_are_a_list_that_can_be_read_aloud() -> None:
    (listed,) = parsed(article_page(an_article(), FACTS)).findall(".//ul[@class='because']")
    assert listed.get("aria-label") == "Words that speak for Neutral_broker"
    assert [one.text_content() for one in listed] == ["hosts\xa0+0.9", "a truce\xa0+0.5"]


def test_what_was_left_out_is_closed_and_has_its_reason() -> None:
    (details,) = parsed(article_page(an_article(), FACTS)).findall(".//details")
    assert details.get("open") is None
    assert [one.text_content() for one in details.iter("dt")] == ["menu", "teaser"]
    assert [one.text_content() for one in details.iter("dd")] == ["Home  World  Sport", "Read more: the road"]


def test_paragraphs_and_what_was_left_out_stand_in_the_order_of_the_text() -> None:
    article = an_article()
    moved = replace(article, left_out=(replace(article.left_out[0], start=58, end=58),))
    shown = [one.get("class") for one in parsed(article_page(moved, FACTS)).iter("div", "details")]
    kinds = [kind for kind in shown if kind and kind.startswith(("para", "leftout"))]
    assert kinds == ["para h0", "leftout", "para hn", "para hn amiss"]


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("no_target", "Not scored (no_target): the article never names the target."),
        ("other_language", "Not scored (other_language): not in the language of the model."),
    ],
)
def test_an_article_that_is_not_scored_says_why(status: str, why: str) -> None:
    article = scored_article(scored_paragraph("Bread.", None, status=status), status=status)
    assert why in said(article_page(article, FACTS))


def test_an_article_without_any_prose_says_so() -> None:
    assert "no paragraph could be scored" in said(article_page(scored_article(), FACTS))


@pytest.mark.parametrize("page", [article_page(an_article(), FACTS), article_page(a_hostile_article(), HOSTILE_FACTS)])
def test_a_page_is_well_made(page: str) -> None:
    check_safe(page)
    check_outline(page)
    check_tables(page)


def test_hostile_text_is_shown_as_it_is() -> None:
    tree = parsed(article_page(a_hostile_article(), HOSTILE_FACTS))
    assert tree.findtext(".//title") == HOSTILE
    assert tree.find(".//h1").text_content() == HOSTILE
    assert tree.find(".//div[@class='prose']/p").text_content() == HOSTILE


@given(ANY_TEXT, ANY_TEXT)
def test_any_text_stays_text(text: str, title: str) -> None:
    article = scored_article(scored_paragraph(text, deciding={text[:3]: 0.5}), title=title, left_out={title: "page"})
    page = article_page(article, FACTS)
    page.encode()
    check_safe(page)
    assert parsed(page).find(".//div[@class='prose']/p").text_content() == clean(text)


@pytest.mark.parametrize("url", BAD_URLS)
def test_only_web_addresses_become_links(url: str) -> None:
    assert not is_web(url)
    assert "<a" not in link(url)


def test_a_web_address_becomes_a_link_that_gives_nothing_away() -> None:
    assert link('https://example.org/?a="b"&c') == (
        '<a href="https://example.org/?a=&quot;b&quot;&amp;c" rel="noopener noreferrer nofollow">'
        "<bdi>https://example.org/?a=&quot;b&quot;&amp;c</bdi></a>"
    )


def test_a_page_forbids_what_could_load_or_run() -> None:
    policy = parsed(whole_page("t", "<main></main>")).find(".//meta[@http-equiv]").get("content")
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")
    assert "script-src" not in policy
    assert "script-src 'sha256-" in whole_page("t", "", script=SORTING)


def test_a_body_needs_neither_inline_styles_nor_scripts() -> None:
    body = article_body(an_article(), FACTS)
    assert not re.search(r"style=|<style|<script|\son\w+=", body)


def test_the_stylesheet_loads_nothing() -> None:
    assert not re.search(r"@import|url\(|https?:", STYLE)


# Evidence in its place


def evidence(text: str, *found: tuple[str, float]) -> tuple[Evidence, ...]:
    return tuple(Evidence(word, text.index(word), text.index(word) + len(word), weight) for word, weight in found)


def test_where_evidence_overlaps_its_weights_add_up() -> None:
    text = "the long lease on the base"
    some = pieces(evidence(text, ("long lease", 0.5), ("lease", 0.4), ("base", 0.3)), 0, len(text))
    assert [(text[one.start : one.end], round(one.weight, 3)) for one in some] == [
        ("long ", 0.5), ("lease", 0.9), ("base", 0.3),
    ]  # fmt: skip
    assert strongest([some]) == pytest.approx(0.9)
    assert marked(text, some, 0.9).count("<mark") == 3


def test_what_is_weak_beside_the_strongest_or_speaks_against_is_not_marked() -> None:
    text = "one two three"
    assert [one.start for one in pieces(evidence(text, ("one", 1.0), ("two", 0.04), ("three", -2.0)), 0, 13)] == [0]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30), st.floats(-1, 2)), max_size=12))
def test_marking_changes_no_letter(found: list[tuple[int, int, float]]) -> None:
    text = "A <b>text</b> & thirty signs.."
    some = pieces([Evidence("x", at, at + size, weight) for at, size, weight in found], 0, len(text))
    assert parsed(f"<p>{marked(text, some, strongest([some]))}</p>").text_content() == text


# Many articles


def three() -> list[ScoredArticle]:
    second = scored_article(scored_paragraph("Nobody is in a hurry.", "obstacle"), id="b", title="Ärger / in ../Wien")
    third = scored_article(scored_paragraph("Flour.", None, status="no_target"), id="c", title=None, status="no_target")
    return [an_article(), second, third]


def test_a_folder_has_an_index_and_a_page_for_each_article(tmp_path: Path) -> None:
    problems = Problems([Failed("x.pdf", "x.pdf: is a PDF")], [Repeated("copy.txt", "a.txt")])
    write_pages(iter(three()), FACTS, tmp_path / "site", problems=problems)
    index = (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
    check_safe(index, scripts=1)
    check_outline(index)
    check_tables(index)
    links = [one.get("href") for one in parsed(index).findall(".//th[@scope='row']/a")]
    assert links == [
        "articles/0001-talks-at-the-tea-house.html", "articles/0002-arger-in-wien.html", "articles/0003-talks-txt.html",
    ]  # fmt: skip
    for href in links:
        page = (tmp_path / "site" / href).read_text(encoding="utf-8")
        check_safe(page)
        assert parsed(page).find(".//nav/a").get("href") == "../index.html"
    shown = said(index)
    for words in (
        "predicted, not corrected",
        "2 scored",
        "no_target",
        "x.pdf: is a PDF",
        "copy.txt: the same article as",
    ):
        assert words in shown


def test_the_index_is_sorted_as_asked(tmp_path: Path) -> None:
    write_pages(iter(three()), FACTS, tmp_path / "site", sort="obstacle")
    index = parsed((tmp_path / "site" / "index.html").read_text(encoding="utf-8"))
    assert [one.text_content()[:5] for one in index.findall(".//th[@scope='row']/a")] == ["Ärger", "Talks", "talks"]
    with pytest.raises(UsageError, match="cannot sort by"):
        write_pages(iter(three()), FACTS, tmp_path / "other", sort="length")
    assert not (tmp_path / "other").exists()


def test_one_file_of_many_has_the_index_in_front_of_all_articles(tmp_path: Path) -> None:
    write_pages(iter(three()), FACTS, tmp_path / "all.html")
    page = (tmp_path / "all.html").read_text(encoding="utf-8")
    check_safe(page, scripts=1)
    check_outline(page)
    tree = parsed(page)
    targets = [one.get("href").removeprefix("#") for one in tree.findall(".//th[@scope='row']/a")]
    assert [tree.get_element_by_id(target).find(".//h2").text_content() for target in targets] == [
        "Talks at the tea house", "Ärger / in ../Wien", "talks.txt",
    ]  # fmt: skip


def test_pages_of_an_earlier_run_are_kept_and_counted(tmp_path: Path) -> None:
    assert write_pages(iter(three()), FACTS, tmp_path / "site") == 0
    assert write_pages(iter(three()[:1]), FACTS, tmp_path / "site") == 2
    assert len(list((tmp_path / "site" / "articles").iterdir())) == 3


def test_hostile_articles_make_a_safe_index(tmp_path: Path) -> None:
    write_pages(iter([a_hostile_article()] * 2), HOSTILE_FACTS, tmp_path / "all.html", problems=Problems(
        [Failed(HOSTILE, HOSTILE)], [Repeated(HOSTILE, HOSTILE)]
    ))  # fmt: skip
    check_safe((tmp_path / "all.html").read_text(encoding="utf-8"), scripts=1)


@given(ANY_TEXT, st.integers(1, 10**7))
def test_the_name_of_a_page_is_one_that_any_system_takes(title: str, number: int) -> None:
    assert re.fullmatch(r"[0-9]{4,8}-[a-z0-9][a-z0-9-]{0,59}\.html", page_name(scored_article(title=title), number))


# The command


@pytest.mark.parametrize("articles", [True, False])
def test_an_index_of_something_else_is_not_replaced(framing: Framing, tmp_path: Path, articles: bool) -> None:
    theirs = whole_page("Frames by source", '<main id="main">mine</main>')  # such as a comparison's page
    (tmp_path / "index.html").write_text(theirs, encoding="utf-8")
    if articles:
        (tmp_path / "articles").mkdir()
    result = framing("score", EXAMPLE, "--format", "html", "-o", tmp_path)
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "name a new folder" in result.err
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == theirs
    assert not list(tmp_path.glob("articles/*"))


def test_the_pages_of_an_earlier_run_are_replaced(framing: Framing, tmp_path: Path) -> None:
    for _ in range(2):
        assert framing("score", EXAMPLE, "--format", "html", "-o", tmp_path).code == 0


def test_the_command_writes_a_page_to_a_file_or_to_standard_output(framing: Framing, tmp_path: Path) -> None:
    printed = framing("score", EXAMPLE, "--format", "html")
    assert printed.code == 0
    check_safe(printed.out)
    assert "After the talks, the same road" in said(printed.out)
    assert framing("score", EXAMPLE, "--format", "html", "-o", tmp_path / "page.html").code == 0
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == printed.out


def test_the_command_writes_a_folder_of_pages(framing: Framing, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "one.txt").write_text(PROSE)
    (tmp_path / "in" / "two.txt").write_text(PROSE + "\nThe delegations left for home on Saturday morning.\n")
    (tmp_path / "in" / "bad.pdf").write_bytes(b"%PDF-1.4")
    result = framing("score", tmp_path / "in", tmp_path / "in" / "bad.pdf", "--format", "html", "-o", tmp_path / "site")
    assert (result.code, result.out) == (1, "")
    assert "index.html" in result.err
    assert len(list((tmp_path / "site" / "articles").iterdir())) == 2
    assert "pdftotext" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


def test_pages_are_never_written_among_what_is_read(framing: Framing, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(PROSE)
    result = framing("score", tmp_path, "--format", "html", "-o", tmp_path / "site")
    assert result.code == 2
    assert "which is read" in result.err
    assert not (tmp_path / "site").exists()
