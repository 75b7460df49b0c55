# `make` lists what there is. Recipes stop at the first failure.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

# Everything for Python lies here; demo/tools.py makes it and keeps it at the pinned versions.
PYTHON := .venv/bin/python
TOOLS := import sys; sys.path.insert(0, "demo"); import tools; \
  tools.check_prerequisites(); tools.ensure_venv(tools.Progress(1, "tools"))
# Same crates, same features, same target folder everywhere: the SDK crates compile once to check and once to build.
EVERYTHING := --workspace --all-targets --locked
# A stage of `make test`: its name, its command, and at the end how long it took.
STAGE := .ci/stage

.PHONY: help demo test proof planted bench package generate infra infra-full infra-docs infra-selftest infra-applied clean

help: ## lists the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

demo: ## the whole story on a local AWS; no account, no Docker. KEEP=1 leaves it running
	@python3 demo/demo.py

test: ## everything that proves it; sets up what it needs
	@[ -n "$${HEADROOM_STAGES:-}" ] || $(STAGE) --begin
	@$(STAGE) tools     python3 -c '$(TOOLS)'
	@$(STAGE) fmt       cargo fmt --all --check
	@$(STAGE) build     cargo build $(EVERYTHING)
	@$(STAGE) generated target/debug/xtask generate --check
	@$(STAGE) test      cargo test --workspace --locked
	@$(STAGE) clippy    cargo clippy $(EVERYTHING) -- -D warnings
	@$(STAGE) doc       env RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked
	@$(STAGE) e2e       $(PYTHON) tests/e2e/run.py
	@[ -n "$${HEADROOM_STAGES:-}" ] || $(STAGE) --table

proof: ## the invariants over ten thousand service-days of random worlds; PROOF_SEED=N begins elsewhere
	@PROOF_SERVICE_DAYS=$${PROOF_SERVICE_DAYS:-10000} cargo test --workspace --locked --lib proof::property -- --nocapture

planted: ## plants known bugs in a copy, one at a time; the proof must find each
	@python3 tests/planted/run.py

bench: ## size, start, CPU, calls of the release build, beside a Python peer; writes no file
	@python3 -c '$(TOOLS)'
	@cargo build --release --locked -p alarm-handler --bins --examples
	@$(PYTHON) tests/bench/bench.py

package: ## release zips of the functions into target/lambda
	@cargo build --workspace --locked
	@cargo build --release --locked -p alarm-handler -p notifier -p scheduled-prewarm -p error-rate-rollback -p max-capacity-notifier
	@target/debug/xtask package alarm-handler notifier scheduled-prewarm error-rate-rollback max-capacity-notifier

generate: ## writes what is made from code: manifest, CloudFormation template, JSON Schema
	@cargo build --workspace --locked
	@target/debug/xtask generate

infra: ## checks infra/: statements, patterns, READMEs; and Terraform's fmt, validate, test
	@python3 infra/checks/check.py

infra-full: ## the same, and every example fleet in each of its environments through both modules
	@python3 infra/checks/full.py

infra-docs: ## writes the tables in the modules' READMEs, and the compiled fleets beside the modules
	@python3 infra/checks/check.py --write

infra-selftest: ## plants errors in a copy of infra/, one at a time; each must be found by its own check
	@python3 infra/checks/selftest.py

infra-applied: ## applies both modules for real on the local AWS, fires an alarm, changes, moves, destroys
	@python3 tests/infra/test_applied.py

clean: ## removes what was built, and .venv
	@rm -rf target .venv demo/run
