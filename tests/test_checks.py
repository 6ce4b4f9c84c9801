"""Minimal pairs, statuses and shortcuts: what they count, and the files that hold them."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from framing.checks import check_lines, count_checks, count_checks_by, evaluate_checks
from framing.errors import LabelsError
from framing.labelfiles import load_labels
from framing.labels import Check, labels_hash
from framing.loading import load_model
from framing.shortcuts import find_shortcuts, shortcut_facts, shortcut_lines
from framing.statuses import evaluate_statuses, load_status_cases, status_lines
from framing.training import train
from tests.run import run
from tests.small import LABELS, PLAIN, codes_of, invented_labels, invented_text, invented_units, labels_of

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "russia-mediator"


def pair(number: int, rule: str = "1", change: str = "negated") -> Check:
    return Check(f"c{number}", rule, change, f"first {number}", "broker", f"second {number}", "none")


def test_a_pair_is_right_only_where_both_halves_are() -> None:
    checks = [pair(number) for number in range(4)]
    given = [("broker", "none"), ("broker", "broker"), ("none", "none"), ("none", "broker")]
    assert count_checks(checks, given).to_dict() == {"pairs": 4, "both": 1, "first": 2, "second": 2, "apart": 2}


def test_pairs_are_counted_by_rule_and_by_change() -> None:
    checks = [pair(0, "1", "negated"), pair(1, "2", "negated"), pair(2, "2", "order")]
    found = count_checks_by(checks, [("broker", "none"), ("broker", "none"), ("none", "none")])
    assert {rule: counts["both"] for rule, counts in found["by_rule"].items()} == {"1": 1, "2": 1}
    assert {change: counts["pairs"] for change, counts in found["by_change"].items()} == {"negated": 2, "order": 1}
    assert any(line.split() == ["all", "3", "2", "(67%)", "2", "(67%)", "3", "(100%)", "2", "(67%)"]
               for line in check_lines(found))  # fmt: skip


def test_pairs_are_in_the_card_and_in_no_part_of_training(tmp_path: Path) -> None:
    labels = invented_labels(60)
    rng = random.Random(1)
    checks = tuple(
        Check(f"c{number}", "1", "negated", invented_text(0, rng), LABELS[0], invented_text(1, rng), LABELS[1])
        for number in range(5)
    )
    with_checks = replace(labels, checks=checks)
    assert labels_hash(with_checks) == labels_hash(labels)
    plain, checked = (train(one, settings=PLAIN) for one in (labels, with_checks))
    assert plain.manifest["checks"] is None
    assert checked.manifest["checks"]["all"]["pairs"] == 5
    for file, arrays in plain.files.items():
        assert all((checked.files[file][name] == array).all() for name, array in arrays.items())
    model = checked.save(tmp_path / "model")
    assert evaluate_checks(model, checks) == checked.manifest["checks"]
    assert "## Minimal pairs" in (tmp_path / "model" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"first": {"text": "a", "label": "none"}}, "second must be an object"),
        ({"first": {"text": "a", "label": "none"}, "second": {"text": "b", "label": "none"}}, "of two labels"),
        ({"first": {"text": "", "label": "none"}, "second": {"text": "b", "label": "none"}}, "first: text is empty"),
        ({"first": {"text": "a", "label": "x"}, "second": {"text": "b", "label": "none"}}, "not in the codebook"),
        ({"first": {"text": "a"}, "second": {"text": "b", "label": "none"}}, "first: label is missing"),
    ],
)
def test_a_pair_that_is_none_is_named_with_its_line(tmp_path: Path, row: dict[str, object], message: str) -> None:
    folder = tmp_path / "labels"
    folder.mkdir()
    (folder / "codebook.toml").write_text((ROOT / "labels" / "codebook.toml").read_text(encoding="utf-8"))
    (folder / "paragraphs.jsonl").write_text('{"id": "u", "text": "Moscow."}\n')
    about = {"id": "c", "rule": "1", "change": "negated"}
    (folder / "checks.jsonl").write_text(json.dumps(about | row) + "\n")
    with pytest.raises(LabelsError, match=message) as caught:
        load_labels(folder)
    assert "checks.jsonl:1" in str(caught.value)


def test_the_default_labels_have_a_dozen_pairs_of_each_rule() -> None:
    labels = load_labels(ROOT / "labels")
    by_rule = {rule: [check for check in labels.checks if check.rule == rule] for rule in "12345"}
    assert min(map(len, by_rule.values())) >= 12
    trained = {unit.text for unit in labels.units} | {sentence.text for sentence in labels.sentences}
    assert not trained & {text for check in labels.checks for text in (check.first, check.second)}


def test_the_checks_that_evaluate_prints_are_those_of_the_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    printed = run(monkeypatch, "evaluate", "--checks").out
    assert printed in (MODEL / "README.md").read_text(encoding="utf-8")


def test_labels_without_pairs_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = tmp_path / "labels.csv"
    sheet.write_text("text,label\nMoscow hosted the talks.,none\n")
    done = run(monkeypatch, "evaluate", sheet, "--checks")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert "there is no checks.jsonl" in done.err


def test_statuses_count_false_alarms_and_misses(tmp_path: Path) -> None:
    on = "Moscow hosted the foreign ministers of Armenia and Azerbaijan, and the Russian peacekeepers held the road. "
    off = "Whisk the eggs with the sugar until they are pale, fold in the flour and bake the sponge for half an hour. "
    rows = [
        {"id": "1", "text": on * 3, "expected": "ok", "about": "talks"},
        {"id": "2", "text": off * 3, "expected": "off_topic", "about": "cake"},
        {"id": "3", "text": on * 3 + "Again.", "expected": "off_topic", "about": "a miss"},
        {"id": "4", "text": off * 3 + "Again.", "expected": "ok", "about": "a false alarm"},
    ]
    path = tmp_path / "statuses.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    found = evaluate_statuses(load_model(MODEL), load_status_cases(path))
    assert (found["false_alarms"], found["misses"]) == (1, {"off_topic": 1})
    assert [one["id"] for one in found["wrong"]] == ["3", "4"]
    labels = found["labels_of_misses"]
    assert set(labels) == {"off_topic"}
    assert sum(labels["off_topic"].values()) == 1  # one paragraph
    lines = "\n".join(status_lines(found))
    assert "their paragraphs are labelled: " in lines
    assert "false alarms: 1 of 2 articles on the topic" in lines
    assert "misses: 1 of 2 articles off_topic are scored" in lines


def test_a_status_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "statuses.jsonl"
    path.write_text('{"id": "1", "text": "x", "expected": "good"}\n')
    with pytest.raises(LabelsError, match=r"statuses.jsonl:1: expected 'good'"):
        load_status_cases(path)


def test_labels_that_length_tells_have_that_shortcut_and_no_other() -> None:
    units, _ = invented_units(240, per_article=2)
    rng = random.Random(2)
    given, texts = {}, []
    for unit in units:
        mark = rng.randrange(3)
        texts.append(replace(unit, text=invented_text(rng.randrange(3), rng, words=15 + 25 * mark)))
        given[unit.id] = LABELS[mark]
    labels = replace(labels_of(texts, given), codes={"anna": codes_of("anna", given)})
    (found,) = find_shortcuts(labels)
    reached = {one.cue: one.plain.accuracy.value for one in found.found}
    assert reached["length"] > 0.95
    assert reached["place in the article"] < 0.5
    assert found.majority.accuracy.value < 0.45
    assert "length" in "\n".join(shortcut_lines([found]))
    assert json.loads(json.dumps(shortcut_facts([found])))["all"]["cues"]["length"]["accuracy"]["value"] > 0.95


def test_labels_at_random_have_no_shortcut() -> None:
    units, _ = invented_units(240)
    rng = random.Random(3)
    (found,) = find_shortcuts(labels_of(units, {unit.id: rng.choice(LABELS) for unit in units}))
    assert max(one.plain.accuracy.value for one in found.found) < 0.45


@pytest.mark.parametrize("row", ["{text},{label}", "{text},{label},{id}"])
def test_labels_without_targets_and_articles_have_cues_that_tell_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str
) -> None:
    units, truth = invented_units(60)
    head = "text,label,article" if "{id}" in row else "text,label"
    lines = [row.format(text=unit.text.replace(",", ""), label=truth[unit.id], id=unit.id) for unit in units]
    (tmp_path / "labels.csv").write_text("\n".join([head, *lines]) + "\n")
    done = run(monkeypatch, "evaluate", tmp_path / "labels.csv", "--shortcuts")
    assert done.code == 0, done.err
    assert "nothing: random numbers" in done.out


def test_one_question_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    done = run(monkeypatch, "evaluate", ROOT / "labels", "--checks", "--statuses")
    assert done.code == 2
    assert "ask one at a time" in done.err
