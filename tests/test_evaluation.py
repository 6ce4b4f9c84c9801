"""`evaluate`: the same numbers on other labels, and what was in training is left out, counted and named."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import framing
from framing.errors import LabelsError, ModelError
from framing.evaluation import evaluate, evaluation_lines
from framing.labels import Labels, Unit
from framing.metrics import score_labels
from framing.model import Model
from framing.training import train
from tests.small import (
    LABELS,
    PLAIN,
    codebook_of,
    edited,
    invented_labels,
    invented_text,
    invented_units,
    labels_of,
)

COPY = "in training, or a near-copy of a training text"


@pytest.fixture(scope="module")
def training() -> Labels:
    return invented_labels(60, sentences=6)


@pytest.fixture(scope="module")
def model(training: Labels, tmp_path_factory: pytest.TempPathFactory) -> Model:
    return train(training, settings=PLAIN).save(tmp_path_factory.mktemp("models") / "tea-house")


@pytest.fixture(scope="module")
def others() -> tuple[list[Unit], dict[str, str]]:
    """Return 24 units of 12 articles that the model has not seen."""
    return invented_units(24, seed=500)


def given_by(model: Model, units: list[Unit]) -> dict[str, str]:
    """Return the labels that the model itself gives."""
    logits, _ = model.predict([unit.text for unit in units])
    return {unit.id: model.labels[number] for unit, number in zip(units, logits.argmax(axis=1).tolist(), strict=True)}


def test_a_model_that_is_always_right_has_the_numbers_of_one(
    model: Model, others: tuple[list[Unit], dict[str, str]]
) -> None:
    units, _ = others
    found = evaluate(model, labels_of(units, given_by(model, units)))
    assert (found.scores.n, found.articles, found.left_out) == (24, 12, ())
    values = found.to_dict()
    assert values["accuracy"]["value"] == values["accuracy"]["low"] == values["accuracy"]["high"] == 1
    assert values["macro_f1"]["value"] == 1
    assert all(values["per_label"][label]["f1"]["value"] == 1 for label in LABELS)
    confusion = np.array(values["confusion"])
    assert np.array_equal(confusion, np.diag(np.diag(confusion)))
    assert confusion.sum() == 24


def test_sources_that_were_set_aside_together_are_judged_apart(
    model: Model, others: tuple[list[Unit], dict[str, str]]
) -> None:
    units, gold = others
    drawn = {unit.source or "" for unit in (units[0], units[-1])}
    rows = [unit for unit in units if unit.source in drawn]
    labels = replace(labels_of(units, gold), draws={"second": frozenset(drawn), "third": frozenset({"another"})})
    found, alone = evaluate(model, labels), evaluate(model, labels_of(rows, gold))
    assert 0 < len(rows) < len(units)
    assert found.to_dict()["by_draw"] == {"draw second": {key: alone.to_dict()[key] for key in alone.scores.to_dict()}}
    assert found.sure["draw second"] == alone.sure["all"]
    printed = "\n".join(evaluation_lines(found, model))
    assert f"draw second: {len(rows)} paragraphs" in printed
    assert "third" not in printed


def test_wrong_labels_are_counted_where_they_belong(model: Model, others: tuple[list[Unit], dict[str, str]]) -> None:
    units, _ = others
    gold = given_by(model, units)
    broker, obstacle = (next(unit for unit in units if gold[unit.id] == label) for label in ("broker", "obstacle"))
    gold |= {broker.id: "none", obstacle.id: "broker"}
    values = evaluate(model, labels_of(units, gold)).to_dict()
    assert values["accuracy"]["value"] == pytest.approx(22 / 24, abs=1e-6)
    assert values["accuracy"]["low"] < values["accuracy"]["value"] < values["accuracy"]["high"]
    assert values["labels"] == list(LABELS)
    assert values["confusion"][LABELS.index("none")][LABELS.index("broker")] == 1
    assert values["confusion"][LABELS.index("broker")][LABELS.index("obstacle")] == 1
    assert sum(values["per_label"][label]["support"] for label in LABELS) == 24


def test_the_numbers_are_those_of_the_metrics_with_articles_as_the_groups(
    model: Model, others: tuple[list[Unit], dict[str, str]]
) -> None:
    units, codes = others
    found = evaluate(model, labels_of(units, codes), seed=4)
    gold = np.array([LABELS.index(codes[unit.id]) for unit in units])
    given = np.array([LABELS.index(label) for label in given_by(model, units).values()])
    assert found.scores == score_labels(gold, given, np.arange(24) // 2 * 2, LABELS, seed=4)
    assert 0 <= found.calibration_error["all"] <= 1
    count, right = found.sure["all"]
    assert 0 <= count <= found.scores.n
    assert (right is None) == (count == 0)


def test_the_json_form_has_the_keys_that_were_promised(model: Model, others: tuple[list[Unit], dict[str, str]]) -> None:
    values = json.loads(json.dumps(evaluate(model, labels_of(*others)).to_dict(), allow_nan=False))
    assert {"n", "articles", "accuracy", "macro_f1", "per_label", "confusion", "labels", "left_out"} <= values.keys()
    assert set(values["accuracy"]) == set(values["macro_f1"]) == {"value", "low", "high"}
    assert (values["n"], values["articles"], values["left_out"]) == (24, 12, [])
    assert set(values["per_label"]) == set(LABELS)


def test_what_was_in_training_and_its_near_copies_are_left_out_counted_and_named(
    model: Model, training: Labels, others: tuple[list[Unit], dict[str, str]]
) -> None:
    units, codes = others
    seen = training.units[4]
    planted = [
        Unit("same", seen.text),
        Unit("wire-copy", edited(seen.text), "elsewhere", "another source"),
        Unit("other-target", seen.text, target="Selmark"),
        Unit("sentence-of-a-paragraph", " ".join(seen.text.split()[5:20])),
        Unit("around-a-sentence", f"It was said: {training.sentences[0].text}"),
    ]
    found = evaluate(model, labels_of([*units, *planted], codes | {unit.id: "none" for unit in planted}))
    assert found.left_out == tuple((unit.id, COPY) for unit in planted)
    assert found.scores.n == 24
    assert found.to_dict()["left_out"][0] == {"id": "same", "reason": COPY}
    names = "same, wire-copy, other-target, sentence-of-a-paragraph, around-a-sentence"
    assert f"left out: 5 {COPY}: {names}" in evaluation_lines(found, model)


def test_disputed_and_uncoded_paragraphs_are_left_out_counted_and_named(
    model: Model, others: tuple[list[Unit], dict[str, str]]
) -> None:
    units, codes = others
    second = codes | {"u0": "none"}
    assert codes["u0"] != "none"
    first = {unit: label for unit, label in codes.items() if unit != "u1"}
    second = {unit: label for unit, label in second.items() if unit != "u1"}
    found = evaluate(model, labels_of(units, first, second))
    assert found.left_out == (("u0", "coders differ, not adjudicated"), ("u1", "without a code"))
    assert found.scores.n == 22
    assert evaluate(model, labels_of(units, first, second, first), gold_rule="majority").left_out == (
        ("u1", "without a code"),
    )


def test_labels_that_were_all_in_training_leave_nothing_to_evaluate(model: Model, training: Labels) -> None:
    with pytest.raises(LabelsError, match=r"nothing left to evaluate: of 60 paragraphs 60 were left out") as caught:
        evaluate(model, training)
    assert "\n" not in str(caught.value)
    assert COPY in str(caught.value)


def test_a_label_that_the_model_lacks_is_an_error_that_names_it_and_the_known_ones(
    model: Model, others: tuple[list[Unit], dict[str, str]]
) -> None:
    units, codes = others
    labels = labels_of(units, codes | {"u3": "villain"}, codebook=codebook_of((*LABELS, "villain")))
    with pytest.raises(LabelsError, match=r"unit u3 has the label 'villain'.*broker, obstacle, none") as caught:
        evaluate(model, labels)
    assert "\n" not in str(caught.value)


def test_labels_of_fewer_frames_in_another_order_are_matched_by_name(model: Model) -> None:
    units, _ = invented_units(24, seed=600)
    gold = given_by(model, units)
    kept = [unit for unit in units if gold[unit.id] != "none"]
    labels = labels_of(kept, {unit.id: gold[unit.id] for unit in kept}, codebook=codebook_of(("obstacle", "broker")))
    found = evaluate(model, labels)
    assert found.scores.labels == LABELS
    assert found.scores.accuracy.value == 1
    assert found.scores.per_label["none"].support == 0


def test_each_kind_of_text_is_judged_apart(model: Model) -> None:
    units, codes = invented_units(24, kinds=("news", "blog"), seed=700)
    found = evaluate(model, labels_of(units, codes))
    assert {kind: scores.n for kind, scores in found.sets.items()} == {"blog": 12, "news": 12}
    assert set(found.to_dict()["by_kind"]) == {"blog", "news"}
    lines = evaluation_lines(found, model)
    assert [line.split(":")[0] for line in lines if "95 % intervals" in line] == ["all", "blog", "news"]


def test_near_copies_among_the_judged_count_as_one_article_in_the_intervals(model: Model) -> None:
    units, codes = invented_units(12, per_article=1, seed=800)
    copies = [
        replace(unit, id=f"{unit.id}-copy", text=edited(unit.text), article=f"{unit.article}-copy") for unit in units
    ]
    codes |= {f"{unit}-copy": label for unit, label in codes.items()}
    found = evaluate(model, labels_of([*units, *copies], codes))
    assert (found.articles, found.scores.groups) == (24, 12)


def test_a_row_without_an_article_is_its_own_and_a_target_of_its_own_is_used(model: Model) -> None:
    rng = random.Random(5)
    marks = (0, 1, 2, 0, 1, 2)
    units = [
        Unit(f"u{number}", invented_text(mark, rng, target="Selmark"), target="Selmark")
        for number, mark in enumerate(marks)
    ]
    found = evaluate(model, labels_of(units, {f"u{number}": LABELS[mark] for number, mark in enumerate(marks)}))
    assert found.articles == 6
    assert found.scores.accuracy.value == 1


def test_what_score_would_refuse_is_judged_and_said(model: Model, others: tuple[list[Unit], dict[str, str]]) -> None:
    found = evaluate(model, labels_of(*others))
    assert sum(found.status.values()) == found.scores.n
    refused = replace(found, status={"ok": 20, "off_topic": 3, "other_language": 1})
    assert "`framing score` would give no label to 3 off_topic, 1 other_language" in evaluation_lines(refused, model)


def test_a_model_whose_signatures_are_damaged_evaluates_nothing(
    model: Model, others: tuple[list[Unit], dict[str, str]], tmp_path: Path
) -> None:
    trained = train(invented_labels(24), settings=PLAIN)
    other = trained.save(tmp_path / "model")
    (tmp_path / "model" / "signatures.npz").write_bytes(b"")
    with pytest.raises(ModelError, match=r"signatures\.npz is damaged"):
        evaluate(other, labels_of(*others))


def test_the_library_names_are_the_same_functions(model: Model, others: tuple[list[Unit], dict[str, str]]) -> None:
    assert framing.evaluate is evaluate
    assert framing.train is train
    found = framing.evaluate(framing.load_model(model.folder or ""), labels_of(*others))
    assert found == evaluate(model, labels_of(*others))
