"""Runs over corpora: any number of processes, folders of shards, and what stops them in the middle."""

from __future__ import annotations

import csv
import hashlib
import importlib
import importlib.util
import json
import os
import pty
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from framing import load_model
from framing.errors import FramingError
from framing.records import Failed
from framing.runfolder import shards as shards_of
from framing.slices import Slice, cut
from framing.work import Done, Job, scored, work
from tests.corpora import article, page, write_lines, write_pages, write_parquet, write_sheet, write_warc
from tests.run import Ran, run

SMALL = ("--shard-size", "0.004")
STOPPED = ("--format", "jsonl", "--evidence", "1", *SMALL)
"""Options of the runs that are stopped: shards that are smaller than their manifest."""
Framing = Callable[..., Ran]


@pytest.fixture
def framing(monkeypatch: pytest.MonkeyPatch) -> Framing:
    """Run a command in this process."""
    return lambda *arguments, stdin=b"": run(monkeypatch, *arguments, stdin=stdin)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Inputs of every form, with articles that stand twice, also in different files."""
    folder = tmp_path_factory.mktemp("corpora")
    inputs = [
        write_lines(folder / "lines.jsonl", range(40)),
        write_lines(folder / "packed.jsonl.gz", range(30, 60), packed=True),
        write_sheet(folder / "sheet.csv", range(60, 80)),
        write_parquet(folder / "rows.parquet", range(75, 110)),
        write_pages(folder / "pages", range(110, 120)),
    ]
    if importlib.util.find_spec("warcio"):
        inputs += [
            write_warc(folder / "crawl.warc.gz", range(120, 130)),
            write_warc(folder / "plain.warc", range(125, 135)),
        ]
    return inputs


def files_of(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def manifest(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]


def rejects(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "rejects.jsonl").read_text().splitlines()]


def ids_of(path: Path) -> list[str]:
    """Return the column `id` of a sheet or a Parquet file."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            return [row["id"] for row in csv.DictReader(file)]
    parquet = importlib.import_module("pyarrow.parquet")
    return [str(value) for value in parquet.read_table(path)["id"].to_pylist()]


def texts_of(data: bytes) -> list[str]:
    return [json.loads(line)["text"] for line in data.splitlines()]


# The same bytes


