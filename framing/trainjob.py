"""Training that is started from a page: in a process of its own, with its progress, stopped with the server.

The process prints a JSON object a line: `stage`, `done` and `total` while it works, then `saved` or `error`. The model
goes to models/NAME inside the labels folder.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.codelog import check_all_inside
from framing.errors import FramingError, ModelError
from framing.labelfiles import load_labels
from framing.store import read_manifest
from framing.summary import SCHEMES
from framing.training import check_output
from framing.training import train as train_model

_COMMAND = "import sys; from framing.trainjob import work; work(sys.argv[1], sys.argv[2])"


@dataclass(frozen=True, slots=True)
class Figures:
    """What is shown of a model before and after: each figure with its interval in words, by its name."""

    fingerprint: str
    paragraphs: int
    scores: Mapping[str, str]


def work(labels: str, output: str) -> None:
    """Train, and tell on stdout how far it is: the process that `TrainJob` starts."""

    def tell(**values: object) -> None:
        print(json.dumps(values), flush=True)

    def end_with_the_server() -> None:
        os.read(0, 1)  # the server holds the other end and writes nothing: this returns when it is gone, in any way
        if sys.platform == "win32":
            os._exit(1)
        else:
            os.killpg(os.getpgid(0), signal.SIGKILL)

    threading.Thread(target=end_with_the_server, daemon=True).start()

    try:
        loaded = load_labels(labels)
        check_output(Path(output), loaded.codebook.name, force=False)
        trained = train_model(loaded, progress=lambda stage, done, total: tell(stage=stage, done=done, total=total))
        Path(output).parent.mkdir(exist_ok=True)
        tell(saved=trained.save(output).fingerprint)
    except FramingError as error:
        tell(error=str(error))
    except BrokenPipeError:  # the server is gone
        os._exit(1)


class TrainJob:
    """One training at a time of one labels folder."""

    def __init__(self, labels: Path, output: Path, then: Callable[[], None] = lambda: None) -> None:
        """`then` is called when a new model is there."""
        self._then = then
        self.labels, self.output = labels, output
        self.status = "idle"
        """idle, running, done, failed or stopped."""
        self.stage, self.done, self.total = "", 0, 0
        self.message = ""
        self.started = 0.0
        self.before: Figures | None = None
        self.after: Figures | None = figures_of(output)
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def start(self) -> bool:
        """Begin to train; False where one is under way. Raises LabelsError where a link leads out of the folder."""
        check_all_inside(self.labels)
        with self._lock:
            if self.status == "running":
                return False
            self.before, self.after = figures_of(self.output), None
            self.status, self.message, self.stage, self.done, self.total = "running", "", "starting", 0, 0
            self.started = time.monotonic()
            self._process = subprocess.Popen(
                [sys.executable, "-c", _COMMAND, str(self.labels), str(self.output)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                start_new_session=True,
            )  # fmt: skip
            threading.Thread(target=self._follow, args=(self._process,), daemon=True, name="training").start()
        return True

    def _follow(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        told: dict[str, Any] = {}
        for line in process.stdout:
            with suppress(ValueError):
                told = json.loads(line)
                if "stage" in told:
                    self.stage, self.done, self.total = told["stage"], told["done"], told["total"]
        process.wait()
        process.stdout.close()
        if process.stdin is not None:
            process.stdin.close()
        with self._lock:
            if self.status != "running":
                return
            self.after = figures_of(self.output)
            self.status = "done" if "saved" in told else "failed"
            self.message = str(told.get("error", "")) or ("" if "saved" in told else "the training ended early")
        if "saved" in told:
            self._then()

    def stop(self) -> None:
        """End a training that is under way; the model that was there stays."""
        with self._lock:
            process, running = self._process, self.status == "running"
            if running:
                self.status, self.message = "stopped", "stopped; nothing was written"
                self.after = figures_of(self.output)
        if process is None or not running:
            return
        with suppress(OSError):
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.wait(5)

    def facts(self) -> dict[str, Any]:
        """Return where it stands, as plain JSON values."""
        seconds = round(time.monotonic() - self.started) if self.status == "running" else None
        values = {"status": self.status, "stage": self.stage, "done": self.done, "total": self.total}
        return values | {
            "seconds": seconds,
            "message": self.message,
            "before": _plain(self.before),
            "after": _plain(self.after),
        }


def figures_of(folder: Path) -> Figures | None:
    """Return the scores that a model records, None where there is no model that can be read."""
    try:
        manifest = read_manifest(folder)
        scores: dict[str, str] = {}
        for key, title in SCHEMES.items():
            found = manifest["scores"][key]
            if found is None:
                continue
            one = found["sets"][manifest["scores"]["headline_kind"] or "all"]
            for name, shown in (("accuracy", "accuracy"), ("macro_f1", "macro-F1")):
                figure = one[name]
                scores[f"{title}: {shown}"] = f"{figure['value']:.2f} ({figure['low']:.2f}-{figure['high']:.2f})"
        fingerprint = str(manifest.get("sha256", ""))[:12]
        return Figures(fingerprint, int(manifest["data"]["paragraphs"]), scores)
    except (ModelError, KeyError, TypeError, ValueError):
        return None


def _plain(figures: Figures | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    return {"fingerprint": figures.fingerprint, "paragraphs": figures.paragraphs, "scores": dict(figures.scores)}
