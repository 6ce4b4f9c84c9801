"""The folder that a run over a corpus writes: its shards and its logs, cut back to the last shard that was finished.

    shard-00001.jsonl ...   the results; every shard is a whole file
    rejects.jsonl           what could not be read (kind: failed) or was read before (repeated): shard, place, reason
    manifest.jsonl          first what the run is (inputs, model, options, shard size), then a line for each finished
                            shard (file, rows, bytes, sha256), at last the totals
    .seen.jsonl             the keys of the articles, as long as the run is not finished

The manifest's line is written last. Whatever stopped a run, what comes after the last whole line is cut away, and the
next run goes on with the shard after it. A run of another model, option or input into the same folder is refused.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from framing.errors import FramingError, UsageError
from framing.files import sha256_of
from framing.model import Model
from framing.read import RUN_LOGS
from framing.records import Failed, Repeated
from framing.scoredjson import to_json
from framing.seen import Key, Seen
from framing.work import SAME_PATHS, Done, Job, without

MANIFEST, REJECTS = RUN_LOGS
SEEN = ".seen.jsonl"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a finished run wrote."""

    shards: int
    articles: int
    rows: int
    rejects: int
    """What could not be read."""
    repeated: int
    """What was read before."""


def shards(folder: Path) -> tuple[Path, ...]:
    """Return the shards of a finished run that hold any rows, in order.

    Raises FramingError where the run is not finished, wrote no row, or a shard is not as it was written.
    """
    lines, _ = _whole_lines(folder / MANIFEST)
    if not lines or "total" not in lines[-1]:
        raise FramingError(f"{folder}: the run that writes here is not finished; run it again to go on")
    written = [line for line in lines if "file" in line]
    for line in written:
        _check_as_written(folder / str(line["file"]), line)
    filled = tuple(folder / str(line["file"]) for line in written if line.get("rows") != 0)
    if not filled:
        raise FramingError(f"{folder}: the run wrote no row, all of its inputs failed; {REJECTS} says why")
    return filled


def _check_as_written(path: Path, line: Mapping[str, Any]) -> None:
    """Raise FramingError where a shard is not what the manifest says: its figures would be of a part of the corpus."""
    try:
        same = path.stat().st_size == line.get("bytes") and sha256_of(path) == line.get("sha256")
    except FileNotFoundError:
        same = False
    except OSError as error:
        raise FramingError(f"{path}: cannot be read: {error.strerror or error}") from error
    if not same:
        raise FramingError(
            f"{path}: is missing or was changed since the run wrote it (see {MANIFEST}); put it back, or export anew "
            "into another folder"
        )


