"""`framing compare` on an invented corpus of twelve sources whose true frames are known, from draw to figures."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from framing.adjusted import FEWEST_ARTICLES
from framing.audit import read_audit
from framing.compare import compare
from framing.comparefolder import folder_contents
from framing.comparetext import comparison_lines
from framing.comparison import Comparison, Group, LabelShare, from_dict
from framing.errors import FramingError, InputError, LabelsError, MissingExtraError, UsageError
from framing.export import export_scored
from framing.foldmix import mix_folds
from framing.importing import import_codes
from framing.labelfiles import load_labels
from framing.labels import gold
from framing.loading import load_model
from framing.outoffold import predict_out_of_fold
from framing.predicted import open_corpus
from framing.question import Question
from framing.read import read_articles
from framing.records import Article
from framing.sample import Wish, find_codebook, sample_to_folder, sample_to_sheet
from framing.terminal import Style, columns_of
from framing.wording import TOUCHES_NOTHING
from tests.newsroom import LABELS, MIXES, fill_sheet, make_newsroom
from tests.run import run

NEWS = make_newsroom()
ROOT = Path(__file__).parent.parent


def articles_of(inputs: Sequence[str]) -> Iterator[Article]:
    for found in read_articles(list(inputs)):
        assert isinstance(found, Article), found
        yield found


def asked(*inputs: Path, **options: Any) -> Comparison:
    return compare(Question(tuple(map(str, inputs)), **options), articles_of)


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with corpus.jsonl, and sheet.csv: an audit drawn from it and filled in rightly."""
    folder = tmp_path_factory.mktemp("room")
    corpus = NEWS.write(folder)
    wish = Wish(432, None, 3)
    sample_to_sheet(articles_of([str(corpus)]), wish, folder / "sheet.csv", find_codebook("russia-mediator")[0])
    fill_sheet(folder / "sheet.csv", NEWS.truth)
    write_exports(folder)
    return folder


