"""How fast paragraphs are scored: `python -m tests.benchmarks.scoring [PARAGRAPHS]`, on one core, all in one run.

The paragraphs are made from the words of labels/: a chain in which each word is followed by one that follows it there.
Beside `Model.predict` stand two pipelines of scikit-learn that are fitted on such paragraphs and asked for labels: one
whose analyzer is a Python function that yields the features of the default model (words and pairs, sides of the target,
characters), and one of word 1-2 n-grams. Times are of the process (user and system), the best of three.
"""

from __future__ import annotations

import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import framing
from framing.features import TARGET_FORM, find_occurrences, prepare
from framing.learn import GrowingNumbers, count_features
from framing.linear import multiply
from framing.model import DEFAULT_MODEL, Model
from framing.target import find_names
from framing.tokens import ABBREVIATIONS, fold, tokenize

LABELS = Path(__file__).parents[2] / "labels"
FITTED_ON = 5000
SIZES = (1, 100, 10_000, 100_000)


def main() -> None:
    """Measure and print."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    model = framing.load_model(DEFAULT_MODEL)
    texts = paragraphs(count, 1)
    print(f"{count} paragraphs, {characters(texts) / 1e6:.1f} MB, features {model.linear.settings}")
    first = cpu(lambda: model.predict(texts[:1]))
    print(f"the first paragraph, with what is made once: {first * 1000:.0f} ms")
    peers = _peers(model)
    ours = rate("framing", texts, model.predict)
    for name, peer in peers.items():
        theirs = rate(name, texts[: max(count // (5 if "analyzer" in name else 1), 1)], peer.predict)
        print(f"{'':40} framing is {ours / theirs:.1f} times as fast")
    _parts(model, texts)
    _growth(model)
    _training(model)


def paragraphs(count: int, seed: int) -> list[str]:
    """Return paragraphs of 35 to 105 words, in which each word follows the one before somewhere in labels/."""
    with (LABELS / "paragraphs.jsonl").open(encoding="utf-8") as file:
        known = [json.loads(line)["text"].split() for line in file]
    following: dict[str, list[str]] = {}
    for words in known:
        for one, other in pairwise(words):
            following.setdefault(one, []).append(other)
    begins, random = [words[0] for words in known if words], Random(seed)
    made = []
    for _ in range(count):
        chain = [random.choice(begins)]
        for _ in range(random.randint(34, 104)):
            chain.append(random.choice(following.get(chain[-1], begins)))
        made.append(" ".join(chain))
    return made


def characters(texts: Sequence[str]) -> int:
    """Return the size of texts: bytes of UTF-8."""
    return sum(len(text.encode()) for text in texts)


def cpu(run: Callable[[], object], times: int = 1) -> float:
    """Return the seconds of processor time of the fastest of some runs."""
    best = float("inf")
    for _ in range(times):
        begin = time.process_time()
        run()
        best = min(best, time.process_time() - begin)
    return best


def rate(name: str, texts: Sequence[str], run: Callable[[Sequence[str]], object]) -> float:
    """Print and return the MB/s of a run over texts."""
    run(texts[:1000])
    seconds = cpu(partial(run, texts), 3)
    megabytes = characters(texts) / 1e6 / seconds
    print(f"{name:40} {megabytes:6.2f} MB/s {len(texts) / seconds:9.0f} paragraphs/s")
    return megabytes


def memory() -> float:
    """Return the largest size of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _peers(model: Model) -> dict[str, Any]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts = paragraphs(FITTED_ON, 2)
    y = model.predict(texts)[0].argmax(axis=1)
    analyzer = Analyzer(model)
    _check(model, analyzer, texts[:200])
    vectorizers = {
        "the same features, a Python analyzer": TfidfVectorizer(analyzer=analyzer, sublinear_tf=True, min_df=2),
        "word 1-2": TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2),
    }
    # Few steps: the weights are of no interest here, only what it takes to use them.
    return {
        name: make_pipeline(vectorizer, LogisticRegression(tol=0.1, max_iter=200)).fit(texts, y)
        for name, vectorizer in vectorizers.items()
    }


