# Orrery's front door; the work is done by CMake (CMakePresets.json) and the files in scripts/.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

# A compiler process can take 1.5 GB: fewer jobs than processors where memory is short.
JOBS ?= $(shell awk -v cpus="$$(nproc)" '/^MemAvailable/ {jobs = int($$2 / 1500000); if (jobs > cpus) jobs = cpus; if (jobs < 1) jobs = 1; print jobs}' /proc/meminfo)
PREFIX ?= /usr/local
RESULTS ?= results/quickstart.db
NODES ?= 10
ORRERY := build/release/bin/orrery
# Python with the package as the tests' build has put it together.
PYTHON := PYTHONPATH=$(CURDIR)/build/dev/python build/dev/python/environment/bin/python

.PHONY: help
help: ## Say what there is to make
	@echo "Orrery: what would this policy do to my clusters, and can I trust the answer?"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo
	@echo "Missing Debian packages are installed by scripts/setup, which says so first."

.PHONY: demo
demo: build ## Build, run the quickstart experiment and compare its policies
	@mkdir -p $(dir $(RESULTS))
	@echo; echo "\$$ $(ORRERY) run quickstart --out $(RESULTS)"
	@$(ORRERY) run quickstart --out $(RESULTS)
	@echo; echo "\$$ $(ORRERY) compare $(RESULTS)"
	@$(ORRERY) compare $(RESULTS)
	@echo; echo "The results are in $(RESULTS). See also: $(ORRERY) --help"

.PHONY: build
build: build/release/.configured ## Build the command: build/release/bin/orrery
	@cmake --build --preset release --target orrery -j $(JOBS)

.PHONY: test
test: ## Build and run the tests
	@scripts/setup build test
	@$(MAKE) -s --no-print-directory build/dev/.configured
	@cmake --build --preset dev -j $(JOBS)
	@ctest --preset dev -j $(JOBS)

.PHONY: test-kube
test-kube: ## Run the tests against a real Kubernetes control plane
	@scripts/setup build test kube
	@tests/kube/build >/dev/null || [ $$? = 3 ]  # without Go they skip
	@$(MAKE) -s --no-print-directory build/dev/.configured
	@cmake --build --preset dev --target orrery_kube_programs -j $(JOBS)
	@ctest --preset kube

.PHONY: kube-up
kube-up: ## Start a real control plane with NODES=10 fake nodes
	@scripts/setup kube
	@tests/kube/build >/dev/null
	@python3 tests/kube/testbed.py up --nodes $(NODES)

.PHONY: kube-down
kube-down: ## End what kube-up has started
	@python3 tests/kube/testbed.py down

.PHONY: bench
bench: ## Build the benchmarks and run them for their figures
	@scripts/setup build bench
	@cmake --preset release >/dev/null
	@cmake --build --preset release -j $(JOBS)
	@scripts/bench

.PHONY: lint
lint: ## Check the layout and the mistakes that compile
	@scripts/setup build test lint
	@$(MAKE) -s --no-print-directory build/dev/.configured
	@scripts/lint -j $(JOBS)

.PHONY: format
format: ## Lay out all C++ sources with clang-format
	@scripts/setup lint
	@git ls-files '*.cpp' '*.hpp' | xargs clang-format-14 -i

.PHONY: python
python: build/dev/.configured
	@scripts/setup build test
	@cmake --build --preset dev -j $(JOBS) \
	  --target orrery orrery_python orrery_python_tests_environment

.PHONY: docs
docs: python ## Build the documentation's site in build/docs/site
	@scripts/setup docs
	@build/dev/python/environment/bin/python -m pip install --quiet --disable-pip-version-check \
	  -r docs/requirements.txt -c tests/python/requirements.txt
	@$(PYTHON) scripts/notebooks
	@$(PYTHON) scripts/docs

.PHONY: pictures
pictures: python ## Run the notebooks, draw the pages' pictures from them
	@$(PYTHON) scripts/notebooks --pictures docs/images

.PHONY: install
install: build/release/.configured ## Install the command and libraries below PREFIX=/usr/local
	@cmake --build --preset release -j $(JOBS)
	@cmake --install build/release --prefix $(PREFIX)

.PHONY: clean
clean: ## Remove what was built; results stay
	@rm -rf build

# Configures when nothing is configured yet or the presets changed; Ninja sees to the rest.
build/%/.configured: CMakePresets.json scripts/packages.txt
	@scripts/setup build
	@cmake --preset $* >/dev/null
	@touch $@
