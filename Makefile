# Every command that README, CI and people use. `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help demo test check check-all format bench clean

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(STAMP): pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $(STAMP)

demo: $(STAMP) ## sets up; builds, validates, queries and exports the graph of the examples
	$(BIN)/kg demo

test: $(STAMP) ## sets up; runs the tests
	$(BIN)/pytest -n auto --dist worksteal

check: $(STAMP) ## lint, format, types, floors of the house
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

check-all: check ## the same, and all tests with the real data and W3C's suites; needs TRIALGRAPH_DATA
	test -n "$$TRIALGRAPH_DATA" # the folder of real records, ontologies and suites
	TRIALGRAPH_FAULTS_RECORDS=200 $(BIN)/pytest -n auto --dist worksteal

bench: $(STAMP) ## times the promises; needs TRIALGRAPH_DATA
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/stages.py
	$(BIN)/python benchmarks/against_rivals.py
	$(BIN)/python benchmarks/loading.py
	$(BIN)/python benchmarks/updating.py
	$(BIN)/python benchmarks/scale.py 1000 10000

format: $(STAMP) ## puts the code into its layout
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## removes what was made
	rm -rf $(VENV) demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
