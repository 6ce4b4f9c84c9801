"""The command line as a user meets it: what it prints, where, and how it ends."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from framing.labelfiles import load_labels
from framing.labels import gold
from framing.store import hidden_model
from tests.run import Ran, run

EXAMPLE = Path(__file__).parent / "example" / "article.html"
LABELS = Path(__file__).parent.parent / "labels"
PROSE = (
    "Moscow hosted both foreign ministers on Friday, and its envoy carried a new draft of the ceasefire from one "
    "delegation to the other until the evening.\n\n"
    "Nobody in the town believed that the Russian patrol would come back before the snow.\n"
)

Framing = Callable[..., Ran]


@pytest.fixture
def framing(monkeypatch: pytest.MonkeyPatch) -> Framing:
    """Run a command."""
    return lambda *arguments, stdin=b"": run(monkeypatch, *arguments, stdin=stdin)


def test_help_lists_the_commands(framing: Framing) -> None:
    result = framing("--help")
    assert result.code == 0
    assert all(command in result.out for command in ("score", "export", "train", "evaluate"))


def test_no_command_shows_the_help(framing: Framing) -> None:
    assert "score" in framing().out + framing().err


def test_the_version_is_printed(framing: Framing) -> None:
    assert framing("--version").out.startswith("framing 0.")


def test_one_article_is_shown_with_its_paragraphs(framing: Framing) -> None:
    result = framing("score", EXAMPLE)
    assert result.code == 0
    assert "After the talks, the same road" in result.out
    assert "predicted, not corrected" in result.out.lower()
    assert "from sources it has not seen" in " ".join(result.out.split())
    assert "language model" in result.out
    assert "because:" in result.out
    assert "\x1b[" not in result.out
    assert result.err == ""


def test_what_is_not_prose_is_left_out_with_the_reason(framing: Framing) -> None:
    article = json.loads(framing("score", EXAMPLE, "--format", "json", "--with-text").out)["articles"][0]
    prose = " ".join(paragraph["text"] for paragraph in article["paragraphs"])
    assert "Three governments met" in prose
    assert "plays both sides" not in prose
    left_out = " ".join(article["text"][part["start"] : part["end"]] for part in article["left_out"])
    assert "plays both sides" in left_out
    assert "All rights reserved" in left_out
    assert all(part["reason"] for part in article["left_out"])


def test_json_has_the_agreed_form(framing: Framing) -> None:
    written = json.loads(framing("score", EXAMPLE, "--format", "json").out)
    article = written["articles"][0]
    assert {"id", "title", "source", "date", "url", "status", "paragraphs", "left_out", "shares"} <= set(article)
    assert "text" not in article
    assert set(article["paragraphs"][0]) == {
        "index", "start", "end", "text", "status", "label", "probabilities", "logit", "intercept", "quoted", "evidence",
    }  # fmt: skip
    assert set(article["paragraphs"][0]["evidence"][0]) == {"text", "start", "end", "weight"}
    assert written["model"]["name"] == "russia-mediator"
    assert article["date"] == "2021-10-14"


def test_all_evidence_adds_up_to_the_logit(framing: Framing) -> None:
    written = json.loads(framing("score", EXAMPLE, "--format", "json", "--evidence", "all", "--with-text").out)
    article = written["articles"][0]
    for paragraph in article["paragraphs"]:
        assert article["text"][paragraph["start"] : paragraph["end"]] == paragraph["text"]
        total = paragraph["intercept"] + sum(entry["weight"] for entry in paragraph["evidence"])
        assert total == pytest.approx(paragraph["logit"], abs=1e-9)
        for entry in paragraph["evidence"]:
            assert article["text"][entry["start"] : entry["end"]] == entry["text"]


def test_many_articles_get_a_line_each_and_a_last_line_that_counts(framing: Framing, tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text(PROSE)
    (tmp_path / "two.txt").write_text(PROSE + "\nThe delegations left for home on Saturday morning.\n")
    (tmp_path / "copy.txt").write_text(PROSE)
    result = framing("score", tmp_path / "one.txt", tmp_path / "two.txt", tmp_path / "copy.txt")
    assert result.code == 0
    assert result.out.strip().splitlines()[-1].startswith("2 scored")
    assert "1 duplicate" in result.out
    assert "the same article as" in result.err


def test_a_bad_input_among_many_is_reported_and_the_others_are_written(framing: Framing, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text(PROSE)
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.4 ...")
    result = framing("score", tmp_path / "bad.pdf", tmp_path / "good.txt", "--format", "json")
    assert result.code == 1
    assert "pdftotext" in result.err
    written = json.loads(result.out)
    assert len(written["articles"]) == 1
    assert written["failed"][0]["origin"] == str(tmp_path / "bad.pdf")


def test_standard_input_is_an_article(framing: Framing) -> None:
    result = framing("score", "-", "--format", "jsonl", stdin=PROSE.encode())
    assert [paragraph["status"] for paragraph in json.loads(result.out)["paragraphs"]] == ["ok", "ok"]


def test_an_article_that_never_names_the_target_is_not_scored(framing: Framing) -> None:
    text = "The ministers of Armenia and Azerbaijan met in Brussels on Friday and agreed to open the border road.\n" * 3
    article = json.loads(framing("score", "-", "--format", "jsonl", stdin=text.encode()).out)
    assert article["status"] == "no_target"
    assert article["shares"] == {}
    assert all(paragraph["label"] is None for paragraph in article["paragraphs"])


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (
            "Президент России принял в Москве глав правительств двух стран и предложил продолжить переговоры о границе "
            "в следующем месяце. Стороны поблагодарили российских миротворцев за их работу.",
            "other_language",
        ),
        (
            "Le président russe a reçu à Moscou les deux chefs de gouvernement et leur a proposé de poursuivre les "
            "pourparlers sur la frontière le mois prochain. Poutine a salué le travail des soldats de la paix.",
            "other_language",
        ),
    ],
)
def test_a_text_in_another_language_is_not_scored(framing: Framing, text: str, status: str) -> None:
    assert json.loads(framing("score", "-", "--format", "jsonl", stdin=text.encode()).out)["status"] == status


def test_output_goes_to_a_file(framing: Framing, tmp_path: Path) -> None:
    result = framing("score", EXAMPLE, "--format", "json", "-o", tmp_path / "out.json")
    assert (result.code, result.out) == (0, "")
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["articles"]


BAD = [
    (("score", "nowhere.txt"), 1, "nowhere.txt"),
    (("score", EXAMPLE, "-m", "no-such-model"), 1, "no model no-such-model"),
    (("score", EXAMPLE, "--evidence", "some"), 2, "--evidence takes"),
    (("score", EXAMPLE, EXAMPLE.parent.parent / "test_cli.py", "--sort", "length"), 2, "cannot sort by"),
    (("score", EXAMPLE, "-o", "no/such/folder/out.txt"), 1, "cannot write"),
    (("score", EXAMPLE, "--format", "html", "-o", "no/such/folder/out.html"), 1, "cannot write"),
    (("score", EXAMPLE, "--format", "html", "--sort", "length"), 2, "cannot sort by"),
    (("score", EXAMPLE, "--format", "html", "-o", EXAMPLE), 2, "is an input as well"),
    (("score",), 2, "INPUT"),
    (("score", EXAMPLE, "--format", "xml"), 2, "xml"),
    (("score", EXAMPLE, "--sources", "nowhere.csv"), 1, "nowhere.csv"),
    (("export",), 2, "--labels"),
    (("export", EXAMPLE, "--format", "parquet"), 2, "-o"),
    (("export", EXAMPLE, "--dask", "x"), 2, "no scheduler's address"),
    (("score", EXAMPLE, "--format", "jsonl", "--shard-size", "nan", "-o", "z/"), 2, "megabytes, not nan"),
    (("score", EXAMPLE, "--format", "jsonl", "--shard-size", "inf", "-o", "z/"), 2, "megabytes, not inf"),
    (("score", EXAMPLE, "--format", "jsonl", "--shard-size", "1e308", "-o", "z/"), 2, "megabytes, not 1e+308"),
    (("sample", "--plan", "0.08", "--per-article", 10**26), 2, "--per-article"),
    (("sample", "--plan", "0.08", "--next", "uncertain"), 2, "leave --next"),
    (("sample", "--plan", "0.08", "--coders", "ann"), 2, "leave --next"),
    (("compare", EXAMPLE, "--labels", ""), 2, "an argument is empty"),
    (("compare", EXAMPLE, "--labels="), 2, "an argument is empty (--labels=)"),
    (("compare", ""), 2, "an argument is empty"),
    (("train", "nowhere"), 1, "nowhere"),
    (("evaluate", "nowhere.csv"), 1, "nowhere.csv"),
    (("unknown",), 2, "unknown"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), BAD, ids=lambda value: str(value)[:60])
def test_wrong_input_gets_one_clear_line_and_the_right_exit_code(
    framing: Framing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[object], code: int, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = framing(*arguments)
    assert result.code == code
    assert said in result.err
    assert "Traceback" not in result.err
    if code == 1:
        assert len(result.err.splitlines()) == 1


def test_an_output_may_be_a_link_or_a_device_and_both_stay_what_they_are(framing: Framing, tmp_path: Path) -> None:
    link, target = tmp_path / "link.csv", tmp_path / "target.csv"
    link.symlink_to(target)
    assert framing("export", EXAMPLE, "-o", link).code == 0
    assert link.is_symlink()
    assert "Three governments met" in target.read_text(encoding="utf-8-sig")
    assert framing("export", EXAMPLE, "-o", "/dev/null", "--format", "csv").code == 0
    assert Path("/dev/null").is_char_device()


def test_an_input_is_never_written_over(framing: Framing, tmp_path: Path) -> None:
    article = tmp_path / "article.txt"
    article.write_text(PROSE)
    result = framing("score", article, "-o", article)
    assert (result.code, article.read_text()) == (2, PROSE)
    assert "is an input as well" in result.err


def test_where_every_input_failed_nothing_is_written(framing: Framing, tmp_path: Path) -> None:
    kept = tmp_path / "kept.csv"
    kept.write_text("kept")
    result = framing("export", tmp_path / "nowhere.txt", "-o", kept)
    assert (result.code, result.out, kept.read_text()) == (1, "", "kept")
    assert framing("score", tmp_path / "nowhere.txt").out == ""


def test_a_full_disk_behind_standard_output_is_one_line(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    command = [sys.executable, "-m", "framing", "score", str(EXAMPLE)]
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path)
    assert ran.returncode == 1
    assert ran.stderr.startswith("framing: cannot write to standard output")
    assert len(ran.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("closed", "code", "said"),
    [("<&-", 0, ""), (">&-", 1, "framing: cannot write to standard output: Bad file descriptor\n"), ("2>&-", 0, "")],
)
def test_a_stream_that_the_shell_has_closed_is_no_fault_of_the_program(
    tmp_path: Path, closed: str, code: int, said: str
) -> None:
    command = f"exec {shlex.join([sys.executable, '-m', 'framing', 'score', str(EXAMPLE)])} {closed}"
    ran = subprocess.run(["sh", "-c", command], capture_output=True, text=True, cwd=tmp_path)
    assert (ran.returncode, ran.stderr) == (code, said)
    assert bool(ran.stdout) is (closed != ">&-")


def test_the_name_of_a_file_cannot_move_the_cursor(framing: Framing, tmp_path: Path) -> None:
    name = "\x1b[31mred\nframing: all is well.txt"
    (tmp_path / name).write_text("", encoding="utf-8")
    for arguments in (("score", tmp_path / name), ("score", tmp_path, EXAMPLE), ("card", tmp_path / name)):
        err = framing(*arguments).err
        assert "\u241b[31mred framing: all is well.txt" in err
        assert "\x1b" not in err
        assert len(err.splitlines()) == 1


def test_an_error_of_reading_names_its_file(framing: Framing) -> None:
    result = framing("score", EXAMPLE, "-o", "a" * 300)
    assert result.code == 1
    assert result.err == f"framing: {'a' * 300}: cannot be used: File name too long\n"


def test_one_text_asked_about_two_targets_is_two_articles(framing: Framing, tmp_path: Path) -> None:
    rows = [{"text": "Russia helped Armenia through the winter.", "target": target} for target in ("Russia", "Armenia")]
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text("".join(json.dumps(row) + "\n" for row in rows))
    written = [json.loads(line) for line in framing("export", corpus, "--format", "jsonl").out.splitlines()]
    assert [row["target"] for row in written] == ["Russia", "Armenia"]
    assert len({row["id"] for row in written}) == 2


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_what_is_exported_can_be_evaluated_and_it_is_said_whose_labels_it_has(
    framing: Framing, tmp_path: Path, format: str
) -> None:
    exported = tmp_path / f"exported.{format}"
    assert framing("export", EXAMPLE, "-o", exported).code == 0
    result = framing("evaluate", exported, "--format", "json")
    assert json.loads(result.out)["n"] == 9
    assert "given by a model" in result.err


@pytest.mark.parametrize("format", ["csv", "jsonl", "parquet"])
def test_exported_hand_labels_are_those_of_the_folder(framing: Framing, tmp_path: Path, format: str) -> None:
    exported = tmp_path / f"labels.{format}"
    assert framing("export", "--labels", LABELS, "-o", exported).code == 0
    folder = load_labels(LABELS)
    again = load_labels(exported, codebook=folder.codebook)
    assert [unit.text for unit in again.units] == [unit.text for unit in folder.units]
    assert gold(again) == gold(folder)


def test_wrong_usage_points_to_the_help_of_the_command(framing: Framing) -> None:
    assert framing("sample", EXAMPLE).err.endswith("(see framing sample --help)\n")
    assert framing("score", EXAMPLE, "--sort", "nothing").err.endswith("(see framing score --help)\n")


def test_a_model_of_the_name_of_framings_own_says_that_it_is_found_in_its_place(
    framing: Framing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = (EXAMPLE.parent / "labels.csv", "--codebook", EXAMPLE.parent / "codebook.toml",
                 "--settings", "russia-mediator")  # fmt: skip
    said = "from here russia-mediator is now this model, not framing's own"
    assert said in framing("train", *arguments, "-o", "models/russia-mediator").err
    assert "from here" not in framing("train", *arguments, "-o", "models/mine").err
    assert not hidden_model(LABELS.parent / "models" / "russia-mediator")


def test_train_prints_its_scores_and_says_where_the_model_is(framing: Framing, tmp_path: Path) -> None:
    labels, output = EXAMPLE.parent / "labels.csv", tmp_path / "models" / "mine"
    arguments = (labels, "--codebook", EXAMPLE.parent / "codebook.toml", "-o", output, "--settings", "russia-mediator")
    result = framing("train", *arguments, "--format", "json")
    assert result.code == 0
    facts = json.loads(result.out)
    assert (facts["name"], facts["data"]["paragraphs"], facts["scores"]["nested"]) == ("mine", 72, False)
    assert f"wrote {output}" in result.err
    assert "accuracy" in framing("card", output).out
    other = framing("train", LABELS, "-o", output)
    assert (other.code, len(other.err.splitlines())) == (1, 1)
    assert "--force" in other.err
