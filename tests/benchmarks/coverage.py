"""Do the intervals hold? `python -m tests.benchmarks.coverage [--runs N] [--cells WORDS]` simulates audits and prints.

For each cell, the corpora of tests/benchmarks/audits.py are drawn anew in each run. Beside the intervals of
framing.prevalence stand the binomial one of counted predictions and the clustered prediction-powered one with z
(weight and variance from the group's own articles). What is asked of a cell, and what misses it, stands at the end.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from framing.differences import Differences, find_differences
from framing.features import Floats
from framing.planning import articles_needed
from framing.prevalence import Prevalence, Shares
from tests.benchmarks.audits import NONE, SENSITIVITY, SHARES, Cell, Data, correlation, simulate

Z = 1.959964
LEAST, MOST = 0.93, 0.99
"""Intervals hold at least so often; where they hold more often than the second they are conservative."""
LONGER, GAIN, FALSE, PLANNED = 1.02, 0.7, 0.05, 0.2
SIDE = 4
"""Every so many runs the corpus's own shares and the peers are asked too."""
WAYS = ("corrected", "framed", "finite", "by hand", "plain z", "naive")
CHUNK = 100


@dataclass(frozen=True)
class Outcome:
    """For each way to count: whether each interval held (runs, groups, K), and half its length; false differences."""

    held: dict[str, Floats]
    half: dict[str, Floats]
    false: Floats
    """Whether any difference was called wrongly (runs): among all paragraphs, among the framed ones."""


def plain(data: Data, number: int) -> tuple[Floats, Floats]:
    """Return the clustered prediction-powered estimate and its half-width (K each), with z and own variances only."""
    f = data.predicted[data.group == number]
    own = np.flatnonzero(data.group[data.audited] == number)
    weights = 1 / data.inclusion[own]
    weights = weights / weights.sum()
    places = np.unique(data.article[data.audited[own]], return_inverse=True)[1]
    codes, predicted = data.codes[own], data.predicted[data.audited[own]]

    def totals(values: Floats) -> Floats:
        sums = np.zeros((places.max() + 1, values.shape[1]))
        np.add.at(sums, places, weights[:, None] * (values - weights @ values))
        return sums

    t_codes, t_predicted = totals(codes), totals(predicted)
    weight = np.clip((t_codes * t_predicted).sum() / max((t_predicted**2).sum(), 1e-12), 0, 1)
    count = len(t_codes)
    value = weight * f.mean(axis=0) + weights @ (codes - weight * predicted)
    variance = count / (count - 1) * ((t_codes - weight * t_predicted) ** 2).sum(axis=0)
    return value, Z * np.sqrt(variance)


def study(cell: Cell, runs: int, seed: int | Sequence[int] = 0, *, differences: bool = False) -> Outcome:
    """Simulate a cell so many times."""
    rng = np.random.default_rng(seed)
    held: dict[str, list[Floats]] = {name: [] for name in WAYS}
    half: dict[str, list[Floats]] = {name: [] for name in WAYS}
    false = []
    for run in range(runs):
        data = simulate(cell, rng)
        found = data.estimate()
        for name, low, high, true in _intervals(data, found, cell, peers=run % SIDE == 0):
            held[name].append(((low <= true + 1e-12) & (true <= high + 1e-12)).astype(np.float64))
            half[name].append((high - low) / 2)
        if differences:
            false.append([wrong(found, cell.shares, framed) for framed in (False, True)])
    return Outcome(
        {name: np.array(one) for name, one in held.items()},
        {name: np.array(one) for name, one in half.items()},
        np.array(false, dtype=np.float64).reshape(-1, 2),
    )


