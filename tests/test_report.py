import io
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing import terminal
from framing.errors import UsageError
from framing.listing import show_many, sort_key
from framing.records import Failed, Repeated, ScoredArticle
from framing.report import show_article
from framing.scoredjson import Problems, article_json, model_json, to_json, write_json, write_jsonl
from framing.terminal import Style
from tests.scored import FACTS, scored_article, scored_paragraph

PLAIN, COLOUR = Style(False), Style(True)
HOSTILE = "Talks \x1b]0;owned\x07\x1b[2J\x9b31m\x7f\r\u202e\x00 end"
ANY_TEXT = st.text(st.characters(codec=None), min_size=1, max_size=80)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def an_article() -> ScoredArticle:
    return scored_article(
        scored_paragraph(
            "The hosts announced a truce after eleven hours of talks.",
            "neutral_broker",
            probability=0.81,
            deciding={"hosts": 0.9, "a truce": 0.5, "eleven": -0.6, "hours": 0.01},
        ),
        scored_paragraph("Nobody there is in a hurry.", "obstacle", probability=0.52, quoted=0.7),
        scored_paragraph("The price of bread has risen.", "none", probability=0.93),
        scored_paragraph("Take two cups of flour.", None),
        left_out={"Home  World  Sport": "menu", "Read more: the road": "teaser", "Read more: the river": "teaser"},
    )


