"""How fast paragraphs are scored: `python -m tests.benchmarks.scoring [PARAGRAPHS]`, on one core, all in one run.

The paragraphs are made from the words of labels/: a chain in which each word is followed by one that follows it there.
Beside `Model.predict` stand two pipelines of scikit-learn that are fitted on such paragraphs and asked for labels: one
whose analyzer is a Python function that yields the features of the default model (words and pairs, sides of the target,
characters), and one of word 1-2 n-grams. Times are of the process (user and system), the best of three. The variables
TRAINING_PARAGRAPHS and SIZES ("1 100 10000") make the later parts smaller.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import pairwise
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

import framing
from framing.features import prepare
from framing.learn import GrowingNumbers, count_features
from framing.model import DEFAULT_MODEL, Model
from framing.places import TARGET_FORM
from framing.tokens import ABBREVIATIONS, fold, tokenize
from tests.occurrences import find_occurrences

LABELS = Path(__file__).parents[2] / "labels"
FITTED_ON = 5000
SIZES = tuple(map(int, os.environ.get("SIZES", "1 100 10000 100000 1000000").split()))
"""How many paragraphs are scored to see how cost grows."""
BLOCK = 10_000
"""Paragraphs that are made, and scored, at once."""


def main() -> None:
    """Measure and print."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    if sys.argv[1:2] == ["--training"]:
        _train_once(sys.argv[2], int(sys.argv[3]))
        return
    if sys.argv[1:2] == ["--train-default"]:
        _train_default()
        return
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    model = framing.load_model(DEFAULT_MODEL)
    texts = paragraphs(count, 1)
    print(f"{count} paragraphs, {characters(texts) / 1e6:.1f} MB, features {model.linear.settings}")
    first = cpu(lambda: model.predict(texts[:1]))
    print(f"the first paragraph, with what is made once: {first * 1000:.0f} ms")
    peers = _peers(model)
    for name, peer in peers.items():
        some = texts[: max(count // (5 if "analyzer" in name else 1), 1)]
        ours, theirs = rates({"framing": model.predict, name: peer.predict}, some)
        print(f"{'':40} framing is {ours / theirs:.1f} times as fast", flush=True)
    _vowpal_wabbit(texts[:5000], ours)
    _parts(model, texts)
    _training(int(os.environ.get("TRAINING_PARAGRAPHS", "100000")))
    _whole_training()
    _growth(model)


@lru_cache(maxsize=1)
def _chain() -> tuple[dict[str, list[str]], list[str]]:
    """Return the words that follow each word in labels/, and those that begin a paragraph."""
    with (LABELS / "paragraphs.jsonl").open(encoding="utf-8") as file:
        known = [json.loads(line)["text"].split() for line in file]
    following: dict[str, list[str]] = {}
    for words in known:
        for one, other in pairwise(words):
            following.setdefault(one, []).append(other)
    return following, [words[0] for words in known if words]


def paragraphs(count: int, seed: int) -> list[str]:
    """Return paragraphs of 35 to 105 words, in which each word follows the one before somewhere in labels/."""
    (following, begins), random = _chain(), Random(seed)
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


def rates(runs: dict[str, Callable[[Sequence[str]], object]], texts: Sequence[str]) -> list[float]:
    """Print and return the MB/s of runs over the same texts, in turn; the fastest of three of each."""
    best = dict.fromkeys(runs, float("inf"))
    for run in runs.values():
        run(texts[:1000])
    for _ in range(3):
        for name, run in runs.items():
            best[name] = min(best[name], cpu(partial(run, texts)))
    for name, seconds in best.items():
        print(f"{name:40} {characters(texts) / 1e6 / seconds:6.2f} MB/s {len(texts) / seconds:9.0f} paragraphs/s")
    return [characters(texts) / 1e6 / seconds for seconds in best.values()]


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
    table = linear._keep().table
    spent = dict.fromkeys(
        ("tokens", "names and sides", "words and pairs", "n-grams, counting and sums", "(the matrix, if asked for)"),
        0.0,
    )
    for at in range(0, min(len(texts), 5000), 1000):
        some = texts[at : at + 1000]
        batch = prepare(some, names)
        applied = linear.apply(some, names)
        tokenizing, preparing = cpu(partial(tokenize, some), 3), cpu(partial(prepare, some, names), 3)
        known, form = table.look_up(batch)
        making = cpu(partial(table.words, batch, linear.lexicon, known, form), 3)
        whole = cpu(partial(linear.apply, some, names), 3)
        of_matrix = cpu(lambda: applied.matrix)  # noqa: B023 - asked for at once
        steps = (tokenizing, preparing - tokenizing, making, whole - preparing - making, of_matrix)
        for name, one in zip(spent, steps, strict=True):
            spent[name] += max(one, 0.0)
    total = sum(spent.values()) - spent["(the matrix, if asked for)"]
    print("where the time goes: " + ", ".join(f"{name} {100 * one / total:.0f} %" for name, one in spent.items()))


def _growth(model: Model) -> None:
    """Print what more paragraphs, more different words and more labels cost."""
    print("paragraphs    seconds  each      largest size of this process so far")
    for count in SIZES:
        seconds = 0.0
        for seed in range(max(count // BLOCK, 1)):
            texts = paragraphs(min(count, BLOCK), 10 + seed)
            seconds += cpu(partial(model.predict, texts))
        print(f"{count:10} {seconds:10.3f} {seconds / count * 1e6:6.0f} us {memory():8.0f} MB", flush=True)
    texts = paragraphs(2000, 5)
    for share in (0.0, 0.1, 0.5):
        some = _with_new_words(texts, share)
        seconds = cpu(partial(model.predict, some), 3)
        fresh = min(cpu(partial(model.predict, _with_new_words(texts, share, seed))) for seed in (2, 3, 4))
        each, first = seconds / len(texts) * 1e6, fresh / len(texts) * 1e6
        print(f"{100 * share:3.0f} % of the words in no other paragraph: {first:.0f} us each, {each:.0f} us met again")
    for labels in (2, 4, 8, 16):
        rows = np.arange(labels) % len(model.labels)
        linear = replace(model.linear, weights=model.linear.weights[rows], intercept=model.linear.intercept[rows])
        run = partial(linear.apply, texts[:1000], [model.names(None)])
        run()
        print(f"{labels:2} labels: {cpu(run, 3) / 1000 * 1e6:.0f} us each")


def _with_new_words(texts: Sequence[str], share: float, seed: int = 1) -> list[str]:
    """Return texts in which a share of the words is made new by letters at their ends."""
    random = Random(seed)
    return [
        " ".join(
            word + "".join(random.choices("aeioklmnrst", k=6)) if random.random() < share else word
            for word in text.split(" ")
        )
        for text in texts
    ]


def _vowpal_wabbit(texts: Sequence[str], ours: float) -> None:
    """Time Vowpal Wabbit's predictions with word 1-2, on examples that are already in its format."""
    try:
        from vowpalwabbit import Workspace
    except ImportError:
        print("Vowpal Wabbit is not installed (pip install vowpalwabbit): not timed")
        return
    examples = ["| " + " ".join(re.findall(r"\w+", text.lower())) for text in texts]
    workspace = Workspace("--oaa 4 --ngram 2 --quiet -b 20")
    for at, example in enumerate(examples[:2000]):
        workspace.learn(f"{at % 4 + 1} {example}")

    def predict() -> None:
        for example in examples:
            workspace.predict(example)

    megabytes = characters(texts) / 1e6 / cpu(predict, 2)
    print(
        f"{'Vowpal Wabbit, word 1-2, from its format':40} {megabytes:6.2f} MB/s; framing {ours / megabytes:.1f} times"
    )


def _training(count: int) -> None:
    """Print what making the training features takes beside TfidfVectorizer, each in a process of its own."""
    spent = {}
    for name in ("TfidfVectorizer(word 1-2).fit_transform", "count_features"):
        command = [sys.executable, "-m", "tests.benchmarks.scoring", "--training", name, str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds, size = map(float, done.stdout.split())
        spent[name] = seconds
        print(f"{name} of {count} paragraphs: {seconds:.1f} s, largest size {size:.0f} MB", flush=True)
    theirs, ours = spent.values()
    print(f"{'':40} count_features takes {ours / theirs:.2f} times as long")


def _whole_training() -> None:
    """Print what all of `framing train` takes on a small file, and the default model with the settings that it has."""
    folder = LABELS.parent / "tests" / "example"
    print("all of `framing train`, its evaluation included, each in a process of its own on one core:")
    with TemporaryDirectory() as scratch:
        small = ["train", str(folder / "labels.csv"), "--codebook", str(folder / "codebook.toml"), "-o", f"{scratch}/m"]
        for name, arguments in (
            ("tests/example/labels.csv", ["-m", "framing", *small]),
            ("labels/, with the settings of the default model", ["-m", "tests.benchmarks.scoring", "--train-default"]),
        ):
            begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(f"  {name}: {time.perf_counter() - begin:.0f} s on the clock, {used:.0f} s of processors", flush=True)


def _train_default() -> None:
    from framing.labelfiles import load_labels
    from framing.learn import Settings
    from framing.training import train

    model = framing.load_model(DEFAULT_MODEL)
    train(load_labels(LABELS), settings=Settings(model.linear.settings, float(model.manifest["settings"]["C"])))


def _train_once(name: str, count: int) -> None:
    texts = paragraphs(count, 4)
    if name == "count_features":
        model = framing.load_model(DEFAULT_MODEL)
        linear, names = model.linear, [model.names(None)] * count
        seconds = cpu(lambda: count_features(texts, names, linear.settings, linear.language, linear.lexicon))
    else:
        from sklearn.feature_extraction.text import TfidfVectorizer

        seconds = cpu(lambda: TfidfVectorizer(ngram_range=(1, 2)).fit_transform(texts))
    print(seconds, memory())


if __name__ == "__main__":
    main()
