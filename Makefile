# make run     everything in one terminal (PORT=8000)      make test    all that a change can break
# make lint    style, types, import arrows, templates      make format  put the code in order
# make bench   ratios and latencies                        make soak    kills and load at full size
SHELL := /bin/bash
.DEFAULT_GOAL := run
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN_STAMP := $(VENV)/.run.stamp
DEV_STAMP := $(VENV)/.dev.stamp
BENCH_STAMP := $(VENV)/.bench.stamp
TESTS ?= tests
export PORT
# The processes that run and test start are dozens: each would compile the whole of Hepatica anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup run test bench soak lint format static

setup: $(RUN_STAMP)

# uv is quicker where it is installed; plain pip does the same.
define install
	@if command -v uv >/dev/null; then uv pip install --quiet --python $(BIN)/python --only-binary :all: -r $(1); \
	else $(BIN)/python -m pip install --quiet --disable-pip-version-check --only-binary :all: -r $(1); fi
	@touch $(2)
endef

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Hepatica needs Python 3.11 or later: try make PYTHON=python3.11" >&2; exit 1; }
	@if command -v uv >/dev/null; then uv venv --quiet --python $(PYTHON) $(VENV); \
	elif $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv $(VENV); \
	else echo "Python cannot make a virtual environment here: install the package python3-venv, then try again." >&2; exit 1; fi

$(RUN_STAMP): requirements.txt | $(BIN)/python
	@echo "Installing what Hepatica needs (once; a minute or so)"
	$(call install,requirements.txt,$@)

$(DEV_STAMP): requirements.txt requirements-dev.txt | $(BIN)/python
	@echo "Installing what the tests need (once; a minute or so)"
	$(call install,requirements-dev.txt,$@)
	@touch $(RUN_STAMP)

$(BENCH_STAMP): requirements-bench.txt $(DEV_STAMP)
	@echo "Building what the measurements compare with (once; a few minutes, with a C++ compiler)"
	$(call install,requirements-bench.txt,$@)

run: $(RUN_STAMP)
	@exec $(BIN)/python -m config.launch

static: $(RUN_STAMP)
	@$(BIN)/python manage.py build_vega
	@$(BIN)/python manage.py collectstatic --noinput --verbosity 0

test: $(DEV_STAMP) static
	@$(BIN)/python -m pytest $(TESTS)

bench: $(BENCH_STAMP) static
	@$(BIN)/python -m pytest tests/bench -q -s -o python_files="bench_*.py" -o python_functions="bench_*" -o addopts=""

soak: $(DEV_STAMP) static
	@HEPATICA_FULL_SIZE=1 $(BIN)/python -m pytest -q -s -m soak $(TESTS)

lint: $(DEV_STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/hadolint docker/Dockerfile
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python -m pytest -q tests/config/test_templates.py tests/config/test_deployment.py

format: $(DEV_STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
