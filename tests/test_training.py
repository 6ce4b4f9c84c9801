"""Training: what is learned from, what is left out and counted, which scores are told, and that they are honest."""

from __future__ import annotations

import itertools
import os
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import framing.crossval
import framing.learn
import framing.search
import framing.training
import framing.trainingset
from framing.card import model_card
from framing.crossval import FEWEST_OF_HEADLINE, OutOfFold, find_temperature, no_progress, out_of_fold
from framing.errors import LabelsError
from framing.features import FeatureSettings
from framing.folds import make_folds
from framing.labels import Labels, Sentence, Unit, gold
from framing.learn import Settings, count_features
from framing.loading import load_fold_models, load_training_units
from framing.metrics import fit_temperature, probabilities
from framing.search import WORTH, Tried, candidates, choose, settings_from_dict
from framing.summary import training_summary
from framing.training import Trained, recorded_settings, train
from framing.trainingset import training_set
from tests.small import (
    LABELS,
    PLAIN,
    TARGET,
    codebook_of,
    edited,
    invented_labels,
    invented_text,
    invented_units,
    labels_of,
    neutral_text,
)

ROOT = Path(__file__).parent.parent
SCHEMES = ("unseen_articles", "unseen_sources")
NINE = tuple("abcdefghi")


@pytest.fixture(scope="module")
def searched() -> Trained:
    """Return a model whose settings were searched for, of texts of two kinds, with short sentences."""
    return train(invented_labels(72, kinds=("news", "blog"), sources=6, sentences=18))


def said(trained: Trained, words: str) -> bool:
    return any(words in message for message in trained.manifest["messages"])


def accuracy(trained: Trained, scheme: str = "unseen_articles", name: str = "all") -> float:
    return float(trained.manifest["scores"][scheme]["sets"][name]["accuracy"]["value"])


# What is told.


def test_the_numbers_of_articles_sources_paragraphs_and_codes_are_told(searched: Trained) -> None:
    data = searched.manifest["data"]
    assert (data["articles"], data["sources"], data["paragraphs"], data["sentences"]) == (36, 6, 72, 18)
    assert data["by_label"] == dict.fromkeys(LABELS, 24)
    assert {kind: sum(counts.values()) for kind, counts in data["by_kind"].items()} == {"news": 36, "blog": 36}
    assert data["gold"] == {"single": 72}
    text = "\n".join(training_summary(searched.manifest))
    assert "72 labelled paragraphs in 36 articles, from 6 sources" in text
    assert "18 short labelled sentences (training only)" in text


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("name", ["all", "news", "blog"])
def test_every_scheme_and_kind_has_all_scores_with_intervals(searched: Trained, scheme: str, name: str) -> None:
    scores = searched.manifest["scores"][scheme]["sets"][name]
    assert scores["n"] == (72 if name == "all" else 36)
    assert sum(map(sum, scores["confusion"])) == scores["n"]
    intervals = [scores["accuracy"], scores["macro_f1"]]
    intervals += [scores["per_label"][label][key] for label in LABELS for key in ("precision", "recall", "f1")]
    intervals += [scores[base][key] for base in ("majority", "plain_tfidf") for key in ("accuracy", "macro_f1")]
    for interval in intervals:
        assert 0 <= interval["low"] <= interval["value"] <= interval["high"] <= 1
    assert set(scores["calibration_error"]) == {"before", "after"}
    assert scores["groups"] == {"unseen_sources": {"all": 6}, "unseen_articles": {"all": 36}}[scheme].get(
        name, scores["groups"]
    )


def test_the_scores_say_how_much_better_than_the_majority_the_model_is(searched: Trained) -> None:
    scores = searched.manifest["scores"]["unseen_articles"]["sets"]["all"]
    assert scores["accuracy"]["value"] > 0.8
    assert scores["majority"]["accuracy"]["value"] < 0.45
    assert scores["majority"]["macro_f1"]["value"] < 0.25


