"""A loaded model: its facts, what it keeps of its training, and that a paragraph's label is its own affair."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.duplicates import find_near, sign
from framing.errors import ModelError
from framing.linear import Applied, Linear, Vocabulary
from framing.loading import load_fold_models, load_model, load_training_units
from framing.metrics import probabilities
from framing.model import Limits, Model
from framing.records import Article
from framing.target import Name
from framing.training import train
from tests.small import LABELS, PLAIN, codebook_of, invented_labels, invented_text, invented_units, labels_of


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "tea-house-9"
    train(invented_labels(60, sentences=9), settings=PLAIN).save(folder)
    return folder


@pytest.fixture(scope="module")
def model(folder: Path) -> Model:
    return load_model(folder)


def article(*paragraphs: str) -> Article:
    return Article(id="a", text="\n\n".join(paragraphs))


def test_the_facts_are_those_of_model_json(model: Model) -> None:
    facts, scores = model.facts, model.manifest["scores"]
    assert (facts.name, facts.codebook, facts.codebook_version) == ("tea-house-9", "tea-house", 1)
    assert facts.labels == model.labels == LABELS
    assert facts.none_label == "none"
    assert facts.titles["broker"] == "Broker"
    assert facts.fingerprint == model.manifest["sha256"][:12]
    assert facts.unseen_sources is not None
    assert facts.unseen_articles is not None
    assert facts.unseen_sources.value == scores["unseen_sources"]["sets"]["all"]["accuracy"]["value"]
    assert facts.unseen_articles.low == scores["unseen_articles"]["sets"]["all"]["accuracy"]["low"]
    assert facts.majority == scores["unseen_sources"]["sets"]["all"]["majority"]["accuracy"]["value"]
    assert facts.notice is None


def test_the_notice_of_a_codebook_is_in_the_facts_of_its_model(tmp_path: Path) -> None:
    units, codes = invented_units(24)
    codebook = replace(codebook_of(), notice="All of it was made up.")
    model = train(labels_of(units, codes, codebook=codebook), settings=PLAIN).save(tmp_path / "model")
    assert model.facts.notice == "All of it was made up."
    assert "All of it was made up." in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


def test_a_model_cannot_be_changed(model: Model) -> None:
    with pytest.raises(FrozenInstanceError):
        model.name = "other"  # type: ignore[misc]
    with pytest.raises(ValueError, match="read-only"):
        model.linear.keys[0] = 0


def test_the_training_paragraphs_and_sentences_are_known_by_their_signatures(model: Model) -> None:
    labels = invented_labels(60, sentences=9)
    texts = [unit.text for unit in labels.units] + [sentence.text for sentence in labels.sentences]
    units = load_training_units(model)
    assert find_near(sign(texts), units.signatures) == list(range(69))
    assert find_near(sign([invented_text(0, random.Random(1234))]), units.signatures) == [None]
    assert sorted(set(units.fold[:60].tolist())) == [0, 1, 2, 3, 4]
    assert set(units.fold[60:].tolist()) == {-1}
    assert len(load_fold_models(model)) == 5


def test_each_fold_model_lacks_what_only_its_fold_has(model: Model) -> None:
    for fold_model in load_fold_models(model):
        assert fold_model.keys is model.linear.keys
        assert 0 < (fold_model.idf > 0).sum() < len(fold_model.idf)
        assert (fold_model.weights[:, fold_model.idf == 0] == 0).all()


def test_a_model_that_was_not_loaded_has_no_training_units(model: Model) -> None:
    homeless = replace(model, folder=None)
    for read in (load_training_units, load_fold_models):
        with pytest.raises(ModelError, match="not loaded from a folder"):
            read(homeless)


def test_probabilities_are_the_softmax_of_calibrated_logits(model: Model) -> None:
    text = invented_text(1, random.Random(3))
    logits, status = model.predict([text])
    (paragraph,) = model.score(text).paragraphs
    assert status == ("ok",)
    assert paragraph.label == model.labels[logits[0].argmax()] == "obstacle"
    assert list(paragraph.probabilities.values()) == pytest.approx(probabilities(logits)[0].tolist(), abs=0)
    assert sum(paragraph.probabilities.values()) == pytest.approx(1)
    assert paragraph.logit == logits[0].max()


def test_evidence_and_intercept_add_up_to_the_logit_and_its_offsets_are_those_of_the_text(model: Model) -> None:
    rng = random.Random(9)
    scored = model.score("\n\n".join(invented_text(mark, rng) for mark in (0, 1, 2)), evidence=None)
    assert [paragraph.label for paragraph in scored.paragraphs] == list(LABELS)
    for paragraph in scored.paragraphs:
        assert paragraph.logit is not None
        assert paragraph.intercept is not None
        total = paragraph.intercept + sum(entry.weight for entry in paragraph.evidence)
        assert total == pytest.approx(paragraph.logit, abs=1e-9)
        assert scored.text[paragraph.start : paragraph.end] == paragraph.text
        for entry in paragraph.evidence:
            assert scored.text[entry.start : entry.end] == entry.text


@given(st.lists(st.lists(st.integers(0, 8), min_size=1, max_size=3), min_size=1, max_size=5), st.integers(0, 99))
@settings(max_examples=25)
def test_what_an_article_gets_does_not_depend_on_the_articles_beside_it(
    model: Model, articles: list[list[int]], seed: int
) -> None:
    rng = random.Random(seed)
    read = [article(*(invented_text(mark, rng) for mark in marks)) for marks in articles]
    together = list(model.score_articles(read, evidence=None))
    assert together == [next(model.score_articles([one], evidence=None)) for one in read]
    assert together == list(model.score_articles(read[::-1], evidence=None))[::-1]


def test_batches_change_no_bit(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(0)
    read = [article(invented_text(number % 9, rng)) for number in range(30)]
    read.insert(3, article(*(invented_text(number % 9, rng) for number in range(20))))
    read.insert(3, replace(article(*(invented_text(number % 9, rng) for number in range(9))), target="Selmark"))
    whole = list(model.score_articles(read, evidence=None))
    monkeypatch.setattr("framing.model._BATCH", 600)
    apply, sizes = Linear.apply, []

    def watched(linear: Linear, texts: Sequence[str], names: Sequence[tuple[Name, ...]]) -> Applied:
        sizes.append(sum(map(len, texts)))
        return apply(linear, texts, names)

    monkeypatch.setattr(Linear, "apply", watched)
    assert list(model.score_articles(read, evidence=None)) == whole
    assert max(sizes) <= 600, "a long article is more than one batch"
    texts = [one.text for one in read]
    assert np.array_equal(model.predict(texts)[0], np.concatenate([model.predict([text])[0] for text in texts]))


def test_articles_are_scored_lazily(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framing.model._BATCH", 300)
    read: list[Article] = []

    def endless() -> Iterator[Article]:
        while True:
            read.append(article(invented_text(0, random.Random(len(read)))))
            yield read[-1]

    scores = model.score_articles(endless())
    assert [next(scores).status for _ in range(5)] == ["ok"] * 5
    assert len(read) < 12


def test_the_target_of_a_row_takes_the_place_of_the_codebooks(model: Model) -> None:
    text = invented_text(0, random.Random(2), target="Selmark")
    assert model.score(text).status == "no_target"
    assert model.score(text, target="Selmark").status == "ok"
    assert model.score(text, target="Selmark").paragraphs[0].label == "broker"
    about = invented_text(0, random.Random(2))
    one, other = model.predict([text, about], ["Selmark", None])[0]
    assert one == pytest.approx(other)


def test_what_is_not_scored_has_no_label_and_is_in_no_share(model: Model) -> None:
    scored = model.score("Nobody who is anybody came to that place at all in the long years since the war had ended.")
    assert scored.status == "no_target"
    (paragraph,) = scored.paragraphs
    assert (paragraph.label, paragraph.logit, paragraph.intercept, paragraph.evidence) == (None, None, None, ())
    assert paragraph.probabilities == {}
    assert scored.shares == {}


def test_no_articles_and_no_texts_give_nothing(model: Model) -> None:
    assert list(model.score_articles([])) == []
    logits, status = model.predict([])
    assert (logits.shape, status) == ((0, 3), ())
    assert model.score("").paragraphs == ()


@pytest.mark.parametrize(
    ("tokens", "function", "known", "status"),
    [
        (100, 40, 50, "ok"),
        (100, 40, 3, "off_topic"),
        (100, 1, 0, "other_language"),
        (100, 1, 60, "ok"),
        (4, 0, 0, "ok"),
        (0, 0, 0, "ok"),
    ],
)
def test_a_text_is_judged_by_its_known_words_and_not_on_a_few(
    tokens: int, function: int, known: int, status: str
) -> None:
    vocabulary = Vocabulary(*(np.array([number]) for number in (tokens, function, known)))
    assert Limits(function=0.3, known=0.4).judge(vocabulary) == [status]


def test_texts_in_another_language_and_on_another_topic_are_told_apart_from_those_that_are_known(model: Model) -> None:
    rng = random.Random(6)
    unknown = ["".join(rng.choices("aeioukrtz", k=8)) for _ in range(60)]
    common = [model.linear.forms[number] for number in model.linear.function_words.tolist()]
    mixed = [word for pair in zip(unknown, common * 60, strict=False) for word in pair]
    known = [invented_text(number % 3, rng) for number in range(100)]
    _, status = model.predict([" ".join(unknown), " ".join(mixed), *known])
    assert status[:2] == ("other_language", "off_topic")
    assert status[2:].count("ok") >= 98
