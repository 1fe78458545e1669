# Two commands: `make demo` opens a library of sample stories, `make test` checks everything.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: demo test check setup setup-dev browser library

demo: setup
	$(BIN)/kb demo --port $(PORT)

test: setup-dev browser check
	$(BIN)/python -m pytest

check: setup-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

setup:
	@$(PYTHON) setup_env.py semantic

setup-dev:
	@$(PYTHON) setup_env.py dev

# The browser tests need Debian's chromium; without it they are left out, and say so.
browser:
	@sh tests/browser.sh

# Make examples/library again from examples/sources.
library: setup-dev
	$(BIN)/python examples/make_library.py