def test_everything_that_is_stored_is_printed_and_in_the_card(searched: Trained) -> None:
    printed = "\n".join(training_summary(searched.manifest))
    card = model_card(searched.manifest)
    for text in (printed, card):
        for words in (
            "Sources not seen in training (6 folds, settings chosen again in each)",
            "Articles not seen in training (5 folds, settings chosen again in each)",
            "news: 36 paragraphs; 95 % intervals from resampling",
            "majority label",
            "plain word 1-2 TF-IDF",
            "calibration error",
            "given:",
            "words that carry each label",
            "temperature",
            "chosen by macro-F1 on 3 folds of whole articles, the simplest features within 0.005 of the best, among",
        ):
            assert words in text
    assert "warning: only 72 labelled paragraphs" in printed


def test_the_words_of_a_label_are_those_that_go_with_it(searched: Trained) -> None:
    words = searched.manifest["words"]
    assert set(words) == set(LABELS)
    assert {"host", "mediat", "broker", "conven"} & {word.split(" (")[0] for word in words["broker"]}
    assert {"block", "stall", "veto", "obstruct"} & {word.split(" (")[0] for word in words["obstacle"]}
    assert all(TARGET.lower() not in word for of_label in words.values() for word in of_label)


def test_the_settings_are_as_good_as_the_best_that_were_tried(searched: Trained) -> None:
    settings = searched.manifest["settings"]
    tried = settings["tried"]
    assert len(tried) == 3 * 3
    assert len({str((one["features"], one["C"])) for one in tried}) == len(tried)
    best = max(one["macro_f1"] for one in tried)
    chosen = [one for one in tried if (one["features"], one["C"]) == (settings["features"], settings["C"])]
    assert len(chosen) == 1
    assert best - WORTH <= chosen[0]["macro_f1"] <= best
    assert searched.manifest["scores"]["nested"] is True


def test_features_must_be_worth_what_they_cost() -> None:
    plain, target, rich = FeatureSettings(), FeatureSettings(target=True), FeatureSettings(target=True, chars=(4, 6))
    scores = {plain: (0.40, 0.44), target: (0.50, 0.499), rich: (0.5, 0.5 + WORTH - 1e-6)}

    def tried() -> list[Tried]:
        return [Tried(Settings(sets, C), of[at]) for sets, of in scores.items() for at, C in enumerate((1.0, 3.0))]

    assert choose(tried()) == Settings(target, 1.0)
    scores[rich] = (0.5, 0.5 + WORTH + 1e-6)
    assert choose(tried()) == Settings(rich, 3.0)
    scores[plain] = (0.6, 0.6)
    assert choose(tried()) == Settings(plain, 1.0)


def test_a_dictionary_is_tried_where_there_is_one_and_the_target_where_it_has_names() -> None:
    units, given = invented_units(30)
    for target, lexicon in itertools.product((True, False), (True, False)):
        codebook = codebook_of(target=TARGET if target else None)
        labels = labels_of(units, given, codebook=codebook, lexicon={"talks": ("hosted",)} if lexicon else {})
        found = candidates(training_set(labels, gold(labels)))
        assert found[0] == FeatureSettings()
        assert any(one.target for one in found) == target
        assert any(one.lexicon for one in found) == lexicon
        assert len(set(found)) == len(found)
        richness = [(one.chars is not None, one.lexicon, one.target) for one in found]
        assert richness == sorted(richness)


def test_given_settings_are_used_and_the_scores_then_say_that_they_are_not_nested(tmp_path: Path) -> None:
    settings = Settings(FeatureSettings(target=True, chars=(3, 4)), 2.5)
    trained = train(invented_labels(30), settings=settings)
    assert settings_from_dict(trained.manifest["settings"]) == settings
    assert trained.manifest["settings"]["tried"] == []
    assert trained.manifest["scores"]["nested"] is False
    assert "the scores are not nested" in "\n".join(training_summary(trained.manifest))
    trained.save(tmp_path / "model")
    assert recorded_settings(tmp_path / "model") == settings


