"""Reading labels: both forms, every kind of bad row, gold labels and the data fingerprint."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.cells import guard_cell, restore_cell
from framing.codebook import Codebook, Frame, codebook_from_labels
from framing.errors import LabelsError
from framing.labelfiles import load_labels
from framing.labels import (
    UNNAMED,
    Code,
    Coder,
    Labels,
    Sentence,
    Unit,
    gold,
    labels_hash,
)

Rows = Sequence[Mapping[str, object]]

CODEBOOK = """
name = "mood"
version = 1
question = "How?"
[[frame]]
id = "good"
[[frame]]
id = "bad"
"""
PARAGRAPHS: Rows = [
    {"id": "a", "article": "1", "source": "daily", "kind": "news", "text": "First.", "date": "2020-11-09"},
    {"id": "b", "article": "1", "source": "daily", "kind": "news", "text": "Second.", "url": "https://example.org/1"},
    {"id": "c", "article": "2", "source": "weekly", "text": "Third.", "target": "Rome", "inclusion": 0.25},
]


def lines(rows: Rows) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def folder(path: Path, **files: str) -> Path:
    """Write a labels folder; `codes_x` is the file codes/x.jsonl."""
    (path / "codes").mkdir()
    (path / "codebook.toml").write_text(CODEBOOK, encoding="utf-8")
    (path / "paragraphs.jsonl").write_text(lines(PARAGRAPHS), encoding="utf-8")
    for name, text in files.items():
        part, _, coder = name.partition("codes_")
        suffix = ".toml" if part in ("coders", "held_out") else ".json" if part == "lexicon" else ".jsonl"
        target = path / "codes" / f"{coder}.jsonl" if coder else path / f"{part}{suffix}"
        target.write_text(text, encoding="utf-8")
    return path


def flat(path: Path, text: str | bytes, name: str = "sheet.csv") -> Path:
    file = path / name
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return file


def refused(path: Path, codebook: Codebook | None = None) -> str:
    """Return the one line that an unusable file is answered with, without the folder's name."""
    with pytest.raises(LabelsError) as caught:
        load_labels(path, codebook=codebook)
    message = str(caught.value)
    assert "\n" not in message
    return message.replace(f"{path.parent}/", "").replace(f"{path}/", "")


# The folder form.


def test_a_folder_is_read_whole(tmp_path: Path) -> None:
    path = folder(
        tmp_path,
        codes_ann=lines([{"id": "a", "label": "good", "secondary": "bad", "sure": True, "time": "2024-05-01T10:00"}]),
        codes_bob=lines(
            [{"id": "a", "label": "bad", "comment": "hm", "codebook_version": 1}, {"id": "b", "label": None}]
        ),
        codes_adjudicated=lines([{"id": "a", "label": "good", "adjudicator": "eve", "reason": "rule 1"}]),
        coders="[ann]\nkind = 'person'\ndescription = 'A student.'\n[bob]\nkind = 'model'\ndescription = 'A tool.'\n",
        sentences=lines([{"id": "s", "text": "Short.", "label": "bad", "source": "x", "kind": "sentence"}]),
        lexicon=json.dumps({"praise": ["well done", "good*"]}),
        held_out='sources = ["weekly"]\n[draws]\nsecond = ["daily"]\n',
    )
    labels = load_labels(path)
    assert labels.codebook.labels == ("good", "bad")
    assert labels.units == (
        Unit("a", "First.", "1", "daily", "news", "2020-11-09"),
        Unit("b", "Second.", "1", "daily", "news", url="https://example.org/1"),
        Unit("c", "Third.", "2", "weekly", target="Rome", inclusion=0.25),
    )
    assert [unit.place for unit in labels.units] == [f"{path}/paragraphs.jsonl:{line}" for line in (1, 2, 3)]
    assert labels.codes == {
        "ann": {"a": Code("a", "ann", "good", "bad", True, time="2024-05-01T10:00")},
        "bob": {"a": Code("a", "bob", "bad", comment="hm", codebook_version=1), "b": Code("b", "bob", None)},
    }
    assert labels.adjudicated == {"a": Code("a", "adjudicated", "good", reason="rule 1", adjudicator="eve")}
    assert labels.sentences == (Sentence("Short.", "bad", None, "x", "sentence"),)
    assert labels.lexicon == {"praise": ("well done", "good*")}
    assert labels.held_out == {"weekly", "daily"}
    assert labels.draws == {"second": {"daily"}}
    assert labels.coders["bob"] == Coder("model", "A tool.")
    assert labels.messages == ()


