"""Paragraphs: what is prose, what is left out and why, on invented saved pages and on any text at all.

A page of tests/pages/ is the text as saved, except that every block begins with `@FATE `, where FATE is `prose`, a
reason, or several joined by `/`. A block reaches to the next mark, so that the marks cover the whole page.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import framing.paragraphs
from framing.paragraphs import headline, split
from framing.records import Article, Block

PAGES = Path(__file__).parent / "pages"
MARK = re.compile(r"^@([a-z/]+) ", re.M)
KNOWN_FAILURES = {
    ("german_page", 15): "a heading that is a question in sentence case looks like a short paragraph",
}


@dataclass(frozen=True)
class Expected:
    """One marked block of a page; `line` is its line in the file."""

    page: str
    line: int
    start: int
    end: int
    fates: tuple[str, ...]


@cache
def read_page(name: str) -> tuple[str, tuple[Expected, ...]]:
    marked = (PAGES / f"{name}.txt").read_text(encoding="utf-8")
    marks = list(MARK.finditer(marked))
    assert marks, f"{name} has no marks"
    assert not marked[: marks[0].start()].strip(), f"{name} begins with a block that has no mark"
    text, expected = marked[: marks[0].start()], []
    for number, mark in enumerate(marks):
        until = marks[number + 1].start() if number + 1 < len(marks) else len(marked)
        start = len(text)
        text += marked[mark.end() : until]
        line = marked.count("\n", 0, mark.start()) + 1
        expected.append(Expected(name, line, start, len(text), tuple(mark.group(1).split("/"))))
    return text, tuple(expected)


@cache
def fates(name: str) -> tuple[tuple[int, int, str], ...]:
    spans, left = split(Article(id=name, text=read_page(name)[0]))
    return tuple(sorted([*((s.start, s.end, "prose") for s in spans), *((x.start, x.end, x.reason) for x in left)]))


def expectations() -> list[object]:
    params: list[object] = []
    for path in sorted(PAGES.glob("*.txt")):
        for block in read_page(path.stem)[1]:
            why = KNOWN_FAILURES.get((block.page, block.line))
            marks = [pytest.mark.xfail(strict=True, reason=why)] if why else []
            params.append(pytest.param(block, id=f"{block.page}:{block.line}", marks=marks))
    return params


@pytest.mark.parametrize("block", expectations())
def test_every_block_of_a_saved_page_has_its_fate(block: Expected) -> None:
    text = read_page(block.page)[0]
    met = [(start, end, fate) for start, end, fate in fates(block.page) if start < block.end and end > block.start]
    words = text[block.start : block.end].strip()[:60]
    assert {fate for _, _, fate in met} <= set(block.fates), f"{words!r} became {met}"
    if block.fates == ("prose",):
        inside = text[block.start : block.end]
        start = block.start + len(inside) - len(inside.lstrip())
        assert [(s, e) for s, e, _ in met] == [(start, start + len(inside.strip()))], f"{words!r} is not one paragraph"


def covering(article: Article) -> list[tuple[int, int]]:
    spans, left = split(article)
    assert list(spans) == sorted(spans, key=lambda s: s.start)
    assert list(left) == sorted(left, key=lambda x: x.start)
    return sorted([*((s.start, s.end) for s in spans), *((x.start, x.end) for x in left)])


def assert_covered_once(article: Article) -> None:
    done = 0
    for start, end in covering(article):
        assert done <= start < end
        assert not article.text[done:start].strip()
        assert article.text[start:end] == article.text[start:end].strip()
        done = end
    assert not article.text[done:].strip()


LINES = st.sampled_from(
    """{|"a": 1|}|```|---|Related posts|Comments|By Ani Melik|12 May 2020|||  |\u200b|She said nothing to the envoy.
the envoys, who had come late,|• Exchange of prisoners|[1] Sahl, p. 4.""".replace("\n", "|").split("|")
)


@settings(max_examples=150)
@given(st.one_of(st.text(), st.lists(st.one_of(LINES, st.text(max_size=30)), max_size=30).map("\n".join)))
def test_every_visible_character_of_any_text_is_covered_once(text: str) -> None:
    assert_covered_once(Article(id="a", text=text))


@settings(max_examples=150)
@given(st.data())
def test_every_visible_character_of_any_page_is_covered_once(data: st.DataObject) -> None:
    text = data.draw(st.one_of(st.text(), st.lists(LINES, max_size=12).map("\n".join)))
    place = st.integers(0, len(text) + 3)
    tags = st.sampled_from(["p", "h2", "li", "td", "div", "figcaption", "blockquote"])
    blocks = data.draw(st.lists(st.builds(Block, place, place, tags, st.booleans()), max_size=8))
    assert_covered_once(Article(id="a", text=text, blocks=tuple(blocks)))


def prose(text: str) -> list[str]:
    return [text[s.start : s.end] for s in split(Article(id="a", text=text))[0]]


def reasons(text: str) -> list[str]:
    return [x.reason for x in split(Article(id="a", text=text))[1]]


BODY = "The envoys who had come to Sahl said on Monday that nothing would be signed before the autumn."
MORE = "Their hosts, who had prepared the table and the pens, went on smiling until the cars had left."
LAST = "On the next day the road was closed again, and the monitors counted the lorries that waited."


@pytest.mark.parametrize(
    "text",
    [
        "Moscow stayed neutral",
        "Moscow stayed neutral in the dispute over the lake",
        "Nobody in Dilan believed it.",
        "Why?",
        "Никто не поверил",
        "никто не поверил в это",
        "Ոչ ոք չհավատաց։",
        "ما الذي تريده موسكو؟",
        "谁也不相信他说的话。",
        "俄罗斯在争端中保持中立",
        "किसी को विश्वास नहीं हुआ।",
        "«Никто, – сказал он, – не поверил.»",
        "He called it “neutral.”[12]",
        "And then the line went dead…",
    ],
)
def test_a_text_of_one_short_block_is_one_paragraph(text: str) -> None:
    assert prose(text) == [text]


@pytest.mark.parametrize(
    "text",
    [
        "Home\nNews\nSport\nContact",
        "• Home\n• News\n• About us\n• Careers\n• Privacy policy",
        "Politics\nNew bridge opens in Dilan\nEconomy\nBread gets dearer\nSport\nLake cup goes to Anzor\nVideo\nMore",
        "Share on Facebook",
        "https://news.example/2019/10/04/lake",
        '{"a": [1, 2, 3]}',
        "* * *",
        "",
        " \n\t\u200b\n",
    ],
)
def test_a_text_without_prose_has_no_paragraph(text: str) -> None:
    assert prose(text) == []


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\x85", "\x0b"])
def test_every_kind_of_line_end_separates_blocks(end: str) -> None:
    assert prose(f"{BODY}{end}{end}{MORE}{end}") == [BODY, MORE]
    assert prose(f"{BODY}{end}{MORE}{end}{LAST}") == [BODY, MORE, LAST]


def test_a_paragraph_separator_ends_a_paragraph() -> None:
    assert prose(f"{BODY}\u2029{MORE}") == [BODY, MORE]


def test_a_page_break_inside_a_wrapped_paragraph_does_not_cut_it() -> None:
    text = "The envoys who had come to Sahl said on Monday that nothing would be\n\fsigned before the autumn."
    assert prose(text) == [text]


def test_invisible_characters_stay_where_they_are() -> None:
    text = f"\ufeff{BODY}\n\u200b\n\u00a0\u00a0{MORE}\u200b\n"
    assert prose(text) == [f"\ufeff{BODY}", f"{MORE}\u200b"]


@pytest.mark.parametrize("width", [40, 65, 72, 80, 100])
def test_hard_wrapped_text_gives_whole_paragraphs(width: int) -> None:
    paragraphs = [" ".join([BODY, MORE, LAST][n:] * 3) for n in (0, 1, 2)]
    text = "\n\n".join(textwrap.fill(paragraph, width) for paragraph in paragraphs)
    assert [" ".join(found.split()) for found in prose(text)] == paragraphs
    indented = "\n".join(textwrap.fill(paragraph, width, initial_indent="   ") for paragraph in paragraphs)
    assert [" ".join(found.split()) for found in prose(indented)] == paragraphs


def test_a_wrapped_line_that_reads_like_a_date_or_a_caption_stays_in_its_paragraph() -> None:
    truce = (
        "The truce, which the envoys had been drafting in the town since\n"
        "midsummer, was signed in the old winery of Sahl at night on 9"
    )
    text = f"{truce}\nNovember 2020.\n\n{MORE[:60]}\n{MORE[60:].strip()}"
    assert len(prose(text)) == 2
    assert prose(text)[0].endswith("November 2020.")


def test_a_title_and_a_byline_above_a_wrapped_paragraph_are_not_joined_to_it() -> None:
    text = (
        f"The envoys who had come to Sahl go home without a signature\nBy Ani Melik\n{BODY[:60]}\n{BODY[60:].strip()}\n"
    )
    assert prose(text) == [f"{BODY[:60]}\n{BODY[60:].strip()}".strip()]


@pytest.mark.parametrize(
    "box", ["Read also:\nA bridge too many", "Read also:\n\nA bridge too many\n\nThe kettle of Sahl"]
)
@pytest.mark.parametrize("after", [[LAST], [MORE, LAST]])
def test_prose_after_a_teaser_box_in_the_middle_is_scored_again(box: str, after: list[str]) -> None:
    assert prose("\n\n".join([BODY, MORE, box, *after])) == [BODY, MORE, *after]


def test_prose_after_a_related_box_in_the_middle_is_scored_again() -> None:
    text = "\n\n".join([BODY, "Related stories", "A bridge too many", "The kettle of Sahl", MORE, LAST, BODY])
    assert prose(text) == [BODY, MORE, LAST, BODY]


@pytest.mark.parametrize(
    "heading", ["Notes", "Background", "Comments", "Sources", "Share", "Latest", "Subscribe", "Author"]
)
def test_a_heading_early_in_a_text_does_not_lose_the_rest(heading: str) -> None:
    assert prose("\n\n".join([BODY, heading, MORE, LAST, BODY, MORE])) == [BODY, MORE, LAST, BODY, MORE]


@pytest.mark.parametrize("link", ["12 comments", "Comments", "Share", "Subscribe", "Print", "Follow us"])
def test_a_link_under_the_headline_does_not_lose_the_article(link: str) -> None:
    assert prose(f"No signature in Sahl\n\n{link}\n\n{BODY}\n\nThe road\n\n{MORE}\n\n{LAST}") == [BODY, MORE, LAST]


@pytest.mark.parametrize(
    "paragraph",
    [
        "- I do not know, he said.",
        "— Я не знаю, – сказал он.",
        "> We were informed by the silence of the radiators.",
        "3. The Parties shall exchange lists of detained persons.",
        "“It is slow poison,” said the envoy.",
        "By Monday the talks had ended and the envoys had gone home.",
        "The source of the photo, Reuters, did not answer.",
        "Copyright law was the first thing they disagreed about.",
        "Support us, the mayor had written to Moscow, and nobody answered.",
        "Subscribers to the theory of balance should look at the bridge.",
        "In 2016 4,000 people were killed.",
        "It began at 14:30 on Monday.",
        "Related questions were put off until the next round.",
        "Their views do not reflect the mood in the valley.",
        "Date palms do not grow in Dilan.",
        "Sponsored by Moscow, the talks went on for a week.",
        "You have no free choice in this, the envoy told them.",
        "This story is only half true.",
        "Views expressed in the hall differed from those in the corridor.",
        "Such demands do not reflect the views of Moscow, the envoy said.",
        "Heavy weapons may be used only with the consent of both commanders.",
        "Maybe 40 others died in 2016.",
        "May 2016 was quiet.",
        "The road is open, a spokesman told AFP.",
        "He had spoken to a reporter of the Associated Press (AP).",
        "12 soldiers were killed, according to Kidd (2003).",
        "[The] minister did not answer.",
        "Watch the bridge, he said: it will move.",
        "Editor: What did you see?",
        "Like us, they are tired.",
        "Jump to 2016, and the same men sit at the same table.",
        "Images – some of them from 1994 – were shown to both delegations.",
        "Who, he asked, will guard the guards of Upper Dilan?",
        "Why?",
    ],
)
def test_a_paragraph_that_looks_a_little_like_furniture_is_prose(paragraph: str) -> None:
    assert prose(f"{BODY}\n\n{paragraph}\n\n{MORE}") == [BODY, paragraph, MORE]


def test_a_bio_is_left_out_only_where_the_article_ends() -> None:
    bio = "Ani Melik is an analyst at the Lake Institute."
    assert prose(f"{BODY}\n\n{MORE}\n\nAni Melik\n\n{bio}") == [BODY, MORE]
    assert prose(f"Ani Melik\n\n{bio}\n\n{BODY}\n\n{MORE}\n\n{LAST}") == [bio, BODY, MORE, LAST]


def test_blocks_of_a_page_go_through_the_same_rules() -> None:
    parts = [
        ("h1", "No signature in Sahl.", True),
        ("p", BODY, True),
        ("p", "Share on Facebook", True),
        ("p", MORE, False),
    ]
    text, blocks = "", []
    for tag, words, kept in parts:
        blocks.append(Block(len(text), len(text) + len(words), tag, kept))
        text += words + "\n"
    spans, left = split(Article(id="a", text=text, blocks=tuple(blocks)))
    assert [text[s.start : s.end] for s in spans] == [BODY]
    assert [x.reason for x in left] == ["heading", "share", "page"]


def test_the_title_is_a_heading_even_where_it_ends_like_a_sentence() -> None:
    article = Article(id="a", text=f"Nobody came.\n\n{BODY}", title="Nobody came")
    assert [x.reason for x in split(article)[1]] == ["heading"]


def test_every_reason_is_documented() -> None:
    documented = set(re.findall(r"\b[a-z]+\b", framing.paragraphs.__doc__ or ""))
    for page in PAGES.glob("*.txt"):
        assert {fate for _, _, fate in fates(page.stem)} <= documented | {"prose"}


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Menu item\n\nThe bridge that nobody crossed\n\nNobody crossed the bridge that winter, she said.\n", True),
        ("By Ani Melikian\n\nNobody crossed the bridge that winter, she said.\n", False),
        ("Nobody crossed the bridge that winter, she said.\n", False),
    ],
)
def test_the_heading_right_above_the_first_paragraph_is_the_title_of_a_text_without_one(text: str, title: bool) -> None:
    article = Article(id="a", text=text)
    assert headline(article, *split(article)) == ("The bridge that nobody crossed" if title else None)
    named = replace(article, title="Another")
    assert headline(named, *split(named)) == "Another"
