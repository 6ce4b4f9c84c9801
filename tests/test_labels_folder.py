"""The shipped labels: complete, consistent with their codebook, and without copies."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from framing.agree import MISSING, code_table, krippendorff_alpha
from framing.codebook import Codebook
from framing.labelfiles import load_labels
from framing.labels import Labels, gold, labels_hash
from framing.lexicon import Lexicon
from framing.revisions import stale_codes
from framing.shortcuts import find_shortcuts
from framing.sources import registered_domain
from framing.target import find_names, parse_names
from framing.tokens import tokenize
from framing.trainingset import training_set

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "labels"
LABELS = ("neutral_broker", "obstacle", "opportunist", "none")
FIRST = ("BP", "A", "P1", "P2")
"""The parts of the corpus that were there at the beginning."""


@pytest.fixture(scope="module")
def labels() -> Labels:
    return load_labels(FOLDER)


def test_the_folder_loads_with_no_more_to_say_than_what_was_coded_anew(labels: Labels) -> None:
    assert [message.split(": ")[1] for message in labels.messages] == [
        "339 rows replaced an earlier code of the same unit"
    ] * 2


def test_the_paragraphs_are_counted_by_kind(labels: Labels) -> None:
    assert Counter(unit.kind for unit in labels.units) == {"authored": 800, "restated": 8137}
    counts = Counter(sentence.label for sentence in labels.sentences)
    assert sum(counts.values()) == 32491
    assert min(counts[label] for label in LABELS) > 6000
    given = gold(labels).labels
    restated = Counter(given[unit.id] for unit in labels.units if unit.kind == "restated")
    assert min(restated[label] for label in LABELS) > 1000
    assert len({unit.source for unit in labels.units if unit.kind == "restated"}) == 2241


def test_every_paragraph_has_an_article_and_a_source(labels: Labels) -> None:
    assert all(unit.article and unit.source for unit in labels.units)
    assert not [unit.source for unit in labels.units if unit.source and unit.source.endswith(".")]


def test_exactly_the_restated_paragraphs_have_an_address(labels: Labels) -> None:
    assert {unit.id for unit in labels.units if unit.url} == {
        unit.id for unit in labels.units if unit.kind == "restated"
    }
    assert all(unit.url in (None, unit.article) for unit in labels.units)


def test_every_paragraph_is_coded_twice(labels: Labels) -> None:
    first = {unit.id for unit in labels.units if unit.id.split("-")[0] in FIRST}
    second = {unit.id for unit in labels.units} - first
    parts = {"coder1": first, "coder2": first, "writer": second, "coder3": second}
    assert {coder: set(codes) for coder, codes in labels.codes.items()} == parts
    assert all(code.label for codes in labels.codes.values() for code in codes.values())


def test_every_unit_on_which_coders_differ_is_adjudicated(labels: Labels) -> None:
    differing = {
        unit.id
        for unit in labels.units
        if len({codes[unit.id].label for codes in labels.codes.values() if unit.id in codes}) > 1
    }
    assert set(labels.adjudicated) == differing
    assert len(differing) == 902
    found = gold(labels)
    assert (found.disputed, found.uncoded) == ((), ())
    assert found.how == {"unanimous": 8035, "adjudicated": 902}


def test_a_restated_source_is_the_registered_domain_of_its_page(labels: Labels) -> None:
    restated = [unit for unit in labels.units if unit.kind == "restated"]
    assert [unit.source for unit in restated] == [registered_domain(unit.url or "") for unit in restated]
    assert len({unit.source for unit in restated}) == 2241


@pytest.mark.parametrize("kind", ["authored", "restated"])
def test_the_data_statement_says_how_often_the_target_is_named(labels: Labels, kind: str) -> None:
    names = parse_names(labels.codebook.target)
    given = gold(labels).labels
    shares = {}
    for label in LABELS:
        texts = [unit.text for unit in labels.units if unit.kind == kind and given[unit.id] == label]
        tokens = tokenize(texts)
        shares[label] = len(set(tokens.row[find_names(tokens, [names])].tolist())) / len(texts)
    stated = {"authored": 0.75, "restated": 0.69}[kind]
    assert f"{stated:.0%}".replace("%", " %") in (FOLDER / "README.md").read_text(encoding="utf-8")
    assert round(shares.pop("none"), 2) == stated
    assert all(0.78 <= share < 1 for share in shares.values())


def test_what_version_2_touches_is_coded_under_it(labels: Labels) -> None:
    assert stale_codes(labels, FOLDER).codes == ()


def test_the_set_aside_is_large_and_its_sources_are_whole(labels: Labels) -> None:
    aside = [unit for unit in labels.units if unit.source in labels.held_out]
    assert len(aside) >= 300
    assert sum(unit.kind == "restated" for unit in aside) >= 150
    trained = training_set(labels, gold(labels)).texts
    assert not {unit.text for unit in aside} & set(trained)


def test_pages_that_are_kept_back_are_left_alone(labels: Labels) -> None:
    kept = ROOT.parent / "shared" / "corpus" / "kept_back_pages.txt"
    if not kept.exists():
        pytest.skip("the list of kept-back pages is not here")
    lines = [line for line in kept.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    addresses = {plain_address(line) for line in lines if line.startswith("http")}
    titles = [title_words(re.sub(r"^[\w. ]+: ", "", line)) for line in lines if not line.startswith("http")]
    assert len(addresses) > 100
    assert len(titles) > 3
    known = [unit.article for unit in labels.units] + [sentence.article for sentence in labels.sentences]
    pages = {page for page in known if page}
    assert [page for page in pages if plain_address(page) in addresses] == []
    assert [page for page in pages for title in titles if len(title & title_words(page)) >= 0.8 * len(title)] == []


def test_every_adjudication_names_its_adjudicator_and_the_rule(labels: Labels) -> None:
    for code in labels.adjudicated.values():
        assert code.adjudicator in labels.coders
        assert code.codebook_version == labels.codebook.version
        assert re.search(r"\b[Rr]ules? \d|\b[Nn]ote (Mixed|Voice)", code.reason or ""), code.unit


def test_every_coder_is_said_to_be_a_model_and_unchecked(labels: Labels) -> None:
    assert set(labels.coders) == {
        "coder1",
        "coder2",
        "writer",
        "coder3",
        "adjudicator1",
        "adjudicator2",
        "adjudicator3",
        "adjudicator4",
    }
    for coder in labels.coders.values():
        assert coder.kind == "model"
        assert "No person has checked" in coder.description
    assert [coder.codebook_version for coder in labels.coders.values()] == [1, 1, 2, 2, 2, 2, 2, 2]


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
    assert all(re.search(rf"\b{count:,}\b", statement) for count in counts)
    assert "no human coder has checked" in statement


def test_no_cue_alone_tells_the_label_much_more_often_than_the_majority_rate(labels: Labels) -> None:
    for one in find_shortcuts(labels):
        most = one.majority.accuracy.value + (0.03 if one.majority.n > 1000 else 0.05)
        assert [cue.cue for cue in one.found if cue.plain.accuracy.value > most] == [], one.kind


def test_the_fingerprint_of_the_folder_is_a_sha256(labels: Labels) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", labels_hash(labels))


def texts(labels: Labels) -> list[str]:
    return [unit.text for unit in labels.units] + [sentence.text for sentence in labels.sentences]


def plain_address(address: str) -> str:
    """Return an address without what other addresses of the same page differ in."""
    bare = re.sub(r"^https?://(www\.|m\.|amp\.)?", "", re.sub(r"#.*|[?&]utm_.*", "", address.lower()))
    return re.sub(r"/amp(?=/|$)", "", bare).rstrip("/")


def title_words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]{3,}", text.lower()))


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
    table = table[(table != MISSING).sum(axis=1) > 1]
    differ = sum(len(set(row) - {MISSING}) > 1 for row in table.tolist())
    row = f"| {kind} | {len(units)} | {differ} | {alpha:.3f} |"
    assert row in (FOLDER / "README.md").read_text(encoding="utf-8")
