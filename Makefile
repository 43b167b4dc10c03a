# Two commands matter:  make demo  and  make test.
#
# Every target does all of its own set-up in a virtual environment, .venv, and
# needs nothing but make and Python >= 3.11. Node.js, with npm, is wanted by the
# part of `make test` that talks to real JavaScript peers, and by `make bench`.
#
#   PYTHON=python3.13    make the environment with this Python
#   ARGS=--once          what to hand to `padchat demo` or to the benchmark
#   CI=1                 what cannot be run is a failure, not a skip

VENV := .venv
BIN := $(VENV)/bin
PYTHONS := $(PYTHON) python3 python3.14 python3.13 python3.12 python3.11 python
USABLE := import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))
PIP := $(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check

# Scripts in an environment name its place and its Python by their full paths, so
# after a move of the checkout, or without that Python, it has to be made again.
ifneq ($(wildcard $(VENV)/made),)
ifneq ($(shell $(BIN)/python -c 'print(open("$(VENV)/made").read())' 2>&1),$(CURDIR))
$(shell rm -f $(VENV)/made)
endif
endif

.PHONY: help demo test bench docs lint vectors fuzz consistency faults crash storm soak peers bench-peers conformance

help:
	@echo "make demo [ARGS=--once]   three accounts against the sandbox gateway"
	@echo "make test                 every check and every test"
	@echo "make lint                 only ruff and mypy"
	@echo "make docs                 the manual, in docs/_build/html"
	@echo "make vectors              replays the recorded traffic, and counts what it covers"
	@echo "make conformance          every WebSocket case of the Autobahn|Testsuite, both roles"
	@echo "make fuzz [N=1000000]     damaged bytes for every decoder and both roles"
	@echo "make consistency          three accounts at random: does the pretend world hold together?"
	@echo "make faults               the 25 problems of such clients, and what shows that they are gone"
	@echo "make crash [N=100]        a service is killed at random: is anything lost, or sent twice?"
	@echo "make storm [N=1000]       that many accounts come back after a restart of the gateway"
	@echo "make soak [MINUTES=15]    200 accounts in chaos: is anything lost, doubled, hung or kept?"
	@echo "make bench                the benchmark, side by side with other clients"

demo: $(VENV)/for-demo
	@$(BIN)/padchat demo $(ARGS)

# The tests come last: their last line is the result.
test: peers $(VENV)/for-test
	@$(MAKE) --no-print-directory --jobs=2 lint docs
	@$(BIN)/python -m tests

lint: $(VENV)/for-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

docs: $(VENV)/for-test
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build/html

vectors: $(VENV)/for-test
	@$(BIN)/python -m tests.wire

# How many cases: make fuzz N=1000000
N := 100000

fuzz: $(VENV)/for-test
	@$(BIN)/python -m tests.wire.fuzz $(N)

# Three accounts at random; ARGS="300 60" plays 300 times 60 steps.
consistency: $(VENV)/for-test
	@$(BIN)/python -m tests.sandbox.consistency $(ARGS)

# Three minutes; ARGS="5 17" looks at these two problems alone.
faults: peers $(VENV)/for-test
	@$(BIN)/python -m tests.faults $(ARGS)

# Some seconds a kill; ARGS=2 has other random moments than ARGS=1.
crash: N := 100
crash: $(VENV)/for-test
	@$(BIN)/python -m tests.crash $(N) $(ARGS)

# How many accounts; a thousand take five minutes.
storm: N := 1000
storm: $(VENV)/for-test
	@$(BIN)/python -m tests.storm $(N)

# Of chaos; then a few more. ARGS="7 50" is another chaos, with 50 accounts.
soak: MINUTES := 15
soak: $(VENV)/for-test
	@$(BIN)/python -m tests.soak $(MINUTES) $(ARGS)

# An hour; ARGS="--role client 9.* 12.1.1" runs a part of it.
conformance: $(VENV)/for-test
	@$(BIN)/python -m tests.conformance $(ARGS)

bench: $(VENV)/for-test bench-peers
	@$(BIN)/python -m tests.bench $(ARGS)

# The JavaScript peers, where there is a Node.js to run them.
peers:
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
	  $(MAKE) --silent tests/interop/node_modules/.package-lock.json; \
	elif [ -n "$(CI)" ]; then \
	  echo "FAILED: the tests against JavaScript peers need node and npm on PATH," \
	    "and with CI set nothing may be skipped. Install Node.js >= 18." >&2; \
	  exit 1; \
	else \
	  echo "SKIPPED: npm ci for tests/interop: there is no node, or no npm, on PATH." \
	    "The tests against JavaScript peers are skipped; they need Node.js >= 18."; \
	fi

bench-peers:
	@command -v node >/dev/null && command -v npm >/dev/null || { \
	  echo "make bench needs node and npm on PATH: it measures JavaScript clients" \
	    "and serves from one. Install Node.js >= 18." >&2; exit 1; }
	@$(MAKE) --silent tests/bench/node_modules/.package-lock.json

tests/%/node_modules/.package-lock.json: tests/%/package-lock.json
	@echo "Installing the JavaScript peers of tests/$*"
	@cd tests/$* && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

$(VENV)/for-demo: $(VENV)/made pyproject.toml
	@echo "Installing padchat-twisted into $(VENV) (a minute, once)"
	@$(PIP) --editable '.[qr]'
	@touch $@

# With the Python peers of the benchmark, for mypy reads their scripts too.
PEERS := tests/bench/requirements.txt tests/conformance/requirements.txt
$(VENV)/for-test: $(VENV)/made pyproject.toml $(PEERS)
	@echo "Installing padchat-twisted and the tools of its tests into $(VENV)"
	@$(PIP) --editable '.[test]' $(PEERS:%=--requirement %)
	@touch $@

$(VENV)/made:
	@for python in $(PYTHONS); do \
	  if $$python -c '$(USABLE)' 2>/dev/null; then \
	    echo "Making the virtual environment $(VENV) with $$python"; \
	    $$python -m venv --clear $(VENV) || exit 1; \
	    printf %s '$(CURDIR)' >$@; \
	    exit 0; \
	  fi; \
	done; \
	echo "No usable Python among: $(PYTHONS)." \
	  "Install Python 3.11 or newer with its venv module (Debian: apt install" \
	  "python3-venv), or name one: make PYTHON=/path/to/python3.12 ..." >&2; \
	exit 1
