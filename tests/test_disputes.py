"""Disputed units and suspect labels: the order of the first, and how many planted errors are among the second."""

from __future__ import annotations

import json
import random
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from framing.agreement import agreement_report
from framing.codebook import Rule
from framing.disputes import find_disputes, find_suspects, find_unlike_copies
from framing.features import Floats
from framing.foldmix import SEEN, WHOLE
from framing.labels import Labels, Sentence, Unit, gold
from framing.loading import load_model, load_training_units
from framing.model import Model
from framing.outoffold import fold_of_units, predict_out_of_fold
from framing.records import Interval
from framing.tokens import Ints
from framing.training import train
from tests.small import (
    LABELS,
    PLAIN,
    codebook_of,
    edited,
    invented_text,
    invented_units,
    labels_of,
)

RULES = (Rule(1, "none", "Only named."), Rule(2, "obstacle", "In the way."), Rule(3, None, "Else see above."))


def units_named(*names: str, inclusion: float | None = None) -> list[Unit]:
    rng = random.Random(len(names))
    return [Unit(name, invented_text(0, rng), article=name, inclusion=inclusion) for name in names]


def order_of(labels: Labels) -> list[str]:
    return [one.unit.id for one in find_disputes(labels, gold(labels))]


def test_an_audit_unit_that_stands_for_many_comes_before_one_that_stands_for_few() -> None:
    units = [*units_named("rare", inclusion=0.5), *units_named("wide", inclusion=0.01), *units_named("own")]
    given = dict.fromkeys(("rare", "wide", "own"), "broker")
    labels = labels_of(units, given, dict.fromkeys(given, "none"))
    assert order_of(labels) == ["wide", "rare", "own"]


def test_a_unit_on_which_all_differ_comes_before_one_with_a_single_other_voice() -> None:
    units = units_named("one", "all")
    labels = labels_of(
        units,
        {"one": "broker", "all": "broker"},
        {"one": "broker", "all": "obstacle"},
        {"one": "none", "all": "none"},
    )
    assert order_of(labels) == ["all", "one"]


def test_labels_that_are_disputed_often_come_before_those_that_are_seldom() -> None:
    units = units_named("a", "b", "c")
    labels = labels_of(
        units, {"a": "broker", "b": "obstacle", "c": "obstacle"}, {"a": "none", "b": "none", "c": "none"}
    )
    assert order_of(labels) == ["b", "c", "a"]
    assert [one.alike for one in find_disputes(labels, gold(labels))] == [2, 2, 1]


def test_where_both_are_sure_the_rule_is_in_question_and_it_comes_first() -> None:
    labels = labels_of(units_named("a", "b"), {"a": "broker", "b": "broker"}, {"a": "none", "b": "none"})
    sure = {
        name: {unit: replace(code, sure=unit == "b") for unit, code in own.items()}
        for name, own in labels.codes.items()
    }
    assert order_of(replace(labels, codes=sure)) == ["b", "a"]


def test_the_rules_in_question_are_those_of_the_labels_and_those_that_name_none() -> None:
    codebook = replace(codebook_of(), rules=RULES)
    labels = labels_of(units_named("a"), {"a": "broker"}, {"a": "obstacle"}, codebook=codebook)
    (dispute,) = find_disputes(labels, gold(labels))
    assert [rule.number for rule in dispute.rules] == [2, 3]
    assert {coder: code.label for coder, code in dispute.codes.items()} == {"anna": "broker", "boris": "obstacle"}


def test_what_was_adjudicated_is_no_dispute_any_more() -> None:
    labels = labels_of(units_named("a"), {"a": "broker"}, {"a": "none"}, adjudicated={"a": "none"})
    assert find_disputes(labels, gold(labels)) == []


