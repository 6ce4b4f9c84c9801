"""What `framing compare` takes: exports and articles, and the audits that it accepts or refuses."""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from framing.adjusted import FEWEST_ARTICLES
from framing.audit import read_audit
from framing.comparefolder import folder_contents
from framing.comparetext import comparison_lines
from framing.comparison import Comparison
from framing.errors import FramingError, InputError, LabelsError
from framing.importing import import_codes
from framing.predicted import open_corpus
from framing.sample import Wish, find_codebook, sample_to_folder
from framing.terminal import Style
from framing.wording import TOUCHES_NOTHING
from tests.comparing import NEWS, articles_of, asked, share_of, sheet_rows, write_rows
from tests.newsroom import LABELS, MIXES, fill_sheet
from tests.run import run

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
