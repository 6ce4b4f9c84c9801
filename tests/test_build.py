"""What users install: an sdist is built, a wheel from it, and the wheel scores an article from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def call(*arguments: object, cwd: Path, env: dict[str, str] | None = None) -> str:
    command = [sys.executable, *map(str, arguments)]
    run = subprocess.run(command, cwd=cwd, env={**os.environ, **(env or {})}, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder into which the wheel was unpacked by pip."""
    dist, target = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("target")
    # `build` makes the sdist from the tree, and the wheel from the sdist.
    call("-m", "build", "--no-isolation", "--outdir", dist, ROOT, cwd=dist)
    (wheel,) = dist.glob("*.whl")
    assert list(dist.glob("*.tar.gz"))
    call("-m", "pip", "install", "--quiet", "--no-deps", "--no-compile", "--target", target, wheel, cwd=dist)
    return target


def test_the_wheel_scores_from_another_folder_with_the_model_inside(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "article.txt").write_text("Moscow hosted both foreign ministers on Friday.\n", encoding="utf-8")
    env = {"PYTHONPATH": str(installed)}
    where = call("-c", "import framing; print(framing.__file__)", cwd=tmp_path, env=env)
    assert where.startswith(str(installed))
    shown = call("-m", "framing", "score", "article.txt", cwd=tmp_path, env=env)
    assert "neutral_broker" in shown
    assert (installed / "framing" / "models" / "russia-mediator" / "model.json").is_file()


def test_the_wheel_holds_what_the_pages_are_made_of(installed: Path) -> None:
    here = {file.name for file in (ROOT / "framing" / "static").iterdir()}
    assert {file.name for file in (installed / "framing" / "static").iterdir()} == here


def test_the_wheel_holds_the_package_and_the_model_only(installed: Path) -> None:
    top = {path.name for path in installed.iterdir() if not path.name.endswith(".dist-info")}
    assert top - {"bin"} == {"framing"}
