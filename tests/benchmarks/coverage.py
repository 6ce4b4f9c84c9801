"""Do the intervals hold? `python -m tests.benchmarks.coverage [RUNS]` simulates audits of known shares and prints.

Each group's articles have lengths that are skewed and true shares that scatter around the group's (Dirichlet, so that
two paragraphs of an article agree as the intraclass correlation says); a classifier finds a frame with sensitivity
.70 and calls an unframed paragraph framed with 1 - specificity .93; up to three paragraphs of each audited article
are labelled. Beside the intervals of framing.prevalence stand the binomial one of counted predictions and the
clustered prediction-powered one with z (weight and variance from the group's own articles).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from framing.differences import find_differences
from framing.features import Floats
from framing.prevalence import Prevalence, Shares, estimate_prevalence
from framing.tokens import Ints

SENSITIVITY, SPECIFICITY = 0.70, 0.93
PER_ARTICLE = 3
NONE = 3
SHARES = np.array([0.02, 0.05, 0.15, 0.78])
"""What the cells of the table share: three frames, two of them rare, and "none"."""
Z = 1.959964


@dataclass(frozen=True)
class Cell:
    """One setting; shares (groups, K), articles of each group in the corpus and in the audit."""

    shares: Floats
    icc: float
    audited: Sequence[int]
    articles: int = 200
    sensitivity: tuple[float, ...] = (SENSITIVITY,)
    """Of the groups in turn."""


@dataclass(frozen=True)
class Data:
    """What estimate_prevalence takes, and the true shares of each group's corpus (groups, K)."""

    group: Ints
    article: Ints
    predicted: Floats
    audited: Ints
    inclusion: Floats
    codes: Floats
    in_corpus: Floats

    def estimate(self, *, finite: bool = False, none: int | None = NONE) -> Prevalence:
        return estimate_prevalence(
            self.group, self.article, self.predicted, self.audited, self.inclusion, self.codes, none=none, finite=finite
        )


def simulate(cell: Cell, rng: np.random.Generator) -> Data:
    """Draw a corpus, its predictions and its audit."""
    labels = cell.shares.shape[1]
    parts: list[tuple[Ints, Ints, Floats, Ints, Floats, Floats]] = []
    in_corpus, start, place = [], 0, 0
    for number, shares in enumerate(cell.shares):
        lengths = np.minimum(1 + rng.negative_binomial(1.5, 0.15, cell.articles), 60)
        article = np.repeat(np.arange(cell.articles), lengths)
        own = (
            rng.dirichlet(shares * (1 / cell.icc - 1), cell.articles)
            if cell.icc
            else np.tile(shares, (cell.articles, 1))
        )
        true = _draw(own[article], rng)
        predicted = _draw(_errors(labels, cell.sensitivity[number % len(cell.sensitivity)])[true], rng)
        chosen = rng.permutation(cell.articles)[: cell.audited[number]]
        ends = np.cumsum(lengths)
        rows = [rng.permutation(np.arange(ends[one] - lengths[one], ends[one]))[:PER_ARTICLE] for one in chosen]
        audited = np.concatenate(rows)
        inclusion = cell.audited[number] / cell.articles * np.minimum(PER_ARTICLE / lengths[article[audited]], 1)
        in_corpus.append(np.bincount(true, minlength=labels) / len(true))
        parts.append((np.full(len(true), number), article + start, np.eye(labels)[predicted],
                      audited + place, inclusion, np.eye(labels)[true[audited]]))  # fmt: skip
        start, place = start + cell.articles, place + len(true)
    groups, articles, predictions, audits, inclusions, codes = zip(*parts, strict=True)
    return Data(
        np.concatenate(groups),
        np.concatenate(articles),
        np.concatenate(predictions),
        np.concatenate(audits),
        np.concatenate(inclusions),
        np.concatenate(codes),
        np.array(in_corpus),
    )


def _errors(labels: int, sensitivity: float) -> Floats:
    """Return the chance of each predicted label (columns) given the true one (rows)."""
    errors = np.full((labels, labels), (1 - SPECIFICITY) / (labels - 1))
    errors[:NONE] = (1 - sensitivity) / (2 * (labels - 2))
    errors[:NONE, NONE] = (1 - sensitivity) / 2
    np.fill_diagonal(errors, sensitivity)
    errors[NONE, NONE] = SPECIFICITY
    return errors


def _draw(shares: Floats, rng: np.random.Generator) -> Ints:
    drawn: Ints = (shares.cumsum(axis=1) < rng.random(len(shares))[:, None] * shares.sum(axis=1)[:, None]).sum(axis=1)
    capped: Ints = np.minimum(drawn, shares.shape[1] - 1)
    return capped


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