def test_near_copies_with_different_labels_are_found_and_others_are_not() -> None:
    rng = random.Random(3)
    text, other = invented_text(0, rng, words=60), invented_text(1, rng, words=60)
    units = [
        Unit("a", text),
        Unit("b", edited(text)),
        Unit("c", other),
        Unit("d", edited(other)),
        Unit("e", text, target="X"),
    ]
    labels = labels_of(units, {"a": "broker", "b": "none", "c": "obstacle", "d": "obstacle", "e": "obstacle"})
    found = find_unlike_copies(labels, gold(labels))
    assert [(one.one.id, one.other.id, one.labels) for one in found] == [("a", "b", ("broker", "none"))]


def test_a_label_is_suspect_where_another_is_as_likely_as_it_usually_is_where_it_is_right() -> None:
    shares = np.array([[0.8, 0.2], [0.9, 0.1], [0.3, 0.7], [0.2, 0.8], [0.48, 0.52], [0.9, 0.1]])
    y = np.array([0, 0, 1, 1, 0, 1])
    found = find_suspects(units_named(*"abcdef"), y, shares, np.ones(6, np.bool_), ("x", "y"))
    # y is 0.53 on average where it is y: f surely is no y, and that e is no x nobody can say.
    assert [(one.unit.id, one.label, one.instead) for one in found] == [("f", "y", "x")]
    assert found[0].probability == pytest.approx(0.1)
    assert found[0].instead_probability == pytest.approx(0.9)


def test_units_without_a_prediction_are_never_suspect() -> None:
    shares = np.array([[0.9, 0.1], [0.1, 0.9], [0.1, 0.9]])
    found = find_suspects(units_named(*"abc"), np.array([0, 1, 0]), shares, np.array([True, True, False]), ("x", "y"))
    assert found == []


def trained(labels: Labels, path: Path) -> Model:
    return train(labels, settings=PLAIN).save(path / "model")


SHORT = "Orvania hosted the harbour and a bridge near the treaty for every envoy."


def trained_with_sentence(path: Path) -> Model:
    units, truth = invented_units(60, per_article=3, seed=3)
    return trained(labels_of(units, truth, sentences=[Sentence(SHORT, "broker")]), path / "other")


def test_each_unit_is_predicted_by_the_model_that_did_not_learn_from_it(tmp_path: Path) -> None:
    units, truth = invented_units(90, per_article=3)
    model = trained(labels_of(units, truth), tmp_path)
    stored = load_training_units(model).fold.tolist()
    rng = random.Random(1)
    others = [
        Unit("copy", edited(units[0].text), article="elsewhere"),
        Unit("mate", invented_text(1, rng, words=60), article=units[0].article),
        Unit("new", invented_text(1, rng, words=60), article="new"),
    ]
    folds = fold_of_units(model, [*units, *others]).tolist()
    assert folds[:90] == stored
    assert folds[90:] == [stored[0], stored[0], WHOLE]
    assert fold_of_units(model, [others[1]]).tolist() == [SEEN]  # its article was in training, in a fold not known here
    sentences = trained_with_sentence(tmp_path)
    assert fold_of_units(sentences, [Unit("s", SHORT)]).tolist() == [SEEN]  # a copy of a short sentence
    other = next(unit for unit, fold in zip(units, stored, strict=True) if fold != stored[0])
    both = Unit("both", f"{units[0].text} {other.text}", article="both")
    assert fold_of_units(model, [both]).tolist() == [SEEN]  # of two folds: no model has not learned from it
    astray = Unit("astray", edited(other.text), article=units[0].article)
    assert fold_of_units(model, [astray]).tolist() == [SEEN]
    found = predict_out_of_fold(model, [*units, *others])
    assert found.known.all()
    right = np.mean(
        [model.labels[row] == truth[unit.id] for row, unit in zip(found.shares.argmax(axis=1), units, strict=False)]
    )
    assert right > 0.8
    assert np.allclose(found.shares.sum(axis=1), 1)


