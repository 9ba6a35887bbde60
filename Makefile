# Two commands for a newcomer: `make demo` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
AGENTS := .agents

.PHONY: demo test check lint types floors tests test-system agents agents-if-there coverage chaos crashpoints simulate fuzz mutants bench bench-peers man contrib kinds pictures clean

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("prd-supervise needs Python 3.11 or newer, this is " + sys.version.split()[0] + "; say which with: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	@echo 'Installing into $(VENV): once, some twenty seconds.'
	$(BIN)/python -m pip install -qq --upgrade 'pip>=25.1'
	$(BIN)/python -m pip install -qq --editable . --group dev
	touch $@

demo: $(STAMP)
	$(BIN)/prd-supervise demo

test: check tests

check: lint types floors

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(STAMP)
	$(BIN)/mypy

floors: $(STAMP)
	$(BIN)/lint-imports

tests: $(STAMP) agents-if-there
	$(BIN)/pytest -n 3 --dist worksteal

# The real agents that tests/agents drives, 860 MB, as package-lock.json pins them; once.
agents: $(AGENTS)/.installed

$(AGENTS)/.installed: tests/agents/package-lock.json tests/agents/install.sh
	sh tests/agents/install.sh $(AGENTS)

# Without npm or network the tests of real agents are skipped, and say so.
agents-if-there:
	-@$(MAKE) --no-print-directory agents

# The service under real managers: what `make test` has of it, and machines that are booted, lose
# their power and have ceilings. As root; what it needs is made once in MACHINES, some 2 GB.
MACHINES ?= $(or $(PRD_TEST_CACHE),$(or $(XDG_CACHE_HOME),$(HOME)/.cache)/prd-supervise-tests)
test-system: $(STAMP)
	./.ci/packages
	sh tests/system/machines.sh $(MACHINES) $(BIN)/python
	PRD_TEST_MACHINES=$(abspath $(MACHINES)) $(BIN)/pytest -rs -n 2 --dist loadgroup tests/system

# An absolute place, because the processes that are measured stand in many folders.
coverage: export COVERAGE_FILE = $(CURDIR)/.coverage
coverage: $(STAMP)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 3 --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

# What proves the supervision: docs/guarantees.md says what each one has found.
chaos: $(STAMP)
	KILLS=$(or $(KILLS),1000) SEED=$(or $(SEED),1) $(BIN)/python tests/chaos/make_chaos.py

crashpoints: $(STAMP)
	$(BIN)/python tests/chaos/make_crashpoints.py

simulate: $(STAMP)
	SEEDS=$(or $(SEEDS),1000) SEED=$(SEED) $(BIN)/python tests/simulation/make_simulate.py

# Files of every kind against the PRD readers.
fuzz: $(STAMP)
	SECONDS=$(or $(SECONDS),60) SEED=$(SEED) $(BIN)/python tests/fuzz/make_fuzz.py

mutants: $(STAMP)
	$(BIN)/python tests/mutants/make_mutants.py

# supervisord and circus, to be measured beside us; apart, because the tests install one of them.
bench-peers:
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install -qq --upgrade 'pip>=25.1'
	.venv-bench/bin/python -m pip install -qq --group bench

bench: $(STAMP)
	$(BIN)/python bench/run.py

# The man page, from the commands themselves; a test wants it to be current.
man: $(STAMP)
	$(BIN)/prd-supervise help --man > docs/man/prd-supervise.1

# Units and agents of service managers, from what `service install` writes; a test wants them current.
contrib: $(STAMP)
	$(BIN)/python tests/conformance/make_contrib.py

# The kinds and fields that the state is made of, noted for the test that guards them.
kinds: $(STAMP)
	$(BIN)/python tests/samples/make_samples.py kinds

# The pictures of the README, from a real run; whoever changes a screen looks at them anew.
pictures: $(STAMP)
	$(BIN)/python tests/pictures/make_pictures.py

clean:
	rm -rf $(VENV) $(AGENTS) .venv-bench build dist *.egg-info .coverage* .mypy_cache .ruff_cache .pytest_cache