def without_styles(text: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", text)


# JSON


def test_an_article_has_exactly_the_documented_keys_in_order() -> None:
    values = json.loads(to_json(article_json(an_article(), with_text=False)))
    assert list(values) == ["id", "title", "source", "date", "url", "status", "paragraphs", "left_out", "shares"]
    assert list(values["paragraphs"][0]) == [
        "index", "start", "end", "text", "status", "label", "probabilities", "logit", "intercept", "quoted", "evidence",
    ]  # fmt: skip
    assert values["paragraphs"][0]["evidence"][0] == {"text": "hosts", "start": 4, "end": 9, "weight": 0.9}
    assert values["left_out"][0]["reason"] == "menu"
    assert values["shares"] == pytest.approx(
        {"neutral_broker": 1 / 3, "obstacle": 1 / 3, "opportunist": 0, "none": 1 / 3}
    )


def test_a_paragraph_that_is_not_ok_has_nulls_and_no_probabilities() -> None:
    paragraph = json.loads(to_json(article_json(an_article(), with_text=False)))["paragraphs"][3]
    assert (paragraph["status"], paragraph["label"], paragraph["logit"]) == ("off_topic", None, None)
    assert paragraph["probabilities"] == {}


def test_with_text_the_offsets_point_into_it() -> None:
    values = json.loads(to_json(article_json(an_article(), with_text=True)))
    for paragraph in values["paragraphs"]:
        assert values["text"][paragraph["start"] : paragraph["end"]] == paragraph["text"]
        for entry in paragraph["evidence"]:
            assert values["text"][entry["start"] : entry["end"]] == entry["text"]


def test_a_group_is_there_where_the_source_has_one() -> None:
    assert article_json(scored_article(group="public"), with_text=False)["group"] == "public"


def test_the_model_says_how_right_it_is_and_that_shares_are_not_corrected() -> None:
    values = model_json(FACTS)
    assert values["unseen_sources"] == {"value": 0.62, "low": 0.55, "high": 0.69}
    assert values["shares"] == "predicted, not corrected"
    assert values["notice"] == FACTS.notice
    assert model_json(replace(FACTS, unseen_sources=None))["unseen_sources"] is None


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_is_whole_for_any_number_of_articles(count: int) -> None:
    file = io.StringIO()
    write_json([an_article()] * count, FACTS, file)
    values = json.loads(file.getvalue())
    assert len(values["articles"]) == count
    assert (values["model"]["name"], values["failed"], values["repeated"]) == ("tea-house", [], [])


def test_json_ends_with_the_problems_that_came_up_while_the_articles_were_read() -> None:
    problems = Problems()

    def reading() -> Iterator[ScoredArticle]:
        problems.failed.append(Failed("a.pdf", "a.pdf: is a PDF; convert it"))
        yield an_article()
        problems.repeated.append(Repeated("b.txt", "a.txt"))

    file = io.StringIO()
    write_json(reading(), FACTS, file, problems=problems)
    values = json.loads(file.getvalue())
    assert values["failed"] == [{"origin": "a.pdf", "message": "a.pdf: is a PDF; convert it"}]
    assert values["repeated"] == [{"origin": "b.txt", "first": "a.txt"}]


def test_json_is_written_article_by_article() -> None:
    file = io.StringIO()

    def reading() -> Iterator[ScoredArticle]:
        yield scored_article(id="first")
        assert '"first"' in file.getvalue()
        yield scored_article(id="second")

    write_json(reading(), FACTS, file)
    assert [article["id"] for article in json.loads(file.getvalue())["articles"]] == ["first", "second"]


def test_json_lines_name_the_model_on_each_line() -> None:
    file = io.StringIO()
    write_jsonl([an_article(), an_article()], FACTS, file)
    rows = [json.loads(line) for line in file.getvalue().splitlines()]
    assert [row["model"]["fingerprint"] for row in rows] == ["0123456789ab"] * 2


@given(ANY_TEXT)
def test_json_of_any_text_is_one_line_of_utf_8_that_no_terminal_obeys_and_reads_back(text: str) -> None:
    written = to_json({"text": text})
    assert written.encode()
    assert len(written.splitlines()) == 1
    assert not re.search("[\x00-\x1f\x7f-\x9f]", written)
    read = json.loads(written)["text"]
    assert read.encode("utf-16", "surrogatepass") == text.encode("utf-16", "surrogatepass")


def test_text_stays_readable_in_json() -> None:
    assert to_json("“Խաղաղություն”") == '"“Խաղաղություն”"'


def test_a_figure_that_is_no_number_is_never_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json({"logit": float("nan")})


# One article


def test_an_article_shows_where_it_is_from_and_how_right_the_model_is() -> None:
    shown = show_article(an_article(), FACTS, PLAIN, 100)
    assert shown.startswith("Talks at the tea house\nExample Monitor · 2020-11-09 · https://example.org/talks\n")
    flat = " ".join(shown.split())
    assert (
        "right on 62 % (55-69) of restated paragraphs from sources it has not seen; the commonest label alone: 41 %"
    ) in flat
    assert "made up for a test" in flat


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        (replace(FACTS, unseen_sources=None), "66 % (61-71) of restated paragraphs of articles it has not seen"),
        (replace(FACTS, headline_kind=None, majority=None), "62 % (55-69) of paragraphs from sources it has not seen"),
        (replace(FACTS, unseen_sources=None, unseen_articles=None), "no score on articles it has not seen"),
    ],
    ids=["articles only", "all kinds", "no score"],
)
def test_the_hardest_score_that_was_measured_is_the_one_shown(facts: object, said: str) -> None:
    assert said in " ".join(show_article(an_article(), facts, PLAIN, 80).split())  # type: ignore[arg-type]


def test_bars_are_headed_by_what_they_are_and_of_how_many_paragraphs() -> None:
    shown = show_article(an_article(), FACTS, PLAIN, 80)
    assert "Predicted, not corrected (3 of 4 paragraphs)\n" in shown
    assert re.search(r"^  obstacle        1   33 %  █+[▏▎▍▌▋▊▉]?$", shown, re.M)
    assert re.search(r"^  opportunist     0    0 %$", shown, re.M)


def test_a_paragraph_shows_label_probability_and_the_words_that_decided() -> None:
    shown = show_article(an_article(), FACTS, PLAIN, 80)
    assert (
        " 1  neutral_broker 81 %\n"
        "    The hosts announced a truce after eleven hours of talks.\n"
        "    because: hosts +0.9, a truce +0.5\n"
    ) in shown
    assert " 2  obstacle 52 %  70 % in quotation marks\n" in shown
    assert " 4  off_topic: too few of its words are known to the model\n" in shown


def test_no_probability_is_shown_as_certain() -> None:
    article = scored_article(scored_paragraph("Surely.", probability=0.9999))
    assert " 1  obstacle >99 %\n" in show_article(article, FACTS, PLAIN, 80)
    assert "obstacle >99 % Surely." in list(show_many([article], FACTS, PLAIN, 120))[1]


