import csv
import hashlib
import io
import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from framing.cells import guard_cell, restore_cell
from framing.codebook import codebook_from_labels
from framing.errors import FramingError, MissingExtraError, UsageError
from framing.export import (
    LABEL_COLUMNS,
    export_columns,
    export_labels,
    export_rows,
    export_scored,
    label_rows,
    text_sha256,
    write_csv,
    write_jsonl,
)
from framing.labelfiles import load_labels
from framing.labels import ADJUDICATED, Code, Labels, Unit, gold
from framing.records import ScoredArticle
from tests.scored import FACTS, LABELS, scored_article, scored_paragraph

COLUMNS = [
    "id", "article", "source", "group", "date", "title", "url", "index", "start", "end", "target", "text",
    "status", "label",
    "p_neutral_broker", "p_obstacle", "p_opportunist", "p_none", "quoted", "model", "model_fingerprint", "notice",
]  # fmt: skip
CODEBOOK = codebook_from_labels("tea-house", LABELS)
FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "  =1",
    "\n-1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "\u200b=1",
    "\x00=1",
]
ANY_TEXT = st.text(st.characters(codec=None), max_size=60)
NEAR_FORMULA = st.text("'=+-@＝ \t\r\nа1", max_size=8)


def an_article(text: str = "Nobody there is in a hurry.") -> ScoredArticle:
    return scored_article(
        scored_paragraph(text, "obstacle", probability=0.7, quoted=0.25),
        scored_paragraph("Take two cups of flour.", None),
    )


def exported(format: str, path: Path, *articles: ScoredArticle, text: bool = True) -> list[dict[str, object]]:
    """Export and read back with what users read such files with."""
    file = path / f"rows.{format}"
    export_scored(articles or [an_article()], FACTS, file, format, text=text)
    if format == "csv":
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return [dict(row) for row in csv.DictReader(lines)]
    if format == "jsonl":
        return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    rows: list[dict[str, object]] = parquet.read_table(file).to_pylist()
    return rows


# Rows


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_every_format_has_the_same_columns_and_a_row_for_each_paragraph(format: str, tmp_path: Path) -> None:
    first, second = exported(format, tmp_path)
    assert list(first) == list(second) == COLUMNS
    assert (first["id"], first["article"], first["text"]) == ("a1#0", "a1", "Nobody there is in a hurry.")
    assert (first["label"], float(str(first["p_obstacle"])), float(str(first["quoted"]))) == ("obstacle", 0.7, 0.25)
    assert (first["model"], first["model_fingerprint"], first["notice"]) == (
        FACTS.name,
        FACTS.fingerprint,
        FACTS.notice,
    )
    assert (second["status"], second["label"] or None, second["p_obstacle"] or None) == ("off_topic", None, None)


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_without_text_there_is_its_hash_and_nowhere_the_text(format: str, tmp_path: Path) -> None:
    first, _ = exported(format, tmp_path, text=False)
    assert first["text_sha256"] == hashlib.sha256(b"Nobody there is in a hurry.").hexdigest()
    assert "text" not in first
    assert b"hurry" not in (tmp_path / f"rows.{format}").read_bytes()


def test_rows_are_those_of_the_columns_in_their_order() -> None:
    for text in (True, False):
        for row in export_rows(an_article(), FACTS, text=text):
            assert list(row) == list(export_columns(FACTS.labels, text=text))


def test_the_hash_of_half_a_character_is_that_of_what_is_exported() -> None:
    assert text_sha256("a\ud800") == hashlib.sha256("a\ufffd".encode()).hexdigest()


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_half_a_character_becomes_the_replacement_character(format: str, tmp_path: Path) -> None:
    first, _ = exported(format, tmp_path, an_article("Half \ud83d a \udc00 sign"))
    assert first["text"] == "Half \ufffd a \ufffd sign"


# CSV


def csv_bytes(*articles: ScoredArticle) -> str:
    file = io.StringIO(newline="")
    rows = (row for article in articles for row in export_rows(article, FACTS, text=True))
    write_csv(rows, file, export_columns(FACTS.labels, text=True))
    return file.getvalue()


def test_csv_begins_with_a_byte_order_mark_and_ends_its_lines_as_spreadsheets_do() -> None:
    written = csv_bytes(an_article("One line,\nand “another”."))
    assert written.startswith("\ufeffid,article,")
    assert '"One line,\nand “another”."' in written
    assert written.count("\r\n") == 3


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("field", ["text", "title", "source", "date", "url", "id"])
def test_no_cell_of_text_can_be_a_formula(text: str, field: str) -> None:
    article = an_article(text) if field == "text" else replace(an_article(), **{field: text})  # type: ignore[arg-type]
    rows = csv.DictReader(io.StringIO(csv_bytes(article).removeprefix("\ufeff"), newline=""))
    assert next(rows)[field].startswith("'" + text)


