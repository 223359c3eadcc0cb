# Two commands on a fresh machine with Python 3.11, make and git: `make run`, `make test`.
SHELL := /bin/bash
PYTHON ?= python3
# Which Python makes .venv: one that you name, else the fastest build of this version.
MAKER = $(if $(filter file,$(origin PYTHON)),"$$($(PYTHON) requirements/fastest_python.py)",$(PYTHON))
VENV := .venv
BIN := $(VENV)/bin
THROUGHLINE_HOME ?= $(CURDIR)/var
export THROUGHLINE_HOME

.PHONY: run test statements fuzz faults lives oracle check bench messages pictures lock clean help

help:  ## what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

$(VENV)/made-run: requirements/base.txt
	@$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed"'
	test -x $(BIN)/python || $(MAKER) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	touch $@

$(VENV)/made-test: requirements/dev.txt $(VENV)/made-run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

ASSETS := throughline/ui/static/vendor/.complete

$(ASSETS): package-lock.json $(VENV)/made-run
	$(BIN)/python -m throughline.ui.vendor
	touch $@

run: $(VENV)/made-run $(ASSETS)  ## set up, load the demo once, serve it on http://127.0.0.1:8000
	$(BIN)/python -m throughline messages compile
	$(BIN)/python -m throughline demo
	$(BIN)/python -m throughline serve

test: $(VENV)/made-test $(ASSETS)  ## every test that this machine can run
	$(BIN)/python -m throughline messages compile
	$(BIN)/python -m pytest -n 2 $(PYTEST)

statements: $(VENV)/made-test $(ASSETS)  ## count anew how many statements each page sends
	THROUGHLINE_RENEW_STATEMENTS=1 $(BIN)/python -m pytest tests/queries

fuzz: $(VENV)/made-test $(ASSETS)  ## the long form of the fuzz tests: some minutes, other examples each time
	THROUGHLINE_FUZZ_EXAMPLES=$(or $(EXAMPLES),100) $(BIN)/python -m pytest -n 2 tests/fuzz

faults: $(VENV)/made-test $(ASSETS)  ## every process killed at random while units submit, and the roll-up alone: 200 times each
	THROUGHLINE_KILLS=$(or $(KILLS),200) $(BIN)/python -m pytest -s tests/faults/test_submissions.py tests/faults/test_cube.py

lives: $(VENV)/made-test  ## what people may do with assignments, in reporting cycles and in cases, in 300 lives each
	THROUGHLINE_LIVES=300 $(BIN)/python -m pytest throughline/cascade/tests/test_whole_lives.py throughline/reporting/tests/test_whole_cycles.py throughline/procedures/tests/test_whole_cases.py

oracle: $(VENV)/made-test  ## the cube against the independent oracle in 10,000 cases
	THROUGHLINE_ORACLE_CASES=10000 $(BIN)/python -m pytest throughline/figures/tests/test_oracle.py

check: $(VENV)/made-test  ## style, types, layers, templates, migrations
	$(BIN)/ruff check throughline tests bench packs requirements
	$(BIN)/ruff format --check throughline tests bench packs requirements
	$(BIN)/mypy throughline tests bench requirements conftest.py
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet throughline
	$(BIN)/python -m throughline check

# Benchmarks change figures: they have a home of their own.
bench bench-%: export THROUGHLINE_HOME := $(CURDIR)/var/bench/home

bench: $(VENV)/made-test $(ASSETS)  ## every benchmark; `make bench-NAME` runs one
	$(BIN)/python -m bench

bench-%: $(VENV)/made-test $(ASSETS)
	$(BIN)/python -m bench $*

messages: $(VENV)/made-test  ## gather the strings to translate and compile the catalogues
	$(BIN)/python -m throughline messages gather
	$(BIN)/python -m throughline messages compile

pictures: $(VENV)/made-test  ## the pictures of the guide anew, while `make run` serves the demo
	$(BIN)/python -m tests.pictures

lock: $(VENV)/made-test  ## pin the requirements anew
	$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url requirements/base.in -o requirements/base.txt
	$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url requirements/node.in -o requirements/node.txt
	$(BIN)/uv pip compile -q --python-version 3.11 --generate-hashes --no-emit-index-url requirements/dev.in -o requirements/dev.txt

clean:  ## what can be made again; the data in var/ stays
	rm -rf $(VENV) throughline/ui/static/vendor .mypy_cache .ruff_cache
