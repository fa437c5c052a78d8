# Everything a newcomer or the CI runs. Needs Python 3.11 or later (with venv); the rest is installed into .venv.

PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11 python,$(shell \
	$(name) -c 'import ensurepip, sys, venv; print("$(name)") if sys.version_info >= (3, 11) else None' 2>/dev/null)))

venv := .venv
bin := $(venv)/bin
ready := $(venv)/.ready
demo := build/demo

.PHONY: help demo test lint format docs pictures samples bench lock sbom wheel audit mutants clean

help:
	@echo "make demo     check and pay the sample month, in $(demo)"
	@echo "make test     run the tests"
	@echo "make lint     formatting, lint, types, import contract"
	@echo "make format   format the code"
	@echo "make docs     write the generated pages in docs/ again"
	@echo "make pictures draw the pictures of the README again (needs Chromium)"
	@echo "make samples  write the sample workbooks again"
	@echo "make bench    measure speed and memory (a quarter of an hour)"
	@echo "make lock     check the lock against the project and the environment, offline"
	@echo "make sbom     write the bill of materials, build/sbom.cdx.json"
	@echo "make wheel    build the wheel, install it alone and run it (PYTHONS=\"python3.12 python3.13\": with each of these)"
	@echo "make audit    ask the network for vulnerable and withdrawn releases (a minute)"
	@echo "make mutants  change the program in small ways and see whether its tests notice (a sample; hours for all: SAMPLE=)"
	@echo "make clean    remove what was built; the environment stays"

# The lock holds the build backend as well: nothing unpinned is fetched.
$(ready): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later with the venv module is needed (on Debian and Ubuntu: apt install python3-venv)." >&2; exit 1; }
	@echo "Setting up $(venv) (once) …" >&2
	@test -x $(bin)/python || $(PYTHON) -m venv $(venv)
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(bin)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(ready)

# Exit code 1 says that violations were found: they are what the demo is there to show.
demo: $(ready)
	@rm -rf $(demo) && mkdir -p $(demo) && cp samples/*.xlsx $(demo)
	@root=$$PWD; cd $(demo); for run in "validate attendance.xlsx" "payout --month 2024-05"; do \
		echo; echo "$$ fat $$run --as-of 2024-06-03"; \
		code=0; "$$root/$(bin)/fat" $$run --as-of 2024-06-03 || code=$$?; \
		test $$code -le 1 || exit $$code; \
	done; echo; echo "Files in $(demo)/out/2024-05:"; ls out/2024-05

test: $(ready)
	@$(bin)/python -m pytest -n auto

lint: $(ready)
	@$(bin)/ruff format --check .
	@$(bin)/ruff check .
	@$(bin)/mypy
	@$(bin)/lint-imports

format: $(ready)
	@$(bin)/ruff check --fix-only --quiet .
	@$(bin)/ruff format .

docs: $(ready)
	@$(bin)/fat rules docs docs
	@$(bin)/python docs/make_cli.py
	@$(bin)/python docs/make_workbooks.py
	@$(bin)/python supply/licences.py
	@$(bin)/python supply/days_off.py

pictures: $(ready)
	@$(bin)/python docs/make_pictures.py

samples: $(ready)
	@$(bin)/python samples/make_samples.py

bench: $(ready)
	@test -x build/peers/bin/python || { $(bin)/python -m venv build/peers && \
		build/peers/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers/requirements.txt; } || \
		echo "The peers can't be had here; they are left out." >&2
	@$(bin)/python benchmarks/bench.py

lock: $(ready)
	@$(bin)/python supply/check_lock.py

sbom: $(ready)
	@$(bin)/python supply/sbom.py build/sbom.cdx.json
	@echo "build/sbom.cdx.json"

wheel: $(ready)
	@$(bin)/python supply/try_wheel.py $(PYTHONS)

audit: $(ready)
	@$(bin)/python supply/audit.py

SAMPLE ?= 20
mutants: $(ready)
	@$(bin)/python tests/mutation/mutate.py $(MODULES) $(if $(SAMPLE),--sample $(SAMPLE) --seconds 15)

clean:
	@rm -rf build dist out .coverage .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis
