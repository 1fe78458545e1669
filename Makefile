# Two commands: `make demo` opens a library of sample stories, `make test` checks everything.
PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin

.PHONY: demo test test-postgresql check setup setup-dev programs library wheelhouse sbom audit torture

demo: setup
	$(BIN)/kb demo --port $(PORT)

# All tests, then once more with every library on PostgreSQL, on a server that is started for them,
# but for those of tests/kb, which run on both, and those that keep none. Where KB_TEST_MINUTES says
# how long all of it may take, what is left over is left out, and another part in the next version.
SUITE := $(BIN)/python -m pytest --numprocesses=logical --dist=loadfile --no-loadscope-reorder
UNTIL := $(if $(KB_TEST_MINUTES),$(shell expr $$(date +%s) + 60 \* $(KB_TEST_MINUTES)))
VERSION := $(shell git rev-parse --short=7 HEAD 2>/dev/null)
test: setup-dev programs check
	$(SUITE)
	KB_TEST_DATABASE=own KB_TEST_AGAIN=yes KB_TEST_UNTIL=$(UNTIL) KB_TEST_FROM=$(VERSION) $(SUITE) --ignore=tests/kb

# All of them with every library on PostgreSQL.
test-postgresql: setup-dev programs
	KB_TEST_DATABASE=own $(SUITE)

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

# The long version of what `make test` does in small: hours. Its last results stand in
# docs/reliability.md.
torture: setup-dev wheelhouse
	$(BIN)/python -m benchmarks.killing --files 1000 --kills 50
	KB_TEST_EXAMPLES=10000 $(BIN)/python -m pytest -q tests/kb/test_undo_histories.py --hypothesis-profile=explore
	$(BIN)/python -m benchmarks.airgap wheelhouse
	KB_WORKERS=2 $(BIN)/python -m benchmarks.load var/demo
	$(BIN)/python -m benchmarks.harvesting var/demo
	$(BIN)/python -m pip install --quiet -c constraints.txt atheris
	$(BIN)/python -m benchmarks.fuzzing --inputs 1000000

# All that is installed, for a computer without a network (docs/threats.md).
wheelhouse: setup
	@$(PYTHON) setup_env.py wheelhouse

# What Maktaba is made of, as CycloneDX; known weaknesses of it, and of our own source.
sbom: setup
	$(PYTHON) -m venv --clear .tools && .tools/bin/pip install --quiet cyclonedx-bom==7.5.0
	.tools/bin/cyclonedx-py environment $(BIN)/python --pyproject pyproject.toml --output-reproducible -o sbom.json

# The rules that semgrep reads the source by are ours, and are tried out themselves.
audit: setup-dev
	$(PYTHON) -m venv --clear .tools && .tools/bin/pip install --quiet pip-audit==2.10.1 bandit==1.9.4 semgrep==1.185.0
	.tools/bin/bandit --quiet --severity-level high --recursive kb ingest search web
	.tools/bin/semgrep scan --jobs=1 --config tests/semgrep.yaml --error --quiet --metrics=off --disable-version-check kb ingest search web
	$(BIN)/python -m pytest --quiet tests/test_semgrep.py
	.tools/bin/pip-audit --strict --path $(BIN)/../lib/python3.*/site-packages