@pytest.mark.parametrize(
    "command",
    [("score", "jsonl"), ("export", "jsonl"), ("export", "csv"), ("export", "parquet")],
    ids=lambda pair: f"{pair[0]}-{pair[1]}",
)
def test_two_processes_write_what_one_writes(
    framing: Framing, tmp_path: Path, everything: list[Path], command: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.run.STREAMED", 5000)
    name, form = command
    one, two = tmp_path / f"one.{form}", tmp_path / f"two.{form}"
    alone = framing(name, *everything, "--format", form, "-o", one)
    together = framing(name, *everything, "--format", form, "--jobs", 2, "-o", two)
    assert alone.code == together.code == 0
    assert one.read_bytes() == two.read_bytes()
    assert alone.err == together.err
    assert "counted once" in alone.err


def test_shards_hold_what_one_file_holds(framing: Framing, tmp_path: Path, everything: list[Path]) -> None:
    whole = tmp_path / "whole.jsonl"
    framing("score", *everything, "--format", "jsonl", "-o", whole)
    for jobs in (1, 2):
        out = tmp_path / f"out{jobs}"
        framing("score", *everything, "--format", "jsonl", "-o", f"{out}/", "--jobs", jobs, *SMALL)
        assert b"".join(data for name, data in files_of(out).items() if name.startswith("shard")) == whole.read_bytes()
    assert files_of(tmp_path / "out1") == files_of(tmp_path / "out2")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_every_shard_is_a_whole_file(framing: Framing, tmp_path: Path, everything: list[Path], form: str) -> None:
    out, whole = tmp_path / "out", tmp_path / f"whole.{form}"
    framing("export", *everything, "-o", whole)
    framing("export", *everything, "--format", form, "-o", f"{out}/", *SMALL)
    parts = [ids_of(path) for path in sorted(out.glob("shard-*"))]
    assert len(parts) > 10
    assert [row for part in parts for row in part] == ids_of(whole)


def test_the_manifest_tells_each_shard_with_its_rows_and_sha256(framing: Framing, tmp_path: Path) -> None:
    corpus, out = write_lines(tmp_path / "c.jsonl", range(50)), tmp_path / "out"
    framing("score", corpus, "--format", "jsonl", "-o", f"{out}/", *SMALL)
    head, *shards, last = manifest(out)
    assert [entry["input"] for entry in head["inputs"]] == [str(corpus)]
    assert head["shard_bytes"] == 4000
    assert len(head["model"]) == 12
    for line in shards:
        data = (out / line["file"]).read_bytes()
        assert line["sha256"] == hashlib.sha256(data).hexdigest()
        assert line["rows"] == data.count(b"\n")
    assert last == {"total": {"shards": len(shards), "articles": 50, "rows": 50, "rejects": 0, "repeated": 0}}


# Bad records


def test_bad_records_go_to_the_rejects_and_the_run_goes_on(
    framing: Framing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.rows._MAX_ROW", 5_000)
    monkeypatch.setattr("framing.read.LONGEST_ARTICLE", 3_000)
    corpus, pages, out = tmp_path / "c.jsonl", tmp_path / "pages", tmp_path / "out"
    good = [json.dumps({"text": article(number)}).encode() for number in range(3)]
    long, endless = json.dumps({"text": "word " * 700}).encode(), b'{"text": "' + b"b" * 60_000 + b'"}'
    corpus.write_bytes(b"\n".join([good[0], b'{"text": "caf\xe9"}', endless, good[1], b"{", long, good[2], b""]))
    pages.mkdir()
    (pages / "a.html").write_text(page(7))
    (pages / "b.html").write_bytes(b"<html><body>\0\0\0</body></html>")
    (pages / "c.html").write_text("<html><body></body></html>")
    result = framing("score", corpus, pages, "--format", "jsonl", "-o", f"{out}/", "--shard-size", 0.01)
    assert result.code == 0
    assert "4 articles" in result.err
    found = [(line["place"].rpartition("/")[2], line["reason"]) for line in rejects(out)]
    places = ["c.jsonl:2", "c.jsonl:3", "c.jsonl:5", "c.jsonl:6", "b.html", "c.html"]
    words = ["not UTF-8", "passed over", "not valid JSON", "3,500 characters", "NUL", "no text"]
    assert [place for place, _ in found] == places
    assert all(word in reason for word, (_, reason) in zip(words, found, strict=True))


def test_records_that_cannot_be_read_do_not_wait_for_one_that_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.work._MOST_RECORDS", 10)
    read: list[Failed] = []

    def failing(part: Slice) -> Iterator[Failed]:
        for number in range(100):
            read.append(Failed(f"c:{number}", "broken"))
            yield read[-1]

    monkeypatch.setattr("framing.work.read_slice", failing)
    model = load_model()
    job = Job(str(model.folder), model.fingerprint, "articles", "jsonl")
    for number, (item, block) in enumerate(scored(Slice("jsonl", ("c",), 0), job)):
        assert (item.failed, block) == (read[number], None)
        assert len(read) <= number + 11


@pytest.mark.parametrize(
    "command", [("score", "table"), ("score", "json"), ("score", "jsonl"), ("score", "html"), ("export", "csv")]
)
def test_every_command_takes_and_refuses_the_same_texts(
    framing: Framing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, str]
) -> None:
    monkeypatch.setattr("framing.read.LONGEST_ARTICLE", 3000)
    path = tmp_path / "c.jsonl"
    fitting, longer = ("Russia met them. " * 200)[:3000], "Russia met us. " * 201
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in (fitting, longer)))
    result = framing(command[0], path, "--format", command[1])
    assert result.code == 1
    assert result.err == (f"framing: {path}:2: a text of 3,015 characters, more than 3,000; cut it into its articles\n")
    assert "Russia met them" in result.out