def test_settings_are_chosen_again_without_the_paragraphs_that_they_predict(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    real_run, real_search = framing.crossval._run_fold, framing.search.search

    def run(counts: Any, words: Any, data: Any, fold: Any, *rest: Any) -> Any:
        seen.append(("fold", fold))
        return real_run(counts, words, data, fold, *rest)

    def search(counts: Any, data: Any, sets: Any, available: Any, seed: int) -> Any:
        seen.append(("search", available.copy()))
        return real_search(counts, data, sets, available, seed)

    monkeypatch.setattr(framing.crossval, "_run_fold", run)
    monkeypatch.setattr(framing.crossval, "search", search)
    train(invented_labels(30))
    scored, last = seen[:20], seen[20:]
    assert [what for what, _ in scored] == ["fold", "search"] * 10
    assert [what for what, _ in last] == ["fold"] * 5  # for the temperature, with the settings of the final model
    for (_, fold), (_, available) in zip(scored[::2], scored[1::2], strict=True):
        assert not (available & fold.test).any()
        assert np.array_equal(available, fold.train)


def test_a_fold_is_calibrated_by_the_other_folds_only(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def spied(logits: Any, labels: Any) -> float:
        sizes.append(len(labels))
        return fit_temperature(logits, labels)

    monkeypatch.setattr(framing.crossval, "fit_temperature", spied)
    train(invented_labels(60), settings=PLAIN)
    whole, folds = [size for size in sizes if size == 60], [60 - size for size in sizes if size < 60]
    assert len(whole) == 1  # the model's own
    assert len(folds) == 10
    assert sum(folds) == 2 * 60
    assert all(0 < size < 30 for size in folds)


def test_the_temperature_is_that_of_the_final_settings_on_unseen_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[OutOfFold] = []

    def spied(*given: Any) -> OutOfFold:
        found.append(out_of_fold(*given))
        return found[-1]

    monkeypatch.setattr(framing.training, "out_of_fold", spied)
    labels = invented_labels(60, sources=3)
    searched = train(labels)
    last, data = found[-1], training_set(labels, gold(labels))
    assert int(last.fold.max()) + 1 == 3
    assert set(last.settings) == {settings_from_dict(searched.manifest["settings"])}
    of_sources = find_temperature(data, last.logits, last.fold >= 0)
    assert searched.manifest["temperature"] == pytest.approx(of_sources, abs=1e-6)
    again = train(labels, settings=last.settings[0])
    assert again.manifest["temperature"] == searched.manifest["temperature"]


def test_texts_that_are_easier_than_the_headline_kind_have_no_part_in_the_temperature() -> None:
    labels = invented_labels(300, kinds=("news", "blog"))
    data = training_set(labels, gold(labels))
    news = np.array([kind == "news" for kind in data.kinds])
    right = np.eye(3)[data.y]
    rng = np.random.default_rng(0)
    noisy = np.eye(3)[np.where(rng.random(300) < 0.4, rng.integers(0, 3, 300), data.y)]
    logits = np.where(news[:, None], noisy, right) * 6.0
    every = np.ones(300, np.bool_)
    headline = replace(data, headline_kind="news")
    assert find_temperature(headline, logits, every) == fit_temperature(logits[news], data.y[news])
    assert find_temperature(headline, logits, every) > 1.5 * find_temperature(data, logits, every)
    few = np.cumsum(news) < FEWEST_OF_HEADLINE
    assert find_temperature(headline, logits, few) == fit_temperature(logits[few], data.y[few])


def test_calibration_makes_the_error_smaller() -> None:
    rng = random.Random(3)
    units, given = invented_units(120)
    noisy = {unit: rng.choice(LABELS) if rng.random() < 0.4 else label for unit, label in given.items()}
    trained = train(labels_of(units, noisy), settings=Settings(FeatureSettings(), 100.0))
    error = trained.manifest["scores"]["unseen_articles"]["sets"]["all"]["calibration_error"]
    assert error["after"] < error["before"]


def test_progress_is_told_from_the_first_step_to_the_last() -> None:
    steps: list[tuple[str, int, int]] = []
    train(invented_labels(30), settings=PLAIN, progress=lambda *step: steps.append(step))
    last = {stage: (done, total) for stage, done, total in steps}
    assert all(done == total for done, total in last.values())
    assert {"unseen articles", "unseen sources", "final model"} <= last.keys()


# What a model keeps is what was found in training.


@pytest.fixture(scope="module")
def with_sentences() -> Labels:
    return invented_labels(60, sentences=12)


def test_the_fold_models_predict_what_was_predicted_out_of_fold(
    with_sentences: Labels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    temperatures: list[float] = []  # as they were found: the one in the manifest is rounded

    def spied(*given: Any) -> float:
        temperatures.append(find_temperature(*given))
        return temperatures[-1]

    monkeypatch.setattr(framing.training, "find_temperature", spied)
    labels, settings = with_sentences, Settings(FeatureSettings(target=True, chars=(3, 4)), 3.0)
    trained = train(labels, settings=settings)
    model = trained.save(tmp_path / "model")
    data = training_set(labels, gold(labels))
    counts = count_features(data.texts, data.names, settings.features, labels.codebook.stemmer, None)
    every = np.ones(len(data.y), np.bool_)
    folds = make_folds(data.y, data.groups, data.apart, data.is_unit, every, most=5, labels=3, seed=0)
    assert folds is not None
    found = out_of_fold(counts, data, folds, [settings.features], settings, 0, "", no_progress)

    units, fold_models = load_training_units(model), load_fold_models(model)
    assert units.fold.tolist() == found.fold.tolist()
    assert units.fold[60:].tolist() == [-1] * 12
    temperature = temperatures[-1]
    assert trained.manifest["temperature"] == pytest.approx(temperature, abs=1e-6)
    for number, fold_model in enumerate(fold_models):
        rows = np.flatnonzero(units.fold == number)
        logits = fold_model.apply([data.texts[row] for row in rows], [model.names(None)]).logits
        np.testing.assert_allclose(logits, found.logits[rows] / temperature, rtol=0, atol=1e-5)
    right = found.logits[:60].argmax(axis=1) == data.y[:60]
    assert accuracy(trained) == pytest.approx(right.mean(), abs=1e-6)


def test_the_saved_model_gives_the_probabilities_of_the_trained_one(with_sentences: Labels, tmp_path: Path) -> None:
    labels = with_sentences
    trained = train(labels, settings=PLAIN)
    model = trained.save(tmp_path / "model")
    data = training_set(labels, gold(labels))
    counts = count_features(data.texts, data.names, PLAIN.features, labels.codebook.stemmer, None)
    every = np.arange(len(data.y))
    part = framing.search.learn_rows(counts, data, every >= 0, PLAIN, 0)
    logits = framing.learn.predict(counts, part, every) / trained.manifest["temperature"]
    predicted, status = model.predict(data.texts)
    np.testing.assert_allclose(probabilities(predicted), probabilities(logits), rtol=0, atol=1e-5)
    assert Counter(status).most_common(1)[0][0] == "ok"


# Every kind of codebook and labels.


def test_two_labels() -> None:
    trained = train(invented_labels(40, labels=("yes", "no")))
    assert accuracy(trained) > 0.8
    assert [len(row) for row in trained.manifest["scores"]["unseen_sources"]["sets"]["all"]["confusion"]] == [2, 2]


def test_nine_labels() -> None:
    trained = train(invented_labels(90, labels=NINE), settings=PLAIN)
    assert accuracy(trained) > 0.7
    assert len(trained.manifest["words"]) == 9


def test_a_few_dozen_paragraphs_train_with_a_clear_warning() -> None:
    trained = train(invented_labels(24))
    assert said(trained, "only 24 labelled paragraphs: expect wide intervals")
    assert said(trained, "only 8 paragraphs with the label broker: its scores say little")
    interval = trained.manifest["scores"]["unseen_articles"]["sets"]["all"]["per_label"]["broker"]["recall"]
    assert interval["low"] < interval["high"] or interval["value"] == 1


def test_a_codebook_without_a_target(tmp_path: Path) -> None:
    trained = train(invented_labels(30, target=None))
    assert trained.manifest["settings"]["features"]["target"] is False
    article = trained.save(tmp_path / "model").score(invented_text(0, random.Random(4)))
    assert article.status == "ok"


def test_a_target_of_each_row_is_what_its_features_are_about(tmp_path: Path) -> None:
    rng = random.Random(8)
    units, given = [], {}
    for number in range(48):
        marks = (number % 2, 1 - number % 2)
        about = list(zip(marks, ("Orvania", "Selmark"), strict=True))
        text = " ".join(invented_text(mark, rng, target=name) for mark, name in about)
        for mark, name in about:
            unit = Unit(f"{number}-{name}", text, f"a{number}", f"s{number % 4}", target=name)
            units.append(unit)
            given[unit.id] = LABELS[mark]
    labels = labels_of(units, given, codebook=codebook_of(LABELS[:2], target=None))
    trained = train(labels)
    assert trained.manifest["data"]["articles"] == 48
    assert accuracy(trained) > 0.8
    scores = trained.manifest["scores"]["unseen_articles"]["sets"]["all"]
    assert scores["plain_tfidf"]["accuracy"]["value"] < 0.6, "without the target both rows of a text are the same"
    model = trained.save(tmp_path / "model")
    text = " ".join(invented_text(mark, rng, target=name) for mark, name in ((0, "Orvania"), (1, "Selmark")))
    assert {name: model.score(text, target=name).paragraphs[0].label for name in ("Orvania", "Selmark")} == {
        "Orvania": "broker",
        "Selmark": "obstacle",
    }


def test_a_label_of_a_single_paragraph_leaves_no_score_and_that_is_said() -> None:
    units, given = invented_units(31, labels=("yes", "no"))
    given["u30"] = "rare"
    trained = train(labels_of(units, given, codebook=codebook_of(("yes", "no", "rare"))))
    assert trained.manifest["scores"]["unseen_articles"] is None
    assert trained.manifest["scores"]["unseen_sources"] is None
    assert said(trained, "no score for unseen articles")
    assert said(trained, "only 1 paragraph with the label rare")
    assert "no such score" in "\n".join(training_summary(trained.manifest))
    assert "There is no score for text that it has not seen" in model_card(trained.manifest)


def test_a_model_without_any_score_can_be_saved_loaded_and_used(tmp_path: Path) -> None:
    units, given = invented_units(31, labels=("yes", "no"))
    given["u30"] = "rare"
    model = train(labels_of(units, given, codebook=codebook_of(("yes", "no", "rare")))).save(tmp_path / "model")
    assert (model.facts.unseen_articles, model.facts.unseen_sources, model.facts.majority) == (None, None, None)
    assert load_fold_models(model) == []
    assert set(load_training_units(model).fold.tolist()) == {-1}
    assert model.score(units[0].text).paragraphs[0].label in ("yes", "no")


def test_a_frame_without_any_paragraph_is_never_given_and_that_is_said(tmp_path: Path) -> None:
    units, given = invented_units(60)
    trained = train(labels_of(units, given, codebook=codebook_of((*LABELS, "unused"))))
    assert said(trained, "no paragraph has the label unused: the model can never give it")
    scores = trained.manifest["scores"]["unseen_articles"]["sets"]["all"]
    assert (scores["per_label"]["unused"]["support"], scores["per_label"]["unused"]["f1"]["value"]) == (0, 0)
    assert scores["macro_f1"]["value"] <= 0.75
    logits, _ = trained.save(tmp_path / "model").predict([unit.text for unit in units])
    assert set(logits.argmax(axis=1).tolist()) == {0, 1, 2}


def test_a_row_without_an_article_is_its_own_article() -> None:
    trained = train(invented_labels(30, per_article=0), settings=PLAIN)
    assert trained.manifest["data"]["articles"] == 30
    assert trained.manifest["scores"]["unseen_articles"]["sets"]["all"]["groups"] == 30


def test_without_sources_there_is_no_such_score_and_that_is_said() -> None:
    trained = train(invented_labels(30, sources=0), settings=PLAIN)
    assert trained.manifest["scores"]["unseen_sources"] is None
    assert trained.manifest["scores"]["unseen_articles"] is not None
    assert said(trained, "no score for unseen sources: fewer than two sources are named")
    assert "Sources not seen in training\n  no such score" in "\n".join(training_summary(trained.manifest))


def test_many_units_are_scored_in_fewer_folds_of_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = invented_labels(96, sources=8)
    assert train(labels, settings=PLAIN).manifest["scores"]["unseen_sources"]["folds"] == 8
    monkeypatch.setattr(framing.training, "MANY_UNITS", 96)
    assert train(labels, settings=PLAIN).manifest["scores"]["unseen_sources"]["folds"] == 5


def test_a_label_of_one_source_only_leaves_no_score_for_unseen_sources() -> None:
    units, given = invented_units(60)
    units = [replace(unit, source="s0") if given[unit.id] == "none" else unit for unit in units]
    trained = train(labels_of(units, given), settings=PLAIN)
    assert trained.manifest["scores"]["unseen_sources"] is None
    assert said(trained, "no score for unseen sources: some label stands in one source only")


def test_paragraphs_whose_source_nobody_named_are_in_no_score_for_unseen_sources() -> None:
    units, given = invented_units(60)
    units = [replace(unit, source=None) if number % 6 < 2 else unit for number, unit in enumerate(units)]
    trained = train(labels_of(units, given), settings=PLAIN)
    assert trained.manifest["scores"]["unseen_sources"]["sets"]["all"]["n"] == 40
    assert trained.manifest["scores"]["unseen_articles"]["sets"]["all"]["n"] == 60
    assert said(trained, "20 paragraphs without a source are in no score for unseen sources")
    units = [replace(unit, source=None if number == 0 else "s1" if unit.source is None else unit.source)
             for number, unit in enumerate(units)]  # fmt: skip
    trained = train(labels_of(units, given), settings=PLAIN)
    assert said(trained, "1 paragraph without a source is in no score for unseen sources")


def test_there_are_at_most_ten_folds_of_whole_sources() -> None:
    trained = train(invented_labels(72, sources=24), settings=PLAIN)
    assert trained.manifest["scores"]["unseen_sources"]["folds"] == 10
    assert trained.manifest["scores"]["unseen_sources"]["sets"]["all"]["groups"] == 24


def test_the_headline_is_of_the_kind_that_the_codebook_names(tmp_path: Path) -> None:
    units, given = invented_units(60, kinds=("restated", "constructed"))
    codebook = replace(codebook_of(), headline="restated")
    trained = train(labels_of(units, given, codebook=codebook), settings=PLAIN)
    model = trained.save(tmp_path / "model")
    assert model.facts.headline_kind == "restated"
    assert model.facts.unseen_sources is not None
    assert model.facts.unseen_sources.value == accuracy(trained, "unseen_sources", "restated")
    lines = training_summary(trained.manifest)
    kinds = [line.split(":")[0].strip() for line in lines if "95 % intervals" in line]
    assert kinds == ["restated", "constructed", "all"] * 2
    assert "On restated paragraphs of sources it has not seen" in model_card(trained.manifest)


def test_nothing_to_learn_is_a_one_line_error() -> None:
    units, given = invented_units(20)
    with pytest.raises(LabelsError, match="20 labelled paragraphs with 1 different labels"):
        train(labels_of(units, dict.fromkeys(given, "broker")))
    with pytest.raises(LabelsError, match="0 labelled paragraphs with 0 different labels"):
        train(labels_of(units))
    units = [Unit(f"u{number}", chr(ord("a") + number) * 5) for number in range(20)]
    with pytest.raises(LabelsError, match="no word stands in two of the texts"):
        train(labels_of(units, given), settings=PLAIN)


# What is left out.


def test_units_whose_coders_differ_and_that_nobody_settled_are_left_out_and_counted() -> None:
    units, given = invented_units(60)
    other = given | {"u0": "none", "u1": "none", "u2": "broker"} | {"u5": None}
    assert all(given[unit] != other[unit] for unit in ("u0", "u1", "u2"))
    one = {unit: label for unit, label in given.items() if unit != "u9"}
    two = {unit: label for unit, label in other.items() if unit != "u9"}
    trained = train(labels_of(units, one, two, adjudicated={"u2": "obstacle"}), settings=PLAIN)
    data = trained.manifest["data"]
    assert data["left_out"] == {"disputed": 2, "uncoded": 1, "held_out_sources": 0}
    assert data["paragraphs"] == 57
    assert data["gold"] == {"adjudicated": 1, "unanimous": 55, "single": 1}
    assert data["agreement"]["all"]["coders"] == ["anna", "boris"]
    text = "\n".join(training_summary(trained.manifest))
    assert "left out: 2 paragraphs whose coders differ and that nobody adjudicated" in text
    assert "left out: 1 paragraphs without a code" in text


def test_the_majority_of_three_coders_is_gold_on_request() -> None:
    units, given = invented_units(60)
    shifted = given | {f"u{number}": given[f"u{number + 1}"] for number in range(0, 30, 3)}
    coders = (given, given, shifted)
    strict = train(labels_of(units, *coders), settings=PLAIN)
    majority = train(labels_of(units, *coders), settings=PLAIN, gold_rule="majority")
    differ = sum(given[unit] != shifted[unit] for unit in given)
    assert strict.manifest["data"]["left_out"]["disputed"] == differ == 10
    assert majority.manifest["data"]["left_out"]["disputed"] == 0
    assert majority.manifest["data"]["gold"] == {"unanimous": 60 - differ, "majority": differ}
    assert majority.manifest["gold_rule"] == "majority"


def test_held_out_sources_are_never_read(tmp_path: Path) -> None:
    units, given = invented_units(60)
    sentences = (Sentence(invented_text(0, random.Random(1), words=9), "broker", source="s0"),)
    held = {unit.id for unit in units if unit.source == "s0"}
    other = [replace(unit, text="Something else entirely.") if unit.id in held else unit for unit in units]
    relabelled = {unit: "none" if unit in held else label for unit, label in given.items()}
    trained = train(labels_of(units, given, held_out=["s0"], sentences=sentences), settings=PLAIN)
    changed = train(labels_of(other, relabelled, held_out=["s0"]), settings=PLAIN)
    data = trained.manifest["data"]
    assert (data["paragraphs"], data["sources"], data["sentences"]) == (48, 4, 0)
    assert data["left_out"]["held_out_sources"] == len(held) == 12
    for one in (trained, changed):
        one.save(tmp_path / str(id(one)))
    for file in ("weights.npz", "signatures.npz"):
        assert (tmp_path / str(id(trained)) / file).read_bytes() == (tmp_path / str(id(changed)) / file).read_bytes()
    differing = {key for key in trained.manifest if trained.manifest[key] != changed.manifest[key]}
    assert differing == {"data"}
    assert {key for key in data if data[key] != changed.manifest["data"][key]} == {"fingerprint"}


def test_sentences_are_learned_from_and_never_scored() -> None:
    plain = train(invented_labels(30), settings=PLAIN)
    more = train(invented_labels(30, sentences=30), settings=PLAIN)
    assert more.manifest["scores"]["unseen_articles"]["sets"]["all"]["n"] == 30
    assert more.manifest["data"]["by_label"] == plain.manifest["data"]["by_label"]
    assert not np.array_equal(more.files["weights.npz"]["weights"], plain.files["weights.npz"]["weights"])


# Honesty: what cannot be learned is not scored as learned.


def random_labels(seed: int) -> Labels:
    """Return texts that say nothing, each in three articles and sources and in sentences; labels at random."""
    rng = random.Random(seed)
    units, given = [], {}
    for number in range(100):
        text, label = neutral_text(rng, words=36), rng.choice(("yes", "no"))
        for copy in range(3):
            words = edited(text, every=10 + copy)
            unit = Unit(f"{number}-{copy}", words, f"a{number}-{copy}", f"s{(number + copy) % 8}")
            units.append(unit)
            given[unit.id] = label
    sentences = [Sentence(" ".join(unit.text.split()[3:17]), given[unit.id]) for unit in units[::3]]
    return labels_of(units, given, codebook=codebook_of(("yes", "no"), target=None), sentences=sentences)


def scores_of_random_labels(seeds: range) -> dict[str, float]:
    """Return the mean accuracy, by scheme and for the plain baseline too."""
    found: dict[str, list[float]] = {}
    for seed in seeds:
        trained = train(random_labels(seed), settings=Settings(FeatureSettings(chars=(3, 4)), 10.0))
        for scheme in SCHEMES:
            scores = trained.manifest["scores"][scheme]["sets"]["all"]
            found.setdefault(scheme, []).append(scores["accuracy"]["value"])
            found.setdefault(f"{scheme}, plain", []).append(scores["plain_tfidf"]["accuracy"]["value"])
    return {name: float(np.mean(values)) for name, values in found.items()}


def test_labels_drawn_at_random_with_copies_in_other_articles_and_sources_score_no_better_than_chance() -> None:
    found = scores_of_random_labels(range(4))
    assert all(0.4 < mean < 0.58 for mean in found.values()), found


def test_the_same_labels_would_score_nearly_all_right_if_copies_were_not_kept_apart(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(framing.trainingset, "clusters", lambda signatures, same=None: np.arange(len(signatures)))
    assert min(scores_of_random_labels(range(1)).values()) > 0.8


# The same labels, the same bytes.

PROGRAM = """
import sys
from framing.training import train
from tests.test_training import many_labels, MANY
train(many_labels(), settings=MANY).save(sys.argv[1])
"""
MANY = Settings(FeatureSettings(target=True, chars=(3, 5)), 3.0)


def many_labels() -> Labels:
    """Return labels with so many features that folds are spread over processes."""
    return invented_labels(330, sentences=20)


def test_the_same_labels_give_the_same_bytes_whatever_the_number_of_threads_and_processes(tmp_path: Path) -> None:
    runs = []
    for threads in ("1", "2"):
        limits = dict.fromkeys(
            ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "LOKY_MAX_CPU_COUNT"), threads
        )
        command = [sys.executable, "-W", "error", "-c", PROGRAM, str(tmp_path / threads / "model")]
        runs.append(subprocess.Popen(command, cwd=ROOT, env=os.environ | limits, stderr=subprocess.PIPE, text=True))
    trained = train(many_labels(), settings=MANY)
    trained.save(tmp_path / "default" / "model")
    for run in runs:
        _, errors = run.communicate()
        assert (run.returncode, errors) == (0, "")
    data = training_set(many_labels(), gold(many_labels()))
    counts = count_features(data.texts, data.names, MANY.features, "english", None)
    assert len(counts.row) > 100_000, "too few for several processes: the test tests nothing"
    for file in ("model.json", "weights.npz", "signatures.npz", "README.md"):
        contents = {(tmp_path / name / "model" / file).read_bytes() for name in ("1", "2", "default")}
        assert len(contents) == 1, file


def test_another_seed_makes_other_folds_and_is_recorded() -> None:
    one, other = (train(invented_labels(60), settings=PLAIN, seed=seed) for seed in (0, 1))
    assert (one.manifest["seed"], other.manifest["seed"]) == (0, 1)
    assert not np.array_equal(one.files["signatures.npz"]["fold"], other.files["signatures.npz"]["fold"])


# Large labels.


def test_with_many_rows_settings_are_chosen_on_some_whole_articles(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = invented_labels(60, sentences=40)
    data = training_set(labels, gold(labels))
    every = np.ones(len(data.y), np.bool_)
    monkeypatch.setattr(framing.search, "MOST_SEARCHED", 50)
    kept = framing.search._searched(data, every, 0)
    assert kept[:60].sum() == 30
    assert (kept[:60:2] == kept[1:60:2]).all()
    assert 8 < kept[60:].sum() < 32


def test_with_too_many_features_the_rarest_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    full = train(invented_labels(60), settings=PLAIN)
    monkeypatch.setattr(framing.learn, "MOST_FEATURES", 100)
    small = train(invented_labels(60), settings=PLAIN)
    assert small.manifest["features"] <= 100 < full.manifest["features"]
    assert accuracy(small) > 0.5
