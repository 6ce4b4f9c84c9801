"""How long one article takes from a cold process: `python -m tests.benchmarks.coldstart [PAIRS]`.

Two commands run in turn, each as a process of its own, and the median of the ratios of such pairs is printed, for the
time on the clock and for the time of the processor. Compiled modules are kept in a scratch folder, as an installed
package has them beside its modules.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

TEXT = (
    "Moscow hosted both foreign ministers on Friday and offered to host the next round.\n\n"
    "Russia has blocked the talks for a year, the minister said, and Armenia asked for observers.\n"
)


def main() -> None:
    """Measure and print."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    with tempfile.TemporaryDirectory() as scratch:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environment["PYTHONPYCACHEPREFIX"] = f"{scratch}/compiled"
        article = Path(scratch) / "article.txt"
        article.write_text(TEXT, encoding="utf-8")
        framing = [sys.executable, "-m", "framing"]
        for arguments, module in ((["score", str(article)], "numpy"), (["--help"], "typer")):
            name = f"framing {arguments[0]}{' article.txt' if module == 'numpy' else ''}"
            compare(name, [*framing, *arguments], [sys.executable, "-c", f"import {module}"], environment, pairs)


def compare(name: str, one: Sequence[str], other: Sequence[str], environment: dict[str, str], pairs: int) -> None:
    """Print the medians of the times of two commands, and of their ratios pair by pair."""
    taken = [[run(command, environment) for command in (one, other)] for _ in range(pairs + 1)][1:]
    for kind, what in enumerate(("on the clock", "of the processor")):
        mine, theirs = (median(pair[which][kind] for pair in taken) for which in (0, 1))
        ratio = median(pair[0][kind] / pair[1][kind] for pair in taken)
        print(
            f"{name}: {mine * 1000:.0f} ms {what}, `{other[-1]}` {theirs * 1000:.0f} ms, ratio {ratio:.2f}", flush=True
        )


def run(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the seconds that a process takes, on the clock and of the processor."""
    before, begin = os.times(), time.perf_counter()
    subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    clock, after = time.perf_counter() - begin, os.times()
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return clock, used


if __name__ == "__main__":
    main()
