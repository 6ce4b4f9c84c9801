"""Filled sheets into a labels folder: every way a spreadsheet saves them, and all that can be wrong with them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from framing.errors import FramingError, LabelsError, UsageError
from framing.importing import Imported, import_codes
from framing.labelfiles import load_labels
from framing.labels import gold
from framing.records import Article
from framing.revisions import stale_codes
from framing.sample import Wish, sample_to_folder

NOW = "2026-01-02T03:04:05Z"
_TEXTS = (
    "The envoys met “behind closed doors” in Orvania’s old harbour hall – and, says Élodie Müller, parted late; nobody",
    "Çelik, the mayor, refused to open the bridge before the summer: “first the railway, then the border”, he told us",
    "“Łódź was never an answer”, wrote the newspaper; Orvania – it added – had promised its neighbours better roads",
)


def articles() -> list[Article]:
    """Return invented articles with letters outside ASCII."""
    found = []
    for number in range(12):
        text = "\n\n".join(f"{sentence} ({number})\nand said no more of it." for sentence in _TEXTS)
        found.append(Article(f"a{number}", text, title=f"Title; {number}", source="xy"[number % 2]))
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder drawn for anna and boris."""
    path = tmp_path / "scheme"
    sample_to_folder(articles(), Wish(24, coders=("anna", "boris"), overlap=0.3, seed=1), path, None)
    return path


def sheet_of(folder: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a sheet."""
    return list(csv.DictReader(io.StringIO((folder / "sheets" / name).read_text(encoding="utf-8-sig"), newline="")))


def saved(
    rows: list[dict[str, str]], path: Path, *, encoding: str = "utf-8", delimiter: str = ",", errors: str = "strict"
) -> Path:
    """Save rows as a spreadsheet does."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding, errors))
    return path


def labelled(rows: list[dict[str, str]], label: str = "favourable") -> list[dict[str, str]]:
    """Fill in every label."""
    return [row | {"label": label} for row in rows]


def log_of(folder: Path, coder: str) -> list[dict[str, Any]]:
    """Return the rows of a coder's log."""
    path = folder / "codes" / f"{coder}.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def imported(folder: Path, *sheets: Path, coder: str | None = "anna") -> Imported:
    return import_codes(sheets, folder, coder=coder, now=NOW)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "cp1250", "cp1254", "mac_roman"])
def test_a_sheet_comes_back_however_a_spreadsheet_saved_it(
    folder: Path, tmp_path: Path, encoding: str, delimiter: str
) -> None:
    rows = [row | {"comment": "“hm” – ’"} for row in labelled(sheet_of(folder, "anna.csv"))]
    sheet = saved(rows, tmp_path / "back.csv", encoding=encoding, delimiter=delimiter, errors="replace")
    found = imported(folder, sheet)
    assert not found.problems
    assert found.written == {"anna": len(rows)}
    assert {row["comment"] for row in log_of(folder, "anna")} == {"“hm” – ’"}
    assert any("save sheets as CSV UTF-8" in note for note in found.notes) == (not encoding.startswith("utf"))


def test_line_ends_spaces_and_empty_rows_that_spreadsheets_change_do_not_matter(folder: Path, tmp_path: Path) -> None:
    rows = labelled(sheet_of(folder, "anna.csv"))
    rows = [row | {"text": row["text"].replace("\n", "\r\n") + " "} for row in rows]
    rows.append(dict.fromkeys(rows[0], ""))
    assert imported(folder, saved(rows, tmp_path / "back.csv")).written == {"anna": len(rows) - 1}


@pytest.mark.parametrize("written", ["unfavourable", "Unfavourable", " UNFAVOURABLE "])
def test_a_label_may_be_written_as_its_title_or_in_other_capitals(folder: Path, tmp_path: Path, written: str) -> None:
    rows = labelled(sheet_of(folder, "anna.csv"), written)
    assert not imported(folder, saved(rows, tmp_path / "back.csv")).problems
    assert {row["label"] for row in log_of(folder, "anna")} == {"unfavourable"}