def test_an_address_that_does_not_fit_gets_a_line_of_its_own() -> None:
    address = "https://example.org/" + "a" * 50
    shown = show_article(scored_article(url=address, group="public"), FACTS, PLAIN, 80)
    assert f"\nExample Monitor (public) · 2020-11-09\n{address}\n" in shown


def test_a_runner_up_that_comes_near_is_named() -> None:
    paragraph = scored_paragraph("Either way.", "yes", probability=0.6, labels=("yes", "no"))
    facts = replace(FACTS, labels=("yes", "no"), none_label=None)
    assert " 1  yes 60 %  else no 40 %" in show_article(scored_article(paragraph), facts, PLAIN, 80)


def test_with_colour_the_deciding_words_are_highlighted_in_the_text() -> None:
    shown = show_article(an_article(), FACTS, COLOUR, 80)
    assert "The \x1b[1;4;38;5;33mhosts\x1b[0m announced \x1b[1;4;38;5;33ma" in shown
    assert "eleven hours" in shown


def test_frames_have_colours_of_their_own_and_the_unframed_has_none() -> None:
    shown = show_article(an_article(), FACTS, COLOUR, 80)
    hues = [re.search(rf"\x1b\[([\d;]+)m{label}", shown) for label in FACTS.labels]
    codes = [hue[1] for hue in hues if hue]
    assert len(set(codes)) == 4
    assert codes[3] == "2"


def test_piped_and_coloured_output_say_the_same() -> None:
    assert without_styles(show_article(an_article(), FACTS, COLOUR, 80)) == show_article(an_article(), FACTS, PLAIN, 80)


def test_what_was_left_out_is_grouped_by_reason_with_counts() -> None:
    shown = show_article(an_article(), FACTS, PLAIN, 80)
    assert shown.endswith(
        "Left out, not the article's prose (3 stretches)\n"
        "  teaser    2  Read more: the road | Read more: the river\n"
        "  menu      1  Home World Sport"
    )


def test_full_lists_every_stretch_on_a_line_of_its_own() -> None:
    shown = show_article(an_article(), FACTS, PLAIN, 80, full=True)
    assert "  teaser    2  Read more: the road\n               Read more: the river\n" in shown


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("no_target", "Not scored (no_target): the article never names the target."),
        ("off_topic", "Not scored (off_topic): too few of its words are known to the model."),
        ("other_language", "Not scored (other_language): not in the language of the model."),
    ],
)
def test_an_article_that_is_not_ok_says_why_and_has_no_bars(status: str, said: str) -> None:
    article = scored_article(scored_paragraph("A quince.", None, status=status), status=status)
    shown = show_article(article, FACTS, PLAIN, 80)
    assert said in shown
    assert "Predicted" not in shown
    assert f" 1  {status}: not scored\n    A quince." in shown


def test_an_article_of_which_all_was_left_out_says_so() -> None:
    article = scored_article(left_out={"Home": "menu"})
    assert "Not scored (no_paragraphs): no paragraph could be scored." in show_article(article, FACTS, PLAIN, 80)


def test_an_article_without_title_shows_its_origin() -> None:
    article = scored_article(title=None, source=None, date=None, url=None, origin="pages/talks.html")
    assert show_article(article, FACTS, PLAIN, 80).startswith("pages/talks.html\n\nModel")


def a_hostile_article(text: str) -> ScoredArticle:
    return scored_article(
        scored_paragraph(text, deciding={text[:5]: 1.0}),
        title=text, source=text, date=text, url=text, group=text, origin=text, left_out={text: "menu"},
    )  # fmt: skip


@settings(max_examples=40)
@given(ANY_TEXT | st.just(HOSTILE), st.sampled_from([PLAIN, COLOUR]))
def test_nothing_in_an_article_can_command_the_terminal(text: str, style: Style) -> None:
    article = a_hostile_article(text)
    for shown in [
        show_article(article, FACTS, style, 60, full=True),
        *show_many([article], FACTS, style, 60),
        *show_many([article], FACTS, style, 60, full=True),
    ]:
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", without_styles(shown))
        shown.encode()