class Analyzer:
    """The features of a model as a function from a text to strings, as one would write it for scikit-learn."""

    _token = re.compile(r"[^\W_]+(?:['’‘ʼ‐‑-][^\W_]+)*")
    _stop = re.compile(r"[.!?…].*\s|\n\s*\n", re.DOTALL)
    _mark = re.compile(r"[,;:()‐‒–—-]")

    def __init__(self, model: Model) -> None:
        import Stemmer

        self._settings = model.linear.settings
        self._names = list(model.names(None))
        stemmer = Stemmer.Stemmer(model.linear.language)
        self._stem = lru_cache(1 << 17)(stemmer.stemWord)
        self._grams = lru_cache(1 << 17)(self._grams_of)

    def _grams_of(self, form: str) -> list[str]:
        padded, (shortest, longest) = f"^{form}$", self._settings.chars or (1, 0)
        return [padded[at : at + size] for size in range(shortest, longest + 1) for at in range(len(padded) - size + 1)]

    def __call__(self, text: str) -> Iterator[str]:
        """Yield the features of a text."""
        forms, sentences, clauses = self._tokens(text)
        named = self._named(forms, sentences)
        words = [TARGET_FORM if name else self._stem(form) for form, name in zip(forms, named, strict=True)]
        yield from words
        yield from (
            f"{one} {other}"
            for (one, other), (a, b) in zip(pairwise(words), pairwise(sentences), strict=True)
            if a == b
        )
        near = {sentence for sentence, name in zip(sentences, named, strict=True) if name}
        if self._settings.target and near:
            yield from self._sided(words, clauses, named)
        if self._settings.chars:
            for form, sentence, name in zip(forms, sentences, named, strict=True):
                if not name:
                    grams = self._grams(form)
                    yield from (f"c {gram}" for gram in grams)
                    if self._settings.target and sentence in near:
                        yield from (f"t {gram}" for gram in grams)

    def _tokens(self, text: str) -> tuple[list[str], list[int], list[int]]:
        forms: list[str] = []
        sentences, clauses = [], []
        sentence = clause = end = 0
        for found in self._token.finditer(text):
            gap = text[end : found.start()]
            if forms and gap != " ":
                abbreviated = len(gap) == 2 and gap[0] == "." and _is_short(forms[-1])
                if self._stop.search(gap) and not abbreviated and not text[found.start()].islower():
                    sentence += 1
                    clause += 1
                elif self._mark.search(gap):
                    clause += 1
            forms.append(fold(found[0]))
            sentences.append(sentence)
            clauses.append(clause)
            end = found.end()
        return forms, sentences, clauses

    def _named(self, forms: list[str], sentences: list[int]) -> list[bool]:
        named = [False] * len(forms)
        begins = {text[0] for name in self._names for text, _ in name[:1]}
        for at, form in enumerate(forms):
            for name in self._names if form[0] in begins else ():
                last = at + len(name) - 1
                if last < len(forms) and sentences[last] == sentences[at]:
                    own = zip(forms[at : last + 1], name, strict=True)
                    if all(
                        one.startswith(text) if any_ending else one.removesuffix("'s") == text.removesuffix("'s")
                        for one, (text, any_ending) in own
                    ):
                        named[at : last + 1] = [True] * len(name)
        return named

    def _sided(self, words: list[str], clauses: list[int], named: list[bool]) -> Iterator[str]:
        names: dict[int, list[int]] = {}
        for at, (clause, name) in enumerate(zip(clauses, named, strict=True)):
            if name:
                names.setdefault(clause, []).append(at)
        for at, clause in enumerate(clauses):
            if clause in names:
                nearest = min(names[clause], key=lambda place: (abs(place - at), place))
                side = "a" if nearest <= at else "b"
                yield f"{side} {words[at]}"
                if at + 1 < len(words) and clauses[at + 1] == clause:
                    yield f"{side} {words[at]} {words[at + 1]}"


def _is_short(form: str) -> bool:
    return len(form) == 1 or form in ABBREVIATIONS


def _check(model: Model, analyzer: Analyzer, texts: Sequence[str]) -> None:
    """Print how many features the analyzer yields beside how many the model makes of the same texts."""
    linear = model.linear
    batch = prepare(texts, [model.names(None)])
    found = find_occurrences(batch, linear.settings, linear.language, linear.lexicon, GrowingNumbers())
    theirs = sum(len(list(analyzer(text))) for text in texts)
    print(f"features of {len(texts)} paragraphs: {len(found.key)}, by the analyzer {theirs}")


def _parts(model: Model, texts: Sequence[str]) -> None:
    """Print what each step takes, in batches as `predict` has them."""
    linear, names = model.linear, [model.names(None)]
    kept = linear._keep()
    spent = dict.fromkeys(("tokens", "names and sides", "features", "counting and weighing", "sums", "vocabulary"), 0.0)
    for at in range(0, min(len(texts), 5000), 500):
        some = texts[at : at + 500]
        tokens = tokenize(some)
        batch = prepare(some, names)
        applied = linear.apply(some, names)
        tokenizing, preparing = cpu(partial(tokenize, some)), cpu(partial(prepare, some, names))
        spent["tokens"] += tokenizing
        spent["names and sides"] += max(preparing - tokenizing, cpu(partial(find_names, tokens, names)))
        making = cpu(partial(kept.table.parts, batch, linear.lexicon))
        spent["features"] += making
        summing = cpu(partial(multiply, applied.matrix, linear.weights, linear.intercept))
        spent["sums"] += summing
        whole = cpu(partial(linear.apply, some, names))
        spent["counting and weighing"] += max(whole - preparing - making - summing, 0.0)
        spent["vocabulary"] += cpu(partial(linear.vocabulary, applied))
    total = sum(spent.values())
    print("where the time goes: " + ", ".join(f"{name} {100 * one / total:.0f} %" for name, one in spent.items()))
    if linear.lexicon is None:
        print("the default model has no dictionary")


def _growth(model: Model) -> None:
    print("paragraphs  seconds  per paragraph  largest size so far")
    for count in SIZES:
        texts = paragraphs(count, 3)
        seconds = cpu(partial(model.predict, texts), 3 if count < 50_000 else 1)
        print(f"{count:10} {seconds:8.3f} {seconds / count * 1e6:11.0f} us {memory():8.0f} MB")


def _training(model: Model) -> None:
    from sklearn.feature_extraction.text import TfidfVectorizer

    count = int(os.environ.get("TRAINING_PARAGRAPHS", "100000"))
    texts = paragraphs(count, 4)
    peer = cpu(lambda: TfidfVectorizer(ngram_range=(1, 2)).fit_transform(texts))
    print(
        f"TfidfVectorizer(word 1-2).fit_transform of {count} paragraphs: {peer:.1f} s, largest size {memory():.0f} MB"
    )
    linear = model.linear
    names = [model.names(None)] * count
    ours = cpu(lambda: count_features(texts, names, linear.settings, linear.language, linear.lexicon))
    print(f"count_features of the same: {ours:.1f} s, {ours / peer:.1f} times, largest size {memory():.0f} MB")


if __name__ == "__main__":
    main()