@dataclass(frozen=True)
class Outcome:
    """For each way to count: whether each interval held (runs, groups, K), and half its length."""

    held: dict[str, Floats]
    half: dict[str, Floats]


def study(cell: Cell, runs: int, seed: int = 0) -> Outcome:
    """Simulate a cell so many times."""
    rng = np.random.default_rng(seed)
    held: dict[str, list[Floats]] = {}
    half: dict[str, list[Floats]] = {}
    for _ in range(runs):
        data = simulate(cell, rng)
        for name, low, high, true in _intervals(data, cell):
            held.setdefault(name, []).append(((low <= true + 1e-12) & (true <= high + 1e-12)).astype(np.float64))
            half.setdefault(name, []).append((high - low) / 2)
    return Outcome({name: np.array(one) for name, one in held.items()}, {k: np.array(one) for k, one in half.items()})


def _intervals(data: Data, cell: Cell) -> Iterator[tuple[str, Floats, Floats, Floats]]:
    found, finite = data.estimate(), data.estimate(finite=True)
    true = cell.shares
    yield "corrected", *_ends([one.corrected for one in found.groups]), true
    yield "finite", *_ends([one.corrected for one in finite.groups]), data.in_corpus
    yield "by hand", *_ends([one.by_hand for one in found.groups]), true
    yield "naive", *_ends([one.naive for one in found.groups]), true
    framed = true[:, :NONE] / true[:, :NONE].sum(axis=1, keepdims=True)
    yield "framed", *_ends([Shares(tuple(s for s in one.corrected.framed if s), ()) for one in found.groups]), framed
    values = [plain(data, number) for number in range(len(true))]
    yield "plain z", np.array([v - h for v, h in values]), np.array([v + h for v, h in values]), true


def _ends(shares: Sequence[Shares]) -> tuple[Floats, Floats]:
    return np.array([[s.low for s in one.all] for one in shares]), np.array(
        [[s.high for s in one.all] for one in shares]
    )


NAMES = ("corrected", "finite", "framed", "by hand", "plain z", "naive")


def cells() -> Iterator[tuple[str, Cell]]:
    """Yield the settings of the table: the grid, then what could go wrong."""
    same = np.tile(SHARES, (4, 1))
    for icc in (0.0, 0.1, 0.3):
        for audited in (6, 12, 30):
            yield f"intraclass correlation {icc}, {audited} audited articles", Cell(same, icc, (audited,) * 4)
    apart = np.array([[0.02, 0.02, 0.02, 0.94], [0.3, 0.1, 0.1, 0.5], [0.6, 0.05, 0.05, 0.3], [0.1, 0.1, 0.1, 0.7]])
    yield "one group alone, 12 articles", Cell(SHARES[None], 0.2, (12,))
    yield "sensitivities .3, .5, .7, .9, 12 articles", Cell(same, 0.2, (12,) * 4, sensitivity=(0.3, 0.5, 0.7, 0.9))
    yield "6, 10, 20 and 60 articles", Cell(same, 0.2, (6, 10, 20, 60))
    yield "groups far apart, 12 articles", Cell(apart, 0.2, (12,) * 4)
    yield "15 of 25 articles audited", Cell(same, 0.2, (15,) * 4, articles=25)
    yield "30 groups, 8 articles", Cell(np.tile(SHARES, (30, 1)), 0.2, (8,) * 30, articles=60)


def false_alarms(runs: int, seed: int = 0) -> float:
    """Return the share of audits of four equal groups in which any difference is called."""
    rng = np.random.default_rng(seed)
    cell = Cell(np.tile([0.25, 0.15, 0.2, 0.4], (4, 1)), 0.1, (12,) * 4)
    called = 0
    for _ in range(runs):
        found = find_differences(simulate(cell, rng).estimate()).found
        called += any(one.verdict != "cannot tell apart" for one in found)
    return called / runs


def main() -> None:
    """Simulate and print: the share of intervals that hold by label, and their mean half-width over labels."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"{runs} runs, true shares {SHARES} unless said; per cent of 95 % intervals that hold, by label | half-width")
    for title, cell in cells():
        outcome = study(cell, max(runs * 4 // max(len(cell.shares), 4), 1))
        print(title, flush=True)
        for name in NAMES:
            held = outcome.held[name].mean(axis=(0, 1))
            line = " ".join(f"{100 * one:5.1f}" for one in held)
            print(f"    {name:10}{line:26}| {outcome.half[name].mean():.3f}", flush=True)
    print(f"any difference called between four equal groups: {100 * false_alarms(runs):.1f} % of audits")


if __name__ == "__main__":
    main()