def test_the_last_row_of_a_log_holds_and_is_said(tmp_path: Path) -> None:
    log = [
        {"id": "a", "label": "good"},
        {"id": "b", "label": "bad"},
        {"id": "b", "label": "bad"},
        {"id": "a", "label": "bad"},
    ]
    labels = load_labels(folder(tmp_path, codes_ann=lines(log)))
    assert labels.codes["ann"]["a"].label == "bad"
    assert labels.codes["ann"]["a"].place.endswith("ann.jsonl:4")
    assert [message.split(": ")[1] for message in labels.messages] == [
        "1 row replaced an earlier code of the same unit"
    ]


def test_what_a_user_should_know_of_a_folder_is_said(tmp_path: Path) -> None:
    path = folder(tmp_path, codes_ann="", coders="", held_out='sources = ["monthly"]\n')
    (path / "codes" / "bob.csv").write_text("id,label\n", encoding="utf-8")
    said = " | ".join(load_labels(path).messages)
    assert "bob.csv: not read" in said
    assert "coders.toml: does not say what ann is" in said
    assert "no paragraph is from 'monthly'" in said


def test_a_folder_without_codes_is_read_and_said(tmp_path: Path) -> None:
    labels = load_labels(folder(tmp_path))
    assert labels.codes == {}
    assert gold(labels).uncoded == ("a", "b", "c")
    assert "there are no codes" in labels.messages[0]


def test_a_given_codebook_takes_the_place_of_the_folders_own(tmp_path: Path) -> None:
    other = codebook_from_labels("other", ["warm", "cold"])
    path = folder(tmp_path, codes_ann=lines([{"id": "a", "label": "warm"}]))
    assert load_labels(path, codebook=other).codebook == other
    assert "label 'warm' is not in the codebook (good, bad)" in refused(path)