def _intervals(
    data: Data, found: Prevalence, cell: Cell, *, peers: bool
) -> Iterator[tuple[str, Floats, Floats, Floats]]:
    true = cell.shares
    yield "corrected", *_ends([one.corrected for one in found.groups]), true
    yield "by hand", *_ends([one.by_hand for one in found.groups]), true
    framed = true[:, :NONE] / true[:, :NONE].sum(axis=1, keepdims=True)
    yield "framed", *_ends([Shares(tuple(s for s in one.corrected.framed if s), ()) for one in found.groups]), framed
    if peers:
        yield "naive", *_ends([one.naive for one in found.groups]), true
        finite = data.estimate(finite=True)
        yield "finite", *_ends([one.corrected for one in finite.groups]), data.in_corpus
        values = [plain(data, number) for number in range(len(true))]
        yield "plain z", np.array([v - h for v, h in values]), np.array([v + h for v, h in values]), true


def _ends(shares: Sequence[Shares]) -> tuple[Floats, Floats]:
    return np.array([[s.low for s in one.all] for one in shares]), np.array(
        [[s.high for s in one.all] for one in shares]
    )


@lru_cache
def tukey(groups: int) -> float:
    """Return the critical value for all pairs of groups in one normal figure with known variance (Tukey)."""
    from scipy.stats import studentized_range

    return float(studentized_range.ppf(0.95, groups, np.inf)) / 2**0.5


def wrong(found: Prevalence, true: Floats, framed: bool) -> bool:
    """Return whether any difference is called where there is none, or with the wrong sign."""
    # The critical value takes long. With one label and pairs alone it would be Tukey's: where nothing wrong is called
    # with a little less than that, nothing is called with more.
    if len(true) < 2:
        return False
    least = max(tukey(len(true)) - 0.05, Z)
    if not _any_wrong(find_differences(found, framed=framed, critical=least), found, true, framed):
        return False
    return _any_wrong(find_differences(found, framed=framed), found, true, framed)


def _any_wrong(differences: Differences, found: Prevalence, true: Floats, framed: bool) -> bool:
    sizes = np.array([one.paragraphs for one in found.groups], dtype=np.float64)
    if framed:
        sizes = sizes * [1 - one.corrected.all[NONE].value for one in found.groups]
        true = true / true[:, :NONE].sum(axis=1, keepdims=True)
    for one in differences.found:
        if one.verdict == "cannot tell apart":
            continue
        others = sizes * (np.arange(len(true)) != one.group)
        other = others / others.sum() if one.other is None else np.eye(len(true))[one.other]
        difference = true[one.group, one.label] - other @ true[:, one.label]
        if abs(difference) < 1e-9 or (difference > 0) != (one.verdict == "higher"):
            return True
    return False


PREVALENCES, ICCS, AUDITED = (0.02, 0.05, 0.15, 0.3, 0.6), (0.0, 0.05, 0.2), (6, 12, 30)


def cells() -> Iterator[tuple[str, Cell]]:
    """Yield title and setting: the grid, then what could go wrong."""
    for share in PREVALENCES:
        shares = np.tile(np.array([share, *(1 - share) * np.array([0.1, 0.15, 0.75])]), (4, 1))
        for icc in ICCS:
            for audited in AUDITED:
                yield f"grid {share:.0%} icc {icc} n {audited}", Cell(shares, icc, (audited,) * 4)
    same = np.tile(SHARES, (4, 1))
    for icc in ICCS:
        many = np.random.default_rng(0).integers(6, 13, 30).tolist()
        crowd = Cell(np.tile(SHARES, (30, 1)), icc, many, articles=60, per_article=(1, 3))
        yield f"30 groups icc {icc} n 6-12", crowd
    for audited in AUDITED:
        yield f"useless n {audited}", Cell(same, 0.05, (audited,) * 4, sensitivity=(0.0,))
        uneven = (0.3, 0.5, 0.7, 0.9)
        yield f"sensitivities .3-.9 n {audited}", Cell(same, 0.05, (audited,) * 4, sensitivity=uneven)
        yield f"one useless of 4 n {audited}", Cell(same, 0.05, (audited,) * 4, sensitivity=(0.0, 0.7, 0.7, 0.7))
    apart = np.array([[0.02, 0.02, 0.02, 0.94], [0.3, 0.1, 0.1, 0.5], [0.6, 0.05, 0.05, 0.3], [0.1, 0.1, 0.1, 0.7]])
    for audited in AUDITED:
        yield f"groups far apart n {audited}", Cell(apart, 0.2, (audited,) * 4)
        yield f"one group alone n {audited}", Cell(SHARES[None], 0.2, (audited,))
        yield f"trained n {audited}", Cell(same, 0.05, (audited,) * 4, articles=60, trained=True)
    balanced = np.tile([0.15, 0.25, 0.2, 0.4], (4, 1))
    yield "trained balanced n 30", Cell(balanced, 0.05, (30,) * 4, articles=60, trained=True)
    yield "n 6, 10, 20, 60", Cell(same, 0.2, (6, 10, 20, 60))
    yield "15 of 25 articles", Cell(same, 0.2, (15,) * 4, articles=25)
    for audited in (6, 12):
        good = Cell(same, 0.05, (audited,) * 4, sensitivity=(0.95,), specificity=0.99)
        yield f"excellent classifier n {audited}", good


