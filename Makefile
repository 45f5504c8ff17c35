# Everything a person needs: `make demo` to see it, `make test` to trust it. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
DEMO_ARGS ?=
N ?= 20000
PYTEST_ARGS ?=
BENCH_ARGS ?=

.PHONY: help demo serve test lint test-python test-opposite test-ways web lock schema bench bench-scale fuzz bench-recommendations bench-imports bench-page bench-finding bench-panels clean

help:  ## This list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 26

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; PYTHON=/path/to/python make ... chooses one."; exit 2; }
	@echo "Making a virtual environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)

# pip checks every file against the hashes in the lock. The project itself is installed without resolving anything.
$(VENV)/.run: requirements/run.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the gateway runs on (about a minute) ..."
	@$(PIP) install --require-hashes -r requirements/run.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.run
	@echo "Installing what the tests need ..."
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

# Node and npm come from PyPI where the machine has none.
$(VENV)/.node: requirements/build.txt | $(BIN)/python
	@if ! $(BIN)/python web/build.py --find-node; then \
		echo "Installing Node from PyPI ..."; $(PIP) install --require-hashes -r requirements/build.txt; fi
	@touch $@

web: $(VENV)/.node  ## Build GraphiQL into gateway/static (only when its sources changed)
	@$(BIN)/python web/build.py

demo: $(VENV)/.run web  ## Load the demo data (once) and serve http://127.0.0.1:8000
	@$(BIN)/profile-gateway demo $(DEMO_ARGS)

serve: $(VENV)/.run web  ## Serve without loading anything
	@$(BIN)/profile-gateway serve

lint: $(VENV)/.dev  ## Style, types, imports, the Dockerfile
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/hadolint docker/Dockerfile
	@$(BIN)/profile-gateway export-schema --check schema.graphql

test-python: $(VENV)/.dev web
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST_ARGS)

# `test-python` runs everything compiled: with caches and combined reads on PostgreSQL, without on SQLite. Whatever comes in
# through the front door must be the same in the opposite way, and before a release in every way.
FRONT_DOOR := tests/panels tests/mutations tests/demo tests/live tests/test_nodes.py tests/test_broken_panels.py
FRONT_DOOR_TESTS = $(BIN)/python -m pytest -n 2 --dist loadfile -q $(FRONT_DOOR)

test-opposite: $(VENV)/.dev web
	@TEST_EXECUTOR=core TEST_READS=alone TEST_CACHED=sqlite $(FRONT_DOOR_TESTS)

test-ways: $(VENV)/.dev web  ## The front door's tests in every way: cached or not, compiled or not, reads combined or alone
	@for executor in compiled core; do for reads in combined alone; do for cached in postgresql,sqlite none; do \
		echo "$$executor, reads $$reads, caches over $$cached"; \
		TEST_EXECUTOR=$$executor TEST_READS=$$reads TEST_CACHED=$$cached $(FRONT_DOOR_TESTS) || exit 1; done; done; done

test: lint test-python test-opposite  ## Everything: lint, all tests on SQLite, PostgreSQL and Valkey, and the front door the other way round

schema: $(VENV)/.run  ## Write schema.graphql from the code
	@$(BIN)/profile-gateway export-schema > schema.graphql

lock: $(VENV)/.dev  ## Write the lock files from pyproject.toml
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(BIN)/python requirements/lock.py

# PostGraphile wants a newer Node than the pages do.
$(VENV)/.bench-node: requirements/build.txt $(VENV)/.dev
	@if ! $(BIN)/python -m benchmarks.servers --find-node; then \
		echo "Installing Node from PyPI ..."; $(PIP) install --require-hashes -r requirements/build.txt; fi
	@touch $@

bench: $(VENV)/.dev $(VENV)/.bench-node  ## The gateway against its peers: the table of goals, benchmarks/RESULTS.md
	@$(BIN)/python -m benchmarks.compare $(BENCH_ARGS)

bench-scale: $(VENV)/.dev  ## The gateway with 10,000, 100,000 and 1,000,000 customers
	@$(BIN)/python -m benchmarks.scale $(BENCH_ARGS)

fuzz: $(VENV)/.dev  ## Compare the executors over N generated documents: make fuzz N=50000 SEED=7
	@FUZZ_DOCUMENTS=$(N) $(if $(SEED),FUZZ_SEED=$(SEED)) $(BIN)/python -m pytest -n 2 --dist loadfile -rP \
		tests/executor/test_torture.py tests/executor/test_plain.py tests/executor/test_gateway_documents.py

bench-recommendations: $(VENV)/.run  ## Hit rates of the recommendations against popularity
	@$(BIN)/python benchmarks/recommendations.py

bench-imports: $(VENV)/.dev  ## Time and memory of importing everything
	@$(BIN)/python benchmarks/imports.py

bench-page: $(VENV)/.dev web  ## Latency of the profile page and memory of an idle server
	@$(BIN)/python benchmarks/page.py

bench-finding: $(VENV)/.dev  ## Quick search, filters and sorts among a million customers: benchmarks/FINDING.md
	@$(BIN)/python -m benchmarks.finding $(BENCH_ARGS)

bench-panels: $(VENV)/.dev  ## The cost of every panel with 100,000 events against 100: benchmarks/PANELS.md
	@$(BIN)/python -m benchmarks.panels $(BENCH_ARGS)

clean:  ## Remove what the build and the tests made (not your database)
	@rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache gateway/static/graphiql web/node_modules web/*/node_modules benchmarks/.data \
		benchmarks/peers/postgraphile/node_modules