@pytest.mark.parametrize(
    ("part", "text", "said"),
    [
        ("paragraphs", "", "paragraphs.jsonl: has no rows"),
        ("paragraphs", '{"id": "a", "text": "x"}\n\n{"id": "a", "text": "y"}\n', ":3: the id 'a' is already at "),
        ("paragraphs", '{"text": "x"}\n', ":1: id is missing or empty"),
        ("paragraphs", '{"id": true, "text": "x"}\n', ":1: id must be text, not true"),
        ("paragraphs", '{"id": "a", "text": " "}\n', ":1: text is empty"),
        ("paragraphs", '{"id": "a"}\n', ":1: text is empty"),
        ("paragraphs", '{"id": "a", "text": 5}\n', ":1: text must be text, not 5"),
        ("paragraphs", '{"id": "a", "text": ["x"]}\n', ':1: text must be text, not ["x"]'),
        ("paragraphs", '{"id": "a", "text": "x", "source": {}}\n', ":1: source must be text, not {}"),
        ("paragraphs", '{"id": "a", "text": "\\ud83d x"}\n', ":1: text holds half of a character"),
        ("paragraphs", '{"id": "a", "text": "x", "inclusion": 0}\n', ":1: inclusion 0 must be above 0"),
        ("paragraphs", '{"id": "a", "text": "x", "inclusion": 1.5}\n', ":1: inclusion 1.5 must be above 0"),
        ("paragraphs", '{"id": "a", "text": "x", "inclusion": 1e-320}\n', ":1: inclusion 9.99989e-321 is one"),
        ("paragraphs", '{"id": "a", "text": "x", "inclusion": "0.5"}\n', ":1: inclusion must be a number, not '0.5'"),
        ("paragraphs", '{"id": "a", "text": "x", "inclusion": true}\n', ":1: inclusion must be a number, not true"),
        ("paragraphs", '{"id": "a", "text": "x", "inclusion": NaN}\n', ":1: is not valid JSON: NaN is no number"),
        ("paragraphs", '{"id": "a", "text": "x", "inclusion": 1' + "0" * 400 + "}\n", ":1: inclusion must be a number"),
        ("paragraphs", '{"id": "a", "id": "b", "text": "x"}\n', ":1: is not valid JSON: the key 'id' stands twice"),
        ("paragraphs", '{"id": "a",\n"text": "x"}\n', ":1: is not valid JSON"),
        ("paragraphs", '["a", "x"]\n', ":1: must be a JSON object"),
        ("paragraphs", "[" * 100_000, ":1: is not valid JSON: it is nested too deeply"),
        (
            "codes_ann",
            '{"id": "a", "label": "god"}\n',
            "ann.jsonl:1: label 'god' is not in the codebook (good, bad); did",
        ),
        ("codes_ann", '{"id": "a", "label": "GOOD"}\n', "did you mean 'good'?"),
        ("codes_ann", '{"id": "a", "label": "other"}\n', "label 'other' is not in the codebook (good, bad)"),
        ("codes_ann", '{"id": "a", "label": "good", "secondary": "x"}\n', "secondary 'x' is not in the codebook"),
        ("codes_ann", '{"id": "a", "label": 1}\n', "ann.jsonl:1: label must be text, not 1"),
        ("codes_ann", '{"id": "a", "label": "good", "sure": "yes"}\n', "sure must be true, false or empty, not 'yes'"),
        ("codes_ann", '{"id": "a", "label": "good", "codebook_version": 1.5}\n', "must be a whole number, not 1.5"),
        (
            "codes_ann",
            '{"id": "a", "label": "good"}\n{"id": "z", "label": "bad"}\n',
            "ann.jsonl:2: no paragraph has the id 'z'",
        ),
        ("codes_adjudicated", '{"id": "z", "label": "bad"}\n', "adjudicated.jsonl:1: no paragraph has the id 'z'"),
        ("sentences", '{"text": "x"}\n', "sentences.jsonl:1: label is missing"),
        ("sentences", '{"text": "x", "label": "no"}\n', "sentences.jsonl:1: label 'no' is not in the codebook"),
        ("lexicon", "[]", "lexicon.json: must be an object of categories"),
        ("lexicon", '{"praise": "well"}', "lexicon.json: 'praise' must be a list"),
        ("lexicon", '{"praise": ["w*ll"]}', "lexicon.json: praise: 'w*ll': `*` stands only at the end"),
        ("lexicon", "{", "lexicon.json: is not valid JSON"),
        ("coders", "[ann]\nkind = 'dog'\ndescription = 'x'\n", '[ann] needs kind = "person" or "model"'),
        ("coders", "ann = 1\n", "[ann] must be a table of kind"),
        ("held_out", "source = ['x']\n", "held_out.toml: must hold only sources"),
        ("held_out", "sources = 'x'\n", "held_out.toml: must hold only sources"),
        ("held_out", "draws = ['x']\n", "held_out.toml: must hold only sources"),
        ("held_out", "[draws]\nsecond = 'x'\n", "held_out.toml: must hold only sources"),
        ("held_out", "[draws]\nsecond = [1]\n", "held_out.toml: must hold only sources"),
        ("held_out", "sources = [\n", "held_out.toml: is not valid TOML"),
    ],
)
def test_a_bad_row_of_a_folder_is_one_line_with_file_and_line(tmp_path: Path, part: str, text: str, said: str) -> None:
    assert said in refused(folder(tmp_path, **{part: text}))


def test_a_line_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    path = folder(tmp_path)
    (path / "paragraphs.jsonl").write_bytes(b'{"id": "a", "text": "x"}\n{"id": "b", "text": "caf\xe9"}\n')
    assert "paragraphs.jsonl:2: is not UTF-8; save the file as UTF-8" in refused(path)


