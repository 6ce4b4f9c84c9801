"""The logs of codes: a code is appended, and on the disk, before anybody is told that it is saved.

One row is one whole line, written in one piece behind the last, under a lock that holds across threads and processes,
and synced. What a crash left of a row (a torn last line) is closed off by a line end before the next row, so that
nothing runs together; whoever reads the log passes over it (see `framing.rows.is_torn`). A row may have keys beside
those of a code: `key`, by which a row that is sent twice is known; `withdrawn`, which takes the code before it back;
`undo`, which marks what an undo wrote.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from framing.errors import FramingError, LabelsError
from framing.files import make_folder
from framing.labels import ADJUDICATED, Code, check_coder
from framing.scoredjson import to_json

CODES = "codes"
_FIELDS = ("label", "secondary", "sure", "comment", "time", "codebook_version", "reason", "adjudicator")
_LOCK = ".lock"
"""Bytes from the end of a log in which its last line is looked for; no code is longer."""

Signature = tuple[int, int, int]
"""What tells that a file was not changed: its inode, size and time of change (ns)."""


@dataclass(frozen=True, slots=True)
class Appended:
    """What an append did to the file."""

    before: Signature | None
    """None where there was no file."""
    after: Signature


def log_row(code: Code) -> dict[str, Any]:
    """Return what a log says of a code, beside its unit: the label, and whatever else is there."""
    values = {name: getattr(code, name) for name in _FIELDS}
    return {name: value for name, value in values.items() if value is not None or name == "label"}


def log_path(folder: Path, coder: str) -> Path:
    """Return the log of a coder in a labels folder. Raises UsageError for a name that is none, and so no file's."""
    return folder / CODES / f"{coder if coder == ADJUDICATED else check_coder(coder)}.jsonl"


def append_rows(folder: Path, coder: str, rows: Sequence[Mapping[str, Any]]) -> Appended:
    """Append rows to the log of a coder; they are on the disk when this returns.

    All of them are written or none. Raises UsageError for a name that cannot be, FramingError where the log cannot be
    written, LabelsError where it is no plain file of this folder.
    """
    path = log_path(folder, coder)
    lines = "".join(to_json(row) + "\n" for row in rows).encode()
    is_first = not path.parent.exists()
    make_folder(path.parent)
    check_inside(path.parent, folder)
    try:
        if is_first:
            _sync_folder(folder)
        with locked(path.parent):
            return _append(path, lines)
    except OSError as error:
        raise FramingError(f"cannot write {path}: {error.strerror or error}") from error


def _append(path: Path, lines: bytes) -> Appended:
    is_new = not path.exists()
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    if path.is_symlink():
        raise LabelsError(f"{path}: is a link; codes are written to plain files of the folder only")
    file = os.open(path, flags, 0o666)
    try:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            raise LabelsError(f"{path}: is no plain file; codes are written to plain files of the folder only")
        closed = lines if _ends_a_line(file, about.st_size) else b"\n" + lines
        try:
            _write(file, closed)
            os.fsync(file)
        except OSError:
            os.ftruncate(file, about.st_size)  # a full disk leaves no half row
            raise
        after = _signature(os.fstat(file))
    finally:
        os.close(file)
    if is_new:
        _sync_folder(path.parent)
    return Appended(None if is_new else _signature(about), after)


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]


def _ends_a_line(file: int, size: int) -> bool:
    if size == 0:
        return True
    os.lseek(file, size - 1, os.SEEK_SET)
    return os.read(file, 1) == b"\n"


def signature_of(path: Path) -> Signature | None:
    """Return what tells whether a file was changed since, None where there is none."""
    try:
        return _signature(path.stat())
    except OSError:
        return None


def _signature(about: os.stat_result) -> Signature:
    return about.st_ino, about.st_size, about.st_mtime_ns


def check_inside(path: Path, folder: Path) -> None:
    """Raise LabelsError where a file or folder is, or lies behind, a link that leads out of a labels folder."""
    if not path.resolve().is_relative_to(folder.resolve()):
        raise LabelsError(f"{path}: is a link that leads out of {folder}; put what it leads to there itself")


def check_all_inside(folder: Path) -> None:
    """Raise LabelsError where anything in a labels folder is a link that leads out of it."""
    for place, folders, files in os.walk(folder):
        for name in (*folders, *files):
            if (path := Path(place, name)).is_symlink():
                check_inside(path, folder)


@contextmanager
def locked(codes: Path) -> Iterator[None]:
    """Hold the lock of a folder of logs, which one thread of one process can hold at a time.

    It is the folder itself that is locked, where the system can do so, so that no file is left behind and a log may be
    replaced meanwhile; a process that dies lets go of it.
    """
    if sys.platform == "win32":
        with _locked_by_file(codes / _LOCK):
            yield
        return
    import fcntl

    handle = os.open(codes, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def _locked_by_file(path: Path) -> Iterator[None]:
    """Hold a lock on the first byte of a hidden file: Windows locks no folders."""
    import msvcrt
    import time

    with path.open("a+b") as file:
        while True:
            try:
                file.seek(0)
                msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
                break
            except OSError:  # it gives up after ten seconds
                time.sleep(0.1)
        try:
            yield
        finally:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]


def _sync_folder(path: Path) -> None:
    """Put a new file's name on the disk as well; Windows does so by itself."""
    if sys.platform != "win32":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
