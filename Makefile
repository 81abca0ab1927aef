# Everything here sets up what it needs by itself: see `deps`.

SANDBOX := Tests/Sandbox/sandbox
PROGRAM := .build/release/dbauth-admin
SWIFT_FILES := Package.swift Plugins Sources Tests
PYTHON_FILES := Tests/Sandbox Tests/Sandbox/sandbox Tests/Laboratory Tests/Laboratory/laboratory Tests/Reports Tests/Security \
  Tests/Security/check-binary Tests/Fuzz Tests/Fuzz/fuzz \
  Benchmarks

LABORATORY := Tests/Laboratory/laboratory

.PHONY: deps build release demo test laboratory bench fuzz checks-index lint fmt sandbox-up sandbox-down

## deps: Debian packages, .venv, and the sandbox's servers; says what it installs
deps:
	@Tests/Sandbox/install-deps

## build: debug build
build: deps
	swift build

## release: the binary that ships, with the Swift standard library inside
release: deps
	swift build -c release --static-swift-stdlib --disable-local-rpath --product dbauth-admin
	@Tests/Security/check-binary $(PROGRAM)

## demo: move a database of a fresh sandbox to IAM, log in with a token, and take it all back
demo: release
	@Tests/Demo/demo $(PROGRAM)

## test: the sandbox's own tests, then the package's, against servers that live for the run
test: deps
	swift build --build-tests
	.venv/bin/pytest -q Tests/Sandbox Tests/Policies Tests/Tokens Tests/Reports
	.venv/bin/pytest -q Tests/Laboratory
	.venv/bin/pytest -q Tests/Security
	environment=$$($(SANDBOX) up --while $$$$) && DBAUTH_SANDBOX_ENV=$$environment swift test --skip-build

## laboratory: what doctor says about every fault and healthy set-up, as a table; ONLY='WORD …' for some
laboratory: build
	@.venv/bin/python $(LABORATORY) $(ONLY)

## bench: the measured promises, against the ways that people do it today; QUICK=1 for fewer rounds
bench: release
	@.venv/bin/python Benchmarks/run.py $(PROGRAM) $(if $(QUICK),--quick)

## fuzz: 3,000 almost right forms of every input; what fails is kept in Tests/Fuzz/kept. RUNS=N for another number
fuzz: release
	@.venv/bin/python Tests/Fuzz/fuzz $(PROGRAM) --runs $(or $(RUNS),3000)

## checks-index: the list of all pages at the end of checks/README.md, from the pages themselves
checks-index: build
	@sed -i '/made by make checks-index/q' checks/README.md
	@.build/debug/dbauth-admin checks list --format markdown >> checks/README.md

## lint: formatting, style and types, without changing anything
lint: deps
	swift format lint --strict --recursive $(wildcard $(SWIFT_FILES))
	.venv/bin/ruff check --quiet $(PYTHON_FILES)
	.venv/bin/ruff format --quiet --check $(PYTHON_FILES)
	cd Tests/Sandbox && ../../.venv/bin/mypy --strict --no-error-summary sandboxlib testing
	cd Tests/Laboratory && MYPYPATH=../Sandbox ../../.venv/bin/mypy --strict --no-error-summary labkit faults
	cd Tests/Security && MYPYPATH=../Laboratory:../Sandbox ../../.venv/bin/mypy --strict --no-error-summary securitykit
	cd Tests/Fuzz && MYPYPATH=../Laboratory:../Sandbox ../../.venv/bin/mypy --strict --no-error-summary fuzzkit
	cd Benchmarks && ../.venv/bin/mypy --strict --no-error-summary run.py benchlib

## fmt: format every file of Swift and Python
fmt: deps
	swift format --in-place --recursive $(wildcard $(SWIFT_FILES))
	.venv/bin/ruff check --quiet --fix $(PYTHON_FILES)
	.venv/bin/ruff format --quiet $(PYTHON_FILES)

## sandbox-up: the sandbox "dev" with all six servers; prints the path of its environment file
sandbox-up: deps
	@$(SANDBOX) up --id dev

## sandbox-down: end the sandbox "dev" and remove everything that it wrote
sandbox-down:
	@$(SANDBOX) down --id dev
