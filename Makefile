# `make app` installs into .venv and serves the page; `make test` installs what tests need and runs them all,
# `make quick` runs those that take no time.

PYTHON ?= python3.11
BIN := .venv/bin

# PyTorch's own index has builds without CUDA, which is most of a download of gigabytes. Where it can't be
# reached within 4 seconds, torch comes from wherever pip finds it; nothing is lost but those seconds.
TORCH_INDEX := https://download.pytorch.org/whl/cpu
REACHED := import os, threading, urllib.request as web; \
  threading.Timer(4, os._exit, [1]).start(); web.urlopen("$(TORCH_INDEX)/torch/", timeout=4); os._exit(0)

.PHONY: app test quick lint lock frontend bench docs pictures

app: .venv/app.done
	$(BIN)/python -m bearclf serve

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

# The page's script and style, from TypeScript: to be built after a change in frontend/, with Node.js and npm.
frontend: .venv/app.done
	cd frontend && npm ci && npm run build
	$(BIN)/python -m pip install --no-deps -e .

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

.venv/app.done: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --no-deps -r requirements.txt \
	  $$($(BIN)/python -c '$(REACHED)' 2>/dev/null && echo --extra-index-url $(TORCH_INDEX))
	$(BIN)/python -m pip install --no-deps -e .
	touch $@

.venv/test.done: .venv/app.done tests/requirements.txt tests/browser.sh
	$(BIN)/python -m pip install --no-deps -r tests/requirements.txt
	sh tests/browser.sh $(BIN)/python
	touch $@

.venv-docs/done: docs/requirements.txt
	$(PYTHON) -m venv .venv-docs
	.venv-docs/bin/python -m pip install --no-deps -r $<
	touch $@
