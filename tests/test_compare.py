"""`framing compare` on an invented corpus of twelve sources whose true frames are known: the figures and the table."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framing.audit import read_audit
from framing.comparetext import comparison_lines
from framing.comparison import Comparison, from_dict
from framing.errors import FramingError, UsageError
from framing.foldmix import mix_folds
from framing.importing import import_codes
from framing.labelfiles import load_labels
from framing.labels import gold
from framing.loading import load_model
from framing.outoffold import predict_out_of_fold
from framing.sample import Wish, sample_to_folder
from framing.terminal import Style, columns_of
from tests.comparing import NEWS, ROOT, articles_of, asked, share_of, sheet_rows, true_shares, write_rows
from tests.newsroom import LABELS, MIXES, fill_sheet, make_newsroom
from tests.run import run

# What is estimated.


def test_all_twelve_sources_are_estimated_and_their_shares_sum_to_one(audited: Comparison) -> None:
    assert [one.name for one in audited.groups] == sorted(MIXES)
    for group in audited.groups:
        for of, labels in (("all", LABELS), ("framed", LABELS[:3])):
            assert sum(share_of(group, label, of).value or 0 for label in labels) == pytest.approx(1)


def test_the_intervals_hold_the_true_shares_more_often_than_the_naive_ones(audited: Comparison) -> None:
    held = naive = 0
    for group in audited.groups:
        for label, true in true_shares(group.name).items():
            one = share_of(group, label)
            assert one.low is not None
            assert one.high is not None
            assert one.naive is not None
            held += one.low <= true <= one.high
            naive += one.naive.low <= true <= one.naive.high
    assert held >= 0.93 * 48
    assert naive < held


def test_every_difference_that_is_called_is_there(audited: Comparison) -> None:
    true = {name: true_shares(name) for name in MIXES}
    called = [pair for order in audited.orders if order.of == "all" for pair in order.pairs]
    assert len(called) > 10
    for order in audited.orders:
        for more, less in order.pairs if order.of == "all" else ():
            assert true[more][order.label] > true[less][order.label]


def test_an_order_is_shown_only_where_a_difference_is_supported(audited: Comparison) -> None:
    supported = {(one.label, one.of, *sorted((one.group, one.other or ""))) for one in audited.differences
                 if one.supported and one.other}  # fmt: skip
    ordered = {(order.label, order.of, *sorted(pair)) for order in audited.orders for pair in order.pairs}
    assert ordered == supported
    assert all(one.text == "cannot tell apart" for one in audited.orders if not one.pairs)


def test_the_whole_comparison_goes_through_json_unchanged(audited: Comparison, unaudited: Comparison) -> None:
    for one in (audited, unaudited):
        assert from_dict(json.loads(json.dumps(one.to_dict()))) == one


def test_finite_intervals_are_shorter(room: Path, audited: Comparison) -> None:
    finite = asked(room / "scored.jsonl", audit=str(room / "sheet.csv"), finite=True)
    for one, other in zip(finite.groups, audited.groups, strict=True):
        assert share_of(one, "none").value == share_of(other, "none").value
        assert (share_of(one, "none").high or 0) < (share_of(other, "none").high or 0)
    assert "this very corpus" in finite.estimand


def test_what_is_in_no_share_is_named(audited: Comparison) -> None:
    assert {(one.reason, one.articles, one.paragraphs) for one in audited.remainder} == {
        ("no source", 1, 1), ("no date", 1, 1), ("no_target", 1, 1),
    }  # fmt: skip
    assert sum(one.paragraphs for one in audited.groups) + 3 == audited.paragraphs


def test_wire_copy_counts_as_published_and_beside_it_only_where_it_came_first(audited: Comparison) -> None:
    assert (audited.wire.clusters, audited.wire.articles, audited.wire.later) == (3, 6, 3)
    groups = {one.name: one for one in audited.groups}
    assert groups["Dawn Wire"].original_articles == groups["Dawn Wire"].articles == 20
    assert groups["Free Hour"].articles == 21
    assert groups["Free Hour"].original_articles == 20
    assert share_of(groups["Free Hour"], "obstacle").original is not None


def test_hand_labels_and_the_naive_count_stand_beside_the_estimate(audited: Comparison) -> None:
    for group in audited.groups:
        one = share_of(group, "obstacle")
        assert one.by_hand is not None
        assert one.naive is not None
        assert one.by_hand.high - one.by_hand.low > one.naive.high - one.naive.low


def test_quoted_and_own_paragraphs_are_apart(audited: Comparison) -> None:
    quoted, own = audited.voices
    assert (quoted.voice, own.voice) == ("quoted", "own")
    for one, other, both in zip(quoted.groups, own.groups, audited.groups, strict=True):
        assert one.paragraphs + other.paragraphs == both.paragraphs
        assert one.paragraphs < other.paragraphs


def test_time_is_a_series_of_months(room: Path, audited: Comparison) -> None:
    assert audited.series is not None
    assert [one.when for one in audited.series.points] == ["2020-10", "2020-11", "2020-12"]
    months = asked(room / "scored.jsonl", audit=str(room / "sheet.csv"), by="date:month")
    assert [one.name for one in months.groups] == ["2020-10", "2020-11", "2020-12"]
    assert months.series is not None
    assert [one.group for one in months.series.points] == list(months.groups)
    assert months.groups[0].shares == audited.series.points[0].group.shares


@pytest.mark.parametrize("column", ["dateline", "dated"])
def test_a_column_whose_name_begins_like_date_is_no_stretch_of_time(
    room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, column: str
) -> None:
    corpus = (room / "corpus.jsonl").read_text(encoding="utf-8").replace('"country": "', f'"{column}": "')
    (tmp_path / "corpus.jsonl").write_text(corpus, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "compare", "corpus.jsonl", "--by", column, "-o", "out").code == 0
    found = from_dict(json.loads((tmp_path / "out" / "comparison.json").read_text(encoding="utf-8")))
    assert [one.name for one in found.groups] == ["north", "south"]
    assert found.series is not None
    assert found.series.unit == "month"


def test_the_folder_is_written_before_the_table_is_printed(
    room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def closed(*_: object) -> Iterator[str]:
        raise BrokenPipeError

    monkeypatch.chdir(room)
    monkeypatch.setattr("framing.comparetext.comparison_lines", closed)
    monkeypatch.setattr("framing.cli._silence_stdout", lambda: None)
    ran = run(monkeypatch, "compare", "corpus.jsonl", "-o", tmp_path / "out")
    assert ran.code == 1
    assert f"wrote {tmp_path / 'out'}" in ran.err
    assert (tmp_path / "out" / "manifest.json").is_file()


def test_any_column_of_the_corpus_can_group(room: Path) -> None:
    found = asked(room / "corpus.jsonl", audit=str(room / "sheet.csv"), by="country")
    assert [one.name for one in found.groups] == ["north", "south"]
    assert ("no country", 0, 0) not in {(one.reason, one.articles, one.paragraphs) for one in found.remainder}
    with pytest.raises(UsageError, match="no article has a value of owner; group by something else"):
        asked(room / "corpus.jsonl", by="owner")
    with pytest.raises(UsageError, match="an export keeps no other columns of its corpus: compare the articles"):
        asked(room / "scored.jsonl", by="country")


def test_the_most_telling_paragraphs_have_their_evidence_and_codes(audited: Comparison) -> None:
    assert len({one.group for one in audited.telling}) == 12
    assert all(one.label != "none" and one.probability > 0.5 for one in audited.telling)
    for one in audited.telling:
        assert one.text
        assert one.evidence
        assert one.evidence[0].weight >= one.evidence[-1].weight > 0
        assert all(one.text[mark.start : mark.end].strip() for mark in one.evidence)
    assert any(one.coded for one in audited.telling)


# What the model was trained on.


@pytest.fixture(scope="module")
def trained_on(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus and an audit made of what the default model was trained on."""
    folder = tmp_path_factory.mktemp("trained")
    labels = load_labels(ROOT / "labels")
    settled = gold(labels).labels
    units = [one for one in labels.units if one.source not in labels.held_out and one.article and one.id in settled]
    articles = list(dict.fromkeys(one.article for one in units))[:60]
    model = load_model()
    rows: list[dict[str, Any]] = []
    sheet: list[dict[str, Any]] = []
    columns = [f"p_{label}" for label in model.labels]
    for unit in units:
        if unit.article not in articles:
            continue
        place = articles.index(unit.article)
        row = {"id": unit.id, "article": unit.article, "source": f"s{place % 3}", "date": "2020-01-01"}
        shares = dict.fromkeys(columns, 1 / len(columns))
        about = {"status": "ok", "label": model.labels[0], "quoted": 0.0, "model": model.name}
        fingerprint = {"model_fingerprint": model.fingerprint}
        rows.append(row | {"text": unit.text} | about | shares | fingerprint)
        if place < 40:
            sheet.append(row | {"text": unit.text, "label": settled[unit.id], "inclusion": "0.5"})
    (folder / "corpus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    write_rows(sheet, folder / "sheet.csv")
    return folder


def test_audited_paragraphs_in_training_are_predicted_out_of_fold(trained_on: Path) -> None:
    from framing.crossprediction import find_crossing

    model = load_model()
    units = load_labels(trained_on / "sheet.csv").units
    crossing = find_crossing(model, units)
    assert crossing.in_training == len(units)
    expected = predict_out_of_fold(model, units)
    each = crossing.predict([unit.text for unit in units], [unit.target for unit in units])
    places = np.arange(len(units))
    mixed = mix_folds(each, places % 3, places, crossing.folds, np.ones(len(units)))
    assert np.allclose(mixed, expected.shares)
    found = asked(trained_on / "corpus.jsonl", audit=str(trained_on / "sheet.csv"))
    assert found.audit is not None
    assert found.audit.cross_predicted
    assert found.audit.in_training == len(units)
    assert all(one.weight and one.weight > 0.2 for one in found.groups)
    assert any("out of fold" in note for note in found.notes)


def test_without_texts_such_an_audit_counts_by_hand_alone(trained_on: Path, tmp_path: Path) -> None:
    from framing.export import text_sha256

    lines = (trained_on / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "bare.jsonl"
    rows = [json.loads(line) for line in lines]
    path.write_text("".join(json.dumps({**{k: v for k, v in row.items() if k != "text"},
                    "text_sha256": text_sha256(row["text"])}) + "\n" for row in rows), encoding="utf-8")  # fmt: skip
    found = asked(path, audit=str(trained_on / "sheet.csv"))
    assert any("hand labels alone" in note for note in found.notes)
    for group in found.groups:
        assert group.weight == 0
        for one in group.shares:
            assert one.by_hand is not None
            assert one.value == pytest.approx(one.by_hand.value)


def test_a_draw_for_an_export_is_advised_with_the_codebook_of_its_model(room: Path, tmp_path: Path) -> None:
    command = asked(room / "scored.jsonl").sample_command
    assert command is not None
    assert command.startswith("framing sample ARTICLES ")
    assert command.endswith("--codebook russia-mediator -o audit")


def test_a_model_that_is_not_at_hand_leaves_a_note(room: Path, tmp_path: Path) -> None:
    text = (room / "scored.jsonl").read_text(encoding="utf-8")
    path = tmp_path / "other.jsonl"
    path.write_text(text.replace('"russia-mediator"', '"elsewhere"'), encoding="utf-8")
    found = asked(path, audit=str(room / "sheet.csv"))
    assert not found.model.at_hand
    assert found.audit is not None
    assert not found.audit.training_checked
    assert any("could not be checked" in note for note in found.notes)
    with pytest.raises(FramingError, match="not at hand"):
        asked(path)


# Without an audit.


def test_without_an_audit_nothing_is_called_and_every_figure_says_so(unaudited: Comparison) -> None:
    assert not unaudited.audited
    assert not unaudited.differences
    assert not unaudited.orders
    assert [one.name for one in unaudited.groups] == sorted(MIXES)
    lines = list(comparison_lines(unaudited, Style(False), 80))
    figures = [line for line in lines if any(line.startswith(f"{name} ") for name in MIXES)]
    assert len(figures) == 48
    assert all("not audited" in line for line in figures)


def test_an_interval_longer_than_one_half_is_withheld_with_the_command_to_draw_an_audit(
    unaudited: Comparison, tmp_path: Path
) -> None:
    withheld = [one for group in unaudited.groups for one in group.shares if one.withheld]
    assert withheld
    assert all(one.value is None and one.low is None and one.check is not None for one in withheld)
    assert unaudited.sample_command is not None
    assert unaudited.sample_command.startswith("framing sample ")
    lines = list(comparison_lines(unaudited, Style(False), 80))
    assert any("withheld, not audited" in line for line in lines)
    assert any("framing sample" in line for line in lines)
    assert "--codebook russia-mediator" in unaudited.sample_command
    few = asked(make_newsroom(articles=3).write(tmp_path))
    assert all(group.lacking for group in few.groups)
    assert any("--groups FILE" in note for note in few.notes)
    assert few.sample_command is not None


def test_the_confusion_keeps_its_counts_and_its_uncertainty() -> None:
    from framing.confusion import training_confusion
    from framing.metrics import score_labels

    model = load_model()
    found = training_confusion(model.manifest)
    told = model.manifest["scores"]["unseen_sources"]["sets"]["restated"]
    table = np.zeros((4, 4), dtype=int)
    np.add.at(table, (found.gold, found.given), 1)
    assert table.tolist() == told["confusion"]
    again = score_labels(found.gold, found.given, found.cluster, model.labels, seed=0).accuracy
    assert again.high - again.low == pytest.approx(told["accuracy"]["high"] - told["accuracy"]["low"], rel=0.15)


# The terminal.


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(audited: Comparison, unaudited: Comparison, width: int) -> None:
    for found in (audited, unaudited):
        for line in comparison_lines(found, Style(False), width):
            assert columns_of(line) <= width or line.startswith("  framing sample"), line


def test_a_hostile_name_cannot_move_the_cursor(audited: Comparison) -> None:
    evil = replace(audited.groups[0], name="A\x1b[2Jras\u202e")
    lines = "\n".join(comparison_lines(replace(audited, groups=(evil, *audited.groups[1:])), Style(False), 80))
    assert "\x1b" not in lines
    assert "\u202e" not in lines


def test_the_command_prints_a_table_json_and_a_page(
    room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(room)
    table = run(monkeypatch, "compare", "corpus.jsonl", "--labels", "sheet.csv")
    assert table.code == 0
    assert "Neutral broker" in table.out
    assert "cannot tell apart" in table.out
    plain = run(monkeypatch, "compare", "corpus.jsonl", "--labels", "sheet.csv", "--format", "json")
    assert json.loads(plain.out)["command"] == "framing compare corpus.jsonl --labels sheet.csv"
    page = run(monkeypatch, "compare", "corpus.jsonl", "-o", tmp_path / "page.html")
    assert page.code == 0
    assert (tmp_path / "page.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--finite"], "--finite is about an audit"),
        (["--assume-random"], "--assume-random is about an audit"),
        (["--groups", "x.csv", "--by", "date:month"], "--groups merges sources"),
        (["--groups", "missing.csv"], "missing.csv"),
        (["--labels", "missing.csv"], "missing.csv"),
        (["-o", "corpus.jsonl"], "is an input as well"),
        (["-o", "x.pdf"], "a file ends in"),
        (["-m", "nowhere"], "nowhere"),
        (["--by", "date:hour"], "after date: stands year, month or day"),
    ],
)
def test_wrong_options_end_in_one_line(
    room: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], said: str
) -> None:
    monkeypatch.chdir(room)
    ran = run(monkeypatch, "compare", "corpus.jsonl", *options)
    assert ran.code in (1, 2)
    assert ran.out == ""
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("given", ["-", "https://example.org/a", "nowhere.jsonl"])
def test_what_cannot_be_read_again_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    ran = run(monkeypatch, "compare", given)
    assert ran.code == 1
    assert ran.err.count("\n") == 1
    assert given in ran.err


