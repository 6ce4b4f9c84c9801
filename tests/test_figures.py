from collections.abc import Callable
from itertools import combinations
from math import dist
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.figures import WIDTH, About, Mark, Row, forest, limit_of, over_time
from framing.matrix import matrix
from framing.pagestyle import GREY_ON_DARK, GREY_ON_LIGHT, ON_DARK, ON_LIGHT
from framing.simplex import place, region, simplex
from framing.svg import bars, shortened, standalone, width_of
from framing.wording import NOT_AUDITED
from tests.markup import HOSTILE, SVG, drawn, svg_texts

ABOUT = About("f1", "Obstacle", "share of all paragraphs", 1, True)
BARE = About("f1", "Obstacle", "share of all paragraphs", 1, False)
LONG = "The Extraordinarily Long Name of a Regional Newspaper of Record and of Nothing Else"
FRAMES = (("Broker", 0), ("Obstacle", 1), ("Opportunist", 2))


def mark(value: float, half: float = 0.05) -> Mark:
    return Mark(value, max(0.0, value - half), min(1.0, value + half))


def rows(count: int, name: str = "Source") -> list[Row]:
    return [Row(f"{name} {at}", mark(at / 40), mark(at / 40 + 0.02, 0.1), mark(at / 50)) for at in range(count)]


def a_forest(about: About, count: int, name: str) -> str:
    return forest(about, rows(count, name))


def a_time(about: About, count: int, name: str) -> str:
    return over_time(about, rows(count, name), range(count))


def a_matrix(about: About, count: int, name: str) -> str:
    names = [f"{name} {at}" for at in range(min(count, 10))]
    pairs = {(at, other): mark(0.2) for at in range(len(names)) for other in range(at)}
    return matrix(about, names, pairs, [pair for pair in pairs if sum(pair) % 3 == 1])


def a_simplex(about: About, count: int, name: str) -> str:
    points = [(at / (2 * count), 0.5 - at / (2 * count), 0.5) for at in range(count)]
    return simplex(
        about, FRAMES, [(f"{name} {at}", [mark(share) for share in point]) for at, point in enumerate(points)]
    )


Draw = Callable[[About, int, str], str]
ALL = [a_forest, a_time, a_matrix, a_simplex]


@pytest.mark.parametrize("count", [1, 2, 10, 30])
@pytest.mark.parametrize("draw", ALL)
@pytest.mark.parametrize(
    "name", ["Source", LONG, HOSTILE, "日本経済新聞の長い名前の新聞社", "a\x00\x1b[2J\ud800\u202e"]
)
def test_a_figure_is_valid_svg_with_a_name_and_a_description(draw: Draw, count: int, name: str) -> None:
    tree = drawn(draw(ABOUT, count, name))
    assert tree.tag == f"{SVG}svg"
    title, about = tree[0], tree[1]
    assert (title.tag, about.tag) == (f"{SVG}title", f"{SVG}desc")
    assert tree.get("aria-labelledby") == f"{title.get('id')} {about.get('id')}"
    assert title.text is not None
    assert "Obstacle" in title.text
    assert {one.tag.removeprefix(SVG) for one in tree.iter()} <= {
        "svg", "title", "desc", "g", "text", "line", "rect", "circle", "path", "polygon",
    }  # fmt: skip
    assert not any(
        attribute.startswith("on") or attribute == "style" for one in tree.iter() for attribute in one.attrib
    )


@pytest.mark.parametrize("draw", ALL)
def test_a_figure_of_its_own_brings_its_colours_for_light_and_dark(draw: Draw) -> None:
    file = standalone(draw(ABOUT, 3, HOSTILE))
    style = ElementTree.fromstring(file.encode()).find(f"{SVG}style")
    assert style is not None
    assert style.text is not None
    assert "prefers-color-scheme: dark" in style.text
    assert file.startswith("<?xml")


@pytest.mark.parametrize("draw", [a_forest, a_time, a_simplex])
def test_a_figure_without_an_audit_says_so_itself(draw: Draw) -> None:
    assert any(NOT_AUDITED in text for text in svg_texts(draw(BARE, 3, "Source")))
    assert not any(NOT_AUDITED in text for text in svg_texts(draw(ABOUT, 3, "Source")))