def test_a_missing_part_of_a_folder_is_named(tmp_path: Path) -> None:
    (folder(tmp_path) / "paragraphs.jsonl").unlink()
    assert "paragraphs.jsonl: there is no such file" in refused(tmp_path)
    (tmp_path / "codebook.toml").unlink()
    assert "a labels folder needs a codebook" in refused(tmp_path)


# The flat form.


def test_a_flat_file_makes_its_labels_the_frames_and_says_so(tmp_path: Path) -> None:
    labels = load_labels(flat(tmp_path, "text,label\nOne.,yes\nTwo.,no\n", "my sheet.csv"))
    assert labels.codebook.labels == ("no", "yes")
    assert labels.codebook.name == "my-sheet"
    assert labels.messages == ("no codebook: the labels no, yes became the frames",)
    assert list(gold(labels).labels.values()) == ["yes", "no"]


@pytest.mark.parametrize(
    "data",
    [
        "text,label\nOne; two.,yes\nThree.,no\n",
        "text;label\nOne; two.;yes\n".replace("One; two.", '"One; two."') + "Three.;no\n",
        '\ufefftext;label\r\n"One; two.";yes\r\nThree.;no\r\n',
        "Text\tLabel\nOne; two.\tyes\nThree.\tno\n",
        '"label";"text"\nyes;"One; two."\n;\n\nno;Three.\n',
        "text,label\rOne; two.,yes\rThree.,no\r",
    ],
    ids=["commas", "semicolons", "byte order mark", "tabs", "quoted header and empty rows", "old line ends"],
)
def test_a_sheet_loads_as_spreadsheets_write_it(tmp_path: Path, data: str) -> None:
    labels = load_labels(flat(tmp_path, data))
    assert [unit.text for unit in labels.units] == ["One; two.", "Three."]
    assert list(gold(labels).labels.values()) == ["yes", "no"]


@pytest.mark.parametrize(
    "name", ["s.jsonl", "s.ndjson", "s.JSONL", "s.jsonl.gz", "s.csv", "s.csv.gz", "s.tsv", "s.tsv.gz"]
)
def test_every_flat_form_loads_also_packed(tmp_path: Path, name: str) -> None:
    rows = [{"text": "One.", "label": "yes"}, {"text": "Two.", "label": "no"}]
    kind = name.lower().removesuffix(".gz").rpartition(".")[2]
    delimiter = "\t" if kind == "tsv" else ","
    table = [("text", "label"), *(tuple(row.values()) for row in rows)]
    data = (lines(rows) if "js" in kind else "".join(delimiter.join(row) + "\n" for row in table)).encode()
    labels = load_labels(flat(tmp_path, gzip.compress(data) if name.endswith("gz") else data, name))
    assert [unit.text for unit in labels.units] == ["One.", "Two."]
    assert labels.codebook.name == "s"


def test_rows_of_one_id_are_the_codes_of_several_coders(tmp_path: Path) -> None:
    sheet = "id,text,label,coder,sure\n7,One.,yes,ann,TRUE\n7,One.,no,bob,\n8,Two.,,ann,\n8,Two.,no,bob,false\n"
    labels = load_labels(flat(tmp_path, sheet))
    assert [unit.id for unit in labels.units] == ["7", "8"]
    assert labels.codes == {
        "ann": {"7": Code("7", "ann", "yes", sure=True)},
        "bob": {"7": Code("7", "bob", "no"), "8": Code("8", "bob", "no", sure=False)},
    }
    assert "1 row without a label: not coded" in labels.messages


def test_rows_of_the_coder_adjudicated_are_adjudications(tmp_path: Path) -> None:
    sheet = "id,text,label,coder,reason\n7,One.,yes,ann,\n7,One.,no,bob,\n7,One.,no,adjudicated,rule 2\n"
    labels = load_labels(flat(tmp_path, sheet))
    assert set(labels.codes) == {"ann", "bob"}
    assert labels.adjudicated["7"].reason == "rule 2"
    assert gold(labels).labels == {"7": "no"}


def test_one_text_about_two_targets_is_two_units(tmp_path: Path) -> None:
    sheet = "text,target,label\nSame.,Rome,yes\nSame.,Bonn,no\n"
    assert len(load_labels(flat(tmp_path, sheet)).units) == 2