def test_numbers_are_not_text_even_below_zero() -> None:
    file = io.StringIO(newline="")
    write_csv([{"weight": -0.5, "words": "-0.5", "sure": True, "none": None}], file, dict.fromkeys(
        ("weight", "words", "sure", "none"), str
    ))  # fmt: skip
    assert file.getvalue() == "\ufeffweight,words,sure,none\r\n-0.5,'-0.5,true,\r\n"


@pytest.mark.parametrize("text", ["'=1", "''=1", "' +1", "'\t"])
def test_an_apostrophe_of_the_text_itself_is_kept(text: str) -> None:
    assert guard_cell(text) == "'" + text
    assert restore_cell(guard_cell(text)) == text


@pytest.mark.parametrize("text", ["", "'", "'tis", "a=b", "5 - 3", "— no", "«=»", "2020-11-09"])
def test_what_is_no_formula_stays_as_it_is(text: str) -> None:
    assert guard_cell(text) == restore_cell(text) == text


@given(ANY_TEXT | NEAR_FORMULA)
def test_a_guarded_cell_gives_its_text_back(text: str) -> None:
    assert restore_cell(guard_cell(text)) == text
    assert guard_cell(text).lstrip()[:1] not in set("=+-@＝＋－＠")


@settings(max_examples=60)
@given(st.lists(ANY_TEXT | NEAR_FORMULA, min_size=1, max_size=3))
def test_csv_gives_every_text_back(texts: list[str]) -> None:
    article = scored_article(*(scored_paragraph(text) for text in texts))
    rows = csv.DictReader(io.StringIO(csv_bytes(article).removeprefix("\ufeff"), newline=""), strict=True)
    assert [restore_cell(row["text"]) for row in rows] == [
        "".join("\ufffd" if "\ud800" <= letter <= "\udfff" else letter for letter in text) for text in texts
    ]


# JSON Lines and Parquet


def test_json_lines_keep_numbers_numbers_and_what_is_missing_null(tmp_path: Path) -> None:
    first, second = exported("jsonl", tmp_path)
    assert (first["index"], first["p_obstacle"], first["group"]) == (0, 0.7, None)
    assert second["label"] is None


@given(ANY_TEXT)
def test_json_lines_hold_one_row_a_line_whatever_the_text(text: str) -> None:
    file = io.StringIO(newline="")
    write_jsonl(export_rows(an_article(text), FACTS, text=True), file, export_columns(FACTS.labels, text=True))
    assert len(file.getvalue().splitlines()) == 2


def test_parquet_has_types_even_without_rows(tmp_path: Path) -> None:
    export_scored([], FACTS, tmp_path / "rows.parquet", "parquet")
    schema = parquet.read_schema(tmp_path / "rows.parquet")
    assert schema.names == COLUMNS
    types = {name: str(schema.field(name).type) for name in ("text", "index", "p_none", "label")}
    assert types == {"text": "string", "index": "int64", "p_none": "double", "label": "string"}


def test_parquet_is_written_in_row_groups_as_the_articles_come(tmp_path: Path) -> None:
    articles = (replace(an_article(), id=str(number)) for number in range(1_500))
    export_scored(articles, FACTS, tmp_path / "rows.parquet", "parquet")
    found = parquet.ParquetFile(tmp_path / "rows.parquet")
    assert (found.metadata.num_rows, found.metadata.num_row_groups) == (3_000, 2)
    assert found.read(["article"])["article"][-1].as_py() == "1499"


def test_without_pyarrow_the_error_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"^Parquet needs pyarrow: pip install 'framing\[parquet\]'$"):
        export_scored([], FACTS, tmp_path / "rows.parquet", "parquet")
    assert not list(tmp_path.iterdir())


# Files


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_an_earlier_file_stays_where_the_export_breaks_off(format: str, tmp_path: Path) -> None:
    file = tmp_path / "rows"
    file.write_text("earlier")

    def reading() -> Iterator[ScoredArticle]:
        yield an_article()
        raise FramingError("cannot go on")

    with pytest.raises(FramingError, match="cannot go on"):
        export_scored(reading(), FACTS, file, format)
    assert [path.name for path in tmp_path.iterdir()] == ["rows"]
    assert file.read_text() == "earlier"


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_a_folder_that_is_not_there_is_a_one_line_error(format: str, tmp_path: Path) -> None:
    with pytest.raises(FramingError, match=r"^cannot write .*rows: No such file or directory$"):
        export_scored([an_article()], FACTS, tmp_path / "missing" / "rows", format)


