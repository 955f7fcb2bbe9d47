# Everything sets itself up: a fresh clone, Python 3.11 or newer and make are enough.
PYTHON ?= python3
BIN := .venv/bin
.PHONY: course test faults mutants ray lab lint check book slides pages bench lock

course: .venv/ready            # execute every chapter; what is done and still holds is not repeated
	$(BIN)/vcemo run --profile tiny

test: .venv/ready
	$(BIN)/python -m pytest -q -n 2 tests

faults: .venv/ready            # the long campaign of kills, full disks, flipped bits and odd inputs; its figures are printed at the end
	VCEMO_FAULTS=long $(BIN)/python -m pytest -q -n 0 tests/faults

mutants: .venv/ready           # 200 small faults in the library, one at a time: do the tests notice? resumed where it was
	OMP_NUM_THREADS=1 $(BIN)/python tests/faults/mutants.py runs/mutants --report results/mutants.md

ray: .venv/ready               # runs on a Ray cluster that loses a machine; Ray lies in .ray, for the lock is without it
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --require-hashes --target .ray -r requirements-ray.lock
	PYTHONPATH=$(CURDIR)/.ray $(BIN)/python -c 'import ray'
	PYTHONPATH=$(CURDIR)/.ray $(BIN)/python -m pytest -q tests/experiments/test_ray_tasks.py

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check -q .
	$(BIN)/python tools/check_imports.py
	$(BIN)/vcemo lint

check: .venv/ready             # execute and compare with the committed notebooks
	$(BIN)/vcemo check

lab: .venv/ready
	$(BIN)/vcemo lab

bench: .venv/ready             # speed, measured beside what one would pick instead; one part of it: make bench PART=mel
	-$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --target .bench --group bench
	PYTHONPATH=.bench OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks $(PART)
	PYTHONPATH=.bench OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.cost

book: .venv/book               # an offline site of the committed notebooks: site/html/index.html
	$(BIN)/python book/build.py

slides: .venv/book             # slides of each chapter, offline: site/slides/index.html
	$(BIN)/python book/slides.py

pages: book slides             # both, opened in a browser where there is one: judged, heard and reached by keys
	$(BIN)/python -m pytest -q tests/test_slides.py tests/test_book_in_browser.py

APART := --no-emit-package playwright --no-emit-package pyee --no-emit-package greenlet  # what axe-playwright-python drives; its axe-core alone is used

lock:                          # renew the pins from pyproject.toml, for every Python from 3.11 on
	uv pip compile pyproject.toml --extra test --extra asr --extra export --extra datasets --universal --generate-hashes --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --no-header -o requirements.lock --upgrade
	sed -n 's/^\([a-z0-9][^ ]*==[^\\]*[^ \\]\) *\\$$/\1/p' requirements.lock > constraints.txt
	printf 'uv\nsetuptools\n' | uv pip compile - --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header \
		--no-annotate -c requirements.lock -o requirements-installer.lock --upgrade
	echo ray | uv pip compile - --no-deps --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header \
		--no-annotate -o requirements-ray.lock --upgrade
	uv pip compile pyproject.toml --extra book --universal --generate-hashes --python-version 3.11 --no-emit-index-url --no-emit-find-links --no-header \
		-c requirements.lock $$(sed -n 's/^\([^=]*\)==.*/--no-emit-package \1/p' constraints.txt) $(APART) -o requirements-book.lock --upgrade

.venv/book: .venv/ready requirements-book.lock
	$(BIN)/uv pip install -q --python $(BIN)/python $(BUILT_BY) --no-deps --require-hashes --compile-bytecode -r requirements-book.lock
	touch $@

BUILT_BY := --build-constraints requirements-installer.lock  # what comes as source is built by a setuptools whose hash is known

.venv/ready: requirements.lock requirements-installer.lock pyproject.toml
	$(PYTHON) -c 'import sys; assert sys.version_info >= (3, 11), "Python 3.11 or newer is needed, this is " + sys.version'
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-installer.lock
	$(BIN)/uv pip install -q --python $(BIN)/python $(BUILT_BY) --require-hashes --compile-bytecode -r requirements.lock
	$(BIN)/uv pip install -q --python $(BIN)/python $(BUILT_BY) --no-deps -e .
	touch $@