def write_exports(room: Path) -> None:
    """Write the scored corpus in every form; shards have their rows in any order."""
    model = load_model()
    scored = list(model.score_articles(articles_of([str(room / "corpus.jsonl")]), evidence=0))
    for name in ("csv", "jsonl"):
        export_scored(scored, model.facts, room / f"scored.{name}", name)
    with suppress(MissingExtraError):
        export_scored(scored, model.facts, room / "scored.parquet", "parquet")
    export_scored(scored, model.facts, room / "bare.csv", "csv", text=False)
    rows = (room / "scored.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(3).shuffle(rows)
    (room / "shards").mkdir()
    for number in range(3):
        (room / "shards" / f"{number}.jsonl").write_text("".join(rows[number::3]), encoding="utf-8")


@pytest.fixture(scope="module")
def audited(room: Path) -> Comparison:
    return asked(room / "corpus.jsonl", audit=str(room / "sheet.csv"), voice=True)


@pytest.fixture(scope="module")
def unaudited(room: Path) -> Comparison:
    return asked(room / "corpus.jsonl")


def share_of(group: Group, label: str, of: str = "all") -> LabelShare:
    return next(one for one in group.shares if (one.label, one.of) == (label, of))


def true_shares(source: str) -> dict[str, float]:
    ids = {row["id"] for row in NEWS.rows if row.get("source") == source and row.get("date") and row["id"] != "roses"}
    labels = [label for key, label in NEWS.truth.items() if key.rsplit("#")[0] in ids]
    return {label: labels.count(label) / len(labels) for label in LABELS}


def sheet_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write_rows(rows: Sequence[Mapping[str, Any]], path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


# What is estimated.


def test_all_twelve_sources_are_estimated_and_their_shares_sum_to_one(audited: Comparison) -> None:
    assert [one.name for one in audited.groups] == sorted(MIXES)
    for group in audited.groups:
        for of, labels in (("all", LABELS), ("framed", LABELS[:3])):
            assert sum(share_of(group, label, of).value or 0 for label in labels) == pytest.approx(1)


def test_the_intervals_hold_the_true_shares_where_the_naive_ones_do_not(audited: Comparison) -> None:
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
    assert naive <= 0.7 * 48


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


def test_the_most_telling_paragraphs_have_their_evidence_and_codes(audited: Comparison) -> None:
    assert len({one.group for one in audited.telling}) == 12
    assert all(one.label != "none" and one.probability > 0.5 for one in audited.telling)
    for one in audited.telling:
        assert one.text
        assert one.evidence
        assert one.evidence[0].weight >= one.evidence[-1].weight > 0
        assert all(one.text[mark.start : mark.end].strip() for mark in one.evidence)
    assert any(one.coded for one in audited.telling)


# The corpus.


@pytest.mark.parametrize("name", ["scored.csv", "scored.jsonl", "scored.parquet", "bare.csv"])
def test_an_export_gives_the_same_figures_as_its_articles(room: Path, audited: Comparison, name: str) -> None:
    pytest.importorskip("pyarrow") if name.endswith("parquet") else None
    found = asked(room / name, audit=str(room / "sheet.csv"), voice=True)
    for field in ("groups", "differences", "remainder", "series", "voices", "audit"):
        assert getattr(found, field) == getattr(audited, field), field
    assert (found.telling == audited.telling) is (name != "bare.csv")
    assert found.wire.known is (name != "bare.csv")


def test_an_export_without_texts_that_a_spreadsheet_saved_with_semicolons_is_read(
    room: Path, audited: Comparison, tmp_path: Path
) -> None:
    rows = sheet_rows(room / "bare.csv")
    with (tmp_path / "saved.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows({key: value.replace(".", ",") if key.startswith("p_") or key == "quoted" else value
                          for key, value in row.items()} for row in rows)  # fmt: skip
    found = asked(tmp_path / "saved.csv", audit=str(room / "sheet.csv"))
    for one, other in zip(found.groups, audited.groups, strict=True):
        assert [share.value for share in one.shares] == pytest.approx([share.value for share in other.shares])


def test_the_folder_of_a_run_is_an_export_whatever_logs_lie_beside_its_shards(
    room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "export", room / "corpus.jsonl", "-o", f"{room}/run/").code == 0
    assert {"manifest.jsonl", "rejects.jsonl"} <= {path.name for path in (room / "run").iterdir()}
    assert asked(room / "run").groups == asked(room / "scored.csv").groups


def test_a_run_that_was_not_finished_is_no_export_yet(room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = room / "half"
    assert run(monkeypatch, "export", room / "corpus.jsonl", "-o", f"{folder}/").code == 0
    lines = (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "manifest.jsonl").write_text("".join(lines[:-1]), encoding="utf-8")
    with pytest.raises(FramingError, match="not finished; run it again"):
        asked(folder)
    (folder / "manifest.jsonl").write_text("1\n", encoding="utf-8")
    with pytest.raises(FramingError, match=r"manifest\.jsonl is damaged"):
        asked(folder)


def make_run(corpus: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, format: str = "jsonl") -> int:
    return run(monkeypatch, "export", corpus, "--format", format, "-o", f"{folder}/", "--shard-size", "0.05").code


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_a_shard_that_holds_only_rejects_is_an_export_of_nothing(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    lines = (room / "corpus.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    rejects = ['{"text": 1}' + " " * 2000 + "\n"] * 60
    (tmp_path / "bad.jsonl").write_text("".join([*rejects, *lines[:50], *rejects, *lines[50:]]), encoding="utf-8")
    make_run(tmp_path / "bad.jsonl", tmp_path / "run", monkeypatch, format)
    manifest = (tmp_path / "run" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    empty = [line["file"] for line in map(json.loads, manifest) if line.get("rows") == 0]
    assert len(empty) >= 2
    assert empty[0] == f"shard-00001.{format}"
    assert asked(tmp_path / "run").groups == asked(room / f"scored.{format}").groups


def test_a_run_without_any_row_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bad.jsonl").write_text('{"text": 1}\n', encoding="utf-8")
    make_run(tmp_path / "bad.jsonl", tmp_path / "run", monkeypatch)
    with pytest.raises(FramingError, match=r"run: the run wrote no row.*rejects\.jsonl"):
        open_corpus([str(tmp_path / "run")])


def test_a_shard_that_is_not_as_the_run_wrote_it_is_named(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert make_run(room / "corpus.jsonl", tmp_path / "run", monkeypatch) == 0
    shard = tmp_path / "run" / "shard-00003.jsonl"
    whole = shard.read_bytes()
    assert b'"status": "ok"' in whole
    for content in (b"".join(whole.splitlines(keepends=True)[:20]), b"", whole.replace(b"20", b"21", 1), None):
        if content is None:
            shard.unlink()
        else:
            shard.write_bytes(content)
        ran = run(monkeypatch, "compare", tmp_path / "run")
        assert (ran.code, ran.out, ran.err.count("\n")) == (1, "", 1)
        assert f"{shard}: is missing or was changed since the run wrote it" in ran.err


def test_articles_in_parquet_are_scored_like_any_others(room: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [json.loads(line) for line in (room / "corpus.jsonl").read_text(encoding="utf-8").splitlines()]
    parquet.write_table(pyarrow.Table.from_pylist(rows), room / "corpus.parquet")
    assert asked(room / "corpus.parquet").groups == asked(room / "corpus.jsonl").groups


def test_shards_in_any_order_give_the_same_shares(room: Path, audited: Comparison) -> None:
    found = asked(room / "shards", audit=str(room / "sheet.csv"))
    for one, other in zip(found.groups, audited.groups, strict=True):
        assert (one.name, one.paragraphs, one.audited_articles) == (
            other.name, other.paragraphs, other.audited_articles)  # fmt: skip
        values = [(a.value, b.value) for a, b in zip(one.shares, other.shares, strict=True)]
        assert all(a == pytest.approx(b) for a, b in values)


def test_the_folder_of_a_run_is_a_corpus_whose_manifest_and_rejects_are_no_rows(
    room: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "export", room / "corpus.jsonl", "--format", "jsonl", "-o", f"{tmp_path}/").code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"manifest.jsonl", "rejects.jsonl", "shard-00001.jsonl"}
    assert open_corpus([str(tmp_path)]).files == (tmp_path / "shard-00001.jsonl",)
    for path in tmp_path.glob("shard-*"):
        path.rename(tmp_path / "other.jsonl")
    with pytest.raises(InputError, match=r"manifest\.jsonl: is no export"):
        open_corpus([str(tmp_path)])


def changed(row: dict[str, Any], **values: Any) -> dict[str, Any]:
    return row | values


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: [*rows, rows[0]], "stands twice"),
        (lambda rows: [rows[0], changed(rows[1], model_fingerprint="0")], "is predicted by the model 0, other rows by"),
        (lambda rows: [changed(rows[0], p_none=7)], "p_none must be a number from 0 to 1, not 7"),
        (lambda rows: [changed(rows[0], p_none=0.999, p_obstacle=0.999)], "sum to"),
        (lambda rows: [changed(rows[0], status="fine")], "the status 'fine' is none of ok"),
        (lambda rows: [changed(rows[0], id=None)], "id is missing or empty"),
        (lambda rows: [rows[0], changed(rows[1], article=rows[0]["article"], source="X")], "another source or date"),
    ],
)
def test_a_bad_export_is_named_with_its_row(
    room: Path, tmp_path: Path, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]], said: str
) -> None:
    rows = [json.loads(line) for line in (room / "scored.jsonl").read_text(encoding="utf-8").splitlines()[:5]]
    path = tmp_path / "bad.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in change(rows)), encoding="utf-8")
    with pytest.raises(InputError, match=said):
        asked(path)


def test_exports_and_articles_are_not_mixed(room: Path) -> None:
    with pytest.raises(InputError, match="is no export of scored paragraphs"):
        asked(room / "scored.csv", room / "corpus.jsonl")


# The audit.


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda rows: rows[5].update(text=rows[5]["text"] + " More."), "has another text in the corpus"),
        (lambda rows: rows[5].update(id="nobody#1"), "'nobody#1' is not in the corpus"),
        (lambda rows: [row.update(inclusion="") for row in rows], "--assume-random"),
        (lambda rows: rows[4].update(inclusion="1e-320"), r"sheet\.csv:6: inclusion 9.99989e-321 is one paragraph of"),
        (lambda rows: rows[5].update(target="Turkey"), r"sheet\.csv:7: .* has the target 'Turkey', and the corpus was"),
        (lambda rows: [rows[n].update(label="skip") for n in (3, 8)], "2 audited paragraphs were skipped"),
        (lambda rows: rows[4].update(label="hero"), "'hero' is not in the codebook"),
        (lambda rows: [row.update(label="") for row in rows], "no paragraph that was drawn at random has a label yet"),
    ],
)
def test_an_audit_that_cannot_be_is_refused(
    room: Path, tmp_path: Path, change: Callable[[list[dict[str, str]]], object], said: str
) -> None:
    rows = sheet_rows(room / "sheet.csv")
    change(rows)
    with pytest.raises(LabelsError, match=said):
        asked(room / "scored.jsonl", audit=str(write_rows(rows, tmp_path / "sheet.csv")))


