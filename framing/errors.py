"""Every error that a user can cause: one tree, one line each.

A message says what is wrong, where, and what to do. The command line turns a `FramingError` into that line on
stderr and exit code 1 (2 for `UsageError`); library callers catch `FramingError` or the branch they care about.
"""

from __future__ import annotations

from pathlib import Path


class FramingError(Exception):
    """The root of all errors that framing raises on purpose."""


class UsageError(FramingError):
    """Options that do not fit together, or an option's value that cannot be (exit code 2)."""


class InputError(FramingError):
    """An article, page, corpus row or address that cannot be read."""


class LabelsError(FramingError):
    """A codebook, paragraphs, codes or labelled rows that cannot be used."""


class ModelError(FramingError):
    """A model that is missing, damaged, foreign or newer than this program."""


class MissingExtraError(FramingError):
    """A feature that needs a package which is not installed; the message says how to install it."""


def place(path: Path | str, line: int | None = None) -> str:
    """Return `path` or `path:line`, the form in which every error names a place (lines count from 1)."""
    return str(path) if line is None else f"{path}:{line}"
