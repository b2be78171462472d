# Every door for a developer; `make help` lists them.
# Works with GNU make 4 and with the make 3.81 of macOS.

PORT     ?= 8000
DATA_DIR ?= .local
export PORT DATA_DIR PYTHON

BIN      := .venv/bin
# Made when the environment holds what its lock file names.
RUNTIME  := .venv/runtime.stamp
DEV      := .venv/dev.stamp
DRILL    := .venv/drill.stamp
LOAD     := .venv/load.stamp

# The demo shop and its owner, for `make token`.
SHOP     ?= demo
MEMBER   ?= owner

.DEFAULT_GOAL := help
.PHONY: help run reset test quick lint format lock token bench bench-reports bench-health load drill drill-cluster shell manage database messages fonts hooks k3d clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' Makefile

run: $(RUNTIME) ## the shop on this machine (beside it: PORT=8001 DATA_DIR=.local2)
	@exec $(BIN)/python -m local.run

reset: $(RUNTIME) ## throw the data in DATA_DIR away; the next run starts afresh
	@exec $(BIN)/python -m local.reset

test: lint $(DRILL) $(LOAD) ## lint, then every test on a PostgreSQL of its own (one file: T=tests/…)
	@exec $(BIN)/python -m local.suite $(T)

quick: $(DEV) ## the tests that are not slow, without lint
	@exec $(BIN)/python -m local.suite -m "not slow" tests

lint: $(DEV) ## style, types, layers and templates; changes nothing
	$(BIN)/python -m ruff check
	$(BIN)/python -m ruff format --check
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python -m djlint --lint --quiet templates apps

format: $(DEV) ## write the Python as lint wants it
	$(BIN)/python -m ruff check --fix
	$(BIN)/python -m ruff format

lock: $(DEV) ## renew requirements/*.txt from requirements/*.in
	$(call lock-one,runtime)
	$(call lock-one,dev)
	$(call lock-one,drill)
	$(call lock-one,load)

# Without --upgrade the versions of the old file would stay.
lock-one = $(BIN)/uv pip compile requirements/$(1).in --output-file requirements/$(1).txt \
	--upgrade --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet

token: $(RUNTIME) ## an API token of the demo shop's owner (make -s token: only that)
	@exec $(BIN)/python -m local.manage create_api_token --shop $(SHOP) --member $(MEMBER)

bench: $(DEV) ## what is measured, as tables
	@$(BIN)/python -m bench.sales
	@$(BIN)/python -m bench.stock_list
	@$(BIN)/python -m bench.import_pieces
	@$(BIN)/python -m bench.counter
	@$(BIN)/python -m bench.stock_count
	@$(BIN)/python -m bench.customer_search

bench-reports: $(DEV) ## every report on shops of 20,000 and 200,000 sales (3 minutes)
	@$(BIN)/python -m bench.reports

bench-health: $(DEV) ## the probes beside django-health-check, speed and faults (5 minutes)
	@$(BIN)/python -m bench.health

load: $(LOAD) ## a working day of several shops: a table and the books (ARGS="--shops 8 --seconds 120")
	@exec $(BIN)/python -m bench.day $(ARGS)

drill: $(DRILL) ## break the whole system on purpose; writes docs/reference/drills.md (some: D="NAME …")
	@exec $(BIN)/python -m ops drill $(if $(D),run $(D),all --page docs/reference/drills.md)

drill-cluster: $(DRILL) ## the whole system on this machine, to look at and to break by hand
	@exec $(BIN)/python -m local.drill

shell: $(RUNTIME) ## a Python shell with the models, as the role that serves
	@exec $(BIN)/python -m local.manage shell

manage: $(RUNTIME) ## one command of manage.py: make manage ARGS="check"
	@exec $(BIN)/python -m local.manage $(ARGS)

database: $(RUNTIME) ## the database alone, until Ctrl-C
	@exec $(BIN)/python -m local.postgres

messages: $(DEV) ## collect what is to be translated into locale/, and compile it
	@$(BIN)/python -m local.manage makemessages --all --no-location --no-wrap --no-obsolete \
		--ignore tests --ignore node_modules
	@$(BIN)/python -m local.manage compilemessages --ignore '.*' --ignore node_modules

fonts: ## renew static/fonts from the packages that package.json pins (needs npm)
	@exec sh local/fonts.sh

hooks: $(DEV) ## let git run `make lint` before each commit
	@git config core.hooksPath .githooks && echo "hooks      .githooks is in use"

k3d: $(RUNTIME) ## a cluster on this machine with the shop in it, or what changed of it (Docker, k3d)
	@exec $(BIN)/python -m local.k3d $(ARGS)

clean: ## delete what tools left behind; data and .venv stay
	@rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +

$(RUNTIME): requirements/runtime.txt
	@sh local/install.sh requirements/runtime.txt
	@touch $@

# The lock for development holds everything that runs, so one install does for both.
$(DEV): requirements/dev.txt requirements/runtime.txt
	@sh local/install.sh requirements/dev.txt
	@touch $(RUNTIME) $@

$(DRILL): requirements/drill.txt $(DEV)
	@sh local/install.sh requirements/drill.txt
	@touch $@

$(LOAD): requirements/load.txt $(DEV)
	@sh local/install.sh requirements/load.txt
	@touch $@
