"""What is said alike in the terminal, on the pages and in the files: counts with nouns, shares, two verdicts."""

from __future__ import annotations

from typing import Protocol

CANNOT_TELL = "cannot tell apart"
"""Of groups whose difference is not supported."""
TOUCHES_NOTHING = "Not corrected: the audit touches no group."
"""Of an audit all of whose paragraphs are in no share."""
NOT_AUDITED = "not audited"
"""Of shares that no audit corrected."""


class Ranged(Protocol):
    """A share, 0 to 1, with the ends of its interval."""

    @property
    def value(self) -> float:
        """The share."""

    @property
    def low(self) -> float:
        """The lower end."""

    @property
    def high(self) -> float:
        """The upper end."""


def counted(number: int, noun: str, plural: str = "s") -> str:
    """Return a number with its noun, in the plural unless it is one."""
    return f"{number:,} {noun}" + ("" if number == 1 else plural)


def percent(share: float) -> str:
    """Return a share in whole percent."""
    return f"{100 * share:.0f} %"


def probability(share: float) -> str:
    """Return a probability in percent; none is ever shown as certain."""
    return ">99 %" if share > 0.995 else percent(share)


def percents(share: Ranged, dash: str = "–") -> str:
    """Return a share with its interval in whole percent; a terminal gets a hyphen as the dash."""
    return f"{percent(share.value)} ({100 * share.low:.0f}{dash}{100 * share.high:.0f})"
