# make run    opens nnplay, installing what it needs first
# make test   installs and runs the tests, without a screen
VENV ?= .venv
PYTHON ?= python3
export VENV PYTHON

BIN := $(VENV)/bin
OFFSCREEN := QT_QPA_PLATFORM=offscreen QT_NO_GUI_THREADPOOL=1

.PHONY: run test check bench soak format clean

run:
	@.ci/setup run
	@$(BIN)/python -m nnplay

test:
	@.ci/setup test
	@$(OFFSCREEN) $(BIN)/python -X faulthandler -m pytest -n auto --maxprocesses 4 --dist loadfile

check:
	@.ci/setup check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/no_matmul.py nnplay/core
	$(BIN)/python .ci/prove_rules.py

bench:
	@.ci/setup test
	@$(OFFSCREEN) $(BIN)/python -m benchmarks

# make soak SOAK_MINUTES=60    the readers take turns; the kills take half an hour besides
# make soak SOAK_FILES=1000    fewer damaged files for each reader (SOAK_FIRST: from another one on)
# make soak SOAK_ONLY=readers  or kill, machine: a word in the names of the tests
export SOAK_MINUTES SOAK_FILES SOAK_FIRST
soak:
	@.ci/setup test
	@$(OFFSCREEN) $(BIN)/python -X faulthandler -m pytest -m soak -k "$(SOAK_ONLY)"

format:
	@.ci/setup check
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
