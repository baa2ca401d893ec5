# kpi-proxy: `make run` and `make test` are all a fresh machine needs (Python 3.11+ and make; no root, no Docker).
#
#   make run                              the demo: an assistant, its people, some weeks of history
#   make run UPSTREAM=http://rasa:5005    your own assistant; ARGS="--preset rasa-rest" for more options

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UPSTREAM ?=
ARGS ?=
WORKERS ?= 2
FUZZ ?= 50
FUZZ_SECONDS ?= 7
SEED ?= 0
# Whole resources; the patches and what kustomize makes of them are held by tests/config.
KUBERNETES := $(filter-out %/kustomization.yaml %/kpi-proxy.yaml %/sidecar.yaml config/kubernetes/gateway/networkpolicy.yaml,$(wildcard config/kubernetes/*/*.yaml))
KUBERNETES_LEAST := 1.30
MARKER := $(VENV)/.made
RUNTIME := $(VENV)/.runtime
TOOLS := $(VENV)/.tools
FUZZER := $(VENV)/fuzz
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input --quiet
LOCKED := $(PIP) install --require-hashes --only-binary :all:
COMPILE := $(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install pdf prices run demo test lint lock-check bench viewers costs fuzz loops alerts image chaos company eval lock clean

help: ## Say what can be made
	@echo "make VERB, where VERB is:"
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | while IFS='	' read -r verb text; do printf '  %-12s %s\n' "$$verb" "$$text"; done
	@echo
	@echo "UPSTREAM=URL  the assistant to stand in front of      ARGS=\"...\"  more options of kpi-proxy"
	@echo "PYTHON=...    a Python 3.11 or newer (now: $(PYTHON))"

install: $(RUNTIME) ## Put the proxy and its locked dependencies into .venv

pdf: $(RUNTIME) ## Add what `kpi-proxy report --format pdf` needs to .venv
	$(LOCKED) -r requirements/pdf.txt

prices: $(RUNTIME) ## Add what `list_prices` needs to .venv
	$(LOCKED) -r requirements/prices.txt

run: $(RUNTIME) ## Serve in front of UPSTREAM=URL, or the demo without it
	@exec $(BIN)/kpi-proxy $(if $(UPSTREAM),serve --upstream '$(UPSTREAM)',demo) $(ARGS)

demo: $(RUNTIME) ## Serve the demo assistant with its people and history
	@exec $(BIN)/kpi-proxy demo $(ARGS)

test: lint ## Lint, then every test (WORKERS=2 files at a time)
	$(BIN)/python -m pytest --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder $(ARGS)

lint: $(TOOLS) lock-check ## Format, style, types, floors, spelling, lock files, compose and Kubernetes files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
	$(BIN)/kubernetes-validate --strict --quiet -k $(KUBERNETES_LEAST) $(KUBERNETES)

lock-check: $(TOOLS) ## See that the lock files fit pyproject.toml (no network)
	$(BIN)/python -m pytest tests/project/test_project_lock.py

bench: $(TOOLS) ## Measure against the budgets, beside other proxies where they are there (ARGS=--quick, --crowd, "--soak 30", "--open 1000", "--behind 1000")
	$(BIN)/python -m tests.bench $(ARGS)

viewers: $(TOOLS) ## Measure what 200 open live pages cost the traffic (ARGS="--viewers 500")
	$(BIN)/python -m tests.bench.viewers $(ARGS)

costs: $(TOOLS) ## Count what the ledger costs: memory, commands, the time of reading 13 months
	$(BIN)/python -m tests.bench.ledger

fuzz: $(TOOLS) $(FUZZER) ## Hostile requests, heads, bodies and streams, and hosts that crash, for some minutes (FUZZ=50 times the suite's, SEED=0, FUZZ_SECONDS=7 a decoder)
	FUZZ=$(FUZZ) $(BIN)/python -m pytest --hypothesis-seed=$(SEED) tests/relay/test_relay_smuggling.py \
		tests/relay/test_relay_head.py tests/relay/test_relay_body.py tests/relay/test_relay_known.py tests/relay/test_relay_straight.py tests/store/test_store_machine.py $(ARGS)
	PYTHONPATH=$(FUZZER) $(BIN)/python -m tests.wire.fuzz --seed=$$(($(SEED) + 1)) --seconds=$(FUZZ_SECONDS)

chaos: $(TOOLS) ## Three hosts on one Redis for ten minutes, an observer killed every few seconds (ARGS="--seconds 60 --hosts 2")
	$(BIN)/python -m tests.e2e.chaos $(ARGS)

company: $(TOOLS) ## A year of a company of known truth: every figure of every month, week and department (ARGS="--days 60 --people 500")
	$(BIN)/python -m tests.company $(ARGS)

alerts: $(TOOLS) ## Cause the faults that the alerts tell of, and see each reach a webhook (some minutes)
	KPI_PROXY_ALERTS=1 $(BIN)/python -m pytest tests/e2e/test_e2e_alerts.py $(ARGS)

image: $(TOOLS) ## Follow the Dockerfile's steps without an engine, and run what they make as nobody
	KPI_PROXY_IMAGE=1 $(BIN)/python -m pytest tests/config/test_config_image.py $(ARGS)

loops: $(TOOLS) ## The relay's tests on asyncio's own loop, too
	LOOP=asyncio $(BIN)/python -m pytest tests/relay $(ARGS)

eval: $(TOOLS) ## Say how well the phrase rules tell handovers, on the corpus of sentences
	@$(BIN)/python -m tests.eval $(ARGS)

lock: $(TOOLS) ## Resolve the dependencies anew into requirements/
	$(COMPILE) pyproject.toml -o requirements/runtime.txt
	$(COMPILE) --extra pdf pyproject.toml -c requirements/runtime.txt -o requirements/pdf.txt
	$(COMPILE) --extra prices pyproject.toml -c requirements/runtime.txt -c requirements/pdf.txt -o requirements/prices.txt
	$(COMPILE) --group build -c requirements/runtime.txt -o requirements/build.txt
	$(COMPILE) --group test -c requirements/runtime.txt -c requirements/pdf.txt -c requirements/prices.txt \
		-c requirements/build.txt -o requirements/test.txt
	$(COMPILE) --group lint -c requirements/runtime.txt -c requirements/build.txt -c requirements/test.txt -o requirements/lint.txt

clean: ## Remove .venv and what tools left
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .fuzz
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The files below .venv mark what was done, so that a second `make run` starts at once.
$(MARKER):
	@command -v $(PYTHON) >/dev/null || { echo "No $(PYTHON) here: install Python 3.11 or newer, or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "$(PYTHON) is $$($(PYTHON) -V 2>&1), kpi-proxy needs Python 3.11 or newer: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "$(PYTHON) has no venv: on Debian and Ubuntu, install python3-venv" >&2; exit 1; }
	@touch $@

$(RUNTIME): requirements/runtime.txt requirements/build.txt pyproject.toml | $(MARKER)
	$(LOCKED) -r requirements/runtime.txt -r requirements/build.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(FUZZER): $(TOOLS) requirements/fuzz.txt
	$(LOCKED) --no-deps --upgrade --target $(FUZZER) -r requirements/fuzz.txt
	@touch $(FUZZER)

$(TOOLS): requirements/test.txt requirements/lint.txt requirements/pdf.txt requirements/prices.txt $(RUNTIME)
	$(LOCKED) -r requirements/test.txt -r requirements/lint.txt -r requirements/pdf.txt -r requirements/prices.txt
	@touch $@