def test_a_text_of_two_sources_is_two_units(tmp_path: Path) -> None:
    sheet = "text,source,label\nSame.,daily,yes\nSame.,weekly,no\n"
    assert len(load_labels(flat(tmp_path, sheet)).units) == 2


def test_identical_rows_without_an_id_count_once_and_it_is_said(tmp_path: Path) -> None:
    labels = load_labels(flat(tmp_path, "text,label\nOne.,yes\nOne.,yes\nTwo.,no\n"))
    assert len(labels.units) == 2
    assert "1 row repeated an earlier one and counted once" in labels.messages


def test_what_the_export_writes_can_be_read_back(tmp_path: Path) -> None:
    sheet = (
        "article,source,date,title,index,start,end,text,status,label,p_yes,p_no,quoted,model,fingerprint\n"
        'x1,daily,2020-11-09,A title,0,0,10,"One, two.",ok,yes,0.9,0.1,0,m,abc\n'
        "x1,daily,2020-11-09,A title,1,12,20,'=SUM(A1),off_topic,,,,0,m,abc\n"
        "x1,daily,2020-11-09,A title,2,22,30,Three.,ok,no,0.2,0.8,0,m,abc\n"
    )
    labels = load_labels(flat(tmp_path, sheet))
    assert labels.units[0] == replace(
        labels.units[0], article="x1", source="daily", date="2020-11-09", text="One, two."
    )
    assert labels.units[1].text == "=SUM(A1)"
    assert gold(labels).uncoded == (labels.units[1].id,)


def test_a_date_that_a_spreadsheet_rewrote_is_left_out_and_said(tmp_path: Path) -> None:
    path = flat(tmp_path, "text,label,date\nOne.,yes,09.11.2020\nTwo.,no,2020-11\n")
    labels = load_labels(path)
    assert [unit.date for unit in labels.units] == [None, "2020-11"]
    assert f"1 date left out, not ISO 8601 (2020-11-09); the first is at {path}:2" in labels.messages


def test_a_decimal_comma_is_a_number(tmp_path: Path) -> None:
    labels = load_labels(flat(tmp_path, "text;label;inclusion\nOne.;yes;0,5\nTwo.;no;\n"))
    assert [unit.inclusion for unit in labels.units] == [0.5, None]


def test_lines_count_as_in_the_file_where_a_text_spans_several(tmp_path: Path) -> None:
    sheet = 'text,label\n"One\nand two\n\nand three.",yes\nFour.,no\n,yes\n'
    assert "sheet.csv:7: text is empty" in refused(flat(tmp_path, sheet))


@pytest.mark.parametrize(
    ("sheet", "said"),
    [
        ("", "sheet.csv: has no rows"),
        ("a,b\n1,2\n", ":1: there is no column `text` in the header 'a,b'"),
        ("text,x\nOne.,yes\n", ":1: there is no column `label` in the header"),
        ("text,label,label\nOne.,yes,no\n", ":1: the column `label` stands twice"),
        ("text,label\n", "sheet.csv: has no rows"),
        ("text,label\nOne.,\n", "sheet.csv: no row has a label yet; fill in the column label"),
        ("text,label\nOne.,yes\n", "needs at least two frames (labels), has 1"),
        ("text,label\nOne, two.,yes\n", ":2: 3 cells where the header has 2; put quotes"),
        ('text,label\n"One.,yes\nTwo.,no\n', ":2: is not CSV (unexpected end of data); is a quotation mark missing"),
        ('text,label\n"One" two.,yes\n', ":2: "),
        ("text,label,coder\nOne.,yes,ann\nTwo.,no\n", ":3: 2 cells where the header has 3; put quotes"),
        ("id,text,label\n1,One.,yes\n2,Two.,no\n1,Three.,no\n", ":4: the id '1' is already at sheet.csv:2"),
        ("id,text,label\n1,One.,yes\n1,One.,yes\n", ":3: the id '1' is already at sheet.csv:2; keep one"),
        ("id,text,label,coder\n1,O.,y,ann\n1,O.,n,ann\n", ":3: the id '1' of coder 'ann' is already at sheet.csv:2"),
        ("id,text,label,coder\n1,One.,y,ann\n1,Two.,n,bob\n", ":3: the id '1' has another text than at sheet.csv:2"),
        ("id,text,label,coder,source\n1,O.,y,ann,s\n1,O.,n,bob,t\n", ":3: the id '1' has another source"),
        ("text,label\nOne.,yes\nOne.,no\n", ":3: the same text has the label 'no', and 'yes' at sheet.csv:2; keep one"),
        ("text,label,inclusion\nOne.,yes,half\n", ":2: inclusion must be a number, not 'half'"),
        ("text,label,inclusion\nOne.,yes,nan\n", ":2: inclusion must be a number, not 'nan'"),
        ("text,label,inclusion\nOne.,yes,2\n", ":2: inclusion 2 must be above 0"),
        ("text,label,sure\nOne.,yes,perhaps\n", ":2: sure must be true, false or empty, not 'perhaps'"),
    ],
)
def test_a_bad_row_of_a_sheet_is_one_line_with_file_and_line(tmp_path: Path, sheet: str, said: str) -> None:
    assert said in refused(flat(tmp_path, sheet))