def test_a_sheet_may_name_the_target_that_the_model_scored_for(room: Path, audited: Comparison, tmp_path: Path) -> None:
    rows = sheet_rows(room / "sheet.csv")
    for row, target in zip(rows, ("Russia", "the Kremlin", "Vladimir Putin"), strict=False):
        row["target"] = target
    found = asked(room / "scored.jsonl", audit=str(write_rows(rows, tmp_path / "sheet.csv")))
    assert [one.name for one in found.groups] == [one.name for one in audited.groups]


def test_coders_and_model_looked_at_the_same_target(room: Path, tmp_path: Path) -> None:
    rows = [json.loads(line) for line in (room / "scored.jsonl").read_text(encoding="utf-8").splitlines()]
    corpus, sheet = tmp_path / "scored.jsonl", sheet_rows(room / "sheet.csv")
    corpus.write_text("".join(json.dumps(row | {"target": "Turkey"}) + "\n" for row in rows), encoding="utf-8")
    for row in sheet:
        row["target"] = "TURKEY"
    assert asked(corpus, audit=str(write_rows(sheet, tmp_path / "sheet.csv"))).audited
    sheet[2]["target"] = "Russia"
    with pytest.raises(LabelsError, match=r"sheet\.csv:4: .* has the target 'Russia', .* scored for 'Turkey'"):
        asked(corpus, audit=str(write_rows(sheet, tmp_path / "sheet.csv")))


def audit_folder(room: Path, audit: Path) -> Path:
    """Return the filled sheet of a draw into a folder, not imported yet."""
    sample_to_folder(articles_of([str(room / "corpus.jsonl")]), Wish(120, None, 3, ("ann",)), audit, "russia-mediator")
    fill_sheet(audit / "sheets" / "ann.csv", NEWS.truth)
    return audit / "sheets" / "ann.csv"


def test_a_folder_whose_filled_sheets_are_not_imported_says_how(room: Path, tmp_path: Path) -> None:
    audit = tmp_path / "audit"
    sheet = audit_folder(room, audit)
    with pytest.raises(LabelsError, match=r"has a label yet; fill in .*: framing import ") as raised:
        asked(room / "scored.jsonl", audit=str(audit))
    assert f"framing import {sheet} --into {audit} --coder NAME" in str(raised.value)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('name = "russia-mediator"', 'name = "weather"', "has the codebook 'weather', the model"),
        ("How does this", "How long is this", "has the question .How long is this paragraph frame"),
    ],
)
def test_an_audit_of_another_question_is_refused(
    room: Path, tmp_path: Path, before: str, after: str, said: str
) -> None:
    audit = tmp_path / "audit"
    import_codes([audit_folder(room, audit)], audit, coder="ann", now="2026-01-01T00:00:00Z")
    codebook = (audit / "codebook.toml").read_text(encoding="utf-8")
    assert codebook.count(before) == 1
    (audit / "codebook.toml").write_text(codebook.replace(before, after), encoding="utf-8")
    with pytest.raises(LabelsError, match=said):
        asked(room / "scored.jsonl", audit=str(audit))


