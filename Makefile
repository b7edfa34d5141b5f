# Everything starts here. On a fresh Debian 12 with git, make and Python 3.11, each target does its
# own set-up first; all are safe to repeat.

PYTHON := .venv/bin/python
ECLUSE := .venv/bin/ecluse

DRAWN := tests/crash tests/agreement tests/attacks tests/unit/domain/reviews \
  tests/unit/portal/cases/test_random_walk.py tests/unit/portal/outputs/test_random_walk.py

.DEFAULT_GOAL := help
.PHONY: help setup setup-test demo tour status stop test soak check fix docs lock clean

help: ## Show this help
	@echo "Écluse: permits in, checked results out."; echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what is missing: Debian packages (as root), .venv
	@setup/debian.sh
	@setup/environment.sh

setup-test:
	@setup/debian.sh test
	@setup/environment.sh test

demo: setup ## Start the demonstration: both sites, the agent, a synthetic country
	@$(ECLUSE) demo

tour: setup ## Walk the whole road once, from application to release
	@$(ECLUSE) tour

status: setup ## Say what of the demonstration is running
	@$(ECLUSE) status

stop: setup ## Stop the demonstration
	@$(ECLUSE) stop

test: setup-test ## Run every check and every test, real browser included
	@$(PYTHON) setup/gate.py

soak: export ECLUSE_KILLS := 50
soak: export ECLUSE_STEPS := 20000
soak: export ECLUSE_WALKS := 200
soak: export ECLUSE_TABLES := 2000
soak: export ECLUSE_COHORTS := 5000
soak: export ECLUSE_COHORTS_SPARK := 50
soak: export ECLUSE_SCHEMATHESIS := 30
soak: export ECLUSE_MUTATIONS := 10000
soak: setup-test ## Kill, walk and draw as often as docs/reference/measurements.md says: hours
	@$(PYTHON) -m pytest --numprocesses=2 --dist=loadfile --durations=20 $(DRAWN)

check: setup ## Run the checks alone: ruff, mypy, imports, generated documents
	@setup/check.sh

fix: setup ## Repair what ruff can repair, write generated documents again
	@$(PYTHON) -m ruff check --fix --quiet . || true
	@$(PYTHON) -m ruff format --quiet .
	@$(PYTHON) docs/generate.py

docs: setup ## Write the reference pages that come from the code
	@$(PYTHON) docs/generate.py

lock: setup ## Write requirements.lock again from pyproject.toml
	@setup/lock.sh --upgrade

clean: ## Remove what was built; the demonstration's data stay (ecluse stop, then remove ECLUSE_HOME)
	@rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build dist
	@find src tests benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