@dataclass(frozen=True)
class Row:
    """The figures of a cell; an estimate with its Monte-Carlo error is a pair."""

    title: str
    runs: int
    first: dict[str, tuple[float, float]]
    """How often the intervals of the first label held."""
    lowest: dict[str, float]
    """The same for the label that held least."""
    longer: tuple[float, float]
    """Mean half-width by that of hand labels alone: of the first label, over all labels."""
    gain: float | None
    """The part of the possible gain that was reached; None where the first label's predictions are not that good."""
    false: tuple[tuple[float, float], tuple[float, float]]

    def missed(self) -> Iterator[str]:
        for name in ("corrected", "framed", "finite", "by hand"):
            if self.first[name][0] < LEAST:
                yield f"{name} holds in {self.first[name][0]:.3f} (first label)"
            if self.lowest[name] < LEAST:
                yield f"{name} holds in {self.lowest[name]:.3f} (lowest label)"
        for what, one in zip(("first label", "all labels"), self.longer, strict=True):
            if one > LONGER:
                yield f"half-width {one:.3f} of hand labels ({what})"
        if self.gain is not None and self.gain < GAIN:
            yield f"{self.gain:.0%} of the possible gain"
        for what, (one, _) in zip(("all", "framed"), self.false, strict=True):
            if one > FALSE:
                yield f"false differences in {one:.3f} of audits ({what})"

    def line(self) -> str:
        first = " ".join(f"{100 * self.first[w][0]:5.1f}±{100 * self.first[w][1]:.1f}" for w in WAYS[:4])
        peers = " ".join(f"{100 * self.first[w][0]:5.1f}" for w in WAYS[4:])
        lowest = " ".join(f"{100 * self.lowest[w]:5.1f}" for w in WAYS[:3])
        gain = "    " if self.gain is None else f"{100 * self.gain:3.0f}%"
        false = " ".join(f"{100 * one:4.1f}±{100 * error:.1f}" for one, error in self.false)
        longer = " ".join(f"{one:.3f}" for one in self.longer)
        return f"{self.title:28} {self.runs:5} | {first} | {peers} | {lowest} | {longer} {gain} | {false}"


HEAD = f"""{"95 % intervals that hold (%)":34} | first label: {", ".join(WAYS[:4])} | {", ".join(WAYS[4:])} \
| lowest label: {", ".join(WAYS[:3])} | half-width by hand labels': first, all labels; gain \
| false differences (%): all, framed"""


