# make run    everything with one command        make test   all tests
# make check  style, types, contracts            make fix    formats what can be formatted
.DEFAULT_GOAL := help
.PHONY: help run test faults mutants check fix backup restore sbom

# The first Python that really runs and is new enough; 3.11 is what we test with.
PYTHON ?= $(shell for p in python3.11 python3 python3.12 python3.13; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
# One more than processors: a test waits for its browser, its database, its deadline. Eight at the
# most, for the sake of their PostgreSQL's connections.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n < 7 ? n + 1 : 8)))
ARGS ?=
BIN := .venv/bin
# Code that is compiled once and kept starts in half the time.
unexport PYTHONDONTWRITEBYTECODE
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

help: ## this list
	@echo "TrustedTruck"
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' Makefile | while IFS='	' read name text; do \
		printf '  make %-7s %s\n' "$$name" "$$text"; done
	@echo "PORT (8000), BIND, TRUSTEDTRUCK_HOME (var), DATABASE_URL, REDIS_URL change where it runs."

run: .venv/installed ## start everything: database, broker, web, workers (Ctrl-C stops it)
	@$(BIN)/python manage.py run $(ARGS)

backup: .venv/installed ## the running installation in one file (ARGS="/place --recipient age1…")
	@$(BIN)/python manage.py backup $(ARGS)

restore: .venv/installed ## an empty TRUSTEDTRUCK_HOME from a backup (ARGS="FILE --identity KEY")
	@$(BIN)/python manage.py restore $(ARGS)

test: .venv/installed-dev ## all tests, on a PostgreSQL and a Valkey of their own (ARGS=... to choose)
ifeq ($(ARGS),)
	$(BIN)/python -m pytest -n $(WORKERS) -m "not installation and not campaign" --durations 20
	@# Whole installations, with deadlines to keep: one after the other.
	$(BIN)/python -m pytest -m "installation and not campaign" --durations 20
else
	$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)
endif

faults: .venv/installed-dev ## break an installation of its own while trucks come (ARGS="--seed 7 --seconds 600")
	$(BIN)/python -m tests.faults $(ARGS)

mutants: .venv/installed-dev ## switch off six safeguards, one at a time: the campaign must notice each
	$(BIN)/python -m tests.faults --mutants $(ARGS)

# Side by side: the types alone take as long as all the rest. Each shows its lines when it is through.
CHECKS := check-types check-style check-migrations check-imports check-pages
.PHONY: $(CHECKS)
$(CHECKS): .venv/installed-dev

check: .venv/installed-dev ## style, types, import contract, migrations, settings
	@$(MAKE) --no-print-directory --jobs 2 --output-sync=target --keep-going $(CHECKS)

check-types:
	$(BIN)/mypy

check-style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive trustedtruck lanes examples manage.py

check-migrations:
	$(BIN)/python -m tests.lint_migrations

check-imports:
	$(BIN)/lint-imports

check-pages:
	$(BIN)/python manage.py check
	$(BIN)/python manage.py texts --check
	$(BIN)/python manage.py diagrams --check
	$(BIN)/python manage.py rules_page --check
	$(BIN)/python manage.py http_file --check
	$(BIN)/python manage.py roles --check
	$(BIN)/python manage.py reference --check

sbom: .venv/installed-dev ## what it is made of, as CycloneDX: sbom.json
	$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
		--output-file sbom.json $(BIN)/python

fix: .venv/installed-dev ## format, and repair what the linter can repair
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv: .venv/installed ## the environment for running

.venv/bin/python:
	@if [ -z "$(PYTHON)" ] || ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "TrustedTruck needs Python 3.11 or newer, and none was found."; \
		echo "Install it, or name it: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; fi
	@echo "Making the environment in .venv with $$($(PYTHON) --version) ..."
	@$(PYTHON) -m venv .venv || { rm -rf .venv; \
		echo "$(PYTHON) cannot make a virtual environment. On Debian: apt-get install python3-venv"; exit 1; }

.venv/installed: requirements.txt constraints.txt | .venv/bin/python
	@echo "Installing requirements.txt (a minute or two the first time) ..."
	@$(PIP) install -r requirements.txt || { \
		echo "The packages could not be installed; see pip's message above."; exit 1; }
	@touch $@

.venv/installed-dev: requirements-dev.txt .venv/installed
	@echo "Installing requirements-dev.txt ..."
	@$(PIP) install -r requirements-dev.txt || { \
		echo "The packages could not be installed; see pip's message above."; exit 1; }
	@touch $@
