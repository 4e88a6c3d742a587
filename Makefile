# Every target sets up by itself what it needs; `make help` tells what there is.
#
#   ARGS=...    goes to the command:   make demo ARGS=--json    make test ARGS='-k wheel'
#   SETUP=:     uses the .venv that is there, whoever made it
#   SEEDS=...   how many seeds of the desk's torture: make torture SEEDS=100000
#   PYTHON=...  the Python to set up with (3.11 or newer; python3 otherwise)

SHELL = /bin/sh
BIN = .venv/bin
SETUP = tools/setup.sh
PYTEST = $(BIN)/python -m pytest
UV = uv==0.13.9
SEEDS = 2000

.NOTPARALLEL:
.DEFAULT_GOAL = help
.PHONY: help demo test check proof torture bench bench-large bench-peers docs setup dev lock clean \
        lint format types floors budgets house fresh shell
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE
export PYTHON

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' Makefile | expand -t 20

demo: setup ## the main job end to end: the Wheel on five years of the real S&P 500
	@$(BIN)/underwriter demo $(ARGS)

test: dev ## the tests, but for the long suites
	$(PYTEST) -n 2 --dist loadfile -m "not proof" $(ARGS)

check: lint format types floors budgets house fresh shell ## style, types, floors, budgets, house rules, locks

proof: dev ## the long suites; then core and book interpreted, every branch of them covered
	$(PYTEST) -n 2 -m proof --hypothesis-profile=proof $(ARGS)
	UNDERWRITER_JIT=0 $(PYTEST) -n 2 -m "not proof" tests/core tests/book \
	    --cov --cov-branch --cov-fail-under=100 --cov-report=term-missing:skip-covered

torture: dev ## SEEDS worlds that try to break the desk, on every core; failing seeds are named
	@PYTHONPATH=tests UNDERWRITER_HOME=.make/home \
	    $(BIN)/python -m faults.torture --seeds $(SEEDS) $(ARGS)

bench: setup ## the benchmarks; bench/README.md has their figures
	@for each in bench/*.py; do \
	    [ -e "$$each" ] || { echo "bench: no benchmark yet"; exit 0; }; \
	    [ "$$each" != bench/peers.py ] || continue; \
	    echo "== $$each"; $(BIN)/python "$$each" $(ARGS) || exit 1; \
	done

bench-large: setup ## 53 million quotes imported, killed midway, resumed; and the memory it takes
	$(BIN)/python bench/lake.py --large $(ARGS)

bench-peers: setup ## the same short put by optopsy, installed for that run alone: the ratio of times
	$(BIN)/python bench/peers.py $(ARGS)

docs: dev ## whether every code, event and page is documented and every link leads somewhere
	$(PYTEST) tests/test_docs.py
	$(BIN)/python tools/house.py

setup: ## .venv with what runs Underwriter
	@$(SETUP) runtime

dev: ## .venv with what checks and tests it too
	@$(SETUP) dev

lock: ## resolve the dependencies anew into requirements/
	python3 -m venv .make/uv
	.make/uv/bin/python -m pip install --quiet --disable-pip-version-check $(UV)
	python3 tools/lock.py --write .make/uv/bin/uv

clean: ## remove everything that make made
	rm -rf .venv .make build dist .hypothesis .coverage .coverage.* \
	    .mypy_cache .ruff_cache .pytest_cache .import_linter_cache underwriter-demo
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# the parts of check

lint: dev
	$(BIN)/ruff check .

format: dev
	$(BIN)/ruff format --check .

types: dev
	$(BIN)/mypy
	$(BIN)/mypy --no-incremental tools/*.py

floors: dev
	$(BIN)/lint-imports

budgets: dev
	$(BIN)/python tools/budgets.py

house: dev
	$(BIN)/python tools/house.py

fresh: dev
	$(BIN)/python tools/lock.py

shell: # where shellcheck is installed
	@if command -v shellcheck >/dev/null; then shellcheck tools/*.sh .ci/run; else echo "shellcheck: not installed, passed over"; fi