def odd_notes(found: Comparison) -> list[str]:
    return [note for note in found.notes if "inclusion" in note or "taken out" in note]


def test_rows_that_were_taken_out_of_a_sheet_are_told_by_their_ranks(
    room: Path, audited: Comparison, tmp_path: Path
) -> None:
    assert not odd_notes(audited)
    rows, sheet = sheet_rows(room / "sheet.csv"), tmp_path / "sheet.csv"
    audit = str(write_rows([*rows[:9], *rows[12:50], *rows[51:]], sheet))
    assert odd_notes(asked(room / "scored.jsonl", audit=audit)) == [
        "4 rows of the sheet were taken out (from rank 10 to 51); if a coder took out the hard ones, the shares are "
        "biased."
    ]
    twice = [row | {"coder": coder} for coder in ("ann", "ben") for row in rows]
    tens = [row | {"rank": str(10 * number)} for number, row in enumerate(rows, 1)]  # not those of the draw
    words = [row | {"rank": "first"} for row in rows]
    for changed_rows in (twice, tens, words):
        write_rows(changed_rows, sheet)
        assert read_audit(sheet, find_codebook("russia-mediator")[0], LABELS).missing is None


def test_an_audit_that_stands_for_another_number_of_paragraphs_is_told(room: Path, tmp_path: Path) -> None:
    rows = sheet_rows(room / "sheet.csv")
    for row in rows:
        if row["source"] in ("Dawn Wire", "Free Hour"):
            row["inclusion"] = str(float(row["inclusion"]) / 5)
    audit = str(write_rows(rows, tmp_path / "sheet.csv"))
    (note,) = odd_notes(asked(room / "scored.jsonl", audit=audit))
    assert note.startswith("The inclusion probabilities do not fit the corpus")
    assert [name for name in MIXES if name in note] == ["Dawn Wire", "Free Hour"]
    assert not odd_notes(asked(room / "scored.jsonl", audit=audit, min_articles=18))


def test_skipped_units_are_listed_with_their_rows(room: Path, tmp_path: Path) -> None:
    rows = sheet_rows(room / "sheet.csv")
    for number in (3, 8):
        rows[number]["label"] = "skip"
    path = write_rows(rows, tmp_path / "sheet.csv")
    with pytest.raises(LabelsError) as caught:
        asked(room / "scored.jsonl", audit=str(path))
    assert f"{rows[3]['id']} ({path}:5), {rows[8]['id']} ({path}:10)" in str(caught.value)


def test_codes_of_coders_who_differ_count_in_fractions(room: Path, tmp_path: Path) -> None:
    rows = [row | {"coder": "ann"} for row in sheet_rows(room / "sheet.csv")]
    rows.sort(key=lambda row: row["id"] in ("nowhere#0", "never#0"))  # the last are in no share
    other = [rows[0] | {"coder": "bob", "label": "none" if rows[0]["label"] != "none" else "obstacle"}]
    other += [row | {"coder": "bob"} for row in rows[1:60]]
    path = write_rows([*rows, *other], tmp_path / "two.csv")
    sheet = read_audit(path, find_codebook("russia-mediator")[0], LABELS)
    assert sorted(sheet.units[0].codes) == [0, 0, 0.5, 0.5]
    assert sheet.fractions == 1
    found = asked(room / "scored.jsonl", audit=str(path))
    assert found.audit is not None
    assert found.audit.fractions == 1
    assert found.audit.agreement.units == 60
    assert found.audit.agreement.differ == 1
    assert [(one.name, one.units) for one in found.audit.coders] == [("ann", 425), ("bob", 60)]
    assert any("coders differ still" in note for note in found.notes)


def test_coders_who_agree_no_better_than_by_chance_are_among_the_first_notes(room: Path, tmp_path: Path) -> None:
    rng = random.Random(1)
    rows = [
        row | {"coder": name, "label": rng.choice(LABELS)}
        for name in ("ann", "bob")
        for row in sheet_rows(room / "sheet.csv")
    ]
    found = asked(room / "scored.jsonl", audit=str(write_rows(rows, tmp_path / "two.csv")))
    assert found.notes[0].startswith("The coders agree too little for conclusions")
    for text in ("\n".join(comparison_lines(found, Style(False), 200)), folder_contents(found)["methods.md"]):
        assert "too little for conclusions" in text
    few = [row for row in rows if row["coder"] == "ann"] + [row for row in rows if row["coder"] == "bob"][:19]
    found = asked(room / "scored.jsonl", audit=str(write_rows(few, tmp_path / "few.csv")))
    assert not any("too little for conclusions" in note for note in found.notes)


