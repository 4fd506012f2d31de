# kbchat: `make demo` and `make test` work in a fresh clone on a machine that has only Python (>= 3.11).

VENV ?= .venv
PYTHON ?= python3
DEMO_DIR ?= .demo
# Whoever is done takes over from the other: so one process builds what many tests share, and none is idle at the end.
PYTEST_ARGS ?= -n 2 --dist worksteal
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
INPUTS := pyproject.toml constraints.txt kbchat/__init__.py

.DEFAULT_GOAL := help
.PHONY: help install demo test lint format bench docs sample-kb bundle constraints clean

help: ## Show this list
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# A virtual environment whose making was interrupted has no pip: it is made again.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "kbchat needs Python 3.11 or later; '$(PYTHON)' is $$($(PYTHON) -V 2>&1). Try: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@echo "Creating the virtual environment $(VENV) ..."
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "The virtual environment could not be made. On Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }

# The stamps are written last, so an interrupted installation is done again.
$(VENV)/.kbchat-core: $(INPUTS) | $(BIN)/pip
	@echo "Installing kbchat (the first time takes a few minutes) ..."
	@$(PIP) install --quiet --constraint constraints.txt --editable .
	@touch $@

$(VENV)/.kbchat-all: $(INPUTS) | $(BIN)/pip
	@echo "Installing kbchat with everything its tests need (the first time takes some minutes) ..."
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[local,dev]'
	@touch $@ $(VENV)/.kbchat-core

install: $(VENV)/.kbchat-core ## Create the virtual environment and install kbchat
	@echo "Installed. Run: $(BIN)/kbchat --help"

demo: $(VENV)/.kbchat-core ## Ingest sample_kb and ask three questions
	@$(BIN)/kbchat demo sample_kb --data-dir $(DEMO_DIR)
	@echo
	@echo "Before these commands / 请先运行:  . $(BIN)/activate"

test: $(VENV)/.kbchat-all ## Install everything and run all tests
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.kbchat-all ## Check style, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy --config-file pyproject.toml scripts

format: $(VENV)/.kbchat-all ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.kbchat-all ## Measure what docs/measurements.md reports
	$(BIN)/python -m benchmarks

docs: $(VENV)/.kbchat-all ## Write docs/cli.md and docs/settings.md from the code
	$(BIN)/python scripts/generate_docs.py

sample-kb: $(VENV)/.kbchat-all ## Build sample_kb from its sources
	$(BIN)/python scripts/build_sample_kb.py

bundle: $(VENV)/.kbchat-core ## Pack everything for a machine without internet into dist/ (BUNDLE_ARGS="--extra local": with model packages)
	@$(BIN)/python scripts/make_bundle.py $(BUNDLE_ARGS)

constraints: $(VENV)/.kbchat-all ## Pin the versions installed now
	$(BIN)/python scripts/update_constraints.py

clean: ## Remove the demo's data and the tools' caches (not the virtual environment)
	rm -rf .demo .mypy_cache .ruff_cache .pytest_cache .hypothesis build *.egg-info