def test_a_label_outside_the_codebook_is_named_in_a_flat_file(tmp_path: Path) -> None:
    codebook = codebook_from_labels("x", ["obstacle", "none"])
    message = refused(flat(tmp_path, "text,label\nOne.,none\nTwo.,obstacel\n"), codebook)
    assert message == (
        "sheet.csv:3: label 'obstacel' is not in the codebook (none, obstacle); did you mean 'obstacle'?"
    )


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("s.csv", b"text,label\nOne.,yes\ncaf\xe9,no\n", "s.csv:3: is not UTF-8; save the file as UTF-8"),
        ("s.csv", "text,label\nOne.,yes\n".encode("utf-16"), "s.csv:1: is UTF-16; save it as UTF-8"),
        ("s.csv.gz", b"text,label\n", "s.csv.gz: is a damaged gzip file"),
        ("s.csv.gz", gzip.compress(b"text,label\nOne.,yes\n", mtime=0)[:-9], "s.csv.gz: is a damaged gzip file"),
        ("s.xlsx", b"PK", "s.xlsx: is no labels folder, JSON Lines (.jsonl), CSV, TSV or Parquet file; convert it"),
        ("s", b"", "s: is no labels folder"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path: Path, name: str, data: bytes, said: str) -> None:
    assert said in refused(flat(tmp_path, data, name))


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert refused(tmp_path / "nothing.csv") == (
        "nothing.csv: there is no such file or folder; name your labels, or begin some: framing sample"
    )


# Round trips.

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_PROSE = _TEXT.filter(lambda text: bool(text.strip()))
_FIELD = st.one_of(st.just(""), st.sampled_from(["daily", "=1+1", "Ереван", 'a "b", c; d', "'-x"]))


@settings(max_examples=60)
@given(st.lists(st.tuples(_PROSE, st.sampled_from(["yes", "no", "-1", ""]), _FIELD, _FIELD), min_size=1, max_size=8))
def test_json_lines_and_csv_of_the_same_rows_are_the_same_labels(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str, str]]
) -> None:
    path = tmp_path_factory.mktemp("round")
    columns = ("id", "text", "label", "source", "article")
    table = [(str(number), *row) for number, row in enumerate(rows)]
    cells = io.StringIO(newline="")
    csv.writer(cells).writerows([columns, *([guard_cell(cell) for cell in row] for row in table)])
    codebook = Codebook("x", 1, "?", (Frame("yes", ""), Frame("no", ""), Frame("-1", "")))
    sheet = load_labels(flat(path, cells.getvalue(), "s.csv"), codebook=codebook)
    jsonl = flat(path, lines([dict(zip(columns, row, strict=True)) for row in table]), "s.jsonl")
    assert load_labels(jsonl, codebook=codebook) == sheet
    assert [unit.text for unit in sheet.units] == [row[0] for row in rows]