def test_an_audit_that_a_model_coded_is_said_to_be_that(room: Path, tmp_path: Path) -> None:
    folder = tmp_path / "audit"
    articles = articles_of([str(room / "corpus.jsonl")])
    sample_to_folder(articles, Wish(216, None, 3, ("gpt",)), folder, "russia-mediator")
    fill_sheet(folder / "sheets" / "gpt.csv", NEWS.truth)
    import_codes([folder / "sheets" / "gpt.csv"], folder, coder="gpt", now="2026-01-01T00:00:00Z")
    (folder / "coders.toml").write_text('[gpt]\nkind = "model"\ndescription = "a program"\n', encoding="utf-8")
    found = asked(room / "scored.jsonl", audit=str(folder))
    assert found.notes[0].startswith("The audit is labelled by a model, not by people (gpt)")
    lines = "\n".join(comparison_lines(found, Style(False), 200))
    assert "labelled by 1 model" in lines
    assert "1 coder" not in lines
    assert "labelled by hand" not in folder_contents(found)["index.html"]


def test_an_audit_of_decisions_alone_is_adjudicated_by_no_coders(room: Path, tmp_path: Path) -> None:
    rows = [row | {"coder": "adjudicated"} for row in sheet_rows(room / "sheet.csv")]
    found = asked(room / "scored.jsonl", audit=str(write_rows(rows, tmp_path / "sheet.csv")))
    assert found.audit is not None
    assert found.audit.coders == ()
    lines = "\n".join(comparison_lines(found, Style(False), 200))
    assert f"{found.audit.articles} articles, adjudicated" in lines
    methods = folder_contents(found)["methods.md"]
    assert f"{found.audit.articles} articles, adjudicated." in methods


def test_a_half_filled_sheet_is_used_up_to_its_first_uncoded_article_in_each_group(room: Path, tmp_path: Path) -> None:
    rows = sheet_rows(room / "sheet.csv")
    aras = [row for row in rows if row["source"] == "Aras Courier"]
    articles = list(dict.fromkeys(row["article"] for row in aras))
    gap = articles[7]
    next(row for row in aras if row["article"] == gap)["label"] = ""
    random.Random(5).shuffle(rows)  # the order is by rank, not by line
    path = write_rows(rows, tmp_path / "half.csv")
    found = asked(room / "scored.jsonl", audit=str(path))
    groups = {one.name: one for one in found.groups}
    assert groups["Aras Courier"].audited_articles == 7
    assert groups["Borderland Post"].audited_articles > 7
    assert found.audit is not None
    assert found.audit.uncoded == 1
    behind = sum(row["article"] in articles[7:] for row in aras) - 1
    assert found.audit.after_first_gap == behind
    assert any("not finished" in note for note in found.notes)


def test_a_half_filled_sheet_without_ranks_is_refused(room: Path, tmp_path: Path) -> None:
    rows = sheet_rows(room / "sheet.csv")
    rows[9]["label"] = ""
    for row in rows:
        del row["rank"]
    with pytest.raises(LabelsError, match="the column rank"):
        asked(room / "scored.jsonl", audit=str(write_rows(rows, tmp_path / "half.csv")))


def test_groups_with_too_few_articles_are_named_with_what_they_lack(room: Path, tmp_path: Path) -> None:
    rows = sheet_rows(room / "sheet.csv")
    few = [row for row in rows if row["source"] != "Kura Review"]
    kept = list(dict.fromkeys(row["article"] for row in rows if row["source"] == "Kura Review"))[:4]
    few += [row for row in rows if row["article"] in kept]
    found = asked(room / "scored.jsonl", audit=str(write_rows(few, tmp_path / "few.csv")))
    kura = next(one for one in found.groups if one.name == "Kura Review")
    assert kura.lacking == "2 more audited articles"
    assert all(one.value is None and one.naive is not None for one in kura.shares)
    assert all("Kura Review" not in (one.group, one.other) for one in found.differences)
    assert any("Kura Review lacks 2 more audited articles" in note for note in found.notes)
    loose = asked(room / "scored.jsonl", audit=str(tmp_path / "few.csv"), min_articles=4)
    assert not next(one for one in loose.groups if one.name == "Kura Review").lacking


def test_a_label_that_no_audited_paragraph_of_a_group_has_is_noted(room: Path, tmp_path: Path) -> None:
    rows = sheet_rows(room / "sheet.csv")
    for row in rows:
        if row["source"] == "Highland Radio" and row["label"] == "neutral_broker":
            row["label"] = "none"
    found = asked(room / "scored.jsonl", audit=str(write_rows(rows, tmp_path / "sheet.csv")))
    said = [note for note in found.notes if note.startswith("No audited paragraph has the label")]
    assert len(said) == 1
    assert said[0].endswith(": Neutral broker in Highland Radio.")
    share = share_of(next(one for one in found.groups if one.name == "Highland Radio"), "neutral_broker")
    assert share.conservative
    assert share.high is not None
    assert share.high > 0.02


def test_an_audit_that_touches_no_group_corrects_nothing_and_says_so(room: Path, tmp_path: Path) -> None:
    rows = [row for row in sheet_rows(room / "sheet.csv") if row["article"] in ("nowhere", "never")]
    assert rows
    found = asked(room / "scored.jsonl", audit=str(write_rows(rows, tmp_path / "sheet.csv")))
    lines = comparison_lines(found, Style(False), 100)
    written = folder_contents(found)
    for text in ("\n".join(lines), written["methods.md"], written["index.html"]):
        assert TOUCHES_NOTHING in text
        assert "Corrected by" not in text
        assert "0 paragraphs" not in text


