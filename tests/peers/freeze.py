"""What ppi-python and quapy say of small cases, frozen in peers.json; `python -m tests.peers.freeze` makes it anew.

They bring numba, statsmodels, matplotlib and a client for downloads, which is much for a test: so their answers are
kept, with the cases. In an environment of its own: pip install ppi-python==0.2.3 quapy==0.2.3 (MIT and BSD).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).parent / "peers.json"


def ppi_case(seed: int) -> dict[str, Any]:
    """One paragraph per article, all drawn alike; three labels, predictions that find them more or less."""
    from ppi_py import ppi_mean_ci, ppi_mean_pointestimate

    rng = np.random.default_rng(seed)
    n, unlabelled, shares = 60, 240, rng.dirichlet([2, 2, 4])
    true = rng.choice(3, n + unlabelled, p=shares)
    noise = rng.dirichlet([1, 1, 1], n + unlabelled)
    predicted = np.round(seed / 6 * np.eye(3)[true] + (1 - seed / 6) * noise, 2)
    predicted[:, 2] = np.round(1 - predicted[:, :2].sum(axis=1), 2)
    predicted = np.maximum(predicted, 0)
    predicted /= predicted.sum(axis=1, keepdims=True)
    codes, f, rest = np.eye(3)[true[:n]], predicted[:n], predicted[n:]
    low, high = ppi_mean_ci(codes, f, rest, alpha=0.05)
    return {
        "codes": true[:n].tolist(),
        "predicted": np.round(predicted, 6).tolist(),
        "fixed": {str(lam): ppi_mean_pointestimate(codes, f, rest, lam=lam).tolist() for lam in (0.0, 0.4, 0.8)},
        "tuned": ppi_mean_pointestimate(codes, f, rest).tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
    }


def acc_case(seed: int) -> dict[str, Any]:
    """A confusion and counted predictions; some that no shares would give."""
    from quapy.functional import normalize_prevalence
    from quapy.method.aggregative import ACC

    rng = np.random.default_rng(seed)
    labels = 3 + seed % 2
    gold = np.repeat(np.arange(labels), 40)
    given = np.where(rng.random(len(gold)) < 0.4 + 0.1 * (seed % 5), gold, rng.integers(0, labels, len(gold)))
    counts = rng.multinomial(200, rng.dirichlet(np.full(labels, 0.7 if seed % 2 else 4)))
    rates = ACC.getPteCondEstim(list(range(labels)), gold, given)
    exact = ACC.solve_adjustment(rates, counts / counts.sum(), method="inversion", solver="exact-raise")
    least = ACC.solve_adjustment(rates, counts / counts.sum(), method="inversion", solver="minimize")
    return {
        "gold": gold.tolist(),
        "given": given.tolist(),
        "counts": counts.tolist(),
        "exact": exact.tolist(),
        "least_squares": normalize_prevalence(least, method="clip").tolist(),
    }


def em_case(seed: int) -> dict[str, Any]:
    from quapy.method.aggregative import EMQ

    rng = np.random.default_rng(seed)
    prior = rng.dirichlet([4, 4, 4])
    true = rng.choice(3, 80, p=rng.dirichlet([2, 2, 2]))
    probabilities = np.round(0.5 * np.eye(3)[true] + 0.5 * rng.dirichlet([2, 2, 2], 80), 3)
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    shares, _ = EMQ.EM(prior, probabilities, epsilon=1e-9)
    return {"prior": prior.tolist(), "probabilities": np.round(probabilities, 9).tolist(), "shares": shares.tolist()}


def main() -> None:
    from importlib.metadata import version

    cases = {
        "versions": {name: version(name) for name in ("ppi-python", "quapy")},
        "ppi": [ppi_case(seed) for seed in range(6)],
        "acc": [acc_case(seed) for seed in range(8)],
        "em": [em_case(seed) for seed in range(4)],
    }
    FILE.write_text(json.dumps(cases, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
