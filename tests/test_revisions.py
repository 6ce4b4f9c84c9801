"""Codebooks under revision: which codes were given under an older text of a changed rule."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from framing.codebook import Codebook, Example, Rule, load_codebook
from framing.codebooktext import codebook_toml, skeleton
from framing.errors import LabelsError
from framing.labels import Code, Coder, Labels
from framing.revisions import check_revision, save_revision, stale_codes
from tests.small import codebook_of, invented_units, labels_of

ROOT = Path(__file__).parent.parent
RULES = (
    Rule(1, "none", "The host is only named."),
    Rule(2, "obstacle", "The host is in the way."),
    Rule(3, "broker", "The host brings others together."),
    Rule(4, "none", "Everything else."),
)


def scheme(*rules: Rule, version: int = 1) -> Codebook:
    return replace(codebook_of(), version=version, rules=rules or RULES)


def coded(codebook: Codebook, version: int | None = 1) -> Labels:
    """Return nine units with all labels, coded by anna under a version of the codebook."""
    units, truth = invented_units(9)
    labels = labels_of(units, truth, codebook=codebook)
    codes = {unit: replace(code, codebook_version=version) for unit, code in labels.codes["anna"].items()}
    return replace(labels, codes={"anna": codes}, coders={})


def changed(place: int, **values: object) -> tuple[Rule, ...]:
    return tuple(replace(rule, **values) if at == place else rule for at, rule in enumerate(RULES))  # type: ignore[arg-type]


def stale(labels: Labels, folder: Path) -> set[tuple[str | None, tuple[int, ...]]]:
    return {(one.code.label, one.rules) for one in stale_codes(labels, folder).codes}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (RULES, set()),
        (changed(1, text="The host blocks."), {("obstacle", (2,))}),
        (changed(3, text="All else."), {("none", (4,))}),
        (changed(0, clarifications=("A guest is not a host.",)), {("none", (1,))}),
        (changed(1, examples=(Example("No.", "obstacle"),)), set()),
        (changed(2, text="  The host brings others  together. "), {("broker", (3,))}),
        (RULES[:2] + RULES[3:], {("broker", ())}),
        ((*RULES, Rule(5, "broker", "Also a guide.")), {("broker", (5,))}),
        ((*RULES, Rule(5, None, "See above.")), {("broker", (5,)), ("obstacle", (5,)), ("none", (5,))}),
        ((RULES[1], RULES[0], *RULES[2:]), set()),
    ],
)
def test_exactly_the_codes_under_a_changed_rule_are_listed(
    tmp_path: Path, rules: tuple[Rule, ...], expected: set[tuple[str, tuple[int, ...]]]
) -> None:
    save_revision(tmp_path, scheme())
    labels = coded(scheme(*rules, version=2))
    found = stale_codes(labels, tmp_path)
    assert stale(labels, tmp_path) == expected
    assert len(found.codes) == 3 * len({label for label, _ in expected})


def test_codes_given_under_the_new_version_are_not_stale(tmp_path: Path) -> None:
    save_revision(tmp_path, scheme())
    assert stale_codes(coded(scheme(*changed(1, text="X."), version=2), version=2), tmp_path).codes == ()


def test_the_version_is_the_coders_where_the_code_has_none(tmp_path: Path) -> None:
    save_revision(tmp_path, scheme())
    labels = coded(scheme(*changed(1, text="X."), version=2), version=None)
    assert stale_codes(labels, tmp_path).undated == 9
    labels = replace(labels, coders={"anna": Coder("person", "Anna.", 1)})
    assert len(stale_codes(labels, tmp_path).codes) == 3


def test_skips_are_under_no_rule(tmp_path: Path) -> None:
    save_revision(tmp_path, scheme())
    labels = coded(scheme(*changed(1, text="X."), version=2))
    skips = {unit: replace(code, label=None) for unit, code in labels.codes["anna"].items()}
    assert stale_codes(replace(labels, codes={"anna": skips}), tmp_path).codes == ()


def test_decisions_are_listed_as_well(tmp_path: Path) -> None:
    save_revision(tmp_path, scheme())
    labels = coded(scheme(*changed(1, text="X."), version=2), version=2)
    unit = labels.units[0].id
    settled = replace(labels, adjudicated={unit: Code(unit, "adjudicated", "obstacle", codebook_version=1)})
    assert [one.code.coder for one in stale_codes(settled, tmp_path).codes] == ["adjudicated"]


def test_where_the_old_text_is_not_kept_every_older_code_is_listed_and_that_is_said(tmp_path: Path) -> None:
    found = stale_codes(coded(scheme(version=3)), tmp_path)
    assert len(found.codes) == 9
    assert found.unknown == (1,)


def test_rules_that_changed_without_a_new_version_are_an_error(tmp_path: Path) -> None:
    save_revision(tmp_path, scheme())
    check_revision(tmp_path, scheme())
    check_revision(tmp_path, scheme(*changed(1, examples=(Example("No.", "obstacle"),))))
    with pytest.raises(LabelsError, match="raise version to 2"):
        check_revision(tmp_path, scheme(*changed(1, text="X.")))


def test_a_kept_text_is_never_written_over(tmp_path: Path) -> None:
    save_revision(tmp_path, scheme())
    save_revision(tmp_path, scheme(*changed(1, text="X.")))
    assert load_codebook(tmp_path / "codebooks" / "1.toml").rules[1].text == "The host is in the way."


def test_a_codebook_written_as_toml_is_the_same_codebook(tmp_path: Path) -> None:
    codebook = load_codebook(ROOT / "labels")
    (tmp_path / "codebook.toml").write_text(codebook_toml(codebook), encoding="utf-8")
    assert load_codebook(tmp_path) == codebook


@pytest.mark.parametrize("text", ['a "quoted" word', "back\\slash", "é ա 漢 \U0001f600", "tab\tand\nline", "'''"])
def test_any_text_of_a_codebook_comes_back_from_toml(tmp_path: Path, text: str) -> None:
    codebook = scheme(*changed(1, text=" ".join(text.split()), examples=(Example("x", "none", "why"),)))
    (tmp_path / "codebook.toml").write_text(codebook_toml(codebook), encoding="utf-8")
    assert load_codebook(tmp_path) == codebook


@pytest.mark.parametrize("name", ["audit", "my audit 2020", "...", "ա", "a" * 200])
def test_the_skeleton_loads_whatever_the_folder_is_called(tmp_path: Path, name: str) -> None:
    (tmp_path / "codebook.toml").write_text(skeleton(name), encoding="utf-8")
    codebook = load_codebook(tmp_path)
    assert codebook.labels == ("favourable", "unfavourable", "none")
    assert codebook.target == ()
    # With the commented parts opened it loads as well.
    opened = re.sub(r"^# (?=\[|names|definition|Who counts|text|label|why)", "", skeleton(name), flags=re.MULTILINE)
    (tmp_path / "codebook.toml").write_text(opened, encoding="utf-8")
    filled = load_codebook(tmp_path)
    assert filled.target == ("Orvania*",)
    assert [example.label for example in filled.rules[0].examples] == ["none"]