class RunFolder:
    """The folder of a run with its three logs, cut back to the last shard that was finished."""

    def __init__(self, folder: Path, head: Mapping[str, Any]) -> None:
        self._folder, self._head = folder, head
        self._stack = ExitStack()
        self._seen = self._stack.enter_context(closing(Seen()))
        self.shards = self._articles = self._rows = self._rejected = self._repeated = 0
        self.totals: Summary | None = None

    def __enter__(self) -> RunFolder:
        path = self._folder / MANIFEST
        with _saying(self._folder):
            if not path.exists() and any(not entry.name.startswith(".") for entry in self._folder.iterdir()):
                raise UsageError(f"{self._folder} holds other files and no {MANIFEST}; name a new folder with -o")
            self._clear()
            lines, length = _whole_lines(path)
            lengths = {REJECTS: 0, SEEN: 0}
            if lines:
                self._check_head(lines[0])
                for line in lines[1:]:
                    if "total" in line:
                        self.totals = Summary(**line["total"])
                    else:
                        self._check_shard(line)
                        lengths = {REJECTS: line["rejects_bytes"], SEEN: line["seen_bytes"]}
            self._files = {} if self.totals else {
                name: self._cut_back(name, at) for name, at in {MANIFEST: length, **lengths}.items()
            }  # fmt: skip
            if not self.totals:
                self._know_again()
                if not lines:
                    self._add(MANIFEST, self._head)
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        self._clear()

    def _clear(self) -> None:
        for left in self._folder.glob(".shard-*.part*"):
            left.unlink(missing_ok=True)
        for left in self._folder.glob("..shard-*"):
            left.unlink(missing_ok=True)

    def _check_head(self, line: Mapping[str, Any]) -> None:
        for name, said in (("framing", "version of framing"), ("model", "model"), ("inputs", "input"),
                           ("shard_bytes", "shard size"), ("options", "option")):  # fmt: skip
            if line.get(name) != self._head[name]:
                raise UsageError(
                    f"{self._folder} was begun with another {said}{_difference(line.get(name), self._head[name])}; "
                    "run it as before, or name another folder with -o"
                )

    def _check_shard(self, line: Mapping[str, Any]) -> None:
        path = self._folder / line["file"]
        if not path.exists() or path.stat().st_size != line["bytes"]:
            raise FramingError(f"{path} is missing or was changed; delete the folder and begin anew")
        self.shards += 1
        self._articles += line["articles"]
        self._rows += line["rows"]
        self._rejected += line["rejected"]
        self._repeated += line["repeated"]

    def _cut_back(self, name: str, length: int) -> IO[bytes]:
        path = self._folder / name
        if length and (not path.exists() or path.stat().st_size < length):
            raise FramingError(f"{path} is missing or was changed; delete the folder and begin anew")
        file = self._stack.enter_context(path.open("ab", buffering=0))
        file.truncate(length)
        return file

    def _know_again(self) -> None:
        with (self._folder / SEEN).open("rb") as file:
            for line in file:
                self._seen.check(Key(*json.loads(line)))

    def _add(self, name: str, *values: object) -> None:
        data = "".join(to_json(value) + "\n" for value in values).encode()
        file = self._files[name]
        while data:
            data = data[file.write(data) :]
        os.fsync(file.fileno())

    def take(self, done: Done, job: Job, model: Model) -> None:
        """Move the shard of the next slice into place and write it down."""
        if not Path(done.file).exists():
            raise FramingError(f"{done.file}: a worker wrote it where this machine does not see it; {SAME_PATHS}")
        dropped: dict[int, Failed | Repeated] = {}
        for number, item in enumerate(done.items):
            why = item.failed if item.key is None else self._seen.check(item.key)
            if why is not None:
                dropped[number] = why
        if any(done.items[number].failed is None for number in dropped):
            without(done, dropped, job, model)
        kept = [item for number, item in enumerate(done.items) if number not in dropped]
        repeated = sum(isinstance(why, Repeated) for why in dropped.values())
        shard = self.shards + 1
        name = f"shard-{shard:05}.{job.format}"
        with _saying(self._folder):
            self._add(REJECTS, *(_reject(shard, why) for why in dropped.values()))
            self._add(SEEN, *([item.key.text, item.key.id, item.key.shown_id, item.key.origin]
                              for item in kept if item.key))  # fmt: skip
            part, path = Path(done.file), self._folder / name
            line = {"shard": shard, "file": name, "articles": len(kept), "rows": sum(item.rows for item in kept),
                    "rejected": len(dropped) - repeated, "repeated": repeated,
                    "bytes": part.stat().st_size, "sha256": sha256_of(part)}  # fmt: skip
            with part.open("rb") as written:
                os.fsync(written.fileno())  # a manifest never names a shard that a power failure can take back
            part.replace(path)
            lengths = {f"{log}_bytes": os.fstat(self._files[log_name].fileno()).st_size
                       for log, log_name in (("rejects", REJECTS), ("seen", SEEN))}  # fmt: skip
            self._add(MANIFEST, line | lengths)
        self.shards = shard
        self._articles += len(kept)
        self._rows += sum(item.rows for item in kept)
        self._rejected += len(dropped) - repeated
        self._repeated += repeated

    def finish(self) -> Summary:
        """Write the totals, and take away what only an unfinished run needs."""
        totals = Summary(self.shards, self._articles, self._rows, self._rejected, self._repeated)
        with _saying(self._folder):
            self._add(MANIFEST, {"total": asdict(totals)})
            self._stack.close()
            (self._folder / SEEN).unlink()
        return totals


def _reject(shard: int, why: Failed | Repeated) -> dict[str, object]:
    if isinstance(why, Repeated):
        kind, reason = "repeated", f"the same article as {why.first}"
    else:
        kind, reason = "failed", why.message.removeprefix(f"{why.origin}: ")
    return {"shard": shard, "place": why.origin, "kind": kind, "reason": reason}


def _difference(before: object, now: object) -> str:
    if isinstance(before, list) and isinstance(now, list):
        changed = [new["input"] for new in now if new not in before]
        return f" ({changed[0]})" if changed else ""
    if isinstance(before, dict) and isinstance(now, dict):
        return f" ({next(name for name in now if before.get(name) != now[name])})"
    return ""


def _whole_lines(path: Path) -> tuple[list[dict[str, Any]], int]:
    """Return the lines of a log that were written whole, and their length in bytes."""
    data = path.read_bytes() if path.exists() else b""
    length = data.rfind(b"\n") + 1
    try:
        lines = [json.loads(line) for line in data[:length].splitlines()]
    except ValueError:
        lines = [None]
    if not all(isinstance(line, dict) for line in lines):
        raise FramingError(f"{path} is damaged; delete the folder and begin anew")
    return lines, length


@contextmanager
def _saying(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FramingError(
            f"cannot write {folder}: {error.strerror or error}; make room or get permission, and run it again to go on"
        ) from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Keep a second run out of the folder; the system takes the lock away with the process."""
    try:
        import fcntl
    except ImportError:  # Windows
        yield
        return
    with _saying(folder):
        handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise UsageError(f"{folder}: another run writes there; wait for it, or name another folder") from None
    try:
        yield
    finally:
        os.close(handle)
