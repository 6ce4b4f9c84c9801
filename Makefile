# make demo    a virtual environment, the program, and an example article scored in the terminal
# make test    everything that CI runs: ruff, mypy, pytest (what needs a missing system package is skipped and listed)
# make model   choose the settings anew and train the default model from labels/ alone

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test model clean

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
	$(BIN)/pytest

model: .venv/test
	$(BIN)/framing train labels

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
