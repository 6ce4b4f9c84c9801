import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from framing.comparefigures import Figure, all_figures
from framing.comparepage import comparison_body, comparison_page
from framing.comparewords import assumptions, method, takeaway
from framing.comparison import Comparison, Label
from framing.svg import standalone
from framing.wording import NOT_AUDITED
from tests.compared import AUDIT, NAMES, NOTICE, TEXT, compared
from tests.markup import HOSTILE, check_outline, check_safe, check_tables, drawn, parsed, svg_texts

MANY = tuple(f"source-{number:02}.example" for number in range(30))
HOSTILE_LABELS = (
    Label("a", HOSTILE, False),
    Label("b", HOSTILE + "b", False),
    Label("c", HOSTILE + "c", False),
    Label("none", HOSTILE, True),
)


def hostile(audited: bool, count: int) -> Comparison:
    names = [f"{HOSTILE} {number}" for number in range(count)]
    found = compared(
        names, audited=audited, lacking=names[:1], withheld=names[:1], labels=HOSTILE_LABELS, text=HOSTILE,
        title=HOSTILE, url="javascript:alert(1)", notes=(HOSTILE,),
    )  # fmt: skip
    model = replace(found.model, name=HOSTILE, fingerprint=HOSTILE, notice=HOSTILE, question=HOSTILE)
    return replace(found, model=model, command=HOSTILE, by=HOSTILE, estimand=HOSTILE, sample_command=HOSTILE)


def said(page: str) -> str:
    return " ".join(" ".join(parsed(page).find("body").itertext()).split()).replace("\xa0", " ")


def names_of(found: Comparison) -> list[str]:
    return [figure.name for figure in all_figures(found)]


CASES = {
    "audited": compared(),
    "not audited": compared(audited=False),
    "one group": compared(NAMES[:1], lacking=()),
    "no group": compared(()),
    "thirty groups": compared(MANY),
    "two labels, both framed": compared(labels=(Label("a", "A", False), Label("b", "B", False))),
    "hostile": hostile(True, 4),
    "hostile, not audited": hostile(False, 12),
    "hostile, thirty": hostile(True, 30),
}


@pytest.mark.parametrize("case", CASES)
def test_a_page_is_well_made_and_safe(case: str) -> None:
    page = comparison_page(CASES[case])
    check_safe(page)
    check_outline(page)
    check_tables(page)
    assert not re.search(r"style=|<style|<script", comparison_body(CASES[case]))


@pytest.mark.parametrize("case", CASES)
def test_every_figure_is_svg_and_has_a_table_behind_it(case: str) -> None:
    page = parsed(comparison_page(CASES[case]))
    found = list(all_figures(CASES[case]))
    assert len(page.findall(".//figure/svg")) == len(page.findall(".//figure/details//table")) == len(found)
    for figure in found:
        drawn(figure.svg)
        drawn(standalone(figure.svg).partition("\n")[2])
        assert all(len(row) == len(figure.columns) for row in figure.rows)
        assert all(len(row) == len(figure.heads) for row in figure.shown)


def test_the_names_of_figures_are_file_names_and_each_is_there_once() -> None:
    names = names_of(compared())
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z0-9-]+", name) for name in names)


# What a reader may take from it


def test_the_first_sentence_says_how_many_differences_hold_and_how_many_do_not() -> None:
    first, clearest, chance = takeaway(compared(supported=0.3))
    numbers = re.fullmatch(
        r"7 sources are compared two by two on how often each of 4 labels occurs; (\d+) of these 84 comparisons show a "
        r"difference too large to be chance, and in the other (\d+) the two cannot be told apart\.",
        first,
    )
    assert numbers
    assert int(numbers[1]) + int(numbers[2]) == 84
    assert clearest.startswith("The clearest: “")
    assert "19 of 20" in chance


def test_without_a_supported_difference_nothing_is_told_apart() -> None:
    found = compared(supported=2.0)
    assert takeaway(found)[0].endswith(
        "in none of these 84 comparisons is a difference larger than chance could make it."
    )
    page = said(comparison_page(found))
    assert "Obstacle : cannot tell apart" in page
    assert "more than" not in page.partition("Which sources differ")[2].partition("Over time")[0]


def test_without_an_audit_the_first_sentence_says_that_nothing_is_shown() -> None:
    first, way_out = takeaway(compared(audited=False))
    assert first.startswith("These figures are not audited: they do not show that any of the sources differs")
    assert "random sample" in way_out
    assert "framing sample corpus.jsonl -n 240 -o audit" in said(comparison_page(compared(audited=False)))


def test_with_fewer_than_two_estimated_groups_nothing_is_compared() -> None:
    assert "Too few articles" in takeaway(compared(NAMES[:2], lacking=NAMES[:1]))[0]


# Figures


def shares_of(found: Comparison) -> Iterator[Figure]:
    return (figure for figure in all_figures(found) if figure.name.startswith(("shares", "time", "voice")))


def test_without_an_audit_every_figure_itself_says_so_and_no_difference_is_called() -> None:
    found = compared(audited=False)
    for figure in all_figures(found):
        assert any(NOT_AUDITED in text for text in svg_texts(figure.svg))
        assert any(NOT_AUDITED in head for head in figure.heads)
    assert {name.split("-")[0] for name in names_of(found)} == {"shares", "time", "voice"}
    assert "No difference is called: not audited." in said(comparison_page(found))


