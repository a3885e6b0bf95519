# Everything a newcomer needs, in two words: `make demo`, `make test`. `make help` lists the rest.
SHELL := /bin/sh
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# The first Python >= 3.11 on the PATH; override with `make PYTHON=/path/to/python`.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
  if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then command -v $$p; break; fi; done)
BIN := .venv/bin
STAMPS := .stamps
WORKERS ?= 2
TAG := web/tag/dist/tag.js
CONSOLE := web/console/dist/index.html
TAG_SOURCES := $(shell find web/tag -type f -not -path '*/node_modules/*' -not -path '*/dist/*' 2>/dev/null)
CONSOLE_SOURCES := $(shell find web/console src/omotenashi/console -type f -not -path '*/node_modules/*' -not -path '*/dist/*' \
  -not -path '*/src/api/schema.d.ts' -not -path '*/src/api/openapi.json' -not -name '*.pyc' 2>/dev/null)

.PHONY: help setup demo test check bench browser lock schema clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMPS)/python $(TAG) $(CONSOLE) ## The virtual environment, the locked packages, the built tag and console

demo: setup ## Edge, console and a demo shop, with configuration and history; Ctrl-C stops them
	@exec $(BIN)/omotenashi demo

# Long files first, in the order of the folders; the short ones fill up what is left at the end.
test: setup browser ## All the tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
	npm test --silent --workspaces --if-present

check: setup ## Lint, formatting, types, import map
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/basedpyright --warnings
	$(BIN)/lint-imports --no-cache
	npm run check --silent --workspaces --if-present

bench: setup ## Ratios to a null server; writes bench/RESULTS.md and bench/results.json
	npm ci --prefix bench/tags --ignore-scripts --no-audit --no-fund --loglevel=error
	$(BIN)/python -m bench

browser:
	@.ci/browser

lock: $(STAMPS)/python ## Lock the Python packages anew, without download addresses
	$(BIN)/uv pip compile -q --upgrade --universal --python-version 3.11 --no-emit-index-url --generate-hashes \
	  --custom-compile-command "make lock" requirements/runtime.in -o requirements/runtime.txt
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --no-emit-index-url --generate-hashes \
	  --custom-compile-command "make lock" -c requirements/runtime.txt requirements/dev.in -o requirements/dev.txt

schema: $(STAMPS)/python ## Write the published JSON Schema from its one definition
	$(BIN)/python -m omotenashi.configuration.schema spec

clean: ## Remove what the set-up made, and the demo's data
	rm -rf .venv .stamps .demo-data node_modules web/*/node_modules web/*/dist

# A stamp is older than what it was made from exactly when the set-up has to run again.
$(STAMPS)/python: requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none is on the PATH (Debian, Ubuntu: apt-get install python3 python3-venv)." >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv || { echo "Could not make a virtual environment (Debian, Ubuntu: apt-get install python3-venv)." >&2; exit 1; }
	@echo "Installing the locked packages into .venv; the first time takes a few minutes ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/node: package.json package-lock.json
	@command -v npm >/dev/null 2>&1 || { echo "Node 20 or newer with npm is needed (https://nodejs.org)." >&2; exit 1; }
	@node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || { echo "Node 20 or newer is needed; this is $$(node --version)." >&2; exit 1; }
	npm ci --no-audit --no-fund --loglevel=error
	@mkdir -p $(STAMPS) && touch $@

$(TAG): $(STAMPS)/node $(TAG_SOURCES)
	npm run build --silent -w web/tag
	@touch $@

# Its types are made from the staff API's own description.
$(CONSOLE): $(STAMPS)/python $(STAMPS)/node $(TAG) $(CONSOLE_SOURCES)
	npm run build --silent -w web/console
	@touch $@
