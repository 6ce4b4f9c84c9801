"""Plain JSON values back to the frozen dataclasses that `dataclasses.asdict` made them from.

Tuples, mappings, unions with None, literals and nested dataclasses are checked against the annotations; a whole number
stands for a float as well.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Literal


def from_plain(kind: Any, value: Any) -> Any:
    """Return a JSON value as the annotated type has it. Raises KeyError, TypeError or ValueError."""
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in inner:
            return None
        return from_plain(next(one for one in inner if one is not type(None)), value)
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise TypeError(f"a list was expected, not {type(value).__name__}")
        if inner[-1] is Ellipsis:
            return tuple(from_plain(inner[0], one) for one in value)
        return tuple(from_plain(one_kind, one) for one_kind, one in zip(inner, value, strict=True))
    if origin in (dict, Mapping):
        if not isinstance(value, dict):
            raise TypeError(f"an object was expected, not {type(value).__name__}")
        return {from_plain(inner[0], key): from_plain(inner[1], one) for key, one in value.items()}
    if origin is Literal:
        if value not in inner:
            raise ValueError(f"{value!r} is none of {', '.join(map(str, inner))}")
        return value
    if is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        return kind(**{one.name: from_plain(hints[one.name], value[one.name]) for one in fields(kind)})
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError as error:
            raise ValueError("a number that is too large") from error
    if isinstance(kind, type) and not isinstance(value, kind):
        raise TypeError(f"{kind.__name__} was expected, not {type(value).__name__}")
    return value