def test_without_an_audit_groups_of_few_articles_are_not_estimated_and_merging_is_offered(tmp_path: Path) -> None:
    """Near-copies count once, and so many articles are enough as the limit says."""
    enough, few = (
        [row for row in NEWS.rows if row.get("source") == source and row.get("date")][:count]
        for source, count in (("Aras Courier", FEWEST_ARTICLES), ("Borderland Post", FEWEST_ARTICLES - 1))
    )
    rows, copy = [*enough, *few], few[0] | {"id": "copy", "text": f"{few[0]['text']} Updated."}
    path = tmp_path / "corpus.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in [*rows, copy]), encoding="utf-8")
    found = asked(path)
    assert {one.name: (one.articles, one.lacking) for one in found.groups} == {
        "Aras Courier": (FEWEST_ARTICLES, None),
        "Borderland Post": (FEWEST_ARTICLES, "1 more article"),
    }
    assert any("Borderland Post lacks 1 more article" in note for note in found.notes)
    assert found.sample_command is not None


def test_sources_can_be_merged_and_that_is_offered_where_most_fall_short(room: Path, tmp_path: Path) -> None:
    rows = sheet_rows(room / "sheet.csv")[:60]
    audit = str(write_rows(rows, tmp_path / "few.csv"))
    short = asked(room / "scored.jsonl", audit=audit)
    assert any("--groups FILE" in note for note in short.notes)
    table = tmp_path / "groups.csv"
    table.write_text("pattern,name,group\n" + "".join(
        f"{name},{name},{'North' if name < 'G' else 'South'}\n" for name in MIXES), encoding="utf-8")  # fmt: skip
    merged = asked(room / "scored.jsonl", audit=audit, groups=str(table))
    assert [(one.name, one.lacking) for one in merged.groups] == [("North", None), ("South", None)]
    assert merged.groups[0].members == tuple(sorted(name for name in MIXES if name < "G"))
    table.write_text("source,group\nAras Courier,North\nBorderland Post,North\n", encoding="utf-8")
    some = asked(room / "scored.jsonl", audit=audit, groups=str(table))
    assert [one.name for one in some.groups][-1] == "North"
    assert len(some.groups) == 11
    table.write_text("source,group\nAras Courier,\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"groups\.csv:2: a row has a source"):
        asked(room / "scored.jsonl", audit=audit, groups=str(table))


def test_a_table_of_groups_is_read_by_the_names_as_they_stand_first(room: Path, tmp_path: Path) -> None:
    text = (room / "scored.jsonl").read_text(encoding="utf-8")
    corpus, table = tmp_path / "scored.jsonl", tmp_path / "groups.csv"
    corpus.write_text(text.replace('"Aras Courier"', '"Aras [Courier]"'), encoding="utf-8")
    table.write_text(
        'source,group\n*,South\n"Aras [Courier]",North\nDAWN WIRE,North\n\nDawn Wyre,North\nK?ra*,West\nZ*,West\n',
        encoding="utf-8",
    )
    found = asked(corpus, groups=str(table))
    assert [(one.name, len(one.members)) for one in found.groups] == [("North", 2), ("South", 10)]
    assert found.groups[0].members == ("Aras [Courier]", "Dawn Wire")
    told = [note for note in found.notes if note.startswith("No source of the corpus is named by")]
    assert told == [f"No source of the corpus is named by 2 rows of {table}: Dawn Wyre; Z*."]
    table.write_text("source,group\nAras *,North\nDawn Wire,North\n\ndawn wire,South\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"groups\.csv:5: 'dawn wire' is in the group 'South' here.* in line 3"):
        asked(corpus, groups=str(table))


def test_an_assumed_random_sample_is_marked_everywhere(room: Path, tmp_path: Path) -> None:
    rows = sheet_rows(room / "sheet.csv")
    for row in rows:
        row["inclusion"] = ""
    path = str(write_rows(rows, tmp_path / "sheet.csv"))
    found = asked(room / "scored.jsonl", audit=path, assume_random=True)
    assert found.audit is not None
    assert found.audit.assumed_random
    assert found.notes[0].startswith("Assumed, not known")
    assert any("ASSUMED" in line for line in comparison_lines(found, Style(False), 80))
    for name, text in folder_contents(found).items():
        assert ("assumed random" if name.endswith(".csv") else "ssumed") in text or name.endswith(".svg"), name
    with pytest.raises(LabelsError, match="leave --assume-random out"):
        asked(room / "scored.jsonl", audit=str(room / "sheet.csv"), assume_random=True)


def test_predicted_labels_are_no_audit(room: Path) -> None:
    with pytest.raises(LabelsError, match="a model gave"):
        asked(room / "scored.jsonl", audit=str(room / "scored.csv"), assume_random=True)


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


# The folder, and checking it.


@pytest.fixture(scope="module")
def written(room: Path) -> Path:
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.chdir(room)
    ran = run(monkeypatch, "compare", "corpus.jsonl", "--labels", "sheet.csv", "--voice", "-o", "out")
    monkeypatch.undo()
    assert ran.code == 0
    assert "Neutral broker" in ran.out
    return room / "out"


def test_the_folder_holds_the_page_the_figures_the_methods_and_the_manifest(written: Path) -> None:
    assert (written / "index.html").exists()
    figures = {path.stem for path in (written / "figures").iterdir()}
    assert len(figures) >= 8
    for name in figures:
        assert (written / "figures" / f"{name}.svg").exists()
        assert (written / "figures" / f"{name}.csv").exists()
    methods = (written / "methods.md").read_text(encoding="utf-8")
    for needed in ("Angelopoulos", "Korn and Graubard 1998", "Zou and Donner 2008", "Seed 0", "numpy", "Aras Courier",
                   "sources that it had not seen", "sha256", "framing compare corpus.jsonl"):  # fmt: skip
        assert needed in methods
    manifest = json.loads((written / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["command"] == "framing compare corpus.jsonl --labels sheet.csv --voice"
    assert {one["role"] for one in manifest["inputs"]} == {"corpus", "audit", "model"}


def test_a_folder_is_verified_from_any_place(written: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run(monkeypatch, "verify", written)
    assert (ran.code, ran.err) == (0, "")
    assert "all are the same" in ran.out


def test_every_number_that_was_changed_is_named(
    written: Path, room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(room)
    copy = room / "tampered"
    shutil.copytree(written, copy, dirs_exist_ok=True)
    numbers = json.loads((copy / "comparison.json").read_text(encoding="utf-8"))
    numbers["groups"][2]["shares"][1]["value"] += 0.01
    (copy / "comparison.json").write_text(json.dumps(numbers), encoding="utf-8")
    figure = copy / "figures" / "shares-all-1.csv"
    with figure.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    column = rows[0].index("share")
    rows[3][column] = "0.999"
    with figure.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    page = copy / "index.html"
    page.write_text(page.read_text(encoding="utf-8").replace("Aras Courier", "Aras Currier", 1), encoding="utf-8")
    (copy / "methods.md").unlink()
    ran = run(monkeypatch, "verify", "tampered")
    assert ran.code == 1
    assert "comparison.json: groups[Caspian Daily].shares[obstacle, all].value: 0." in ran.out
    assert 'figures/shares-all-1.csv: row 4, share: "0.999", recomputed' in ran.out
    assert "index.html: line" in ran.out
    assert "methods.md: is missing" in ran.out
    assert len(ran.out.splitlines()) == 4
    assert "4 things differ" in ran.err


@pytest.mark.parametrize(
    ("where", "value", "said"),
    [
        ("question", {"seed": "x"}, "is not as framing compare wrote it"),
        ("question", {"min_articles": [1]}, "is not as framing compare wrote it"),
        ("question", {"seed": -1}, "is not as framing compare wrote it"),
        ("inputs", 5, "is not as framing compare wrote it"),
        ("question", {"inputs": "corpus.jsonl"}, "is not as framing compare wrote it"),
        ("command", "framing compare corpus.jsonl", "1 thing differs"),
        ("inputs", [{"role": "corpus", "path": ["a"], "sha256": "0", "size": 1}], "is not as framing compare wrote it"),
        ("files", [1], "is not as framing compare wrote it"),
        ("files", {"index.html": "0"}, "1 thing differs"),
    ],
)
def test_a_manifest_that_was_changed_by_hand_ends_in_one_line(
    written: Path, room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str, value: Any, said: str
) -> None:
    monkeypatch.chdir(room)
    copy = tmp_path / "out"
    shutil.copytree(written, copy)
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest[where] = manifest[where] | value if isinstance(value, dict) else value
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    ran = run(monkeypatch, "verify", copy)
    assert ran.code == 1
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert ("the hash of index.html" in ran.out) is (value == {"index.html": "0"})
    assert ("manifest.json: the command is not that of the question" in ran.out) is (where == "command")


def test_a_command_that_was_changed_everywhere_is_named(
    written: Path, room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(room)
    copy = tmp_path / "out"
    shutil.copytree(written, copy)
    for name in ("manifest.json", "comparison.json"):
        values = json.loads((copy / name).read_text(encoding="utf-8")) | {"command": "framing compare corpus.jsonl"}
        (copy / name).write_text(json.dumps(values), encoding="utf-8")
    ran = run(monkeypatch, "verify", copy)
    assert ran.code == 1
    assert "2 things differ" in ran.err
    assert "comparison.json: command: " in ran.out


def test_a_figure_that_was_added_is_named(
    written: Path, room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(room)
    copy = tmp_path / "out"
    shutil.copytree(written, copy)
    (copy / "figures" / "shares-all-99.svg").write_text("<svg/>")
    (copy / "figures" / ".DS_Store").write_text("")
    ran = run(monkeypatch, "verify", copy)
    assert ran.code == 1
    assert ran.out == "figures/shares-all-99.svg: is not of this comparison\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere all names are Unicode")
def test_a_name_that_is_no_unicode_is_written_so_that_it_is_found_again(
    room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    name = os.fsdecode(b"l\xff.jsonl")
    shutil.copy(room / "corpus.jsonl", tmp_path / name)
    monkeypatch.chdir(tmp_path)
    assert run(monkeypatch, "compare", name, "-o", "out").code == 0
    assert r"framing compare 'l\udcff.jsonl'" in (tmp_path / "out" / "methods.md").read_text(encoding="utf-8")
    assert run(monkeypatch, "verify", "out").code == 0
    for ending in ("txt", "json", "html"):
        assert run(monkeypatch, "compare", name, "-o", f"one.{ending}").code == 0


@pytest.mark.parametrize(
    ("name", "where", "value", "said"),
    [
        ("manifest.json", None, "[" * 100_000, "cannot be read, or is damaged"),
        ("comparison.json", None, "[" * 100_000, "comparison.json: is damaged"),
        ("comparison.json", "articles", 10**400, "comparison.json: articles: 1000"),
        ("comparison.json", "critical", {"all": 10**400}, "comparison.json: is damaged"),
        ("comparison.json", "versions", 5, "comparison.json: is damaged"),
        ("comparison.json", "versions", {"\x1b[31mred": "1"}, "\u241b[31mred 1; now framing"),
        ("comparison.json", "model", {"name": "\x1b[31mred"}, '"\\u001b[31mred", recomputed "russia-mediator"'),
        ("manifest.json", "files", {"\x1b[31mred": "0"}, "\u241b[31mred: is in the manifest"),
    ],
)
def test_an_edited_folder_gets_no_traceback_and_cannot_move_the_cursor(
    written: Path, room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    name: str, where: str | None, value: Any, said: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(room)
    copy = tmp_path / "out"
    shutil.copytree(written, copy)
    if where is None:
        text = value
    else:
        values = json.loads((copy / name).read_text(encoding="utf-8"))
        values[where] = values[where] | value if isinstance(value, dict) else value
        text = json.dumps(values)
    (copy / name).write_text(text, encoding="utf-8")
    ran = run(monkeypatch, "verify", copy)
    assert ran.code == 1
    assert said in ran.out + ran.err
    assert "\x1b" not in ran.out + ran.err


def test_a_changed_input_is_named(written: Path, room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shutil.copytree(written, tmp_path / "out")
    corpus = (room / "corpus.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (tmp_path / "corpus.jsonl").write_text("".join(line for line in corpus if '"kura-03"' not in line))
    rows = [row for row in sheet_rows(room / "sheet.csv") if row["article"] != "kura-03"]
    write_rows(rows, tmp_path / "sheet.csv")
    monkeypatch.chdir(tmp_path)
    ran = run(monkeypatch, "verify", "out")
    assert ran.code == 1
    assert "input corpus.jsonl: has changed since" in ran.out
    assert "groups[Kura Review].articles: 20, recomputed 19" in ran.out


def test_a_name_with_a_slash_behind_it_is_a_folder(room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert run(monkeypatch, "compare", room / "scored.jsonl", "-o", f"{tmp_path / 'v1.0'}/").code == 0
    assert (tmp_path / "v1.0" / "manifest.json").is_file()
    assert run(monkeypatch, "export", "tests/example/article.html", "-o", f"{tmp_path / 'v1.1'}/").code == 0
    assert (tmp_path / "v1.1" / "shard-00001.csv").is_file()


def test_a_folder_with_other_things_is_not_written_into(
    room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    ran = run(monkeypatch, "compare", room / "corpus.jsonl", "-o", tmp_path)
    assert ran.code == 2
    assert "holds other files" in ran.err
    ran = run(monkeypatch, "verify", tmp_path)
    assert ran.code == 1
    assert "is no folder of" in ran.err


@pytest.mark.parametrize(
    "manifest", ["{}", "[]", "{", '{"question": "why?", "files": {}}', '{"files": ["index.html"]}']
)
def test_a_manifest_of_another_program_makes_no_folder_of_ours(
    room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, manifest: str
) -> None:
    (tmp_path / "figures").mkdir()
    mine = {"manifest.json": manifest, "index.html": "mine", "figures/photo.svg": "mine"}
    for name, text in mine.items():
        (tmp_path / name).write_text(text)
    ran = run(monkeypatch, "compare", room / "corpus.jsonl", "-o", tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "holds other files" in ran.err
    assert {name: (tmp_path / name).read_text() for name in mine} == mine


def test_a_comparison_replaces_only_what_the_one_before_wrote(
    written: Path, room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    copy = tmp_path / "out"
    shutil.copytree(written, copy)
    (copy / "figures" / "photo.svg").write_text("mine")
    listed = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))["files"]
    monkeypatch.chdir(room)
    assert run(monkeypatch, "compare", "corpus.jsonl", "-o", copy).code == 0
    now = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))["files"]
    there = {path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()}
    assert listed.keys() - now.keys()
    assert there == {*now, "manifest.json", "figures/photo.svg"}


def contents_of(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("where", ["replace", "unlink"])
def test_a_folder_whose_writing_was_stopped_is_as_it_was(
    written: Path, room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, where: str, number: signal.Signals
) -> None:
    copy = tmp_path / "out"
    shutil.copytree(written, copy)
    before = contents_of(copy)
    really = getattr(Path, where)
    stops: list[Path] = []

    def stopped(path: Path, *to: Path, **options: bool) -> None:
        really(path, *to, **options)
        if not stops and (to == (copy / "manifest.json",) if to else path.parent == copy / "figures"):
            stops.append(path)
            signal.raise_signal(number)

    monkeypatch.chdir(room)
    monkeypatch.setattr(Path, where, stopped)
    ran = run(monkeypatch, "compare", "corpus.jsonl", "-o", copy)
    assert (ran.code, len(stops)) == (130, 1)
    assert contents_of(copy) == before


def test_a_first_writing_that_was_stopped_can_be_done_again(
    room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(room)
    with monkeypatch.context() as stopping:
        stopping.setattr(Path, "replace", lambda *_: signal.raise_signal(signal.SIGINT))
        assert run(stopping, "compare", "corpus.jsonl", "-o", tmp_path / "out").code == 130
    assert contents_of(tmp_path) == {}
    assert run(monkeypatch, "compare", "corpus.jsonl", "-o", tmp_path / "out").code == 0


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
