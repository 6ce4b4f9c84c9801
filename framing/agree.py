"""How far coders agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from framing.labels import Code


def krippendorff_alpha(codes: Mapping[str, Mapping[str, Code]], units: Sequence[str]) -> dict[str, Any] | None:
    """Return Krippendorff's alpha (nominal) over the units that at least two coders coded, as plain values.

    None where no unit has two codes, or where only one label was ever given, so that alpha is not defined. The figure
    is nltk's (metrics.agreement; Krippendorff 2004, chapter 11).
    """
    from nltk.metrics.agreement import AnnotationTask

    given = {
        unit: [(coder, unit, own[unit].label) for coder, own in codes.items() if unit in own and own[unit].label]
        for unit in units
    }
    shared = {unit: rows for unit, rows in given.items() if len(rows) > 1}
    data = [row for rows in shared.values() for row in rows]
    if len({label for _, _, label in data}) < 2:
        return None
    return {
        "alpha": round(float(AnnotationTask(data=data).alpha()), 6),
        "coders": sorted({coder for coder, _, _ in data}),
        "units": len(shared),
        "differ": sum(len({label for _, _, label in rows}) > 1 for rows in shared.values()),
    }
