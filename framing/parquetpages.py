"""The sizes of the pages of a Parquet column, read from the page headers alone.

A page is the least that can be read of a column, so the largest one tells what reading it takes; no library tells it.
The headers are Thrift structs in the compact protocol (github.com/apache/parquet-format, PageHeader; Thrift's
thrift-compact-protocol.md): fields 2 and 3 are the unpacked and the packed size, the rest is passed over.
"""

from __future__ import annotations

from typing import IO

from framing.errors import InputError

_STOP, _TRUE, _FALSE, _BYTE, _INTEGERS, _DOUBLE, _BINARY, _LISTS, _STRUCT = (
    0, 1, 2, 3, (4, 5, 6), 7, 8, (9, 10), 12,
)  # fmt: skip
_DEEPEST = 20


def largest_page(file: IO[bytes], start: int, length: int) -> int:
    """Return the size, unpacked, of the largest of the pages that lie in `length` bytes from `start` on.

    Raises InputError where these are no pages.
    """
    at, largest = start, 0
    while at < start + length:
        file.seek(at)
        sizes = _integers(file)
        unpacked, packed = sizes.get(2, -1), sizes.get(3, -1)
        if unpacked < 0 or packed < 0:
            raise InputError("is not a whole Parquet file (a page has no size); get or make it again")
        largest = max(largest, unpacked)
        at = file.tell() + packed
    return largest


def _integers(file: IO[bytes], depth: int = 0) -> dict[int, int]:
    """Read a struct and return its fields that are whole numbers."""
    found: dict[int, int] = {}
    number = 0
    while (head := _byte(file)) & 15 != _STOP:
        number = number + (head >> 4) if head >> 4 else _signed(file)
        kind = head & 15
        if kind in _INTEGERS:
            found[number] = _signed(file)
        elif kind not in (_TRUE, _FALSE):
            _pass_over(file, kind, depth + 1)
    return found


def _pass_over(file: IO[bytes], kind: int, depth: int) -> None:
    if depth > _DEEPEST:
        raise InputError("is not a whole Parquet file (a page header nests too deeply); get or make it again")
    if kind in (_TRUE, _FALSE, _BYTE):
        _byte(file)
    elif kind in _INTEGERS:
        _unsigned(file)
    elif kind == _DOUBLE:
        file.seek(8, 1)
    elif kind == _BINARY:
        file.seek(_unsigned(file), 1)
    elif kind in _LISTS:
        head = _byte(file)
        for _ in range(head >> 4 if head >> 4 < 15 else _unsigned(file)):
            _pass_over(file, head & 15, depth + 1)
    elif kind == _STRUCT:
        _integers(file, depth)
    else:
        raise InputError("is not a whole Parquet file (a page header cannot be read); get or make it again")


def _signed(file: IO[bytes]) -> int:
    value = _unsigned(file)
    return value >> 1 ^ -(value & 1)


def _unsigned(file: IO[bytes]) -> int:
    value = shift = 0
    while shift < 70:
        byte = _byte(file)
        value |= (byte & 127) << shift
        if byte < 128:
            return value
        shift += 7
    raise InputError("is not a whole Parquet file (a number has no end); get or make it again")


def _byte(file: IO[bytes]) -> int:
    byte = file.read(1)
    if not byte:
        raise InputError("is not a whole Parquet file (it ends in a page header); get or make it again")
    return byte[0]