@pytest.mark.parametrize(
    ("cell", "sure"), [("true", True), ("WAHR", True), ("yes", True), ("FAUX", False), ("0", False), ("", None)]
)
def test_sure_is_understood_in_the_words_of_spreadsheets(
    folder: Path, tmp_path: Path, cell: str, sure: bool | None
) -> None:
    rows = [row | {"sure": cell} for row in labelled(sheet_of(folder, "anna.csv"))]
    assert not imported(folder, saved(rows, tmp_path / "back.csv")).problems
    assert {row.get("sure") for row in log_of(folder, "anna")} == {sure}


def test_codes_carry_their_time_and_the_codebook_version_of_the_sheet(folder: Path, tmp_path: Path) -> None:
    codebook = folder / "codebook.toml"
    codebook.write_text(codebook.read_text(encoding="utf-8").replace("version = 1", "version = 2"), encoding="utf-8")
    imported(folder, saved(labelled(sheet_of(folder, "anna.csv")), tmp_path / "back.csv"))
    assert {(row["time"], row["codebook_version"]) for row in log_of(folder, "anna")} == {(NOW, 1)}


def test_empty_labels_are_not_coded_yet_and_skip_is_data(folder: Path, tmp_path: Path) -> None:
    rows = sheet_of(folder, "anna.csv")
    rows[0]["label"], rows[1]["label"] = "Skip", "none"
    found = imported(folder, saved(rows, tmp_path / "back.csv"))
    assert found.written == {"anna": 2}
    assert found.empty == len(rows) - 2
    assert [row["label"] for row in log_of(folder, "anna")] == [None, "none"]
    assert load_labels(folder).codes["anna"][rows[0]["id"]].label is None


def test_a_sheet_can_be_imported_again_as_it_grows(folder: Path, tmp_path: Path) -> None:
    rows = sheet_of(folder, "anna.csv")
    rows[0]["label"] = "favourable"
    sheet = saved(rows, tmp_path / "back.csv")
    imported(folder, sheet)
    assert imported(folder, sheet).known == 1
    rows[0]["label"] = rows[1]["label"] = "none"
    assert imported(folder, saved(rows, sheet)).written == {"anna": 2}
    assert [row["label"] for row in log_of(folder, "anna")] == ["favourable", "none", "none"]
    assert load_labels(folder).codes["anna"][rows[0]["id"]].label == "none"


def test_a_log_without_a_last_line_end_is_continued_on_a_line_of_its_own(folder: Path, tmp_path: Path) -> None:
    rows = sheet_of(folder, "anna.csv")
    log = folder / "codes" / "anna.jsonl"
    log.write_text(json.dumps({"id": rows[0]["id"], "label": "none"}), encoding="utf-8")
    rows[1]["label"] = "none"
    imported(folder, saved(rows, tmp_path / "back.csv"))
    assert [row["id"] for row in log_of(folder, "anna")] == [rows[0]["id"], rows[1]["id"]]


Change = Callable[[list[dict[str, str]]], list[dict[str, str]]]


def changed(place: int, **values: str) -> Change:
    """Return what changes cells of one row."""
    return lambda rows: [row | values if number == place else row for number, row in enumerate(rows)]


def without(*places: int) -> Change:
    """Return what takes rows away."""
    return lambda rows: [row for number, row in enumerate(rows) if number not in places]


