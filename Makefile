# make demo: a plausible desk to look around in. make test: everything a change must pass.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: demo test packages lint types catalogues bench soak screenshots clean

$(READY): pyproject.toml setup.py tools/venv.sh
	tools/venv.sh $(PYTHON) $(VENV)
	touch $@

demo: $(READY)
	$(BIN)/dutydesk demo

# Five at once on two cores: tests of screens, terminals and lines wait half of their time. The long files begin first.
test: packages lint types $(READY)
	$(BIN)/pytest -m "not soak and not bench" -n 5 --dist loadfile --no-loadscope-reorder \
		tests/ssh tests/terminal tests/soak tests/faults tests/postgres tests/services/test_demo.py tests/ui tests/services \
		tests

packages:
	tools/packages.sh

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m dutydesk.locale.compile --check

types: $(READY)
	$(BIN)/mypy

catalogues: $(READY)
	$(BIN)/python -m dutydesk.locale.compile

bench: packages $(READY)
	$(BIN)/python -m tests.bench

soak: packages $(READY)
	$(BIN)/pytest -m soak

screenshots: $(READY)
	$(BIN)/python -m tests.screenshots

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache
