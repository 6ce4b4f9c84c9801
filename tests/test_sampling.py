"""Drawing paragraphs: their probabilities, the groups, later draws, the coders' parts, and picking for training."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.errors import UsageError
from framing.paragraphs import split
from framing.records import Article
from framing.sampling import NO_SOURCE, Draw, Drawn, Sample, deal, draw_sample, group_of, inclusion

_SENTENCE = "The envoys of both towns met in the old harbour hall and spoke about the railway until the evening"


def article(number: int, paragraphs: int, source: str | None = "daily", **about: str) -> Article:
    """Return an invented article with so many paragraphs of prose."""
    text = "\n\n".join(f"{_SENTENCE}, for the {number * 100 + place}th time since the bridge fell. They parted late."
                       for place in range(paragraphs))  # fmt: skip
    return Article(f"a{number}", text, source=source, fields=about)


def corpus(sizes: Sequence[int], sources: Sequence[str | None] = ("daily",)) -> list[Article]:
    """Return articles of these numbers of paragraphs; sources take turns."""
    return [article(number, size, sources[number % len(sources)]) for number, size in enumerate(sizes)]


def units_of(sample: Sample) -> list[tuple[str, int]]:
    """Return article and position of each drawn paragraph."""
    return [(one.article.id, index) for one in sample.drawn for index in one.chosen]


def test_the_invented_articles_have_the_paragraphs_they_are_said_to_have() -> None:
    assert [len(split(one)[0]) for one in corpus([1, 3, 7])] == [1, 3, 7]


def test_the_probabilities_are_how_often_each_paragraph_is_drawn() -> None:
    rng = random.Random(1)
    articles = corpus([rng.choice([1, 2, 4, 7]) for _ in range(24)], ("x", "x", "y"))
    sizes = {one.id: len(split(one)[0]) for one in articles}
    runs, drawn, claimed = 250, defaultdict[str, float](float), defaultdict[str, float](float)
    for seed in range(runs):
        taken: dict[str, set[int]] = defaultdict(set)
        draws: list[tuple[Draw, Sample]] = []
        # The corpus grows after the first draw; the last draw comes back to articles that were drawn before.
        for number, (wanted, per_article) in enumerate([(10, 3), (16, 2), (25, 3)], 1):
            sample = draw_sample(
                articles[: 16 if number == 1 else 24],
                wanted,
                by="source",
                per_article=per_article,
                seed=seed,
                number=number,
                taken={key: frozenset(found) for key, found in taken.items()},
            )
            for identity, index in units_of(sample):
                assert index not in taken[identity], "a paragraph was drawn twice"
                taken[identity].add(index)
            draws.append((sample.draw, sample))
        for one in articles:
            reached = [draw for draw, sample in draws if one.id in sample.reach]
            drawn[one.id] += len(taken[one.id])
            claimed[one.id] += inclusion(reached, str(one.source), sizes[one.id]) * sizes[one.id]
    # How many are drawn in all hardly varies: a claim that is off by a few per cent everywhere shows here.
    assert sum(drawn.values()) == pytest.approx(sum(claimed.values()), rel=0.01)
    for group in {(size, one.source) for one, size in zip(articles, sizes.values(), strict=True)}:
        alike = [one.id for one in articles if (sizes[one.id], one.source) == group]
        early = [name for name in alike if int(name[1:]) < 16]
        for names in (early, sorted(set(alike) - set(early))):
            total = sum(claimed[name] for name in names)
            # Four standard errors of some hundred draws of articles that exclude each other.
            assert abs(sum(drawn[name] for name in names) - total) <= 4 * (group[0] * max(total, 1)) ** 0.5 * 0.7


def test_a_single_draw_gives_articles_drawn_of_all_times_paragraphs_taken_of_all() -> None:
    sample = draw_sample(corpus([5] * 40, ("x", "y")), 30, by="source", per_article=3, seed=4)
    assert len(units_of(sample)) == 30
    assert {group: share.free for group, share in sample.draw.fresh.items()} == {"x": 20, "y": 20}
    assert inclusion([sample.draw], "x", 5) == pytest.approx(5 / 20 * 3 / 5)


def test_what_is_drawn_does_not_depend_on_the_order_of_the_corpus() -> None:
    articles = corpus([3, 5, 2, 8] * 12, ("x", "y", "z"))
    turned = list(articles)
    random.Random(3).shuffle(turned)
    first, second = (draw_sample(one, 40, by="source", seed=9) for one in (articles, turned))
    assert units_of(first) == units_of(second)
    assert first.draw == second.draw


def test_another_seed_draws_other_articles() -> None:
    articles = corpus([4] * 60)
    assert units_of(draw_sample(articles, 12, seed=1)) != units_of(draw_sample(articles, 12, seed=2))


def test_a_large_corpus_gives_the_same_sample_though_most_of_it_is_let_go() -> None:
    articles = corpus([1] * 2600, ("x", "y"))
    small = draw_sample(articles, 8, by="source", seed=3)
    large = draw_sample(articles, 700, by="source", seed=3)  # never lets go of anything
    for group in ("x", "y"):
        ordered = [one.article.id for one in large.drawn if one.group == group]
        assert [one.article.id for one in small.drawn if one.group == group] == ordered[:4]


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from("xyz")), min_size=1, max_size=25),
    st.integers(1, 60),
    st.integers(1, 4),
    st.integers(0, 5),
)
def test_any_draw_takes_each_article_once_and_never_too_much_of_it(
    shapes: list[tuple[int, str]], wanted: int, per_article: int, seed: int
) -> None:
    articles = [article(number, size, source) for number, (size, source) in enumerate(shapes)]
    sample = draw_sample(articles, wanted, by="source", per_article=per_article, seed=seed)
    assert len({one.article.id for one in sample.drawn}) == len(sample.drawn)
    for one in sample.drawn:
        assert 1 <= len(one.chosen) <= per_article
        assert list(one.chosen) == sorted(set(one.chosen))
        assert max(one.chosen) < len(one.spans)
    available = sum(min(size, per_article) for size, _ in shapes)
    if wanted >= available:
        assert len(units_of(sample)) == available
    for group, share in sample.draw.fresh.items():
        of_group = [one for one in sample.drawn if one.group == group]
        assert len(of_group) == share.whole + (share.rest > 0)
        assert 0 <= inclusion([sample.draw], group, 3) <= 1 + 1e-12


def test_groups_get_the_same_and_what_a_small_one_lacks_goes_to_the_others() -> None:
    articles = corpus([3] * 4, ("small",)) + [article(100 + n, 3, "large") for n in range(40)]
    sample = draw_sample(articles, 60, by="source", per_article=3, seed=1)
    counts = Counter(one.group for one in sample.drawn for _ in one.chosen)
    assert counts == {"small": 12, "large": 48}


def test_articles_of_the_groups_take_turns_so_that_a_half_filled_sheet_has_all_groups() -> None:
    sample = draw_sample(corpus([3] * 30, ("x", "y", "z")), 54, by="source", per_article=3, seed=1)
    groups = [one.group for one in sample.drawn]
    assert groups[:6] == ["x", "y", "z"] * 2


@pytest.mark.parametrize(
    ("by", "group"),
    [
        (None, "Daily"),
        ("source", "Daily"),
        ("group", "Armenia"),
        ("target", None),
        ("date", "2020-11-09"),
        ("date:day", "2020-11-09"),
        ("date:month", "2020-11"),
        ("date:year", "2020"),
        ("country", "AM"),
        ("Country", "AM"),
        ("section", None),
    ],
)
def test_an_article_is_in_the_group_of_its_field(by: str | None, group: str | None) -> None:
    one = Article("a", "text", source="Daily", group="Armenia", date="2020-11-09T10:00", fields={"country": "AM"})
    assert group_of(one, by) == group


def test_a_date_that_is_too_coarse_is_no_group() -> None:
    assert group_of(Article("a", "text", date="2020"), "date:month") is None


def test_a_part_of_a_date_that_is_none_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="year, month or day"):
        group_of(Article("a", "text", date="2020"), "date:week")


def test_without_a_grouping_articles_without_a_source_are_a_group_of_their_own() -> None:
    sample = draw_sample(corpus([2] * 8, ("x", None)), 8, seed=1)
    assert set(sample.reach.values()) == {"x", NO_SOURCE}


def test_with_a_grouping_articles_without_it_are_counted_and_left_out() -> None:
    sample = draw_sample(corpus([2] * 8, ("x", None)), 8, by="source", seed=1)
    assert (sample.without, len(sample.reach)) == (4, 4)


def test_articles_without_prose_and_articles_that_never_name_the_target_are_counted_and_left_out() -> None:
    named = Article("n", f"{_SENTENCE}. Orvanian sailors listened to every word of it from the gallery.", source="x")
    titled = Article("t", f"{_SENTENCE}. They parted late and without a word.", title="Orvania waits", source="x")
    other = Article("o", f"{_SENTENCE}. They parted late and without a word to anyone.", source="x")
    empty = Article("e", "Menu\nHome\nNews\nSport", source="x")
    sample = draw_sample([named, titled, other, empty], 10, by="source", target=("Orvania*",))
    assert set(sample.reach) == {"n", "t"}
    assert (sample.unnamed, sample.empty) == (1, 1)


def drawn(count: int, paragraphs: int = 3, groups: Sequence[str] = ("x", "y")) -> list[Drawn]:
    """Return drawn articles whose paragraphs are all drawn."""
    found = []
    for number in range(count):
        one = article(number, paragraphs, groups[number % len(groups)])
        found.append(Drawn(one, str(one.source), split(one)[0], tuple(range(paragraphs))))
    return found


def test_a_single_coder_gets_everything() -> None:
    assert set(deal(drawn(9), ["anna"], 0.15, 0).values()) == {("anna",)}


def test_the_shared_part_is_whole_articles_and_at_least_as_large_as_asked_for() -> None:
    parts = deal(drawn(40), ["anna", "boris", "clara"], 0.15, 0)
    shared = [part for part in parts.values() if len(part) > 1]
    assert set(shared) == {("anna", "boris", "clara")}
    assert len(shared) == 6  # 6 x 3 of 120 paragraphs


def test_the_others_are_dealt_evenly_in_every_group() -> None:
    articles = drawn(43)
    parts = deal(articles, ["anna", "boris"], 0.2, 5)
    for group in ("x", "y"):
        own = Counter(parts[one.article.id] for one in articles if one.group == group)
        assert abs(own["anna",] - own["boris",]) <= 1


def test_without_an_overlap_nothing_is_shared_and_with_all_of_it_everything_is() -> None:
    assert {len(part) for part in deal(drawn(10), ["anna", "boris"], 0, 0).values()} == {1}
    assert {len(part) for part in deal(drawn(10), ["anna", "boris"], 1, 0).values()} == {2}


def test_the_shared_articles_are_not_always_the_same() -> None:
    def shared(seed: int) -> set[str]:
        return {name for name, part in deal(drawn(40), ["anna", "boris"], 0.2, seed).items() if len(part) > 1}

    assert any(one != other for one, other in pairwise(shared(seed) for seed in range(4)))
