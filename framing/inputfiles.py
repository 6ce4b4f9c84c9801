"""The files that a comparison was made from, each with its hash, so that it can be made again and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from framing.comparison import InputFile
from framing.errors import InputError
from framing.files import sha256_of
from framing.model import Model

Role = Literal["corpus", "audit", "groups", "sources", "model"]


def hashed_inputs(
    corpus: Sequence[str], audit: str | None, groups: str | None, sources: str | None, model: Model | None
) -> tuple[InputFile, ...]:
    """Return all that was read. Raises InputError where something cannot be read."""
    found = [hashed("corpus", given) for given in corpus]
    others: tuple[tuple[Role, str | None], ...] = (("audit", audit), ("groups", groups), ("sources", sources))
    found += [hashed(role, given) for role, given in others if given is not None]
    if model is not None:
        sha256 = str(model.manifest.get("sha256", ""))
        found.append(InputFile("model", model.name, sha256, 0))
    return tuple(found)


def hashed(role: Role, given: str) -> InputFile:
    """Return a file with its hash; a folder with the hash of its files' names and hashes (hidden ones do not count)."""
    path = Path(given)
    try:
        if not path.is_dir():
            return InputFile(role, given, sha256_of(path), path.stat().st_size)
        whole, total = hashlib.sha256(), 0
        for file in sorted(_files(path)):
            whole.update(f"{sha256_of(file)}  {file.relative_to(path).as_posix()}\n".encode("utf-8", "surrogateescape"))
            total += file.stat().st_size
        return InputFile(role, given, whole.hexdigest(), total)
    except OSError as error:
        raise InputError(f"{given}: cannot be read: {error.strerror or error}") from error


def _files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path