def test_without_a_path_text_goes_to_stdout_and_parquet_asks_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    export_scored([an_article()], FACTS, None, "jsonl")
    assert len(capsys.readouterr().out.splitlines()) == 2
    with pytest.raises(UsageError, match=r"-o FILE\.parquet"):
        export_scored([an_article()], FACTS, None, "parquet")


def test_an_unknown_format_names_the_choices() -> None:
    with pytest.raises(UsageError, match="no format 'xlsx'; choose one of csv, jsonl, parquet"):
        export_scored([], FACTS, None, "xlsx")


# Round trips


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_what_is_exported_can_be_trained_on(format: str, tmp_path: Path) -> None:
    texts = ["=cmd|' /C calc'!A0", "'-5 degrees", "Two\r\nlines, “and quotes”", "«Мир»; \u2028«Խաղաղություն»"]
    article = scored_article(*(scored_paragraph(text, LABELS[at]) for at, text in enumerate(texts)))
    export_scored([article], FACTS, tmp_path / f"rows.{format}", format)
    read = load_labels(tmp_path / f"rows.{format}", codebook=CODEBOOK)
    assert [unit.text for unit in read.units] == texts
    assert {(unit.article, unit.source, unit.date, unit.url) for unit in read.units} == {
        ("a1", "Example Monitor", "2020-11-09", "https://example.org/talks")
    }
    assert gold(read).labels == {f"a1#{at}": label for at, label in enumerate(LABELS)}


def test_paragraphs_that_are_not_ok_are_read_back_as_not_coded(tmp_path: Path) -> None:
    export_scored([an_article()], FACTS, tmp_path / "rows.csv", "csv")
    assert gold(load_labels(tmp_path / "rows.csv", codebook=CODEBOOK)).uncoded == ("a1#1",)


def coded(codes: Mapping[str, Mapping[str, str | None]], adjudicated: Mapping[str, str]) -> Labels:
    units = (
        Unit("u1", '=Tea\nand "sugar"', "a1", "Monitor", "restated", "2020-11-09", "http://a.example/1", None, 0.125),
        Unit("u2", "Խաղաղություն", "a1", target="host"),
        Unit("u3", "-", "a2"),
        Unit("u4", "Never coded."),
    )  # fmt: skip
    return Labels(
        codebook=CODEBOOK,
        units=units,
        codes={
            coder: {unit: Code(unit, coder, label, sure=True, codebook_version=2) for unit, label in given.items()}
            for coder, given in codes.items()
        },
        adjudicated={
            unit: Code(unit, ADJUDICATED, label, reason="rule 2, not 3", adjudicator="desk")
            for unit, label in adjudicated.items()
        },
    )


def hand_labels() -> Labels:
    first = {"u1": "obstacle", "u2": "none", "u3": "obstacle"}
    second = {"u1": "opportunist", "u2": "none", "u3": "none"}
    return coded({"first": first, "second": second}, {"u1": "opportunist"})


@pytest.mark.parametrize("format", ["csv", "jsonl"])
def test_hand_labels_read_back_are_the_same(format: str, tmp_path: Path) -> None:
    labels = hand_labels()
    export_labels(labels, gold(labels).labels, tmp_path / f"hand.{format}", format)
    read = load_labels(tmp_path / f"hand.{format}", codebook=CODEBOOK)
    assert read.units == labels.units
    assert read.codes == labels.codes
    assert read.adjudicated == labels.adjudicated
    assert gold(read) == gold(labels)


def test_hand_labels_have_every_code_and_the_gold_label_beside_it() -> None:
    labels = hand_labels()
    rows = list(label_rows(labels, gold(labels).labels))
    assert [(row["id"], row["coder"], row["label"], row["gold"]) for row in rows] == [
        ("u1", "first", "obstacle", "opportunist"),
        ("u1", "second", "opportunist", "opportunist"),
        ("u1", "adjudicated", "opportunist", "opportunist"),
        ("u2", "first", "none", "none"),
        ("u2", "second", "none", "none"),
        ("u3", "first", "obstacle", None),
        ("u3", "second", "none", None),
        ("u4", None, None, None),
    ]
    assert list(rows[0]) == list(LABEL_COLUMNS)


def test_hand_labels_go_into_parquet_with_their_types(tmp_path: Path) -> None:
    labels = hand_labels()
    export_labels(labels, gold(labels).labels, tmp_path / "hand.parquet", "parquet")
    first = parquet.read_table(tmp_path / "hand.parquet").to_pylist()[0]
    assert (first["inclusion"], first["sure"], first["codebook_version"]) == (0.125, True, 2)