# The texts have two lines each, so that row n (from 0) stands on line 2 + 2 n.
WRONG: Mapping[str, tuple[Change, str]] = {
    "unknown label": (changed(2, label="favorable"), ":6: label 'favorable' is not in the codebook"),
    "unknown secondary": (changed(2, secondary="x"), ":6: secondary 'x' is not in the codebook"),
    "changed text": (changed(1, text="Another text."), ":4: the text of 'ID1' was changed"),
    "empty text": (changed(1, text=""), ":4: text is empty"),
    "unknown id": (changed(1, id="b9#0", text="New."), ":4: no paragraph has the id 'b9#0'"),
    "version above": (changed(1, codebook_version="9"), ":4: codebook_version 9 is above the folder's 1"),
    "missing row": (without(2), ":4: the row of 'ID2' is missing after this line"),
    "missing first row": (without(0), ":1: the row of 'ID0' is missing after this line"),
    "impossible sure": (changed(0, sure="maybe"), ":2: sure must be true, false or empty, not 'maybe'"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named_with_its_line_and_nothing_is_imported(folder: Path, tmp_path: Path, what: str) -> None:
    change, message = WRONG[what]
    rows = labelled(sheet_of(folder, "anna.csv"))
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    found = imported(folder, saved(change(rows), tmp_path / "back.csv"))
    for number, row in enumerate(rows):
        message = message.replace(f"'ID{number}'", repr(row["id"]))
    assert any(f"back.csv{message}" in problem for problem in found.problems), found.problems
    assert not found.written
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_every_wrong_row_is_named_not_only_the_first(folder: Path, tmp_path: Path) -> None:
    rows = labelled(sheet_of(folder, "anna.csv"))
    for place in (0, 2, 5):
        rows[place]["label"] = "favorable"
    found = imported(folder, saved(rows, tmp_path / "back.csv"))
    assert [problem.split(":")[1] for problem in found.problems] == ["2", "6", "12"]


def test_one_wrong_sheet_stops_the_others(folder: Path, tmp_path: Path) -> None:
    good = saved(labelled(sheet_of(folder, "anna.csv")), tmp_path / "good.csv")
    bad = saved(labelled(sheet_of(folder, "anna.csv"), "nothing"), tmp_path / "bad.csv")
    assert imported(folder, good, bad).problems
    assert not log_of(folder, "anna")


def test_two_sheets_that_differ_about_a_code_are_an_error(folder: Path, tmp_path: Path) -> None:
    one = saved(labelled(sheet_of(folder, "anna.csv")), tmp_path / "one.csv")
    other = saved(labelled(sheet_of(folder, "anna.csv"), "none"), tmp_path / "other.csv")
    found = imported(folder, one, other)
    assert "anna has 'none' for" in found.problems[0]
    assert "keep one of the two" in found.problems[0]


def test_a_part_may_come_in_several_sheets_and_in_any_order(folder: Path, tmp_path: Path) -> None:
    rows = labelled(sheet_of(folder, "anna.csv"))[::-1]
    sheets = [saved(rows[:5], tmp_path / "one.csv"), saved(rows[5:], tmp_path / "two.csv")]
    assert imported(folder, *sheets).written == {"anna": len(rows)}


def test_a_later_sheet_does_not_miss_the_rows_of_an_earlier_one(folder: Path, tmp_path: Path) -> None:
    sample_to_folder(articles(), Wish(6, seed=1), folder, None)
    later = saved(labelled(sheet_of(folder, "anna-2.csv")), tmp_path / "later.csv")
    found = imported(folder, later)
    assert not found.problems
    assert found.written["anna"] == len(sheet_of(folder, "anna-2.csv"))


def test_a_coder_who_has_no_part_is_told_so_and_imported(folder: Path, tmp_path: Path) -> None:
    found = imported(folder, saved(labelled(sheet_of(folder, "anna.csv")), tmp_path / "back.csv"), coder="clara")
    assert any("clara has no part" in note and "anna, boris" in note for note in found.notes)
    assert found.written["clara"]


def test_a_sheet_without_ids_is_matched_by_its_texts(folder: Path, tmp_path: Path) -> None:
    rows = [{"text": row["text"], "label": "none"} for row in sheet_of(folder, "anna.csv")]
    assert imported(folder, saved(rows, tmp_path / "back.csv")).written == {"anna": len(rows)}


def test_a_sheet_of_several_coders_keeps_their_names(folder: Path, tmp_path: Path) -> None:
    rows = [row | {"coder": "anna"} for row in labelled(sheet_of(folder, "anna.csv"))]
    rows += [row | {"coder": "boris"} for row in labelled(sheet_of(folder, "boris.csv"))]
    found = imported(folder, saved(rows, tmp_path / "back.csv"), coder=None)
    assert set(found.written) == {"anna", "boris"}


def test_the_sheet_of_another_coder_is_an_error(folder: Path, tmp_path: Path) -> None:
    found = imported(folder, saved(labelled(sheet_of(folder, "boris.csv")), tmp_path / "back.csv"))
    assert any("is in the part of boris, not of anna" in problem for problem in found.problems)


def test_a_sheet_of_disputes_is_imported_as_decisions_only(folder: Path, tmp_path: Path) -> None:
    rows = [row | {"why": "coders differ"} for row in labelled(sheet_of(folder, "anna.csv"))]
    with pytest.raises(LabelsError, match="--coder adjudicated"):
        imported(folder, saved(rows, tmp_path / "d.csv"))


def test_a_name_that_differs_by_capitals_only_is_an_error(folder: Path, tmp_path: Path) -> None:
    found = imported(folder, saved(labelled(sheet_of(folder, "anna.csv")), tmp_path / "back.csv"), coder="Anna")
    assert any("there is a coder 'anna' already" in problem for problem in found.problems)


def test_a_row_whose_id_another_program_gave_is_known_by_its_text(folder: Path, tmp_path: Path) -> None:
    rows = [row | {"id": str(number)} for number, row in enumerate(labelled(sheet_of(folder, "anna.csv")))]
    assert imported(folder, saved(rows, tmp_path / "back.csv")).written == {"anna": len(rows)}


def test_a_label_that_was_emptied_is_said_to_stay(folder: Path, tmp_path: Path) -> None:
    rows = labelled(sheet_of(folder, "anna.csv"))
    imported(folder, saved(rows, tmp_path / "back.csv"))
    found = imported(folder, saved([row | {"label": ""} for row in rows], tmp_path / "back.csv"))
    assert any("write skip to withdraw one" in note for note in found.notes)


def test_where_nothing_tells_the_encoding_it_is_asked_for(tmp_path: Path) -> None:
    text = "The envoys met in the old hall and spoke of the bridge. They parted late."
    plain = [Article(f"p{number}", text, source=str(number)) for number in range(3)]
    path = tmp_path / "plain"
    sample_to_folder([replace(one, text=one.text + one.id) for one in plain], Wish(3, coders=("anna",)), path, None)
    rows = [row | {"comment": "неясно"} for row in labelled(sheet_of(path, "anna.csv"))]
    with pytest.raises(LabelsError, match="save it as CSV UTF-8"):
        imported(path, saved(rows, tmp_path / "back.csv", encoding="cp1251"))
    rows = [row | {"comment": "“so” – …"} for row in rows]
    assert imported(path, saved(rows, tmp_path / "back.csv", encoding="cp1252")).written == {"anna": 3}
    assert log_of(path, "anna")[0]["comment"] == "“so” – …"


def test_a_sheet_may_be_utf16_without_a_mark_and_begin_with_excels_separator_line(folder: Path, tmp_path: Path) -> None:
    rows = labelled(sheet_of(folder, "anna.csv"))
    sheet = saved(rows, tmp_path / "back.csv", delimiter=";")
    sheet.write_bytes(("sep=;\r\n" + sheet.read_text(encoding="utf-8")).encode("utf-16-le"))
    assert imported(folder, sheet).written == {"anna": len(rows)}
    rows[0]["label"] = "nothing"
    sheet.write_text("sep=;\n" + saved(rows, sheet, delimiter=";").read_text(encoding="utf-8"), encoding="utf-8")
    assert ":3: label 'nothing'" in imported(folder, sheet).problems[0]


def test_where_one_log_cannot_be_written_no_log_is(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row | {"coder": "anna"} for row in labelled(sheet_of(folder, "anna.csv"))]
    rows += [row | {"coder": "boris"} for row in labelled(sheet_of(folder, "boris.csv"))]
    sheet = saved(rows, tmp_path / "back.csv")
    move = Path.replace

    def broken(path: Path, target: Path) -> Path:
        if target.name == "boris.jsonl":
            raise OSError("disk full")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(FramingError, match="disk full"):
        imported(folder, sheet, coder=None)
    assert not list((folder / "codes").iterdir())


def test_a_row_of_another_coder_is_an_error(folder: Path, tmp_path: Path) -> None:
    rows = [row | {"coder": "boris"} for row in labelled(sheet_of(folder, "anna.csv"))]
    found = imported(folder, saved(rows, tmp_path / "back.csv"))
    assert "is a row of coder 'boris', not of 'anna'" in found.problems[0]


def test_a_code_that_is_confirmed_under_a_new_version_is_no_longer_stale(folder: Path, tmp_path: Path) -> None:
    rows = labelled(sheet_of(folder, "anna.csv"), "none")
    imported(folder, saved(rows, tmp_path / "back.csv"))
    codebook = folder / "codebook.toml"
    text = codebook.read_text(encoding="utf-8").replace("version = 1", "version = 2")
    codebook.write_text(text.replace("named only in passing", "hardly named"), encoding="utf-8")
    assert len(stale_codes(load_labels(folder), folder).codes) == len(rows)
    confirmed = [row | {"codebook_version": "2"} for row in rows]
    assert imported(folder, saved(confirmed, tmp_path / "back.csv")).written == {"anna": len(rows)}
    assert stale_codes(load_labels(folder), folder).codes == ()


def test_a_skeleton_may_be_filled_in_between_drawing_and_coding(folder: Path, tmp_path: Path) -> None:
    codebook = folder / "codebook.toml"
    text = codebook.read_text(encoding="utf-8").replace("named only in passing", "hardly named")
    codebook.write_text(text, encoding="utf-8")
    assert not imported(folder, saved(labelled(sheet_of(folder, "anna.csv")), tmp_path / "back.csv")).problems
    assert "hardly named" in (folder / "codebooks" / "1.toml").read_text(encoding="utf-8")


def test_a_decision_to_give_no_label_settles_a_dispute(folder: Path, tmp_path: Path) -> None:
    rows = [row | {"label": "skip", "reason": "Nothing can be said."} for row in sheet_of(folder, "anna.csv")]
    imported(folder, saved(labelled(sheet_of(folder, "anna.csv")), tmp_path / "a.csv"))
    shared = labelled(sheet_of(folder, "boris.csv"), "none")
    imported(folder, saved(shared, tmp_path / "b.csv"), coder="boris")
    assert gold(load_labels(folder)).disputed
    imported(folder, saved(rows, tmp_path / "d.csv"), coder="adjudicated")
    assert not gold(load_labels(folder)).disputed


def test_who_decided_is_named_for_decisions_only(folder: Path, tmp_path: Path) -> None:
    sheet = saved(labelled(sheet_of(folder, "anna.csv")), tmp_path / "back.csv")
    with pytest.raises(UsageError, match="--coder adjudicated"):
        import_codes([sheet], folder, coder="anna", now=NOW, adjudicator="zoe")


def test_a_sheet_that_names_no_coder_needs_one(folder: Path, tmp_path: Path) -> None:
    sheet = saved(labelled(sheet_of(folder, "anna.csv")), tmp_path / "back.csv")
    with pytest.raises(LabelsError, match=r"names no coder; .* --coder NAME"):
        imported(folder, sheet, coder=None)
    rows = labelled(sheet_of(folder, "anna.csv"))
    half = saved([row | {"coder": "anna" if place else ""} for place, row in enumerate(rows)], sheet)
    assert imported(folder, half, coder=None).problems[0].startswith(f"{half}:2: names no coder")


def test_decisions_need_a_reason_and_become_the_adjudicated_codes(folder: Path, tmp_path: Path) -> None:
    rows = labelled(sheet_of(folder, "anna.csv"))[:2]
    assert "has no reason" in imported(folder, saved(rows, tmp_path / "d.csv"), coder="adjudicated").problems[0]
    decided = [row | {"reason": "Rule 1."} for row in rows]
    sheet = saved(decided, tmp_path / "d.csv")
    import_codes([sheet], folder, coder="adjudicated", now=NOW, adjudicator="clara")
    assert [(row["reason"], row["adjudicator"]) for row in log_of(folder, "adjudicated")] == [("Rule 1.", "clara")] * 2
    assert set(load_labels(folder).adjudicated) == {row["id"] for row in rows}


@pytest.mark.parametrize("name", ["", "a/b", "../x", "unnamed", " anna"])
def test_a_name_that_cannot_be_a_coders_is_wrong_usage(folder: Path, tmp_path: Path, name: str) -> None:
    sheet = saved(labelled(sheet_of(folder, "anna.csv")), tmp_path / "back.csv")
    with pytest.raises(UsageError, match="cannot be a coder's name"):
        imported(folder, sheet, coder=name)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04xxxx", "is a workbook; save the sheet as CSV"),
        (b"id,words\n1,2\n", "there is no column `text`"),
        (b"text,label\n", "holds no rows"),
        (b'text,label\n"open,none\n', "is not CSV"),
    ],
)
def test_a_file_that_is_no_sheet_is_one_line(folder: Path, tmp_path: Path, content: bytes, message: str) -> None:
    sheet = tmp_path / "sheet.csv"
    sheet.write_bytes(content)
    with pytest.raises(LabelsError, match=message) as caught:
        imported(folder, sheet)
    assert str(sheet) in str(caught.value)


