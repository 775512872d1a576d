# meterd: the targets a person types. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
RELEASE := .build/release

.PHONY: help deps build release run test check lint format peers replay-check kill-check store-kill-check fault-check \
	sim plant-check sweep fuzz bench-transport bench-province bench-codec bench-store score ingest defence-check rule-check \
	screenshot clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

deps: ## Install the Debian packages that are missing (sudo when not root)
	@scripts/install-packages libmodbus-dev libsqlite3-dev pkg-config

build: deps ## Build everything, for debugging
	swift build

release: deps ## Build meterd and metersim optimized
	swift build -c release

run: release ## Simulate a fleet, collect it on a fast clock, print a bill, stay up (EXIT=1 ends after the bill)
	@EXIT=$(EXIT) scripts/demo

test: check ## All checks: the same as CI

check: deps lint ## Format lint, build, all tests, tidy checks, independent peers
	swift build --build-tests
	METERD_RANDOM_BILLS=1000000 scripts/run-tests
	swift build -c release
	scripts/peer-check
	scripts/kill-check 3
	$(RELEASE)/storm --kills 20
	scripts/replay-check
# Each lives on one core.
	$(RELEASE)/rehearse --seeds 100 & half=$$!; $(RELEASE)/rehearse --seeds 100 --first 101 && wait $$half

lint: ## Check the format of every Swift file
	swift format lint --strict --recursive Package.swift Sources simulators Tests Benchmarks

format: ## Format every Swift file
	swift format --in-place --recursive Package.swift Sources simulators Tests Benchmarks

peers: release ## pymodbus and mbpoll against meterd and metersim
	scripts/peer-check

replay-check: release ## Recorded households: every index equals the fleet's truth
	scripts/replay-check

kill-check: release ## kill -9 at 20 random moments: nothing lost, nothing doubled
	scripts/kill-check 20

store-kill-check: release ## kill -9 at 200 random moments of everything a store can do, on one file: nothing lost, nothing doubled
	$(RELEASE)/storm --kills $(or $(KILLS),200) --seed $(or $(SEED),4711)

fault-check: deps ## Every call of the store on its disk fails in turn, and forty bits of every page: some minutes (make check does a part)
	METERD_EVERY_CALL=1 swift test --filter "DiskFaultTests|DamagedPageTests"

sim: release ## SEEDS worlds (200) of DAYS midnights (30), lived through on a virtual clock and checked (simulators/REHEARSAL.md)
	$(RELEASE)/rehearse --seeds $(or $(SEEDS),200) --first $(or $(FIRST),1) --days $(or $(DAYS),30)

plant-check: deps ## Three planted defects, each of which the rehearsal must find
	scripts/plant-check

defence-check: deps ## Each defence taken out of the head-end in turn: the scenarios that need it must fail (ONLY="unit breaker")
	scripts/defence-check $(ONLY)

rule-check: deps ## Each rule and each event of a meter's life taken out in turn: its log-book test must fail (ONLY="high moved")
	scripts/rule-check $(ONLY)

sweep: release ## 2,000 gateways × 20 meters in one process: time and memory of one sweep
	$(RELEASE)/sweep

bench-transport: deps ## meterd, raw C epoll, libmodbus, pymodbus in turn: requests for each second of a client's processor
	for product in Server Epoll Libmodbus Meterd; do swift build -c release --product transport$$product || exit 1; done
	scripts/bench-transport

bench-province: release ## 726,995 meters behind 3,600 gateways in one meterd: import, two midnights, CPU, memory
	scripts/bench-province

bench-codec: deps ## Bytes an index in a chunk, beside zstd and entropy, on a made-up province and on recorded homes
	@scripts/install-packages zstd
	swift build -c release --product codec
	$(RELEASE)/codec

bench-store: deps ## Thirteen months of a province's twentieth in the store, and in its peers (FULL=1: all 872,394 registers)
	swift build -c release --product storebench
	FULL=$(FULL) scripts/bench-store

SECONDS ?= 60
fuzz: deps ## Damaged streams, words, profiles and chunks for SECONDS=60 (SEED=n repeats a run, ONLY=n one input of it)
	swift build --product fuzz
	.build/debug/fuzz --seconds $(SECONDS) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

score: deps ## Estimates and rules against what recorded homes took (skipped where there are none)
	swift build -c release --product score
	$(RELEASE)/score

ingest: deps ## Three nights of a province into the store alone: readings a second, CPU, bytes written
	swift build -c release --product storebench
	$(RELEASE)/storebench nights

screenshot: release ## Pictures of the control centre, and a bill as PDF on one A4 page, into .build/screenshots
	scripts/screenshot

clean: ## Remove what was built
	rm -rf .build
