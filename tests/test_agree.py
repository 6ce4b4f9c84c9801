"""Agreement against published worked examples and against nltk, and what is said where it is not defined."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nltk.metrics.agreement import AnnotationTask

from framing.agree import MISSING, code_table, krippendorff_alpha, measure, one_against_rest
from framing.labels import Code
from framing.tokens import Ints
from tests.small import codes_of


def table_of(*coders: str) -> Ints:
    """Return a table of codes, a row of digits for each coder; a dot is no code."""
    return np.array([[MISSING if sign == "." else ord(sign) - ord("0") for sign in row] for row in coders]).T


# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", examples A, B and C.
BINARY = table_of("0100000010", "1110010000")
TWO_CODERS = table_of("001132224330", "101112224333")
FOUR_CODERS = table_of("012210301...", "0122113014.2", ".2221231140.", "01221330140.")


def articles_of(table: Ints) -> Ints:
    """Return an article for each unit."""
    return np.arange(len(table))


@pytest.mark.parametrize(("table", "alpha"), [(BINARY, 0.095), (TWO_CODERS, 0.692), (FOUR_CODERS, 0.743)])
def test_alpha_is_the_one_that_krippendorff_published(table: Ints, alpha: float) -> None:
    found = measure(table, 5, articles_of(table))
    assert found.alpha is not None
    assert round(found.alpha.value, 3) == alpha


def test_ac1_and_agreement_with_missing_codes_are_the_published_ones() -> None:
    # The same four coders are the worked example of the R and Python packages irrCAC (Gwet): AC1 0.77544, 0.81818.
    found = measure(FOUR_CODERS, 5, articles_of(FOUR_CODERS))
    assert found.ac1 is not None
    assert found.percent is not None
    assert round(found.ac1.value, 5) == 0.77544
    assert round(found.percent.value, 5) == 0.81818
    assert (found.units, found.differ) == (11, 3)


def test_ac1_of_two_coders_is_gwets_formula_worked_by_hand() -> None:
    # Gwet 2008, section 4: 118 of 125 pairs (1, 1), 5 (1, 2), 2 (2, 1), 0 (2, 2).
    table = table_of("0" * 118 + "0" * 5 + "1" * 2, "0" * 118 + "1" * 5 + "0" * 2)
    found = measure(table, 2, articles_of(table))
    share = (2 * 118 + 7) / 250
    chance = 2 * share * (1 - share)
    assert found.ac1 is not None
    assert found.alpha is not None
    assert found.ac1.value == pytest.approx((118 / 125 - chance) / (1 - chance), abs=1e-12)
    assert found.ac1.value > 0.9
    assert found.alpha.value < 0  # the paradox that AC1 is for


TABLES = st.integers(2, 4).flatmap(
    lambda coders: st.lists(
        st.lists(st.integers(MISSING, 3), min_size=coders, max_size=coders), min_size=1, max_size=20
    )
)


@settings(max_examples=150)
@given(TABLES)
def test_alpha_and_agreement_are_those_of_nltk(rows: list[list[int]]) -> None:
    table = np.array(rows)
    shared = table[(table != MISSING).sum(axis=1) > 1]
    data = [(str(coder), str(unit), code) for unit, row in enumerate(shared) for coder, code in enumerate(row.tolist())]
    task = AnnotationTask(data=[row for row in data if row[2] != MISSING])
    found = measure(table, 4, articles_of(table))
    if found.alpha is None:
        assert len({code for _, _, code in data} - {MISSING}) < 2
        assert found.why
        return
    assert found.alpha.value == pytest.approx(task.alpha(), abs=1e-9)
    if (shared != MISSING).all():
        assert found.percent is not None
        assert found.percent.value == pytest.approx(task.avg_Ao(), abs=1e-9)


@settings(max_examples=80)
@given(TABLES)
def test_a_figure_lies_in_its_interval(rows: list[list[int]]) -> None:
    table = np.repeat(np.array(rows), 2, axis=0)
    articles = np.arange(len(table)) // 2
    found = measure(table, 4, articles)
    for figure in (found.alpha, found.ac1, found.percent):
        if figure is not None:
            assert figure.low <= figure.value <= figure.high <= 1 + 1e-9


def test_the_resampled_alpha_of_equal_articles_is_the_alpha_itself() -> None:
    one = table_of("00112233", "00112232")
    table = np.concatenate([one] * 30)
    found = measure(table, 4, np.repeat(np.arange(30), len(one)))
    assert found.alpha is not None
    assert found.alpha.low == pytest.approx(found.alpha.high, abs=1e-12)
    assert found.alpha.value == pytest.approx(found.alpha.low, abs=1e-12)


def test_intervals_are_wider_where_the_units_of_an_article_go_together() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 240)
    wrong = np.repeat(rng.random(40) < 0.3, 6)
    table = np.stack([truth, np.where(wrong, (truth + 1) % 3, truth)], axis=1)
    by_article = measure(table, 3, np.repeat(np.arange(40), 6)).alpha
    by_unit = measure(table, 3, np.arange(240)).alpha
    assert by_article is not None
    assert by_unit is not None
    assert by_article.value == by_unit.value
    assert by_article.high - by_article.low > 1.5 * (by_unit.high - by_unit.low)


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (table_of("0120"), "only one coder has given labels"),
        (table_of("0120", "...."), "only one coder has given labels"),
        (table_of("01..", "..20"), "no unit has the codes of two coders"),
        (table_of("....", "...."), "nobody has given a label"),
        (np.zeros((0, 2), np.int64), "nobody has given a label"),
    ],
)
def test_without_two_codes_of_a_unit_it_says_why_there_is_no_agreement(table: Ints, why: str) -> None:
    found = measure(table, 3, articles_of(table))
    assert (found.alpha, found.ac1, found.percent, found.units) == (None, None, None, 0)
    assert found.why == why


def test_codes_of_a_single_label_have_agreement_but_no_alpha() -> None:
    found = measure(table_of("1111", "1111"), 3, np.arange(4))
    assert found.alpha is None
    assert found.why is not None
    assert "same label" in found.why
    assert found.ac1 is not None
    assert found.percent is not None
    assert (found.ac1.value, found.percent.value) == (1, 1)


def test_the_interval_of_a_single_article_spans_all_that_is_possible() -> None:
    found = measure(TWO_CODERS, 5, np.zeros(len(TWO_CODERS), np.int64))
    assert found.alpha is not None
    assert found.percent is not None
    assert (found.alpha.low, found.alpha.high, found.percent.low, found.percent.high) == (-1, 1, 0, 1)
    assert found.articles == 1


def test_a_few_units_that_all_agree_do_not_make_certainty() -> None:
    few, many = (measure(table_of("012" * times, "012" * times), 3, np.arange(3 * times)) for times in (1, 40))
    for found, share in ((few, 0.025 ** (1 / 3)), (many, 0.025 ** (1 / 120))):
        assert found.percent is not None
        assert found.alpha is not None
        assert found.ac1 is not None
        # The exact (Clopper-Pearson) lower end of n articles of n without a difference.
        assert found.percent.low == pytest.approx(share, abs=1e-12)
        assert found.ac1.low == pytest.approx((share - 1 / 3) / (2 / 3), abs=1e-9)
        assert found.alpha.low < found.percent.low
        assert (found.alpha.value, found.alpha.high) == (1, 1)
    assert few.alpha is not None
    assert many.alpha is not None
    assert few.alpha.low < 0.2
    assert many.alpha.low > 0.9


def test_one_label_against_the_rest_leaves_missing_codes_missing() -> None:
    assert one_against_rest(table_of("01.2"), 2).ravel().tolist() == [0, 0, MISSING, 1]


def test_a_skip_and_an_uncoded_unit_are_missing_codes() -> None:
    codes = {"anna": codes_of("anna", {"u1": "a", "u2": None}), "boris": {"u3": Code("u3", "boris", "b")}}
    assert code_table(codes, ["u1", "u2", "u3"], ["a", "b"]).tolist() == [[0, -1], [-1, -1], [-1, 1]]
    assert krippendorff_alpha(code_table(codes, ["u1", "u2", "u3"], ["a", "b"])) is None
