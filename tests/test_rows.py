"""One reader of rows for corpora and labels: what a row is, what a bad row is, and that memory stays bounded."""

from __future__ import annotations

import gzip
import io
import json
from typing import IO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.rows import BadRow, Kind, Row, parse_json, read_rows, shown


def read(data: str | bytes, kind: Kind = "csv", columns: tuple[str, ...] = ("id", "text")) -> list[Row | BadRow]:
    file = io.BytesIO(data.encode() if isinstance(data, str) else data)
    return list(read_rows(file, "f", kind, columns=columns))


def places(rows: list[Row | BadRow]) -> list[tuple[bool, str]]:
    return [(isinstance(row, Row), row.place) for row in rows]


def test_rows_carry_the_line_they_start_on_also_behind_blank_lines_and_line_ends_in_cells() -> None:
    rows = read('\n\nid,text\n1,"a\n\nb"\n\n ,\n2,c\n')
    assert rows == [
        Row({"id": "1", "text": "a\n\nb"}, "f:4", sheet=True),
        Row({"id": "2", "text": "c"}, "f:9", sheet=True),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_line_ends_of_any_system_are_line_ends(end: str) -> None:
    assert places(read(end.join(["id,text", "1,a", "2,b", ""]))) == [(True, "f:2"), (True, "f:3")]
    lines = end.join(['{"text": "a"}', '{"text": "b"}'])
    assert places(read(lines, "jsonl")) == [(True, "f:1"), (True, "f:2")]


@pytest.mark.parametrize(("row", "whole"), [("1", False), ("1,a", True), ("1,a,,", True), ("1,a,,b", False)])
def test_a_row_has_a_cell_for_each_column_and_beyond_them_only_empty_ones(row: str, whole: bool) -> None:
    assert places(read(f"id,text\n{row}\n2,c\n")) == [(whole, "f:2"), (True, "f:3")]


def test_guarded_cells_are_restored_and_json_is_left_as_it_is() -> None:
    assert read("id,text\n'-1,'＝SUM(A1)\n") == [Row({"id": "-1", "text": "＝SUM(A1)"}, "f:2", sheet=True)]
    assert read('{"text": "\'-1"}', "jsonl") == [Row({"text": "'-1"}, "f:1", sheet=False)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("id,body\n1,a\n", "there is no column `text` in the header 'id,body'"),
        ("id,text,id\n1,a,2\n", "the column `id` stands twice"),
        ('id,text,"x\n1,a\n', "is not CSV"),
        (b"id,text,caf\xe9\n1,a,b\n", "is not UTF-8"),
        ("id,text\n1,a\n".encode("utf-16"), "is UTF-16"),
    ],
)
def test_where_the_header_cannot_be_read_nothing_is(data: str | bytes, said: str) -> None:
    (bad,) = read(data)
    assert isinstance(bad, BadRow)
    assert bad.place == "f:1"
    assert said in bad.message


def test_a_column_that_nobody_needs_may_stand_twice() -> None:
    assert places(read("text,note,note\na,1,2\n")) == [(True, "f:2")]


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_file_without_anything_in_it_has_no_rows(kind: Kind) -> None:
    assert read("", kind) == read("\ufeff\n \n", kind) == []


def test_bytes_that_are_not_utf_8_spoil_their_row_and_no_other() -> None:
    assert places(read(b'id,text\n1,"a\ncaf\xe9"\n2,b\n')) == [(False, "f:2"), (True, "f:4")]


def test_a_row_over_many_lines_is_bounded_as_a_line_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framing.rows._MAX_ROW", 1000)
    rows = read("id,text\n1,a\n2," + '"b\n",' * 500)
    assert places(rows) == [(True, "f:2"), (False, "f:3")]


def test_gzip_that_unpacks_to_one_endless_line_is_read_no_further_than_a_row_may_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("framing.rows._MAX_ROW", 10_000)
    packed = gzip.compress(b'{"text": "' + b"a" * 50_000_000)
    with gzip.open(io.BytesIO(packed)) as file:
        (bad,) = read_rows(cast(IO[bytes], file), "f", "jsonl", columns=())
        assert isinstance(bad, BadRow)
        assert file.tell() < 2_000_000


def test_the_file_stays_open_and_may_be_closed_before_the_rows_are_all_read() -> None:
    file = io.BytesIO(b"text\na\nb\n")
    assert len(list(read_rows(file, "f", "csv", columns=()))) == 2
    assert not file.closed
    file = io.BytesIO(b"text\na\nb\n")
    rows = read_rows(file, "f", "csv", columns=())
    assert isinstance(next(rows), Row)
    file.close()
    del rows


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(_JSON)
def test_strict_json_reads_what_json_writes(value: object) -> None:
    assert parse_json(json.dumps(value)) == value


@pytest.mark.parametrize(
    "text", ['{"a": 1, "a": 1}', '[{"b": {"a": 1, "a": 2}}]', "NaN", "[-Infinity]", "{", "[" * 99_999]
)
def test_strict_json_refuses_what_two_readers_may_read_differently(text: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        parse_json(text)


def test_a_long_value_is_shown_short() -> None:
    assert shown("a\n'b") == '"a\\n\'b"'
    assert len(shown(["x" * 100])) == 60