def test_a_long_name_is_cut_and_shown_whole_when_pointed_at() -> None:
    tree = drawn(forest(ABOUT, [Row(LONG, mark(0.3))]))
    (cut,) = [text for text in tree.iter(f"{SVG}text") if len(text)]
    assert cut[0].text == LONG
    assert str(cut[0].tail).endswith("…")


def test_a_group_that_is_not_estimated_has_no_marks_but_says_why() -> None:
    figure = forest(ABOUT, [Row("A", None, naive=mark(0.4), note="not estimated: needs 2 more audited articles")])
    assert "not estimated: needs 2 more audited articles" in svg_texts(figure)
    assert not list(drawn(figure).iter(f"{SVG}circle"))
    assert "naive count" not in svg_texts(figure)


def test_marks_stand_where_their_shares_are_on_the_axis() -> None:
    tree = drawn(forest(ABOUT, [Row("A", Mark(0.25, 0.0, 0.5))], 0.5))
    dot = next(tree.iter(f"{SVG}circle"))
    bar = next(one for one in tree.iter(f"{SVG}line") if one.get("class") == "stroke")
    assert float(dot.get("cx", "")) == pytest.approx(WIDTH / 2)
    assert [float(bar.get("x1", "")), float(bar.get("x2", ""))] == pytest.approx([5.0, WIDTH - 5.0])


def test_the_mark_of_an_estimate_is_filled_only_where_an_audit_corrected_it() -> None:
    filled = next(drawn(forest(ABOUT, rows(1))).iter(f"{SVG}circle")).get("class")
    hollow = next(drawn(forest(BARE, rows(1))).iter(f"{SVG}circle")).get("class")
    assert (filled, hollow) == ("fill", "hollow stroke")


@pytest.mark.parametrize(("high", "limit"), [(0.05, 0.1), (0.1, 0.1), (0.31, 0.4), (0.61, 0.8), (0.95, 1.0)])
def test_the_axis_ends_at_a_round_share_beyond_all_marks(high: float, limit: float) -> None:
    assert limit_of([Row("A", Mark(0.01, 0.0, 0.02), naive=Mark(0.01, 0.0, high))]) == limit


def test_no_line_is_drawn_over_a_gap_in_time() -> None:
    def joins(places: list[int]) -> int:
        lines = drawn(over_time(ABOUT, rows(3), places)).iter(f"{SVG}line")
        return sum(one.get("class") == "rule" and one.get("stroke-width") == "1" for one in lines)

    assert joins([1, 2, 3]) == 2
    assert joins([1, 2, 4]) == 1


def test_a_matrix_shows_both_sides_of_a_supported_difference_and_a_dot_for_the_others() -> None:
    figure = matrix(
        ABOUT, ["A", "B", "C"], {(0, 1): Mark(0.3, 0.1, 0.5), (0, 2): mark(0.0), (1, 2): mark(0.0)}, [(0, 1)]
    )
    tree = drawn(figure)
    cells = {one.findtext(f"{SVG}title"): one for one in tree.iter(f"{SVG}g") if one.find(f"{SVG}title") is not None}
    assert cells["A less B: +30 points (+10 to +50)"].find(f"{SVG}path") is not None
    assert cells["B less A: −30 points (−50 to −10)"].find(f"{SVG}path") is not None
    assert sum(one.find(f"{SVG}circle") is not None for one in cells.values()) == 4
    assert tree.findtext(f"{SVG}desc") == "A has more than B"


def test_a_matrix_without_a_supported_difference_says_cannot_tell_apart() -> None:
    assert drawn(matrix(ABOUT, ["A", "B"], {(0, 1): mark(0.0)}, [])).findtext(f"{SVG}desc") == "cannot tell apart"


def test_the_corners_of_the_simplex_are_its_frames() -> None:
    top, left, right = place((1, 0, 0)), place((0, 1, 0)), place((0, 0, 1))
    assert top[0] == pytest.approx(WIDTH / 2)
    assert left[1] == right[1] > top[1]
    assert list(place((1, 1, 1))) == pytest.approx([WIDTH / 2, (top[1] + 2 * left[1]) / 3])


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3), st.floats(0.01, 0.5))
def test_a_region_keeps_within_its_intervals_and_holds_its_point(parts: list[float], half: float) -> None:
    point = [part / sum(parts) for part in parts]
    marks = [mark(share, half) for share in point]
    corners = region(marks)
    assert 3 <= len(corners) <= 6
    for corner in corners:
        assert sum(corner) == pytest.approx(1)
        assert all(one.low - 1e-9 <= share <= one.high + 1e-9 for share, one in zip(corner, marks, strict=True))
    for axis, share in enumerate(point):
        assert min(corner[axis] for corner in corners) - 1e-9 <= share <= max(corner[axis] for corner in corners) + 1e-9


