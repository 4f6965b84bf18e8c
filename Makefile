# Groundswell: `make demo`, `make test`, `make check`, `make bench`, `make docs`, `make setup`.
# Every target does the set-up it needs: a virtual environment with pinned packages and the built elements.

PYTHON ?= python3
BIN := .venv/bin
ELEMENTS := src/groundswell/server/static/elements/crowd-html-elements.js
PYTEST_WORKERS ?= 2
comma := ,
# `make test EXTRAS=text,ray`: also what these extras bring (Ray is among the tools of development anyway).
EXTRAS ?=
EXTRA_STAMPS := $(patsubst %,.venv/.extra-%,$(filter text,$(subst $(comma), ,$(EXTRAS))))

.PHONY: setup setup-dev elements demo test test-elements test-python check format bench mutants docs dist dist-test pythons clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 20

.venv/bin/python:
	$(PYTHON) scripts/require_python.py
	$(PYTHON) -m venv .venv

.venv/.base: .venv/bin/python requirements/base.txt pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/.fast: .venv/.base requirements/fast.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/fast.txt
	@touch $@

.venv/.demo: .venv/.fast requirements/demo.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/demo.txt
	@touch $@

.venv/.dev: .venv/.fast requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/dev.txt
	@touch $@

.venv/.extra-%: .venv/.dev requirements/%.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements/$*.txt
	@touch $@

$(ELEMENTS): .venv/.base elements/package-lock.json elements/build.mjs $(shell find elements/src -name '*.ts' 2>/dev/null)
	$(BIN)/python scripts/elements.py build
	@touch $@

elements: $(ELEMENTS) ## build the custom elements

setup: .venv/.fast $(ELEMENTS) ## what is needed to run: .venv/bin/groundswell

setup-dev: .venv/.dev $(ELEMENTS) ## what is needed to develop

demo: setup .venv/.demo ## a real labeling job with a simulated crowd (ONCE=1 to exit at its end)
	$(BIN)/groundswell demo $(if $(ONCE),--once) $(ARGS)

test: ## every test (EXTRAS=text for those of an extra), the Python half also where the elements' half fails
	@$(MAKE) --no-print-directory --keep-going test-elements test-python

test-elements: setup-dev
	$(BIN)/python scripts/elements.py test

test-python: setup-dev $(EXTRA_STAMPS)
	$(BIN)/python -m pytest -n $(PYTEST_WORKERS) --dist loadgroup -q $(ARGS)

check: setup-dev ## format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python scripts/elements.py check

format: setup-dev ## put the format right
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: setup-dev ## every benchmark (BENCH=name for one)
	$(BIN)/python -m benchmarks $(BENCH)

docs: setup-dev ## build the documentation into site/
	$(BIN)/python scripts/reference.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

mutants: setup-dev ## small changes of the code that no test notices, a sample (ARGS="--each 50 runner")
	$(BIN)/python scripts/mutants.py $(ARGS)

dist: setup-dev ## wheel and sdist with the elements in them, into dist/
	rm -rf dist
	$(BIN)/python -m build --no-isolation --outdir dist

dist-test: dist ## install the wheel in an empty environment, see it serve and the demo run to its end
	$(BIN)/python scripts/smoke_dist.py dist/*.whl

pythons: .venv/bin/python ## whether the pinned packages have wheels for every Python we name
	$(BIN)/python scripts/resolve_pythons.py

clean: ## remove what was built
	rm -rf .venv site dist elements/node_modules src/groundswell/server/static/elements