def test_what_was_read_before_is_told_from_what_cannot_be_read(framing: Framing, tmp_path: Path) -> None:
    corpus, out = write_lines(tmp_path / "c.jsonl", range(3)), tmp_path / "out"
    corpus.write_bytes(corpus.read_bytes() * 2 + b"{\n")
    result = framing("score", corpus, "--format", "jsonl", "-o", f"{out}/")
    assert result.code == 0
    assert "3 articles in 1 shard; 1 could not be read and 3 were read before" in result.err
    assert manifest(out)[-1]["total"] == {"shards": 1, "articles": 3, "rows": 3, "rejects": 1, "repeated": 3}
    assert [(line["kind"], line["place"]) for line in rejects(out)] == [
        *(("repeated", f"{corpus}:{number}") for number in (4, 5, 6)),
        ("failed", f"{corpus}:7"),
    ]


def test_a_worker_that_does_not_see_the_files_ends_the_run_and_rejects_nothing(tmp_path: Path) -> None:
    corpus, model = write_lines(tmp_path / "c.jsonl", range(3)), load_model()
    (part,) = cut([str(corpus)], 1_000_000)
    job = Job(str(model.folder), model.fingerprint, "articles", "jsonl")
    corpus.unlink()
    with pytest.raises(FramingError, match=r"c\.jsonl: is not there for the worker on .*same paths"):
        work(part, job, str(tmp_path / "shard-00001.jsonl"))


def test_a_shard_that_is_written_where_nobody_sees_it_ends_the_run(
    framing: Framing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = Done(1, (), file=str(tmp_path / "elsewhere" / ".shard-00001.jsonl.part"))
    monkeypatch.setattr("framing.run.work", lambda *_: elsewhere)
    corpus = write_lines(tmp_path / "c.jsonl", range(3))
    result = framing("score", corpus, "--format", "jsonl", "-o", f"{tmp_path / 'out'}/")
    assert result.code == 1
    assert "a worker wrote it where this machine does not see it; every machine must see" in result.err


def test_an_input_that_is_not_there_is_said_before_anything_is_written(framing: Framing, tmp_path: Path) -> None:
    result = framing("score", tmp_path / "none.jsonl", "--format", "jsonl", "-o", f"{tmp_path / 'out'}/")
    assert result.code == 1
    assert "no such file" in result.err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("jobs", [1, 2])
def test_without_a_folder_bad_records_are_a_line_each_and_the_rest_is_written(
    framing: Framing, tmp_path: Path, jobs: int
) -> None:
    corpus, cut = (
        write_lines(tmp_path / "c.jsonl", range(5)),
        write_lines(tmp_path / "d.jsonl.gz", range(5, 9), packed=True),
    )
    corpus.write_bytes(corpus.read_bytes() + b"{\n")
    cut.write_bytes(cut.read_bytes()[:-9])
    result = framing("export", corpus, cut, "--format", "jsonl", "--jobs", jobs)
    assert result.code == 1
    assert [line.partition(": ")[2].partition(":")[0].rpartition("/")[2] for line in result.err.splitlines()] == [
        "c.jsonl",
        "d.jsonl.gz",
    ]
    assert len({json.loads(line)["article"] for line in result.out.splitlines()}) == 9


def test_damaged_records_of_a_crawl_cost_only_themselves(framing: Framing, tmp_path: Path) -> None:
    pytest.importorskip("warcio")
    packed, plain = write_warc(tmp_path / "a.warc.gz", range(20)), write_warc(tmp_path / "b.warc", range(20, 40))
    damage(packed)
    data = plain.read_bytes()
    at = data.index(b"Content-Length", data.index(b"https://news.example.org/30\r"))
    plain.write_bytes(data[:at] + b"Content-Length: 20" + data[data.index(b"\r\n", at) :][:-300])
    outs = []
    for jobs in (1, 2):
        out = tmp_path / f"out{jobs}"
        assert framing("score", packed, plain, "--format", "jsonl", "-o", f"{out}/", "--jobs", jobs).code == 0
        outs.append(files_of(out))
    assert outs[0] == outs[1]
    found = [(line["place"].rpartition("/")[2].partition(":")[0], line["reason"]) for line in rejects(out)]
    assert {name for name, _ in found} == {"a.warc.gz", "b.warc"}
    assert all("damaged" in reason or "ends in this record" in reason for _, reason in found)
    assert manifest(out)[-1]["total"]["articles"] >= 36


def test_shards_are_read_again_and_the_logs_beside_them_are_no_articles(framing: Framing, tmp_path: Path) -> None:
    corpus, out = write_lines(tmp_path / "c.jsonl", range(30)), tmp_path / "out"
    framing("export", corpus, "--format", "jsonl", "-o", f"{out}/", *SMALL)
    names = [path.name for path in shards_of(out)]
    assert names == sorted(name for name in files_of(out) if name.startswith("shard-"))
    again = framing("export", out, "--format", "jsonl")
    assert "manifest" not in again.out + again.err
    assert "rejects" not in again.out + again.err
    rows = [line for path in shards_of(out) for line in path.read_text().splitlines()]
    assert len(again.out.splitlines()) + again.err.count("counted once") == len(rows)


def test_the_shards_of_a_run_that_was_not_finished_are_not_given(framing: Framing, tmp_path: Path) -> None:
    corpus, out = write_lines(tmp_path / "c.jsonl", range(30)), tmp_path / "out"
    framing("export", corpus, "--format", "jsonl", "-o", f"{out}/", *SMALL)
    lines = (out / "manifest.jsonl").read_bytes().splitlines(keepends=True)
    (out / "manifest.jsonl").write_bytes(b"".join(lines[:-1]))
    with pytest.raises(FramingError, match="not finished"):
        shards_of(out)


def test_a_terminal_shows_how_far_a_run_is_and_a_file_does_not(tmp_path: Path) -> None:
    corpus = write_lines(tmp_path / "c.jsonl", range(300))
    command = [
        sys.executable,
        "-m",
        "framing",
        "score",
        corpus,
        "--format",
        "jsonl",
        "-o",
        f"{tmp_path / 'out'}/",
        *SMALL,
    ]
    parent, child = pty.openpty()
    shown = b""
    with subprocess.Popen(
        [str(part) for part in command], stderr=child, env={**os.environ, "TERM": "xterm"}
    ) as process:
        os.close(child)
        with suppress(OSError):  # so Linux says that the other end was closed
            while part := os.read(parent, 4096):
                shown += part
    os.close(parent)
    assert process.returncode == 0
    for word in (b"scoring", b"B/s", b"left", b"300 articles"):
        assert word in shown
    again = subprocess.run([*map(str, command), "--format", "jsonl"], stderr=subprocess.PIPE, check=True)
    assert b"scoring" not in again.stderr
    assert again.stderr.count(b"\n") == 2


# A run that is stopped


class Started(subprocess.Popen[bytes]):
    """A command in a process group of its own, whose messages go to a file: orphaned workers would keep a pipe open."""

    def __init__(self, log: Path, *arguments: object, limit: int | None = None) -> None:
        command = [sys.executable, "-m", "framing", *map(str, arguments)]
        if limit is not None:
            limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))"
            command[1:3] = ["-c", f"{limited}; from framing.cli import main; main()"]
        self.log = log
        with log.open("wb") as file:
            super().__init__(command, stderr=file, start_new_session=True)

    def said(self) -> str:
        """Wait for the end, end what it left behind, and return what it said."""
        self.wait(timeout=120)
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        return self.log.read_text()


