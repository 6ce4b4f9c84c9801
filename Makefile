# make demo    a virtual environment, the program, and an example article scored in the terminal
# make test    everything that CI runs: ruff, mypy, pytest (what needs a missing system package is skipped and listed)
# make bench   speed beside peers, cold starts, large corpora (CORPORA='--paragraphs 1000000' and the like), coding in
#              the browser, what more labels bring, and, with NEWSMTSC=FOLDER, the outside benchmark beside two peers
# make coverage-study   do the intervals of `framing compare` hold? all cells, half an hour or more on two cores (RUNS=4000)
# make model   choose the settings anew and train the default model from labels/ alone

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test bench coverage-study model clean

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/demo: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

.venv/test: .venv/bin/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	touch $@ .venv/demo

demo: .venv/demo
	$(BIN)/framing score tests/example/article.html

test: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses auto --dist loadfile

.venv/bench: .venv/test
	$(BIN)/python -m pip install --quiet --editable '.[bench]' || echo "a peer cannot be installed here; it is left out"
	touch $@

bench: .venv/bench
	$(BIN)/python -m tests.benchmarks.coldstart
	$(BIN)/python -m tests.benchmarks.scoring
	$(BIN)/python -m tests.benchmarks.learning_curve
	$(BIN)/python -m tests.benchmarks.corpora $(CORPORA)
	$(BIN)/python -m tests.benchmarks.coding
	$(if $(NEWSMTSC),$(BIN)/python -m tests.benchmarks.newsmtsc $(NEWSMTSC))

RUNS ?= 4000
coverage-study: .venv/test
	$(BIN)/python -m tests.benchmarks.coverage --runs $(RUNS)

model: .venv/test
	$(BIN)/framing train labels

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
