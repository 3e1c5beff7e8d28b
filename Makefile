# Sets up .venv and runs programs in it. GNU make 3.81 is enough; paths may contain spaces.

PYTHON ?= python3
IN_VENV := .venv/bin/python

# More than one thread makes products of small matrices slower.
export OPENBLAS_NUM_THREADS := 1
export OMP_NUM_THREADS := 1
export MKL_NUM_THREADS := 1
# Import only from .venv, and keep compiled files.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

# Set up .venv again if its interpreter or pip is missing.
$(shell $(IN_VENV) -c 'import pip' 2>/dev/null || rm -f .venv/ready)

.PHONY: help run test lab check bench clean

help:               ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' Makefile
	@echo "Each target first sets up .venv if needed; make PYTHON=python3.12 run uses another Python."

run: .venv/ready    ## execute all notebooks, grade a sample class, print tables with verdicts
	@$(IN_VENV) -m tools.run_notebooks
	@$(IN_VENV) -m tools.sample_class build/class
	@$(IN_VENV) -m autograder grade build/class --out build/grades --again --require-isolation none

test: .venv/ready   ## run all tests, and the notebooks against their stored outputs
	@$(IN_VENV) -m pytest -p nbval.plugin --nbval --nbval-current-env

lab: .venv/ready    ## open JupyterLab on the notebooks
	@$(IN_VENV) -m jupyterlab --LabApp.default_url=/lab/tree/notebooks

check: .venv/ready  ## check style, format and types, and change nothing
	@$(IN_VENV) -m ruff check .
	@$(IN_VENV) -m ruff format --check .
	@$(IN_VENV) -m mypy
	@bash -n get_datasets.sh && bash -n .ci/run

bench: .venv/ready  ## measure the layers, beside PyTorch where it is installed, and the grader
	@$(IN_VENV) -m tools.bench
	@$(IN_VENV) -m tools.bench.grader

clean:              ## delete everything that make created, .venv too
	rm -rf .venv build .pytest_cache .mypy_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# "ready" is written last. If it is missing, .venv is incomplete and is made anew, because pip counts
# a package as installed even if some of its files are missing. If only the requirements have
# changed, pip updates .venv. Python compiles a module when it is first imported; to compile all of
# them beforehand takes longer, and 80 MB more.
.venv/ready: requirements.txt requirements-teacher.txt requirements-dev.txt constraints.txt
	@command -v "$(PYTHON)" >/dev/null || { \
	  echo 'there is no "$(PYTHON)": install Python 3.10 or newer, or name one: make PYTHON=...' >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.version_info >= (3, 10) or sys.exit("this needs Python 3.10 or newer, and \"$(PYTHON)\" is %d.%d: name another, make PYTHON=..." % sys.version_info[:2])'
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo '"$(PYTHON)" cannot make a virtual environment; on Debian or Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@echo "setting up .venv (the first time: a minute or two)"
	@test -f $@ || "$(PYTHON)" -m venv --clear .venv
	@rm -f $@
	@$(IN_VENV) -m pip install --quiet --no-compile --disable-pip-version-check \
	  -r requirements-dev.txt -c constraints.txt || { \
	  echo "the set-up did not finish; run the same command again" >&2; exit 1; }
	@touch $@
