"""Files cut into stretches hold what the whole files hold, wherever they are cut and however they are packed."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from framing import parquet, seen, warc
from framing.corpus import COLUMNS
from framing.errors import InputError
from framing.kept import forget, pieces_from
from framing.parquetpages import largest_page
from framing.records import Article, Failed, Repeated
from framing.rows import BadRow, Row, read_rows
from framing.seen import Key, Seen
from framing.stretches import rows_of, stretches
from tests.corpora import article, write_parquet, write_warc

SAME_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
texts = st.text(st.sampled_from("ab \"'é\U0001f600\n\r,;\ufeff"), max_size=12)


def whole(data: bytes, path: Path, kind: str) -> list[Row | BadRow]:
    return list(read_rows(io.BytesIO(data), str(path), "csv" if kind == "csv" else "jsonl", columns=COLUMNS))


@SAME_FOLDER
@given(rows=st.lists(texts, max_size=12), size=st.integers(1, 60), packed=st.booleans(), ends=st.sampled_from("\n\r"))
@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_stretches_hold_the_rows_of_the_whole_file(
    tmp_path: Path, kind: str, rows: list[str], size: int, packed: bool, ends: str
) -> None:
    file = io.StringIO(newline="")
    if kind == "csv":
        csv.writer(file, lineterminator=f"{ends}\n").writerows([["text"], *([row] for row in rows)])
    else:
        file.write("".join(json.dumps({"text": row}) + f"{ends}\n" for row in rows))
    data = file.getvalue().encode() + b'\xff"broken'
    path = tmp_path / "rows"
    path.write_bytes(gzip.compress(data) if packed else data)
    found = [stretch for stretch, _ in stretches(path, kind, size)]
    assert [row for stretch in found for row in rows_of(stretch, kind)] == whole(data, path, kind)
    backwards = [list(rows_of(stretch, kind)) for stretch in reversed(found)]
    assert [row for part in reversed(backwards) for row in part] == whole(data, path, kind)
    forget()


def test_every_byte_of_a_file_is_counted_once(tmp_path: Path) -> None:
    data = b"".join(json.dumps({"text": article(number)}).encode() + b"\n" for number in range(300))
    for packed in (False, True):
        path = tmp_path / f"{packed}.jsonl"
        path.write_bytes(gzip.compress(data) if packed else data)
        sizes = [size for _, size in stretches(path, "jsonl", 20_000)]
        assert len(sizes) > 5
        assert sum(sizes) == path.stat().st_size


@pytest.mark.parametrize("kind", ["jsonl", "csv", "junk"])
def test_a_stretch_holds_no_more_rows_than_memory_should(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.rows.MOST_ROWS", 1000)
    monkeypatch.setattr("framing.stretches.MOST_ROWS", 1000)
    monkeypatch.setattr("framing.stretches._PIECE", 4096)
    path, row = tmp_path / "rows", {"jsonl": b'{"text": "a"}\n', "csv": b"a,b\n", "junk": b"x\n"}[kind]
    path.write_bytes((b"text,id\n" if kind == "csv" else b"") + 20_000 * row)
    form = "csv" if kind == "csv" else "jsonl"
    counts = [sum(1 for _ in rows_of(stretch, form)) for stretch, _ in stretches(path, form, 1 << 30)]
    assert sum(counts) == 20_000
    assert max(counts) <= 1000 + 4096 // len(row)


def test_a_stretch_of_row_groups_holds_no_more_rows_than_memory_should(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow")
    monkeypatch.setattr("framing.parquet.MOST_ROWS", 25)
    for group in (10, 90):
        path = write_parquet(tmp_path / f"{group}.parquet", range(200), group=group)
        found = [list(parquet.read_rows(path, rows)) for rows, _ in parquet.stretches(path, 1 << 40)]
        assert max(map(len, found)) <= 25
        assert [one.text for part in found for one in part if isinstance(one, Article)] == list(
            map(article, range(200))
        )


def test_a_line_that_is_too_long_is_passed_over_in_a_sheet_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framing.rows._MAX_ROW", 100)
    path = tmp_path / "c.csv"
    path.write_text("text\none\n" + '"' + "x" * 1000 + '"\ntwo\n')
    rows = [row for stretch, _ in stretches(path, "csv", 10) for row in rows_of(stretch, "csv")]
    assert [row.values["text"] if isinstance(row, Row) else row.place for row in rows] == ["one", f"{path}:3", "two"]


# Parquet


@pytest.mark.parametrize("size", [1, 3000, 1 << 40])
@pytest.mark.parametrize("group", [1, 7, 1000])
def test_stretches_of_row_groups_hold_all_rows_in_order(tmp_path: Path, size: int, group: int) -> None:
    path = write_parquet(tmp_path / "c.parquet", range(40), group=group)
    found = list(parquet.stretches(path, size))
    articles = [one for rows, _ in found for one in parquet.read_rows(path, rows)]
    assert [one.text for one in articles if isinstance(one, Article)] == [article(number) for number in range(40)]
    assert [one.origin for one in articles] == [f"{path}:{number}" for number in range(1, 41)]
    assert (len(found) > 1) == (size < 1 << 40)
    forget()


def test_a_row_group_with_a_page_larger_than_memory_should_hold_is_refused_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.parquet._LARGEST_PAGE", 100_000)
    arrow, writer = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "c.parquet"
    cells = [article(number) for number in range(30)]
    cells[15] = "long " * 50_000
    writer.write_table(arrow.table({"text": cells}), path, row_group_size=10, use_dictionary=False)
    found = [one for rows, _ in parquet.stretches(path, 2000) for one in parquet.read_rows(path, rows)]
    failed = [one for one in found if isinstance(one, Failed)]
    assert [one.origin for one in failed] == [f"{path}:11"]
    assert "row group 2 was passed over, 10 rows" in failed[0].message
    assert [one.origin for one in found if isinstance(one, Article)][9:11] == [f"{path}:10", f"{path}:21"]
    forget()


@given(st.binary(min_size=1, max_size=60))
def test_page_headers_of_any_bytes_are_a_size_or_an_error(data: bytes) -> None:
    try:
        assert largest_page(io.BytesIO(data), 0, len(data)) >= 0
    except InputError:
        return


# WARC


@pytest.mark.parametrize("name", ["c.warc", "c.warc.gz"])
@pytest.mark.parametrize("size", [1, 900, 5000, 1 << 40])
def test_stretches_of_a_crawl_hold_all_pages_in_order(tmp_path: Path, name: str, size: int) -> None:
    pytest.importorskip("warcio")
    path = write_warc(tmp_path / name, range(8))
    found = [one for start, end in warc.stretches(path, size) for one in warc.read_stretch(path, start, end)]
    assert [one.url for one in found if isinstance(one, Article)] == [f"https://news.example.org/{n}" for n in range(8)]
    assert {one.date for one in found if isinstance(one, Article)} == {"2023-09-20"}


# Pieces that are kept, and keys that are known again


def test_pieces_are_read_once_where_they_are_asked_for_in_order() -> None:
    made = []

    def make() -> list[bytes]:
        made.append(1)
        return [b"abc", b"def", b"gh"]

    def ask(start: int, end: int | None) -> bytes:
        return b"".join(pieces_from("key", start, lambda: iter(make())).until(end))

    assert [ask(0, 2), ask(2, 4), ask(5, 7), ask(7, None)] == [b"ab", b"cd", b"fg", b"h"]
    assert len(made) == 1
    assert ask(1, 3) == b"bc"
    assert len(made) == 2
    forget()


def test_what_could_not_be_read_fails_again_when_it_is_asked_for_again() -> None:
    def make() -> list[bytes]:
        raise OSError("damaged")

    def broken() -> bytes:
        def pieces():  # type: ignore[no-untyped-def]
            yield b"ab"
            yield make()

        return b"".join(pieces_from("broken", 1, pieces).until(None))

    for _ in range(2):
        with pytest.raises(OSError, match="damaged"):
            broken()
    forget()


@given(st.lists(st.tuples(st.integers(0, 9), st.none() | st.integers(0, 4)), max_size=40))
def test_what_was_moved_to_disk_is_known_as_well_as_what_is_in_memory(keys: list[tuple[int, int | None]]) -> None:
    def answers(most: int) -> list[str | None]:
        before, seen._RECENT = seen._RECENT, most
        known = Seen()
        try:
            found = [
                known.check(Key((1 << 64) - 1 - text, number, f"id{number}", f"c.jsonl:{line}"))
                for line, (text, number) in enumerate(keys)
            ]
        finally:
            known.close()
            seen._RECENT = before
        return [one.first if isinstance(one, Repeated) else one.message if one else None for one in found]

    assert answers(1) == answers(3) == answers(1000)