def test_a_withheld_share_is_drawn_nowhere_and_said_to_be_withheld() -> None:
    figure = next(one for one in all_figures(compared(audited=False)) if one.name == "shares-all-2")
    assert "withheld, not audited: its interval is longer than one half" in svg_texts(figure.svg)
    row = next(row for row in figure.rows if row[0] == "Gazette")
    assert row[figure.columns.index("share")] is None


def test_a_group_with_too_few_audited_articles_is_named_with_what_it_lacks() -> None:
    figure = next(all_figures(compared()))
    assert "not estimated: needs 4 more audited articles" in svg_texts(figure.svg)
    assert "Dawn Wire 4 more audited articles" in said(comparison_page(compared()))


def test_groups_stand_in_the_order_of_the_comparison_never_by_rank() -> None:
    for figure in shares_of(compared(voices=False, series=False)):
        assert [row[0] for row in figure.rows] == list(NAMES)
    assert "alphabetically, not by rank" in said(comparison_page(compared()))


def test_a_family_in_which_nothing_was_compared_has_no_verdicts() -> None:
    page = parsed(comparison_page(compared()))
    assert len(page.get_element_by_id("differences").getparent().findall(".//ul[@class='orders']")) == 1


def test_a_matrix_is_drawn_up_to_ten_groups_and_a_list_above() -> None:
    ten, eleven = compared(MANY[:10], lacking=()), compared(MANY[:11], lacking=())
    assert "differences-all-1" in names_of(ten)
    assert not [name for name in names_of(eleven) if name.startswith("differences")]
    captions = [one.text_content() for one in parsed(comparison_page(eleven)).iter("caption")]
    assert "Supported differences: Obstacle" in captions


def test_the_list_holds_the_supported_differences_only() -> None:
    found = compared(MANY[:11], lacking=())
    page = parsed(comparison_page(found))
    listed = [
        one for one in page.iter("table") if one.find("caption").text_content() == "Supported differences: Obstacle"
    ]
    held = [one for one in found.differences if one.label == "obstacle" and one.supported]
    assert len(listed[0].findall(".//tbody/tr")) == len(held) > 0


@pytest.mark.parametrize(
    ("found", "there"),
    [
        (compared(), True),
        (compared(audited=False), False),
        (compared(labels=(Label("a", "A", False), Label("none", "None", True))), False),
        (compared(labels=tuple(Label(id, id, False) for id in "abcd")), False),
        (compared(labels=tuple(Label(id, id, False) for id in "abc")), True),
        (compared(lacking=NAMES), False),
    ],
)
def test_there_is_a_simplex_with_exactly_three_framed_labels_and_an_audit(found: Comparison, there: bool) -> None:
    assert ("simplex" in names_of(found)) is there
    assert ("Between the three frames" in comparison_page(found)) is there


def test_a_label_has_the_same_colour_everywhere() -> None:
    for figure in shares_of(compared()):
        hue = {"1": "h0", "2": "h1", "3": "h2", "4": "hn"}[figure.name.rsplit("-", 1)[1]]
        kinds = {one.get("class") for one in drawn(figure.svg).iter() if re.fullmatch("h[0-7n]", one.get("class", ""))}
        assert kinds == {hue}


def test_the_numbers_behind_a_figure_are_those_of_the_comparison() -> None:
    found = compared()
    figure = next(all_figures(found))
    file = io.StringIO()
    csv.writer(file).writerows([figure.columns, *figure.rows])
    rows = list(csv.DictReader(io.StringIO(file.getvalue())))
    share = found.groups[0].shares[0]
    assert (float(rows[0]["share"]), float(rows[0]["low"])) == (share.value, share.low)
    assert rows[3]["share"] == ""


# Paragraphs, remainder, method


def test_the_most_telling_paragraphs_have_their_evidence_marked() -> None:
    quotes = parsed(comparison_page(compared())).findall(".//blockquote")
    assert len(quotes) == len(NAMES)
    assert [one.text_content() for one in quotes[0].iter("mark")] == ["lease"]
    assert quotes[0].find("p[@dir]").text_content() == TEXT
    assert quotes[0].find(".//a").get("href") == "https://example.org/a?b=1&c=2"


def test_the_page_says_what_its_model_is_made_of_and_that_frames_may_be_quoted() -> None:
    page = said(comparison_page(compared()))
    assert NOTICE in page
    assert "right on 63 % (60–65) of restated paragraphs from sources it has not seen" in page
    assert "a frame may be a quoted speaker's" in page


def test_the_remainder_and_wire_copy_are_told() -> None:
    page = said(comparison_page(compared()))
    for words in (
        "no source 3 21",
        "off_topic: too few of its words are known to the model 7 40",
        "31 articles belong to 11",
    ):
        assert words in page
    assert "12 drawn paragraphs not coded yet." in page


def test_an_assumed_sample_is_said_to_be_assumed() -> None:
    found = replace(compared(), audit=replace(AUDIT, assumed_random=True))
    assert any("it was assumed (--assume-random)" in text for text in assumptions(found))
    assert any("were taken to be drawn at random" in text for text in method(found))
    assert not any("assumed" in text for text in assumptions(compared()))


def test_the_finite_estimand_needs_no_sample_of_articles() -> None:
    assert any("all that each group publishes" in text for text in assumptions(compared()))
    assert not any("all that each group publishes" in text for text in assumptions(replace(compared(), finite=True)))


def test_sections_that_are_empty_are_not_there() -> None:
    page = said(comparison_page(replace(compared(voices=False, series=False), telling=())))
    for heading in ("Over time", "Quoted and in their own words", "Most telling paragraphs"):
        assert heading not in page
