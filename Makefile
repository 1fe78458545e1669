# Two commands: `make demo` opens a library of sample stories, `make test` checks everything.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: demo test check setup setup-dev programs library

demo: setup
	$(BIN)/kb demo --port $(PORT)

test: setup-dev programs check
	$(BIN)/python -m pytest --numprocesses=logical --dist=loadfile

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup:
	@$(PYTHON) setup_env.py semantic

setup-dev:
	@$(PYTHON) setup_env.py dev

# Some tests need chromium, tesseract or LibreOffice; without them they are left out, and say so.
programs:
	@sh tests/programs.sh

# Make examples/library again from examples/sources.
library: setup-dev
	$(BIN)/python examples/make_library.py
