# `make demo` shows the tool at work on the embedded sandbox; `make test` runs every check. Both set themselves up.
PYTHON ?= python3.11
VENV   ?= .venv
BIN     = $(VENV)/bin
READY   = $(VENV)/.ready

.PHONY: help demo test check lint types docs goldens bench oracle chaos kernel clean

help:
	@echo "make demo     plan, up, describe, reach-check and down on the embedded AWS"
	@echo "make test     the whole test suite"
	@echo "make check    format, lint, types and tests, as CI does"
	@echo "make docs     rewrite the generated pages of docs/"
	@echo "make goldens  rewrite the golden files of the drawings"
	@echo "make bench    timings of the reach and apply engines"
	@echo "make oracle   thousands of random networks, judged packet by packet as well"
	@echo "make chaos    kill every up and down at every write, with faults on"
	@echo "make kernel   hold the reach engine to real packets (Linux, root)"
	@echo "make clean    remove the virtual environment and caches"

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(BIN)/python -m compileall -q fargate_net
	@touch $@

demo: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh examples/demo.sh

test: $(READY)
	$(BIN)/pytest -n auto

check: lint types test

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy

docs: $(READY)
	$(BIN)/python -m tests.docs.write

goldens: $(READY)
	$(BIN)/pytest tests/blueprint --update-goldens

bench: $(READY)
	$(BIN)/python -m tests.bench

oracle: $(READY)
	FARGATENET_ORACLE=2000 $(BIN)/pytest -n auto tests/reach/classes/test_agreement.py

chaos: $(READY)
	$(BIN)/python -m tests.chaos --full

kernel: $(READY)
	$(BIN)/pytest tests/kernel -n auto

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis
