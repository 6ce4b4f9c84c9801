"""What the README shows is what its commands print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.readme import README, ROOT, examples, run, workplace

TEXT = README.read_text(encoding="utf-8")
EXAMPLES = [(example, printed) for example, printed, _ in examples(TEXT)]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return workplace(tmp_path_factory.mktemp("readme"))


@pytest.mark.parametrize(("example", "printed"), EXAMPLES, ids=[one.splitlines()[0][:60] for one, _ in EXAMPLES])
def test_the_readme_shows_what_the_example_prints(place: Path, example: str, printed: str) -> None:
    assert run(example, place) == printed, "run `python -m tests.readme` and read the change"


def test_the_readme_has_examples_of_every_kind() -> None:
    commands = " ".join(example for example, _ in EXAMPLES)
    assert all(f"framing {command}" in commands for command in ("score", "export", "train", "card"))
    assert any("framing.load_model" in example for example, _ in EXAMPLES)


def test_every_file_that_the_readme_links_to_is_there() -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", TEXT):
        assert (ROOT / link).exists(), link


def test_every_command_and_option_that_the_readme_names_is_one(place: Path) -> None:
    commands = set(re.findall(r"^(?:\$ |.*\| )?framing (\w+)", TEXT, flags=re.MULTILINE))
    assert commands >= {"score", "export", "sample", "import", "agree", "serve", "compare", "verify", "train"}
    helps = {command: run(f"$ framing {command} --help", place) for command in commands}
    for command, rest in re.findall(r"^(?:\$ |.*\| )?framing (\w+)(.*)$", TEXT, flags=re.MULTILINE):
        for option in re.findall(r" (--[a-z-]+)", rest):
            assert option in helps[command], f"framing {command} {option}"
