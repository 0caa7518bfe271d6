# Everything here needs python3 (3.11 or newer), make and git, and nothing else.
PYTHON ?= python3
DEMO := .venv
DEV := .venv-dev
BIN := $(DEV)/bin

# Settings of the caller's shell must not decide which code is run.
unexport PYTHONPATH PYTHONHOME

.DEFAULT_GOAL := help
.PHONY: help demo test lint types fmt docs bench clean browser exiftool postgresql

help: ## Show this list.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1\t\2/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
	  printf '  make %-6s %s\n' "$$name" "$$text"; done

demo: $(DEMO)/stamp ## Install the base package into .venv and rank the example series.
	@mkdir -p demo
	@$(DEMO)/bin/fgaesq rank examples/bursts --html demo/ranking.html --picture demo/ranking.png
	@printf '\nThe same as a web page: %s\nand as a picture:       %s\n' \
	  "$(CURDIR)/demo/ranking.html" "$(CURDIR)/demo/ranking.png"

test: $(DEV)/stamp browser exiftool postgresql ## Check style and types and run the whole test suite.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/pytest

lint: $(DEV)/stamp ## Check style.
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)/stamp ## Check types.
	$(BIN)/mypy

fmt: $(DEV)/stamp ## Format the code and mend what can be mended.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(DEV)/stamp ## Write the generated parts of the documents anew.
	$(BIN)/python tools/make_numbers.py
	$(BIN)/python tools/make_cli_docs.py
	$(BIN)/python tools/make_shown_output.py

bench: $(DEV)/stamp ## Measure the speed.
	$(BIN)/python benchmarks/speed.py

clean: ## Remove what the other targets made.
	rm -rf $(DEMO) $(DEV) demo build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A stamp says that an environment is complete; it is made anew when what to install changes.
define new_environment
@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
  { echo "fgaesq needs Python 3.11 or newer; give one: make PYTHON=/path/to/python3"; exit 1; }
$(PYTHON) -m venv --clear $(@D)
endef

$(DEMO)/stamp: pyproject.toml
	$(new_environment)
	$(DEMO)/bin/python -m pip install --quiet --no-compile --editable .
	@touch $@

$(DEV)/stamp: pyproject.toml constraints-dev.txt
	$(new_environment)
	$(BIN)/python -m pip install --quiet --constraint constraints-dev.txt --editable '.[dev]'
	@touch $@

# Pages are tested in a real browser, sidecars with ExifTool, votes on PostgreSQL, where there are
# these programs.
debian = { [ "$$(id -u)" = 0 ] && command -v apt-get && apt-get -qq update && \
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends $(1); } >/dev/null

browser:
	@command -v chromium || command -v chromium-browser || command -v google-chrome || \
	$(call debian,chromium) || echo "no chromium on the PATH; the browser tests will be skipped"

exiftool:
	@command -v exiftool || $(call debian,libimage-exiftool-perl) || \
	echo "no exiftool on the PATH; the tests that read sidecars with it will be skipped"

postgresql:
	@command -v initdb || ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null | grep . || \
	$(call debian,postgresql) || echo "no postgresql; the tests that keep votes in it will be skipped"