@given(_TEXT | st.text("'=+-@a\t\r", max_size=6))
def test_a_guarded_cell_begins_no_formula_and_comes_back(text: str) -> None:
    assert not guard_cell(text).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert restore_cell(guard_cell(text)) == text


# Gold labels.


def coded(*labels: str | None, adjudicated: str | None = None) -> Labels:
    """Return the labels of one unit, coded by as many coders as there are labels."""
    codebook = codebook_from_labels("x", ["x", "y", "z"])
    codes = {f"c{number}": {"u": Code("u", f"c{number}", label)} for number, label in enumerate(labels)}
    settled = {"u": Code("u", "adjudicated", adjudicated)} if adjudicated else {}
    return Labels(codebook, (Unit("u", "Text."),), codes, settled)


@pytest.mark.parametrize(
    ("given_labels", "adjudicated", "default", "majority"),
    [
        ([], None, "uncoded", "uncoded"),
        ([None, None], None, "uncoded", "uncoded"),
        (["x"], None, "x", "x"),
        (["x", None], None, "x", "x"),
        (["x", "x"], None, "x", "x"),
        (["x", "y"], None, "disputed", "disputed"),
        (["x", "y"], "z", "z", "z"),
        (["x", "x"], "y", "y", "y"),
        ([], "y", "y", "y"),
        (["x", "x", "y"], None, "disputed", "x"),
        (["x", "y", "z"], None, "disputed", "disputed"),
        (["x", "x", "y", "y"], None, "disputed", "disputed"),
        (["x", "x", "y", "z"], None, "disputed", "x"),
        (["x", "y", None], None, "disputed", "disputed"),
    ],
)
def test_gold_follows_its_rule(
    given_labels: list[str | None], adjudicated: str | None, default: str, majority: str
) -> None:
    labels = coded(*given_labels, adjudicated=adjudicated)
    for rule, expected in (("default", default), ("majority", majority)):
        found = gold(labels, rule)
        outcome = found.labels.get("u") or ("disputed" if found.disputed else "uncoded")
        assert outcome == expected
        assert len(found.labels) + len(found.disputed) + len(found.uncoded) == 1
        assert sum(found.how.values()) == len(found.labels)
        assert found.skips == given_labels.count(None)


def test_an_unknown_gold_rule_is_refused() -> None:
    with pytest.raises(LabelsError, match="use default or majority"):
        gold(coded("x"), "best")


# The fingerprint.


def test_the_fingerprint_is_of_content_and_not_of_places(tmp_path: Path) -> None:
    sheet = "id,text,label,coder\n1,One.,yes,ann\n1,One.,no,bob\n2,Two.,no,ann\n"
    spaced = "id,coder,label,text\n\n1,bob,no,One.\n1,ann,yes,One.\n2,ann,no,Two.\n"
    codebook = codebook_from_labels("x", ["yes", "no"])
    first = load_labels(flat(tmp_path, sheet, "one.csv"), codebook=codebook)
    assert labels_hash(first) == labels_hash(load_labels(flat(tmp_path, spaced, "two.csv"), codebook=codebook))


@pytest.mark.parametrize(
    "change",
    [
        {"units": (Unit("u", "Other."),)},
        {"units": (Unit("u", "Text.", source="s"),)},
        {"codes": {"c0": {"u": Code("u", "c0", "y")}}},
        {"adjudicated": {"u": Code("u", "adjudicated", "z")}},
        {"sentences": (Sentence("Short.", "x"),)},
        {"lexicon": {"praise": ("good",)}},
        {"held_out": frozenset({"s"})},
        {"codebook": codebook_from_labels("x", ["x", "y", "w"])},
    ],
    ids=lambda change: next(iter(change)),
)
def test_the_fingerprint_changes_with_what_training_uses(change: dict[str, object]) -> None:
    labels = coded("x")
    assert labels_hash(replace(labels, **change)) != labels_hash(labels)  # type: ignore[arg-type]


def test_rows_without_a_coder_belong_to_one_unnamed_coder(tmp_path: Path) -> None:
    labels = load_labels(flat(tmp_path, "text,label\nOne.,yes\nTwo.,no\n"))
    assert set(labels.codes) == {UNNAMED}