# Planning.


def test_a_plan_is_made_from_stated_figures_or_a_pilot(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stated = run(monkeypatch, "sample", "--plan", "0.08", "--prevalence", "0.2", "--icc", "0.05")
    assert stated.code == 0
    assert "articles per group" in stated.out
    assert "stated" in stated.out
    row = next(line.split() for line in stated.out.splitlines() if line.startswith("stated"))
    assert int(row[3]) > 10
    assert float(row[5]) <= 0.08
    pilot = run(monkeypatch, "sample", room / "corpus.jsonl", "--plan", "0.1", "--pilot", room / "sheet.csv")
    assert pilot.code == 0
    assert "From " in pilot.out
    assert "framing sample " in pilot.out
    bare = run(monkeypatch, "sample", "--plan", "0.08")
    assert bare.code == 0
    assert "assumed" in bare.out
    wrong = run(monkeypatch, "sample", "--plan", "0.8")
    assert wrong.code == 2
    assert "above 0 and below 0.5" in wrong.err


# Figures that are worked out once more, in another way.


def test_the_estimate_is_the_weighted_prediction_plus_the_weighted_mean_of_what_is_left(
    room: Path, audited: Comparison
) -> None:
    rows = [json.loads(line) for line in (room / "scored.jsonl").read_text(encoding="utf-8").splitlines()]
    predicted = {row["id"]: row["p_obstacle"] for row in rows if row["source"] == "Caspian Daily"}
    sheet = [row for row in sheet_rows(room / "sheet.csv") if row["source"] == "Caspian Daily"]
    group = next(one for one in audited.groups if one.name == "Caspian Daily")
    assert group.weight is not None
    weights = np.array([1 / float(row["inclusion"]) for row in sheet])
    left = [(row["label"] == "obstacle") - group.weight * predicted[row["id"]] for row in sheet]
    expected = group.weight * np.mean(list(predicted.values())) + weights @ left / weights.sum()
    assert share_of(group, "obstacle").value == pytest.approx(float(expected))


def test_a_half_filled_folder_is_cut_by_the_groups_of_its_draw(room: Path, tmp_path: Path) -> None:
    audit = tmp_path / "audit"
    wish = Wish(120, "country", 3, ("ann",))
    sample_to_folder(articles_of([str(room / "corpus.jsonl")]), wish, audit, "russia-mediator")
    sheet = audit / "sheets" / "ann.csv"
    fill_sheet(sheet, NEWS.truth, most=71)
    assert not import_codes([sheet], audit, coder="ann", now="2026-01-01T00:00:00Z").problems
    rows = sheet_rows(sheet)
    country = {row["id"]: row.get("country") for row in NEWS.rows}
    found = read_audit(audit, None, LABELS)
    for name in ("north", "south"):
        articles = list(dict.fromkeys(row["article"] for row in rows if country[row["article"]] == name))
        uncoded = [row["article"] for row in rows if country[row["article"]] == name and not row["label"]]
        before = articles[: articles.index(uncoded[0])]
        used = {one.unit.article for one in found.units if country[str(one.unit.article)] == name}
        assert used == set(before)
        given = {row["id"]: float(row["inclusion"] or 0) for row in rows} if rows[0]["inclusion"] else {}
        for one in found.units if given else ():
            if one.unit.article in used:
                assert one.inclusion == pytest.approx(given[one.unit.id] * len(before) / len(articles))


def test_articles_that_no_fold_model_is_without_are_predicted_alike_for_all(tmp_path: Path) -> None:
    from framing.crossprediction import Crossing
    from framing.labels import Unit

    model = load_model()
    units = [Unit("a#0", "Moscow hosted the talks.", "a"), Unit("b#0", "Moscow armed both sides.", "b")]
    crossing = Crossing(model, (model.linear, model.linear), np.array([-2, -1]))
    assert crossing.unknown_articles(units) == {"a"}
    each = crossing.predict([unit.text for unit in units], [None, None])
    shares = mix_folds(each, np.zeros(2, np.int64), np.arange(2), crossing.folds, np.ones(2))
    assert shares[0].tolist() == [0.25] * 4
    assert shares[1].max() > 0.3


def test_more_articles_than_could_be_drawn_are_told(room: Path, tmp_path: Path) -> None:
    audit = tmp_path / "audit"
    sample_to_folder(articles_of([str(room / "corpus.jsonl")]), Wish(120, None, 3, ("ann",)), audit, "russia-mediator")
    sheet = audit / "sheets" / "ann.csv"
    fill_sheet(sheet, NEWS.truth)
    import_codes([sheet], audit, coder="ann", now="2026-01-01T00:00:00Z")
    same = asked(room / "scored.jsonl", audit=str(audit))
    assert not any("could not be drawn" in note for note in same.notes)
    grown = tmp_path / "grown.jsonl"
    text = (room / "corpus.jsonl").read_text(encoding="utf-8")
    new = {
        "id": "new",
        "source": "Kura Review",
        "date": "2021-01-01",
        "text": "Moscow hosted both ministers for talks.",
    }
    grown.write_text(text + json.dumps(new) + "\n", encoding="utf-8")
    more = asked(grown, audit=str(audit))
    assert any(note.startswith("1 article of the corpus could not be drawn") for note in more.notes)


def test_a_sheet_keeps_the_capitals_of_its_labels(tmp_path: Path) -> None:
    rng, words = random.Random(4), ["road", "river", "bridge", "envoy", "market", "winter"]
    rows: list[dict[str, Any]] = []
    for article in range(24):
        for index in range(3):
            text = " ".join(f"{rng.choice(words)}{rng.random():.3f}" for _ in range(12))
            share = round(rng.random(), 3)
            rows.append({"id": f"a{article}#{index}", "article": f"a{article}", "source": f"s{article % 2}",
                         "text": text, "status": "ok", "label": "Hero", "p_Hero": share, "p_villain": 1 - share,
                         "quoted": 0, "model": "unknown", "model_fingerprint": "abc"})  # fmt: skip
    corpus = write_rows(rows, tmp_path / "scored.csv")
    about = ("id", "article", "source", "text")
    sheet = [{key: row[key] for key in about} | {"label": rng.choice(["Hero", "villain"]), "inclusion": "1"}
             for row in rows]  # fmt: skip
    found = asked(corpus, audit=str(write_rows(sheet, tmp_path / "sheet.csv")))
    assert [label.id for label in found.labels] == ["Hero", "villain"]
    assert all(one.by_hand is not None for group in found.groups for one in group.shares)
    assert any("not framed" in note for note in found.notes)
