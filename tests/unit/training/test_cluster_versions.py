"""What of a worker's versions is compared, and what is said; real workers are in the integration tests."""

import platform
from importlib.metadata import version

import pytest

from automl_gpt_magic.training.cluster_versions import differences

WORKER = "tcp://10.0.0.1:4000"


class Client:
    """Answers as a Dask client whose one worker has other versions than this process; None is none."""

    def __init__(self, other):
        self._other = other

    def run(self, function, *arguments, workers, on_error):
        assert (workers, on_error) == ([WORKER], "return")
        if isinstance(self._other, Exception):
            return {WORKER: self._other}
        answer = {**function(*arguments), **self._other}
        return {WORKER: {name: version for name, version in answer.items() if version}}


def told(source="", other=(), **versions):
    return differences(Client(other or versions), [WORKER], source).get(WORKER)


def test_the_same_versions_are_no_difference():
    assert told("import xgboost, torch") is None


def test_another_minor_version_of_python_is_named():
    here = ".".join(platform.python_version_tuple()[:2])
    assert told(Python="3.2.1") == (
        f"the worker {WORKER} runs Python 3.2, this notebook {here}; start workers with Python {here}"
    )
    assert told(Python=f"{here}.999") is None


def test_a_package_that_is_missing_is_named():
    here = version("automl_gpt_magic")
    assert told(automl_gpt_magic=None) == (
        f"the worker {WORKER} has no automl_gpt_magic, this notebook {here}; "
        f"run there: pip install 'automl_gpt_magic=={here}'"
    )


@pytest.mark.parametrize("source", ["", "from xgboost import XGBClassifier"])
def test_a_library_counts_where_the_cells_import_it(source):
    said = told(source, **{"xgboost": "0.1", "xgboost-cpu": "0.1"})
    assert (said is not None) == bool(source)


def test_another_build_of_a_version_and_a_worker_that_is_gone_are_no_difference():
    assert told(numpy=f"{version('numpy')}+mkl") is None
    assert told(other=OSError("connection closed")) is None
