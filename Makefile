# make demo    the main job, end to end, on this machine
# make test    everything that must be true, in a few minutes (makes an environment with the real Prefect, too)
# make lab     JupyterLab with the sidebar, from the sources
# make bench   Perijove, Prefect and jupyter-scheduler side by side
# make prefects  the tests of the wire with other releases of Prefect, each in an environment of its own
# make prefects PREFECTS=newest  the same with the newest release there is (for a nightly run)
# make chaos   what dies is killed as it runs: NAME=zombies N=1500, and others (see tests/chaos/__main__.py)
# make pictures  the README's pictures of the sidebar
# make full    the longer tests, and the property tests at their full size (an hour or more)

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test lint lab bench full prefects chaos pictures clean

SIDEBAR := $(shell find labextension/src labextension/style labextension/schema -type f) labextension/package.json

demo: .venv/demo
	$(BIN)/perijove demo

test: lint .venv/sidebar .venv/browser .venv-prefect/ready
	$(BIN)/python labextension/hatch_build.py lint test
	$(BIN)/python -m pytest -n auto

lab: .venv/sidebar
	$(BIN)/jupyter lab

lint: .venv/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/test .venv-prefect/ready .venv-scheduler/ready
	$(BIN)/python -m benchmarks.main --prefect .venv-prefect/bin/python --jupyter-scheduler .venv-scheduler/bin/python
	$(BIN)/python -m benchmarks.on_prefect --prefect .venv-prefect/bin/python

full: .venv/test .venv-prefect/ready .venv/postgresql
	PERIJOVE_WINDOWS=1000000 $(BIN)/python -m pytest tests/property/test_recurrence.py --timeout 0
	$(BIN)/python -m pytest tests -m full --timeout 0

prefects: .venv/test .venv/postgresql
	$(BIN)/python -m tests.contract.releases $(PREFECTS)

chaos: .venv/test
	$(BIN)/python -m tests.chaos $(NAME) $(N)

pictures: .venv/sidebar .venv/browser
	$(BIN)/python -m tests.browser.pictures

clean:
	rm -rf .venv .venv-prefect .venv-prefect-* .venv-scheduler

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/demo .venv/test: .venv/%: pyproject.toml | .venv/bin/python
	$(BIN)/python -m pip install --quiet --editable '.[$*]'
	touch $@

.venv/sidebar: .venv/test $(SIDEBAR)
	$(BIN)/python labextension/hatch_build.py
	mkdir -p .venv/share/jupyter/labextensions
	ln -sfn ../../../../labextension/build .venv/share/jupyter/labextensions/perijove
	touch $@

# Debian's Chromium, or else Playwright's own.
.venv/browser: .venv/test
	command -v chromium || command -v google-chrome || apt-get install --yes --quiet chromium || $(BIN)/playwright install chromium
	touch $@

.venv/postgresql: .venv/test
	command -v pg_ctl || ls /usr/lib/postgresql/*/bin/pg_ctl || apt-get install --yes --quiet postgresql
	touch $@

# Prefect allows newer versions of these two than it works with.
.venv-prefect/ready:
	$(PYTHON) -m venv .venv-prefect
	.venv-prefect/bin/python -m pip install --quiet 'prefect==3.8.8' 'fastapi==0.139.*' 'sqlalchemy<2.1'
	touch $@

.venv-scheduler/ready:
	$(PYTHON) -m venv .venv-scheduler
	.venv-scheduler/bin/python -m pip install --quiet 'jupyter_scheduler==2.12.1' ipykernel
	touch $@