@settings(max_examples=40)
@given(ANY_TEXT, st.integers(40, 120))
def test_no_line_of_an_article_is_wider_than_the_terminal(text: str, width: int) -> None:
    shown = show_article(a_hostile_article(text), replace(FACTS, notice=text), PLAIN, width)
    assert max(map(terminal.columns_of, shown.split("\n"))) <= width


# Many articles


def many(**options: object) -> list[str]:
    articles = [
        an_article(),
        scored_article(
            scored_paragraph("Z.", "opportunist"), source="Abendblatt", title="Quinces", date="2021-02-03T10:00"
        ),
        scored_article(scored_paragraph("A quince.", None), status="off_topic", source=None, title=None, date=None),
    ]
    return list(show_many(articles, FACTS, PLAIN, 120, **options))  # type: ignore[arg-type]


def test_many_articles_get_a_line_each_with_counts_and_the_surest_frame() -> None:
    head, first, second, third, *_ = many()
    assert re.match(r"source +date +title +neutr… +obsta… +oppor… +none +surest frame$", head)
    assert re.match(
        r"Example Monitor +2020-11-09  Talks at the tea house +1 +1 +· +1  1 not ok; neutral_broker 81 %", first
    )
    assert re.match(r"Abendblatt +2021-02-03  Quinces +· +· +1 +·  opportunist 70 % Z\.$", second)
    assert re.match(r" +talks\.txt +· +· +· +·  off_topic: too few", third)


def test_the_last_line_counts_everything_even_what_fails_while_reading() -> None:
    problems = Problems()

    def reading() -> Iterator[ScoredArticle]:
        yield an_article()
        problems.failed.append(Failed("a.pdf", "..."))
        problems.repeated += [Repeated("b.txt", "a.txt"), Repeated("c.txt", "a.txt")]
        yield scored_article(scored_paragraph("A quince.", None), status="off_topic")
        yield scored_article(left_out={"Home": "menu"})

    assert list(show_many(reading(), FACTS, PLAIN, 120, problems=problems))[-1] == (
        "1 scored, 3 of 5 paragraphs ok, 4 left out, 2 not scored (1 off_topic, 1 no_paragraphs), "
        "2 duplicates, 1 failed"
    )


def test_no_articles_at_all_are_counted_too() -> None:
    assert list(show_many([], FACTS, PLAIN, 80))[-1] == "0 scored, 0 of 0 paragraphs ok, 0 left out"


def test_lines_come_while_the_articles_are_still_read() -> None:
    def reading() -> Iterator[ScoredArticle]:
        yield an_article()
        raise AssertionError("read on before the first line was taken")

    shown = show_many(reading(), FACTS, PLAIN, 80)
    next(shown)
    assert next(shown).startswith("Example Mo")


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("source", ["Abendblatt", "Example Monitor", ""]),
        ("title", ["Abendblatt", "Example Monitor", ""]),
        ("date", ["Example Monitor", "Abendblatt", ""]),
        ("opportunist", ["Abendblatt", "Example Monitor", ""]),
        ("obstacle", ["Example Monitor", "Abendblatt", ""]),
    ],
)
def test_many_articles_are_sorted_with_those_that_lack_the_key_at_the_end(sort: str, order: list[str]) -> None:
    assert [line[:17].strip() for line in many(sort=sort)[1:4]] == order


def test_an_unknown_sort_key_names_the_choices_before_anything_is_read() -> None:
    with pytest.raises(UsageError, match=r"^cannot sort by 'size'; choose one of source, date, title, neutral_broker,"):
        show_many(iter([]), FACTS, PLAIN, 80, sort="size")
    assert sort_key("none", FACTS)(an_article())[1] == pytest.approx(-1 / 3)


def test_full_shows_every_article_whole_and_the_model_once() -> None:
    shown = "\n".join(many(full=True))
    assert shown.count("because: hosts") == 1
    assert shown.count("Predicted, not corrected") == 2
    assert shown.count("Model tea-house") == 1


def test_a_codebook_of_many_frames_still_fits_the_line() -> None:
    labels = tuple(f"frame-{number}" for number in range(30))
    facts = replace(FACTS, labels=labels, none_label=None)
    article = scored_article(scored_paragraph("Z.", "frame-7", labels=labels))
    head, line, *_ = show_many([article], facts, PLAIN, 80)
    assert "1 frame-7 " in line
    assert max(len(head), len(line)) <= 80


