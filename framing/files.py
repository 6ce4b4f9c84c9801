"""Files are written whole or not at all: to a temporary name beside the target, then moved into place."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

from framing.errors import FramingError


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
    """Open a temporary UTF-8 text file (line ends as written) that becomes `path`, as `replacing` does."""
    with replacing(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
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
