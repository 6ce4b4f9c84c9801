"""The README's examples: `python -m tests.readme` runs them and writes what they print into the README.

A `console` block holds commands (lines that begin with `$ `), each followed by what it prints on stdout; a `python`
block is followed by a `text` block with what it prints. Other blocks are not run.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```\n(?:\n```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)


def examples(text: str) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Yield each example: the shell command or `python`, what it should print, and the place of that in the text."""
    for block in _BLOCK.finditer(text):
        if block[1] == "python":
            yield block[2], block[3] or "", block.span(3)
            continue
        at = block.start(2)
        for part in re.split(r"^(?=\$ )", block[2], flags=re.MULTILINE):
            command, _, printed = part.partition("\n")
            if command:
                start = at + len(command) + 1
                yield command, printed, (start, start + len(printed))
            at += len(part)


def run(example: str, folder: Path) -> str:
    """Return what an example prints, run in `folder` with this environment's `framing` first on the path."""
    env = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"}
    env.pop("FORCE_COLOR", None)
    shell = ["bash", "-o", "pipefail", "-c", example.removeprefix("$ ")]
    command = shell if example.startswith("$ ") else [sys.executable, "-c", example]
    ran = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert ran.returncode == 0, f"{example}: {ran.stderr}"
    return "".join(f"{line.rstrip()}\n" for line in ran.stdout.splitlines())


def workplace(folder: Path) -> Path:
    """Make the folder in which the examples run: what the README's commands read, and nothing that they could harm."""
    for name in ("tests", "labels"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def main() -> None:
    """Run all examples and write what they print."""
    text = README.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        place = workplace(Path(folder))
        printed = [(span, run(example, place)) for example, _, span in examples(text)]
    for (start, end), output in reversed(printed):
        text = text[:start] + output + text[end:]
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
