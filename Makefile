# Everything happens in $(VENV): nothing is installed outside this folder.

PYTHON   ?= python3
VENV     ?= .venv
SCENARIO ?= scenarios/spiderweb.yaml
TESTARGS ?= -n 2 --dist worksteal
LOCKARGS ?=

PY  := $(VENV)/bin/python
PIP := $(PY) -m pip --quiet --disable-pip-version-check

# pinned and hashed, and never built from source: nothing outside the lock is fetched
INSTALL := $(PIP) install --no-deps --require-hashes --only-binary=:all: --no-compile
# by all cores, and without the libraries' own tests, which are half of what is installed
COMPILE := $(PY) -m compileall -q -j 0 -x '/tests/' $(VENV)/lib >/dev/null

CORE := $(VENV)/.core
DEV  := $(VENV)/.dev
UV   := $(VENV)-lock/bin/uv
SCHEMA := scenarios/.schema.json

.DEFAULT_GOAL := help
.PHONY: help run results test thorough lint format bench coverage mutate docs reference archive lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))
	@echo "  PYTHON=$(PYTHON) VENV=$(VENV) SCENARIO=$(SCENARIO) TESTARGS='$(TESTARGS)' may be overridden"

run: $(SCHEMA) ## run a scenario (SCENARIO=...)
	@$(VENV)/bin/sim run $(SCENARIO)

CHOSEN = $(patsubst experiments/%.yaml,%,$(shell grep -lsE '^kind: (choice|game)$$' experiments/*.yaml))

results: $(SCHEMA) ## remake the shipped answers of experiments/ (more than a million wars, half an hour)
	@for name in $(filter-out weighing $(CHOSEN),$(patsubst experiments/%.yaml,%,$(wildcard experiments/*.yaml))); do \
	  $(VENV)/bin/sim experiment experiments/$$name.yaml --publish results/$$name || exit 1; \
	done
	@for name in $(CHOSEN); do \
	  $(VENV)/bin/sim choose experiments/$$name.yaml --publish results/$$name || exit 1; \
	done
	@$(VENV)/bin/sim weigh experiments/weighing.yaml --recover 30 --next --publish results/weighing

test: $(DEV) $(SCHEMA) ## run the test suite (TESTARGS=...)
	@$(PY) -m pytest -m "not thorough" $(TESTARGS)

thorough: $(DEV) $(SCHEMA) ## run the suite with five times the examples, and what takes too long for every change
	@$(PY) -m pytest --hypothesis-profile thorough $(TESTARGS)

lint: $(DEV) ## check style, types and the import rules
	@$(PY) -m ruff check
	@$(PY) -m ruff format --check
	@$(PY) -m mypy
	@$(VENV)/bin/lint-imports

format: $(DEV) ## put the code in its style
	@$(PY) -m ruff check --fix
	@$(PY) -m ruff format

bench: $(DEV) ## run the benchmarks
	@$(PY) -m pytest benchmarks/

# Compiled code leaves no trace: the tests that fly any small raid run again without compiling, where
# NumPy warns of what compiled code takes for infinite.
coverage: $(DEV) $(SCHEMA) ## measure how much of sim/ the tests reach, branches too: under 95 % fails
	@$(PY) -m coverage erase
	@$(PY) -m pytest -m "not thorough" --cov --cov-report= --cov-fail-under=0 $(TESTARGS)
	@NUMBA_DISABLE_JIT=1 $(PY) -m pytest --cov --cov-append --cov-report= --cov-fail-under=0 \
	  -W ignore::RuntimeWarning tests/raid/test_raid_judge.py
	@$(PY) -m coverage report

mutate: $(DEV) ## break rules in turn and see what notices (MUTANTS='--sample 100', 'answers --sample 60'; hours without)
	@$(PY) tests/mutate.py $(MUTANTS)

docs: $(DEV) ## build the site of the documents into site/ (TOUR=unrun: without the notebook's outputs)
	@$(PY) -m sphinx -q -W --keep-going -E -b html docs site
	@echo "site/index.html"

reference: $(DEV) ## write the pages of docs/ that are made from the code (commands, scenario file, rules, sources ...)
	@$(PY) docs/reference.py

# Not compressed, and with times in UTC, so that a commit gives the same bytes anywhere.
archive: ## pack the last commit (code, documents, metadata, results) into dist/, for a model library
	@inside=$$(git rev-parse --show-prefix 2>/dev/null) && test -z "$$inside" \
	  || { echo "make archive packs a commit: run it in a clone of the repository" >&2; exit 2; }
	@git diff --quiet HEAD || echo "what is not committed is left out"
	@mkdir -p dist
	@name=raids-and-talks-$$(git show HEAD:pyproject.toml | sed -n 's/^version = "\(.*\)"/\1/p'); \
	  TZ=UTC git archive -0 --format=zip --prefix=$$name/ --output=dist/$$name.zip HEAD && echo dist/$$name.zip

lock: $(UV) ## write requirements/ anew from pyproject.toml (LOCKARGS=--upgrade takes newer versions)
	@mkdir -p requirements
	@for name in core dev; do \
	  test $$name = dev && more='--extra dev --constraints requirements/core.txt' || more=; \
	  $(UV) pip compile pyproject.toml --group build \
	    --extra cluster --extra dashboard $$more \
	    --universal --fork-strategy fewest --python-version 3.11 --only-binary :all: \
	    --generate-hashes --no-header --quiet $(LOCKARGS) --output-file requirements/$$name.txt || exit 1; \
	done

newest: $(UV) ## try the newest and the lowest libraries that pyproject.toml allows, and Mesa's next
	@PYTHON=$(PYTHON) VENV=$(VENV) .ci/newest

clean: ## remove the environment, the caches and what was built
	rm -rf $(VENV) $(VENV)-lock $(VENV)-newest $(VENV)-lowest $(VENV)-next build dist site *.egg-info .benchmarks .hypothesis .import_linter_cache \
	  .mypy_cache .pytest_cache .ruff_cache $(SCHEMA)
	find sim tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# What is installed, by stamp: done again when a lock file or pyproject.toml changes.

$(CORE): requirements/core.txt pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; \
	  sys.exit(None if (3, 11) <= v else "Python 3.11 or newer is needed, this is %d.%d: make PYTHON=..." % v)'
	@echo "setting up $(VENV) (a minute or two the first time)"
	@$(PY) -c 'import pip' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(INSTALL) --requirement requirements/core.txt
	@$(PIP) install --no-deps --no-build-isolation --no-index --editable .
	-@$(COMPILE)
	@touch $@

# what an editor completes and checks scenarios with

$(SCHEMA): $(CORE) $(wildcard sim/scenario/*.py)
	@$(VENV)/bin/sim schema >$@

$(UV):
	@$(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip --quiet --disable-pip-version-check install 'uv>=0.9,<1'

$(DEV): requirements/dev.txt $(CORE)
	@$(INSTALL) --requirement requirements/dev.txt
	-@$(COMPILE)
	@touch $@
