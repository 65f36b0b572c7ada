# Two commands: `make demo` serves Roadbook with a demo trip, `make test` runs every check and test.
# Both set up what they need first, and do nothing twice.

SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := .setup

.PHONY: setup demo test check clean

setup: $(STAMPS)/frontend $(STAMPS)/basemap

demo: export ROADBOOK_SITE_NAME ?= Far Coast
demo: export ROADBOOK_SITE_TAGLINE ?= Slow journeys to the edges of the map.
demo: setup
	@$(BIN)/roadbook demo
	@exec $(BIN)/roadbook serve

test: setup $(STAMPS)/test-tools
	@scripts/test

$(STAMPS)/python: requirements.txt pyproject.toml
	@echo "Setting up Python in $(VENV) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Roadbook needs Python 3.11 or later."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || scripts/install python3-venv
	@test -x $(BIN)/pip || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV); }
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/packages: $(STAMPS)/python package.json package-lock.json
	@echo "Fetching what browsers load …"
	@scripts/node npm ci --silent --no-audit --no-fund
	@touch $@

$(STAMPS)/frontend: $(STAMPS)/packages tsconfig.json $(wildcard frontend/*.ts frontend/*.mjs frontend/*/*.ts blog/static/css/*.css)
	@echo "Building what browsers load …"
	@scripts/node npm run --silent build
	@touch $@

$(STAMPS)/basemap: $(STAMPS)/packages blog/geo/basemap.py blog/geo/topology.py
	@echo "Building the basemap …"
	@$(BIN)/python -W ignore::RuntimeWarning -m blog.geo.basemap
	@touch $@

$(STAMPS)/test-tools: $(STAMPS)/python requirements-dev.txt requirements-dev-alone.txt
	@echo "Setting up what the tests need …"
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements-dev-alone.txt
	@scripts/install chromium postgresql redis-server libmagic1
	@touch $@

clean:
	rm -rf $(VENV) $(STAMPS) node_modules blog/static/dist blog/geo/data