@pytest.mark.parametrize("seed", [1, 2])
def test_planted_errors_are_among_the_suspects(tmp_path: Path, capsys: pytest.CaptureFixture[str], seed: int) -> None:
    """Ten per cent of the labels are wrong; precision and recall at their number, beside cleanlab on the same data."""
    units, truth = invented_units(300, per_article=3, sources=10, seed=seed)
    rng = random.Random(seed)
    planted = set(rng.sample([unit.id for unit in units], 30))
    given = {unit: LABELS[(LABELS.index(label) + rng.randrange(1, 3)) % 3] if unit in planted else label
             for unit, label in truth.items()}  # fmt: skip
    labels = labels_of(units, given)
    model = trained(labels, tmp_path)
    report = agreement_report(labels, model)
    own = [one.unit.id for one in report.suspects]
    shares = predict_out_of_fold(model, units).shares
    y = np.array([LABELS.index(given[unit.id]) for unit in units])
    peer = [units[row].id for row in _cleanlab(y, shares)]
    figures = {name: _figures(found, planted) for name, found in (("framing", own), ("cleanlab", peer))}
    with capsys.disabled():
        print(f"\nplanted errors, seed {seed}: " + json.dumps(figures))
    precision, recall = figures["framing"]["precision"], figures["framing"]["recall"]
    assert precision > 0.8
    assert recall > 0.8
    assert recall >= figures["cleanlab"]["recall"] - 0.1


def _figures(found: list[str], planted: set[str]) -> dict[str, float]:
    """Return precision and recall at the number planted."""
    first = found[: len(planted)]
    hits = len(planted & set(first))
    return {
        "found": len(found),
        "precision": round(hits / max(len(first), 1), 3),
        "recall": round(hits / len(planted), 3),
    }


def _cleanlab(y: Ints, shares: Floats) -> list[int]:
    """Return what the peer holds to be label errors, the surest first."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from cleanlab.filter import find_label_issues

        found = find_label_issues(y, shares, return_indices_ranked_by="normalized_margin", n_jobs=1)
    return [int(row) for row in found]


def test_the_report_has_the_model_beside_the_coders(tmp_path: Path) -> None:
    units, truth = invented_units(90, per_article=3)
    rng = random.Random(2)
    noisy = {unit: rng.choice(LABELS) if rng.random() < 0.1 else label for unit, label in truth.items()}
    labels = labels_of(units, truth, noisy)
    report = agreement_report(labels, trained(labels_of(units, truth), tmp_path))
    assert report.model is not None
    assert set(report.model.pairs) == {"anna", "boris"}
    assert report.model.units == 90
    low, high = report.model.range or (0, 0)
    mean = np.mean([one.alpha.value for one in report.model.pairs.values() if one.alpha])
    between = report.by_pair["anna", "boris"].alpha
    assert between == Interval(between.value if between else 0, low, high)
    assert report.model.position == ("below" if mean < low else "above" if mean > high else "inside")
    assert report.coders == {"anna": 90, "boris": 90}
    assert json.loads(json.dumps(report.to_dict()))["model"]["units"] == 90


def test_a_good_model_lies_above_the_range_of_coders_who_often_guess(tmp_path: Path) -> None:
    units, truth = invented_units(120, per_article=3)
    rng = random.Random(4)
    coders = [
        {unit: rng.choice(LABELS) if rng.random() < 0.5 else label for unit, label in truth.items()} for _ in range(2)
    ]
    report = agreement_report(labels_of(units, *coders), trained(labels_of(units, truth), tmp_path))
    assert report.model is not None
    assert report.model.position == "above"


def test_where_the_coders_share_one_article_nobody_can_say_where_the_model_stands(tmp_path: Path) -> None:
    units, truth = invented_units(60, per_article=3)
    some = {unit.id: "none" for unit in units[:3]}
    report = agreement_report(labels_of(units, truth, some), trained(labels_of(units, truth), tmp_path))
    assert report.model is not None
    assert (report.model.position, report.model.range) == (None, None)


def test_the_default_model_is_below_the_range_of_the_coders_of_the_default_labels() -> None:
    from framing.labelfiles import load_labels

    root = Path(__file__).parent.parent
    report = agreement_report(load_labels(root / "labels"), load_model(root / "models" / "russia-mediator"))
    assert report.model is not None
    assert report.model.position == "below"