def wait_for_shards(folder: Path, number: int, process: Started) -> None:
    while process.poll() is None:
        path = folder / "manifest.jsonl"
        if path.exists() and path.read_bytes().count(b"\n") > number:
            return
        time.sleep(0.005)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, bytes]]:
    """A corpus, and the files of a run over it that nothing stopped."""
    folder = tmp_path_factory.mktemp("whole")
    corpus = folder / "corpus"
    corpus.mkdir()
    lines = write_lines(corpus / "a.jsonl", range(150))
    with lines.open("ab") as file:
        file.write(b"{broken\n" + (json.dumps({"text": article(3)}) + "\n").encode())
    write_sheet(corpus / "b.csv", range(140, 220))
    write_lines(corpus / "c.jsonl.gz", range(220, 310), packed=True)
    write_parquet(corpus / "d.parquet", range(310, 390), group=30)
    write_pages(corpus / "e", range(390, 420))
    damage(write_lines(corpus / "f.jsonl.gz", range(420, 440), packed=True))
    if importlib.util.find_spec("warcio"):
        write_warc(corpus / "g.warc.gz", range(440, 460))
    process = Started(folder / "log", "score", corpus, "-o", f"{folder / 'out'}/", *STOPPED)
    assert process.said().count("\n") == 1
    assert process.returncode == 0
    return corpus, files_of(folder / "out")