def row(title: str, cell: Cell, outcomes: Sequence[Outcome]) -> Row:
    """Put the parts of a cell's study together."""
    held = {way: np.concatenate([one.held[way] for one in outcomes]) for way in WAYS}
    half = {way: np.concatenate([one.half[way] for one in outcomes]) for way in ("corrected", "by hand")}
    lengths = [half["corrected"][..., label].mean() / half["by hand"][..., label].mean() for label in (0, slice(None))]
    rho = correlation(cell.shares[0], cell.sensitivity[0], 0, cell.specificity)
    gain = None
    if rho >= 0.5 and len(cell.sensitivity) == 1 and not cell.trained and np.ptp(cell.shares, axis=0).max() == 0:
        # The article is the unit, as in the estimator: n audited articles of all.
        seen = np.mean(cell.audited) / cell.articles
        gain = (1 - lengths[0]) / (1 - np.sqrt(1 - rho**2 * (1 - seen)))
    false = np.concatenate([one.false for one in outcomes])
    called = [_estimated(false[:, part]) if len(false) else (0.0, 0.0) for part in (0, 1)]
    return Row(
        title,
        len(held["corrected"]),
        {way: _estimated(held[way][..., 0].mean(axis=1)) for way in WAYS},
        {way: float(held[way].mean(axis=(0, 1)).min()) for way in WAYS},
        (float(lengths[0]), float(lengths[1])),
        gain,
        (called[0], called[1]),
    )


def _estimated(values: Floats) -> tuple[float, float]:
    return float(values.mean()), float(values.std() / len(values) ** 0.5)


def planned(runs: int, seed: int = 0) -> Iterator[tuple[str, float]]:
    """Yield what a plan says and the median half-width that its audits reach, and by how much they differ."""
    for number, (half, share, icc) in enumerate(
        ((0.05, 0.05, 0.05), (0.08, 0.15, 0.2), (0.1, 0.3, 0.05), (0.1, 0.6, 0.2))
    ):
        shares = np.tile(np.array([share, *(1 - share) * np.array([0.1, 0.15, 0.75])]), (4, 1))
        rho = correlation(shares[0], SENSITIVITY, 0)
        for name, known in (("by hand", 0.0), ("corrected", rho)):
            plan = articles_needed(half, share, icc, correlation=known, length_variation=0.78)
            cell = Cell(shares, icc, (plan.articles,) * 4, articles=max(400, 5 * plan.articles))
            reached = float(np.median(study(cell, runs, (seed, number)).half[name][..., 0]))
            yield (
                f"plan {half} at {share:.0%} icc {icc} {name}: {plan.articles} articles, median {plan.median:.3f}, "
                f"reached {reached:.3f} ({reached / plan.median - 1:+.0%})",
                reached / plan.median - 1,
            )


def main() -> None:
    """Simulate and print."""
    import joblib

    parser = argparse.ArgumentParser(description="Simulate audits and print how often intervals hold.")
    parser.add_argument("--runs", type=int, default=4000)
    parser.add_argument("--cells", default="", help="only those whose title has this regular expression")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    print(HEAD, flush=True)
    rows, missed = [], []
    chosen = [(number, *one) for number, one in enumerate(cells()) if re.search(asked.cells, one[0])]
    jobs = [
        (number, title, cell, chunk, min(CHUNK, asked.runs - start))
        for number, title, cell in chosen
        for chunk, start in enumerate(range(0, asked.runs, CHUNK))
    ]
    pool = joblib.Parallel(n_jobs=asked.jobs, return_as="generator")
    done = pool(
        joblib.delayed(study)(cell, size, (asked.seed, number, chunk), differences=True)
        for number, _, cell, chunk, size in jobs
    )
    parts: list[Outcome] = []
    for place, ((number, title, cell, *_), outcome) in enumerate(zip(jobs, done, strict=True)):
        parts.append(outcome)
        if place + 1 == len(jobs) or jobs[place + 1][0] != number:
            rows.append(row(title, cell, parts))
            parts = []
            print(rows[-1].line(), flush=True)
    missed = [f"{one.title}: {what}" for one in rows for what in one.missed()]
    if re.search(asked.cells, "plan"):
        for line, off in planned(max(asked.runs // 40, 10), asked.seed):
            print(line, flush=True)
            missed += [line] if abs(off) > PLANNED else []
    print("conservative: " + ("; ".join(one.title for one in rows if one.first["corrected"][0] > MOST) or "none"))
    print("\n".join(["missed:", *missed] if missed else ["missed: none"]))


if __name__ == "__main__":
    # By its name, so that other processes find the functions where they are.
    from tests.benchmarks import coverage

    coverage.main()
