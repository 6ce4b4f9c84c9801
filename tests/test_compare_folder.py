"""The folder that `framing compare -o` writes, and `framing verify`."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.comparing import sheet_rows, write_rows
from tests.run import run

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


@pytest.fixture
def copy(written: Path, room: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A copy of the folder to spoil, its inputs at hand."""
    monkeypatch.chdir(room)
    return Path(shutil.copytree(written, tmp_path / "out"))


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
    copy: Path, monkeypatch: pytest.MonkeyPatch, where: str, value: Any, said: str
) -> None:
    manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
    manifest[where] = manifest[where] | value if isinstance(value, dict) else value
    (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    ran = run(monkeypatch, "verify", copy)
    assert ran.code == 1
    assert said in ran.err
    assert ran.err.count("\n") == 1
    assert ("the hash of index.html" in ran.out) is (value == {"index.html": "0"})
    assert ("manifest.json: the command is not that of the question" in ran.out) is (where == "command")


def test_a_command_that_was_changed_everywhere_is_named(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("manifest.json", "comparison.json"):
        values = json.loads((copy / name).read_text(encoding="utf-8")) | {"command": "framing compare corpus.jsonl"}
        (copy / name).write_text(json.dumps(values), encoding="utf-8")
    ran = run(monkeypatch, "verify", copy)
    assert ran.code == 1
    assert "2 things differ" in ran.err
    assert "comparison.json: command: " in ran.out


def test_a_figure_that_was_added_is_named(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
    copy: Path, monkeypatch: pytest.MonkeyPatch,
    name: str, where: str | None, value: Any, said: str,
) -> None:  # fmt: skip
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
