# Every target sets up what it needs: Python >= 3.11, git and make are enough.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
UV_VERSION := 0.13.8
ARGS ?=

.PHONY: demo serve test test-web check bench soak docs messages lock clean format

demo: $(VENV)/.run
	$(BIN)/manciple demo $(ARGS)

serve: $(VENV)/.run
	$(BIN)/manciple serve $(ARGS)

test: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

test-web: $(VENV)/.dev
	$(BIN)/python -m pytest -m browser -n auto --dist loadfile $(ARGS)

check: $(VENV)/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

bench: $(VENV)/.dev
	$(BIN)/python -m bench $(ARGS)

soak: $(VENV)/.dev
	$(BIN)/python -m pytest -m soak $(ARGS)

mutate: $(VENV)/.dev
	$(BIN)/python -m tests.mutate $(ARGS)

docs: $(VENV)/.dev
	$(BIN)/python docs/generate.py $(ARGS)

# New texts of pages go into every language's catalogue; what is missing is told.
messages: $(VENV)/.dev
	$(BIN)/python -m manciple.web.catalogue

format: $(VENV)/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(VENV)/uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --group dev pyproject.toml -o requirements-dev.lock

$(VENV)/uv:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Manciple needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Set PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)
	@touch $@

$(VENV)/.run: $(VENV)/uv requirements.lock pyproject.toml hatch_build.py web/package-lock.json web/build.mjs $(wildcard web/src/*)
	[ -f $(VENV)/.dev ] || VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --require-hashes -r requirements.lock
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --no-deps -e .
	@touch $@

$(VENV)/.dev: $(VENV)/uv requirements-dev.lock $(VENV)/.run
	VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --require-hashes -r requirements-dev.lock
	@touch $@

clean:
	rm -rf $(VENV) dist build src/manciple/web/static web/node_modules
