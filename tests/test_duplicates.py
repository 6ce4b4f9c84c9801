"""Near-copies are found however they are hidden, and different texts on one topic are not."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.duplicates import SIGNATURE, Signatures, clusters, find_near, near, near_pairs, sign
from tests.small import edited, invented_text, neutral_text

WIRE = (
    "The two ministers met for four hours in the old customs house and agreed that the railway along the river would "
    "open before winter, although neither would say who is to guard the bridges or where the first train will stop."
)
SAME_TOPIC = (
    "Four hours of talks between the ministers ended with a promise: trains will run beside the river again before the "
    "snow comes. Nobody could tell reporters which soldiers would stand at the bridges, and no timetable was shown."
)


def are_near(one: str, other: str) -> bool:
    """Say whether two texts are near-copies, by every way there is to ask, which must agree."""
    signatures = sign([one, other])
    answers = {
        near(signatures[0], signatures[1]),
        near(signatures[1], signatures[0]),
        near_pairs(signatures) == [(0, 1)],
        find_near(sign([one]), sign([other])) == [0],
        len(set(clusters(signatures).tolist())) == 1,
    }
    assert len(answers) == 1
    return answers.pop()


@pytest.mark.parametrize(
    "other",
    [
        WIRE,
        WIRE.upper(),
        WIRE.replace(" ", "\n"),
        WIRE.replace(",", " -").replace(".", "!"),
        f"Reuters: {WIRE}",
        f"{WIRE} More follows.",
        WIRE.replace("four hours", "five hours"),
        WIRE.replace("ministers", "envoys").replace("winter", "autumn"),
        " ".join(WIRE.split()[:20]),
        " ".join(WIRE.split()[12:]),
        edited(WIRE),
    ],
)
def test_a_text_with_small_edits_is_a_near_copy(other: str) -> None:
    assert are_near(WIRE, other)


@pytest.mark.parametrize(
    "other",
    [
        SAME_TOPIC,
        " ".join(reversed(WIRE.split())),
        "The two ministers met for tea.",
        edited(WIRE, every=2),
        "",
        "!!! ...",
    ],
)
def test_another_text_on_the_same_topic_is_no_near_copy(other: str) -> None:
    assert not are_near(WIRE, other)


def test_invented_paragraphs_of_one_label_are_no_near_copies() -> None:
    rng = random.Random(1)
    texts = [invented_text(0, rng) for _ in range(300)]
    assert near_pairs(sign(texts)) == []


@pytest.mark.parametrize("words", [60, 120, 250])
def test_a_sentence_that_stands_in_a_paragraph_is_a_near_copy_of_it(words: int) -> None:
    rng = random.Random(words)
    for _ in range(40):
        paragraph = invented_text(3, rng, words=words).rstrip(".").split()
        begin = rng.randrange(len(paragraph) - 12)
        assert are_near(" ".join(paragraph), " ".join(paragraph[begin : begin + 12]))


def test_a_sentence_in_a_whole_article_is_found_among_known_texts() -> None:
    rng = random.Random(0)
    articles = [[str(rng.randrange(10**6)) for _ in range(600)] for _ in range(40)]
    known = sign([" ".join(words) for words in articles])
    found = find_near(sign([" ".join(words[300:320]) for words in articles]), known)
    assert sum(number == place for place, number in enumerate(found)) >= 36


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Talks failed.", "talks failed", True),
        ("Talks failed.", "Talks resumed.", False),
        ("Talks failed", "The talks failed", False),
        ("Եռակողմ հայտարարություն ստորագրվեց Մոսկվայում", "Եռակողմ հայտարարություն ստորագրվեց Մոսկվայում։", True),
        ("Стороны договорились о прекращении огня", "Стороны не договорились ни о чём", False),
    ],
)
def test_short_texts_and_other_scripts(one: str, other: str, same: bool) -> None:
    assert are_near(one, other) is same


def test_five_hundred_wire_copies_are_one_family_and_the_rest_is_not_in_it() -> None:
    rng = random.Random(5)
    texts = []
    for _ in range(500):
        words = WIRE.split()
        words[rng.randrange(len(words))] = f"word{rng.randrange(10**6)}"
        texts.append(" ".join(words))
    texts += [invented_text(number % 9, rng) for number in range(200)]
    families = clusters(sign(texts))
    assert set(families[:500].tolist()) == {0}
    assert families[500:].tolist() == list(range(500, 700))


def test_five_hundred_identical_texts_are_one_family() -> None:
    assert set(clusters(sign([WIRE] * 500)).tolist()) == {0}


def test_a_chain_of_near_copies_is_one_family() -> None:
    words = [f"w{number}" for number in range(100)]
    texts = [" ".join(words[begin : begin + 30]) for begin in range(0, 70, 10)]
    assert not are_near(texts[0], texts[-1])
    assert set(clusters(sign(texts)).tolist()) == {0}


def test_families_are_joined_over_the_articles_that_their_texts_stand_in() -> None:
    texts = [neutral_text(random.Random(number)) for number in range(4)]
    texts.append(edited(texts[3]))
    assert clusters(sign(texts)).tolist() == [0, 1, 2, 3, 3]
    assert clusters(sign(texts), ["a", "b", None, "a", "b"]).tolist() == [0, 0, 2, 0, 0]
    assert clusters(sign(texts), [None] * 5).tolist() == [0, 1, 2, 3, 3]


def test_texts_without_words_are_copies_of_nothing() -> None:
    signatures = sign(["", "...", "", "«—»"])
    assert np.diff(signatures.offsets).tolist() == [0, 0, 0, 0]
    assert near_pairs(signatures) == []
    assert clusters(signatures).tolist() == [0, 1, 2, 3]
    assert find_near(signatures, signatures) == [None] * 4


def test_no_texts_have_no_signatures() -> None:
    assert len(sign([])) == 0
    assert clusters(sign([])).tolist() == []
    assert find_near(sign([]), sign([WIRE])) == []
    assert find_near(sign([WIRE]), sign([])) == [None]


def test_signatures_do_not_depend_on_the_texts_beside_them() -> None:
    rng = random.Random(2)
    texts = [neutral_text(rng, words=3 + number % 40) for number in range(1500)]
    together = sign(texts)
    for number in (0, 1, 999, 1000, 1001, 1499):
        assert together[number].tolist() == sign([texts[number]])[0].tolist()


def test_signatures_stay_the_same_from_version_to_version() -> None:
    assert sign(["One TWO three, four five"]).hashes.tolist() == [1832427394, 4261750716]


texts = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.lists(st.sampled_from(["a", "b", "c", "d", "e", "f"]), max_size=400).map(" ".join),
    ),
    max_size=8,
)


@given(texts)
@settings(max_examples=60)
def test_nearness_is_symmetric_and_every_text_with_words_is_near_itself(texts: list[str]) -> None:
    signatures = sign(texts)
    for one in range(len(texts)):
        mine = signatures[one]
        assert len(mine) <= SIGNATURE
        assert (np.diff(mine.astype(np.int64)) > 0).all()
        assert near(mine, mine) == (len(mine) > 0)
        for other in range(len(texts)):
            assert near(mine, signatures[other]) == near(signatures[other], mine)
    families = clusters(signatures)
    assert all(families[a] == families[b] for a, b in near_pairs(signatures))
    assert (families <= np.arange(len(texts))).all()


@given(texts, texts)
@settings(max_examples=30)
def test_joined_signatures_are_those_of_the_joined_texts(one: list[str], other: list[str]) -> None:
    joined: Signatures = sign(one).joined(sign(other))
    assert joined.hashes.tolist() == sign(one + other).hashes.tolist()
    assert joined.offsets.tolist() == sign(one + other).offsets.tolist()