def test_a_region_of_intervals_that_contradict_each_other_is_empty() -> None:
    assert region([Mark(0.9, 0.8, 1.0), Mark(0.9, 0.8, 1.0), Mark(0.1, 0.0, 0.2)]) == []


def test_intervals_that_say_nothing_leave_the_whole_triangle() -> None:
    corners = region([Mark(0.3, 0.0, 1.0)] * 3)
    assert sorted(corners) == [(0, 0, 1), (0, 1, 0), (1, 0, 0)]


@given(st.text(max_size=60), st.floats(20, 400))
def test_what_is_shortened_fits(text: str, width: float) -> None:
    shown = shortened(text, width)
    assert width_of(shown) <= width
    assert shown.removesuffix("…") in " ".join(text.split()) or "\ufffd" in shown or not text.isprintable()


def test_the_numbers_in_a_crowded_simplex_keep_clear_of_each_other_and_of_the_titles() -> None:
    crowd = [(f"Source {at}", [mark(0.02 + at / 3000), mark(0.95 - at / 3000), mark(0.03)]) for at in range(12)]
    texts = [
        one for one in drawn(simplex(ABOUT, FRAMES, crowd)).iter(f"{SVG}text") if one.get("text-anchor") == "middle"
    ]
    places = [(float(one.get("x", "")), float(one.get("y", ""))) for one in texts if str(one.text).isdecimal()]
    assert len(places) == 12
    assert all(abs(x - other) > 8 or abs(y - under) > 9 for (x, y), (other, under) in combinations(places, 2))
    assert all(0 <= x <= WIDTH for x, _ in places)


def test_bars_are_as_wide_as_their_shares() -> None:
    first, second = drawn(
        bars([("h0", 0.25), ("h1", 0.0), ("hn", 0.75)]).replace("<svg", f'<svg xmlns="{SVG[1:-1]}"', 1)
    )
    assert [first.get("width"), second.get("x"), second.get("width")] == ["25.00", "25.00", "75.00"]


# Colours


# How red, green and blue (linear, 0 to 1) are seen (Machado, Oliveira and Fernandes 2009, severity 1.0).
VISION = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}


def linear(colour: str) -> list[float]:
    parts = [part / 255 for part in bytes.fromhex(colour[1:])]
    return [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]


def lab(colour: str, vision: str) -> tuple[float, float, float]:
    seen = [
        min(max(sum(by * part for by, part in zip(row, linear(colour), strict=True)), 0.0), 1.0)
        for row in VISION[vision]
    ]
    red, green, blue = seen
    x = (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.9505
    y = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    z = (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.0888
    fx, fy, fz = (part ** (1 / 3) if part > 0.008856 else 7.787 * part + 16 / 116 for part in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("colours", [(*ON_LIGHT[:4], GREY_ON_LIGHT), (*ON_DARK[:4], GREY_ON_DARK)])
def test_the_colours_of_four_frames_and_the_grey_are_told_apart_with_every_colour_vision(
    colours: tuple[str, ...], vision: str
) -> None:
    for one, other in combinations(colours, 2):
        assert dist(lab(one, vision), lab(other, vision)) > 12, (one, other)


@pytest.mark.parametrize(
    ("colours", "ground"), [((*ON_LIGHT, GREY_ON_LIGHT), "#fdfcfa"), ((*ON_DARK, GREY_ON_DARK), "#15171a")]
)
def test_marks_stand_out_from_their_ground(colours: tuple[str, ...], ground: str) -> None:
    def light(colour: str) -> float:
        return sum(by * part for by, part in zip((0.2126, 0.7152, 0.0722), linear(colour), strict=True))

    for colour in colours:
        dark, bright = sorted((light(colour), light(ground)))
        assert (bright + 0.05) / (dark + 0.05) >= 3, colour
