# The two commands of the README, and what they stand on.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.PHONY: demo test coverage models clean

demo: .venv/lab
	@$(BIN)/python -m inkdigits train quick --evaluate --or-synthetic
	@echo; echo "What inkdigits reads in the pages of examples/:"
	@$(BIN)/python -m inkdigits read examples --annotated runs/_examples
	@echo "The pages with boxes and confidences: runs/_examples/"
	@echo "Draw your own, and look at the run: $(BIN)/inkdigits serve"

test: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist worksteal  # a process a core

# The same tests, watched line by line, which takes half as long again.
coverage: .venv/dev
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --dist worksteal \
		--cov --cov-report=term:skip-covered

# The models that `inkdigits read` uses, and their cards: hours, in stages that go on after a stop.
# One thread: in another order the same sums would give other bits.
models: .venv/lab
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks models --out src/inkdigits/models

# A stamp a set of packages: make installs again only when what is asked for has changed.
.venv/lab: pyproject.toml constraints.txt
	@echo "Installing into .venv (once, a minute or so) ..."
	@$(PYTHON) -m venv .venv
	@$(PIP) torch  # before what depends on it, so that the pinned build is the one they find
	@$(PIP) --editable '.[lab,web]'
	@touch $@

.venv/dev: .venv/lab
	@$(PIP) --editable '.[dev]'
	@touch $@

clean:
	rm -rf .venv dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
