"""What is said to be saved is on the disk: torn lines, kills in the middle, several writers, a full disk, links."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from framing.codelog import append_rows, locked, log_path
from framing.errors import FramingError, LabelsError, UsageError
from framing.importing import import_codes
from framing.labelfiles import load_labels
from framing.rows import is_torn

WRITER = """
import sys
from pathlib import Path
from framing.codelog import append_rows
folder, coder = Path(sys.argv[1]), sys.argv[2]
number = 0
while True:
    row = {"id": f"u{number % 40}", "label": "broker", "comment": "x" * (number % 5000), "key": f"{coder}-{number}"}
    append_rows(folder, coder, [row])
    print(number, flush=True)
    number += 1
"""
CODEBOOK = """\
name = "tea-house"
version = 1
question = "How is the host framed?"
[[frame]]
id = "broker"
[[frame]]
id = "none"
none = true
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a labels folder of forty units."""
    path = tmp_path / "tea"
    (path / "codes").mkdir(parents=True)
    (path / "codebook.toml").write_text(CODEBOOK)
    rows = [{"id": f"u{number}", "text": f"Paragraph {number}."} for number in range(40)]
    (path / "paragraphs.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def lines_of(folder: Path, coder: str = "anna") -> list[str]:
    return log_path(folder, coder).read_bytes().decode("utf-8", "surrogateescape").splitlines()


def rows_of(folder: Path, coder: str = "anna") -> list[dict[str, object]]:
    return [json.loads(line) for line in lines_of(folder, coder) if not is_torn(line)]


def test_rows_are_appended_as_whole_lines(folder: Path) -> None:
    append_rows(folder, "anna", [{"id": "u1", "label": "broker"}, {"id": "u2", "label": None}])
    append_rows(folder, "anna", [{"id": "u1", "label": "none"}])
    assert rows_of(folder) == [
        {"id": "u1", "label": "broker"},
        {"id": "u2", "label": None},
        {"id": "u1", "label": "none"},
    ]


def test_a_torn_last_line_is_closed_off_and_ignored_and_told(folder: Path) -> None:
    append_rows(folder, "anna", [{"id": "u1", "label": "broker"}])
    with log_path(folder, "anna").open("ab") as file:
        file.write(b'{"id": "u2", "label": "bro')
    labels = load_labels(folder)
    assert set(labels.codes["anna"]) == {"u1"}
    assert [message for message in labels.messages if "anna.jsonl:2" in message and "cut off" in message]

    append_rows(folder, "anna", [{"id": "u3", "label": "none"}])
    assert lines_of(folder)[1:] == ['{"id": "u2", "label": "bro', '{"id": "u3", "label": "none"}']
    assert set(load_labels(folder).codes["anna"]) == {"u1", "u3"}


def test_a_line_that_is_wrong_but_not_torn_is_an_error_still(folder: Path) -> None:
    append_rows(folder, "anna", [{"id": "u1", "label": "broker"}])
    log_path(folder, "anna").write_text('{"id": "u1" "label": "broker"}\n{"id": "u2", "label": "none"}\n')
    with pytest.raises(LabelsError, match=r"anna\.jsonl:1: is not valid JSON"):
        load_labels(folder)


def test_a_whole_row_without_its_line_end_holds_and_is_closed_off(folder: Path) -> None:
    log_path(folder, "anna").write_text('{"id": "u1", "label": "broker"}')
    append_rows(folder, "anna", [{"id": "u2", "label": "none"}])
    assert [row["id"] for row in rows_of(folder)] == ["u1", "u2"]


@given(
    st.dictionaries(st.text(max_size=8), st.none() | st.booleans() | st.integers() | st.text(max_size=30)), st.data()
)
@settings(max_examples=200)
def test_every_beginning_of_a_row_is_torn_and_no_whole_row_is(row: dict[str, object], data: st.DataObject) -> None:
    for ascii_only in (True, False):
        line = json.dumps({"id": "u1"} | row, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
        end = data.draw(st.integers(1, len(line) - 1))
        assert is_torn(line[:end].decode("utf-8", "surrogateescape"))
        assert is_torn(line[:end].decode("utf-8", "surrogateescape") + "\0\0\n")
        assert not is_torn(line.decode("utf-8", "surrogateescape") + "\n")


@pytest.mark.parametrize("tail", ["\0\0\0\0", '{"id": "u2"\0\0\0', "{"])
def test_what_a_file_system_leaves_after_a_crash_is_ignored(folder: Path, tail: str) -> None:
    log_path(folder, "anna").write_text('{"id": "u1", "label": "broker"}\n' + tail)
    append_rows(folder, "anna", [{"id": "u3", "label": "none"}])
    assert set(load_labels(folder).codes["anna"]) == {"u1", "u3"}


def test_a_withdrawn_code_is_no_code_and_no_skip(folder: Path) -> None:
    rows: list[dict[str, object]] = [{"id": "u1", "label": "broker"}, {"id": "u2", "label": None}]
    append_rows(folder, "anna", [*rows, {"id": "u1", "label": None, "withdrawn": True}])
    labels = load_labels(folder)
    assert set(labels.codes["anna"]) == {"u2"}


def test_a_kill_at_any_moment_loses_nothing_that_was_said_to_be_saved(folder: Path) -> None:
    rng = random.Random(3)
    for attempt in range(6):
        coder = f"coder{attempt}"
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder), coder], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(rng.random() * 0.15)
        writer.kill()
        said = [int(line) for line in (first + writer.stdout.read()).split()]
        writer.wait()
        writer.stdout.close()
        whole = log_path(folder, coder).read_bytes()
        unsaid = b"".join(whole.splitlines(keepends=True)[len(said) :]) or b'{"id": "u1", "label": "none"}'
        kept = whole[: len(whole) - len(unsaid)] if whole.endswith(unsaid) else whole
        torn = unsaid[: rng.randrange(1, len(unsaid) - 1)]  # as a machine that lost its power leaves it
        log_path(folder, coder).write_bytes(kept + torn)
        append_rows(folder, coder, [{"id": "u0", "label": "none", "key": "after"}])
        found = [row["key"] for row in rows_of(folder, coder)]
        assert found[: len(said)] == [f"{coder}-{number}" for number in said]
        assert found[-1] == "after"
    load_labels(folder)


def test_several_writers_never_run_together(folder: Path) -> None:
    def write(name: str) -> None:
        for number in range(40):
            append_rows(
                folder, "anna", [{"id": "u1", "label": "none", "key": f"{name}{number}", "comment": "y" * 3000}]
            )

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder), "anna"], stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    writer.stdout.readline()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.kill()
    writer.stdout.read()
    writer.wait()
    writer.stdout.close()
    keys = [str(row["key"]) for row in rows_of(folder)]
    for name in "abcd":
        assert [key for key in keys if key.startswith(name) and "-" not in key] == [f"{name}{n}" for n in range(40)]


@pytest.mark.parametrize("writer", ["page", "import"])
def test_whoever_writes_waits_for_the_lock(folder: Path, writer: str) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(folder / "codes"):
            held.set()
            time.sleep(0.2)
            done.set()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    if writer == "page":
        append_rows(folder, "anna", [{"id": "u1", "label": "none"}])
    else:
        sheet = folder.parent / "anna.csv"
        sheet.write_text("id,text,label\nu1,Paragraph 1.,none\n")
        assert import_codes([sheet], folder, coder="anna", now="2026-01-01T00:00:00Z").written == {"anna": 1}
    assert done.is_set()
    thread.join()


def test_a_full_disk_leaves_no_half_row(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    append_rows(folder, "anna", [{"id": "u1", "label": "broker"}])
    real = os.write

    def half(file: int, data: bytes) -> int:
        if len(data) < 10:
            raise OSError(28, "No space left on device")
        return real(file, data[: len(data) // 2])

    monkeypatch.setattr("framing.codelog.os.write", half)
    with pytest.raises(FramingError, match=r"cannot write .*anna\.jsonl: No space left on device"):
        append_rows(folder, "anna", [{"id": "u2", "label": "none"}])
    assert [row["id"] for row in rows_of(folder)] == ["u1"]


def test_nothing_outside_the_folder_is_written(folder: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim.jsonl"
    victim.write_text("mine\n")
    log_path(folder, "anna").symlink_to(victim)
    with pytest.raises(LabelsError, match="is a link"):
        append_rows(folder, "anna", [{"id": "u1", "label": "none"}])
    assert victim.read_text() == "mine\n"
    for name in ("../victim", "..", "a/b", "", ".hidden", "a\\b", "a\0b", "unnamed", "x" * 300, "a\n"):
        with pytest.raises(UsageError):
            append_rows(folder, name, [{"id": "u1", "label": "none"}])
    (tmp_path / "elsewhere").mkdir()
    (folder / "codes" / "anna.jsonl").unlink()
    (folder / "codes").rmdir()
    (folder / "codes").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LabelsError, match="leads out of"):
        append_rows(folder, "anna", [{"id": "u1", "label": "none"}])
    assert list((tmp_path / "elsewhere").iterdir()) == []