@settings(max_examples=40)
@given(ANY_TEXT, st.integers(40, 160))
def test_a_line_of_many_is_one_line_no_wider_than_the_terminal(text: str, width: int) -> None:
    head, line, *_ = show_many([a_hostile_article(text)], FACTS, PLAIN, width)
    assert "\n" not in line
    assert max(terminal.columns_of(head), terminal.columns_of(line)) <= width


# The terminal


@pytest.mark.parametrize(
    ("environ", "on_screen", "piped"),
    [
        ({}, True, False),
        ({"NO_COLOR": "1"}, False, False),
        ({"NO_COLOR": ""}, True, False),
        ({"TERM": "dumb"}, False, False),
        ({"FORCE_COLOR": "1"}, True, True),
        ({"FORCE_COLOR": "0"}, False, False),
        ({"CLICOLOR_FORCE": "1", "TERM": "dumb"}, True, True),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False, False),
    ],
)
def test_colour_is_on_where_it_is_wanted(environ: dict[str, str], on_screen: bool, piped: bool) -> None:
    assert terminal.style_for(Screen(), environ).on is on_screen
    assert terminal.style_for(io.StringIO(), environ).on is piped


def test_the_width_is_that_of_the_terminal_and_steady_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "77")
    assert terminal.width_for(Screen()) == 77
    assert terminal.width_for(io.StringIO()) == 120
    monkeypatch.setenv("COLUMNS", "5")
    assert terminal.width_for(Screen()) == 40


@pytest.mark.parametrize(
    ("text", "columns"), [("tea", 3), ("չայ", 3), ("お茶", 4), ("e\u0301", 1), ("ｔ", 2), ("한", 2), ("a\u200bb", 2)]
)
def test_width_counts_wide_characters_twice_and_combining_ones_not(text: str, columns: int) -> None:
    assert terminal.columns_of(text) == columns


@given(ANY_TEXT)
def test_cleaning_keeps_every_character_in_its_place(text: str) -> None:
    assert len(terminal.clean(text)) == len(text)


@given(ANY_TEXT, st.integers(1, 30))
def test_fitted_text_takes_exactly_its_columns(text: str, columns: int) -> None:
    assert terminal.columns_of(terminal.fit(text, columns)) == columns


@given(ANY_TEXT, st.integers(2, 30))
def test_wrapping_loses_nothing_but_white_space_and_keeps_the_width(text: str, columns: int) -> None:
    shown = terminal.clean(text)
    lines = terminal.lines(shown, columns)
    kept = "".join(shown[start:end] for line in lines for start, end in line)
    assert "".join(kept.split()) == "".join(shown.split())
    for line in lines:
        assert terminal.columns_of(" ".join(shown[start:end] for start, end in line)) <= columns


def test_japanese_breaks_between_letters_but_never_before_a_full_stop() -> None:
    text = "合意した。期限は"
    assert [text[start:end] for ((start, end),) in terminal.lines(text, 8)] == ["合意し", "た。期限", "は"]


@pytest.mark.parametrize(
    ("share", "drawn"), [(0, ""), (0.0001, "▏"), (0.5, "█████"), (0.55, "█████▌"), (1, "██████████")]
)
def test_a_bar_shows_any_share_above_nothing(share: float, drawn: str) -> None:
    assert terminal.bar(share, 10) == drawn


def test_showing_needs_nothing_but_the_standard_library() -> None:
    script = (
        "import sys\nfrom tests.scored import FACTS, scored_article, scored_paragraph\n"
        "from framing.report import show_article\nfrom framing.scoredjson import article_json, to_json\n"
        "from framing.terminal import Style\n"
        "article = scored_article(scored_paragraph('Tea.'))\n"
        "show_article(article, FACTS, Style(True), 80), to_json(article_json(article, with_text=True))\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules} - sys.stdlib_module_names))"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())
    assert {"framing", "tests"} <= loaded
    assert not loaded & {"numpy", "rich", "typer", "pyarrow", "pandas", "click"}
