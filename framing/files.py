"""Files are written whole or not at all: to a temporary name beside the target, then moved into place.

Also what is asked of a path: whether it is meant as a folder, and a file's hash.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from framing.errors import FramingError


def is_folder(output: Path | str) -> bool:
    """Return whether an output is meant as a folder: it is one, its name ends in a slash, or it is not there yet and
    has no ending.
    """
    path = Path(output)
    return path.is_dir() or (not path.exists() and (str(output).endswith(("/", os.sep)) or not path.suffix))


def sha256_of(path: Path) -> str:
    """Return the sha256 (hex) of a file's bytes. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """Open a temporary file for bytes that becomes `path` when the block ends without an error.

    The parent folder must exist. Raises FramingError where the file cannot be written; an earlier file at `path`
    then stays as it was. A link is followed; a device or a pipe is written to as it is.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        with _writing(path), path.open("wb") as device:
            yield device
        return
    target = path.resolve()
    with _writing(path):
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                yield file
            temporary.chmod(0o666 & ~_umask())
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)


@contextmanager
def replacing_text(path: Path) -> Iterator[TextIO]:
    """Open a temporary UTF-8 text file (line ends as written) that becomes `path`, as `replacing` does.

    Bytes of a file's name that are no UTF-8 are written as `\\udcff`, as on standard output.
    """
    with replacing(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
        yield text
        text.flush()
        text.detach()


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FramingError(f"cannot write {path}: {error.strerror or error}") from error


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def make_folder(path: Path) -> None:
    """Make a folder and its parents. Raises FramingError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FramingError(f"cannot make the folder {path}: {error.strerror or error}") from error


def write_together(contents: Mapping[Path, Iterable[str]], stale: Collection[Path] = ()) -> None:
    """Write several text files and remove the stale ones: all of them, or none where one cannot be written.

    All are written under temporary names first; then they are moved into place in the order given. Where a move fails
    or is interrupted (Ctrl-C), the files moved before it are put back. Raises FramingError.
    """
    before: dict[Path, bytes | None] = {}
    for path in [*contents, *stale]:
        with _writing(path):
            before[path] = path.read_bytes() if path.exists() else None
    with ExitStack() as stack:
        waiting: list[tuple[Path, Path]] = []
        for path, lines in contents.items():
            with _writing(path):
                handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
                temporary = Path(name)
                stack.callback(temporary.unlink, missing_ok=True)
                with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
                    file.writelines(lines)
                temporary.chmod(0o666 & ~_umask())
                waiting.append((temporary, path))
        try:
            for temporary, path in waiting:
                with _writing(path):
                    temporary.replace(path)
            for path in stale:
                with _writing(path):
                    path.unlink(missing_ok=True)
        except BaseException:
            moved = [path for temporary, path in waiting if not temporary.exists()]
            for path in [*moved, *(path for path in stale if not path.exists())]:
                content = before[path]
                path.unlink(missing_ok=True) if content is None else path.write_bytes(content)
            raise
