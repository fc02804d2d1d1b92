"""Every extra that a message names is one of the package's."""

import tomllib
from pathlib import Path

from automl_gpt_magic.records.extras import _EXTRAS, install


def test_every_extra_that_is_named_exists():
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    brought = {module: extra for module, extra in _EXTRAS.items() if extra not in extras}
    assert brought == {}


def test_a_part_of_a_library_names_its_extra_and_others_themselves():
    assert install("optuna.samplers") == "pip install 'automl_gpt_magic[tune]'"
    assert install("polars") == "install polars"
