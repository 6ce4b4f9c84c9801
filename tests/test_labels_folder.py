"""The shipped labels: complete, consistent with their codebook, and without copies."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from framing.agree import code_table, krippendorff_alpha
from framing.codebook import Codebook
from framing.labelfiles import load_labels
from framing.labels import Labels, gold, labels_hash
from framing.lexicon import Lexicon

FOLDER = Path(__file__).parent.parent / "labels"
LABELS = ("neutral_broker", "obstacle", "opportunist", "none")


@pytest.fixture(scope="module")
def labels() -> Labels:
    return load_labels(FOLDER)


def test_the_folder_loads_with_nothing_to_say(labels: Labels) -> None:
    assert labels.messages == ()


def test_the_paragraphs_are_counted_by_kind(labels: Labels) -> None:
    assert Counter(unit.kind for unit in labels.units) == {"authored": 320, "restated": 259}
    assert Counter(sentence.label for sentence in labels.sentences) == dict.fromkeys(LABELS, 600)


def test_every_paragraph_has_an_article_and_a_source(labels: Labels) -> None:
    assert all(unit.article and unit.source for unit in labels.units)
    assert not [unit.source for unit in labels.units if unit.source and unit.source.endswith(".")]


def test_exactly_the_restated_paragraphs_have_an_address(labels: Labels) -> None:
    assert {unit.id for unit in labels.units if unit.url} == {
        unit.id for unit in labels.units if unit.kind == "restated"
    }
    assert all(unit.url in (None, unit.article) for unit in labels.units)


def test_every_paragraph_is_coded_by_both_coders(labels: Labels) -> None:
    ids = {unit.id for unit in labels.units}
    assert set(labels.codes) == {"coder1", "coder2"}
    assert all(set(codes) == ids for codes in labels.codes.values())
    assert all(code.label for codes in labels.codes.values() for code in codes.values())


def test_exactly_the_units_on_which_the_coders_differ_are_adjudicated(labels: Labels) -> None:
    first, second = labels.codes["coder1"], labels.codes["coder2"]
    differing = {unit for unit in first if first[unit].label != second[unit].label}
    assert set(labels.adjudicated) == differing
    assert len(differing) == 25
    found = gold(labels)
    assert (found.disputed, found.uncoded) == ((), ())
    assert found.how == {"unanimous": 554, "adjudicated": 25}


def test_every_adjudication_names_its_adjudicator_and_the_rule(labels: Labels) -> None:
    for code in labels.adjudicated.values():
        assert code.adjudicator in labels.coders
        assert code.codebook_version == labels.codebook.version
        assert re.search(r"\bRules? \d|\brule \d", code.reason or ""), code.unit


def test_every_coder_is_said_to_be_a_model_and_unchecked(labels: Labels) -> None:
    assert set(labels.coders) == {"coder1", "coder2", "adjudicator1"}
    for coder in labels.coders.values():
        assert coder.kind == "model"
        assert "No person has checked" in coder.description
    assert [coder.codebook_version for coder in labels.coders.values()] == [1, 1, 2]


def test_the_codebook_has_its_four_frames_and_five_ordered_rules(labels: Labels) -> None:
    codebook = labels.codebook
    assert (codebook.name, codebook.version, codebook.labels) == ("russia-mediator", 2, LABELS)
    assert codebook.none_label == "none"
    assert [rule.label for rule in codebook.rules] == ["none", "obstacle", "opportunist", "neutral_broker", "none"]
    assert all(frame.definition for frame in codebook.frames)
    assert codebook.headline == "restated"
    assert codebook.notice
    assert "no human coder" in codebook.notice


def test_every_rule_has_two_examples_or_more_with_its_own_label(labels: Labels) -> None:
    for rule in labels.codebook.rules:
        assert len(rule.examples) >= 2
        assert rule.label in {example.label for example in rule.examples}
        # Each clarification is shown by an example that says why.
        assert sum(example.why is not None for example in rule.examples) >= len(rule.clarifications)
    assert all(len(note.examples) >= 2 for note in labels.codebook.notes if note.title in ("Voice", "Mixed verdicts"))


def test_the_examples_of_the_codebook_are_not_among_the_texts(labels: Labels) -> None:
    parts = [rule.examples for rule in labels.codebook.rules] + [note.examples for note in labels.codebook.notes]
    examples = [example.text for part in parts for example in part]
    assert len(examples) == len(set(examples))
    known = set().union(*(shingles(text) for text in texts(labels)))
    assert [text for text in examples if len(shingles(text) & known) > len(shingles(text)) / 2] == []


def test_the_codebook_can_be_kept_in_a_model(labels: Labels) -> None:
    assert Codebook.from_dict(json.loads(json.dumps(labels.codebook.to_dict()))) == labels.codebook


def test_no_paragraph_is_a_near_copy_of_another_or_of_a_sentence(labels: Labels) -> None:
    owners: dict[str, list[int]] = {}
    sets = [shingles(text) for text in texts(labels)]
    for number, found in enumerate(sets):
        for shingle in found:
            owners.setdefault(shingle, []).append(number)
    shared = Counter((a, b) for rows in owners.values() for i, a in enumerate(rows) for b in rows[i + 1 :])
    paragraphs = range(len(labels.units))
    copies = [pair for pair, count in shared.items() if count > 0.5 * min(len(sets[number]) for number in pair)]
    copies = [(a, b) for a, b in copies if a in paragraphs or b in paragraphs]
    assert copies == []


def test_the_lexicon_loads_with_its_categories(labels: Labels) -> None:
    assert len(labels.lexicon) == 17
    assert sum(map(len, labels.lexicon.values())) == 2558
    assert Lexicon(labels.lexicon).categories == sorted(labels.lexicon)


def test_the_data_statement_gives_the_counts_and_the_limits(labels: Labels) -> None:
    statement = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    counts = (len(labels.units), len(labels.adjudicated), *Counter(unit.kind for unit in labels.units).values())
    assert all(re.search(rf"\b{count}\b", statement) for count in counts)
    assert "no human coder has checked" in statement


def test_the_fingerprint_of_the_folder_is_a_sha256(labels: Labels) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", labels_hash(labels))


def texts(labels: Labels) -> list[str]:
    return [unit.text for unit in labels.units] + [sentence.text for sentence in labels.sentences]


def shingles(text: str) -> set[str]:
    """Return the runs of five words of a text (the whole of a shorter one)."""
    words = re.findall(r"\w+", text.lower())
    return {" ".join(words[start : start + 5]) for start in range(max(len(words) - 4, 1))}


def test_a_folder_may_be_named_by_text_as_well() -> None:
    assert load_labels(str(FOLDER)).units == load_labels(FOLDER).units


@pytest.mark.parametrize("kind", ["authored", "restated", "all"])
def test_the_data_statement_gives_the_agreement_that_train_prints(kind: str) -> None:
    labels = load_labels(FOLDER)
    units = [unit.id for unit in labels.units if kind in (unit.kind, "all")]
    table = code_table(labels.codes, units, labels.codebook.labels)
    alpha = krippendorff_alpha(table)
    assert alpha is not None
    differ = int((table[:, 0] != table[:, 1]).sum())
    row = f"| {kind} | {len(units)} | {differ} | {alpha:.3f} |"
    assert row in (FOLDER / "README.md").read_text(encoding="utf-8")
