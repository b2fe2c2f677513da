# `make app` installs into .venv and serves the page, `make lab` opens the notebook in JupyterLab instead; `make test`
# installs what tests need and runs them all, `make quick` those that take no time.

BIN := .venv/bin

# The newest Python that the tests run with; `make app PYTHON=…` takes another. Each is tried, since what PATH names
# need not run (pyenv), or lacks venv (Debian). An environment that is there keeps its Python.
FITS := import ensurepip, sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for python in $(BIN)/python python3.13 python3.12 python3.11 python3; do \
  $$python -c '$(FITS)' 2>/dev/null && echo $$python && break; done)
NO_PYTHON := bearclf needs Python 3.11, 3.12 or 3.13 with its venv module, and finds none. Install one: \
  `sudo apt-get install python3-venv` on Debian or Ubuntu, `brew install python@3.13` on a Mac, else from \
  python.org. If you have one elsewhere, name it: `make app PYTHON=/path/to/python3`

# PyTorch's own index has builds without CUDA, which is most of a download of gigabytes. Where it can't be
# reached within 4 seconds, torch comes from wherever pip finds it; nothing is lost but those seconds.
TORCH_INDEX := https://download.pytorch.org/whl/cpu
REACHED := import os, threading, urllib.request as web; \
  threading.Timer(4, os._exit, [1]).start(); web.urlopen("$(TORCH_INDEX)/torch/", timeout=4); os._exit(0)

.PHONY: app lab test quick lint lock frontend bench docs pictures

app: .venv/app.done
	$(BIN)/python -m bearclf serve

lab: .venv/lab.done
	$(BIN)/python -m jupyter lab app.ipynb

test: .venv/test.done
	$(BIN)/python -m pytest --cov

# What needs no browser, no worker and no training: half a minute.
quick: .venv/test.done
	$(BIN)/python -m pytest -m "not slow and not browser and not readme"

lint: .venv/test.done
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python tests/checks/notebooks.py
	$(BIN)/python tests/checks/pins.py
	$(BIN)/python tests/checks/frontend.py

# What browsers get, from TypeScript: to be built after a change in frontend/, with Node.js and npm.
frontend:
	cd frontend && npm ci && npm run build

# A quarter of an hour, in which the machine should do nothing else.
bench: .venv/test.done
	$(BIN)/python -m tests.benchmarks.bench

# docs/ as a site, in an environment of its own: open site/index.html. A broken link or anchor fails.
docs: .venv-docs/done
	.venv-docs/bin/python -m sphinx --quiet --fresh-env --fail-on-warning --keep-going docs site

# The pictures of the page in docs/, of photos that are drawn.
pictures: .venv/test.done
	$(BIN)/python -m tests.pictures

# The pins, from what pyproject.toml asks for. Versions that are there stay; `make lock UPGRADE=--upgrade`
# takes the newest.
lock: .venv/test.done
	$(BIN)/python tests/checks/pins.py --write $(UPGRADE)

# The package comes first: of a Python that it doesn't run on, pip says so before it downloads gigabytes.
.venv/app.done: requirements.txt pyproject.toml
	$(or $(PYTHON),$(error $(NO_PYTHON))) -m venv $(if $(filter $(BIN)/python,$(PYTHON)),,--clear) .venv
	$(BIN)/python -m pip install --no-deps -e .
	$(BIN)/python -m pip install --no-deps -r requirements.txt \
	  $$($(BIN)/python -c '$(REACHED)' 2>/dev/null && echo --extra-index-url $(TORCH_INDEX))
	touch $@

# The extra's pins are among those of the tests.
.venv/lab.done: .venv/app.done tests/requirements.txt
	$(BIN)/python -m pip install -e '.[notebook]' --constraint requirements.txt --constraint tests/requirements.txt
	touch $@

.venv/test.done: .venv/app.done tests/requirements.txt tests/browser.sh
	$(BIN)/python -m pip install --no-deps -r tests/requirements.txt
	sh tests/browser.sh $(BIN)/python
	touch $@

.venv-docs/done: docs/requirements.txt
	$(or $(PYTHON),$(error $(NO_PYTHON))) -m venv .venv-docs
	.venv-docs/bin/python -m pip install --no-deps -r $<
	touch $@