def damage(path: Path) -> Path:
    """Overwrite some bytes in the middle of a file."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 20] = random.Random(1).randbytes(20)
    path.write_bytes(data)
    return path


def test_a_run_killed_at_any_moment_again_and_again_ends_with_the_same_files(
    tmp_path: Path, whole: tuple[Path, dict[str, bytes]]
) -> None:
    corpus, files = whole
    out, rng = tmp_path / "out", random.Random(20)
    command = ("score", corpus, "-o", f"{out}/", "--jobs", 2, *STOPPED)
    for _ in range(4):
        process = Started(tmp_path / "log", *command)
        wait_for_shards(out, 0, process)  # another share of the moments lies in the start of Python
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=rng.uniform(0, 2))
        process.kill()
        assert "Traceback" not in process.said()
    process = Started(tmp_path / "log", *command)
    said = process.said()
    assert process.returncode == 0, said
    assert files_of(out) == files


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT], ids=["kill -9", "Ctrl-C"])
def test_a_run_that_was_stopped_goes_on_and_ends_with_the_same_files(
    tmp_path: Path, whole: tuple[Path, dict[str, bytes]], how: signal.Signals, jobs: int
) -> None:
    corpus, files = whole
    out = tmp_path / "out"
    command = ("score", corpus, "-o", f"{out}/", "--jobs", jobs, *STOPPED)
    for shards in (2, 20):
        process = Started(tmp_path / "log", *command)
        wait_for_shards(out, shards, process)
        process.send_signal(how)
        said = process.said()
        assert process.returncode == (130 if how is signal.SIGINT else -how)
        assert "Traceback" not in said
        assert ("the same command goes on" in said) == (how is signal.SIGINT)
    assert "total" not in (out / "manifest.jsonl").read_text()
    process = Started(tmp_path / "log", *command)
    said = process.said()
    assert process.returncode == 0, said
    assert "going on after shard" in said
    assert files_of(out) == files


def test_a_full_disk_is_one_line_and_the_run_goes_on_when_there_is_room(
    tmp_path: Path, whole: tuple[Path, dict[str, bytes]]
) -> None:
    corpus, files = whole
    out = tmp_path / "out"
    command = ("score", corpus, "-o", f"{out}/", *STOPPED)
    process = Started(tmp_path / "log", *command, limit=18_000)  # bytes a file: a log is full first
    said = process.said()
    assert process.returncode == 1
    assert said.count("\n") == 1
    assert "cannot write" in said
    assert len(manifest(out)) > 1
    again = Started(tmp_path / "log", *command)
    again.said()
    assert again.returncode == 0
    assert files_of(out) == files


def test_a_line_of_the_manifest_that_was_cut_off_is_written_again(
    framing: Framing, tmp_path: Path, whole: tuple[Path, dict[str, bytes]]
) -> None:
    corpus, out = write_lines(tmp_path / "c.jsonl", range(60)), tmp_path / "out"
    command = ("score", corpus, "--format", "jsonl", "-o", f"{out}/", *SMALL)
    framing(*command)
    files = files_of(out)
    lines = files["manifest.jsonl"].splitlines(keepends=True)
    (out / "manifest.jsonl").write_bytes(lines[0] + lines[1][:50])
    (out / ".seen.jsonl").write_bytes(b"[1, 2")
    framing(*command)
    assert files_of(out) == files


def test_a_finished_run_has_nothing_left_to_do(framing: Framing, tmp_path: Path) -> None:
    corpus, out = write_lines(tmp_path / "c.jsonl", range(20)), tmp_path / "out"
    command = ("score", corpus, "--format", "jsonl", "-o", f"{out}/", *SMALL)
    framing(*command)
    files = files_of(out)
    result = framing(*command)
    assert (result.code, files_of(out)) == (0, files)
    assert "finished" in result.err


@pytest.mark.parametrize("change", ["input", "option", "shard size"])
def test_another_run_into_the_same_folder_is_refused(framing: Framing, tmp_path: Path, change: str) -> None:
    corpus, out = write_lines(tmp_path / "c.jsonl", range(20)), tmp_path / "out"
    command = ["score", corpus, "--format", "jsonl", "-o", f"{out}/", *SMALL]
    framing(*command)
    files = files_of(out)
    if change == "input":
        write_lines(corpus, range(21))
    else:
        command += ["--evidence", 3] if change == "option" else ["--shard-size", 1]
    result = framing(*command)
    assert result.code == 2
    assert f"was begun with another {change}" in result.err
    assert result.err.count("\n") == 1
    assert files_of(out) == files


def test_a_changed_model_is_refused(framing: Framing, tmp_path: Path) -> None:
    from framing.training import train
    from tests.small import PLAIN, invented_labels

    corpus, out = write_lines(tmp_path / "c.jsonl", range(20)), tmp_path / "out"
    command = ["score", corpus, "--format", "jsonl", "-o", f"{out}/", "-m", tmp_path / "tea-house", *SMALL]
    shutil.copytree(load_model().folder or "", tmp_path / "tea-house")
    assert framing(*command).code == 0
    train(invented_labels(24), settings=PLAIN).save(tmp_path / "tea-house", force=True)
    assert "was begun with another model" in framing(*command).err


def test_a_folder_of_other_things_is_refused(framing: Framing, tmp_path: Path) -> None:
    corpus, out = write_lines(tmp_path / "c.jsonl", range(3)), tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    result = framing("score", corpus, "--format", "jsonl", "-o", out)
    assert result.code == 2
    assert "holds other files" in result.err
    assert files_of(out) == {"mine.txt": b"mine"}


# A cluster


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """The address of a scheduler, and two workers."""
    pytest.importorskip("distributed")
    processes: list[subprocess.Popen[bytes]] = []
    facts = tmp_path / "scheduler.json"

    def start(module: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.{module}", *arguments, "--scheduler-file", str(facts)]
        with (tmp_path / f"{module}{len(processes)}.log").open("wb") as log:
            processes.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp_path))
        return processes[-1]

    try:
        start("dask_scheduler", "--port", "0", "--host", "127.0.0.1", "--no-dashboard")
        while not facts.exists():
            assert processes[0].poll() is None
            time.sleep(0.05)
        workers = [start("dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard") for _ in range(2)]
        yield json.loads(facts.read_text())["address"], workers
    finally:
        for process in reversed(processes):
            process.kill()
            process.wait()


def test_a_cluster_writes_the_same_bytes_and_a_killed_worker_costs_only_time(
    tmp_path: Path, whole: tuple[Path, dict[str, bytes]], cluster: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    corpus, files = whole
    address, workers = cluster
    out = tmp_path / "out"
    process = Started(tmp_path / "log", "score", corpus, "-o", f"{out}/", "--dask", address, *STOPPED)
    wait_for_shards(out, 2, process)
    os.kill(workers[0].pid, signal.SIGKILL)
    assert process.poll() is None, "the worker is killed in the middle"
    said = process.said()
    assert process.returncode == 0, said
    assert files_of(out) == files


def test_a_scheduler_that_is_not_there_is_one_line(
    framing: Framing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("framing.run._PATIENCE", 1)
    corpus = write_lines(tmp_path / "c.jsonl", range(3))
    result = framing("score", corpus, "--format", "jsonl", "--dask", "tcp://127.0.0.1:1")
    assert (result.code, result.err) == (
        1,
        "framing: tcp://127.0.0.1:1: no dask scheduler answers; start one (dask scheduler), or check the address\n",
    )


@pytest.mark.parametrize(("package", "extra"), [("distributed", "cluster"), ("warcio", "warc"), ("pyarrow", "parquet")])
def test_an_extra_that_is_missing_is_one_line_that_says_what_to_install(
    framing: Framing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, extra: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setitem(sys.modules, f"{package}.archiveiterator", None)
    name = {"cluster": "c.jsonl", "warc": "c.warc", "parquet": "c.parquet"}[extra]
    corpus = write_lines(tmp_path / name, range(3))
    cluster = ("--dask", "tcp://127.0.0.1:1") if extra == "cluster" else ()
    result = framing("score", corpus, "--format", "jsonl", *cluster)
    assert result.code == 1
    assert f"pip install 'framing[{extra}]'" in result.err
    assert result.err.count("\n") == 1