def test_a_sheet_that_is_not_there_is_one_line(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(FramingError, match="no such file"):
        imported(folder, tmp_path / "nothing.csv")


def test_rules_that_changed_without_a_new_version_stop_the_import(folder: Path, tmp_path: Path) -> None:
    rows = sheet_of(folder, "anna.csv")
    rows[0]["label"] = "none"
    imported(folder, saved(rows, tmp_path / "back.csv"))
    codebook = folder / "codebook.toml"
    text = codebook.read_text(encoding="utf-8")
    codebook.write_text(text.replace("named only in passing", "hardly named"), encoding="utf-8")
    rows[1]["label"] = "none"
    with pytest.raises(LabelsError, match="raise version to 2"):
        imported(folder, saved(rows, tmp_path / "back.csv"))
    assert len(log_of(folder, "anna")) == 1


def test_a_folder_is_made_of_a_sheet_where_there_is_none(tmp_path: Path) -> None:
    rows = [{"text": f"Paragraph number {n} of the town.", "label": "ab"[n % 2], "coder": "anna"} for n in range(6)]
    rows.append(rows[0] | {"coder": "boris", "label": "b"})
    found = import_codes([saved(rows, tmp_path / "all.csv")], tmp_path / "new", coder=None, now=NOW)
    assert found.written == {"anna": 6, "boris": 1}
    labels = load_labels(tmp_path / "new")
    assert labels.codebook.labels == ("a", "b")
    assert len(labels.units) == 6
    assert labels.codes["boris"][labels.units[0].id].label == "b"


def test_a_single_label_makes_no_codebook(tmp_path: Path) -> None:
    sheet = saved([{"text": "A paragraph.", "label": "a", "coder": "anna"}], tmp_path / "all.csv")
    with pytest.raises(LabelsError, match=r"they are a; write .*codebook.toml first"):
        import_codes([sheet], tmp_path / "new", coder=None, now=NOW)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", ["labelstudio.json", "doccano-old.jsonl", "prodigy-choice.jsonl"])
def test_the_files_of_annotation_tools_make_a_folder_with_their_coders(tmp_path: Path, name: str) -> None:
    file = Path(__file__).parent / "exchange" / name
    found = import_codes([file], tmp_path / "new", coder="someone", now=NOW)
    assert not found.problems
    labels = load_labels(tmp_path / "new")
    assert {name: sum(code.label is not None for code in codes.values()) for name, codes in labels.codes.items()}
    assert set(labels.codes) == set(found.written)
