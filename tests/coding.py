"""Makes a labels folder to be coded in, as `framing sample` writes it, and runs `framing serve` on it."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.small import LABELS, TARGET, invented_text

HOSTILE = '<script>window.hit = 1</script><img src=x onerror="window.hit = 1">"\'&'
"""A text that would run if it were not escaped."""
CODEBOOK = f"""\
name = "tea-house"
version = 1
question = "How is the host framed? {HOSTILE.replace(chr(34), chr(92) + chr(34))}"
[target]
names = ["{TARGET}*"]
[[frame]]
id = "broker"
title = "Broker"
definition = "The host brings others together."
[[frame]]
id = "obstacle"
title = "Obstacle <b>"
[[frame]]
id = "none"
title = "Not framed"
none = true
[[rule]]
label = "none"
text = "The host is only named."
[[rule]]
label = "obstacle"
text = "The host is in the way. <i>"
clarifications = ["Also where it means well."]
[[rule.example]]
text = "Orvania blocked the road."
label = "obstacle"
why = "A deed."
[[rule]]
label = "broker"
text = "The host brings others together."
[[note]]
title = "Voice"
text = "A quoted frame counts."
"""


def coding_folder(
    path: Path, units: int = 30, coders: tuple[str, ...] = ("ann", "bob"), *, hostile: bool = False, seed: int = 5
) -> Path:
    """Make a labels folder whose units are all in the parts of all coders, two to an article."""
    rng = random.Random(seed)
    (path / "codes").mkdir(parents=True)
    (path / "codebook.toml").write_text(CODEBOOK if hostile else CODEBOOK.replace(HOSTILE.replace('"', '\\"'), ""))
    paragraphs: list[dict[str, Any]] = []
    articles: list[dict[str, Any]] = []
    for number in range((units + 1) // 2):
        texts = [invented_text(rng.randrange(3), rng, words=40) for _ in range(5)]
        if hostile:
            texts = [f"{text} {HOSTILE}" for text in texts]
        whole = "\n\n".join(texts)
        title = HOSTILE if hostile else f"Day {number}"
        articles.append({"id": f"n{number}", "source": "paper", "date": "2021-02-11", "title": title, "text": whole})
        for place in (1, 3):
            start = whole.index(texts[place])
            paragraphs.append(
                {"id": f"n{number}#{place}", "article": f"n{number}", "source": "paper", "index": place, "start": start,
                 "end": start + len(texts[place]), "text": texts[place], "inclusion": 0.5, "coders": list(coders),
                 "batch": 1, "rank": len(paragraphs) + 1}
            )  # fmt: skip
    for name, rows in (("paragraphs", paragraphs[:units]), ("articles", articles)):
        (path / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def log_of(folder: Path, coder: str) -> list[dict[str, Any]]:
    """Return the rows of a coder's log."""
    path = folder / "codes" / f"{coder}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def holding(folder: Path, coder: str) -> dict[str, str | None]:
    """Return the label of each unit that holds in a coder's log."""
    held: dict[str, str | None] = {}
    for row in log_of(folder, coder):
        if row.get("withdrawn"):
            held.pop(row["id"], None)
        else:
            held[row["id"]] = row["label"]
    return held


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Server:
    """`framing serve` in a process of its own."""

    folder: Path
    port: int
    options: tuple[str, ...] = ()
    process: subprocess.Popen[str] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Server:
        """Start it, and wait until it answers."""
        command = [sys.executable, "-m", "framing", "serve", "--labels", str(self.folder), "--port", str(self.port)]
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
        self.process = subprocess.Popen(
            [*command, *self.options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True, env=environment
        )
        for _ in range(200):
            with suppress(OSError), urllib.request.urlopen(f"{self.address}/openapi.json", timeout=5):
                return self
            time.sleep(0.05)
        raise AssertionError("the server did not start")

    def end(self, number: int = signal.SIGINT) -> int:
        """End it by a signal, and return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(20)

    def kill(self) -> None:
        """Kill it without warning."""
        self.end(signal.SIGKILL)


class Threaded:
    """The same pages in a thread of this process: quick to start, for tests that kill nothing."""

    def __init__(self, folder: Path) -> None:
        import uvicorn

        from framing.serving import bind
        from framing.webapp import make_app
        from framing.website import make_site

        self.folder = folder
        bound = bind("127.0.0.1", 0)
        self.address = bound.address.rstrip("/")
        config = uvicorn.Config(
            make_app(make_site(folder), bound.doors),
            log_level="warning",
            ws="none",
            http="h11",
            timeout_graceful_shutdown=2,
        )
        self._bound, self._server = bound, uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([bound.socket],), daemon=True)

    def __enter__(self) -> Threaded:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._bound.socket.close()


assert len(LABELS) == 3
